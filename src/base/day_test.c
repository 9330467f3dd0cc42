#include "base/day.h"
#include "base/testing.h"

static int64_t
day(const char *text)
{
	int64_t parsed = 0;

	assert_int_equal(day_parse(text, strlen(text), true, &parsed), OK);
	return parsed;
}

static void
days_count_from_1970(void **state)
{
	assert_int_equal(day("1970-01-01"), 0);
	assert_int_equal(day("1969-12-31"), -1);
	assert_int_equal(day("2000-03-01"), 11017);
	assert_int_equal(day("0001-01-01"), DAY_FIRST);
	assert_int_equal(day("9999-12-31"), DAY_LAST);
	assert_int_equal(day("21.11.2026"), day("2026-11-21"));
}

/* The slow twin: a calendar that is turned page by page. */
static void
every_day_of_ten_thousand_years_follows_the_one_before(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	struct civil page = { 1, 1, 1 };
	int weekday = 1;

	for (int64_t d = DAY_FIRST; d <= DAY_LAST; d++) {
		struct civil c = day_civil(d);
		bool leap = page.year % 4 == 0 && (page.year % 100 != 0 || page.year % 400 == 0);

		assert_true(c.year == page.year && c.month == page.month && c.day == page.day);
		assert_true(day_from_civil(c.year, c.month, c.day) == d);
		assert_true(day_weekday(d) == weekday);
		weekday = weekday % 7 + 1;
		page.day++;
		if (page.day > lengths[page.month - 1] + (leap && page.month == 2)) {
			page.day = 1;
			page.month++;
		}
		if (page.month > 12) {
			page.month = 1;
			page.year++;
		}
	}
}

static void
what_is_no_day_is_refused(void **state)
{
	static const char *const wrong[] = { "",           "2025-02-29", "2025-13-01", "2025-00-01",
					     "2025-01-00", "2025-01-32", "2025-1-1",   "2025/01/01",
					     "20250101",   "0000-01-01", "29.02.2025", "2025-01-01 ",
					     "-025-01-01", "1900-02-29", "2025-04-31", "01-01-2025" };
	int64_t parsed = 0;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(day_parse(wrong[i], strlen(wrong[i]), true, &parsed), ERR_BAD_INPUT);
	assert_int_equal(day_parse("21.11.2026", 10, false, &parsed), ERR_BAD_INPUT);
	assert_int_equal(day_from_civil(2025, 2, 29), DAY_NONE);
	assert_int_equal(day_from_civil(2025, 0, 1), DAY_NONE);
}

static void
months_are_added_by_the_calendar(void **state)
{
	assert_int_equal(day_add_months(day("2026-01-31"), 1), day("2026-02-28"));
	assert_int_equal(day_add_months(day("2024-01-31"), 1), day("2024-02-29"));
	assert_int_equal(day_add_months(day("2026-11-21"), 12), day("2027-11-21"));
	assert_int_equal(day_add_months(day("2026-01-15"), -1), day("2025-12-15"));
	assert_int_equal(day_add_months(day("2024-02-29"), 12), day("2025-02-28"));
	assert_int_equal(day_add_months(day("2026-03-31"), -13), day("2025-02-28"));
	assert_int_equal(day_add_months(day("2026-12-31"), 0), day("2026-12-31"));
	for (int64_t months = -30000; months < 30000; months += 7) {
		struct civil c = day_civil(day_add_months(day("2026-11-21"), months));

		assert_int_equal((int64_t)c.year * 12 + c.month, INT64_C(2026) * 12 + 11 + months);
		assert_int_equal(c.day, 21);
	}
}

static void
age_changes_on_the_birthday(void **state)
{
	assert_int_equal(day_age(day("2005-06-15"), day("2026-06-14")), 20);
	assert_int_equal(day_age(day("2005-06-15"), day("2026-06-15")), 21);
	assert_int_equal(day_age(day("2004-02-29"), day("2025-02-28")), 20);
	assert_int_equal(day_age(day("2004-02-29"), day("2025-03-01")), 21);
	assert_int_equal(day_age(day("2004-02-29"), day("2024-02-29")), 20);
	assert_int_equal(day_age(day("2026-01-01"), day("2026-01-01")), 0);
}

