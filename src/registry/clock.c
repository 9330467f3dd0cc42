/* clock.c - time at work. What is due runs in order of time, each with the time when it was due: first the
 * rows of the clock up to a day's border, then what runs at that border, and so on. Law's ticks are evaluated once,
 * for the present day, since a finding is about now. Every run is a job of its own: a failure drops that one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "registry/clock.h"
#include "registry/engine.h"
#include "registry/erasure.h"
#include "registry/reveal.h"
#include "registry/statistic.h"

enum {
	CLOCK_CHUNK = 64,
	/* A later step may ask for later steps; a chain without end goes on at the next run, not in this one. */
	LATER_LAPS_MAX = 100,
	/* When a row that failed by a fault of ours is tried again: it must not hold up all that is due after it. */
	FAULT_PAUSE_MS = 3600000,
};

/* One run of the clock. */
struct clock {
	struct registry *registry;
	struct db *db; /* for reading */
	int64_t now;
	struct map due_at; /* event of a row that ran -> when it was due, for its later steps */
};

struct clock_row {
	int64_t id, due_at, record, ask;
	const struct reg *reg;
	const struct action *action; /* NULL: an ask runs out */
	const char *args;            /* of a later step */
};

struct clock_job {
	struct job job;
	struct registry *registry;
	struct arena *arena;
	struct actor actor;
	struct problem problem;
	struct clock_row row;
	bool is_later;
	bool ran;
	unsigned char event[LEDGER_ID_BYTES];
	enum error result;           /* of the action */
	enum error failed;           /* of the transaction */
	int64_t now;                 /* when it was due */
	int64_t law_now;             /* findings are about the present */
	const struct action *action; /* of `every` */
};

static void
begin_txn(struct txn *txn, struct clock_job *clock, struct db *db)
{
	problem_init(&clock->problem, clock->arena);
	actor_clock(&clock->actor);
	*txn = (struct txn){ .registry = clock->registry,
			     .db = db,
			     .arena = clock->arena,
			     .actor = &clock->actor,
			     .problem = &clock->problem,
			     .now = clock->now,
			     .today = registry_today(clock->registry, clock->now) };
	random_bytes(txn->event, sizeof(txn->event));
	memcpy(clock->event, txn->event, sizeof(clock->event));
}

static enum error
keep(struct txn *txn, const struct clock_job *clock)
{
	struct registry *registry = txn->registry;
	struct receipt_entry *entries = NULL;
	size_t count = 0;

	TRY(entry_append_all(txn, &entries, &count));
	*ARENA_PUSH(registry->batch_arena, registry->batch, registry->batch_count, registry->batch_capacity) =
		(struct batch_item){ .changes = txn->changes,
				     .change_count = txn->change_count,
				     .now = clock->law_now };
	return OK;
}

/* What has not happened because law, a guard or the state does not allow it is dropped; what failed is a fault. */
static bool
is_answer(enum error e)
{
	return error_http(e) < 500;
}

static bool
is_state(const struct action *action, const char *state)
{
	for (size_t i = 0; i < action->from_count; i++)
		if (strcmp(action->from[i], state) == 0)
			return true;
	return false;
}

/* Time does not run backwards for a record that was changed while its clock stood. */
static void
move_to(struct txn *txn, const struct image *image)
{
	if (image->values[COLUMN_CHANGED_AT].integer <= txn->now)
		return;
	txn->now = image->values[COLUMN_CHANGED_AT].integer;
	txn->today = registry_today(txn->registry, txn->now);
}

