#include <stdlib.h>
#include "base/array.h"
#include "base/testing.h"

static void
items_stay_while_the_array_grows(void **state)
{
	uint64_t *items = NULL;
	size_t count = 0, capacity = 0;

	for (uint64_t i = 0; i < 10000; i++)
		*ARRAY_PUSH(items, count, capacity) = i * i;
	assert_int_equal(count, 10000);
	assert_true(capacity >= count);
	for (uint64_t i = 0; i < 10000; i++)
		assert_int_equal(items[i], i * i);
	free(items);
}

static void
there_is_room_for_all_that_is_wanted_at_once(void **state)
{
	size_t capacity = 0;
	char *text = array_grow(NULL, 1000, &capacity, 1);

	assert_true(capacity >= 1000);
	text[999] = 'x';
	text = array_grow(text, 100000, &capacity, 1);
	assert_true(capacity >= 100000);
	assert_int_equal(text[999], 'x');
	free(text);
}

static void
at_most_half_is_kept_free(void **state)
{
	size_t capacity = 0;
	char *text = array_grow(NULL, 1000, &capacity, 1);

	for (size_t wanted = 1001; wanted < 100000; wanted += 37) {
		text = array_grow(text, wanted, &capacity, 1);
		assert_true(capacity <= wanted + wanted / 2);
	}
	free(text);
}

static void
what_has_room_is_not_moved(void **state)
{
	size_t capacity = 0;
	char *text = array_grow(NULL, 10, &capacity, 1);
	size_t before = capacity;

	assert_ptr_equal(array_grow(text, before, &capacity, 1), text);
	assert_int_equal(capacity, before);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_stay_while_the_array_grows),
		cmocka_unit_test(there_is_room_for_all_that_is_wanted_at_once),
		cmocka_unit_test(at_most_half_is_kept_free),
		cmocka_unit_test(what_has_room_is_not_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
