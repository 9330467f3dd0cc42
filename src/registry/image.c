/* image.c - records as they stand in their tables: load, change, check, store. */
#include <stdio.h>
#include <string.h>
#include "base/strbuf.h"
#include "registry/engine.h"

enum error
image_load_from(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg, int64_t id,
		const struct image **ret_image)
{
	AUTO(query_free) struct query *query = db_query(db, plan_of(registry, reg)->load);

	bind_integer(query, 1, id);
	TRY(query_one(query));
	*ret_image = image_of_row(arena, reg, id, query);
	assert((*ret_image)->values[COLUMN_ID].integer == id);
	return OK;
}

enum error
image_load(struct txn *txn, const struct reg *reg, int64_t id, const struct image **ret_image)
{
	return image_load_from(txn->registry, txn->db, txn->arena, reg, id, ret_image);
}

const struct image *
image_of_row(struct arena *arena, const struct reg *reg, int64_t id, const struct query *row)
{
	struct image *image = arena_new_of(arena, struct image);

	*image = (struct image){ .reg = reg, .id = id, .is_stored = true };
	image->values = arena_array_of(arena, struct value, reg->column_count);
	for (size_t i = 0; i < reg->column_count; i++)
		image->values[i] = column_value(row, (int)i, arena);
	return image;
}

bool
image_exists(const struct registry *registry, struct db *db, const struct reg *reg, int64_t id)
{
	AUTO(query_free) struct query *query = db_query(db, plan_of(registry, reg)->exists);

	bind_integer(query, 1, id);
	return query_one(query) == OK;
}

struct image *
image_copy(struct txn *txn, const struct image *from)
{
	struct image *copy = arena_new_of(txn->arena, struct image);

	*copy = *from;
	copy->values = arena_array_of(txn->arena, struct value, from->reg->column_count);
	memcpy(copy->values, from->values, from->reg->column_count * sizeof(*copy->values));
	return copy;
}

struct image *
image_new(struct txn *txn, const struct reg *reg)
{
	struct image *image = arena_new_of(txn->arena, struct image);

	*image = (struct image){ .reg = reg, .id = registry_new_id(txn->registry) };
	image->values = arena_array_of(txn->arena, struct value, reg->column_count);
	image->values[COLUMN_ID] = value_integer(image->id);
	image->values[COLUMN_VERSION] = value_integer(0);
	image->values[COLUMN_CHANGED_AT] = value_integer(txn->now);
	return image;
}

const char *
image_state(const struct image *image)
{
	return image->values[COLUMN_STATE].text;
}

const struct value *
image_value(const struct image *image, const struct field *field)
{
	assert(field->column < image->reg->column_count);
	return &image->values[field->column];
}

void
image_set(struct image *image, const struct field *field, const struct value *values, size_t count)
{
	assert(field->column + count <= image->reg->column_count);
	for (size_t i = 0; i < count; i++)
		image->values[field->column + i] = values[i];
}

static bool
fits_kind(const struct field *field, enum value_kind expected, const struct value *value)
{
	if (value->kind == VALUE_NULL)
		return true;
	if (expected == VALUE_TEXT)
		return value->kind == VALUE_TEXT &&
		       (field->max == 0 || !field->has_max || value->bytes <= 4 * (size_t)field->max);
	return value->kind == VALUE_INTEGER || value->kind == VALUE_BOOLEAN;
}

enum error
image_set_sql(struct txn *txn, struct image *image, const struct field *field, const struct value *value)
{
	const struct column *column = &image->reg->columns[field->column];
	struct value taken = *value;

	if (!fits_kind(field, column->kind, value))
		return problem_add(txn->problem, ERR_BAD_INPUT, field->name, MSG_WRONG_KIND,
				   field_type_name(field->type), NULL);
	if (column->kind == VALUE_BOOLEAN && taken.kind == VALUE_INTEGER)
		taken = value_boolean(taken.integer != 0);
	image->values[field->column] = taken;
	if (field->type != FIELD_CHOICE || taken.kind == VALUE_NULL)
		return OK;
	for (size_t i = 0; i < field->choice_count; i++) {
		if (strcmp(field->choices[i], taken.text) != 0)
			continue;
		if (field->ranked)
			image->values[field->column + 1] = value_integer((int64_t)i + 1);
		return OK;
	}
	return problem_add(txn->problem, ERR_BAD_INPUT, field->name, MSG_NOT_CHOICE, "", NULL);
}

