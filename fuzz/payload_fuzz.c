/* What entries say of their records, as replaying reads it. The input is two payloads, the first behind a byte with its
 * length: each that is read is deterministic CBOR, its cells come in order and lie in it; merging the two gives cells
 * that read the same way, in which the second one's word is the last and a second merge changes nothing. */
#include <string.h>
#include "fuzz.h"
#include "ledger/cbor.h"
#include "registry/payload.h"

/* Ascending codes, each with a value; how many. */
static size_t
check_cells(const unsigned char *cells, size_t bytes)
{
	struct cbor_reader reader = { .at = cells, .end = cells + bytes };
	uint64_t last = 0;
	size_t count = 0;
	struct cell cell;

	for (; cells_next(&reader, &cell); count++) {
		int64_t number = 0;

		assert(cell.code > last && cell.code != 0);
		assert(cell.bytes > 0 && cell.value >= cells && cell.value + cell.bytes <= cells + bytes);
		assert(cbor_is_deterministic(cell.value, cell.bytes, false));
		cell_is_empty(&cell);
		if (cell.code <= UINT32_MAX)
			cells_integer(cells, bytes, (uint32_t)cell.code, &number);
		last = cell.code;
	}
	assert(reader.at == reader.end);
	return count;
}

static bool
read_payload(const uint8_t *bytes, size_t count, struct payload *payload)
{
	if (payload_read(bytes, count, payload) != OK)
		return false;
	assert(cbor_is_deterministic(bytes, count, false));
	check_cells(payload->cells, payload->cell_bytes);
	return true;
}

static void
check_merge(const struct payload *before, const struct payload *after)
{
	AUTO(strbuf_done) struct strbuf merged = { 0 };
	AUTO(strbuf_done) struct strbuf again = { 0 };

	cells_merge(before->cells, before->cell_bytes, after->cells, after->cell_bytes, &merged);
	check_cells((const unsigned char *)merged.text, merged.bytes);
	struct cbor_reader reader = { .at = (const unsigned char *)merged.text,
				      .end = (const unsigned char *)merged.text + merged.bytes };
	struct cell cell;

	while (cells_next(&reader, &cell))
		assert(!cell_is_empty(&cell));
	cells_merge(merged.text, merged.bytes, after->cells, after->cell_bytes, &again);
	assert(cells_differ(merged.text, merged.bytes, again.text, again.bytes) == 0);
}

static void
check_edition(const uint8_t *bytes, size_t count)
{
	struct edition_reader reader;
	struct edition_fill fill;

	if (payload_read_edition(bytes, count, &reader) != OK)
		return;
	assert(cbor_is_deterministic(bytes, count, false));
	while (edition_next(&reader, &fill))
		assert(fill.cell.value >= bytes && fill.cell.value + fill.cell.bytes <= bytes + count);
	assert(reader.fills_left == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct payload first, second;
	size_t split = count == 0 ? 0 : bytes[0];

	if (count > 0) {
		bytes++;
		count--;
	}
	split = split < count ? split : count;
	bool has_first = read_payload(bytes, split, &first),
	     has_second = read_payload(bytes + split, count - split, &second);

	if (has_first && has_second)
		check_merge(&first, &second);
	check_edition(bytes, count);
	return 0;
}
