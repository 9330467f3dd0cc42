#include <ctype.h>
#include <string.h>
#include "base/day.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "pack/input.h"
#include "pack/input_inner.h"
#include "text/name.h"
#include "text/number.h"
#include "text/pattern.h"
#include "text/reference.h"
#include "text/utf8.h"

/* One field on its way from what was sent to values. */
struct parse {
	const struct input_context *context;
	const struct field *field;
	const struct node *node;
	struct problem *problem;
	struct input *input;
};

static enum error
wrong(const struct parse *parse, enum message message, const char *first)
{
	return problem_add(parse->problem, ERR_BAD_INPUT, parse->field->name, message, first, NULL);
}

static enum error
wrong_kind(const struct parse *parse)
{
	return wrong(parse, MSG_WRONG_KIND, field_type_name(parse->field->type));
}

static enum error
give(const struct parse *parse, struct value value)
{
	parse->input->kind = INPUT_VALUE;
	parse->input->values[0] = value;
	parse->input->value_count = 1;
	return OK;
}

/* The text that was sent; NULL when it was no text. In loose mode every scalar is one. */
static const char *
text_of(const struct parse *parse)
{
	const struct node *node = parse->node;

	if (node->kind == NODE_TEXT ||
	    (parse->context->loose && (node->kind == NODE_NUMBER || node->kind == NODE_BOOLEAN)))
		return node->text;
	return NULL;
}

/* Texts and JSON numbers alike, as written. */
static const char *
number_text_of(const struct parse *parse)
{
	return parse->node->kind == NODE_NUMBER || parse->node->kind == NODE_TEXT ? parse->node->text : NULL;
}

static const char *
print_units(const struct parse *parse, int64_t units)
{
	char text[DECIMAL_TEXT_BYTES];

	switch (parse->field->type) {
	case FIELD_DAY:
		return arena_text(parse->context->arena, day_print(units, text));
	case FIELD_INSTANT:
		return arena_text(parse->context->arena, instant_print(units, 0, text));
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return arena_text(parse->context->arena, decimal_print(units, parse->field->scale, text));
	default:
		return arena_text(parse->context->arena, decimal_print(units, 0, text));
	}
}

static enum error
give_within(const struct parse *parse, int64_t units)
{
	if (parse->field->has_min && units < parse->field->min)
		return wrong(parse, MSG_TOO_SMALL, print_units(parse, parse->field->min));
	if (parse->field->has_max && units > parse->field->max)
		return wrong(parse, MSG_TOO_LARGE, print_units(parse, parse->field->max));
	return give(parse, value_integer(units));
}

static enum error
give_text(const struct parse *parse, const char *text)
{
	struct arena *arena = parse->context->arena;

	if (parse->field->pattern != NULL && !pattern_matches(parse->field->pattern, text))
		return wrong(parse, MSG_PATTERN, parse->field->pattern);
	return give(parse, value_text(arena_text(arena, text)));
}

/* Cleaned as every text is; NULL with the fault reported. */
static const char *
clean_text(const struct parse *parse, const char *text)
{
	struct arena *arena = parse->context->arena;
	const struct field *field = parse->field;
	char *clean = NULL;
	size_t count = 0;
	int64_t most = field->has_max ? field->max : INPUT_TEXT_MAX;

	if (!utf8_is_clean(text, strlen(text), false)) {
		IGNORE(wrong(parse, MSG_TEXT_CONTROL, NULL)); /* NULL tells it */
		return NULL;
	}
	clean = utf8_normalise(arena, text, strlen(text));
	count = utf8_count(clean, strlen(clean));
	if (count == 0)
		IGNORE(wrong(parse, MSG_TEXT_EMPTY, NULL));
	else if (count > (size_t)most)
		IGNORE(wrong(parse, MSG_TEXT_TOO_LONG, arena_printf(arena, "%lld", (long long)most)));
	else if (field->has_min && count < (size_t)field->min)
		IGNORE(wrong(parse, MSG_TEXT_TOO_SHORT, arena_printf(arena, "%lld", (long long)field->min)));
	else
		return clean;
	return NULL;
}

static enum error
parse_text(const struct parse *parse)
{
	const char *text = text_of(parse);

	if (text == NULL)
		return wrong_kind(parse);
	text = clean_text(parse, text);
	return text == NULL ? ERR_BAD_INPUT : give_text(parse, text);
}

