#include "ledger/published_testing.h"

static void
every_size_is_published_with_its_partial_tiles(void **state)
{
	static const uint64_t sizes[] = { 2, 3, 100, 255, 256, 257, 511, 512, 700 };
	struct published *p = *state;

	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		char name[64];

		publish_at(p, sizes[i]);
		assert_published(p);
		if (sizes[i] % 256 == 0)
			continue;
		snprintf(name, sizeof(name), "tile/0/%03d.p/%d", (int)(sizes[i] / 256), (int)(sizes[i] % 256));
		assert_true(is_there(p, name));
		snprintf(name, sizeof(name), "tile/entries/%03d.p/%d", (int)(sizes[i] / 256), (int)(sizes[i] % 256));
		assert_true(is_there(p, name));
	}
	/* Of a tile that is full now the partial ones are gone. */
	assert_false(is_there(p, "tile/0/000.p"));
	assert_false(is_there(p, "tile/entries/001.p"));
	assert_true(is_there(p, "tile/1/000.p/1"));
	assert_true(is_there(p, "tile/1/000.p/2"));
}

static void
partial_tiles_that_a_crash_left_behind_are_dropped(void **state)
{
	struct published *p = *state;

	publish_at(p, 300);
	in_tiles(p, "mkdir tile/0/000.p tile/entries/000.p && touch tile/0/000.p/44 tile/entries/000.p/44");
	reopen_publishing(p);
	assert_int_equal(publish_now(p), OK);
	assert_false(is_there(p, "tile/0/000.p") || is_there(p, "tile/entries/000.p"));
	assert_published(p);
}

static void
a_long_log_fills_three_levels_in_steps(void **state)
{
	struct published *p = *state;
	bool more = true;

	grow_to(p, 70000);
	for (int step = 1; step <= 2; step++) {
		assert_int_equal(publisher_run_once(p->publisher, p->reader, &more), OK);
		assert_int_equal(more, step < 2);
		assert_int_equal(published_size(p), step < 2 ? PUBLISHER_STEP_ENTRIES : 70000);
		reopen_publishing(p);
	}
	assert_published(p);
	assert_true(is_there(p, "tile/0/272"));
	assert_true(is_there(p, "tile/0/273.p/112"));
	assert_true(is_there(p, "tile/1/000"));
	assert_true(is_there(p, "tile/1/001.p/17"));
	assert_true(is_there(p, "tile/2/000.p/1"));
	/* When the folder is made again, what the signer has signed already is one checkpoint, and all files are the same. */
	in_tiles(p, "mv ../tlog ../before");
	reopen_publishing(p);
	for (int step = 1; step <= 2; step++) {
		assert_int_equal(publisher_run_once(p->publisher, p->reader, &more), OK);
		assert_int_equal(published_size(p), step < 2 ? 0 : 70000);
	}
	assert_false(more);
	in_tiles(p, "diff -r . ../before");
	publish_at(p, 70001);
	assert_proven(p, 70000);
}

static void
nothing_new_changes_nothing(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf before = { 0 };
	AUTO(strbuf_done) struct strbuf after = { 0 };

	publish_at(p, 300);
	assert_int_equal(tlog_checkpoint(p->tlog, &before), OK);
	assert_int_equal(publish_now(p), OK);
	reopen_publishing(p);
	assert_int_equal(publish_now(p), OK);
	assert_int_equal(tlog_checkpoint(p->tlog, &after), OK);
	assert_string_equal(before.text, after.text);
}

/* The disk goes away at the first operation, at the second, ...: each time as a crash, then a start anew. */
static void
a_crash_anywhere_is_made_good_by_the_next_run(void **state)
{
	struct published *p = *state;
	bool fired = true;
	uint64_t size = 250;
	int crashes = 0;

	publish_at(p, size);
	for (int nth = 1; fired; nth++, crashes++) {
		grow_to(p, size += 3);
		durable_fail_at(nth);
		enum error e = publish_now(p);

		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e, fired ? ERR_IO : OK);
		reopen_publishing(p);
		assert_int_equal(publish_now(p), OK);
		assert_published(p);
	}
	assert_true(crashes > 12);
}

