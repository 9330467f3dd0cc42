/* address_book.c - a street is looked for by each of the words (text/nearest.h); whatever word is none of the street's
 * must be one of the place's or of a place above it. The errors in all words together say how near it is. */
#include "registry/address_book.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "registry/engine.h"
#include "registry/name_book.h"
#include "text/nearest.h"

enum {
	REGION = 1,         /* a region that is called so, where a town may be meant */
	PLACE_ERRORS = 1,   /* in a place's word: there are many, of few letters */
	FAR = 255,          /* a word is none of these */
	MISSED_WORD = 1,    /* a word of the street that was not typed */
	HANDED_MAX = 65536, /* streets that nobody took over: the writer does it */
};

struct numbers { /* grown, never shrunk */
	uint32_t *items;
	size_t count, capacity;
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
	struct nearest *nearest;
	struct numbers *by_word; /* word -> streets */
	size_t by_word_capacity;
	struct street *streets; /* the first is that of houses without one */
	size_t count, capacity;
	struct text_map by_text; /* text -> number, in `arena` */
	struct map known;        /* of street and place */
};

struct handed {
	const struct reg *reg;
	int64_t place;
	const char *street;
};

struct addresses {
	const struct pack *pack;
	struct street_book **books; /* by reg->index; NULL: has no address of its own */
	struct nearest *place_words;
	struct numbers *places_by_word;
	bool *regions;           /* by place: whoever names a town means the town before the region of that name */
	pthread_rwlock_t lock;   /* books */
	pthread_mutex_t handing; /* what follows; taken after `lock` */
	struct arena *handed_arena;
	struct handed *handed;
	size_t handed_count, handed_capacity;
};

static bool
has_address(const struct reg *reg)
{
	return reg->search != NULL && reg->search->place != NULL;
}

static void *
grow(void *items, size_t wanted, size_t *capacity, size_t item_bytes)
{
	size_t more = *capacity == 0 ? 4 : *capacity;

	while (more < wanted)
		more *= 2;
	if (more == *capacity)
		return items;
	items = realloc(items, more * item_bytes);
	if (items == NULL)
		abort();
	memset((char *)items + *capacity * item_bytes, 0, (more - *capacity) * item_bytes);
	*capacity = more;
	return items;
}

static void
numbers_add(struct numbers *numbers, uint32_t number)
{
	numbers->items = grow(numbers->items, numbers->count + 1, &numbers->capacity, sizeof(*numbers->items));
	numbers->items[numbers->count++] = number;
}

/* ---- streets ---- */

static struct street_book *
book_new(void)
{
	struct street_book *book = calloc(1, sizeof(*book));

	if (book == NULL)
		abort();
	book->arena = arena_new();
	book->nearest = nearest_new();
	book->streets = grow(NULL, 1, &book->capacity, sizeof(*book->streets));
	book->count = 1;
	return book;
}

static void
book_free(struct street_book *book)
{
	if (book == NULL)
		return;
	for (size_t i = 0; i < book->count; i++)
		free(book->streets[i].places.items);
	for (size_t i = 0; i < book->by_word_capacity; i++)
		free(book->by_word[i].items);
	free(book->by_word);
	free(book->streets);
	text_map_done(&book->by_text);
	map_done(&book->known);
	nearest_free(book->nearest);
	arena_free(book->arena);
	free(book);
}

static void
enter_words(struct street_book *book, uint32_t number, const struct address_words *words)
{
	struct street *street = &book->streets[number];

	for (size_t i = 0; i < words->count; i++) {
		uint32_t word = nearest_add(book->nearest, words->items[i], strlen(words->items[i]));

		book->by_word = grow(book->by_word, (size_t)word + 1, &book->by_word_capacity, sizeof(*book->by_word));
		numbers_add(&book->by_word[word], number);
		street->words[street->word_count++] = word;
	}
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

	*number = (uint32_t)book->count++;
	book->streets = grow(book->streets, book->count, &book->capacity, sizeof(*book->streets));
	book->streets[*number].text = arena_text(book->arena, text);
	text_map_put(&book->by_text, book->streets[*number].text, number);
	if (address_fold(arena, text, &words))
		enter_words(book, *number, &words);
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
	numbers_add(&book->streets[street].places, at);
}

/* ---- opening ---- */

