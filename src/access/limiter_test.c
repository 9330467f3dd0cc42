#include "access/fixture.h"

static bool
take(struct limiter *limiter, uint64_t key, int64_t now)
{
	int64_t wait_ms;

	return limiter_take(limiter, key, 2, 5, now, &wait_ms);
}

static void
a_burst_is_let_through_and_then_the_rate(void **state)
{
	AUTO(limiter_free) struct limiter *limiter = limiter_new(100);
	int64_t wait_ms = -1;

	for (int i = 0; i < 5; i++)
		assert_true(take(limiter, 7, NOW));
	assert_false(limiter_take(limiter, 7, 2, 5, NOW, &wait_ms));
	assert_int_equal(wait_ms, 500);
	assert_false(take(limiter, 7, NOW + 499));
	assert_true(take(limiter, 7, NOW + 500));
	assert_false(take(limiter, 7, NOW + 501));
	for (int i = 0; i < 5; i++)
		assert_true(take(limiter, 7, NOW + 100000));
	assert_false(take(limiter, 7, NOW + 100000));
}

static void
one_key_does_not_use_up_anothers_bucket(void **state)
{
	AUTO(limiter_free) struct limiter *limiter = limiter_new(100);

	for (int i = 0; i < 6; i++)
		take(limiter, 7, NOW);
	assert_false(take(limiter, 7, NOW));
	assert_true(take(limiter, 8, NOW));
	assert_int_equal(limiter_key(limiter, "act", "a"), limiter_key(limiter, "act", "a"));
	assert_int_not_equal(limiter_key(limiter, "act", "a"), limiter_key(limiter, "a", "act"));
}

static void
a_flood_of_keys_does_not_free_the_one_that_is_limited(void **state)
{
	AUTO(limiter_free) struct limiter *limiter = limiter_new(64);

	for (int i = 0; i < 6; i++)
		take(limiter, 7, NOW);
	for (uint64_t key = 1000; key < 20000; key++)
		assert_true(take(limiter, key, NOW));
	assert_false(take(limiter, 7, NOW));
}

static void
a_clock_that_is_set_back_shuts_nobody_out_for_long(void **state)
{
	AUTO(limiter_free) struct limiter *limiter = limiter_new(64);
	int64_t wait_ms;

	assert_true(take(limiter, 7, NOW));
	assert_false(limiter_take(limiter, 7, 2, 5, NOW - 1000000000, &wait_ms));
	assert_in_range(wait_ms, 1, 500);
	assert_true(take(limiter, 7, NOW - 1000000000 + 500));
}

static void *
hammer(void *argument)
{
	uintptr_t taken = 0;

	for (int i = 0; i < 20000; i++)
		taken += take(argument, (uint64_t)(i % 50), NOW);
	return (void *)taken;
}

static void
threads_together_take_no_more_than_the_burst(void **state)
{
	AUTO(limiter_free) struct limiter *limiter = limiter_new(4096);
	pthread_t threads[4];
	uintptr_t taken = 0;

	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, limiter), 0);
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++) {
		void *own;

		pthread_join(threads[i], &own);
		taken += (uintptr_t)own;
	}
	assert_int_equal(taken, 50 * 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_is_let_through_and_then_the_rate),
		cmocka_unit_test(one_key_does_not_use_up_anothers_bucket),
		cmocka_unit_test(a_flood_of_keys_does_not_free_the_one_that_is_limited),
		cmocka_unit_test(a_clock_that_is_set_back_shuts_nobody_out_for_long),
		cmocka_unit_test(threads_together_take_no_more_than_the_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
