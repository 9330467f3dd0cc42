#include "registry/edition.h"
#include <string.h>
#include "base/random.h"
#include "registry/engine.h"
#include "registry/payload.h"

enum { PAGE_RECORDS = 500 };

struct settle_job {
	struct job job;
	struct registry *registry;
	struct arena *arena;      /* lives until the job is done */
	struct arena *page_arena; /* of some records at a time */
	struct actor actor;
	struct problem problem;
	int64_t now;
	uint64_t closed; /* findings */
};

static struct txn
begin_txn(struct settle_job *settle, struct db *db, struct arena *arena)
{
	struct registry *registry = settle->registry;
	struct txn txn = { .registry = registry,
			   .db = db,
			   .arena = arena,
			   .actor = &settle->actor,
			   .now = settle->now,
			   .problem = &settle->problem,
			   .today = registry_today(registry, settle->now) };

	random_bytes(txn.event, sizeof(txn.event));
	return txn;
}

/* ---- what the ledger must know ---- */

/* The value that schema_install gave the field in all records there were; it is the same for all. */
static enum error
write_fill(struct settle_job *settle, struct db *db, const struct reg *reg, const struct field *field,
	   struct strbuf *out)
{
	const struct reg_plan *plan = plan_of(settle->registry, reg);
	struct value *values = arena_array_of(settle->arena, struct value, plan->default_count + 1);
	const struct scope nothing = { 0 };

	TRY(statement_values(db, settle->arena, &plan->defaults, &nothing, values, plan->default_count));
	for (size_t i = 0; i < plan->default_count; i++)
		if (plan->default_fields[i] == field)
			payload_write_fill(out, reg, field, &values[i]);
	return OK;
}

/* `marks` is " reg.field reg.field": of this edition, since none between it and the mark was settled. */
static enum error
write_fills(struct settle_job *settle, struct db *db, const char *marks, struct strbuf *out, size_t *ret_count)
{
	for (const char *at = marks + strspn(marks, " "); *at != '\0'; at += strspn(at, " ")) {
		size_t bytes = strcspn(at, " "), reg_bytes = strcspn(at, ".");
		const struct reg *reg = pack_reg(settle->registry->pack, arena_copy(settle->arena, at, reg_bytes));
		const struct field *field =
			reg == NULL || reg_bytes >= bytes
				? NULL
				: reg_field(reg, arena_copy(settle->arena, at + reg_bytes + 1, bytes - reg_bytes - 1));

		if (field == NULL || field->default_value == NULL)
			return ERR_DAMAGED;
		TRY(write_fill(settle, db, reg, field, out));
		++*ret_count;
		at += bytes;
	}
	return OK;
}

/* The edition and what came with it into every record, once: the mark then says that it was entered. */
static enum error
enter_edition(struct settle_job *settle, struct db *db)
{
	static const char entered[] = "entered";
	const struct pack *pack = settle->registry->pack;
	AUTO(query_free) struct query *find = db_query(db, "SELECT value FROM meta WHERE key = 'edition_unsettled'");
	AUTO(query_free)
	struct query *mark = db_query(db, "UPDATE meta SET value = $1 WHERE key = 'edition_unsettled'");
	AUTO(strbuf_done) struct strbuf fills = { 0 };
	AUTO(strbuf_done) struct strbuf payload = { 0 };
	struct txn txn = begin_txn(settle, db, settle->arena);
	size_t count = 0;

	TRY(query_one(find));
	if (strcmp(column_text(find, 0), entered) == 0)
		return OK;
	TRY(write_fills(settle, db, arena_text(settle->arena, column_text(find, 0)), &fills, &count));
	payload_write_edition(&payload, pack->digest, pack->edition, count);
	strbuf_add(&payload, fills.text, fills.bytes);
	TRY(entry_append_system(&txn, payload.text, payload.bytes));
	bind_text(mark, 1, entered);
	return query_run(mark);
}

/* ---- asks ---- */

struct lost_ask {
	int64_t id, record;
	const struct reg *reg; /* NULL: gone too */
};

