/* index_log.h - the stream indexes of one log (docs/ledger.md section 5): counting its streams from the rows, the open
 * entry that states the outcome, and the check of all that was stated. Table ledger_index (migrations/0012-index.sql)
 * tells which entries those are. */
#pragma once
#include "ledger/index.h"
#include "ledger/ledger.h"

struct index_entry {
	uint64_t index; /* of the open entry */
	struct index_head head;
	unsigned char leaf[LEDGER_HASH_BYTES];
};
/* The newest index entry below `behind` (UINT64_MAX: of all). ERR_NOT_FOUND; ERR_DAMAGED: what the table names is no
 * index entry. */
NODISCARD enum error index_log_last(struct db *db, uint64_t behind, struct index_entry *ret_entry);

/* Writes the file for N, the log's size as `db` (a connection for reading, any thread's) sees it: from the newest
 * index's file and the rows since, or from all rows when that file is missing or damaged. `ret_head` has the
 * time 0. Short statements only. */
NODISCARD enum error index_log_count(struct db *db, const char *folder, struct index_head *ret_head);
/* Appends the open entry. In the writer's transaction. ERR_CONFLICT: it does not follow from the newest one. */
NODISCARD enum error index_log_append(struct ledger *ledger, struct db *db, const struct index_head *head,
				      uint64_t *ret_index);

/* Keeps the files of the newest INDEX_FILES_KEPT entries, and no others. */
NODISCARD enum error index_log_trim(struct db *db, const char *folder);

/* Computes from the rows again what every index entry says; the roots of the newest INDEX_FILES_KEPT, for older ones
 * streams and total. Their files in `folder` (NULL: not looked at), where they are, must be whole and say the same.
 * ERR_DAMAGED with the first index entry that is wrong, or UINT64_MAX when the table is. */
NODISCARD enum error index_log_verify(struct db *db, const char *folder, uint64_t *ret_bad_index);
