/* Months are counted when they are over, as the world then is, rounded cell by cell, once and for ever. */
#include "registry/clock.h"
#include "registry/statistic.h"
#include "registry/town.h"

static const struct actor nobody = { .language = LANGUAGE_EN };

static void
add_stays(struct town *t, int count, const char *declared_on)
{
	for (int i = 0; i < count; i++) {
		int64_t guest = town_person(t, "Қонақ", "1890-01-01");

		ok_act(t->f, &t->console, "stay", "carry_over", 0,
		       text(t->f,
			    "{\"guest\":\"%s\",\"dwelling\":\"%s\",\"host\":\"%s\",\"purpose\":\"tenancy\","
			    "\"arrived\":\"%s\",\"leaves\":\"2027-08-01\",\"declared_on\":\"%s\"}",
			    ref(t->f, "person", guest), ref(t->f, "dwelling", t->flat), ref(t->f, "person", t->host),
			    declared_on, declared_on));
	}
}

static void
run_clock(struct town *t, const char *day)
{
	int64_t to = 0;
	uint64_t runs = 0;

	must(day_parse(day, strlen(day), false, &to));
	t->f->now = zone_day_begins(registry_zone(t->f->registry), to) + 3600000;
	must(clock_run(t->f->registry, t->f->now, &runs));
}

static enum error
load(struct town *t, const struct actor *actor, const char *name, const char *month, struct statistic *statistic)
{
	struct db *db = NULL;
	int64_t day = DAY_NONE;

	if (month != NULL)
		must(statistic_month_parse(month, &day));
	must(registry_reader(t->f->registry, &db));
	enum error e = statistic_load(t->f->registry, db, t->f->arena, actor, name, day, statistic);

	db_close(db);
	return e;
}

static const char *
json_of(struct town *t, const char *name, const char *month)
{
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct statistic statistic;

	must(load(t, &nobody, name, month, &statistic));
	statistic_print(t->f->registry, t->f->arena, &statistic, LANGUAGE_EN, &json);
	const char *copy = arena_text(t->f->arena, out.text);

	strbuf_done(&out);
	return copy;
}

static const char *
csv_of(struct town *t, const char *name, const char *month)
{
	struct strbuf out = { 0 };
	struct statistic statistic;

	must(load(t, &nobody, name, month, &statistic));
	statistic_print_csv(t->f->registry, t->f->arena, &statistic, LANGUAGE_RU, &out);
	const char *copy = arena_text(t->f->arena, out.text == NULL ? "" : out.text);

	strbuf_done(&out);
	return copy;
}

static const char *
list_of(struct town *t, const struct actor *actor)
{
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct db *db = NULL;

	must(registry_reader(t->f->registry, &db));
	must(statistic_list(t->f->registry, db, t->f->arena, actor, &json));
	db_close(db);
	const char *copy = arena_text(t->f->arena, out.text);

	strbuf_done(&out);
	return copy;
}

static void
a_month_is_counted_when_it_is_over_and_rounded(void **state)
{
	struct town t = town_open();

	run_clock(&t, "2026-11-21");
	add_stays(&t, 14, "2026-11-10");
	assert_non_null(strstr(json_of(&t, "stays_registered", NULL), "\"month\":null"));
	run_clock(&t, "2026-11-30");
	assert_non_null(strstr(json_of(&t, "stays_registered", NULL), "\"month\":null"));
	run_clock(&t, "2026-12-01");
	const char *made = json_of(&t, "stays_registered", NULL);

	assert_non_null(strstr(made, "\"month\":\"2026-11\""));
	assert_non_null(strstr(made, "{\"name\":\"stays\",\"title\":\"Stays\",\"kind\":\"count\"}"));
	assert_non_null(strstr(made, "\"rows\":[[{\"code\":\"750000000\",\"name\":\""));
	assert_non_null(strstr(made, "{\"code\":\"tenancy\",\"name\":\"tenancy\"},10]]"));
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_statistic WHERE body LIKE '%14%'"), 0);
	fixture_close(t.f);
}

/* An empty count, as a sum over no row is, tells as little as a small one. */
static void
a_row_tells_something_when_a_count_stays_after_rounding(void **state)
{
	static const char *const keys[] = { "year" };
	static const struct view view = { .keys = keys, .key_count = ARRAY_COUNT(keys) };
	static const struct {
		const char *row;
		bool tells_nothing;
	} rows[] = {
		{ "SELECT 2026 AS year, 4 AS people", true },
		{ "SELECT 2026 AS year, NULL AS people", true },
		{ "SELECT 2026 AS year, NULL AS people, 5 AS births", false },
		{ "SELECT 75 AS place, 'a' AS kind, 3 AS people, 0 AS births", true },
		{ "SELECT 2026 AS year, 'a' AS kind", false }, /* counts nobody */
	};
	struct db *db = NULL;

	must(db_open(NULL, DB_MEMORY, &db));
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		AUTO(arena_free) struct arena *arena = arena_new();
		AUTO(query_free) struct query *row = db_query(db, rows[i].row);

		must(query_step(row));
		assert_int_equal(statistic_tells_nothing(&view, NULL, 0, row, arena), rows[i].tells_nothing);
	}
	db_close(db);
}

static void
fewer_than_five_leave_no_row(void **state)
{
	struct town t = town_open();

	run_clock(&t, "2026-11-21");
	add_stays(&t, 4, "2026-10-10");
	must(statistic_fill(t.f->registry, 2, t.f->now));
	assert_non_null(strstr(json_of(&t, "stays_registered", "2026-10"), "\"rows\":[]"));
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_statistic WHERE body LIKE '%750000000%'"), 0);
	fixture_close(t.f);
}

