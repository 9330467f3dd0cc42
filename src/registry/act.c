/* act.c - one act in the writer's thread: idempotency, references, the action with its steps and law,
 * entries; and what it answers. */
#include <string.h>
#include "base/random.h"
#include "registry/engine.h"
#include "text/json.h"

/* How far apart acts of one batch can have arrived: a writer that was held up for so long. */
enum { ARRIVAL_SPREAD_MS = 10000 };

static void
begin_txn(struct txn *txn, struct act *act, struct db *db)
{
	struct registry *registry = act->registry;

	/* Acts are stamped when they arrive, by several threads; in the order of the writer time does not go back. */
	if (registry->last_act_at > act->now && registry->last_act_at - act->now < ARRIVAL_SPREAD_MS)
		act->now = registry->last_act_at;
	registry->last_act_at = act->now;
	*txn = (struct txn){ .registry = act->registry,
			     .db = db,
			     .arena = act->arena,
			     .actor = &act->actor,
			     .problem = &act->problem,
			     .act = act,
			     .now = act->now,
			     .today = registry_today(act->registry, act->now),
			     .on_behalf = act->on_behalf };
	random_bytes(txn->event, sizeof(txn->event));
	memcpy(act->event, txn->event, sizeof(act->event));
}

/* A batch that failed for another's reason runs its jobs again: nothing of the first run may stay. */
static void
clear_answer(struct act *act)
{
	problem_init(&act->problem, act->arena);
	act->result = OK;
	act->replayed = act->waiting = act->job.keeps = false;
	act->asked = 0;
	act->ret_record = act->record;
	act->ret_state = NULL;
	act->ret_version = 0;
	act->entries = NULL;
	act->entry_count = 0;
	act->findings = NULL;
	act->finding_count = 0;
}

static enum error
check_version(struct txn *txn, const struct act *act)
{
	const struct image *image = NULL;

	if (act->record == 0 || act->kind != ACT_RUN)
		return OK;
	if (act->if_match < 0)
		return strcmp(act->action->name, "correct") == 0 && !act->actor.is_console
			       ? problem_add(txn->problem, ERR_IF_MATCH, NULL, MSG_IF_MATCH, NULL, NULL)
			       : OK;
	TRY(image_load(txn, act->reg, act->record, &image));
	/* Permission first: a stranger must not read the version out of a refusal. */
	TRY(party_may(txn, act->action, image, act->inputs));
	if (image->values[COLUMN_VERSION].integer == act->if_match)
		return OK;
	const char *version = arena_printf(txn->arena, "%lld", (long long)image->values[COLUMN_VERSION].integer);

	return problem_add(txn->problem, ERR_PRECONDITION, NULL, MSG_VERSION, version, NULL);
}

/* Naming somebody on a record of others must not be a way to ask who is known. */
static enum error
check_before_naming(struct txn *txn, const struct act *act, const struct input *inputs)
{
	const struct image *image = NULL;
	bool names = false;

	for (size_t i = 0; act->record != 0 && i < act->action->arg_count; i++)
		names |= inputs[i].kind == INPUT_RESOLVE;
	if (!names)
		return OK;
	TRY(image_load(txn, act->reg, act->record, &image));
	return party_may(txn, act->action, image, inputs);
}

static enum error
run_kind(struct txn *txn, struct act *act)
{
	if (act->kind != ACT_RUN)
		return consent_answer(txn, act, &act->ret_record);
	struct input *inputs = arena_array_of(act->arena, struct input, act->action->arg_count + 1);

	if (act->inputs != NULL)
		memcpy(inputs, act->inputs, act->action->arg_count * sizeof(*inputs));
	TRY(check_version(txn, act));
	TRY(check_before_naming(txn, act, inputs));
	TRY(resolve_inputs(txn, act->action, inputs));
	txn->inputs = inputs;
	return action_run(txn, act->action, act->record, inputs, BY_ACTOR, &act->ret_record);
}

static void
tell_state(struct txn *txn, struct act *act)
{
	for (size_t i = 0; i < txn->change_count; i++) {
		const struct image *after = txn->changes[i].after;

		if (after->id != act->ret_record)
			continue;
		act->ret_state = image_state(after);
		act->ret_version = after->values[COLUMN_VERSION].integer;
	}
	act->waiting = txn->waiting;
	act->asked = txn->asked;
}

