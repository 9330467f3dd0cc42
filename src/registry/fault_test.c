/* Every write of a declaration with consent, of a look-up and of a search fails in turn: nothing of it stays, nothing is
 * shown, the ledger is sound, the next one works. */
#include "registry/faulty.h"
#include "registry/search.h"
#include "registry/town.h"

static void
must_be_sound(struct fixture *f, int64_t records)
{
	assert_int_equal(count_of(f, "SELECT count(*) FROM stay"), records);
	assert_int_equal(count_of(f, "SELECT count(*) FROM sys_ask"), records);
	assert_int_equal(count_of(f, "SELECT count(*) FROM sys_ask_party"), 2 * records);
	assert_int_equal(count_of(f, "SELECT count(*) FROM sys_message WHERE ask_party IS NOT NULL"), 2 * records);
	/* The log has no gap and ends where the ledger in memory says. */
	assert_int_equal(count_of(f, "SELECT count(*) FROM ledger_entry"), (int64_t)ledger_size(f->registry->ledger));
	assert_int_equal(count_of(f, "SELECT coalesce(max(idx), -1) + 1 FROM ledger_entry"),
			 (int64_t)ledger_size(f->registry->ledger));
}

static void
a_declaration_is_whole_or_nothing_whichever_write_fails(void **state)
{
	struct town t = town_open();
	int64_t base = count_of(t.f, "SELECT count(*) FROM sys_message");
	bool failed = true;
	int nth = 0;

	assert_int_equal(base, count_of(t.f, "SELECT count(*) FROM sys_message"));
	while (failed) {
		set_fault(t.f, ++nth);
		enum error e = do_act(t.f, &t.host_actor, "stay", "declare", 0,
				      town_stay(&t, t.guest, "2026-10-20", "2027-04-20"), NULL);

		failed = e != OK;
		set_fault(t.f, 0);
		must_be_sound(t.f, failed ? 0 : 1);
	}
	/* The record, its ask, two asked, two messages, a clock row or two, entries: fewer writes would mean that none was met. */
	assert_true(nth > 8);
	town_confirm(&t, count_of(t.f, "SELECT id FROM stay"));
	fixture_close(t.f);
}

static void
an_answer_is_whole_or_nothing_whichever_write_fails(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);
	bool failed = true;
	int nth = 0;

	must(answer(t.f, &t.owner_actor, ACT_AGREE, "stay", stay));
	while (failed) {
		set_fault(t.f, ++nth);
		failed = answer(t.f, &t.guest_actor, ACT_AGREE, "stay", stay) != OK;
		set_fault(t.f, 0);
		assert_string_equal(state_of(t.f, "stay", stay), failed ? "declared" : "confirmed");
		assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_ask WHERE outcome IS NULL"), failed);
		assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_effect WHERE kind = 'certificate.stay'"),
				 !failed);
		assert_int_equal(count_of(t.f, "SELECT count(*) FROM ledger_entry"),
				 (int64_t)ledger_size(t.f->registry->ledger));
	}
	assert_true(nth > 4);
	fixture_close(t.f);
}

static void
after_a_fault_the_ledger_opens_as_it_was(void **state)
{
	struct town t = town_open();
	unsigned char before[32], after[32];

	town_declare(&t);
	for (int nth = 1; nth < 12; nth++) {
		set_fault(t.f, nth);
		IGNORE(do_act(t.f, &t.host_actor, "stay", "declare", 0, /* failing is the point */
			      town_stay(&t, t.stranger.party, "2026-10-20", "2027-04-20"), NULL));
		set_fault(t.f, 0);
	}
	ledger_root(t.f->registry->ledger, before);
	registry_close(t.f->registry);
	fixture_connect(t.f);
	ledger_root(t.f->registry->ledger, after);
	assert_memory_equal(before, after, sizeof(before));
	fixture_close(t.f);
}

/* ---- what officials ask ---- */

/* What one question leaves, in the log and in what is derived from it. */
struct traces {
	int64_t entries, uses, reveals;
};

static struct traces
count_traces(struct fixture *f)
{
	return (struct traces){ .entries = count_of(f, "SELECT count(*) FROM ledger_entry"),
				.uses = count_of(f, "SELECT count(*) FROM official_use"),
				.reveals = count_of(f, "SELECT count(*) FROM sys_reveal") };
}

/* Asks while the nth write fails; what was answered, NULL without an answer. */
typedef enum error ask_function(struct town *t, struct actor *official, const char **ret_body);

