/* address_book.c - a street is looked for by each of the words (text/nearest.h); whatever word is none of the street's
 * must be one of the place's or of a place above it. The errors in all words together say how near it is. */
#include "registry/address_book.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "registry/engine.h"
#include "registry/handed.h"
#include "registry/name_book.h"
#include "text/nearest.h"

enum {
	REGION = 1,         /* a region that is called so, where a town may be meant */
	PLACE_ERRORS = 1,   /* in a place's word: there are many, of few letters */
	FAR = 255,          /* a word is none of these */
	MISSED_WORD = 1,    /* a word of the street that was not typed */
	HANDED_MAX = 65536, /* handed.h's `most` */
};

struct numbers { /* grown, never shrunk */
	uint32_t *items;
	size_t count, capacity;
};

/* Words, and the numbers of what has them in its name. */
struct word_index {
	struct nearest *nearest;
	struct numbers *by_word;
	size_t capacity;
};

/* One way in which a street is written, and where there are such. */
struct street {
	const char *text; /* NULL: houses without one */
	uint32_t words[ADDRESS_WORDS_MAX];
	size_t word_count;
	struct numbers places; /* indexes in pack->places */
};

/* The streets of one register. */
struct street_book {
	struct arena *arena;
	struct word_index words;
	struct street *streets; /* the first is that of houses without one */
	size_t count, capacity;
	struct text_map by_text; /* text -> number, in `arena` */
	struct map known;        /* of street and place */
};

/* One that a record has, known or not. */
struct street_seen {
	const struct reg *reg;
	int64_t place;
	const char *street;
};

struct addresses {
	const struct pack *pack;
	struct street_book **books; /* by reg->index; NULL: has no address of its own */
	struct word_index place_words;
	bool *regions;        /* by place: whoever names a town means the town before the region of that name */
	struct handed handed; /* streets for the books */
};

static bool
has_address(const struct reg *reg)
{
	return reg->search != NULL && reg->search->place != NULL;
}

/* ---- words ---- */

static uint32_t
index_add(struct word_index *index, const char *word, uint32_t number)
{
	uint32_t known = (uint32_t)nearest_count(index->nearest);
	uint32_t at = nearest_add(index->nearest, word, strlen(word));

	index->by_word = array_grow(index->by_word, (size_t)at + 1, &index->capacity, sizeof(*index->by_word));
	struct numbers *numbers = &index->by_word[at];

	if (at == known)
		*numbers = (struct numbers){ 0 };
	*ARRAY_PUSH(numbers->items, numbers->count, numbers->capacity) = number;
	return at;
}

static void
index_done(struct word_index *index)
{
	for (size_t i = 0; index->nearest != NULL && i < nearest_count(index->nearest); i++)
		free(index->by_word[i].items);
	free(index->by_word);
	nearest_free(index->nearest);
}

/* ---- streets ---- */

static struct street_book *
book_new(void)
{
	struct street_book *book = calloc(1, sizeof(*book));

	if (book == NULL)
		abort();
	book->arena = arena_new();
	book->words.nearest = nearest_new();
	*ARRAY_PUSH(book->streets, book->count, book->capacity) = (struct street){ 0 };
	return book;
}

static void
book_free(struct street_book *book)
{
	if (book == NULL)
		return;
	for (size_t i = 0; i < book->count; i++)
		free(book->streets[i].places.items);
	free(book->streets);
	text_map_done(&book->by_text);
	map_done(&book->known);
	index_done(&book->words);
	arena_free(book->arena);
	free(book);
}

