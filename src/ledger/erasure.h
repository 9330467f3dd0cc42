/* erasure.h - what an erasure says it erased (docs/ledger.md 6): the payload of an entry of kind 7, the deterministic
 * CBOR array of [first index, last index, parts] in ascending order. Pure. */
#pragma once
#include "base/arena.h"
#include "base/strbuf.h"
#include "ledger/seal.h"

/* Parts, summed. */
enum { ERASED_HEADER = 1 << SEAL_HEADER, ERASED_DETAIL = 1 << SEAL_DETAIL, ERASED_PAYLOAD = 1 << SEAL_PAYLOAD };

struct erased_range {
	uint64_t first, last; /* indexes, both included */
	unsigned parts;
};
struct erased_ranges { /* start with {0}; erased_ranges_done */
	struct erased_range *items;
	size_t count, capacity;
};
void erased_ranges_done(struct erased_ranges *ranges);
DEFINE_AUTO_DONE(struct erased_ranges, erased_ranges_done)

/* Of ascending indexes: joins the range before where it goes on. */
void erased_ranges_add(struct erased_ranges *ranges, uint64_t index, unsigned parts);
void erasure_write(const struct erased_range *ranges, size_t count, struct strbuf *out);
/* Adds to `ranges`. ERR_BAD_INPUT: not what erasure_write writes, or an index that is not below `by`, the erasure's own. */
NODISCARD enum error erasure_read(const void *payload, size_t bytes, uint64_t by, struct erased_ranges *ranges);
/* Is every part of `missing` (ascending) in one of `named`? `named` may overlap; it is sorted. False: *ret_index is the
 * first entry with a part that no erasure names. */
bool erasure_names(struct erased_ranges *named, const struct erased_ranges *missing, uint64_t *ret_index);
