/* Parts whose time is over cannot be read any more, the log says so, and nothing brings them back. */
#include "registry/erasure.h"
#include "ledger/durable.h"
#include "ledger/erasure.h"
#include "registry/replay_testing.h"
#include "registry/town.h"

static void
look_up(struct town *t, int64_t person)
{
	struct lookup *lookup = arena_new_of(t->f->arena, struct lookup);

	*lookup = (struct lookup){ .registry = t->f->registry,
				   .arena = t->f->arena,
				   .actor = t->clerk,
				   .reg = pack_reg(t->f->pack, "person"),
				   .record = person,
				   .purpose = pack_purpose(t->f->pack, "registration"),
				   .case_text = "7/11",
				   .now = t->f->now };
	problem_init(&lookup->problem, t->f->arena);
	must(lookup_run(lookup));
}

static uint64_t
erase_at(struct fixture *f, int64_t now)
{
	uint64_t count = 0;

	f->registry->erased_day = 0;
	must(erasure_run(f->registry, now, &count));
	return count;
}

static uint64_t
erase_years_later(struct fixture *f, int years)
{
	return erase_at(f, f->now + (int64_t)(years * 366 + 62) * DAY_MS);
}

static uint64_t
last_index(struct fixture *f)
{
	return (uint64_t)count_of(f, "SELECT max(idx) FROM ledger_entry");
}

/* Of all sealed entries up to `last`: how many lack one of these parts. */
static uint64_t
lacking(struct fixture *f, uint64_t last, unsigned parts)
{
	AUTO(db_close) struct db *db = NULL;
	uint64_t count = 0;

	must(registry_reader(f->registry, &db));
	for (uint64_t i = 0; i <= last; i++) {
		struct ledger_parts read;
		enum error e = ledger_read_parts(db, registry_data_keys(f->registry), i, f->arena, &read);

		if (e == ERR_NOT_FOUND)
			continue;
		must(e);
		for (int part = 0; part < SEAL_PART_COUNT; part++)
			if ((parts >> part & 1) != 0 && read.parts[part].salt == NULL) {
				count++;
				break;
			}
	}
	return count;
}

static void
what_entries_say_does_not_lie_in_the_store(void **state)
{
	struct town t = town_open();

	look_up(&t, t.guest);
	/* The case in the detail, a name in a payload; both are in the CBOR as they are. */
	assert_int_equal(
		count_of(t.f, "SELECT count(*) FROM ledger_entry WHERE instr(detail, cast('7/11' AS blob)) > 0"), 0);
	assert_int_equal(
		count_of(t.f, "SELECT count(*) FROM ledger_entry WHERE instr(payload, cast('Айгүл' AS blob)) > 0"), 0);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM ledger_entry WHERE header_salt IS NOT NULL"), 0);
	assert_true(payloads_with(t.f, "Айгүл") > 0);
	fixture_close(t.f);
}

static void
each_part_goes_when_its_own_time_is_over(void **state)
{
	struct town t = town_open();

	look_up(&t, t.guest);
	uint64_t last = last_index(t.f);

	assert_true(count_of(t.f, "SELECT count(*) FROM official_use") > 0);
	assert_int_equal(erase_years_later(t.f, 2), 0);
	assert_true(erase_years_later(t.f, 3) > 0);
	assert_true(lacking(t.f, last, ERASED_DETAIL) > 0);
	assert_int_equal(lacking(t.f, last, ERASED_HEADER), 0);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use"), 0);
	assert_int_equal(count_faults(t.f, false), 0);
	assert_true(erase_years_later(t.f, 10) > 0);
	assert_true(lacking(t.f, last, ERASED_HEADER) > 0);
	assert_true(lacking(t.f, last, ERASED_PAYLOAD) > 0);
	assert_int_equal(count_faults(t.f, false), 0);
	assert_int_equal(erase_years_later(t.f, 10), 0);
	fixture_close(t.f);
}

static void
each_erasure_is_an_entry_that_names_what_went(void **state)
{
	AUTO(erased_ranges_done) struct erased_ranges named = { 0 };
	struct town t = town_open();
	struct db *db = NULL;
	uint64_t last = last_index(t.f), entries = 0;

	erase_years_later(t.f, 3);
	must(registry_reader(t.f->registry, &db));
	for (uint64_t i = last + 1; i <= last_index(t.f); i++, entries++) {
		struct ledger_record record;

		must(ledger_read(db, registry_data_keys(t.f->registry), i, t.f->arena, &record));
		assert_int_equal(record.entry.kind, LEDGER_ERASURE);
		assert_int_equal(record.stream, LEDGER_STREAM_ERASURE);
		must(erasure_read(record.entry.payload, record.entry.payload_bytes, i, &named));
	}
	assert_true(entries > 0);
	uint64_t sum = 0;

	for (size_t i = 0; i < named.count; i++)
		sum += named.items[i].last - named.items[i].first + 1;
	assert_int_equal(sum, lacking(t.f, last, ERASED_DETAIL));
	db_close(db);
	fixture_close(t.f);
}

