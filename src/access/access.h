/* access.h - accounts, passwords, sessions, tokens, roles: from what a request brings to a `struct
 * actor` that the registry trusts. Knows no register and no HTTP. Sessions and lock-outs are kept in
 * memory (sessions in the store too, so that a restart signs nobody out); safe for several threads. */
#pragma once
#include "base/arena.h"
#include "base/problem.h"
#include "pack/pack.h"
#include "store/writer.h"

struct access;

enum { ACTOR_ROLES_MAX = 16, PASSWORD_CHARS_MIN = 10, ACCOUNT_NAME_BYTES_MAX = 64, TOKEN_TEXT_BYTES = 64 };

/* A role held by an account. */
struct held_role {
	const struct role *role;
	int64_t place; /* territory; 0: none needed */
	int64_t party; /* for whom it acts ($me): a dealer's staff for the firm; 0: the account's own party */
};

/* Who acts. Copied by value into requests; never changes during one. */
struct actor {
	int64_t account; /* 0: nobody signed in; -1: console; -2: the clock */
	int64_t party;   /* the account's own party record; 0: none */
	struct held_role roles[ACTOR_ROLES_MAX];
	size_t role_count;
	enum language language;
	bool is_token; /* an API token: only roles with `token` count */
	bool is_console;
	unsigned char id[16]; /* random, what the ledger calls this account */
	unsigned char session[16];
	char origin[48]; /* network address, for the sealed detail only */
};
enum { ACCOUNT_NOBODY = 0, ACCOUNT_CONSOLE = -1, ACCOUNT_CLOCK = -2 };

/* The console has every ability but `lookups`; the clock none. */
bool actor_can(const struct actor *actor, enum ability ability);
/* A held role of that name whose territory contains `place` (0: any); NULL. */
const struct held_role *actor_role(const struct actor *actor, const struct pack *pack, const struct role *role,
				   int64_t place);

/* What one password costs. Old hashes go on being checked at their own cost and are renewed at the next sign-in when
 * they were cheaper. */
struct access_cost {
	unsigned passes;     /* Argon2id's t */
	size_t memory_bytes; /* Argon2id's m */
};
#define ACCESS_COST_FULL ((struct access_cost){ .passes = 2, .memory_bytes = (size_t)64 << 20 })
/* For all accounts of the process; ACCESS_COST_FULL until told. Tests and demos take less (at least 1 and 8 KiB). */
void access_set_cost(const struct access_cost *cost);

/* Loads the open sessions and tokens. Connections for reading are opened by path as needed; `writer` does the
 * writing and must be closed after the access. `pack` lives longer than both. */
NODISCARD enum error access_open(const struct pack *pack, const char *db_path, struct writer *writer,
				 struct access **ret_access);
void access_close(struct access *access);
DEFINE_AUTO(struct access, access_close)

/* ---- accounts; the functions with a `db` run inside a job of the caller ---- */

/* Names who acts, for the audit row of the one account_* function that it is written into:
 * account_close(access_by(access, actor->account), db, ...). Without it the row says 0, not told. In the writer's
 * thread only. */
struct access *access_by(struct access *access, int64_t account);
struct account_draft {
	const char *name; /* 2..64 of a-z 0-9 . - _ @, a letter or digit first */
	int64_t party;    /* 0: none */
	enum language language;
	const char *password; /* NULL: a one-time activation code is made instead */
	const struct held_role *roles;
	size_t role_count;
};
enum { ACTIVATION_CODE_BYTES = 16 };
/* ERR_DUPLICATE name; ERR_BAD_INPUT: name, password, a role without territory, `accounts` together with
 * a role that reads records. Hashing the password takes about 0.2 s: call account_hash first, outside the writer. */
NODISCARD enum error account_check(const struct access *access, const struct account_draft *draft,
				   struct problem *problem);
