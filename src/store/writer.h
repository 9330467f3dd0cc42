/* writer.h - the one thread that changes data. Jobs wait in a queue; the writer takes all that wait,
 * runs them in one transaction, each inside its own savepoint, commits once and answers them all.
 * Nothing waits in order to batch. Begin, savepoint, retry and commit are the writer's; a job's
 * function only reads and writes through the db it is given and never replies to a client. */
#pragma once
#include "store/db.h"

struct writer;

/* Embedded in the caller's request; lives until `done` returns. */
struct job {
	/* Runs in the writer's thread inside a savepoint. An error undoes all of it. May run again when
	 * the batch failed for another's reason: it must start afresh each time. */
	enum error (*run)(struct job *job, struct db *db);
	/* Called exactly once, in the writer's thread, after the commit was durable or the job had failed:
	 * `e` is run's result, or the commit's error. After a dry run too. NULL: nobody is told. */
	void (*done)(struct job *job, enum error e);
	bool dry_run;     /* run, then undo; `done` gets run's result */
	bool keeps;       /* set by run, in each run anew: though a dry run it left something that stays */
	bool alone;       /* wants a transaction of its own (long work) */
	struct job *next; /* the writer's, as what follows */
	struct job_wait *wait;
	enum error result;
};

/* What else lives and dies with the transaction (ledger streams in memory, counters). All in the
 * writer's thread; any may be NULL. */
struct writer_hooks {
	void *context;
	void (*begun)(void *context, struct db *db);
	void (*job_begun)(void *context);
	void (*job_undone)(void *context); /* back to job_begun */
	/* Before a dry run's undo and before each kept job's release: findings for one job. */
	enum error (*job_ended)(void *context, struct db *db, struct job *job);
	enum error (*batch_ended)(void *context, struct db *db); /* before the commit; findings */
	void (*committed)(void *context, struct db *db);
	/* The whole transaction is undone; also, without batch_ended, when no job of it was kept. */
	void (*undone)(void *context);
};

enum { WRITER_QUEUE_MAX = 65536, WRITER_BATCH_MAX = 512 };

/* Takes over `db` (from another thread's hands) and starts the thread and, for a file, the
 * checkpoint thread. `path` NULL: no checkpoint thread. When it fails the db stays the caller's. */
NODISCARD enum error writer_open(struct db *db, const char *path, const struct writer_hooks *hooks,
				 struct writer **ret_writer);
/* ERR_BUSY: the queue is full; ERR_STOPPING. The job is not taken then and `done` not called. */
NODISCARD enum error writer_submit(struct writer *writer, struct job *job);
/* Submits and waits; for the command line and tests, never from the writer's thread. Returns run's result or the
 * commit's. */
NODISCARD enum error writer_run(struct writer *writer, struct job *job);
/* Finishes what was taken, then stops; the db is closed. */
void writer_close(struct writer *writer);
DEFINE_AUTO(struct writer, writer_close)

struct writer_counts {
	uint64_t jobs, batches, failed_batches;
	uint64_t waiting;  /* now */
	int64_t wal_pages; /* after the last checkpoint */
};
void writer_count(struct writer *writer, struct writer_counts *ret_counts);
