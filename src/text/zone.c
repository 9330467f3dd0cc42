/* A zone file lists its changes up to some year and ends with a rule for those after it, such as
 * CET-1CEST,M3.5.0,M10.5.0/3 (POSIX TZ). Both become one array of changes up to 2100. */
#include "text/zone.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/day.h"
#include "base/strbuf.h"

enum { FILE_BYTES_MAX = 256 * 1024, NAME_BYTES_MAX = 64, FIRST_YEAR = 1900, LAST_YEAR = 2100, DAY_S = 86400 };

struct span {
	int64_t from_ms;
	int64_t offset_ms;
};

struct zone {
	struct span *spans; /* the first begins at INT64_MIN */
	size_t count;
	size_t capacity;
};

struct counts { /* of the header, in the order of RFC 8536, section 3.1 */
	uint32_t isut, isstd, leap, time, type, abbreviation;
};

void
zone_free(struct zone *zone)
{
	if (zone == NULL)
		return;
	free(zone->spans);
	free(zone);
}

static void
add_span(struct zone *zone, int64_t from_ms, int64_t offset_ms)
{
	if (zone->count > 0 && zone->spans[zone->count - 1].offset_ms == offset_ms)
		return;
	if (zone->count == zone->capacity) {
		zone->capacity = zone->capacity == 0 ? 32 : zone->capacity * 2;
		zone->spans = realloc(zone->spans, zone->capacity * sizeof(*zone->spans));
		if (zone->spans == NULL)
			abort();
	}
	zone->spans[zone->count++] = (struct span){ .from_ms = from_ms, .offset_ms = offset_ms };
}

static uint32_t
read_u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t
read_i64(const unsigned char *p)
{
	return (int64_t)((uint64_t)read_u32(p) << 32 | read_u32(p + 4));
}

enum { HEADER_BYTES = 44 };