static void
what_comes_later_changes_no_month(void **state)
{
	struct town t = town_open();

	run_clock(&t, "2026-11-21");
	add_stays(&t, 5, "2026-11-10");
	run_clock(&t, "2026-12-02");
	assert_non_null(strstr(json_of(&t, "stays_registered", "2026-11"), ",10]]"));
	add_stays(&t, 20, "2026-11-10");
	run_clock(&t, "2026-12-03");
	must(statistic_fill(t.f->registry, 3, t.f->now));
	assert_non_null(strstr(json_of(&t, "stays_registered", "2026-11"), ",10]]"));
	fixture_close(t.f);
}

static void
after_a_standstill_each_month_is_made_in_order(void **state)
{
	struct town t = town_open();
	struct statistic statistic;

	run_clock(&t, "2026-11-21");
	add_stays(&t, 10, "2026-11-10");
	run_clock(&t, "2027-02-15");
	assert_non_null(strstr(json_of(&t, "stays_registered", "2026-11"), ",10]]"));
	assert_non_null(strstr(json_of(&t, "stays_registered", "2026-12"), "\"rows\":[]"));
	assert_non_null(strstr(json_of(&t, "stays_registered", NULL), "\"month\":\"2027-01\""));
	assert_int_equal(load(&t, &nobody, "stays_registered", "2027-02", &statistic), ERR_NOT_FOUND);
	assert_int_equal(load(&t, &nobody, "stays_registered", "2026-10", &statistic), ERR_NOT_FOUND);
	assert_non_null(strstr(list_of(&t, &nobody), "\"months\":[\"2027-01\",\"2026-12\",\"2026-11\"]"));
	fixture_close(t.f);
}

static void
the_time_before_the_store_is_told_by_the_days_of_its_records(void **state)
{
	struct town t = town_open();
	struct statistic statistic;

	run_clock(&t, "2026-11-21");
	add_stays(&t, 9, "2026-09-30");
	add_stays(&t, 31, "2026-08-01");
	must(statistic_fill(t.f->registry, 3, t.f->now));
	assert_non_null(strstr(json_of(&t, "stays_registered", "2026-10"), "\"rows\":[]"));
	assert_non_null(strstr(json_of(&t, "stays_registered", "2026-09"), ",10]]"));
	assert_non_null(strstr(json_of(&t, "stays_registered", "2026-08"), ",30]]"));
	assert_int_equal(load(&t, &nobody, "stays_registered", "2026-07", &statistic), ERR_NOT_FOUND);
	fixture_close(t.f);
}

static void
csv_has_codes_names_and_no_formulas(void **state)
{
	struct town t = town_open();

	run_clock(&t, "2026-11-21");
	add_stays(&t, 12, "2026-10-10");
	must(statistic_fill(t.f->registry, 1, t.f->now));
	assert_string_equal(csv_of(&t, "stays_registered", "2026-10"),
			    "month,place,place_name,purpose,purpose_name,stays\r\n"
			    "2026-10,750000000,г.Алматы,tenancy,наём,10\r\n");
	fixture_close(t.f);
}

static void
other_statistics_are_for_those_who_have_the_ability(void **state)
{
	struct town t = town_open();
	struct actor statistician = nobody, resident = t.stranger;
	struct held_role role = { .role = pack_role(t.f->pack, "statistician") };
	struct statistic statistic;

	statistician.account = 77;
	statistician.roles[0] = role;
	statistician.role_count = 1;
	run_clock(&t, "2026-11-21");
	must(statistic_fill(t.f->registry, 1, t.f->now));
	assert_int_equal(load(&t, &nobody, "registered_late", NULL, &statistic), ERR_SIGN_IN);
	assert_int_equal(load(&t, &resident, "registered_late", NULL, &statistic), ERR_FORBIDDEN);
	assert_int_equal(load(&t, &statistician, "registered_late", NULL, &statistic), OK);
	assert_int_equal(load(&t, &statistician, "stays_by_year", NULL, &statistic), ERR_NOT_FOUND);
	assert_null(strstr(list_of(&t, &nobody), "registered_late"));
	assert_non_null(strstr(list_of(&t, &statistician), "registered_late"));
	fixture_close(t.f);
}

static void
counts_go_to_the_nearest_ten(void **state)
{
	static const int64_t cases[][2] = { { 0, 0 },   { 4, 0 },     { 5, 10 },    { 14, 10 },
					    { 15, 20 }, { 994, 990 }, { -14, -10 }, { -5, -10 } };

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_int_equal(statistic_round(cases[i][0]), cases[i][1]);
}

static void
a_month_is_written_as_year_and_month(void **state)
{
	static const char *const wrong[] = { "", "2026", "2026-13", "2026-1", "2026-10-01", "10-2026", "2026-1a" };
	char text[MONTH_TEXT_BYTES];
	int64_t month = 0;

	must(statistic_month_parse("2026-02", &month));
	assert_int_equal(month, day_from_civil(2026, 2, 1));
	assert_string_equal(statistic_month_print(month, text), "2026-02");
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(statistic_month_parse(wrong[i], &month), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_month_is_counted_when_it_is_over_and_rounded),
		cmocka_unit_test(a_row_tells_something_when_a_count_stays_after_rounding),
		cmocka_unit_test(fewer_than_five_leave_no_row),
		cmocka_unit_test(what_comes_later_changes_no_month),
		cmocka_unit_test(after_a_standstill_each_month_is_made_in_order),
		cmocka_unit_test(the_time_before_the_store_is_told_by_the_days_of_its_records),
		cmocka_unit_test(csv_has_codes_names_and_no_formulas),
		cmocka_unit_test(other_statistics_are_for_those_who_have_the_ability),
		cmocka_unit_test(counts_go_to_the_nearest_ten),
		cmocka_unit_test(a_month_is_written_as_year_and_month),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