static void
learn_places(struct addresses *addresses)
{
	const struct pack *pack = addresses->pack;
	AUTO(arena_free) struct arena *arena = arena_new();
	size_t capacity = 0;

	addresses->place_words = nearest_new();
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
			for (size_t w = 0; w < words.count; w++) {
				uint32_t word =
					nearest_add(addresses->place_words, words.items[w], strlen(words.items[w]));

				addresses->places_by_word = grow(addresses->places_by_word, (size_t)word + 1, &capacity,
								 sizeof(*addresses->places_by_word));
				numbers_add(&addresses->places_by_word[word], (uint32_t)i);
			}
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

/* Who waits to take over comes before further readers; nobody locks twice. */
static void
init_lock(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t attributes;

	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
}

enum error
addresses_open(const struct pack *pack, struct db *db, struct addresses **ret_addresses)
{
	AUTO(addresses_free) struct addresses *addresses = calloc(1, sizeof(*addresses));

	if (addresses == NULL)
		return ERR_NO_MEMORY;
	addresses->pack = pack;
	init_lock(&addresses->lock);
	pthread_mutex_init(&addresses->handing, NULL);
	addresses->handed_arena = arena_new();
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
	for (size_t i = 0; addresses->place_words != NULL && i < nearest_count(addresses->place_words); i++)
		free(addresses->places_by_word[i].items);
	free(addresses->places_by_word);
	free(addresses->regions);
	nearest_free(addresses->place_words);
	free(addresses->books);
	arena_free(addresses->handed_arena);
	pthread_mutex_destroy(&addresses->handing);
	pthread_rwlock_destroy(&addresses->lock);
	free(addresses);
}

/* ---- growing ---- */

/* Under the lock, alone. */
static void
take_over(struct addresses *addresses)
{
	pthread_mutex_lock(&addresses->handing);
	for (size_t i = 0; i < addresses->handed_count; i++) {
		const struct handed *handed = &addresses->handed[i];

		book_add(addresses->books[handed->reg->index], addresses->pack, handed->place, handed->street);
	}
	addresses->handed = NULL;
	addresses->handed_count = addresses->handed_capacity = 0;
	arena_reset(addresses->handed_arena);
	pthread_mutex_unlock(&addresses->handing);
}

static void
hand_over(struct addresses *addresses, const struct image *image)
{
	const struct search *search = image->reg->search;
	const struct value *place = image_value(image, search->place), *street = image_value(image, search->street);

	if (place->kind == VALUE_INTEGER)
		*ARENA_PUSH(addresses->handed_arena, addresses->handed, addresses->handed_count,
			    addresses->handed_capacity) = (struct handed){
			.reg = image->reg,
			.place = place->integer,
			.street = street->kind == VALUE_TEXT ? arena_text(addresses->handed_arena, street->text) : NULL
		};
}

void
addresses_batch(struct registry *registry)
{
	struct addresses *addresses = registry->addresses;

	pthread_mutex_lock(&addresses->handing);
	for (size_t i = 0; i < registry->batch_count; i++)
		for (size_t k = 0; k < registry->batch[i].change_count; k++)
			if (has_address(registry->batch[i].changes[k].reg))
				hand_over(addresses, registry->batch[i].changes[k].after);
	bool many = addresses->handed_count > HANDED_MAX;

	pthread_mutex_unlock(&addresses->handing);
	/* An import may bring a country while nobody searches; the writer does not wait for those who do. */
	if (many && pthread_rwlock_trywrlock(&addresses->lock) == 0) {
		take_over(addresses);
		pthread_rwlock_unlock(&addresses->lock);
	}
}

static void
take_handed(struct addresses *addresses)
{
	pthread_mutex_lock(&addresses->handing);
	size_t count = addresses->handed_count;

	pthread_mutex_unlock(&addresses->handing);
	if (count == 0)
		return;
	pthread_rwlock_wrlock(&addresses->lock);
	take_over(addresses);
	pthread_rwlock_unlock(&addresses->lock);
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
	const struct numbers *streets = &asking->book->by_word[near.number];

	for (size_t i = 0; i < streets->count; i++)
		note_street(asking, streets->items[i], near.distance);
}

static void
note_place_word(void *context, struct near_word near)
{
	struct asking *asking = context;
	const struct numbers *places = &asking->addresses->places_by_word[near.number];
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
		nearest_search(asking->book->nearest, word, bytes, errors_in(word), note_word, asking);
		nearest_search(asking->addresses->place_words, word, bytes,
			       errors_in(word) < PLACE_ERRORS ? errors_in(word) : PLACE_ERRORS, note_place_word,
			       asking);
	}
}

static const struct place *
above(const struct pack *pack, const struct place *place)
{
	return place->parent == 0 || place->parent == place->id ? NULL : pack_place(pack, place->parent);
}

/* The word's distance to the place or one above it. */
static unsigned
place_distance(const struct asking *asking, size_t word, uint32_t at)
{
	const struct pack *pack = asking->addresses->pack;
	unsigned nearest = FAR;

	for (const struct place *place = &pack->places[at]; place != NULL; place = above(pack, place)) {
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

	while ((place = above(pack, place)) != NULL)
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

	take_handed(addresses);

	pthread_rwlock_rdlock(&addresses->lock);
	asking.book = addresses->books[reg->index];
	look_for_words(&asking);
	for (size_t i = 0; i < asking.count; i++)
		measure_street(&asking, &asking.book->streets[asking.streets[i]], asking.distances[i]);
	measure_street(&asking, &asking.book->streets[0], NULL);
	pthread_rwlock_unlock(&addresses->lock);
	map_done(&asking.seen);
	if (asking.found_count > 1)
		qsort(asking.found, asking.found_count, sizeof(*asking.found), compare_found);
	*ret_found = asking.found;
	*ret_count = asking.found_count;
}
