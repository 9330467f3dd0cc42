#include "http/form.h"
#include <string.h>
#include "base/testing.h"

static struct arena *arena;

static const char *
value_of(const char *form, const char *name)
{
	const char *value = NULL;

	assert_int_equal(form_value(arena, form, strlen(form), name, &value), OK);
	return value;
}

static void
assert_broken(const char *form, size_t bytes)
{
	const char *value = NULL;

	assert_int_equal(form_value(arena, form, bytes, "a", &value), ERR_MALFORMED);
}

static void
values_are_found_by_their_whole_name(void **state)
{
	assert_string_equal(value_of("answer=agree", "answer"), "agree");
	assert_string_equal(value_of("x=1&reason=no&answer=refuse", "reason"), "no");
	assert_string_equal(value_of("reason=&answer=refuse", "reason"), "");
	assert_string_equal(value_of("a=1&a=2", "a"), "1");
	assert_null(value_of("answers=agree", "answer"));
	assert_null(value_of("answer", "answer"));
	assert_null(value_of("", "answer"));
	assert_null(value_of("&&&", "answer"));
}

static void
escapes_and_pluses_are_read(void **state)
{
	assert_string_equal(value_of("a=one+two%20three%2B%26%3d", "a"), "one two three+&=");
	assert_string_equal(value_of("a=%D2%9B%d0%b0", "a"), "қа");
	assert_string_equal(value_of("a=line%0D%0Aline", "a"), "line\r\nline");
}

static void
what_is_broken_is_refused(void **state)
{
	static const char *const forms[] = { "a=%",   "a=%4",  "a=%zz", "a=%4g",  "a=1%",
					     "a=%00", "a=%ff", "a=%D2", "a=%&b=2" };

	for (size_t i = 0; i < ARRAY_COUNT(forms); i++)
		assert_broken(forms[i], strlen(forms[i]));
	assert_broken("a=x\0y", 5);
}

static int
begin(void **state)
{
	arena = arena_new();
	return 0;
}

static int
end(void **state)
{
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_found_by_their_whole_name),
		cmocka_unit_test(escapes_and_pluses_are_read),
		cmocka_unit_test(what_is_broken_is_refused),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
