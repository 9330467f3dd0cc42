/* sql_create.c - tables and indexes of registers, lists, dated tables and places. */
#include "store/sql.h"
#include <inttypes.h>
#include <string.h>
#include "base/map.h"
#include "base/strbuf.h"
#include "pack/input.h"

/* The text of `buffer`, moved into the arena. */
static const char *
move_into(struct arena *arena, struct strbuf *buffer)
{
	strbuf_text(buffer, "");
	return arena_copy(arena, buffer->text, buffer->bytes);
}

static const char *
type_name(enum value_kind kind)
{
	switch (kind) {
	case VALUE_BOOLEAN:
		return "boolean";
	case VALUE_TEXT:
		return "text";
	case VALUE_BYTES:
		return "bytea";
	case VALUE_NULL:
	case VALUE_INTEGER:
		break;
	}
	return "bigint";
}

static bool
is_name(const char *name)
{
	size_t bytes = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return bytes > 0 && name[bytes] == '\0' && name[0] >= 'a' && name[0] <= 'z';
}

void
sql_name(struct strbuf *out, const char *name)
{
	assert(is_name(name));
	strbuf_char(out, '"');
	strbuf_text(out, name);
	strbuf_char(out, '"');
}

/* Two names that make one: R_past, R_f. */
static void
joined_name(struct strbuf *out, const char *first, const char *second)
{
	assert(is_name(first) && is_name(second));
	strbuf_printf(out, "\"%s_%s\"", first, second);
}

void
sql_field_column(struct strbuf *out, const struct field *field, size_t i)
{
	assert(i < input_columns(field));
	if (field->type == FIELD_POINT)
		joined_name(out, field->name, i == 0 ? "lat" : "lon");
	else if (i == 1)
		joined_name(out, field->name, "rank");
	else
		sql_name(out, field->name);
}

enum value_kind
sql_field_kind(const struct field *field, size_t i)
{
	switch (field->type) {
	case FIELD_BOOLEAN:
		return VALUE_BOOLEAN;
	case FIELD_CHOICE:
		return i == 0 ? VALUE_TEXT : VALUE_INTEGER;
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_DOCUMENT:
	case FIELD_PHONE:
	case FIELD_EMAIL:
	case FIELD_COUNTRY:
	case FIELD_NUMBER:
		return VALUE_TEXT;
	default:
		return VALUE_INTEGER;
	}
}

static void
field_columns(struct strbuf *out, const struct reg *reg)
{
	for (size_t i = COLUMN_FIRST_FIELD; i < reg->column_count; i++) {
		strbuf_text(out, ", ");
		sql_name(out, reg->columns[i].name);
		strbuf_printf(out, " %s", type_name(reg->columns[i].kind));
	}
}

static void
create_register(struct strbuf *out, const struct reg *reg, enum sql_dialect dialect)
{
	strbuf_text(out, "create table ");
	sql_name(out, reg->name);
	strbuf_printf(out,
		      " (\"id\" %s primary key, \"state\" text not null, \"version\" bigint not null,"
		      " \"changed_at\" bigint not null",
		      dialect == SQL_SQLITE ? "integer" : "bigint");
	field_columns(out, reg);
	strbuf_text(out, ");\ncreate table ");
	joined_name(out, reg->name, "past");
	strbuf_text(out, " (\"id\" bigint not null, \"state\" text not null, \"version\" bigint not null,"
			 " \"changed_at\" bigint not null");
	field_columns(out, reg);
	strbuf_text(out, ", \"from_at\" bigint not null, \"until_at\" bigint not null);\n");
}

const char *
sql_create_list(struct arena *arena, const struct reg *reg, const struct field *list)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "create table ");
	joined_name(&out, reg->name, list->name);
	strbuf_text(&out, " (\"parent\" bigint not null, \"nr\" bigint not null");
	for (size_t i = 0; i < list->item_count; i++) {
		for (size_t k = 0; k < input_columns(&list->items[i]); k++) {
			strbuf_text(&out, ", ");
			sql_field_column(&out, &list->items[i], k);
			strbuf_printf(&out, " %s", type_name(sql_field_kind(&list->items[i], k)));
		}
	}
	strbuf_text(&out, ");\n");
	return move_into(arena, &out);
}

const char *
sql_create_for(struct arena *arena, const struct reg *reg, enum sql_dialect dialect)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	const struct sql_index *indexes = NULL;

	create_register(&out, reg, dialect);
	for (size_t i = 0; i < reg->field_count; i++)
		if (reg->fields[i].type == FIELD_LIST)
			strbuf_text(&out, sql_create_list(arena, reg, &reg->fields[i]));
	size_t count = sql_indexes(arena, reg, &indexes);

	for (size_t i = 0; i < count; i++)
		strbuf_text(&out, indexes[i].create);
	return move_into(arena, &out);
}

