/* arena.h - memory that lives as long as one job (a request, a pack): taken piece by piece,
 * given back at once. Not for sharing between threads. */
#pragma once
#include <stdarg.h>
#include "base/base.h"

struct arena;

/* Never NULL: running out of memory ends the process (a server that cannot take a few
 * bytes cannot keep its promises either; what was acknowledged is durable). */
struct arena *arena_new(void);
void arena_free(struct arena *arena);
DEFINE_AUTO(struct arena, arena_free)

/* Forgets all that was taken but keeps the first block for the next job. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type. */
void *arena_take(struct arena *arena, size_t bytes) __attribute__((malloc, returns_nonnull));
#define arena_new_of(arena, type) ((type *)arena_take(arena, sizeof(type)))
/* ERR: count * size overflowing is a bug of the caller and asserted. */
void *arena_take_array(struct arena *arena, size_t count, size_t bytes) __attribute__((returns_nonnull));
#define arena_array_of(arena, type, count) ((type *)arena_take_array(arena, count, sizeof(type)))

char *arena_copy(struct arena *arena, const void *from, size_t bytes); /* with a NUL behind */
char *arena_text(struct arena *arena, const char *text);               /* NULL stays NULL */
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list list) PRINTF_LIKE(2, 0);

/* All bytes taken so far, for metrics and limits. */
size_t arena_bytes(const struct arena *arena);

/* Grows an array kept in an arena: doubles `*capacity` when `count` has reached it. The old
 * array stays until the arena goes. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t bytes);
#define ARENA_PUSH(arena, array, count, capacity) \
	((array) = arena_grow(arena, array, count, &(capacity), sizeof(*(array))), &(array)[(count)++])
