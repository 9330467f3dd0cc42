#include "base/testing.h"
#include <pthread.h>
#include "text/pattern.h"

static void
the_whole_text_must_fit(void **state)
{
	assert_true(pattern_matches("[0-9]{4}", "2026"));
	assert_false(pattern_matches("[0-9]{4}", "20261"));
	assert_false(pattern_matches("[0-9]{4}", "x2026"));
	assert_true(pattern_matches("[А-ЯӘҚҢ]+", "ҚАЗ"));
}

static void
a_pattern_that_does_not_compile_fits_nothing(void **state)
{
	assert_false(pattern_is_valid("[0-9"));
	assert_true(pattern_is_valid("[0-9]"));
	assert_false(pattern_matches("[0-9", "1"));
	assert_false(pattern_matches("[0-9", "1"));
}

/* More patterns than are kept, in turn and again, each asked twice. */
static void
a_pattern_that_was_let_go_is_compiled_again(void **state)
{
	char pattern[32], text[32];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 40; i++) {
			snprintf(pattern, sizeof(pattern), "a{%d}", i + 1);
			memset(text, 'a', sizeof(text));
			text[i < 31 ? i + 1 : 31] = '\0';
			assert_int_equal(pattern_matches(pattern, text), i < 31);
			assert_false(pattern_matches(pattern, "b"));
		}
	}
}

static void *
match_many(void *context)
{
	uintptr_t wrong = 0;

	for (int i = 0; i < 1000; i++)
		wrong += !pattern_matches("[0-9]+", "123") || pattern_matches("[0-9]+", "12x");
	return (void *)wrong;
}

static void
threads_do_not_share_what_they_keep(void **state)
{
	pthread_t threads[4];
	void *wrong = NULL;

	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, match_many, NULL), 0);
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
}

static void
a_pattern_without_end_is_given_up(void **state)
{
	assert_false(pattern_matches("(a+)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"));
	assert_true(pattern_matches("(a+)+b", "aab"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_text_must_fit),
		cmocka_unit_test(a_pattern_that_does_not_compile_fits_nothing),
		cmocka_unit_test(a_pattern_that_was_let_go_is_compiled_again),
		cmocka_unit_test(threads_do_not_share_what_they_keep),
		cmocka_unit_test(a_pattern_without_end_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
