#include "store/vet_form.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "pack/token.h"

struct form {
	struct arena *arena;
	const struct token *tokens;
	size_t count;
};

static const struct token end_token = { .kind = TOKEN_END, .start = "" };

static const struct token *
at(const struct form *form, size_t i)
{
	return i < form->count ? &form->tokens[i] : &end_token;
}

static const struct token *
before(const struct form *form, size_t i)
{
	return i == 0 ? &end_token : &form->tokens[i - 1];
}

static bool
is_any(const struct token *token, const char *const *words)
{
	for (; *words != NULL; words++)
		if (token_is(token, *words))
			return true;
	return false;
}

static bool
same_token(const struct token *a, const struct token *b)
{
	return a->kind == b->kind && a->bytes == b->bytes && strncasecmp(a->start, b->start, a->bytes) == 0;
}

/* The token behind the bracket that opens at `open`. */
static size_t
behind_bracket(const struct form *form, size_t open)
{
	int depth = 0;

	for (size_t i = open; i < form->count; i++) {
		depth += token_is(at(form, i), "(");
		depth -= token_is(at(form, i), ")");
		if (depth == 0)
			return i + 1;
	}
	return form->count;
}

static bool
is_balanced(const struct form *form)
{
	int depth = 0;

	for (size_t i = 0; i < form->count && depth >= 0; i++) {
		depth += token_is(at(form, i), "(");
		depth -= token_is(at(form, i), ")");
	}
	return depth == 0;
}

static bool
has_comma(const struct form *form, size_t open)
{
	size_t end = behind_bracket(form, open);
	int depth = 0;

	for (size_t i = open; i < end; i++) {
		depth += token_is(at(form, i), "(");
		depth -= token_is(at(form, i), ")");
		if (depth == 1 && token_is(at(form, i), ","))
			return true;
	}
	return false;
}

static bool
is_whole_number(const struct token *token)
{
	enum { DIGITS_MAX = 18 };

	for (size_t i = 0; i < token->bytes; i++)
		if (!isdigit((unsigned char)token->start[i]))
			return false;
	return token->bytes <= DIGITS_MAX;
}

/* `a is b` between values is SQLite's own. */
static bool
is_plain_is(const struct form *form, size_t i)
{
	static const char *const truths[] = { "null", "true", "false", "distinct", NULL };
	size_t next = i + 1 + token_is(at(form, i + 1), "not");

	return is_any(at(form, next), truths);
}

static const char *
wrong_name(const struct form *form, size_t i)
{
	static const char *const row_names[] = { "rowid", "oid", "_rowid_", NULL };
	static const char *const odd_words[] = { "collate", "cast",    "glob",      "regexp", "match",  "like", "ilike",
						 "indexed", "natural", "recursive", "pragma", "escape", NULL };
	const struct token *token = at(form, i);
	bool qualified = token_is(before(form, i), ".");

	if (is_any(token, row_names))
		return arena_printf(form->arena, "\"%.*s\" is SQLite's own; use id", (int)token->bytes, token->start);
	if (!qualified && is_any(token, odd_words))
		return arena_printf(form->arena, "\"%.*s\" is not part of the pack language", (int)token->bytes,
				    token->start);
	if (token_is(token, "is") && !qualified && !is_plain_is(form, i))
		return "IS compares with null, true and false only; use =";
	if (token_is(token, "in") && !qualified && !token_is(at(form, i + 1), "("))
		return "IN needs a list in brackets";
	if ((token_is(token, "min") || token_is(token, "max")) && token_is(at(form, i + 1), "(") &&
	    has_comma(form, i + 1))
		return "min and max take one argument; use least and greatest";
	return NULL;
}

static const char *
wrong_sign(const struct form *form, const struct token *token)
{
	static const char *const odd_signs[] = { "==", "->", "->>", "<<", ">>", "&", "|", "~", "::", ":", "!", NULL };

	if (token_is(token, ";"))
		return "a semicolon: one value or one SELECT is wanted";
	if (is_any(token, odd_signs))
		return arena_printf(form->arena, "\"%.*s\" is not part of the pack language", (int)token->bytes,
				    token->start);
	return NULL;
}

static const char *
wrong_token(const struct form *form, size_t i)
{
	const struct token *token = at(form, i);

	switch (token->kind) {
	case TOKEN_BROKEN:
		return arena_printf(form->arena,
				    "an open quote or comment, or a character that has no place here: %.*s",
				    (int)(token->bytes < 20 ? token->bytes : 20), token->start);
	case TOKEN_NUMBER:
		return is_whole_number(token) ? NULL : "only whole numbers are written in a pack; divide instead";
	case TOKEN_NAME:
		return wrong_name(form, i);
	case TOKEN_SIGN:
		return wrong_sign(form, token);
	default:
		return NULL;
	}
}

static struct form
form_of(struct arena *arena, const char *text)
{
	struct form form = { .arena = arena };

	form.tokens = token_list(arena, text, &form.count);
	return form;
}

const char *
form_wrong(struct arena *arena, const char *text)
{
	struct form form = form_of(arena, text);
	const char *wrong = form.count == 0 ? "nothing is written here" : NULL;

	for (size_t i = 0; i < form.count && wrong == NULL; i++)
		wrong = wrong_token(&form, i);
	if (wrong == NULL && !is_balanced(&form))
		wrong = "the brackets do not match";
	return wrong;
}

/* The tokens of a bare column that end behind `end`: x, a.x. Their first index; `end` when there is none. */
static size_t
bare_column(const struct form *form, size_t end)
{
	if (end == 0 || (at(form, end - 1)->kind != TOKEN_NAME && at(form, end - 1)->kind != TOKEN_QUOTED_NAME))
		return end;
	if (end >= 3 && token_is(at(form, end - 2), "."))
		return end - 3;
	return end - 1;
}

