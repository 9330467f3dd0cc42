#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>

void *
must_have(void *memory)
{
	if (memory == NULL) {
		fputs("tirkeu: out of memory\n", stderr);
		abort();
	}
	return memory;
}
