/* schema.c - a pack's tables over an empty or a living database. Every register and field leaves its
 * shape in sys_pack_field: "choice ranked: yellow orange red", "ref: person organisation", "decimal 2",
 * "states: declared ended". The part before the colon must stay, the list behind it may only grow (a
 * state may go when no record is in it). */
#include "store/schema.h"
#include <string.h>
#include "base/day.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "pack/input.h"
#include "store/sql.h"

struct install {
	struct db *db;
	struct arena *arena;
	const struct pack *pack;
	struct pack_report *report;
	struct text_map shapes;  /* "register/field" -> shape, as the database has it */
	struct text_map indexes; /* names that exist */
	struct text_map wanted;  /* names that this edition needs; "register/field" too */
	struct strbuf filled;    /* " reg.field" of each field that got its default in all records there are */
	size_t fault_count;
	bool had_edition; /* data may live here already */
};

static void
refuse(struct install *install, const struct place_in_file *at, const char *text)
{
	install->fault_count++;
	pack_report_add(install->report, SEVERITY_ERROR, at->file, at->line, "%s", text);
}

static const char *
shape_key(struct install *install, const char *reg, const char *field)
{
	return arena_printf(install->arena, "%s/%s", reg, field);
}

static const char *
join(struct arena *arena, const char *head, const char *const *words, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, head);
	strbuf_char(&out, ':');
	for (size_t i = 0; i < count; i++)
		strbuf_printf(&out, " %s", words[i]);
	return arena_text(arena, out.text);
}

static const char *
field_shape(struct arena *arena, const struct field *field)
{
	const char *type = field_type_name(field->type);

	switch (field->type) {
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return arena_printf(arena, "%s %d:", type, field->scale);
	case FIELD_CHOICE:
		return join(arena, field->ranked ? "choice ranked" : "choice", field->choices, field->choice_count);
	case FIELD_REF: {
		const char **names = arena_array_of(arena, const char *, field->to_count);
		for (size_t i = 0; i < field->to_count; i++)
			names[i] = field->to[i]->name;
		return join(arena, type, names, field->to_count);
	}
	default:
		return arena_printf(arena, "%s:", type);
	}
}

static const char *
words_of(const char *shape)
{
	const char *colon = strchr(shape, ':');

	assert(colon != NULL);
	return colon + 1;
}

static bool
has_word(const char *shape, const char *word, size_t bytes)
{
	for (const char *at = words_of(shape); *at != '\0';) {
		at += strspn(at, " ");
		size_t length = strcspn(at, " ");
		if (length == bytes && memcmp(at, word, bytes) == 0)
			return true;
		at += length;
	}
	return false;
}

/* The first word of the list in `before` that `after` lacks, behind *cursor; NULL when there is none. */
static const char *
next_lost_word(struct install *install, const char *after, const char **cursor)
{
	while (**cursor != '\0') {
		const char *word = *cursor + strspn(*cursor, " ");
		size_t bytes = strcspn(word, " ");
		*cursor = word + bytes;
		if (bytes > 0 && !has_word(after, word, bytes))
			return arena_copy(install->arena, word, bytes);
	}
	return NULL;
}

/* The type and scale alone: "choice" and "choice ranked" are of one kind. */
static bool
same_kind(const char *before, const char *after)
{
	size_t a = strcspn(before, ":"), b = strcspn(after, ":");

	if (strncmp(before, "choice", 6) == 0 && strncmp(after, "choice", 6) == 0)
		return true;
	return a == b && memcmp(before, after, a) == 0;
}

static bool
is_ranked(const char *shape)
{
	return strncmp(shape, "choice ranked", 13) == 0;
}