const char *
sql_create(struct arena *arena, const struct reg *reg)
{
	return sql_create_for(arena, reg, SQL_SQLITE);
}

const char *
sql_add_column(struct arena *arena, const struct reg *reg, const struct column *column)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (int past = 0; past < 2; past++) {
		strbuf_text(&out, "alter table ");
		if (past)
			joined_name(&out, reg->name, "past");
		else
			sql_name(&out, reg->name);
		strbuf_text(&out, " add column ");
		sql_name(&out, column->name);
		strbuf_printf(&out, " %s;\n", type_name(column->kind));
	}
	return move_into(arena, &out);
}

const char *
sql_add_list_column(struct arena *arena, const struct reg *reg, const struct field *list, const struct field *item,
		    size_t i)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "alter table ");
	joined_name(&out, reg->name, list->name);
	strbuf_text(&out, " add column ");
	sql_field_column(&out, item, i);
	strbuf_printf(&out, " %s;\n", type_name(sql_field_kind(item, i)));
	return move_into(arena, &out);
}

/* A rank or a point's half has no default text of its own: the rank follows the choice by position. */
static void
default_rank(struct strbuf *out, const struct field *field)
{
	strbuf_printf(out, "case (%s\n)", field->default_value);
	for (size_t i = 0; i < field->choice_count; i++) {
		assert(is_name(field->choices[i]));
		strbuf_printf(out, " when '%s' then %zu", field->choices[i], i + 1);
	}
	strbuf_text(out, " end");
}

const char *
sql_fill_default(struct arena *arena, const struct reg *reg, const struct column *column)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "update ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " set ");
	sql_name(&out, column->name);
	strbuf_text(&out, " = ");
	if (column->role == COLUMN_RANK)
		default_rank(&out, column->field);
	else
		strbuf_printf(&out, "(%s\n)", column->field->default_value);
	return move_into(arena, &out);
}

/* PostgreSQL cuts a name behind 63 bytes; register (40), hash (16) and marks stay below. */
static const char *
index_name(struct arena *arena, const char *table, const char *definition)
{
	return arena_printf(arena, "ix.%s.%016" PRIx64, table, hash_bytes(definition, strlen(definition)));
}

struct index_list {
	struct arena *arena;
	struct sql_index *indexes;
	size_t count, capacity;
};

static void
add_index(struct index_list *list, const struct reg *reg, const char *definition, const struct unique *unique)
{
	/* A plain index and a unique one over the same columns are two: the one must not pass for the other. */
	const char *named = unique != NULL ? definition : arena_printf(list->arena, "plain %s", definition);
	const char *name = index_name(list->arena, reg->name, named);

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->indexes[i].name, name) == 0)
			return; /* a `unique` written twice */
	*ARENA_PUSH(list->arena, list->indexes, list->count, list->capacity) = (struct sql_index){
		.name = name,
		.create = arena_printf(list->arena, "create %sindex \"%s\" on %s;\n", unique != NULL ? "unique " : "",
				       name, definition),
		.unique = unique,
	};
}

/* Columns of a unique: a rank says nothing that its choice does not. */
static size_t
unique_columns(const struct field *field)
{
	return field->type == FIELD_POINT ? 2 : 1;
}

static void
states_in(struct strbuf *out, const char *const *states, size_t count)
{
	strbuf_text(out, "\"state\" in (");
	for (size_t i = 0; i < count; i++) {
		assert(is_name(states[i]));
		strbuf_printf(out, "%s'%s'", i == 0 ? "" : ", ", states[i]);
	}
	strbuf_char(out, ')');
}

static bool
wants_index(const struct field *field)
{
	return (field->type == FIELD_REF || field->type == FIELD_PLACE) && field->indexed;
}

/* A unique that holds in some states only is a partial index; but one that begins with a field that wants an index
 * is made full by a last column that tells all other records apart, so that it serves both: each index less is a
 * page less to write for every record. */
static bool
serves_both(const struct unique *unique)
{
	return unique->state_count > 0 && wants_index(unique->fields[0]);
}