static uint32_t
street_of(struct street_book *book, const char *text)
{
	if (text == NULL || *text == '\0')
		return 0;
	const uint32_t *known = text_map_get(&book->by_text, text);

	if (known != NULL)
		return *known;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct address_words words = { 0 };
	uint32_t *number = arena_new_of(book->arena, uint32_t);
	struct street street = { .text = arena_text(book->arena, text) };

	*number = (uint32_t)book->count;
	if (address_fold(arena, text, &words))
		for (size_t i = 0; i < words.count; i++)
			street.words[street.word_count++] = index_add(&book->words, words.items[i], *number);
	*ARRAY_PUSH(book->streets, book->count, book->capacity) = street;
	text_map_put(&book->by_text, street.text, number);
	return *number;
}

static uint32_t
place_index(const struct pack *pack, int64_t id)
{
	const struct place *place = pack_place(pack, id);

	return place == NULL ? UINT32_MAX : (uint32_t)(place - pack->places);
}

static void
book_add(struct street_book *book, const struct pack *pack, int64_t place, const char *text)
{
	uint32_t street = street_of(book, text), at = place_index(pack, place);
	uint64_t key = (uint64_t)street << 32 | at;

	if (at == UINT32_MAX || map_get(&book->known, key) != NULL)
		return;
	map_put(&book->known, key, 1);
	struct numbers *places = &book->streets[street].places;

	*ARRAY_PUSH(places->items, places->count, places->capacity) = at;
}

/* ---- opening ---- */

static void
learn_places(struct addresses *addresses)
{
	const struct pack *pack = addresses->pack;
	AUTO(arena_free) struct arena *arena = arena_new();

	addresses->place_words.nearest = nearest_new();
	addresses->regions = calloc(pack->place_count + 1, sizeof(*addresses->regions));
	if (addresses->regions == NULL)
		abort();
	for (size_t i = 0; i < pack->place_count; i++)
		for (size_t l = 0; l < LANGUAGE_COUNT; l++) {
			const char *name = pack->places[i].names[l];
			struct address_words words = { 0 };

			arena_reset(arena);
			if (name == NULL || !address_fold(arena, name, &words))
				continue;
			addresses->regions[i] |= address_is_region(arena, name);
			for (size_t w = 0; w < words.count; w++)
				index_add(&addresses->place_words, words.items[w], (uint32_t)i);
		}
}

static enum error
read_streets(struct addresses *addresses, struct db *db, const struct reg *reg)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(query_free) struct query *query = db_query(db, sql_streets(arena, reg));
	enum error e;

	while ((e = query_step(query)) == OK)
		book_add(addresses->books[reg->index], addresses->pack, column_integer(query, 0),
			 column_text(query, 1));
	return e == ERR_NOT_FOUND ? OK : e;
}

static void
take(void *context, const void *item)
{
	const struct addresses *addresses = context;
	const struct street_seen *seen = item;

	book_add(addresses->books[seen->reg->index], addresses->pack, seen->place, seen->street);
}

enum error
addresses_open(const struct pack *pack, struct db *db, struct addresses **ret_addresses)
{
	AUTO(addresses_free) struct addresses *addresses = calloc(1, sizeof(*addresses));

	if (addresses == NULL)
		return ERR_NO_MEMORY;
	addresses->pack = pack;
	handed_init(&addresses->handed, sizeof(struct street_seen), take, addresses);
	addresses->books = calloc(pack->reg_count + 1, sizeof(*addresses->books));
	if (addresses->books == NULL)
		return ERR_NO_MEMORY;
	learn_places(addresses);
	for (size_t i = 0; i < pack->reg_count; i++) {
		if (!has_address(&pack->regs[i]))
			continue;
		addresses->books[i] = book_new();
		TRY(read_streets(addresses, db, &pack->regs[i]));
	}
	*ret_addresses = TAKE(addresses);
	return OK;
}

void
addresses_free(struct addresses *addresses)
{
	if (addresses == NULL)
		return;
	for (size_t i = 0; addresses->books != NULL && i < addresses->pack->reg_count; i++)
		book_free(addresses->books[i]);
	index_done(&addresses->place_words);
	free(addresses->regions);
	free(addresses->books);
	handed_done(&addresses->handed);
	free(addresses);
}

