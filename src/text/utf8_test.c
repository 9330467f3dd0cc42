#include "text/utf8.h"
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
only_shortest_sequences_of_real_characters_are_valid(void **state)
{
	static const char *const good[] = {
		"", "a", "Қ", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"
	};
	static const char *const bad[] = { "\x80",
					   "\xC0\x80",
					   "\xC1\xBF",
					   "\xE0\x9F\xBF",
					   "\xED\xA0\x80",
					   "\xF0\x8F\xBF\xBF",
					   "\xF4\x90\x80\x80",
					   "\xF5\x80\x80\x80",
					   "\xD2",
					   "\xE2\x82",
					   "a\xFF",
					   "\xE2\x28\xA1" };

	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		assert_true(utf8_is_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
	assert_int_equal(utf8_count("aҚ\xE2\x82\xAC\xF0\x9F\x98\x80", 10), 4);
	assert_int_equal(utf8_sequence("", 0), 0);
}

static void
every_code_point_goes_out_and_comes_back(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (uint32_t c = 1; c < 0x110000; c++) {
		if (c >= 0xD800 && c < 0xE000)
			continue;
		strbuf_clear(&out);
		utf8_add(&out, c);
		const char *p = out.text;

		assert_int_equal(utf8_sequence(out.text, out.bytes), out.bytes);
		assert_int_equal(utf8_next(&p), c);
		assert_ptr_equal(p, out.text + out.bytes);
	}
}

static void
invisible_and_control_characters_are_not_clean(void **state)
{
	static const char *const bad[] = { "a\x01",  "a\x7F",  "\xC2\x85", "a\u202Eb",  "\u200B", "\uFEFF",
					   "\u2066", "\u00AD", "\u2028",   "\u3164",    "\u0378", "\uE000",
					   "\uFFFE", "a\rb",   "\x1B[0m",  "\U000E0041" };
	static const char *const good[] = {
		"", "Қуаныш Ж.", "a\u200Db", "a\u200Cb", "№ 5 «тест» — 10\u00A0₸", "\u2764\uFE0F", "日本"
	};

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(utf8_is_clean(bad[i], strlen(bad[i]), true));
	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		assert_true(utf8_is_clean(good[i], strlen(good[i]), false));
	assert_true(utf8_is_clean("a\n\tb", 4, true));
	assert_false(utf8_is_clean("a\nb", 3, false));
	assert_false(utf8_is_clean("a\tb", 3, false));
	assert_false(utf8_is_clean("a\0b", 3, true));
}

static void
assert_normal(const char *text, const char *expected)
{
	assert_string_equal(utf8_normalise(arena, text, strlen(text)), expected);
}

static void
text_is_composed_and_its_blanks_squeezed(void **state)
{
	assert_normal("", "");
	assert_normal("  \t ", "");
	assert_normal("  a \t b\u00A0\u2003c  ", "a b c");
	assert_normal("\n\n a\n  b\n\n", "a\n b");
	assert_normal("И\u0306", "Й");
	assert_normal("Gu\u0308q\u0301", "Güq\u0301");
	assert_normal("\u212B", "Å");
	/* NFC leaves compatibility letters and Қ alone */
	assert_normal("ﬁ Қ", "ﬁ Қ");
	/* the longest growth of NFC: three times in UTF-16 */
	assert_normal("\U0001D160", "\U0001D158\U0001D165\U0001D16E");
}

static void
lower_case_is_that_of_no_country(void **state)
{
	assert_string_equal(utf8_lower(arena, "ҚАЗАҚ Ғ Ә Һ І Ё I"), "қазақ ғ ә һ і ё i");
	assert_string_equal(utf8_lower(arena, ""), "");
	assert_string_equal(utf8_lower(arena, "İ"), "i\u0307");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_shortest_sequences_of_real_characters_are_valid),
		cmocka_unit_test(every_code_point_goes_out_and_comes_back),
		cmocka_unit_test(invisible_and_control_characters_are_not_clean),
		cmocka_unit_test(text_is_composed_and_its_blanks_squeezed),
		cmocka_unit_test(lower_case_is_that_of_no_country),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
