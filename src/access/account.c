#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "access/rule.h"
#include "access/state.h"
#include "base/random.h"

enum { DETAIL_BYTES = 128, ACCOUNTS_LISTED_MAX = 1000 };

/* For one function only, so that a forgotten access_by never blames the one who acted before. */
static int64_t
take_by(struct access *access)
{
	int64_t by = access->by_account;

	access->by_account = ACCOUNT_NOBODY;
	return by;
}

static enum error
run_with(struct db *db, const char *sql, int64_t first, int64_t second)
{
	AUTO(query_free) struct query *q = db_query(db, sql);

	bind_integer(q, 1, first);
	if (strstr(sql, "$2") != NULL)
		bind_integer(q, 2, second);
	return query_run(q);
}

static const char account_open_sql[] = "SELECT closed_at FROM access_account WHERE id = $1";

static enum error
check_open(struct db *db, int64_t account)
{
	AUTO(query_free) struct query *q = db_query(db, account_open_sql);

	bind_integer(q, 1, account);
	TRY(query_one(q));
	return column_is_null(q, 0) ? OK : ERR_GONE;
}

static const char account_find_sql[] = "SELECT id FROM access_account WHERE name = $1";

enum error
account_find(struct db *db, const char *name, int64_t *ret_account)
{
	AUTO(query_free) struct query *q = db_query(db, account_find_sql);

	bind_text(q, 1, name);
	TRY(query_one(q));
	*ret_account = column_integer(q, 0);
	return OK;
}

static const char account_of_party_sql[] = "SELECT id FROM access_account WHERE party = $1 AND closed_at IS NULL";

int64_t
account_of_party(struct db *db, int64_t party)
{
	AUTO(query_free) struct query *q = db_query(db, account_of_party_sql);

	bind_integer(q, 1, party);
	return party != 0 && query_one(q) == OK ? column_integer(q, 0) : 0;
}

enum error
account_of_ledger_id(struct db *db, const unsigned char id[static 16], int64_t *ret_account)
{
	AUTO(query_free) struct query *q = db_query(db, "SELECT id FROM access_account WHERE ledger_id = $1");

	bind_bytes(q, 1, id, 16);
	TRY(query_one(q));
	*ret_account = column_integer(q, 0);
	return OK;
}

/* OK: free. */
static enum error
check_free(const struct access *access, const struct account_draft *draft, struct problem *problem)
{
	struct db *db = NULL;
	int64_t other = 0;

	TRY(reader_take(access->readers, &db));
	enum error e = account_find(db, draft->name, &other);

	if (e == OK)
		e = problem_add(problem, ERR_DUPLICATE, "name", MSG_UNIQUE, draft->name, NULL);
	else if (e == ERR_NOT_FOUND)
		e = account_of_party(db, draft->party) == 0
			    ? OK
			    : problem_add(problem, ERR_DUPLICATE, "party", MSG_UNIQUE, "party", NULL);
	reader_give(access->readers, db);
	return e;
}

enum error
account_check(const struct access *access, const struct account_draft *draft, struct problem *problem)
{
	enum error e = rule_roles(access->pack, draft->roles, draft->role_count, problem);

	if (draft->password != NULL && password_check(draft->name, draft->password, problem) != OK)
		e = ERR_BAD_INPUT;
	if (!rule_name(draft->name))
		return problem_add(problem, ERR_BAD_INPUT, "name", MSG_PATTERN, "a-z 0-9 . - _ @ (2-64)", NULL);
	return e == OK ? check_free(access, draft, problem) : e;
}

static const char account_insert_sql[] =
	"INSERT INTO access_account (id, ledger_id, name, party, language, password, epoch, made_at) "
	"SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, 0, $6 FROM access_account";

static enum error
insert_account(struct db *db, const struct account_draft *draft, const struct password_hash *hash, int64_t now)
{
	AUTO(query_free) struct query *q = db_query(db, account_insert_sql);
	unsigned char ledger_id[16];

	random_bytes(ledger_id, sizeof(ledger_id));
	bind_bytes(q, 1, ledger_id, sizeof(ledger_id));
	bind_text(q, 2, draft->name);
	if (draft->party != 0)
		bind_integer(q, 3, draft->party);
	else
		bind_null(q, 3);
	bind_text(q, 4, language_name(draft->language));
	if (hash != NULL)
		bind_text(q, 5, hash->text);
	else
		bind_null(q, 5);
	bind_integer(q, 6, now);
	return query_run(q);
}

static const char role_insert_sql[] =
	"INSERT INTO access_role (account, role, place, party, granted_at) VALUES ($1, $2, $3, $4, $5)";

