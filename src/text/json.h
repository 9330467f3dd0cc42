/* json.h - writes JSON into a text builder, checking nesting and commas itself. */
#pragma once
#include "base/strbuf.h"

enum { JSON_DEPTH_MAX = 40 };

struct json { /* struct json j = { .out = &buffer }; */
	struct strbuf *out;
	int depth;
	bool filled[JSON_DEPTH_MAX];
	bool after_key;
};

void json_open_map(struct json *json);
void json_close_map(struct json *json);
void json_open_list(struct json *json);
void json_close_list(struct json *json);
void json_key(struct json *json, const char *key);
void json_text(struct json *json, const char *text); /* NULL writes null */
void json_text_bytes(struct json *json, const char *text, size_t bytes);
void json_integer(struct json *json, int64_t integer);
void json_boolean(struct json *json, bool truth);
void json_null(struct json *json);
void json_hex(struct json *json, const void *bytes, size_t count);
/* Already JSON. */
void json_raw(struct json *json, const char *text, size_t bytes);

void json_field_text(struct json *json, const char *key, const char *text);
void json_field_integer(struct json *json, const char *key, int64_t integer);
void json_field_boolean(struct json *json, const char *key, bool truth);
