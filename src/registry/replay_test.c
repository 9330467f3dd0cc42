#include "ledger/erasure.h"
#include "registry/replay_testing.h"
#include "registry/payload.h"

/* A library at work: lists, ranks, a record that one act changes twice, a past, a question that waits. */
struct shelf {
	struct fixture *f;
	struct actor librarian, head, reader;
	int64_t book, copy, member, loan, reservation;
};

static struct shelf
open_library(void)
{
	struct shelf s = { .f = fixture_open("tests/packs/library") };

	s.librarian = actor_with(s.f, 11, 0, "librarian", NULL, 0);
	s.head = actor_with(s.f, 12, 0, "head_librarian", NULL, 0);
	s.book =
		ok_act(s.f, &s.librarian, "book", "catalogue", 0,
		       "{\"title\":\"Abai Zholy\",\"isbn\":\"978601293001X\",\"authors\":[{\"name\":\"Mukhtar Auezov\","
		       "\"part\":\"writer\"},{\"name\":\"Anna Nikolskaya\",\"part\":\"translator\"}]}");
	s.copy = ok_act(s.f, &s.librarian, "copy", "shelve", 0,
			text(s.f, "{\"book\":\"%s\",\"barcode\":1001,\"condition\":\"good\",\"price\":\"4500.00\"}",
			     ref(s.f, "book", s.book)));
	s.member = ok_act(s.f, &s.librarian, "member", "join", 0,
			  "{\"family_name\":\"Қасымова\",\"given_name\":\"Әлия\",\"birth_day\":\"1890-04-01\",\"card\":"
			  "\"AA0001\"}");
	s.loan = ok_act(s.f, &s.librarian, "loan", "lend", 0,
			"{\"copy\":{\"barcode\":1001},\"member\":{\"card\":\"AA0001\",\"family_name\":\"Қасымова\"}}");
	s.f->now += 1000;
	ok_act(s.f, &s.librarian, "loan", "renew", s.loan, NULL);
	s.f->now += 1000;
	s.reservation = ok_act(s.f, &s.librarian, "reservation", "ask", 0,
			       text(s.f, "{\"book\":\"%s\",\"member\":\"%s\"}", ref(s.f, "book", s.book),
				    ref(s.f, "member", s.member)));
	ok_act(s.f, &s.librarian, "loan", "give_back", s.loan, "{\"seen\":\"fair\"}");
	return s;
}

/* As somebody with the file and no program would. */
static void
tamper(struct fixture *f, const char *sql)
{
	struct db *db = NULL;

	must(db_open(f->path, DB_WRITE, &db));
	must(db_execute(db, sql));
	db_close(db);
}

static struct replay_fault
first_fault(struct fixture *f)
{
	struct db *db = NULL;
	size_t count = 0;

	must(registry_reader(f->registry, &db));
	struct replay *replay = replay_of(f, db);
	const struct replay_fault *faults = replay_faults(replay, &count);

	assert_true(count > 0);
	struct replay_fault fault = faults[0];

	replay_free(replay);
	db_close(db);
	return fault;
}

static void
assert_found(struct fixture *f, const char *sql, enum replay_kind kind, const char *reg, int64_t record,
	     const char *part)
{
	tamper(f, sql);
	struct replay_fault fault = first_fault(f);

	if (fault.kind != kind || strcmp(fault.reg == NULL ? "" : fault.reg->name, reg) != 0 ||
	    fault.record != record || strcmp(fault.part == NULL ? "" : fault.part, part) != 0)
		fail_msg("%s: kind %d, %s %lld %s", sql, fault.kind, fault.reg == NULL ? "" : fault.reg->name,
			 (long long)fault.record, fault.part == NULL ? "" : fault.part);
}