/* An inquiry is hidden for a time: its entry goes into the restricted stream, and a row says when it is shown. */
static enum error
inquire(struct town *t, struct actor *official, const char **ret_body)
{
	struct lookup lookup = { .registry = t->f->registry,
				 .arena = t->f->arena,
				 .actor = *official,
				 .reg = pack_reg(t->f->pack, "person"),
				 .record = t->guest,
				 .purpose = pack_purpose(t->f->pack, "inquiry"),
				 .case_text = "I-1",
				 .now = t->f->now };

	problem_init(&lookup.problem, t->f->arena);
	enum error e = lookup_run(&lookup);

	*ret_body = lookup.body;
	return e;
}

static enum error
search_guest(struct town *t, struct actor *official, const char **ret_body)
{
	struct search_job search = { .registry = t->f->registry,
				     .arena = t->f->arena,
				     .actor = *official,
				     .reg = pack_reg(t->f->pack, "person"),
				     .text = "Kasymova",
				     .purpose = pack_purpose(t->f->pack, "inspection"),
				     .case_text = "I-2",
				     .now = t->f->now };
	struct db *db = NULL;

	problem_init(&search.problem, t->f->arena);
	must(registry_reader(t->f->registry, &db));
	enum error e = search_run(&search, db);

	db_close(db);
	*ret_body = search.body;
	return e;
}

/* Walks through the writes of one question; what it left in the end, and how many writes there were. */
static struct traces
ask_with_faults(struct town *t, ask_function *ask, const char *shows, int *ret_writes)
{
	struct actor official = actor_with(t->f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	struct traces before = count_traces(t->f), now;
	const char *body = NULL;
	bool failed = true;
	int nth = 0;

	while (failed) {
		set_fault(t->f, ++nth);
		failed = ask(t, &official, &body) != OK;
		set_fault(t->f, 0);
		now = count_traces(t->f);
		assert_int_equal(now.entries, ledger_size(t->f->registry->ledger));
		if (!failed)
			break;
		assert_null(body);
		assert_int_equal(now.entries, before.entries);
		assert_int_equal(now.uses, before.uses);
		assert_int_equal(now.reveals, before.reveals);
	}
	assert_non_null(strstr(body, shows));
	*ret_writes = nth - 1;
	return (struct traces){ now.entries - before.entries, now.uses - before.uses, now.reveals - before.reveals };
}

static void
a_look_up_shows_nothing_that_is_not_entered_whichever_write_fails(void **state)
{
	struct town t = town_open();
	int writes = 0;
	struct traces left = ask_with_faults(&t, inquire, "Қасымова", &writes);

	assert_int_equal(left.entries, 1);
	assert_int_equal(left.uses, 1);
	assert_int_equal(left.reveals, 1);
	/* The entry, the use, the date, the commit. */
	assert_true(writes >= 4);
	fixture_close(t.f);
}

static void
a_search_shows_nothing_that_is_not_entered_whichever_write_fails(void **state)
{
	struct town t = town_open();
	int writes = 0;
	struct traces left = ask_with_faults(&t, search_guest, "\"hits\":[{", &writes);

	assert_int_equal(left.entries, 2); /* its own and the hit's */
	assert_int_equal(left.uses, 2);
	assert_true(writes >= 5);
	fixture_close(t.f);
}

/* A look-up that failed was not one: the running hour has room for as many as if it had not been. */
static void
what_failed_does_not_count_against_the_limit(void **state)
{
	struct town t = town_open();
	struct actor official = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	int most = official.roles[0].role->lookups_an_hour;
	const char *body = NULL;

	assert_true(most > 0);
	for (int i = 0; i < most; i++) {
		set_fault(t.f, 1);
		assert_int_not_equal(inquire(&t, &official, &body), OK);
		set_fault(t.f, 0);
		must(inquire(&t, &official, &body));
	}
	assert_int_equal(inquire(&t, &official, &body), ERR_LIMITED);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_declaration_is_whole_or_nothing_whichever_write_fails),
		cmocka_unit_test(an_answer_is_whole_or_nothing_whichever_write_fails),
		cmocka_unit_test(after_a_fault_the_ledger_opens_as_it_was),
		cmocka_unit_test(a_look_up_shows_nothing_that_is_not_entered_whichever_write_fails),
		cmocka_unit_test(a_search_shows_nothing_that_is_not_entered_whichever_write_fails),
		cmocka_unit_test(what_failed_does_not_count_against_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
