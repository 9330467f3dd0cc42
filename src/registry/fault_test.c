/* Every write of a declaration with consent fails in turn: nothing of it stays, the ledger is sound, the next act works. */
#include "registry/town.h"

struct fault {
	struct job job;
	int nth;
	bool fired;
};

static enum error
arm(struct job *job, struct db *db)
{
	struct fault *fault = (struct fault *)job;

	fault->fired = db_fault_fired(db);
	db_fail_at(db, fault->nth);
	return OK;
}

/* The writer's own db, in its thread; alone and undone, so that its commit is not the one that fails. */
static bool
set_fault(struct fixture *f, int nth)
{
	struct fault fault = { .job = { .run = arm, .dry_run = true, .alone = true }, .nth = nth };

	IGNORE(writer_run(registry_writer(f->registry), &fault.job)); /* the armed write may be its own undo */
	return fault.fired;
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_declaration_is_whole_or_nothing_whichever_write_fails),
		cmocka_unit_test(an_answer_is_whole_or_nothing_whichever_write_fails),
		cmocka_unit_test(after_a_fault_the_ledger_opens_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
