#include "store/sql.h"
#include <string.h>
#include "base/strbuf.h"
#include "pack/input.h"
#include "pack/scan.h"
#include "pack/token.h"

static const char *
move_into(struct arena *arena, struct strbuf *buffer)
{
	strbuf_text(buffer, "");
	return arena_copy(arena, buffer->text, buffer->bytes);
}

static void
column_names(struct strbuf *out, const struct reg *reg)
{
	for (size_t i = 0; i < reg->column_count; i++) {
		strbuf_text(out, i == 0 ? "" : ", ");
		sql_name(out, reg->columns[i].name);
	}
}

static void
table_joined(struct strbuf *out, const struct reg *reg, const char *suffix)
{
	strbuf_printf(out, "\"%s_%s\"", reg->name, suffix);
}

const char *
sql_insert(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "insert into ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " (");
	column_names(&out, reg);
	strbuf_text(&out, ") values (");
	for (size_t i = 0; i < reg->column_count; i++)
		strbuf_printf(&out, "%s$%zu", i == 0 ? "" : ", ", i + 1);
	strbuf_char(&out, ')');
	return move_into(arena, &out);
}

const char *
sql_update(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "update ");
	sql_name(&out, reg->name);
	for (size_t i = COLUMN_ID + 1; i < reg->column_count; i++) {
		strbuf_text(&out, i == COLUMN_ID + 1 ? " set " : ", ");
		sql_name(&out, reg->columns[i].name);
		strbuf_printf(&out, " = $%zu", i + 1);
	}
	strbuf_printf(&out, " where \"id\" = $1 and \"version\" = $%zu", reg->column_count + 1);
	return move_into(arena, &out);
}

const char *
sql_load(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select ");
	column_names(&out, reg);
	strbuf_text(&out, " from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " where \"id\" = $1");
	return move_into(arena, &out);
}

const char *
sql_keep_past(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "insert into ");
	table_joined(&out, reg, "past");
	strbuf_text(&out, " (");
	column_names(&out, reg);
	strbuf_text(&out, ", \"from_at\", \"until_at\") select ");
	column_names(&out, reg);
	strbuf_text(&out, ", \"changed_at\", $2 from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " where \"id\" = $1");
	return move_into(arena, &out);
}

static size_t
item_columns(struct strbuf *out, const struct field *list, const char *before_first)
{
	size_t count = 0;

	for (size_t i = 0; i < list->item_count; i++) {
		for (size_t k = 0; k < input_columns(&list->items[i]); k++) {
			strbuf_text(out, count++ == 0 ? before_first : ", ");
			sql_field_column(out, &list->items[i], k);
		}
	}
	return count;
}

const char *
sql_list_insert(struct arena *arena, const struct reg *reg, const struct field *list)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "insert into ");
	table_joined(&out, reg, list->name);
	strbuf_text(&out, " (\"parent\", \"nr\"");
	size_t count = item_columns(&out, list, ", ");

	strbuf_text(&out, ") values ($1, $2");
	for (size_t i = 0; i < count; i++)
		strbuf_printf(&out, ", $%zu", i + 3);
	strbuf_char(&out, ')');
	return move_into(arena, &out);
}

const char *
sql_list_delete(struct arena *arena, const struct reg *reg, const struct field *list)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "delete from ");
	table_joined(&out, reg, list->name);
	strbuf_text(&out, " where \"parent\" = $1");
	return move_into(arena, &out);
}

const char *
sql_list_load(struct arena *arena, const struct reg *reg, const struct field *list)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select ");
	item_columns(&out, list, "");
	strbuf_text(&out, " from ");
	table_joined(&out, reg, list->name);
	strbuf_text(&out, " where \"parent\" = $1 order by \"nr\"");
	return move_into(arena, &out);
}

static void
open_this(struct strbuf *out, const struct reg *reg)
{
	strbuf_text(out, "with this as (select * from ");
	sql_name(out, reg->name);
	strbuf_text(out, " where \"id\" = $record)");
}

