#include "ledger/cbor.h"
#include "ledger/bytes.h"
#include "text/utf8.h"

enum major { MAJOR_UINT, MAJOR_NEGATIVE, MAJOR_BYTES, MAJOR_TEXT, MAJOR_ARRAY, MAJOR_MAP, MAJOR_TAG, MAJOR_SIMPLE };
enum { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21, SIMPLE_NULL = 22 };
enum { WIDTH_CODE_FIRST = 24, WIDTH_CODE_LAST = 27, DEPTH_MAX = 8 };

static void
write_head(struct strbuf *out, enum major major, uint64_t number)
{
	unsigned char head[9];
	int code = number < 24            ? (int)number
		   : number <= UINT8_MAX  ? 24
		   : number <= UINT16_MAX ? 25
		   : number <= UINT32_MAX ? 26
					  : 27;
	size_t width = code < WIDTH_CODE_FIRST ? 0 : (size_t)1 << (code - WIDTH_CODE_FIRST);

	head[0] = (unsigned char)(major << 5 | code);
	for (size_t i = width; i > 0; i--, number >>= 8)
		head[i] = (unsigned char)number;
	strbuf_add(out, head, 1 + width);
}

void
cbor_uint(struct strbuf *out, uint64_t number)
{
	write_head(out, MAJOR_UINT, number);
}

void
cbor_integer(struct strbuf *out, int64_t number)
{
	if (number >= 0)
		write_head(out, MAJOR_UINT, (uint64_t)number);
	else
		write_head(out, MAJOR_NEGATIVE, ~(uint64_t)number); /* -1 - number */
}

void
cbor_bytes(struct strbuf *out, const void *bytes, size_t count)
{
	write_head(out, MAJOR_BYTES, count);
	strbuf_add(out, bytes, count);
}

void
cbor_text(struct strbuf *out, const char *text, size_t bytes)
{
	write_head(out, MAJOR_TEXT, bytes);
	strbuf_add(out, text, bytes);
}

void
cbor_array(struct strbuf *out, size_t count)
{
	write_head(out, MAJOR_ARRAY, count);
}

void
cbor_map(struct strbuf *out, size_t count)
{
	write_head(out, MAJOR_MAP, count);
}

void
cbor_boolean(struct strbuf *out, bool truth)
{
	write_head(out, MAJOR_SIMPLE, truth ? SIMPLE_TRUE : SIMPLE_FALSE);
}

void
cbor_null(struct strbuf *out)
{
	write_head(out, MAJOR_SIMPLE, SIMPLE_NULL);
}

/* The number of a head, which must stand in the shortest form that can hold it. */
static bool
read_number(struct cbor_reader *reader, unsigned code, uint64_t *ret_number)
{
	if (code < WIDTH_CODE_FIRST) {
		*ret_number = code;
		return true;
	}
	if (code > WIDTH_CODE_LAST)
		return false;
	size_t width = (size_t)1 << (code - WIDTH_CODE_FIRST);

	if ((size_t)(reader->end - reader->at) < width)
		return false;
	uint64_t number = get_unsigned(reader->at, width);
	uint64_t least = width == 1 ? WIDTH_CODE_FIRST : UINT64_C(1) << (4 * width);

	if (number < least)
		return false;
	reader->at += width;
	*ret_number = number;
	return true;
}

static bool
text_is_allowed(const struct cbor_reader *reader, const unsigned char *text, size_t bytes)
{
	if (reader->strict)
		for (size_t i = 0; i < bytes; i++)
			if (text[i] < 0x20)
				return false;
	return utf8_is_valid((const char *)text, bytes);
}

static bool
read_string(struct cbor_reader *reader, struct cbor_item *item)
{
	if (item->number > (size_t)(reader->end - reader->at))
		return false;
	item->bytes = reader->at;
	item->count = (size_t)item->number;
	if (item->kind == CBOR_TEXT && !text_is_allowed(reader, item->bytes, item->count))
		return false;
	reader->at += item->count;
	return true;
}

/* false, true and null, which only payloads have. */
static bool
read_simple(const struct cbor_reader *reader, unsigned code, struct cbor_item *item)
{
	if (reader->strict || code < SIMPLE_FALSE || code > SIMPLE_NULL)
		return false;
	item->kind = code == SIMPLE_NULL ? CBOR_NULL : CBOR_BOOLEAN;
	item->number = code == SIMPLE_TRUE;
	return true;
}

static bool
read_item(struct cbor_reader *reader, struct cbor_item *item)
{
	if (reader->at == reader->end)
		return false;
	enum major major = *reader->at >> 5;
	unsigned code = *reader->at & 0x1f;

	reader->at++;
	if (major == MAJOR_SIMPLE)
		return read_simple(reader, code, item);
	if (major == MAJOR_TAG || !read_number(reader, code, &item->number))
		return false;
	size_t left = (size_t)(reader->end - reader->at);

	item->kind = (enum cbor_kind)major; /* the kinds stand in the order of the major types */
	switch (item->kind) {
	case CBOR_NEGATIVE:
		return !reader->strict && item->number <= INT64_MAX;
	case CBOR_BYTES:
	case CBOR_TEXT:
		return read_string(reader, item);
	case CBOR_ARRAY:
		return item->number <= left; /* each element takes a byte at least */
	case CBOR_MAP:
		return item->number <= left / 2;
	default:
		return true;
	}
}

enum error
cbor_next(struct cbor_reader *reader, struct cbor_item *ret_item)
{
	struct cbor_item item = { 0 };

	if (!read_item(reader, &item))
		return ERR_BAD_INPUT;
	*ret_item = item;
	return OK;
}

static bool
skip_value(struct cbor_reader *reader, int depth)
{
	struct cbor_item item;
	uint64_t last_key = 0;

	if (cbor_next(reader, &item) != OK)
		return false;
	if (item.kind != CBOR_ARRAY && item.kind != CBOR_MAP)
		return true;
	if (depth == DEPTH_MAX)
		return false;
	for (uint64_t i = 0; i < item.number; i++) {
		if (item.kind == CBOR_MAP) {
			struct cbor_item key;

			if (cbor_next(reader, &key) != OK || key.kind != CBOR_UINT)
				return false;
			if (i > 0 && key.number <= last_key)
				return false;
			last_key = key.number;
		}
		if (!skip_value(reader, depth + 1))
			return false;
	}
	return true;
}

enum error
cbor_skip(struct cbor_reader *reader)
{
	return skip_value(reader, 0) ? OK : ERR_BAD_INPUT;
}

bool
cbor_is_deterministic(const void *bytes, size_t count, bool strict)
{
	struct cbor_reader reader = { .at = bytes, .end = (const unsigned char *)bytes + count, .strict = strict };

	return count > 0 && skip_value(&reader, 0) && reader.at == reader.end;
}
