/* How a changed account becomes visible. account_* functions run inside a job of the writer, and whether that job is
 * kept is known only after its batch was committed. So they only mark the account (`changed` goes up by one). A request
 * that meets a marked account reads it from the store again, which shows the committed state, old or new. To know when
 * that is the last word, the reader puts an empty job into the writer's queue: once its `done` is called, the batch of
 * the marking job is over (it stood before), kept or not, and `settled` takes the mark's number; a batch that was run
 * again has marked again and is waited for again. What is read after that is good until the next mark (`loaded`). */
#include "access/state.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum error
flight_begin(struct access *access, struct job *job)
{
	pthread_mutex_lock(&access->flight_lock);
	access->flight_count++;
	pthread_mutex_unlock(&access->flight_lock);
	enum error e = writer_submit(access->writer, job);

	if (e != OK)
		flight_end(access);
	return e;
}

void
flight_end(struct access *access)
{
	pthread_mutex_lock(&access->flight_lock);
	if (--access->flight_count == 0)
		pthread_cond_broadcast(&access->flight_over);
	pthread_mutex_unlock(&access->flight_lock);
}

static uint64_t
map_key(const struct secret_hash *hash)
{
	uint64_t key;

	memcpy(&key, hash->bytes, sizeof(key));
	return key;
}

static struct session *
find_session(const struct access *access, const struct secret_hash *hash)
{
	uint64_t *slot = map_get(&access->sessions, map_key(hash));
	struct session *session = slot == NULL ? NULL : (struct session *)(uintptr_t)*slot;

	return session != NULL && sodium_memcmp(session->hash.bytes, hash->bytes, SECRET_HASH_BYTES) == 0 ? session
													  : NULL;
}

static struct holder *
find_holder(const struct access *access, int64_t account)
{
	uint64_t *slot = map_get(&access->holders, (uint64_t)account);

	return slot == NULL ? NULL : (struct holder *)(uintptr_t)*slot;
}

struct holder *
holder_use(struct access *access, int64_t account)
{
	struct holder *holder = find_holder(access, account);

	if (holder == NULL) {
		holder = calloc(1, sizeof(*holder));
		if (holder == NULL)
			abort();
		/* Jobs before ours are over when ours is; later ones find the holder and mark it. */
		*holder = (struct holder){ .access = access, .account = account, .changed = 1, .settled = 1 };
		map_put(&access->holders, (uint64_t)account, (uint64_t)(uintptr_t)holder);
	}
	holder->use_count++;
	return holder;
}

static void
release_holder(struct access *access, struct holder *holder)
{
	if (--holder->use_count > 0)
		return;
	map_remove(&access->holders, (uint64_t)holder->account);
	free(holder);
}

void
holder_mark(struct access *access, int64_t account)
{
	pthread_rwlock_wrlock(&access->lock);
	struct holder *holder = find_holder(access, account);

	if (holder != NULL)
		holder->changed++;
	pthread_rwlock_unlock(&access->lock);
}

struct holder *
holder_pin(struct access *access, int64_t account)
{
	pthread_rwlock_wrlock(&access->lock);
	struct holder *holder = holder_use(access, account);

	pthread_rwlock_unlock(&access->lock);
	return holder;
}

void
holder_unpin(struct access *access, struct holder *holder)
{
	if (holder == NULL)
		return;
	pthread_rwlock_wrlock(&access->lock);
	release_holder(access, holder);
	pthread_rwlock_unlock(&access->lock);
}

/* The caller holds the lock for writing and has counted the holder's use. */
enum error
session_insert(struct access *access, struct holder *holder, const struct session *like)
{
	uint64_t key = map_key(&like->hash);

	if (access->sessions.count >= SESSIONS_MAX || map_get(&access->sessions, key) != NULL)
		return ERR_BUSY;
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		return ERR_NO_MEMORY;
	session->hash = like->hash;
	memcpy(session->id, like->id, sizeof(session->id));
	session->holder = holder;
	session->epoch = like->epoch;
	session->until_at = like->until_at;
	session->seen_at = like->seen_at;
	session->is_token = like->is_token;
	map_put(&access->sessions, key, (uint64_t)(uintptr_t)session);
	return OK;
}

void
session_remove(struct access *access, struct session *session)
{
	map_remove(&access->sessions, map_key(&session->hash));
	release_holder(access, session->holder);
	sodium_memzero(session, sizeof(*session));
	free(session);
}

enum error
session_add(struct access *access, struct holder *pinned, const struct session *like)
{
	pthread_rwlock_wrlock(&access->lock);
	enum error e = session_insert(access, pinned, like);

	pthread_rwlock_unlock(&access->lock);
	return e;
}

