/* table.h - the ledger's two tables (migrations/0002-ledger.sql): all SQL of this floor, and the rule by
 * which a row follows from the rows before it. */
#pragma once
#include "ledger/data_key.h"
#include "ledger/entry.h"
#include "ledger/key_cache.h"
#include "ledger/seal.h"
#include "ledger/stream.h"
#include "ledger/tree.h"
#include "store/db.h"

/* Bytes of a column; until the query's next step. */
struct row_bytes {
	bool absent; /* NULL */
	const void *bytes;
	size_t count;
};
struct row {
	uint64_t index;
	bool has_stream, has_n, has_prev;
	int64_t stream;
	uint64_t n, prev;
	struct row_bytes body;
	/* By enum seal_part; only of a query for whole rows, and readable after row_show. Absent in a sealed entry: erased. */
	struct row_bytes parts[SEAL_PART_COUNT];
	struct row_bytes salts[SEAL_PART_COUNT];
	bool has_key;
	uint32_t data_key;
	struct row_bytes iv;
};

/* One part of an entry that is being written. */
struct sealed_part {
	const void *bytes;
	size_t count;
	unsigned char salt[SEAL_SALT_BYTES];
};
/* How a row's parts are hidden; number 0: they are not. */
struct row_hiding {
	uint32_t number;
	unsigned char iv[DATA_KEY_IV_BYTES];
	/* Salt and data under the part's key. */
	const void *parts[SEAL_PART_COUNT];
	size_t counts[SEAL_PART_COUNT];
};
struct sealed_row {
	uint64_t index;
	int64_t stream;
	struct stream before;      /* the stream without this entry */
	const unsigned char *body; /* ENTRY_SEALED_BYTES */
	struct sealed_part parts[SEAL_PART_COUNT];
	struct row_hiding hiding;
};
NODISCARD enum error table_append_sealed(struct db *db, const struct sealed_row *row);
NODISCARD enum error table_append_open(struct db *db, uint64_t index, const void *body, size_t bytes);
NODISCARD enum error table_add_stream(struct db *db, int64_t number, const unsigned char key[static SEAL_KEY_BYTES]);

/* Adds all streams, empty. ERR_DAMAGED: a key of the wrong length, a number out of bounds. */
NODISCARD enum error table_load_streams(struct db *db, struct stream_table *streams);
/* All streams by number: number, key. Never NULL, as db_query. */
struct query *table_streams(struct db *db);
/* Through `keys`. ERR_NOT_FOUND; ERR_DAMAGED: not 32 bytes. */
NODISCARD enum error table_stream_key(struct db *db, struct key_cache *keys, int64_t number,
				      unsigned char ret_key[static SEAL_KEY_BYTES]);
/* Two streams with one key would carry the same tags. ERR_DAMAGED. */
NODISCARD enum error table_keys_differ(struct db *db);

/* All rows by ascending index; without parts and salts unless `whole`. Never NULL, as db_query. */
struct query *table_rows(struct db *db, bool whole);
/* Columns idx and body of first <= idx < behind, by ascending idx. */
struct query *table_bodies(struct db *db, uint64_t first, uint64_t behind);
/* Columns stream (NULL of an open entry) and body of one row. */
struct query *table_stream_of(struct db *db, uint64_t index);
/* Columns idx and data_key of the sealed entries first <= idx < behind that lie under one, by ascending idx. */
struct query *table_hidden(struct db *db, uint64_t first, uint64_t behind);
/* Column idx of the last row. */
struct query *table_last(struct db *db);
/* One whole row. */
struct query *table_row(struct db *db, uint64_t index);
void row_read(const struct query *query, bool whole, struct row *ret_row);
/* Checks that the row is the next one for `streams` and `tree`, and takes it in. False: it is not, and nothing
 * changed. `ret_body` points into the row. */
bool row_follows(const struct row *row, struct stream_table *streams, struct tree *tree, struct entry_body *ret_body);
/* Brings a whole row's hidden parts and salts to light, in `arena`. `keys` may be NULL where no row has any.
 * A part whose key is destroyed becomes absent. ERR_DAMAGED: there is no such key, or the bytes cannot be. */
NODISCARD enum error row_show(struct row *row, struct data_keys *keys, struct arena *arena);
/* Each part of a sealed, shown row that is there has its salt and is what the body commits to. */
bool row_holds(const struct row *row, const struct entry_body *body);
