/* Views: counts of people are rounded, years and places are not; who may read which. And an account's own keys. */
#include "registry/town.h"

static enum error
rows_of(struct town *t, const struct actor *actor, const char *name, const char **ret_rows)
{
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct db *db = NULL;

	must(registry_reader(t->f->registry, &db));
	enum error e = read_view(t->f->registry, db, t->f->arena, actor, pack_view(t->f->pack, name), t->f->now, &json);

	*ret_rows = arena_text(t->f->arena, out.text);
	strbuf_done(&out);
	db_close(db);
	return e;
}

static void
add_stays(struct town *t, int count)
{
	for (int i = 0; i < count; i++) {
		int64_t guest = town_person(t, "Қонақ", "1890-01-01");

		ok_act(t->f, &t->console, "stay", "carry_over", 0,
		       text(t->f,
			    "{\"guest\":\"%s\",\"dwelling\":\"%s\",\"host\":\"%s\",\"purpose\":\"tenancy\",\"arrived\":"
			    "\"2026-10-01\","
			    "\"leaves\":\"2027-03-01\",\"declared_on\":\"2026-10-02\"}",
			    ref(t->f, "person", guest), ref(t->f, "dwelling", t->flat), ref(t->f, "person", t->host)));
	}
}

static void
counts_of_people_are_rounded_to_ten_and_years_are_not(void **state)
{
	struct town t = town_open();
	struct actor statistician = actor_with(t.f, 91, 0, "statistician", NULL, 0);
	const char *rows = NULL;

	add_stays(&t, 4);
	must(rows_of(&t, &statistician, "stays_by_year", &rows));
	assert_non_null(strstr(rows, "\"rows\":[]"));
	add_stays(&t, 10);
	must(rows_of(&t, &statistician, "stays_by_year", &rows));
	assert_non_null(strstr(rows, "[2026,\"tenancy\",10]"));
	add_stays(&t, 1);
	must(rows_of(&t, &statistician, "stays_by_year", &rows));
	assert_non_null(strstr(rows, "[2026,\"tenancy\",20]"));
	fixture_close(t.f);
}

/* What shows the present day could be watched until a rounded count jumps: just then somebody came or left. */
static void
no_view_of_people_as_of_now_is_open_to_all(void **state)
{
	struct town t = town_open();
	struct actor nobody = { .language = LANGUAGE_EN };
	size_t live = 0;

	for (size_t i = 0; i < t.f->pack->view_count; i++) {
		const struct view *view = &t.f->pack->views[i];
		const char *rows = NULL;

		if (view->monthly || view->audit || !t.f->registry->view_rounded[i])
			continue;
		live++;
		assert_int_equal(rows_of(&t, &nobody, view->name, &rows), ERR_FORBIDDEN);
		assert_int_equal(rows_of(&t, &t.clerk, view->name, &rows), ERR_FORBIDDEN);
	}
	assert_true(live > 0);
	fixture_close(t.f);
}

static void
the_same_key_of_another_account_is_another_key(void **state)
{
	struct town t = town_open();
	struct act *host =
		make_act(t.f, &t.host_actor, "stay", "declare", 0, town_stay(&t, t.guest, "2026-10-20", "2027-04-20"));
	struct act *other =
		make_act(t.f, &t.stranger, "stay", "declare", 0, town_stay(&t, t.guest, "2026-10-20", "2027-04-20"));

	host->idempotency_key = other->idempotency_key = "key-00000001";
	must(act_run(host));
	assert_int_equal(act_run(other), ERR_FORBIDDEN);
	assert_false(other->replayed);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_idempotency"), 1);
	fixture_close(t.f);
}

static void
a_refusal_by_law_is_answered_again_and_a_fault_of_input_is_not(void **state)
{
	struct town t = town_open();
	int64_t entries = 0;

	for (int i = 0; i < 2; i++) {
		struct act *act = make_act(t.f, &t.host_actor, "stay", "declare", 0,
					   town_stay(&t, t.guest, "2026-10-20", "2028-04-20"));

		act->idempotency_key = "key-00000002";
		assert_int_equal(act_run(act), ERR_REFUSED);
		assert_int_equal(act->replayed, i == 1);
		assert_true(i == 0 || count_of(t.f, "SELECT count(*) FROM ledger_entry") == entries);
		entries = count_of(t.f, "SELECT count(*) FROM ledger_entry");
	}
	fixture_close(t.f);
}

static void
naming_people_is_limited_and_dry_runs_count(void **state)
{
	struct town t = town_open();
	enum error e = ERR_BAD_INPUT;
	int asked = 0;
	char printed[16];

	for (int i = 0; e == ERR_BAD_INPUT && i < 20000; i++) {
		int64_t iin = iin_complete(INT64_C(910101100000) + 10 * (int64_t)i);

		if (iin < 0)
			continue;
		struct act *act = make_act(t.f, &t.stranger, "stay", "declare", 0,
					   text(t.f,
						"{\"guest\":{\"iin\":\"%s\",\"family_name\":\"Нақты\"},\"dwelling\":\"%"
						"s\",\"host\":\"%s\","
						"\"arrived\":\"2026-10-20\",\"leaves\":\"2027-04-20\"}",
						iin_print(iin, printed), ref(t.f, "dwelling", t.flat),
						ref(t.f, "person", t.host)));

		must(act->result);
		act->job.dry_run = true;
		e = act_run(act);
		asked++;
	}
	assert_int_equal(e, ERR_LIMITED);
	assert_int_equal(asked, 501);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_of_people_are_rounded_to_ten_and_years_are_not),
		cmocka_unit_test(no_view_of_people_as_of_now_is_open_to_all),
		cmocka_unit_test(the_same_key_of_another_account_is_another_key),
		cmocka_unit_test(a_refusal_by_law_is_answered_again_and_a_fault_of_input_is_not),
		cmocka_unit_test(naming_people_is_limited_and_dry_runs_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