static enum error
has_rows(struct install *install, const char *sql, bool *ret_has)
{
	AUTO(query_free) struct query *query = db_query(install->db, sql);
	enum error e = query_one(query);

	*ret_has = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
reg_has_rows(struct install *install, const struct reg *reg, bool *ret_has)
{
	AUTO(strbuf_done) struct strbuf sql = { 0 };

	strbuf_text(&sql, "select 1 from ");
	sql_name(&sql, reg->name);
	strbuf_text(&sql, " limit 1");
	return has_rows(install, sql.text, ret_has);
}

static enum error
keep_shape(struct install *install, const char *reg, const char *field, const char *shape)
{
	AUTO(query_free)
	struct query *query =
		db_query(install->db, "insert into sys_pack_field (register, field, shape) values ($1, $2, $3)"
				      " on conflict (register, field) do update set shape = excluded.shape");

	text_map_put(&install->wanted, shape_key(install, reg, field), install);
	bind_text(query, 1, reg);
	bind_text(query, 2, field);
	bind_text(query, 3, shape);
	return query_run(query);
}

static enum error
read_names(struct install *install, const char *sql, struct text_map *ret_names)
{
	AUTO(query_free) struct query *query = db_query(install->db, sql);
	enum error e = OK;

	while ((e = query_step(query)) == OK) {
		const char *value = column_count(query) > 1 ? column_text(query, 1) : "";
		text_map_put(ret_names, arena_text(install->arena, column_text(query, 0)),
			     arena_text(install->arena, value));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Ranks follow the order of the choices; those of the past too, so that they compare with today's. */
static enum error
rank_again(struct install *install, const struct reg *reg, const struct field *field)
{
	AUTO(strbuf_done) struct strbuf sql = { 0 };

	for (int past = 0; past < 2; past++) {
		strbuf_printf(&sql, "update \"%s%s\" set ", reg->name, past ? "_past" : "");
		sql_field_column(&sql, field, 1);
		strbuf_text(&sql, " = case ");
		sql_field_column(&sql, field, 0);
		for (size_t i = 0; i < field->choice_count; i++)
			strbuf_printf(&sql, " when '%s' then %zu", field->choices[i], i + 1);
		strbuf_text(&sql, " end;\n");
	}
	return db_execute(install->db, sql.text);
}

static enum error
add_columns(struct install *install, const struct reg *reg, const struct field *field)
{
	for (size_t i = 0; i < input_columns(field); i++) {
		const struct column *column = &reg->columns[field->column + i];
		TRY(db_execute(install->db, sql_add_column(install->arena, reg, column)));
		if (field->default_value != NULL)
			TRY(db_execute(install->db, sql_fill_default(install->arena, reg, column)));
	}
	if (field->default_value != NULL)
		strbuf_printf(&install->filled, " %s.%s", reg->name, field->name);
	return OK;
}

static enum error
add_field(struct install *install, const struct reg *reg, const struct field *field)
{
	bool rows = false;

	if (field->required && field->default_value == NULL) {
		TRY(reg_has_rows(install, reg, &rows));
		if (rows)
			refuse(install, &field->at,
			       arena_printf(install->arena,
					    "the new field %s.%s is required and has no default, but there are records "
					    "already",
					    reg->name, field->name));
	}
	if (field->type == FIELD_LIST)
		return db_execute(install->db, sql_create_list(install->arena, reg, field));
	return add_columns(install, reg, field);
}

/* A choice's value or a register referred to went: what rows hold would lose its meaning. */
static void
refuse_lost_words(struct install *install, const struct reg *reg, const char *name, const struct place_in_file *at,
		  const char *before, const char *after)
{
	const char *cursor = words_of(before), *lost = NULL;

	while ((lost = next_lost_word(install, after, &cursor)) != NULL)
		refuse(install, at,
		       arena_printf(install->arena, "%s.%s no longer knows \"%s\", which records may hold", reg->name,
				    name, lost));
}

static enum error
change_field(struct install *install, const struct reg *reg, const struct field *field, const char *before,
	     const char *after)
{
	if (!same_kind(before, after)) {
		refuse(install, &field->at,
		       arena_printf(install->arena,
				    "the field %s.%s was \"%.*s\" and is now \"%.*s\"; make a new field", reg->name,
				    field->name, (int)strcspn(before, ":"), before, (int)strcspn(after, ":"), after));
		return OK;
	}
	refuse_lost_words(install, reg, field->name, &field->at, before, after);
	if (!is_ranked(after))
		return OK;
	if (!is_ranked(before))
		TRY(db_execute(install->db, sql_add_column(install->arena, reg, &reg->columns[field->column + 1])));
	return rank_again(install, reg, field);
}

/* A column that once was a rank stays in the table: the shape remembers it. */
static const char *
remember_rank(struct install *install, const char *before, const char *after)
{
	if (before == NULL || !is_ranked(before) || is_ranked(after))
		return after;
	return arena_printf(install->arena, "choice ranked:%s", words_of(after));
}

static enum error
install_items(struct install *install, const struct reg *reg, const struct field *list, bool is_new)
{
	for (size_t i = 0; i < list->item_count; i++) {
		const struct field *item = &list->items[i];
		const char *name = arena_printf(install->arena, "%s.%s", list->name, item->name);
		const char *before = text_map_get(&install->shapes, shape_key(install, reg->name, name));
		const char *after = field_shape(install->arena, item);

		if (before == NULL && !is_new) {
			for (size_t k = 0; k < input_columns(item); k++)
				TRY(db_execute(install->db, sql_add_list_column(install->arena, reg, list, item, k)));
		} else if (before != NULL && (!same_kind(before, after) || is_ranked(before) != is_ranked(after))) {
			refuse(install, &item->at,
			       arena_printf(install->arena, "the list item %s.%s changed its type", reg->name, name));
		} else if (before != NULL) {
			refuse_lost_words(install, reg, name, &item->at, before, after);
		}
		TRY(keep_shape(install, reg->name, name, after));
	}
	return OK;
}

static enum error
install_field(struct install *install, const struct reg *reg, const struct field *field, bool new_reg)
{
	const char *before = text_map_get(&install->shapes, shape_key(install, reg->name, field->name));
	const char *after = field_shape(install->arena, field);

	if (before != NULL)
		TRY(change_field(install, reg, field, before, after));
	else if (!new_reg)
		TRY(add_field(install, reg, field));
	if (field->type == FIELD_LIST)
		TRY(install_items(install, reg, field, before == NULL));
	return keep_shape(install, reg->name, field->name, remember_rank(install, before, after));
}

static enum error
refuse_lost_states(struct install *install, const struct reg *reg, const char *before, const char *after)
{
	const char *cursor = words_of(before), *lost = NULL;

	while ((lost = next_lost_word(install, after, &cursor)) != NULL) {
		AUTO(strbuf_done) struct strbuf sql = { 0 };
		strbuf_text(&sql, "select 1 from ");
		sql_name(&sql, reg->name);
		strbuf_text(&sql, " where \"state\" = $1 limit 1");
		AUTO(query_free) struct query *query = db_query(install->db, sql.text);
		bind_text(query, 1, lost);
		enum error e = query_one(query);
		if (e == OK)
			refuse(install, &reg->at,
			       arena_printf(install->arena,
					    "there are records of %s in the state \"%s\", which is gone", reg->name,
					    lost));
		else if (e != ERR_NOT_FOUND)
			return e;
	}
	return OK;
}

/* Indexes of new definitions are made once all columns are there. */
static enum error
install_indexes(struct install *install, const struct reg *reg, bool new_reg)
{
	const struct sql_index *indexes = NULL;
	size_t count = sql_indexes(install->arena, reg, &indexes);

	for (size_t i = 0; i < count; i++) {
		text_map_put(&install->wanted, indexes[i].name, install);
		if (text_map_get(&install->indexes, indexes[i].name) != NULL)
			continue;
		enum error e = new_reg ? OK : db_execute(install->db, indexes[i].create);
		if (e == ERR_DUPLICATE && indexes[i].unique != NULL) {
			refuse(install, &indexes[i].unique->at,
			       arena_printf(install->arena,
					    "records of %s are alike already where the new `unique` forbids it",
					    reg->name));
			continue;
		}
		if (e != OK)
			return e;
		AUTO(query_free)
		struct query *query = db_query(install->db, "insert into sys_pack_index (name) values ($1)");
		bind_text(query, 1, indexes[i].name);
		TRY(query_run(query));
	}
	return OK;
}

static enum error
install_reg(struct install *install, const struct reg *reg)
{
	const char *before = text_map_get(&install->shapes, shape_key(install, reg->name, ""));
	const char *after = join(install->arena, "states", reg->states, reg->state_count);

	if (before == NULL)
		TRY(db_execute(install->db, sql_create(install->arena, reg)));
	else
		TRY(refuse_lost_states(install, reg, before, after));
	for (size_t i = 0; i < reg->field_count; i++)
		TRY(install_field(install, reg, &reg->fields[i], before == NULL));
	if (install->fault_count == 0)
		TRY(install_indexes(install, reg, before == NULL));
	return keep_shape(install, reg->name, "", after);
}

/* What the database has and this edition has not. */
static void
refuse_vanished(struct install *install)
{
	const struct place_in_file nowhere = { .file = "registers" };

	for (size_t i = 0; i < install->shapes.capacity; i++) {
		const char *key = install->shapes.slots[i].key;
		if (key == NULL || text_map_get(&install->wanted, key) != NULL)
			continue;
		size_t reg_bytes = strcspn(key, "/");
		const char *name = arena_copy(install->arena, key, reg_bytes);
		const struct reg *reg = pack_reg(install->pack, name);
		const char *field = key + reg_bytes + 1;
		if (*field == '\0')
			refuse(install, &nowhere, arena_printf(install->arena, "the register %s has vanished", name));
		else if (reg != NULL)
			refuse(install, &reg->at,
			       arena_printf(install->arena,
					    "the field %s.%s has vanished; leave it out of the actions instead", name,
					    field));
	}
}

static enum error
drop_old_indexes(struct install *install)
{
	for (size_t i = 0; i < install->indexes.capacity; i++) {
		const char *name = install->indexes.slots[i].key;
		if (name == NULL || text_map_get(&install->wanted, name) != NULL)
			continue;
		TRY(db_execute(install->db, sql_drop_index(install->arena, name)));
		AUTO(query_free)
		struct query *query = db_query(install->db, "delete from sys_pack_index where name = $1");
		bind_text(query, 1, name);
		TRY(query_run(query));
	}
	return OK;
}

static enum error
fill_table(struct install *install, const struct dated_table *table)
{
	const char *sql = sql_insert_row(install->arena, table);

	for (size_t row = 0; row < table->row_count; row++) {
		AUTO(query_free) struct query *query = db_query(install->db, sql);
		for (size_t i = 0; i < table->column_count; i++)
			bind_value(query, (int)i + 1, &table->cells[row * table->column_count + i]);
		TRY(query_run(query));
	}
	return OK;
}

static enum error
replace_tables(struct install *install)
{
	AUTO(text_map_done) struct text_map names = { 0 };

	TRY(read_names(install, "select name from sys_pack_table", &names));
	for (size_t i = 0; i < names.capacity; i++)
		if (names.slots[i].key != NULL)
			TRY(db_execute(install->db, sql_drop_table(install->arena, names.slots[i].key)));
	TRY(db_execute(install->db, "delete from sys_pack_table"));
	for (size_t i = 0; i < install->pack->table_count; i++) {
		const struct dated_table *table = &install->pack->tables[i];
		TRY(db_execute(install->db, sql_create_table(install->arena, table)));
		TRY(fill_table(install, table));
		AUTO(query_free)
		struct query *query = db_query(install->db, "insert into sys_pack_table (name) values ($1)");
		bind_text(query, 1, table->name);
		TRY(query_run(query));
	}
	return OK;
}

static enum error
insert_place(struct install *install, const struct place *place)
{
	AUTO(query_free) struct query *query = db_query(install->db, sql_insert_place);
	enum { DEPTH_MAX = 32 };

	bind_integer(query, 1, place->id);
	bind_text(query, 2, place->code);
	if (place->parent != 0)
		bind_integer(query, 3, place->parent);
	else
		bind_null(query, 3);
	TRY(query_run(query));
	const struct place *above = place;

	for (int depth = 0; above != NULL && depth < DEPTH_MAX; depth++) {
		AUTO(query_free) struct query *pair = db_query(install->db, sql_insert_place_above);
		bind_integer(pair, 1, place->id);
		bind_integer(pair, 2, above->id);
		TRY(query_run(pair));
		above = above->parent == 0 ? NULL : pack_place(install->pack, above->parent);
	}
	return OK;
}

/* A place that records name must stay: its row may end (valid_to), not vanish. */
static enum error
refuse_lost_places(struct install *install, const struct reg *reg, const struct field *field)
{
	AUTO(strbuf_done) struct strbuf sql = { 0 };
	bool lost = false;

	strbuf_text(&sql, "select 1 from ");
	sql_name(&sql, reg->name);
	strbuf_text(&sql, " r where r.");
	sql_name(&sql, field->name);
	strbuf_text(&sql, " is not null and not exists (select 1 from place p where p.id = r.");
	sql_name(&sql, field->name);
	strbuf_text(&sql, ") limit 1");
	TRY(has_rows(install, sql.text, &lost));
	if (lost)
		refuse(install, &field->at,
		       arena_printf(install->arena,
				    "a place that records name in %s.%s is gone from the table of places", reg->name,
				    field->name));
	return OK;
}

static enum error
replace_places(struct install *install)
{
	const struct pack *pack = install->pack;

	TRY(db_execute(install->db, sql_create_places(SQL_SQLITE)));
	for (size_t i = 0; i < pack->place_count; i++)
		TRY(insert_place(install, &pack->places[i]));
	for (size_t i = 0; i < pack->reg_count; i++)
		for (size_t k = 0; k < pack->regs[i].field_count; k++)
			if (pack->regs[i].fields[k].type == FIELD_PLACE)
				TRY(refuse_lost_places(install, &pack->regs[i], &pack->regs[i].fields[k]));
	return OK;
}

/* For the engine: it enters into the ledger what was filled in (registry/edition.h). */
static enum error
mark_unsettled(struct install *install)
{
	AUTO(query_free)
	struct query *query =
		db_query(install->db, "insert into meta (key, value) values ('edition_unsettled', $1)"
				      " on conflict (key) do update set value = meta.value || excluded.value");

	bind_text(query, 1, install->filled.bytes == 0 ? "" : install->filled.text);
	return query_run(query);
}

/* One row an edition; the latest is the installed one. */
static enum error
keep_pack(struct install *install)
{
	AUTO(query_free) struct query *old = db_query(install->db, "delete from pack_installed where edition = $1");
	AUTO(query_free)
	struct query *query =
		db_query(install->db, "insert into pack_installed (name, edition, digest) values ($1, $2, $3)");

	bind_integer(old, 1, install->pack->edition);
	TRY(query_run(old));
	bind_text(query, 1, install->pack->name);
	bind_integer(query, 2, install->pack->edition);
	bind_bytes(query, 3, install->pack->digest, sizeof(install->pack->digest));
	TRY(query_run(query));
	return install->had_edition ? mark_unsettled(install) : OK;
}

/* Is there anything to do, and may it be done at all? */
static enum error
compare_editions(struct install *install, bool *ret_same)
{
	const struct place_in_file at = { .file = "pack.yaml" };
	const char *name = NULL;
	int64_t edition = 0;
	unsigned char digest[32];
	enum error e = schema_installed(install->db, install->arena, &name, &edition, digest);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	install->had_edition = true;
	*ret_same = memcmp(digest, install->pack->digest, sizeof(digest)) == 0;
	if (strcmp(name, install->pack->name) != 0)
		refuse(install, &at,
		       arena_printf(install->arena, "this database was made for the pack \"%s\", not for \"%s\"", name,
				    install->pack->name));
	if (edition > install->pack->edition) {
		char ours[DAY_TEXT_BYTES], theirs[DAY_TEXT_BYTES];
		refuse(install, &at,
		       arena_printf(install->arena, "the edition %s is older than the installed one of %s",
				    day_print(install->pack->edition, ours), day_print(edition, theirs)));
	}
	return install->fault_count == 0 ? OK : ERR_CONFLICT;
}

static enum error
install_all(struct install *install)
{
	bool same = false;

	TRY(compare_editions(install, &same));
	if (same)
		return OK;
	TRY(read_names(install, "select register || '/' || field, shape from sys_pack_field", &install->shapes));
	TRY(read_names(install, "select name from sys_pack_index", &install->indexes));
	for (size_t i = 0; i < install->pack->reg_count; i++)
		TRY(install_reg(install, &install->pack->regs[i]));
	refuse_vanished(install);
	if (install->fault_count > 0)
		return ERR_CONFLICT;
	TRY(drop_old_indexes(install));
	TRY(replace_tables(install));
	TRY(replace_places(install));
	TRY(keep_pack(install));
	return install->fault_count == 0 ? OK : ERR_CONFLICT;
}

enum error
schema_install(struct db *db, const struct pack *pack, struct pack_report *report)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct install install = { .db = db, .arena = arena, .pack = pack, .report = report };
	enum error e = install_all(&install);

	text_map_done(&install.shapes);
	text_map_done(&install.indexes);
	text_map_done(&install.wanted);
	strbuf_done(&install.filled);
	return e;
}

enum error
schema_installed(struct db *db, struct arena *arena, const char **ret_name, int64_t *ret_edition,
		 unsigned char ret_digest[static 32])
{
	AUTO(query_free)
	struct query *query =
		db_query(db, "select name, edition, digest from pack_installed order by edition desc limit 1");
	size_t bytes = 0;

	TRY(query_one(query));
	const void *digest = column_bytes(query, 2, &bytes);

	if (bytes != 32)
		return ERR_DAMAGED;
	memcpy(ret_digest, digest, 32);
	*ret_name = arena_text(arena, column_text(query, 0));
	*ret_edition = column_integer(query, 1);
	return OK;
}
