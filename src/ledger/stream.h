/* stream.h - how many entries each stream has and which is its last, for all streams, in memory:
 * 16 bytes a stream in a table at most three quarters full. What a transaction changes is noted in a
 * journal, so that a savepoint or the whole of it can be undone. Not for several threads at once. */
#pragma once
#include "base/base.h"

/* Bounds of what fits: numbers -1024 < number < 2^44 - 1024, n < 2^36, indexes < 2^48. */
#define STREAM_NUMBER_FIRST INT64_C(-1023)
#define STREAM_NUMBER_BEHIND ((INT64_C(1) << 44) - 1024)
#define STREAM_N_BEHIND (UINT64_C(1) << 36)
#define STREAM_INDEX_BEHIND (UINT64_C(1) << 48)

struct stream_slot {
	uint64_t number_and_n; /* number + 1024 in the upper 44 bits (0: empty), n's upper 20 bits */
	uint64_t last_and_n;   /* last index in the upper 48 bits, n's lower 16 bits */
};
struct stream_change {
	int64_t number;
	struct stream_slot before; /* all zero: the stream was not there */
};
struct stream_table { /* start with {0} */
	struct stream_slot *slots;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
	struct stream_change *journal;
	size_t change_count;
	size_t change_capacity;
};
void stream_table_done(struct stream_table *table);
DEFINE_AUTO_DONE(struct stream_table, stream_table_done)

struct stream {
	uint64_t n;    /* entries so far */
	uint64_t last; /* index of the last one; meaningless while n is 0 */
};
/* false: there is no such stream. */
bool stream_find(const struct stream_table *table, int64_t number, struct stream *ret_stream);
/* Adds an empty stream. ERR_DUPLICATE; ERR_BAD_INPUT: the number is out of bounds. */
NODISCARD enum error stream_add(struct stream_table *table, int64_t number);
/* The stream, which must exist, gets its next entry. */
void stream_advance(struct stream_table *table, int64_t number, uint64_t index);

/* The journal's length is a mark; undoing goes back to one, 0 being the transaction's begin. `undone` (may be
 * NULL) is told each stream that is no longer there. */
size_t stream_mark(const struct stream_table *table);
void stream_undo(struct stream_table *table, size_t mark, void (*undone)(void *context, int64_t number), void *context);
/* What was done stays; the journal is empty again. */
void stream_keep(struct stream_table *table);
