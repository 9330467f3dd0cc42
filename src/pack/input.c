#include "pack/input.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "pack/input_inner.h"

size_t
input_columns(const struct field *field)
{
	if (field->type == FIELD_LIST)
		return 0;
	return field->type == FIELD_POINT || (field->type == FIELD_CHOICE && field->ranked) ? 2 : 1;
}

/* Adds one digit; false when the number grows too large. */
static bool
add_digit(int64_t *units, char digit)
{
	*units = *units * 10 + (digit - '0');
	return *units <= INPUT_INTEGER_MAX;
}

enum error
decimal_parse(const char *text, int scale, bool cut, bool comma, int64_t *ret_units)
{
	bool negative = *text == '-';
	const char *p = text + negative;
	int64_t units = 0;
	int decimals = 0;

	if (!isdigit((unsigned char)*p))
		return ERR_BAD_INPUT;
	for (; isdigit((unsigned char)*p); p++)
		if (!add_digit(&units, *p))
			return ERR_TOO_LARGE;
	if ((*p == '.' || (comma && *p == ',')) && isdigit((unsigned char)p[1])) {
		for (p++; isdigit((unsigned char)*p); p++, decimals++) {
			if (decimals >= scale && !cut)
				return ERR_BAD_INPUT;
			if (decimals < scale && !add_digit(&units, *p))
				return ERR_TOO_LARGE;
		}
	}
	if (*p != '\0')
		return ERR_BAD_INPUT;
	for (; decimals < scale; decimals++)
		if (!add_digit(&units, '0'))
			return ERR_TOO_LARGE;
	*ret_units = negative ? -units : units;
	return OK;
}

const char *
decimal_print(int64_t units, int scale, char text[static DECIMAL_TEXT_BYTES])
{
	uint64_t size = units < 0 ? -(uint64_t)units : (uint64_t)units;
	uint64_t one = 1;

	assert(scale >= 0 && scale <= 18);
	for (int i = 0; i < scale; i++)
		one *= 10;
	if (scale == 0)
		snprintf(text, DECIMAL_TEXT_BYTES, "%" PRId64, units);
	else
		snprintf(text, DECIMAL_TEXT_BYTES, "%s%" PRIu64 ".%0*" PRIu64, units < 0 ? "-" : "", size / one, scale,
			 size % one);
	return text;
}
