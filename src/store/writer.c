/* One batch:
 *
 *   begin · for each job: savepoint, run, job_ended, release (or rollback to it) · batch_ended · commit · done for each
 *
 * What cannot be any job's fault (the disk, a lock) fails all jobs of the batch. What may be the fault of one
 * undoes the batch and runs its jobs once more, each in a transaction of its own, so that only the guilty fails;
 * hence no job runs more than twice. A batch that kept nothing is undone rather than committed. */
#include "store/writer.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "store/wal.h"

/* The savepoint around a job; jobs nest theirs above it. */
enum { JOB_LEVEL = 0 };

struct writer {
	struct db *db;
	struct wal *wal; /* NULL: none */
	struct writer_hooks hooks;
	pthread_t thread;
	pthread_mutex_t lock;
	/* under `lock` */
	pthread_cond_t filled;
	struct job *first, **end;
	uint64_t waiting;
	bool asleep;
	bool stopping;
	/* the thread's */
	struct job *batch[WRITER_BATCH_MAX];
	size_t kept_count;
	_Atomic uint64_t jobs, batches, failed_batches;
};

/* Whoever stands in writer_run. */
struct job_wait {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool has_ended;
	enum error result;
};

static void
answer(struct job *job, enum error e)
{
	struct job_wait *wait = job->wait;

	if (job->done != NULL)
		job->done(job, e); /* the job may be gone after this */
	if (wait == NULL)
		return;
	pthread_mutex_lock(&wait->lock);
	wait->has_ended = true;
	wait->result = e;
	pthread_cond_signal(&wait->ended);
	pthread_mutex_unlock(&wait->lock);
}

/* ---- one transaction, in the writer's thread ---- */

static enum error
run_in_savepoint(struct writer *writer, struct job *job)
{
	struct writer_hooks *hooks = &writer->hooks;
	enum error e = job->run(job, writer->db);

	if (e == OK && hooks->job_ended != NULL)
		e = hooks->job_ended(hooks->context, writer->db, job);
	return e;
}

static enum error
undo_job(struct writer *writer)
{
	struct writer_hooks *hooks = &writer->hooks;

	TRY(db_rollback_to(writer->db, JOB_LEVEL));
	TRY(db_release(writer->db, JOB_LEVEL));
	if (hooks->job_undone != NULL)
		hooks->job_undone(hooks->context);
	return OK;
}

/* The job's own failure goes to job->result; an error here means that the transaction is lost, as SQLite does to it
 * when the disk is full in the middle of a write. */
static enum error
run_job(struct writer *writer, struct job *job)
{
	struct writer_hooks *hooks = &writer->hooks;

	if (hooks->job_begun != NULL)
		hooks->job_begun(hooks->context);
	TRY(db_savepoint(writer->db, JOB_LEVEL));
	job->result = run_in_savepoint(writer, job);
	if (job->result == OK && (!job->dry_run || job->keeps)) {
		writer->kept_count++;
		return db_release(writer->db, JOB_LEVEL);
	}
	enum error e = undo_job(writer);

	return e == OK || job->result == OK ? e : job->result;
}

static enum error
finish_batch(struct writer *writer)
{
	struct writer_hooks *hooks = &writer->hooks;

	if (hooks->batch_ended != NULL)
		TRY(hooks->batch_ended(hooks->context, writer->db));
	return db_commit(writer->db);
}

static enum error
run_jobs(struct writer *writer, struct job **jobs, size_t count)
{
	writer->kept_count = 0;
	for (size_t i = 0; i < count; i++)
		TRY(run_job(writer, jobs[i]));
	return writer->kept_count == 0 ? OK : finish_batch(writer);
}

static enum error
run_transaction(struct writer *writer, struct job **jobs, size_t count)
{
	struct writer_hooks *hooks = &writer->hooks;

	TRY(db_begin(writer->db));
	if (hooks->begun != NULL)
		hooks->begun(hooks->context, writer->db);
	enum error e = run_jobs(writer, jobs, count);

	if (e == OK && writer->kept_count > 0) {
		if (hooks->committed != NULL)
			hooks->committed(hooks->context, writer->db);
		return OK;
	}
	db_rollback(writer->db);
	if (hooks->undone != NULL)
		hooks->undone(hooks->context);
	return e;
}

/* ---- batches ---- */

static bool
may_be_one_jobs_fault(enum error e)
{
	return e != ERR_IO && e != ERR_DAMAGED && e != ERR_BUSY && e != ERR_STOPPING;
}

static void
answer_all(struct job **jobs, size_t count, enum error e)
{
	for (size_t i = 0; i < count; i++)
		answer(jobs[i], e == OK ? jobs[i]->result : e);
}

