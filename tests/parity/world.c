#include "world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/day.h"
#include "base/strbuf.h"
#include "pack/input.h"
#include "store/migrate.h"
#include "store/schema.h"
#include "store/sql.h"

uint64_t
world_random(struct world *world, uint64_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return world->random % below;
}

static bool
chance(struct world *world, unsigned percent)
{
	return world_random(world, 100) < percent;
}

int64_t
world_id(const struct reg *reg, size_t i)
{
	return (int64_t)(reg->index * WORLD_ROWS + i + 1);
}

/* Deadlines live at their borders: most days lie beside one, some far off, a few at the ends of time. */
static int64_t
some_day(struct world *world)
{
	static const int near[] = { -366, -365, -364, -92, -60, -32, -31, -30, -29, -11, -10, -9,
				    -5,   -4,   -3,   -2,  -1,  0,   1,   2,   10,  30,  31,  365 };
	uint64_t kind = world_random(world, 100);

	if (kind < 45)
		return world->days[0] + near[world_random(world, ARRAY_COUNT(near))];
	if (kind < 85)
		return world->days[0] - 500 + (int64_t)world_random(world, 600);
	if (kind < 93)
		return day_from_civil(2015 + (int)world_random(world, 4), 1 + (int)world_random(world, 12), 1) +
		       (int64_t)world_random(world, 31);
	if (kind < 98)
		return day_from_civil(1940 + (int)world_random(world, 80), 2, 28) + (int64_t)world_random(world, 3);
	return chance(world, 50) ? DAY_FIRST : DAY_LAST;
}

static int64_t
some_number(struct world *world, const struct field *field)
{
	int64_t low = field->has_min ? field->min : 0;
	int64_t span = chance(world, 70) ? 6 : field->type == FIELD_INTEGER ? 2000 : 20000;

	if (field->has_max && field->max - low < span)
		span = field->max - low + 1;
	return low + (int64_t)world_random(world, (uint64_t)span);
}

/* Few texts, so that they meet; in three scripts, with what quoting gets wrong. */
static struct value
some_text(struct world *world, const struct field *field)
{
	static const char *const texts[] = { "a", "b", "A", "Қуаныш", "Ә", "ё", "O'Neil", "\"x\"\\n", "zz top", "1" };
	static const char *const documents[] = { "UZB:AA1234567", "KGZ:1", "KAZ:N01" };
	static const char *const countries[] = { "KZ", "UZ", "KG", "RU" };

	if (strcmp(field->name, "role") == 0 && world->pack->role_count > 0)
		return value_text(world->pack->roles[world_random(world, world->pack->role_count)].name);
	if (field->type == FIELD_DOCUMENT)
		return value_text(arena_printf(world->arena, "%s%d", documents[world_random(world, 3)],
					       (int)world_random(world, 500)));
	if (field->type == FIELD_COUNTRY)
		return value_text(countries[world_random(world, ARRAY_COUNT(countries))]);
	if (chance(world, 50))
		return value_text(arena_printf(world->arena, "t%d", (int)world_random(world, 1000)));
	return value_text(texts[world_random(world, ARRAY_COUNT(texts))]);
}

/* Half of all references go to a few records, so that those have many. */
static int64_t
some_record(struct world *world, const struct field *field)
{
	const struct reg *reg = field->to[world_random(world, field->to_count)];

	return world_id(reg, world_random(world, chance(world, 50) ? 12 : WORLD_ROWS));
}

static struct value
some_choice(struct world *world, const struct field *field, size_t column)
{
	size_t i = world_random(world, field->choice_count);

	return column == 0 ? value_text(field->choices[i]) : value_integer((int64_t)i + 1);
}

struct value
world_value(struct world *world, const struct field *field, size_t column)
{
	if (!field->required && chance(world, 25))
		return value_null();
	switch (field->type) {
	case FIELD_DAY:
		return value_integer(some_day(world));
	case FIELD_INSTANT:
		return value_integer(some_day(world) * DAY_MS + (chance(world, 50) ? 0 : DAY_MS - 1));
	case FIELD_BOOLEAN:
		return value_boolean(chance(world, 50));
	case FIELD_CHOICE:
		return some_choice(world, field, column);
	case FIELD_REF:
		return value_integer(some_record(world, field));
	case FIELD_PLACE:
		return world->place_count == 0 ? value_null()
					       : value_integer(world->places[world_random(world, world->place_count)]);
	case FIELD_POINT:
		return value_integer((int64_t)world_random(world, 1800000000) - 900000000);
	case FIELD_IIN:
	case FIELD_BIN:
		return value_integer(600101000000 + (int64_t)world_random(world, 100000));
	case FIELD_INTEGER:
	case FIELD_DECIMAL:
	case FIELD_MONEY:
	case FIELD_FILE:
		return value_integer(some_number(world, field));
	case FIELD_LIST:
		return value_null();
	default:
		return some_text(world, field);
	}
}

