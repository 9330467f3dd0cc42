/* Each distinct family and given name (blanks left out) and each of its words is a word of one dictionary. A pair is a
 * family name beside a given name that at least one record bears; the pairs of one name hang together in a list, and
 * are found through a hash too. A question collects the words near to its own, marks those that could be the given
 * name, and for each that could be the family name goes through its pairs, or through the marked ones, whichever are
 * fewer: some thousand steps, whatever the number of people. */
#include "registry/name_book.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/map.h"
#include "text/nearest.h"
#include "text/name.h"

enum {
	NAME_BYTES_MAX = 1024,
	SLOTS_FIRST = 1024, /* a power of two */
	LINK_DISTANCE = 1,  /* one word of a name of several */
	UNMARKED = 0xff,
};

/* Positions below are counted from 1; 0 is none. */
struct word {
	uint32_t as_family, as_given; /* first pair */
	uint32_t links;               /* first name of several words that holds it */
	uint32_t family_pairs, given_pairs;
};
struct pair {
	uint32_t family, given; /* words */
	uint32_t next_of_family, next_of_given;
	uint32_t first, count; /* records */
};
struct link {
	uint32_t name, next;
};

struct name_book {
	struct nearest *nearest;
	struct word *words; /* by the dictionary's numbers */
	size_t words_capacity;
	struct pair *pairs;
	size_t pair_count, pairs_capacity;
	uint32_t *slots; /* of pairs */
	size_t slot_count;
	int64_t *records;
	uint32_t *nexts; /* by record's position */
	size_t record_count, records_capacity, nexts_capacity, removed_count;
	uint32_t free; /* first position that was given back */
	struct link *links;
	size_t link_count, links_capacity;
};

struct name_book *
name_book_new(void)
{
	struct name_book *book = calloc(1, sizeof(*book));

	if (book == NULL)
		abort();
	book->nearest = nearest_new();
	book->slot_count = SLOTS_FIRST;
	book->slots = calloc(book->slot_count, sizeof(*book->slots));
	if (book->slots == NULL)
		abort();
	return book;
}

void
name_book_free(struct name_book *book)
{
	if (book == NULL)
		return;
	nearest_free(book->nearest);
	free(book->words);
	free(book->pairs);
	free(book->slots);
	free(book->records);
	free(book->nexts);
	free(book->links);
	free(book);
}

void
name_book_count(const struct name_book *book, struct name_book_counts *ret_counts)
{
	*ret_counts = (struct name_book_counts){
		.words = nearest_count(book->nearest),
		.pairs = book->pair_count,
		.records = book->record_count - book->removed_count,
		.bytes = nearest_bytes(book->nearest) + nearest_count(book->nearest) * sizeof(*book->words) +
			 book->pair_count * sizeof(*book->pairs) + book->slot_count * sizeof(*book->slots) +
			 book->record_count * (sizeof(*book->records) + sizeof(*book->nexts)) +
			 book->link_count * sizeof(*book->links),
	};
}

/* ---- names ---- */

/* The folded name without its blanks. */
static size_t
join(const char *folded, char joined[static NAME_BYTES_MAX])
{
	size_t bytes = 0;

	for (; *folded != '\0' && bytes + 1 < NAME_BYTES_MAX; folded++)
		if (*folded != ' ')
			joined[bytes++] = *folded;
	joined[bytes] = '\0';
	return bytes;
}

static uint32_t
add_word(struct name_book *book, const char *word, size_t bytes)
{
	size_t known = nearest_count(book->nearest);
	uint32_t number = nearest_add(book->nearest, word, bytes);

	if (number < known)
		return number;
	book->words = array_grow(book->words, (size_t)number + 1, &book->words_capacity, sizeof(*book->words));
	book->words[number] = (struct word){ 0 };
	return number;
}

static void
link_word(struct name_book *book, uint32_t word, uint32_t name)
{
	for (uint32_t at = book->words[word].links; at != 0; at = book->links[at - 1].next)
		if (book->links[at - 1].name == name)
			return;
	*ARRAY_PUSH(book->links, book->link_count, book->links_capacity) =
		(struct link){ .name = name, .next = book->words[word].links };
	book->words[word].links = (uint32_t)book->link_count;
}

static uint32_t
add_name(struct name_book *book, const char *folded)
{
	char joined[NAME_BYTES_MAX];
	size_t bytes = join(folded, joined);
	uint32_t name = add_word(book, joined, bytes);

	if (strchr(folded, ' ') == NULL)
		return name;
	while (*folded != '\0') {
		size_t length = strcspn(folded, " ");
		uint32_t word = add_word(book, folded, length);

		if (word != name)
			link_word(book, word, name);
		folded += length + (folded[length] == ' ');
	}
	return name;
}