/* Is what stands before `as record` the whole item of the select list? */
static bool
begins_item(const struct form *form, size_t first)
{
	static const char *const openers[] = { "select", "distinct", "all", ",", NULL };

	return is_any(before(form, first), openers);
}

struct span {
	size_t first, end;
};

/* Every column that is called record somewhere in the text. */
static bool
is_record_column(const struct form *form, const struct span *window_item)
{
	size_t length = window_item->end - window_item->first;

	for (size_t i = 0; i + 1 < form->count; i++) {
		if (!token_is(at(form, i), "as") || !token_is(at(form, i + 1), "record"))
			continue;
		size_t first = bare_column(form, i);
		if (i - first != length)
			continue;
		size_t same = 0;
		while (same < length && same_token(at(form, first + same), at(form, window_item->first + same)))
			same++;
		if (same == length)
			return true;
	}
	return length == 1 && token_is(at(form, window_item->first), "record");
}

/* over (partition by …, record's column, … [order by …]) */
static bool
is_partitioned_by_record(const struct form *form, size_t open)
{
	size_t end = behind_bracket(form, open) - 1;

	if (!token_is(at(form, open), "(") || !token_is(at(form, open + 1), "partition"))
		return false;
	for (size_t i = open + 3, first = i; i <= end; i++) {
		static const char *const enders[] = { ",", ")", "order", "rows", "range", "groups", NULL };
		if (!is_any(at(form, i), enders))
			continue;
		if (is_record_column(form, &(struct span){ first, i }))
			return true;
		if (!token_is(at(form, i), ","))
			return false;
		first = i + 1;
	}
	return false;
}

static const char *
wrong_wrapped_token(const struct form *form, size_t i)
{
	static const char *const sets[] = { "except", "intersect", NULL };
	static const char *const limits[] = { "limit", "offset", "fetch", NULL };
	static const char *const selects[] = { "select", "with", "values", NULL };
	const struct token *token = at(form, i);

	if (token->kind != TOKEN_NAME || token_is(before(form, i), "."))
		return NULL;
	if (token_is(token, "union") && !token_is(at(form, i + 1), "all"))
		return "UNION is not pushed through; write UNION ALL";
	if (is_any(token, sets))
		return arena_printf(form->arena, "%.*s is not pushed through; write [not] exists", (int)token->bytes,
				    token->start);
	if (is_any(token, limits))
		return "LIMIT is not pushed through";
	if (token_is(token, "in") && is_any(at(form, i + 2), selects))
		return token_is(before(form, i), "not") ? "NOT IN (select …) is not pushed through; write not exists"
							: "IN (select …) is not pushed through; write exists";
	if (token_is(token, "window"))
		return "a named window is not allowed; write it behind over";
	if (token_is(token, "over") && !is_partitioned_by_record(form, i + 1))
		return "a window must be partitioned by record";
	if (token_is(token, "record") && token_is(before(form, i), "as")) {
		size_t first = bare_column(form, i - 1);
		if (first == i - 1 || !begins_item(form, first))
			return "record must be a bare column";
	}
	return NULL;
}

const char *
form_wrong_wrapped(struct arena *arena, const char *select)
{
	struct form form = form_of(arena, select);
	const char *wrong = form_wrong(arena, select);

	for (size_t i = 0; i < form.count && wrong == NULL; i++)
		wrong = wrong_wrapped_token(&form, i);
	return wrong;
}

/* Words that PostgreSQL reserves and SQLite lets stand for a column. */
static bool
is_reserved_word(const struct token *token)
{
	static const char *const words[] = {
		"analyze",  "any",          "array",     "asc",          "asymmetric", "binary", "both",
		"cross",    "current_user", "desc",      "do",           "end",        "fetch",  "for",
		"freeze",   "full",         "grant",     "ilike",        "initially",  "inner",  "lateral",
		"leading",  "left",         "localtime", "natural",      "offset",     "only",   "outer",
		"overlaps", "placing",      "right",     "session_user", "similar",    "some",   "symmetric",
		"trailing", "user",         "variadic",  "verbose",      "window",     NULL
	};

	return is_any(token, words);
}

static bool
is_grammar(const struct form *form, size_t i)
{
	static const char *const joins[] = { "left", "right", "full", "inner", "cross", "outer", NULL };
	static const char *const behind_join[] = { "join", "outer", NULL };
	static const char *const order[] = { "asc", "desc", NULL };

	if (is_any(at(form, i), joins))
		return is_any(at(form, i + 1), behind_join);
	if (token_is(at(form, i), "end")) {
		for (size_t k = i; k-- > 0;)
			if (token_is(at(form, k), "case"))
				return true;
		return false;
	}
	return is_any(at(form, i), order) && at(form, i + 1)->kind != TOKEN_SIGN;
}

bool
form_names_bare(struct arena *arena, const char *text, const char *column)
{
	struct form form = form_of(arena, text);

	for (size_t i = 0; i < form.count; i++) {
		const struct token *token = at(&form, i);
		if (token_is(token, column) && is_reserved_word(token) && !token_is(before(&form, i), ".") &&
		    !token_is(before(&form, i), "as") && !is_grammar(&form, i))
			return true;
	}
	return false;
}

bool
form_lacks_this(struct arena *arena, const char *select)
{
	struct form form = form_of(arena, select);
	bool names_columns = false;

	for (size_t i = 0; i < form.count; i++) {
		if (!token_is(at(&form, i), "this") || token_is(before(&form, i), "."))
			continue;
		if (!token_is(at(&form, i + 1), "."))
			return false;
		names_columns = true;
	}
	return names_columns;
}