static enum error
find_lost_asks(struct settle_job *settle, struct db *db, struct lost_ask **ret_asks, size_t *ret_count)
{
	AUTO(query_free)
	struct query *query =
		db_query(db, "SELECT id, record, reg, action FROM sys_ask WHERE outcome IS NULL ORDER BY id");
	struct lost_ask *asks = NULL;
	size_t count = 0, capacity = 0;
	enum error e;

	while ((e = query_step(query)) == OK) {
		const struct reg *reg = pack_reg_by_code(settle->registry->pack, column_integer(query, 2));
		const struct action *action = reg == NULL ? NULL : reg_action(reg, column_text(query, 3));

		/* An action that asks nobody any more would wait for an answer that nobody can give. */
		if (action == NULL || action->ask_count == 0)
			*ARENA_PUSH(settle->arena, asks, count, capacity) = (struct lost_ask){
				.id = column_integer(query, 0), .record = column_integer(query, 1), .reg = reg
			};
	}
	*ret_asks = asks;
	*ret_count = count;
	return e == ERR_NOT_FOUND ? OK : e;
}

/* The built-in end that this edition knows; NULL: it leaves the record to its own actions. */
static const char *
end_of_pending(const struct reg *reg)
{
	static const char *const ends[] = { "lapsed", "refused" };

	for (size_t i = 0; i < ARRAY_COUNT(ends); i++)
		for (size_t k = 0; k < reg->state_count; k++)
			if (strcmp(reg->states[k], ends[i]) == 0)
				return ends[i];
	return NULL;
}

/* As if nobody had answered in time; with its entry, as every change. */
static enum error
lapse_record(struct settle_job *settle, struct db *db, const struct lost_ask *ask)
{
	struct registry *registry = settle->registry;
	struct txn txn = begin_txn(settle, db, settle->arena);
	const struct image *before = NULL, *after = NULL;
	const char *state = end_of_pending(ask->reg);
	struct receipt_entry *entries = NULL;
	size_t count = 0;

	enum error e = image_load(&txn, ask->reg, ask->record, &before);

	if (e != OK || state == NULL || strcmp(image_state(before), "pending") != 0)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(action_set_state(&txn, before, state, &after));
	TRY(entry_append_all(&txn, &entries, &count));
	*ARENA_PUSH(registry->batch_arena, registry->batch, registry->batch_count, registry->batch_capacity) =
		(struct batch_item){ .changes = txn.changes, .change_count = txn.change_count, .now = settle->now };
	return OK;
}

static enum error
withdraw_asks(struct settle_job *settle, struct db *db)
{
	struct lost_ask *asks = NULL;
	size_t count = 0;

	TRY(find_lost_asks(settle, db, &asks, &count));
	for (size_t i = 0; i < count; i++) {
		AUTO(query_free)
		struct query *close = db_query(db, "UPDATE sys_ask SET outcome = 'withdrawn' WHERE id = $1");
		AUTO(query_free)
		struct query *links =
			db_query(db, "UPDATE sys_ask_party SET link_hash = NULL WHERE ask = $1 AND answer IS NULL");

		bind_integer(close, 1, asks[i].id);
		TRY(query_run(close));
		bind_integer(links, 1, asks[i].id);
		TRY(query_run(links));
		if (asks[i].reg != NULL)
			TRY(lapse_record(settle, db, &asks[i]));
	}
	return OK;
}

/* ---- findings ---- */

static enum error
close_findings(struct settle_job *settle, struct db *db, int64_t provision)
{
	AUTO(query_free)
	struct query *count =
		db_query(db, "SELECT count(*) FROM sys_finding WHERE provision = $1 AND closed_at IS NULL");
	AUTO(query_free)
	struct query *close =
		db_query(db, "UPDATE sys_finding SET closed_at = $2 WHERE provision = $1 AND closed_at IS NULL");

	bind_integer(count, 1, provision);
	TRY(query_one(count));
	settle->closed += (uint64_t)column_integer(count, 0);
	bind_integer(close, 1, provision);
	bind_integer(close, 2, settle->now);
	return query_run(close);
}

/* Those of provisions that this edition has are settled by the evaluation. */
static enum error
close_lost_findings(struct settle_job *settle, struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "SELECT id, name FROM sys_provision ORDER BY id");
	int64_t *lost = NULL;
	size_t count = 0, capacity = 0;
	enum error e;

	while ((e = query_step(query)) == OK) {
		const struct provision *provision = pack_provision(settle->registry->pack, column_text(query, 1));

		if (provision == NULL || provision->kind == PROVISION_FORBID)
			*ARENA_PUSH(settle->arena, lost, count, capacity) = column_integer(query, 0);
	}
	if (e != ERR_NOT_FOUND)
		return e;
	for (size_t i = 0; i < count; i++)
		TRY(close_findings(settle, db, lost[i]));
	return OK;
}

