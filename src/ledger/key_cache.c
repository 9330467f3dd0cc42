#include "ledger/key_cache.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

enum { WAYS = 8 };

struct way {
	int64_t stream;
	bool used;
	unsigned char key[KEY_CACHE_KEY_BYTES];
};
struct set {
	struct way ways[WAYS]; /* the last used first, empty ones behind all others */
};
struct key_cache {
	size_t set_count; /* a power of two */
	struct set sets[];
};

struct key_cache *
key_cache_new(size_t count)
{
	size_t set_count = 1;

	assert(count < SIZE_MAX / 4 / sizeof(struct way));
	while (set_count * WAYS < count)
		set_count *= 2;
	struct key_cache *cache = must_have(calloc(1, sizeof(*cache) + set_count * sizeof(struct set)));

	cache->set_count = set_count;
	return cache;
}

void
key_cache_free(struct key_cache *cache)
{
	if (cache == NULL)
		return;
	explicit_bzero(cache->sets, cache->set_count * sizeof(cache->sets[0]));
	free(cache);
}

static struct set *
find_set(struct key_cache *cache, int64_t stream)
{
	uint64_t h = (uint64_t)stream * UINT64_C(0x9e3779b97f4a7c15);

	return &cache->sets[(h ^ h >> 32) & (cache->set_count - 1)];
}

/* WAYS: not here. */
static size_t
find_way(const struct set *set, int64_t stream)
{
	size_t at = 0;

	while (at < WAYS && !(set->ways[at].used && set->ways[at].stream == stream))
		at++;
	return at;
}

/* Makes way `at` the first and returns it. */
static struct way *
move_first(struct set *set, size_t at)
{
	if (at > 0) {
		struct way moved = set->ways[at];

		memmove(&set->ways[1], &set->ways[0], at * sizeof(moved));
		set->ways[0] = moved;
		explicit_bzero(&moved, sizeof(moved));
	}
	return &set->ways[0];
}

const unsigned char *
key_cache_get(struct key_cache *cache, int64_t stream)
{
	struct set *set = find_set(cache, stream);
	size_t at = find_way(set, stream);

	return at == WAYS ? NULL : move_first(set, at)->key;
}

void
key_cache_put(struct key_cache *cache, int64_t stream, const unsigned char key[static KEY_CACHE_KEY_BYTES])
{
	struct set *set = find_set(cache, stream);
	size_t at = find_way(set, stream);
	struct way *way = move_first(set, at == WAYS ? WAYS - 1 : at);

	way->stream = stream;
	way->used = true;
	memcpy(way->key, key, sizeof(way->key));
}

void
key_cache_forget(struct key_cache *cache, int64_t stream)
{
	struct set *set = find_set(cache, stream);
	size_t at = find_way(set, stream);

	if (at == WAYS)
		return;
	memmove(&set->ways[at], &set->ways[at + 1], (WAYS - 1 - at) * sizeof(set->ways[0]));
	explicit_bzero(&set->ways[WAYS - 1], sizeof(set->ways[0]));
}
