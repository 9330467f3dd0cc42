#include "cli/help.h"
#include "base/testing.h"
#include "cli/settings.h"

static void
the_manual_page_in_the_tree_is_the_one_made_from_the_tables(void **state)
{
	AUTO(strbuf_done) struct strbuf made = { 0 };
	AUTO(strbuf_done) struct strbuf kept = { 0 };

	help_print_man(&made);
	read_whole("man/tirkeu.1", &kept);
	/* `tirkeu help --man > man/tirkeu.1` after a change of the tables. */
	assert_string_equal(kept.text, made.text);
}

static void
help_names_every_command_in_every_language(void **state)
{
	struct cli cli = { .arena = arena_new() };
	size_t count = 0;
	const struct command *commands = command_table(&count);

	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		AUTO(strbuf_done) struct strbuf out = { 0 };

		cli.language = (enum language)language;
		help_print_all(&cli, &out);
		for (size_t i = 0; i < count; i++) {
			assert_non_null(strstr(out.text, commands[i].name));
			assert_non_null(strstr(out.text, commands[i].summary[language]));
		}
	}
	arena_free(cli.arena);
}

static void
help_on_serve_names_every_setting(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct cli cli = { .arena = arena_new(), .language = LANGUAGE_EN };
	size_t count = 0;
	const struct command *commands = command_table(&count);

	for (size_t i = 0; i < count; i++)
		if (commands[i].takes_settings)
			help_print(&cli, &commands[i], &out);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		assert_non_null(strstr(out.text, setting_table()[i].help));
	arena_free(cli.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_page_in_the_tree_is_the_one_made_from_the_tables),
		cmocka_unit_test(help_names_every_command_in_every_language),
		cmocka_unit_test(help_on_serve_names_every_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
