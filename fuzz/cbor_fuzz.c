/* What the strict readers take, the writers write again byte for byte: CBOR of a payload, header,
 * detail, and the body of an entry. */
#include <string.h>
#include "base/arena.h"
#include "fuzz.h"
#include "ledger/cbor.h"
#include "ledger/entry.h"

static void
write_item(const struct cbor_item *item, struct strbuf *out)
{
	switch (item->kind) {
	case CBOR_UINT:
		cbor_uint(out, item->number);
		break;
	case CBOR_NEGATIVE:
		cbor_integer(out, -1 - (int64_t)item->number);
		break;
	case CBOR_BYTES:
		cbor_bytes(out, item->bytes, item->count);
		break;
	case CBOR_TEXT:
		cbor_text(out, (const char *)item->bytes, item->count);
		break;
	case CBOR_ARRAY:
		cbor_array(out, (size_t)item->number);
		break;
	case CBOR_MAP:
		cbor_map(out, (size_t)item->number);
		break;
	case CBOR_BOOLEAN:
		cbor_boolean(out, item->number != 0);
		break;
	case CBOR_NULL:
		cbor_null(out);
		break;
	}
}

static void
check_cbor(const uint8_t *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct cbor_reader reader = { .at = bytes, .end = bytes + count };
	struct cbor_item item;

	if (!cbor_is_deterministic(bytes, count, false)) {
		assert(!cbor_is_deterministic(bytes, count, true));
		return;
	}
	while (reader.at < reader.end) {
		enum error e = cbor_next(&reader, &item);

		assert(e == OK);
		write_item(&item, &out);
	}
	assert(out.bytes == count && memcmp(out.text, bytes, count) == 0);
}

static void
check_parts(const uint8_t *bytes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf header = { 0 }, detail = { 0 };
	struct ledger_entry entry;

	if (entry_read(arena, bytes, count, NULL, 0, &entry) == OK) {
		assert(cbor_is_deterministic(bytes, count, true));
		enum error e = entry_write_header(&entry, &header);

		assert(e == OK);
		/* "absent or 0 done" is the one thing with two spellings. */
		if (entry.refused || header.bytes != count - 2)
			assert(header.bytes == count && memcmp(header.text, bytes, count) == 0);
	}
	if (count > 0 && entry_read(arena, NULL, 0, bytes, count, &entry) == OK) {
		assert(cbor_is_deterministic(bytes, count, true));
		enum error e = entry_write_detail(&entry, &detail);

		assert(e == OK && detail.bytes == count && memcmp(detail.text, bytes, count) == 0);
	}
}

static void
check_body(const uint8_t *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct entry_body body;

	if (entry_read_body(bytes, count, &body) != OK || !body.open)
		return;
	enum error e = entry_write_open((uint16_t)body.kind, body.bytes, body.byte_count, &out);

	assert(e == OK && out.bytes == count && memcmp(out.text, bytes, count) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	check_cbor(bytes, count);
	check_parts(bytes, count);
	check_body(bytes, count);
	return 0;
}
