#include "store/sqlite.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 10000 };

static const char every_pragma[] = "pragma trusted_schema = off;";
/* The writer's cache holds what a batch makes dirty and the upper pages of the indexes; whatever else is
 * read comes straight from the mapped file. */
static const char write_pragmas[] = "pragma journal_mode = wal; pragma synchronous = full;"
				    "pragma cache_size = -131072; pragma mmap_size = 2147418112;"
				    "pragma journal_size_limit = 268435456;"
				    /* What is erased is overwritten with zeros, whatever the library was built for. */
				    "pragma secure_delete = on;";
static const char read_pragmas[] = "pragma query_only = on; pragma temp_store = memory; pragma cache_size = -16384;"
				   "pragma mmap_size = 2147418112;";
/* Nobody else sees the file and nobody needs it when the program has ended. */
static const char scratch_pragmas[] = "pragma journal_mode = memory; pragma synchronous = off;"
				      "pragma locking_mode = exclusive; pragma temp_store = memory;"
				      "pragma cache_size = -65536;";

/* What savepoints undo is kept in one piece of memory. In the small pieces that temp_store = memory makes, each
 * release walks all of them: a batch of 256 acts cost a quarter more. Beyond this it goes into an unnamed file, the
 * piece in one write, of which SQLite takes 17 bits of length (seekAndWriteFd): with 128 KiB and more it tells of a
 * full disk. */
enum { SAVEPOINT_MEMORY_BYTES = 127 * 1024 };

static void
set_up_library(void)
{
	/* A db belongs to one thread, so no locks per connection; counting memory would take a global one.
	 * Refused when something opened SQLite before us, which costs speed only. */
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, SAVEPOINT_MEMORY_BYTES);
	sqlite3_initialize();
}

void
sqlite_set_up(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_up_library);
}

static enum error
error_of_code(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
		return OK;
	case SQLITE_DONE:
		return ERR_NOT_FOUND;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_IOERR:
		return code == SQLITE_IOERR_NOMEM ? ERR_NO_MEMORY : ERR_IO;
	case SQLITE_FULL:
	case SQLITE_CANTOPEN:
		return ERR_IO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_DAMAGED;
	case SQLITE_AUTH:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return ERR_FORBIDDEN;
	case SQLITE_NOMEM:
		return ERR_NO_MEMORY;
	case SQLITE_TOOBIG:
		return ERR_TOO_LARGE;
	case SQLITE_CONSTRAINT:
		return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
				       code == SQLITE_CONSTRAINT_ROWID
			       ? ERR_DUPLICATE
			       : ERR_FAULT;
	default:
		return ERR_FAULT;
	}
}

enum error
sqlite_error(struct db *db, int code)
{
	enum error e = error_of_code(code);

	if (e == OK || e == ERR_NOT_FOUND)
		return e;
	snprintf(db->error_text, sizeof(db->error_text), "%s", sqlite3_errmsg(db->handle));
	if (e == ERR_DUPLICATE) {
		/* "UNIQUE constraint failed: stay.guest, stay.dwelling" */
		const char *columns = strstr(db->error_text, ": ");

		snprintf(db->violation, sizeof(db->violation), "%s", columns == NULL ? db->error_text : columns + 2);
	}
	return e;
}

bool
sqlite_write_fails(struct db *db)
{
	if (db->fail_in == 0 || --db->fail_in > 0)
		return false;
	db->fault_fired = true;
	snprintf(db->error_text, sizeof(db->error_text), "a fault that a test asked for");
	return true;
}

static int
note_wal(void *context, sqlite3 *handle, const char *name, int pages)
{
	struct db *db = context;

	db->wal_pages = pages;
	return SQLITE_OK;
}

/* The files hold personal data: nobody else on the machine may read them. SQLite gives the log and its
 * index the database's mode. A file that is there is not opened: closing it would drop the locks that all other
 * connections of this process hold on it (fcntl(2)), and then the next program that reads the store and leaves would
 * delete the log under us, with every commit in it. */
static enum error
create_private(const char *path)
{
	int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (file < 0)
		return errno == EEXIST ? ERR_DUPLICATE : ERR_IO;
	close(file);
	return OK;
}

