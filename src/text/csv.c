#include "text/csv.h"
#include <stdlib.h>
#include <string.h>
#include "base/strbuf.h"
#include "text/utf8.h"

struct csv {
	const char *text;
	size_t bytes;
	size_t at;
	int line;
	char separator;
	struct strbuf content; /* the row's fields, each with a NUL behind */
	size_t starts[CSV_COLUMNS_MAX + 1];
	size_t sizes[CSV_COLUMNS_MAX];
	const char *fields[CSV_COLUMNS_MAX];
	size_t count;
};

enum outcome { FIELD_ENDS, ROW_ENDS, ROW_BROKEN, QUOTE_OPEN };

struct fault {
	enum message message;
	const char *first;
	const char *second;
};

/* Whichever of the two stands more often in the first line, outside of quotes. */
static char
find_separator(const char *text, size_t bytes)
{
	size_t commas = 0, semicolons = 0;
	bool inside = false;

	for (size_t i = 0; i < bytes && (inside || text[i] != '\n'); i++) {
		if (text[i] == '"')
			inside = !inside;
		commas += !inside && text[i] == ',';
		semicolons += !inside && text[i] == ';';
	}
	return semicolons > commas ? ';' : ',';
}

struct csv *
csv_new(const char *text, size_t bytes)
{
	struct csv *csv = calloc(1, sizeof(*csv));

	if (csv == NULL)
		abort();
	csv->text = text;
	csv->bytes = bytes;
	csv->line = 1;
	if (bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		csv->at = 3;
	csv->separator = find_separator(text + csv->at, bytes - csv->at);
	return csv;
}

void
csv_free(struct csv *csv)
{
	if (csv == NULL)
		return;
	strbuf_done(&csv->content);
	free(csv);
}

char
csv_separator(const struct csv *csv)
{
	return csv->separator;
}

/* Bytes of the line end at `at`: LF or CR LF; the end of the file counts as one of none. */
static bool
is_line_end(const struct csv *csv, size_t at, size_t *ret_bytes)
{
	size_t left = csv->bytes - at;

	*ret_bytes = left == 0 ? 0 : csv->text[at] == '\n' ? 1 : 2;
	return left == 0 || csv->text[at] == '\n' || (left >= 2 && csv->text[at] == '\r' && csv->text[at + 1] == '\n');
}

static enum outcome
end_field(struct csv *csv)
{
	size_t end_bytes = 0;

	if (is_line_end(csv, csv->at, &end_bytes)) {
		csv->line += end_bytes > 0;
		csv->at += end_bytes;
		return ROW_ENDS;
	}
	csv->at++; /* the separator */
	return FIELD_ENDS;
}

static bool
field_is_full(const struct csv *csv)
{
	return csv->content.bytes - csv->starts[csv->count] > CSV_FIELD_BYTES_MAX;
}

static enum outcome
too_long(struct fault *fault)
{
	*fault = (struct fault){ MSG_TEXT_TOO_LONG, "65536", NULL };
	return ROW_BROKEN;
}

static enum outcome
read_plain(struct csv *csv, struct fault *fault)
{
	size_t begin = csv->at;
	size_t end_bytes = 0;

	while (!is_line_end(csv, csv->at, &end_bytes) && csv->text[csv->at] != csv->separator)
		csv->at++;
	if (csv->at - begin > CSV_FIELD_BYTES_MAX)
		return too_long(fault);
	strbuf_add(&csv->content, csv->text + begin, csv->at - begin);
	return end_field(csv);
}

static enum outcome
read_quoted(struct csv *csv, struct fault *fault)
{
	*fault = (struct fault){ MSG_CSV_QUOTE, NULL, NULL };
	csv->at++;
	for (;;) {
		if (csv->at == csv->bytes || field_is_full(csv))
			return QUOTE_OPEN;
		char c = csv->text[csv->at++];

		if (c == '"') {
			if (csv->at == csv->bytes || csv->text[csv->at] != '"')
				break;
			csv->at++;
		}
		csv->line += c == '\n';
		strbuf_char(&csv->content, c);
	}
	size_t end_bytes = 0;

	if (!is_line_end(csv, csv->at, &end_bytes) && csv->text[csv->at] != csv->separator)
		return ROW_BROKEN; /* more text behind the closing quote */
	return end_field(csv);
}

static enum outcome
read_field(struct csv *csv, struct fault *fault)
{
	if (csv->count == CSV_COLUMNS_MAX) {
		*fault = (struct fault){ MSG_LIST_TOO_LONG, "256", NULL };
		return ROW_BROKEN;
	}
	csv->starts[csv->count] = csv->content.bytes;
	bool is_quoted = csv->at < csv->bytes && csv->text[csv->at] == '"';
	enum outcome outcome = is_quoted ? read_quoted(csv, fault) : read_plain(csv, fault);

	if (outcome != FIELD_ENDS && outcome != ROW_ENDS)
		return outcome;
	size_t begin = csv->starts[csv->count];
	const char *field = csv->content.text == NULL ? "" : csv->content.text + begin;
	size_t bytes = csv->content.bytes - begin;

	if (memchr(field, '\0', bytes) != NULL)
		*fault = (struct fault){ MSG_TEXT_CONTROL, NULL, NULL };
	else if (!utf8_is_valid(field, bytes))
		*fault = (struct fault){ MSG_NOT_UTF8, NULL, NULL };
	else if (fault->message == MSG_CSV_QUOTE)
		*fault = (struct fault){ MSG_NONE, NULL, NULL };
	csv->sizes[csv->count++] = bytes;
	strbuf_char(&csv->content, '\0');
	return outcome;
}

static void
skip_line(struct csv *csv)
{
	const char *end = csv->at == csv->bytes ? NULL : memchr(csv->text + csv->at, '\n', csv->bytes - csv->at);

	csv->line += end != NULL;
	csv->at = end == NULL ? csv->bytes : (size_t)(end - csv->text) + 1;
}

static bool
skip_blank_lines(struct csv *csv)
{
	size_t end_bytes = 0;

	while (csv->at < csv->bytes && is_line_end(csv, csv->at, &end_bytes)) {
		csv->at += end_bytes;
		csv->line++;
	}
	return csv->at < csv->bytes;
}

static enum error
give_up(struct csv *csv, enum outcome outcome, const struct fault *fault, struct problem *problem,
	struct csv_row *ret_row)
{
	if (outcome == QUOTE_OPEN) {
		csv->at = ret_row->offset;
		csv->line = ret_row->line;
	}
	if (outcome != ROW_ENDS)
		skip_line(csv);
	ret_row->raw_bytes = csv->at - ret_row->offset;
	return problem_add_at(problem, ERR_BAD_INPUT, NULL, ret_row->line, (int)csv->count + 1, fault->message,
			      (const char *const[3]){ fault->first, fault->second, NULL });
}

enum error
csv_next(struct csv *csv, struct problem *problem, struct csv_row *ret_row)
{
	enum outcome outcome = FIELD_ENDS;
	struct fault fault = { MSG_NONE, NULL, NULL };
	struct fault first = { MSG_NONE, NULL, NULL };

	if (!skip_blank_lines(csv))
		return ERR_NOT_FOUND;
	*ret_row = (struct csv_row){ .line = csv->line, .offset = csv->at };
	strbuf_clear(&csv->content);
	csv->count = 0;
	while (outcome == FIELD_ENDS) {
		fault = (struct fault){ MSG_NONE, NULL, NULL };
		outcome = read_field(csv, &fault);
		if (first.message == MSG_NONE)
			first = fault;
	}
	if (first.message != MSG_NONE)
		return give_up(csv, outcome, &first, problem, ret_row);
	for (size_t i = 0; i < csv->count; i++)
		csv->fields[i] = csv->content.text + csv->starts[i];
	ret_row->count = csv->count;
	ret_row->fields = csv->fields;
	ret_row->field_bytes = csv->sizes;
	ret_row->raw_bytes = csv->at - ret_row->offset;
	return OK;
}

void
csv_write_field(struct strbuf *out, const char *text, char separator, bool guard)
{
	bool is_formula = guard && text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
	const char special[] = { separator, '"', '\n', '\r', '\0' };
	bool needs_quotes = strpbrk(text, special) != NULL || text[0] == ' ' || text[0] == '\t';

	if (needs_quotes)
		strbuf_char(out, '"');
	if (is_formula)
		strbuf_char(out, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			strbuf_char(out, '"');
		strbuf_char(out, *text);
	}
	if (needs_quotes)
		strbuf_char(out, '"');
}
