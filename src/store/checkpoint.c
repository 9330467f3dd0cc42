#include "store/checkpoint.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	/* 16 MiB: so much changed that pages changed often are moved once, not each time. */
	PAGES_BEFORE_MOVE = 4096,
	/* What may be left to the writer. */
	PAGES_LEFT_MAX = 512,
	ROUNDS_MAX = 5,
	/* 256 MiB: readers that always overlap have kept the log from beginning anew, so make it wait for them. */
	PAGES_TOO_MANY = 65536,
	READERS_WAIT_MS = 20,
};

enum stage { STAGE_RESTING, STAGE_MOVING, STAGE_NEAR_THE_END };

struct checkpoint {
	struct db *db; /* the thread's */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t asked;
	bool stopping;            /* under `lock` */
	_Atomic enum stage stage; /* RESTING to MOVING and NEAR to RESTING by the writer, the rest by the thread */
	_Atomic int64_t wal_pages;
	int64_t asked_at; /* the writer's: the log's length when it last asked */
};

/* Each round moves what came during the one before, so rounds become shorter. */
static void
move_pages(struct checkpoint *checkpoint)
{
	int64_t before = 0;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		int64_t pages = 0;

		/* A failure shows in the length of the log and, if the disk is ill, at the next commit. */
		if (db_checkpoint(checkpoint->db, &pages) != OK)
			return;
		atomic_store(&checkpoint->wal_pages, pages);
		if (pages - before <= PAGES_LEFT_MAX)
			return;
		before = pages;
	}
}

static void *
run_checkpoints(void *context)
{
	struct checkpoint *checkpoint = context;

	pthread_mutex_lock(&checkpoint->lock);
	while (!checkpoint->stopping) {
		if (atomic_load(&checkpoint->stage) != STAGE_MOVING) {
			pthread_cond_wait(&checkpoint->asked, &checkpoint->lock);
			continue;
		}
		pthread_mutex_unlock(&checkpoint->lock);
		move_pages(checkpoint);
		atomic_store(&checkpoint->stage, STAGE_NEAR_THE_END);
		pthread_mutex_lock(&checkpoint->lock);
	}
	pthread_mutex_unlock(&checkpoint->lock);
	return NULL;
}

enum error
checkpoint_open(const char *path, struct checkpoint **ret_checkpoint)
{
	struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));

	if (checkpoint == NULL)
		return ERR_NO_MEMORY;
	enum error e = db_open(path, DB_WRITE, &checkpoint->db);

	pthread_mutex_init(&checkpoint->lock, NULL);
	pthread_cond_init(&checkpoint->asked, NULL);
	if (e == OK && pthread_create(&checkpoint->thread, NULL, run_checkpoints, checkpoint) != 0)
		e = ERR_NO_MEMORY;
	if (e != OK) {
		db_close(checkpoint->db);
		free(checkpoint);
		return e;
	}
	*ret_checkpoint = checkpoint;
	return OK;
}

void
checkpoint_close(struct checkpoint *checkpoint)
{
	if (checkpoint == NULL)
		return;
	pthread_mutex_lock(&checkpoint->lock);
	checkpoint->stopping = true;
	pthread_cond_signal(&checkpoint->asked);
	pthread_mutex_unlock(&checkpoint->lock);
	pthread_join(checkpoint->thread, NULL);
	pthread_cond_destroy(&checkpoint->asked);
	pthread_mutex_destroy(&checkpoint->lock);
	db_close(checkpoint->db);
	free(checkpoint);
}

static void
ask(struct checkpoint *checkpoint, int64_t pages)
{
	checkpoint->asked_at = pages;
	pthread_mutex_lock(&checkpoint->lock);
	atomic_store(&checkpoint->stage, STAGE_MOVING);
	pthread_cond_signal(&checkpoint->asked);
	pthread_mutex_unlock(&checkpoint->lock);
}

static void
move_the_rest(struct checkpoint *checkpoint, struct db *db)
{
	int64_t pages = db_wal_pages(db);

	/* Readers may stand in the way; then the thread is asked again after as many pages more. */
	if (pages < PAGES_TOO_MANY)
		IGNORE(db_checkpoint(db, &pages));
	else
		IGNORE(db_checkpoint_waiting(db, READERS_WAIT_MS, &pages));
	atomic_store(&checkpoint->wal_pages, pages);
	atomic_store(&checkpoint->stage, STAGE_RESTING);
}

void
checkpoint_batch_ended(struct checkpoint *checkpoint, struct db *db)
{
	enum stage stage = atomic_load(&checkpoint->stage);
	int64_t pages = db_wal_pages(db);

	if (stage == STAGE_NEAR_THE_END) {
		move_the_rest(checkpoint, db);
		return;
	}
	if (pages < checkpoint->asked_at)
		checkpoint->asked_at = 0; /* the log began anew */
	if (stage == STAGE_RESTING && pages >= checkpoint->asked_at + PAGES_BEFORE_MOVE)
		ask(checkpoint, pages);
}

int64_t
checkpoint_wal_pages(struct checkpoint *checkpoint)
{
	return atomic_load(&checkpoint->wal_pages);
}
