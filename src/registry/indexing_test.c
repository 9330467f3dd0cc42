/* When a stream index is made: daily, where there is none or its file is gone, and never with a time that goes back. */
#include "ledger/index_log.h"
#include "registry/proven.h"

static bool
runs(struct proven *p, int hours)
{
	bool made = false;

	must(indexing_run(p->t.f->registry, p->t.f->now, hours, &made));
	return made;
}

static struct index_entry
last_index(struct proven *p)
{
	struct index_entry last;

	must(index_log_last(p->db, UINT64_MAX, &last));
	return last;
}

static void
an_index_is_made_at_once_and_then_when_it_has_grown_old(void **state)
{
	struct proven p = proven_open();

	assert_true(runs(&p, 24));
	struct index_entry first = last_index(&p);

	assert_false(runs(&p, 24));
	p.t.f->now += INT64_C(24) * 3600000 - 1;
	assert_false(runs(&p, 24));
	p.t.f->now += 1;
	assert_true(runs(&p, 24));
	struct index_entry second = last_index(&p);

	assert_true(index_head_follows(&first.head, &second.head));
	assert_int_equal(second.head.time_s - first.head.time_s, 24 * 3600);
	proven_close(&p);
}

static void
an_index_whose_file_is_gone_is_followed_by_another(void **state)
{
	struct proven p = proven_open();
	uint64_t bad = 0;

	assert_true(runs(&p, 24));
	assert_int_equal(system(text(p.t.f, "rm -r %s/index", p.t.f->folder)), 0);
	assert_true(runs(&p, 24));
	assert_false(runs(&p, 24));
	must(index_log_verify(p.db, registry_index_folder(p.t.f->registry), &bad));
	proven_close(&p);
}

static void
time_does_not_go_back_and_a_wrong_clock_stops_nothing(void **state)
{
	struct proven p = proven_open();
	int64_t right = p.t.f->now;

	p.t.f->now += INT64_C(5) * 365 * DAY_MS;
	assert_true(runs(&p, 24));
	struct index_entry ahead = last_index(&p);

	/* The clock is set right, and the server starts again. */
	p.t.f->now = right;
	db_close(p.db);
	registry_close(p.t.f->registry);
	signer_close(p.signer);
	proven_connect(&p);
	assert_true(runs(&p, 24));
	assert_false(runs(&p, 24));
	p.t.f->now += INT64_C(24) * 3600000;
	assert_true(runs(&p, 24));
	assert_int_equal(last_index(&p).head.time_s, ahead.head.time_s);
	assert_true(last_index(&p).head.covered > ahead.head.covered);
	proven_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_is_made_at_once_and_then_when_it_has_grown_old),
		cmocka_unit_test(an_index_whose_file_is_gone_is_followed_by_another),
		cmocka_unit_test(time_does_not_go_back_and_a_wrong_clock_stops_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