/* ---- the clock ---- */

static bool
has_clock(const struct registry *registry, const struct reg *reg)
{
	for (size_t i = 0; i < reg->action_count; i++)
		if (plan_of(registry, reg)->actions[i].clock_value.sql != NULL)
			return true;
	return false;
}

static enum error
read_page(struct db *db, const char *sql, int64_t behind, int64_t *ids, size_t *ret_count)
{
	AUTO(query_free) struct query *query = db_query(db, sql);
	enum error e = OK;

	*ret_count = 0;
	bind_integer(query, 1, behind);
	bind_integer(query, 2, PAGE_RECORDS);
	while (*ret_count < PAGE_RECORDS && (e = query_step(query)) == OK)
		ids[(*ret_count)++] = column_integer(query, 0);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
schedule_reg(struct settle_job *settle, struct db *db, const struct reg *reg)
{
	const char *sql = sql_page(settle->arena, reg);
	int64_t ids[PAGE_RECORDS];
	int64_t behind = 0;
	size_t count = 0;

	do {
		arena_reset(settle->page_arena);
		struct txn txn = begin_txn(settle, db, settle->page_arena);

		TRY(read_page(db, sql, behind, ids, &count));
		for (size_t i = 0; i < count; i++) {
			const struct image *image = NULL;

			TRY(image_load(&txn, reg, ids[i], &image));
			TRY(schedule_record(&txn, NULL, image));
			behind = ids[i];
		}
	} while (count == PAGE_RECORDS);
	return OK;
}

/* All rows, since a value may come from a table that changed under the same words. Rows of asks stay. */
static enum error
schedule_again(struct settle_job *settle, struct db *db)
{
	const struct registry *registry = settle->registry;
	AUTO(query_free) struct query *query = db_query(db, "DELETE FROM sys_clock WHERE action IS NOT NULL");

	TRY(query_run(query));
	for (size_t i = 0; i < registry->pack->reg_count; i++)
		if (has_clock(registry, &registry->pack->regs[i]))
			TRY(schedule_reg(settle, db, &registry->pack->regs[i]));
	return OK;
}

/* ---- all of it ---- */

static enum error
run_settle(struct job *job, struct db *db)
{
	struct settle_job *settle = (struct settle_job *)((char *)job - offsetof(struct settle_job, job));

	problem_init(&settle->problem, settle->arena);
	actor_clock(&settle->actor);
	settle->closed = 0;
	TRY(enter_edition(settle, db));
	TRY(withdraw_asks(settle, db));
	TRY(close_lost_findings(settle, db));
	return schedule_again(settle, db);
}

static enum error
run_unmark(struct job *job, struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "DELETE FROM meta WHERE key = 'edition_unsettled'");

	return query_run(query);
}

static enum error
is_marked(struct registry *registry, bool *ret_marked)
{
	AUTO(db_close) struct db *db = NULL;

	TRY(registry_reader(registry, &db));
	AUTO(query_free) struct query *query = db_query(db, "SELECT 1 FROM meta WHERE key = 'edition_unsettled'");
	enum error e = query_one(query);

	*ret_marked = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
edition_settle(struct registry *registry, int64_t now, bool *ret_settled, struct law_totals *ret_totals)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(arena_free) struct arena *page_arena = arena_new();
	struct settle_job settle = { .job = { .run = run_settle, .alone = true },
				     .registry = registry,
				     .arena = arena,
				     .page_arena = page_arena,
				     .now = now };
	struct job unmark = { .run = run_unmark, .alone = true };
	struct law_totals totals = { 0 };
	bool marked = false;

	TRY(is_marked(registry, &marked));
	*ret_settled = marked;
	if (!marked)
		return OK;
	TRY(writer_run(registry->writer, &settle.job));
	TRY(law_evaluate(registry, now, &totals));
	TRY(writer_run(registry->writer, &unmark));
	totals.closed += settle.closed;
	*ret_totals = totals;
	return OK;
}