/* A pack's text may end in a comment: the closing bracket goes on a line of its own. */
static void
bracketed(struct strbuf *out, const char *text)
{
	strbuf_printf(out, "(%s\n)", text);
}

static void
bracketed_list(struct strbuf *out, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		strbuf_text(out, i == 0 ? "" : ", ");
		bracketed(out, texts[i]);
	}
}

const char *
sql_values(struct arena *arena, const struct reg *this_reg, bool has_this, const char *const *values, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	if (count == 0)
		return NULL;
	if (has_this) {
		open_this(&out, this_reg);
		strbuf_char(&out, ' ');
	}
	strbuf_text(&out, "select ");
	bracketed_list(&out, values, count);
	if (has_this)
		strbuf_text(&out, " from this");
	return move_into(arena, &out);
}

const char *
sql_set(struct arena *arena, const struct reg *this_reg, bool has_this, const char *select)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	const char *behind = select;
	struct token first = token_next(&behind);

	if (!has_this)
		return arena_text(arena, select);
	open_this(&out, this_reg);
	/* One WITH alone may open a statement: the pack's own tables follow ours. */
	if (token_is(&first, "with"))
		strbuf_printf(&out, ",%s", behind);
	else
		strbuf_printf(&out, " %s", select);
	return move_into(arena, &out);
}

const char *
sql_checks(struct arena *arena, const struct reg *reg, const char *const *conditions, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	if (count == 0)
		return NULL;
	strbuf_text(&out, "select ");
	bracketed_list(&out, conditions, count);
	strbuf_text(&out, " from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " where \"id\" = $record");
	return move_into(arena, &out);
}

const char *
sql_provision_one(struct arena *arena, const struct provision *provision)
{
	return arena_printf(arena, "select * from (%s\n) as found where record = $record", provision->select);
}

const char *
sql_provisions_hit(struct arena *arena, const struct provision *const *provisions, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t i = 0; i < count; i++)
		strbuf_printf(&out, "%s(exists (select 1 from (%s\n) as found where record = $record))",
			      i == 0 ? "select " : ", ", provisions[i]->select);
	return move_into(arena, &out);
}

const char *
sql_provision_range(struct arena *arena, const struct provision *provision)
{
	return arena_printf(arena, "select * from (%s\n) as found where record >= $first and record < $behind",
			    provision->select);
}

const char *
sql_provision_all(struct arena *arena, const struct provision *provision)
{
	return arena_text(arena, provision->select);
}

/* old.x or new.x, and not table.old. */
static bool
is_image(const struct token *tokens, size_t count, size_t at, const char *which)
{
	return at + 2 < count && token_is(&tokens[at], which) && token_is(&tokens[at + 1], ".") &&
	       tokens[at + 2].kind == TOKEN_NAME && (at == 0 || !token_is(&tokens[at - 1], "."));
}

/* in (old.x, new.x), not behind `not`: of a record without a before it says = new.x. */
static bool
is_either(const struct token *tokens, size_t count, size_t at)
{
	return at + 9 < count && at > 0 && !token_is(&tokens[at - 1], "not") && token_is(&tokens[at], "in") &&
	       token_is(&tokens[at + 1], "(") && is_image(tokens, count, at + 2, "old") &&
	       token_is(&tokens[at + 5], ",") && is_image(tokens, count, at + 6, "new") &&
	       token_is(&tokens[at + 9], ")");
}

