#include "registry/payload.h"
#include <string.h>
#include "pack/input.h"

enum { HEAD_KEY = 0, ID_BYTES = 16, DIGEST_BYTES = 32 };
static const char edition_word[] = "edition";

/* ---- writing ---- */

static void
write_plain(struct strbuf *out, const struct value *value)
{
	if (value->kind == VALUE_TEXT)
		cbor_text(out, value->text, value->bytes);
	else if (value->kind == VALUE_NULL)
		cbor_null(out);
	else
		cbor_integer(out, value->integer);
}

void
payload_write_head(struct strbuf *out, const struct payload_head *head, size_t field_count)
{
	cbor_map(out, field_count + 1);
	cbor_uint(out, HEAD_KEY);
	cbor_array(out, head->reason == NULL ? 3 : 4);
	cbor_text(out, head->state->text, head->state->bytes);
	if (head->party == NULL)
		cbor_null(out);
	else
		cbor_bytes(out, head->party, ID_BYTES);
	cbor_integer(out, head->version);
	if (head->reason != NULL)
		write_plain(out, head->reason);
}

void
payload_write_value(struct strbuf *out, const struct field *field, const struct value *values)
{
	if (values[0].kind == VALUE_NULL) {
		cbor_null(out);
	} else if (field->type == FIELD_POINT) {
		cbor_array(out, 2);
		write_plain(out, &values[0]);
		write_plain(out, &values[1]);
	} else if (field->type == FIELD_BOOLEAN) {
		/* A database without booleans gives integers back. */
		cbor_boolean(out, values[0].integer != 0);
	} else {
		write_plain(out, &values[0]);
	}
}

/* The item with the lowest code above `code`; its first column. */
static const struct field *
next_item(const struct field *list, uint32_t code, size_t *ret_column)
{
	const struct field *next = NULL;
	size_t column = 0;

	for (size_t i = 0; i < list->item_count; i++) {
		const struct field *item = &list->items[i];

		if (item->code > code && (next == NULL || item->code < next->code)) {
			next = item;
			*ret_column = column;
		}
		column += input_columns(item);
	}
	return next;
}

void
payload_write_row(struct strbuf *out, const struct field *list, const struct value *values)
{
	size_t count = 0, at = 0, column = 0;

	for (size_t i = 0; i < list->item_count; at += input_columns(&list->items[i]), i++)
		count += values[at].kind != VALUE_NULL;
	cbor_map(out, count);
	for (const struct field *item = next_item(list, 0, &column); item != NULL;
	     item = next_item(list, item->code, &column)) {
		if (values[column].kind == VALUE_NULL)
			continue;
		cbor_uint(out, item->code);
		payload_write_value(out, item, &values[column]);
	}
}

void
payload_write_edition(struct strbuf *out, const unsigned char digest[static 32], int64_t day, size_t fill_count)
{
	cbor_map(out, 4);
	cbor_uint(out, 0);
	cbor_text(out, edition_word, strlen(edition_word));
	cbor_uint(out, 1);
	cbor_bytes(out, digest, DIGEST_BYTES);
	cbor_uint(out, 2);
	cbor_integer(out, day);
	cbor_uint(out, 3);
	cbor_array(out, fill_count);
}

void
payload_write_fill(struct strbuf *out, const struct reg *reg, const struct field *field, const struct value *values)
{
	cbor_array(out, 3);
	cbor_uint(out, reg->code);
	cbor_uint(out, field->code);
	payload_write_value(out, field, values);
}

/* ---- reading ---- */

static bool
next_is(struct cbor_reader *reader, enum cbor_kind kind, struct cbor_item *ret_item)
{
	return cbor_next(reader, ret_item) == OK && ret_item->kind == kind;
}

/* [state, party or null, version] or the same and a reason. */
static bool
read_head(struct cbor_reader *reader, struct payload *payload)
{
	struct cbor_item head, item;

	if (!next_is(reader, CBOR_ARRAY, &head) || head.number < 3 || head.number > 4 ||
	    !next_is(reader, CBOR_TEXT, &item))
		return false;
	payload->state = (const char *)item.bytes;
	payload->state_bytes = item.count;
	if (cbor_next(reader, &item) != OK ||
	    (item.kind != CBOR_NULL && (item.kind != CBOR_BYTES || item.count != ID_BYTES)))
		return false;
	if (!next_is(reader, CBOR_UINT, &item) || item.number < 1 || item.number > INT64_MAX)
		return false;
	payload->version = item.number;
	return head.number == 3 || (cbor_next(reader, &item) == OK && item.kind == CBOR_TEXT);
}

enum error
payload_read(const void *bytes, size_t count, struct payload *ret_payload)
{
	struct cbor_reader reader = { .at = bytes, .end = (const unsigned char *)bytes + count };
	struct cbor_item map, key;
	struct payload payload = { 0 };

	/* Keys ascend, nothing follows: from here on pairs can be walked without looking back. */
	if (!cbor_is_deterministic(bytes, count, false))
		return ERR_BAD_INPUT;
	if (!next_is(&reader, CBOR_MAP, &map) || map.number < 1 || !next_is(&reader, CBOR_UINT, &key) ||
	    key.number != HEAD_KEY || !read_head(&reader, &payload))
		return ERR_BAD_INPUT;
	payload.cells = reader.at;
	payload.cell_bytes = (size_t)(reader.end - reader.at);
	*ret_payload = payload;
	return OK;
}

