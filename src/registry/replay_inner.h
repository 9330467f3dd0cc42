/* replay_inner.h - what replay.c and replay_compare.c share. Not for others. */
#pragma once
#include "base/strbuf.h"
#include "ledger/record_id.h"
#include "registry/replay.h"
#include "store/db.h"

/* Rows of the scratch file are found by one number: the register's place in the pack above the record's id. */
enum { REPLAY_ID_BITS = 44 };
static inline int64_t
replay_key(const struct reg *reg, int64_t record)
{
	return (int64_t)reg->index << REPLAY_ID_BITS | record;
}

/* Behind all records of the register. */
static inline int64_t
replay_key_behind(const struct reg *reg)
{
	return ((int64_t)reg->index + 1) << REPLAY_ID_BITS;
}

/* The entries of one act about one record: one in each stream, one behind the other. */
struct replay_group {
	bool is_open;
	unsigned char event[LEDGER_ID_BYTES], record_id[LEDGER_ID_BYTES];
	const struct reg *reg;
	int64_t record;
	uint64_t index; /* the first entry */
	struct strbuf payload;
	struct strbuf before, after; /* cells */
	int64_t *streams;
	size_t stream_count, stream_capacity;
};

struct replay {
	const struct pack *pack;
	struct record_key *key;
	struct db *db;             /* scratch */
	struct arena *arena, *row; /* of the whole; of one entry or one row of a table */
	const struct reg **owners; /* registers whose records can have streams */
	size_t owner_count;
	struct replay_group group;
	bool has_unknown; /* records of which an entry is erased */
	bool is_blind;    /* entries are erased of which nobody knows whose they were */
	int64_t highest;  /* number of a record */
	uint64_t checked, passed_over;
	struct replay_fault faults[REPLAY_FAULTS_KEPT];
	size_t kept;
	uint64_t fault_count;
	uint64_t kept_back; /* of those: REPLAY_KEPT_BACK, which a later edition may excuse */
};

void replay_note(struct replay *replay, const struct replay_fault *fault);
/* Is it one of which an entry is erased, so that it cannot be compared? */
NODISCARD enum error replay_is_unknown(struct replay *replay, int64_t key, bool *ret_unknown);
/* The group that is open is complete. */
void replay_end_group(struct replay *replay);
