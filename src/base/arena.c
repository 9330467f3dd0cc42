#include "base/arena.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16 * 1024, ALIGN_BYTES = 16 };

struct block {
	struct block *next;
	size_t capacity;
	size_t used;
	_Alignas(ALIGN_BYTES) unsigned char bytes[];
};

struct arena {
	struct block *first;
	struct block *current;
	size_t taken_bytes;
};

static struct block *
block_new(size_t capacity)
{
	struct block *block = must_have(malloc(sizeof(*block) + capacity));

	block->next = NULL;
	block->capacity = capacity;
	block->used = 0;
	return block;
}

struct arena *
arena_new(void)
{
	struct arena *arena = must_have(calloc(1, sizeof(*arena)));

	arena->first = arena->current = block_new(BLOCK_BYTES);
	return arena;
}

static void
free_blocks(struct block *block)
{
	while (block != NULL) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	free_blocks(arena->first);
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	free_blocks(arena->first->next);
	arena->first->next = NULL;
	arena->first->used = 0;
	arena->current = arena->first;
	arena->taken_bytes = 0;
}

void *
arena_take(struct arena *arena, size_t bytes)
{
	assert(bytes <= SIZE_MAX / 2);
	size_t rounded = (bytes + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
	struct block *block = arena->current;

	if (block->capacity - block->used < rounded) {
		struct block *fresh = block_new(rounded > BLOCK_BYTES / 4 ? rounded + BLOCK_BYTES : BLOCK_BYTES);

		block->next = fresh;
		arena->current = block = fresh;
	}
	void *memory = block->bytes + block->used;

	block->used += rounded;
	arena->taken_bytes += rounded;
	return memset(memory, 0, rounded);
}

void *
arena_take_array(struct arena *arena, size_t count, size_t bytes)
{
	assert(bytes == 0 || count <= SIZE_MAX / 2 / bytes);
	return arena_take(arena, count * bytes);
}

char *
arena_copy(struct arena *arena, const void *from, size_t bytes)
{
	char *copy = arena_take(arena, bytes + 1);

	if (bytes > 0)
		memcpy(copy, from, bytes);
	return copy;
}

char *
arena_text(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_copy(arena, text, strlen(text));
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list list)
{
	va_list again;

	va_copy(again, list);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(length >= 0);
	char *text = arena_take(arena, (size_t)length + 1);

	vsnprintf(text, (size_t)length + 1, format, list);
	return text;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	char *text = arena_vprintf(arena, format, list);
	va_end(list);
	return text;
}

size_t
arena_bytes(const struct arena *arena)
{
	return arena->taken_bytes;
}

void *
arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t bytes)
{
	if (count < *capacity)
		return array;
	size_t grown = *capacity == 0 ? 8 : *capacity * 2;
	void *larger = arena_take_array(arena, grown, bytes);

	if (count > 0)
		memcpy(larger, array, count * bytes);
	*capacity = grown;
	return larger;
}
