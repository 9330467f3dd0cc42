#include "ledger/tlog_check.h"
#include <sys/stat.h>
#include "ledger/published_testing.h"

enum { ENTRIES = 700 }; /* two full tiles, one partial, two levels */

struct found {
	enum tlog_check_state state;
	enum tlog_check_problem problem;
	char place[128];
};

/* The whole log read beside what is published. */
static struct found
check_part(struct published *p, enum tlog_check_part part)
{
	AUTO(tlog_check_free) struct tlog_check *check = tlog_check_new(p->tiles, p->state);
	const struct verify_watch watch = { .context = check, .leaf = tlog_check_leaf };
	struct verify_result result;
	struct found found;

	assert_int_equal(verify_log(p->reader, NULL, &watch, &result), OK);
	tlog_check_end(check, ORIGIN, result.size);
	const struct tlog_check_result *of_part = tlog_check_result(check, part);

	found = (struct found){ .state = of_part->state, .problem = of_part->problem };
	snprintf(found.place, sizeof(found.place), "%s", of_part->place);
	return found;
}

static void
assert_all_sound(struct published *p)
{
	for (int part = 0; part < TLOG_CHECK_PART_COUNT; part++) {
		struct found found = check_part(p, part);

		if (found.state != TLOG_CHECK_SOUND)
			fail_msg("part %d: state %d, problem %d, %s", part, found.state, found.problem, found.place);
	}
}

static void
assert_found(struct published *p, enum tlog_check_part part, enum tlog_check_problem problem, const char *place)
{
	struct found found = check_part(p, part);

	assert_int_equal(found.state, TLOG_CHECK_DAMAGED);
	assert_int_equal(found.problem, problem);
	assert_string_equal(found.place, place);
}

/* One bit of one byte; the same again takes it back. */
static void
flip(const char *folder, const char *name, long at)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(chmod(path, 0600), 0);
	FILE *file = fopen(path, "r+b");

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	int byte = fgetc(file);

	assert_true(byte != EOF);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	assert_int_equal(fputc(byte ^ 1, file), byte ^ 1);
	assert_int_equal(fclose(file), 0);
}

static void
what_was_published_is_sound_at_every_size(void **state)
{
	static const uint64_t sizes[] = { 10, 255, 256, 257, 512, ENTRIES };

	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		publish_at(*state, sizes[i]);
		assert_all_sound(*state);
	}
}

static void
entries_behind_the_checkpoint_are_nothing_wrong(void **state)
{
	publish_at(*state, 300);
	grow_to(*state, ENTRIES);
	assert_all_sound(*state);
}

static void
nothing_published_yet_is_no_damage(void **state)
{
	struct published *p = *state;

	grow_to(p, 20);
	assert_int_equal(check_part(p, TLOG_CHECK_CHECKPOINT).state, TLOG_CHECK_ABSENT);
	assert_int_equal(check_part(p, TLOG_CHECK_TILES).state, TLOG_CHECK_ABSENT);
	assert_int_equal(check_part(p, TLOG_CHECK_BUNDLES).state, TLOG_CHECK_ABSENT);
	assert_int_equal(check_part(p, TLOG_CHECK_SIGNER).state, TLOG_CHECK_SOUND);
	publish_at(p, 30);
	in_tiles(p, "rm -r checkpoint tile");
	assert_int_equal(check_part(p, TLOG_CHECK_CHECKPOINT).state, TLOG_CHECK_ABSENT);
	assert_int_equal(check_part(p, TLOG_CHECK_TILES).state, TLOG_CHECK_ABSENT);
}

static void
a_flipped_bit_of_any_file_is_found_and_named(void **state)
{
	static const struct {
		enum tlog_check_part part;
		const char *name;
		long at;
	} flips[] = {
		{ TLOG_CHECK_TILES, "tile/0/000", 0 },
		{ TLOG_CHECK_TILES, "tile/0/001", 8191 },
		{ TLOG_CHECK_TILES, "tile/0/002.p/188", 100 },
		{ TLOG_CHECK_TILES, "tile/1/000.p/2", 63 },
		{ TLOG_CHECK_BUNDLES, "tile/entries/000", 1 },
		{ TLOG_CHECK_BUNDLES, "tile/entries/001", 5000 },
		{ TLOG_CHECK_BUNDLES, "tile/entries/002.p/188", 24000 },
		/* What an earlier checkpoint published and is served still. */
		{ TLOG_CHECK_TILES, "tile/0/002.p/88", 2815 },
		{ TLOG_CHECK_BUNDLES, "tile/entries/002.p/88", 3 },
	};
	struct published *p = *state;

	publish_at(p, 600);
	publish_at(p, ENTRIES);
	for (size_t i = 0; i < ARRAY_COUNT(flips); i++) {
		char place[128];

		snprintf(place, sizeof(place), "tlog/%s", flips[i].name);
		flip(p->tiles, flips[i].name, flips[i].at);
		assert_found(p, flips[i].part, TLOG_CHECK_DIFFERS, place);
		flip(p->tiles, flips[i].name, flips[i].at);
	}
	assert_all_sound(p);
}

