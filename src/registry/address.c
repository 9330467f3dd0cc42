#include "registry/address.h"
#include <string.h>
#include "registry/address_book.h"
#include "registry/engine.h"

enum { STREETS_MAX = 256 }; /* that are asked for in the register at one distance */

/* One meaning of what was typed. */
struct meaning {
	struct address_words words;
	const char *house, *flat; /* NULL: none was typed */
};

/* ---- which records ---- */

struct hit_list {
	int64_t *items;
	size_t count, capacity;
};

struct house_search {
	struct registry *registry;
	struct db *db;
	struct arena *arena;
	const struct reg *reg, *base; /* `base` has the full address: the same, or what `reg` lies in */
	const struct meaning *meaning;
	size_t limit;
	struct hit_list exact, alike; /* `alike`: 12А and 12/1 for 12 */
};

static void
list_add(struct house_search *search, struct hit_list *list, int64_t record)
{
	/* One more than the limit says that there are too many. */
	if (list->count <= search->limit)
		*ARENA_PUSH(search->arena, list->items, list->count, list->capacity) = record;
}

/* The number itself, without what follows it. */
static bool
is_alike(const char *number, const char *asked)
{
	size_t digits = strspn(asked, "0123456789");

	return digits > 0 && strspn(number, "0123456789") == digits && memcmp(number, asked, digits) == 0;
}

static enum error
read_units(struct house_search *search, int64_t base, struct hit_list *list)
{
	AUTO(query_free) struct query *query = db_query(search->db, sql_units(search->arena, search->reg));
	const char *asked = search->meaning->flat;
	enum error e;

	bind_integer(query, 1, base);
	while ((e = query_step(query)) == OK) {
		const char *unit = column_is_null(query, 1) ? "" : address_number(search->arena, column_text(query, 1));

		if (asked == NULL || strcmp(unit, asked) == 0)
			list_add(search, list, column_integer(query, 0));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
take_house(struct house_search *search, int64_t record, struct hit_list *list)
{
	if (search->reg != search->base)
		return read_units(search, record, list);
	list_add(search, list, record);
	return OK;
}

static enum error
read_houses(struct house_search *search, const struct found_street *street)
{
	AUTO(query_free)
	struct query *query = db_query(search->db, sql_houses(search->arena, search->base, street->street != NULL));
	const char *asked = search->meaning->house;
	enum error e;

	bind_integer(query, 1, street->place);
	if (street->street != NULL)
		bind_text(query, 2, street->street);
	while ((e = query_step(query)) == OK) {
		const char *house =
			column_is_null(query, 1) ? "" : address_number(search->arena, column_text(query, 1));
		bool same = asked == NULL || strcmp(house, asked) == 0;

		if (same || is_alike(house, asked))
			TRY(take_house(search, column_integer(query, 0), same ? &search->exact : &search->alike));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

/* From the nearest streets outwards, until some have such a house. */
static enum error
read_streets_of(struct house_search *search, const struct found_street *found, size_t count, struct search_hits *hits)
{
	for (size_t i = 0; i < count;) {
		size_t end = i;

		while (end < count && found[end].distance == found[i].distance)
			end++;
		if (end - i > STREETS_MAX) {
			hits->refine = true;
			return OK;
		}
		for (; i < end; i++)
			TRY(read_houses(search, &found[i]));
		if (search->exact.count > 0)
			break;
	}
	const struct hit_list *list = search->exact.count > 0 ? &search->exact : &search->alike;

	if (list->count > search->limit) {
		hits->refine = true;
		return OK;
	}
	for (size_t i = 0; i < list->count; i++)
		hits->records[i] = list->items[i];
	hits->count = list->count;
	return OK;
}

/* ---- what may have been meant ---- */

enum { MEANINGS_MAX = 3 };

static void
add_words(struct meaning *meaning, const char *const *items, size_t count)
{
	for (size_t i = 0; i < count && meaning->words.count < ADDRESS_WORDS_MAX; i++)
		meaning->words.items[meaning->words.count++] = items[i];
}

/* Words, `named` of the numbers behind them as part of the name (Самал 2), then the house and the flat. */
static struct meaning
meaning_of(const struct address_text *text, size_t named)
{
	struct meaning meaning = { .words = text->words, .flat = text->flat };

	add_words(&meaning, text->before, text->before_count);
	add_words(&meaning, text->behind, named);
	if (text->behind_count > named)
		meaning.house = text->behind[named];
	if (meaning.flat == NULL && text->behind_count > named + 1)
		meaning.flat = text->behind[named + 1];
	return meaning;
}

static size_t
list_meanings(const struct address_text *text, struct meaning meanings[static MEANINGS_MAX])
{
	size_t count = 0;

	/* 12 Abay street */
	if (text->behind_count == 0 && text->before_count == 1)
		meanings[count++] =
			(struct meaning){ .words = text->words, .house = text->before[0], .flat = text->flat };
	for (size_t named = 0; named <= 1 && named <= text->behind_count; named++) {
		struct meaning meaning = meaning_of(text, named);

		if (meaning.words.count > 0)
			meanings[count++] = meaning;
	}
	return count;
}

static enum error
find_meaning(struct house_search *search, struct search_hits *hits)
{
	struct found_street *found = NULL;
	size_t count = 0;

	addresses_find(search->registry->addresses, search->base, search->arena, &search->meaning->words, &found,
		       &count);
	return read_streets_of(search, found, count, hits);
}

static bool
is_enough(const struct address_text *text)
{
	size_t letters = 0;

	for (size_t i = 0; i < text->words.count; i++)
		letters += strlen(text->words.items[i]);
	/* 5 мкр, 12: no letters, but a name and a house */
	return !text->too_long && (letters >= SEARCH_LETTERS_MIN || text->behind_count > 1);
}

enum error
address_find(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg, const char *text,
	     size_t limit, struct search_hits *ret_hits)
{
	const struct reg *base = reg->search->in == NULL ? reg : reg->search->in->to[0];
	struct meaning meanings[MEANINGS_MAX];
	struct search_hits hits = { 0 };
	struct address_text parsed;

	assert(limit <= SEARCH_HITS_MAX && base->search->place != NULL);
	address_parse(arena, text, &parsed);
	size_t count = is_enough(&parsed) ? list_meanings(&parsed, meanings) : 0;

	hits.refine = count == 0;
	for (size_t i = 0; i < count && hits.count == 0 && !hits.refine; i++) {
		struct house_search search = { .registry = registry,
					       .db = db,
					       .arena = arena,
					       .reg = reg,
					       .base = base,
					       .meaning = &meanings[i],
					       .limit = limit };

		TRY(find_meaning(&search, &hits));
	}
	*ret_hits = hits;
	return OK;
}
