/* input_schema.c - JSON Schema (2020-12) of what input_parse accepts. */
#include <string.h>
#include "pack/input.h"
#include "pack/input_inner.h"
#include "text/json.h"

static void
say_type(struct json *json, const char *type, const char *format)
{
	json_field_text(json, "type", type);
	if (format != NULL)
		json_field_text(json, "format", format);
}

static void
say_pattern(struct json *json, const char *pattern)
{
	say_type(json, "string", NULL);
	json_field_text(json, "pattern", pattern);
}

static void
say_text(const struct field *field, struct json *json)
{
	say_type(json, "string", NULL);
	json_field_integer(json, "minLength", field->has_min ? field->min : 1);
	json_field_integer(json, "maxLength", field->has_max ? field->max : INPUT_TEXT_MAX);
}

static void
say_choices(const struct field *field, struct json *json)
{
	json_key(json, "enum");
	json_open_list(json);
	for (size_t i = 0; i < field->choice_count; i++)
		json_text(json, field->choices[i]);
	json_close_list(json);
}

static void
say_integer(const struct field *field, struct json *json)
{
	say_type(json, "integer", NULL);
	json_field_integer(json, "minimum", field->has_min ? field->min : -INPUT_INTEGER_MAX);
	json_field_integer(json, "maximum", field->has_max ? field->max : INPUT_INTEGER_MAX);
}

static void
say_decimal(const struct field *field, struct json *json)
{
	AUTO(strbuf_done) struct strbuf pattern = { 0 };

	if (field->scale == 0)
		strbuf_text(&pattern, "^-?[0-9]+$");
	else
		strbuf_printf(&pattern, "^-?[0-9]+(\\.[0-9]{1,%d})?$", field->scale);
	say_pattern(json, pattern.text);
}

static void
open_properties(struct json *json)
{
	say_type(json, "object", NULL);
	json_field_boolean(json, "additionalProperties", false);
	json_key(json, "properties");
	json_open_map(json);
}

static void
say_range(struct json *json, const char *key, int64_t limit)
{
	json_key(json, key);
	json_open_map(json);
	say_type(json, "number", NULL);
	json_field_integer(json, "minimum", -limit);
	json_field_integer(json, "maximum", limit);
	json_close_map(json);
}

static void
say_names(struct json *json, const char *const *names, size_t count)
{
	if (count == 0)
		return;
	json_key(json, "required");
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		json_text(json, names[i]);
	json_close_list(json);
}

static void
say_point(struct json *json)
{
	static const char *const names[] = { "lat", "lon" };

	open_properties(json);
	say_range(json, "lat", 90);
	say_range(json, "lon", 180);
	json_close_map(json);
	say_names(json, names, 2);
}

static void
say_document(struct json *json)
{
	static const char *const names[] = { "state", "number" };

	open_properties(json);
	json_key(json, "state");
	json_open_map(json);
	say_pattern(json, "^[A-Z]{1,3}$");
	json_close_map(json);
	json_key(json, "number");
	json_open_map(json);
	say_type(json, "string", NULL);
	json_close_map(json);
	json_close_map(json);
	say_names(json, names, 2);
}

static void say_fields(const struct pack *pack, const struct reg *reg, const struct field *const *fields, size_t count,
		       bool all_required, enum language language, struct json *json);

/* A reference, or the fields by which the record is found. */
static void
say_ref(const struct pack *pack, const struct field *field, enum language language, struct json *json)
{
	static const char reference[] = "^[A-Za-z]{2}-?[0-9A-Za-z]{4}-?[0-9A-Za-z]{5}$";

	if (field->resolve_count == 0) {
		say_pattern(json, reference);
		return;
	}
	json_key(json, "anyOf");
	json_open_list(json);
	json_open_map(json);
	say_pattern(json, reference);
	json_close_map(json);
	json_open_map(json);
	say_fields(pack, field->to[0], field->resolve, field->resolve_count, true, language, json);
	json_close_map(json);
	json_close_list(json);
}