/* Characters, common passwords, the account's own name in it: ERR_BAD_INPUT on the field "password". */
NODISCARD enum error password_check(const char *name, const char *password, struct problem *problem);
struct password_hash {
	char text[128];
};
/* At most ACCESS_HASHES_AT_ONCE at once, ACCESS_HASHES_WAITING more wait; ERR_BUSY beyond. ERR_BAD_INPUT: longer than
 * PASSWORD_BYTES_MAX or not UTF-8. */
NODISCARD enum error account_hash(const char *password, struct password_hash *ret_hash);
/* `hash` NULL: not activated, `ret_code` is the one-time code; else ret_code is "". ERR_DUPLICATE: the name was used
 * before, or the party has an open account. */
NODISCARD enum error account_create(struct access *access, struct db *db, const struct account_draft *draft,
				    const struct password_hash *hash, int64_t now, int64_t *ret_account,
				    char ret_code[static ACTIVATION_CODE_BYTES]);
/* Ends the account's sessions and its code; its tokens stay. Check the password with password_check first.
 * This and all below: ERR_NOT_FOUND, and ERR_GONE for a closed account. */
NODISCARD enum error account_set_password(struct access *access, struct db *db, int64_t account,
					  const struct password_hash *hash, int64_t now);
/* Ends sessions, tokens and code. An account is never deleted nor opened again. */
NODISCARD enum error account_close(struct access *access, struct db *db, int64_t account, int64_t now);
/* ERR_BAD_INPUT: a territory is missing or not wanted, or the roles do not go together; `problem` (may be NULL) tells,
 * of the account's roles as a list, the new one last ("roles[3].place"). ERR_DUPLICATE: held already;
 * ERR_TOO_LARGE: more than ACTOR_ROLES_MAX. */
NODISCARD enum error account_grant(struct access *access, struct db *db, int64_t account, const struct held_role *role,
				   int64_t now, struct problem *problem);
/* Wherever and for whomever it is held. ERR_NOT_FOUND: it is not. */
NODISCARD enum error account_revoke(struct access *access, struct db *db, int64_t account, const struct role *role,
				    int64_t now);
NODISCARD enum error account_find(struct db *db, const char *name, int64_t *ret_account);
/* By what the ledger calls it. ERR_NOT_FOUND: none of ours, or the console's. */
NODISCARD enum error account_of_ledger_id(struct db *db, const unsigned char id[static 16], int64_t *ret_account);
/* The account of a party, 0 when it has none. */
int64_t account_of_party(struct db *db, int64_t party);
/* Fresh activation code (24 h) for an account, at the counter; an older one dies. Whoever has the code can take the
 * account over: ask account_code_allowed first. */
NODISCARD enum error account_new_code(struct access *access, struct db *db, int64_t account, int64_t now,
				      char ret_code[static ACTIVATION_CODE_BYTES]);
/* `accounts` may make a code for every account but its own; `counter` only for one whose roles have no body, so that
 * a clerk cannot become an official. ERR_FORBIDDEN. */
NODISCARD enum error account_code_allowed(const struct access *access, struct db *db, const struct actor *actor,
					  int64_t account);

/* For those who manage accounts. Texts live in `arena`. */
struct account_row {
	int64_t account;
	const char *name;
	int64_t party; /* 0: none */
	enum language language;
	bool is_activated;
	int64_t made_at, closed_at; /* closed_at 0: open */
	const struct held_role *roles;
	size_t role_count;
};
NODISCARD enum error account_load(const struct access *access, struct db *db, struct arena *arena, int64_t account,
				  struct account_row *ret_row);
/* Up to `limit` in order of their numbers, from the one after `after` (0: the first). */
NODISCARD enum error account_list(const struct access *access, struct db *db, struct arena *arena, int64_t after,
				  size_t limit, const struct account_row **ret_rows, size_t *ret_count);
/* For auditors: rows of access_audit from the newest back, those below `before` (0: all); of one account or all (0). */
struct audit_row {
	int64_t nr, at;
	const char *kind;
	int64_t account, by_account;
	const char *detail; /* NULL: none */
};
NODISCARD enum error audit_list(struct db *db, struct arena *arena, int64_t account, int64_t before, size_t limit,
				const struct audit_row **ret_rows, size_t *ret_count);

