#include "http/places.h"
#include "base/day.h"
#include "base/testing.h"

/* Six places: the root, a region, its city, its village, a city that ended, a city elsewhere. */
static const struct place places[] = {
	{ .id = 1,
	  .code = "KZ",
	  .names = { "Қазақстан", "Казахстан", "Kazakhstan" },
	  .valid_from = DAY_BEFORE_ALL,
	  .valid_to = DAY_AFTER_ALL },
	{ .id = 10,
	  .code = "10",
	  .parent = 1,
	  .names = { "Абай облысы", "Абайская область", NULL },
	  .valid_from = DAY_BEFORE_ALL,
	  .valid_to = DAY_AFTER_ALL },
	{ .id = 11,
	  .code = "11",
	  .parent = 10,
	  .names = { "Семей қаласы", "город Семей", "Semey" },
	  .valid_from = DAY_BEFORE_ALL,
	  .valid_to = DAY_AFTER_ALL },
	{ .id = 12,
	  .code = "12",
	  .parent = 10,
	  .names = { "Кіші-Семей ауылы", NULL, NULL },
	  .valid_from = DAY_BEFORE_ALL,
	  .valid_to = DAY_AFTER_ALL },
	{ .id = 13,
	  .code = "13",
	  .parent = 10,
	  .names = { "Семипалатинск", "Семипалатинск", NULL },
	  .valid_from = DAY_BEFORE_ALL,
	  .valid_to = 13000 },
	{ .id = 20,
	  .code = "20",
	  .parent = 1,
	  .names = { "Астана", "Астана", "Astana" },
	  .valid_from = DAY_BEFORE_ALL,
	  .valid_to = DAY_AFTER_ALL },
};
static const struct pack pack = { .places = places, .place_count = ARRAY_COUNT(places), .place_root = 1 };
static struct place_index *names;

static int
begin(void **state)
{
	names = place_index_new(&pack);
	return 0;
}

static int
end(void **state)
{
	place_index_free(names);
	return 0;
}

static size_t
find(const char *text, int64_t above, int64_t day, const struct place *found[10])
{
	return place_index_find(names, text, above, day, 10, found);
}

static void
a_place_is_found_by_the_beginning_of_any_word_in_any_language(void **state)
{
	const struct place *found[10];

	assert_int_equal(find("сем", 0, 20000, found), 2);
	assert_string_equal(found[0]->code, "11");
	assert_string_equal(found[1]->code, "12");
	assert_int_equal(find("SEM", 0, 20000, found), 1);
	assert_int_equal(find("ҚАЛА", 0, 20000, found), 1);
	assert_int_equal(find("емей", 0, 20000, found), 0);
}

static void
places_of_another_time_are_not_shown(void **state)
{
	const struct place *found[10];

	assert_int_equal(find("семи", 0, 20000, found), 0);
	assert_int_equal(find("семи", 0, 12000, found), 1);
}

static void
a_search_can_be_kept_below_a_place(void **state)
{
	const struct place *found[10];

	assert_int_equal(find("астана", 20, 20000, found), 1);
	assert_int_equal(find("астана", 10, 20000, found), 0);
}

static void
nothing_asked_finds_nothing(void **state)
{
	const struct place *found[10];

	assert_int_equal(find("", 0, 20000, found), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_is_found_by_the_beginning_of_any_word_in_any_language),
		cmocka_unit_test(places_of_another_time_are_not_shown),
		cmocka_unit_test(a_search_can_be_kept_below_a_place),
		cmocka_unit_test(nothing_asked_finds_nothing),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
