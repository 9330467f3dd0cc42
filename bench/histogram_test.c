#include "base/testing.h"
#include "histogram.h"

static void
a_quantile_is_within_two_percent_of_the_exact_one(void **state)
{
	static struct histogram histogram;

	for (uint64_t us = 1; us <= 1000000; us++)
		histogram_add(&histogram, us);
	for (double share = 0.01; share < 1; share += 0.01) {
		double exact = share * 1e6, told = (double)histogram_quantile(&histogram, share);

		assert_true(told >= exact * 0.98 && told <= exact * 1.02);
	}
	assert_int_equal(histogram_quantile(&histogram, 1), 1000000);
}

static void
small_values_are_exact(void **state)
{
	static struct histogram histogram;

	for (uint64_t us = 0; us < 64; us++)
		histogram_add(&histogram, us);
	assert_int_equal(histogram_quantile(&histogram, 0.5), 31);
	assert_int_equal(histogram_quantile(&histogram, 1), 63);
}

static void
a_value_beyond_the_last_cell_is_kept_as_the_greatest(void **state)
{
	static struct histogram histogram;

	histogram_add(&histogram, UINT64_MAX);
	assert_true(histogram_quantile(&histogram, 0.5) > 0);
	assert_true(histogram.max_us == UINT64_MAX);
}

static void
an_empty_histogram_tells_zero(void **state)
{
	static struct histogram histogram;

	assert_int_equal(histogram_quantile(&histogram, 0.99), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quantile_is_within_two_percent_of_the_exact_one),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(a_value_beyond_the_last_cell_is_kept_as_the_greatest),
		cmocka_unit_test(an_empty_histogram_tells_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
