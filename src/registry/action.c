/* action.c - one action from state to law, in the order of docs/pack.md: state and permission · guard and
 * values · consent · applied · checks · steps · forbid. Everything happens inside the caller's savepoint, so a
 * failure anywhere undoes all of it. */
#include <string.h>
#include "registry/engine.h"

struct frame {
	const struct action *action;
	const struct action_plan *plan;
	const struct input *inputs;
	enum authority authority;
	const struct image *before; /* NULL: a new record */
	struct image *after;
	struct value *values; /* of the plan's values statement */
};

static struct scope
scope_of(const struct txn *txn, const struct frame *frame)
{
	return (struct scope){ .record = frame->after != NULL ? frame->after->id : frame->before->id,
			       .action = frame->action,
			       .inputs = frame->inputs,
			       .me = txn->me,
			       .today = txn->today,
			       .now = txn->now };
}

static bool
is_from(const struct action *action, const char *state)
{
	for (size_t i = 0; i < action->from_count; i++)
		if (strcmp(action->from[i], state) == 0)
			return true;
	return action->from_count == 0 && action->new_state == NULL;
}

bool
action_waits_in(const struct action *action, const char *state)
{
	return is_from(action, state) || (action->new_state != NULL && strcmp(state, "pending") == 0);
}

static const char *
state_title(const struct txn *txn, const struct reg *reg, const char *state)
{
	return pack_textf(txn->registry->pack, txn->actor->language, txn->arena, "%s.is.%s", reg->name, state);
}

static enum error
begin_existing(struct txn *txn, struct frame *frame, int64_t record)
{
	TRY(image_load(txn, frame->action->reg, record, &frame->before));
	/* Who may not act learns nothing of the record's state. */
	if (frame->authority == BY_ACTOR)
		TRY(party_may(txn, frame->action, frame->before, frame->inputs));
	const char *state = image_state(frame->before);
	bool may_run =
		frame->authority == BY_CONSENT ? action_waits_in(frame->action, state) : is_from(frame->action, state);

	if (!may_run)
		return problem_add(txn->problem, ERR_CONFLICT, NULL, MSG_WRONG_STATE,
				   state_title(txn, frame->action->reg, state), NULL);
	frame->after = image_copy(txn, frame->before);
	return OK;
}

static enum error
take_defaults(struct txn *txn, struct frame *frame)
{
	const struct reg_plan *plan = plan_of(txn->registry, frame->action->reg);
	struct value *values = arena_array_of(txn->arena, struct value, plan->default_count + 1);
	struct scope scope = scope_of(txn, frame);

	if (frame->before != NULL || plan->default_count == 0)
		return OK;
	TRY(statement_values(txn->db, txn->arena, &plan->defaults, &scope, values, plan->default_count));
	for (size_t i = 0; i < plan->default_count; i++)
		if (image_value(frame->after, plan->default_fields[i])->kind == VALUE_NULL)
			TRY(image_set_sql(txn, frame->after, plan->default_fields[i], &values[i]));
	return OK;
}

static void
take_fields(const struct frame *frame, struct image *image)
{
	for (size_t i = 0; frame->inputs != NULL && i < frame->action->arg_count; i++) {
		const struct field *field = frame->action->taken[i];

		if (field != NULL && frame->inputs[i].kind == INPUT_VALUE)
			image_set(image, field, frame->inputs[i].values, input_columns(field));
	}
}

/* Fields of the request, then the sets, then defaults where nothing stands. */
static enum error
fill_image(struct txn *txn, struct frame *frame)
{
	const struct action *action = frame->action;

	take_fields(frame, frame->after);
	for (size_t i = 0; i < action->set_count; i++)
		TRY(image_set_sql(txn, frame->after, action->set[i].target, &frame->values[frame->plan->set_at + i]));
	const char *state = action->new_state != NULL ? action->new_state : action->to;

	if (state != NULL)
		frame->after->values[COLUMN_STATE] = value_text(state);
	return take_defaults(txn, frame);
}

static enum error
evaluate(struct txn *txn, struct frame *frame)
{
	const struct action_plan *plan = frame->plan;
	struct scope scope = scope_of(txn, frame);

	frame->values = arena_array_of(txn->arena, struct value, plan->value_count + 1);
	if (plan->value_count == 0)
		return OK;
	return statement_values(txn->db, txn->arena, &plan->values, &scope, frame->values, plan->value_count);
}