static enum error
parse_name(const struct parse *parse)
{
	const char *text = text_of(parse);

	if (text == NULL)
		return wrong_kind(parse);
	text = clean_text(parse, text);
	if (text == NULL)
		return ERR_BAD_INPUT;
	return name_is_valid(text) ? give_text(parse, text) : wrong(parse, MSG_NOT_NAME, NULL);
}

static enum error
parse_integer(const struct parse *parse)
{
	const char *text = parse->node->kind == NODE_NUMBER ? parse->node->text : text_of(parse);
	int64_t integer = 0;

	if (text == NULL || (parse->node->kind == NODE_TEXT && !parse->context->loose))
		return wrong(parse, MSG_NOT_INTEGER, NULL);
	switch (decimal_parse(text, 0, false, false, &integer)) {
	case OK:
		return give_within(parse, integer);
	case ERR_TOO_LARGE:
		return wrong(parse, *text == '-' ? MSG_TOO_SMALL : MSG_TOO_LARGE,
			     print_units(parse, *text == '-' ? -INPUT_INTEGER_MAX : INPUT_INTEGER_MAX));
	default:
		return wrong(parse, MSG_NOT_INTEGER, NULL);
	}
}

static enum error
parse_decimal(const struct parse *parse)
{
	const char *text = number_text_of(parse);
	char scale[DECIMAL_TEXT_BYTES];
	int64_t units = 0;

	if (text == NULL)
		return wrong_kind(parse);
	switch (decimal_parse(text, parse->field->scale, false, parse->context->loose, &units)) {
	case OK:
		return give_within(parse, units);
	case ERR_TOO_LARGE:
		return wrong(parse, *text == '-' ? MSG_TOO_SMALL : MSG_TOO_LARGE,
			     print_units(parse, *text == '-' ? -INPUT_INTEGER_MAX : INPUT_INTEGER_MAX));
	default:
		return wrong(parse, MSG_NOT_DECIMAL, decimal_print(parse->field->scale, 0, scale));
	}
}

static enum error
parse_boolean(const struct parse *parse)
{
	static const char *const yes[] = { "true", "yes", "иә", "да", "1" };
	static const char *const no[] = { "false", "no", "жоқ", "нет", "0" };
	const char *text = text_of(parse);

	if (parse->node->kind == NODE_BOOLEAN)
		return give(parse, value_boolean(parse->node->truth));
	if (text == NULL || !parse->context->loose)
		return wrong(parse, MSG_NOT_BOOLEAN, NULL);
	text = utf8_lower(parse->context->arena, text);
	for (size_t i = 0; i < ARRAY_COUNT(yes); i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0)
			return give(parse, value_boolean(strcmp(text, yes[i]) == 0));
	}
	return wrong(parse, MSG_NOT_BOOLEAN, NULL);
}

static enum error
parse_day(const struct parse *parse)
{
	const char *text = text_of(parse);
	int64_t day = 0;

	if (text == NULL || day_parse(text, strlen(text), parse->context->loose, &day) != OK)
		return wrong(parse, MSG_NOT_DAY, NULL);
	return give_within(parse, day);
}

static enum error
parse_instant(const struct parse *parse)
{
	const char *text = text_of(parse);
	int64_t ms = 0;

	if (text == NULL || instant_parse(text, strlen(text), &ms) != OK)
		return wrong(parse, MSG_NOT_INSTANT, NULL);
	return give_within(parse, ms);
}

static const char *
join(struct arena *arena, const char *const *words, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "");
	for (size_t i = 0; i < count; i++)
		strbuf_printf(&out, "%s%s", i == 0 ? "" : ", ", words[i]);
	return arena_text(arena, out.text);
}

static enum error
parse_choice(const struct parse *parse)
{
	const struct field *field = parse->field;
	const char *text = text_of(parse);

	for (size_t i = 0; text != NULL && i < field->choice_count; i++) {
		if (strcmp(field->choices[i], text) != 0)
			continue;
		IGNORE(give(parse, value_text(field->choices[i]))); /* cannot fail */
		parse->input->values[1] = value_integer((int64_t)i + 1);
		parse->input->value_count = input_columns(field);
		return OK;
	}
	return wrong(parse, MSG_NOT_CHOICE, join(parse->context->arena, field->choices, field->choice_count));
}