/* ---- signing in; blocking (they submit jobs to the writer): never call from the writer's thread ---- */
struct session_grant {
	char token[TOKEN_TEXT_BYTES]; /* cookie or bearer; only its hash is kept */
	char csrf[TOKEN_TEXT_BYTES];
	int64_t expires_at;
};
/* ERR_SIGN_IN: name or password is wrong; unknown names take as long as known ones. ERR_LIMITED: after 5 failures the
 * account, after 20 the origin (an office behind one address) waits 1, 2, 4 ... seconds, 15 minutes at most; the
 * problem says how long. Kept in memory only: a restart forgets. ERR_BUSY: too many wait for their hash. */
enum { ACCESS_HASHES_AT_ONCE = 2, ACCESS_HASHES_WAITING = 32, PASSWORD_BYTES_MAX = 1024 };
NODISCARD enum error session_open(struct access *access, const char *name, const char *password, const char *origin,
				  int64_t now, struct problem *problem, struct session_grant *ret_grant);
/* First sign-in with the one-time code: sets the password and opens a session. ERR_BAD_INPUT: the password is weak
 * (the code lives on). ERR_SIGN_IN: name or code is wrong, used or past its 24 h; the fifth wrong code kills it. */
NODISCARD enum error session_activate(struct access *access, const char *name, const char *code, const char *password,
				      const char *origin, int64_t now, struct problem *problem,
				      struct session_grant *ret_grant);
/* Memory only, no database on the way: ERR_SIGN_IN for unknown, expired, closed. `csrf` is compared when not
 * NULL (cookie requests that change something): ERR_FORBIDDEN. Sessions end after 12 h or 30 min of silence.
 * `token` may be an API token too. Only the first call after a change of the account reads the store. `now` is real
 * time, not a demo's clock. */
NODISCARD enum error session_actor(struct access *access, const char *token, const char *csrf, const char *origin,
				   int64_t now, struct actor *ret_actor);
NODISCARD enum error session_close(struct access *access, const char *token, int64_t now);
/* A long-lived token of an account with a `token` role; `label` (1..64 bytes, no "/") tells it apart. ERR_FORBIDDEN: no such
 * role; ERR_DUPLICATE: the label is in use; ERR_LIMITED: 16 tokens already. */
NODISCARD enum error token_create(struct access *access, int64_t account, const char *label, int64_t now,
				  char ret_token[static TOKEN_TEXT_BYTES]);
NODISCARD enum error token_revoke(struct access *access, int64_t account, const char *label, int64_t now);
/* The same when another account does it; `by` stands in the audit row. */
NODISCARD enum error token_create_by(struct access *access, int64_t account, int64_t by, const char *label, int64_t now,
				     char ret_token[static TOKEN_TEXT_BYTES]);
NODISCARD enum error token_revoke_by(struct access *access, int64_t account, int64_t by, const char *label,
				     int64_t now);
/* The actor of an account without a session: the command line under DIR/lock, tests. */
NODISCARD enum error actor_of_account(struct access *access, struct db *db, int64_t account, struct actor *ret_actor);
/* Console: may do what administrators on the machine may; its entries name it. */
void actor_console(struct actor *ret_actor);
void actor_clock(struct actor *ret_actor);

/* ---- rate limits: a token bucket for each key (account, origin, route), in bounded memory ---- */
struct limiter;
struct limiter *limiter_new(size_t keys_max);
/* A key that clients cannot aim at others' buckets: keyed hash of what is limited ("sign-in") and for whom. */
uint64_t limiter_key(const struct limiter *limiter, const char *what, const char *whom);
void limiter_free(struct limiter *limiter);
DEFINE_AUTO(struct limiter, limiter_free)
/* false: too many; ret_wait_ms tells when to come again. `burst` is at least 1. With more keys than fit, the bucket
 * that is nearest to full makes room. */
bool limiter_take(struct limiter *limiter, uint64_t key, double per_second, double burst, int64_t now,
		  int64_t *ret_wait_ms);
