/* main.c - finds the command in the table and runs it. Exit codes: 0 done, 1 refused or invalid, 2 usage, 3 fault. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "cli/help.h"
#include "cli/parse.h"

/* kk_KZ.UTF-8, ru_RU … of the environment; English otherwise. */
static enum language
environment_language(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		const char *value = getenv(names[i]);
		char two[3] = "";

		if (value == NULL || *value == '\0')
			continue;
		snprintf(two, sizeof(two), "%s", value);
		enum language language = language_parse(two);

		return language == LANGUAGE_COUNT ? LANGUAGE_EN : language;
	}
	return LANGUAGE_EN;
}

static int
usage(struct cli *cli, const struct parse_fault *fault)
{
	enum error e = cli_stop(cli, ERR_USAGE, fault->say, fault->first, fault->second);

	if (!cli->json && fault->say != SAY_WORDS)
		fprintf(stderr, "%s\n", say_text(cli, SAY_HELP, NULL, NULL));
	return error_exit(e);
}

static int
help(struct cli *cli, FILE *to)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	if (cli->command == NULL)
		help_print_all(cli, &out);
	else
		help_print(cli, cli->command, &out);
	fputs(out.text, to);
	return to == stdout ? 0 : error_exit(ERR_USAGE);
}

static int
run(struct cli *cli, int argc, char *argv[])
{
	struct parse_fault fault = { 0 };
	size_t count = 0;
	const struct command *commands = command_table(&count);

	if (parse_words(cli, commands, count, argc, argv, &fault) != OK)
		return usage(cli, &fault);
	if (cli->version) {
		puts("tirkeu " TIRKEU_VERSION);
		return 0;
	}
	if (cli->help || cli->command == NULL)
		return help(cli, cli->help ? stdout : stderr);
	enum error e = cli->command->run(cli);

	cli_progress_end(cli);
	if (e != OK && !cli->said)
		IGNORE(cli_problem(cli, e, NULL, NULL)); /* its code is `e` again */
	/* A full disk or a closed pipe behind standard output is no success. */
	if (fflush(stdout) != 0 && e == OK)
		e = ERR_IO;
	return error_exit(e);
}

int
main(int argc, char *argv[])
{
	struct cli cli = { .arena = arena_new(), .language = environment_language() };

	/* Whatever this program makes is for its user alone; its memory, with keys and people in it, becomes no file.
	 * The limit is one byte because 0 does not keep Linux from piping a dump to a program, and 1 does. */
	umask(077);
	/* A system that refuses even this has other troubles. */
	IGNORE(setrlimit(RLIMIT_CORE, &(struct rlimit){ .rlim_cur = 1, .rlim_max = 1 }));
	int code = run(&cli, argc, argv);

	arena_free(cli.arena);
	return code;
}