static void
print_wake(struct arena *arena, const struct wake *wake, bool is_new, struct strbuf *out)
{
	size_t count = 0;
	const struct token *tokens = token_list(arena, wake->select, &count);

	for (size_t i = 0; i < count; i++) {
		strbuf_text(out, i == 0 ? "" : " ");
		if (is_new && is_either(tokens, count, i)) {
			strbuf_printf(out, "= $new_%.*s", (int)tokens[i + 8].bytes, tokens[i + 8].start);
			i += 9;
		} else if (is_image(tokens, count, i, "old") || is_image(tokens, count, i, "new")) {
			strbuf_printf(out, "$%.*s_%.*s", (int)tokens[i].bytes, tokens[i].start,
				      (int)tokens[i + 2].bytes, tokens[i + 2].start);
			i += 2;
		} else {
			strbuf_add(out, tokens[i].start, tokens[i].bytes);
		}
	}
}

const char *
sql_wake(struct arena *arena, const struct wake *wake)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	print_wake(arena, wake, false, &out);
	return move_into(arena, &out);
}

const char *
sql_wakes_of_new(struct arena *arena, const struct wake *const *wakes, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (wakes[i] == NULL)
			continue;
		strbuf_printf(&out, "%sselect %zu, woken.* from (", out.bytes == 0 ? "" : " union all ", i);
		print_wake(arena, wakes[i], true, &out);
		strbuf_text(&out, "\n) as woken");
	}
	return out.bytes == 0 ? NULL : move_into(arena, &out);
}

const char *
sql_party_of(struct arena *arena, const struct reg *reg, const struct party *party)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	if (party->field == NULL)
		return arena_printf(
			arena,
			"select distinct party from (%s\n) as named where record = $record and party is not null",
			party->select);
	strbuf_text(&out, "select ");
	sql_name(&out, party->field->name);
	strbuf_text(&out, " as party from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " where \"id\" = $record and ");
	sql_name(&out, party->field->name);
	strbuf_text(&out, " is not null");
	return move_into(arena, &out);
}

const char *
sql_reveal(struct arena *arena, const struct reveal *reveal)
{
	return arena_printf(arena,
			    "select distinct shown from (%s\n) as named where record = $record and shown is not null "
			    "order by shown",
			    reveal->select);
}

const char *
sql_records_of(struct arena *arena, const struct reg *reg, const struct party *party)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	if (party->field == NULL)
		return arena_printf(
			arena,
			"select distinct record from (%s\n) as named where party = $party and record is not null",
			party->select);
	strbuf_text(&out, "select \"id\" as record from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " where ");
	sql_name(&out, party->field->name);
	strbuf_text(&out, " = $party");
	return move_into(arena, &out);
}

const char *
sql_exists(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select 1 from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " where \"id\" = $1");
	return move_into(arena, &out);
}

const char *
sql_page(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select \"id\" from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " where \"id\" > $1 order by \"id\" limit $2");
	return move_into(arena, &out);
}

const char *
sql_past(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select ");
	for (size_t i = 0; i < reg->column_count; i++) {
		sql_name(&out, reg->columns[i].name);
		strbuf_text(&out, ", ");
	}
	strbuf_text(&out, "\"from_at\", \"until_at\" from ");
	sql_name(&out, arena_printf(arena, "%s_past", reg->name));
	strbuf_text(&out, " where \"id\" = $1 order by \"from_at\", \"version\"");
	return move_into(arena, &out);
}

const char *
sql_scan(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select ");
	column_names(&out, reg);
	strbuf_text(&out, " from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " order by \"id\"");
	return move_into(arena, &out);
}

const char *
sql_past_scan(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select ");
	column_names(&out, reg);
	strbuf_text(&out, ", \"from_at\", \"until_at\" from ");
	table_joined(&out, reg, "past");
	strbuf_text(&out, " order by \"id\", \"version\"");
	return move_into(arena, &out);
}

const char *
sql_list_scan(struct arena *arena, const struct reg *reg, const struct field *list)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select \"parent\", \"nr\"");
	item_columns(&out, list, ", ");
	strbuf_text(&out, " from ");
	table_joined(&out, reg, list->name);
	strbuf_text(&out, " order by \"parent\", \"nr\"");
	return move_into(arena, &out);
}

