#include "pack/calendar.h"

/* The years that deadlines fall into, one bit a day; beyond them the rows are read for each day. */
#define WINDOW_FIRST INT64_C(-25567) /* 1900-01-01 */
#define WINDOW_BEHIND INT64_C(84006) /* 2200-01-01 */

enum {
	WINDOW_WORDS = (84006 + 25567 + 63) / 64,
	/* About four centuries: whoever asks for more means never. */
	WORKDAYS_MAX = 100000,
};

struct calendar {
	const struct calendar_row *rows;
	size_t count;
	uint64_t worked[WINDOW_WORDS];
};

static bool
row_names(const struct calendar_row *row, int64_t day, const struct civil *civil)
{
	if (day < row->from || day > row->until)
		return false;
	switch (row->kind) {
	case CALENDAR_WEEKEND:
		return row->weekday == day_weekday(day);
	case CALENDAR_HOLIDAY_YEARLY:
		return row->month == civil->month && row->day_of_month == civil->day;
	case CALENDAR_HOLIDAY:
	case CALENDAR_WORKDAY:
		return row->day == day;
	}
	return false;
}

/* A day worked by decision beats a day off by decision, which beats weekends and yearly holidays;
 * since the last two only take days away, their order does not matter. */
static bool
rows_say_workday(const struct calendar_row *rows, size_t count, int64_t day)
{
	struct civil civil = day_civil(day);
	bool off = false;

	for (size_t i = 0; i < count; i++) {
		if (!row_names(&rows[i], day, &civil))
			continue;
		if (rows[i].kind == CALENDAR_WORKDAY)
			return true;
		off = true;
	}
	return !off;
}

const struct calendar *
calendar_new(struct arena *arena, const struct calendar_row *rows, size_t count)
{
	struct calendar *calendar = arena_new_of(arena, struct calendar);
	struct calendar_row *copy = arena_array_of(arena, struct calendar_row, count);

	for (size_t i = 0; i < count; i++)
		copy[i] = rows[i];
	calendar->rows = copy;
	calendar->count = count;
	for (int64_t day = WINDOW_FIRST; day < WINDOW_BEHIND; day++) {
		uint64_t bit = (uint64_t)(day - WINDOW_FIRST);

		if (rows_say_workday(copy, count, day))
			calendar->worked[bit / 64] |= UINT64_C(1) << (bit % 64);
	}
	return calendar;
}

bool
calendar_is_workday(const struct calendar *calendar, int64_t day)
{
	if (day < WINDOW_FIRST || day >= WINDOW_BEHIND)
		return rows_say_workday(calendar->rows, calendar->count, day);
	uint64_t bit = (uint64_t)(day - WINDOW_FIRST);

	return calendar->worked[bit / 64] >> (bit % 64) & 1;
}

int64_t
calendar_add_workdays(const struct calendar *calendar, int64_t day, int64_t count)
{
	int64_t step = count < 0 ? -1 : 1;

	if (count > WORKDAYS_MAX)
		return DAY_AFTER_ALL;
	if (count < -WORKDAYS_MAX)
		return DAY_BEFORE_ALL;
	while (count != 0) {
		day += step;
		if (day > DAY_LAST)
			return DAY_AFTER_ALL;
		if (day < DAY_FIRST)
			return DAY_BEFORE_ALL;
		if (calendar_is_workday(calendar, day))
			count -= step;
	}
	return day;
}
