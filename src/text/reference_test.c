#include "text/reference.h"
#include <ctype.h>
#include <pthread.h>
#include "base/map.h"
#include "base/testing.h"

static const unsigned char secret[REFERENCE_KEY_BYTES] = "0123456789abcde";
static struct reference_key *key;

static int
set_up(void **state)
{
	key = reference_key_new(secret);
	return 0;
}

static int
tear_down(void **state)
{
	reference_key_free(key);
	return 0;
}

static bool
is_taken(const char *text)
{
	char prefix[3] = "";
	int64_t id = 0;

	return reference_parse(key, text, prefix, &id) == OK;
}

static void
an_id_comes_back_from_its_reference(void **state)
{
	static const int64_t edges[] = {
		0, 1, 2, (1 << 20) - 1, 1 << 20, REFERENCE_ID_LIMIT / 2, REFERENCE_ID_LIMIT - 1
	};
	char text[REFERENCE_BYTES_MAX];

	for (size_t i = 0; i < ARRAY_COUNT(edges) + 2000; i++) {
		int64_t id = i < ARRAY_COUNT(edges) ? edges[i] : (int64_t)i * INT64_C(0x1234567) % REFERENCE_ID_LIMIT;
		char prefix[3] = "";
		int64_t back = -1;

		reference_print(key, "ST", id, text);
		assert_int_equal(strlen(text), 13);
		assert_true(text[2] == '-' && text[7] == '-');
		assert_int_equal(reference_parse(key, text, prefix, &back), OK);
		assert_int_equal(back, id);
		assert_string_equal(prefix, "ST");
	}
}

static void
neighbouring_ids_look_unlike_and_never_meet(void **state)
{
	AUTO(text_map_done) struct text_map seen = { 0 };
	AUTO(arena_free) struct arena *arena = arena_new();
	char text[REFERENCE_BYTES_MAX];
	int same = 0;
	char before[REFERENCE_BYTES_MAX] = "";

	for (int64_t id = 0; id < 20000; id++) {
		reference_print(key, "ST", id, text);
		assert_null(text_map_get(&seen, text));
		text_map_put(&seen, arena_text(arena, text), key);
		for (int i = 3; before[0] != '\0' && i < 12; i++)
			same += i != 7 && text[i] == before[i];
		memcpy(before, text, sizeof(before));
	}
	/* 8 characters of 32: chance lets a quarter of one agree on the average. */
	assert_in_range(same, 4000, 6000);
}

static void
a_reference_may_be_typed_carelessly(void **state)
{
	char text[REFERENCE_BYTES_MAX];
	char typed[64];
	int64_t back = 0;
	char prefix[3] = "";

	for (int64_t id = 0; id < 500; id++) {
		size_t count = 0;

		reference_print(key, "PE", id, text);
		for (const char *p = text; *p != '\0'; p++) {
			if (*p == '-')
				continue;
			bool is_body = count >= 3;
			char c = is_body && *p == '0'   ? 'o'
				 : is_body && *p == '1' ? (id % 2 == 0 ? 'l' : 'I')
							: (char)tolower(*p);

			typed[count++] = c;
			if (count == 1)
				typed[count++] = ' ';
		}
		typed[count] = '\0';
		assert_int_equal(reference_parse(key, typed, prefix, &back), OK);
		assert_int_equal(back, id);
		assert_string_equal(prefix, "PE");
	}
}

static void
every_single_wrong_character_is_caught(void **state)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char body[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char text[REFERENCE_BYTES_MAX];

	for (int64_t id = 0; id < 200; id++) {
		reference_print(key, id % 2 == 0 ? "ST" : "WE", id * 77777, text);
		for (size_t i = 0; text[i] != '\0'; i++) {
			char right = text[i];
			const char *set = i < 2 ? letters : body;

			for (const char *c = set; right != '-' && *c != '\0'; c++) {
				text[i] = *c;
				assert_int_equal(is_taken(text), *c == right);
			}
			text[i] = right;
		}
	}
}

static void
every_pair_of_swapped_neighbours_is_caught(void **state)
{
	char text[REFERENCE_BYTES_MAX];

	for (int64_t id = 0; id < 2000; id++) {
		reference_print(key, "ST", id * 333333, text);
		for (size_t i = 0; i < 12; i++) {
			size_t next = text[i + 1] == '-' ? i + 2 : i + 1;

			/* O, I and L are letters in a prefix and digits behind it: no swap moves one across unseen. */
			if (text[i] == '-' || text[i] == text[next])
				continue;
			char kept = text[i];

			text[i] = text[next];
			text[next] = kept;
			assert_false(is_taken(text));
			text[next] = text[i];
			text[i] = kept;
		}
	}
}

static void
another_key_gives_other_references(void **state)
{
	unsigned char other_secret[REFERENCE_KEY_BYTES] = { 1 };
	AUTO(reference_key_free) struct reference_key *other = reference_key_new(other_secret);
	char first[REFERENCE_BYTES_MAX];
	char second[REFERENCE_BYTES_MAX];

	assert_string_not_equal(reference_print(key, "ST", 1, first), reference_print(other, "ST", 1, second));
}

/* Pinned: references stand on paper, so the permutation may never change. */
static void
known_references_stay(void **state)
{
	char text[REFERENCE_BYTES_MAX];

	assert_string_equal(reference_print(key, "ST", 1, text), "ST-DBZW-JGGN2");
	assert_string_equal(reference_print(key, "PE", REFERENCE_ID_LIMIT - 1, text), "PE-ZHBH-XGJ8E");
}

static void
what_is_no_reference_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "ST",
					     "ST-7K3M-9QXD",
					     "ST-7K3M-9QXD55",
					     "S1-7K3M-9QXD5",
					     "ST-7K3U-9QXD5",
					     "ST_7K3M_9QXD5",
					     "ST-7K3M-9QX\xD0\x90",
					     "-------------",
					     "           " };

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_false(is_taken(wrong[i]));
	reference_key_free(NULL);
}

static void *
print_and_parse(void *failures)
{
	for (int64_t id = 0; id < 3000; id++) {
		char text[REFERENCE_BYTES_MAX];
		char prefix[3] = "";
		int64_t back = -1;

		if (reference_parse(key, reference_print(key, "ST", id, text), prefix, &back) != OK || back != id)
			*(int *)failures += 1;
	}
	return NULL;
}

static void
one_key_serves_many_threads(void **state)
{
	pthread_t threads[4];
	int failures[4] = { 0 };

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, print_and_parse, &failures[i]), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(failures[i], 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_comes_back_from_its_reference),
		cmocka_unit_test(neighbouring_ids_look_unlike_and_never_meet),
		cmocka_unit_test(a_reference_may_be_typed_carelessly),
		cmocka_unit_test(every_single_wrong_character_is_caught),
		cmocka_unit_test(every_pair_of_swapped_neighbours_is_caught),
		cmocka_unit_test(another_key_gives_other_references),
		cmocka_unit_test(known_references_stay),
		cmocka_unit_test(one_key_serves_many_threads),
		cmocka_unit_test(what_is_no_reference_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
