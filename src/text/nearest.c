#include "text/nearest.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "text/name.h"

enum {
	LETTERS_MAX = 64,      /* of a word whose distance can be computed */
	BUCKETS = LETTERS_MAX, /* by length; longer words are found as they are only */
	PREFIX_LETTERS_MIN = 3,
	PREFIX_DISTANCE = 2,
	SLOTS_FIRST = 1024, /* a power of two */
};

struct bucket {
	uint64_t *signatures;
	uint32_t *words;
	size_t count, capacity;
};

/* A word in one of its forms: as folded, or coarser. */
struct text_at {
	uint32_t at; /* in `pool` */
	uint16_t bytes, coarse_bytes;
};

struct nearest {
	char *pool; /* word, NUL, its coarse form, NUL */
	size_t pool_bytes, pool_capacity;
	struct text_at *words;
	size_t count, capacity;
	uint32_t *slots; /* number + 1; 0: free */
	size_t slot_count;
	struct bucket plain[BUCKETS], coarse[BUCKETS];
};

struct nearest *
nearest_new(void)
{
	struct nearest *nearest = calloc(1, sizeof(*nearest));

	if (nearest == NULL)
		abort();
	nearest->slot_count = SLOTS_FIRST;
	nearest->slots = calloc(nearest->slot_count, sizeof(*nearest->slots));
	if (nearest->slots == NULL)
		abort();
	return nearest;
}

static void
free_buckets(struct bucket buckets[static BUCKETS])
{
	for (size_t i = 0; i < BUCKETS; i++) {
		free(buckets[i].signatures);
		free(buckets[i].words);
	}
}

void
nearest_free(struct nearest *nearest)
{
	if (nearest == NULL)
		return;
	free_buckets(nearest->plain);
	free_buckets(nearest->coarse);
	free(nearest->pool);
	free(nearest->words);
	free(nearest->slots);
	free(nearest);
}

/* ---- words ---- */

/* One bit for each letter that is there, another for each that is there twice. */
static uint64_t
signature_of(const char *word, size_t bytes)
{
	uint64_t once = 0, twice = 0;

	for (size_t i = 0; i < bytes; i++) {
		uint64_t bit = UINT64_C(1) << ((unsigned char)word[i] % 32);

		twice |= once & bit;
		once |= bit;
	}
	return once | twice << 32;
}

static uint64_t
hash_of(const char *word, size_t bytes)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ (unsigned char)word[i]) * 0x100000001b3;
	return hash ^ hash >> 29;
}

static uint32_t *
slot_of(const struct nearest *nearest, const char *word, size_t bytes)
{
	size_t at = hash_of(word, bytes) & (nearest->slot_count - 1);

	for (;; at = (at + 1) & (nearest->slot_count - 1)) {
		uint32_t number = nearest->slots[at];

		if (number == 0)
			return &nearest->slots[at];
		const struct text_at *known = &nearest->words[number - 1];

		if (known->bytes == bytes && memcmp(nearest->pool + known->at, word, bytes) == 0)
			return &nearest->slots[at];
	}
}

static void
double_slots(struct nearest *nearest)
{
	free(nearest->slots);
	nearest->slot_count *= 2;
	nearest->slots = calloc(nearest->slot_count, sizeof(*nearest->slots));
	if (nearest->slots == NULL)
		abort();
	for (size_t i = 0; i < nearest->count; i++) {
		const struct text_at *word = &nearest->words[i];

		*slot_of(nearest, nearest->pool + word->at, word->bytes) = (uint32_t)i + 1;
	}
}

static void
bucket_add(struct bucket buckets[static BUCKETS], const char *text, size_t bytes, uint32_t number)
{
	if (bytes >= BUCKETS)
		return;
	struct bucket *bucket = &buckets[bytes];
	size_t capacity = bucket->capacity;

	bucket->signatures = array_grow(bucket->signatures, bucket->count + 1, &capacity, sizeof(*bucket->signatures));
	bucket->words = array_grow(bucket->words, bucket->count + 1, &bucket->capacity, sizeof(*bucket->words));
	bucket->signatures[bucket->count] = signature_of(text, bytes);
	bucket->words[bucket->count++] = number;
}

