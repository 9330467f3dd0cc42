#include <sodium.h>
#include <stdlib.h>
#include "access/state.h"

static enum error
init_locks(struct access *access)
{
	pthread_rwlockattr_t attributes;

	pthread_rwlockattr_init(&attributes);
	/* Else steady requests would keep the writer's thread from marking an account. */
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&access->lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
	pthread_mutex_init(&access->flight_lock, NULL);
	pthread_cond_init(&access->flight_over, NULL);
	return sodium_init() < 0 ? ERR_FAULT : OK;
}

enum error
access_open(const struct pack *pack, const char *db_path, struct writer *writer, struct access **ret_access)
{
	struct access *access = calloc(1, sizeof(*access));
	struct db *db = NULL;

	if (access == NULL)
		return ERR_NO_MEMORY;
	access->pack = pack;
	access->writer = writer;
	access->lockout = lockout_new();
	enum error e = init_locks(access);

	if (e == OK)
		e = readers_open(db_path, &access->readers);
	if (e == OK)
		e = reader_take(access->readers, &db);
	if (e == OK) {
		e = sessions_load(access, db);
		reader_give(access->readers, db);
	}
	if (e == OK)
		*ret_access = access;
	else
		access_close(access);
	return e;
}

static void
await_flights(struct access *access)
{
	pthread_mutex_lock(&access->flight_lock);
	while (access->flight_count > 0)
		pthread_cond_wait(&access->flight_over, &access->flight_lock);
	pthread_mutex_unlock(&access->flight_lock);
}

void
access_close(struct access *access)
{
	if (access == NULL)
		return;
	/* A flush on its way may have looked before the last session was used: it is over when the last one begins. */
	await_flights(access);
	sessions_flush_last(access);
	await_flights(access);
	for (size_t i = 0; i < access->sessions.capacity; i++)
		if (access->sessions.slots[i].used)
			free((void *)(uintptr_t)access->sessions.slots[i].value);
	for (size_t i = 0; i < access->holders.capacity; i++)
		if (access->holders.slots[i].used)
			free((void *)(uintptr_t)access->holders.slots[i].value);
	map_done(&access->sessions);
	map_done(&access->holders);
	readers_close(access->readers);
	lockout_free(access->lockout);
	pthread_cond_destroy(&access->flight_over);
	pthread_mutex_destroy(&access->flight_lock);
	pthread_rwlock_destroy(&access->lock);
	free(access);
}

struct access *
access_by(struct access *access, int64_t account)
{
	access->by_account = account;
	return access;
}