static enum error
parse_place(const struct parse *parse)
{
	const struct input_context *context = parse->context;
	const char *text = text_of(parse);
	int64_t id = text == NULL ? 0 : pack_place_id(context->pack, text);
	const struct place *place = id == 0 ? NULL : pack_place(context->pack, id);
	char ended[DAY_TEXT_BYTES];

	if (place == NULL)
		return wrong(parse, MSG_NOT_PLACE, NULL);
	if (context->today != DAY_NONE && place->valid_to < context->today)
		return wrong(parse, MSG_PLACE_ENDED, day_print(place->valid_to + 1, ended));
	if (context->today != DAY_NONE && place->valid_from > context->today)
		return wrong(parse, MSG_NOT_PLACE, NULL);
	return give(parse, value_integer(id));
}

enum { POINT_SCALE = 7 };

static enum error
give_point(const struct parse *parse, const char *lat, const char *lon)
{
	const int64_t degree = 10000000;
	int64_t y = 0, x = 0;

	if (lat == NULL || lon == NULL || decimal_parse(lat, POINT_SCALE, true, false, &y) != OK ||
	    decimal_parse(lon, POINT_SCALE, true, false, &x) != OK || y < -90 * degree || y > 90 * degree ||
	    x < -180 * degree || x > 180 * degree)
		return wrong(parse, MSG_NOT_POINT, NULL);
	parse->input->kind = INPUT_VALUE;
	parse->input->values[0] = value_integer(y);
	parse->input->values[1] = value_integer(x);
	parse->input->value_count = 2;
	return OK;
}

/* Behind the number of a coordinate that begins at `p`. */
static size_t
coordinate_bytes(const char *p)
{
	return strspn(p, "-0123456789.");
}

static enum error
parse_point(const struct parse *parse)
{
	const struct node *node = parse->node;
	struct arena *arena = parse->context->arena;
	const char *text = text_of(parse);

	if (node->kind == NODE_MAP && node->count == 2)
		return give_point(parse, node_text(node, "lat"), node_text(node, "lon"));
	if (text == NULL || !parse->context->loose)
		return wrong(parse, MSG_NOT_POINT, NULL);
	size_t lat_bytes = coordinate_bytes(text);
	const char *lon = text + lat_bytes + strspn(text + lat_bytes, ", ");

	return give_point(parse, arena_copy(arena, text, lat_bytes), lon);
}

static enum error
parse_number_of(const struct parse *parse, enum error (*read)(const char *, int64_t *, enum message *))
{
	const char *text = text_of(parse);
	enum message message = MSG_NONE;
	int64_t number = 0;

	if (text == NULL)
		return wrong_kind(parse);
	return read(text, &number, &message) == OK ? give(parse, value_integer(number)) : wrong(parse, message, NULL);
}

static enum error
parse_document(const struct parse *parse)
{
	const struct node *node = parse->node;
	struct arena *arena = parse->context->arena;
	const char *text = text_of(parse), *document = NULL;
	enum message message = MSG_NOT_DOCUMENT;

	if (node->kind == NODE_MAP && node->count == 2 && node_text(node, "state") != NULL &&
	    node_text(node, "number") != NULL)
		text = arena_printf(arena, "%s:%s", node_text(node, "state"), node_text(node, "number"));
	if (text == NULL)
		return wrong(parse, MSG_NOT_DOCUMENT, NULL);
	if (document_parse(arena, text, &document, &message) == OK)
		return give_text(parse, document);
	return wrong(parse, message, message == MSG_NOT_STATE ? arena_copy(arena, text, strcspn(text, ": ")) : NULL);
}

static enum error
parse_phone(const struct parse *parse)
{
	const char *text = text_of(parse), *phone = NULL;

	if (text == NULL || phone_parse(parse->context->arena, text, &phone) != OK)
		return wrong(parse, MSG_NOT_PHONE, NULL);
	return give_text(parse, phone);
}

static enum error
parse_email(const struct parse *parse)
{
	const char *text = text_of(parse), *email = NULL;

	if (text == NULL || email_parse(parse->context->arena, text, &email) != OK)
		return wrong(parse, MSG_NOT_EMAIL, NULL);
	return give_text(parse, email);
}

static enum error
parse_country(const struct parse *parse)
{
	const char *text = text_of(parse), *country = NULL;

	if (text == NULL || country_parse(text, &country) != OK)
		return wrong(parse, MSG_NOT_COUNTRY, NULL);
	return give_text(parse, country);
}