/* A choice and its rank agree. */
static void
some_fields(struct world *world, const struct reg *reg, struct value *values)
{
	for (size_t i = COLUMN_FIRST_FIELD; i < reg->column_count; i++) {
		const struct column *column = &reg->columns[i];

		if (column->role != COLUMN_RANK) {
			values[i] = world_value(world, column->field, 0);
			continue;
		}
		values[i] = value_null();
		for (size_t k = 0; values[i - 1].kind == VALUE_TEXT && k < column->field->choice_count; k++)
			if (strcmp(column->field->choices[k], values[i - 1].text) == 0)
				values[i] = value_integer((int64_t)k + 1);
	}
}

static void
some_record_of(struct world *world, const struct reg *reg, int64_t id, struct value *values)
{
	values[COLUMN_ID] = value_integer(id);
	values[COLUMN_STATE] = value_text(reg->states[world_random(world, reg->state_count)]);
	values[COLUMN_VERSION] = value_integer(1 + (int64_t)world_random(world, 4));
	values[COLUMN_CHANGED_AT] = value_integer((world->days[0] - (int64_t)world_random(world, 400)) * DAY_MS);
	some_fields(world, reg, values);
}

static enum error
insert(struct db *db, const char *sql, const struct value *values, size_t count)
{
	AUTO(query_free) struct query *query = db_query(db, sql);

	for (size_t i = 0; i < count; i++)
		bind_value(query, (int)i + 1, &values[i]);
	return query_run(query);
}

static enum error
fill_lists(struct world *world, const struct reg *reg, int64_t id)
{
	for (size_t f = 0; f < reg->field_count; f++) {
		const struct field *list = &reg->fields[f];

		if (list->type != FIELD_LIST)
			continue;
		const char *sql = sql_list_insert(world->arena, reg, list);
		size_t rows = world_random(world, 5);

		for (size_t row = 0; row < rows; row++) {
			struct value values[64] = { value_integer(id), value_integer((int64_t)row + 1) };
			size_t count = 2;

			for (size_t i = 0; i < list->item_count; i++)
				for (size_t k = 0; k < input_columns(&list->items[i]) && count < 64; k++)
					values[count++] = world_value(world, &list->items[i], k);
			TRY(insert(world->sqlite, sql, values, count));
		}
	}
	return OK;
}

/* Images of the past: the record as it is, over other times. */
static enum error
fill_past(struct world *world, const struct reg *reg, int64_t id)
{
	const char *keep = sql_keep_past(world->arena, reg);
	size_t images = world_random(world, 3);

	for (size_t i = 0; i < images; i++) {
		struct value now[2] = { value_integer(id),
					value_integer((world->days[0] + (int64_t)world_random(world, 400)) * DAY_MS) };

		TRY(insert(world->sqlite, keep, now, 2));
	}
	return OK;
}

static enum error
fill_reg(struct world *world, const struct reg *reg)
{
	const char *sql = sql_insert(world->arena, reg);
	struct value *values = arena_array_of(world->arena, struct value, reg->column_count);

	for (size_t i = 0; i < WORLD_ROWS; i++) {
		enum error e = ERR_DUPLICATE;

		/* A unique index may refuse it; some records therefore lack. */
		for (int tries = 0; e == ERR_DUPLICATE && tries < 8; tries++) {
			some_record_of(world, reg, world_id(reg, i), values);
			e = insert(world->sqlite, sql, values, reg->column_count);
		}
		if (e == ERR_DUPLICATE)
			continue;
		if (e != OK)
			return e;
		TRY(fill_lists(world, reg, world_id(reg, i)));
		TRY(fill_past(world, reg, world_id(reg, i)));
	}
	return OK;
}

static void
choose_places(struct world *world)
{
	const struct pack *pack = world->pack;

	while (pack->place_count > 0 && world->place_count < WORLD_PLACES) {
		const struct place *place = &pack->places[world_random(world, pack->place_count)];

		while (place != NULL && world->place_count < WORLD_PLACES) {
			world->places[world->place_count++] = place->id;
			place = pack_place(pack, place->parent);
		}
	}
}

