/* load_field.c - fields of registers, item fields of lists, arguments of actions. */
#include <string.h>
#include "pack/load.h"
#include "text/pattern.h"

enum { TEXT_CHARACTERS = 200, LIST_ITEMS = 200 };

#define T(type) (UINT32_C(1) << FIELD_##type)
#define EVERY ((UINT32_C(1) << FIELD_TYPE_COUNT) - 1)

/* Which words go with which types. */
static const struct {
	const char *word;
	uint32_t types;
} words_of_types[] = {
	{ "max", T(TEXT) | T(NAME) | T(INTEGER) | T(DECIMAL) | T(MONEY) | T(DAY) | T(INSTANT) | T(LIST) },
	{ "min", T(TEXT) | T(NAME) | T(INTEGER) | T(DECIMAL) | T(MONEY) | T(DAY) | T(INSTANT) | T(LIST) },
	{ "pattern", T(TEXT) },
	{ "of", T(CHOICE) | T(LIST) },
	{ "ranked", T(CHOICE) },
	{ "to", T(REF) },
	{ "resolve", T(REF) },
	{ "scale", T(DECIMAL) },
	{ "indexed", EVERY & ~(T(LIST) | T(POINT)) },
	{ "default", EVERY & ~(T(LIST) | T(POINT) | T(NUMBER) | T(FILE)) },
	{ "check", EVERY & ~T(LIST) },
	{ "required", EVERY & ~T(NUMBER) },
};

static const char *const type_names[] = {
#define FIELD_TYPE(id, name) name,
#include "pack/field_type.def"
#undef FIELD_TYPE
};

/* Words that a place has no use for: an argument has no column, a list's row is no record. */
static const struct {
	const char *word;
	bool of_list, of_action;
	const char *why;
} words_of_places[] = {
	{ "check", true, true, "it is a condition over a record's own columns" },
	{ "default", true, true, "it is for records that were made before the field" },
	{ "indexed", false, true, "an argument is no column" },
	{ "ranked", false, true, "an argument is no column" },
};

static bool
read_type(struct loader *loader, const struct words *words, enum fields_of of, struct field *field)
{
	const char *name = words_text(words, "type");

	if (name == NULL)
		return false;
	for (size_t i = 0; i < FIELD_TYPE_COUNT; i++)
		if (strcmp(type_names[i], name) == 0) {
			field->type = (enum field_type)i;
			bool engine = field->type == FIELD_LIST || field->type == FIELD_NUMBER;

			if (of == FIELDS_OF_REGISTER || !engine)
				return true;
			load_fault(loader, words_at(words, "type"), "%s cannot be of type %s",
				   of == FIELDS_OF_LIST ? "an item of a list" : "an argument", name);
			return false;
		}
	const char *category = special_category(loader, name);

	if (category != NULL)
		load_fault(loader, words_at(words, "type"), "there is no type “%s”: a register holds no %s", name,
			   category);
	else
		load_fault(loader, words_at(words, "type"), "there is no type “%s”%s", name,
			   load_nearest(loader, name, type_names, FIELD_TYPE_COUNT));
	return false;
}

static bool
check_words(struct loader *loader, const struct words *words, enum fields_of of, const struct field *field)
{
	bool sound = true;

	for (size_t i = 0; i < ARRAY_COUNT(words_of_types); i++) {
		if (words_get(words, words_of_types[i].word) == NULL ||
		    (words_of_types[i].types >> field->type & 1) != 0)
			continue;
		sound = false;
		load_fault(loader, words_at(words, words_of_types[i].word), "“%s” does not go with the type %s",
			   words_of_types[i].word, type_names[field->type]);
	}
	for (size_t i = 0; of != FIELDS_OF_REGISTER && i < ARRAY_COUNT(words_of_places); i++) {
		bool refused = of == FIELDS_OF_LIST ? words_of_places[i].of_list : words_of_places[i].of_action;

		if (!refused || words_get(words, words_of_places[i].word) == NULL)
			continue;
		sound = false;
		load_fault(loader, words_at(words, words_of_places[i].word), "%s has no “%s”: %s",
			   of == FIELDS_OF_LIST ? "an item of a list" : "an argument", words_of_places[i].word,
			   words_of_places[i].why);
	}
	return sound;
}

static bool
parse_bound(const struct field *field, const char *text, int64_t *ret_bound)
{
	switch (field->type) {
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return scalar_decimal(text, field->scale, ret_bound);
	case FIELD_DAY:
		return day_parse(text, strlen(text), false, ret_bound) == OK;
	case FIELD_INSTANT:
		return instant_parse(text, strlen(text), ret_bound) == OK;
	case FIELD_INTEGER:
		return scalar_integer(text, ret_bound);
	default:
		return scalar_integer(text, ret_bound) && *ret_bound >= 0 && *ret_bound <= 1000000;
	}
}