static void
the_registers_follow_from_the_log(void **state)
{
	struct shelf s = open_library();

	/* Given back and set aside for who waits, in one act: one version. */
	assert_string_equal(state_of(s.f, "copy", s.copy), "held");
	assert_int_equal(count_of(s.f, "SELECT version FROM copy"), 3);
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM copy_past"), 2);
	assert_replays(s.f);
	fixture_close(s.f);
}

static void
what_waits_for_consent_changes_nothing_and_replays(void **state)
{
	struct shelf s = open_library();

	ok_act(s.f, &s.librarian, "member", "join", 0,
	       "{\"family_name\":\"Қасымов\",\"given_name\":\"Арман\",\"birth_day\":\"2020-04-01\",\"card\":\"AA0002\","
	       "\"guardian\":{\"card\":\"AA0001\",\"family_name\":\"Қасымова\"}}");
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM member WHERE state = 'pending'"), 1);
	assert_replays(s.f);
	s.f->now += 20 * DAY_MS;
	uint64_t runs = 0;

	must(clock_run(s.f->registry, s.f->now, &runs));
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM member WHERE state = 'lapsed'"), 1);
	assert_replays(s.f);
	fixture_close(s.f);
}

static void
a_changed_field_or_state_is_named(void **state)
{
	struct shelf s = open_library();
	struct fixture *f = s.f;

	assert_found(f, "update book set title = 'Other'", REPLAY_CHANGED, "book", s.book, "title");
	tamper(f, "update book set title = 'Abai Zholy'");
	assert_replays(f);
	assert_found(f, "update loan set state = 'lost'", REPLAY_CHANGED, "loan", s.loan, "state");
	tamper(f, "update loan set state = 'returned'");
	assert_found(f, "update loan set version = 9", REPLAY_CHANGED, "loan", s.loan, "version");
	tamper(f, "update loan set version = 3");
	assert_found(f, "update copy set condition_rank = 3", REPLAY_CHANGED, "copy", s.copy, "condition_rank");
	tamper(f, "update copy set condition_rank = 2");
	assert_found(f, "update copy set on_loan = true", REPLAY_CHANGED, "copy", s.copy, "on_loan");
	tamper(f, "update copy set on_loan = false");
	assert_found(f, "update member set email = 'a@b.kz'", REPLAY_CHANGED, "member", s.member, "email");
	tamper(f, "update member set email = null");
	assert_found(f, "update member set changed_at = 5", REPLAY_CHANGED, "member", s.member, "changed_at");
	fixture_close(f);
}

static void
a_deleted_or_added_row_is_named(void **state)
{
	struct shelf s = open_library();
	struct fixture *f = s.f;

	tamper(f, "create table kept as select * from loan");
	assert_found(f, "delete from loan", REPLAY_GONE, "loan", s.loan, "");
	tamper(f, "insert into loan select * from kept");
	assert_replays(f);
	assert_found(
		f,
		"insert into member (id, state, version, changed_at, family_name, given_name, birth_day, card, joined)"
		" values (900, 'active', 1, 1, 'A', 'B', 1, 'AA0009', 1)",
		REPLAY_ADDED, "member", 900, "");
	fixture_close(f);
}

static void
rows_of_lists_are_compared(void **state)
{
	struct shelf s = open_library();
	struct fixture *f = s.f;

	assert_found(f, "update book_authors set part = 'artist' where nr = 2", REPLAY_CHANGED, "book", s.book,
		     "authors");
	tamper(f, "update book_authors set part = 'translator' where nr = 2");
	assert_found(f, "update book_authors set nr = 3 where nr = 2", REPLAY_CHANGED, "book", s.book, "authors");
	tamper(f, "update book_authors set nr = 2 where nr = 3");
	assert_found(f, "insert into book_authors (parent, nr, name) values (800, 1, 'X')", REPLAY_ADDED, "book", 800,
		     "authors");
	tamper(f, "delete from book_authors where parent = 800");
	assert_replays(f);
	assert_found(f, "delete from book_authors where nr = 1", REPLAY_CHANGED, "book", s.book, "authors");
	fixture_close(f);
}

