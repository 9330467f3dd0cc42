#include "base/array.h"
#include "base/memory.h"
#include <stdlib.h>

enum { FIRST_ITEMS = 16 };

void *
array_grow(void *items, size_t wanted, size_t *capacity, size_t bytes)
{
	size_t more = *capacity == 0 ? FIRST_ITEMS : *capacity;

	if (wanted <= *capacity && items != NULL)
		return items;
	while (more < wanted)
		more += more / 2;
	items = must_have(reallocarray(items, more, bytes));
	*capacity = more;
	return items;
}
