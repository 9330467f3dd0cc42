#include "text/csv.h"
#include "base/testing.h"

static struct arena *arena;
static struct problem problem;
static struct csv *csv;

static int
set_up(void **state)
{
	arena = arena_new();
	problem_init(&problem, arena);
	csv = NULL;
	return 0;
}

static int
tear_down(void **state)
{
	csv_free(csv);
	arena_free(arena);
	return 0;
}

static void
begin(const char *text)
{
	csv_free(csv);
	csv = csv_new(text, strlen(text));
}

/* Fields joined by |. */
static void
assert_row(const char *expected, int line)
{
	AUTO(strbuf_done) struct strbuf joined = { 0 };
	struct csv_row row;

	assert_int_equal(csv_next(csv, &problem, &row), OK);
	strbuf_text(&joined, "");
	for (size_t i = 0; i < row.count; i++) {
		assert_int_equal(strlen(row.fields[i]), row.field_bytes[i]);
		strbuf_printf(&joined, "%s%s", i == 0 ? "" : "|", row.fields[i]);
	}
	assert_string_equal(joined.text, expected);
	assert_int_equal(row.line, line);
}

static void
assert_broken(enum message message, int line)
{
	struct csv_row row;

	problem_init(&problem, arena);
	assert_int_equal(csv_next(csv, &problem, &row), ERR_BAD_INPUT);
	assert_int_equal(problem.item_count, 1);
	assert_int_equal(problem.items[0].message, message);
	assert_int_equal(problem.items[0].line, line);
	assert_int_equal(row.line, line);
	assert_int_equal(row.count, 0);
	assert_true(row.raw_bytes > 0);
}

static void
assert_end(void)
{
	struct csv_row row;

	assert_int_equal(csv_next(csv, &problem, &row), ERR_NOT_FOUND);
	assert_int_equal(csv_next(csv, &problem, &row), ERR_NOT_FOUND);
}

static void
rows_come_with_their_lines(void **state)
{
	begin("a,b,c\r\n1,,3\n\n\r\n\"x\ny\",\"say \"\"hi\"\"\",\n,,\nlast,1,2");
	assert_row("a|b|c", 1);
	assert_row("1||3", 2);
	assert_row("x\ny|say \"hi\"|", 5);
	assert_row("||", 7);
	assert_row("last|1|2", 8);
	assert_end();
}

static void
the_separator_is_taken_from_the_header_and_a_mark_is_skipped(void **state)
{
	begin("\xEF\xBB\xBF\"a,b,c,d\";b\n1;2,5\n");
	assert_int_equal(csv_separator(csv), ';');
	assert_row("a,b,c,d|b", 1);
	assert_row("1|2,5", 2);
	assert_end();
	begin("a\n1;2\n");
	assert_int_equal(csv_separator(csv), ',');
	begin("");
	assert_end();
	begin("\xEF\xBB\xBF");
	assert_end();
}

static void
a_row_knows_its_bytes_in_the_file(void **state)
{
	static const char text[] = "a,b\r\n\r\n\"1\n\",2\r\nbad\"\xFF\n3,4";
	struct csv_row row;
	size_t total = 0;

	begin(text);
	assert_int_equal(csv_next(csv, NULL, &row), OK);
	assert_int_equal(row.offset, 0);
	assert_int_equal(row.raw_bytes, 5);
	assert_int_equal(csv_next(csv, NULL, &row), OK);
	assert_int_equal(row.offset, 7);
	assert_memory_equal(text + row.offset, "\"1\n\",2\r\n", row.raw_bytes);
	assert_int_equal(csv_next(csv, NULL, &row), ERR_BAD_INPUT);
	assert_memory_equal(text + row.offset, "bad\"\xFF\n", row.raw_bytes);
	assert_int_equal(csv_next(csv, NULL, &row), OK);
	total = row.offset + row.raw_bytes;
	assert_int_equal(total, strlen(text));
}