static bool
read_header(const unsigned char *p, size_t bytes, struct counts *ret_counts)
{
	if (bytes < HEADER_BYTES || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return false;
	*ret_counts = (struct counts){ read_u32(p + 20), read_u32(p + 24), read_u32(p + 28),
				       read_u32(p + 32), read_u32(p + 36), read_u32(p + 40) };
	const struct counts *c = ret_counts;

	return c->isut <= 256 && c->isstd <= 256 && c->leap <= 1000 && c->time <= 10000 && c->type >= 1 &&
	       c->type <= 256 && c->abbreviation <= 4096;
}

static size_t
block_bytes(const struct counts *c, size_t time_bytes)
{
	return c->time * time_bytes + c->time + (size_t)c->type * 6 + c->abbreviation + c->leap * (time_bytes + 4) +
	       c->isstd + c->isut;
}

/* "<+05>", "CET": skipped. */
static const char *
skip_abbreviation(const char *p)
{
	if (*p == '<') {
		while (*p != '\0' && *p != '>')
			p++;
		return *p == '>' ? p + 1 : NULL;
	}
	const char *from = p;

	while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'))
		p++;
	return p - from >= 3 ? p : NULL;
}

static bool
take_number(const char **at, int most, int *ret_number)
{
	const char *p = *at;
	int number = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		number = number * 10 + (*p - '0');
		if (number > most)
			return false;
	}
	*at = p;
	*ret_number = number;
	return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool
take_time(const char **at, int *ret_seconds)
{
	int parts[3] = { 0, 0, 0 };
	int sign = **at == '-' ? -1 : 1;

	if (**at == '-' || **at == '+')
		++*at;
	for (int i = 0; i < 3; i++) {
		if (i > 0 && **at != ':')
			break;
		*at += i > 0;
		if (!take_number(at, i == 0 ? 167 : 59, &parts[i]))
			return false;
	}
	*ret_seconds = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
	return true;
}

/* Mmonth.week.weekday[/time] or a day of the year, Jn (29 February never counted) or n (from 0). */
struct change {
	char form; /* M, J or n */
	int month, week, weekday;
	int day;
	int seconds;
};

static bool
take_change(const char **at, struct change *change)
{
	*change = (struct change){ .form = 'n', .seconds = 2 * 3600 };
	if (*(*at)++ != ',')
		return false;
	if (**at == 'M') {
		++*at;
		change->form = 'M';
		if (!take_number(at, 12, &change->month) || *(*at)++ != '.' || !take_number(at, 5, &change->week) ||
		    *(*at)++ != '.' || !take_number(at, 6, &change->weekday) || change->month < 1 || change->week < 1)
			return false;
	} else {
		if (**at == 'J')
			change->form = *(*at)++;
		if (!take_number(at, 366, &change->day))
			return false;
	}
	if (**at != '/')
		return true;
	++*at;
	return take_time(at, &change->seconds);
}

static int64_t
change_day(const struct change *change, int year)
{
	int64_t new_year = day_from_civil(year, 1, 1);

	if (change->form == 'n')
		return new_year + change->day;
	if (change->form == 'J')
		return new_year + change->day - 1 + (change->day > 59 && day_from_civil(year, 2, 29) != DAY_NONE);
	int64_t first = day_from_civil(year, change->month, 1);
	int64_t next_month = day_add_months(first, 1);
	int64_t day = first + (change->weekday - day_weekday(first) % 7 + 7) % 7 + (int64_t)(change->week - 1) * 7;

	return day >= next_month ? day - 7 : day;
}

/* Changes by the rule after the last one that the file lists. */
static bool
add_rule(struct zone *zone, const char *rule, int64_t after_s)
{
	struct change start, end;
	int standard = 0, summer = 0;

	if ((rule = skip_abbreviation(rule)) == NULL || !take_time(&rule, &standard))
		return false;
	if (*rule == '\0') {
		add_span(zone, zone->count == 0 ? INT64_MIN : (after_s + 1) * 1000, (int64_t)-standard * 1000);
		return true;
	}
	summer = standard - 3600;
	if ((rule = skip_abbreviation(rule)) == NULL || (*rule != ',' && !take_time(&rule, &summer)) ||
	    !take_change(&rule, &start) || !take_change(&rule, &end) || *rule != '\0')
		return false;
	for (int year = FIRST_YEAR; year <= LAST_YEAR; year++) {
		struct span pair[2] = {
			{ change_day(&start, year) * DAY_S + start.seconds + standard, (int64_t)-summer * 1000 },
			{ change_day(&end, year) * DAY_S + end.seconds + summer, (int64_t)-standard * 1000 },
		};
		bool swapped = pair[1].from_ms < pair[0].from_ms; /* the south */

		for (int i = 0; i < 2; i++) {
			const struct span *span = &pair[swapped ? 1 - i : i];

			if (span->from_ms > after_s)
				add_span(zone, span->from_ms * 1000, span->offset_ms);
		}
	}
	return true;
}

/* The block with 64-bit times and the rule behind it. */
static bool
read_block(struct zone *zone, const unsigned char *p, size_t bytes)
{
	struct counts c;

	if (!read_header(p, bytes, &c) || bytes - HEADER_BYTES < block_bytes(&c, 8))
		return false;
	const unsigned char *times = p + HEADER_BYTES;
	const unsigned char *kinds = times + (size_t)c.time * 8;
	const unsigned char *types = kinds + c.time;
	const char *footer = (const char *)times + block_bytes(&c, 8);
	const char *end = (const char *)p + bytes;
	int64_t last_s = INT64_MIN / 2000;

	add_span(zone, INT64_MIN, (int64_t)(int32_t)read_u32(types) * 1000);
	for (uint32_t i = 0; i < c.time; i++) {
		int64_t at_s = read_i64(times + (size_t)i * 8);

		if (kinds[i] >= c.type || (i > 0 && at_s <= last_s))
			return false;
		last_s = at_s;
		if (at_s > INT64_MIN / 2000 && at_s < INT64_MAX / 2000)
			add_span(zone, at_s * 1000, (int64_t)(int32_t)read_u32(types + (size_t)kinds[i] * 6) * 1000);
	}
	const char *footer_end =
		footer < end && *footer == '\n' ? memchr(footer + 1, '\n', (size_t)(end - footer - 1)) : NULL;

	if (footer_end == NULL)
		return false;
	if (footer_end == footer + 1)
		return true;
	char rule[128];

	snprintf(rule, sizeof(rule), "%.*s", (int)(footer_end - footer - 1), footer + 1);
	return add_rule(zone, rule, last_s);
}

static bool
is_name(const char *name)
{
	const char *allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

	return name[0] != '\0' && name[0] != '/' && strlen(name) <= NAME_BYTES_MAX &&
	       name[strspn(name, allowed)] == '\0';
}

static enum error
read_file(const char *name, struct strbuf *content)
{
	const char *folder = getenv("TZDIR") == NULL ? "/usr/share/zoneinfo" : getenv("TZDIR");
	char path[4096];
	char block[4096];
	ssize_t got = 0;
	struct stat info;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return ERR_IO;
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return access(folder, R_OK) == 0 ? ERR_BAD_INPUT : ERR_IO;
	if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > FILE_BYTES_MAX) {
		close(file);
		return ERR_BAD_INPUT;
	}
	while ((got = read(file, block, sizeof(block))) > 0 && content->bytes <= FILE_BYTES_MAX)
		strbuf_add(content, block, (size_t)got);
	close(file);
	return got < 0 ? ERR_IO : OK;
}

