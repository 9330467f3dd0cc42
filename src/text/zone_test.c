#include "text/zone.h"
#include "base/day.h"
#include "base/testing.h"

static int64_t
at(const char *instant)
{
	int64_t ms = 0;

	assert_int_equal(instant_parse(instant, strlen(instant), &ms), OK);
	return ms;
}

static int64_t
on(const char *text)
{
	int64_t day = 0;

	assert_int_equal(day_parse(text, 10, false, &day), OK);
	return day;
}

static void
assert_begins(const char *name, const char *day, const char *instant)
{
	AUTO(zone_free) struct zone *zone = NULL;

	assert_int_equal(zone_open(name, &zone), OK);
	assert_int_equal(zone_day_begins(zone, on(day)), at(instant));
}

static void
almaty_moved_to_five_hours_on_the_first_of_march_2024(void **state)
{
	AUTO(zone_free) struct zone *zone = NULL;

	assert_int_equal(zone_open("Asia/Almaty", &zone), OK);
	assert_int_equal(zone_offset_minutes(zone, at("2024-02-29T12:00:00Z")), 360);
	assert_int_equal(zone_offset_minutes(zone, at("2026-11-21T12:00:00Z")), 300);
	assert_int_equal(zone_offset_minutes(zone, at("2099-07-01T12:00:00Z")), 300);
	assert_int_equal(zone_day(zone, at("2026-11-21T18:59:59.999Z")), on("2026-11-21"));
	assert_int_equal(zone_day(zone, at("2026-11-21T19:00:00Z")), on("2026-11-22"));
	assert_int_equal(zone_day_begins(zone, on("2026-11-22")), at("2026-11-21T19:00:00Z"));
	/* The hour from 23:00 came twice: 1 March begins when it is over for good. */
	assert_int_equal(zone_day_begins(zone, on("2024-02-29")), at("2024-02-28T18:00:00Z"));
	assert_int_equal(zone_day_begins(zone, on("2024-03-01")), at("2024-02-29T19:00:00Z"));
}

static void
a_day_begins_late_where_midnight_was_left_out(void **state)
{
	assert_begins("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z");
	assert_begins("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z");
	assert_begins("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z");
	/* Samoa had no 30 December 2011. */
	assert_begins("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z");
	assert_begins("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z");
}

static void
the_rule_of_a_zone_holds_to_2100_and_in_the_south(void **state)
{
	AUTO(zone_free) struct zone *berlin = NULL;
	AUTO(zone_free) struct zone *sydney = NULL;

	assert_int_equal(zone_open("Europe/Berlin", &berlin), OK);
	assert_int_equal(zone_open("Australia/Sydney", &sydney), OK);
	for (int year = 2030; year <= 2099; year++) {
		int64_t january = day_from_civil(year, 1, 15) * DAY_MS;
		int64_t july = day_from_civil(year, 7, 15) * DAY_MS;

		assert_int_equal(zone_offset_minutes(berlin, january), 60);
		assert_int_equal(zone_offset_minutes(berlin, july), 120);
		assert_int_equal(zone_offset_minutes(sydney, january), 660);
		assert_int_equal(zone_offset_minutes(sydney, july), 600);
	}
	/* The last Sunday of March 2050 is the 27th. */
	assert_int_equal(zone_offset_minutes(berlin, at("2050-03-27T00:59:59Z")), 60);
	assert_int_equal(zone_offset_minutes(berlin, at("2050-03-27T01:00:00Z")), 120);
}

static void
every_day_begins_where_the_day_before_it_ends(void **state)
{
	static const char *const names[] = { "Asia/Almaty", "Asia/Qyzylorda", "Europe/Berlin",   "America/Sao_Paulo",
					     "UTC",         "Asia/Tehran",    "America/St_Johns" };

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		AUTO(zone_free) struct zone *zone = NULL;

		assert_int_equal(zone_open(names[i], &zone), OK);
		for (int64_t day = on("1950-01-01"); day < on("2060-01-01"); day++) {
			int64_t begins = zone_day_begins(zone, day);

			assert_int_equal(zone_day(zone, begins), day);
			assert_true(zone_day(zone, begins - 1) < day);
			assert_true(begins < zone_day_begins(zone, day + 1));
		}
	}
}

static void
the_edges_of_time_do_no_harm(void **state)
{
	AUTO(zone_free) struct zone *zone = NULL;

	assert_int_equal(zone_open("Asia/Almaty", &zone), OK);
	assert_int_equal(zone_day(zone, zone_day_begins(zone, DAY_FIRST)), DAY_FIRST);
	assert_int_equal(zone_day(zone, zone_day_begins(zone, DAY_LAST)), DAY_LAST);
	assert_int_equal(zone_day(zone, zone_day_begins(zone, DAY_AFTER_ALL)), DAY_AFTER_ALL);
	assert_int_equal(zone_day(zone, zone_day_begins(zone, DAY_BEFORE_ALL)), DAY_BEFORE_ALL);
}

static void
a_name_that_is_no_zone_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "Asia/Nowhere",
					     "../../../etc/passwd",
					     "/etc/localtime",
					     "Asia",
					     "tzdata.zi",
					     "Asia/Almaty ",
					     "zone.tab",
					     "Asia/../UTC",
					     "Asia/Алматы" };
	struct zone *zone = NULL;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(zone_open(wrong[i], &zone), ERR_BAD_INPUT);
	assert_null(zone);
	zone_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(almaty_moved_to_five_hours_on_the_first_of_march_2024),
		cmocka_unit_test(a_day_begins_late_where_midnight_was_left_out),
		cmocka_unit_test(the_rule_of_a_zone_holds_to_2100_and_in_the_south),
		cmocka_unit_test(every_day_begins_where_the_day_before_it_ends),
		cmocka_unit_test(the_edges_of_time_do_no_harm),
		cmocka_unit_test(a_name_that_is_no_zone_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
