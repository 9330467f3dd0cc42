#include <stdio.h>
#include <string.h>
#include "base/day.h"
#include "pack/input.h"
#include "pack/input_inner.h"
#include "text/json.h"
#include "text/number.h"
#include "text/reference.h"
#include "text/zone.h"

enum { POINT_SCALE = 7, NUMBER_TEXT_BYTES = 16 };

static const char *
print_reference(const struct input_context *context, const char *prefix, int64_t id)
{
	char text[REFERENCE_BYTES_MAX];

	if (context->references == NULL || id < 0 || id >= REFERENCE_ID_LIMIT)
		return NULL;
	return arena_text(context->arena, reference_print(context->references, prefix, id, text));
}

static const char *
print_ref(const struct input_context *context, const struct field *field, int64_t id)
{
	const struct reg *reg = context->reg_of == NULL ? NULL : context->reg_of(context->registry, id);

	if (reg == NULL && field->to_count > 0)
		reg = field->to[0];
	return reg == NULL ? NULL : print_reference(context, reg->prefix, id);
}

static const char *
print_instant(const struct input_context *context, int64_t ms)
{
	char text[INSTANT_TEXT_BYTES];
	int offset = context->zone == NULL ? 0 : zone_offset_minutes(context->zone, ms);

	return arena_text(context->arena, instant_print(ms, offset, text));
}

static const char *
print_decimal(const struct input_context *context, int64_t units, int scale)
{
	char text[DECIMAL_TEXT_BYTES];

	return arena_text(context->arena, decimal_print(units, scale, text));
}

static const char *
place_code(const struct input_context *context, int64_t id)
{
	const struct place *place = pack_place(context->pack, id);

	return place == NULL ? NULL : place->code;
}

/* The text that stands for the value in JSON; NULL where it is no text (numbers, objects). */
static const char *
text_in_json(const struct input_context *context, const struct field *field, const struct value *value)
{
	char text[INSTANT_TEXT_BYTES];

	switch (field->type) {
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return print_decimal(context, value->integer, field->scale);
	case FIELD_DAY:
		return arena_text(context->arena, day_print(value->integer, text));
	case FIELD_INSTANT:
		return print_instant(context, value->integer);
	case FIELD_REF:
		return print_ref(context, field, value->integer);
	case FIELD_FILE:
		return print_reference(context, INPUT_FILE_PREFIX, value->integer);
	case FIELD_PLACE:
		return place_code(context, value->integer);
	case FIELD_IIN:
	case FIELD_BIN:
		return arena_text(context->arena, iin_print(value->integer, text));
	default:
		return value->kind == VALUE_TEXT ? value->text : NULL;
	}
}

static void
print_number(const struct input_context *context, struct json *json, const char *key, int64_t units)
{
	const char *text = print_decimal(context, units, POINT_SCALE);

	json_key(json, key);
	json_raw(json, text, strlen(text));
}

static void
print_point(const struct input_context *context, const struct value *values, struct json *json)
{
	json_open_map(json);
	print_number(context, json, "lat", values[0].integer);
	print_number(context, json, "lon", values[1].integer);
	json_close_map(json);
}

static void
print_document(const struct value *value, struct json *json)
{
	const char *colon = strchr(value->text, ':');

	if (colon == NULL) {
		json_text(json, value->text);
		return;
	}
	json_open_map(json);
	json_key(json, "state");
	json_text_bytes(json, value->text, (size_t)(colon - value->text));
	json_field_text(json, "number", colon + 1);
	json_close_map(json);
}

void
input_print_json(const struct input_context *context, const struct field *field, const struct value *values,
		 struct json *json)
{
	if (field->type == FIELD_LIST || values[0].kind == VALUE_NULL)
		json_null(json);
	else if (field->type == FIELD_POINT)
		print_point(context, values, json);
	else if (field->type == FIELD_DOCUMENT)
		print_document(&values[0], json);
	else if (field->type == FIELD_BOOLEAN)
		json_boolean(json, values[0].integer != 0);
	else if (field->type == FIELD_INTEGER)
		json_integer(json, values[0].integer);
	else
		json_text(json, text_in_json(context, field, &values[0]));
}

