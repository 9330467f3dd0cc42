/* load_roles.c - roles.yaml */
#include <inttypes.h>
#include <string.h>
#include "pack/load.h"

enum { ROLES_MAX = 64, LIMIT_MAX = 1000000 };
static const char file[] = "roles.yaml";

static const char *const abilities[] = { "accounts",   "counter", "lookups", "findings",
					 "statistics", "audit",   "pack",    "clock" };

const char *
ability_name(enum ability ability)
{
	for (size_t i = 0; i < ARRAY_COUNT(abilities); i++)
		if ((unsigned)ability == 1u << i)
			return abilities[i];
	return NULL;
}

void
load_role_names(struct loader *loader)
{
	const struct node *node = load_yaml_map(loader, file, true, &loader->roles_incomplete);
	size_t count = node == NULL ? 0 : node->count;

	if (count > ROLES_MAX) {
		load_fault(loader, (struct place_in_file){ file, node->key_lines[ROLES_MAX] },
			   "a pack has at most %d roles", ROLES_MAX);
		loader->roles_incomplete = true;
		count = ROLES_MAX;
	}
	loader->roles = arena_array_of(loader->arena, struct role, count);
	loader->role_drafts = arena_array_of(loader->arena, struct draft_role, count);
	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { file, node->key_lines[i] };
		struct role *role = &loader->roles[loader->role_count];

		if (!scalar_is_name(node->keys[i])) {
			loader->roles_incomplete = true;
			load_fault(
				loader, at,
				"“%.60s” is no name of a role: small letters, digits and _, a letter first, at most 40",
				node->keys[i]);
			continue;
		}
		*role = (struct role){ .name = node->keys[i], .at = at, .index = loader->role_count };
		loader->role_drafts[loader->role_count++] =
			(struct draft_role){ role, words_read(loader, file, &node->items[i], at.line, WORDS_ROLE) };
	}
	loader->pack->roles = loader->roles;
	loader->pack->role_count = loader->role_count;
}

static void
read_abilities(struct loader *loader, struct draft_role *draft)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "can", &items);

	for (size_t i = 0; i < count; i++) {
		unsigned can = 0;

		for (size_t k = 0; k < ARRAY_COUNT(abilities); k++)
			if (strcmp(abilities[k], items[i].text) == 0)
				can = 1u << k;
		if (can == 0)
			load_fault(loader, (struct place_in_file){ file, items[i].line }, "there is no ability “%s”%s",
				   items[i].text,
				   load_nearest(loader, items[i].text, abilities, ARRAY_COUNT(abilities)));
		draft->role->can |= can;
	}
}

static void
read_purposes(struct loader *loader, struct draft_role *draft)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "purposes", &items);
	const struct purpose **purposes = arena_array_of(loader->arena, const struct purpose *, count);
	const char **names = arena_array_of(loader->arena, const char *, loader->pack->purpose_count);

	for (size_t i = 0; i < loader->pack->purpose_count; i++)
		names[i] = loader->purposes[i].name;
	for (size_t i = 0; i < count; i++) {
		const struct purpose *purpose = pack_purpose(loader->pack, items[i].text);

		if (purpose != NULL)
			purposes[draft->role->purpose_count++] = purpose;
		else if (!loader->purposes_incomplete)
			load_fault(loader, (struct place_in_file){ file, items[i].line },
				   "purposes.yaml has no purpose “%s”%s", items[i].text,
				   load_nearest(loader, items[i].text, names, loader->pack->purpose_count));
	}
	draft->role->purposes = purposes;
}

static bool
read_fields(struct loader *loader, const struct draft_reg *draft, const struct node *node, struct role_reads *reads)
{
	const struct node *items = node->kind == NODE_LIST ? node->items : node;
	size_t count = node->kind == NODE_LIST ? node->count : 1;
	const struct field **fields = arena_array_of(loader->arena, const struct field *, count);

	if (node->kind == NODE_TEXT && strcmp(node->text, "all") == 0) {
		reads->all = true;
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { file, items[i].line == 0 ? node->line : items[i].line };

		if (items[i].kind != NODE_TEXT) {
			load_fault(loader, at, "a role reads “all” or a list of fields");
			return false;
		}
		const struct field *field = load_need_field(loader, at, draft, items[i].text);

		if (field != NULL)
			fields[reads->field_count++] = field;
	}
	reads->fields = fields;
	return true;
}

