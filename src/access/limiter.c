/* Each bucket is one number (the generic cell rate algorithm): the moment at which it will be full again, in
 * microseconds. Taking moves that moment on by 1/rate; it may not run further ahead of now than burst/rate. So a full
 * bucket and no bucket are the same, and a full set of slots gives up the one that is full soonest: what is forgotten
 * is the least that can be. Sets are found by a keyed hash and locked in stripes. */
#include "access/access.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"

enum { SLOTS_PER_SET = 8, STRIPES = 16 };
static const int64_t us_per_ms = 1000;

struct slot {
	uint64_t key;
	int64_t full_at_us; /* 0: free */
};

struct limiter {
	struct slot *slots;
	size_t set_count; /* a power of two */
	pthread_mutex_t locks[STRIPES];
	unsigned char secret[crypto_shorthash_KEYBYTES];
};

struct limiter *
limiter_new(size_t keys_max)
{
	struct limiter *limiter = calloc(1, sizeof(*limiter));

	if (limiter == NULL)
		abort();
	limiter->set_count = 1;
	while (limiter->set_count * SLOTS_PER_SET < keys_max)
		limiter->set_count *= 2;
	limiter->slots = calloc(limiter->set_count * SLOTS_PER_SET, sizeof(*limiter->slots));
	if (limiter->slots == NULL)
		abort();
	for (size_t i = 0; i < STRIPES; i++)
		pthread_mutex_init(&limiter->locks[i], NULL);
	random_bytes(limiter->secret, sizeof(limiter->secret));
	return limiter;
}

void
limiter_free(struct limiter *limiter)
{
	if (limiter == NULL)
		return;
	for (size_t i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&limiter->locks[i]);
	free(limiter->slots);
	free(limiter);
}

static uint64_t
keyed_hash(const struct limiter *limiter, const void *bytes, size_t count)
{
	unsigned char out[crypto_shorthash_BYTES];
	uint64_t hash;

	crypto_shorthash(out, bytes, count, limiter->secret);
	memcpy(&hash, out, sizeof(hash));
	return hash;
}

uint64_t
limiter_key(const struct limiter *limiter, const char *what, const char *whom)
{
	uint64_t parts[2] = { keyed_hash(limiter, what, strlen(what)), keyed_hash(limiter, whom, strlen(whom)) };

	return keyed_hash(limiter, parts, sizeof(parts));
}

/* The key's slot, or the one to give up for it. */
static struct slot *
find_slot(struct slot set[static SLOTS_PER_SET], uint64_t key)
{
	struct slot *fullest = &set[0];

	for (size_t i = 0; i < SLOTS_PER_SET; i++) {
		if (set[i].full_at_us != 0 && set[i].key == key)
			return &set[i];
		if (set[i].full_at_us < fullest->full_at_us)
			fullest = &set[i];
	}
	*fullest = (struct slot){ .key = key };
	return fullest;
}

bool
limiter_take(struct limiter *limiter, uint64_t key, double per_second, double burst, int64_t now, int64_t *ret_wait_ms)
{
	assert(per_second > 0 && burst >= 1);
	size_t set = keyed_hash(limiter, &key, sizeof(key)) & (limiter->set_count - 1);
	pthread_mutex_t *lock = &limiter->locks[set % STRIPES];
	int64_t each_us = (int64_t)(1e6 / per_second);
	int64_t depth_us = (int64_t)(burst * 1e6 / per_second);
	int64_t now_us = now * us_per_ms;

	pthread_mutex_lock(lock);
	struct slot *slot = find_slot(&limiter->slots[set * SLOTS_PER_SET], key);
	int64_t full_at_us = slot->full_at_us > now_us ? slot->full_at_us : now_us;

	/* A clock that was set back must not shut a key out for longer than an empty bucket does. */
	if (full_at_us > now_us + depth_us)
		full_at_us = now_us + depth_us;
	int64_t wait_us = full_at_us + each_us - depth_us - now_us;

	if (wait_us <= 0)
		full_at_us += each_us;
	slot->full_at_us = full_at_us;
	pthread_mutex_unlock(lock);
	*ret_wait_ms = wait_us <= 0 ? 0 : (wait_us + us_per_ms - 1) / us_per_ms;
	return wait_us <= 0;
}
