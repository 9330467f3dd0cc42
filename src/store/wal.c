#include "store/wal.h"
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

struct wal {
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
move_pages(struct wal *wal)
{
	int64_t before = 0;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		int64_t pages = 0;

		/* A failure shows in the length of the log and, if the disk is ill, at the next commit. */
		if (db_checkpoint(wal->db, &pages) != OK)
			return;
		atomic_store(&wal->wal_pages, pages);
		if (pages - before <= PAGES_LEFT_MAX)
			return;
		before = pages;
	}
}

static void *
run_checkpoints(void *context)
{
	struct wal *wal = context;

	pthread_mutex_lock(&wal->lock);
	while (!wal->stopping) {
		if (atomic_load(&wal->stage) != STAGE_MOVING) {
			pthread_cond_wait(&wal->asked, &wal->lock);
			continue;
		}
		pthread_mutex_unlock(&wal->lock);
		move_pages(wal);
		atomic_store(&wal->stage, STAGE_NEAR_THE_END);
		pthread_mutex_lock(&wal->lock);
	}
	pthread_mutex_unlock(&wal->lock);
	return NULL;
}

enum error
wal_open(const char *path, struct wal **ret_wal)
{
	struct wal *wal = calloc(1, sizeof(*wal));

	if (wal == NULL)
		return ERR_NO_MEMORY;
	enum error e = db_open(path, DB_WRITE, &wal->db);

	pthread_mutex_init(&wal->lock, NULL);
	pthread_cond_init(&wal->asked, NULL);
	if (e == OK && pthread_create(&wal->thread, NULL, run_checkpoints, wal) != 0)
		e = ERR_NO_MEMORY;
	if (e != OK) {
		db_close(wal->db);
		free(wal);
		return e;
	}
	*ret_wal = wal;
	return OK;
}

void
wal_close(struct wal *wal)
{
	if (wal == NULL)
		return;
	pthread_mutex_lock(&wal->lock);
	wal->stopping = true;
	pthread_cond_signal(&wal->asked);
	pthread_mutex_unlock(&wal->lock);
	pthread_join(wal->thread, NULL);
	pthread_cond_destroy(&wal->asked);
	pthread_mutex_destroy(&wal->lock);
	db_close(wal->db);
	free(wal);
}

static void
ask(struct wal *wal, int64_t pages)
{
	wal->asked_at = pages;
	pthread_mutex_lock(&wal->lock);
	atomic_store(&wal->stage, STAGE_MOVING);
	pthread_cond_signal(&wal->asked);
	pthread_mutex_unlock(&wal->lock);
}

static void
move_the_rest(struct wal *wal, struct db *db)
{
	int64_t pages = db_wal_pages(db);

	/* Readers may stand in the way; then the thread is asked again after as many pages more. */
	if (pages < PAGES_TOO_MANY)
		IGNORE(db_checkpoint(db, &pages));
	else
		IGNORE(db_checkpoint_waiting(db, READERS_WAIT_MS, &pages));
	atomic_store(&wal->wal_pages, pages);
	atomic_store(&wal->stage, STAGE_RESTING);
}

void
wal_batch_ended(struct wal *wal, struct db *db)
{
	enum stage stage = atomic_load(&wal->stage);
	int64_t pages = db_wal_pages(db);

	if (stage == STAGE_NEAR_THE_END) {
		move_the_rest(wal, db);
		return;
	}
	if (pages < wal->asked_at)
		wal->asked_at = 0; /* the log began anew */
	if (stage == STAGE_RESTING && pages >= wal->asked_at + PAGES_BEFORE_MOVE)
		ask(wal, pages);
}

int64_t
wal_pages(struct wal *wal)
{
	return atomic_load(&wal->wal_pages);
}