static const char *
day_for_people(struct arena *arena, int64_t day, enum language language)
{
	struct civil civil = day_civil(day);
	char text[DAY_TEXT_BYTES];

	if (language == LANGUAGE_EN || civil.year < 1 || civil.year > 9999)
		return arena_text(arena, day_print(day, text));
	return arena_printf(arena, "%02d.%02d.%04d", civil.day, civil.month, civil.year);
}

static const char *
instant_for_people(const struct input_context *context, int64_t ms, enum language language)
{
	int64_t local = ms + (context->zone == NULL ? 0 : zone_offset_minutes(context->zone, ms)) * INT64_C(60000);
	int64_t day = local >= 0 ? local / DAY_MS : -((-local + DAY_MS - 1) / DAY_MS);
	int64_t minute = (local - day * DAY_MS) / 60000;

	return arena_printf(context->arena, "%s %02d:%02d", day_for_people(context->arena, day, language),
			    (int)(minute / 60), (int)(minute % 60));
}

/* Kazakh and Russian write 41,50. */
static const char *
decimal_for_people(const struct input_context *context, int64_t units, int scale, enum language language)
{
	char text[DECIMAL_TEXT_BYTES];
	char *point = NULL;

	decimal_print(units, scale, text);
	point = strchr(text, '.');
	if (point != NULL && language != LANGUAGE_EN)
		*point = ',';
	return arena_text(context->arena, text);
}

static const char *
place_for_people(const struct input_context *context, int64_t id, enum language language)
{
	const struct place *place = pack_place(context->pack, id);

	if (place == NULL)
		return "";
	const char *name = pack_place_name(context->pack, place, language);

	return name == NULL ? place->code : name;
}

static const char *
choice_for_people(const struct input_context *context, const struct reg *reg, const struct field *field,
		  const char *choice, enum language language)
{
	const char *key = arena_printf(context->arena, "%s.%s.%s", reg == NULL ? "" : reg->name, field->name, choice);
	const char *title = pack_text(context->pack, language, key);

	return strcmp(title, key) == 0 ? choice : title;
}

const char *
input_print_text(const struct input_context *context, const struct reg *reg, const struct field *field,
		 const struct value *values, enum language language)
{
	static const char *const truths[LANGUAGE_COUNT][2] = { { "жоқ", "иә" }, { "нет", "да" }, { "no", "yes" } };
	const struct value *value = &values[0];
	const char *text = NULL;

	if (field->type == FIELD_LIST || value->kind == VALUE_NULL)
		return "";
	switch (field->type) {
	case FIELD_BOOLEAN:
		return truths[language][value->integer != 0];
	case FIELD_DAY:
		return day_for_people(context->arena, value->integer, language);
	case FIELD_INSTANT:
		return instant_for_people(context, value->integer, language);
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return decimal_for_people(context, value->integer, field->scale, language);
	case FIELD_PLACE:
		return place_for_people(context, value->integer, language);
	case FIELD_CHOICE:
		return choice_for_people(context, reg, field, value->text, language);
	case FIELD_INTEGER:
		return print_decimal(context, value->integer, 0);
	case FIELD_POINT:
		return arena_printf(context->arena, "%s %s", print_decimal(context, value->integer, POINT_SCALE),
				    print_decimal(context, values[1].integer, POINT_SCALE));
	case FIELD_DOCUMENT: {
		char *document = arena_text(context->arena, value->text);
		char *colon = strchr(document, ':');
		if (colon != NULL)
			*colon = ' ';
		return document;
	}
	default:
		text = text_in_json(context, field, value);
		return text == NULL ? "" : text;
	}
}