/* ---- pairs ---- */

static uint32_t *
slot_of(const struct name_book *book, uint32_t family, uint32_t given)
{
	uint64_t hash = ((uint64_t)family << 32 | given) * 0x9e3779b97f4a7c15;
	size_t at = (hash ^ hash >> 32) & (book->slot_count - 1);

	for (;; at = (at + 1) & (book->slot_count - 1)) {
		uint32_t found = book->slots[at];

		if (found == 0 || (book->pairs[found - 1].family == family && book->pairs[found - 1].given == given))
			return &book->slots[at];
	}
}

static void
double_slots(struct name_book *book)
{
	free(book->slots);
	book->slot_count *= 2;
	book->slots = calloc(book->slot_count, sizeof(*book->slots));
	if (book->slots == NULL)
		abort();
	for (size_t i = 0; i < book->pair_count; i++)
		*slot_of(book, book->pairs[i].family, book->pairs[i].given) = (uint32_t)i + 1;
}

static struct pair *
pair_of(struct name_book *book, uint32_t family, uint32_t given)
{
	uint32_t *slot = slot_of(book, family, given);

	if (*slot != 0)
		return &book->pairs[*slot - 1];
	struct pair *pair = ARRAY_PUSH(book->pairs, book->pair_count, book->pairs_capacity);
	struct word *of_family = &book->words[family], *of_given = &book->words[given];

	*pair = (struct pair){ .family = family,
			       .given = given,
			       .next_of_family = of_family->as_family,
			       .next_of_given = of_given->as_given };
	*slot = (uint32_t)book->pair_count;
	of_family->as_family = of_given->as_given = *slot;
	of_family->family_pairs++;
	of_given->given_pairs++;
	if (book->pair_count * 4 > book->slot_count * 3)
		double_slots(book);
	return pair;
}

static uint32_t
take_position(struct name_book *book)
{
	uint32_t position = book->free;

	if (position != 0) {
		book->free = book->nexts[position - 1];
		book->removed_count--;
		return position;
	}
	assert(book->record_count < UINT32_MAX - 1);
	size_t count = book->record_count + 1;

	book->records = array_grow(book->records, count, &book->records_capacity, sizeof(*book->records));
	book->nexts = array_grow(book->nexts, count, &book->nexts_capacity, sizeof(*book->nexts));
	book->record_count = count;
	return (uint32_t)count;
}

void
name_book_add(struct name_book *book, const char *family, const char *given, int64_t record)
{
	uint32_t family_name = add_name(book, family), given_name = add_name(book, given);
	struct pair *pair = pair_of(book, family_name, given_name);
	uint32_t position = take_position(book);

	book->records[position - 1] = record;
	book->nexts[position - 1] = pair->first;
	pair->first = position;
	pair->count++;
}

static uint32_t
find_name(const struct name_book *book, const char *folded)
{
	char joined[NAME_BYTES_MAX];
	size_t bytes = join(folded, joined);

	return nearest_find(book->nearest, joined, bytes);
}

/* A pair that nobody bears any more stays: a name comes back, and places in lists need not move. */
void
name_book_remove(struct name_book *book, const char *family, const char *given, int64_t record)
{
	uint32_t family_name = find_name(book, family), given_name = find_name(book, given);

	if (family_name == NEAREST_NONE || given_name == NEAREST_NONE)
		return;
	uint32_t found = *slot_of(book, family_name, given_name);

	if (found == 0)
		return;
	for (uint32_t *at = &book->pairs[found - 1].first; *at != 0; at = &book->nexts[*at - 1]) {
		uint32_t position = *at;

		if (book->records[position - 1] != record)
			continue;
		*at = book->nexts[position - 1];
		book->nexts[position - 1] = book->free;
		book->free = position;
		book->removed_count++;
		book->pairs[found - 1].count--;
		return;
	}
}

/* ---- questions ---- */

unsigned
name_errors_max(size_t bytes)
{
	return bytes < 3 ? 0 : bytes < 5 ? 1 : NEAREST_DISTANCE_MAX;
}

bool
name_is_near(const char *asked, const char *word, size_t word_bytes)
{
	size_t bytes = strlen(asked);

	return nearest_compare(asked, bytes, word, word_bytes) <= name_errors_max(bytes);
}

