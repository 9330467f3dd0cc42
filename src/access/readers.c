#include "access/readers.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { READERS_KEPT_MAX = 8 };

struct readers {
	pthread_mutex_t lock;
	struct db *kept[READERS_KEPT_MAX];
	size_t kept_count;
	char path[];
};

enum error
readers_open(const char *db_path, struct readers **ret_readers)
{
	struct readers *readers = calloc(1, sizeof(*readers) + strlen(db_path) + 1);

	if (readers == NULL)
		return ERR_NO_MEMORY;
	pthread_mutex_init(&readers->lock, NULL);
	memcpy(readers->path, db_path, strlen(db_path));
	*ret_readers = readers;
	return OK;
}

void
readers_close(struct readers *readers)
{
	if (readers == NULL)
		return;
	for (size_t i = 0; i < readers->kept_count; i++)
		db_close(readers->kept[i]);
	pthread_mutex_destroy(&readers->lock);
	free(readers);
}

enum error
reader_take(struct readers *readers, struct db **ret_db)
{
	struct db *db = NULL;

	pthread_mutex_lock(&readers->lock);
	if (readers->kept_count > 0)
		db = readers->kept[--readers->kept_count];
	pthread_mutex_unlock(&readers->lock);
	if (db == NULL)
		TRY(db_open(readers->path, DB_READ, &db));
	*ret_db = db;
	return OK;
}

void
reader_give(struct readers *readers, struct db *db)
{
	pthread_mutex_lock(&readers->lock);
	if (readers->kept_count < READERS_KEPT_MAX) {
		readers->kept[readers->kept_count++] = db;
		db = NULL;
	}
	pthread_mutex_unlock(&readers->lock);
	db_close(db);
}