static enum error
connect_to(struct db *db, const char *path)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	if (db->mode == DB_WRITE || db->mode == DB_SCRATCH) {
		enum error e = create_private(path);

		if (e != OK && (e != ERR_DUPLICATE || db->mode == DB_SCRATCH))
			return e;
	}
	flags |= db->mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	int code = sqlite3_open_v2(db->mode == DB_MEMORY ? ":memory:" : path, &db->handle, flags, NULL);

	if (code != SQLITE_OK)
		return db->handle == NULL ? ERR_NO_MEMORY : sqlite_error(db, code);
	/* SQLite is content with reading where it may not write, and then every act is refused. */
	if (db->mode == DB_WRITE && sqlite3_db_readonly(db->handle, "main") != 0)
		return ERR_IO;
	sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	/* "x" is always a name, as in PostgreSQL, never a text. */
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return OK;
}

/* Fails for a file that is none of SQLite's, and makes db_checkpoint work on this connection: it
 * silently does nothing until the schema was read. */
static enum error
read_schema(struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "select count(*) from sqlite_schema");

	return query_one(query);
}

enum error
db_open(const char *path, enum db_mode mode, struct db **ret_db)
{
	AUTO(db_close) struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		return ERR_NO_MEMORY;
	sqlite_set_up();
	db->mode = mode;
	TRY(connect_to(db, path));
	TRY(db_execute(db, every_pragma));
	if (mode == DB_WRITE)
		TRY(db_execute(db, write_pragmas));
	if (mode == DB_READ)
		TRY(db_execute(db, read_pragmas));
	if (mode == DB_SCRATCH)
		TRY(db_execute(db, scratch_pragmas));
	enum error e = read_schema(db);

	if (mode == DB_SCRATCH && unlink(path) != 0 && e == OK)
		e = ERR_IO;
	if (e != OK)
		return e;
	*ret_db = TAKE(db);
	return OK;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	sqlite_forget_queries(db);
	sqlite3_close_v2(db->handle);
	for (size_t i = 0; i < db->protected_count; i++)
		free(db->protected_tables[i]);
	free(db->protected_tables);
	free(db);
}

static enum error
step_to_end(struct db *db, sqlite3_stmt *statement)
{
	int code = SQLITE_ROW;

	if (!sqlite3_stmt_readonly(statement) && sqlite_write_fails(db))
		return ERR_IO;
	while (code == SQLITE_ROW)
		code = sqlite3_step(statement);
	return code == SQLITE_DONE ? OK : sqlite_error(db, code);
}

enum error
db_execute(struct db *db, const char *script)
{
	while (*script != '\0') {
		sqlite3_stmt *statement = NULL;

		TRY(sqlite_prepare(db, script, &statement, &script));
		if (statement == NULL)
			break; /* only blanks and comments were left */
		enum error e = step_to_end(db, statement);

		sqlite3_finalize(statement);
		if (e != OK)
			return e;
	}
	return OK;
}

static enum error
run_text(struct db *db, const char *sql)
{
	AUTO(query_free) struct query *query = db_query(db, sql);

	return query_run(query);
}

enum error
db_begin(struct db *db)
{
	/* Taking the write lock now: a reader that becomes a writer would meet ERR_BUSY half-way. */
	return run_text(db, db->mode == DB_READ ? "begin" : "begin immediate");
}

enum error
db_commit(struct db *db)
{
	if (sqlite_write_fails(db))
		return ERR_IO;
	return run_text(db, "commit");
}

void
db_rollback(struct db *db)
{
	/* After some errors SQLite has undone the transaction itself. */
	if (sqlite3_get_autocommit(db->handle))
		return;
	/* Whatever fails here leaves the transaction to be undone when the db is opened again. */
	IGNORE(run_text(db, "rollback"));
}

#define LEVELS(verb)                                                                                           \
	{                                                                                                      \
		verb " s0", verb " s1", verb " s2", verb " s3", verb " s4", verb " s5", verb " s6", verb " s7" \
	}

enum error
db_savepoint(struct db *db, int level)
{
	static const char *const texts[SAVEPOINT_LEVELS] = LEVELS("savepoint");

	assert(level >= 0 && level < SAVEPOINT_LEVELS);
	return run_text(db, texts[level]);
}

enum error
db_release(struct db *db, int level)
{
	static const char *const texts[SAVEPOINT_LEVELS] = LEVELS("release");

	assert(level >= 0 && level < SAVEPOINT_LEVELS);
	return run_text(db, texts[level]);
}

enum error
db_rollback_to(struct db *db, int level)
{
	static const char *const texts[SAVEPOINT_LEVELS] = LEVELS("rollback to");

	assert(level >= 0 && level < SAVEPOINT_LEVELS);
	return run_text(db, texts[level]);
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->handle);
}