static enum error
parse_file(const struct parse *parse)
{
	const char *text = text_of(parse);
	char prefix[3];
	int64_t id = 0;

	if (text == NULL || parse->context->references == NULL ||
	    reference_parse(parse->context->references, text, prefix, &id) != OK ||
	    strcmp(prefix, INPUT_FILE_PREFIX) != 0)
		return wrong(parse, MSG_NOT_FILE, NULL);
	return give(parse, value_integer(id));
}

static const char *
names_of_registers(const struct parse *parse)
{
	const struct field *field = parse->field;
	const char **names = arena_array_of(parse->context->arena, const char *, field->to_count);

	for (size_t i = 0; i < field->to_count; i++)
		names[i] = field->to[i]->name;
	return join(parse->context->arena, names, field->to_count);
}

static bool
goes_to(const struct field *field, const struct reg *reg)
{
	for (size_t i = 0; i < field->to_count; i++)
		if (field->to[i] == reg)
			return true;
	return false;
}

static enum error
give_reference(const struct parse *parse, const char *text)
{
	char prefix[3];
	int64_t id = 0;

	if (parse->context->references == NULL || reference_parse(parse->context->references, text, prefix, &id) != OK)
		return ERR_NOT_FOUND; /* no reference at all: it may be `resolve` fields */
	const struct reg *reg = pack_reg_by_prefix(parse->context->pack, prefix);

	if (reg == NULL || !goes_to(parse->field, reg))
		return wrong(parse, MSG_REFERENCE_KIND, names_of_registers(parse));
	return give(parse, value_integer(id));
}

static size_t
count_items(const struct problem *problem)
{
	return problem == NULL ? 0 : problem->item_count;
}

/* A key of `node` that no field has; the nearest one that there is, or all. */
static enum error
refuse_unknown_keys(const struct input_context *context, const char *const *names, size_t count,
		    const struct node *node, struct problem *problem)
{
	enum { KEY_BYTES_MAX = 80 };
	size_t unknown_count = 0;

	for (size_t i = 0; i < node->count && unknown_count <= PROBLEM_ITEMS_MAX; i++) {
		const char *key = node->keys[i];
		size_t k = 0;

		while (k < count && strcmp(names[k], key) != 0)
			k++;
		if (k < count)
			continue;
		unknown_count++;
		bool long_key = strlen(key) > KEY_BYTES_MAX;
		const char *nearest = long_key ? NULL : nearest_name(key, names, count);
		IGNORE(problem_add(problem, ERR_BAD_INPUT, long_key ? "…" : key, MSG_UNKNOWN_FIELD,
				   nearest != NULL ? nearest : join(context->arena, names, count), NULL)); /* counted */
	}
	return unknown_count == 0 ? OK : ERR_BAD_INPUT;
}

static const char *const *
names_of_fields(struct arena *arena, const struct field *fields, size_t count)
{
	const char **names = arena_array_of(arena, const char *, count);

	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].name;
	return names;
}

/* An object of the fields by which the record is found; each is needed. */
static enum error
give_resolve(const struct parse *parse, const struct node *node)
{
	const struct field *field = parse->field;
	struct arena *arena = parse->context->arena;
	struct input *inputs = arena_array_of(arena, struct input, field->resolve_count);
	const char **names = arena_array_of(arena, const char *, field->resolve_count);
	size_t first_item = count_items(parse->problem);
	enum error e = OK;

	for (size_t i = 0; i < field->resolve_count; i++) {
		const struct node *part = node_get(node, field->resolve[i]->name);

		names[i] = field->resolve[i]->name;
		if (part == NULL || part->kind == NODE_NULL)
			e = problem_add(parse->problem, ERR_BAD_INPUT, names[i], MSG_REQUIRED, NULL, NULL);
		else if (input_parse(parse->context, field->resolve[i], part, parse->problem, &inputs[i]) != OK)
			e = ERR_BAD_INPUT;
	}
	if (refuse_unknown_keys(parse->context, names, field->resolve_count, node, parse->problem) != OK)
		e = ERR_BAD_INPUT;
	problem_prefix(parse->problem, first_item, field->name);
	if (e == OK)
		*parse->input = (struct input){ .kind = INPUT_RESOLVE, .resolve = inputs };
	return e;
}

