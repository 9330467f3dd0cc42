#include "cli/help.h"
#include <string.h>
#include "cli/settings.h"

enum { SUMMARY_COLUMN = 44 };

static void
print_aligned(struct strbuf *out, const char *left, const char *right)
{
	size_t bytes = strlen(left), columns = 0;

	for (const char *p = left; *p != '\0'; p++)
		columns += ((unsigned char)*p & 0xc0) != 0x80;
	strbuf_text(out, "  ");
	strbuf_add(out, left, bytes);
	if (columns + 2 >= SUMMARY_COLUMN) {
		strbuf_text(out, "\n  ");
		columns = 0;
	}
	strbuf_printf(out, "%*s%s\n", (int)(SUMMARY_COLUMN - columns - 2), "", right);
}

void
help_print_all(struct cli *cli, struct strbuf *out)
{
	size_t count = 0;
	const struct command *commands = command_table(&count);

	strbuf_text(out, "tirkeu COMMAND …\n\n");
	for (size_t i = 0; i < count; i++)
		print_aligned(out, arena_printf(cli->arena, "%s %s", commands[i].name, commands[i].words),
			      commands[i].summary[cli->language]);
	strbuf_text(out, "\n");
	for (const struct command_option *option = command_global_options(); option->name != NULL; option++)
		print_aligned(out,
			      arena_printf(cli->arena, "--%s%s%s", option->name, option->value == NULL ? "" : " ",
					   option->value == NULL ? "" : option->value),
			      option->help[cli->language]);
	print_aligned(out, "--version", "tirkeu " TIRKEU_VERSION);
}

static void
print_options(struct cli *cli, const struct command_option *options, struct strbuf *out)
{
	for (size_t i = 0; options != NULL && options[i].name != NULL; i++)
		print_aligned(out,
			      arena_printf(cli->arena, "--%s%s%s", options[i].name, options[i].value == NULL ? "" : " ",
					   options[i].value == NULL ? "" : options[i].value),
			      options[i].help[cli->language]);
}

static const char *
value_of(const struct setting_row *row)
{
	switch (row->type) {
	case SETTING_INTEGER:
		return "NUMBER";
	case SETTING_BOOLEAN:
		return "true|false";
	case SETTING_CHOICE:
		return row->choices;
	case SETTING_LIST:
		return "TEXT,TEXT";
	case SETTING_TEXT:
	default:
		return "TEXT";
	}
}

/* "mail_from" as the option mail-from; the choices with bars between. */
static const char *
replace(struct arena *arena, const char *text, char from, char to)
{
	char *copy = arena_text(arena, text);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == from)
			*p = to;
	return copy;
}

static void
print_settings(struct cli *cli, struct strbuf *out)
{
	strbuf_text(out, "\n  settings.yaml, --name:\n");
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table()[i];
		const char *right = row->fallback == NULL
					    ? row->help
					    : arena_printf(cli->arena, "%s [%s]", row->help, row->fallback);

		print_aligned(out,
			      arena_printf(cli->arena, "--%s %s", replace(cli->arena, row->name, '_', '-'),
					   replace(cli->arena, value_of(row), ' ', '|')),
			      right);
	}
}

void
help_print(struct cli *cli, const struct command *command, struct strbuf *out)
{
	strbuf_printf(out, "tirkeu %s %s\n  %s\n\n", command->name, command->words, command->summary[cli->language]);
	print_options(cli, command->options, out);
	print_options(cli, command_global_options(), out);
	if (command->takes_settings)
		print_settings(cli, out);
}

/* ---- the manual page ---- */

/* roff reads a backslash, and a dot or quote that begins a line; a hyphen that is typed is written \-. */
static void
add_roff(struct strbuf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		strbuf_text(out, "\\&");
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			strbuf_text(out, "\\e");
		else if (*text == '-')
			strbuf_text(out, "\\-");
		else
			strbuf_char(out, *text);
	}
}

static void
man_options(struct strbuf *out, const struct command_option *options)
{
	for (size_t i = 0; options != NULL && options[i].name != NULL; i++) {
		strbuf_text(out, ".TP\n.B \\-\\-");
		add_roff(out, options[i].name);
		if (options[i].value != NULL) {
			strbuf_text(out, " \\fI");
			add_roff(out, options[i].value);
			strbuf_text(out, "\\fR");
		}
		strbuf_char(out, '\n');
		add_roff(out, options[i].help[LANGUAGE_EN]);
		strbuf_char(out, '\n');
	}
}

