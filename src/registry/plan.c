/* plan.c - compiles the pack once: every SQL text that an action, a register or a provision will need, with
 * the names of its parameters, so that running one only binds and steps. */
#include <ctype.h>
#include <string.h>
#include "registry/engine.h"

static struct statement
statement_of(struct arena *arena, const char *sql)
{
	struct statement statement = { .sql = sql };

	if (sql != NULL)
		statement.parameter_count = sql_parameters(arena, sql, &statement.parameters);
	return statement;
}

static bool
forbids(const struct provision *provision, const struct action *action)
{
	for (size_t i = 0; i < provision->forbid_count; i++)
		if (provision->forbids[i] == action)
			return true;
	return false;
}

static void
plan_forbids(struct registry *registry, struct action_plan *plan)
{
	size_t capacity = 0;

	for (size_t i = 0; i < registry->pack->provision_count; i++) {
		const struct provision *provision = &registry->pack->provisions[i];

		if (provision->act->status == ACT_IN_FORCE && forbids(provision, plan->action))
			*ARENA_PUSH(registry->arena, plan->forbids, plan->forbid_count, capacity) = provision;
	}
	if (plan->forbid_count > 0)
		plan->forbids_hit = statement_of(
			registry->arena, sql_provisions_hit(registry->arena, plan->forbids, plan->forbid_count));
}

/* Guard, sets and step values become one SELECT, since all are computed on the world before. */
static void
plan_values(struct registry *registry, struct action_plan *plan)
{
	const struct action *action = plan->action;
	const char **values = NULL;
	size_t count = 0, capacity = 0;

	plan->when_at = SIZE_MAX;
	if (action->when != NULL) {
		plan->when_at = count;
		*ARENA_PUSH(registry->arena, values, count, capacity) = action->when;
	}
	plan->set_at = count;
	for (size_t i = 0; i < action->set_count; i++)
		*ARENA_PUSH(registry->arena, values, count, capacity) = action->set[i].value;
	for (size_t i = 0; i < action->step_count; i++) {
		const struct step *step = &action->steps[i];
		struct step_plan *planned = &plan->steps[i];

		planned->step = step;
		planned->record_at = SIZE_MAX;
		if (step->record != NULL && !step->record_is_select) {
			planned->record_at = count;
			*ARENA_PUSH(registry->arena, values, count, capacity) = step->record;
		}
		planned->with_at = count;
		for (size_t k = 0; k < step->with_count; k++)
			*ARENA_PUSH(registry->arena, values, count, capacity) = step->with[k].value;
	}
	plan->value_count = count;
	if (count > 0)
		plan->values = statement_of(registry->arena, sql_values(registry->arena, action->reg,
									action->new_state == NULL, values, count));
}

static void
plan_action(struct registry *registry, struct action_plan *plan, const struct action *action)
{
	struct arena *arena = registry->arena;
	bool has_this = action->new_state == NULL;

	plan->action = action;
	plan->steps = arena_array_of(arena, struct step_plan, action->step_count);
	plan_values(registry, plan);
	for (size_t i = 0; i < action->step_count; i++) {
		const struct step *step = &action->steps[i];

		if (step->each != NULL)
			plan->steps[i].each = statement_of(arena, sql_set(arena, action->reg, has_this, step->each));
		if (step->record_is_select)
			plan->steps[i].records =
				statement_of(arena, sql_set(arena, action->reg, has_this, step->record));
	}
	if (action->clock_value != NULL)
		plan->clock_value = statement_of(arena, sql_values(arena, action->reg, true, &action->clock_value, 1));
	plan_forbids(registry, plan);
}

static void
plan_checks(struct registry *registry, struct reg_plan *plan)
{
	const struct reg *reg = plan->reg;
	const char **checks = arena_array_of(registry->arena, const char *, reg->field_count + 1);
	const char **defaults = arena_array_of(registry->arena, const char *, reg->field_count + 1);

	plan->check_fields = arena_array_of(registry->arena, const struct field *, reg->field_count + 1);
	plan->default_fields = arena_array_of(registry->arena, const struct field *, reg->field_count + 1);
	for (size_t i = 0; i < reg->field_count; i++) {
		const struct field *field = &reg->fields[i];

		if (field->check != NULL) {
			checks[plan->check_count] = field->check;
			plan->check_fields[plan->check_count++] = field;
		}
		if (field->default_value != NULL) {
			defaults[plan->default_count] = field->default_value;
			plan->default_fields[plan->default_count++] = field;
		}
		if (field->type == FIELD_PLACE && plan->territory_field == NULL)
			plan->territory_field = field;
	}
	if (plan->check_count > 0)
		plan->checks =
			statement_of(registry->arena, sql_checks(registry->arena, reg, checks, plan->check_count));
	if (plan->default_count > 0)
		plan->defaults = statement_of(registry->arena,
					      sql_values(registry->arena, reg, false, defaults, plan->default_count));
}

