#include "text/json.h"
#include <string.h>
#include "text/utf8.h"

static void
separate(struct json *json)
{
	if (json->after_key)
		json->after_key = false;
	else if (json->filled[json->depth])
		strbuf_char(json->out, ',');
	json->filled[json->depth] = true;
}

static void
open_with(struct json *json, char bracket)
{
	separate(json);
	strbuf_char(json->out, bracket);
	assert(json->depth + 1 < JSON_DEPTH_MAX);
	json->filled[++json->depth] = false;
}

static void
close_with(struct json *json, char bracket)
{
	assert(json->depth > 0 && !json->after_key);
	json->depth--;
	strbuf_char(json->out, bracket);
}

void
json_open_map(struct json *json)
{
	open_with(json, '{');
}

void
json_close_map(struct json *json)
{
	close_with(json, '}');
}

void
json_open_list(struct json *json)
{
	open_with(json, '[');
}

void
json_close_list(struct json *json)
{
	close_with(json, ']');
}

static void
escape(struct strbuf *out, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";
	const char *found = c == '\0' ? NULL : strchr(from, c);

	if (found != NULL) {
		strbuf_char(out, '\\');
		strbuf_char(out, to[found - from]);
	} else {
		strbuf_printf(out, "\\u%04x", c);
	}
}

/* Stands in a text as it is. */
static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* Broken UTF-8 becomes U+FFFD: whatever comes in, what goes out is JSON. */
static void
add_quoted(struct strbuf *out, const char *text, size_t bytes)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t begin = 0;
	size_t at = 0;

	strbuf_char(out, '"');
	while (at < bytes) {
		size_t step = is_plain(p[at]) ? 1 : utf8_sequence(text + at, bytes - at);

		if (step > 1 || is_plain(p[at])) {
			at += step;
			continue;
		}
		strbuf_add(out, text + begin, at - begin);
		if (step == 0)
			strbuf_text(out, "\xEF\xBF\xBD");
		else
			escape(out, p[at]);
		begin = ++at;
	}
	strbuf_add(out, text + begin, at - begin);
	strbuf_char(out, '"');
}

void
json_key(struct json *json, const char *key)
{
	assert(!json->after_key);
	separate(json);
	add_quoted(json->out, key, strlen(key));
	strbuf_char(json->out, ':');
	json->after_key = true;
}

void
json_text_bytes(struct json *json, const char *text, size_t bytes)
{
	separate(json);
	add_quoted(json->out, text, bytes);
}

void
json_text(struct json *json, const char *text)
{
	if (text == NULL)
		json_null(json);
	else
		json_text_bytes(json, text, strlen(text));
}

void
json_integer(struct json *json, int64_t integer)
{
	separate(json);
	strbuf_integer(json->out, integer);
}

void
json_boolean(struct json *json, bool truth)
{
	separate(json);
	strbuf_text(json->out, truth ? "true" : "false");
}

void
json_null(struct json *json)
{
	separate(json);
	strbuf_text(json->out, "null");
}

void
json_hex(struct json *json, const void *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;

	separate(json);
	strbuf_char(json->out, '"');
	for (size_t i = 0; i < count; i++) {
		strbuf_char(json->out, digits[p[i] >> 4]);
		strbuf_char(json->out, digits[p[i] & 15]);
	}
	strbuf_char(json->out, '"');
}

void
json_raw(struct json *json, const char *text, size_t bytes)
{
	separate(json);
	strbuf_add(json->out, text, bytes);
}

void
json_field_text(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_text(json, text);
}

void
json_field_integer(struct json *json, const char *key, int64_t integer)
{
	json_key(json, key);
	json_integer(json, integer);
}

void
json_field_boolean(struct json *json, const char *key, bool truth)
{
	json_key(json, key);
	json_boolean(json, truth);
}
