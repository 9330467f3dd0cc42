/* value.h - one value as the database and the registers know it. Text and bytes are borrowed:
 * whoever makes the value says from where (mostly a request's arena). */
#pragma once
#include "base/base.h"

enum value_kind { VALUE_NULL, VALUE_INTEGER, VALUE_BOOLEAN, VALUE_TEXT, VALUE_BYTES };

struct value {
	enum value_kind kind;
	int64_t integer;  /* VALUE_INTEGER; 0 or 1 for VALUE_BOOLEAN */
	const char *text; /* VALUE_TEXT (NUL-terminated), VALUE_BYTES */
	size_t bytes;
};

static inline struct value
value_null(void)
{
	return (struct value){ .kind = VALUE_NULL };
}

static inline struct value
value_integer(int64_t integer)
{
	return (struct value){ .kind = VALUE_INTEGER, .integer = integer };
}

static inline struct value
value_boolean(bool truth)
{
	return (struct value){ .kind = VALUE_BOOLEAN, .integer = truth };
}

struct value value_text(const char *text); /* NULL gives VALUE_NULL */
struct value value_bytes(const void *bytes, size_t count);
/* Same kind and content; INTEGER and BOOLEAN of the same number are equal too, since a
 * database without booleans gives integers back. */
bool value_equal(const struct value *a, const struct value *b);
struct arena;
/* A copy whose text lives in `arena`. */
struct value value_copy(struct arena *arena, const struct value *from);
