/* cli.h - one run of the program: what was asked on the command line, and the ways to answer. Results go to standard
 * output, everything else to standard error; with --json both are JSON. Each command returns an error
 * code, whose exit code is in base/error.def, after saying what is wrong. */
#pragma once
#include "base/arena.h"
#include "base/problem.h"
#include "base/strbuf.h"

struct command;
struct registry;

enum say {
#define SAY(id, kk, ru, en) id,
#include "cli/say.def"
#undef SAY
	SAY_COUNT
};

enum { SETTINGS_GIVEN_MAX = 64 };

/* name=value of a --name that stands in the table of settings. */
struct given_setting {
	const char *name;
	const char *value;
};

struct cli {
	struct arena *arena; /* lives as long as the run */
	const struct command *command;
	const char *const *words; /* what is neither command nor option */
	size_t word_count;
	const char **options; /* by command->options; NULL: not given; "" for a flag */
	struct given_setting settings[SETTINGS_GIVEN_MAX];
	size_t setting_count;
	enum language language;
	bool json;
	bool help, version;
	bool said;          /* what is wrong was said */
	bool progress_open; /* a progress line stands on the terminal */
};

/* Options of the command that runs; the name without the dashes. */
const char *cli_option(const struct cli *cli, const char *name);
bool cli_has(const struct cli *cli, const char *name);
/* NULL behind the last word. */
const char *cli_word(const struct cli *cli, size_t i);

/* For a terminal: what is not text (utf8_is_clean, lines allowed) becomes U+FFFD, so that no name in a pack, a file or
 * an answer moves the cursor or hides what stands beside it. `text` itself when there is nothing to do; NULL stays. */
const char *cli_plain(struct cli *cli, const char *text);
/* The sentence in the language of the run, in its arena; the arguments as cli_plain has them. */
const char *say_text(struct cli *cli, enum say say, const char *first, const char *second);
/* A line on standard error: a note, not an error. Nothing with --json. */
void cli_note(struct cli *cli, enum say say, const char *first, const char *second);
/* Says why it does not go on and returns `e`. With --json: problem details on standard output. */
enum error cli_stop(struct cli *cli, enum error e, enum say say, const char *first, const char *second);
/* The same from a struct problem: one line a fault. `registry` for a refusal by law; may be NULL. */
enum error cli_problem(struct cli *cli, enum error e, const struct problem *problem, const struct registry *registry);
/* Results: as they are, to standard output. */
void cli_print(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);
/* A finished JSON text and a line end. */
void cli_print_json(struct cli *cli, const struct strbuf *json);

/* "what 1200/5000": one line that renews itself on a terminal; elsewhere a line for each tenth. `total` 0: not known. */
void cli_progress(struct cli *cli, const char *what, uint64_t done, uint64_t total);
void cli_progress_end(struct cli *cli);

/* Asks for yes on the terminal; false without one. */
bool cli_confirm(struct cli *cli, enum say question);
/* A secret: from the terminal without echo (asked twice when `twice`), else the first line of standard input. ERR_USAGE
 * was said: the two differ, or there is none. In the arena. */
NODISCARD enum error cli_secret(struct cli *cli, enum say prompt, bool twice, const char **ret_secret);
/* A whole file, or standard input for "-"; at most `bytes_max`. Said: ERR_IO, ERR_TOO_LARGE. In the arena. */
NODISCARD enum error cli_read(struct cli *cli, const char *path, size_t bytes_max, const char **ret_text,
			      size_t *ret_bytes);
