/* verify.h - the whole log read and computed again: bodies, tags, commitments, leaves and tree from the parts, salts
 * and keys beside them. Whoever wants to hold something else against the log (published tiles, the registers' tables)
 * watches the entries pass, once each and in order. Knows no files. */
#pragma once
#include "ledger/ledger.h"
#include "ledger/tree.h"

/* Functions may be NULL. An error of one of them ends the reading and is the answer; what they find wrong they keep for
 * themselves: ERR_DAMAGED is the log's own. */
struct verify_watch {
	void *context;
	/* Entry `tree->size - 1` as it is hashed, found sound; `tree` has it already. */
	enum error (*leaf)(void *context, const struct tree *tree, const void *body, size_t bytes,
			   const unsigned char leaf_hash[static LEDGER_HASH_BYTES]);
	/* The same entry's parts, when it is sealed; `record->erased` has 1 too when its header is gone, and then the
	 * entry is empty. All lives until it returns. */
	enum error (*entry)(void *context, const struct ledger_record *record);
	/* Each stream with its key and how many entries it has, once all entries have passed; by number. */
	enum error (*stream)(void *context, int64_t number, const unsigned char key[static 32], uint64_t count);
	/* Now and then. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
};

struct verify_result {
	uint64_t size;
	unsigned char root[LEDGER_HASH_BYTES];
	uint64_t erased; /* entries that lack a part, as an erasure says */
	uint64_t
		bad_index; /* ERR_DAMAGED: the first entry that is wrong; UINT64_MAX: it is no entry's, but the streams' */
};

/* Any thread's; sees one state of `db` whatever is written meanwhile, when the caller has begun a transaction. OK, or
 * ERR_DAMAGED with result->bad_index. `keys` as in ledger_open. */
NODISCARD enum error verify_log(struct db *db, struct data_keys *keys, const struct verify_watch *watch,
				struct verify_result *ret_result);
