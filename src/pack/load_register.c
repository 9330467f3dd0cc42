/* load_register.c - registers: what stands beside their fields and actions. */
#include <string.h>
#include "pack/load.h"

struct document {
	const char *file;
	const struct node *node;
};

static size_t
read_documents(struct loader *loader, struct document **ret_documents)
{
	static const char folder[] = "registers/";
	struct document *documents = NULL;
	size_t count = 0, capacity = 0;

	for (size_t i = 0; i < loader->source_count; i++) {
		const char *path = loader->sources[i].path;
		size_t bytes = strlen(path), node_count = 0;
		const struct node *nodes = NULL;

		if (strncmp(path, folder, strlen(folder)) != 0 || strcmp(path + bytes - 5, ".yaml") != 0)
			continue;
		if (!load_yaml(loader, path, true, &nodes, &node_count))
			loader->regs_incomplete = true;
		for (size_t k = 0; k < node_count; k++)
			*ARENA_PUSH(loader->arena, documents, count, capacity) = (struct document){ path, &nodes[k] };
	}
	*ret_documents = documents;
	return count;
}

/* Text keys begin with these words, and SQL knows some of them as something else. */
static const char *const reserved[] = { "place", "place_above", "this", "old",  "new",       "role",  "purpose", "law",
					"view",  "body",        "is",   "pack", "retention", "table", "correct" };

static bool
check_register_name(struct loader *loader, struct place_in_file at, const char *name)
{
	const struct draft_reg *twin = load_find_reg(loader, name);

	for (size_t i = 0; i < ARRAY_COUNT(reserved); i++)
		if (strcmp(reserved[i], name) == 0) {
			load_fault(loader, at, "the name “%s” is the engine's own", name);
			return false;
		}
	if (twin != NULL)
		load_fault(loader, at, "the register “%s” stands in %s:%d already", name, twin->reg->at.file,
			   twin->reg->at.line);
	return twin == NULL;
}

static void
check_prefix(struct loader *loader, const struct words *words, struct reg *reg)
{
	const char *prefix = words_text(words, "prefix");

	reg->prefix = "";
	if (prefix == NULL)
		return;
	if (strlen(prefix) != 2 || prefix[0] < 'A' || prefix[0] > 'Z' || prefix[1] < 'A' || prefix[1] > 'Z') {
		load_fault(loader, words_at(words, "prefix"), "a prefix is two capital letters, found “%.20s”", prefix);
		return;
	}
	reg->prefix = prefix;
	for (size_t i = 0; i < loader->reg_count; i++)
		if (strcmp(loader->regs[i].prefix, prefix) == 0)
			load_fault(loader, words_at(words, "prefix"),
				   "the prefix %s is that of the register “%s” already", prefix, loader->regs[i].name);
}

static void
enter_register(struct loader *loader, const struct document *document)
{
	int line = document->node->line;
	struct words words = words_read(loader, document->file, document->node, line, WORDS_REGISTER);
	const char *name = words_text(&words, "register");

	if (name == NULL || !check_register_name(loader, words_at(&words, "register"), name)) {
		loader->regs_incomplete = true;
		return;
	}
	struct reg *reg = &loader->regs[loader->reg_count];

	*reg = (struct reg){
		.name = name,
		.at = words_at(&words, "register"),
		.index = loader->reg_count,
		.personal = words_flag(&words, "personal", false),
		.is_public = words_flag(&words, "public", false),
		.is_party = node_get(words.node, "party") != NULL,
	};
	check_prefix(loader, &words, reg);
	if (reg->personal && reg->is_public)
		load_fault(loader, words_at(&words, "public"), "a personal register cannot be public");
	loader->drafts[loader->reg_count++] = (struct draft_reg){ .reg = reg, .words = words };
}

void
load_register_names(struct loader *loader)
{
	struct document *documents = NULL;
	size_t count = read_documents(loader, &documents);

	loader->regs = arena_array_of(loader->arena, struct reg, count + 1);
	loader->drafts = arena_array_of(loader->arena, struct draft_reg, count + 1);
	for (size_t i = 0; i < count; i++)
		enter_register(loader, &documents[i]);
	loader->pack->regs = loader->regs;
	loader->pack->reg_count = loader->reg_count;
	if (count == 0 && !loader->regs_incomplete)
		load_fault(loader, (struct place_in_file){ "registers", 0 }, "the pack has no register");
}

