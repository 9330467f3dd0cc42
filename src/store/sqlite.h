/* sqlite.h - what the files sqlite*.c share, and what vet.c needs of them. Not for use above store/.
 *
 * A prepared statement is kept under its text. Callers mostly pass literals, so the address of the
 * text is tried first (and compared, since a buffer may hold another text by now), then its hash. */
#pragma once
#include <sqlite3.h>
#include "store/db.h"

enum {
	QUERY_BUCKETS = 256,     /* a power of two */
	QUERY_RECENT = 256,      /* a power of two */
	QUERIES_KEPT_MAX = 4096, /* further ones are prepared for one use only */
	SAVEPOINT_LEVELS = 8,
	ERROR_TEXT_BYTES = 256,
};

enum query_state { QUERY_FRESH, QUERY_ROW, QUERY_ENDED };

struct query {
	struct db *db;
	sqlite3_stmt *statement; /* NULL: it could not be prepared, see `error` */
	char *sql;
	uint64_t hash;
	struct query *next; /* in its bucket */
	bool in_use;
	bool writes; /* counts for db_fail_at */
	enum query_state state;
	enum error error; /* of prepare or bind; comes out at the next step */
	int position_count;
	unsigned short *indexes; /* [n]: SQLite's index of $n, 0 when there is none */
};

struct db {
	sqlite3 *handle;
	enum db_mode mode;
	struct query *buckets[QUERY_BUCKETS];
	struct {
		const char *text; /* as the caller passed it, never read */
		struct query *query;
	} recent[QUERY_RECENT];
	size_t query_count;
	char **protected_tables;
	size_t protected_count;
	bool inserts_protected; /* the authorizer's word about the statement being prepared */
	int64_t wal_pages;      /* after the last commit */
	int fail_in;            /* writes until one fails; 0: none will */
	bool fault_fired;
	char error_text[ERROR_TEXT_BYTES];
	char violation[ERROR_TEXT_BYTES];
};

/* SQLite's code as ours; keeps the driver's words for db_error_text and db_violation. */
enum error sqlite_error(struct db *db, int code);
/* True when this write is the one that db_fail_at meant. */
bool sqlite_write_fails(struct db *db);
NODISCARD enum error sqlite_prepare(struct db *db, const char *sql, sqlite3_stmt **ret_statement,
				    const char **ret_tail);
/* The library as we want it, before anything opens it: no locks per connection, no counting of memory. */
void sqlite_set_up(void);
/* The functions of the pack language; `calendar` outlives the connection. */
NODISCARD enum error sqlite_functions(sqlite3 *handle, const struct calendar *calendar);
/* Finalizes every kept statement. */
void sqlite_forget_queries(struct db *db);