/* A unique index with an expression is named by itself, others by their columns. */
static const struct unique *
broken_unique(const struct reg_plan *plan, const char *violation)
{
	for (size_t i = 0; violation != NULL && i < plan->index_count; i++)
		if (plan->indexes[i].unique != NULL && strstr(violation, plan->indexes[i].name) != NULL)
			return plan->indexes[i].unique;
	return NULL;
}

static bool
names_field(const char *violation, const struct reg *reg, const struct field *field)
{
	char name[96];
	size_t length = (size_t)snprintf(name, sizeof(name), "%s.%s", reg->name, field->name);
	const char *found = violation == NULL ? NULL : strstr(violation, name);

	return found != NULL && (found[length] == '\0' || found[length] == ',');
}

static enum error
report_double(struct txn *txn, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf fields = { 0 };
	const char *violation = db_violation(txn->db);
	const struct unique *unique = broken_unique(plan_of(txn->registry, reg), violation);

	for (size_t i = 0; i < (unique != NULL ? unique->field_count : reg->field_count); i++) {
		const struct field *field = unique != NULL ? unique->fields[i] : &reg->fields[i];

		if (unique != NULL || names_field(violation, reg, field))
			strbuf_printf(&fields, "%s%s", fields.bytes > 0 ? ", " : "", field->name);
	}
	return problem_add(txn->problem, ERR_DUPLICATE, NULL, MSG_UNIQUE, fields.bytes > 0 ? fields.text : reg->name,
			   NULL);
}

static enum error
keep_past(struct txn *txn, const struct image *before)
{
	AUTO(query_free) struct query *query = db_query(txn->db, plan_of(txn->registry, before->reg)->keep_past);

	bind_integer(query, 1, before->id);
	bind_integer(query, 2, txn->now);
	return query_run(query);
}

/* One act makes one version, as it makes one entry: what stood between two of its steps never was. */
static bool
is_of_this_act(const struct txn *txn, const struct image *image)
{
	for (size_t i = 0; i < txn->change_count; i++) {
		const struct change *change = &txn->changes[i];

		if (change->after->id == image->id)
			return change->before == NULL ||
			       change->before->values[COLUMN_VERSION].integer != image->values[COLUMN_VERSION].integer;
	}
	return false;
}

enum error
image_store(struct txn *txn, const struct image *before, struct image *after)
{
	const struct reg *reg = after->reg;
	const struct reg_plan *plan = plan_of(txn->registry, reg);
	bool is_next = before == NULL || !is_of_this_act(txn, before);

	if (before != NULL && is_next)
		TRY(keep_past(txn, before));
	after->values[COLUMN_VERSION] =
		value_integer((before == NULL ? 0 : before->values[COLUMN_VERSION].integer) + is_next);
	after->values[COLUMN_CHANGED_AT] = value_integer(txn->now);
	AUTO(query_free) struct query *query = db_query(txn->db, before == NULL ? plan->insert : plan->update);

	for (size_t i = 0; i < reg->column_count; i++)
		bind_value(query, (int)i + 1, &after->values[i]);
	if (before != NULL)
		bind_value(query, (int)reg->column_count + 1, &before->values[COLUMN_VERSION]);
	enum error e = query_run(query);

	if (e == ERR_DUPLICATE)
		return report_double(txn, reg);
	if (e != OK)
		return e;
	after->is_stored = true;
	/* The row was read in this very transaction: nobody else can have changed it. */
	assert(before == NULL || db_changes(txn->db) == 1);
	return OK;
}

enum error
image_store_list(struct txn *txn, const struct reg *reg, int64_t id, const struct field *list,
		 const struct input *input, bool replace)
{
	if (replace) {
		AUTO(query_free) struct query *query = db_query(txn->db, sql_list_delete(txn->arena, reg, list));

		bind_integer(query, 1, id);
		TRY(query_run(query));
	}
	if (input->row_count == 0)
		return OK;
	const char *sql = sql_list_insert(txn->arena, reg, list);

	for (size_t row = 0; row < input->row_count; row++) {
		AUTO(query_free) struct query *query = db_query(txn->db, sql);
		int at = 3;

		bind_integer(query, 1, id);
		bind_integer(query, 2, (int64_t)row + 1);
		for (size_t i = 0; i < list->item_count; i++) {
			const struct input *item = &input->rows[row * list->item_count + i];

			for (size_t c = 0; c < input_columns(&list->items[i]); c++, at++)
				if (item->kind == INPUT_VALUE)
					bind_value(query, at, &item->values[c]);
				else
					bind_null(query, at);
		}
		TRY(query_run(query));
	}
	return OK;
}

