/* index.h - the stream index (docs/ledger.md section 5): for every stream its id and how many entries it has below a
 * size N, sorted, as leaves of a tree whose root an open entry of kind 2 puts into the log. One file for each N in a
 * folder of their own, DIR/store/index/<N>; they are derived and can be made again from the log. Knows no SQL. */
#pragma once
#include "ledger/proof.h"

enum { INDEX_ID_BYTES = 32, INDEX_RECORD_BYTES = 40, INDEX_HEAD_BYTES = 64, INDEX_FILES_KEPT = 8 };

/* The body of the open entry. */
struct index_head {
	uint64_t time_s;
	uint64_t covered; /* N */
	uint64_t streams; /* records */
	uint64_t total;   /* sum of the counts */
	unsigned char root[TREE_HASH_BYTES];
};
void index_head_write(const struct index_head *head, unsigned char ret_bytes[static INDEX_HEAD_BYTES]);
void index_head_read(const unsigned char bytes[static INDEX_HEAD_BYTES], struct index_head *ret_head);
/* May `head` come after `before`? N grows, the time does not go back, no stream disappears, no count falls. */
bool index_head_follows(const struct index_head *before, const struct index_head *head);

struct index_record {
	unsigned char id[INDEX_ID_BYTES]; /* seal_stream_id */
	uint64_t count;                   /* at least 1 */
};
void index_record_leaf(const struct index_record *record, unsigned char ret_leaf[static TREE_HASH_BYTES]);

/* One file for reading; one thread's. Whatever is read from it is checked against its root. */
struct index_file;
/* ERR_NOT_FOUND; ERR_DAMAGED: no such file of ours, or cut short; ERR_IO. */
NODISCARD enum error index_file_open(const char *folder, uint64_t covered, struct index_file **ret_file);
void index_file_close(struct index_file *file);
DEFINE_AUTO(struct index_file, index_file_close)
/* What its entry must say; the time, which the file does not know, is 0. */
const struct index_head *index_file_head(const struct index_file *file);
/* The record of a stream, where it stands, and its path to the root. ERR_NOT_FOUND: the stream has no entry below N;
 * ERR_DAMAGED: the path does not lead to the root. */
NODISCARD enum error index_file_find(const struct index_file *file, const unsigned char id[static INDEX_ID_BYTES],
				     uint64_t *ret_position, uint64_t *ret_count, struct proof *ret_proof);
/* Reads all of it: order, counts, total, every hash, the root. ERR_DAMAGED. */
NODISCARD enum error index_file_check(const struct index_file *file);

/* Writes the file for N = `covered`: the records of `before` (NULL: none) with the counts of `additions` added, which
 * are sorted by id, none twice. It has its name only when all of it is on the disk. ERR_DAMAGED: `before` is not what
 * its root says, or N does not grow. `ret_head` has the time 0. */
NODISCARD enum error index_file_merge(const char *folder, const struct index_file *before,
				      const struct index_record *additions, size_t count, uint64_t covered,
				      struct index_head *ret_head);
/* Deletes all files but those of the given sizes: also what a crash left. */
NODISCARD enum error index_folder_trim(const char *folder, const uint64_t *covered, size_t count);
