/* checkpoint.h - keeps the write-ahead log short without making a commit wait. A thread with a connection of its
 * own moves pages into the file while the writer goes on appending; so it never reaches the log's end, and
 * the log only begins anew when all of it was moved. The few pages left are therefore moved by the writer,
 * between two batches, once the thread says that it is near. */
#pragma once
#include "store/db.h"

struct checkpoint;

/* `path` is the database's file. Starts the thread. */
NODISCARD enum error checkpoint_open(const char *path, struct checkpoint **ret_checkpoint);
void checkpoint_close(struct checkpoint *checkpoint);
DEFINE_AUTO(struct checkpoint, checkpoint_close)

/* The writer calls this between batches with its own db (db_leave_checkpoints). */
void checkpoint_batch_ended(struct checkpoint *checkpoint, struct db *db);
/* The log's length after the last checkpoint, for metrics; from any thread. */
int64_t checkpoint_wal_pages(struct checkpoint *checkpoint);
