#include "cli/cli.h"
#include "base/testing.h"

static void
what_moves_a_cursor_or_hides_is_shown_as_a_mark(void **state)
{
	static const char *const texts[][2] = {
		{ "Қуаныш ұ 漢 — “x”\n\tnext", "Қуаныш ұ 漢 — “x”\n\tnext" },
		{ "", "" },
		{ "a\x1b[2Jb", "a\xef\xbf\xbd[2Jb" },
		{ "a\rb\x07", "a\xef\xbf\xbd"
			      "b\xef\xbf\xbd" },
		{ "a\xc2\x9b"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" }, /* CSI of ISO 6429 in one character */
		{ "a\xe2\x80\xae"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" }, /* U+202E, right to left */
		{ "a\xff"
		  "b\xe2\x80",
		  "a\xef\xbf\xbd"
		  "b\xef\xbf\xbd\xef\xbf\xbd" },
	};
	AUTO(arena_free) struct arena *arena = arena_new();
	struct cli cli = { .arena = arena };

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		assert_string_equal(cli_plain(&cli, texts[i][0]), texts[i][1]);
	assert_null(cli_plain(&cli, NULL));
}

static void
the_arguments_of_a_sentence_are_plain(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct cli cli = { .arena = arena, .language = LANGUAGE_EN };
	const char *text = say_text(&cli, SAY_NO_STORE, "x\x1b[31m{2}", "y");

	assert_null(strchr(text, '\x1b'));
	assert_non_null(strstr(text, "[31m{2}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_moves_a_cursor_or_hides_is_shown_as_a_mark),
		cmocka_unit_test(the_arguments_of_a_sentence_are_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
