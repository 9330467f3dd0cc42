#include <stdio.h>

int
main(void)
{
	puts("tirkeu " TIRKEU_VERSION);
	return 0;
}
