#include "cli/parse.h"
#include <string.h>
#include "base/map.h"
#include "cli/settings.h"

struct parser {
	struct cli *cli;
	const struct command *commands;
	size_t command_count;
	int argc;
	char *const *argv;
	int at;
	const char **words;
	struct parse_fault *fault;
};

static enum error
stop(struct parser *parser, enum say say, const char *first, const char *second)
{
	*parser->fault = (struct parse_fault){ say, first, second };
	return ERR_USAGE;
}

static const struct command *
find_command(const struct parser *parser, const char *name)
{
	for (size_t i = 0; i < parser->command_count; i++)
		if (strcmp(parser->commands[i].name, name) == 0)
			return &parser->commands[i];
	return NULL;
}

/* Whole names come first: "pack chekc" is nearest to "pack check"; then the first words, for "pakc". */
static const char *
nearest_command(const struct parser *parser, const char *one, const char *two)
{
	const char **names = arena_array_of(parser->cli->arena, const char *, parser->command_count * 2);

	for (size_t i = 0; i < parser->command_count; i++) {
		const char *name = parser->commands[i].name;

		names[i] = name;
		names[parser->command_count + i] = arena_copy(parser->cli->arena, name, strcspn(name, " "));
	}
	const char *near = two == NULL ? NULL : nearest_name(two, names, parser->command_count);

	return near != NULL ? near : nearest_name(one, names, parser->command_count * 2);
}

/* "pack check, pack codes …" for "pack"; NULL: no group of that name. */
static const char *
members_of(const struct parser *parser, const char *group)
{
	const char *list = NULL;
	size_t bytes = strlen(group);

	for (size_t i = 0; i < parser->command_count; i++) {
		const char *name = parser->commands[i].name;

		if (strncmp(name, group, bytes) == 0 && name[bytes] == ' ')
			list = list == NULL ? name : arena_printf(parser->cli->arena, "%s, %s", list, name);
	}
	return list;
}

/* "pack check" before "check": a group's name alone is no command. */
static enum error
take_command(struct parser *parser)
{
	struct cli *cli = parser->cli;
	const char *one = parser->argv[parser->at], *two = NULL;

	if (parser->at + 1 < parser->argc && parser->argv[parser->at + 1][0] != '-')
		two = arena_printf(cli->arena, "%s %s", one, parser->argv[parser->at + 1]);
	cli->command = two == NULL ? NULL : find_command(parser, two);
	parser->at += cli->command != NULL ? 2 : 1;
	if (cli->command == NULL)
		cli->command = find_command(parser, one);
	if (cli->command == NULL && members_of(parser, one) != NULL && two == NULL)
		return stop(parser, SAY_GROUP, one, members_of(parser, one));
	if (cli->command == NULL) {
		const char *near = nearest_command(parser, one, two);
		const char *meant = two != NULL && (near == NULL || strchr(near, ' ') != NULL) ? two : one;

		return stop(parser, near == NULL ? SAY_NO_COMMAND : SAY_NO_COMMAND_NEAR, meant, near);
	}
	size_t count = 0;

	while (cli->command->options != NULL && cli->command->options[count].name != NULL)
		count++;
	cli->options = arena_array_of(cli->arena, const char *, count + 1);
	return OK;
}

/* The value behind "=" or the next word. */
static enum error
take_value(struct parser *parser, const char *name, const char *given, const char **ret_value)
{
	if (given != NULL) {
		*ret_value = given;
		return OK;
	}
	if (parser->at >= parser->argc)
		return stop(parser, SAY_OPTION_VALUE, name, NULL);
	*ret_value = parser->argv[parser->at++];
	return OK;
}

static enum error
take_flag(struct parser *parser, const char *name, const char *given, bool *ret_flag)
{
	if (given != NULL)
		return stop(parser, SAY_OPTION_NO_VALUE, name, NULL);
	*ret_flag = true;
	return OK;
}

static enum error
take_language(struct parser *parser, const char *name, const char *given)
{
	const char *value = NULL;

	TRY(take_value(parser, name, given, &value));
	enum language language = language_parse(value);

	if (language == LANGUAGE_COUNT)
		return stop(parser, SAY_LANGUAGE, value, NULL);
	parser->cli->language = language;
	return OK;
}