static bool
read_bounds(struct loader *loader, const struct words *words, struct field *field)
{
	static const char *const names[] = { "min", "max" };
	bool *const has[] = { &field->has_min, &field->has_max };
	int64_t *const bounds[] = { &field->min, &field->max };
	bool sound = true;

	if (field->type == FIELD_TEXT || field->type == FIELD_NAME || field->type == FIELD_LIST) {
		field->has_max = true;
		field->max = field->type == FIELD_LIST ? LIST_ITEMS : TEXT_CHARACTERS;
	}
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		const char *text = words_text(words, names[i]);

		if (text == NULL)
			continue;
		*has[i] = parse_bound(field, text, bounds[i]);
		if (!*has[i]) {
			sound = false;
			load_fault(loader, words_at(words, names[i]), "“%s” of a field of type %s cannot be “%.40s”",
				   names[i], type_names[field->type], text);
		}
	}
	if (sound && field->has_min && field->has_max && field->min > field->max) {
		sound = false;
		load_fault(loader, words_at(words, "min"), "“min” lies above “max”");
	}
	return sound;
}

static bool
read_choices(struct loader *loader, const struct words *words, struct field *field)
{
	const struct node *of = words_get(words, "of");
	size_t count = of != NULL && of->kind == NODE_LIST ? of->count : 0;
	const char **choices = arena_array_of(loader->arena, const char *, count + 1);
	bool sound = true;

	if (count == 0)
		load_fault(loader, words_at(words, of == NULL ? "type" : "of"),
			   "a choice needs “of”, a list of its values");
	for (size_t i = 0; i < count; i++) {
		const char *text = of->items[i].kind == NODE_TEXT ? of->items[i].text : "";
		struct place_in_file at = { words->file, of->items[i].line };
		bool twice = false;

		for (size_t k = 0; k < field->choice_count; k++)
			twice = twice || strcmp(choices[k], text) == 0;
		if (!scalar_is_name(text))
			load_fault(loader, at,
				   "“%.60s” is no value of a choice: small letters, digits and _, a letter first",
				   text);
		else if (twice)
			load_fault(loader, at, "the value “%s” stands here twice", text);
		else
			choices[field->choice_count++] = text;
		sound = sound && scalar_is_name(text) && !twice;
	}
	field->choices = choices;
	return sound && count > 0;
}

static bool
read_items(struct loader *loader, const struct words *words, struct field *field)
{
	const struct node *of = words_get(words, "of");
	struct draft_fields items = { 0 };

	if (of == NULL || of->kind != NODE_MAP || of->count == 0) {
		load_fault(loader, words_at(words, of == NULL ? "type" : "of"),
			   "a list needs “of”, a mapping of its item fields");
		return false;
	}
	load_fields(loader, words->file, of, FIELDS_OF_LIST, &items);
	field->items = items.fields;
	field->item_count = items.count;
	*ARENA_PUSH(loader->arena, loader->lists, loader->list_count, loader->list_capacity) = items;
	return !items.incomplete;
}

static bool
read_target(struct loader *loader, const struct words *words, struct field *field)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, words, "to", &items);
	const struct reg **to = arena_array_of(loader->arena, const struct reg *, count + 1);

	if (count == 0) {
		if (!words->faulty)
			load_fault(loader, words_at(words, "type"),
				   "a ref needs “to”, the register or registers that it names");
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { words->file, items[i].line };
		const struct draft_reg *draft = load_need_reg(loader, at, items[i].text);
		bool twice = false;

		for (size_t k = 0; k < field->to_count; k++)
			twice = twice || (draft != NULL && to[k] == draft->reg);
		if (twice)
			load_fault(loader, at, "the register “%s” stands here twice", items[i].text);
		else if (draft != NULL)
			to[field->to_count++] = draft->reg;
	}
	field->to = to;
	return field->to_count == count;
}

static bool
read_pattern(struct loader *loader, const struct words *words, struct field *field)
{
	field->pattern = words_text(words, "pattern");
	if (field->pattern == NULL || pattern_is_valid(field->pattern))
		return true;
	load_fault(loader, words_at(words, "pattern"), "“%.60s” is no regular expression", field->pattern);
	return false;
}

static bool
read_scale(struct loader *loader, const struct words *words, struct field *field)
{
	int64_t scale = words_integer(words, "scale", 2);

	field->scale = field->type == FIELD_MONEY ? loader->pack->currency_scale : (int)scale;
	if (field->type != FIELD_DECIMAL || (scale >= 0 && scale <= 9))
		return true;
	field->scale = 2;
	load_fault(loader, words_at(words, "scale"), "a decimal has 0 to 9 decimals, found %lld", (long long)scale);
	return false;
}