/* A territory that is just the record's own place needs no SQL. */
static bool
is_own_place(const struct reg_plan *plan)
{
	return plan->territory_field != NULL && strncmp(plan->reg->territory, "this.", 5) == 0 &&
	       strcmp(plan->reg->territory + 5, plan->territory_field->name) == 0;
}

static void
plan_reg(struct registry *registry, struct reg_plan *plan, const struct reg *reg)
{
	struct arena *arena = registry->arena;

	plan->reg = reg;
	plan->insert = sql_insert(arena, reg);
	plan->update = sql_update(arena, reg);
	plan->load = sql_load(arena, reg);
	plan->keep_past = sql_keep_past(arena, reg);
	plan->exists = sql_exists(arena, reg);
	plan->index_count = sql_indexes(arena, reg, &plan->indexes);
	plan_checks(registry, plan);
	plan->party_of = arena_array_of(arena, const char *, reg->party_count);
	plan->records_of = arena_array_of(arena, const char *, reg->party_count);
	for (size_t i = 0; i < reg->party_count; i++) {
		plan->party_of[i] = reg->parties[i].select == NULL ? NULL : sql_party_of(arena, reg, &reg->parties[i]);
		plan->records_of[i] = sql_records_of(arena, reg, &reg->parties[i]);
	}
	if (reg->label != NULL)
		plan->label = statement_of(arena, sql_values(arena, reg, true, &reg->label, 1));
	if (reg->territory != NULL && !is_own_place(plan))
		plan->territory = statement_of(arena, sql_values(arena, reg, true, &reg->territory, 1));
	if (reg->lives != NULL)
		plan->lives = statement_of(arena, sql_values(arena, reg, true, &reg->lives, 1));
	const char **reveals = arena_array_of(arena, const char *, reg->reveal_count + 1);

	for (size_t i = 0; i < reg->reveal_count; i++)
		reveals[i] = sql_reveal(arena, &reg->reveals[i]);
	plan->reveals = reveals;
	plan->actions = arena_array_of(arena, struct action_plan, reg->action_count);
	for (size_t i = 0; i < reg->action_count; i++)
		plan_action(registry, &plan->actions[i], &reg->actions[i]);
}

static uint64_t
columns_read(const struct vetted_provision *vetted, const struct reg *reg)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < vetted->read_count; i++) {
		if (vetted->reads[i].reg != reg)
			continue;
		for (size_t c = 0; c < reg->column_count; c++)
			if (strcmp(reg->columns[c].name, vetted->reads[i].column) == 0)
				mask |= c < 64 ? UINT64_C(1) << c : UINT64_MAX;
	}
	return mask;
}

/* Which changes concern which provision: of its own register, and of those that its `wakes` name. */
static void
plan_uses(struct registry *registry)
{
	size_t *capacities = arena_array_of(registry->arena, size_t, registry->pack->reg_count);
	size_t *own_capacities = arena_array_of(registry->arena, size_t, registry->pack->reg_count);

	for (size_t i = 0; i < registry->pack->provision_count; i++) {
		const struct provision *provision = &registry->pack->provisions[i];
		const struct vetted_provision *vetted = &registry->vetted->provisions[i];

		if (provision->kind == PROVISION_FORBID || provision->act->status != ACT_IN_FORCE)
			continue;
		struct reg_plan *own = &registry->regs[vetted->reg->index];

		*ARENA_PUSH(registry->arena, own->uses, own->use_count, capacities[vetted->reg->index]) =
			(struct provision_use){ .provision = provision, .columns = columns_read(vetted, vetted->reg) };
		*ARENA_PUSH(registry->arena, own->own, own->own_count, own_capacities[vetted->reg->index]) = provision;
		for (size_t k = 0; k < provision->wake_count; k++) {
			const struct wake *wake = &provision->wakes[k];
			struct reg_plan *woken_by = &registry->regs[wake->reg->index];

			*ARENA_PUSH(registry->arena, woken_by->uses, woken_by->use_count,
				    capacities[wake->reg->index]) =
				(struct provision_use){ .provision = provision,
							.columns = columns_read(vetted, wake->reg),
							.names = wake,
							.wake = statement_of(registry->arena,
									     sql_wake(registry->arena, wake)) };
		}
	}
}

