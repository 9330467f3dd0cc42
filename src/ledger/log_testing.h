/* log_testing.h - for tests only: a log in a database of its own, with the streams 1 to 3. */
#pragma once
#include <unistd.h>
#include "ledger/testing.h"
#include "store/schema.h"

#define ORIGIN "registers.example/ledger"

struct log {
	char folder[64];
	char path[96];
	struct db *db;
	struct ledger *ledger;
};

static const unsigned char log_key[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static inline enum error
make_log(struct log *log)
{
	TRY(schema_migrate(log->db));
	TRY(ledger_open(log->db, ORIGIN, log_key, NULL, &log->ledger));
	for (int64_t stream = 1; stream <= 3; stream++)
		TRY(ledger_stream_begin(log->ledger, log->db, stream));
	return db_commit(log->db);
}

static inline int
set_up_log(void **state)
{
	struct log *log = calloc(1, sizeof(*log));

	snprintf(log->folder, sizeof(log->folder), "/tmp/tirkeu-ledger-XXXXXX");
	assert_non_null(mkdtemp(log->folder));
	snprintf(log->path, sizeof(log->path), "%s/db", log->folder);
	assert_int_equal(db_open(log->path, DB_WRITE, &log->db), OK);
	assert_int_equal(db_begin(log->db), OK);
	assert_int_equal(make_log(log), OK);
	ledger_committed(log->ledger);
	*state = log;
	return 0;
}

static inline int
tear_down_log(void **state)
{
	struct log *log = *state;
	char command[160];

	ledger_free(log->ledger);
	db_close(log->db);
	snprintf(command, sizeof(command), "rm -r %s", log->folder);
	assert_int_equal(system(command), 0);
	free(log);
	return 0;
}

static inline enum error
append_known(struct log *log, int64_t stream, uint64_t *ret_index)
{
	struct ledger_entry entry = known_entry();

	entry.payload = "\xa1\x01\x02";
	entry.payload_bytes = 3;
	return ledger_append(log->ledger, log->db, stream, &entry, ret_index);
}

/* One entry in a transaction of its own. */
static inline uint64_t
commit_known(struct log *log, int64_t stream)
{
	uint64_t index = 0;

	assert_int_equal(db_begin(log->db), OK);
	assert_int_equal(append_known(log, stream, &index), OK);
	assert_int_equal(db_commit(log->db), OK);
	ledger_committed(log->ledger);
	return index;
}

/* What the rows say is what memory says. */
static inline void
assert_sound(struct log *log)
{
	unsigned char rows[LEDGER_HASH_BYTES], memory[LEDGER_HASH_BYTES];
	uint64_t size = 0, bad = 0;

	assert_int_equal(ledger_verify(log->db, NULL, &size, rows, &bad), OK);
	ledger_root(log->ledger, memory);
	assert_int_equal(size, ledger_size(log->ledger));
	assert_memory_equal(rows, memory, sizeof(rows));
}

/* Closed and opened again: nothing is left of what was in memory. */
static inline void
reopen_log(struct log *log)
{
	ledger_free(TAKE(log->ledger));
	db_close(TAKE(log->db));
	assert_int_equal(db_open(log->path, DB_WRITE, &log->db), OK);
	assert_int_equal(ledger_open(log->db, ORIGIN, log_key, NULL, &log->ledger), OK);
}