/* A column of official_use, by its name; whatever is not told here is a number. */
static struct value
some_official(struct world *world, const char *column, size_t i)
{
	static const char *const kinds[] = { "lookup", "hit", "search", "act", "report" };
	const struct pack *pack = world->pack;

	if (strcmp(column, "id") == 0)
		return value_integer((int64_t)i + 1);
	if (strcmp(column, "kind") == 0)
		return value_text(kinds[world_random(world, ARRAY_COUNT(kinds))]);
	if (strcmp(column, "role") == 0)
		return value_text(pack->role_count == 0 ? "" : pack->roles[world_random(world, pack->role_count)].name);
	if (strcmp(column, "reg") == 0)
		return value_text(pack->regs[world_random(world, pack->reg_count)].name);
	if (strcmp(column, "purpose") == 0 || strcmp(column, "case_text") == 0)
		return chance(world, 30) ? value_null() : value_text("O'1");
	if (strcmp(column, "outside") == 0 || strcmp(column, "refused") == 0 || strcmp(column, "limited") == 0)
		return value_boolean(chance(world, 20));
	if (strcmp(column, "place") == 0 && world->place_count > 0)
		return value_integer(world->places[world_random(world, world->place_count)]);
	if (strcmp(column, "at") == 0 || strcmp(column, "shown_at") == 0)
		return value_integer(some_day(world) * DAY_MS);
	if (strcmp(column, "account") == 0)
		return value_integer((int64_t)world_random(world, 12));
	return value_integer((int64_t)world_random(world, pack->reg_count * WORLD_ROWS));
}

static enum error
fill_official(struct world *world)
{
	AUTO(query_free) struct query *columns = db_query(world->sqlite, "select * from official_use");
	AUTO(strbuf_done) struct strbuf sql = { 0 };
	struct value values[64];
	size_t count = (size_t)column_count(columns);

	assert(count > 0 && count <= ARRAY_COUNT(values));
	strbuf_text(&sql, "insert into official_use values (");
	for (size_t i = 0; i < count; i++)
		strbuf_printf(&sql, "%s$%zu", i == 0 ? "" : ", ", i + 1);
	strbuf_text(&sql, ")");
	for (size_t row = 0; row < WORLD_ROWS; row++) {
		for (size_t i = 0; i < count; i++)
			values[i] = some_official(world, column_name(columns, (int)i), row);
		TRY(insert(world->sqlite, sql.text, values, count));
	}
	return OK;
}

static enum error
fill_sqlite(struct world *world)
{
	struct pack_report report = { 0 };

	pack_report_init(&report);
	TRY(db_open(NULL, DB_MEMORY, &world->sqlite));
	TRY(db_set_calendar(world->sqlite, world->pack->calendar));
	TRY(db_begin(world->sqlite));
	TRY(schema_migrate(world->sqlite));
	TRY(schema_install(world->sqlite, world->pack, &report));
	pack_report_done(&report);
	for (size_t i = 0; i < world->pack->reg_count; i++)
		TRY(fill_reg(world, &world->pack->regs[i]));
	TRY(fill_official(world));
	return db_commit(world->sqlite);
}

static bool
run(struct world *world, const char *sql)
{
	PGresult *result = PQexec(world->postgres, sql);
	bool done = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;

	if (!done)
		fprintf(stderr, "PostgreSQL: %s\n%.400s\n", PQresultErrorMessage(result), sql);
	PQclear(result);
	return done;
}

static void
copy_cell(struct strbuf *line, const char *text)
{
	if (text == NULL)
		strbuf_text(line, "\\N");
	for (; text != NULL && *text != '\0'; text++) {
		if (*text == '\\' || *text == '\t' || *text == '\n')
			strbuf_char(line, '\\');
		strbuf_char(line, *text == '\t' ? 't' : *text == '\n' ? 'n' : *text);
	}
}

static bool
send_rows(struct world *world, struct query *query)
{
	AUTO(strbuf_done) struct strbuf lines = { 0 };
	enum error e = OK;

	while ((e = query_step(query)) == OK) {
		for (int i = 0; i < column_count(query); i++) {
			strbuf_text(&lines, i == 0 ? "" : "\t");
			copy_cell(&lines, column_text(query, i));
		}
		strbuf_char(&lines, '\n');
	}
	return e == ERR_NOT_FOUND &&
	       (lines.bytes == 0 || PQputCopyData(world->postgres, lines.text, (int)lines.bytes) == 1);
}

