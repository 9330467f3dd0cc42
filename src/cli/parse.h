/* parse.h - reads the words of the command line against the table of commands. Pure: says nothing, so that what is
 * wrong can be tested. */
#pragma once
#include "cli/command.h"

/* Why a command line is not understood. */
struct parse_fault {
	enum say say;
	const char *first, *second;
};

/* Fills `cli` (zeroed but for its arena and language). Options may stand anywhere behind the command; "--" ends them;
 * --name VALUE and --name=VALUE are the same. ERR_USAGE with *ret_fault. Without any word cli->command is NULL. */
NODISCARD enum error parse_words(struct cli *cli, const struct command *commands, size_t command_count, int argc,
				 char *const argv[], struct parse_fault *ret_fault);
