/* wal.h - keeps the write-ahead log short without making a commit wait. A thread with a connection of its
 * own moves pages into the file while the writer goes on appending; so it never reaches the log's end, and
 * the log only begins anew when all of it was moved. The few pages left are therefore moved by the writer,
 * between two batches, once the thread says that it is near. */
#pragma once
#include "store/db.h"

struct wal;

/* `path` is the database's file. Starts the thread. */
NODISCARD enum error wal_open(const char *path, struct wal **ret_wal);
void wal_close(struct wal *wal);
DEFINE_AUTO(struct wal, wal_close)

/* The writer calls this between batches with its own db (db_leave_checkpoints). */
void wal_batch_ended(struct wal *wal, struct db *db);
/* The log's length after the last checkpoint, for metrics; from any thread. */
int64_t wal_pages(struct wal *wal);