static void
a_broken_row_is_refused_and_the_next_one_read(void **state)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };

	begin("a,b\n\"open,1\n2,3\n4,5\n");
	assert_row("a|b", 1);
	assert_broken(MSG_CSV_QUOTE, 2);
	assert_row("2|3", 3);
	assert_row("4|5", 4);
	assert_end();
	begin("a,b\n\"x\"y,1\n2,3\n");
	assert_row("a|b", 1);
	assert_broken(MSG_CSV_QUOTE, 2);
	assert_row("2|3", 3);
	begin("a\n\xC0\x80\nb\n");
	assert_row("a", 1);
	assert_broken(MSG_NOT_UTF8, 2);
	assert_row("b", 3);
	strbuf_add(&text, "a,b\n1\0,2\n3,4\n", 13);
	csv_free(csv);
	csv = csv_new(text.text, text.bytes);
	assert_row("a|b", 1);
	assert_broken(MSG_TEXT_CONTROL, 2);
	assert_row("3|4", 3);
}

static void
fields_and_columns_have_their_limits(void **state)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(strbuf_done) struct strbuf longest = { 0 };

	for (int i = 0; i < CSV_FIELD_BYTES_MAX; i++)
		strbuf_char(&longest, 'x');
	strbuf_printf(&text, "a\n%s\n%sx\n\"%s\"\n\"%sx\"\nb\n", longest.text, longest.text, longest.text,
		      longest.text);
	begin(text.text);
	assert_row("a", 1);
	assert_row(longest.text, 2);
	assert_broken(MSG_TEXT_TOO_LONG, 3);
	assert_row(longest.text, 4);
	assert_broken(MSG_CSV_QUOTE, 5);
	assert_row("b", 6);
	strbuf_clear(&text);
	for (int i = 0; i < CSV_COLUMNS_MAX; i++)
		strbuf_text(&text, i == 0 ? "" : ",");
	strbuf_text(&text, "\n");
	for (int i = 0; i < CSV_COLUMNS_MAX; i++)
		strbuf_text(&text, ",");
	strbuf_text(&text, "\nb\n");
	begin(text.text);
	struct csv_row row;

	assert_int_equal(csv_next(csv, &problem, &row), OK);
	assert_int_equal(row.count, CSV_COLUMNS_MAX);
	assert_broken(MSG_LIST_TOO_LONG, 2);
	assert_row("b", 3);
}

static void
what_is_written_can_be_read(void **state)
{
	static const char *const fields[] = { "", "a", "a,b", "\"", "x\ny", " lead", "a\rb", "ы;ы", "\"\"", "tail " };
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct csv_row row;

	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		strbuf_text(&out, i == 0 ? "" : ",");
		csv_write_field(&out, fields[i], ',', false);
	}
	begin(out.text);
	assert_int_equal(csv_next(csv, NULL, &row), OK);
	assert_int_equal(row.count, ARRAY_COUNT(fields));
	for (size_t i = 0; i < row.count; i++)
		assert_string_equal(row.fields[i], fields[i]);
}

static void
a_guarded_field_is_no_formula(void **state)
{
	static const char *const fields[] = { "=1+1", "+7", "-1", "@a", "\tx", "\rx" };

	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		AUTO(strbuf_done) struct strbuf out = { 0 };

		csv_write_field(&out, fields[i], ',', true);
		assert_true(out.text[0] == '\'' || strncmp(out.text, "\"'", 2) == 0);
		strbuf_clear(&out);
		csv_write_field(&out, fields[i], ',', false);
		assert_null(strchr(out.text, '\''));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_come_with_their_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_separator_is_taken_from_the_header_and_a_mark_is_skipped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_row_knows_its_bytes_in_the_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_broken_row_is_refused_and_the_next_one_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fields_and_columns_have_their_limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_written_can_be_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_guarded_field_is_no_formula, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