/* ---- growing ---- */

static void
hand_on(struct addresses *addresses, const struct image *image)
{
	const struct search *search = image->reg->search;
	const struct value *place = image_value(image, search->place), *street = image_value(image, search->street);
	struct arena *arena = NULL;

	if (place->kind != VALUE_INTEGER)
		return;
	struct street_seen *seen = handed_add(&addresses->handed, &arena);

	*seen = (struct street_seen){ .reg = image->reg,
				      .place = place->integer,
				      .street = street->kind == VALUE_TEXT ? arena_text(arena, street->text) : NULL };
}

void
addresses_batch(struct registry *registry)
{
	struct addresses *addresses = registry->addresses;

	handed_begin(&addresses->handed);
	for (size_t i = 0; i < registry->batch_count; i++)
		for (size_t k = 0; k < registry->batch[i].change_count; k++)
			if (has_address(registry->batch[i].changes[k].reg))
				hand_on(addresses, registry->batch[i].changes[k].after);
	handed_end(&addresses->handed, HANDED_MAX);
}

/* ---- which streets ---- */

struct asking {
	const struct addresses *addresses;
	const struct street_book *book;
	struct arena *arena;
	const struct address_words *words;
	unsigned char *places[ADDRESS_WORDS_MAX]; /* by place: how far a name of it is from the word */
	struct map seen;                          /* street -> its row in `distances`, from 1 */
	unsigned char (*distances)[ADDRESS_WORDS_MAX];
	uint32_t *streets;
	size_t count, capacity, streets_capacity;
	size_t word; /* the one that is looked for */
	struct found_street *found;
	size_t found_count, found_capacity;
};

static void
note_street(struct asking *asking, uint32_t street, unsigned distance)
{
	uint64_t *row = map_get(&asking->seen, street);
	size_t at = asking->count;

	if (row == NULL) {
		size_t count = at;

		asking->distances =
			arena_grow(asking->arena, asking->distances, at, &asking->capacity, sizeof(*asking->distances));
		memset(asking->distances[at], FAR, sizeof(*asking->distances));
		*ARENA_PUSH(asking->arena, asking->streets, count, asking->streets_capacity) = street;
		asking->count = count;
		map_put(&asking->seen, street, at + 1);
	} else {
		at = (size_t)*row - 1;
	}
	if (distance < asking->distances[at][asking->word])
		asking->distances[at][asking->word] = (unsigned char)distance;
}

static void
note_word(void *context, struct near_word near)
{
	struct asking *asking = context;
	const struct numbers *streets = &asking->book->words.by_word[near.number];

	for (size_t i = 0; i < streets->count; i++)
		note_street(asking, streets->items[i], near.distance);
}

static void
note_place_word(void *context, struct near_word near)
{
	struct asking *asking = context;
	const struct numbers *places = &asking->addresses->place_words.by_word[near.number];
	unsigned char *distances = asking->places[asking->word];

	for (size_t i = 0; i < places->count; i++)
		if (near.distance < distances[places->items[i]])
			distances[places->items[i]] = (unsigned char)near.distance;
}

/* Numbers are never mistyped into other numbers: there is always one of those. */
static unsigned
errors_in(const char *word)
{
	return strpbrk(word, "0123456789") != NULL ? 0 : name_errors_max(strlen(word));
}

static void
look_for_words(struct asking *asking)
{
	const struct address_words *words = asking->words;
	size_t place_count = asking->addresses->pack->place_count;

	for (asking->word = 0; asking->word < words->count; asking->word++) {
		const char *word = words->items[asking->word];
		size_t bytes = strlen(word);

		asking->places[asking->word] = arena_take(asking->arena, place_count + 1);
		memset(asking->places[asking->word], FAR, place_count + 1);
		nearest_search(asking->book->words.nearest, word, bytes, errors_in(word), note_word, asking);
		nearest_search(asking->addresses->place_words.nearest, word, bytes,
			       errors_in(word) < PLACE_ERRORS ? errors_in(word) : PLACE_ERRORS, note_place_word,
			       asking);
	}
}