static enum error
not_before_its_record(struct txn *txn, const struct clock_row *row)
{
	const struct image *image = NULL;
	enum error e = row->record == 0 ? ERR_NOT_FOUND : image_load(txn, row->reg, row->record, &image);

	if (e == OK)
		move_to(txn, image);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Has the record moved on since the row was written? Then its time is computed anew elsewhere. */
static enum error
still_due(struct txn *txn, const struct clock_row *row, bool *ret_due)
{
	const struct image *image = NULL;
	struct value at = value_null();
	struct scope scope = { .record = row->record };
	enum error e = image_load(txn, row->reg, row->record, &image);

	*ret_due = false;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	if (!is_state(row->action, image_state(image)))
		return OK;
	move_to(txn, image);
	scope.today = txn->today;
	scope.now = txn->now;
	TRY(statement_values(txn->db, txn->arena, &plan_of_action(txn->registry, row->action)->clock_value, &scope, &at,
			     1));
	int64_t due_at = at.kind == VALUE_INTEGER ? schedule_instant(txn->registry, at.integer) : INT64_MAX;

	*ret_due = due_at <= row->due_at;
	/* Moved by a change of the record itself, it has a row for its new time; by a change of others it has none. */
	if (due_at != INT64_MAX && !*ret_due && strcasestr(row->action->clock_value, "select") != NULL)
		return schedule_action(txn, row->action, row->record, due_at);
	return OK;
}

static enum error
run_row(struct txn *txn, struct clock_job *clock)
{
	const struct clock_row *row = &clock->row;
	struct input *inputs = NULL;
	bool due = true;
	int64_t record = 0;

	if (row->action == NULL)
		return row->ask == 0 ? OK : consent_silent(txn, row->ask);
	if (!clock->is_later)
		TRY(still_due(txn, row, &due));
	else
		TRY(not_before_its_record(txn, row));
	if (!due)
		return OK;
	clock->ran = true;
	txn->clock_action = clock->is_later ? NULL : row->action;
	txn->clock_record = row->record;
	txn->clock_due_at = row->due_at;
	TRY(args_parse(txn->arena, row->action, row->args, &inputs));
	return action_run(txn, row->action, row->record, inputs, clock->is_later ? BY_STEP : BY_CLOCK, &record);
}

static enum error
delete_row(struct db *db, const struct clock_job *clock)
{
	AUTO(query_free)
	struct query *query = db_query(db, clock->is_later ? "DELETE FROM sys_later WHERE id = $1"
							   : "DELETE FROM sys_clock WHERE id = $1");

	bind_integer(query, 1, clock->row.id);
	return query_run(query);
}

static enum error
run_clock_row(struct job *job, struct db *db)
{
	struct clock_job *clock = (struct clock_job *)((char *)job - offsetof(struct clock_job, job));
	struct txn txn;

	clock->ran = false;
	begin_txn(&txn, clock, db);
	TRY(db_savepoint(db, SAVEPOINT_ACT));
	clock->result = run_row(&txn, clock);
	if (clock->result != OK) {
		if (!is_answer(clock->result))
			return clock->result;
		TRY(db_rollback_to(db, SAVEPOINT_ACT));
		clock->ran = false;
	}
	TRY(db_release(db, SAVEPOINT_ACT));
	TRY(delete_row(db, clock));
	return clock->result == OK && txn.change_count > 0 ? keep(&txn, clock) : OK;
}

static void
job_done(struct job *job, enum error e)
{
	struct clock_job *clock = (struct clock_job *)((char *)job - offsetof(struct clock_job, job));

	clock->failed = e;
	if (e != OK)
		return;
	if (clock->ran)
		clock->registry->clock_runs++;
	else if (clock->result != OK)
		clock->registry->clock_dropped++;
}

/* ---- rows that are due ---- */

static uint64_t
event_key(const void *event)
{
	return event == NULL ? 0 : hash_bytes(event, LEDGER_ID_BYTES);
}

/* A later step of what the clock ran belongs to the time when that was due; one of somebody's act is of now. */
static int64_t
due_of_later(const struct clock *clock, const struct query *query)
{
	size_t bytes = 0;
	const void *event = column_bytes(query, 7, &bytes);
	const uint64_t *due_at = bytes == LEDGER_ID_BYTES ? map_get(&clock->due_at, event_key(event)) : NULL;

	return due_at == NULL ? clock->now : (int64_t)*due_at;
}

/* Rows of the clock due up to `until`, or later steps with a number below it. */
static enum error
read_rows(const struct clock *clock, struct arena *arena, bool later, int64_t until, struct clock_row *rows,
	  size_t *ret_count)
{
	AUTO(query_free)
	struct query *query = db_query(
		clock->db, later ? "SELECT id, 0, reg, record, action, NULL, args, event FROM sys_later WHERE id < $1"
				   " ORDER BY id LIMIT 64"
				 : "SELECT id, due_at, reg, record, action, ask, NULL FROM sys_clock WHERE due_at <= $1"
				   " ORDER BY due_at, id LIMIT 64");
	const struct pack *pack = clock->registry->pack;
	size_t count = 0;
	enum error e = ERR_NOT_FOUND;

	bind_integer(query, 1, until);
	while (count < CLOCK_CHUNK && (e = query_step(query)) == OK) {
		struct clock_row *row = &rows[count++];
		const char *action = column_text(query, 4);

		*row = (struct clock_row){ .id = column_integer(query, 0),
					   .due_at = column_integer(query, 1),
					   .record = column_integer(query, 3),
					   .ask = column_integer(query, 5),
					   .reg = pack_reg_by_code(pack, column_integer(query, 2)),
					   .args = arena_text(arena, column_text(query, 6)) };
		if (later)
			row->due_at = due_of_later(clock, query);
		/* A row of an action that this edition no longer has names none and is dropped. */
		row->action = action == NULL || row->reg == NULL ? NULL : reg_action(row->reg, action);
	}
	*ret_count = count;
	return e == ERR_NOT_FOUND || count == CLOCK_CHUNK ? OK : e;
}

static struct clock_job *
row_job(const struct clock *clock, const struct clock_row *row, bool later)
{
	struct arena *own = arena_new();
	struct clock_job *job = arena_new_of(own, struct clock_job);

	*job = (struct clock_job){ .job = { .run = run_clock_row, .done = job_done },
				   .registry = clock->registry,
				   .arena = own,
				   .row = *row,
				   .is_later = later,
				   .now = row->due_at,
				   .law_now = clock->now };
	return job;
}

static enum error
run_postpone(struct job *job, struct db *db)
{
	struct clock_job *clock = (struct clock_job *)((char *)job - offsetof(struct clock_job, job));

	if (clock->is_later)
		return delete_row(db, clock);
	AUTO(query_free) struct query *query = db_query(db, "UPDATE sys_clock SET due_at = $2 WHERE id = $1");

	bind_integer(query, 1, clock->row.id);
	bind_integer(query, 2, clock->law_now + FAULT_PAUSE_MS);
	return query_run(query);
}

/* A fault that lies in the row itself (SQL of a pack that fails on these values) would come again for ever. */
static enum error
settle_failure(struct clock *clock, struct clock_job *job)
{
	if (job->failed != ERR_FAULT)
		return job->failed;
	job->job = (struct job){ .run = run_postpone };
	clock->registry->clock_dropped++;
	return writer_run(clock->registry->writer, &job->job);
}

/* A chunk of rows shares commits: all but the last are only submitted. The writer answers in order, so that when the
 * last has come back all have. */
static enum error
run_chunk(struct clock *clock, bool later, int64_t until, size_t *ret_count)
{
	struct writer *writer = clock->registry->writer;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct clock_row rows[CLOCK_CHUNK];
	struct clock_job *jobs[CLOCK_CHUNK];
	enum error e = OK;

	TRY(read_rows(clock, arena, later, until, rows, ret_count));
	for (size_t i = 0; i < *ret_count; i++) {
		jobs[i] = row_job(clock, &rows[i], later);
		if (i + 1 == *ret_count || writer_submit(writer, &jobs[i]->job) != OK)
			jobs[i]->failed = writer_run(writer, &jobs[i]->job);
	}
	for (size_t i = 0; i < *ret_count; i++) {
		enum error failed = settle_failure(clock, jobs[i]);

		e = e == OK ? failed : e;
		map_put(&clock->due_at, event_key(jobs[i]->event), (uint64_t)jobs[i]->now);
		arena_free(jobs[i]->arena);
	}
	return e;
}

static enum error
run_later(struct clock *clock)
{
	for (int lap = 0; lap < LATER_LAPS_MAX; lap++) {
		int64_t behind = clock->registry->next_id;
		size_t count = 0, ran = 0;

		do {
			TRY(run_chunk(clock, true, behind, &count));
			ran += count;
		} while (count > 0);
		if (ran == 0)
			break;
	}
	return OK;
}

static enum error
run_due(struct clock *clock, int64_t until)
{
	size_t count = 0;

	TRY(run_later(clock));
	do {
		TRY(run_chunk(clock, false, until, &count));
		TRY(run_later(clock));
	} while (count > 0);
	return OK;
}

/* ---- borders of days ---- */

static bool
begins(enum period period, int64_t day)
{
	struct civil c = day_civil(day);

	switch (period) {
	case PERIOD_DAY:
		return true;
	case PERIOD_MONTH:
		return c.day == 1;
	case PERIOD_QUARTER:
		return c.day == 1 && c.month % 3 == 1;
	case PERIOD_YEAR:
		return c.day == 1 && c.month == 1;
	case PERIOD_NONE:
		break;
	}
	return false;
}

/* One record may be changed by several rows: it stays one change, and a row that fails leaves those before it alone. */
static void
add_changes(struct txn *txn, const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct change *change = txn_change(txn, changes[i].before, changes[i].after, changes[i].kind);

		change->lists |= changes[i].lists;
	}
}

