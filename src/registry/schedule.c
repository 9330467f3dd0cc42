/* schedule.c - what the clock is to do: rows are only added. One whose record has moved on is dropped when
 * it is due (clock.c), so that a change never has to look for old ones. */
#include <string.h>
#include "registry/engine.h"

int64_t
schedule_instant(const struct registry *registry, int64_t value)
{
	return value < DAY_LIMIT ? zone_day_begins(registry->zone, value) : value;
}

enum error
schedule_row(struct txn *txn, const struct reg *reg, int64_t record, const struct action *action, int64_t ask,
             int64_t due_at)
{
	AUTO(query_free) struct query *query = db_query(
		txn->db, "INSERT INTO sys_clock (id, due_at, reg, record, action, ask) VALUES ($1, $2, $3, $4, $5, $6)");

	/* What was due before it was known is due now. */
	due_at = due_at < txn->now ? txn->now : due_at;
	bind_integer(query, 1, registry_new_id(txn->registry));
	bind_integer(query, 2, due_at);
	bind_integer(query, 3, reg->code);
	bind_integer(query, 4, record);
	bind_text(query, 5, action == NULL ? NULL : action->name);
	if (ask != 0)
		bind_integer(query, 6, ask);
	if (due_at < txn->registry->clock_next_at)
		txn->registry->clock_next_at = due_at;
	return query_run(query);
}

static bool
waits_in(const struct action *action, const struct image *image)
{
	for (size_t i = 0; image != NULL && i < action->from_count; i++)
		if (strcmp(action->from[i], image_state(image)) == 0)
			return true;
	return false;
}

enum error
schedule_record(struct txn *txn, const struct image *before, const struct image *after)
{
	const struct reg_plan *plan = plan_of(txn->registry, after->reg);

	for (size_t i = 0; i < after->reg->action_count; i++) {
		const struct action_plan *action = &plan->actions[i];
		struct scope scope = { .record = after->id, .me = txn->me, .today = txn->today, .now = txn->now };
		struct value due = value_null();

		if (action->clock_value.sql == NULL || !waits_in(action->action, after))
			continue;
		if (before != NULL && waits_in(action->action, before) && (image_changed(before, after) & ~(UINT64_C(1) << COLUMN_VERSION)) == UINT64_C(1) << COLUMN_STATE)
			continue;	/* only the state moved, within those where it waits: its row is there */
		TRY(statement_values(txn->db, txn->arena, &action->clock_value, &scope, &due, 1));
		if (due.kind == VALUE_INTEGER)
			TRY(schedule_row(txn, after->reg, after->id, action->action, 0,
			                 schedule_instant(txn->registry, due.integer)));
	}
	return OK;
}

enum error
schedule_later(struct txn *txn, const struct action *action, int64_t record, const struct input *inputs)
{
	AUTO(query_free) struct query *query = db_query(
		txn->db, "INSERT INTO sys_later (id, event, reg, action, record, args) VALUES ($1, $2, $3, $4, $5, $6)");

	bind_integer(query, 1, registry_new_id(txn->registry));
	bind_bytes(query, 2, txn->event, sizeof(txn->event));
	bind_integer(query, 3, action->reg->code);
	bind_text(query, 4, action->name);
	bind_integer(query, 5, record);
	bind_text(query, 6, args_print(txn->arena, action, inputs));
	txn->registry->clock_next_at = 0;
	return query_run(query);
}