/* What a new record asks of all provisions at once: those about itself, and those that it wakes. */
static void
plan_new(struct registry *registry, struct reg_plan *plan)
{
	const struct wake **wakes = arena_array_of(registry->arena, const struct wake *, plan->use_count + 1);

	for (size_t i = 0; i < plan->use_count; i++)
		wakes[i] = plan->uses[i].names;
	plan->woken_by_new = statement_of(registry->arena, sql_wakes_of_new(registry->arena, wakes, plan->use_count));
	if (plan->own_count > 0)
		plan->own_hit =
			statement_of(registry->arena, sql_provisions_hit(registry->arena, plan->own, plan->own_count));
}

/* Provisions are numbered in the store, since findings outlive an edition. */
static enum error
number_provision(struct registry *registry, struct db *db, const struct provision *provision, int64_t *ret_number)
{
	AUTO(query_free) struct query *find = db_query(db, "SELECT id FROM sys_provision WHERE name = $1");

	bind_text(find, 1, provision->name);
	enum error e = query_one(find);

	if (e == OK) {
		*ret_number = column_integer(find, 0);
		return OK;
	}
	if (e != ERR_NOT_FOUND)
		return e;
	AUTO(query_free) struct query *add = db_query(db, "INSERT INTO sys_provision (id, name) VALUES ($1, $2)");

	*ret_number = registry_new_id(registry);
	bind_integer(add, 1, *ret_number);
	bind_text(add, 2, provision->name);
	return query_run(add);
}

static enum error
plan_provisions(struct registry *registry, struct db *db)
{
	registry->provisions = arena_array_of(registry->arena, struct provision_plan, registry->pack->provision_count);
	for (size_t i = 0; i < registry->pack->provision_count; i++) {
		const struct provision *provision = &registry->pack->provisions[i];
		struct provision_plan *plan = &registry->provisions[i];

		plan->one = statement_of(registry->arena, sql_provision_one(registry->arena, provision));
		if (provision->kind != PROVISION_FORBID)
			plan->range = statement_of(registry->arena, sql_provision_range(registry->arena, provision));
		TRY(number_provision(registry, db, provision, &plan->number));
	}
	return OK;
}

static bool
is_refusable(const struct registry *registry, const struct action_plan *plan, int depth)
{
	if (plan->forbid_count > 0)
		return true;
	for (size_t i = 0; depth < STEP_DEPTH_MAX && i < plan->action->step_count; i++)
		if (!plan->action->steps[i].later &&
		    is_refusable(registry, plan_of_action(registry, plan->action->steps[i].action), depth + 1))
			return true;
	return false;
}

/* Does the text name the register as a word of its own? */
static bool
names_register(const char *select, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = strstr(select, name); at != NULL; at = strstr(at + 1, name)) {
		bool begins = at == select || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');

		/* Its lists and its past are about the same people. */
		if (begins && !isalnum((unsigned char)at[length]))
			return true;
	}
	return false;
}

static void
plan_views(struct registry *registry)
{
	const struct pack *pack = registry->pack;

	registry->view_rounded = arena_array_of(registry->arena, bool, pack->view_count + 1);
	for (size_t i = 0; i < pack->view_count; i++)
		for (size_t k = 0; k < pack->reg_count; k++)
			registry->view_rounded[i] |=
				pack->regs[k].personal && names_register(pack->views[i].select, pack->regs[k].name);
}

enum error
plan_make(struct registry *registry, struct db *db)
{
	const struct pack *pack = registry->pack;

	registry->regs = arena_array_of(registry->arena, struct reg_plan, pack->reg_count);
	for (size_t i = 0; i < pack->reg_count; i++)
		plan_reg(registry, &registry->regs[i], &pack->regs[i]);
	plan_uses(registry);
	for (size_t i = 0; i < pack->reg_count; i++)
		plan_new(registry, &registry->regs[i]);
	for (size_t i = 0; i < pack->reg_count; i++)
		for (size_t k = 0; k < pack->regs[i].action_count; k++)
			registry->regs[i].actions[k].refusable =
				is_refusable(registry, &registry->regs[i].actions[k], 0);
	plan_views(registry);
	return plan_provisions(registry, db);
}