/* A name that one word of the question may mean. */
struct near_name {
	uint32_t name;
	unsigned distance;
};

struct near_names {
	struct near_name *items;
	size_t count, capacity;
};

struct asking {
	const struct name_book *book;
	struct arena *arena;
	struct near_names near[NAME_WORDS_MAX];
	size_t word; /* whose near names are collected */
	size_t records_max;
	struct near_names pairs; /* positions of pairs, with their distance */
	size_t records;          /* of those */
	struct map known;        /* position of a pair -> place in `pairs` + 1 */
};

static void
push_near(struct asking *asking, struct near_names *names, uint32_t name, unsigned distance)
{
	*ARENA_PUSH(asking->arena, names->items, names->count, names->capacity) =
		(struct near_name){ .name = name, .distance = distance };
}

static void
note_near(void *context, struct near_word near)
{
	struct asking *asking = context;
	const struct name_book *book = asking->book;
	struct near_names *names = &asking->near[asking->word];

	push_near(asking, names, near.number, near.distance);
	for (uint32_t at = book->words[near.number].links; at != 0; at = book->links[at - 1].next)
		push_near(asking, names, book->links[at - 1].name, near.distance + LINK_DISTANCE);
}

static void
collect_near(struct asking *asking, const struct name_question *question)
{
	for (asking->word = 0; asking->word < question->count; asking->word++) {
		const char *word = question->words[asking->word];
		size_t bytes = strlen(word);

		nearest_search(asking->book->nearest, word, bytes, name_errors_max(bytes), note_near, asking);
	}
}

static void
note_pair(struct asking *asking, uint32_t position, unsigned distance)
{
	const uint64_t *known = map_get(&asking->known, position);

	if (asking->book->pairs[position - 1].count == 0 || distance > NAME_DISTANCE_MAX)
		return;
	if (known != NULL) {
		struct near_name *item = &asking->pairs.items[*known];

		item->distance = distance < item->distance ? distance : item->distance;
		return;
	}
	map_put(&asking->known, position, asking->pairs.count);
	asking->records += asking->book->pairs[position - 1].count;
	push_near(asking, &asking->pairs, position, distance);
}

static int
compare_distances(const void *a, const void *b)
{
	const struct near_name *left = a, *right = b;

	return left->distance != right->distance
		       ? (left->distance > right->distance) - (left->distance < right->distance)
		       : (left->name > right->name) - (left->name < right->name);
}

static void
sort_near(struct near_names *near)
{
	if (near->count > 0)
		qsort(near->items, near->count, sizeof(*near->items), compare_distances);
}

/* A given name alone has tens of thousands of pairs: once there are more than can be told, the nearer ones are known. */
static void
find_by_one(struct asking *asking)
{
	const struct name_book *book = asking->book;
	const struct near_names *near = &asking->near[0];

	sort_near(&asking->near[0]);
	for (size_t i = 0; i < near->count; i++) {
		const struct word *word = &book->words[near->items[i].name];
		unsigned distance = near->items[i].distance;

		for (uint32_t at = word->as_family; at != 0 && asking->records <= asking->records_max;
		     at = book->pairs[at - 1].next_of_family)
			note_pair(asking, at, distance);
		for (uint32_t at = word->as_given; at != 0 && asking->records <= asking->records_max;
		     at = book->pairs[at - 1].next_of_given)
			note_pair(asking, at, distance);
	}
}

/* Distances of the names that can be the given one, by their number. */
static size_t
mark(struct asking *asking, size_t word, unsigned char *marks)
{
	const struct near_names *near = &asking->near[word];
	size_t count = 0;

	memset(marks, UNMARKED, nearest_count(asking->book->nearest));
	for (size_t i = 0; i < near->count; i++) {
		unsigned char *marked = &marks[near->items[i].name];

		if (asking->book->words[near->items[i].name].given_pairs == 0)
			continue;
		count += *marked == UNMARKED;
		if (near->items[i].distance < *marked)
			*marked = (unsigned char)near->items[i].distance;
	}
	return count;
}

