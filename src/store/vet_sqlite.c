/* vet_sqlite.c - the plan is read from the program that SQLite compiles (EXPLAIN), not from EXPLAIN QUERY
 * PLAN: that one names tables by their alias. A cursor on a table or on one of its indexes that is
 * rewound and then stepped runs through all of it; a search seeks instead. */
#include "store/vet_sqlite.h"
#include <sqlite3.h>
#include <string.h>
#include "base/map.h"
#include "pack/calendar.h"
#include "store/migrate.h"
#include "store/sql.h"
#include "store/sqlite.h"

enum { TABLE_NAME_BYTES_MAX = 63 }; /* PostgreSQL cuts longer ones */

struct bench {
	sqlite3 *handle;
	struct arena *arena;
	struct text_map tables; /* name -> struct known_table */
	struct map roots;       /* root page of a table or index -> struct known_table */
	/* of the statement that is being prepared */
	const char *denied;
	struct bench_read *reads;
	size_t read_count, read_capacity;
};

static const char *const allowed_functions[] = {
	"add_days", "add_months", "add_workdays", "year_of", "age", "least", "greatest",
	"coalesce", "abs",        "count",        "sum",     "min", "max",
};

static bool
is_allowed_function(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(allowed_functions); i++)
		if (sqlite3_stricmp(name, allowed_functions[i]) == 0)
			return true;
	return false;
}

static int
deny(struct bench *bench, const char *text)
{
	if (bench->denied == NULL)
		bench->denied = text;
	return SQLITE_DENY;
}

static void
note_read(struct bench *bench, const struct known_table *table, const char *column)
{
	for (size_t i = 0; i < bench->read_count; i++)
		if (bench->reads[i].table == table && strcmp(bench->reads[i].column, column) == 0)
			return;
	*ARENA_PUSH(bench->arena, bench->reads, bench->read_count, bench->read_capacity) =
		(struct bench_read){ table, arena_text(bench->arena, column) };
}

static int
authorize_read(struct bench *bench, const char *name, const char *column)
{
	const struct known_table *table = text_map_get(&bench->tables, name);

	if (table == NULL)
		return deny(bench, arena_printf(bench->arena, "\"%s\" is no table of the pack", name));
	note_read(bench, table, column == NULL ? "" : column);
	return SQLITE_OK;
}

static int
authorize(void *context, int action, const char *first, const char *second, const char *database, const char *inner)
{
	struct bench *bench = context;

	switch (action) {
	case SQLITE_SELECT:
		return SQLITE_OK;
	case SQLITE_READ:
		return authorize_read(bench, first, second);
	case SQLITE_FUNCTION:
		if (is_allowed_function(second))
			return SQLITE_OK;
		return deny(bench,
			    arena_printf(bench->arena, "the function \"%s\" is not one of the pack language", second));
	case SQLITE_RECURSIVE:
		return deny(bench, "a recursive WITH is not allowed");
	default:
		return deny(bench, "only SELECT is allowed");
	}
}

static void
know_table(struct bench *bench, struct pack_report *report, const struct place_in_file *at, struct known_table table)
{
	struct known_table *kept = arena_new_of(bench->arena, struct known_table);

	*kept = table;
	if (strlen(table.name) > TABLE_NAME_BYTES_MAX)
		pack_report_add(report, SEVERITY_ERROR, at->file, at->line,
				"the table name \"%s\" is longer than %d letters", table.name, TABLE_NAME_BYTES_MAX);
	if (text_map_get(&bench->tables, table.name) != NULL)
		pack_report_add(report, SEVERITY_ERROR, at->file, at->line, "there are two tables with the name \"%s\"",
				table.name);
	text_map_put(&bench->tables, kept->name, kept);
}