static enum error
run_each_inputs(struct txn *txn, const struct action *action, struct input *inputs, bool *ret_made)
{
	struct txn before = *txn;
	int64_t record = 0;

	txn->changes = NULL;
	txn->change_count = txn->change_capacity = 0;
	txn->steps = txn->depth = 0;
	TRY(db_savepoint(txn->db, SAVEPOINT_ROW));
	enum error e = action_run(txn, action, 0, inputs, BY_CLOCK, &record);

	if (e != OK && !is_answer(e))
		return e;
	struct txn after = *txn;

	txn->changes = before.changes;
	txn->change_count = before.change_count;
	txn->change_capacity = before.change_capacity;
	if (e == OK)
		add_changes(txn, after.changes, after.change_count);
	else
		TRY(db_rollback_to(txn->db, SAVEPOINT_ROW));
	*ret_made = e == OK;
	return db_release(txn->db, SAVEPOINT_ROW);
}

/* One new record for a row of `each`; one that exists already (`unique`) or is refused is left out. */
static enum error
run_each_row(struct txn *txn, const struct action *action, const struct query *row, bool *ret_made)
{
	struct input *inputs = arena_array_of(txn->arena, struct input, action->arg_count + 1);

	for (int i = 0; i < column_count(row); i++) {
		const struct field *arg = action_arg(action, column_name(row, i));

		if (arg != NULL)
			inputs[arg->index] = (struct input){ .kind = INPUT_VALUE,
							     .value_count = 1,
							     .values = { column_value(row, i, txn->arena) } };
	}
	/* What a row's refusal says is read by nobody. */
	problem_init(txn->problem, txn->arena);
	return run_each_inputs(txn, action, inputs, ret_made);
}

