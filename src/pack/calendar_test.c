#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "pack/calendar.h"

#define ALWAYS .from = DAY_BEFORE_ALL, .until = DAY_AFTER_ALL
#define DAY(year, month, day) day_from_civil(year, month, day)

static struct arena *arena;

static int
open_arena(void **state)
{
	arena = arena_new();
	return 0;
}

static int
close_arena(void **state)
{
	arena_free(arena);
	return 0;
}

/* Weekends, New Year, Nauryz, 25 October from 2022, and a weekend moved by decision. */
static const struct calendar *
kazakh_calendar(void)
{
	const struct calendar_row rows[] = {
		{ .kind = CALENDAR_WEEKEND, .weekday = 6, ALWAYS },
		{ .kind = CALENDAR_WEEKEND, .weekday = 7, ALWAYS },
		{ .kind = CALENDAR_HOLIDAY_YEARLY, .month = 1, .day_of_month = 1, ALWAYS },
		{ .kind = CALENDAR_HOLIDAY_YEARLY, .month = 1, .day_of_month = 2, ALWAYS },
		{ .kind = CALENDAR_HOLIDAY_YEARLY, .month = 3, .day_of_month = 21, ALWAYS },
		{ .kind = CALENDAR_HOLIDAY_YEARLY, .month = 3, .day_of_month = 22, ALWAYS },
		{ .kind = CALENDAR_HOLIDAY_YEARLY, .month = 3, .day_of_month = 23, ALWAYS },
		{ .kind = CALENDAR_HOLIDAY_YEARLY,
		  .month = 10,
		  .day_of_month = 25,
		  .from = DAY(2022, 9, 1),
		  .until = DAY_AFTER_ALL },
		{ .kind = CALENDAR_HOLIDAY, .day = DAY(2026, 1, 5), ALWAYS },
		{ .kind = CALENDAR_WORKDAY, .day = DAY(2026, 1, 10), ALWAYS },
	};

	return calendar_new(arena, rows, ARRAY_COUNT(rows));
}

static void
without_rows_every_day_is_worked(void **state)
{
	const struct calendar *calendar = calendar_new(arena, NULL, 0);

	assert_int_equal(calendar_add_workdays(calendar, DAY(2026, 11, 21), 3), DAY(2026, 11, 24));
	assert_true(calendar_is_workday(calendar, DAY(1700, 1, 1)));
}

static void
weekends_and_holidays_are_stepped_over(void **state)
{
	const struct calendar *calendar = kazakh_calendar();

	/* A Friday; Saturday and Sunday do not count. */
	assert_int_equal(calendar_add_workdays(calendar, DAY(2026, 11, 20), 1), DAY(2026, 11, 23));
	/* 20 March 2026 is a Friday; the weekend and Nauryz follow. */
	assert_int_equal(calendar_add_workdays(calendar, DAY(2026, 3, 20), 1), DAY(2026, 3, 24));
	assert_int_equal(calendar_add_workdays(calendar, DAY(2026, 3, 24), -1), DAY(2026, 3, 20));
}

static void
zero_workdays_is_the_day_itself_even_on_a_sunday(void **state)
{
	assert_int_equal(calendar_add_workdays(kazakh_calendar(), DAY(2026, 11, 22), 0), DAY(2026, 11, 22));
}

static void
a_decision_moves_a_day_off(void **state)
{
	const struct calendar *calendar = kazakh_calendar();

	assert_false(calendar_is_workday(calendar, DAY(2026, 1, 5))); /* a Monday off */
	assert_true(calendar_is_workday(calendar, DAY(2026, 1, 10))); /* a Saturday worked */
	assert_int_equal(calendar_add_workdays(calendar, DAY(2026, 1, 2), 5), DAY(2026, 1, 10));
}

static void
a_holiday_counts_only_while_its_row_is_valid(void **state)
{
	const struct calendar *calendar = kazakh_calendar();

	assert_true(calendar_is_workday(calendar, DAY(2021, 10, 25)));
	assert_false(calendar_is_workday(calendar, DAY(2023, 10, 25)));
}

static void
days_beyond_the_kept_years_follow_the_same_rows(void **state)
{
	const struct calendar *calendar = kazakh_calendar();

	assert_false(calendar_is_workday(calendar, DAY(2300, 3, 21)));
	assert_false(calendar_is_workday(calendar, DAY(1850, 1, 1)));
	for (int64_t day = DAY(2199, 12, 20); day < DAY(2200, 1, 20); day++) {
		struct civil c = day_civil(day);
		bool off = day_weekday(day) >= 6 || (c.month == 1 && c.day <= 2);

		assert_int_equal(calendar_is_workday(calendar, day), !off);
	}
}

static void
a_calendar_without_working_days_ends_in_an_open_end(void **state)
{
	struct calendar_row rows[7];

	for (int i = 0; i < 7; i++)
		rows[i] = (struct calendar_row){ .kind = CALENDAR_WEEKEND, .weekday = i + 1, ALWAYS };
	const struct calendar *calendar = calendar_new(arena, rows, 7);

	assert_int_equal(calendar_add_workdays(calendar, DAY(2026, 1, 1), 1), DAY_AFTER_ALL);
	assert_int_equal(calendar_add_workdays(calendar, DAY(2026, 1, 1), -1), DAY_BEFORE_ALL);
	assert_int_equal(calendar_add_workdays(kazakh_calendar(), DAY(2026, 1, 1), INT64_MAX), DAY_AFTER_ALL);
	assert_int_equal(calendar_add_workdays(kazakh_calendar(), DAY(2026, 1, 1), INT64_MIN), DAY_BEFORE_ALL);
}

static void
going_there_and_back_returns_to_the_working_day(void **state)
{
	const struct calendar *calendar = kazakh_calendar();

	for (int64_t day = DAY(2025, 12, 1); day < DAY(2026, 4, 30); day++) {
		if (!calendar_is_workday(calendar, day))
			continue;
		for (int64_t count = 0; count < 40; count++) {
			int64_t there = calendar_add_workdays(calendar, day, count);

			assert_true(calendar_is_workday(calendar, there));
			assert_int_equal(calendar_add_workdays(calendar, there, -count), day);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rows_every_day_is_worked),
		cmocka_unit_test(weekends_and_holidays_are_stepped_over),
		cmocka_unit_test(zero_workdays_is_the_day_itself_even_on_a_sunday),
		cmocka_unit_test(a_decision_moves_a_day_off),
		cmocka_unit_test(a_holiday_counts_only_while_its_row_is_valid),
		cmocka_unit_test(days_beyond_the_kept_years_follow_the_same_rows),
		cmocka_unit_test(a_calendar_without_working_days_ends_in_an_open_end),
		cmocka_unit_test(going_there_and_back_returns_to_the_working_day),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