static int64_t
instant(const char *text)
{
	int64_t ms = 0;

	assert_int_equal(instant_parse(text, strlen(text), &ms), OK);
	return ms;
}

static void
instants_are_read_with_their_offset(void **state)
{
	assert_int_equal(instant("1970-01-01T00:00:00Z"), 0);
	assert_int_equal(instant("1970-01-01t05:00:00+05:00"), 0);
	assert_int_equal(instant("1969-12-31T20:30:00-03:30"), 0);
	assert_int_equal(instant("1970-01-01T00:00:00.5Z"), 500);
	assert_int_equal(instant("1970-01-01T00:00:00.123999Z"), 123);
	assert_int_equal(instant("1969-12-31T23:59:59.999z"), -1);
	assert_int_equal(instant("2026-11-21T20:54:00-00:00"), instant("2026-11-21T20:54:00Z"));
}

static void
what_is_no_instant_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "2026-11-21",
					     "2026-11-21T20:54:00",
					     "2026-11-21T24:00:00Z",
					     "2026-11-21T20:60:00Z",
					     "2026-11-21T20:54:60Z",
					     "2026-11-21T20:54:00.Z",
					     "2026-11-21T20:54:00.1",
					     "2026-11-21T20:54:00+5:00",
					     "2026-11-21T20:54:00+0500",
					     "2026-11-21T20:54:00+24:00",
					     "2026-11-21T20:54:00+05:60",
					     "2026-11-21T20:54:00Zx",
					     "2026-11-21 20:54:00Z",
					     "2026-02-30T20:54:00Z",
					     "2026-11-21T20:54Z" };
	int64_t ms = 0;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(instant_parse(wrong[i], strlen(wrong[i]), &ms), ERR_BAD_INPUT);
}

static void
what_is_printed_can_be_read(void **state)
{
	static const int offsets[] = { 0, 300, 360, -210, 345, 840 };
	char text[INSTANT_TEXT_BYTES];
	char date[DAY_TEXT_BYTES];

	assert_string_equal(instant_print(instant("2026-11-21T15:54:00Z"), 300, text), "2026-11-21T20:54:00.000+05:00");
	assert_string_equal(instant_print(-1, 0, text), "1969-12-31T23:59:59.999Z");
	for (int64_t ms = INT64_C(-60000000000000); ms < INT64_C(250000000000000); ms += INT64_C(987654321987)) {
		int offset = offsets[(ms / 1000 % 6 + 6) % 6];

		assert_int_equal(instant(instant_print(ms, offset, text)), ms);
	}
	for (int64_t d = DAY_FIRST; d <= DAY_LAST; d += 997)
		assert_int_equal(day(day_print(d, date)), d);
	assert_string_equal(day_print(DAY_BEFORE_ALL, date), "-");
	assert_string_equal(day_print(DAY_AFTER_ALL, date), "…");
}

static void
the_clocks_go_forward(void **state)
{
	int64_t before = monotonic_us();

	assert_true(instant_now() > instant("2020-01-01T00:00:00Z"));
	assert_true(monotonic_us() >= before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_count_from_1970),
		cmocka_unit_test(every_day_of_ten_thousand_years_follows_the_one_before),
		cmocka_unit_test(what_is_no_day_is_refused),
		cmocka_unit_test(months_are_added_by_the_calendar),
		cmocka_unit_test(age_changes_on_the_birthday),
		cmocka_unit_test(instants_are_read_with_their_offset),
		cmocka_unit_test(what_is_no_instant_is_refused),
		cmocka_unit_test(what_is_printed_can_be_read),
		cmocka_unit_test(the_clocks_go_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
