#include "base/map.h"
#include "base/testing.h"

enum { KEYS = 512 };

/* The slow twin is an array with one place for each key. */
static void
a_map_does_what_an_array_would(void **state)
{
	AUTO(map_done) struct map map = { 0 };
	uint64_t values[KEYS] = { 0 };
	bool present[KEYS] = { false };
	size_t count = 0;
	unsigned seed = 1;

	for (int step = 0; step < 200000; step++) {
		uint64_t key = (uint64_t)rand_r(&seed) % KEYS;
		bool removes = step % 20000 < 10000 ? rand_r(&seed) % 3 == 0 : rand_r(&seed) % 3 != 0;

		if (removes) {
			map_remove(&map, key);
			count -= present[key];
			present[key] = false;
		} else {
			values[key] = (uint64_t)step;
			map_put(&map, key, values[key]);
			count += !present[key];
			present[key] = true;
		}
		assert_int_equal(map.count, count);
		uint64_t asked = (uint64_t)rand_r(&seed) % KEYS;
		const uint64_t *found = map_get(&map, asked);

		assert_int_equal(found != NULL, present[asked]);
		assert_true(found == NULL || *found == values[asked]);
	}
	for (uint64_t key = 0; key < KEYS; key++)
		assert_int_equal(map_get(&map, key) != NULL, present[key]);
}

static void
an_empty_map_holds_nothing(void **state)
{
	AUTO(map_done) struct map map = { 0 };
	AUTO(text_map_done) struct text_map texts = { 0 };

	assert_null(map_get(&map, 0));
	map_remove(&map, 0);
	assert_null(text_map_get(&texts, "a"));
	map_put(&map, 0, 0);
	assert_non_null(map_get(&map, 0));
	map_put(&map, UINT64_MAX, 5);
	assert_int_equal(*map_get(&map, UINT64_MAX), 5);
	map_done(NULL);
	text_map_done(NULL);
}

static void
a_text_map_finds_each_text(void **state)
{
	AUTO(text_map_done) struct text_map map = { 0 };
	static char keys[3000][8];
	int values[2] = { 0 };

	for (int i = 0; i < 3000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		text_map_put(&map, keys[i], &keys[i]);
	}
	assert_int_equal(map.count, 3000);
	for (int i = 0; i < 3000; i++) {
		char asked[8];

		snprintf(asked, sizeof(asked), "k%d", i);
		assert_ptr_equal(text_map_get(&map, asked), &keys[i]);
	}
	assert_null(text_map_get(&map, "k3000"));
	assert_null(text_map_get(&map, ""));
	text_map_put(&map, "k5", &values[1]);
	assert_ptr_equal(text_map_get(&map, "k5"), &values[1]);
	assert_int_equal(map.count, 3000);
}

static void
the_nearest_name_is_near(void **state)
{
	static const char *const names[] = { "register", "fields", "actions", "retention" };
	char longest[100];

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_string_equal(nearest_name("regster", names, ARRAY_COUNT(names)), "register");
	assert_string_equal(nearest_name("action", names, ARRAY_COUNT(names)), "actions");
	assert_string_equal(nearest_name("feilds", names, ARRAY_COUNT(names)), "fields");
	assert_null(nearest_name("zzzzzz", names, ARRAY_COUNT(names)));
	assert_null(nearest_name(longest, names, ARRAY_COUNT(names)));
	assert_null(nearest_name("register", names, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_does_what_an_array_would),
		cmocka_unit_test(an_empty_map_holds_nothing),
		cmocka_unit_test(a_text_map_finds_each_text),
		cmocka_unit_test(the_nearest_name_is_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