static void
reopen(struct fixture *f)
{
	registry_close(TAKE(f->registry));
	fixture_connect(f);
}

static void
what_an_old_copy_of_the_keys_brought_back_is_destroyed_again(void **state)
{
	AUTO(strbuf_done) struct strbuf old = { 0 };
	AUTO(strbuf_done) struct strbuf newer = { 0 };
	struct town t = town_open();
	uint64_t last = last_index(t.f);

	must(durable_read(t.f->keys_path, 1 << 20, &old));
	erase_years_later(t.f, 3);
	uint64_t gone = lacking(t.f, last, ERASED_DETAIL);

	assert_true(gone > 0);
	/* The old keys, and those that were made since: the erasure's own entries lie under one. */
	must(durable_read(t.f->keys_path, 1 << 20, &newer));
	strbuf_add(&old, newer.text + old.bytes, newer.bytes - old.bytes);
	must(durable_write(t.f->keys_path, old.text, old.bytes));
	reopen(t.f);
	assert_int_equal(lacking(t.f, last, ERASED_DETAIL), gone);
	/* Without the journal the erasure's own entries tell, and the journal is there again. */
	must(durable_write(t.f->keys_path, old.text, old.bytes));
	assert_int_equal(unlink(t.f->erasure_path), 0);
	reopen(t.f);
	assert_int_equal(lacking(t.f, last, ERASED_DETAIL), gone);
	assert_int_equal(access(t.f->erasure_path, F_OK), 0);
	fixture_close(t.f);
}

static void
lost_or_old_keys_stop_the_opening_and_are_not_made_anew(void **state)
{
	AUTO(strbuf_done) struct strbuf old = { 0 };
	struct town t = town_open();
	const struct registry_config config = fixture_config(t.f);

	must(durable_read(t.f->keys_path, 1 << 20, &old));
	erase_years_later(t.f, 3);
	registry_close(TAKE(t.f->registry));
	must(durable_write(t.f->keys_path, old.text, old.bytes));
	assert_int_equal(registry_open(&config, &t.f->registry), ERR_DATA_KEYS);
	assert_int_equal(unlink(t.f->keys_path), 0);
	assert_int_equal(registry_open(&config, &t.f->registry), ERR_DATA_KEYS);
	assert_int_not_equal(access(t.f->keys_path, F_OK), 0);
	fixture_close(t.f);
}

static void
join(struct fixture *f, int number)
{
	struct actor librarian = actor_with(f, 11, 0, "librarian", NULL, 0);

	ok_act(f, &librarian, "member", "join", 0,
	       text(f,
		    "{\"family_name\":\"Omarova\",\"given_name\":\"Dana\",\"birth_day\":\"1885-03-02\","
		    "\"card\":\"AB000%d\"}",
		    number));
}

/* Two months' keys in a pack that opens quickly. */
static struct fixture *
open_library(void)
{
	struct fixture *f = fixture_open("tests/packs/library");

	for (int month = 0; month < 2; month++, f->now += INT64_C(40) * DAY_MS)
		join(f, month);
	return f;
}

static enum error
verify(struct fixture *f)
{
	AUTO(db_close) struct db *db = NULL;
	unsigned char root[LEDGER_HASH_BYTES];
	uint64_t size = 0, bad_index = 0;

	must(registry_reader(f->registry, &db));
	return ledger_verify(db, registry_data_keys(f->registry), &size, root, &bad_index);
}

static void
a_key_that_went_without_an_entry_is_a_fault(void **state)
{
	for (int part = 0; part < SEAL_PART_COUNT; part++) {
		struct fixture *f = open_library();
		struct data_key key;

		assert_int_equal(verify(f), OK);
		data_keys_at(registry_data_keys(f->registry), 0, &key);
		must(data_key_destroy(registry_data_keys(f->registry), key.number, 1U << part));
		assert_int_equal(verify(f), ERR_DAMAGED);
		fixture_close(f);
	}
}

/* The library keeps a detail for a year. */
static void
a_month_goes_when_what_was_entered_last_in_it_has_had_its_time(void **state)
{
	struct fixture *f = fixture_open("tests/packs/library");
	const int64_t over = day_from_civil(2027, 11, 1) * DAY_MS;

	join(f, 1); /* on 2026-10-26 */
	assert_int_equal(erase_at(f, over - 1), 0);
	assert_int_equal(erase_at(f, over), 1);
	fixture_close(f);
}

static void
what_was_entered_while_a_clock_was_wrong_is_named_too(void **state)
{
	struct fixture *f = fixture_open("tests/packs/library");
	const int64_t right = f->now;

	join(f, 1);
	f->now = right + INT64_C(100) * DAY_MS;
	join(f, 2);
	f->now = right;
	join(f, 3);
	assert_int_equal(data_keys_count(registry_data_keys(f->registry)), 3);
	assert_int_equal(erase_at(f, right + INT64_C(5) * 366 * DAY_MS), 3);
	assert_int_equal(verify(f), OK);
	assert_int_equal(count_faults(f, false), 0);
	fixture_close(f);
}

