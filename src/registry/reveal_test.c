/* Hidden look-ups: nothing of them is in the person's stream before their time, and each exactly once after it. */
#include "registry/faulty.h"
#include "registry/hidden.h"

static int64_t
entries_of(struct fixture *f, int64_t stream)
{
	return count_of(f, text(f, "SELECT count(*) FROM ledger_entry WHERE stream = %lld", (long long)stream));
}

/* Entries of the person's stream that refer to a hidden one, each to another. */
static int64_t
revealed(struct fixture *f, int64_t person)
{
	AUTO(db_close) struct db *db = NULL;
	int64_t count = 0;

	must(registry_reader(f->registry, &db));
	AUTO(query_free)
	struct query *query =
		db_query(db, "SELECT l.idx, r.entry FROM sys_reveal r JOIN ledger_entry l ON l.idx = r.shown"
			     " AND l.stream = r.stream WHERE r.stream = $1");

	bind_integer(query, 1, person);
	for (; query_step(query) == OK; count++) {
		struct ledger_record record;

		must(ledger_read(db, registry_data_keys(f->registry), (uint64_t)column_integer(query, 0), f->arena,
				 &record));
		assert_int_equal(record.entry.kind, LEDGER_REVEAL);
		assert_int_equal(record.entry.refers_to, column_integer(query, 1));
		assert_null(record.entry.actor);
		assert_true(record.entry.purpose == UINT64_MAX && record.entry.reg == UINT64_MAX);
	}
	return count;
}

static void
a_hidden_look_up_enters_the_persons_stream_when_its_time_is_over(void **state)
{
	struct town t = town_open();
	int64_t before = entries_of(t.f, t.guest);

	hide_lookups(t.f, t.guest, t.f->now + INT64_C(30) * DAY_MS, 1);
	assert_int_equal(entries_of(t.f, LEDGER_STREAM_RESTRICTED), 1);
	pass_days(t.f, 29);
	assert_int_equal(entries_of(t.f, t.guest), before);
	/* The clock is woken for it, not for the next day only. */
	hide_lookups(t.f, t.owner, t.f->now + 5, 1);
	assert_int_equal(clock_next(t.f->registry, t.f->now), t.f->now + 5);
	pass_days(t.f, 1);
	assert_int_equal(entries_of(t.f, t.guest), before + 1);
	assert_int_equal(revealed(t.f, t.guest), 1);
	pass_days(t.f, 30);
	assert_int_equal(revealed(t.f, t.guest), 1);
	assert_int_equal(entries_of(t.f, t.guest), before + 1);
	fixture_close(t.f);
}

static void
what_is_due_together_is_shown_whole_and_once_whichever_write_fails(void **state)
{
	struct town t = town_open();
	int64_t before = entries_of(t.f, t.guest);
	uint64_t runs = 0;
	int faults = 0;

	hide_lookups(t.f, t.guest, t.f->now + 1, 150);
	for (int nth = 1; nth < 200; nth += 33) {
		set_fault(t.f, nth);
		IGNORE(clock_run(t.f->registry, t.f->now + 2, &runs)); /* failing is the point */
		faults += set_fault(t.f, 0);
		/* What was shown is noted as shown, and nothing else is. */
		assert_int_equal(revealed(t.f, t.guest), entries_of(t.f, t.guest) - before);
		registry_close(t.f->registry);
		fixture_connect(t.f);
	}
	assert_true(faults > 2);
	must(clock_run(t.f->registry, t.f->now + 2, &runs));
	assert_int_equal(revealed(t.f, t.guest), 150);
	assert_int_equal(entries_of(t.f, t.guest), before + 150);
	assert_int_equal(count_of(t.f, "SELECT count(DISTINCT shown) FROM sys_reveal"), 150);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hidden_look_up_enters_the_persons_stream_when_its_time_is_over),
		cmocka_unit_test(what_is_due_together_is_shown_whole_and_once_whichever_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
