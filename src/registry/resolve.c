/* resolve.c - references as people give them: a record's own reference, or a person's number and
 * family name. Wrong and unknown answer alike, and an account can name only so many people a day, so that
 * nobody can try numbers out. */
#include <stdio.h>
#include <string.h>
#include "registry/engine.h"
#include "text/name.h"

/* People that one account may name in a day: a landlord's staff, a token that declares for a chain of
 * hotels, an official at the counter. */
enum { RESOLVE_PRIVATE_MAX = 500, RESOLVE_TOKEN_MAX = 50000, RESOLVE_OFFICIAL_MAX = 5000, RESOLVE_FIELDS_MAX = 16 };

static uint64_t
day_limit(const struct actor *actor)
{
	if (actor->is_console)
		return UINT64_MAX;
	if (actor->is_token)
		return RESOLVE_TOKEN_MAX;
	for (size_t i = 0; i < actor->role_count; i++)
		if (actor->roles[i].role->body != NULL)
			return RESOLVE_OFFICIAL_MAX;
	return RESOLVE_PRIVATE_MAX;
}

/* Counts what was asked, found or not: the hash of the question, never the question. */
static enum error
count_question(struct txn *txn, const struct field *field, const struct input *resolve)
{
	struct registry *registry = txn->registry;
	uint64_t question[RESOLVE_FIELDS_MAX + 1] = { (uint64_t)txn->actor->account };

	if (registry->resolved_day != txn->today) {
		map_done(&registry->resolved);
		map_done(&registry->resolve_counts);
		registry->resolved_day = txn->today;
	}
	for (size_t i = 0; i < field->resolve_count && i < RESOLVE_FIELDS_MAX; i++) {
		const struct value *value = &resolve[i].values[0];

		question[i + 1] =
			value->kind == VALUE_TEXT ? hash_bytes(value->text, value->bytes) : (uint64_t)value->integer;
	}
	uint64_t key = hash_bytes(question, sizeof(question));

	if (map_get(&registry->resolved, key) != NULL)
		return OK;
	uint64_t *known = map_get(&registry->resolve_counts, (uint64_t)txn->actor->account);
	uint64_t count = known == NULL ? 0 : *known;
	uint64_t limit = day_limit(txn->actor);

	if (count >= limit) {
		char text[24];

		snprintf(text, sizeof(text), "%llu", (unsigned long long)limit);
		return problem_add(txn->problem, ERR_LIMITED, field->name, MSG_RESOLVE_LIMIT, text, NULL);
	}
	map_put(&registry->resolved, key, 1);
	map_put(&registry->resolve_counts, (uint64_t)txn->actor->account, count + 1);
	return OK;
}

static bool
is_name(const struct field *field)
{
	return field->type == FIELD_NAME;
}

/* Are the record's names those that were told, under folding? */
static enum error
has_names(struct txn *txn, const struct reg *reg, const struct field *ref, const struct input *resolve, int64_t id,
	  bool *ret_same)
{
	const struct image *found = NULL;
	bool same = true;

	TRY(image_load(txn, reg, id, &found));
	for (size_t i = 0; i < ref->resolve_count && same; i++) {
		if (!is_name(ref->resolve[i]))
			continue;
		const struct value *name = image_value(found, reg_field(reg, ref->resolve[i]->name));

		same = name->kind == VALUE_TEXT && name_same(txn->arena, name->text, resolve[i].values[0].text);
	}
	*ret_same = same;
	return OK;
}

/* The exact fields select candidates, and the names tell which of them is meant. */
static enum error
find_one(struct txn *txn, const struct reg *reg, const struct field *ref, const struct input *resolve, int64_t *ret_id)
{
	const struct field *exact[RESOLVE_FIELDS_MAX];
	size_t exact_count = 0;
	int at = 1;
	enum error e;

	for (size_t i = 0; i < ref->resolve_count && exact_count < ARRAY_COUNT(exact); i++)
		if (!is_name(ref->resolve[i]))
			exact[exact_count++] = reg_field(reg, ref->resolve[i]->name);
	AUTO(query_free) struct query *query = db_query(txn->db, sql_find(txn->arena, reg, exact, exact_count));

	for (size_t i = 0; i < ref->resolve_count; i++)
		for (int c = 0; !is_name(ref->resolve[i]) && c < (ref->resolve[i]->type == FIELD_POINT ? 2 : 1); c++)
			bind_value(query, at++, &resolve[i].values[c]);
	while ((e = query_step(query)) == OK) {
		int64_t id = column_integer(query, 0);
		bool same = true;

		if (exact_count < ref->resolve_count)
			TRY(has_names(txn, reg, ref, resolve, id, &same));
		if (same) {
			*ret_id = id;
			return OK;
		}
	}
	return e;
}

