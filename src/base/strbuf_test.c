#include "base/strbuf.h"
#include "base/testing.h"

static void
text_grows_at_the_end_and_stays_terminated(void **state)
{
	AUTO(strbuf_done) struct strbuf buffer = { 0 };

	strbuf_text(&buffer, "a");
	strbuf_char(&buffer, 'b');
	strbuf_add(&buffer, "c\0d", 3);
	assert_int_equal(buffer.bytes, 5);
	assert_memory_equal(buffer.text, "abc\0d", 6);
	strbuf_clear(&buffer);
	assert_int_equal(buffer.bytes, 0);
	assert_string_equal(buffer.text, "");
	for (int i = 0; i < 100000; i++)
		strbuf_printf(&buffer, "%d,", i % 10);
	assert_int_equal(buffer.bytes, 200000);
	assert_int_equal(strlen(buffer.text), 200000);
}

static void
integers_are_written_to_their_ends(void **state)
{
	AUTO(strbuf_done) struct strbuf buffer = { 0 };

	strbuf_integer(&buffer, INT64_MIN);
	strbuf_char(&buffer, ' ');
	strbuf_integer(&buffer, INT64_MAX);
	strbuf_char(&buffer, ' ');
	strbuf_integer(&buffer, 0);
	strbuf_char(&buffer, ' ');
	strbuf_integer(&buffer, -10);
	assert_string_equal(buffer.text, "-9223372036854775808 9223372036854775807 0 -10");
}

static void
a_printed_text_may_be_longer_than_the_buffer(void **state)
{
	AUTO(strbuf_done) struct strbuf buffer = { 0 };
	char longest[2000];

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	strbuf_printf(&buffer, "<%s>", longest);
	assert_int_equal(buffer.bytes, sizeof(longest) + 1);
	assert_int_equal(buffer.text[buffer.bytes - 1], '>');
}

static void
taken_text_belongs_to_the_taker(void **state)
{
	struct strbuf buffer = { 0 };
	size_t bytes = 9;
	char *empty = strbuf_take(&buffer, &bytes);

	assert_string_equal(empty, "");
	assert_int_equal(bytes, 0);
	free(empty);
	strbuf_text(&buffer, "mine");
	char *text = strbuf_take(&buffer, NULL);

	assert_string_equal(text, "mine");
	assert_null(buffer.text);
	assert_int_equal(buffer.capacity, 0);
	free(text);
	strbuf_done(&buffer);
	strbuf_done(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows_at_the_end_and_stays_terminated),
		cmocka_unit_test(integers_are_written_to_their_ends),
		cmocka_unit_test(a_printed_text_may_be_longer_than_the_buffer),
		cmocka_unit_test(taken_text_belongs_to_the_taker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
