#include "cli/reject.h"
#include <string.h>
#include <stdio.h>
#include "cli/datadir.h"
#include "text/csv.h"
#include "text/utf8.h"

static const char *const extra[] = { "line", "column", "reason" };

struct paper {
	struct strbuf *out;
	const char *text;
	char separator;
	const char *line_end;
	size_t columns; /* without those of an earlier file of rejects */
};

static void
print_extra(const struct paper *paper, const char *const values[3])
{
	for (size_t i = 0; i < ARRAY_COUNT(extra); i++) {
		strbuf_char(paper->out, paper->separator);
		csv_write_field(paper->out, values[i], paper->separator, true);
	}
	strbuf_text(paper->out, paper->line_end);
}

static bool
is_reject_header(const struct csv_row *header)
{
	size_t count = ARRAY_COUNT(extra);

	for (size_t i = 0; header->count > count && i < count; i++)
		if (strcmp(header->fields[header->count - count + i], extra[i]) != 0)
			return false;
	return header->count > count;
}

/* The row as it stood: what is imported again must be what was rejected. */
static void
print_cells(const struct paper *paper, const struct csv_row *row, size_t all)
{
	for (size_t i = 0; i < paper->columns; i++) {
		if (i > 0)
			strbuf_char(paper->out, paper->separator);
		if (row->fields != NULL && row->count <= all && i < row->count)
			csv_write_field(paper->out, row->fields[i], paper->separator, false);
	}
}

static void
print_whole(const struct paper *paper, const struct csv_row *row)
{
	const char *text = paper->text + row->offset;
	AUTO(strbuf_done) struct strbuf cell = { 0 };
	size_t bytes = row->raw_bytes;

	while (bytes > 0 && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r'))
		bytes--;
	/* What is no UTF-8 would spoil the whole file of rejects for whoever opens it. */
	for (size_t i = 0; i < bytes;) {
		size_t sequence = text[i] == '\0' ? 0 : utf8_sequence(text + i, bytes - i);

		strbuf_add(&cell, sequence == 0 ? "\xef\xbf\xbd" : text + i, sequence == 0 ? 3 : sequence);
		i += sequence == 0 ? 1 : sequence;
	}
	csv_write_field(paper->out, cell.bytes == 0 ? "" : cell.text, paper->separator, false);
	for (size_t i = 1; i < paper->columns; i++)
		strbuf_char(paper->out, paper->separator);
}

static struct paper
begin_paper(const char *text, const struct csv *csv, const struct csv_row *header, struct strbuf *out)
{
	struct paper paper = { .out = out, .text = text, .separator = csv_separator(csv), .columns = header->count };
	size_t end = header->offset + header->raw_bytes;

	paper.line_end = end >= 2 && text[end - 1] == '\n' && text[end - 2] == '\r' ? "\r\n" : "\n";
	if (is_reject_header(header))
		paper.columns -= ARRAY_COUNT(extra);
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		strbuf_text(out, "\xef\xbb\xbf");
	print_cells(&paper, header, header->count);
	print_extra(&paper, extra);
	return paper;
}

void
reject_print(const char *text, size_t bytes, const struct import_reject *rejects, size_t count, struct strbuf *out)
{
	AUTO(csv_free) struct csv *csv = csv_new(text, bytes);
	struct csv_row row;
	uint64_t nr = 0;
	enum error e = csv_next(csv, NULL, &row);

	assert(e == OK); /* it was imported */
	size_t all = row.count;
	struct paper paper = begin_paper(text, csv, &row, out);

	for (size_t i = 0; i < count && e != ERR_NOT_FOUND;) {
		char line[16];

		e = csv_next(csv, NULL, &row);
		if (e == ERR_NOT_FOUND || ++nr != rejects[i].nr)
			continue;
		if (e != OK || row.count > all)
			print_whole(&paper, &row);
		else
			print_cells(&paper, &row, all);
		snprintf(line, sizeof(line), "%d", row.line);
		print_extra(&paper, (const char *const[3]){ line, rejects[i].field, rejects[i].reason });
		i++;
	}
}

enum error
reject_write_file(const char *path, const struct strbuf *content)
{
	return datadir_write_private(path, content->text, content->bytes);
}
