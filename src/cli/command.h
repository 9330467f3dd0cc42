/* command.h - the one table of what the program does: dispatch, --help, the man page and the nearest name of a mistyped
 * one are made from it. */
#pragma once
#include "cli/cli.h"

struct command_option {
	const char *name;  /* without the dashes; NULL ends a table */
	const char *value; /* "FILE"; NULL: a flag */
	const char *help[LANGUAGE_COUNT];
};

struct command {
	const char *name;  /* "pack check" */
	const char *words; /* "DIR REGISTER ACTION [REF] [field=value …]" */
	size_t words_min, words_max;
	const struct command_option *options; /* NULL: none */
	bool takes_settings;                  /* each setting as --name too */
	enum error (*run)(struct cli *cli);
	const char *summary[LANGUAGE_COUNT];
};

enum { COMMAND_WORDS_ANY = 1000000 };

/* In the order of --help. */
const struct command *command_table(size_t *ret_count);
/* --json, --lang, --help: of every command. */
const struct command_option *command_global_options(void);

/* init.c */
enum error init_command(struct cli *cli);
/* serve.c */
enum error serve_command(struct cli *cli);
/* login.c */
enum error login_command(struct cli *cli);
enum error logout_command(struct cli *cli);
/* act.c, show.c, search.c */
enum error act_command(struct cli *cli);
enum error show_command(struct cli *cli);
enum error search_command(struct cli *cli);
/* check.c */
enum error check_command(struct cli *cli);
/* import.c */
enum error import_command(struct cli *cli);
/* demo.c */
enum error demo_command(struct cli *cli);
/* pack.c */
enum error pack_check_command(struct cli *cli);
enum error pack_codes_command(struct cli *cli);
enum error pack_diff_command(struct cli *cli);
/* install.c */
enum error pack_install_command(struct cli *cli);
/* law.c */
enum error law_list_command(struct cli *cli);
enum error law_evaluate_command(struct cli *cli);
/* history.c */
enum error verify_history_command(struct cli *cli);
/* store.c */
enum error verify_command(struct cli *cli);
enum error backup_command(struct cli *cli);
enum error restore_command(struct cli *cli);
enum error clock_command(struct cli *cli);
/* witness.c */
enum error witness_command(struct cli *cli);
/* user.c */
enum error user_add_command(struct cli *cli);
enum error user_grant_command(struct cli *cli);
enum error user_revoke_command(struct cli *cli);
enum error user_code_command(struct cli *cli);
enum error user_password_command(struct cli *cli);
enum error user_list_command(struct cli *cli);
enum error user_close_command(struct cli *cli);
/* help.c */
enum error help_command(struct cli *cli);
