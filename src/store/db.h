/* db.h - SQL at the level of the driver: one text for SQLite and PostgreSQL, parameters bound by
 * name ($1, $record), errors as codes. sqlite.c implements it; nothing above store/ knows which
 * database it is. A db belongs to one thread at a time. Statements are prepared once per db and
 * text and kept. */
#pragma once
#include "base/arena.h"
#include "base/value.h"

struct db;
struct query;

enum db_mode { DB_WRITE, DB_READ, DB_MEMORY, DB_SCRATCH };
/* `path` is a file's (DIR/store/tirkeu.db); made when missing with DB_WRITE. DB_SCRATCH makes a private file for what
 * is too much for memory and may be lost: it has no name once it is open, so that nothing of it stays whatever
 * happens; what it could not keep in memory lies on the path's disk. ERR_IO, ERR_DAMAGED. */
NODISCARD enum error db_open(const char *path, enum db_mode mode, struct db **ret_db);
void db_close(struct db *db); /* after the last query_free */
DEFINE_AUTO(struct db, db_close)

/* Never NULL: a statement that cannot be prepared fails when it is stepped. query_free gives it
 * back for the next use of the same text; a text in use twice at once is prepared twice. `sql` need
 * not outlive the call. */
struct query *db_query(struct db *db, const char *sql);
void query_free(struct query *query);
DEFINE_AUTO(struct query, query_free)

/* Position n is the parameter $n. Text and bytes must live until the query is freed. */
void bind_integer(struct query *query, int n, int64_t integer);
void bind_text(struct query *query, int n, const char *text);
void bind_bytes(struct query *query, int n, const void *bytes, size_t count);
void bind_null(struct query *query, int n);
void bind_value(struct query *query, int n, const struct value *value);
/* By name without the $; false when the statement has no such parameter. */
bool bind_named(struct query *query, const char *name, const struct value *value);

/* OK: a row; ERR_NOT_FOUND: no more. ERR_DUPLICATE: a unique index (db_violation), ERR_BUSY,
 * ERR_IO (disk full too), ERR_DAMAGED, ERR_FORBIDDEN (the authorizer), ERR_FAULT (bad SQL). */
NODISCARD enum error query_step(struct query *query);
/* The first row: OK or ERR_NOT_FOUND. */
NODISCARD enum error query_one(struct query *query);
/* Steps to the end, dropping rows: OK. */
NODISCARD enum error query_run(struct query *query);

int column_count(const struct query *query);
const char *column_name(const struct query *query, int i);
bool column_is_null(const struct query *query, int i);
int64_t column_integer(const struct query *query, int i);
/* Until the next step. NULL for NULL. */
const char *column_text(const struct query *query, int i);
const void *column_bytes(const struct query *query, int i, size_t *ret_count);
/* A copy in `arena`. */
struct value column_value(const struct query *query, int i, struct arena *arena);

/* Several statements separated by ; without parameters. */
NODISCARD enum error db_execute(struct db *db, const char *script);
NODISCARD enum error db_begin(struct db *db);
NODISCARD enum error db_commit(struct db *db); /* durable when it returns */
void db_rollback(struct db *db);
/* Levels 0 to 7; the writer's jobs run inside level 0. */
NODISCARD enum error db_savepoint(struct db *db, int level);
NODISCARD enum error db_release(struct db *db, int level);
NODISCARD enum error db_rollback_to(struct db *db, int level);
int64_t db_changes(struct db *db); /* rows of the last statement */
/* After ERR_DUPLICATE: "stay.guest, stay.dwelling". */
const char *db_violation(struct db *db);
/* The driver's own words about the last error, for the log (never a value). */
const char *db_error_text(struct db *db);

/* The functions of the pack language become callable in this db's SQL. `calendar` outlives the db. */
struct calendar;
NODISCARD enum error db_set_calendar(struct db *db, const struct calendar *calendar);
/* From now on UPDATE, DELETE, INSERT OR REPLACE and DROP of this table are refused on this db. */
void db_protect(struct db *db, const char *table);
/* Takes it back. */
void db_unprotect(struct db *db, const char *table);
/* Moves the write-ahead log into the file as far as readers allow. ret_wal_pages: the log's length, what was
 * moved included; it begins anew with the first write after all of it was moved. */
NODISCARD enum error db_checkpoint(struct db *db, int64_t *ret_wal_pages);
/* The same from the writer, waiting up to `wait_ms` for readers, so that the log can begin anew. */
NODISCARD enum error db_checkpoint_waiting(struct db *db, int wait_ms, int64_t *ret_wal_pages);
/* Commits of this db no longer checkpoint by themselves: another thread does (wal.h). */
void db_leave_checkpoints(struct db *db);
/* The log's length after the last commit of a db with db_leave_checkpoints. */
int64_t db_wal_pages(const struct db *db);
/* Is the file whole (its pages and indexes, not what stands in them)? OK or ERR_DAMAGED. Reads all of it. */
NODISCARD enum error db_check(struct db *db);
/* Copies the whole database to `path` while it is in use. ERR_DUPLICATE: there is such a file. */
NODISCARD enum error db_backup(struct db *db, const char *path);

/* Tests: the nth write from now (insert, update, delete, commit) fails with ERR_IO; 0 ends it. */
void db_fail_at(struct db *db, int nth);
bool db_fault_fired(const struct db *db);
