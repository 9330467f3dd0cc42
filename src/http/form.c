#include "http/form.h"
#include <string.h>
#include "text/utf8.h"

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits) % 16;
}

static enum error
decode(struct arena *arena, const char *text, size_t bytes, const char **ret_value)
{
	char *value = arena_take(arena, bytes + 1);
	size_t count = 0;

	for (size_t i = 0; i < bytes; i++) {
		char c = text[i];

		if (c == '%') {
			int high = i + 2 < bytes ? hex_digit(text[i + 1]) : -1;
			int low = high < 0 ? -1 : hex_digit(text[i + 2]);

			if (low < 0)
				return ERR_MALFORMED;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		if (c == '\0')
			return ERR_MALFORMED;
		value[count++] = c;
	}
	if (!utf8_is_valid(value, count))
		return ERR_MALFORMED;
	*ret_value = value;
	return OK;
}

enum error
form_value(struct arena *arena, const char *form, size_t bytes, const char *name, const char **ret_value)
{
	size_t name_bytes = strlen(name), at = 0;

	*ret_value = NULL;
	while (at < bytes) {
		const char *pair = form + at, *end = memchr(pair, '&', bytes - at);
		size_t pair_bytes = end == NULL ? bytes - at : (size_t)(end - pair);

		if (pair_bytes > name_bytes && memcmp(pair, name, name_bytes) == 0 && pair[name_bytes] == '=')
			return decode(arena, pair + name_bytes + 1, pair_bytes - name_bytes - 1, ret_value);
		at += pair_bytes + 1;
	}
	return OK;
}
