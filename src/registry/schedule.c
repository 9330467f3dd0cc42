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
	AUTO(query_free)
	struct query *query = db_query(
		txn->db,
		"INSERT INTO sys_clock (id, due_at, reg, record, action, ask) VALUES ($1, $2, $3, $4, $5, $6)");

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

/* An action that leaves the record where it is would run once for each row. */
static enum error
is_scheduled(struct txn *txn, const struct action *action, int64_t record, int64_t due_at, bool *ret_is)
{
	AUTO(query_free)
	struct query *query = db_query(
		txn->db, "SELECT 1 FROM sys_clock WHERE due_at = $1 AND record = $2 AND action = $3 AND reg = $4");

	bind_integer(query, 1, due_at);
	bind_integer(query, 2, record);
	bind_text(query, 3, action->name);
	bind_integer(query, 4, action->reg->code);
	enum error e = query_one(query);

	*ret_is = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
schedule_action(struct txn *txn, const struct action *action, int64_t record, int64_t due_at)
{
	bool is_there = false;

	/* An action that leaves its own time as it was has run for it. */
	if (action == txn->clock_action && record == txn->clock_record && due_at <= txn->clock_due_at)
		return OK;
	if (action->to == NULL)
		TRY(is_scheduled(txn, action, record, due_at < txn->now ? txn->now : due_at, &is_there));
	return is_there ? OK : schedule_row(txn, action->reg, record, action, 0, due_at);
}

enum error
schedule_record(struct txn *txn, const struct image *before, const struct image *after)
{
	const struct reg_plan *plan = plan_of(txn->registry, after->reg);
	uint64_t moving = UINT64_C(1) << COLUMN_VERSION | UINT64_C(1) << COLUMN_STATE;

	for (size_t i = 0; i < after->reg->action_count; i++) {
		const struct action_plan *action = &plan->actions[i];
		struct scope scope = { .record = after->id, .me = txn->me, .today = txn->today, .now = txn->now };
		struct value due = value_null();

		if (action->clock_value.sql == NULL || !waits_in(action->action, after))
			continue;
		if (before != NULL && waits_in(action->action, before) && (image_changed(before, after) & ~moving) == 0)
			continue; /* at most the state moved, within those where it waits: its row is there */
		TRY(statement_values(txn->db, txn->arena, &action->clock_value, &scope, &due, 1));
		if (due.kind == VALUE_INTEGER)
			TRY(schedule_action(txn, action->action, after->id,
					    schedule_instant(txn->registry, due.integer)));
	}
	return OK;
}

enum error
schedule_later(struct txn *txn, const struct action *action, int64_t record, const struct input *inputs)
{
	AUTO(query_free)
	struct query *query = db_query(
		txn->db,
		"INSERT INTO sys_later (id, event, reg, action, record, args) VALUES ($1, $2, $3, $4, $5, $6)");

	bind_integer(query, 1, registry_new_id(txn->registry));
	bind_bytes(query, 2, txn->event, sizeof(txn->event));
	bind_integer(query, 3, action->reg->code);
	bind_text(query, 4, action->name);
	bind_integer(query, 5, record);
	bind_text(query, 6, args_print(txn->arena, action, inputs));
	txn->registry->clock_next_at = 0;
	return query_run(query);
}