/* As if the time of all books' payloads were over. */
struct forgetting {
	struct replay *replay;
	uint64_t reg;
	size_t count;
};

static enum error
forget_entry(void *context, const struct ledger_record *record)
{
	struct forgetting *forgetting = context;
	struct ledger_record forgotten = *record;

	if (record->entry.reg == forgetting->reg) {
		forgotten.erased |= ERASED_PAYLOAD;
		forgetting->count++;
	}
	return replay_entry(forgetting->replay, &forgotten);
}

static void
a_record_whose_payload_is_erased_is_passed_over_with_its_lists(void **state)
{
	struct shelf s = open_library();
	struct forgetting forgetting = { .reg = pack_reg(s.f->pack, "book")->code };
	const struct verify_watch watch = { .context = &forgetting, .entry = forget_entry };
	struct verify_result result;
	unsigned char key[16];
	struct db *db = NULL;

	memset(key, 2, sizeof(key)); /* the fixture's */
	assert_true(count_of(s.f, "SELECT count(*) FROM book_authors") > 0);
	must(registry_reader(s.f->registry, &db));
	must(replay_new(s.f->pack, key, text(s.f, "%s/scratch", s.f->folder), &forgetting.replay));
	must(verify_log(db, registry_data_keys(s.f->registry), &watch, &result));
	must(replay_compare(forgetting.replay, db, NULL));
	print_faults(forgetting.replay);
	assert_true(forgetting.count > 0);
	assert_int_equal(replay_fault_count(forgetting.replay), 0);
	replay_free(forgetting.replay);
	db_close(db);
	fixture_close(s.f);
}

static void
the_past_is_compared(void **state)
{
	struct shelf s = open_library();
	struct fixture *f = s.f;

	tamper(f, "create table kept as select * from loan_past");
	assert_found(f, "update loan_past set renewals = 1 where version = 1", REPLAY_CHANGED, "loan", s.loan,
		     "renewals");
	tamper(f, "update loan_past set renewals = 0 where version = 1");
	assert_found(f, "update loan_past set until_at = 7 where version = 2", REPLAY_CHANGED, "loan", s.loan,
		     "until_at");
	tamper(f, "delete from loan_past");
	assert_int_equal(first_fault(f).version, 1);
	assert_int_equal(first_fault(f).kind, REPLAY_GONE);
	tamper(f, "insert into loan_past select * from kept");
	assert_replays(f);
	tamper(f, "insert into loan_past select * from kept where version = 1");
	assert_int_equal(first_fault(f).kind, REPLAY_ADDED);
	fixture_close(f);
}

static void
a_stream_of_nobody_and_a_taken_number_are_found(void **state)
{
	struct shelf s = open_library();
	struct fixture *f = s.f;

	assert_found(f, "update next_id set id = 2", REPLAY_NUMBER_USED, "", s.reservation, "");
	tamper(f, "update next_id set id = 1000");
	assert_replays(f);
	assert_found(f, "insert into ledger_stream (number, key) values (999, randomblob(32))", REPLAY_NO_OWNER, "",
		     999, "");
	fixture_close(f);
}

/* ---- entries that are held back ---- */

struct skipping {
	struct replay *replay;
	uint64_t skipped;
};

static enum error
feed_but_one(void *context, const struct ledger_record *record)
{
	struct skipping *skipping = context;

	return record->index == skipping->skipped ? OK : replay_entry(skipping->replay, record);
}