static enum value_kind
kind_of(enum field_type type)
{
	switch (type) {
	case FIELD_BOOLEAN:
		return VALUE_BOOLEAN;
	case FIELD_TEXT:
	case FIELD_CHOICE:
	case FIELD_NAME:
	case FIELD_DOCUMENT:
	case FIELD_PHONE:
	case FIELD_EMAIL:
	case FIELD_COUNTRY:
	case FIELD_NUMBER:
		return VALUE_TEXT;
	default:
		return VALUE_INTEGER;
	}
}

static void
add_column(struct loader *loader, struct column *columns, size_t *count, const struct field *field,
	   enum column_role role)
{
	static const char *const suffixes[] = {
		[COLUMN_PLAIN] = "", [COLUMN_RANK] = "_rank", [COLUMN_LAT] = "_lat", [COLUMN_LON] = "_lon"
	};

	columns[(*count)++] = (struct column){
		.name = arena_printf(loader->arena, "%s%s", field->name, suffixes[role]),
		.field = field,
		.role = role,
		.kind = role == COLUMN_PLAIN ? kind_of(field->type) : VALUE_INTEGER,
	};
}

static void
make_columns(struct loader *loader, struct draft_reg *draft)
{
	size_t field_count = draft->fields.count, count = COLUMN_FIRST_FIELD;
	struct column *columns = arena_array_of(loader->arena, struct column, count + 2 * field_count);

	columns[COLUMN_ID] = (struct column){ .name = "id", .kind = VALUE_INTEGER };
	columns[COLUMN_STATE] = (struct column){ .name = "state", .kind = VALUE_TEXT };
	columns[COLUMN_VERSION] = (struct column){ .name = "version", .kind = VALUE_INTEGER };
	columns[COLUMN_CHANGED_AT] = (struct column){ .name = "changed_at", .kind = VALUE_INTEGER };
	for (size_t i = 0; i < field_count; i++) {
		struct field *field = &draft->fields.fields[i];

		field->column = field->type == FIELD_LIST ? SIZE_MAX : count;
		if (field->type == FIELD_POINT) {
			add_column(loader, columns, &count, field, COLUMN_LAT);
			add_column(loader, columns, &count, field, COLUMN_LON);
		} else if (field->type != FIELD_LIST) {
			add_column(loader, columns, &count, field, COLUMN_PLAIN);
			if (field->ranked)
				add_column(loader, columns, &count, field, COLUMN_RANK);
		}
	}
	draft->reg->columns = columns;
	draft->reg->column_count = count;
}

/* 1 when every register that the ref may name is one of parties, 0 when none is, -1 when they are mixed. */
static int
names_parties(const struct field *field)
{
	size_t parties = 0;

	for (size_t i = 0; i < field->to_count; i++)
		parties += field->to[i]->is_party;
	return parties == 0 ? 0 : parties == field->to_count ? 1 : -1;
}

static bool
check_party_select(struct loader *loader, const struct draft_reg *draft, struct place_in_file at, const char *name,
		   const struct node *node)
{
	struct sql_scope scope = { .what = "a party", .no_this = "a party's SELECT is about all records" };

	if (!scalar_is_name(name) || words_knows(WORDS_ASKS, name)) {
		load_fault(loader, at, "“%.60s” is no name of a party", name);
		return false;
	}
	if (reg_field(draft->reg, name) != NULL) {
		load_fault(loader, at, "a party and a field are both named “%s”", name);
		return false;
	}
	if (reg_action(draft->reg, name) != NULL) {
		load_fault(loader, at, "a party and an action are both named “%s”", name);
		return false;
	}
	if (node->kind != NODE_TEXT) {
		load_fault(loader, at, "the party “%s” is one SELECT of record and party", name);
		return false;
	}
	load_check_select(loader, (struct place_in_file){ at.file, node->line }, node->text, &scope);
	return true;
}

