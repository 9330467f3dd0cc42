#include "base/value.h"
#include <string.h>
#include "base/arena.h"

struct value
value_text(const char *text)
{
	if (text == NULL)
		return value_null();
	return (struct value){ .kind = VALUE_TEXT, .text = text, .bytes = strlen(text) };
}

struct value
value_bytes(const void *bytes, size_t count)
{
	return (struct value){ .kind = VALUE_BYTES, .text = bytes, .bytes = count };
}

static bool
is_number(const struct value *value)
{
	return value->kind == VALUE_INTEGER || value->kind == VALUE_BOOLEAN;
}

bool
value_equal(const struct value *a, const struct value *b)
{
	if (is_number(a) && is_number(b))
		return a->integer == b->integer;
	if (a->kind != b->kind)
		return false;
	return a->kind == VALUE_NULL ||
	       (a->bytes == b->bytes && (a->bytes == 0 || memcmp(a->text, b->text, a->bytes) == 0));
}

struct value
value_copy(struct arena *arena, const struct value *from)
{
	struct value copy = *from;

	if (from->kind == VALUE_TEXT || from->kind == VALUE_BYTES)
		copy.text = arena_copy(arena, from->text, from->bytes);
	return copy;
}
