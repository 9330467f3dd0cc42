#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "access/password.h"
#include "access/rule.h"
#include "access/state.h"
#include "base/random.h"

enum { DROPPED_MAX = 64 };

/* One session on its way into the store. */
struct opening {
	struct job job;
	struct access *access;
	const char *name;
	const char *code;                 /* activation; NULL: the password was right */
	const struct password_hash *hash; /* to be stored; NULL: it stays */
	int64_t now;
	struct session session; /* what is to be added */
	int64_t account;
	bool is_refused;                         /* the job is kept, but opens nothing */
	struct secret_hash dropped[DROPPED_MAX]; /* the account's oldest, to make room */
	size_t dropped_count;
};

/* What a person typed, as names are kept; "" when it cannot be one. */
static void
fold_name(const char *typed, char ret_name[static ACCOUNT_NAME_BYTES_MAX + 1])
{
	size_t bytes;

	typed = typed == NULL ? "" : typed;
	typed += strspn(typed, " \t\r\n");
	bytes = strcspn(typed, " \t\r\n");
	if (bytes > ACCOUNT_NAME_BYTES_MAX)
		bytes = 0;
	for (size_t i = 0; i < bytes; i++)
		ret_name[i] = typed[i] >= 'A' && typed[i] <= 'Z' ? (char)(typed[i] - 'A' + 'a') : typed[i];
	ret_name[bytes] = '\0';
	if (!rule_name(ret_name))
		ret_name[0] = '\0';
}

static enum error
begin_attempt(struct access *access, const char *name, const char *origin, int64_t now, struct problem *problem,
	      struct attempt *ret_attempt)
{
	char seconds[24];
	int64_t wait_ms = 0;

	if (lockout_begin(access->lockout, name, origin, now, ret_attempt, &wait_ms))
		return OK;
	snprintf(seconds, sizeof(seconds), "%lld", (long long)((wait_ms + 999) / 1000));
	return problem_add(problem, ERR_LIMITED, NULL, MSG_LOCKED_OUT, seconds, NULL);
}

/* ---- the job ---- */

static const char oldest_sql[] =
	"SELECT hash FROM access_session WHERE account = $1 ORDER BY opened_at DESC, hash LIMIT $2 OFFSET $3";
static const char delete_sql[] = "DELETE FROM access_session WHERE hash = $1";

