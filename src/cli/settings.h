/* settings.h - what an administrator may set: one table (settings.def) from which DIR/settings.yaml, the options
 * of `serve`, the help and the man page are made. */
#pragma once
#include "base/arena.h"
#include "base/problem.h"

enum setting_type { SETTING_TEXT, SETTING_INTEGER, SETTING_BOOLEAN, SETTING_CHOICE, SETTING_LIST };

enum setting {
#define SETTING(id, name, type, fallback, min, max, choices, help) id,
#include "cli/settings.def"
#undef SETTING
	SETTING_COUNT
};

struct setting_row {
	const char *name;
	enum setting_type type;
	const char *fallback; /* NULL: none */
	int64_t min, max;     /* INTEGER */
	const char *choices;  /* CHOICE: "none spool smtp" */
	const char *help;
};
const struct setting_row *setting_table(void); /* SETTING_COUNT rows */

struct settings {
	const char *values[SETTING_COUNT]; /* NULL: none; checked when they were set */
};

void settings_init(struct settings *settings);
/* By name; hyphens are read as underscores. Texts are copied into `arena`. ERR_BAD_INPUT: a name that does not exist
 * (the problem names the nearest), or a value that does not fit. `line` 0: not from a file. */
NODISCARD enum error settings_set(struct settings *settings, struct arena *arena, const char *name, const char *value,
				  int line, struct problem *problem);
/* A file of `name: value` lines; none is fine. Reports every fault. ERR_IO. */
NODISCARD enum error settings_read(struct settings *settings, struct arena *arena, const char *path,
				   struct problem *problem);

const char *settings_text(const struct settings *settings, enum setting setting); /* NULL: none */
int64_t settings_integer(const struct settings *settings, enum setting setting);
bool settings_boolean(const struct settings *settings, enum setting setting);
/* SETTING_LIST: texts separated by commas or blanks, in the arena. */
const char *const *settings_list(const struct settings *settings, struct arena *arena, enum setting setting,
				 size_t *ret_count);
