/* The functions of the pack language (docs/pack.md) for SQLite. A NULL argument gives NULL; a day beyond
 * the years 1..9999 is an open end (DAY_BEFORE_ALL, DAY_AFTER_ALL) and stays one; what is no number, or an
 * instant where only a day makes sense, is an error of the statement, since a wrong deadline would be worse. */
#include "store/sqlite.h"
#include <string.h>
#include "base/day.h"
#include "pack/calendar.h"

/* Far beyond any deadline and far from where a day's arithmetic overflows. */
#define COUNT_LIMIT INT64_C(100000000)

static int64_t
within(int64_t number, int64_t low, int64_t high)
{
	return number < low ? low : number > high ? high : number;
}

static int64_t
saturate(int64_t day)
{
	if (day < DAY_FIRST)
		return DAY_BEFORE_ALL;
	return day > DAY_LAST ? DAY_AFTER_ALL : day;
}

/* False when the result is set already: NULL, or an error. */
static bool
take_integer(sqlite3_context *context, sqlite3_value *argument, int64_t *ret_integer)
{
	int type = sqlite3_value_type(argument);

	if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
		*ret_integer = sqlite3_value_int64(argument);
		return true;
	}
	if (type == SQLITE_NULL)
		sqlite3_result_null(context);
	else
		sqlite3_result_error(context, "a number is needed here", -1);
	return false;
}

static bool
is_instant(int64_t number)
{
	return number >= DAY_LIMIT && number != DAY_AFTER_ALL;
}

static bool
take_day(sqlite3_context *context, sqlite3_value *argument, int64_t *ret_day)
{
	int64_t day = 0;

	if (!take_integer(context, argument, &day))
		return false;
	if (is_instant(day)) {
		sqlite3_result_error(context, "a day is needed here, not an instant", -1);
		return false;
	}
	*ret_day = saturate(day);
	return true;
}

static bool
is_open_end(int64_t day)
{
	return day == DAY_BEFORE_ALL || day == DAY_AFTER_ALL;
}

static bool
take_count(sqlite3_context *context, sqlite3_value *argument, int64_t *ret_count)
{
	int64_t count = 0;

	if (!take_integer(context, argument, &count))
		return false;
	*ret_count = within(count, -COUNT_LIMIT, COUNT_LIMIT);
	return true;
}

/* add_days(day or instant, count): days of an instant have 24 hours. */
static void
add_days(sqlite3_context *context, int argument_count, sqlite3_value **arguments)
{
	int64_t from = 0, count = 0;

	if (!take_integer(context, arguments[0], &from) || !take_count(context, arguments[1], &count))
		return;
	if (is_instant(from)) {
		int64_t instant_max = DAY_LAST * DAY_MS;

		sqlite3_result_int64(context, within(from, DAY_LIMIT, instant_max) + count * DAY_MS);
		return;
	}
	int64_t day = saturate(from);

	sqlite3_result_int64(context, is_open_end(day) ? day : saturate(day + count));
}

static void
add_months(sqlite3_context *context, int argument_count, sqlite3_value **arguments)
{
	int64_t day = 0, months = 0;

	if (!take_day(context, arguments[0], &day) || !take_count(context, arguments[1], &months))
		return;
	if (!is_open_end(day))
		day = saturate(day_add_months(day, within(months, -12 * 10000, 12 * 10000)));
	sqlite3_result_int64(context, day);
}

static void
add_workdays(sqlite3_context *context, int argument_count, sqlite3_value **arguments)
{
	const struct calendar *calendar = sqlite3_user_data(context);
	int64_t day = 0, count = 0;

	if (!take_day(context, arguments[0], &day) || !take_count(context, arguments[1], &count))
		return;
	if (!is_open_end(day))
		day = saturate(calendar_add_workdays(calendar, day, count));
	sqlite3_result_int64(context, day);
}

static void
year_of(sqlite3_context *context, int argument_count, sqlite3_value **arguments)
{
	int64_t day = 0;

	if (take_day(context, arguments[0], &day))
		sqlite3_result_int(context, day_civil(within(day, DAY_FIRST, DAY_LAST)).year);
}

static void
age(sqlite3_context *context, int argument_count, sqlite3_value **arguments)
{
	int64_t born = 0, on = 0;

	if (take_day(context, arguments[0], &born) && take_day(context, arguments[1], &on))
		sqlite3_result_int64(context,
				     day_age(within(born, DAY_FIRST, DAY_LAST), within(on, DAY_FIRST, DAY_LAST)));
}

/* Numbers by size, texts by their bytes, as both databases compare them (PostgreSQL with collation C). */
static int
compare(sqlite3_value *a, sqlite3_value *b)
{
	if (sqlite3_value_type(a) == SQLITE_TEXT && sqlite3_value_type(b) == SQLITE_TEXT)
		return strcmp((const char *)sqlite3_value_text(a), (const char *)sqlite3_value_text(b));
	int64_t x = sqlite3_value_int64(a);
	int64_t y = sqlite3_value_int64(b);

	return (x > y) - (x < y);
}

static void
choose(sqlite3_context *context, int argument_count, sqlite3_value **arguments, int sign)
{
	sqlite3_value *best = NULL;

	for (int i = 0; i < argument_count; i++) {
		if (sqlite3_value_type(arguments[i]) == SQLITE_NULL)
			continue;
		if (best == NULL || compare(arguments[i], best) * sign > 0)
			best = arguments[i];
	}
	if (best != NULL)
		sqlite3_result_value(context, best);
}

static void
least(sqlite3_context *context, int argument_count, sqlite3_value **arguments)
{
	choose(context, argument_count, arguments, -1);
}

static void
greatest(sqlite3_context *context, int argument_count, sqlite3_value **arguments)
{
	choose(context, argument_count, arguments, 1);
}

enum error
sqlite_functions(sqlite3 *handle, const struct calendar *calendar)
{
	static const struct {
		const char *name;
		int argument_count;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {
		{ "add_days", 2, add_days },
		{ "add_months", 2, add_months },
		{ "add_workdays", 2, add_workdays },
		{ "year_of", 1, year_of },
		{ "age", 2, age },
		{ "least", -1, least },
		{ "greatest", -1, greatest },
	};

	for (size_t i = 0; i < ARRAY_COUNT(functions); i++) {
		/* SQLite hands the pointer back as it got it; nothing writes through it. */
		int code = sqlite3_create_function_v2(handle, functions[i].name, functions[i].argument_count,
						      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
						      (void *)(uintptr_t)calendar, functions[i].call, NULL, NULL, NULL);

		if (code != SQLITE_OK)
			return code == SQLITE_NOMEM ? ERR_NO_MEMORY : ERR_FAULT;
	}
	return OK;
}
