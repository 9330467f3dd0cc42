#include "base/problem.h"
#include <ctype.h>
#include "base/error.h"
#include "base/testing.h"

static struct arena *arena;

static int
set_up(void **state)
{
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(arena);
	return 0;
}

static void
a_message_is_printed_with_its_arguments(void **state)
{
	const char *const arguments[3] = { "iin {2}", "x", NULL };

	assert_string_equal(message_print(arena, MSG_UNKNOWN_FIELD, LANGUAGE_EN, arguments),
			    "There is no such field. Did you mean iin {2}?");
	assert_string_equal(message_print(arena, MSG_UNKNOWN_FIELD, LANGUAGE_EN, (const char *const[3]){ NULL }),
			    "There is no such field. Did you mean ?");
	assert_string_equal(message_print(arena, MSG_NONE, LANGUAGE_KK, arguments), "");
	assert_string_equal(message_name(MSG_IIN_LENGTH), "iin-length");
}

/* Which of {1} {2} {3} stand in it, as bits. */
static unsigned
places(const char *text)
{
	unsigned found = 0;

	for (const char *p = text; *p != '\0'; p++)
		if (p[0] == '{' && p[1] >= '1' && p[1] <= '3' && p[2] == '}')
			found |= 1u << (p[1] - '1');
	return found;
}

static void
every_message_stands_in_three_languages_with_the_same_arguments(void **state)
{
	static const char *const texts[][LANGUAGE_COUNT] = {
#define MESSAGE(id, kk, ru, en) { kk, ru, en },
#include "base/message.def"
#undef MESSAGE
	};

	assert_true(ARRAY_COUNT(texts) > 60);
	for (size_t i = 1; i < ARRAY_COUNT(texts); i++) {
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			if (places(texts[i][language]) != places(texts[i][0]))
				print_error("%s\n", texts[i][language]);
			assert_true(strlen(texts[i][language]) > 5);
			assert_int_equal(places(texts[i][language]), places(texts[i][0]));
		}
		for (size_t other = 1; other < i; other++)
			assert_string_not_equal(texts[i][LANGUAGE_EN], texts[other][LANGUAGE_EN]);
	}
}

static void
every_error_has_a_name_of_its_own(void **state)
{
	for (int e = OK; e < ERROR_COUNT; e++) {
		assert_in_range(error_http((enum error)e), 200, 599);
		assert_in_range(error_exit((enum error)e), 0, 3);
		assert_true(strlen(error_text((enum error)e)) > 3);
		for (const char *p = error_name((enum error)e); *p != '\0'; p++)
			assert_true(islower((unsigned char)*p) || *p == '-');
		for (int other = OK; other < e; other++)
			assert_string_not_equal(error_name((enum error)e), error_name((enum error)other));
	}
}

static void
languages_are_known_by_their_codes(void **state)
{
	for (int language = 0; language < LANGUAGE_COUNT; language++)
		assert_int_equal(language_parse(language_name((enum language)language)), language);
	assert_int_equal(language_parse("KK"), LANGUAGE_COUNT);
	assert_int_equal(language_parse(""), LANGUAGE_COUNT);
	assert_int_equal(language_parse(NULL), LANGUAGE_COUNT);
}

static void
a_problem_copies_what_it_is_told_and_counts_the_rest(void **state)
{
	struct problem problem;
	char field[] = "iin";
	char argument[] = "7";

	problem_init(&problem, arena);
	assert_int_equal(problem_add(&problem, ERR_BAD_INPUT, field, MSG_TOO_SMALL, argument, NULL), ERR_BAD_INPUT);
	field[0] = argument[0] = 'x';
	assert_string_equal(problem.items[0].field, "iin");
	assert_string_equal(problem.items[0].arguments[0], "7");
	assert_null(problem.items[0].arguments[1]);
	for (int i = 1; i < PROBLEM_ITEMS_MAX + 5; i++)
		assert_int_equal(problem_add(&problem, ERR_GUARD, NULL, MSG_REQUIRED, NULL, NULL), ERR_GUARD);
	assert_int_equal(problem.item_count, PROBLEM_ITEMS_MAX);
	assert_int_equal(problem.dropped_count, 5);
	assert_int_equal(problem_add(NULL, ERR_GUARD, "a", MSG_REQUIRED, NULL, NULL), ERR_GUARD);
}

static void
a_prefix_says_where_the_field_stands(void **state)
{
	struct problem problem;

	problem_init(&problem, arena);
	IGNORE(problem_add(&problem, ERR_BAD_INPUT, "iin", MSG_REQUIRED, NULL, NULL)); /* the item is looked at */
	IGNORE(problem_add(&problem, ERR_BAD_INPUT, "iin", MSG_REQUIRED, NULL, NULL));
	IGNORE(problem_add(&problem, ERR_BAD_INPUT, "[2].role", MSG_REQUIRED, NULL, NULL));
	IGNORE(problem_add(&problem, ERR_BAD_INPUT, NULL, MSG_REQUIRED, NULL, NULL));
	problem_prefix(&problem, 1, "guest");
	assert_string_equal(problem.items[0].field, "iin");
	assert_string_equal(problem.items[1].field, "guest.iin");
	assert_string_equal(problem.items[2].field, "guest[2].role");
	assert_string_equal(problem.items[3].field, "guest");
	problem_prefix(NULL, 0, "guest");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_printed_with_its_arguments),
		cmocka_unit_test(every_message_stands_in_three_languages_with_the_same_arguments),
		cmocka_unit_test(every_error_has_a_name_of_its_own),
		cmocka_unit_test(languages_are_known_by_their_codes),
		cmocka_unit_test(a_problem_copies_what_it_is_told_and_counts_the_rest),
		cmocka_unit_test(a_prefix_says_where_the_field_stands),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