static enum error
list_oldest(struct opening *opening, struct db *db)
{
	AUTO(query_free) struct query *q = db_query(db, oldest_sql);
	enum error e;

	bind_integer(q, 1, opening->account);
	bind_integer(q, 2, DROPPED_MAX);
	bind_integer(q, 3, SESSIONS_PER_ACCOUNT_MAX - 1);
	while ((e = query_step(q)) == OK) {
		size_t bytes = 0;
		const void *hash = column_bytes(q, 0, &bytes);

		if (hash == NULL || bytes != SECRET_HASH_BYTES)
			return ERR_DAMAGED;
		memcpy(opening->dropped[opening->dropped_count++].bytes, hash, bytes);
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
drop_oldest(struct opening *opening, struct db *db)
{
	TRY(list_oldest(opening, db));
	for (size_t i = 0; i < opening->dropped_count; i++) {
		AUTO(query_free) struct query *q = db_query(db, delete_sql);

		bind_bytes(q, 1, opening->dropped[i].bytes, SECRET_HASH_BYTES);
		TRY(query_run(q));
	}
	return OK;
}

static const char insert_sql[] = "INSERT INTO access_session (hash, id, account, epoch, opened_at, seen_at, until_at) "
				 "VALUES ($1, $2, $3, $4, $5, $6, $7)";

static enum error
insert_session(const struct opening *opening, struct db *db)
{
	AUTO(query_free) struct query *q = db_query(db, insert_sql);

	bind_bytes(q, 1, opening->session.hash.bytes, SECRET_HASH_BYTES);
	bind_bytes(q, 2, opening->session.id, SECRET_ID_BYTES);
	bind_integer(q, 3, opening->account);
	bind_integer(q, 4, opening->session.epoch);
	bind_integer(q, 5, opening->now);
	bind_integer(q, 6, opening->now);
	bind_integer(q, 7, opening->session.until_at);
	TRY(query_run(q));
	return audit_add(db, opening->now, "signed-in", opening->account, opening->account, NULL);
}

static const char rehash_sql[] = "UPDATE access_account SET password = $1 WHERE id = $2";

static enum error
store_hash(const struct opening *opening, struct db *db)
{
	AUTO(query_free) struct query *q = db_query(db, rehash_sql);

	bind_text(q, 1, opening->hash->text);
	bind_integer(q, 2, opening->account);
	return query_run(q);
}

/* The password was right a moment ago; whatever changed since then has changed the epoch. */
static enum error
open_run(struct job *job, struct db *db)
{
	struct opening *opening = (struct opening *)job;
	struct account_facts facts;

	opening->dropped_count = 0;
	TRY(account_facts_read(opening->access->pack, db, opening->account, &facts));
	opening->is_refused = !facts.is_open || facts.epoch != opening->session.epoch;
	if (opening->is_refused)
		return OK;
	if (opening->hash != NULL)
		TRY(store_hash(opening, db));
	TRY(drop_oldest(opening, db));
	return insert_session(opening, db);
}

static const char code_load_sql[] = "SELECT hash, until_at, wrong_count FROM access_code WHERE account = $1";
static const char code_wrong_sql[] = "UPDATE access_code SET wrong_count = wrong_count + 1 WHERE account = $1";
static const char code_dead_sql[] = "DELETE FROM access_code WHERE account = $1";

static enum error
count_wrong_code(const struct opening *opening, struct db *db, int64_t wrong_count)
{
	bool is_last = wrong_count + 1 >= CODE_TRIES_MAX;
	AUTO(query_free) struct query *q = db_query(db, is_last ? code_dead_sql : code_wrong_sql);

	bind_integer(q, 1, opening->account);
	TRY(query_run(q));
	return is_last ? audit_add(db, opening->now, "code-killed", opening->account, ACCOUNT_NOBODY, NULL) : OK;
}

/* A wrong code is counted, so the job succeeds with is_refused. */
static enum error
check_code(struct opening *opening, struct db *db)
{
	AUTO(query_free) struct query *q = db_query(db, code_load_sql);
	struct secret_hash typed;
	size_t bytes = 0;

	bind_integer(q, 1, opening->account);
	enum error e = query_one(q);

	if (e != OK)
		return e;
	const void *hash = column_bytes(q, 0, &bytes);

	if (hash == NULL || bytes != SECRET_HASH_BYTES)
		return ERR_DAMAGED;
	bool fits = secret_code_hash(opening->account, opening->code, &typed) &&
		    sodium_memcmp(typed.bytes, hash, SECRET_HASH_BYTES) == 0;

	opening->is_refused = !fits || opening->now >= column_integer(q, 1);
	return fits ? OK : count_wrong_code(opening, db, column_integer(q, 2));
}

static enum error
activate_run(struct job *job, struct db *db)
{
	struct opening *opening = (struct opening *)job;
	struct account_facts facts;

	opening->dropped_count = 0;
	opening->is_refused = true;
	if (opening->account == 0)
		return OK;
	enum error e = check_code(opening, db);

	if (e != OK || opening->is_refused)
		return e == ERR_NOT_FOUND ? OK : e;
	struct access *by = access_by(opening->access, opening->account);

	e = account_set_password(by, db, opening->account, opening->hash, opening->now);
	if (e == ERR_GONE) {
		opening->is_refused = true;
		return OK;
	}
	if (e != OK)
		return e;
	TRY(audit_add(db, opening->now, "activated", opening->account, opening->account, NULL));
	TRY(account_facts_read(opening->access->pack, db, opening->account, &facts));
	opening->session.epoch = facts.epoch;
	return insert_session(opening, db);
}

/* ---- both ways of signing in ---- */

/* Runs the job and takes its session into memory. ERR_SIGN_IN: refused. */
static enum error
open_session(struct opening *opening, struct session_grant *ret_grant)
{
	struct access *access = opening->access;
	struct session_grant grant = { .expires_at = opening->now + SESSION_MS };
	enum secret_kind kind;

	secret_draw(SECRET_SESSION, grant.token);
	bool is_token = secret_hash(grant.token, &kind, &opening->session.hash);

	assert(is_token);
	random_bytes(opening->session.id, SECRET_ID_BYTES);
	opening->session.seen_at = opening->now;
	opening->session.until_at = grant.expires_at;
	struct holder *holder = opening->account == 0 ? NULL : holder_pin(access, opening->account);
	enum error e = writer_run(access->writer, &opening->job);

	if (e == OK && opening->is_refused)
		e = ERR_SIGN_IN;
	for (size_t i = 0; e == OK && i < opening->dropped_count; i++)
		session_drop(access, &opening->dropped[i]);
	if (e == OK)
		e = session_add(access, holder, &opening->session);
	if (e != OK)
		holder_unpin(access, holder);
	if (e == OK) {
		secret_csrf(grant.token, grant.csrf);
		*ret_grant = grant;
	}
	sodium_memzero(&grant, sizeof(grant));
	return e;
}

static const char password_load_sql[] =
	"SELECT id, password, epoch FROM access_account WHERE name = $1 AND closed_at IS NULL";

/* OK with account 0 and an empty hash when there is none to sign in to. */
static enum error
load_password(struct access *access, const char *name, struct opening *opening, struct password_hash *ret_hash)
{
	struct db *db = NULL;

	ret_hash->text[0] = '\0';
	TRY(reader_take(access->readers, &db));
	struct query *q = db_query(db, password_load_sql);

	bind_text(q, 1, name);
	enum error e = query_one(q);

	if (e == OK) {
		const char *hash = column_text(q, 1);

		opening->account = column_integer(q, 0);
		opening->session.epoch = column_integer(q, 2);
		if (hash != NULL)
			snprintf(ret_hash->text, sizeof(ret_hash->text), "%s", hash);
	}
	query_free(q);
	reader_give(access->readers, db);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Fire and forget, so that a known name takes no longer than an unknown one. */
struct lock_note {
	struct job job;
	struct access *access;
	int64_t account, now;
};

static enum error
note_run(struct job *job, struct db *db)
{
	struct lock_note *note = (struct lock_note *)job;

	return audit_add(db, note->now, "locked-out", note->account, ACCOUNT_NOBODY, NULL);
}

static void
note_done(struct job *job, enum error e)
{
	struct lock_note *note = (struct lock_note *)job;
	struct access *access = note->access;

	free(note);
	flight_end(access);
}

static void
note_lock_out(struct access *access, int64_t account, int64_t now)
{
	struct lock_note *note = calloc(1, sizeof(*note));

	if (note == NULL)
		return;
	*note = (struct lock_note){
		.job = { .run = note_run, .done = note_done }, .access = access, .account = account, .now = now
	};
	/* Busy or stopping: the row is missing then, the wait is not. */
	if (flight_begin(access, &note->job) != OK)
		free(note);
}

/* Compares, and makes the hash anew when it was made at a lower cost. */
static enum error
verify(struct opening *opening, struct password_hash *hash, const char *password)
{
	bool fits = false, is_outdated = false;

	TRY(password_verify(hash->text[0] == '\0' ? NULL : hash->text, password, &fits, &is_outdated));
	if (!fits)
		return ERR_SIGN_IN;
	if (is_outdated && account_hash(password, hash) == OK)
		opening->hash = hash;
	return OK;
}

static enum error
end_attempt(struct access *access, const struct attempt *attempt, const struct opening *opening, enum error e)
{
	if (e == OK)
		lockout_succeeded(access->lockout, attempt);
	else if (e != ERR_SIGN_IN)
		lockout_dropped(access->lockout, attempt);
	else if (attempt->name_failures == LOCKOUT_NAME_FAILURES && opening->account != 0)
		note_lock_out(access, opening->account, opening->now);
	return e;
}

enum error
session_open(struct access *access, const char *name, const char *password, const char *origin, int64_t now,
	     struct problem *problem, struct session_grant *ret_grant)
{
	char folded[ACCOUNT_NAME_BYTES_MAX + 1];
	struct password_hash hash;
	struct attempt attempt;
	struct opening opening = { .job = { .run = open_run }, .access = access, .now = now };

	fold_name(name, folded);
	TRY(begin_attempt(access, folded, origin, now, problem, &attempt));
	opening.name = folded;
	enum error e = load_password(access, folded, &opening, &hash);

	if (e == OK)
		e = verify(&opening, &hash, password == NULL ? "" : password);
	if (e == OK)
		e = open_session(&opening, ret_grant);
	e = end_attempt(access, &attempt, &opening, e);
	sodium_memzero(&hash, sizeof(hash));
	return e == ERR_SIGN_IN ? problem_add(problem, e, NULL, MSG_SIGN_IN_FAILED, NULL, NULL) : e;
}

enum error
session_activate(struct access *access, const char *name, const char *code, const char *password, const char *origin,
		 int64_t now, struct problem *problem, struct session_grant *ret_grant)
{
	char folded[ACCOUNT_NAME_BYTES_MAX + 1];
	struct password_hash hash, old;
	struct attempt attempt;
	struct opening opening = { .job = { .run = activate_run }, .access = access, .now = now };

	fold_name(name, folded);
	TRY(password_check(folded, password, problem));
	TRY(begin_attempt(access, folded, origin, now, problem, &attempt));
	opening.name = folded;
	opening.code = code == NULL ? "" : code;
	opening.hash = &hash;
	enum error e = load_password(access, folded, &opening, &old);

	/* Before the code is looked at: a wrong code takes as long as a right one. */
	if (e == OK)
		e = account_hash(password, &hash);
	if (e == OK)
		e = open_session(&opening, ret_grant);
	e = end_attempt(access, &attempt, &opening, e);
	sodium_memzero(&hash, sizeof(hash));
	sodium_memzero(&old, sizeof(old));
	return e == ERR_SIGN_IN ? problem_add(problem, e, NULL, MSG_CODE_FAILED, NULL, NULL) : e;
}

/* Of a program only the roles with `token` count; without one it is nobody. */
static enum error
keep_token_roles(struct actor *actor)
{
	size_t count = 0;

	for (size_t i = 0; i < actor->role_count; i++)
		if (actor->roles[i].role->token)
			actor->roles[count++] = actor->roles[i];
	actor->role_count = count;
	return count > 0 ? OK : ERR_SIGN_IN;
}

enum error
session_actor(struct access *access, const char *token, const char *csrf, const char *origin, int64_t now,
	      struct actor *ret_actor)
{
	struct actor actor;
	struct secret_hash hash;
	enum secret_kind kind;

	sessions_flush(access, now);
	if (!secret_hash(token, &kind, &hash))
		return ERR_SIGN_IN;
	TRY(session_find(access, &hash, now, &actor));
	if (actor.is_token != (kind == SECRET_TOKEN))
		return ERR_SIGN_IN;
	if (csrf != NULL && !secret_csrf_fits(token, csrf))
		return ERR_FORBIDDEN;
	if (actor.is_token)
		TRY(keep_token_roles(&actor));
	snprintf(actor.origin, sizeof(actor.origin), "%s", origin == NULL ? "" : origin);
	*ret_actor = actor;
	return OK;
}

struct closing {
	struct job job;
	struct secret_hash hash;
	int64_t account, now;
};

static enum error
close_run(struct job *job, struct db *db)
{
	struct closing *closing = (struct closing *)job;
	AUTO(query_free) struct query *q = db_query(db, delete_sql);

	bind_bytes(q, 1, closing->hash.bytes, SECRET_HASH_BYTES);
	TRY(query_run(q));
	return audit_add(db, closing->now, "signed-out", closing->account, closing->account, NULL);
}

enum error
session_close(struct access *access, const char *token, int64_t now)
{
	struct closing closing = { .job = { .run = close_run }, .now = now };
	struct actor actor;
	enum secret_kind kind;

	/* Programs do not sign out: their tokens are revoked. */
	if (!secret_hash(token, &kind, &closing.hash) || kind != SECRET_SESSION)
		return ERR_SIGN_IN;
	TRY(session_find(access, &closing.hash, now, &actor));
	closing.account = actor.account;
	/* In memory at once, whatever becomes of the job. */
	session_drop(access, &closing.hash);
	return writer_run(access->writer, &closing.job);
}
