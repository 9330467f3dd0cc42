#include "access/lockout.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"

enum { SLOTS_PER_SET = 8, SETS = 4096 };

struct slot {
	uint64_t key;
	unsigned failures; /* 0: free */
	int64_t until;     /* no attempt before */
	int64_t forget_at;
};

struct lockout {
	pthread_mutex_t lock;
	unsigned char secret[crypto_shorthash_KEYBYTES];
	struct slot slots[SETS][SLOTS_PER_SET];
};

struct lockout *
lockout_new(void)
{
	struct lockout *lockout = calloc(1, sizeof(*lockout));

	if (lockout == NULL)
		abort();
	pthread_mutex_init(&lockout->lock, NULL);
	random_bytes(lockout->secret, sizeof(lockout->secret));
	return lockout;
}

void
lockout_free(struct lockout *lockout)
{
	if (lockout == NULL)
		return;
	pthread_mutex_destroy(&lockout->lock);
	free(lockout);
}

/* Never 0. */
static uint64_t
key_of(const struct lockout *lockout, char kind, const void *bytes, size_t count)
{
	unsigned char text[160], out[crypto_shorthash_BYTES];
	uint64_t key;

	count = count < sizeof(text) - 1 ? count : sizeof(text) - 1;
	text[0] = (unsigned char)kind;
	memcpy(text + 1, bytes, count);
	crypto_shorthash(out, text, count + 1, lockout->secret);
	memcpy(&key, out, sizeof(key));
	return key | 1;
}

/* 0: not counted. A household or an attacker has a whole /64 of IPv6. */
static uint64_t
origin_key(const struct lockout *lockout, const char *origin)
{
	unsigned char address[16];
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (origin == NULL || origin[0] == '\0')
		return 0;
	if (inet_pton(AF_INET6, origin, address) == 1)
		return memcmp(address, mapped, 12) == 0 ? key_of(lockout, '4', address + 12, 4)
							: key_of(lockout, '6', address, 8);
	if (inet_pton(AF_INET, origin, address) == 1)
		return key_of(lockout, '4', address, 4);
	return key_of(lockout, 't', origin, strlen(origin));
}

static struct slot *
find_slot(struct lockout *lockout, uint64_t key)
{
	struct slot *set = lockout->slots[(key >> 1) % SETS];

	for (size_t i = 0; i < SLOTS_PER_SET; i++)
		if (set[i].failures > 0 && set[i].key == key)
			return &set[i];
	return NULL;
}

/* Of a full set the slot with the fewest failures goes, of equals the oldest. */
static struct slot *
make_slot(struct lockout *lockout, uint64_t key)
{
	struct slot *set = lockout->slots[(key >> 1) % SETS];
	struct slot *least = &set[0];

	for (size_t i = 1; i < SLOTS_PER_SET; i++)
		if (set[i].failures < least->failures ||
		    (set[i].failures == least->failures && set[i].forget_at < least->forget_at))
			least = &set[i];
	*least = (struct slot){ .key = key };
	return least;
}

static int64_t
wait_of(const struct slot *slot, int64_t now)
{
	if (slot == NULL || slot->until <= now)
		return 0;
	/* A clock that was set back must not lengthen the wait. */
	return slot->until - now < LOCKOUT_WAIT_MS_MAX ? slot->until - now : LOCKOUT_WAIT_MS_MAX;
}

/* Counts one more. */
static const struct slot *
count_failure(struct lockout *lockout, uint64_t key, unsigned free_failures, int64_t now)
{
	struct slot *slot = find_slot(lockout, key);

	if (slot == NULL)
		slot = make_slot(lockout, key);
	else if (slot->forget_at <= now)
		slot->failures = 0;
	slot->failures++;
	int64_t wait_ms = 0;

	if (slot->failures >= free_failures) {
		unsigned doublings = slot->failures - free_failures;

		wait_ms = doublings < 10 ? (int64_t)1000 << doublings : LOCKOUT_WAIT_MS_MAX;
	}
	slot->until = now + (wait_ms < LOCKOUT_WAIT_MS_MAX ? wait_ms : LOCKOUT_WAIT_MS_MAX);
	slot->forget_at = slot->until + LOCKOUT_WAIT_MS_MAX;
	return slot;
}

/* A wait that a later attempt has set stays. */
static void
take_back(struct lockout *lockout, uint64_t key, int64_t until, bool all)
{
	struct slot *slot = key == 0 ? NULL : find_slot(lockout, key);

	if (slot == NULL)
		return;
	slot->failures = all ? 0 : slot->failures - 1;
	if (all || slot->until == until)
		slot->until = 0;
}

bool
lockout_begin(struct lockout *lockout, const char *name, const char *origin, int64_t now, struct attempt *ret_attempt,
	      int64_t *ret_wait_ms)
{
	struct attempt attempt = { .name = key_of(lockout, 'n', name, strlen(name)),
				   .origin = origin_key(lockout, origin) };

	pthread_mutex_lock(&lockout->lock);
	int64_t wait_ms = wait_of(find_slot(lockout, attempt.name), now);
	int64_t origin_wait_ms = attempt.origin == 0 ? 0 : wait_of(find_slot(lockout, attempt.origin), now);

	wait_ms = wait_ms > origin_wait_ms ? wait_ms : origin_wait_ms;
	if (wait_ms == 0) {
		const struct slot *slot = count_failure(lockout, attempt.name, LOCKOUT_NAME_FAILURES, now);

		attempt.name_failures = slot->failures;
		attempt.name_until = slot->until;
		if (attempt.origin != 0)
			attempt.origin_until =
				count_failure(lockout, attempt.origin, LOCKOUT_ORIGIN_FAILURES, now)->until;
	}
	pthread_mutex_unlock(&lockout->lock);
	if (wait_ms > 0) {
		*ret_wait_ms = wait_ms;
		return false;
	}
	*ret_attempt = attempt;
	return true;
}

void
lockout_succeeded(struct lockout *lockout, const struct attempt *attempt)
{
	pthread_mutex_lock(&lockout->lock);
	take_back(lockout, attempt->name, attempt->name_until, true);
	take_back(lockout, attempt->origin, attempt->origin_until, false);
	pthread_mutex_unlock(&lockout->lock);
}

void
lockout_dropped(struct lockout *lockout, const struct attempt *attempt)
{
	pthread_mutex_lock(&lockout->lock);
	take_back(lockout, attempt->name, attempt->name_until, false);
	take_back(lockout, attempt->origin, attempt->origin_until, false);
	pthread_mutex_unlock(&lockout->lock);
}