static enum error
take_setting(struct parser *parser, const char *name, const char *given)
{
	struct cli *cli = parser->cli;
	const char *value = NULL;

	if (cli->setting_count == SETTINGS_GIVEN_MAX)
		return stop(parser, SAY_OPTIONS_MANY, NULL, NULL);
	TRY(take_value(parser, name, given, &value));
	cli->settings[cli->setting_count++] = (struct given_setting){ .name = name, .value = value };
	return OK;
}

static bool
is_setting(const char *name)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const char *known = setting_table()[i].name;
		size_t at = 0;

		while (known[at] != '\0' && (known[at] == name[at] || (known[at] == '_' && name[at] == '-')))
			at++;
		if (known[at] == '\0' && name[at] == '\0')
			return true;
	}
	return false;
}

static enum error
unknown_option(struct parser *parser, const char *name)
{
	const struct command *command = parser->cli->command;
	const struct command_option *global = command_global_options();
	const char *names[256];
	size_t count = 0;

	for (size_t i = 0; global[i].name != NULL; i++)
		names[count++] = global[i].name;
	for (size_t i = 0; command != NULL && command->options != NULL && command->options[i].name != NULL; i++)
		names[count++] = command->options[i].name;
	for (size_t i = 0; command != NULL && command->takes_settings && i < SETTING_COUNT; i++)
		names[count++] = setting_table()[i].name;
	const char *near = nearest_name(name, names, count);

	return near == NULL ? stop(parser, SAY_NO_OPTION, name, NULL) : stop(parser, SAY_NO_OPTION_NEAR, name, near);
}

static enum error
take_own_option(struct parser *parser, size_t i, const char *given)
{
	struct cli *cli = parser->cli;
	const struct command_option *option = &cli->command->options[i];
	bool flag = false;

	if (cli->options[i] != NULL)
		return stop(parser, SAY_OPTION_TWICE, option->name, NULL);
	if (option->value != NULL)
		return take_value(parser, option->name, given, &cli->options[i]);
	TRY(take_flag(parser, option->name, given, &flag));
	cli->options[i] = "";
	return OK;
}

static enum error
take_option(struct parser *parser)
{
	struct cli *cli = parser->cli;
	const char *text = parser->argv[parser->at++] + 2, *given = strchr(text, '=');
	const char *name = given == NULL ? text : arena_copy(cli->arena, text, (size_t)(given++ - text));
	const struct command *command = cli->command;

	if (strcmp(name, "json") == 0)
		return take_flag(parser, name, given, &cli->json);
	if (strcmp(name, "help") == 0)
		return take_flag(parser, name, given, &cli->help);
	if (strcmp(name, "version") == 0 && command == NULL)
		return take_flag(parser, name, given, &cli->version);
	if (strcmp(name, "lang") == 0)
		return take_language(parser, name, given);
	for (size_t i = 0; command != NULL && command->options != NULL && command->options[i].name != NULL; i++)
		if (strcmp(command->options[i].name, name) == 0)
			return take_own_option(parser, i, given);
	if (command != NULL && command->takes_settings && is_setting(name))
		return take_setting(parser, name, given);
	return unknown_option(parser, name);
}

static enum error
take_all(struct parser *parser)
{
	struct cli *cli = parser->cli;
	bool options_end = false;

	while (parser->at < parser->argc) {
		const char *text = parser->argv[parser->at];

		if (!options_end && strcmp(text, "--") == 0) {
			options_end = true;
			parser->at++;
		} else if (!options_end && strcmp(text, "-h") == 0) {
			cli->help = true;
			parser->at++;
		} else if (!options_end && strncmp(text, "--", 2) == 0) {
			TRY(take_option(parser));
		} else if (cli->command == NULL) {
			TRY(take_command(parser));
		} else {
			parser->words[cli->word_count++] = text;
			parser->at++;
		}
	}
	return OK;
}

enum error
parse_words(struct cli *cli, const struct command *commands, size_t command_count, int argc, char *const argv[],
	    struct parse_fault *ret_fault)
{
	struct parser parser = { .cli = cli,
				 .commands = commands,
				 .command_count = command_count,
				 .argc = argc,
				 .argv = argv,
				 .at = 1,
				 .fault = ret_fault };

	parser.words = arena_array_of(cli->arena, const char *, (size_t)argc + 1);
	cli->words = parser.words;
	TRY(take_all(&parser));
	if (cli->command == NULL || cli->help)
		return OK;
	if (cli->word_count < cli->command->words_min || cli->word_count > cli->command->words_max)
		return stop(&parser, SAY_WORDS, cli->command->name, cli->command->words);
	return OK;
}