static enum error
keep(struct txn *txn, struct act *act)
{
	struct registry *registry = act->registry;
	struct receipt_entry *entries = NULL;

	TRY(entry_append_all(txn, &entries, &act->entry_count));
	act->entries = entries;
	if (act->idempotency_key != NULL)
		TRY(idempotency_keep(act, txn->db));
	*ARENA_PUSH(registry->batch_arena, registry->batch, registry->batch_count, registry->batch_capacity) =
		(struct batch_item){ .act = act,
				     .changes = txn->changes,
				     .change_count = txn->change_count,
				     .now = act->now,
				     .is_official = txn_is_official(txn) };
	return OK;
}

/* ---- what came to nothing ---- */

static bool
may_be_refused(const struct act *act)
{
	return act->kind != ACT_RUN || plan_of_action(act->registry, act->action)->refusable;
}

/* Could the answer tell something about others? The console reads the store as it likes. */
static bool
may_tell(const struct act *act)
{
	bool names = act->reg != NULL && (act->reg->personal || act->reg->stream_is_self || act->reg->stream_count > 0);

	if (act->kind != ACT_RUN || act->actor.is_console)
		return false;
	for (size_t i = 0; i < act->action->arg_count && !names; i++)
		for (size_t k = 0; k < act->action->args[i].to_count; k++)
			names |= act->action->args[i].to[k]->is_party;
	return names;
}

/* Whoever was found by number and name is known to be called so, whatever becomes of the act. */
static bool
names_by_number(const struct txn *txn, const struct act *act)
{
	for (size_t i = 0; txn->inputs != NULL && act->inputs != NULL && i < act->action->arg_count; i++)
		if (act->inputs[i].kind == INPUT_RESOLVE)
			return true;
	return false;
}

/* That somebody is registered there already, has that number, is a citizen, has died: what stands against an act tells
 * it, and that nothing does tells the contrary. Who may not act is told nothing of this. */
static bool
tells(const struct txn *txn, const struct act *act)
{
	enum error e = act->result;

	if (!may_tell(act) || (e == OK && !act->job.dry_run))
		return false;
	if (e == ERR_BAD_INPUT || e == ERR_FORBIDDEN)
		return names_by_number(txn, act);
	return e == OK || e == ERR_REFUSED || e == ERR_GUARD || e == ERR_CONFLICT || e == ERR_DUPLICATE;
}

/* Undone but for its entries; the same key answers the same refusal. */
static enum error
keep_refusal(struct txn *txn, struct act *act)
{
	bool refused = act->result == ERR_REFUSED && !act->job.dry_run, named = false;

	if (act->kind == ACT_RUN)
		act->ret_record = act->record;
	if (tells(txn, act))
		TRY(entry_append_attempt(txn, act, &named));
	bool unnamed = !named && (refused || (act->result == ERR_DUPLICATE && act->reg->personal));

	if (unnamed)
		TRY(entry_append_refusal(txn, act, act->ret_record));
	act->job.keeps = named || unnamed;
	if (refused && act->idempotency_key != NULL)
		TRY(idempotency_keep(act, txn->db));
	return act->job.keeps ? OK : act->result;
}

/* What it would come to; then it is undone. */
static enum error
preview(struct txn *txn, struct act *act, enum error e)
{
	if (e != OK)
		return e;
	tell_state(txn, act);
	return act->job.dry_run ? law_preview(txn, &act->findings, &act->finding_count) : OK;
}

static enum error
run_act(struct job *job, struct db *db)
{
	struct act *act = (struct act *)((char *)job - offsetof(struct act, job));
	struct txn txn;

	clear_answer(act);
	begin_txn(&txn, act, db);
	if (act->idempotency_key != NULL && !job->dry_run) {
		enum error known = idempotency_find(act, db);

		if (known != ERR_NOT_FOUND)
			return known;
	}
	bool guarded = may_be_refused(act) || may_tell(act);

	if (guarded)
		TRY(db_savepoint(db, SAVEPOINT_ACT));
	act->result = preview(&txn, act, run_kind(&txn, act));
	if (guarded && (act->result == ERR_REFUSED || tells(&txn, act))) {
		TRY(db_rollback_to(db, SAVEPOINT_ACT));
		TRY(db_release(db, SAVEPOINT_ACT));
		return keep_refusal(&txn, act);
	}
	if (act->result != OK)
		return act->result;
	if (guarded)
		TRY(db_release(db, SAVEPOINT_ACT));
	return job->dry_run ? OK : keep(&txn, act);
}

