#include "pack/words.h"
#include <string.h>
#include "pack/load.h"

enum word_kind {
	WORD_NAME,  /* [a-z][a-z0-9_]{0,39} */
	WORD_NAMES, /* one, or a list of them */
	WORD_TEXT,  /* a scalar */
	WORD_TEXTS, /* one, or a list of them */
	WORD_FLAG,
	WORD_INTEGER,
	WORD_DAY,
	WORD_MAP,
	WORD_LIST,
	WORD_ANY, /* whoever reads it looks itself */
};

static const char *const kind_names[] = {
	[WORD_NAME] = "a name (small letters, digits and _)",
	[WORD_NAMES] = "a name or a list of names (small letters, digits and _)",
	[WORD_TEXT] = "a text",
	[WORD_TEXTS] = "a text or a list of texts",
	[WORD_FLAG] = "true or false",
	[WORD_INTEGER] = "a whole number",
	[WORD_DAY] = "a day such as 2026-11-21",
	[WORD_MAP] = "a mapping",
	[WORD_LIST] = "a list",
	[WORD_ANY] = "a value",
};

struct word {
	const char *name;
	enum word_kind kind;
	bool required;
};

enum { REQUIRED = true };

static const struct word pack_words[] = {
	{ "pack", WORD_NAME, REQUIRED },       { "edition", WORD_DAY, REQUIRED }, { "time_zone", WORD_TEXT, REQUIRED },
	{ "languages", WORD_NAMES, REQUIRED }, { "currency", WORD_MAP },          { "places", WORD_MAP },
	{ "exceptions", WORD_LIST },
};
static const struct word currency_words[] = { { "code", WORD_TEXT, REQUIRED }, { "scale", WORD_INTEGER, REQUIRED } };
static const struct word places_words[] = { { "file", WORD_TEXT, REQUIRED }, { "root", WORD_TEXT, REQUIRED } };
static const struct word exception_words[] = {
	{ "register", WORD_NAME, REQUIRED },
	{ "field", WORD_NAME, REQUIRED },
	{ "reason", WORD_TEXT, REQUIRED },
};
static const struct word register_words[] = {
	{ "register", WORD_NAME, REQUIRED },
	{ "prefix", WORD_TEXT, REQUIRED },
	{ "party", WORD_MAP },
	{ "personal", WORD_FLAG },
	{ "public", WORD_FLAG },
	{ "streams", WORD_NAMES },
	{ "retention", WORD_NAME },
	{ "fields", WORD_MAP, REQUIRED },
	{ "parties", WORD_MAP },
	{ "territory", WORD_TEXT },
	{ "lives", WORD_TEXT },
	{ "label", WORD_TEXT },
	{ "unique", WORD_ANY },
	{ "search", WORD_MAP },
	{ "reveals", WORD_MAP },
	{ "views", WORD_MAP },
	{ "correct", WORD_TEXTS },
	{ "actions", WORD_MAP, REQUIRED },
};
static const struct word party_words[] = {
	{ "name", WORD_NAMES, REQUIRED },
	{ "email", WORD_NAME },
	{ "phone", WORD_NAME },
	{ "language", WORD_NAME },
};
static const struct word field_words[] = {
	{ "type", WORD_NAME, REQUIRED },
	{ "required", WORD_FLAG },
	{ "check", WORD_TEXT },
	{ "max", WORD_TEXT },
	{ "min", WORD_TEXT },
	{ "pattern", WORD_TEXT },
	{ "of", WORD_ANY },
	{ "ranked", WORD_FLAG },
	{ "to", WORD_NAMES },
	{ "resolve", WORD_NAMES },
	{ "scale", WORD_INTEGER },
	{ "indexed", WORD_FLAG },
	{ "default", WORD_TEXT },
};
static const struct word action_words[] = {
	{ "new", WORD_NAME },  { "from", WORD_NAMES },  { "to", WORD_NAME },     { "by", WORD_TEXTS },
	{ "when", WORD_TEXT }, { "takes", WORD_NAMES }, { "args", WORD_MAP },    { "set", WORD_MAP },
	{ "asks", WORD_MAP },  { "also", WORD_LIST },   { "at", WORD_TEXT },     { "every", WORD_TEXT },
	{ "each", WORD_TEXT }, { "tells", WORD_TEXTS }, { "gives", WORD_TEXTS },
};
static const struct word step_words[] = {
	{ "do", WORD_TEXT, REQUIRED }, { "record", WORD_TEXT }, { "each", WORD_TEXT },
	{ "with", WORD_MAP },          { "later", WORD_FLAG },
};
static const struct word asks_words[] = {
	{ "within", WORD_TEXT },
	{ "refused", WORD_NAME },
	{ "silent", WORD_NAME },
	{ "not_author", WORD_FLAG },
};
static const struct word unique_words[] = { { "fields", WORD_NAMES, REQUIRED }, { "while", WORD_NAMES } };
static const struct word search_words[] = {
	{ "name", WORD_NAMES },
	{ "exact", WORD_NAMES },
	{ "address", WORD_MAP },
	{ "shows", WORD_NAMES },
};
static const struct word address_words[] = {
	{ "place", WORD_NAME }, { "street", WORD_NAME }, { "house", WORD_NAME },
	{ "in", WORD_NAME },    { "unit", WORD_NAME },
};
static const struct word reveal_words[] = { { "register", WORD_NAME, REQUIRED }, { "select", WORD_TEXT, REQUIRED } };
static const struct word view_words[] = {
	{ "select", WORD_TEXT, REQUIRED }, { "public", WORD_FLAG }, { "keys", WORD_NAMES }, { "audit", WORD_FLAG },
	{ "monthly", WORD_FLAG },
};
static const struct word role_words[] = {
	{ "body", WORD_NAME },      { "territory", WORD_FLAG }, { "can", WORD_NAMES },
	{ "purposes", WORD_NAMES }, { "reads", WORD_MAP },      { "searches", WORD_NAMES },
	{ "limits", WORD_MAP },     { "only", WORD_TEXTS },     { "token", WORD_FLAG },
};
static const struct word limit_words[] = { { "lookups", WORD_INTEGER }, { "searches", WORD_INTEGER } };
static const struct word purpose_words[] = {
	{ "basis", WORD_TEXT, REQUIRED },
	{ "case", WORD_FLAG },
	{ "defer", WORD_TEXT },
	{ "discreet", WORD_FLAG },
};
static const struct word retention_words[] = {
	{ "record", WORD_TEXT },
	{ "header", WORD_TEXT },
	{ "detail", WORD_TEXT },
	{ "payload", WORD_TEXT },
};
static const struct word act_words[] = {
	{ "status", WORD_TEXT, REQUIRED },
	{ "number", WORD_TEXT },
	{ "day", WORD_DAY },
	{ "readings", WORD_LIST },
};
static const struct word reading_words[] = { { "nr", WORD_INTEGER, REQUIRED }, { "day", WORD_DAY, REQUIRED } };
/* The headers of a provision are comments of SQL, not YAML; load_law.c reads them. */
static const struct word provision_words[] = {
	{ "kind", WORD_TEXT, REQUIRED },     { "at", WORD_TEXT },     { "act", WORD_TEXT, REQUIRED },
	{ "in force", WORD_TEXT, REQUIRED }, { "wakes", WORD_TEXTS }, { "tick", WORD_TEXT },
};

