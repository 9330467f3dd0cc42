/* replay_compare.c - the registers' tables beside what the entries came to: both are read in the order of their records
 * and each row is written as cells, so that a record is the same when its bytes are. */
#include <string.h>
#include "pack/input.h"
#include "registry/payload.h"
#include "registry/replay_inner.h"
#include "store/sql.h"

enum { PROGRESS_EVERY = 4096 };

/* The rows of one list, walked beside the records. */
struct list_walk {
	const struct field *list;
	struct query *query;
	bool has_row;
	int64_t parent;
};

struct comparison {
	struct replay *replay;
	struct db *db;
	const struct reg *reg;
	bool past;
	const struct field **fields; /* by ascending code */
	struct list_walk *lists;     /* by field->index */
	struct strbuf cells, rows, plain;
	const struct replay_progress *progress;
	uint64_t total;
};

static void
comparison_done(struct comparison *compared)
{
	strbuf_done(&compared->cells);
	strbuf_done(&compared->rows);
	strbuf_done(&compared->plain);
}
DEFINE_AUTO_DONE(struct comparison, comparison_done)

/* One record as the entries say it is. */
struct made {
	int64_t id;
	int64_t version, from_at, until_at;
	const char *state;
	const void *cells;
	size_t bytes;
};

static void
note_row(struct comparison *compared, enum replay_kind kind, int64_t record, int64_t version, const char *part)
{
	replay_note(compared->replay, &(struct replay_fault){ .kind = kind,
							      .reg = compared->reg,
							      .record = record,
							      .part = part,
							      .version = compared->past ? (uint64_t)version : 0,
							      .index = UINT64_MAX });
}

/* Can nobody tell any more what the record must look like? `is_added`: it is in the table alone. */
static enum error
is_unknown(const struct comparison *compared, int64_t record, bool is_added, bool *ret_unknown)
{
	TRY(replay_is_unknown(compared->replay, replay_key(compared->reg, record), ret_unknown));
	*ret_unknown = *ret_unknown || (is_added && compared->replay->is_blind);
	return OK;
}

/* ---- lists ---- */

