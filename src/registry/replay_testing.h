/* replay_testing.h - for tests: the registers of a fixture made anew from its log, and what differs. */
#pragma once
#include "ledger/verify.h"
#include "registry/fixture.h"
#include "registry/replay.h"
#include "registry/use_check.h"

static inline enum error
replay_watch_entry(void *context, const struct ledger_record *record)
{
	return replay_entry(context, record);
}

static inline enum error
replay_watch_stream(void *context, int64_t number, const unsigned char key[static 32], uint64_t count)
{
	return replay_stream(context, number);
}

/* The caller frees it. */
static inline struct replay *
replay_of(struct fixture *f, struct db *db)
{
	unsigned char key[16];
	struct replay *replay = NULL;
	struct verify_result result;

	memset(key, 2, sizeof(key)); /* the fixture's */
	must(replay_new(f->pack, key, text(f, "%s/scratch", f->folder), &replay));
	const struct verify_watch watch = { .context = replay,
					    .entry = replay_watch_entry,
					    .stream = replay_watch_stream };

	must(verify_log(db, registry_data_keys(f->registry), &watch, &result));
	must(replay_compare(replay, db, NULL));
	return replay;
}

static inline void
print_faults(const struct replay *replay)
{
	size_t count = 0;
	const struct replay_fault *faults = replay_faults(replay, &count);

	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "  kind %d, %s %lld %s, version %llu, entry %lld\n", faults[i].kind,
			faults[i].reg == NULL ? "" : faults[i].reg->name, (long long)faults[i].record,
			faults[i].part == NULL ? "" : faults[i].part, (unsigned long long)faults[i].version,
			(long long)faults[i].index);
}

/* How many faults a reading connection finds; they are printed unless they were planted. */
static inline uint64_t
count_faults(struct fixture *f, bool planted)
{
	struct db *db = NULL;

	must(registry_reader(f->registry, &db));
	must(db_begin(db));
	struct replay *replay = replay_of(f, db);
	uint64_t count = replay_fault_count(replay);

	if (!planted)
		print_faults(replay);
	assert_true(replay_checked(replay) > 0);
	replay_free(replay);
	db_rollback(db);
	db_close(db);
	return count;
}

static inline void
assert_replays(struct fixture *f)
{
	assert_int_equal(count_faults(f, false), 0);
}

static inline enum error
use_watch_entry(void *context, const struct ledger_record *record)
{
	return use_check_entry(context, record);
}

static inline struct use_check_result
check_uses(struct fixture *f)
{
	struct use_check *check = NULL;
	struct use_check_result result;
	struct verify_result log;
	struct db *db = NULL;
	unsigned char key[16];

	memset(key, 2, sizeof(key)); /* the fixture's */
	must(registry_reader(f->registry, &db));
	must(use_check_new(f->pack, key, db, &check));
	const struct verify_watch watch = { .context = check, .entry = use_watch_entry };

	must(verify_log(db, registry_data_keys(f->registry), &watch, &log));
	must(use_check_end(check, &result));
	use_check_free(check);
	db_close(db);
	return result;
}