uint32_t
nearest_add(struct nearest *nearest, const char *word, size_t bytes)
{
	uint32_t *slot = slot_of(nearest, word, bytes);

	assert(bytes <= UINT16_MAX);
	if (*slot != 0)
		return *slot - 1;
	uint32_t number = (uint32_t)nearest->count;
	size_t wanted = nearest->pool_bytes + 2 * (bytes + 1);

	assert(wanted < UINT32_MAX);
	nearest->pool = array_grow(nearest->pool, wanted, &nearest->pool_capacity, 1);
	char *plain = nearest->pool + nearest->pool_bytes, *coarse = plain + bytes + 1;

	memcpy(plain, word, bytes);
	plain[bytes] = '\0';
	size_t coarse_bytes = name_coarse(word, bytes, coarse);

	nearest->words = array_grow(nearest->words, nearest->count + 1, &nearest->capacity, sizeof(*nearest->words));
	nearest->words[nearest->count++] = (struct text_at){ .at = (uint32_t)nearest->pool_bytes,
							     .bytes = (uint16_t)bytes,
							     .coarse_bytes = (uint16_t)coarse_bytes };
	nearest->pool_bytes += bytes + coarse_bytes + 2;
	*slot = number + 1;
	bucket_add(nearest->plain, plain, bytes, number);
	bucket_add(nearest->coarse, coarse, coarse_bytes, number);
	if (nearest->count * 2 > nearest->slot_count)
		double_slots(nearest);
	return number;
}

uint32_t
nearest_find(const struct nearest *nearest, const char *word, size_t bytes)
{
	uint32_t number = *slot_of(nearest, word, bytes);

	return number == 0 ? NEAREST_NONE : number - 1;
}

const char *
nearest_word(const struct nearest *nearest, uint32_t number)
{
	assert(number < nearest->count);
	return nearest->pool + nearest->words[number].at;
}

size_t
nearest_count(const struct nearest *nearest)
{
	return nearest->count;
}

size_t
nearest_bytes(const struct nearest *nearest)
{
	size_t bytes = sizeof(*nearest) + nearest->pool_capacity + nearest->capacity * sizeof(*nearest->words) +
		       nearest->slot_count * sizeof(*nearest->slots);

	for (size_t i = 0; i < BUCKETS; i++)
		bytes += (nearest->plain[i].capacity + nearest->coarse[i].capacity) *
			 (sizeof(uint64_t) + sizeof(uint32_t));
	return bytes;
}

/* ---- distance ---- */

/* The asked word: bit i of masks[c] says that its letter i is c. */
struct asked {
	const char *text;
	size_t bytes;
	uint64_t signature;
	uint64_t masks[256];
};

static void
ask(struct asked *asked, const char *text, size_t bytes)
{
	assert(bytes <= LETTERS_MAX);
	memset(asked->masks, 0, sizeof(asked->masks));
	asked->text = text;
	asked->bytes = bytes;
	asked->signature = signature_of(text, bytes);
	for (size_t i = 0; i < bytes; i++)
		asked->masks[(unsigned char)text[i]] |= UINT64_C(1) << i;
}

/* H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances" (2003): one column of the
 * table of distances at a time, as the differences between its cells. */
static unsigned
distance(const struct asked *asked, const char *text, size_t bytes)
{
	uint64_t up = UINT64_MAX, down = 0, same = 0, before = 0;
	uint64_t last = UINT64_C(1) << ((asked->bytes + 63) % 64);
	unsigned edits = (unsigned)asked->bytes;

	if (asked->bytes == 0)
		return (unsigned)bytes;
	for (size_t i = 0; i < bytes; i++) {
		uint64_t mask = asked->masks[(unsigned char)text[i]];
		uint64_t swapped = ((~same & mask) << 1) & before;

		same = (((mask & up) + up) ^ up) | mask | down | swapped;
		uint64_t right_up = down | ~(same | up), right_down = same & up;

		edits += (right_up & last) != 0;
		edits -= (right_down & last) != 0;
		right_up = right_up << 1 | 1;
		right_down <<= 1;
		up = right_down | ~(same | right_up);
		down = right_up & same;
		before = mask;
	}
	return edits;
}

unsigned
nearest_distance(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	struct asked asked;

	ask(&asked, a, a_bytes);
	return distance(&asked, b, b_bytes);
}

unsigned
nearest_compare(const char *asked, size_t asked_bytes, const char *word, size_t word_bytes)
{
	char coarse_asked[LETTERS_MAX + 1], coarse_word[LETTERS_MAX + 1];

	if (asked_bytes == word_bytes && memcmp(asked, word, word_bytes) == 0)
		return 0;
	if (asked_bytes >= LETTERS_MAX || word_bytes >= LETTERS_MAX)
		return NEAREST_FAR;
	unsigned plain = nearest_distance(asked, asked_bytes, word, word_bytes);

	if (plain == 1)
		return plain;
	size_t coarse_bytes = name_coarse(asked, asked_bytes, coarse_asked);
	unsigned coarse = 1 + nearest_distance(coarse_asked, coarse_bytes, coarse_word,
					       name_coarse(word, word_bytes, coarse_word));
	unsigned nearer = coarse < plain ? coarse : plain;

	if (nearer > PREFIX_DISTANCE && asked_bytes >= PREFIX_LETTERS_MIN && asked_bytes < word_bytes &&
	    memcmp(asked, word, asked_bytes) == 0)
		nearer = PREFIX_DISTANCE;
	return nearer <= NEAREST_DISTANCE_MAX ? nearer : NEAREST_FAR;
}

