/* state.h - what the files of this floor share: struct access with its connections for reading and the sessions in
 * memory. state.c explains how a changed account becomes visible. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include "access/access.h"
#include "access/lockout.h"
#include "access/readers.h"
#include "access/secret.h"
#include "base/map.h"

enum {
	SESSION_MS = 12 * 60 * 60 * 1000,
	SESSION_SILENCE_MS = 30 * 60 * 1000,
	SESSION_FLUSH_MS = 5 * 60 * 1000,
	SESSIONS_MAX = 250000,
	SESSIONS_PER_ACCOUNT_MAX = 16,
	TOKENS_PER_ACCOUNT_MAX = 16,
	TOKEN_LABEL_BYTES_MAX = 64,
	CODE_MS = 24 * 60 * 60 * 1000,
	CODE_TRIES_MAX = 5,
};

/* What the store says about an account. */
struct account_facts {
	struct actor actor; /* neither session nor origin */
	int64_t epoch;
	bool is_open;
};

/* An account in memory, while sessions of it are; state.c. */
struct holder {
	struct access *access;
	int64_t account;
	struct account_facts facts;
	uint64_t changed, settled, loaded; /* changed >= settled >= loaded */
	uint64_t tickets, stored_ticket;   /* of two readings the one that began later counts */
	_Atomic size_t use_count;          /* sessions, pins, the settling job; grows under any lock */
	bool is_settling;
	uint64_t settling; /* the mark that the job is about */
	struct job settle;
};

struct session {
	struct secret_hash hash; /* of its token */
	unsigned char id[SECRET_ID_BYTES];
	struct holder *holder;
	int64_t epoch;
	int64_t until_at;
	_Atomic int64_t seen_at;
	bool is_token;
};

struct access {
	const struct pack *pack;
	struct writer *writer;
	struct readers *readers;
	struct lockout *lockout;
	int64_t by_account; /* the writer's thread only */

	pthread_rwlock_t lock; /* sessions, holders and what hangs from them */
	struct map sessions;   /* first eight bytes of the hash -> struct session */
	struct map holders;    /* account -> struct holder */

	pthread_mutex_t flight_lock; /* jobs that nobody waits for */
	pthread_cond_t flight_over;
	size_t flight_count;

	struct job flush;
	bool is_flushing;
	_Atomic int64_t flush_due_at, last_now;
	int64_t flush_began_at; /* of the flush that is on its way */
	int64_t flushed_at;     /* what was seen until then is in the store */
};

/* Submits a job that nobody waits for; access_close does. Its `done` ends with flight_end. */
NODISCARD enum error flight_begin(struct access *access, struct job *job);
void flight_end(struct access *access);

/* Inside a job: the account was changed, should the job be kept. */
void holder_mark(struct access *access, int64_t account);
/* Keeps the account's changes in view from before a job that opens a session until session_add. */
struct holder *holder_pin(struct access *access, int64_t account);
void holder_unpin(struct access *access, struct holder *holder);
/* ERR_BUSY: too many. Takes the pin over when OK. */
NODISCARD enum error session_add(struct access *access, struct holder *pinned, const struct session *like);
void session_drop(struct access *access, const struct secret_hash *hash);
/* Finds a session, refreshes what is known of its account when it was changed. ERR_SIGN_IN. */
NODISCARD enum error session_find(struct access *access, const struct secret_hash *hash, int64_t now,
				  struct actor *ret_actor);
/* With the lock held for writing: for flush.c. */
struct holder *holder_use(struct access *access, int64_t account);
NODISCARD enum error session_insert(struct access *access, struct holder *used, const struct session *like);
void session_remove(struct access *access, struct session *session);
bool session_has_ended(const struct session *session, int64_t now);

/* flush.c: loads sessions and tokens; nobody else uses `access` yet. */
NODISCARD enum error sessions_load(struct access *access, struct db *db);
/* When it is due: has the writer note when sessions were last seen, drops what has ended. Never waits. */
void sessions_flush(struct access *access, int64_t now);
/* The same at once, for the end. */
void sessions_flush_last(struct access *access);

/* actor.c */
NODISCARD enum error account_facts_read(const struct pack *pack, struct db *db, int64_t account,
					struct account_facts *ret_facts);
/* audit.c; `detail` may be NULL. */
NODISCARD enum error audit_add(struct db *db, int64_t now, const char *kind, int64_t account, int64_t by_account,
			       const char *detail);