static void
know_reg(struct bench *bench, struct pack_report *report, const struct reg *reg)
{
	know_table(bench, report, &reg->at,
		   (struct known_table){ .name = reg->name, .kind = KNOWN_REGISTER, .reg = reg });
	know_table(bench, report, &reg->at,
		   (struct known_table){
			   .name = arena_printf(bench->arena, "%s_past", reg->name), .kind = KNOWN_PAST, .reg = reg });
	for (size_t i = 0; i < reg->field_count; i++)
		if (reg->fields[i].type == FIELD_LIST)
			know_table(bench, report, &reg->fields[i].at,
				   (struct known_table){
					   .name = arena_printf(bench->arena, "%s_%s", reg->name, reg->fields[i].name),
					   .kind = KNOWN_LIST,
					   .reg = reg,
					   .list = &reg->fields[i] });
}

static enum error
know_tables(struct bench *bench, const struct pack *pack, struct pack_report *report)
{
	const struct place_in_file built_in = { .file = "pack.yaml" };
	size_t before = report->error_count;

	know_table(bench, report, &built_in, (struct known_table){ .name = "place", .kind = KNOWN_PLACE });
	know_table(bench, report, &built_in, (struct known_table){ .name = "place_above", .kind = KNOWN_PLACE_ABOVE });
	know_table(bench, report, &built_in, (struct known_table){ .name = "official_use", .kind = KNOWN_OFFICIAL });
	for (size_t i = 0; i < pack->reg_count; i++)
		know_reg(bench, report, &pack->regs[i]);
	for (size_t i = 0; i < pack->table_count; i++)
		know_table(bench, report, &pack->tables[i].at,
			   (struct known_table){ .name = pack->tables[i].name, .kind = KNOWN_DATED });
	return report->error_count == before ? OK : ERR_BAD_INPUT;
}

static enum error
execute(struct bench *bench, const char *script)
{
	return sqlite3_exec(bench->handle, script, NULL, NULL, NULL) == SQLITE_OK ? OK : ERR_FAULT;
}

/* official_use, as the store has it. */
static enum error
create_official(struct bench *bench)
{
	for (size_t i = 0; i < migration_count; i++)
		if (strcmp(migrations[i].name, "official") == 0)
			return execute(bench, migrations[i].sql);
	return ERR_FAULT;
}

static enum error
create_tables(struct bench *bench, const struct pack *pack)
{
	TRY(execute(bench, sql_create_places(SQL_SQLITE)));
	TRY(create_official(bench));
	for (size_t i = 0; i < pack->reg_count; i++)
		TRY(execute(bench, sql_create(bench->arena, &pack->regs[i])));
	for (size_t i = 0; i < pack->table_count; i++)
		TRY(execute(bench, sql_create_table(bench->arena, &pack->tables[i])));
	return OK;
}

static enum error
know_roots(struct bench *bench)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(bench->handle, "select rootpage, tbl_name from sqlite_schema where rootpage > 0",
				      -1, &statement, NULL);

	while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
		const struct known_table *table =
			text_map_get(&bench->tables, (const char *)sqlite3_column_text(statement, 1));
		map_put(&bench->roots, (uint64_t)sqlite3_column_int64(statement, 0), (uint64_t)(uintptr_t)table);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_OK ? OK : ERR_FAULT;
}

