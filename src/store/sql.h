/* sql.h - the one place where a pack's names become SQL. Every name goes through sql_name; values
 * are never written, always bound. All results live in `arena`, made once when a pack is opened. */
#pragma once
#include "base/arena.h"
#include "pack/pack.h"

/* Statements are one text for both databases; only tables differ: SQLite wants `integer primary key` for a key
 * that is the row's number. */
enum sql_dialect { SQL_SQLITE, SQL_POSTGRESQL };

struct strbuf;
/* Appends `name` in double quotes; asserts that it is a pack's name ([a-z][a-z0-9_]*). */
void sql_name(struct strbuf *out, const char *name);
/* The column of a field: its name, with _rank, _lat or _lon behind it; `i` below input_columns(field). In quotes. */
void sql_field_column(struct strbuf *out, const struct field *field, size_t i);
/* What the column holds; the type of a parameter that is compared with it. */
enum value_kind sql_field_kind(const struct field *field, size_t i);

/* Tables, indexes and list tables of a register, as statements for db_execute. */
const char *sql_create(struct arena *arena, const struct reg *reg);
const char *sql_create_for(struct arena *arena, const struct reg *reg, enum sql_dialect dialect);
/* The same piece by piece, for an edition that comes over living data. */
const char *sql_create_list(struct arena *arena, const struct reg *reg, const struct field *list);
const char *sql_add_column(struct arena *arena, const struct reg *reg, const struct column *column);
const char *sql_add_list_column(struct arena *arena, const struct reg *reg, const struct field *list,
				const struct field *item, size_t i);
/* update R set column = (default): for records made before the field existed. */
const char *sql_fill_default(struct arena *arena, const struct reg *reg, const struct column *column);

/* An index is named after what it is (R and a hash of its definition), so that a changed one has another name. */
struct sql_index {
	const char *name;
	const char *create;          /* the statement */
	const struct unique *unique; /* NULL: only there to be quick */
};
size_t sql_indexes(struct arena *arena, const struct reg *reg, const struct sql_index **ret_indexes);
/* drop index if exists; `name` as above. */
const char *sql_drop_index(struct arena *arena, const char *name);

/* Built-in and dated tables. Creating replaces: the old ones are dropped first. */
const char *sql_create_places(enum sql_dialect dialect);
extern const char sql_insert_place[];       /* $1 id, $2 code, $3 parent */
extern const char sql_insert_place_above[]; /* $1 place, $2 above */
const char *sql_create_table(struct arena *arena, const struct dated_table *table);
const char *sql_drop_table(struct arena *arena, const char *name);
const char *sql_insert_row(struct arena *arena, const struct dated_table *table);

/* insert into R (all columns) values ($1, …): one per reg->columns. */
const char *sql_insert(struct arena *arena, const struct reg *reg);
/* update R set all columns but id ($2 …) where id = $1 and version = $n (n = column_count + 1). */
const char *sql_update(struct arena *arena, const struct reg *reg);
/* select all columns from R where id = $1 */
const char *sql_load(struct arena *arena, const struct reg *reg);
/* insert into R_past (columns, from_at, until_at) select …, changed_at, $2 from R where id = $1 */
const char *sql_keep_past(struct arena *arena, const struct reg *reg);
/* Lists: insert into R_f (parent, nr, items…) values ($1, $2, …); delete … where parent = $1;
 * select items … order by nr. */
const char *sql_list_insert(struct arena *arena, const struct reg *reg, const struct field *list);
const char *sql_list_delete(struct arena *arena, const struct reg *reg, const struct field *list);
const char *sql_list_load(struct arena *arena, const struct reg *reg, const struct field *list);

/* with this as (select * from R where id = $record) select (v1), (v2) from this; without `this`
 * (a new record): select (v1), (v2). NULL when there are no values. */
const char *sql_values(struct arena *arena, const struct reg *this_reg, bool has_this, const char *const *values,
		       size_t count);
/* A SELECT of the pack with `this` before it. */
const char *sql_set(struct arena *arena, const struct reg *this_reg, bool has_this, const char *select);
/* select (c1), (c2) from R where id = $record: the field checks. NULL when there are none. */
const char *sql_checks(struct arena *arena, const struct reg *reg, const char *const *conditions, size_t count);
/* A provision for one record ($record), for a range ($first <= record < $behind), for all. */
const char *sql_provision_one(struct arena *arena, const struct provision *provision);
const char *sql_provision_range(struct arena *arena, const struct provision *provision);
/* select (exists …), (exists …): for one record ($record), which of the provisions have a row. */
const char *sql_provisions_hit(struct arena *arena, const struct provision *const *provisions, size_t count);
const char *sql_provision_all(struct arena *arena, const struct provision *provision);
/* Ids that a wake names: old.x and new.x become $old_x and $new_x. */
const char *sql_wake(struct arena *arena, const struct wake *wake);
/* All that a new record wakes, in one: select <place in `wakes`>, <id> … union all …; in (old.x, new.x) is = $new_x, and
 * elsewhere $old_x is to be NULL. NULLs among `wakes` are left out; NULL when there is nothing else. */
const char *sql_wakes_of_new(struct arena *arena, const struct wake *const *wakes, size_t count);
/* A party's select for one record ($record): select party from (…) where record = $record; and the records of one
 * party ($party). Each once, NULL left out. */
const char *sql_party_of(struct arena *arena, const struct reg *reg, const struct party *party);
const char *sql_records_of(struct arena *arena, const struct reg *reg, const struct party *party);
/* The records that a reveal shows for one record ($record): each once, NULL left out. */
const char *sql_reveal(struct arena *arena, const struct reveal *reveal);
/* select 1 from R where id = $1 */
const char *sql_exists(struct arena *arena, const struct reg *reg);
/* The ids behind $1, at most $2 of them, ascending; the past images of one record ($1): columns, from_at, until_at. */
const char *sql_page(struct arena *arena, const struct reg *reg);
const char *sql_past(struct arena *arena, const struct reg *reg);
/* All records by id; all their past images (columns, from_at, until_at) by id and version; all rows of a list (parent,
 * nr, items…) by parent and nr. */
const char *sql_scan(struct arena *arena, const struct reg *reg);
const char *sql_past_scan(struct arena *arena, const struct reg *reg);
const char *sql_list_scan(struct arena *arena, const struct reg *reg, const struct field *list);
/* select id from R where f1 = $1 and … : the index that serves a unique or a resolve. A point takes two
 * parameters, every other field one. */
const char *sql_find(struct arena *arena, const struct reg *reg, const struct field *const *fields, size_t count);
/* Of a register with an address (search): its distinct places and streets; ids and numbers of the houses in a street ($1
 * place, $2 street; without one: `has_street` false). Of one that lies in it: ids and units of one such record ($1). */
const char *sql_streets(struct arena *arena, const struct reg *reg);
const char *sql_houses(struct arena *arena, const struct reg *reg, bool has_street);
const char *sql_units(struct arena *arena, const struct reg *reg);

/* The parameters ($name) of a pack's text, in order of first use, once each; skips strings, quoted
 * names and comments. */
size_t sql_parameters(struct arena *arena, const char *text, const char *const **ret_names);
/* Does the text name `this`? */
bool sql_names_this(const char *text);

/* The text as PostgreSQL takes it: $name becomes $n::type, n counting as sql_parameters does. A kind of
 * VALUE_NULL gives no cast. NULL: the text has a parameter that is not listed. */
struct sql_parameter {
	const char *name;
	enum value_kind kind;
};
const char *sql_for_postgresql(struct arena *arena, const char *text, const struct sql_parameter *parameters,
			       size_t count);