/* "value / value" as the object that it stands for; NULL when the count is another. */
static const struct node *
split_resolve(const struct parse *parse, const char *text)
{
	static const char separator[] = " / ";
	const struct field *field = parse->field;
	struct arena *arena = parse->context->arena;
	struct node *parts = arena_array_of(arena, struct node, field->resolve_count);
	const char **names = arena_array_of(arena, const char *, field->resolve_count);
	struct node *map = arena_new_of(arena, struct node);
	size_t count = 0;

	for (; count < field->resolve_count && text != NULL; count++) {
		const char *end = count + 1 < field->resolve_count ? strstr(text, separator) : NULL;
		size_t bytes = end == NULL ? strlen(text) : (size_t)(end - text);
		parts[count] =
			(struct node){ .kind = NODE_TEXT, .text = arena_copy(arena, text, bytes), .bytes = bytes };
		names[count] = field->resolve[count]->name;
		text = end == NULL ? NULL : end + strlen(separator);
	}
	*map = (struct node){ .kind = NODE_MAP, .count = count, .items = parts, .keys = names };
	return count == field->resolve_count ? map : NULL;
}

static enum error
parse_ref(const struct parse *parse)
{
	const struct node *node = parse->node;
	const char *text = text_of(parse);

	if (node->kind == NODE_MAP && parse->field->resolve_count > 0)
		return give_resolve(parse, node);
	if (text == NULL)
		return wrong_kind(parse);
	enum error e = give_reference(parse, text);

	if (e != ERR_NOT_FOUND)
		return e;
	node = parse->context->loose && parse->field->resolve_count > 0 ? split_resolve(parse, text) : NULL;
	return node != NULL ? give_resolve(parse, node) : wrong(parse, MSG_NOT_REFERENCE, NULL);
}

static enum error
parse_rows(const struct parse *parse, const struct node *list)
{
	const struct field *field = parse->field;
	struct arena *arena = parse->context->arena;
	struct input *rows = arena_array_of(arena, struct input, list->count * field->item_count);
	enum error result = OK;

	for (size_t i = 0; i < list->count; i++) {
		struct input *row = NULL;
		size_t first_item = count_items(parse->problem);
		enum error e = input_parse_body(parse->context, field->items, field->item_count, &list->items[i], false,
						parse->problem, &row);
		problem_prefix(parse->problem, first_item, arena_printf(arena, "%s[%zu]", field->name, i));
		if (e != OK)
			result = e;
		else if (field->item_count > 0)
			memcpy(rows + i * field->item_count, row, field->item_count * sizeof(*row));
	}
	if (result == OK)
		*parse->input = (struct input){ .kind = INPUT_LIST, .rows = rows, .row_count = list->count };
	return result;
}

static enum error
parse_list(const struct parse *parse)
{
	const struct field *field = parse->field;
	struct arena *arena = parse->context->arena;
	const struct node *list = parse->node;
	const char *text = text_of(parse);
	int64_t most = field->has_max ? field->max : INPUT_ROWS_MAX;

	if (text != NULL && parse->context->loose && node_parse_json(arena, text, strlen(text), NULL, &list) != OK)
		return wrong_kind(parse);
	if (list->kind != NODE_LIST)
		return wrong_kind(parse);
	if (list->count > (size_t)most)
		return wrong(parse, MSG_LIST_TOO_LONG, arena_printf(arena, "%lld", (long long)most));
	if (field->has_min && list->count < (size_t)field->min)
		return wrong(parse, MSG_LIST_TOO_SHORT, arena_printf(arena, "%lld", (long long)field->min));
	return parse_rows(parse, list);
}

