#include "base/value.h"
#include "base/testing.h"

static void
values_are_equal_by_kind_and_content(void **state)
{
	const struct value values[] = {
		value_null(),       value_integer(0),      value_integer(-7),        value_boolean(true),
		value_text("a"),    value_text("ab"),      value_text(""),           value_bytes("a", 1),
		value_bytes("", 0), value_bytes("a\0", 2), value_integer(INT64_MIN),
	};

	for (size_t i = 0; i < ARRAY_COUNT(values); i++)
		for (size_t j = 0; j < ARRAY_COUNT(values); j++)
			assert_int_equal(value_equal(&values[i], &values[j]), i == j);
}

static void
a_boolean_equals_the_integer_that_a_database_gives_back(void **state)
{
	struct value truth = value_boolean(true);
	struct value one = value_integer(1);
	struct value two = value_integer(2);

	assert_true(value_equal(&truth, &one));
	assert_false(value_equal(&truth, &two));
}

static void
a_missing_text_is_null(void **state)
{
	assert_int_equal(value_text(NULL).kind, VALUE_NULL);
	assert_int_equal(value_text("Қ").bytes, 2);
	struct value none = value_bytes(NULL, 0);
	struct value empty = value_bytes("", 0);

	assert_true(value_equal(&none, &empty));
}

static void
a_copy_stands_on_its_own(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	char text[] = "guest";
	struct value original = value_text(text);
	struct value copy = value_copy(arena, &original);
	struct value nothing = value_null();

	assert_true(value_equal(&copy, &original));
	text[0] = 'x';
	assert_string_equal(copy.text, "guest");
	assert_false(value_equal(&copy, &original));
	assert_int_equal(value_copy(arena, &nothing).kind, VALUE_NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_equal_by_kind_and_content),
		cmocka_unit_test(a_boolean_equals_the_integer_that_a_database_gives_back),
		cmocka_unit_test(a_missing_text_is_null),
		cmocka_unit_test(a_copy_stands_on_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