static enum error
run_every(struct job *job, struct db *db)
{
	struct clock_job *clock = (struct clock_job *)((char *)job - offsetof(struct clock_job, job));
	struct txn txn;
	struct statement each = { .sql = clock->action->each };
	enum error e;

	begin_txn(&txn, clock, db);
	clock->ran = false;
	each.parameter_count = sql_parameters(clock->arena, each.sql, &each.parameters);
	AUTO(query_free) struct query *query = db_query(db, each.sql);
	struct scope scope = { .today = txn.today, .now = txn.now };

	statement_bind(query, &each, &scope);
	while ((e = query_step(query)) == OK) {
		bool made = false;

		TRY(run_each_row(&txn, clock->action, query, &made));
		clock->ran |= made;
	}
	if (e != ERR_NOT_FOUND)
		return e;
	return txn.change_count > 0 ? keep(&txn, clock) : OK;
}

static enum error
run_border(struct clock *run, int64_t day)
{
	struct registry *registry = run->registry;

	for (size_t r = 0; r < registry->pack->reg_count; r++) {
		const struct reg *reg = &registry->pack->regs[r];

		for (size_t i = 0; i < reg->action_count; i++) {
			if (!begins(reg->actions[i].every, day))
				continue;
			AUTO(arena_free) struct arena *arena = arena_new();
			struct clock_job *clock = arena_new_of(arena, struct clock_job);

			*clock = (struct clock_job){ .job = { .run = run_every, .done = job_done, .alone = true },
						     .registry = registry,
						     .arena = arena,
						     .action = &reg->actions[i],
						     .now = zone_day_begins(registry->zone, day),
						     .law_now = run->now };
			enum error e = writer_run(registry->writer, &clock->job);

			/* As with rows: one that fails by itself must not stop time for all others. */
			if (e == ERR_FAULT)
				registry->clock_dropped++;
			else if (e != OK)
				return e;
			map_put(&run->due_at, event_key(clock->event), (uint64_t)clock->now);
		}
	}
	return OK;
}