static enum error
parse_any(const struct parse *parse)
{
	switch (parse->field->type) {
	case FIELD_TEXT:
		return parse_text(parse);
	case FIELD_INTEGER:
		return parse_integer(parse);
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return parse_decimal(parse);
	case FIELD_BOOLEAN:
		return parse_boolean(parse);
	case FIELD_DAY:
		return parse_day(parse);
	case FIELD_INSTANT:
		return parse_instant(parse);
	case FIELD_CHOICE:
		return parse_choice(parse);
	case FIELD_REF:
		return parse_ref(parse);
	case FIELD_PLACE:
		return parse_place(parse);
	case FIELD_POINT:
		return parse_point(parse);
	case FIELD_NAME:
		return parse_name(parse);
	case FIELD_IIN:
		return parse_number_of(parse, iin_parse);
	case FIELD_BIN:
		return parse_number_of(parse, bin_parse);
	case FIELD_DOCUMENT:
		return parse_document(parse);
	case FIELD_PHONE:
		return parse_phone(parse);
	case FIELD_EMAIL:
		return parse_email(parse);
	case FIELD_COUNTRY:
		return parse_country(parse);
	case FIELD_LIST:
		return parse_list(parse);
	case FIELD_FILE:
		return parse_file(parse);
	case FIELD_NUMBER:
	case FIELD_TYPE_COUNT:
		break;
	}
	return wrong(parse, MSG_GIVEN_BY_ENGINE, NULL);
}

static enum error
give_null(const struct parse *parse)
{
	*parse->input = (struct input){ .kind = parse->field->type == FIELD_LIST ? INPUT_LIST : INPUT_VALUE,
					.value_count = input_columns(parse->field) };
	return OK;
}

enum error
input_parse(const struct input_context *context, const struct field *field, const struct node *node,
	    struct problem *problem, struct input *ret_input)
{
	struct input input = { 0 };
	const struct parse parse = { context, field, node, problem, &input };
	enum error e = OK;

	if (node->kind == NODE_NULL && field->type != FIELD_NUMBER)
		e = give_null(&parse);
	else if (node->kind == NODE_TEXT && !utf8_is_valid(node->text, node->bytes))
		e = wrong(&parse, MSG_NOT_UTF8, NULL);
	else
		e = parse_any(&parse);
	if (e == OK)
		*ret_input = input;
	return e;
}

enum error
input_parse_text(const struct input_context *context, const struct field *field, const char *text,
		 struct problem *problem, struct input *ret_input)
{
	static const char blanks[] = " \t\r\n";
	struct input_context loose = *context;
	size_t bytes = strlen(text);

	while (bytes > 0 && strchr(blanks, text[bytes - 1]) != NULL)
		bytes--;
	while (bytes > 0 && strchr(blanks, *text) != NULL) {
		text++;
		bytes--;
	}
	if (bytes == 0) {
		*ret_input = (struct input){ .kind = INPUT_ABSENT };
		return OK;
	}
	const struct node node = { .kind = NODE_TEXT, .text = arena_copy(context->arena, text, bytes), .bytes = bytes };

	loose.loose = true;
	return input_parse(&loose, field, &node, problem, ret_input);
}

static bool
is_empty(const struct input *input)
{
	switch (input->kind) {
	case INPUT_ABSENT:
		return true;
	case INPUT_VALUE:
		return input->values[0].kind == VALUE_NULL;
	case INPUT_LIST:
		return input->row_count == 0;
	case INPUT_RESOLVE:
		break;
	}
	return false;
}

/* Left out is allowed where the engine or a default fills it in, or (`partial`) where the record has it already. */
static bool
is_missing(const struct field *field, const struct input *input, bool partial)
{
	if (!field->required || field->type == FIELD_NUMBER || !is_empty(input))
		return false;
	return input->kind != INPUT_ABSENT || (!partial && field->default_value == NULL);
}

enum error
input_parse_body(const struct input_context *context, const struct field *fields, size_t count, const struct node *body,
		 bool partial, struct problem *problem, struct input **ret_inputs)
{
	struct input *inputs = arena_array_of(context->arena, struct input, count);
	enum error result = OK;

	if (body == NULL || body->kind != NODE_MAP)
		return problem_add(problem, ERR_BAD_INPUT, NULL, MSG_WRONG_KIND, "{…}", NULL);
	for (size_t i = 0; i < count; i++) {
		const struct node *node = node_get(body, fields[i].name);
		enum error e = node == NULL ? OK : input_parse(context, &fields[i], node, problem, &inputs[i]);
		if (e == OK && is_missing(&fields[i], &inputs[i], partial))
			e = problem_add(problem, ERR_BAD_INPUT, fields[i].name, MSG_REQUIRED, NULL, NULL);
		if (e != OK)
			result = e;
	}
	if (refuse_unknown_keys(context, names_of_fields(context->arena, fields, count), count, body, problem) != OK)
		result = ERR_BAD_INPUT;
	if (result == OK)
		*ret_inputs = inputs;
	return result;
}
