#include "cli/parse.h"
#include "base/testing.h"

static struct cli cli;
static struct parse_fault fault;

static int
set_up(void **state)
{
	cli = (struct cli){ .arena = arena_new(), .language = LANGUAGE_EN };
	fault = (struct parse_fault){ 0 };
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(cli.arena);
	return 0;
}

/* "init d --pack p" as a shell would split it. */
static enum error
parse(const char *line)
{
	char *copy = arena_text(cli.arena, line), *save = NULL;
	static char *argv[32];
	static char program[] = "tirkeu";
	const struct command *commands = NULL;
	size_t count = 0;
	int argc = 0;

	cli = (struct cli){ .arena = cli.arena, .language = LANGUAGE_EN };

	argv[argc++] = program;
	for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	argv[argc] = NULL;
	commands = command_table(&count);
	return parse_words(&cli, commands, count, argc, argv, &fault);
}

static void
a_command_gets_its_words_and_options(void **state)
{
	assert_int_equal(parse("init folder --pack packs/kz --json"), OK);
	assert_string_equal(cli.command->name, "init");
	assert_int_equal(cli.word_count, 1);
	assert_string_equal(cli_word(&cli, 0), "folder");
	assert_null(cli_word(&cli, 1));
	assert_string_equal(cli_option(&cli, "pack"), "packs/kz");
	assert_false(cli_has(&cli, "origin"));
	assert_true(cli.json);
}

static void
options_stand_anywhere_and_take_values_behind_an_equals_sign(void **state)
{
	assert_int_equal(parse("--lang=ru pack --json check folder"), ERR_USAGE);
	assert_int_equal(parse("--lang=ru act d stay --for=PE-1 declare guest=PE-2 --dry-run purpose=--x"), OK);
	assert_int_equal(cli.language, LANGUAGE_RU);
	assert_string_equal(cli_option(&cli, "for"), "PE-1");
	assert_true(cli_has(&cli, "dry-run"));
	assert_int_equal(cli.word_count, 5);
	assert_string_equal(cli_word(&cli, 4), "purpose=--x");
}

static void
a_command_may_have_two_words(void **state)
{
	assert_int_equal(parse("pack diff a b"), OK);
	assert_string_equal(cli.command->name, "pack diff");
	assert_int_equal(cli.word_count, 2);
}

static void
two_hyphens_end_the_options(void **state)
{
	assert_int_equal(parse("check integer -- --5 -7"), OK);
	assert_int_equal(cli.word_count, 3);
	assert_string_equal(cli_word(&cli, 1), "--5");
}

static void
an_unknown_command_names_the_nearest(void **state)
{
	assert_int_equal(parse("sevre d"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_NO_COMMAND_NEAR);
	assert_string_equal(fault.second, "serve");
	assert_int_equal(parse("pack chekc d"), ERR_USAGE);
	assert_string_equal(fault.second, "pack check");
	assert_int_equal(parse("qqqqqqqqqqqq"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_NO_COMMAND);
}

static void
the_name_of_a_group_alone_lists_its_commands(void **state)
{
	assert_int_equal(parse("law"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_GROUP);
	assert_string_equal(fault.second, "law list, law evaluate");
	assert_int_equal(parse("law --json"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_GROUP);
}

static void
an_unknown_option_names_the_nearest(void **state)
{
	assert_int_equal(parse("init d --pakc p"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_NO_OPTION_NEAR);
	assert_string_equal(fault.first, "pakc");
	assert_string_equal(fault.second, "pack");
}

static void
an_option_of_another_command_is_unknown(void **state)
{
	assert_int_equal(parse("verify d --pack p"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_NO_OPTION);
}

static void
settings_are_options_of_serve_alone(void **state)
{
	assert_int_equal(parse("serve d --metrics-listen 127.0.0.1:9 --threads=4"), OK);
	assert_int_equal(cli.setting_count, 2);
	assert_string_equal(cli.settings[0].name, "metrics-listen");
	assert_string_equal(cli.settings[1].value, "4");
	assert_int_equal(parse("verify d --threads 4"), ERR_USAGE);
}

static void
a_missing_or_needless_value_is_refused(void **state)
{
	assert_int_equal(parse("init d --pack"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_OPTION_VALUE);
	assert_int_equal(parse("act d r a --dry-run=yes"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_OPTION_NO_VALUE);
	assert_int_equal(parse("init d --pack a --pack b"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_OPTION_TWICE);
}

static void
too_few_or_many_words_are_refused(void **state)
{
	assert_int_equal(parse("init --pack p"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_WORDS);
	assert_string_equal(fault.first, "init");
	assert_int_equal(parse("verify a b"), ERR_USAGE);
}

static void
help_needs_no_words(void **state)
{
	assert_int_equal(parse("init --help"), OK);
	assert_true(cli.help);
	assert_string_equal(cli.command->name, "init");
}

static void
a_language_is_one_of_three(void **state)
{
	assert_int_equal(parse("verify d --lang de"), ERR_USAGE);
	assert_int_equal(fault.say, SAY_LANGUAGE);
}

static void
no_word_at_all_is_no_command(void **state)
{
	assert_int_equal(parse("--version"), OK);
	assert_null(cli.command);
	assert_true(cli.version);
}

#define WITH_CLI(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLI(a_command_gets_its_words_and_options),
		WITH_CLI(options_stand_anywhere_and_take_values_behind_an_equals_sign),
		WITH_CLI(a_command_may_have_two_words),
		WITH_CLI(two_hyphens_end_the_options),
		WITH_CLI(an_unknown_command_names_the_nearest),
		WITH_CLI(the_name_of_a_group_alone_lists_its_commands),
		WITH_CLI(an_unknown_option_names_the_nearest),
		WITH_CLI(an_option_of_another_command_is_unknown),
		WITH_CLI(settings_are_options_of_serve_alone),
		WITH_CLI(a_missing_or_needless_value_is_refused),
		WITH_CLI(too_few_or_many_words_are_refused),
		WITH_CLI(help_needs_no_words),
		WITH_CLI(a_language_is_one_of_three),
		WITH_CLI(no_word_at_all_is_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