static void
find_by_two(struct asking *asking, size_t family_word, size_t given_word, unsigned char *marks)
{
	const struct name_book *book = asking->book;
	const struct near_names *families = &asking->near[family_word], *givens = &asking->near[given_word];
	size_t marked = mark(asking, given_word, marks);

	for (size_t i = 0; marked > 0 && i < families->count; i++) {
		const struct near_name *family = &families->items[i];
		const struct word *word = &book->words[family->name];

		if (word->family_pairs <= givens->count) {
			for (uint32_t at = word->as_family; at != 0; at = book->pairs[at - 1].next_of_family)
				if (marks[book->pairs[at - 1].given] != UNMARKED)
					note_pair(asking, at, family->distance + marks[book->pairs[at - 1].given]);
			continue;
		}
		for (size_t k = 0; k < givens->count; k++) {
			uint32_t at = *slot_of(book, family->name, givens->items[k].name);

			if (at != 0)
				note_pair(asking, at, family->distance + givens->items[k].distance);
		}
	}
}

/* One name of several words: each word of the question must be one of them. */
static void
find_by_all(struct asking *asking, size_t count)
{
	const struct name_book *book = asking->book;
	AUTO(map_done) struct map sums = { 0 }; /* name -> words found (upper half), their distance */

	for (size_t w = 0; w < count; w++) {
		sort_near(&asking->near[w]);
		for (size_t i = 0; i < asking->near[w].count; i++) {
			const struct near_name *near = &asking->near[w].items[i];
			const uint64_t *known = map_get(&sums, near->name);
			uint64_t sum = known == NULL ? 0 : *known;

			if (sum >> 32 == w)
				map_put(&sums, near->name, sum + (UINT64_C(1) << 32) + near->distance);
		}
	}
	for (size_t i = 0; i < asking->near[0].count; i++) {
		uint32_t name = asking->near[0].items[i].name;
		uint64_t sum = *map_get(&sums, name);

		if (sum >> 32 != count)
			continue;
		for (uint32_t at = book->words[name].as_given; at != 0; at = book->pairs[at - 1].next_of_given)
			note_pair(asking, at, (unsigned)(sum & UINT32_MAX));
	}
}

static void
find_pairs(struct asking *asking, const struct name_question *question)
{
	if (question->count == 1) {
		find_by_one(asking);
		return;
	}
	if (question->one_name) {
		find_by_all(asking, question->count);
		return;
	}
	unsigned char *marks = arena_take(asking->arena, nearest_count(asking->book->nearest) + 1);

	for (size_t given = 0; given < question->count; given++)
		for (size_t family = 0; family < question->count; family++)
			if (family != given)
				find_by_two(asking, family, given, marks);
}

/* The greatest distance whose records all fit in; -1: not even the nearest do. */
static int
fitting_distance(const struct asking *asking, size_t records_max, bool *ret_more)
{
	size_t counts[NAME_DISTANCE_MAX + 1] = { 0 }, sum = 0;
	int nearest = -1, fits = -1;

	for (size_t i = 0; i < asking->pairs.count; i++)
		counts[asking->pairs.items[i].distance] += asking->book->pairs[asking->pairs.items[i].name - 1].count;
	for (int d = 0; d <= NAME_DISTANCE_MAX; d++) {
		sum += counts[d];
		nearest = nearest < 0 && sum > 0 ? d : nearest;
		*ret_more = sum > records_max;
		if (*ret_more || (nearest >= 0 && d > nearest + NAME_DISTANCE_MORE))
			break;
		fits = d;
	}
	return fits;
}

int
named_compare(const void *a, const void *b)
{
	const struct named *left = a, *right = b;

	if (left->distance != right->distance)
		return left->distance < right->distance ? -1 : 1;
	return (left->record > right->record) - (left->record < right->record);
}

void
name_book_find(const struct name_book *book, const struct name_question *question, struct arena *arena,
	       struct name_answer *ret_answer)
{
	struct asking asking = { .book = book, .arena = arena, .records_max = question->records_max };
	struct named *items = arena_array_of(arena, struct named, question->records_max + 1);
	size_t count = 0;
	bool more = false;

	assert(question->count > 0 && question->count <= NAME_WORDS_MAX);
	collect_near(&asking, question);
	find_pairs(&asking, question);
	int fits = fitting_distance(&asking, question->records_max, &more);

	for (size_t i = 0; i < asking.pairs.count; i++) {
		const struct pair *pair = &book->pairs[asking.pairs.items[i].name - 1];

		if ((int)asking.pairs.items[i].distance > fits)
			continue;
		for (uint32_t at = pair->first; at != 0; at = book->nexts[at - 1])
			items[count++] = (struct named){ .record = book->records[at - 1],
							 .distance = asking.pairs.items[i].distance };
	}
	map_done(&asking.known);
	qsort(items, count, sizeof(*items), named_compare);
	*ret_answer = (struct name_answer){ .items = items, .count = count, .more = more };
}
