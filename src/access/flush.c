/* Sessions go to the store when they begin and end; when they were last used goes there every few minutes, in one job
 * for all. After a crash a session may therefore seem up to SESSION_FLUSH_MS more silent than it was. */
#include <stdlib.h>
#include <string.h>
#include "access/state.h"

static const char session_load_sql[] = "SELECT hash, id, account, epoch, seen_at, until_at FROM access_session";
static const char token_load_sql[] = "SELECT hash, id, account FROM access_token";
static const char session_seen_sql[] = "UPDATE access_session SET seen_at = $1 WHERE hash = $2";
static const char session_sweep_sql[] = "DELETE FROM access_session WHERE until_at <= $1 OR seen_at < $2";

static bool
column_copy(const struct query *q, int i, void *to, size_t bytes)
{
	size_t count = 0;
	const void *from = column_bytes(q, i, &count);

	if (from == NULL || count != bytes)
		return false;
	memcpy(to, from, bytes);
	return true;
}

static enum error
load_row(struct access *access, const struct query *q, bool is_token)
{
	struct session like = { .is_token = is_token, .until_at = INT64_MAX };

	if (!column_copy(q, 0, like.hash.bytes, SECRET_HASH_BYTES) || !column_copy(q, 1, like.id, SECRET_ID_BYTES))
		return ERR_DAMAGED;
	if (!is_token) {
		like.epoch = column_integer(q, 3);
		like.seen_at = column_integer(q, 4);
		like.until_at = column_integer(q, 5);
		/* What was seen until then is in the store already. */
		if (like.seen_at > access->flushed_at)
			access->flushed_at = like.seen_at;
	}
	struct holder *holder = holder_use(access, column_integer(q, 2));
	enum error e = session_insert(access, holder, &like);

	if (e != OK)
		holder_unpin(access, holder);
	/* More than fit in memory: those sign in again. */
	return e == ERR_BUSY ? OK : e;
}

static enum error
load_all(struct access *access, struct db *db, const char *sql, bool is_token)
{
	AUTO(query_free) struct query *q = db_query(db, sql);
	enum error e;

	while ((e = query_step(q)) == OK)
		TRY(load_row(access, q, is_token));
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
sessions_load(struct access *access, struct db *db)
{
	/* Programs first, should there not be room for all. */
	TRY(load_all(access, db, token_load_sql, true));
	return load_all(access, db, session_load_sql, false);
}

struct seen {
	struct secret_hash hash;
	int64_t at;
};

/* Sessions used since the last flush; the caller frees. */
static struct seen *
list_seen(struct access *access, size_t *ret_count)
{
	size_t count = 0;

	pthread_rwlock_rdlock(&access->lock);
	struct seen *list = calloc(access->sessions.count + 1, sizeof(*list));

	if (list == NULL)
		abort();
	for (size_t i = 0; i < access->sessions.capacity; i++) {
		if (!access->sessions.slots[i].used)
			continue;
		struct session *session = (struct session *)(uintptr_t)access->sessions.slots[i].value;

		if (!session->is_token && session->seen_at >= access->flushed_at)
			list[count++] = (struct seen){ .hash = session->hash, .at = session->seen_at };
	}
	pthread_rwlock_unlock(&access->lock);
	*ret_count = count;
	return list;
}

static enum error
write_seen(struct db *db, const struct seen *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTO(query_free) struct query *q = db_query(db, session_seen_sql);

		bind_integer(q, 1, list[i].at);
		bind_bytes(q, 2, list[i].hash.bytes, SECRET_HASH_BYTES);
		TRY(query_run(q));
	}
	return OK;
}

static enum error
flush_run(struct job *job, struct db *db)
{
	struct access *access = (struct access *)((char *)job - offsetof(struct access, flush));
	size_t count = 0;
	struct seen *list = list_seen(access, &count);
	enum error e = write_seen(db, list, count);

	free(list);
	if (e != OK)
		return e;
	AUTO(query_free) struct query *q = db_query(db, session_sweep_sql);

	bind_integer(q, 1, access->flush_began_at);
	bind_integer(q, 2, access->flush_began_at - SESSION_SILENCE_MS);
	return query_run(q);
}

static void
sweep(struct access *access, int64_t now)
{
	size_t count = 0;
	struct session **ended = calloc(access->sessions.count + 1, sizeof(*ended));

	if (ended == NULL)
		abort();
	for (size_t i = 0; i < access->sessions.capacity; i++) {
		if (!access->sessions.slots[i].used)
			continue;
		struct session *session = (struct session *)(uintptr_t)access->sessions.slots[i].value;

		if (session_has_ended(session, now))
			ended[count++] = session;
	}
	for (size_t i = 0; i < count; i++)
		session_remove(access, ended[i]);
	free(ended);
}

static void
flush_over(struct access *access, enum error e)
{
	pthread_rwlock_wrlock(&access->lock);
	if (e == OK) {
		access->flushed_at = access->flush_began_at;
		sweep(access, access->flush_began_at);
	}
	access->is_flushing = false;
	pthread_rwlock_unlock(&access->lock);
}

static void
flush_done(struct job *job, enum error e)
{
	struct access *access = (struct access *)((char *)job - offsetof(struct access, flush));

	flush_over(access, e);
	flight_end(access);
}

/* false: one is on its way. */
static bool
flush_begins(struct access *access, int64_t now)
{
	pthread_rwlock_wrlock(&access->lock);
	bool begins = !access->is_flushing;

	if (begins) {
		access->is_flushing = true;
		access->flush_began_at = now;
		access->flush = (struct job){ .run = flush_run, .done = flush_done };
	}
	pthread_rwlock_unlock(&access->lock);
	return begins;
}

void
sessions_flush(struct access *access, int64_t now)
{
	int64_t due_at = access->flush_due_at;

	if (now > access->last_now)
		access->last_now = now;
	if (now < due_at || !atomic_compare_exchange_strong(&access->flush_due_at, &due_at, now + SESSION_FLUSH_MS))
		return;
	if (flush_begins(access, now) && flight_begin(access, &access->flush) != OK)
		flush_over(access, ERR_BUSY);
}

void
sessions_flush_last(struct access *access)
{
	/* Nobody came: there is nothing to note, and we do not know what time it is. */
	if (access->last_now == 0 || !flush_begins(access, access->last_now))
		return;
	if (flight_begin(access, &access->flush) != OK)
		flush_over(access, ERR_STOPPING);
}
