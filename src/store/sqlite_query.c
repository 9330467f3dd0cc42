#include "store/sqlite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/map.h"

static void *
take_zeroed(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (memory == NULL)
		abort(); /* as base/arena.h explains */
	return memory;
}

static bool
names_replace(const char *sql)
{
	return strcasestr(sql, "replace") != NULL;
}

enum error
sqlite_prepare(struct db *db, const char *sql, sqlite3_stmt **ret_statement, const char **ret_tail)
{
	sqlite3_stmt *statement = NULL;

	db->inserts_protected = false;
	int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, ret_tail);

	if (code != SQLITE_OK)
		return sqlite_error(db, code);
	/* INSERT OR REPLACE removes rows without asking the authorizer for a DELETE. */
	if (db->inserts_protected && names_replace(sql)) {
		sqlite3_finalize(statement);
		snprintf(db->error_text, sizeof(db->error_text), "replace in an append-only table");
		return ERR_FORBIDDEN;
	}
	*ret_statement = statement;
	return OK;
}

/* "$12" gives 12; 0 for anything that is no position. */
static int
position_of(const char *parameter)
{
	int position = 0;

	if (parameter == NULL || parameter[0] != '$' || parameter[1] == '0')
		return 0;
	for (const char *c = parameter + 1; *c != '\0'; c++) {
		if (*c < '0' || *c > '9' || position > 9999)
			return 0;
		position = position * 10 + (*c - '0');
	}
	return position;
}

/* SQLite takes $2 as a name and numbers parameters as they first occur: looked up once here. */
static void
map_positions(struct query *query)
{
	int count = sqlite3_bind_parameter_count(query->statement);

	for (int i = 1; i <= count; i++) {
		int position = position_of(sqlite3_bind_parameter_name(query->statement, i));

		if (position > query->position_count)
			query->position_count = position;
	}
	if (query->position_count == 0)
		return;
	query->indexes = take_zeroed(((size_t)query->position_count + 1) * sizeof(*query->indexes));
	for (int i = 1; i <= count; i++)
		query->indexes[position_of(sqlite3_bind_parameter_name(query->statement, i))] = (unsigned short)i;
	query->indexes[0] = 0;
}

/* BEGIN IMMEDIATE counts as a write for SQLite, not for a test that lets writes fail. */
static bool
is_write(sqlite3_stmt *statement, const char *sql)
{
	return statement != NULL && !sqlite3_stmt_readonly(statement) && strncmp(sql, "begin", 5) != 0;
}

static struct query *
prepare(struct db *db, const char *sql, uint64_t hash)
{
	struct query *query = take_zeroed(sizeof(*query));
	struct query **bucket = &db->buckets[hash % QUERY_BUCKETS];

	query->db = db;
	query->hash = hash;
	query->sql = strdup(sql);
	if (query->sql == NULL)
		abort();
	query->error = sqlite_prepare(db, sql, &query->statement, NULL);
	if (query->error == OK && query->statement == NULL)
		query->error = ERR_FAULT; /* nothing but blanks and comments */
	query->writes = is_write(query->statement, sql);
	map_positions(query);
	query->next = *bucket;
	*bucket = query;
	db->query_count++;
	return query;
}

static struct query *
find_free(struct db *db, const char *sql, uint64_t hash)
{
	for (struct query *query = db->buckets[hash % QUERY_BUCKETS]; query != NULL; query = query->next)
		if (query->hash == hash && !query->in_use && strcmp(query->sql, sql) == 0)
			return query;
	return NULL;
}

struct query *
db_query(struct db *db, const char *sql)
{
	size_t slot = ((uintptr_t)sql ^ ((uintptr_t)sql >> 8)) % QUERY_RECENT;
	struct query *query = db->recent[slot].text == sql ? db->recent[slot].query : NULL;

	if (query == NULL || query->in_use || strcmp(query->sql, sql) != 0) {
		uint64_t hash = hash_bytes(sql, strlen(sql));

		query = find_free(db, sql, hash);
		if (query == NULL)
			query = prepare(db, sql, hash);
		db->recent[slot].text = sql;
		db->recent[slot].query = query;
	}
	query->in_use = true;
	return query;
}

static void
destroy(struct query *query)
{
	struct db *db = query->db;
	struct query **link = &db->buckets[query->hash % QUERY_BUCKETS];

	while (*link != query)
		link = &(*link)->next;
	*link = query->next;
	for (size_t i = 0; i < QUERY_RECENT; i++)
		if (db->recent[i].query == query)
			db->recent[i].query = NULL;
	db->query_count--;
	sqlite3_finalize(query->statement);
	free(query->indexes);
	free(query->sql);
	free(query);
}

void
query_free(struct query *query)
{
	if (query == NULL)
		return;
	assert(query->in_use);
	query->in_use = false;
	/* What cannot be prepared now may be later, when its table exists. */
	if (query->statement == NULL || query->db->query_count > QUERIES_KEPT_MAX) {
		destroy(query);
		return;
	}
	sqlite3_reset(query->statement);
	if (sqlite3_bind_parameter_count(query->statement) > 0)
		sqlite3_clear_bindings(query->statement); /* they point into the caller's memory */
	query->state = QUERY_FRESH;
	query->error = OK;
}

void
sqlite_forget_queries(struct db *db)
{
	for (size_t i = 0; i < QUERY_BUCKETS; i++)
		while (db->buckets[i] != NULL)
			destroy(db->buckets[i]);
}

