/* map.h - a hash map from a 64-bit key to a pointer or number, and one from text. Open
 * addressing; keys of the text map are borrowed. Not for several threads at once. */
#pragma once
#include "base/base.h"

struct map { /* start with {0} */
	struct map_slot *slots;
	size_t capacity;
	size_t count;
};
struct map_slot {
	uint64_t key;
	uint64_t value;
	bool used;
};
void map_done(struct map *map);
DEFINE_AUTO_DONE(struct map, map_done)
/* NULL when the key is not there; valid until the next map_put. */
uint64_t *map_get(const struct map *map, uint64_t key);
/* Adds or replaces. */
void map_put(struct map *map, uint64_t key, uint64_t value);
void map_remove(struct map *map, uint64_t key);

struct text_map { /* start with {0} */
	struct text_slot *slots;
	size_t capacity;
	size_t count;
};
struct text_slot {
	const char *key;
	uint64_t hash;
	void *value;
};
void text_map_done(struct text_map *map);
DEFINE_AUTO_DONE(struct text_map, text_map_done)
void *text_map_get(const struct text_map *map, const char *key);
void text_map_put(struct text_map *map, const char *key, void *value);

uint64_t hash_bytes(const void *bytes, size_t count); /* FNV-1a with a final mix; not for hostile keys */

/* The nearest of `names` by edit distance, NULL when none is near (a third of the length). */
const char *nearest_name(const char *name, const char *const *names, size_t count);