/* One table, row by row, by the names of its columns. */
static bool
copy_table(struct world *world, const char *table)
{
	AUTO(query_free)
	struct query *query = db_query(world->sqlite, arena_printf(world->arena, "select * from \"%s\"", table));
	AUTO(strbuf_done) struct strbuf copy = { 0 };

	strbuf_printf(&copy, "copy \"%s\" (", table);
	for (int i = 0; i < column_count(query); i++)
		strbuf_printf(&copy, "%s\"%s\"", i == 0 ? "" : ", ", column_name(query, i));
	strbuf_text(&copy, ") from stdin");
	PGresult *result = PQexec(world->postgres, copy.text);
	bool open = PQresultStatus(result) == PGRES_COPY_IN;

	PQclear(result);
	bool sent = open && send_rows(world, query) && PQputCopyEnd(world->postgres, NULL) == 1;

	while (open && (result = PQgetResult(world->postgres)) != NULL) {
		sent = sent && PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
	}
	if (!sent)
		fprintf(stderr, "PostgreSQL: the table %s could not be copied: %s\n", table,
			PQerrorMessage(world->postgres));
	return sent;
}

static bool
copy_reg(struct world *world, const struct reg *reg)
{
	if (!run(world, sql_create_for(world->arena, reg, SQL_POSTGRESQL)) || !copy_table(world, reg->name) ||
	    !copy_table(world, arena_printf(world->arena, "%s_past", reg->name)))
		return false;
	for (size_t i = 0; i < reg->field_count; i++)
		if (reg->fields[i].type == FIELD_LIST &&
		    !copy_table(world, arena_printf(world->arena, "%s_%s", reg->name, reg->fields[i].name)))
			return false;
	return true;
}

static const char *
read_functions(struct arena *arena)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	FILE *file = fopen("src/store/functions.pg.sql", "r");
	char piece[4096];
	size_t bytes = 0;

	if (file == NULL)
		return NULL;
	while ((bytes = fread(piece, 1, sizeof(piece), file)) > 0)
		strbuf_add(&text, piece, bytes);
	fclose(file);
	return arena_copy(arena, text.text, text.bytes);
}

bool
world_prepare_postgres(struct world *world)
{
	const char *functions = read_functions(world->arena);

	if (functions == NULL) {
		fprintf(stderr, "src/store/functions.pg.sql cannot be read\n");
		return false;
	}
	return run(world,
		   "set client_min_messages = warning; drop schema if exists packs cascade; create schema packs; "
		   "set search_path = packs, pg_catalog") &&
	       run(world, functions);
}

/* The migration as it is: it names no type that only one of the two knows. */
static bool
copy_official(struct world *world)
{
	for (size_t i = 0; i < migration_count; i++)
		if (strcmp(migrations[i].name, "official") == 0)
			return run(world, migrations[i].sql) && copy_table(world, "official_use");
	return false;
}

static bool
fill_postgres(struct world *world)
{
	const struct pack *pack = world->pack;

	if (!world_prepare_postgres(world) || !run(world, sql_create_places(SQL_POSTGRESQL)) ||
	    !copy_table(world, "place") || !copy_table(world, "place_above") || !copy_official(world))
		return false;
	for (size_t i = 0; i < pack->table_count; i++)
		if (!run(world, sql_create_table(world->arena, &pack->tables[i])) ||
		    !copy_table(world, pack->tables[i].name))
			return false;
	for (size_t i = 0; i < pack->reg_count; i++)
		if (!copy_reg(world, &pack->regs[i]))
			return false;
	return run(world, "analyze");
}

bool
world_make(struct world *world, const struct pack *pack, PGconn *postgres, uint64_t seed)
{
	static const int offsets[WORLD_DAYS] = { 0, 45, -400, -1, 1 };

	*world = (struct world){ .arena = arena_new(), .pack = pack, .postgres = postgres };
	world->random = seed * 2654435761U + 88172645463325252U;
	for (size_t i = 0; i < WORLD_DAYS; i++)
		world->days[i] = pack->edition + offsets[i];
	choose_places(world);
	enum error e = fill_sqlite(world);

	if (e != OK) {
		fprintf(stderr, "SQLite: the store could not be filled: %s (%s)\n", error_name(e),
			world->sqlite == NULL ? "" : db_error_text(world->sqlite));
		return false;
	}
	return fill_postgres(world);
}

void
world_done(struct world *world)
{
	db_close(world->sqlite);
	arena_free(world->arena);
}