/* ---- what was done up to which day ---- */

struct meta_job {
	struct job job;
	const char *key;
	int64_t value;
};

static enum error
run_meta(struct job *job, struct db *db)
{
	struct meta_job *meta = (struct meta_job *)((char *)job - offsetof(struct meta_job, job));
	AUTO(query_free)
	struct query *query = db_query(
		db,
		"INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)meta->value);
	bind_text(query, 1, meta->key);
	bind_text(query, 2, text);
	return query_run(query);
}

static void
meta_done(struct job *job, enum error e)
{
}

static enum error
write_meta(struct registry *registry, const char *key, int64_t value)
{
	struct meta_job meta = { .job = { .run = run_meta, .done = meta_done }, .key = key, .value = value };

	return writer_run(registry->writer, &meta.job);
}

static enum error
read_meta(struct db *db, const char *key, int64_t absent, int64_t *ret_value)
{
	AUTO(query_free) struct query *query = db_query(db, "SELECT value FROM meta WHERE key = $1");

	bind_text(query, 1, key);
	enum error e = query_one(query);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*ret_value = e == OK ? strtoll(column_text(query, 0), NULL, 10) : absent;
	return OK;
}

struct tick {
	int64_t from, to; /* the day of the last evaluation, today */
};

static bool
is_ticked(const struct provision *provision, void *context)
{
	const struct tick *tick = context;
	struct civil from = day_civil(tick->from), to = day_civil(tick->to);

	if (provision->tick == PERIOD_DAY)
		return true;
	if (provision->tick == PERIOD_MONTH && (from.month != to.month || from.year != to.year))
		return true;
	return provision_in_force(provision, tick->from) != provision_in_force(provision, tick->to);
}

struct forget_job {
	struct job job;
	struct registry *registry;
	int64_t now;
	bool more;
};

static enum error
run_forget(struct job *job, struct db *db)
{
	struct forget_job *forget = (struct forget_job *)((char *)job - offsetof(struct forget_job, job));

	return idempotency_forget(forget->registry, db, forget->now, &forget->more);
}

static enum error
forget_keys(struct registry *registry, int64_t now)
{
	struct forget_job forget = { .job = { .run = run_forget }, .registry = registry, .now = now };

	do {
		TRY(writer_run(registry->writer, &forget.job));
	} while (forget.more);
	return OK;
}

static enum error
run_tick(struct registry *registry, struct db *db, int64_t now)
{
	struct tick tick = { .to = registry_today(registry, now) };
	struct law_totals totals = { 0 };

	TRY(read_meta(db, "tick_day", tick.to, &tick.from));
	if (tick.from == tick.to)
		return write_meta(registry, "tick_day", tick.to);
	TRY(law_evaluate_some(registry, now, is_ticked, &tick, &totals));
	TRY(forget_keys(registry, now));
	return write_meta(registry, "tick_day", tick.to);
}

/* In the writer's thread, between acts: none can write an earlier row meanwhile. */
static enum error
run_next(struct job *job, struct db *db)
{
	struct clock_job *clock = (struct clock_job *)((char *)job - offsetof(struct clock_job, job));
	AUTO(query_free) struct query *row = db_query(db, "SELECT due_at FROM sys_clock ORDER BY due_at LIMIT 1");
	AUTO(query_free) struct query *later = db_query(db, "SELECT 1 FROM sys_later LIMIT 1");
	int64_t next_at = INT64_MAX;
	enum error e = query_one(later);

	if (e == OK)
		clock->registry->clock_next_at = 0;
	if (e != ERR_NOT_FOUND)
		return e;
	e = query_one(row);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(reveal_next(db, &next_at));
	if (e == OK && column_integer(row, 0) < next_at)
		next_at = column_integer(row, 0);
	clock->registry->clock_next_at = next_at;
	return OK;
}

static enum error
run_days(struct clock *clock)
{
	struct registry *registry = clock->registry;
	int64_t today = registry_today(registry, clock->now), day = 0;
	struct clock_job next = { .job = { .run = run_next }, .registry = registry };
	uint64_t reveals = 0, erasures = 0;

	TRY(read_meta(clock->db, "clock_day", today, &day));
	for (; day < today; day++) {
		TRY(run_due(clock, zone_day_begins(registry->zone, day + 1) - 1));
		/* A month is counted when all that was due in it has run, and nothing of the next. */
		TRY(statistic_close(registry, clock->db, day + 1, clock->now));
		TRY(run_border(clock, day + 1));
		TRY(write_meta(registry, "clock_day", day + 1));
	}
	TRY(run_due(clock, clock->now));
	TRY(write_meta(registry, "clock_day", today));
	TRY(reveal_run(registry, clock->now, &reveals));
	/* A key that cannot be destroyed is told of, but holds up no deadline. */
	enum error e = erasure_run(registry, clock->now, &erasures);

	registry->clock_runs += reveals + erasures;
	TRY(run_tick(registry, clock->db, clock->now));
	TRY(writer_run(registry->writer, &next.job));
	return e;
}

static enum error
run_locked(struct registry *registry, int64_t now)
{
	AUTO(db_close) struct db *db = NULL;
	struct clock clock = { .registry = registry, .now = now };

	TRY(registry_reader(registry, &db));
	clock.db = db;
	enum error e = run_days(&clock);

	map_done(&clock.due_at);
	return e;
}

enum error
clock_run(struct registry *registry, int64_t now, uint64_t *ret_runs)
{
	pthread_mutex_lock(&registry->clock_lock);
	uint64_t before = registry->clock_runs;
	enum error e = run_locked(registry, now);

	*ret_runs = registry->clock_runs - before;
	pthread_mutex_unlock(&registry->clock_lock);
	return e;
}

int64_t
clock_next(struct registry *registry, int64_t now)
{
	int64_t border = zone_day_begins(registry->zone, registry_today(registry, now) + 1);
	int64_t row = registry->clock_next_at;

	return row < border ? row : border;
}

enum error
clock_move(struct registry *registry, int64_t to, uint64_t *ret_runs)
{
	if (!registry->config.demo)
		return ERR_FORBIDDEN;
	int64_t now = registry_now(registry);

	if (to < now)
		return ERR_BAD_INPUT;
	int64_t offset = registry->clock_offset_ms + (to - now);

	TRY(write_meta(registry, "clock_offset_ms", offset));
	registry->clock_offset_ms = offset;
	return clock_run(registry, to, ret_runs);
}
