#include "base/map.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static uint64_t
mix(uint64_t h)
{
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ (h >> 33);
}

uint64_t
hash_bytes(const void *bytes, size_t count)
{
	const unsigned char *p = bytes;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < count; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return mix(h);
}

static void *
slots_new(size_t count, size_t bytes)
{
	return must_have(calloc(count, bytes));
}

void
map_done(struct map *map)
{
	if (map == NULL)
		return;
	free(map->slots);
	*map = (struct map){ 0 };
}

static struct map_slot *
find_slot(const struct map *map, uint64_t key)
{
	size_t at = mix(key) & (map->capacity - 1);

	while (map->slots[at].used && map->slots[at].key != key)
		at = (at + 1) & (map->capacity - 1);
	return &map->slots[at];
}

uint64_t *
map_get(const struct map *map, uint64_t key)
{
	if (map->capacity == 0)
		return NULL;
	struct map_slot *slot = find_slot(map, key);

	return slot->used ? &slot->value : NULL;
}

static void
grow(struct map *map)
{
	struct map larger = { .capacity = map->capacity == 0 ? 16 : map->capacity * 2, .count = map->count };

	larger.slots = slots_new(larger.capacity, sizeof(*larger.slots));
	for (size_t i = 0; i < map->capacity; i++)
		if (map->slots[i].used)
			*find_slot(&larger, map->slots[i].key) = map->slots[i];
	free(map->slots);
	*map = larger;
}

void
map_put(struct map *map, uint64_t key, uint64_t value)
{
	if (map->count * 4 >= map->capacity * 3)
		grow(map);
	struct map_slot *slot = find_slot(map, key);

	if (!slot->used)
		map->count++;
	*slot = (struct map_slot){ .key = key, .value = value, .used = true };
}

void
map_remove(struct map *map, uint64_t key)
{
	if (map->capacity == 0)
		return;
	struct map_slot *slot = find_slot(map, key);

	if (!slot->used)
		return;
	map->count--;
	slot->used = false;
	/* Linear probing: the run behind the hole is put in again, so that nothing hides behind it. */
	size_t at = (size_t)(slot - map->slots);

	for (;;) {
		at = (at + 1) & (map->capacity - 1);
		if (!map->slots[at].used)
			return;
		struct map_slot moved = map->slots[at];

		map->slots[at].used = false;
		*find_slot(map, moved.key) = moved;
	}
}

void
text_map_done(struct text_map *map)
{
	if (map == NULL)
		return;
	free(map->slots);
	*map = (struct text_map){ 0 };
}

static struct text_slot *
find_text(const struct text_map *map, const char *key, uint64_t hash)
{
	size_t at = hash & (map->capacity - 1);

	while (map->slots[at].key != NULL && (map->slots[at].hash != hash || strcmp(map->slots[at].key, key) != 0))
		at = (at + 1) & (map->capacity - 1);
	return &map->slots[at];
}

void *
text_map_get(const struct text_map *map, const char *key)
{
	if (map->capacity == 0)
		return NULL;
	return find_text(map, key, hash_bytes(key, strlen(key)))->value;
}

void
text_map_put(struct text_map *map, const char *key, void *value)
{
	uint64_t hash = hash_bytes(key, strlen(key));

	if (map->count * 4 >= map->capacity * 3) {
		struct text_map larger = { .capacity = map->capacity == 0 ? 16 : map->capacity * 2,
					   .count = map->count };

		larger.slots = slots_new(larger.capacity, sizeof(*larger.slots));
		for (size_t i = 0; i < map->capacity; i++)
			if (map->slots[i].key != NULL)
				*find_text(&larger, map->slots[i].key, map->slots[i].hash) = map->slots[i];
		free(map->slots);
		*map = larger;
	}
	struct text_slot *slot = find_text(map, key, hash);

	if (slot->key == NULL)
		map->count++;
	*slot = (struct text_slot){ .key = key, .hash = hash, .value = value };
}

enum { NEAR_BYTES_MAX = 60 };

static size_t
edit_distance(const char *a, const char *b)
{
	size_t row[NEAR_BYTES_MAX + 1];
	size_t b_bytes = strlen(b);

	for (size_t j = 0; j <= b_bytes; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b_bytes; j++) {
			size_t best = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (diagonal + 1 < best)
				best = diagonal + 1;
			row[j + 1] = best;
		}
	}
	return row[b_bytes];
}

const char *
nearest_name(const char *name, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	size_t length = strlen(name);
	size_t least = length / 3 + 2;

	if (length > NEAR_BYTES_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) > NEAR_BYTES_MAX)
			continue;
		size_t distance = edit_distance(name, names[i]);

		if (distance < least) {
			least = distance;
			nearest = names[i];
		}
	}
	return nearest;
}