#define VOCABULARY(of, words)                 \
	{                                     \
		of, words, ARRAY_COUNT(words) \
	}
static const struct {
	const char *of;
	const struct word *words;
	size_t count;
} vocabularies[VOCABULARY_COUNT] = {
	[WORDS_PACK] = VOCABULARY("pack.yaml", pack_words),
	[WORDS_CURRENCY] = VOCABULARY("a currency", currency_words),
	[WORDS_PLACES] = VOCABULARY("places", places_words),
	[WORDS_EXCEPTION] = VOCABULARY("an exception", exception_words),
	[WORDS_REGISTER] = VOCABULARY("a register", register_words),
	[WORDS_PARTY] = VOCABULARY("party", party_words),
	[WORDS_FIELD] = VOCABULARY("a field", field_words),
	[WORDS_ACTION] = VOCABULARY("an action", action_words),
	[WORDS_STEP] = VOCABULARY("a step", step_words),
	[WORDS_ASKS] = VOCABULARY("asks", asks_words),
	[WORDS_UNIQUE] = VOCABULARY("unique", unique_words),
	[WORDS_SEARCH] = VOCABULARY("search", search_words),
	[WORDS_ADDRESS] = VOCABULARY("an address", address_words),
	[WORDS_REVEAL] = VOCABULARY("a reveal", reveal_words),
	[WORDS_VIEW] = VOCABULARY("a view", view_words),
	[WORDS_ROLE] = VOCABULARY("a role", role_words),
	[WORDS_LIMITS] = VOCABULARY("limits", limit_words),
	[WORDS_PURPOSE] = VOCABULARY("a purpose", purpose_words),
	[WORDS_RETENTION] = VOCABULARY("a retention row", retention_words),
	[WORDS_ACT] = VOCABULARY("act.yaml", act_words),
	[WORDS_READING] = VOCABULARY("a reading", reading_words),
	[WORDS_PROVISION] = VOCABULARY("a provision's header", provision_words),
};

