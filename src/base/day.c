#include "base/day.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The civil-from-days arithmetic counts years from 1 March, in eras of 400 years. */
struct civil
day_civil(int64_t day)
{
	int64_t shifted = day + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t of_era = shifted - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	return (struct civil){
		.year = (int)(year + era * 400 + (month >= 10)),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
	};
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static int64_t
count_days(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t
day_from_civil(int year, int month, int day)
{
	if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return DAY_NONE;
	return count_days(year, month, day);
}

int
day_weekday(int64_t day)
{
	int64_t of_week = (day + 3) % 7;

	return (int)(of_week < 0 ? of_week + 7 : of_week) + 1;
}

int64_t
day_add_months(int64_t day, int64_t months)
{
	struct civil c = day_civil(day);
	int64_t total = (int64_t)c.year * 12 + c.month - 1 + months;
	int year = (int)(total >= 0 ? total / 12 : -((11 - total) / 12));
	int month = (int)(total - (int64_t)year * 12) + 1;
	int last = month_days(year, month);

	return count_days(year, month, c.day < last ? c.day : last);
}

int64_t
day_age(int64_t born, int64_t on)
{
	struct civil b = day_civil(born);
	struct civil o = day_civil(on);
	bool had_birthday = o.month > b.month || (o.month == b.month && o.day >= b.day);

	return o.year - b.year - (had_birthday ? 0 : 1);
}

/* Exactly `count` digits at `text`. */
static bool
digits(const char *text, int count, int *ret_number)
{
	int number = 0;

	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (text[i] - '0');
	}
	*ret_number = number;
	return true;
}

enum error
day_parse(const char *text, size_t bytes, bool dotted, int64_t *ret_day)
{
	int year = 0, month = 0, day = 0;

	if (bytes != 10)
		return ERR_BAD_INPUT;
	bool iso = digits(text, 4, &year) && text[4] == '-' && digits(text + 5, 2, &month) && text[7] == '-' &&
		   digits(text + 8, 2, &day);
	bool with_dots = !iso && dotted && digits(text, 2, &day) && text[2] == '.' && digits(text + 3, 2, &month) &&
			 text[5] == '.' && digits(text + 6, 4, &year);

	if ((!iso && !with_dots) || year < 1)
		return ERR_BAD_INPUT;
	int64_t parsed = day_from_civil(year, month, day);

	if (parsed == DAY_NONE)
		return ERR_BAD_INPUT;
	*ret_day = parsed;
	return OK;
}

/* So many digits of `number`, and what stands behind them; returns where to go on. Each answer holds
 * instants, so it is not left to printf. */
static char *
put_digits(char *at, int number, int count, char behind)
{
	for (int i = count - 1; i >= 0; i--) {
		at[i] = (char)('0' + number % 10);
		number /= 10;
	}
	at[count] = behind;
	return at + count + 1;
}

const char *
day_print(int64_t day, char text[static DAY_TEXT_BYTES])
{
	if (day < DAY_FIRST || day > DAY_LAST) {
		snprintf(text, DAY_TEXT_BYTES, "%s", day < 0 ? "-" : "…");
		return text;
	}
	struct civil c = day_civil(day);

	put_digits(put_digits(put_digits(text, c.year, 4, '-'), c.month, 2, '-'), c.day, 2, '\0');
	return text;
}

/* "Z", "+05:00" or "-03:30" up to the very end; in minutes. */
static bool
parse_offset(const char *text, size_t bytes, int *ret_minutes)
{
	int hours = 0, minutes = 0;

	if (bytes == 1 && (text[0] == 'Z' || text[0] == 'z')) {
		*ret_minutes = 0;
		return true;
	}
	if (bytes != 6 || (text[0] != '+' && text[0] != '-') || !digits(text + 1, 2, &hours) || text[3] != ':' ||
	    !digits(text + 4, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_minutes = (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
	return true;
}

enum error
instant_parse(const char *text, size_t bytes, int64_t *ret_ms)
{
	int hour = 0, minute = 0, second = 0, offset = 0, ms = 0;
	int64_t day = 0;

	if (bytes < 20 || day_parse(text, 10, false, &day) != OK || (text[10] != 'T' && text[10] != 't') ||
	    !digits(text + 11, 2, &hour) || text[13] != ':' || !digits(text + 14, 2, &minute) || text[16] != ':' ||
	    !digits(text + 17, 2, &second) || hour > 23 || minute > 59 || second > 59)
		return ERR_BAD_INPUT;
	size_t at = 19;

	if (text[at] == '.') {
		int weight = 100;

		for (at++; at < bytes && text[at] >= '0' && text[at] <= '9'; at++, weight /= 10)
			ms += (text[at] - '0') * weight;
		if (text[at - 1] == '.')
			return ERR_BAD_INPUT;
	}
	if (!parse_offset(text + at, bytes - at, &offset))
		return ERR_BAD_INPUT;
	*ret_ms = day * DAY_MS + ((int64_t)hour * 3600 + minute * 60 + second - offset * 60) * 1000 + ms;
	return OK;
}

const char *
instant_print(int64_t ms, int offset_minutes, char text[static INSTANT_TEXT_BYTES])
{
	int64_t local = ms + (int64_t)offset_minutes * 60000;
	int64_t day = local >= 0 ? local / DAY_MS : -((DAY_MS - 1 - local) / DAY_MS);
	int of_day = (int)(local - day * DAY_MS);
	int off = offset_minutes < 0 ? -offset_minutes : offset_minutes;
	char *at = text + strlen(day_print(day, text));

	*at++ = 'T';
	at = put_digits(at, of_day / 3600000, 2, ':');
	at = put_digits(at, of_day / 60000 % 60, 2, ':');
	at = put_digits(at, of_day / 1000 % 60, 2, '.');
	at = put_digits(at, of_day % 1000, 3, offset_minutes == 0 ? 'Z' : offset_minutes < 0 ? '-' : '+');
	if (offset_minutes != 0)
		at = put_digits(put_digits(at, off / 60, 2, ':'), off % 60, 2, '\0');
	else
		*at = '\0';
	return text;
}

int64_t
instant_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