static void
make_parties(struct loader *loader, struct draft_reg *draft)
{
	const struct node *node = words_get(&draft->words, "parties");
	size_t select_count = node == NULL ? 0 : node->count, count = 0;
	struct party *parties = arena_array_of(loader->arena, struct party, draft->fields.count + select_count);

	draft->parties_broken = draft->fields.incomplete;
	for (size_t i = 0; i < draft->fields.count; i++) {
		const struct field *field = &draft->fields.fields[i];
		int named = names_parties(field);

		draft->parties_broken = draft->parties_broken || (draft->fields.broken[i] && named == 0);
		if (named < 0)
			load_fault(loader, field->at, "“to” of “%s” mixes registers of parties with others",
				   field->name);
		if (named != 0)
			parties[count++] = (struct party){ .name = field->name, .field = field, .at = field->at };
	}
	for (size_t i = 0; i < select_count; i++) {
		struct place_in_file at = { draft->words.file, node->key_lines[i] };

		if (check_party_select(loader, draft, at, node->keys[i], &node->items[i]))
			parties[count++] =
				(struct party){ .name = node->keys[i], .select = node->items[i].text, .at = at };
		else
			draft->parties_broken = true;
	}
	draft->parties = parties;
	draft->reg->parties = parties;
	draft->reg->party_count = count;
}

static const struct field *
read_address(struct loader *loader, const struct words *words, const struct draft_reg *draft, const char *word,
	     uint32_t types)
{
	const char *name = words_text(words, word);
	const struct field *field = name == NULL ? NULL : load_need_field(loader, words_at(words, word), draft, name);

	if (field == NULL || (types >> field->type & 1) != 0)
		return field;
	load_fault(loader, words_at(words, word), "the field “%s” is of type %s and cannot be a party's %s", name,
		   field_type_name(field->type), word);
	return NULL;
}

static void
read_party(struct loader *loader, struct draft_reg *draft)
{
	const struct node *node = words_get(&draft->words, "party");
	struct reg *reg = draft->reg;
	const struct node *items = NULL;

	if (node == NULL)
		return;
	struct words words = words_read(loader, draft->words.file, node, node->line, WORDS_PARTY);
	size_t count = words_list(loader->arena, &words, "name", &items);
	const struct field **names = arena_array_of(loader->arena, const struct field *, count);

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { words.file, items[i].line };
		const struct field *field = load_need_field(loader, at, draft, items[i].text);

		if (field != NULL && (field->type == FIELD_NAME || field->type == FIELD_TEXT))
			names[reg->party_name_count++] = field;
		else if (field != NULL)
			load_fault(loader, at, "the field “%s” is of type %s and cannot be a party's name", field->name,
				   field_type_name(field->type));
	}
	reg->party_name = names;
	reg->party_email = read_address(loader, &words, draft, "email", 1u << FIELD_EMAIL);
	reg->party_phone = read_address(loader, &words, draft, "phone", 1u << FIELD_PHONE);
	reg->party_language = read_address(loader, &words, draft, "language", 1u << FIELD_CHOICE | 1u << FIELD_TEXT);
}

static void
read_streams(struct loader *loader, struct draft_reg *draft)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "streams", &items);
	const struct field **streams = arena_array_of(loader->arena, const struct field *, count);

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { draft->words.file, items[i].line };

		if (strcmp(items[i].text, "id") == 0) {
			draft->reg->stream_is_self = true;
			continue;
		}
		const struct field *field = load_need_field(loader, at, draft, items[i].text);

		if (field == NULL)
			continue;
		if (names_parties(field) == 1)
			streams[draft->reg->stream_count++] = field;
		else if (!draft->fields.broken[field->index])
			load_fault(loader, at, "a stream is that of a party: “%s” is no ref to a register of parties",
				   field->name);
	}
	draft->reg->streams = streams;
}

