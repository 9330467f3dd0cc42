/* Time at work: what is due runs in order and at its own time, however long the clock stood. */
#include "registry/town.h"

static int64_t
day_number(const char *text)
{
	int64_t day = 0;

	must(day_parse(text, strlen(text), false, &day));
	return day;
}

static void
a_standstill_is_caught_up_in_order_each_at_its_own_time(void **state)
{
	struct town t = town_open();
	int64_t stays[3];

	pass_days(t.f, 0);
	for (int i = 0; i < 3; i++) {
		int64_t guest = town_person(&t, "Қонақ", "1890-01-01");

		stays[i] = ok_act(t.f, &t.host_actor, "stay", "declare", 0,
				  town_stay(&t, guest, "2026-10-20",
					    (const char *[]){ "2026-11-20", "2026-10-30", "2026-11-05" }[i]));
	}
	pass_days(t.f, 60);
	/* The one that ended first changed first: its entry stands before the others' and says when. */
	assert_int_equal(count_of(t.f, text(t.f, "SELECT ran_out FROM stay WHERE id = %lld", (long long)stays[1])),
			 day_number("2026-10-31"));
	for (int i = 0; i < 3; i++) {
		int64_t at =
			count_of(t.f, text(t.f, "SELECT changed_at FROM stay WHERE id = %lld", (long long)stays[i]));
		int64_t day = count_of(t.f, text(t.f, "SELECT ran_out FROM stay WHERE id = %lld", (long long)stays[i]));

		assert_int_equal(registry_today(t.f->registry, at), day);
	}
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM stay WHERE state = 'expired'"), 3);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_clock WHERE due_at < 1793000000000"), 0);
	fixture_close(t.f);
}

static void
an_action_whose_time_moved_runs_at_the_new_time_only(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);

	town_confirm(&t, stay);
	pass_days(t.f, 1);
	ok_act(t.f, &t.host_actor, "stay", "extend", stay, "{\"leaves\":\"2027-05-20\"}");
	must(answer(t.f, &t.owner_actor, ACT_AGREE, "stay", stay));
	pass_days(t.f, 180);
	assert_string_equal(state_of(t.f, "stay", stay), "confirmed");
	pass_days(t.f, 30);
	assert_string_equal(state_of(t.f, "stay", stay), "expired");
	assert_int_equal(count_of(t.f, "SELECT ran_out FROM stay"), day_number("2027-05-21"));
	fixture_close(t.f);
}

static void
a_correction_moves_the_time_too(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);
	struct act *act = make_act(t.f, &t.clerk, "stay", "correct", stay,
				   "{\"leaves\":\"2026-11-10\",\"correct_reason\":\"slip\"}");

	must(act->result);
	act->if_match = 1;
	must(act_run(act));
	pass_days(t.f, 20);
	assert_string_equal(state_of(t.f, "stay", stay), "expired");
	fixture_close(t.f);
}

static int64_t
runs_of(struct fixture *f)
{
	return count_of(f, "SELECT count(*) FROM permit_past WHERE state = 'warned'");
}

/* No pack of the tree has such an action: this makes one of the permit's suspension, by leaving it where it is. */
static void
an_action_that_leaves_the_record_where_it_is_runs_once_for_its_time(void **state)
{
	struct fixture *f = fixture_open("tests/packs/examples");
	struct actor console;
	char printed[16];
	uint64_t runs = 0;

	actor_console(&console);
	const struct action *suspend = reg_action(pack_reg(f->pack, "permit"), "suspend");

	((struct action *)(uintptr_t)suspend)->to = NULL;
	int64_t person = ok_act(
		f, &console, "person", "register", 0,
		text(f,
		     "{\"iin\":\"%s\",\"family_name\":\"Omarov\",\"given_name\":\"A\",\"birth_day\":\"1890-01-01\","
		     "\"language\":\"en\"}",
		     iin_print(iin_complete(INT64_C(900101100010)), printed)));
	int64_t permit = ok_act(f, &console, "permit", "apply", 0,
				text(f, "{\"owner\":\"%s\",\"category\":\"smooth\"}", ref(f, "person", person)));

	ok_act(f, &console, "permit", "grant", permit, "{}");
	ok_act(f, &console, "permit", "warn", permit, "{\"reason\":\"no safe\"}");
	for (int i = 0; i < 3; i++) {
		struct act *act = make_act(f, &console, "permit", "correct", permit,
					   text(f, "{\"reason\":\"no safe %d\",\"correct_reason\":\"x\"}", i));

		must(act->result);
		must(act_run(act));
	}
	int64_t before = runs_of(f);

	f->now += INT64_C(40) * DAY_MS;
	must(clock_run(f->registry, f->now, &runs));
	assert_int_equal(runs, 1);
	assert_int_equal(runs_of(f), before + 1);
	must(clock_run(f->registry, f->now + DAY_MS, &runs));
	assert_int_equal(runs, 0);
	fixture_close(f);
}