/* The same without a restart: what is in memory is not trusted after a failure. */
static void
a_failed_run_is_followed_by_a_whole_one(void **state)
{
	struct published *p = *state;
	bool fired = true, failing = false;
	uint64_t size = 500;

	for (int nth = 1; fired; nth++) {
		grow_to(p, size += 7);
		durable_fail_at(nth);
		enum error e = publish_now(p);

		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(tlog_alarm(p->tlog, &failing), ALARM_NONE);
		assert_int_equal(failing, e != OK);
		assert_int_equal(publish_now(p), OK);
		assert_int_equal(tlog_alarm(p->tlog, &failing), ALARM_NONE);
		assert_false(failing);
		assert_published(p);
	}
}

static void
a_half_written_tile_is_written_anew(void **state)
{
	struct published *p = *state;

	grow_to(p, 600);
	assert_int_equal(publish_now(p), OK);
	in_tiles(p, "truncate -s 100 tile/0/001 && truncate -s 0 tile/entries/002.p/88 && rm checkpoint");
	reopen_publishing(p);
	assert_int_equal(publish_now(p), OK);
	assert_published(p);
}

static void
the_folder_can_be_deleted_and_is_made_again(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf before = { 0 };
	AUTO(strbuf_done) struct strbuf after = { 0 };

	publish_at(p, 1000);
	assert_int_equal(tlog_checkpoint(p->tlog, &before), OK);
	in_tiles(p, "rm -r ../tlog");
	reopen_publishing(p);
	assert_int_equal(published_size(p), 0);
	assert_int_equal(publish_now(p), OK);
	assert_published(p);
	assert_int_equal(tlog_checkpoint(p->tlog, &after), OK);
	assert_string_equal(before.text, after.text);
	/* And with new entries: the signer reads on where it was. */
	in_tiles(p, "rm -r ../tlog");
	reopen_publishing(p);
	publish_at(p, 1300);
	assert_published(p);
}

/* The alarm is this one, it lasts, and what was published stays. */
static void
assert_stopped(struct published *p, enum alarm alarm, uint64_t size)
{
	enum alarm found;

	assert_int_equal(publish_now(p), ERR_CONFLICT);
	found = tlog_alarm(p->tlog, NULL);
	if (found != alarm)
		fail_msg("the alarm is %s, not %s", alarm_name(found), alarm_name(alarm));
	grow_to(p, ledger_size(p->log->ledger) + 1);
	assert_int_equal(publish_now(p), ERR_CONFLICT);
	assert_int_equal(tlog_alarm(p->tlog, NULL), alarm);
	assert_int_equal(published_size(p), size);
}

static void
tiles_that_differ_from_the_store_are_an_alarm(void **state)
{
	static const char *const damages[] = {
		"f=tile/0/002.p/88 && tail -c +33 $f > ../x && head -c 32 ../x >> ../x && cp ../x $f",
		"f=tile/entries/002.p/88 && tail -c +133 $f > ../x && head -c 132 ../x >> ../x && cp ../x $f",
		"f=tile/1/000.p/2 && tail -c 32 $f > ../x && head -c 32 $f >> ../x && cp ../x $f",
		"truncate -s -1 tile/0/002.p/88",
		"truncate -s -1 tile/entries/002.p/88",
		"printf X >> tile/0/002.p/88",
		"printf X >> tile/entries/002.p/88",
		"rm tile/0/002.p/88",
		"rm tile/1/000.p/2",
	};
	struct published *p = *state;

	publish_at(p, 600);
	in_tiles(p, "cp -a ../tlog ../sound");
	for (size_t i = 0; i < ARRAY_COUNT(damages); i++) {
		in_tiles(p, damages[i]);
		reopen_publishing(p);
		assert_stopped(p, ALARM_TILE_DIFFERS, 600);
		in_tiles(p, "cp -a ../sound/. .");
	}
	reopen_publishing(p);
	/* One that a crash left beyond the checkpoint is compared as well. */
	in_tiles(p, "mkdir -p tile/0 && head -c 8192 /dev/zero > tile/0/002");
	publish_at(p, 767);
	grow_to(p, 768);
	assert_stopped(p, ALARM_TILE_DIFFERS, 767);
}

