/* Whoever searches sees all that was handed on, and the writer never waits for a search. */
#include "registry/handed.h"
#include <stdatomic.h>
#include <stdlib.h>
#include "base/testing.h"

enum { WRITTEN = 20000, AT_ONCE = 7, MOST = 64 };

struct item {
	int64_t number;
	const char *text;
};

/* What is searched: the sum of all items that were taken over, and how many of them arrived out of order. */
struct searched {
	struct handed handed;
	int64_t sum, last;
	size_t count, disordered;
	_Atomic bool is_over;
};

static void
take(void *context, const void *item)
{
	struct searched *searched = context;
	const struct item *taken = item;

	searched->sum += taken->number;
	searched->count++;
	searched->disordered += taken->number != searched->last + 1 || atoll(taken->text) != taken->number;
	searched->last = taken->number;
}

static void
hand_on(struct searched *searched, int64_t number)
{
	struct arena *arena = NULL;
	struct item *item = handed_add(&searched->handed, &arena);

	*item = (struct item){ .number = number, .text = arena_printf(arena, "%lld", (long long)number) };
}

static void
who_searches_sees_all_that_was_handed_on(void **state)
{
	struct searched searched = { 0 };

	handed_init(&searched.handed, sizeof(struct item), take, &searched);
	handed_begin(&searched.handed);
	for (int64_t number = 1; number <= 10; number++)
		hand_on(&searched, number);
	handed_end(&searched.handed, MOST);
	assert_int_equal(searched.count, 0);
	handed_hold(&searched.handed);
	assert_int_equal(searched.sum, 55);
	handed_release(&searched.handed);
	handed_hold(&searched.handed);
	assert_int_equal(searched.count, 10);
	handed_release(&searched.handed);
	handed_done(&searched.handed);
}

static void
the_writer_takes_over_what_nobody_searches(void **state)
{
	struct searched searched = { 0 };

	handed_init(&searched.handed, sizeof(struct item), take, &searched);
	handed_begin(&searched.handed);
	for (int64_t number = 1; number <= MOST + 1; number++)
		hand_on(&searched, number);
	handed_end(&searched.handed, MOST);
	assert_int_equal(searched.count, MOST + 1);
	handed_done(&searched.handed);
}

static void
the_writer_does_not_wait_for_a_search(void **state)
{
	struct searched searched = { 0 };

	handed_init(&searched.handed, sizeof(struct item), take, &searched);
	handed_hold(&searched.handed);
	handed_begin(&searched.handed);
	for (int64_t number = 1; number <= MOST + 1; number++)
		hand_on(&searched, number);
	handed_end(&searched.handed, MOST);
	assert_int_equal(searched.count, 0); /* the one who searches sees nothing change */
	handed_release(&searched.handed);
	handed_hold(&searched.handed);
	assert_int_equal(searched.count, MOST + 1);
	handed_release(&searched.handed);
	handed_done(&searched.handed);
}

static void *
search_on(void *context)
{
	struct searched *searched = context;

	while (!searched->is_over) {
		handed_hold(&searched->handed);
		int64_t sum = searched->sum, last = searched->last;

		if (sum != last * (last + 1) / 2)
			searched->disordered++;
		handed_release(&searched->handed);
	}
	return NULL;
}

static void
each_is_taken_over_once_and_in_order_beside_searches(void **state)
{
	struct searched searched = { 0 };
	pthread_t threads[2];

	handed_init(&searched.handed, sizeof(struct item), take, &searched);
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, search_on, &searched), 0);
	for (int64_t number = 0; number < WRITTEN;) {
		handed_begin(&searched.handed);
		for (int i = 0; i < AT_ONCE && number < WRITTEN; i++)
			hand_on(&searched, ++number);
		handed_end(&searched.handed, MOST);
	}
	searched.is_over = true;
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	handed_hold(&searched.handed);
	assert_int_equal(searched.count, WRITTEN);
	assert_int_equal(searched.disordered, 0);
	handed_release(&searched.handed);
	handed_done(&searched.handed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_searches_sees_all_that_was_handed_on),
		cmocka_unit_test(the_writer_takes_over_what_nobody_searches),
		cmocka_unit_test(the_writer_does_not_wait_for_a_search),
		cmocka_unit_test(each_is_taken_over_once_and_in_order_beside_searches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
