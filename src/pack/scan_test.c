#include "pack/scan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "pack/token.h"

static const char *
joined(struct arena *arena, const char *const *names, size_t count)
{
	const char *all = "";

	for (size_t i = 0; i < count; i++)
		all = arena_printf(arena, "%s%s%s", all, i == 0 ? "" : " ", names[i]);
	return all;
}

static void
expect_parameters(const char *text, const char *expected)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *const *names = NULL;
	size_t count = pack_scan_parameters(arena, text, &names);

	assert_string_equal(joined(arena, names, count), expected);
}

static void
expect_columns(const char *text, const char *expected)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *const *names = NULL;
	size_t count = pack_scan_columns(arena, text, "this", &names);

	assert_string_equal(joined(arena, names, count), expected);
}

static void
parameters_come_once_each_in_order(void **state)
{
	expect_parameters("$b + $a + $b", "b a");
	expect_parameters("greatest($since,$until)", "since until");
	expect_parameters("1", "");
}

static void
strings_quoted_names_and_comments_are_skipped(void **state)
{
	expect_parameters("'$a' || 'it''s $b' || $c", "c");
	expect_parameters("\"$a\" || \"x\"\"$b\" || $c", "c");
	expect_parameters("$a -- $b\n + $c", "a c");
	expect_parameters("$a /* $b -- */ + $c", "a c");
	/* What has no end hides the rest. */
	expect_parameters("$a + '$b", "a");
	expect_parameters("$a /* $b", "a");
}

static void
columns_of_this_are_found(void **state)
{
	expect_columns("this.a + this . b + other.c + this.a", "a b");
	expect_columns("from this join x on x.this = 1", "");
	expect_columns("THIS.a || xthis.b", "a");
	expect_columns("'this.a' || this.\"b\"", "");
}

static void
lines_are_counted(void **state)
{
	static const char text[] = "a\n/* \n */ b -- \n'x\ny' c";
	static const int lines[] = { 0, 2, 3, 4 };
	const char *cursor = text;

	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		struct token token = token_next(&cursor);

		assert_int_equal(token_line(text, &token), lines[i]);
	}
	assert_int_equal(token_next(&cursor).kind, TOKEN_END);
}

static void
a_select_begins_with_select_or_with(void **state)
{
	assert_true(pack_scan_is_select("select 1"));
	assert_true(pack_scan_is_select(" -- why\n WITH x as (select 1) select * from x"));
	assert_false(pack_scan_is_select("(select 1)"));
	assert_false(pack_scan_is_select("selected"));
	assert_false(pack_scan_is_select("delete from x"));
	assert_false(pack_scan_is_select(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_come_once_each_in_order),
		cmocka_unit_test(strings_quoted_names_and_comments_are_skipped),
		cmocka_unit_test(columns_of_this_are_found),
		cmocka_unit_test(lines_are_counted),
		cmocka_unit_test(a_select_begins_with_select_or_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
