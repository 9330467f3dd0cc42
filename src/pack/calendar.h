/* calendar.h - which days are worked, from the pack's calendar.csv; civil arithmetic that
 * provisions use. Never changes once made. */
#pragma once
#include "base/arena.h"
#include "base/day.h"

struct calendar;
enum calendar_kind { CALENDAR_WEEKEND, CALENDAR_HOLIDAY_YEARLY, CALENDAR_HOLIDAY, CALENDAR_WORKDAY };
struct calendar_row {
	enum calendar_kind kind;
	int weekday;             /* WEEKEND: 1..7 */
	int month, day_of_month; /* HOLIDAY_YEARLY */
	int64_t day;             /* HOLIDAY, WORKDAY */
	int64_t from, until;     /* the row's own validity */
};
/* Lives in `arena`; no rows: every day is worked. */
const struct calendar *calendar_new(struct arena *arena, const struct calendar_row *rows, size_t count);
bool calendar_is_workday(const struct calendar *calendar, int64_t day);
/* The `count`-th working day after `day` (before it, for a negative count); `day` itself for 0. */
int64_t calendar_add_workdays(const struct calendar *calendar, int64_t day, int64_t count);