static void
a_missing_or_longer_file_is_found(void **state)
{
	struct published *p = *state;

	publish_at(p, ENTRIES);
	in_tiles(p, "mv tile/0/001 kept");
	assert_found(p, TLOG_CHECK_TILES, TLOG_CHECK_MISSING, "tlog/tile/0/001");
	in_tiles(p, "mv kept tile/0/001 && chmod 600 tile/entries/000 && printf x >>tile/entries/000");
	assert_found(p, TLOG_CHECK_BUNDLES, TLOG_CHECK_DIFFERS, "tlog/tile/entries/000");
}

static void
every_flipped_byte_of_the_checkpoint_is_found(void **state)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	struct published *p = *state;

	publish_at(p, 40);
	assert_int_equal(tlog_checkpoint(p->tlog, &note), OK);
	for (size_t at = 0; at < note.bytes; at++) {
		flip(p->tiles, "checkpoint", (long)at);
		assert_int_equal(check_part(p, TLOG_CHECK_CHECKPOINT).state, TLOG_CHECK_DAMAGED);
		flip(p->tiles, "checkpoint", (long)at);
	}
	assert_all_sound(p);
}

static void
every_flipped_byte_of_the_signers_state_is_found(void **state)
{
	struct published *p = *state;
	struct stat status;

	publish_at(p, 40);
	assert_int_equal(stat(p->state, &status), 0);
	for (long at = 0; at < status.st_size; at++) {
		flip(p->log->folder, "signer", at);
		assert_int_equal(check_part(p, TLOG_CHECK_SIGNER).state, TLOG_CHECK_DAMAGED);
		flip(p->log->folder, "signer", at);
	}
	assert_all_sound(p);
}

static void
a_store_behind_what_was_published_is_found(void **state)
{
	struct published *p = *state;
	struct db *db = NULL;

	publish_at(p, 40);
	/* A backup brought back: everything but the folders of keys. */
	assert_int_equal(db_open(p->log->path, DB_WRITE, &db), OK);
	assert_int_equal(db_execute(db, "delete from ledger_entry where idx >= 30"), OK);
	db_close(db);
	assert_found(p, TLOG_CHECK_CHECKPOINT, TLOG_CHECK_AHEAD, "tlog/checkpoint");
	assert_found(p, TLOG_CHECK_SIGNER, TLOG_CHECK_AHEAD, "once/signer");
	assert_int_equal(check_part(p, TLOG_CHECK_TILES).state, TLOG_CHECK_UNCHECKED);
}

static void
a_signer_brought_back_from_a_copy_is_found(void **state)
{
	struct published *p = *state;

	publish_at(p, 40);
	in_tiles(p, "cp ../signer ../old");
	publish_at(p, 50);
	in_tiles(p, "cp ../old ../signer");
	assert_found(p, TLOG_CHECK_SIGNER, TLOG_CHECK_BEHIND, "once/signer");
	in_tiles(p, "rm ../signer");
	assert_found(p, TLOG_CHECK_SIGNER, TLOG_CHECK_MISSING, "once/signer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PUBLISHED(what_was_published_is_sound_at_every_size),
		PUBLISHED(entries_behind_the_checkpoint_are_nothing_wrong),
		PUBLISHED(nothing_published_yet_is_no_damage),
		PUBLISHED(a_flipped_bit_of_any_file_is_found_and_named),
		PUBLISHED(a_missing_or_longer_file_is_found),
		PUBLISHED(every_flipped_byte_of_the_checkpoint_is_found),
		PUBLISHED(every_flipped_byte_of_the_signers_state_is_found),
		PUBLISHED(a_store_behind_what_was_published_is_found),
		PUBLISHED(a_signer_brought_back_from_a_copy_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