static enum error
resolve_one(struct txn *txn, const struct field *field, struct input *input)
{
	int64_t id = 0;

	for (size_t i = 0; i < field->resolve_count; i++)
		if (input->resolve[i].kind != INPUT_VALUE || input->resolve[i].values[0].kind == VALUE_NULL)
			return problem_add(txn->problem, ERR_BAD_INPUT, field->name, MSG_NOT_RESOLVED, NULL, NULL);
	TRY(count_question(txn, field, input->resolve));
	for (size_t i = 0; i < field->to_count; i++) {
		enum error e = find_one(txn, field->to[i], field, input->resolve, &id);

		if (e == OK) {
			*input = (struct input){ .kind = INPUT_VALUE,
						 .values = { value_integer(id) },
						 .value_count = 1 };
			return OK;
		}
		if (e != ERR_NOT_FOUND)
			return e;
	}
	return problem_add(txn->problem, ERR_BAD_INPUT, field->name, MSG_NOT_RESOLVED, NULL, NULL);
}

static enum error
check_exists(struct txn *txn, const struct field *field, const struct input *input)
{
	if (input->values[0].kind != VALUE_INTEGER)
		return OK;
	for (size_t i = 0; i < field->to_count; i++)
		if (image_exists(txn->registry, txn->db, field->to[i], input->values[0].integer))
			return OK;
	return problem_add(txn->problem, ERR_BAD_INPUT, field->name, MSG_NOT_REFERENCE, NULL, NULL);
}

static enum error
check_file(struct txn *txn, const struct field *field, const struct input *input)
{
	if (input->values[0].kind != VALUE_INTEGER)
		return OK;
	AUTO(query_free)
	struct query *query = db_query(txn->db, "SELECT 1 FROM sys_file WHERE id = $1 AND account = $2");

	/* Only who uploaded a file may attach it. */
	bind_integer(query, 1, input->values[0].integer);
	bind_integer(query, 2, txn->actor->account);
	enum error e = query_one(query);

	return e == ERR_NOT_FOUND ? problem_add(txn->problem, ERR_BAD_INPUT, field->name, MSG_NOT_FILE, NULL, NULL) : e;
}

static enum error resolve_field(struct txn *txn, const struct field *field, struct input *input);

/* The rows of a list hold references and files like the record itself. */
static enum error
resolve_rows(struct txn *txn, const struct field *list, struct input *input)
{
	size_t count = input->row_count * list->item_count;
	struct input *rows = arena_array_of(txn->arena, struct input, count + 1);
	enum error first = OK;

	for (size_t i = 0; i < count; i++) {
		size_t before = txn->problem->item_count;

		rows[i] = input->rows[i];
		enum error e = resolve_field(txn, &list->items[i % list->item_count], &rows[i]);

		if (e != OK && e != ERR_BAD_INPUT)
			return e;
		problem_prefix(txn->problem, before,
			       arena_printf(txn->arena, "%s[%zu]", list->name, i / list->item_count));
		first = first == OK ? e : first;
	}
	input->rows = rows;
	return first;
}

static enum error
resolve_field(struct txn *txn, const struct field *field, struct input *input)
{
	if (input->kind == INPUT_RESOLVE)
		return resolve_one(txn, field, input);
	if (input->kind == INPUT_LIST)
		return resolve_rows(txn, field, input);
	if (input->kind == INPUT_VALUE && field->type == FIELD_REF)
		return check_exists(txn, field, input);
	if (input->kind == INPUT_VALUE && field->type == FIELD_FILE)
		return check_file(txn, field, input);
	return OK;
}

enum error
resolve_inputs(struct txn *txn, const struct action *action, struct input *inputs)
{
	enum error first = OK;

	for (size_t i = 0; i < action->arg_count; i++) {
		enum error e = resolve_field(txn, &action->args[i], &inputs[i]);

		if (e != OK && e != ERR_BAD_INPUT)
			return e;
		first = first == OK ? e : first;
	}
	return first;
}