static void
a_checkpoint_that_our_key_did_not_sign_is_an_alarm(void **state)
{
	struct published *p = *state;

	publish_at(p, 5);
	in_tiles(p, "sed -i 's/^5$/4/' checkpoint");
	reopen_publishing(p);
	assert_stopped(p, ALARM_CHECKPOINT_DIFFERS, 4);
}

/* The store as it was, put back in place of what it became. */
static void
restore_store(struct published *p, const char *backup)
{
	char command[256];

	close_publishing(p);
	ledger_free(TAKE(p->log->ledger));
	db_close(TAKE(p->log->db));
	snprintf(command, sizeof(command), "cd %s && rm -f db db-wal db-shm && cp %s db", p->log->folder, backup);
	assert_int_equal(system(command), 0);
	assert_int_equal(db_open(p->log->path, DB_WRITE, &p->log->db), OK);
	assert_int_equal(ledger_open(p->log->db, ORIGIN, log_key, NULL, &p->log->ledger), OK);
	open_publishing(p);
}

static void
back_up(struct published *p, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", p->log->folder, name);
	assert_int_equal(db_backup(p->log->db, path), OK);
}

static void
an_old_backup_never_publishes_a_fork(void **state)
{
	struct published *p = *state;

	publish_at(p, 300);
	back_up(p, "backup");
	publish_at(p, 320);
	restore_store(p, "backup");
	assert_stopped(p, ALARM_STORE_BEHIND, 320);
	/* Once it has grown past what was published it is not shorter, but another. */
	grow_to(p, 330);
	reopen_publishing(p);
	assert_stopped(p, ALARM_STORE_DIFFERS, 320);
	grow_to(p, 900);
	reopen_publishing(p);
	assert_stopped(p, ALARM_STORE_DIFFERS, 320);
	/* Nor when the folder is deleted: the signer remembers. */
	in_tiles(p, "rm -r ../tlog");
	reopen_publishing(p);
	assert_stopped(p, ALARM_SIGNER_ROOT, 0);
}

static void
a_store_as_long_as_the_log_but_another_is_an_alarm(void **state)
{
	struct published *p = *state;

	publish_at(p, 300);
	back_up(p, "backup");
	publish_at(p, 310);
	restore_store(p, "backup");
	grow_to(p, 310);
	assert_int_equal(publish_now(p), ERR_CONFLICT);
	assert_int_equal(tlog_alarm(p->tlog, NULL), ALARM_STORE_DIFFERS);
	in_tiles(p, "rm -r ../tlog");
	reopen_publishing(p);
	assert_stopped(p, ALARM_SIGNER_ROOT, 0);
}

static void
a_backup_of_the_published_size_goes_on(void **state)
{
	struct published *p = *state;

	publish_at(p, 300);
	back_up(p, "backup");
	grow_to(p, 320); /* never published */
	restore_store(p, "backup");
	assert_int_equal(publish_now(p), OK);
	publish_at(p, 700);
	assert_published(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PUBLISHED(every_size_is_published_with_its_partial_tiles),
		PUBLISHED(partial_tiles_that_a_crash_left_behind_are_dropped),
		PUBLISHED(a_long_log_fills_three_levels_in_steps),
		PUBLISHED(nothing_new_changes_nothing),
		PUBLISHED(a_crash_anywhere_is_made_good_by_the_next_run),
		PUBLISHED(a_failed_run_is_followed_by_a_whole_one),
		PUBLISHED(a_half_written_tile_is_written_anew),
		PUBLISHED(the_folder_can_be_deleted_and_is_made_again),
		PUBLISHED(tiles_that_differ_from_the_store_are_an_alarm),
		PUBLISHED(a_checkpoint_that_our_key_did_not_sign_is_an_alarm),
		PUBLISHED(an_old_backup_never_publishes_a_fork),
		PUBLISHED(a_store_as_long_as_the_log_but_another_is_an_alarm),
		PUBLISHED(a_backup_of_the_published_size_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
