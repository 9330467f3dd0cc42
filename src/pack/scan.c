#include "pack/scan.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

struct scan
scan_begin(const char *text)
{
	return (struct scan){ .at = text, .line = 0 };
}

static bool
is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Moves to the byte `to`, counting lines. */
static void
move(struct scan *scan, const char *to)
{
	for (; scan->at < to; scan->at++)
		if (*scan->at == '\n')
			scan->line++;
}

/* Blanks and comments; false when a comment has no end. */
static bool
skip_blanks(struct scan *scan)
{
	for (;;) {
		const char *p = scan->at;

		if (*p != '\0' && isspace((unsigned char)*p)) {
			move(scan, p + 1);
		} else if (p[0] == '-' && p[1] == '-') {
			move(scan, p + strcspn(p, "\n"));
		} else if (p[0] == '/' && p[1] == '*') {
			const char *end = strstr(p + 2, "*/");

			if (end == NULL)
				return false;
			move(scan, end + 2);
		} else {
			return true;
		}
	}
}

/* Behind a string or quoted name that begins at `p`; NULL: it has no end. A doubled quote is one inside. */
static const char *
behind_quote(const char *p)
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

static enum scan_kind
kind_at(const char *p, const char **ret_end)
{
	const char *end = p + 1;
	enum scan_kind kind = SCAN_SYMBOL;

	if (*p == '\'' || *p == '"') {
		kind = *p == '\'' ? SCAN_STRING : SCAN_QUOTED;
		end = behind_quote(p);
	} else if (isdigit((unsigned char)*p)) {
		kind = SCAN_NUMBER;
		while (is_name_byte(*end) || (*end == '.' && isdigit((unsigned char)end[1])))
			end++;
	} else if (is_name_byte(*p) || (*p == '$' && is_name_byte(p[1]))) {
		kind = *p == '$' ? SCAN_PARAMETER : SCAN_WORD;
		while (is_name_byte(*end))
			end++;
	}
	*ret_end = end;
	return kind;
}

struct scan_token
scan_next(struct scan *scan)
{
	const char *end = NULL;

	if (!skip_blanks(scan))
		return (struct scan_token){ .kind = SCAN_OPEN, .text = scan->at, .line = scan->line };
	if (*scan->at == '\0')
		return (struct scan_token){ .kind = SCAN_END, .text = scan->at, .line = scan->line };
	struct scan_token token = { .kind = kind_at(scan->at, &end), .text = scan->at, .line = scan->line };

	if (end == NULL) {
		token.kind = SCAN_OPEN;
		return token;
	}
	if (token.kind == SCAN_PARAMETER)
		token.text++;
	token.bytes = (size_t)(end - token.text);
	move(scan, end);
	return token;
}

bool
scan_is(const struct scan_token *token, const char *word)
{
	return strlen(word) == token->bytes && strncasecmp(token->text, word, token->bytes) == 0;
}

struct name_list {
	struct arena *arena;
	const char **names;
	size_t count, capacity;
};

static void
add_once(struct name_list *list, const struct scan_token *token)
{
	for (size_t i = 0; i < list->count; i++)
		if (scan_is(token, list->names[i]))
			return;
	*ARENA_PUSH(list->arena, list->names, list->count, list->capacity) =
		arena_copy(list->arena, token->text, token->bytes);
}

size_t
pack_scan_parameters(struct arena *arena, const char *text, const char *const **ret_names)
{
	struct name_list list = { .arena = arena };
	struct scan scan = scan_begin(text);

	for (struct scan_token t = scan_next(&scan); t.kind != SCAN_END && t.kind != SCAN_OPEN; t = scan_next(&scan))
		if (t.kind == SCAN_PARAMETER)
			add_once(&list, &t);
	*ret_names = list.names;
	return list.count;
}

size_t
pack_scan_columns(struct arena *arena, const char *text, const char *qualifier, const char *const **ret_names)
{
	struct name_list list = { .arena = arena };
	struct scan scan = scan_begin(text);
	int matched = 0; /* 1: the qualifier was seen, 2: and its dot */

	for (struct scan_token t = scan_next(&scan); t.kind != SCAN_END && t.kind != SCAN_OPEN; t = scan_next(&scan)) {
		if (matched == 2 && t.kind == SCAN_WORD)
			add_once(&list, &t);
		if (matched == 1 && t.kind == SCAN_SYMBOL && *t.text == '.')
			matched = 2;
		else
			matched = t.kind == SCAN_WORD && matched != 2 && scan_is(&t, qualifier) ? 1 : 0;
	}
	*ret_names = list.names;
	return list.count;
}

bool
pack_scan_is_select(const char *text)
{
	struct scan scan = scan_begin(text);
	struct scan_token first = scan_next(&scan);

	return first.kind == SCAN_WORD && (scan_is(&first, "select") || scan_is(&first, "with"));
}
