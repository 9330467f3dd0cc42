#include "compare.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/strbuf.h"

enum { BOOLEAN_OID = 16, ROWS_SHOWN = 3 };

struct answer {
	bool refused; /* the statement failed */
	const char *error;
	char **rows;
	size_t count, capacity;
};

void
compare_begin(struct comparison *comparison, const char *subject)
{
	comparison->subject = subject;
	comparison->asked = comparison->rows = 0;
	comparison->differs = false;
}

void
compare_end(struct comparison *comparison)
{
	bool sound = !comparison->differs && comparison->asked > 0;

	printf("%s %s: %s (%zu asked, %zu rows)\n", sound ? "ok" : "not ok", comparison->pack_name, comparison->subject,
	       comparison->asked, comparison->rows);
	comparison->passed += sound;
	comparison->failed += !sound;
}

static void
differ(struct comparison *comparison, const struct statement *statement, const struct value *values, const char *how)
{
	if (comparison->differs)
		return; /* the first difference of a subject is enough to look at */
	comparison->differs = true;
	printf("%s: %s\n  SQLite:     %s\n  PostgreSQL: %s\n ", comparison->subject, how, statement->sql,
	       statement->translated == NULL ? "" : statement->translated);
	for (size_t i = 0; i < statement->count; i++) {
		printf(" $%s = ", statement->parameters[i].name);
		if (values == NULL || values[i].kind == VALUE_NULL)
			printf("NULL");
		else if (values[i].kind == VALUE_TEXT)
			printf("'%s'", values[i].text);
		else
			printf("%" PRId64, values[i].integer);
	}
	printf("\n");
}

static const struct sql_parameter *
known_parameter(const struct sql_parameter *known, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(known[i].name, name) == 0)
			return &known[i];
	return NULL;
}

struct statement *
statement_new(struct comparison *comparison, const char *sql, const struct sql_parameter *known, size_t known_count)
{
	struct arena *arena = comparison->world->arena;
	struct statement *statement = arena_new_of(arena, struct statement);

	statement->sql = sql;
	statement->count = sql_parameters(arena, sql, &statement->names);
	assert(statement->count <= COMPARE_PARAMETERS_MAX);
	for (size_t i = 0; i < statement->count; i++) {
		const struct sql_parameter *parameter = known_parameter(known, known_count, statement->names[i]);

		statement->parameters[i] =
			parameter != NULL ? *parameter : (struct sql_parameter){ statement->names[i], VALUE_NULL };
	}
	statement->translated = sql_for_postgresql(arena, sql, statement->parameters, statement->count);
	return statement;
}

static char **
new_row(struct answer *answer)
{
	if (answer->count == answer->capacity) {
		answer->capacity = answer->capacity == 0 ? 16 : 2 * answer->capacity;
		answer->rows = realloc(answer->rows, answer->capacity * sizeof(*answer->rows));
		assert(answer->rows != NULL);
	}
	return &answer->rows[answer->count++];
}

static void
answer_done(struct answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		free(answer->rows[i]);
	free(answer->rows);
}
DEFINE_AUTO_DONE(struct answer, answer_done)

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
ask_sqlite(struct comparison *comparison, const struct statement *statement, const struct value *values,
	   struct answer *answer)
{
	AUTO(query_free) struct query *query = db_query(comparison->world->sqlite, statement->sql);
	enum error e = OK;

	for (size_t i = 0; i < statement->count; i++)
		bind_named(query, statement->parameters[i].name, &values[i]);
	while ((e = query_step(query)) == OK) {
		AUTO(strbuf_done) struct strbuf row = { 0 };

		for (int i = 0; i < column_count(query); i++) {
			const char *text = column_text(query, i);
			strbuf_printf(&row, "%s%s", i == 0 ? "" : " | ", text == NULL ? "NULL" : text);
		}
		*new_row(answer) = strbuf_take(&row, NULL);
	}
	answer->refused = e != ERR_NOT_FOUND;
	answer->error = answer->refused ? db_error_text(comparison->world->sqlite) : "";
}