static void
what_fails_by_itself_does_not_hold_up_the_rest(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);
	struct db *db = NULL;
	uint64_t runs = 0;

	/* A table is gone: what is due for a record of it cannot be run. */
	int64_t firm = town_firm(&t, "Қонақүй", "small");
	int64_t broken = ok_act(t.f, &t.clerk, "mandate", "give", 0,
				text(t.f, "{\"giver\":\"%s\",\"holder\":\"%s\"}", ref(t.f, "organisation", firm),
				     ref(t.f, "person", t.host)));

	registry_close(t.f->registry);
	must(db_open(t.f->path, DB_WRITE, &db));
	must(db_execute(db, text(t.f,
				 "INSERT INTO sys_clock (id, due_at, reg, record, action) VALUES (900000, 300000000, "
				 "%u, %lld, 'run_out')",
				 pack_reg(t.f->pack, "mandate")->code, (long long)broken)));
	must(db_execute(db, "ALTER TABLE mandate_past RENAME TO mandate_gone"));
	must(db_execute(db, "UPDATE mandate SET state = 'active', until = 1"));
	db_close(db);
	fixture_connect(t.f);
	t.f->now += INT64_C(200) * DAY_MS;
	must(clock_run(t.f->registry, t.f->now, &runs));
	assert_string_equal(state_of(t.f, "stay", stay), "expired");
	assert_true(t.f->registry->clock_dropped > 0);
	assert_int_equal(
		count_of(t.f, text(t.f, "SELECT count(*) FROM sys_clock WHERE due_at > %lld", (long long)t.f->now)), 1);
	fixture_close(t.f);
}

static void
the_next_time_is_known_as_soon_as_an_act_sets_it(void **state)
{
	struct town t = town_open();

	pass_days(t.f, 0);
	int64_t border = clock_next(t.f->registry, t.f->now);

	assert_int_equal(border,
			 zone_day_begins(registry_zone(t.f->registry), registry_today(t.f->registry, t.f->now) + 1));
	town_declare(&t);
	assert_int_equal(clock_next(t.f->registry, t.f->now), border);
	pass_days(t.f, 9);
	assert_true(clock_next(t.f->registry, t.f->now) <= t.f->now + DAY_MS);
	fixture_close(t.f);
}

static void
a_demo_clock_moves_forward_only(void **state)
{
	struct town t = town_open();
	uint64_t runs = 0;
	int64_t now = registry_now(t.f->registry);

	assert_int_equal(clock_move(t.f->registry, now - DAY_MS, &runs), ERR_BAD_INPUT);
	must(clock_move(t.f->registry, now + 5 * (int64_t)DAY_MS, &runs));
	assert_true(registry_now(t.f->registry) >= now + 5 * (int64_t)DAY_MS);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_standstill_is_caught_up_in_order_each_at_its_own_time),
		cmocka_unit_test(an_action_whose_time_moved_runs_at_the_new_time_only),
		cmocka_unit_test(a_correction_moves_the_time_too),
		cmocka_unit_test(an_action_that_leaves_the_record_where_it_is_runs_once_for_its_time),
		cmocka_unit_test(what_fails_by_itself_does_not_hold_up_the_rest),
		cmocka_unit_test(the_next_time_is_known_as_soon_as_an_act_sets_it),
		cmocka_unit_test(a_demo_clock_moves_forward_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
