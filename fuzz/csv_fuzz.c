/* Rows come in order and without overlap, the reader gets to the end whatever stands in the file, and
 * a row that is written again reads as the same fields. */
#include <string.h>
#include "base/strbuf.h"
#include "fuzz.h"
#include "text/csv.h"
#include "text/utf8.h"

static void
write_and_read(const struct csv_row *row, char separator)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct csv_row again;

	/* A first row of separators alone makes the reader take the same one. */
	for (size_t i = 1; i < row->count || i < 2; i++)
		strbuf_char(&out, separator);
	strbuf_char(&out, '\n');
	for (size_t i = 0; i < row->count; i++) {
		if (i > 0)
			strbuf_char(&out, separator);
		csv_write_field(&out, row->fields[i], separator, false);
	}
	if (row->count == 1 && row->field_bytes[0] == 0)
		return; /* one empty field is a blank line */
	AUTO(csv_free) struct csv *csv = csv_new(out.text, out.bytes);

	assert(csv_separator(csv) == separator);
	enum error e = csv_next(csv, NULL, &again);

	assert(e == OK);
	e = csv_next(csv, NULL, &again);
	assert(e == OK && again.count == row->count);
	for (size_t i = 0; i < row->count; i++)
		assert(strcmp(again.fields[i], row->fields[i]) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	AUTO(csv_free) struct csv *csv = csv_new((const char *)bytes, count);
	struct csv_row row;
	size_t end = 0;
	int line = 0;

	for (enum error e = csv_next(csv, NULL, &row); e != ERR_NOT_FOUND; e = csv_next(csv, NULL, &row)) {
		assert(row.offset >= end && row.raw_bytes > 0 && row.offset + row.raw_bytes <= count &&
		       row.line > line);
		end = row.offset + row.raw_bytes;
		line = row.line;
		if (e != OK) {
			assert(e == ERR_BAD_INPUT && row.count == 0);
			continue;
		}
		assert(row.count >= 1 && row.count <= CSV_COLUMNS_MAX);
		for (size_t i = 0; i < row.count; i++)
			assert(strlen(row.fields[i]) == row.field_bytes[i] &&
			       utf8_is_valid(row.fields[i], row.field_bytes[i]));
		write_and_read(&row, csv_separator(csv));
	}
	return 0;
}
