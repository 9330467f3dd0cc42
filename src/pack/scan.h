/* scan.h - reads the SQL of a pack word by word, as far as the floors below the database must know
 * it: parameters, `this.x`, where a statement ends. Skips strings, quoted names and comments.
 * Never checks grammar: store/vet.h lets a database do that. */
#pragma once
#include "base/arena.h"

enum scan_kind {
	SCAN_END,
	SCAN_WORD,      /* a bare name or keyword */
	SCAN_PARAMETER, /* $name; the text is without $ */
	SCAN_STRING,    /* '…' */
	SCAN_QUOTED,    /* "…" */
	SCAN_NUMBER,
	SCAN_SYMBOL, /* one byte */
	SCAN_OPEN,   /* a string, quoted name or comment without an end */
};

struct scan {
	const char *at;
	int line; /* of `at`, counted from 0 at the text's begin */
};
struct scan_token {
	enum scan_kind kind;
	const char *text; /* in the scanned text, not NUL-terminated */
	size_t bytes;
	int line;
};
struct scan scan_begin(const char *text);
/* After SCAN_END or SCAN_OPEN it gives the same again. */
struct scan_token scan_next(struct scan *scan);
/* Keywords and names are compared without regard to ASCII case. */
bool scan_is(const struct scan_token *token, const char *word);

/* The parameters ($name), in order of first use, once each. */
size_t pack_scan_parameters(struct arena *arena, const char *text, const char *const **ret_names);
/* The columns x in `qualifier.x`, in order of first use, once each. */
size_t pack_scan_columns(struct arena *arena, const char *text, const char *qualifier, const char *const **ret_names);
/* Does the text begin with `select` or `with`? */
bool pack_scan_is_select(const char *text);