static enum error
check_guard(struct txn *txn, const struct frame *frame)
{
	if (frame->plan->when_at == SIZE_MAX || value_is_true(&frame->values[frame->plan->when_at]))
		return OK;
	const char *key = arena_printf(txn->arena, "%s.%s.when", frame->action->reg->name, frame->action->name);
	const char *text = pack_text(txn->registry->pack, txn->actor->language, key);

	return problem_add(txn->problem, ERR_GUARD, NULL, text != key ? MSG_GUARD_TEXT : MSG_GUARD, text, NULL);
}

static enum error
next_number(struct txn *txn, const struct reg *reg, const struct field *field, int64_t place, int64_t year,
	    int64_t *ret_number)
{
	AUTO(query_free)
	struct query *query = db_query(
		txn->db, "INSERT INTO sys_number_counter (reg, field, place, year, last) VALUES ($1, $2, $3, $4, 1)"
			 " ON CONFLICT (reg, field, place, year) DO UPDATE SET last = sys_number_counter.last + 1"
			 " RETURNING last");

	bind_integer(query, 1, reg->code);
	bind_integer(query, 2, field->code);
	bind_integer(query, 3, place);
	bind_integer(query, 4, year);
	TRY(query_one(query));
	*ret_number = column_integer(query, 0);
	return OK;
}

/* Numbers count by the territory's place, which is known only once the record is stored. */
static enum error
give_numbers(struct txn *txn, struct frame *frame)
{
	const struct reg *reg = frame->action->reg;
	struct image *numbered = NULL;
	int64_t place = 0, number = 0;

	for (size_t i = 0; i < reg->field_count; i++) {
		const struct field *field = &reg->fields[i];

		if (field->type != FIELD_NUMBER || image_value(frame->after, field)->kind != VALUE_NULL)
			continue;
		TRY(image_territory(txn->registry, txn->db, txn->arena, frame->after, txn->now, &place));
		int year = day_civil(txn->today).year;

		TRY(next_number(txn, reg, field, place, year, &number));
		const struct place *known = pack_place(txn->registry->pack, place);
		const char *text = arena_printf(txn->arena, "%s-%d-%05lld", known == NULL ? "0" : known->code, year,
						(long long)number);

		numbered = numbered == NULL ? image_copy(txn, frame->after) : numbered;
		numbered->values[field->column] = value_text(text);
	}
	if (numbered == NULL)
		return OK;
	AUTO(query_free) struct query *query = db_query(txn->db, plan_of(txn->registry, reg)->update);

	for (size_t i = 0; i < reg->column_count; i++)
		bind_value(query, (int)i + 1, &numbered->values[i]);
	bind_value(query, (int)reg->column_count + 1, &numbered->values[COLUMN_VERSION]);
	frame->after = numbered;
	return query_run(query);
}

static enum error
store_lists(struct txn *txn, const struct frame *frame)
{
	for (size_t i = 0; frame->inputs != NULL && i < frame->action->arg_count; i++)
		if (frame->inputs[i].kind == INPUT_LIST && frame->action->taken[i] != NULL)
			TRY(image_store_list(txn, frame->action->reg, frame->after->id, frame->action->taken[i],
					     &frame->inputs[i], frame->before != NULL));
	return OK;
}

/* The columns of an `each` row become arguments of the step's action by name. */
static enum error
take_row(struct txn *txn, const struct query *row, const struct action *action, struct input *inputs, int64_t *record)
{
	for (int i = 0; i < column_count(row); i++) {
		const char *name = column_name(row, i);
		const struct field *arg = action_arg(action, name);

		if (arg == NULL && strcmp(name, "record") == 0) {
			*record = column_is_null(row, i) ? 0 : column_integer(row, i);
			continue;
		}
		if (arg == NULL)
			continue;
		inputs[arg->index] = (struct input){ .kind = INPUT_VALUE,
						     .value_count = 1,
						     .values = { column_value(row, i, txn->arena) } };
	}
	return OK;
}

