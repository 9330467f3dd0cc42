/* evaluation.c - provisions at work. `forbid` runs action by action inside the savepoint; obligations and breaches
 * once a batch, for the records whose columns they read changed and those that `wakes` names; ticks and `law evaluate`
 * run the same SELECTs over ranges of ids. */
#include <string.h>
#include "registry/engine.h"

enum { RANGE_IDS = 20000 };

static enum error
refuse(struct txn *txn, const struct provision *provision, const struct finding *found)
{
	struct refusal *refusal = arena_new_of(txn->arena, struct refusal);
	bool about_self = found->who != 0 && (found->who == txn->me || party_is_mine(txn, found->reg, found->who));

	*refusal = (struct refusal){
		.provision = provision, .record = found->record, .who = found->who, .article = found->article
	};
	refusal->restricted = !about_self && !txn_is_official(txn);
	if (!refusal->restricted) {
		refusal->facts = found->facts;
		refusal->fact_count = found->fact_count;
	}
	txn->problem->refusal = refusal;
	const char *citation = arena_printf(
		txn->arena, "%s, %s",
		pack_textf(txn->registry->pack, txn->actor->language, txn->arena, "law.%s", provision->act->name),
		law_article(txn->registry, provision, found->article, txn->actor->language, txn->arena));

	return problem_add(txn->problem, ERR_REFUSED, NULL, refusal->restricted ? MSG_NEEDS_OFFICE : MSG_REFUSED,
			   citation, NULL);
}

enum error
law_forbid(struct txn *txn, const struct action *action, int64_t record, const struct input *inputs)
{
	const struct action_plan *plan = plan_of_action(txn->registry, action);
	struct scope scope = { .record = record,
			       .action = action,
			       .inputs = inputs,
			       .me = txn->me,
			       .today = txn->today,
			       .now = txn->now };

	struct value *hits = arena_array_of(txn->arena, struct value, plan->forbid_count + 1);

	if (plan->forbid_count == 0)
		return OK;
	TRY(statement_values(txn->db, txn->arena, &plan->forbids_hit, &scope, hits, plan->forbid_count));
	for (size_t i = 0; i < plan->forbid_count; i++) {
		const struct provision *provision = plan->forbids[i];
		const struct statement *one = &txn->registry->provisions[provision->index].one;

		if (!value_is_true(&hits[i]) || !provision_in_force(provision, txn->today))
			continue;
		AUTO(query_free) struct query *query = db_query(txn->db, one->sql);

		statement_bind(query, one, &scope);
		enum error e = query_one(query);

		if (e == ERR_NOT_FOUND)
			continue;
		if (e != OK)
			return e;
		struct finding found = finding_of_row(txn->registry, txn->db, txn->arena, provision, query);

		return refuse(txn, provision, &found);
	}
	return OK;
}

/* ---- what a change wakes ---- */

struct pair {
	const struct provision *provision;
	int64_t record;
	bool is_new; /* nothing can be open for it yet */
};

struct pairs {
	struct pair *items;
	size_t count, capacity;
	struct map seen;
};

static void
pairs_done(struct pairs *pairs)
{
	map_done(&pairs->seen);
}
DEFINE_AUTO_DONE(struct pairs, pairs_done)

static void
add_pair(struct arena *arena, struct pairs *pairs, const struct provision *provision, int64_t record, bool is_new)
{
	int64_t parts[2] = { (int64_t)provision->index, record };
	uint64_t key = hash_bytes(parts, sizeof(parts));

	if (map_get(&pairs->seen, key) != NULL)
		return;
	map_put(&pairs->seen, key, 1);
	*ARENA_PUSH(arena, pairs->items, pairs->count, pairs->capacity) =
		(struct pair){ .provision = provision, .record = record, .is_new = is_new };
}

