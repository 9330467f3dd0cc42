#include "pack/token.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "base/arena.h"

static bool
begins_name(char c)
{
	return isalpha((unsigned char)c) || c == '_' || (c & 0x80) != 0;
}

static bool
continues_name(char c)
{
	return begins_name(c) || isdigit((unsigned char)c);
}

/* Behind blanks and comments; NULL when a comment is never closed. */
static const char *
skip_blanks(const char *p)
{
	for (;;) {
		if (isspace((unsigned char)*p)) {
			p++;
		} else if (p[0] == '-' && p[1] == '-') {
			p += strcspn(p, "\n");
		} else if (p[0] == '/' && p[1] == '*') {
			const char *end = strstr(p + 2, "*/");
			if (end == NULL)
				return NULL;
			p = end + 2;
		} else {
			return p;
		}
	}
}

/* Behind the closing quote; a doubled quote stands for itself. NULL when it is never closed. */
static const char *
skip_quoted(const char *p)
{
	char quote = *p++;

	for (; *p != '\0'; p++) {
		if (*p != quote)
			continue;
		if (p[1] != quote)
			return p + 1;
		p++;
	}
	return NULL;
}

static size_t
sign_bytes(const char *p)
{
	static const char *const longer[] = { "->>", "||", "<>", "<=", ">=", "==", "!=", "::", "->", "<<", ">>" };

	for (size_t i = 0; i < ARRAY_COUNT(longer); i++)
		if (strncmp(p, longer[i], strlen(longer[i])) == 0)
			return strlen(longer[i]);
	return 1;
}

static size_t
number_bytes(const char *p)
{
	const char *end = p;

	while (isalnum((unsigned char)*end) || *end == '.' || *end == '_' ||
	       ((*end == '+' || *end == '-') && (end[-1] == 'e' || end[-1] == 'E') && isdigit((unsigned char)end[1])))
		end++;
	return (size_t)(end - p);
}

static size_t
name_bytes(const char *p)
{
	const char *end = p;

	while (continues_name(*end))
		end++;
	return (size_t)(end - p);
}

struct token
token_next(const char **cursor)
{
	struct token token = { .start = skip_blanks(*cursor) };

	if (token.start == NULL) {
		token = (struct token){ TOKEN_BROKEN, *cursor, strlen(*cursor) };
	} else if (*token.start == '\0') {
		token.kind = TOKEN_END;
	} else if (*token.start == '\'' || *token.start == '"') {
		const char *end = skip_quoted(token.start);
		token.kind = *token.start == '"' ? TOKEN_QUOTED_NAME : TOKEN_STRING;
		token.bytes = end == NULL ? strlen(token.start) : (size_t)(end - token.start);
		if (end == NULL)
			token.kind = TOKEN_BROKEN;
	} else if (begins_name(*token.start)) {
		token.kind = TOKEN_NAME;
		token.bytes = name_bytes(token.start);
	} else if (isdigit((unsigned char)*token.start)) {
		token.kind = TOKEN_NUMBER;
		token.bytes = number_bytes(token.start);
	} else if (*token.start == '$' && continues_name(token.start[1])) {
		token.kind = TOKEN_PARAMETER;
		token.bytes = 1 + name_bytes(token.start + 1);
	} else if (strchr("(),.;*/+-%<>=|!&~:", *token.start) != NULL) {
		token.kind = TOKEN_SIGN;
		token.bytes = sign_bytes(token.start);
	} else {
		token.kind = TOKEN_BROKEN;
		token.bytes = 1;
	}
	*cursor = token.start + token.bytes;
	return token;
}

bool
token_is(const struct token *token, const char *text)
{
	return (token->kind == TOKEN_NAME || token->kind == TOKEN_SIGN) && token->bytes == strlen(text) &&
	       strncasecmp(token->start, text, token->bytes) == 0;
}

bool
token_is_open(const struct token *token)
{
	return token->kind == TOKEN_BROKEN && (strchr("'\"", *token->start) != NULL || token->bytes > 1);
}

int
token_line(const char *text, const struct token *token)
{
	int line = 0;

	for (const char *p = text; p < token->start; p++)
		line += *p == '\n';
	return line;
}

const struct token *
token_list(struct arena *arena, const char *text, size_t *ret_count)
{
	struct token *tokens = NULL;
	size_t count = 0, capacity = 0;
	const char *cursor = text;

	for (struct token token = token_next(&cursor); token.kind != TOKEN_END; token = token_next(&cursor))
		*ARENA_PUSH(arena, tokens, count, capacity) = token;
	*ret_count = count;
	return tokens;
}
