#include "text/nearest.h"
#include <stdlib.h>
#include <string.h>
#include "base/testing.h"
#include "text/name.h"

/* The slow obvious twin: the whole table. */
static unsigned
table_distance(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	unsigned d[66][66];

	for (unsigned i = 0; i <= a_bytes; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= b_bytes; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a_bytes; i++) {
		for (size_t j = 1; j <= b_bytes; j++) {
			unsigned best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
			best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = d[i - 2][j - 2] + 1 < best ? d[i - 2][j - 2] + 1 : best;
			d[i][j] = best;
		}
	}
	return d[a_bytes][b_bytes];
}

/* The same sequence in every run. */
static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(*seed >> 33) % below;
}

static size_t
draw_word(uint64_t *seed, uint32_t letters, size_t bytes_max, char *word)
{
	size_t bytes = draw(seed, (uint32_t)bytes_max + 1);

	for (size_t i = 0; i < bytes; i++)
		word[i] = (char)('a' + draw(seed, letters));
	word[bytes] = '\0';
	return bytes;
}

static void
distance_is_that_of_the_whole_table(void **state)
{
	uint64_t seed = 1;
	char a[65], b[65];

	for (int i = 0; i < 20000; i++) {
		size_t a_bytes = draw_word(&seed, 3, i % 100 == 0 ? 64 : 12, a);
		size_t b_bytes = draw_word(&seed, 3, i % 100 == 0 ? 64 : 12, b);

		assert_int_equal(nearest_distance(a, a_bytes, b, b_bytes), table_distance(a, a_bytes, b, b_bytes));
	}
}

static unsigned
expected_distance(const char *asked, const char *word)
{
	char coarse_asked[65], coarse_word[65];
	size_t asked_bytes = strlen(asked), word_bytes = strlen(word);
	size_t coarse_bytes = name_coarse(asked, asked_bytes, coarse_asked);
	unsigned plain = table_distance(asked, asked_bytes, word, word_bytes);
	unsigned coarse =
		1 + table_distance(coarse_asked, coarse_bytes, coarse_word, name_coarse(word, word_bytes, coarse_word));
	unsigned nearer = coarse < plain ? coarse : plain;
	bool begins = asked_bytes >= 3 && strncmp(asked, word, asked_bytes) == 0;

	return begins && nearer > 2 ? 2 : nearer;
}

enum { WORDS = 3000 };

struct seen {
	unsigned distance[WORDS]; /* 0xff: not */
	bool twice;
};

static void
note(void *context, struct near_word near)
{
	struct seen *seen = context;

	seen->twice |= seen->distance[near.number] != 0xff;
	seen->distance[near.number] = near.distance;
}

static void
search_finds_what_comparing_with_every_word_finds(void **state)
{
	AUTO(nearest_free) struct nearest *nearest = nearest_new();
	uint64_t seed = 7;
	char word[65];
	size_t near_count = 0;

	while (nearest_count(nearest) < WORDS)
		nearest_add(nearest, word, draw_word(&seed, 8, 9, word));
	for (int i = 0; i < 200; i++) {
		size_t bytes = draw_word(&seed, 8, 9, word);
		struct seen seen = { 0 };

		memset(seen.distance, 0xff, sizeof(seen.distance));
		for (size_t k = 0; k < WORDS; k++)
			seen.distance[k] = 0xff;
		nearest_search(nearest, word, bytes, 2, note, &seen);
		assert_false(seen.twice);
		for (uint32_t k = 0; k < WORDS; k++) {
			const char *other = nearest_word(nearest, k);
			unsigned expected = expected_distance(word, other);

			assert_int_equal(nearest_compare(word, bytes, other, strlen(other)),
					 expected <= 2 ? expected : NEAREST_FAR);
			assert_int_equal(seen.distance[k], expected <= 2 ? expected : 0xff);
			near_count += expected <= 2;
		}
	}
	assert_true(near_count > 1000);
}

static void
a_word_is_kept_once_and_found_by_itself(void **state)
{
	AUTO(nearest_free) struct nearest *nearest = nearest_new();
	char word[32];

	for (int i = 0; i < 20000; i++) {
		int bytes = snprintf(word, sizeof(word), "word%d", i % 10000);

		assert_int_equal(nearest_add(nearest, word, (size_t)bytes), i % 10000);
	}
	assert_int_equal(nearest_count(nearest), 10000);
	assert_string_equal(nearest_word(nearest, nearest_find(nearest, "word777", 7)), "word777");
	assert_int_equal(nearest_find(nearest, "word10000", 9), NEAREST_NONE);
	assert_true(nearest_bytes(nearest) > 10000 * 9);
}

static void
count_found(void *context, struct near_word near)
{
	(*(int *)context)++;
}

static void
words_of_any_length_can_be_kept_and_asked(void **state)
{
	AUTO(nearest_free) struct nearest *nearest = nearest_new();
	char word[300];

	memset(word, 'a', sizeof(word));
	for (size_t bytes = 0; bytes <= sizeof(word); bytes++)
		nearest_add(nearest, word, bytes);
	for (size_t bytes = 0; bytes <= sizeof(word); bytes++) {
		int found = 0;

		nearest_search(nearest, word, bytes, 2, count_found, &found);
		assert_true(found >= 1);
		if (bytes > 63)
			assert_int_equal(found, 1);
	}
}

/* What clerks type for what stands in the registers; the first is the record. */
static void
spellings_by_ear_are_one_error_at_most(void **state)
{
	static const char *const pairs[][2] = {
		{ "Қуаныш", "Kuanysh" },  { "Қуаныш", "Quanysh" },      { "Қуаныш", "Куаныш" },
		{ "Қуаныш", "Kouanych" }, { "Жұмабаев", "Djoumabaev" }, { "Жұмабаев", "Dzhumabayev" },
		{ "Мұхтар", "Муктар" },   { "Әлия", "Елия" },           { "Нұрланов", "Nurlanoff" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(pairs); i++) {
		AUTO(arena_free) struct arena *arena = arena_new();
		AUTO(nearest_free) struct nearest *nearest = nearest_new();
		const char *record = name_fold(arena, pairs[i][0]), *asked = name_fold(arena, pairs[i][1]);
		int found = 0;

		nearest_add(nearest, record, strlen(record));
		nearest_search(nearest, asked, strlen(asked), 1, count_found, &found);
		if (found != 1)
			print_error("%s is %s, %s is %s\n", pairs[i][0], record, pairs[i][1], asked);
		assert_int_equal(found, 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance_is_that_of_the_whole_table),
		cmocka_unit_test(search_finds_what_comparing_with_every_word_finds),
		cmocka_unit_test(a_word_is_kept_once_and_found_by_itself),
		cmocka_unit_test(words_of_any_length_can_be_kept_and_asked),
		cmocka_unit_test(spellings_by_ear_are_one_error_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