/* Values from SQL are in the column's units already; kinds are checked, ranks filled in. */
static enum error
take_values(struct txn *txn, const struct action *action, struct input *inputs)
{
	for (size_t i = 0; i < action->arg_count; i++) {
		const struct field *field = &action->args[i];
		struct value *value = &inputs[i].values[0];

		if (inputs[i].kind != INPUT_VALUE || value->kind == VALUE_NULL)
			continue;
		if ((sql_field_kind(field, 0) == VALUE_TEXT) != (value->kind == VALUE_TEXT) ||
		    value->kind == VALUE_BYTES)
			return problem_add(txn->problem, ERR_BAD_INPUT, field->name, MSG_WRONG_KIND,
					   field_type_name(field->type), NULL);
		if (field->type == FIELD_BOOLEAN)
			*value = value_boolean(value->integer != 0);
		if (field->type != FIELD_CHOICE)
			continue;
		size_t rank = 0;

		while (rank < field->choice_count && strcmp(field->choices[rank], value->text) != 0)
			rank++;
		if (rank == field->choice_count)
			return problem_add(txn->problem, ERR_BAD_INPUT, field->name, MSG_NOT_CHOICE, "", NULL);
		inputs[i].values[1] = value_integer((int64_t)rank + 1);
		inputs[i].value_count = field->ranked ? 2 : 1;
	}
	return OK;
}

static struct input *
with_inputs(struct txn *txn, const struct frame *frame, const struct step_plan *step)
{
	struct input *inputs = arena_array_of(txn->arena, struct input, step->step->action->arg_count + 1);

	for (size_t i = 0; i < step->step->with_count; i++)
		inputs[step->step->with[i].target->index] = (struct input){
			.kind = INPUT_VALUE, .value_count = 1, .values = { frame->values[step->with_at + i] }
		};
	return inputs;
}

/* One run of a step that is due: its record and its arguments. */
struct due_step {
	const struct step *step;
	int64_t record;
	struct input *inputs;
};

struct due_steps {
	struct due_step *items;
	size_t count, capacity;
};

static enum error
add_due(struct txn *txn, struct due_steps *due, const struct step *step, int64_t record, struct input *inputs)
{
	/* Steps that run later do not count: they are chunked. */
	if (!step->later && ++txn->steps > STEPS_MAX)
		return problem_add(txn->problem, ERR_GUARD, NULL, MSG_STEPS_TOO_MANY, "100", NULL);
	*ARENA_PUSH(txn->arena, due->items, due->count, due->capacity) =
		(struct due_step){ .step = step, .record = record, .inputs = inputs };
	return OK;
}

static enum error
collect_each(struct txn *txn, const struct frame *frame, const struct step_plan *plan, int64_t record,
	     struct due_steps *due)
{
	AUTO(query_free) struct query *query = db_query(txn->db, plan->each.sql);
	struct scope scope = scope_of(txn, frame);
	enum error e;