/* Begins the statement anew, its bindings stay. */
static void
restart(struct query *query)
{
	if (query->state != QUERY_FRESH && query->statement != NULL)
		sqlite3_reset(query->statement);
	query->state = QUERY_FRESH;
}

static int
index_of(struct query *query, int n)
{
	if (query->statement == NULL)
		return 0;
	restart(query);
	int index = n >= 1 && n <= query->position_count ? query->indexes[n] : 0;

	if (index == 0) {
		snprintf(query->db->error_text, ERROR_TEXT_BYTES, "the statement has no parameter $%d", n);
		query->error = ERR_FAULT;
	}
	return index;
}

static void
note_bind(struct query *query, int code)
{
	if (code != SQLITE_OK && query->error == OK)
		query->error = sqlite_error(query->db, code);
}

static void
bind_at(struct query *query, int index, const struct value *value)
{
	sqlite3_stmt *statement = query->statement;
	int code = SQLITE_OK;

	switch (value->kind) {
	case VALUE_NULL:
		code = sqlite3_bind_null(statement, index);
		break;
	case VALUE_INTEGER:
	case VALUE_BOOLEAN:
		code = sqlite3_bind_int64(statement, index, value->integer);
		break;
	case VALUE_TEXT:
		code = sqlite3_bind_text64(statement, index, value->text, value->bytes, SQLITE_STATIC, SQLITE_UTF8);
		break;
	case VALUE_BYTES:
		if (value->bytes == 0) /* a NULL pointer would bind NULL */
			code = sqlite3_bind_zeroblob(statement, index, 0);
		else
			code = sqlite3_bind_blob64(statement, index, value->text, value->bytes, SQLITE_STATIC);
		break;
	}
	note_bind(query, code);
}

void
bind_value(struct query *query, int n, const struct value *value)
{
	int index = index_of(query, n);

	if (index != 0)
		bind_at(query, index, value);
}

void
bind_integer(struct query *query, int n, int64_t integer)
{
	struct value value = value_integer(integer);

	bind_value(query, n, &value);
}

void
bind_text(struct query *query, int n, const char *text)
{
	struct value value = value_text(text);

	bind_value(query, n, &value);
}

void
bind_bytes(struct query *query, int n, const void *bytes, size_t count)
{
	struct value value = value_bytes(bytes, count);

	bind_value(query, n, &value);
}

void
bind_null(struct query *query, int n)
{
	struct value value = value_null();

	bind_value(query, n, &value);
}

bool
bind_named(struct query *query, const char *name, const struct value *value)
{
	char parameter[128];

	if (query->statement == NULL)
		return false;
	int bytes = snprintf(parameter, sizeof(parameter), "$%s", name);

	if (bytes < 0 || (size_t)bytes >= sizeof(parameter))
		return false;
	int index = sqlite3_bind_parameter_index(query->statement, parameter);

	if (index == 0)
		return false;
	restart(query);
	bind_at(query, index, value);
	return true;
}

enum error
query_step(struct query *query)
{
	if (query->error != OK)
		return query->error;
	if (query->state == QUERY_ENDED)
		return ERR_NOT_FOUND;
	if (query->state == QUERY_FRESH && query->writes && sqlite_write_fails(query->db))
		return ERR_IO;
	int code = sqlite3_step(query->statement);

	if (code == SQLITE_ROW) {
		query->state = QUERY_ROW;
		return OK;
	}
	enum error e = code == SQLITE_DONE ? ERR_NOT_FOUND : sqlite_error(query->db, code);

	sqlite3_reset(query->statement); /* lets go of the snapshot at once */
	query->state = QUERY_ENDED;
	return e;
}

enum error
query_one(struct query *query)
{
	restart(query);
	return query_step(query);
}

enum error
query_run(struct query *query)
{
	restart(query);
	enum error e = query_step(query);

	while (e == OK)
		e = query_step(query);
	return e == ERR_NOT_FOUND ? OK : e;
}

int
column_count(const struct query *query)
{
	return query->statement == NULL ? 0 : sqlite3_column_count(query->statement);
}

const char *
column_name(const struct query *query, int i)
{
	return query->statement == NULL ? NULL : sqlite3_column_name(query->statement, i);
}

bool
column_is_null(const struct query *query, int i)
{
	return sqlite3_column_type(query->statement, i) == SQLITE_NULL;
}

int64_t
column_integer(const struct query *query, int i)
{
	return sqlite3_column_int64(query->statement, i);
}

const char *
column_text(const struct query *query, int i)
{
	return (const char *)sqlite3_column_text(query->statement, i);
}

const void *
column_bytes(const struct query *query, int i, size_t *ret_count)
{
	const void *bytes = sqlite3_column_blob(query->statement, i);

	*ret_count = (size_t)sqlite3_column_bytes(query->statement, i);
	return bytes;
}

struct value
column_value(const struct query *query, int i, struct arena *arena)
{
	struct value value = value_null();

	switch (sqlite3_column_type(query->statement, i)) {
	case SQLITE_NULL:
		return value;
	case SQLITE_TEXT:
		value.kind = VALUE_TEXT;
		value.text = column_text(query, i);
		value.bytes = (size_t)sqlite3_column_bytes(query->statement, i);
		return value_copy(arena, &value);
	case SQLITE_BLOB:
		value.kind = VALUE_BYTES;
		value.text = column_bytes(query, i, &value.bytes);
		return value_copy(arena, &value);
	default:
		return value_integer(column_integer(query, i));
	}
}