void
session_drop(struct access *access, const struct secret_hash *hash)
{
	pthread_rwlock_wrlock(&access->lock);
	struct session *session = find_session(access, hash);

	if (session != NULL)
		session_remove(access, session);
	pthread_rwlock_unlock(&access->lock);
}

bool
session_has_ended(const struct session *session, int64_t now)
{
	const struct holder *holder = session->holder;

	/* Epochs only grow and a closed account stays closed, so that facts which are out of date do no harm. */
	if (holder->loaded > 0 &&
	    (!holder->facts.is_open || (!session->is_token && holder->facts.epoch > session->epoch)))
		return true;
	return now >= session->until_at || (!session->is_token && now - session->seen_at > SESSION_SILENCE_MS);
}

static enum error
settle_run(struct job *job, struct db *db)
{
	return OK;
}

static void
settle_done(struct job *job, enum error e)
{
	struct holder *holder = (struct holder *)((char *)job - offsetof(struct holder, settle));
	struct access *access = holder->access;

	pthread_rwlock_wrlock(&access->lock);
	holder->is_settling = false;
	/* Even when the empty job's own batch failed: the marking job stood in the same or an earlier one. */
	if (holder->settled < holder->settling)
		holder->settled = holder->settling;
	release_holder(access, holder);
	pthread_rwlock_unlock(&access->lock);
	flight_end(access);
}

static void
begin_settling(struct access *access, struct holder *holder, uint64_t mark)
{
	bool is_mine = false;

	pthread_rwlock_wrlock(&access->lock);
	if (!holder->is_settling) {
		is_mine = holder->is_settling = true;
		holder->use_count++;
		holder->settling = mark;
		holder->settle = (struct job){ .run = settle_run, .done = settle_done };
	}
	pthread_rwlock_unlock(&access->lock);
	if (!is_mine || flight_begin(access, &holder->settle) == OK)
		return;
	/* Busy: the next request tries again; until then each one reads. */
	pthread_rwlock_wrlock(&access->lock);
	holder->is_settling = false;
	release_holder(access, holder);
	pthread_rwlock_unlock(&access->lock);
}

static enum error
read_facts(struct access *access, int64_t account, struct account_facts *ret_facts)
{
	struct db *db = NULL;

	TRY(reader_take(access->readers, &db));
	enum error e = account_facts_read(access->pack, db, account, ret_facts);

	reader_give(access->readers, db);
	return e;
}

/* Reads the account of a session again; the holder is pinned by the caller. */
static enum error
refresh(struct access *access, struct holder *holder)
{
	struct account_facts facts = { 0 };

	pthread_rwlock_wrlock(&access->lock);
	uint64_t mark = holder->changed, settled = holder->settled, ticket = ++holder->tickets;

	pthread_rwlock_unlock(&access->lock);
	enum error e = read_facts(access, holder->account, &facts);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	pthread_rwlock_wrlock(&access->lock);
	if (ticket > holder->stored_ticket) {
		holder->stored_ticket = ticket;
		holder->facts = facts;
		/* Not settled: at least one below `changed`, so that the next request reads again. */
		uint64_t good_until = settled >= mark ? mark : mark - 1;

		if (good_until > holder->loaded)
			holder->loaded = good_until;
	}
	pthread_rwlock_unlock(&access->lock);
	if (settled < mark)
		begin_settling(access, holder, mark);
	return OK;
}

/* OK: copied. ERR_BUSY: what is known of the account is old; `*ret_holder` is its holder, pinned. */
static enum error
copy_actor(struct access *access, const struct secret_hash *hash, int64_t now, bool is_refreshed,
	   struct actor *ret_actor, struct holder **ret_holder)
{
	enum error e = OK;

	pthread_rwlock_rdlock(&access->lock);
	struct session *session = find_session(access, hash);

	if (session == NULL || session_has_ended(session, now)) {
		e = ERR_SIGN_IN;
	} else if (session->holder->loaded < session->holder->changed && !is_refreshed) {
		session->holder->use_count++;
		*ret_holder = session->holder;
		e = ERR_BUSY;
	} else {
		*ret_actor = session->holder->facts.actor;
		ret_actor->is_token = session->is_token;
		memcpy(ret_actor->session, session->id, sizeof(ret_actor->session));
		if (now > session->seen_at)
			session->seen_at = now;
	}
	pthread_rwlock_unlock(&access->lock);
	return e;
}

enum error
session_find(struct access *access, const struct secret_hash *hash, int64_t now, struct actor *ret_actor)
{
	struct holder *holder = NULL;
	enum error e = copy_actor(access, hash, now, false, ret_actor, &holder);

	if (e != ERR_BUSY)
		return e;
	e = refresh(access, holder);
	holder_unpin(access, holder);
	return e == OK ? copy_actor(access, hash, now, true, ret_actor, &holder) : e;
}