	statement_bind(query, &plan->each, &scope);
	while ((e = query_step(query)) == OK) {
		struct input *inputs = with_inputs(txn, frame, plan);
		int64_t row_record = record;

		TRY(take_row(txn, query, plan->step->action, inputs, &row_record));
		TRY(add_due(txn, due, plan->step, row_record, inputs));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
collect_records(struct txn *txn, const struct frame *frame, const struct step_plan *plan, struct due_steps *due)
{
	AUTO(query_free) struct query *query = db_query(txn->db, plan->records.sql);
	struct scope scope = scope_of(txn, frame);
	enum error e;

	statement_bind(query, &plan->records, &scope);
	while ((e = query_step(query)) == OK)
		if (!column_is_null(query, 0))
			TRY(add_due(txn, due, plan->step, column_integer(query, 0), with_inputs(txn, frame, plan)));
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Which steps will run, with what: on the world before the action. */
static enum error
collect_steps(struct txn *txn, const struct frame *frame, struct due_steps *due)
{
	for (size_t i = 0; i < frame->action->step_count; i++) {
		const struct step_plan *plan = &frame->plan->steps[i];
		int64_t record = 0;

		if (plan->record_at != SIZE_MAX) {
			if (frame->values[plan->record_at].kind != VALUE_INTEGER)
				continue; /* the value names no record: nothing to do */
			record = frame->values[plan->record_at].integer;
		}
		if (plan->step->each != NULL)
			TRY(collect_each(txn, frame, plan, record, due));
		else if (plan->step->record_is_select)
			TRY(collect_records(txn, frame, plan, due));
		else
			TRY(add_due(txn, due, plan->step, record, with_inputs(txn, frame, plan)));
	}
	return OK;
}

static enum error
run_steps(struct txn *txn, const struct due_steps *due)
{
	if (due->count > 0 && ++txn->depth > STEP_DEPTH_MAX)
		return problem_add(txn->problem, ERR_GUARD, NULL, MSG_STEPS_TOO_MANY, "4", NULL);
	for (size_t i = 0; i < due->count; i++) {
		const struct due_step *item = &due->items[i];
		int64_t made = 0;

		if (item->step->later)
			TRY(schedule_later(txn, item->step->action, item->record, item->inputs));
		else
			TRY(action_run(txn, item->step->action, item->record, item->inputs, BY_STEP, &made));
	}
	txn->depth -= due->count > 0;
	return OK;
}

/* Consent is wanted: law and checks are tried on a copy of the world first, so that nobody is asked for what cannot be. */
static enum error
try_action(struct txn *txn, const struct frame *frame)
{
	struct image *trial = image_copy(txn, frame->after);

	/* A step asks about what its act has just made: that act's own law was the trial. */
	if (frame->authority != BY_ACTOR)
		return OK;
	TRY(db_savepoint(txn->db, SAVEPOINT_TRIAL));
	enum error e = image_store(txn, frame->before, trial);

	if (e == OK)
		e = image_check(txn, frame->before, trial, frame->action);
	if (e == OK)
		e = law_forbid(txn, frame->action, trial->id, frame->inputs);
	TRY(db_rollback_to(txn->db, SAVEPOINT_TRIAL));
	TRY(db_release(txn->db, SAVEPOINT_TRIAL));
	return e;
}

/* OK with *ret_waits when somebody must still agree. */
static enum error
ask_existing(struct txn *txn, struct frame *frame, bool *ret_waits)
{
	size_t missing = 0;

	TRY(try_action(txn, frame));
	TRY(consent_ask(txn, frame->action, frame->before, frame->inputs, &missing));
	*ret_waits = missing > 0;
	if (missing == 0)
		return OK;
	txn->waiting = true;
	txn->asked += missing;
	txn_change(txn, frame->before, frame->before, LEDGER_CHANGE);
	return OK;
}

/* What the images do not show: lists that were written, and why a correction was made. */
static void
mark_change(const struct frame *frame, struct change *change)
{
	for (size_t i = 0; frame->inputs != NULL && i < frame->action->arg_count; i++) {
		const struct field *taken = frame->action->taken[i];

		if (frame->inputs[i].kind == INPUT_LIST && taken != NULL)
			change->lists |= UINT64_C(1) << (taken->index % 64);
		if (frame->inputs[i].kind == INPUT_VALUE && taken == NULL && change->kind == LEDGER_CORRECTION)
			change->reason = &frame->inputs[i].values[0];
	}
}

static enum error
ask_new(struct txn *txn, struct frame *frame, bool *ret_waits)
{
	size_t missing = 0;

	TRY(consent_ask(txn, frame->action, frame->after, frame->inputs, &missing));
	*ret_waits = missing > 0;
	if (missing == 0)
		return OK;
	txn->waiting = true;
	txn->asked += missing;
	AUTO(query_free) struct query *query = db_query(txn->db, plan_of(txn->registry, frame->action->reg)->update);
	struct image *waiting = image_copy(txn, frame->after);

	waiting->values[COLUMN_STATE] = value_text("pending");
	for (size_t i = 0; i < waiting->reg->column_count; i++)
		bind_value(query, (int)i + 1, &waiting->values[i]);
	bind_value(query, (int)waiting->reg->column_count + 1, &waiting->values[COLUMN_VERSION]);
	mark_change(frame, txn_change(txn, NULL, waiting, LEDGER_CREATE));
	return query_run(query);
}

enum error
action_as_asked(struct txn *txn, const struct action *action, const struct image *image, const char *args,
		const struct image **ret_image)
{
	struct frame frame = { .action = action,
			       .plan = plan_of_action(txn->registry, action),
			       .before = image,
			       .after = image_copy(txn, image) };
	struct input *inputs = NULL;

	TRY(args_parse(txn->arena, action, args, &inputs));
	frame.inputs = inputs;
	TRY(evaluate(txn, &frame));
	TRY(fill_image(txn, &frame));
	*ret_image = frame.after;
	return OK;
}

struct change *
txn_change(struct txn *txn, const struct image *before, const struct image *after, enum ledger_kind kind)
{
	/* One act's changes of one record are one change: one entry in each stream. */
	for (size_t i = 0; i < txn->change_count; i++) {
		struct change *known = &txn->changes[i];

		if (known->after->id != after->id)
			continue;
		known->after = after;
		known->changed = image_changed(known->before, after);
		return known;
	}
	struct change *change = ARENA_PUSH(txn->arena, txn->changes, txn->change_count, txn->change_capacity);

	*change = (struct change){ .reg = after->reg,
				   .before = before,
				   .after = after,
				   .kind = kind,
				   .changed = image_changed(before, after) };
	return change;
}

static enum error
finish(struct txn *txn, struct frame *frame, const struct due_steps *due)
{
	const struct action *action = frame->action;
	enum ledger_kind kind = frame->before == NULL                  ? LEDGER_CREATE
				: strcmp(action->name, "correct") == 0 ? LEDGER_CORRECTION
								       : LEDGER_CHANGE;

	mark_change(frame, txn_change(txn, frame->before, frame->after, kind));
	TRY(schedule_record(txn, frame->before, frame->after));
	if (frame->before != NULL && strcmp(image_state(frame->before), image_state(frame->after)) != 0)
		TRY(consent_withdraw(txn, frame->after));
	TRY(tell_parties(txn, action, frame->after, frame->inputs));
	TRY(give_effects(txn, action, frame->after->id));
	TRY(run_steps(txn, due));
	return law_forbid(txn, action, frame->after->id, frame->inputs);
}

/* Guard, values, fields: what the action comes to on the world before it. */
static enum error
prepare(struct txn *txn, struct frame *frame)
{
	TRY(evaluate(txn, frame));
	TRY(check_guard(txn, frame));
	return fill_image(txn, frame);
}

static enum error
apply(struct txn *txn, struct frame *frame, struct due_steps *due)
{
	TRY(collect_steps(txn, frame, due));
	TRY(image_store(txn, frame->before, frame->after));
	TRY(store_lists(txn, frame));
	return image_check(txn, frame->before, frame->after, frame->action);
}

/* Who may make a record can be known only once it is there, since its parties may be selects. So what stood in the way
 * of it is told to those who may alone: a guard or a double would tell a stranger about others. Whatever is stored
 * here is undone with the act that failed. */
static enum error
hide_from_strangers(struct txn *txn, struct frame *frame, enum error e)
{
	const struct image *image = frame->after;
	struct problem told = *txn->problem;

	if (!frame->after->is_stored) {
		struct image *probe = image_copy(txn, frame->after);

		take_fields(frame, probe);
		/* In this state it is no double of those that count. */
		probe->values[COLUMN_STATE] = value_text("pending");
		enum error stored = image_store(txn, NULL, probe);

		if (stored != OK && error_http(stored) >= 500)
			return stored;
		image = probe;
	}
	problem_init(txn->problem, txn->arena);
	enum error may = party_may(txn, frame->action, image, frame->inputs);

	if (may != OK)
		return may;
	*txn->problem = told;
	return e;
}

static enum error
make_new(struct txn *txn, struct frame *frame, struct due_steps *due)
{
	enum error e = prepare(txn, frame);

	if (e == OK)
		e = apply(txn, frame, due);
	if (frame->authority != BY_ACTOR)
		return e;
	if (e == OK)
		return party_may(txn, frame->action, frame->after, frame->inputs);
	return error_http(e) < 500 ? hide_from_strangers(txn, frame, e) : e;
}

static enum error
run_new(struct txn *txn, struct frame *frame, bool asks)
{
	struct due_steps due = { 0 };
	bool waits = false;

	TRY(make_new(txn, frame, &due));
	if (asks)
		TRY(ask_new(txn, frame, &waits));
	if (waits)
		return law_forbid(txn, frame->action, frame->after->id, frame->inputs);
	TRY(give_numbers(txn, frame));
	return finish(txn, frame, &due);
}

/* A correction is a new version and an entry: not for what stands there already. */
static bool
corrects_nothing(const struct frame *frame)
{
	if (strcmp(frame->action->name, "correct") != 0 || image_changed(frame->before, frame->after) != 0)
		return false;
	for (size_t i = 0; frame->inputs != NULL && i < frame->action->arg_count; i++)
		if (frame->inputs[i].kind == INPUT_LIST)
			return false;
	return true;
}

static enum error
run_existing(struct txn *txn, struct frame *frame, bool asks)
{
	struct due_steps due = { 0 };
	bool waits = false;

	TRY(prepare(txn, frame));
	if (corrects_nothing(frame))
		return problem_add(txn->problem, ERR_BAD_INPUT, NULL, MSG_NOTHING_CHANGES, NULL, NULL);
	if (asks)
		TRY(ask_existing(txn, frame, &waits));
	if (waits)
		return OK;
	TRY(apply(txn, frame, &due));
	TRY(give_numbers(txn, frame));
	return finish(txn, frame, &due);
}

static bool
names_me(const struct statement *statement)
{
	for (size_t i = 0; i < statement->parameter_count; i++)
		if (strcmp(statement->parameters[i], "me") == 0)
			return true;
	return false;
}

static bool
needs_me(const struct action_plan *plan)
{
	bool needs = names_me(&plan->values);

	for (size_t i = 0; i < plan->action->step_count; i++)
		needs |= names_me(&plan->steps[i].each) || names_me(&plan->steps[i].records);
	return needs;
}

/* The party that a field of the request names, where that is the actor or who it acts for. */
static int64_t
party_of_field(struct txn *txn, const struct frame *frame, const struct party *party)
{
	const struct field *arg = party->field == NULL ? NULL : action_arg(frame->action, party->field->name);
	const struct input *input = arg == NULL || frame->inputs == NULL ? NULL : &frame->inputs[arg->index];

	if (input == NULL || input->kind != INPUT_VALUE || input->values[0].kind != VALUE_INTEGER)
		return 0;
	return party_is_mine(txn, frame->action->reg, input->values[0].integer) ? input->values[0].integer : 0;
}

/* Whom the request names, else the first of those who may that is the actor or who it acts for: a party in a field, the
 * firm for which it holds the role. Else the actor itself. */
static int64_t
party_of_new(struct txn *txn, const struct frame *frame)
{
	const struct action *action = frame->action;
	bool needs = txn->on_behalf == 0 && needs_me(frame->plan);

	if (txn->on_behalf != 0)
		return txn->on_behalf;
	for (size_t i = 0; needs && i < action->by_count; i++) {
		const struct subject *by = &action->by[i];
		int64_t party = by->kind == SUBJECT_PARTY ? party_of_field(txn, frame, by->party) : 0;

		for (size_t k = 0; by->kind == SUBJECT_ROLE && party == 0 && k < txn->actor->role_count; k++)
			if (txn->actor->roles[k].role == by->role && actor_counts(txn->actor, &txn->actor->roles[k]))
				party = txn->actor->roles[k].party;
		if (party != 0)
			return party;
	}
	return txn->actor->party;
}

enum error
action_run(struct txn *txn, const struct action *action, int64_t record, struct input *inputs, enum authority authority,
	   int64_t *ret_record)
{
	struct frame frame = { .action = action,
			       .plan = plan_of_action(txn->registry, action),
			       .inputs = inputs,
			       .authority = authority };

	bool asks = action->ask_count > 0 && authority != BY_CONSENT;

	if (authority == BY_STEP || authority == BY_CLOCK)
		TRY(take_values(txn, action, inputs));
	if (record != 0 || action->new_state == NULL) {
		TRY(begin_existing(txn, &frame, record));
		TRY(run_existing(txn, &frame, asks));
	} else {
		frame.after = image_new(txn, action->reg);
		/* $me must be known before the values are; whether it may act is checked once the record is there. */
		if (authority == BY_ACTOR)
			txn->me = party_of_new(txn, &frame);
		TRY(run_new(txn, &frame, asks));
	}
	*ret_record = frame.after->id;
	return OK;
}

enum error
action_set_state(struct txn *txn, const struct image *before, const char *state, const struct image **ret_after)
{
	struct image *after = image_copy(txn, before);

	after->values[COLUMN_STATE] = value_text(state);
	TRY(image_store(txn, before, after));
	txn_change(txn, before, after, LEDGER_CHANGE);
	*ret_after = after;
	return OK;
}
