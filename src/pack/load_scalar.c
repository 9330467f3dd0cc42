/* load_scalar.c - the small forms that texts of a pack have: names, numbers, durations. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "pack/load.h"

enum { NAME_BYTES_MAX = 40 };

static bool
is_name(const char *text, char also)
{
	size_t bytes = strlen(text);

	if (bytes == 0 || bytes > NAME_BYTES_MAX || text[0] < 'a' || text[0] > 'z')
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' || *p == also))
			return false;
	return true;
}

bool
scalar_is_name(const char *text)
{
	return is_name(text, '_');
}

bool
scalar_is_act_name(const char *text)
{
	return is_name(text, '-');
}

bool
scalar_integer(const char *text, int64_t *ret_integer)
{
	char *end = NULL;

	if (!isdigit((unsigned char)text[0]) && !(text[0] == '-' && isdigit((unsigned char)text[1])))
		return false;
	errno = 0;
	long long integer = strtoll(text, &end, 10);

	if (errno != 0 || *end != '\0')
		return false;
	*ret_integer = integer;
	return true;
}

bool
scalar_decimal(const char *text, int scale, int64_t *ret_units)
{
	bool negative = text[0] == '-';
	const char *p = text + negative;
	int decimals = -1; /* digits behind the point; -1: no point yet */
	int64_t units = 0;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; *p != '\0'; p++) {
		if (*p == '.' && decimals < 0 && p[1] != '\0') {
			decimals = 0;
			continue;
		}
		if (!isdigit((unsigned char)*p) || (decimals >= 0 && ++decimals > scale) ||
		    __builtin_mul_overflow(units, 10, &units) || __builtin_add_overflow(units, *p - '0', &units))
			return false;
	}
	for (int i = decimals < 0 ? 0 : decimals; i < scale; i++)
		if (__builtin_mul_overflow(units, 10, &units))
			return false;
	*ret_units = negative ? -units : units;
	return true;
}

/* "<count> <unit>s": the count, and where the unit begins. */
static bool
split_count(const char *text, int64_t *ret_count, const char **ret_unit)
{
	char *end = NULL;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*ret_count = strtoll(text, &end, 10);
	if (errno != 0 || *ret_count < 1 || *ret_count > 100000 || *end != ' ')
		return false;
	*ret_unit = end + 1;
	return true;
}

static bool
is_unit(const char *text, const char *unit)
{
	size_t bytes = strlen(unit);

	return strncmp(text, unit, bytes) == 0 && (text[bytes] == '\0' || strcmp(text + bytes, "s") == 0);
}

bool
scalar_duration(const char *text, int64_t *ret_ms)
{
	const char *unit;
	int64_t count;

	if (!split_count(text, &count, &unit) || (!is_unit(unit, "day") && !is_unit(unit, "hour")))
		return false;
	*ret_ms = count * (is_unit(unit, "day") ? DAY_MS : DAY_MS / 24);
	return true;
}

bool
scalar_months(const char *text, int *ret_months)
{
	const char *unit;
	int64_t count;

	if (!split_count(text, &count, &unit) || count > 1200 || (!is_unit(unit, "year") && !is_unit(unit, "month")))
		return false;
	*ret_months = (int)count * (is_unit(unit, "year") ? 12 : 1);
	return true;
}