/* The word's distance to the place or one above it. */
static unsigned
place_distance(const struct asking *asking, size_t word, uint32_t at)
{
	const struct pack *pack = asking->addresses->pack;
	unsigned nearest = FAR;

	for (const struct place *place = &pack->places[at]; place != NULL; place = pack_place(pack, place->parent)) {
		size_t i = (size_t)(place - pack->places);
		unsigned distance = asking->places[word][i];

		if (distance != FAR && asking->addresses->regions[i])
			distance += REGION;
		nearest = distance < nearest ? distance : nearest;
	}
	return nearest;
}

/* FAR: a word is neither the street's nor the place's. `distances` NULL: houses without a street; then one word at
 * least names the place itself, not only the country's region. */
static unsigned
measure(const struct asking *asking, const struct street *street, const unsigned char *distances, uint32_t place)
{
	unsigned sum = 0;
	size_t of_street = 0, of_place = 0;

	for (size_t w = 0; w < asking->words->count; w++) {
		unsigned near_street = distances == NULL ? FAR : distances[w];
		unsigned near_place = place_distance(asking, w, place);

		if (near_street == FAR && near_place == FAR)
			return FAR;
		of_street += near_street <= near_place;
		of_place += asking->places[w][place] != FAR;
		sum += near_street <= near_place ? near_street : near_place;
	}
	if (distances == NULL ? of_place == 0 : of_street == 0)
		return FAR;
	if (distances != NULL && of_street < street->word_count)
		sum += MISSED_WORD * (unsigned)(street->word_count - of_street);
	return sum < FAR ? sum : FAR - 1;
}

static unsigned
depth_of(const struct pack *pack, const struct place *place)
{
	unsigned depth = 0;

	while ((place = pack_place(pack, place->parent)) != NULL)
		depth++;
	return depth;
}

static void
measure_street(struct asking *asking, const struct street *street, const unsigned char *distances)
{
	const struct pack *pack = asking->addresses->pack;

	for (size_t i = 0; i < street->places.count; i++) {
		uint32_t place = street->places.items[i];
		unsigned distance = measure(asking, street, distances, place);

		if (distance == FAR)
			continue;
		*ARENA_PUSH(asking->arena, asking->found, asking->found_count, asking->found_capacity) =
			(struct found_street){ .place = pack->places[place].id,
					       .depth = depth_of(pack, &pack->places[place]),
					       .street = street->text,
					       .distance = distance };
	}
}

static int
compare_found(const void *a, const void *b)
{
	const struct found_street *left = a, *right = b;

	if (left->distance != right->distance)
		return left->distance < right->distance ? -1 : 1;
	if (left->depth != right->depth)
		return left->depth < right->depth ? -1 : 1;
	return (left->place > right->place) - (left->place < right->place);
}

/* Texts of streets stay where they are while the program runs: nothing is ever taken out. */
void
addresses_find(struct addresses *addresses, const struct reg *reg, struct arena *arena,
	       const struct address_words *words, struct found_street **ret_found, size_t *ret_count)
{
	struct asking asking = { .addresses = addresses, .arena = arena, .words = words };

	handed_hold(&addresses->handed);
	asking.book = addresses->books[reg->index];
	look_for_words(&asking);
	for (size_t i = 0; i < asking.count; i++)
		measure_street(&asking, &asking.book->streets[asking.streets[i]], asking.distances[i]);
	measure_street(&asking, &asking.book->streets[0], NULL);
	handed_release(&addresses->handed);
	map_done(&asking.seen);
	if (asking.found_count > 1)
		qsort(asking.found, asking.found_count, sizeof(*asking.found), compare_found);
	*ret_found = asking.found;
	*ret_count = asking.found_count;
}
