#include "registry/attempts.h"
#include "base/array.h"
#include "base/map.h"
#include "base/memory.h"
#include <stdlib.h>

struct attempts {
	struct map counts; /* hash of account, party and register -> how many on `day` */
	int64_t day;
	/* What the running transaction has counted; `mark`: how many when its running job began. */
	uint64_t *taken;
	size_t taken_count, taken_capacity, mark;
};

struct attempts *
attempts_new(void)
{
	return must_have(calloc(1, sizeof(struct attempts)));
}

void
attempts_free(struct attempts *attempts)
{
	if (attempts == NULL)
		return;
	map_done(&attempts->counts);
	free(attempts->taken);
	free(attempts);
}

bool
attempts_count(struct attempts *attempts, int64_t account, int64_t party, uint32_t reg_code, int64_t today)
{
	const uint64_t about[] = { (uint64_t)account, (uint64_t)party, reg_code };
	uint64_t key = hash_bytes(about, sizeof(about));

	if (attempts->day != today) {
		map_done(&attempts->counts);
		attempts->taken_count = attempts->mark = 0;
		attempts->day = today;
	}
	const uint64_t *known = map_get(&attempts->counts, key);
	uint64_t count = known == NULL ? 0 : *known;

	if (count >= ATTEMPTS_A_DAY)
		return false;
	map_put(&attempts->counts, key, count + 1);
	*ARRAY_PUSH(attempts->taken, attempts->taken_count, attempts->taken_capacity) = key;
	return true;
}

static void
give_back(struct attempts *attempts, size_t kept)
{
	while (attempts->taken_count > kept) {
		uint64_t key = attempts->taken[--attempts->taken_count];

		map_put(&attempts->counts, key, *map_get(&attempts->counts, key) - 1);
	}
}

void
attempts_mark(struct attempts *attempts)
{
	attempts->mark = attempts->taken_count;
}

void
attempts_undo_to_mark(struct attempts *attempts)
{
	give_back(attempts, attempts->mark);
}

void
attempts_committed(struct attempts *attempts)
{
	attempts->taken_count = attempts->mark = 0;
}

void
attempts_undone(struct attempts *attempts)
{
	give_back(attempts, 0);
	attempts->mark = 0;
}