static void
read_retention(struct loader *loader, struct draft_reg *draft)
{
	const char *name = words_text(&draft->words, "retention");
	const char **names = arena_array_of(loader->arena, const char *, loader->pack->retention_count + 1);

	for (size_t i = 0; name != NULL && i < loader->pack->retention_count; i++) {
		names[i] = loader->retentions[i].name;
		if (strcmp(names[i], name) == 0)
			draft->reg->retention = &loader->retentions[i];
	}
	if (name != NULL && draft->reg->retention == NULL && !loader->retentions_incomplete)
		load_fault(loader, words_at(&draft->words, "retention"), "retention.yaml has no row “%s”%s", name,
			   load_nearest(loader, name, names, loader->pack->retention_count));
	if (name == NULL && draft->reg->personal)
		load_warn(loader, draft->reg->at, "the personal register “%s” names no retention: it is kept for ever",
			  draft->reg->name);
}

static void
read_unique(struct loader *loader, struct draft_reg *draft, const struct node *node, struct unique *unique)
{
	struct words words = words_read(loader, draft->words.file, node, node->line, WORDS_UNIQUE);
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &words, "fields", &items);
	const struct field **fields = arena_array_of(loader->arena, const struct field *, count);

	unique->at = (struct place_in_file){ draft->words.file, node->line };
	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { draft->words.file, items[i].line };
		const struct field *field = load_need_field(loader, at, draft, items[i].text);

		if (field != NULL && (field->type == FIELD_LIST || field->type == FIELD_POINT))
			load_fault(loader, at, "a %s cannot be unique (“%s”)", field_type_name(field->type),
				   field->name);
		else if (field != NULL)
			fields[unique->field_count++] = field;
	}
	unique->fields = fields;
	count = words_list(loader->arena, &words, "while", &items);
	const char **states = arena_array_of(loader->arena, const char *, count);

	for (size_t i = 0; i < count; i++)
		if (load_need_state(loader, (struct place_in_file){ draft->words.file, items[i].line }, draft,
				    items[i].text))
			states[unique->state_count++] = items[i].text;
	unique->states = states;
}

static void
read_uniques(struct loader *loader, struct draft_reg *draft)
{
	const struct node *node = words_get(&draft->words, "unique");
	const struct node *items = node != NULL && node->kind == NODE_LIST ? node->items : node;
	size_t count = node == NULL ? 0 : node->kind == NODE_LIST ? node->count : 1;
	struct unique *uniques = arena_array_of(loader->arena, struct unique, count);

	for (size_t i = 0; i < count; i++)
		read_unique(loader, draft, &items[i], &uniques[draft->reg->unique_count++]);
	draft->reg->uniques = uniques;
}

static void
read_territory(struct loader *loader, struct draft_reg *draft)
{
	const char *territory = words_text(&draft->words, "territory");
	struct sql_scope scope = { .draft = draft, .what = "the territory" };

	if (territory != NULL) {
		load_check_value(loader, words_at(&draft->words, "territory"), territory, &scope);
		draft->reg->territory = territory;
		return;
	}
	for (size_t i = 0; i < draft->fields.count && draft->reg->territory == NULL; i++)
		if (draft->fields.fields[i].type == FIELD_PLACE)
			draft->reg->territory = arena_printf(loader->arena, "this.%s", draft->fields.fields[i].name);
}

static void
read_lives(struct loader *loader, struct draft_reg *draft)
{
	const char *lives = words_text(&draft->words, "lives");
	struct sql_scope scope = { .draft = draft, .what = "where it lives" };

	if (lives != NULL)
		load_check_value(loader, words_at(&draft->words, "lives"), lives, &scope);
	draft->reg->lives = lives;
}

static void
read_label(struct loader *loader, struct draft_reg *draft)
{
	const char *label = words_text(&draft->words, "label");
	struct sql_scope scope = { .draft = draft, .what = "the label" };

	if (label != NULL)
		load_check_value(loader, words_at(&draft->words, "label"), label, &scope);
	draft->reg->label = label;
}

static void
check_field_conditions(struct loader *loader, const struct draft_reg *draft)
{
	struct sql_scope check = { .what = "a check", .no_this = "a check names the record's columns bare" };
	struct sql_scope value = { .what = "a default", .no_this = "a default is the same for every record" };

	for (size_t i = 0; i < draft->fields.count; i++) {
		const struct field *field = &draft->fields.fields[i];

		if (field->check != NULL)
			load_check_value(loader, words_at(&draft->fields.words[i], "check"), field->check, &check);
		if (field->default_value != NULL)
			load_check_value(loader, words_at(&draft->fields.words[i], "default"), field->default_value,
					 &value);
		if (field->type == FIELD_PLACE && loader->place_file == NULL && !draft->fields.broken[i])
			load_fault(loader, field->at, "“%s” is a place, but pack.yaml names no “places”", field->name);
	}
}