bool
cells_next(struct cbor_reader *reader, struct cell *ret_cell)
{
	struct cbor_item key;

	if (reader->at == reader->end || !next_is(reader, CBOR_UINT, &key))
		return false;
	*ret_cell = (struct cell){ .code = key.number, .value = reader->at };
	if (cbor_skip(reader) != OK)
		return false;
	ret_cell->bytes = (size_t)(reader->at - ret_cell->value);
	return true;
}

bool
cell_is_empty(const struct cell *cell)
{
	enum { CBOR_BYTE_NULL = 0xf6, CBOR_BYTE_NO_ROWS = 0x80 };

	return cell->bytes == 1 && (cell->value[0] == CBOR_BYTE_NULL || cell->value[0] == CBOR_BYTE_NO_ROWS);
}

static struct cbor_reader
reader_over(const void *cells, size_t bytes)
{
	const unsigned char *at = bytes == 0 ? (const unsigned char *)"" : cells; /* none may be NULL */

	return (struct cbor_reader){ .at = at, .end = at + bytes };
}

static void
add_cell(struct strbuf *out, const struct cell *cell)
{
	if (cell_is_empty(cell))
		return;
	cbor_uint(out, cell->code);
	strbuf_add(out, cell->value, cell->bytes);
}

void
cells_merge(const void *before, size_t before_bytes, const void *after, size_t after_bytes, struct strbuf *out)
{
	struct cbor_reader old_reader = reader_over(before, before_bytes);
	struct cbor_reader new_reader = reader_over(after, after_bytes);
	struct cell old_cell, new_cell;
	bool has_old = cells_next(&old_reader, &old_cell), has_new = cells_next(&new_reader, &new_cell);

	while (has_old || has_new) {
		bool takes_new = has_new && (!has_old || new_cell.code <= old_cell.code);
		bool drops_old = has_old && (!has_new || old_cell.code <= new_cell.code);

		add_cell(out, takes_new ? &new_cell : &old_cell);
		if (takes_new)
			has_new = cells_next(&new_reader, &new_cell);
		if (drops_old)
			has_old = cells_next(&old_reader, &old_cell);
	}
}

bool
cells_integer(const void *cells, size_t bytes, uint32_t code, int64_t *ret_integer)
{
	struct cbor_reader reader = reader_over(cells, bytes);
	struct cell cell;

	while (cells_next(&reader, &cell)) {
		struct cbor_reader value = reader_over(cell.value, cell.bytes);
		struct cbor_item item;

		if (cell.code != code)
			continue;
		if (!next_is(&value, CBOR_UINT, &item) || item.number > INT64_MAX)
			return false;
		*ret_integer = (int64_t)item.number;
		return true;
	}
	return false;
}

uint64_t
cells_differ(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
	struct cbor_reader a_reader = reader_over(a, a_bytes), b_reader = reader_over(b, b_bytes);
	struct cell a_cell, b_cell;

	for (;;) {
		bool has_a = cells_next(&a_reader, &a_cell), has_b = cells_next(&b_reader, &b_cell);

		if (!has_a && !has_b)
			return 0;
		if (!has_a || !has_b || a_cell.code != b_cell.code)
			return has_a && (!has_b || a_cell.code < b_cell.code) ? a_cell.code : b_cell.code;
		if (a_cell.bytes != b_cell.bytes || memcmp(a_cell.value, b_cell.value, a_cell.bytes) != 0)
			return a_cell.code;
	}
}

static bool
read_fill(struct cbor_reader *reader, struct edition_fill *ret_fill)
{
	struct cbor_item item;

	if (!next_is(reader, CBOR_ARRAY, &item) || item.number != 3 || !next_is(reader, CBOR_UINT, &item))
		return false;
	ret_fill->reg_code = item.number;
	return cells_next(reader, &ret_fill->cell);
}

enum error
payload_read_edition(const void *bytes, size_t count, struct edition_reader *ret_reader)
{
	struct cbor_reader reader = reader_over(bytes, count);
	struct cbor_item item;

	if (count == 0 || !next_is(&reader, CBOR_MAP, &item) || !next_is(&reader, CBOR_UINT, &item) ||
	    item.number != 0 || !next_is(&reader, CBOR_TEXT, &item) || item.count != strlen(edition_word) ||
	    memcmp(item.bytes, edition_word, item.count) != 0)
		return ERR_NOT_FOUND;
	if (!cbor_is_deterministic(bytes, count, false) || cbor_skip(&reader) != OK || cbor_skip(&reader) != OK ||
	    cbor_skip(&reader) != OK || cbor_skip(&reader) != OK || !next_is(&reader, CBOR_UINT, &item) ||
	    item.number != 3 || !next_is(&reader, CBOR_ARRAY, &item))
		return ERR_BAD_INPUT;
	struct edition_reader walk = { .reader = reader, .fills_left = item.number };
	struct edition_fill fill;

	*ret_reader = walk;
	while (walk.fills_left > 0)
		if (!edition_next(&walk, &fill))
			return ERR_BAD_INPUT;
	return walk.reader.at == walk.reader.end ? OK : ERR_BAD_INPUT;
}

bool
edition_next(struct edition_reader *reader, struct edition_fill *ret_fill)
{
	if (reader->fills_left == 0 || !read_fill(&reader->reader, ret_fill))
		return false;
	reader->fills_left--;
	return true;
}
