/* day.h - civil days (proleptic Gregorian, counted from 1970-01-01) and instants (milliseconds
 * since 1970-01-01T00:00:00Z). Knows no time zone but UTC: text/zone.h does. */
#pragma once
#include "base/base.h"

enum { DAY_MS = 86400000 };
#define DAY_NONE INT64_MIN
/* 0001-01-01 and 9999-12-31: what day_parse accepts. */
#define DAY_FIRST INT64_C(-719162)
#define DAY_LAST INT64_C(2932896)
/* A number in a pack's value below this is a day, else an instant (docs/pack.md). */
#define DAY_LIMIT INT64_C(10000000)
/* Open ends of dated rows. */
#define DAY_BEFORE_ALL INT64_C(-999999999)
#define DAY_AFTER_ALL INT64_C(999999999)

struct civil {
	int year;
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

struct civil day_civil(int64_t day);
/* DAY_NONE when there is no such day (2025-02-29). */
int64_t day_from_civil(int year, int month, int day);
int day_weekday(int64_t day); /* 1 Monday .. 7 Sunday */
/* The same day `months` later; the month's last day where that one lacks it. */
int64_t day_add_months(int64_t day, int64_t months);
/* Whole years from `born` to `on`, by the calendar; a birthday of 29 February counts on 1 March. */
int64_t day_age(int64_t born, int64_t on);

/* "2026-11-21" exactly; also "21.11.2026" when `dotted` is true. */
NODISCARD enum error day_parse(const char *text, size_t bytes, bool dotted, int64_t *ret_day);
enum { DAY_TEXT_BYTES = 16, INSTANT_TEXT_BYTES = 40 };
const char *day_print(int64_t day, char text[static DAY_TEXT_BYTES]);

/* RFC 3339 with an offset or Z; fractions are cut to milliseconds; a leap second is refused. */
NODISCARD enum error instant_parse(const char *text, size_t bytes, int64_t *ret_ms);
/* With the given offset in minutes: "2026-11-21T20:54:00.000+05:00", Z for 0. */
const char *instant_print(int64_t ms, int offset_minutes, char text[static INSTANT_TEXT_BYTES]);

/* The system's clock; everything below http/ and cli/ takes the time as an argument instead. */
int64_t instant_now(void);
/* Never goes back; for measuring only. */
int64_t monotonic_us(void);