/* "old_dwelling" is the column of the image before, "new_dwelling" of the one after. */
static void
bind_images(struct query *query, const struct statement *wake, const struct change *change)
{
	for (size_t i = 0; i < wake->parameter_count; i++) {
		const char *name = wake->parameters[i];
		const struct image *image = strncmp(name, "old_", 4) == 0 ? change->before : change->after;
		struct value value = value_null();

		for (size_t c = 0; image != NULL && c < change->reg->column_count; c++)
			if (strcmp(change->reg->columns[c].name, name + 4) == 0)
				value = image->values[c];
		bind_named(query, name, &value);
	}
}

static enum error
add_woken(struct db *db, struct arena *arena, const struct provision_use *use, const struct change *change,
	  struct pairs *pairs)
{
	AUTO(query_free) struct query *query = db_query(db, use->wake.sql);
	enum error e;

	bind_images(query, &use->wake, change);
	while ((e = query_step(query)) == OK)
		if (!column_is_null(query, 0))
			add_pair(arena, pairs, use->provision, column_integer(query, 0), false);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* One statement names all that a new record wakes: a declaration would run five. */
static enum error
add_woken_by_new(struct db *db, struct arena *arena, const struct reg_plan *plan, const struct change *change,
		 int64_t today, struct pairs *pairs)
{
	AUTO(query_free) struct query *query = NULL;
	enum error e;

	if (plan->woken_by_new.sql == NULL)
		return OK;
	query = db_query(db, plan->woken_by_new.sql);
	bind_images(query, &plan->woken_by_new, change);
	while ((e = query_step(query)) == OK) {
		const struct provision *provision = plan->uses[column_integer(query, 0)].provision;

		if (!column_is_null(query, 1) && provision_in_force(provision, today))
			add_pair(arena, pairs, provision, column_integer(query, 1), false);
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
add_own(struct registry *registry, struct db *db, struct arena *arena, const struct image *image, int64_t today,
	int64_t now, struct pairs *pairs)
{
	const struct reg_plan *plan = plan_of(registry, image->reg);
	struct scope scope = { .record = image->id, .today = today, .now = now };
	struct value *hits = arena_array_of(arena, struct value, plan->own_count + 1);

	if (plan->own_count == 0)
		return OK;
	TRY(statement_values(db, arena, &plan->own_hit, &scope, hits, plan->own_count));
	for (size_t i = 0; i < plan->own_count; i++)
		if (value_is_true(&hits[i]) && provision_in_force(plan->own[i], today))
			add_pair(arena, pairs, plan->own[i], image->id, true);
	return OK;
}

static enum error
add_changed(struct registry *registry, struct db *db, struct arena *arena, const struct change *change, int64_t now,
	    struct pairs *pairs)
{
	int64_t today = registry_today(registry, now);
	const struct reg_plan *plan = plan_of(registry, change->reg);

	if (change->before == NULL) {
		TRY(add_own(registry, db, arena, change->after, today, now, pairs));
		return add_woken_by_new(db, arena, plan, change, today, pairs);
	}
	for (size_t i = 0; i < plan->use_count; i++) {
		const struct provision_use *use = &plan->uses[i];

		/* Lists and past images count as the column version (store/vet.h). */
		if (!provision_in_force(use->provision, today) || (change->changed & use->columns) == 0)
			continue;
		if (use->names == NULL)
			add_pair(arena, pairs, use->provision, change->after->id, false);
		else
			TRY(add_woken(db, arena, use, change, pairs));
	}
	return OK;
}

static enum error
evaluate_pair(struct registry *registry, struct db *db, struct arena *arena, const struct pair *pair, int64_t now,
	      struct finding_list *ret_found)
{
	const struct statement *one = &registry->provisions[pair->provision->index].one;
	AUTO(query_free) struct query *query = db_query(db, one->sql);
	struct scope scope = { .record = pair->record, .today = registry_today(registry, now), .now = now };
	enum error e;

	statement_bind(query, one, &scope);
	while ((e = query_step(query)) == OK)
		*ARENA_PUSH(arena, ret_found->items, ret_found->count, ret_found->capacity) =
			finding_of_row(registry, db, arena, pair->provision, query);
	return e == ERR_NOT_FOUND ? OK : e;
}

static bool
concerns(const struct batch_item *item, int64_t record)
{
	for (size_t i = 0; i < item->change_count; i++)
		if (item->changes[i].after->id == record)
			return true;
	return false;
}

/* What the batch found lives until the next one; what an act is told must live as long as the act, since it is printed
 * in another thread. Names and provisions belong to the pack or are copied. */
static struct finding
copy_finding(struct arena *arena, const struct finding *from)
{
	struct finding copy = *from;
	struct fact *facts = arena_array_of(arena, struct fact, from->fact_count + 1);

	for (size_t i = 0; i < from->fact_count; i++) {
		facts[i] = from->facts[i];
		facts[i].name = arena_text(arena, from->facts[i].name);
		facts[i].title = arena_text(arena, from->facts[i].title);
		facts[i].value = value_copy(arena, &from->facts[i].value);
	}
	copy.facts = facts;
	copy.article = arena_text(arena, from->article);
	copy.provision_name = arena_text(arena, from->provision_name);
	return copy;
}

/* An act answers with findings of its own records: to who acted as an official all, to a party its own. */
static void
tell_act(struct batch_item *item, const struct finding_list *all)
{
	struct act *act = item->act;
	struct finding_list list = { 0 };

	for (size_t i = 0; i < all->count; i++) {
		const struct finding *finding = &all->items[i];
		bool mine = finding->who != 0 && finding->who == act->actor.party;

		for (size_t r = 0; r < act->actor.role_count; r++)
			mine |= finding->who != 0 && finding->who == act->actor.roles[r].party;
		if (concerns(item, finding->record) && (mine || item->is_official))
			*ARENA_PUSH(act->arena, list.items, list.count, list.capacity) =
				copy_finding(act->arena, finding);
	}
	act->findings = list.items;
	act->finding_count = list.count;
}

static enum error
settle_pair(struct registry *registry, struct db *db, struct arena *arena, const struct pair *pair, int64_t now,
	    struct finding_list *found)
{
	struct finding_list known = { 0 };
	struct law_totals totals = { 0 };

	if (!pair->is_new)
		TRY(finding_open_range(registry, db, arena, pair->provision, pair->record, pair->record + 1, &known));
	if (known.count == 0 && found->count == 0)
		return OK;
	return finding_settle(registry, db, arena, pair->provision, &known, found, now, &totals);
}

enum error
law_preview(struct txn *txn, const struct finding **ret_findings, size_t *ret_count)
{
	AUTO(pairs_done) struct pairs pairs = { 0 };
	struct finding_list all = { 0 };
	struct batch_item item = { .act = txn->act,
				   .changes = txn->changes,
				   .change_count = txn->change_count,
				   .now = txn->now,
				   .is_official = txn_is_official(txn) };

	for (size_t i = 0; i < txn->change_count; i++)
		TRY(add_changed(txn->registry, txn->db, txn->arena, &txn->changes[i], txn->now, &pairs));
	for (size_t i = 0; i < pairs.count; i++)
		TRY(evaluate_pair(txn->registry, txn->db, txn->arena, &pairs.items[i], txn->now, &all));
	tell_act(&item, &all);
	*ret_findings = txn->act->findings;
	*ret_count = txn->act->finding_count;
	return OK;
}

enum error
law_batch(struct registry *registry, struct db *db)
{
	AUTO(pairs_done) struct pairs pairs = { 0 };
	struct arena *arena = registry->batch_arena;
	struct finding_list all = { 0 };
	int64_t now = 0;

	for (size_t i = 0; i < registry->batch_count; i++) {
		const struct batch_item *item = &registry->batch[i];

		now = item->now > now ? item->now : now;
		for (size_t k = 0; k < item->change_count; k++)
			TRY(add_changed(registry, db, arena, &item->changes[k], item->now, &pairs));
	}
	for (size_t i = 0; i < pairs.count; i++) {
		struct finding_list found = { 0 };

		TRY(evaluate_pair(registry, db, arena, &pairs.items[i], now, &found));
		TRY(settle_pair(registry, db, arena, &pairs.items[i], now, &found));
		for (size_t k = 0; k < found.count; k++)
			*ARENA_PUSH(arena, all.items, all.count, all.capacity) = found.items[k];
	}
	for (size_t i = 0; all.count > 0 && i < registry->batch_count; i++)
		if (registry->batch[i].act != NULL)
			tell_act(&registry->batch[i], &all);
	return OK;
}

/* ---- over ranges ---- */

enum error
law_range(struct registry *registry, struct db *db, struct arena *arena, const struct provision *provision,
	  int64_t first, int64_t behind, int64_t now, struct law_totals *totals)
{
	const struct statement *range = &registry->provisions[provision->index].range;
	struct finding_list known = { 0 }, found = { 0 };
	struct value from = value_integer(first), until = value_integer(behind);
	struct scope scope = { .today = registry_today(registry, now), .now = now };
	enum error e = ERR_NOT_FOUND;

	TRY(finding_open_range(registry, db, arena, provision, first, behind, &known));
	if (provision->act->status == ACT_IN_FORCE && provision_in_force(provision, scope.today)) {
		AUTO(query_free) struct query *query = db_query(db, range->sql);

		statement_bind(query, range, &scope);
		bind_named(query, "first", &from);
		bind_named(query, "behind", &until);
		while ((e = query_step(query)) == OK)
			*ARENA_PUSH(arena, found.items, found.count, found.capacity) =
				finding_of_row(registry, db, arena, provision, query);
	}
	if (e != ERR_NOT_FOUND)
		return e;
	return finding_settle(registry, db, arena, provision, &known, &found, now, totals);
}

struct range_job {
	struct job job;
	struct registry *registry;
	const struct provision *provision;
	int64_t first, behind, now;
	struct law_totals totals;
};

static enum error
run_range(struct job *job, struct db *db)
{
	struct range_job *range = (struct range_job *)((char *)job - offsetof(struct range_job, job));
	AUTO(arena_free) struct arena *arena = arena_new();

	range->totals = (struct law_totals){ 0 };
	return law_range(range->registry, db, arena, range->provision, range->first, range->behind, range->now,
			 &range->totals);
}

static void
range_done(struct job *job, enum error e)
{
}

enum error
law_evaluate_some(struct registry *registry, int64_t now, bool (*wanted)(const struct provision *, void *),
		  void *context, struct law_totals *ret_totals)
{
	struct law_totals totals = { 0 };

	for (size_t i = 0; i < registry->pack->provision_count; i++) {
		const struct provision *provision = &registry->pack->provisions[i];
		int64_t behind = registry->next_id;

		if (provision->kind == PROVISION_FORBID || !wanted(provision, context))
			continue;
		/* Chunk by chunk, so that others' acts run between them. */
		for (int64_t first = 0; first < behind; first += RANGE_IDS) {
			struct range_job job = { .job = { .run = run_range, .done = range_done },
						 .registry = registry,
						 .provision = provision,
						 .first = first,
						 .behind = first + RANGE_IDS,
						 .now = now };

			TRY(writer_run(registry->writer, &job.job));
			totals.opened += job.totals.opened;
			totals.closed += job.totals.closed;
			totals.changed += job.totals.changed;
			totals.kept += job.totals.kept;
		}
	}
	*ret_totals = totals;
	return OK;
}

static bool
any_provision(const struct provision *provision, void *context)
{
	return true;
}

enum error
law_evaluate(struct registry *registry, int64_t now, struct law_totals *ret_totals)
{
	return law_evaluate_some(registry, now, any_provision, NULL, ret_totals);
}