static enum error
insert_role(struct db *db, int64_t account, int64_t by, const struct held_role *held, int64_t now)
{
	AUTO(query_free) struct query *q = db_query(db, role_insert_sql);
	char detail[DETAIL_BYTES];

	bind_integer(q, 1, account);
	bind_text(q, 2, held->role->name);
	bind_integer(q, 3, held->place);
	bind_integer(q, 4, held->party);
	bind_integer(q, 5, now);
	TRY(query_run(q));
	/* The party is a record's number and stays out: it may be a person's. */
	snprintf(detail, sizeof(detail), "%s place %lld%s", held->role->name, (long long)held->place,
		 held->party != 0 ? " for a party" : "");
	return audit_add(db, now, "role-granted", account, by, detail);
}

static const char code_delete_sql[] = "DELETE FROM access_code WHERE account = $1";
static const char code_insert_sql[] =
	"INSERT INTO access_code (account, hash, until_at, wrong_count) VALUES ($1, $2, $3, 0)";

static enum error
make_code(struct db *db, int64_t account, int64_t by, int64_t now, char ret_code[static ACTIVATION_CODE_BYTES])
{
	AUTO(query_free) struct query *q = db_query(db, code_insert_sql);
	char code[ACTIVATION_CODE_BYTES];
	struct secret_hash hash;

	TRY(run_with(db, code_delete_sql, account, 0));
	secret_code_draw(code);
	bool is_code = secret_code_hash(account, code, &hash);

	assert(is_code);
	bind_integer(q, 1, account);
	bind_bytes(q, 2, hash.bytes, sizeof(hash.bytes));
	bind_integer(q, 3, now + CODE_MS);
	enum error e = query_run(q);

	if (e == OK)
		e = audit_add(db, now, "code-made", account, by, NULL);
	if (e == OK)
		memcpy(ret_code, code, sizeof(code));
	sodium_memzero(code, sizeof(code));
	return e;
}

enum error
account_create(struct access *access, struct db *db, const struct account_draft *draft,
	       const struct password_hash *hash, int64_t now, int64_t *ret_account,
	       char ret_code[static ACTIVATION_CODE_BYTES])
{
	int64_t by = take_by(access), account = 0;

	if (!rule_name(draft->name))
		return ERR_BAD_INPUT;
	TRY(rule_roles(access->pack, draft->roles, draft->role_count, NULL));
	TRY(insert_account(db, draft, hash, now));
	TRY(account_find(db, draft->name, &account));
	TRY(audit_add(db, now, "account-made", account, by, NULL));
	for (size_t i = 0; i < draft->role_count; i++)
		TRY(insert_role(db, account, by, &draft->roles[i], now));
	ret_code[0] = '\0';
	if (hash == NULL)
		TRY(make_code(db, account, by, now, ret_code));
	*ret_account = account;
	return OK;
}

static const char password_set_sql[] = "UPDATE access_account SET password = $1, epoch = epoch + 1 WHERE id = $2";
static const char sessions_delete_sql[] = "DELETE FROM access_session WHERE account = $1";

enum error
account_set_password(struct access *access, struct db *db, int64_t account, const struct password_hash *hash,
		     int64_t now)
{
	AUTO(query_free) struct query *q = db_query(db, password_set_sql);
	int64_t by = take_by(access);

	TRY(check_open(db, account));
	bind_text(q, 1, hash->text);
	bind_integer(q, 2, account);
	TRY(query_run(q));
	TRY(run_with(db, sessions_delete_sql, account, 0));
	TRY(run_with(db, code_delete_sql, account, 0));
	TRY(audit_add(db, now, "password-set", account, by, NULL));
	holder_mark(access, account);
	return OK;
}

static const char account_close_sql[] =
	"UPDATE access_account SET closed_at = $2, password = NULL, epoch = epoch + 1 WHERE id = $1";
static const char tokens_delete_sql[] = "DELETE FROM access_token WHERE account = $1";

enum error
account_close(struct access *access, struct db *db, int64_t account, int64_t now)
{
	int64_t by = take_by(access);

	TRY(check_open(db, account));
	TRY(run_with(db, account_close_sql, account, now));
	TRY(run_with(db, sessions_delete_sql, account, 0));
	TRY(run_with(db, tokens_delete_sql, account, 0));
	TRY(run_with(db, code_delete_sql, account, 0));
	TRY(audit_add(db, now, "account-closed", account, by, NULL));
	holder_mark(access, account);
	return OK;
}

enum error
account_grant(struct access *access, struct db *db, int64_t account, const struct held_role *role, int64_t now,
	      struct problem *problem)
{
	int64_t by = take_by(access);
	struct account_facts facts;
	struct held_role roles[ACTOR_ROLES_MAX + 1];