static void
count(struct act *act)
{
	struct registry *registry = act->registry;

	registry->dry_runs += act->job.dry_run;
	registry->acts += act->result == OK && !act->job.dry_run;
	registry->refusals += act->result == ERR_REFUSED;
	registry->guards += act->result == ERR_GUARD;
	registry->conflicts +=
		act->result == ERR_CONFLICT || act->result == ERR_DUPLICATE || act->result == ERR_PRECONDITION;
	registry->forbidden += act->result == ERR_FORBIDDEN;
}

static void
act_done(struct job *job, enum error e)
{
	struct act *act = (struct act *)((char *)job - offsetof(struct act, job));

	/* OK from the writer means committed: then the act's own result (done, or refused by law) stands. */
	if (e != OK)
		act->result = e;
	count(act);
	if (act->done != NULL)
		act->done(act);
}

void
act_init(struct act *act, struct registry *registry, struct arena *arena, int64_t now)
{
	*act = (struct act){ .registry = registry,
			     .arena = arena,
			     .kind = ACT_RUN,
			     .if_match = -1,
			     .now = now,
			     .job = { .run = run_act, .done = act_done } };
	problem_init(&act->problem, arena);
}

enum error
act_submit(struct act *act)
{
	return writer_submit(act->registry->writer, &act->job);
}

enum error
act_run(struct act *act)
{
	enum error e = writer_run(act->registry->writer, &act->job);

	if (e != OK)
		act->result = e;
	return act->result;
}

static bool
is_correct(const struct action *action)
{
	return strcmp(action->name, "correct") == 0;
}

/* The built-in action's reason is its one argument that is no field. */
static enum error
check_reason(struct act *act)
{
	for (size_t i = 0; i < act->action->arg_count; i++)
		if (act->action->taken[i] == NULL &&
		    (act->inputs[i].kind != INPUT_VALUE || act->inputs[i].values[0].kind != VALUE_TEXT))
			return problem_add(&act->problem, ERR_BAD_INPUT, act->action->args[i].name, MSG_REASON_NEEDED,
					   NULL, NULL);
	return OK;
}

enum error
act_parse(struct act *act, const struct node *body)
{
	struct input_context context = registry_input(act->registry, act->arena, act->now);
	struct input *inputs = NULL;
	bool partial = is_correct(act->action);

	TRY(input_parse_body(&context, act->action->args, act->action->arg_count, body, partial, &act->problem,
			     &inputs));
	act->inputs = inputs;
	return partial ? check_reason(act) : OK;
}

/* How many entries somebody's stream has is theirs to know. */
static bool
is_owner(const struct actor *actor, int64_t stream)
{
	bool owns = stream > 0 && stream == actor->party;

	for (size_t i = 0; i < actor->role_count; i++)
		owns |= stream > 0 && stream == actor->roles[i].party && actor_counts(actor, &actor->roles[i]);
	return owns;
}

void
act_print(const struct act *act, enum language language, struct json *json)
{
	json_open_map(json);
	json_key(json, "event");
	json_hex(json, act->event, sizeof(act->event));
	json_key(json, "entries");
	json_open_list(json);
	for (size_t i = 0; i < act->entry_count; i++) {
		json_open_map(json);
		json_key(json, "stream_n");
		if (is_owner(&act->actor, act->entries[i].stream))
			json_integer(json, (int64_t)act->entries[i].stream_n);
		else
			json_null(json);
		json_field_integer(json, "index", (int64_t)act->entries[i].index);
		json_close_map(json);
	}
	json_close_list(json);
	if (act->job.dry_run)
		json_field_boolean(json, "dry_run", true);
	else if (act->reg != NULL)
		json_field_text(json, "ref", registry_reference(act->registry, act->reg, act->arena, act->ret_record));
	json_field_text(json, "state", act->ret_state);
	json_field_integer(json, "version", act->ret_version);
	json_field_boolean(json, "waiting", act->waiting);
	json_field_integer(json, "asked", (int64_t)act->asked);
	json_key(json, "findings");
	json_open_list(json);
	for (size_t i = 0; i < act->finding_count; i++)
		finding_print(act->registry, &act->findings[i], language, true, json);
	json_close_list(json);
	json_close_map(json);
}