const char *
db_violation(struct db *db)
{
	return db->violation;
}

const char *
db_error_text(struct db *db)
{
	return db->error_text;
}

enum error
db_set_calendar(struct db *db, const struct calendar *calendar)
{
	return sqlite_functions(db->handle, calendar);
}

static bool
is_protected(const struct db *db, const char *table)
{
	for (size_t i = 0; table != NULL && i < db->protected_count; i++)
		if (strcasecmp(db->protected_tables[i], table) == 0)
			return true;
	return false;
}

static int
authorize(void *context, int action, const char *first, const char *second, const char *schema, const char *trigger)
{
	struct db *db = context;

	switch (action) {
	case SQLITE_INSERT:
		if (is_protected(db, first))
			db->inserts_protected = true;
		return SQLITE_OK;
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
	case SQLITE_DROP_TABLE:
		return is_protected(db, first) ? SQLITE_DENY : SQLITE_OK;
	case SQLITE_ALTER_TABLE: /* the database comes first */
		return is_protected(db, second) ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_OK;
	}
}

void
db_protect(struct db *db, const char *table)
{
	size_t count = db->protected_count + 1;
	char **tables = realloc(db->protected_tables, count * sizeof(*tables));
	char *copy = strdup(table);

	if (tables == NULL || copy == NULL)
		abort();
	tables[count - 1] = copy;
	db->protected_tables = tables;
	db->protected_count = count;
	/* Setting it makes SQLite prepare everything anew, so that kept statements are asked about too. */
	sqlite3_set_authorizer(db->handle, authorize, db);
}

void
db_unprotect(struct db *db, const char *table)
{
	size_t kept = 0;

	for (size_t i = 0; i < db->protected_count; i++)
		if (strcmp(db->protected_tables[i], table) == 0)
			free(db->protected_tables[i]);
		else
			db->protected_tables[kept++] = db->protected_tables[i];
	db->protected_count = kept;
	sqlite3_set_authorizer(db->handle, authorize, db);
}

void
db_leave_checkpoints(struct db *db)
{
	sqlite3_wal_hook(db->handle, note_wal, db); /* takes the place of the automatic checkpoint */
}

int64_t
db_wal_pages(const struct db *db)
{
	return db->wal_pages;
}

static enum error
checkpoint_as(struct db *db, int mode, int64_t *ret_wal_pages)
{
	int pages = 0;
	int code = sqlite3_wal_checkpoint_v2(db->handle, "main", mode, &pages, NULL);

	if (code != SQLITE_OK)
		return sqlite_error(db, code);
	*ret_wal_pages = pages < 0 ? 0 : pages;
	return OK;
}

enum error
db_checkpoint(struct db *db, int64_t *ret_wal_pages)
{
	return checkpoint_as(db, SQLITE_CHECKPOINT_PASSIVE, ret_wal_pages);
}

enum error
db_checkpoint_waiting(struct db *db, int wait_ms, int64_t *ret_wal_pages)
{
	sqlite3_busy_timeout(db->handle, wait_ms);
	enum error e = checkpoint_as(db, SQLITE_CHECKPOINT_RESTART, ret_wal_pages);

	sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	return e;
}

static enum error
copy_all(struct db *db, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", db->handle, "main");

	if (backup == NULL)
		return error_of_code(sqlite3_extended_errcode(to));
	/* In one step: one snapshot, which in WAL mode keeps no writer waiting. */
	int code = sqlite3_backup_step(backup, -1);
	int end = sqlite3_backup_finish(backup);

	if (code == SQLITE_DONE)
		return error_of_code(end);
	return error_of_code(code == SQLITE_OK ? SQLITE_BUSY : code);
}

enum error
db_check(struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "pragma quick_check(1)");

	TRY(query_one(query));
	return strcmp(column_text(query, 0), "ok") == 0 ? OK : ERR_DAMAGED;
}

enum error
db_backup(struct db *db, const char *path)
{
	sqlite3 *to = NULL;

	TRY(create_private(path));
	int code =
		sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	enum error e = code == SQLITE_OK ? copy_all(db, to) : error_of_code(code);

	if (sqlite3_close(to) != SQLITE_OK && e == OK)
		e = ERR_IO;
	if (e != OK)
		unlink(path);
	return e;
}

void
db_fail_at(struct db *db, int nth)
{
	db->fail_in = nth;
	db->fault_fired = false;
}

bool
db_fault_fired(const struct db *db)
{
	return db->fault_fired;
}