	TRY(check_open(db, account));
	TRY(account_facts_read(access->pack, db, account, &facts));
	size_t count = facts.actor.role_count;

	if (count == ACTOR_ROLES_MAX)
		return ERR_TOO_LARGE;
	memcpy(roles, facts.actor.roles, count * sizeof(roles[0]));
	roles[count] = *role;
	for (size_t i = 0; i < count; i++)
		if (roles[i].role == role->role && roles[i].place == role->place && roles[i].party == role->party)
			return ERR_DUPLICATE;
	TRY(rule_roles(access->pack, roles, count + 1, problem));
	TRY(insert_role(db, account, by, role, now));
	holder_mark(access, account);
	return OK;
}

static const char role_delete_sql[] = "DELETE FROM access_role WHERE account = $1 AND role = $2";

enum error
account_revoke(struct access *access, struct db *db, int64_t account, const struct role *role, int64_t now)
{
	AUTO(query_free) struct query *q = db_query(db, role_delete_sql);
	int64_t by = take_by(access);

	TRY(check_open(db, account));
	bind_integer(q, 1, account);
	bind_text(q, 2, role->name);
	TRY(query_run(q));
	if (db_changes(db) == 0)
		return ERR_NOT_FOUND;
	TRY(audit_add(db, now, "role-revoked", account, by, role->name));
	holder_mark(access, account);
	return OK;
}

enum error
account_new_code(struct access *access, struct db *db, int64_t account, int64_t now,
		 char ret_code[static ACTIVATION_CODE_BYTES])
{
	int64_t by = take_by(access);

	TRY(check_open(db, account));
	return make_code(db, account, by, now, ret_code);
}

enum error
account_code_allowed(const struct access *access, struct db *db, const struct actor *actor, int64_t account)
{
	struct account_facts facts;

	TRY(account_facts_read(access->pack, db, account, &facts));
	if (actor_can(actor, CAN_ACCOUNTS))
		return actor->account != account ? OK : ERR_FORBIDDEN;
	if (!actor_can(actor, CAN_COUNTER) || actor->account == account)
		return ERR_FORBIDDEN;
	for (size_t i = 0; i < facts.actor.role_count; i++)
		if (rule_is_official(facts.actor.roles[i].role))
			return ERR_FORBIDDEN;
	return OK;
}

static const char account_load_sql[] = "SELECT id, name, party, language, CASE WHEN password IS NULL THEN 0 ELSE 1 "
				       "END, made_at, closed_at FROM access_account WHERE id = $1";
static const char account_list_sql[] = "SELECT id, name, party, language, CASE WHEN password IS NULL THEN 0 ELSE 1 "
				       "END, made_at, closed_at FROM access_account WHERE id > $1 "
				       "ORDER BY id LIMIT $2";

static enum error
take_row(const struct access *access, struct db *db, struct arena *arena, const struct query *q,
	 struct account_row *ret_row)
{
	struct account_row row = { .account = column_integer(q, 0),
				   .name = arena_text(arena, column_text(q, 1)),
				   .party = column_integer(q, 2),
				   .language = language_parse(column_text(q, 3)),
				   .is_activated = column_integer(q, 4) != 0,
				   .made_at = column_integer(q, 5),
				   .closed_at = column_integer(q, 6) };
	struct account_facts facts;

	TRY(account_facts_read(access->pack, db, row.account, &facts));
	row.role_count = facts.actor.role_count;
	row.roles = (struct held_role *)arena_copy(arena, facts.actor.roles, row.role_count * sizeof(row.roles[0]));
	*ret_row = row;
	return OK;
}

enum error
account_load(const struct access *access, struct db *db, struct arena *arena, int64_t account,
	     struct account_row *ret_row)
{
	AUTO(query_free) struct query *q = db_query(db, account_load_sql);

	bind_integer(q, 1, account);
	TRY(query_one(q));
	return take_row(access, db, arena, q, ret_row);
}

enum error
account_list(const struct access *access, struct db *db, struct arena *arena, int64_t after, size_t limit,
	     const struct account_row **ret_rows, size_t *ret_count)
{
	AUTO(query_free) struct query *q = db_query(db, account_list_sql);
	struct account_row *rows = NULL;
	size_t count = 0, capacity = 0;
	enum error e;

	bind_integer(q, 1, after);
	bind_integer(q, 2, limit < ACCOUNTS_LISTED_MAX ? (int64_t)limit : ACCOUNTS_LISTED_MAX);
	while ((e = query_step(q)) == OK) {
		struct account_row *row = ARENA_PUSH(arena, rows, count, capacity);

		TRY(take_row(access, db, arena, q, row));
	}
	if (e != ERR_NOT_FOUND)
		return e;
	*ret_rows = rows;
	*ret_count = count;
	return OK;
}
