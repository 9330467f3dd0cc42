/* compare.h - asks both databases the same and holds the answers side by side. One subject (a guard, a provision …) is
 * one test, asked many times. */
#pragma once
#include "store/sql.h"
#include "world.h"

enum { COMPARE_PARAMETERS_MAX = 128 };

struct comparison {
	struct world *world;
	const char *pack_name;
	size_t statement_count; /* prepared on PostgreSQL */
	size_t passed, failed;
	/* the subject at hand */
	const char *subject;
	size_t asked, rows;
	bool differs;
};

void compare_begin(struct comparison *comparison, const char *subject);
/* Prints "ok" or "not ok". */
void compare_end(struct comparison *comparison);

/* A statement with its parameters' kinds, prepared when it is first asked. */
struct statement {
	const char *sql;
	const char *translated; /* NULL: could not be */
	const char *name;       /* on PostgreSQL; NULL: not prepared yet */
	const char *const *names;
	struct sql_parameter parameters[COMPARE_PARAMETERS_MAX];
	size_t count;
};
/* `known`: kinds of all parameters that may stand in `sql`. */
struct statement *statement_new(struct comparison *comparison, const char *sql, const struct sql_parameter *known,
				size_t known_count);
/* values[i] for statement->parameters[i]. */
void compare_ask(struct comparison *comparison, struct statement *statement, const struct value *values);
