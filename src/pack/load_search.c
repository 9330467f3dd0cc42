/* load_search.c - how officials find a record (`search`) and what opens with it (`reveals`). */
#include <string.h>
#include "pack/load.h"

enum {
	NAMES_MAX = 2,
	NAME_TYPES = 1u << FIELD_NAME | 1u << FIELD_TEXT,
	EXACT_TYPES = 1u << FIELD_IIN | 1u << FIELD_BIN | 1u << FIELD_DOCUMENT | 1u << FIELD_TEXT,
	/* A hit is a line on a screen, and whoever reads it has not said yet whom it is about. */
	HIDDEN_TYPES = 1u << FIELD_FILE | 1u << FIELD_LIST | 1u << FIELD_EMAIL | 1u << FIELD_PHONE,
};

static bool
is_one_of(const struct field *field, unsigned types)
{
	return (types >> field->type & 1) != 0;
}

/* A field of the register that may stand here; NULL was reported. */
static const struct field *
need_search_field(struct loader *loader, struct draft_reg *draft, struct place_in_file at, const char *name,
		  unsigned types, const char *wanted)
{
	const struct field *field = load_need_field(loader, at, draft, name);

	if (field != NULL && is_one_of(field, types))
		return field;
	draft->search_broken = true;
	if (field != NULL && !draft->fields.broken[field->index])
		load_fault(loader, at, "the field “%s” is of type %s; %s", name, field_type_name(field->type), wanted);
	return NULL;
}

static void
read_names(struct loader *loader, struct draft_reg *draft, struct search *search)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->search, "name", &items);
	const struct field *names[NAMES_MAX] = { NULL };

	if (count > NAMES_MAX) {
		load_fault(loader, words_at(&draft->search, "name"),
			   "a name is one field or two (family name, given name), found %zu", count);
		draft->search_broken = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		names[i] = need_search_field(loader, draft, (struct place_in_file){ draft->words.file, items[i].line },
					     items[i].text, NAME_TYPES, "a name that is searched is a name or a text");
	search->family = count == NAMES_MAX ? names[0] : NULL;
	search->given = count == 0 ? NULL : names[count - 1];
	if (count == NAMES_MAX && names[0] != NULL && names[0] == names[1])
		load_fault(loader, words_at(&draft->search, "name"), "“name” names “%s” twice", names[0]->name);
}

/* Nobody waits for a scan, and a number that two records share names neither. */
static bool
is_unique_alone(const struct reg *reg, const struct field *field)
{
	for (size_t i = 0; i < reg->unique_count; i++) {
		const struct unique *unique = &reg->uniques[i];

		if (unique->field_count == 1 && unique->fields[0] == field && unique->state_count == 0)
			return true;
	}
	return false;
}

static void
read_exact(struct loader *loader, struct draft_reg *draft, struct search *search)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->search, "exact", &items);
	const struct field **exact = arena_array_of(loader->arena, const struct field *, count);

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { draft->words.file, items[i].line };
		const struct field *field =
			need_search_field(loader, draft, at, items[i].text, EXACT_TYPES,
					  "what names one record is an iin, a bin, a document or a text");

		if (field == NULL)
			continue;
		exact[search->exact_count++] = field;
		if (!is_unique_alone(draft->reg, field))
			load_fault(loader, at, "“exact” names one record, so the field “%s” must be unique alone",
				   field->name);
	}
	search->exact = exact;
}

static const struct field *
read_address_field(struct loader *loader, struct draft_reg *draft, const struct words *words, const char *word,
		   enum field_type type)
{
	const char *name = words_text(words, word);

	if (name == NULL)
		return NULL;
	return need_search_field(
		loader, draft, words_at(words, word), name, 1u << type,
		arena_printf(loader->arena, "“%s” of an address is a %s", word, field_type_name(type)));
}

static void
read_address(struct loader *loader, struct draft_reg *draft, struct search *search)
{
	const struct node *node = words_get(&draft->search, "address");

	if (node == NULL)
		return;
	struct words words = words_read(loader, draft->words.file, node, node->line, WORDS_ADDRESS);
	bool full = words_text(&words, "place") != NULL && words_text(&words, "street") != NULL &&
		    words_text(&words, "house") != NULL;
	bool part = words_text(&words, "in") != NULL && words_text(&words, "unit") != NULL;

	draft->search_broken = draft->search_broken || words.faulty;
	if ((node->count != 3 || !full) && (node->count != 2 || !part)) {
		draft->search_broken = true;
		if (!words.faulty)
			load_fault(loader, words_at(&draft->search, "address"),
				   "an address is “place”, “street” and “house”, or “in” and “unit”");
		return;
	}
	search->place = read_address_field(loader, draft, &words, "place", FIELD_PLACE);
	search->street = read_address_field(loader, draft, &words, "street", FIELD_TEXT);
	search->house = read_address_field(loader, draft, &words, "house", FIELD_TEXT);
	search->in = read_address_field(loader, draft, &words, "in", FIELD_REF);
	search->unit = read_address_field(loader, draft, &words, "unit", FIELD_TEXT);
}