static void
read_reads(struct loader *loader, struct draft_role *draft)
{
	const struct node *node = words_get(&draft->words, "reads");
	size_t count = node == NULL ? 0 : node->count;
	struct role_reads *reads = arena_array_of(loader->arena, struct role_reads, count);

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { file, node->key_lines[i] };
		const struct draft_reg *reg = load_need_reg(loader, at, node->keys[i]);

		if (reg == NULL)
			continue;
		reads[draft->role->reads_count].reg = reg->reg;
		if (read_fields(loader, reg, &node->items[i], &reads[draft->role->reads_count]))
			draft->role->reads_count++;
	}
	draft->role->reads = reads;
}

/* A hit leads to the record: who may not open it has nothing to search for. Public registers are open to all. */
static void
check_searched(struct loader *loader, const struct role *role, struct place_in_file at, const struct reg *reg)
{
	bool reads = reg->is_public;

	for (size_t i = 0; i < role->reads_count; i++)
		reads = reads || role->reads[i].reg == reg;
	if (!reads)
		load_fault(loader, at, "the role “%s” searches “%s” but does not read it", role->name, reg->name);
}

static void
read_searches(struct loader *loader, struct draft_role *draft)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "searches", &items);
	const struct reg **searches = arena_array_of(loader->arena, const struct reg *, count);

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { file, items[i].line };
		const struct draft_reg *reg = load_need_reg(loader, at, items[i].text);

		if (reg == NULL)
			continue;
		if (words_get(&reg->words, "search") == NULL) {
			load_fault(loader, at, "the register “%s” has no “search”", reg->reg->name);
			continue;
		}
		check_searched(loader, draft->role, at, reg->reg);
		searches[draft->role->searches_count++] = reg->reg;
	}
	draft->role->searches = searches;
	if (count > 0 && (draft->role->can & CAN_LOOKUPS) == 0)
		load_fault(loader, words_at(&draft->words, "searches"),
			   "the role “%s” searches and so needs the ability “lookups”", draft->role->name);
}

static int
read_limit(struct loader *loader, const struct words *words, const char *word)
{
	int64_t limit = words_integer(words, word, 0);

	if (words_get(words, word) == NULL || (limit > 0 && limit <= LIMIT_MAX))
		return (int)limit;
	load_fault(loader, words_at(words, word), "a limit is a number from 1 to %d, found %" PRId64, LIMIT_MAX, limit);
	return 0;
}

static void
read_limits(struct loader *loader, struct draft_role *draft)
{
	const struct node *node = words_get(&draft->words, "limits");
	struct role *role = draft->role;

	if (node == NULL)
		return;
	struct words words = words_read(loader, file, node, node->line, WORDS_LIMITS);

	role->lookups_an_hour = read_limit(loader, &words, "lookups");
	role->searches_an_hour = read_limit(loader, &words, "searches");
	if ((role->can & CAN_LOOKUPS) == 0)
		load_fault(loader, words_at(&draft->words, "limits"),
			   "the role “%s” looks nothing up: limits mean nothing to it", role->name);
}

static void
read_only(struct loader *loader, struct draft_role *draft)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "only", &items);
	const struct action **only = arena_array_of(loader->arena, const struct action *, count);

	for (size_t i = 0; i < count; i++) {
		struct draft_reg *reg = NULL;
		const struct draft_action *action =
			load_need_action(loader, (struct place_in_file){ file, items[i].line }, items[i].text, &reg);

		if (action != NULL)
			only[draft->role->only_count++] = action->action;
	}
	draft->role->only = only;
}

static void
check_role(struct loader *loader, const struct draft_role *draft)
{
	const struct role *role = draft->role;
	bool reads = words_get(&draft->words, "reads") != NULL;

	if ((role->can & CAN_ACCOUNTS) != 0 && (reads || (role->can & CAN_LOOKUPS) != 0))
		load_fault(loader, role->at,
			   "the role “%s” manages accounts, so it may not read records or look them up", role->name);
	else if (reads && (role->can & CAN_LOOKUPS) == 0)
		load_warn(loader, role->at, "the role “%s” reads fields but lacks the ability “lookups”", role->name);
	if ((role->can & CAN_LOOKUPS) != 0 && words_get(&draft->words, "purposes") == NULL)
		load_fault(loader, role->at, "the role “%s” looks records up and so needs “purposes”", role->name);
}

void
load_roles(struct loader *loader)
{
	for (size_t i = 0; i < loader->role_count; i++) {
		struct draft_role *draft = &loader->role_drafts[i];

		draft->role->body = words_text(&draft->words, "body");
		draft->role->territory = words_flag(&draft->words, "territory", false);
		draft->role->token = words_flag(&draft->words, "token", false);
		read_abilities(loader, draft);
		read_purposes(loader, draft);
		read_reads(loader, draft);
		read_searches(loader, draft);
		read_limits(loader, draft);
		read_only(loader, draft);
		check_role(loader, draft);
	}
}