enum error
zone_open(const char *name, struct zone **ret_zone)
{
	AUTO(strbuf_done) struct strbuf content = { 0 };
	AUTO(zone_free) struct zone *zone = calloc(1, sizeof(*zone));
	struct counts c;

	if (zone == NULL)
		return ERR_NO_MEMORY;
	if (!is_name(name))
		return ERR_BAD_INPUT;
	TRY(read_file(name, &content));
	const unsigned char *p = (const unsigned char *)content.text;

	if (!read_header(p, content.bytes, &c) || content.bytes - HEADER_BYTES < block_bytes(&c, 4))
		return ERR_BAD_INPUT;
	size_t skipped = HEADER_BYTES + block_bytes(&c, 4); /* the same again with 32-bit times */

	if (!read_block(zone, p + skipped, content.bytes - skipped))
		return ERR_BAD_INPUT;
	*ret_zone = TAKE(zone);
	return OK;
}

/* The last span that begins at or before `ms`. */
static size_t
find_span(const struct zone *zone, int64_t ms)
{
	size_t low = 0, high = zone->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (zone->spans[middle].from_ms <= ms)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int
zone_offset_minutes(const struct zone *zone, int64_t ms)
{
	return (int)(zone->spans[find_span(zone, ms)].offset_ms / 60000);
}

int64_t
zone_day(const struct zone *zone, int64_t ms)
{
	int64_t local = ms + zone->spans[find_span(zone, ms)].offset_ms;

	return local >= 0 ? local / DAY_MS : -((DAY_MS - 1 - local) / DAY_MS);
}

int64_t
zone_day_begins(const struct zone *zone, int64_t day)
{
	int64_t midnight = day * DAY_MS;

	/* No offset reaches two days, so the day begins in one of the spans from there on. */
	for (size_t i = find_span(zone, midnight - 2 * (int64_t)DAY_MS);; i++) {
		const struct span *span = &zone->spans[i];
		int64_t begins = midnight - span->offset_ms;

		if (begins < span->from_ms)
			begins = span->from_ms;
		if (i + 1 == zone->count || begins < zone->spans[i + 1].from_ms)
			return begins;
	}
}