static void
read_shows(struct loader *loader, struct draft_reg *draft, struct search *search)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->search, "shows", &items);
	const struct field **shows = arena_array_of(loader->arena, const struct field *, count);

	for (size_t i = 0; i < count; i++) {
		const struct field *field = need_search_field(
			loader, draft, (struct place_in_file){ draft->words.file, items[i].line }, items[i].text,
			~(unsigned)HIDDEN_TYPES, "a hit shows neither files nor lists nor how to reach somebody");

		if (field != NULL)
			shows[search->show_count++] = field;
	}
	search->shows = shows;
	if (count == 0 && search->given != NULL)
		load_fault(loader, words_at(&draft->search, "name"),
			   "several records may bear a name: “shows” must tell them apart");
}

void
load_search(struct loader *loader, struct draft_reg *draft)
{
	const struct node *node = words_get(&draft->words, "search");

	if (node == NULL)
		return;
	struct search *search = arena_new_of(loader->arena, struct search);

	search->at = words_at(&draft->words, "search");
	draft->search = words_read(loader, draft->words.file, node, search->at.line, WORDS_SEARCH);
	draft->search_broken = draft->search.faulty;
	read_names(loader, draft, search);
	read_exact(loader, draft, search);
	read_address(loader, draft, search);
	read_shows(loader, draft, search);
	draft->reg->search = search;
	if (search->given == NULL && search->exact_count == 0 && search->place == NULL && search->in == NULL &&
	    !draft->search_broken)
		load_fault(loader, search->at,
			   "“search” of “%s” names nothing to find a record by: “name”, “exact” or "
			   "“address”",
			   draft->reg->name);
}

void
load_link_search(struct loader *loader, const struct draft_reg *draft)
{
	const struct field *in = draft->reg->search == NULL ? NULL : draft->reg->search->in;

	if (in == NULL || draft->fields.broken[in->index])
		return;
	struct draft_reg *there = in->to_count == 1 ? load_find_reg(loader, in->to[0]->name) : NULL;
	bool has_address = there != NULL && there->reg->search != NULL && there->reg->search->place != NULL;

	if (!has_address && (there == NULL || !there->search_broken))
		load_fault(loader, in->at, "“%s” is no ref to one register that has an address of its own", in->name);
}

/* Texts and answers call it by this name, beside the register's fields and actions. */
static bool
check_reveal_name(struct loader *loader, const struct reg *reg, struct place_in_file at, const char *name)
{
	const char *twin = reg_field(reg, name) != NULL    ? "a field"
			   : reg_action(reg, name) != NULL ? "an action"
			   : reg_party(reg, name) != NULL  ? "a party"
							   : NULL;

	if (!scalar_is_name(name))
		load_fault(loader, at, "“%.60s” is no name of a reveal", name);
	else if (twin != NULL)
		load_fault(loader, at, "a reveal and %s of “%s” are both named “%s”", twin, reg->name, name);
	return scalar_is_name(name) && twin == NULL;
}

void
load_reveals(struct loader *loader, struct draft_reg *draft)
{
	const struct node *node = words_get(&draft->words, "reveals");
	size_t count = node == NULL ? 0 : node->count;
	struct reveal *reveals = arena_array_of(loader->arena, struct reveal, count);
	struct sql_scope scope = { .what = "a reveal", .no_this = "a reveal's SELECT is about all records" };

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { draft->words.file, node->key_lines[i] };
		struct words words = words_read(loader, at.file, &node->items[i], at.line, WORDS_REVEAL);
		const char *reg = words_text(&words, "register"), *select = words_text(&words, "select");
		struct draft_reg *shown = reg == NULL ? NULL : load_need_reg(loader, words_at(&words, "register"), reg);
		bool sound = check_reveal_name(loader, draft->reg, at, node->keys[i]);

		if (select != NULL)
			load_check_select(loader, words_at(&words, "select"), select, &scope);
		if (sound && shown != NULL && select != NULL)
			reveals[draft->reg->reveal_count++] =
				(struct reveal){ .name = node->keys[i], .reg = shown->reg, .select = select, .at = at };
	}
	draft->reg->reveals = reveals;
}