static bool
prepare(struct comparison *comparison, struct statement *statement)
{
	struct world *world = comparison->world;

	if (statement->name != NULL)
		return true;
	if (statement->translated == NULL) {
		differ(comparison, statement, NULL, "has a parameter that nobody knows");
		return false;
	}
	const char *name = arena_printf(world->arena, "s%zu", comparison->statement_count++);
	PGresult *result = PQprepare(world->postgres, name, statement->translated, 0, NULL);

	if (PQresultStatus(result) == PGRES_COMMAND_OK)
		statement->name = name;
	else
		differ(comparison, statement, NULL,
		       arena_printf(world->arena, "PostgreSQL refuses it: %s", PQresultErrorMessage(result)));
	PQclear(result);
	return statement->name != NULL;
}

static const char *
cell(const PGresult *result, int row, int column)
{
	if (PQgetisnull(result, row, column))
		return "NULL";
	if (PQftype(result, column) == BOOLEAN_OID)
		return *PQgetvalue(result, row, column) == 't' ? "1" : "0";
	return PQgetvalue(result, row, column);
}

static void
ask_postgres(struct comparison *comparison, const struct statement *statement, const struct value *values,
	     struct answer *answer)
{
	const char *texts[COMPARE_PARAMETERS_MAX] = { 0 };
	char numbers[COMPARE_PARAMETERS_MAX][24];

	for (size_t i = 0; i < statement->count; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%" PRId64, values[i].integer);
		texts[i] = values[i].kind == VALUE_NULL   ? NULL
			   : values[i].kind == VALUE_TEXT ? values[i].text
							  : numbers[i];
	}
	PGresult *result = PQexecPrepared(comparison->world->postgres, statement->name, (int)statement->count, texts,
					  NULL, NULL, 0);

	answer->refused = PQresultStatus(result) != PGRES_TUPLES_OK;
	answer->error = arena_text(comparison->world->arena, answer->refused ? PQresultErrorMessage(result) : "");
	for (int row = 0; row < PQntuples(result); row++) {
		AUTO(strbuf_done) struct strbuf text = { 0 };

		for (int i = 0; i < PQnfields(result); i++)
			strbuf_printf(&text, "%s%s", i == 0 ? "" : " | ", cell(result, row, i));
		*new_row(answer) = strbuf_take(&text, NULL);
	}
	PQclear(result);
}

/* Rows that one answer has and the other lacks; both are sorted. */
static void
show_differences(const struct answer *sqlite, const struct answer *postgres)
{
	size_t i = 0, k = 0;
	int shown = 0;

	while ((i < sqlite->count || k < postgres->count) && shown < ROWS_SHOWN) {
		int order = i == sqlite->count     ? 1
			    : k == postgres->count ? -1
						   : strcmp(sqlite->rows[i], postgres->rows[k]);

		if (order == 0) {
			i++;
			k++;
			continue;
		}
		printf("  only %s: %s\n", order < 0 ? "SQLite" : "PostgreSQL",
		       order < 0 ? sqlite->rows[i++] : postgres->rows[k++]);
		shown++;
	}
}

static bool
same_rows(const struct answer *a, const struct answer *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = strcmp(a->rows[i], b->rows[i]) == 0;
	return same;
}

void
compare_ask(struct comparison *comparison, struct statement *statement, const struct value *values)
{
	AUTO(answer_done) struct answer sqlite = { 0 };
	AUTO(answer_done) struct answer postgres = { 0 };
	struct arena *arena = comparison->world->arena;

	comparison->asked++;
	if (!prepare(comparison, statement))
		return;
	ask_sqlite(comparison, statement, values, &sqlite);
	ask_postgres(comparison, statement, values, &postgres);
	comparison->rows += sqlite.count;
	if (sqlite.refused || postgres.refused) {
		if (sqlite.refused != postgres.refused)
			differ(comparison, statement, values,
			       arena_printf(arena, "only one refuses it. SQLite: %s; PostgreSQL: %s", sqlite.error,
					    postgres.error));
		return;
	}
	if (sqlite.count > 1)
		qsort(sqlite.rows, sqlite.count, sizeof(*sqlite.rows), by_text);
	if (postgres.count > 1)
		qsort(postgres.rows, postgres.count, sizeof(*postgres.rows), by_text);
	if (same_rows(&sqlite, &postgres) || comparison->differs)
		return;
	differ(comparison, statement, values, "the answers differ");
	show_differences(&sqlite, &postgres);
}
