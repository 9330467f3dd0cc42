/* array.h - arrays on the heap that grow, for what outlives every arena. The caller frees them. */
#pragma once
#include "base/base.h"

/* Room for `wanted` items of `bytes` each; what is new is not zeroed. By halves when there is too little: at millions of
 * items what is kept free counts. Running out of memory ends the process (arena.h says why). */
void *array_grow(void *items, size_t wanted, size_t *capacity, size_t bytes) __attribute__((returns_nonnull));
/* The place of one more. */
#define ARRAY_PUSH(items, count, capacity) \
	((items) = array_grow((items), (count) + 1, &(capacity), sizeof(*(items))), &(items)[(count)++])