/* SIZE_MAX when the vocabulary lacks it. */
static size_t
find_word(enum vocabulary vocabulary, const char *name)
{
	for (size_t i = 0; i < vocabularies[vocabulary].count; i++)
		if (strcmp(vocabularies[vocabulary].words[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static bool
scalar_fits(const struct node *node, enum word_kind kind)
{
	int64_t number;

	if (node->kind != NODE_TEXT || node->bytes == 0 || strlen(node->text) != node->bytes)
		return false;
	switch (kind) {
	case WORD_NAME:
	case WORD_NAMES:
		return scalar_is_name(node->text);
	case WORD_FLAG:
		return node->plain && (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0);
	case WORD_INTEGER:
		return scalar_integer(node->text, &number);
	case WORD_DAY:
		return day_parse(node->text, node->bytes, false, &number) == OK;
	default:
		return true;
	}
}

static bool
fits(const struct node *node, enum word_kind kind)
{
	if (kind == WORD_ANY)
		return true;
	if (kind == WORD_MAP || kind == WORD_LIST)
		return node->kind == (kind == WORD_MAP ? NODE_MAP : NODE_LIST);
	if (node->kind != NODE_LIST || (kind != WORD_NAMES && kind != WORD_TEXTS))
		return scalar_fits(node, kind);
	for (size_t i = 0; i < node->count; i++)
		if (!scalar_fits(&node->items[i], kind))
			return false;
	return node->count > 0;
}

static const char *
describe(struct loader *loader, const struct node *node)
{
	switch (node->kind) {
	case NODE_MAP:
		return "a mapping";
	case NODE_LIST:
		return node->count == 0 ? "an empty list" : "a list";
	case NODE_NULL:
		return "nothing";
	default:
		return node->bytes == 0 ? "nothing" : arena_printf(loader->arena, "“%.60s”", node->text);
	}
}

static void
check_pair(struct loader *loader, struct words *words, size_t at)
{
	const struct node *value = &words->node->items[at];
	const char *key = words->node->keys[at];
	size_t index = find_word(words->vocabulary, key);
	struct place_in_file place = { words->file, words->node->key_lines[at] };

	if (index == SIZE_MAX) {
		const char *const *names = NULL;
		size_t count = words_names(loader->arena, words->vocabulary, &names);

		if (words->vocabulary == WORDS_ASKS)
			return; /* its other keys are parties */
		words->faulty = true;
		load_fault(loader, place, "“%.60s” is no word of %s%s", key, vocabularies[words->vocabulary].of,
			   load_nearest(loader, key, names, count));
		return;
	}
	enum word_kind kind = vocabularies[words->vocabulary].words[index].kind;

	if (fits(value, kind))
		return;
	words->faulty = true;
	words->wrong |= UINT64_C(1) << index;
	if (kind == WORD_NAMES && value->kind == NODE_LIST && value->count > 0) {
		for (size_t i = 0; i < value->count; i++)
			if (!scalar_fits(&value->items[i], kind)) {
				value = &value->items[i];
				break;
			}
	}
	load_fault(loader, (struct place_in_file){ words->file, value->line }, "“%s” of %s: expected %s, found %s", key,
		   vocabularies[words->vocabulary].of, kind_names[kind], describe(loader, value));
}

/* Is there an unknown word that was most likely meant for this one? Then it was reported already. */
static bool
is_misspelt(struct loader *loader, const struct words *words, const char *word)
{
	const char *const *names = NULL;
	size_t count = words_names(loader->arena, words->vocabulary, &names);

	for (size_t i = 0; i < words->node->count; i++) {
		const char *key = words->node->keys[i];
		const char *nearest =
			find_word(words->vocabulary, key) == SIZE_MAX ? nearest_name(key, names, count) : NULL;

		if (nearest != NULL && strcmp(nearest, word) == 0)
			return true;
	}
	return false;
}

struct words
words_read(struct loader *loader, const char *file, const struct node *node, int line, enum vocabulary vocabulary)
{
	struct words words = { .node = node, .file = file, .vocabulary = vocabulary };

	if (node == NULL || node->kind != NODE_MAP) {
		words.node = NULL;
		words.faulty = true;
		load_fault(loader, (struct place_in_file){ file, line }, "%s is a mapping, found %s",
			   vocabularies[vocabulary].of, node == NULL ? "nothing" : describe(loader, node));
		return words;
	}
	for (size_t i = 0; i < node->count; i++)
		check_pair(loader, &words, i);
	for (size_t i = 0; i < vocabularies[vocabulary].count; i++) {
		const struct word *word = &vocabularies[vocabulary].words[i];

		if (!word->required || node_get(node, word->name) != NULL || is_misspelt(loader, &words, word->name))
			continue;
		words.faulty = true;
		load_fault(loader, (struct place_in_file){ file, line }, "%s needs “%s” (%s)",
			   vocabularies[vocabulary].of, word->name, kind_names[word->kind]);
	}
	return words;
}

const struct node *
words_get(const struct words *words, const char *word)
{
	size_t index = find_word(words->vocabulary, word);

	assert(index != SIZE_MAX);
	return (words->wrong & UINT64_C(1) << index) != 0 ? NULL : node_get(words->node, word);
}

const char *
words_text(const struct words *words, const char *word)
{
	const struct node *node = words_get(words, word);

	return node == NULL || node->kind != NODE_TEXT ? NULL : node->text;
}

bool
words_flag(const struct words *words, const char *word, bool otherwise)
{
	const char *text = words_text(words, word);

	return text == NULL ? otherwise : strcmp(text, "true") == 0;
}

int64_t
words_integer(const struct words *words, const char *word, int64_t otherwise)
{
	const char *text = words_text(words, word);
	int64_t integer;

	return text == NULL || !scalar_integer(text, &integer) ? otherwise : integer;
}

size_t
words_list(struct arena *arena, const struct words *words, const char *word, const struct node **ret_items)
{
	const struct node *node = words_get(words, word);

	*ret_items = NULL;
	if (node == NULL)
		return 0;
	*ret_items = node->kind == NODE_LIST ? node->items : node;
	return node->kind == NODE_LIST ? node->count : 1;
}

struct place_in_file
words_at(const struct words *words, const char *word)
{
	const struct node *map = words->node;

	for (size_t i = 0; map != NULL && i < map->count; i++)
		if (strcmp(map->keys[i], word) == 0)
			return (struct place_in_file){ words->file, map->key_lines[i] };
	return (struct place_in_file){ words->file, map == NULL ? 0 : map->line };
}

bool
words_knows(enum vocabulary vocabulary, const char *word)
{
	return find_word(vocabulary, word) != SIZE_MAX;
}

size_t
words_names(struct arena *arena, enum vocabulary vocabulary, const char *const **ret_names)
{
	size_t count = vocabularies[vocabulary].count;
	const char **names = arena_array_of(arena, const char *, count);

	for (size_t i = 0; i < count; i++)
		names[i] = vocabularies[vocabulary].words[i].name;
	*ret_names = names;
	return count;
}
