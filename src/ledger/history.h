/* history.h - checking a person's own export (docs/ledger.md section 5): is each entry under a signed checkpoint, of
 * this stream, and what it says; and is the list complete. Pure: whoever has read the file hands over one part after
 * the other, so that a long history needs little memory. Nothing of it is believed before history_end said OK. */
#pragma once
#include "base/map.h"
#include "ledger/checkpoint.h"
#include "ledger/index.h"
#include "ledger/ledger.h"
#include "ledger/seal.h"

enum history_fault {
	HISTORY_SOUND,
#define HISTORY_FAULT(id, kk, ru, en) HISTORY_##id,
#include "ledger/history.def"
#undef HISTORY_FAULT
};
/* "the entry is not under the checkpoint" */
const char *history_fault_text(enum history_fault fault, enum language language);

enum history_why { HISTORY_WITHHELD, HISTORY_ERASED };

/* A part of an entry. */
struct history_part {
	const void *bytes; /* NULL: not given */
	size_t count;
	const unsigned char *salt; /* SEAL_SALT_BYTES; NULL when not given */
	/* Not given: */
	bool is_told; /* why not */
	enum history_why why;
	uint64_t rule;      /* retention rule */
	uint64_t erased_by; /* the erasure's entry */
};
struct history_entry {
	uint64_t n; /* of `referred`: 0 */
	uint64_t index;
	const void *leaf; /* the entry itself */
	size_t leaf_bytes;
	struct proof proof;
	struct history_part parts[SEAL_PART_COUNT];
};
/* What stands before the entries. */
struct history_head {
	const char *checkpoint; /* the signed note */
	size_t checkpoint_bytes;
	unsigned char stream_key[SEAL_KEY_BYTES];
	unsigned char check[SEAL_CHECK_BYTES];
	uint64_t index_entry; /* where the stream index stands in the log */
	const void *index_leaf;
	size_t index_leaf_bytes;
	struct proof index_proof;
	uint64_t position, count; /* the stream's record in it */
	struct proof record_proof;
};

enum { HISTORY_CURRENT_HOURS = 25 };

struct history { /* start with {0}; history_done at the end */
	struct checkpoint checkpoint;
	unsigned char stream_key[SEAL_KEY_BYTES];
	struct index_head index;
	uint64_t count;        /* what the index says */
	uint64_t seen;         /* entries so far */
	uint64_t covered_seen; /* of them below index.covered */
	uint64_t last_index;
	struct map referred; /* entry index that a reveal named -> 1 once it was given, 0 before */
	uint64_t referred_left;
	enum history_fault fault;
	uint64_t fault_index; /* the entry at fault; UINT64_MAX: none in particular */
};
void history_done(struct history *history);
DEFINE_AUTO_DONE(struct history, history_done)

/* All of these: ERR_BAD_INPUT with history->fault. `log` is the key that the reader trusts. */
NODISCARD enum error history_begin(struct history *history, const struct history_head *head,
				   const struct note_key *log);
/* Entries in the order of n, then those of `referred` in any order. `ret_entry` is what the header says, in `arena`
 * and pointing into the part; absent (kind LEDGER_KIND_COUNT) when the header was erased. */
NODISCARD enum error history_next(struct history *history, const struct history_entry *entry, struct arena *arena,
				  struct ledger_entry *ret_entry);
NODISCARD enum error history_next_referred(struct history *history, const struct history_entry *entry,
					   struct arena *arena, struct ledger_entry *ret_entry);
/* OK: the list is complete up to index.covered, that is until index.time_s. */
NODISCARD enum error history_end(struct history *history);
/* Not older than HISTORY_CURRENT_HOURS. */
bool history_is_current(const struct history *history, uint64_t now_s);
/* Notes the fault and returns ERR_BAD_INPUT; for whoever reads the file. */
NODISCARD enum error history_refuse(struct history *history, enum history_fault fault, uint64_t index);