static void
run_batch(struct writer *writer, struct job **jobs, size_t count)
{
	enum error e = run_transaction(writer, jobs, count);

	atomic_fetch_add(&writer->batches, 1);
	if (e != OK)
		atomic_fetch_add(&writer->failed_batches, 1);
	if (e != OK && count > 1 && may_be_one_jobs_fault(e)) {
		for (size_t i = 0; i < count; i++)
			run_batch(writer, &jobs[i], 1);
		return;
	}
	atomic_fetch_add(&writer->jobs, count);
	answer_all(jobs, count, e);
}

/* Takes all that waits, in order; a job that wants to be alone is a batch of its own. */
static size_t
take_waiting(struct writer *writer)
{
	size_t count = 0;

	while (writer->first != NULL && count < WRITER_BATCH_MAX) {
		struct job *job = writer->first;

		if (job->alone && count > 0)
			break;
		writer->first = job->next;
		writer->batch[count++] = job;
		if (job->alone)
			break;
	}
	if (writer->first == NULL)
		writer->end = &writer->first;
	writer->waiting -= count;
	return count;
}

/* 0: stopping and nothing is left. */
static size_t
wait_for_jobs(struct writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	while (writer->first == NULL && !writer->stopping) {
		writer->asleep = true;
		pthread_cond_wait(&writer->filled, &writer->lock);
		writer->asleep = false;
	}
	size_t count = take_waiting(writer);

	pthread_mutex_unlock(&writer->lock);
	return count;
}

static void *
run_writer(void *context)
{
	struct writer *writer = context;

	for (size_t count = wait_for_jobs(writer); count > 0; count = wait_for_jobs(writer)) {
		run_batch(writer, writer->batch, count);
		if (writer->wal != NULL)
			wal_batch_ended(writer->wal, writer->db);
	}
	return NULL;
}

/* ---- from any thread ---- */

static void
free_writer(struct writer *writer)
{
	wal_close(writer->wal);
	pthread_cond_destroy(&writer->filled);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

enum error
writer_open(struct db *db, const char *path, const struct writer_hooks *hooks, struct writer **ret_writer)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	enum error e = OK;

	if (writer == NULL)
		return ERR_NO_MEMORY;
	writer->db = db;
	writer->end = &writer->first;
	if (hooks != NULL)
		writer->hooks = *hooks;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->filled, NULL);
	if (path != NULL) {
		e = wal_open(path, &writer->wal);
		db_leave_checkpoints(db);
	}
	if (e == OK && pthread_create(&writer->thread, NULL, run_writer, writer) != 0)
		e = ERR_NO_MEMORY;
	if (e != OK) {
		free_writer(writer);
		return e;
	}
	*ret_writer = writer;
	return OK;
}

/* Under the lock. */
static enum error
enqueue(struct writer *writer, struct job *job)
{
	if (writer->stopping)
		return ERR_STOPPING;
	if (writer->waiting >= WRITER_QUEUE_MAX)
		return ERR_BUSY;
	job->next = NULL;
	*writer->end = job;
	writer->end = &job->next;
	writer->waiting++;
	if (writer->asleep)
		pthread_cond_signal(&writer->filled);
	return OK;
}

static enum error
submit(struct writer *writer, struct job *job, struct job_wait *wait)
{
	assert(job->run != NULL);
	job->wait = wait;
	job->result = OK;
	pthread_mutex_lock(&writer->lock);
	enum error e = enqueue(writer, job);

	pthread_mutex_unlock(&writer->lock);
	return e;
}

enum error
writer_submit(struct writer *writer, struct job *job)
{
	return submit(writer, job, NULL);
}

enum error
writer_run(struct writer *writer, struct job *job)
{
	struct job_wait wait = { .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER };

	assert(!pthread_equal(pthread_self(), writer->thread));
	TRY(submit(writer, job, &wait));
	pthread_mutex_lock(&wait.lock);
	while (!wait.has_ended)
		pthread_cond_wait(&wait.ended, &wait.lock);
	pthread_mutex_unlock(&wait.lock);
	pthread_cond_destroy(&wait.ended);
	pthread_mutex_destroy(&wait.lock);
	return wait.result;
}

void
writer_close(struct writer *writer)
{
	if (writer == NULL)
		return;
	pthread_mutex_lock(&writer->lock);
	writer->stopping = true;
	pthread_cond_signal(&writer->filled);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	struct db *db = writer->db;

	free_writer(writer);
	db_close(db); /* the last to close moves the whole log into the file */
}

void
writer_count(struct writer *writer, struct writer_counts *ret_counts)
{
	pthread_mutex_lock(&writer->lock);
	uint64_t waiting = writer->waiting;

	pthread_mutex_unlock(&writer->lock);
	*ret_counts = (struct writer_counts){
		.jobs = atomic_load(&writer->jobs),
		.batches = atomic_load(&writer->batches),
		.failed_batches = atomic_load(&writer->failed_batches),
		.waiting = waiting,
		.wal_pages = writer->wal == NULL ? 0 : wal_pages(writer->wal),
	};
}