static void
add_unique_index(struct index_list *list, const struct reg *reg, const struct unique *unique)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	sql_name(&out, reg->name);
	strbuf_text(&out, " (");
	for (size_t i = 0; i < unique->field_count; i++) {
		for (size_t k = 0; k < unique_columns(unique->fields[i]); k++) {
			strbuf_text(&out, i + k == 0 ? "" : ", ");
			sql_field_column(&out, unique->fields[i], k);
		}
	}
	if (serves_both(unique)) {
		strbuf_text(&out, ", (case when ");
		states_in(&out, unique->states, unique->state_count);
		strbuf_text(&out, " then 0 else \"id\" end)");
	}
	strbuf_char(&out, ')');
	if (unique->state_count > 0 && !serves_both(unique)) {
		strbuf_text(&out, " where ");
		states_in(&out, unique->states, unique->state_count);
	}
	add_index(list, reg, arena_text(list->arena, out.text), unique);
}

static void
add_plain_index(struct index_list *list, const struct reg *reg, const char *suffix, const char *columns)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	if (suffix == NULL)
		sql_name(&out, reg->name);
	else
		joined_name(&out, reg->name, suffix);
	strbuf_printf(&out, " (%s)", columns);
	add_index(list, reg, arena_text(list->arena, out.text), NULL);
}

static bool
leads_unique(const struct reg *reg, const struct field *field)
{
	for (size_t i = 0; i < reg->unique_count; i++)
		if ((reg->uniques[i].state_count == 0 || serves_both(&reg->uniques[i])) &&
		    reg->uniques[i].fields[0] == field)
			return true;
	return false;
}

size_t
sql_indexes(struct arena *arena, const struct reg *reg, const struct sql_index **ret_indexes)
{
	struct index_list list = { .arena = arena };

	for (size_t i = 0; i < reg->unique_count; i++)
		add_unique_index(&list, reg, &reg->uniques[i]);
	for (size_t i = 0; i < reg->field_count; i++) {
		const struct field *field = &reg->fields[i];
		if (field->type == FIELD_LIST)
			add_plain_index(&list, reg, field->name, "\"parent\", \"nr\"");
		if (wants_index(field) && !leads_unique(reg, field))
			add_plain_index(&list, reg, NULL, arena_printf(arena, "\"%s\"", field->name));
	}
	add_plain_index(&list, reg, "past", "\"id\"");
	*ret_indexes = list.indexes;
	return list.count;
}

const char *
sql_drop_index(struct arena *arena, const char *name)
{
	assert(strncmp(name, "ix.", 3) == 0 && strchr(name, '"') == NULL);
	return arena_printf(arena, "drop index if exists \"%s\"", name);
}

const char *
sql_create_places(enum sql_dialect dialect)
{
#define PLACES_SQL(key)                                                                     \
	"drop table if exists place;\n"                                                     \
	"drop table if exists place_above;\n"                                               \
	"create table place (id " key " primary key, code text not null, parent bigint);\n" \
	"create table place_above (place bigint not null, above bigint not null);\n"        \
	"create unique index \"ix.place_above.place\" on place_above (place, above);\n"     \
	"create index \"ix.place_above.above\" on place_above (above, place);\n"
	return dialect == SQL_SQLITE ? PLACES_SQL("integer") : PLACES_SQL("bigint");
#undef PLACES_SQL
}

const char sql_insert_place[] = "insert into place (id, code, parent) values ($1, $2, $3)";
const char sql_insert_place_above[] = "insert into place_above (place, above) values ($1, $2)";

const char *
sql_drop_table(struct arena *arena, const char *name)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "drop table if exists ");
	sql_name(&out, name);
	return move_into(arena, &out);
}

const char *
sql_create_table(struct arena *arena, const struct dated_table *table)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_printf(&out, "%s;\ncreate table ", sql_drop_table(arena, table->name));
	sql_name(&out, table->name);
	strbuf_text(&out, " (");
	for (size_t i = 0; i < table->column_count; i++) {
		strbuf_text(&out, i == 0 ? "" : ", ");
		sql_name(&out, table->columns[i].name);
		strbuf_text(&out, table->columns[i].kind == TABLE_TEXT ? " text" : " bigint");
	}
	strbuf_text(&out, ");\n");
	/* Provisions look a row up by the first column; without an index SQLite builds one for each evaluation. */
	if (table->column_count > 0) {
		strbuf_printf(&out, "create index \"ix.%s.%s\" on ", table->name, table->columns[0].name);
		sql_name(&out, table->name);
		strbuf_text(&out, " (");
		sql_name(&out, table->columns[0].name);
		strbuf_text(&out, ");\n");
	}
	return move_into(arena, &out);
}

const char *
sql_insert_row(struct arena *arena, const struct dated_table *table)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "insert into ");
	sql_name(&out, table->name);
	strbuf_text(&out, " values (");
	for (size_t i = 0; i < table->column_count; i++)
		strbuf_printf(&out, "%s$%zu", i == 0 ? "" : ", ", i + 1);
	strbuf_char(&out, ')');
	return move_into(arena, &out);
}
