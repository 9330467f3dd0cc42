/* key_cache.h - the keys of the streams used last, so that a busy stream's key is not read from the
 * database for each entry. Sets of eight, the longest unused of a set gives way. Wiped when freed. */
#pragma once
#include "base/base.h"

enum { KEY_CACHE_KEY_BYTES = 32 };
struct key_cache;

/* Room for at least `count` keys; about 40 bytes each. */
struct key_cache *key_cache_new(size_t count);
void key_cache_free(struct key_cache *cache);
DEFINE_AUTO(struct key_cache, key_cache_free)

/* NULL: not here. Valid until the next put. */
const unsigned char *key_cache_get(struct key_cache *cache, int64_t stream);
/* Adds or replaces. */
void key_cache_put(struct key_cache *cache, int64_t stream, const unsigned char key[static KEY_CACHE_KEY_BYTES]);
void key_cache_forget(struct key_cache *cache, int64_t stream);