/* ---- search ---- */

struct search {
	const struct nearest *nearest;
	struct asked plain, coarse;
	unsigned distance_max;
	void (*found)(void *context, struct near_word near);
	void *context;
};

/* More than `edits` errors lie between two words whose signatures differ in more than twice as many bits. */
static inline bool
too_far(uint64_t differing, unsigned edits)
{
	for (unsigned i = 0; i < 2 * edits; i++)
		differing &= differing - 1;
	return differing != 0;
}

static unsigned
plain_distance(const struct search *search, uint32_t number)
{
	const struct text_at *word = &search->nearest->words[number];

	return distance(&search->plain, search->nearest->pool + word->at, word->bytes);
}

static unsigned
coarse_distance(const struct search *search, uint32_t number)
{
	const struct text_at *word = &search->nearest->words[number];

	return distance(&search->coarse, search->nearest->pool + word->at + word->bytes + 1, word->coarse_bytes);
}

static void
search_plain(const struct search *search, const struct bucket *bucket, unsigned distance_max)
{
	for (size_t i = 0; i < bucket->count; i++) {
		if (too_far(bucket->signatures[i] ^ search->plain.signature, distance_max))
			continue;
		unsigned edits = plain_distance(search, bucket->words[i]);

		if (edits > 1 && edits <= distance_max && coarse_distance(search, bucket->words[i]) == 0)
			edits = 1;
		if (edits <= distance_max)
			search->found(search->context, (struct near_word){ bucket->words[i], edits });
	}
}

/* Those that sound nearer than they are written; the others were found already. */
static void
search_coarse(const struct search *search, const struct bucket *bucket)
{
	unsigned edits_max = search->distance_max - 1;

	for (size_t i = 0; i < bucket->count; i++) {
		if (too_far(bucket->signatures[i] ^ search->coarse.signature, edits_max))
			continue;
		uint32_t number = bucket->words[i];
		unsigned edits = 1 + coarse_distance(search, number);

		if (edits <= search->distance_max && plain_distance(search, number) > search->distance_max)
			search->found(search->context, (struct near_word){ number, edits });
	}
}

/* Words so much longer that no distance found them. */
static void
search_beginnings(const struct search *search, const struct bucket *bucket)
{
	const struct nearest *nearest = search->nearest;

	for (size_t i = 0; i < bucket->count; i++) {
		uint32_t number = bucket->words[i];

		if ((search->plain.signature & ~bucket->signatures[i]) != 0)
			continue;
		if (memcmp(nearest->pool + nearest->words[number].at, search->plain.text, search->plain.bytes) == 0 &&
		    1 + coarse_distance(search, number) > search->distance_max)
			search->found(search->context, (struct near_word){ number, PREFIX_DISTANCE });
	}
}

static void
search_buckets(const struct search *search)
{
	size_t plain = search->plain.bytes, coarse = search->coarse.bytes;
	unsigned distance_max = search->distance_max;

	for (size_t i = plain > distance_max ? plain - distance_max : 0; i <= plain + distance_max && i < BUCKETS; i++)
		search_plain(search, &search->nearest->plain[i], distance_max);
	for (size_t i = coarse > distance_max ? coarse - distance_max + 1 : 0;
	     distance_max > 0 && i < coarse + distance_max && i < BUCKETS; i++)
		search_coarse(search, &search->nearest->coarse[i]);
	for (size_t i = plain + distance_max + 1;
	     distance_max >= PREFIX_DISTANCE && plain >= PREFIX_LETTERS_MIN && i < BUCKETS; i++)
		search_beginnings(search, &search->nearest->plain[i]);
}

void
nearest_search(const struct nearest *nearest, const char *word, size_t bytes, unsigned distance_max,
	       void (*found)(void *context, struct near_word near), void *context)
{
	struct search search = { .nearest = nearest, .distance_max = distance_max, .found = found, .context = context };
	char coarse[LETTERS_MAX + 1];

	assert(distance_max <= NEAREST_DISTANCE_MAX);
	if (distance_max == 0 || bytes >= LETTERS_MAX) {
		uint32_t number = nearest_find(nearest, word, bytes);

		if (number != NEAREST_NONE)
			found(context, (struct near_word){ number, 0 });
		return;
	}
	ask(&search.plain, word, bytes);
	ask(&search.coarse, coarse, name_coarse(word, bytes, coarse));
	search_buckets(&search);
}
