/* csv.h - reads CSV (RFC 4180) row by row: UTF-8 with or without BOM, comma or semicolon (taken
 * from the header), quotes, CRLF or LF. Pure: bytes in, rows out; limits are named. */
#pragma once
#include "base/arena.h"
#include "base/problem.h"

enum { CSV_COLUMNS_MAX = 256, CSV_FIELD_BYTES_MAX = 64 * 1024 };

struct csv; /* reads from memory that the caller keeps */
struct csv *csv_new(const char *text, size_t bytes);
void csv_free(struct csv *csv);
DEFINE_AUTO(struct csv, csv_free)

struct csv_row {
	size_t count;
	const char *const *fields; /* NUL-terminated, until the next call */
	const size_t *field_bytes;
	int line;         /* where the row begins, from 1 */
	size_t offset;    /* byte offset of its beginning */
	size_t raw_bytes; /* its bytes as they stand in the file, line end included */
};
/* Skips blank lines. ERR_NOT_FOUND at the end. ERR_BAD_INPUT: this row is broken (a field too
 * long, bad UTF-8, a NUL, an open quote); `problem` says why, *ret_row has its place but no fields, and
 * the next call goes on behind it: behind its first line when a quote stays open, else behind
 * the line with the fault. */
NODISCARD enum error csv_next(struct csv *csv, struct problem *problem, struct csv_row *ret_row);
/* The separator found in the first row: ',' or ';'. */
char csv_separator(const struct csv *csv);
/* Writes one field with quotes where needed; with `guard` a leading = + - @ TAB CR gets ' before it. */
struct strbuf;
void csv_write_field(struct strbuf *out, const char *text, char separator, bool guard);