/* No entry of an act can be left out without being missed. */
static void
each_entry_is_needed(void **state)
{
	struct shelf s = open_library();
	uint64_t size = (uint64_t)count_of(s.f, "SELECT count(*) FROM ledger_entry"), acts = 0;
	unsigned char key[16];

	memset(key, 2, sizeof(key));
	for (uint64_t skipped = 0; skipped < size; skipped++) {
		struct skipping skipping = { .skipped = skipped };
		const struct verify_watch watch = { .context = &skipping, .entry = feed_but_one };
		struct verify_result result;
		struct db *db = NULL;

		must(registry_reader(s.f->registry, &db));
		must(replay_new(s.f->pack, key, text(s.f, "%s/scratch", s.f->folder), &skipping.replay));
		must(verify_log(db, registry_data_keys(s.f->registry), &watch, &result));
		must(replay_compare(skipping.replay, db, NULL));
		/* Open entries are no acts. */
		bool is_act = count_of(s.f, text(s.f, "SELECT stream IS NOT NULL FROM ledger_entry WHERE idx = %llu",
						 (unsigned long long)skipped)) != 0;

		acts += is_act;
		assert_int_equal(replay_fault_count(skipping.replay) > 0, is_act);
		replay_free(skipping.replay);
		db_close(db);
	}
	assert_true(acts > 8);
	fixture_close(s.f);
}

/* ---- editions ---- */

static enum error
feed(struct replay *replay, enum ledger_kind kind, uint64_t index, const struct strbuf *payload)
{
	static const unsigned char id[LEDGER_ID_BYTES];
	struct ledger_record record = { .index = index, .stream = LEDGER_STREAM_SYSTEM };

	ledger_entry_init(&record.entry);
	record.entry.kind = kind;
	record.entry.event = id;
	record.entry.payload = payload->text;
	record.entry.payload_bytes = payload->bytes;
	return replay_entry(replay, &record);
}

static void
an_editions_default_counts_for_the_records_that_were_there(void **state)
{
	struct shelf s = open_library();
	const struct reg *reg = pack_reg(s.f->pack, "copy");
	const struct field *weight = reg_field(reg, "weight");
	AUTO(strbuf_done) struct strbuf payload = { 0 };
	AUTO(strbuf_done) struct strbuf broken = { 0 };
	struct value value = value_integer(250);
	struct db *db = NULL;

	tamper(s.f, "update copy set weight = 250");
	must(registry_reader(s.f->registry, &db));
	struct skipping all = { .skipped = UINT64_MAX };
	const struct verify_watch watch = { .context = &all, .entry = feed_but_one };
	struct verify_result result;
	unsigned char key[16];

	memset(key, 2, sizeof(key));
	must(replay_new(s.f->pack, key, text(s.f, "%s/scratch", s.f->folder), &all.replay));
	must(verify_log(db, registry_data_keys(s.f->registry), &watch, &result));
	payload_write_edition(&payload, s.f->pack->digest, s.f->pack->edition, 1);
	payload_write_fill(&payload, reg, weight, &value);
	must(feed(all.replay, LEDGER_SYSTEM, 100, &payload));
	must(replay_compare(all.replay, db, NULL));
	assert_int_equal(replay_fault_count(all.replay), 0);
	strbuf_add(&broken, payload.text, payload.bytes - 1);
	must(feed(all.replay, LEDGER_SYSTEM, 101, &broken));
	assert_int_equal(replay_fault_count(all.replay), 1);
	replay_free(all.replay);
	db_close(db);
	fixture_close(s.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_registers_follow_from_the_log),
		cmocka_unit_test(what_waits_for_consent_changes_nothing_and_replays),
		cmocka_unit_test(a_changed_field_or_state_is_named),
		cmocka_unit_test(a_deleted_or_added_row_is_named),
		cmocka_unit_test(rows_of_lists_are_compared),
		cmocka_unit_test(a_record_whose_payload_is_erased_is_passed_over_with_its_lists),
		cmocka_unit_test(the_past_is_compared),
		cmocka_unit_test(a_stream_of_nobody_and_a_taken_number_are_found),
		cmocka_unit_test(each_entry_is_needed),
		cmocka_unit_test(an_editions_default_counts_for_the_records_that_were_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
