/* token.h - the words of an SQL text: names, quoted names, strings, numbers, parameters and signs,
 * without blanks and comments. Enough to rewrite parameters and to recognise forms that a pack may
 * not use; the grammar is the database's business. */
#pragma once
#include "base/base.h"

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,        /* select, stay, this */
	TOKEN_QUOTED_NAME, /* "left" */
	TOKEN_STRING,      /* 'red' */
	TOKEN_NUMBER,
	TOKEN_PARAMETER, /* $buyer; `start` is the $ */
	TOKEN_SIGN,      /* one character, or one of || <> <= >= == != :: -> ->> << >> */
	TOKEN_BROKEN,    /* an open string, quoted name or comment, or a byte that SQL does not have */
};

struct token {
	enum token_kind kind;
	const char *start;
	size_t bytes;
};

/* The token at or after *cursor, which moves behind it. TOKEN_END for ever at the end. */
struct token token_next(const char **cursor);
/* Is it this word (any case, no quotes) or this sign? */
bool token_is(const struct token *token, const char *text);
/* Does nothing close what begins here (a string, a quoted name, a comment)? Of a TOKEN_BROKEN. */
bool token_is_open(const struct token *token);
/* The line on which it begins, counted from 0 at `text`, in which it lies. */
int token_line(const char *text, const struct token *token);
/* All tokens but the end, in `arena`. */
struct arena;
const struct token *token_list(struct arena *arena, const char *text, size_t *ret_count);
