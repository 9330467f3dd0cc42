/* help.h - what --help and the manual page say, made from the tables of commands and settings. */
#pragma once
#include "cli/command.h"

/* All commands, one line each. */
void help_print_all(struct cli *cli, struct strbuf *out);
/* One command with its options (and settings). */
void help_print(struct cli *cli, const struct command *command, struct strbuf *out);
/* man/tirkeu.1, in English. */
void help_print_man(struct strbuf *out);
