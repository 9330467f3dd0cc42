#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "access/state.h"
#include "base/random.h"
#include "text/utf8.h"

struct token_job {
	struct job job;
	struct access *access;
	int64_t account, by, now;
	const char *label;
	struct session session; /* the token to be added, or the one that was revoked */
};

/* Eight of the id's bytes are enough to tell tokens apart in the audit table. */
static enum error
audit_token(const struct token_job *token, struct db *db, const char *kind)
{
	char detail[2 * 8 + 1];

	sodium_bin2hex(detail, sizeof(detail), token->session.id, 8);
	return audit_add(db, token->now, kind, token->account, token->by, detail);
}

static const char count_sql[] = "SELECT count(*) FROM access_token WHERE account = $1";
static const char insert_sql[] =
	"INSERT INTO access_token (hash, id, account, label, made_at) VALUES ($1, $2, $3, $4, $5)";

static enum error
check_allowed(const struct token_job *token, struct db *db)
{
	AUTO(query_free) struct query *q = db_query(db, count_sql);
	struct account_facts facts;
	bool has_role = false;

	TRY(account_facts_read(token->access->pack, db, token->account, &facts));
	if (!facts.is_open)
		return ERR_GONE;
	for (size_t i = 0; i < facts.actor.role_count; i++)
		has_role = has_role || facts.actor.roles[i].role->token;
	if (!has_role)
		return ERR_FORBIDDEN;
	bind_integer(q, 1, token->account);
	TRY(query_one(q));
	return column_integer(q, 0) < TOKENS_PER_ACCOUNT_MAX ? OK : ERR_LIMITED;
}

static enum error
create_run(struct job *job, struct db *db)
{
	struct token_job *token = (struct token_job *)job;
	AUTO(query_free) struct query *q = db_query(db, insert_sql);

	TRY(check_allowed(token, db));
	bind_bytes(q, 1, token->session.hash.bytes, SECRET_HASH_BYTES);
	bind_bytes(q, 2, token->session.id, SECRET_ID_BYTES);
	bind_integer(q, 3, token->account);
	bind_text(q, 4, token->label);
	bind_integer(q, 5, token->now);
	TRY(query_run(q));
	return audit_token(token, db, "token-made");
}

enum error
token_create_by(struct access *access, int64_t account, int64_t by, const char *label, int64_t now,
		char ret_token[static TOKEN_TEXT_BYTES])
{
	size_t bytes = label == NULL ? 0 : strnlen(label, TOKEN_LABEL_BYTES_MAX + 1);
	struct token_job token = {
		.job = { .run = create_run }, .access = access, .account = account, .by = by, .now = now, .label = label
	};
	char text[TOKEN_TEXT_BYTES];
	enum secret_kind kind;

	/* A label with a slash could stand in no address, so nobody could revoke the token. */
	if (bytes == 0 || bytes > TOKEN_LABEL_BYTES_MAX || strchr(label, '/') != NULL || !utf8_is_valid(label, bytes) ||
	    !utf8_is_clean(label, bytes, false))
		return ERR_BAD_INPUT;
	secret_draw(SECRET_TOKEN, text);
	bool is_token = secret_hash(text, &kind, &token.session.hash);

	assert(is_token);
	random_bytes(token.session.id, SECRET_ID_BYTES);
	token.session.is_token = true;
	token.session.until_at = INT64_MAX;
	struct holder *holder = holder_pin(access, account);
	enum error e = writer_run(access->writer, &token.job);

	if (e == OK)
		e = session_add(access, holder, &token.session);
	if (e != OK)
		holder_unpin(access, holder);
	else
		memcpy(ret_token, text, sizeof(text));
	sodium_memzero(text, sizeof(text));
	return e;
}

static const char find_sql[] = "SELECT hash, id FROM access_token WHERE account = $1 AND label = $2";
static const char delete_sql[] = "DELETE FROM access_token WHERE hash = $1";

static enum error
revoke_run(struct job *job, struct db *db)
{
	struct token_job *token = (struct token_job *)job;
	AUTO(query_free) struct query *find = db_query(db, find_sql);
	AUTO(query_free) struct query *delete = db_query(db, delete_sql);
	size_t hash_bytes = 0, id_bytes = 0;

	bind_integer(find, 1, token->account);
	bind_text(find, 2, token->label);
	TRY(query_one(find));
	const void *hash = column_bytes(find, 0, &hash_bytes), *id = column_bytes(find, 1, &id_bytes);

	if (hash == NULL || id == NULL || hash_bytes != SECRET_HASH_BYTES || id_bytes != SECRET_ID_BYTES)
		return ERR_DAMAGED;
	memcpy(token->session.hash.bytes, hash, hash_bytes);
	memcpy(token->session.id, id, id_bytes);
	bind_bytes(delete, 1, token->session.hash.bytes, SECRET_HASH_BYTES);
	TRY(query_run(delete));
	return audit_token(token, db, "token-revoked");
}

enum error
token_revoke_by(struct access *access, int64_t account, int64_t by, const char *label, int64_t now)
{
	struct token_job token = {
		.job = { .run = revoke_run }, .access = access, .account = account, .by = by, .now = now, .label = label
	};

	TRY(writer_run(access->writer, &token.job));
	session_drop(access, &token.session.hash);
	return OK;
}

enum error
token_create(struct access *access, int64_t account, const char *label, int64_t now,
	     char ret_token[static TOKEN_TEXT_BYTES])
{
	return token_create_by(access, account, account, label, now, ret_token);
}

enum error
token_revoke(struct access *access, int64_t account, const char *label, int64_t now)
{
	return token_revoke_by(access, account, account, label, now);
}
