/* rows.h - what load sends: one request a line, METHOD TAB PATH TAB TOKEN TAB BODY. "-" stands for no token and for no
 * body. The file stays mapped, so a million rows cost nothing to hand out. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *text;
	size_t bytes;
};

struct row {
	struct span method, path, token, body;
};

struct rows {
	struct row *items;
	size_t count;
};

/* Says what is wrong on standard error and ends the program: this is a tool for benches and tests. */
void rows_open(const char *path, struct rows *ret_rows);
/* One GET, over and over. */
void rows_of_get(const char *path, struct rows *ret_rows);
