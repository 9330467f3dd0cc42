#include "cli/reject.h"
#include "base/testing.h"

static const char *
printed(struct arena *arena, const char *csv, const struct import_reject *rejects, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	reject_print(csv, strlen(csv), rejects, count, &out);
	return arena_copy(arena, out.text, out.bytes);
}

static void
a_reject_stands_as_it_was_with_line_column_and_reason(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	static const struct import_reject rejects[] = { { 2, "b", "required", "Fill it in; please." },
							{ 3, "", "guard", "No." } };

	assert_string_equal(printed(arena, "a;b\n1;2\n\n\"x;y\";\n=5;6\n", rejects, 2),
			    "a;b;line;column;reason\n\"x;y\";;4;b;\"Fill it in; please.\"\n=5;6;5;;No.\n");
}

static void
a_mark_at_the_beginning_and_line_ends_are_kept(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	static const struct import_reject rejects[] = { { 1, "a", "required", "-1 is none" } };

	assert_string_equal(printed(arena,
				    "\xef\xbb\xbf"
				    "a,b\r\n1,2\r\n",
				    rejects, 1),
			    "\xef\xbb\xbf"
			    "a,b,line,column,reason\r\n1,2,2,a,'-1 is none\r\n");
}

static void
a_row_that_is_none_stands_whole_in_the_first_cell(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	static const struct import_reject rejects[] = { { 1, "", "csv-columns", "x" },
							{ 2, "", "csv-quote", "y" },
							{ 3, "", "not-utf8", "z" },
							{ 4, "", "csv-columns", "w" } };

	assert_string_equal(
		printed(arena, "a,b\n1,2,3\n\"1\"2,3\n\xff,1\n1\n", rejects, 4),
		"a,b,line,column,reason\n\"1,2,3\",,2,,x\n\"\"\"1\"\"2,3\",,3,,y\n\"\xef\xbf\xbd,1\",,4,,z\n1,,5,,w\n");
}

static void
columns_of_an_earlier_file_of_rejects_are_written_anew(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	static const struct import_reject rejects[] = { { 1, "a", "required", "new" } };

	assert_string_equal(printed(arena, "a,b,line,column,reason\n1,2,17,b,old\n", rejects, 1),
			    "a,b,line,column,reason\n1,2,2,a,new\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reject_stands_as_it_was_with_line_column_and_reason),
		cmocka_unit_test(a_mark_at_the_beginning_and_line_ends_are_kept),
		cmocka_unit_test(a_row_that_is_none_stands_whole_in_the_first_cell),
		cmocka_unit_test(columns_of_an_earlier_file_of_rejects_are_written_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