static void
a_journal_may_name_keys_that_are_not_here_and_is_read_whole_or_not(void **state)
{
	static const char *const wrong[] = { "5", "5 0\n", "5 8\n", "5 x\n", "x 5\n", "5 1\n6" };
	struct fixture *f = fixture_open("tests/packs/library");
	const struct registry_config config = fixture_config(f);

	/* Of another copy of the keys, from before these. */
	must(durable_write(f->erasure_path, "5 1\n6 7\n", 8));
	reopen(f);
	registry_close(TAKE(f->registry));
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		must(durable_write(f->erasure_path, wrong[i], strlen(wrong[i])));
		assert_int_equal(registry_open(&config, &f->registry), ERR_DAMAGED);
	}
	fixture_close(f);
}

/* The files of a closed store. */
struct kept {
	struct strbuf store, keys;
};

static void
take_files(const struct fixture *f, struct kept *kept)
{
	must(durable_read(f->path, 64 << 20, &kept->store));
	must(durable_read(f->keys_path, 1 << 20, &kept->keys));
}

static void
bring_back_files(const struct fixture *f, const struct kept *kept)
{
	must(durable_write(f->path, kept->store.text, kept->store.bytes));
	must(durable_write(f->keys_path, kept->keys.text, kept->keys.bytes));
	unlink(f->erasure_path);
}

static void
an_erasure_that_fails_anywhere_is_finished_later(void **state)
{
	struct fixture *f = open_library();
	uint64_t last = last_index(f), count = 0;
	uint64_t sealed = (uint64_t)count_of(f, "SELECT count(*) FROM ledger_entry WHERE data_key IS NOT NULL");
	struct kept kept = { 0 };
	bool fired = true;

	registry_close(TAKE(f->registry));
	take_files(f, &kept);
	for (int nth = 1; fired; nth++) {
		bring_back_files(f, &kept);
		fixture_connect(f);
		durable_fail_at(nth);
		enum error e = erasure_run(f->registry, f->now + INT64_C(4) * 366 * DAY_MS, &count);
		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e == OK, !fired);
		assert_int_equal(check_uses(f).wrong, 0);
		reopen(f);
		assert_int_equal(count_faults(f, false), 0);
		erase_years_later(f, 3);
		assert_int_equal(lacking(f, last, ERASED_DETAIL), sealed);
		assert_int_equal(count_faults(f, false), 0);
		registry_close(TAKE(f->registry));
	}
	strbuf_done(&kept.store);
	strbuf_done(&kept.keys);
	fixture_close(f);
}

static void
an_erasure_that_fails_and_is_tried_again_is_entered_once(void **state)
{
	struct fixture *f = open_library();
	struct kept kept = { 0 };
	bool fired = true;

	registry_close(TAKE(f->registry));
	take_files(f, &kept);
	for (int nth = 1; fired; nth++) {
		AUTO(strbuf_done) struct strbuf journal = { 0 };
		uint64_t count = 0;
		size_t lines = 0;

		bring_back_files(f, &kept);
		fixture_connect(f);
		durable_fail_at(nth);
		enum error e = erasure_run(f->registry, f->now + INT64_C(4) * 366 * DAY_MS, &count);
		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e == OK, !fired);
		assert_int_equal(erase_years_later(f, 4) > 0, fired);
		assert_int_equal(count_of(f, "SELECT count(*) FROM sys_erasure"),
				 count_of(f, "SELECT count(DISTINCT data_key) FROM sys_erasure"));
		must(durable_read(f->erasure_path, 1 << 20, &journal));
		for (const char *at = journal.text; (at = strchr(at, '\n')) != NULL; at++)
			lines++;
		assert_int_equal(lines, count_of(f, "SELECT count(*) FROM sys_erasure"));
		registry_close(TAKE(f->registry));
	}
	strbuf_done(&kept.store);
	strbuf_done(&kept.keys);
	fixture_close(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_entries_say_does_not_lie_in_the_store),
		cmocka_unit_test(each_part_goes_when_its_own_time_is_over),
		cmocka_unit_test(each_erasure_is_an_entry_that_names_what_went),
		cmocka_unit_test(what_an_old_copy_of_the_keys_brought_back_is_destroyed_again),
		cmocka_unit_test(lost_or_old_keys_stop_the_opening_and_are_not_made_anew),
		cmocka_unit_test(a_key_that_went_without_an_entry_is_a_fault),
		cmocka_unit_test(a_month_goes_when_what_was_entered_last_in_it_has_had_its_time),
		cmocka_unit_test(what_was_entered_while_a_clock_was_wrong_is_named_too),
		cmocka_unit_test(a_journal_may_name_keys_that_are_not_here_and_is_read_whole_or_not),
		cmocka_unit_test(an_erasure_that_fails_anywhere_is_finished_later),
		cmocka_unit_test(an_erasure_that_fails_and_is_tried_again_is_entered_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