/* A correction of something else must not fail for what an older edition did not ask for. */
static bool
was_missing(const struct image *before, const struct field *field)
{
	return before != NULL && image_value(before, field)->kind == VALUE_NULL;
}

static enum error
check_required(struct txn *txn, const struct image *before, const struct image *image, const struct action *action)
{
	bool corrects = strcmp(action->name, "correct") == 0;

	enum error e = OK;

	/* A record that the action does not fill in completely may have been made so by an earlier edition:
	 * only fields that this action could have set are demanded. */
	for (size_t i = 0; i < image->reg->field_count; i++) {
		const struct field *field = &image->reg->fields[i];

		if (!field->required || field->type == FIELD_LIST || image_value(image, field)->kind != VALUE_NULL)
			continue;
		if (action->new_state != NULL ||
		    (action_arg(action, field->name) != NULL && !(corrects && was_missing(before, field))))
			e = problem_add(txn->problem, ERR_BAD_INPUT, field->name, MSG_REQUIRED, NULL, NULL);
	}
	return e;
}

enum error
image_check(struct txn *txn, const struct image *before, const struct image *image, const struct action *action)
{
	const struct reg_plan *plan = plan_of(txn->registry, image->reg);
	struct scope scope = { .record = image->id, .me = txn->me, .today = txn->today, .now = txn->now };
	enum error e = check_required(txn, before, image, action);

	if (plan->check_count == 0)
		return e;
	struct value *holds = arena_array_of(txn->arena, struct value, plan->check_count);

	TRY(statement_values(txn->db, txn->arena, &plan->checks, &scope, holds, plan->check_count));
	for (size_t i = 0; i < plan->check_count; i++)
		/* As in SQL a check that is not known (NULL) holds. */
		if (holds[i].kind != VALUE_NULL && !value_is_true(&holds[i]))
			e = problem_add(txn->problem, ERR_BAD_INPUT, plan->check_fields[i]->name, MSG_CHECK_FAILED,
					plan->check_fields[i]->check, NULL);
	return e;
}

uint64_t
image_changed(const struct image *before, const struct image *after)
{
	uint64_t changed = 0;

	if (before == NULL)
		return UINT64_MAX;
	for (size_t i = 0; i < after->reg->column_count; i++)
		if (i != COLUMN_CHANGED_AT && !value_equal(&before->values[i], &after->values[i]))
			changed |= i < 64 ? UINT64_C(1) << i : UINT64_MAX;
	return changed;
}

enum error
image_territory(struct registry *registry, struct db *db, struct arena *arena, const struct image *image, int64_t now,
		int64_t *ret_place)
{
	const struct reg_plan *plan = plan_of(registry, image->reg);
	struct value place = value_null();

	if (plan->territory.sql != NULL) {
		struct scope scope = { .record = image->id, .now = now, .today = registry_today(registry, now) };

		TRY(statement_values(db, arena, &plan->territory, &scope, &place, 1));
	} else if (plan->territory_field != NULL) {
		place = *image_value(image, plan->territory_field);
	}
	*ret_place = place.kind == VALUE_INTEGER ? place.integer : 0;
	return OK;
}

enum error
image_lives(struct registry *registry, struct db *db, struct arena *arena, const struct image *image, int64_t territory,
	    int64_t now, int64_t *ret_place)
{
	const struct reg_plan *plan = plan_of(registry, image->reg);
	struct scope scope = { .record = image->id, .now = now, .today = registry_today(registry, now) };
	struct value place = value_null();

	*ret_place = territory;
	if (territory != 0 || plan->lives.sql == NULL)
		return OK;
	TRY(statement_values(db, arena, &plan->lives, &scope, &place, 1));
	*ret_place = place.kind == VALUE_INTEGER ? place.integer : 0;
	return OK;
}
