/* migrate.h - the numbered migrations of migrations/, embedded by tools/embed when the program is built. */
#pragma once
#include "base/base.h"

struct migration {
	int number;       /* 1, 2, 3 ... without gaps */
	const char *name; /* "ledger" */
	const char *sql;
};
extern const struct migration migrations[];
extern const size_t migration_count;