static enum error
step_list(struct list_walk *walk)
{
	enum error e = query_step(walk->query);

	walk->has_row = e == OK;
	if (walk->has_row)
		walk->parent = column_integer(walk->query, 0);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Rows of records before `id`, which nobody asked for: theirs is gone, or never was, or cannot be compared. */
static enum error
pass_orphans(struct comparison *compared, struct list_walk *walk, int64_t id)
{
	int64_t noted = 0;

	while (walk->has_row && walk->parent < id) {
		bool passed = walk->parent == noted;

		if (!passed)
			TRY(is_unknown(compared, walk->parent, true, &passed));
		if (!passed)
			note_row(compared, REPLAY_ADDED, walk->parent, 0, walk->list->name);
		noted = walk->parent;
		TRY(step_list(walk));
	}
	return OK;
}

/* The list's cell, unless it is empty. */
static enum error
write_list(struct comparison *compared, const struct field *list, int64_t id)
{
	struct list_walk *walk = &compared->lists[list->index];
	struct arena *arena = compared->replay->row;
	size_t count = 0;

	strbuf_clear(&compared->rows);
	TRY(pass_orphans(compared, walk, id));
	while (walk->has_row && walk->parent == id) {
		int columns = column_count(walk->query) - 2;
		struct value *values = arena_array_of(arena, struct value, (size_t)columns);

		for (int i = 0; i < columns; i++)
			values[i] = column_value(walk->query, i + 2, arena);
		payload_write_row(&compared->rows, list, values);
		count++;
		if (column_integer(walk->query, 1) != (int64_t)count)
			note_row(compared, REPLAY_CHANGED, id, 0, list->name);
		TRY(step_list(walk));
	}
	if (count == 0)
		return OK;
	cbor_uint(&compared->cells, list->code);
	cbor_array(&compared->cells, count);
	strbuf_add(&compared->cells, compared->rows.text, compared->rows.bytes);
	return OK;
}

/* ---- one row ---- */

static enum error
write_cells(struct comparison *compared, const struct value *values)
{
	strbuf_clear(&compared->cells);
	for (size_t i = 0; i < compared->reg->field_count; i++) {
		const struct field *field = compared->fields[i];

		if (field->type == FIELD_LIST) {
			if (!compared->past)
				TRY(write_list(compared, field, values[COLUMN_ID].integer));
			continue;
		}
		if (values[field->column].kind == VALUE_NULL)
			continue;
		cbor_uint(&compared->cells, field->code);
		payload_write_value(&compared->cells, field, &values[field->column]);
	}
	return OK;
}

/* The past has no lists. */
static void
drop_lists(struct comparison *compared, struct made *made)
{
	struct cbor_reader reader = { .at = made->cells, .end = (const unsigned char *)made->cells + made->bytes };
	struct cell cell;

	strbuf_clear(&compared->plain);
	while (cells_next(&reader, &cell)) {
		bool is_list = false;

		for (size_t i = 0; i < compared->reg->field_count; i++)
			is_list |= compared->fields[i]->code == cell.code && compared->fields[i]->type == FIELD_LIST;
		if (is_list)
			continue;
		cbor_uint(&compared->plain, cell.code);
		strbuf_add(&compared->plain, cell.value, cell.bytes);
	}
	made->cells = compared->plain.text;
	made->bytes = compared->plain.bytes;
}

static const char *
name_of_code(const struct reg *reg, uint64_t code)
{
	for (size_t i = 0; i < reg->field_count; i++)
		if (reg->fields[i].code == code)
			return reg->fields[i].name;
	return NULL;
}

/* A rank stands for its choice in the order of this edition. */
static bool
rank_holds(const struct field *field, const struct value *values)
{
	if (values[0].kind != VALUE_TEXT)
		return values[1].kind == VALUE_NULL;
	for (size_t i = 0; i < field->choice_count; i++)
		if (strcmp(field->choices[i], values[0].text) == 0)
			return values[1].kind == VALUE_INTEGER && values[1].integer == (int64_t)i + 1;
	return false;
}

static const char *
wrong_rank(const struct reg *reg, const struct value *values)
{
	for (size_t i = COLUMN_FIRST_FIELD; i < reg->column_count; i++) {
		const struct column *column = &reg->columns[i];

		if (column->role == COLUMN_RANK && !rank_holds(column->field, &values[column->field->column]))
			return column->name;
	}
	return NULL;
}

static const char *
wrong_head(const struct comparison *compared, const struct value *values, const struct made *made)
{
	size_t behind = compared->reg->column_count;
	const struct value *state = &values[COLUMN_STATE];

	if (state->kind != VALUE_TEXT || strcmp(state->text, made->state) != 0)
		return "state";
	if (values[COLUMN_VERSION].integer != made->version)
		return "version";
	if (values[COLUMN_CHANGED_AT].integer != made->from_at)
		return "changed_at";
	if (compared->past && values[behind].integer != made->from_at)
		return "from_at";
	return compared->past && values[behind + 1].integer != made->until_at ? "until_at" : NULL;
}

static enum error
compare_row(struct comparison *compared, const struct query *row, struct made *made)
{
	size_t count = compared->reg->column_count + (compared->past ? 2 : 0);
	struct arena *arena = compared->replay->row;
	const char *wrong = NULL;

	arena_reset(arena);
	struct value *values = arena_array_of(arena, struct value, count);

	for (size_t i = 0; i < count; i++)
		values[i] = column_value(row, (int)i, arena);
	TRY(write_cells(compared, values));
	if (compared->past)
		drop_lists(compared, made);
	uint64_t code =
		compared->cells.bytes == made->bytes &&
				(made->bytes == 0 || memcmp(compared->cells.text, made->cells, made->bytes) == 0)
			? 0
			: cells_differ(compared->cells.text, compared->cells.bytes, made->cells, made->bytes);

	wrong = wrong_head(compared, values, made);
	if (wrong == NULL)
		wrong = code != 0 ? name_of_code(compared->reg, code) : wrong_rank(compared->reg, values);
	if (wrong != NULL || code != 0)
		note_row(compared, REPLAY_CHANGED, made->id, made->version, wrong);
	return OK;
}

/* ---- one table ---- */

/* Both walks stand on a row, or have none left. */
struct walk {
	struct query *rows, *made_rows;
	bool has_row, has_made;
	struct made made;
};

static enum error
step_row(struct walk *walk)
{
	enum error e = query_step(walk->rows);

	walk->has_row = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
step_made(struct walk *walk)
{
	struct query *query = walk->made_rows;
	enum error e = query_step(query);

	walk->has_made = e == OK;
	if (!walk->has_made)
		return e == ERR_NOT_FOUND ? OK : e;
	walk->made = (struct made){ .id = column_integer(query, 0) & ((INT64_C(1) << REPLAY_ID_BITS) - 1),
				    .version = column_integer(query, 1),
				    .from_at = column_integer(query, 2),
				    .until_at = column_integer(query, 3),
				    .state = column_text(query, 4) };
	walk->made.cells = column_bytes(query, 5, &walk->made.bytes);
	return OK;
}

/* Below 0: the table's row comes first, or is alone. */
static int
order_of(const struct comparison *compared, const struct walk *walk)
{
	if (!walk->has_row || !walk->has_made)
		return walk->has_row ? -1 : 1;
	int64_t id = column_integer(walk->rows, COLUMN_ID);
	int64_t version = column_integer(walk->rows, COLUMN_VERSION);

	if (id != walk->made.id)
		return id < walk->made.id ? -1 : 1;
	if (!compared->past || version == walk->made.version)
		return 0;
	return version < walk->made.version ? -1 : 1;
}

static void
show_progress(struct comparison *compared)
{
	const struct replay_progress *progress = compared->progress;

	if (progress != NULL && compared->replay->checked % PROGRESS_EVERY == 0)
		progress->tell(progress->context, compared->replay->checked, compared->total);
}

static enum error
walk_rows(struct comparison *compared, struct walk *walk)
{
	TRY(step_row(walk));
	TRY(step_made(walk));
	while (walk->has_row || walk->has_made) {
		int order = order_of(compared, walk);
		int64_t id = order <= 0 ? column_integer(walk->rows, COLUMN_ID) : walk->made.id;
		bool unknown = false;

		TRY(is_unknown(compared, id, order < 0, &unknown));
		if (unknown)
			compared->replay->passed_over++;
		else if (order == 0)
			TRY(compare_row(compared, walk->rows, &walk->made));
		else if (order < 0)
			note_row(compared, REPLAY_ADDED, id, column_integer(walk->rows, COLUMN_VERSION), NULL);
		else
			note_row(compared, REPLAY_GONE, id, walk->made.version, NULL);
		compared->replay->checked++;
		show_progress(compared);
		if (order <= 0)
			TRY(step_row(walk));
		if (order >= 0)
			TRY(step_made(walk));
	}
	return OK;
}

static enum error
compare_table(struct comparison *compared)
{
	static const char made[] = "select key, version, changed_at, 0, state, cells from replayed"
				   " where key >= $1 and key < $2 order by key";
	static const char made_past[] = "select key, version, from_at, until_at, state, cells from replayed_past"
					" where key >= $1 and key < $2 order by key, version";
	const struct reg *reg = compared->reg;
	struct arena *arena = compared->replay->arena;
	AUTO(query_free)
	struct query *rows = db_query(compared->db, compared->past ? sql_past_scan(arena, reg) : sql_scan(arena, reg));
	AUTO(query_free) struct query *made_rows = db_query(compared->replay->db, compared->past ? made_past : made);
	struct walk walk = { .rows = rows, .made_rows = made_rows };

	bind_integer(made_rows, 1, replay_key(reg, 0));
	bind_integer(made_rows, 2, replay_key_behind(reg));
	return walk_rows(compared, &walk);
}

/* ---- one register ---- */

static void
open_lists(struct comparison *compared)
{
	struct arena *arena = compared->replay->arena;

	compared->lists = arena_array_of(arena, struct list_walk, compared->reg->field_count + 1);
	for (size_t i = 0; i < compared->reg->field_count; i++) {
		const struct field *field = &compared->reg->fields[i];
		struct list_walk *walk = &compared->lists[field->index];

		if (field->type != FIELD_LIST)
			continue;
		walk->list = field;
		walk->query = db_query(compared->db, sql_list_scan(arena, compared->reg, field));
	}
}

static enum error
walk_lists(struct comparison *compared)
{
	enum error e = OK;

	for (size_t i = 0; i < compared->reg->field_count && e == OK; i++)
		if (compared->lists[i].query != NULL)
			e = step_list(&compared->lists[i]);
	if (e == OK)
		e = compare_table(compared);
	for (size_t i = 0; i < compared->reg->field_count && e == OK; i++)
		if (compared->lists[i].query != NULL)
			e = pass_orphans(compared, &compared->lists[i], INT64_MAX);
	return e;
}

static void
order_fields(struct comparison *compared)
{
	const struct reg *reg = compared->reg;

	compared->fields = arena_array_of(compared->replay->arena, const struct field *, reg->field_count + 1);
	for (size_t i = 0; i < reg->field_count; i++) {
		size_t at = i;

		for (; at > 0 && compared->fields[at - 1]->code > reg->fields[i].code; at--)
			compared->fields[at] = compared->fields[at - 1];
		compared->fields[at] = &reg->fields[i];
	}
}

static enum error
compare_reg(struct comparison *compared)
{
	order_fields(compared);
	open_lists(compared);
	compared->past = false;
	enum error e = walk_lists(compared);

	for (size_t i = 0; i < compared->reg->field_count; i++)
		query_free(compared->lists[i].query);
	if (e != OK)
		return e;
	compared->past = true;
	return compare_table(compared);
}

/* ---- all of it ---- */

static enum error
count_made(struct comparison *compared)
{
	AUTO(query_free)
	struct query *query = db_query(compared->replay->db,
				       "select (select count(*) from replayed) + (select count(*) from replayed_past)");

	TRY(query_one(query));
	compared->total = (uint64_t)column_integer(query, 0);
	return OK;
}

static enum error
check_next_id(const struct comparison *compared)
{
	AUTO(query_free) struct query *query = db_query(compared->db, "select id from next_id");
	struct replay *replay = compared->replay;

	TRY(query_one(query));
	if (column_integer(query, 0) <= replay->highest)
		replay_note(replay, &(struct replay_fault){ .kind = REPLAY_NUMBER_USED,
							    .record = replay->highest,
							    .index = UINT64_MAX });
	return OK;
}

enum error
replay_compare(struct replay *replay, struct db *db, const struct replay_progress *progress)
{
	AUTO(comparison_done) struct comparison compared = { .replay = replay, .db = db, .progress = progress };

	replay_end_group(replay);
	TRY(count_made(&compared));
	for (size_t i = 0; i < replay->pack->reg_count; i++) {
		compared.reg = &replay->pack->regs[i];
		TRY(compare_reg(&compared));
	}
	return check_next_id(&compared);
}