static void
man_commands(struct strbuf *out)
{
	size_t count = 0;
	const struct command *commands = command_table(&count);

	strbuf_text(out, ".SH COMMANDS\n");
	for (size_t i = 0; i < count; i++) {
		strbuf_text(out, ".SS tirkeu ");
		add_roff(out, commands[i].name);
		strbuf_char(out, ' ');
		add_roff(out, commands[i].words);
		strbuf_char(out, '\n');
		add_roff(out, commands[i].summary[LANGUAGE_EN]);
		strbuf_text(out, ".\n");
		man_options(out, commands[i].options);
	}
	strbuf_text(out, ".SH OPTIONS OF EVERY COMMAND\n");
	man_options(out, command_global_options());
}

static void
man_settings(struct strbuf *out)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	strbuf_text(out, ".SH SETTINGS\nIn \\fIDIR\\fR/settings.yaml as \\fBname: value\\fR, and for \\fBserve\\fR as "
			 "\\fB\\-\\-name\\fR \\fIvalue\\fR, which wins.\n");
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table()[i];

		strbuf_text(out, ".TP\n.B ");
		add_roff(out, row->name);
		strbuf_text(out, " \\fI");
		add_roff(out, replace(arena, value_of(row), ' ', '|'));
		strbuf_text(out, "\\fR\n");
		add_roff(out, row->help);
		if (row->fallback != NULL) {
			strbuf_text(out, " Default: ");
			add_roff(out, row->fallback);
			strbuf_char(out, '.');
		}
		strbuf_char(out, '\n');
	}
}

static const char man_files[] =
	".SH FILES\n"
	".TP\n.I DIR/store/tirkeu.db\nThe database; \\fBbackup\\fR saves it.\n"
	".TP\n.I DIR/keys/\nRandom keys. Keep a copy apart from the backups: without them a backup cannot be read.\n"
	".TP\n.I DIR/once/\nWhat must never be brought back from a copy.\n"
	".TP\n.I DIR/pack/\nCopies of the installed packs.\n"
	".TP\n.I DIR/run/socket\nHow the commands reach the server.\n"
	".TP\n.I DIR/lock\nWhoever holds it writes.\n"
	".SH EXIT STATUS\n"
	".TP\n.B 0\nDone.\n"
	".TP\n.B 1\nRefused, or something is invalid.\n"
	".TP\n.B 2\nThe command line is not understood.\n"
	".TP\n.B 3\nA fault of the program or of the machine, or another program is at work there.\n";

void
help_print_man(struct strbuf *out)
{
	strbuf_text(out,
		    ".\\\" Made by `tirkeu help --man` from src/cli/command.c and src/cli/settings.def.\n"
		    ".TH TIRKEU 1 \"\" \"Tirkeu " TIRKEU_VERSION "\"\n"
		    ".SH NAME\ntirkeu \\- a country's public\\-safety registers\n"
		    ".SH SYNOPSIS\n.B tirkeu\n.I COMMAND\n.RI [ WORD \" ...]\"\n"
		    ".SH DESCRIPTION\nOne program that keeps registers under law and shows each person who looked. "
		    "\\fIDIR\\fR is the folder of an installation. While \\fBserve\\fR works on it, the other commands "
		    "speak to the server: \\fBact\\fR and \\fBshow\\fR with the session of \\fBlogin\\fR.\n");
	man_commands(out);
	man_settings(out);
	strbuf_text(out, man_files);
}

/* ---- the command ---- */

static const struct command *
find_command(const char *name)
{
	size_t count = 0;
	const struct command *commands = command_table(&count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* `tirkeu help user`: the commands of two words that begin so. */
static bool
print_group(struct cli *cli, const char *name, struct strbuf *out)
{
	size_t count = 0, bytes = strlen(name);
	const struct command *commands = command_table(&count);

	for (size_t i = 0; i < count; i++)
		if (strncmp(commands[i].name, name, bytes) == 0 && commands[i].name[bytes] == ' ')
			print_aligned(out, arena_printf(cli->arena, "%s %s", commands[i].name, commands[i].words),
				      commands[i].summary[cli->language]);
	return out->bytes > 0;
}

enum error
help_command(struct cli *cli)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	const char *name = cli_word(cli, 0);

	if (cli->word_count == 2)
		name = arena_printf(cli->arena, "%s %s", name, cli_word(cli, 1));
	const struct command *command = name == NULL ? NULL : find_command(name);

	if (name != NULL && command == NULL && !print_group(cli, name, &out))
		return cli_stop(cli, ERR_USAGE, SAY_NO_COMMAND, name, NULL);
	if (cli_has(cli, "man"))
		help_print_man(&out);
	else if (command != NULL)
		help_print(cli, command, &out);
	else if (name == NULL)
		help_print_all(cli, &out);
	cli_print(cli, "%s", out.text);
	return OK;
}