const char *
sql_find(struct arena *arena, const struct reg *reg, const struct field *const *fields, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	int n = 0;

	strbuf_text(&out, "select \"id\" from ");
	sql_name(&out, reg->name);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < (fields[i]->type == FIELD_POINT ? 2 : 1); k++) {
			strbuf_text(&out, n++ == 0 ? " where " : " and ");
			sql_field_column(&out, fields[i], k);
			strbuf_printf(&out, " = $%d", n);
		}
	}
	return move_into(arena, &out);
}

const char *
sql_streets(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select distinct ");
	sql_name(&out, reg->search->place->name);
	strbuf_text(&out, ", ");
	sql_name(&out, reg->search->street->name);
	strbuf_text(&out, " from ");
	sql_name(&out, reg->name);
	return move_into(arena, &out);
}

const char *
sql_houses(struct arena *arena, const struct reg *reg, bool has_street)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select \"id\", ");
	sql_name(&out, reg->search->house->name);
	strbuf_text(&out, " from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " where ");
	sql_name(&out, reg->search->place->name);
	strbuf_text(&out, " = $1 and ");
	sql_name(&out, reg->search->street->name);
	strbuf_text(&out, has_street ? " = $2" : " is null");
	strbuf_text(&out, " order by \"id\"");
	return move_into(arena, &out);
}

const char *
sql_units(struct arena *arena, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "select \"id\", ");
	sql_name(&out, reg->search->unit->name);
	strbuf_text(&out, " from ");
	sql_name(&out, reg->name);
	strbuf_text(&out, " where ");
	sql_name(&out, reg->search->in->name);
	strbuf_text(&out, " = $1 order by \"id\"");
	return move_into(arena, &out);
}

static size_t
position_of(const char *const *names, size_t count, const struct token *parameter)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) == parameter->bytes - 1 &&
		    memcmp(names[i], parameter->start + 1, parameter->bytes - 1) == 0)
			return i;
	return count;
}

size_t
sql_parameters(struct arena *arena, const char *text, const char *const **ret_names)
{
	return pack_scan_parameters(arena, text, ret_names);
}

bool
sql_names_this(const char *text)
{
	const char *cursor = text;
	bool behind_dot = false;

	for (struct token token = token_next(&cursor); token.kind != TOKEN_END; token = token_next(&cursor)) {
		if (!behind_dot && token_is(&token, "this"))
			return true;
		behind_dot = token_is(&token, ".");
	}
	return false;
}

static const char *
postgresql_cast(enum value_kind kind)
{
	static const char *const casts[] = { [VALUE_NULL] = "",
					     [VALUE_INTEGER] = "::bigint",
					     [VALUE_BOOLEAN] = "::boolean",
					     [VALUE_TEXT] = "::text",
					     [VALUE_BYTES] = "::bytea" };

	return casts[kind];
}

static const struct sql_parameter *
find_parameter(const struct sql_parameter *parameters, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(parameters[i].name, name) == 0)
			return &parameters[i];
	return NULL;
}

const char *
sql_for_postgresql(struct arena *arena, const char *text, const struct sql_parameter *parameters, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	const char *const *names = NULL;
	size_t name_count = sql_parameters(arena, text, &names);
	const char *written = text, *cursor = text;

	for (struct token token = token_next(&cursor); token.kind != TOKEN_END; token = token_next(&cursor)) {
		if (token.kind != TOKEN_PARAMETER)
			continue;
		size_t n = position_of(names, name_count, &token);
		const struct sql_parameter *parameter = find_parameter(parameters, count, names[n]);
		if (parameter == NULL)
			return NULL;
		strbuf_add(&out, written, (size_t)(token.start - written));
		strbuf_printf(&out, "$%zu%s", n + 1, postgresql_cast(parameter->kind));
		written = cursor;
	}
	strbuf_text(&out, written);
	return move_into(arena, &out);
}