enum error
bench_open(const struct pack *pack, struct arena *arena, struct pack_report *report, struct bench **ret_bench)
{
	AUTO(bench_close) struct bench *bench = arena_new_of(arena, struct bench);

	bench->arena = arena;
	sqlite_set_up();
	if (sqlite3_open(":memory:", &bench->handle) != SQLITE_OK)
		return ERR_NO_MEMORY;
	sqlite3_db_config(bench->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(bench->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	TRY(sqlite_functions(bench->handle, pack->calendar));
	TRY(know_tables(bench, pack, report));
	TRY(create_tables(bench, pack));
	TRY(know_roots(bench));
	sqlite3_set_authorizer(bench->handle, authorize, bench);
	*ret_bench = TAKE(bench);
	return OK;
}

void
bench_close(struct bench *bench)
{
	if (bench == NULL)
		return;
	sqlite3_close(bench->handle);
	text_map_done(&bench->tables);
	map_done(&bench->roots);
}

static struct bench_column
describe_column(struct bench *bench, sqlite3_stmt *statement, int i)
{
	const char *table = sqlite3_column_table_name(statement, i);
	const char *origin = sqlite3_column_origin_name(statement, i);

	return (struct bench_column){
		.name = arena_text(bench->arena, sqlite3_column_name(statement, i)),
		.table = table == NULL ? NULL : text_map_get(&bench->tables, table),
		.origin = arena_text(bench->arena, origin),
	};
}

static const char *
what_is_wrong(struct bench *bench, int code)
{
	const char *message = sqlite3_errmsg(bench->handle);

	if (bench->denied != NULL)
		return bench->denied;
	if (code == SQLITE_OK)
		return "this is more than one statement";
	if (strncmp(message, "no such function: ", 18) == 0)
		return arena_printf(bench->arena, "the function \"%s\" is not one of the pack language", message + 18);
	return arena_text(bench->arena, message);
}

enum error
bench_try(struct bench *bench, const char *sql, struct bench_result *ret_result, const char **ret_wrong)
{
	sqlite3_stmt *statement = NULL;
	const char *tail = NULL;

	bench->denied = NULL;
	bench->reads = NULL;
	bench->read_count = bench->read_capacity = 0;
	int code = sqlite3_prepare_v2(bench->handle, sql, -1, &statement, &tail);

	if (code != SQLITE_OK || statement == NULL || *tail != '\0') {
		*ret_wrong = what_is_wrong(bench, code);
		sqlite3_finalize(statement);
		return ERR_BAD_INPUT;
	}
	int count = sqlite3_column_count(statement);
	struct bench_column *columns = arena_array_of(bench->arena, struct bench_column, (size_t)count);

	for (int i = 0; i < count; i++)
		columns[i] = describe_column(bench, statement, i);
	*ret_result = (struct bench_result){ columns, (size_t)count, bench->reads, bench->read_count };
	sqlite3_finalize(statement);
	return OK;
}

/* What one cursor of a program does. */
struct cursor {
	const struct known_table *table;
	bool from_end; /* starts at an end of the table instead of at a key */
	bool steps;
	bool counts;
};

static void
read_instruction(struct bench *bench, struct cursor *cursors, size_t cursor_count, sqlite3_stmt *program)
{
	const char *opcode = (const char *)sqlite3_column_text(program, 1);
	int64_t p1 = sqlite3_column_int64(program, 2);

	if (p1 < 0 || (size_t)p1 >= cursor_count)
		return;
	struct cursor *cursor = &cursors[p1];

	if (strcmp(opcode, "OpenRead") == 0 || strcmp(opcode, "ReopenIdx") == 0) {
		uint64_t *root = map_get(&bench->roots, (uint64_t)sqlite3_column_int64(program, 3));
		if (root != NULL)
			cursor->table = (const struct known_table *)(uintptr_t)*root;
	} else if (strcmp(opcode, "Rewind") == 0 || strcmp(opcode, "Last") == 0) {
		cursor->from_end = true;
	} else if (strcmp(opcode, "Next") == 0 || strcmp(opcode, "Prev") == 0) {
		cursor->steps = true;
	} else if (strcmp(opcode, "Count") == 0) {
		cursor->counts = true;
	}
}

const char *
bench_scanned(struct bench *bench, const char *sql)
{
	enum { CURSORS_MAX = 1024 };
	struct cursor *cursors = arena_array_of(bench->arena, struct cursor, CURSORS_MAX);
	sqlite3_stmt *program = NULL;

	if (sqlite3_prepare_v2(bench->handle, arena_printf(bench->arena, "explain %s", sql), -1, &program, NULL) !=
	    SQLITE_OK)
		return NULL; /* bench_try has said why */
	while (sqlite3_step(program) == SQLITE_ROW)
		read_instruction(bench, cursors, CURSORS_MAX, program);
	sqlite3_finalize(program);
	for (size_t i = 0; i < CURSORS_MAX; i++) {
		const struct cursor *cursor = &cursors[i];
		if (cursor->table == NULL || cursor->table->kind == KNOWN_DATED || cursor->table->kind == KNOWN_PLACE)
			continue;
		if ((cursor->from_end && cursor->steps) || cursor->counts)
			return cursor->table->name;
	}
	return NULL;
}
