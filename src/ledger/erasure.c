#include "ledger/erasure.h"
#include "base/array.h"
#include "ledger/cbor.h"
#include <stdlib.h>

void
erased_ranges_done(struct erased_ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct erased_ranges){ 0 };
}

static void
push(struct erased_ranges *ranges, const struct erased_range *range)
{
	*ARRAY_PUSH(ranges->items, ranges->count, ranges->capacity) = *range;
}

void
erased_ranges_add(struct erased_ranges *ranges, uint64_t index, unsigned parts)
{
	struct erased_range *last = ranges->count == 0 ? NULL : &ranges->items[ranges->count - 1];

	if (last != NULL && last->last + 1 == index && last->parts == parts)
		last->last = index;
	else
		push(ranges, &(struct erased_range){ .first = index, .last = index, .parts = parts });
}

void
erasure_write(const struct erased_range *ranges, size_t count, struct strbuf *out)
{
	cbor_array(out, count);
	for (size_t i = 0; i < count; i++) {
		cbor_array(out, 3);
		cbor_uint(out, ranges[i].first);
		cbor_uint(out, ranges[i].last);
		cbor_uint(out, ranges[i].parts);
	}
}

static enum error
read_number(struct cbor_reader *reader, enum cbor_kind kind, uint64_t *ret_number)
{
	struct cbor_item item;

	TRY(cbor_next(reader, &item));
	if (item.kind != kind)
		return ERR_BAD_INPUT;
	*ret_number = item.number;
	return OK;
}

static enum error
read_range(struct cbor_reader *reader, uint64_t after, uint64_t by, struct erased_range *ret_range)
{
	uint64_t three = 0, parts = 0;

	TRY(read_number(reader, CBOR_ARRAY, &three));
	if (three != 3)
		return ERR_BAD_INPUT;
	TRY(read_number(reader, CBOR_UINT, &ret_range->first));
	TRY(read_number(reader, CBOR_UINT, &ret_range->last));
	TRY(read_number(reader, CBOR_UINT, &parts));
	ret_range->parts = (unsigned)parts;
	if (parts == 0 || parts > (ERASED_HEADER | ERASED_DETAIL | ERASED_PAYLOAD))
		return ERR_BAD_INPUT;
	return ret_range->first >= after && ret_range->first <= ret_range->last && ret_range->last < by ? OK
													: ERR_BAD_INPUT;
}

enum error
erasure_read(const void *payload, size_t bytes, uint64_t by, struct erased_ranges *ranges)
{
	struct cbor_reader reader = { .at = payload, .end = (const unsigned char *)payload + bytes, .strict = true };
	struct erased_range range = { 0 };
	uint64_t count = 0, after = 0;

	TRY(read_number(&reader, CBOR_ARRAY, &count));
	for (uint64_t i = 0; i < count; i++) {
		TRY(read_range(&reader, after, by, &range));
		push(ranges, &range);
		after = range.last + 1;
	}
	return reader.at == reader.end ? OK : ERR_BAD_INPUT;
}

static int
by_first(const void *left, const void *right)
{
	const struct erased_range *a = left, *b = right;

	return a->first < b->first ? -1 : a->first > b->first;
}

/* `from` is the first index that is not known to be named yet; both walks ascend. */
static bool
names_part(const struct erased_ranges *named, const struct erased_ranges *missing, unsigned part, uint64_t *ret_index)
{
	uint64_t covered = 0; /* what is looked at is named when it is below */
	size_t next = 0;

	for (size_t i = 0; i < missing->count; i++) {
		const struct erased_range *hole = &missing->items[i];

		if ((hole->parts & part) == 0)
			continue;
		for (uint64_t at = hole->first; at <= hole->last; at = covered) {
			while (next < named->count && covered <= at && named->items[next].first <= at) {
				const struct erased_range *range = &named->items[next++];

				if ((range->parts & part) != 0 && range->last >= at)
					covered = range->last + 1;
			}
			if (covered <= at) {
				*ret_index = at;
				return false;
			}
		}
	}
	return true;
}

bool
erasure_names(struct erased_ranges *named, const struct erased_ranges *missing, uint64_t *ret_index)
{
	uint64_t first = UINT64_MAX, index = 0;

	if (named->count > 0)
		qsort(named->items, named->count, sizeof(*named->items), by_first);
	for (int part = 0; part < SEAL_PART_COUNT; part++)
		if (!names_part(named, missing, 1U << part, &index) && index < first)
			first = index;
	if (first != UINT64_MAX)
		*ret_index = first;
	return first == UINT64_MAX;
}