static bool
read_field(struct loader *loader, const struct words *words, enum fields_of of, struct field *field)
{
	field->required = words_flag(words, "required", false);
	field->check = words_text(words, "check");
	field->default_value = words_text(words, "default");
	field->ranked = words_flag(words, "ranked", false);
	field->column = SIZE_MAX;
	if (!read_type(loader, words, of, field)) {
		field->type = FIELD_TEXT;
		return false;
	}
	field->indexed = words_flag(words, "indexed", field->type == FIELD_REF || field->type == FIELD_PLACE);
	bool sound = check_words(loader, words, of, field) && !words->faulty;

	if (field->type != FIELD_CHOICE)
		field->ranked = false;
	sound = read_scale(loader, words, field) && sound;
	sound = read_bounds(loader, words, field) && sound;
	sound = read_pattern(loader, words, field) && sound;
	if (field->type == FIELD_CHOICE)
		sound = read_choices(loader, words, field) && sound;
	if (field->type == FIELD_LIST)
		sound = read_items(loader, words, field) && sound;
	if (field->type == FIELD_REF)
		sound = read_target(loader, words, field) && sound;
	return sound;
}

/* Names that the engine's own columns, parameters and text keys bear. */
static const struct {
	const char *name;
	bool of_register, of_list, of_action;
} reserved[] = {
	{ "id", true, false, false },         { "state", true, false, false },   { "version", true, false, false },
	{ "changed_at", true, false, false }, { "from_at", true, false, false }, { "until_at", true, false, false },
	{ "is", true, false, false },         { "parent", false, true, false },  { "nr", false, true, false },
	{ "record", false, false, true },     { "me", false, false, true },      { "today", false, false, true },
	{ "now", false, false, true },        { "tells", false, false, true },
};

static bool
check_field_name(struct loader *loader, struct place_in_file at, const char *name, enum fields_of of)
{
	if (!scalar_is_name(name)) {
		load_fault(loader, at,
			   "“%.60s” is no name of a field: small letters, digits and _, a letter first, at most 40",
			   name);
		return false;
	}
	for (size_t i = 0; i < ARRAY_COUNT(reserved); i++) {
		bool taken = of == FIELDS_OF_REGISTER ? reserved[i].of_register
			     : of == FIELDS_OF_LIST   ? reserved[i].of_list
						      : reserved[i].of_action;

		if (!taken || strcmp(reserved[i].name, name) != 0)
			continue;
		load_fault(loader, at, "the name “%s” is the engine's own", name);
		return false;
	}
	return true;
}

void
load_fields(struct loader *loader, const char *file, const struct node *node, enum fields_of of,
	    struct draft_fields *ret_fields)
{
	size_t count = node == NULL || node->kind != NODE_MAP ? 0 : node->count;

	*ret_fields = (struct draft_fields){
		.fields = arena_array_of(loader->arena, struct field, count),
		.words = arena_array_of(loader->arena, struct words, count),
		.broken = arena_array_of(loader->arena, bool, count),
		.incomplete = node == NULL || node->kind != NODE_MAP,
	};
	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { file, node->key_lines[i] };
		size_t index = ret_fields->count;
		struct field *field = &ret_fields->fields[index];

		if (!check_field_name(loader, at, node->keys[i], of)) {
			ret_fields->incomplete = true;
			continue;
		}
		*field = (struct field){ .name = node->keys[i], .at = at, .index = index };
		ret_fields->words[index] = words_read(loader, file, &node->items[i], at.line, WORDS_FIELD);
		ret_fields->broken[index] = !read_field(loader, &ret_fields->words[index], of, field);
		ret_fields->count++;
	}
}

/* Every register that the ref may name must have the field, with one type. */
static const struct field *
resolve_one(struct loader *loader, struct place_in_file at, const struct field *field, const char *name)
{
	const struct field *found = NULL;

	for (size_t r = 0; r < field->to_count; r++) {
		const struct draft_reg *draft = &loader->drafts[field->to[r]->index];
		const struct field *candidate = load_need_field(loader, at, draft, name);

		if (candidate == NULL)
			return NULL;
		if (candidate->type == FIELD_LIST || candidate->type == FIELD_POINT || candidate->type == FIELD_REF) {
			load_fault(loader, at, "a record is not found by a %s (“%s”)", type_names[candidate->type],
				   name);
			return NULL;
		}
		if (found != NULL && found->type != candidate->type) {
			load_fault(loader, at, "“%s” has the type %s in “%s” and %s in “%s”", name,
				   type_names[found->type], field->to[0]->name, type_names[candidate->type],
				   field->to[r]->name);
			return NULL;
		}
		found = found == NULL ? candidate : found;
	}
	return found;
}

void
load_link_fields(struct loader *loader, const struct draft_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++) {
		struct field *field = &fields->fields[i];
		const struct node *items = NULL;
		size_t count =
			field->type != FIELD_REF ? 0 : words_list(loader->arena, &fields->words[i], "resolve", &items);
		const struct field **resolve = arena_array_of(loader->arena, const struct field *, count);

		for (size_t k = 0; k < count && field->to_count > 0; k++) {
			struct place_in_file at = { fields->words[i].file, items[k].line };
			const struct field *by = resolve_one(loader, at, field, items[k].text);

			if (by != NULL)
				resolve[field->resolve_count++] = by;
			else
				fields->broken[i] = true;
		}
		field->resolve = resolve;
	}
}

const char *
field_type_name(enum field_type type)
{
	assert(type < FIELD_TYPE_COUNT);
	return type_names[type];
}