static void
say_list(const struct pack *pack, const struct reg *reg, const struct field *field, enum language language,
	 struct json *json)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct field **items = arena_array_of(arena, const struct field *, field->item_count);

	for (size_t i = 0; i < field->item_count; i++)
		items[i] = &field->items[i];
	say_type(json, "array", NULL);
	if (field->has_min)
		json_field_integer(json, "minItems", field->min);
	json_field_integer(json, "maxItems", field->has_max ? field->max : INPUT_ROWS_MAX);
	json_key(json, "items");
	json_open_map(json);
	say_fields(pack, reg, items, field->item_count, false, language, json);
	json_close_map(json);
}

static void
say_value(const struct pack *pack, const struct reg *reg, const struct field *field, enum language language,
	  struct json *json)
{
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_NAME:
		say_text(field, json);
		break;
	case FIELD_INTEGER:
		say_integer(field, json);
		break;
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		say_decimal(field, json);
		break;
	case FIELD_BOOLEAN:
		say_type(json, "boolean", NULL);
		break;
	case FIELD_DAY:
		say_type(json, "string", "date");
		break;
	case FIELD_INSTANT:
		say_type(json, "string", "date-time");
		break;
	case FIELD_CHOICE:
		say_choices(field, json);
		break;
	case FIELD_REF:
		say_ref(pack, field, language, json);
		break;
	case FIELD_POINT:
		say_point(json);
		break;
	case FIELD_IIN:
	case FIELD_BIN:
		say_pattern(json, "^[0-9]{12}$");
		break;
	case FIELD_DOCUMENT:
		say_document(json);
		break;
	case FIELD_EMAIL:
		say_type(json, "string", "email");
		break;
	case FIELD_COUNTRY:
		say_pattern(json, "^[A-Za-z]{2,3}$");
		break;
	case FIELD_LIST:
		say_list(pack, reg, field, language, json);
		break;
	case FIELD_NUMBER:
		say_type(json, "string", NULL);
		json_field_boolean(json, "readOnly", true);
		break;
	case FIELD_PLACE:
	case FIELD_PHONE:
	case FIELD_FILE:
	case FIELD_TYPE_COUNT:
		say_type(json, "string", NULL);
		break;
	}
}

static void
say_fields(const struct pack *pack, const struct reg *reg, const struct field *const *fields, size_t count,
	   bool all_required, enum language language, struct json *json)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char **required = arena_array_of(arena, const char *, count);
	size_t required_count = 0;

	open_properties(json);
	for (size_t i = 0; i < count; i++) {
		json_key(json, fields[i]->name);
		input_schema(pack, reg, fields[i], language, json);
		if (all_required || fields[i]->required)
			required[required_count++] = fields[i]->name;
	}
	json_close_map(json);
	say_names(json, required, required_count);
}

/* A pattern that the pack gives, over the whole text. */
static void
say_own_pattern(const struct field *field, struct json *json)
{
	AUTO(strbuf_done) struct strbuf anchored = { 0 };

	if (field->pattern == NULL || (field->type != FIELD_TEXT && field->type != FIELD_NAME))
		return;
	strbuf_printf(&anchored, "^(?:%s)$", field->pattern);
	json_field_text(json, "pattern", anchored.text);
}

void
input_schema(const struct pack *pack, const struct reg *reg, const struct field *field, enum language language,
	     struct json *json)
{
	AUTO(strbuf_done) struct strbuf key = { 0 };

	strbuf_printf(&key, "%s.%s", reg == NULL ? "" : reg->name, field->name);
	const char *title = pack_text(pack, language, key.text);

	json_open_map(json);
	if (strcmp(title, key.text) != 0)
		json_field_text(json, "title", title);
	say_value(pack, reg, field, language, json);
	say_own_pattern(field, json);
	json_close_map(json);
}