static bool
is_party_ref(const struct reg *reg, const char *name)
{
	const struct field *field = reg_field(reg, name);

	return field != NULL && field->type == FIELD_REF && names_parties(field) == 1;
}

static void
check_mandate(struct loader *loader, const struct draft_reg *draft)
{
	const struct reg *reg = draft->reg;
	const struct field *until = reg_field(reg, "until");
	const struct field *scope = reg_field(reg, "scope");
	bool active = false;

	if (strcmp(reg->name, "mandate") != 0 || draft->fields.incomplete || draft->actions_broken)
		return;
	for (size_t i = 0; i < reg->state_count; i++)
		active = active || strcmp(reg->states[i], "active") == 0;
	if (!is_party_ref(reg, "giver") || !is_party_ref(reg, "holder") || !active)
		load_fault(loader, reg->at,
			   "the register “mandate” needs the refs “giver” and “holder” to registers of parties and the "
			   "state “active”");
	else if (until != NULL && until->type != FIELD_DAY)
		load_fault(loader, until->at, "“until” of the register “mandate” is a day");
	else if (scope != NULL && scope->type != FIELD_TEXT && scope->type != FIELD_CHOICE)
		load_fault(loader, scope->at, "“scope” of the register “mandate” is a text or a choice");
	else
		loader->pack->mandate = reg;
}

static void
read_correct(struct loader *loader, struct draft_reg *draft)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "correct", &items);
	struct subject *subjects = arena_array_of(loader->arena, struct subject, count);

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { draft->words.file, items[i].line };

		if (load_subject(loader, at, draft, NULL, items[i].text, &subjects[draft->reg->correct_count]))
			draft->reg->correct_count++;
	}
	draft->reg->correct = subjects;
}

static void
read_register(struct loader *loader, struct draft_reg *draft)
{
	make_parties(loader, draft);
	check_field_conditions(loader, draft);
	load_check_columns(loader, draft);
	load_states(loader, draft);
	read_party(loader, draft);
	read_streams(loader, draft);
	read_retention(loader, draft);
	read_territory(loader, draft);
	read_lives(loader, draft);
	read_label(loader, draft);
	read_uniques(loader, draft);
	load_search(loader, draft);
	load_reveals(loader, draft);
	load_views(loader, draft);
	read_correct(loader, draft);
	check_mandate(loader, draft);
}

void
load_registers(struct loader *loader)
{
	for (size_t i = 0; i < loader->reg_count; i++) {
		struct draft_reg *draft = &loader->drafts[i];

		load_fields(loader, draft->words.file, words_get(&draft->words, "fields"), FIELDS_OF_REGISTER,
			    &draft->fields);
		draft->reg->fields = draft->fields.fields;
		draft->reg->field_count = draft->fields.count;
		make_columns(loader, draft);
		load_action_names(loader, draft);
	}
	for (size_t i = 0; i < loader->reg_count; i++) {
		load_link_fields(loader, &loader->drafts[i].fields);
		for (size_t a = 0; a < loader->drafts[i].action_count; a++)
			load_link_fields(loader, &loader->drafts[i].actions[a].pure);
	}
	for (size_t i = 0; i < loader->list_count; i++)
		load_link_fields(loader, &loader->lists[i]);
	for (size_t i = 0; i < loader->reg_count; i++)
		load_action_args(loader, &loader->drafts[i]);
	for (size_t i = 0; i < loader->reg_count; i++)
		read_register(loader, &loader->drafts[i]);
	for (size_t i = 0; i < loader->reg_count; i++)
		load_link_search(loader, &loader->drafts[i]);
	for (size_t i = 0; i < loader->reg_count; i++)
		load_actions(loader, &loader->drafts[i]);
	for (size_t i = 0; i < loader->reg_count; i++)
		load_check_reach(loader, &loader->drafts[i]);
}
