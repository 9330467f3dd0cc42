#include "base/testing.h"
#include "registry/attempts.h"

static size_t
count_up_to(struct attempts *attempts, int64_t account, int64_t party, int64_t day, size_t tries)
{
	size_t counted = 0;

	for (size_t i = 0; i < tries; i++)
		counted += attempts_count(attempts, account, party, 7, day);
	return counted;
}

static void
the_first_few_of_a_day_count_for_each_account_and_person(void **state)
{
	AUTO(attempts_free) struct attempts *attempts = attempts_new();

	assert_int_equal(count_up_to(attempts, 1, 10, 100, 9), ATTEMPTS_A_DAY);
	assert_int_equal(count_up_to(attempts, 1, 11, 100, 9), ATTEMPTS_A_DAY);
	assert_int_equal(count_up_to(attempts, 2, 10, 100, 9), ATTEMPTS_A_DAY);
	assert_true(attempts_count(attempts, 1, 10, 8, 100));
	attempts_committed(attempts);
	assert_int_equal(count_up_to(attempts, 1, 10, 100, 9), 0);
	assert_int_equal(count_up_to(attempts, 1, 10, 101, 9), ATTEMPTS_A_DAY);
}

static void
what_was_undone_does_not_count(void **state)
{
	AUTO(attempts_free) struct attempts *attempts = attempts_new();

	attempts_mark(attempts);
	assert_true(attempts_count(attempts, 1, 10, 7, 100));
	attempts_mark(attempts);
	assert_int_equal(count_up_to(attempts, 1, 10, 100, 9), ATTEMPTS_A_DAY - 1);
	attempts_undo_to_mark(attempts);
	assert_int_equal(count_up_to(attempts, 1, 10, 100, 9), ATTEMPTS_A_DAY - 1);
	attempts_undone(attempts);
	assert_int_equal(count_up_to(attempts, 1, 10, 100, 9), ATTEMPTS_A_DAY);
	attempts_committed(attempts);
	attempts_undone(attempts);
	assert_int_equal(count_up_to(attempts, 1, 10, 100, 9), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_few_of_a_day_count_for_each_account_and_person),
		cmocka_unit_test(what_was_undone_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
