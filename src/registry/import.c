#include "registry/import.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/strbuf.h"
#include "registry/engine.h"
#include "registry/import_doubles.h"
#include "registry/inside.h"
#include "text/digest.h"

enum {
	/* A block is one savepoint with one inside for each row; SQLite's memory of them makes a row dearer the more stand
	 * before it (512: twice the time of 64). Several blocks share a commit. */
	BLOCK_ROWS = 64,
	BLOCKS_IN_FLIGHT = 16,
	/* A dry run's rows see only those of their own block: a double further away is told by the text of the row alone. */
	DRY_BLOCK_ROWS = 32768,
	DRY_BLOCKS_IN_FLIGHT = 2,
};

struct block_row {
	uint64_t nr;
	int line;
	struct import_row row;
	bool is_rejected; /* by its text alone */
	struct import_reject reject;
};

struct block {
	struct job job;
	struct import *import;
	struct arena *arena;     /* rows as read */
	struct arena *run_arena; /* what running them needs; renewed with each run */
	struct arena *row_arena; /* the same of one row, in a dry run: nothing of it is looked at later */
	struct block_row *rows;
	size_t count;
	int64_t now;
	/* of the last run */
	struct import_reject *rejects;
	size_t reject_count, reject_capacity;
	uint64_t done, waiting;
	int fault_line;
	bool in_flight;
};

struct import {
	struct import_options options;
	struct arena *arena;
	const char *text;
	size_t bytes;
	struct csv *csv;
	struct import_columns columns;
	unsigned char digest[DIGEST_BYTES];
	int64_t id;
	uint64_t first_nr; /* the first row that was not yet tried when this run began */
	bool has_ended;
	struct block blocks[BLOCKS_IN_FLIGHT];
	struct import_doubles doubles;
	/* under `lock`: the writer's thread ends blocks */
	pthread_mutex_t lock;
	pthread_cond_t ended;
	enum error failed;
	int failed_line;
	struct import_totals totals;
	struct import_reject *rejects;
	size_t reject_count, reject_capacity;
};

static int64_t
now_of(const struct import *import)
{
	return import->options.now != NULL ? import->options.now(import->options.context)
					   : registry_now(import->options.registry);
}

static const struct reg *
reg_of(const struct import *import)
{
	return import->options.action->reg;
}

/* ---- reasons ---- */

static const char *
sentence(const struct pack *pack, enum language language, struct arena *arena, const struct problem *problem,
	 const struct problem_item *item)
{
	const struct refusal *refusal = problem->refusal;
	const char *text = message_print(arena, item->message, language, item->arguments);

	if (refusal == NULL || item->message != MSG_REFUSED)
		return text;
	return arena_printf(arena, "%s %s", text, pack_text(pack, language, refusal->provision->text_key));
}

/* One fault is told as it is; several each behind its column. */
struct import_reject
import_reject_of(const struct pack *pack, enum language language, struct arena *arena, uint64_t nr,
		 const struct problem *problem, enum error e)
{
	AUTO(strbuf_done) struct strbuf fields = { 0 };
	AUTO(strbuf_done) struct strbuf reasons = { 0 };
	const struct refusal *refusal = problem->refusal;
	const char *code = problem->item_count == 0 ? error_name(e) : message_name(problem->items[0].message);

	for (size_t i = 0; i < problem->item_count; i++) {
		const struct problem_item *item = &problem->items[i];

		if (item->field != NULL)
			strbuf_printf(&fields, "%s%s", fields.bytes > 0 ? ", " : "", item->field);
		if (i > 0)
			strbuf_char(&reasons, ' ');
		if (problem->item_count > 1 && item->field != NULL)
			strbuf_printf(&reasons, "%s: ", item->field);
		strbuf_text(&reasons, sentence(pack, language, arena, problem, item));
	}
	return (struct import_reject){ .nr = nr,
				       .field = arena_text(arena, fields.bytes == 0 ? "" : fields.text),
				       .code = arena_text(arena, refusal != NULL ? refusal->provision->name : code),
				       .reason = arena_text(arena, reasons.bytes == 0 ? error_name(e) : reasons.text) };
}

/* ---- a block in the writer's thread ---- */

static enum error
find_key(struct db *db, const struct reg *reg, const char *key, int64_t *ret_record)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT record FROM sys_import_key WHERE reg = $1 AND key = $2");

	bind_integer(query, 1, reg->code);
	bind_text(query, 2, key);
	TRY(query_one(query));
	*ret_record = column_integer(query, 0);
	return OK;
}

/* Keys of a reference may be of any register that it goes to. */
static enum error
take_key(struct db *db, struct act *act, struct input *inputs, const struct import_key *key)
{
	enum error e = ERR_NOT_FOUND;
	int64_t record = 0;

	if (key->arg == NULL)
		e = find_key(db, act->reg, key->key, &record);
	for (size_t i = 0; key->arg != NULL && e == ERR_NOT_FOUND && i < key->arg->to_count; i++)
		e = find_key(db, key->arg->to[i], key->key, &record);
	if (e == ERR_NOT_FOUND)
		return problem_add(&act->problem, ERR_BAD_INPUT, key->column, MSG_CSV_KEY, key->key, NULL);
	if (e != OK)
		return e;
	if (key->arg == NULL)
		act->record = record;
	else
		inputs[key->arg->index] =
			(struct input){ .kind = INPUT_VALUE, .values = { value_integer(record) }, .value_count = 1 };
	return OK;
}

static enum error
take_keys(struct db *db, struct act *act, const struct import_row *row)
{
	struct input *inputs = arena_array_of(act->arena, struct input, act->action->arg_count + 1);
	const struct reg *reg = NULL;
	enum error e = OK;

	memcpy(inputs, row->inputs, act->action->arg_count * sizeof(*inputs));
	for (size_t i = 0; i < row->key_count; i++) {
		enum error one = take_key(db, act, inputs, &row->keys[i]);

		if (one != OK && one != ERR_BAD_INPUT)
			return one;
		e = one == OK ? e : one;
	}
	if (row->record != NULL &&
	    registry_parse_reference(act->registry, act->reg, row->record, &reg, &act->record) != OK)
		e = problem_add(&act->problem, ERR_BAD_INPUT, "ref", MSG_NOT_REFERENCE, NULL, NULL);
	act->inputs = inputs;
	return e;
}

static enum error
keep_key(struct db *db, struct act *act, const char *key)
{
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO sys_import_key (reg, key, record) VALUES ($1, $2, $3)");

	bind_integer(query, 1, act->reg->code);
	bind_text(query, 2, key);
	bind_integer(query, 3, act->ret_record);
	return query_run(query);
}

/* Before the act, since an entry in the ledger cannot be taken back alone. */
static enum error
check_key(struct db *db, const struct import *import, struct act *act, const char *key)
{
	const char *column = import->columns.items[import->columns.own_key].name;
	int64_t record = 0;
	enum error e = find_key(db, act->reg, key, &record);

	return e == ERR_NOT_FOUND ? OK
	       : e != OK          ? e
				  : problem_add(&act->problem, ERR_DUPLICATE, column, MSG_UNIQUE, column, NULL);
}

/* An answer in act->result; an error is a fault, and the block is undone. */
static enum error
run_act(struct db *db, const struct import *import, struct act *act, const struct import_row *row)
{
	enum error e = take_keys(db, act, row);

	if (e == OK && row->own_key != NULL)
		e = check_key(db, import, act, row->own_key);
	if (e != OK) {
		act->result = e;
		return error_http(e) < 500 ? OK : e;
	}
	TRY(act_run_inside(act, db));
	return act->result == OK && row->own_key != NULL ? keep_key(db, act, row->own_key) : OK;
}

static enum error
run_row(struct block *block, struct block_row *row, struct db *db)
{
	struct import *import = block->import;
	struct arena *arena = import->options.dry_run ? block->row_arena : block->run_arena;
	struct act *act = NULL;

	arena_reset(block->row_arena);
	act = arena_new_of(arena, struct act);
	act_init(act, import->options.registry, arena, block->now);
	act->actor = import->options.actor;
	act->actor.language = import->options.language;
	act->action = import->options.action;
	act->reg = act->action->reg;
	enum error e = run_act(db, import, act, &row->row);

	if (e != OK) {
		block->fault_line = row->line;
		return e;
	}
	block->done += act->result == OK;
	block->waiting += act->result == OK && act->waiting;
	if (act->result != OK)
		*ARENA_PUSH(block->run_arena, block->rejects, block->reject_count, block->reject_capacity) =
			import_reject_of(registry_pack(import->options.registry), import->options.language,
					 block->run_arena, row->nr, &act->problem, act->result);
	return OK;
}

static enum error
keep_reject(struct db *db, const struct import *import, const struct import_reject *reject)
{
	AUTO(query_free)
	struct query *query = db_query(
		db,
		"INSERT INTO sys_import_reject (id, import, nr, field, code, reason) VALUES ($1, $2, $3, $4, $5, $6)");

	bind_integer(query, 1, registry_new_id(import->options.registry));
	bind_integer(query, 2, import->id);
	bind_integer(query, 3, (int64_t)reject->nr);
	bind_text(query, 4, reject->field);
	bind_text(query, 5, reject->code);
	bind_text(query, 6, reject->reason);
	return query_run(query);
}

/* Only the block that follows what is stored counts: one behind a block that failed changes nothing. */
static enum error
keep_progress(struct db *db, const struct block *block)
{
	AUTO(query_free)
	struct query *query = db_query(
		db,
		"UPDATE sys_import SET next_nr = $3, done_count = done_count + $4, waiting_count = waiting_count + $5"
		" WHERE id = $1 AND next_nr = $2");

	for (size_t i = 0; i < block->reject_count; i++)
		TRY(keep_reject(db, block->import, &block->rejects[i]));
	bind_integer(query, 1, block->import->id);
	bind_integer(query, 2, (int64_t)block->rows[0].nr);
	bind_integer(query, 3, (int64_t)block->rows[block->count - 1].nr + 1);
	bind_integer(query, 4, (int64_t)block->done);
	bind_integer(query, 5, (int64_t)block->waiting);
	TRY(query_run(query));
	return db_changes(db) == 1 ? OK : ERR_STOPPING;
}

static enum error
run_block(struct job *job, struct db *db)
{
	struct block *block = (struct block *)((char *)job - offsetof(struct block, job));
	struct import *import = block->import;

	/* It may run twice (writer.h). */
	arena_reset(block->run_arena);
	block->rejects = NULL;
	block->reject_count = block->reject_capacity = 0;
	block->done = block->waiting = 0;
	for (size_t i = 0; i < block->count; i++) {
		struct block_row *row = &block->rows[i];

		if (!row->is_rejected)
			TRY(run_row(block, row, db));
		else
			*ARENA_PUSH(block->run_arena, block->rejects, block->reject_count, block->reject_capacity) =
				row->reject;
	}
	return import->options.dry_run ? OK : keep_progress(db, block);
}

static void
add_reject(struct import *import, const struct import_reject *reject)
{
	*ARENA_PUSH(import->arena, import->rejects, import->reject_count, import->reject_capacity) =
		(struct import_reject){ .nr = reject->nr,
					.field = arena_text(import->arena, reject->field),
					.code = arena_text(import->arena, reject->code),
					.reason = arena_text(import->arena, reject->reason) };
}

static void
block_done(struct job *job, enum error e)
{
	struct block *block = (struct block *)((char *)job - offsetof(struct block, job));
	struct import *import = block->import;

	pthread_mutex_lock(&import->lock);
	if (e == OK) {
		import->totals.done += block->done;
		import->totals.waiting += block->waiting;
		import->totals.rejected += block->reject_count;
		for (size_t i = 0; i < block->reject_count; i++)
			add_reject(import, &block->rejects[i]);
	} else if (import->failed == OK) {
		import->failed = e;
		import->failed_line = block->fault_line;
	}
	block->in_flight = false;
	pthread_cond_signal(&import->ended);
	pthread_mutex_unlock(&import->lock);
}

/* ---- reading rows ---- */

static void
read_row(struct import *import, struct block *block, struct block_row *to, enum error read, const struct csv_row *row,
	 struct problem *problem)
{
	struct input_context context = registry_input(import->options.registry, block->arena, block->now);
	enum error e = read;

	context.loose = true;
	if (e == OK) {
		int line = import_doubles_take(&import->doubles, row);

		if (line != 0)
			e = problem_add(problem, ERR_BAD_INPUT, NULL, MSG_CSV_DOUBLE,
					arena_printf(block->arena, "%d", line), NULL);
	}
	if (e == OK)
		e = import_row_read(&context, &import->columns, row, problem, &to->row);
	to->is_rejected = e != OK;
	if (e != OK)
		to->reject = import_reject_of(registry_pack(import->options.registry), import->options.language,
					      block->arena, to->nr, problem, e);
}

/* Fills the block; rows that an earlier run tried are only remembered as possible doubles. */
static enum error
fill_block(struct import *import, struct block *block, uint64_t *nr)
{
	size_t capacity = import->options.dry_run ? DRY_BLOCK_ROWS : BLOCK_ROWS;
	struct problem *problem = NULL;

	arena_reset(block->arena);
	block->rows = arena_array_of(block->arena, struct block_row, capacity);
	block->count = 0;
	block->now = now_of(import);
	problem = arena_new_of(block->arena, struct problem);
	while (block->count < capacity) {
		struct csv_row row;

		problem_init(problem, block->arena);
		enum error e = csv_next(import->csv, problem, &row);

		if (e == ERR_NOT_FOUND)
			return OK;
		if (e != OK && e != ERR_BAD_INPUT)
			return e;
		uint64_t this_nr = ++*nr;

		if (this_nr < import->first_nr) {
			if (e == OK)
				IGNORE(import_doubles_take(&import->doubles, &row)); /* was told then */
			continue;
		}
		struct block_row *to = &block->rows[block->count++];

		*to = (struct block_row){ .nr = this_nr, .line = row.line };
		read_row(import, block, to, e, &row, problem);
	}
	return OK;
}

/* ---- how far an earlier run came ---- */

struct begin_job {
	struct job job;
	struct import *import;
};

static enum error
load_rejects(struct import *import, struct db *db)
{
	AUTO(query_free)
	struct query *query =
		db_query(db, "SELECT nr, field, code, reason FROM sys_import_reject WHERE import = $1 ORDER BY nr");
	enum error e;

	bind_integer(query, 1, import->id);
	while ((e = query_step(query)) == OK) {
		struct import_reject reject = { .nr = (uint64_t)column_integer(query, 0),
						.field = column_text(query, 1),
						.code = column_text(query, 2),
						.reason = column_text(query, 3) };

		add_reject(import, &reject);
	}
	import->totals.rejected = import->reject_count;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
find_import(struct import *import, struct db *db)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT id, next_nr, done_count, waiting_count, ended_at FROM sys_import"
					   " WHERE digest = $1 AND account = $2 ORDER BY id DESC LIMIT 1");

	bind_bytes(query, 1, import->digest, sizeof(import->digest));
	bind_integer(query, 2, import->options.actor.account);
	TRY(query_one(query));
	if (!column_is_null(query, 4) && import->options.again)
		return ERR_NOT_FOUND;
	import->id = column_integer(query, 0);
	import->first_nr = (uint64_t)column_integer(query, 1);
	import->totals = (struct import_totals){ .rows = import->first_nr - 1,
						 .skipped = import->first_nr - 1,
						 .done = (uint64_t)column_integer(query, 2),
						 .waiting = (uint64_t)column_integer(query, 3),
						 .ended_before = !column_is_null(query, 4) };
	return load_rejects(import, db);
}

static enum error
run_begin(struct job *job, struct db *db)
{
	struct import *import = ((struct begin_job *)((char *)job - offsetof(struct begin_job, job)))->import;

	import->reject_count = 0;
	enum error e = find_import(import, db);

	if (e != ERR_NOT_FOUND)
		return e;
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO sys_import (id, digest, reg, action, account, next_nr, "
					   "done_count, waiting_count, begun_at)"
					   " VALUES ($1, $2, $3, $4, $5, 1, 0, 0, $6)");

	import->id = registry_new_id(import->options.registry);
	bind_integer(query, 1, import->id);
	bind_bytes(query, 2, import->digest, sizeof(import->digest));
	bind_integer(query, 3, reg_of(import)->code);
	bind_text(query, 4, import->options.action->name);
	bind_integer(query, 5, import->options.actor.account);
	bind_integer(query, 6, now_of(import));
	return query_run(query);
}

static enum error
run_end(struct job *job, struct db *db)
{
	struct import *import = ((struct begin_job *)((char *)job - offsetof(struct begin_job, job)))->import;
	AUTO(query_free) struct query *query = db_query(db, "UPDATE sys_import SET ended_at = $2 WHERE id = $1");

	bind_integer(query, 1, import->id);
	bind_integer(query, 2, now_of(import));
	return query_run(query);
}

static enum error
run_small(struct import *import, enum error (*run)(struct job *, struct db *))
{
	struct begin_job begin = { .job = { .run = run }, .import = import };

	return writer_run(registry_writer(import->options.registry), &begin.job);
}

static void
take_digest(struct import *import)
{
	AUTO(digest_free) struct digest *digest = digest_new();
	const char *key = import->options.key == NULL ? "" : import->options.key;

	digest_add(digest, reg_of(import)->name, strlen(reg_of(import)->name) + 1);
	digest_add(digest, import->options.action->name, strlen(import->options.action->name) + 1);
	digest_add(digest, key, strlen(key) + 1);
	digest_add(digest, import->text, import->bytes);
	digest_finish(digest, import->digest);
}

/* ---- from the caller's thread ---- */

static struct import *
import_new(const struct import_options *options, const char *text, size_t bytes)
{
	struct import *import = calloc(1, sizeof(*import));

	if (import == NULL)
		return NULL;
	import->options = *options;
	import->arena = arena_new();
	import->text = import->doubles.text = text;
	import->bytes = bytes;
	import->first_nr = 1;
	import->csv = csv_new(text, bytes);
	pthread_mutex_init(&import->lock, NULL);
	pthread_cond_init(&import->ended, NULL);
	for (size_t i = 0; i < BLOCKS_IN_FLIGHT; i++)
		import->blocks[i] = (struct block){
			.import = import, .arena = arena_new(), .run_arena = arena_new(), .row_arena = arena_new()
		};
	return import;
}

void
import_free(struct import *import)
{
	if (import == NULL)
		return;
	for (size_t i = 0; i < BLOCKS_IN_FLIGHT; i++) {
		arena_free(import->blocks[i].arena);
		arena_free(import->blocks[i].run_arena);
		arena_free(import->blocks[i].row_arena);
	}
	csv_free(import->csv);
	import_doubles_done(&import->doubles);
	pthread_mutex_destroy(&import->lock);
	pthread_cond_destroy(&import->ended);
	arena_free(import->arena);
	free(import);
}

enum error
import_open(const struct import_options *options, const char *text, size_t bytes, struct problem *problem,
	    struct import **ret_import)
{
	AUTO(import_free) struct import *import = import_new(options, text, bytes);
	struct csv_row header;

	if (import == NULL)
		return ERR_NO_MEMORY;
	enum error e = csv_next(import->csv, problem, &header);

	if (e == ERR_NOT_FOUND)
		return problem_add(problem, ERR_BAD_INPUT, NULL, MSG_TEXT_EMPTY, NULL, NULL);
	if (e != OK)
		return e;
	TRY(import_columns_read(import->arena, options->action, &header, options->key, problem, &import->columns));
	take_digest(import);
	if (!options->dry_run)
		TRY(run_small(import, run_begin));
	import->has_ended = import->totals.ended_before;
	*ret_import = TAKE(import);
	return OK;
}

static struct block *
free_block(struct import *import)
{
	size_t count = import->options.dry_run ? DRY_BLOCKS_IN_FLIGHT : BLOCKS_IN_FLIGHT;
	struct block *found = NULL;

	pthread_mutex_lock(&import->lock);
	while (found == NULL) {
		for (size_t i = 0; found == NULL && i < count; i++)
			if (!import->blocks[i].in_flight)
				found = &import->blocks[i];
		if (found == NULL)
			pthread_cond_wait(&import->ended, &import->lock);
	}
	pthread_mutex_unlock(&import->lock);
	return found;
}

static enum error
wait_for_all(struct import *import)
{
	pthread_mutex_lock(&import->lock);
	for (size_t i = 0; i < BLOCKS_IN_FLIGHT; i++)
		while (import->blocks[i].in_flight)
			pthread_cond_wait(&import->ended, &import->lock);
	enum error e = import->failed;

	pthread_mutex_unlock(&import->lock);
	return e;
}

static enum error
submit_block(struct import *import, struct block *block)
{
	pthread_mutex_lock(&import->lock);
	enum error e = import->failed;

	block->in_flight = e == OK;
	pthread_mutex_unlock(&import->lock);
	if (e != OK)
		return e;
	block->job = (struct job){ .run = run_block, .done = block_done, .dry_run = import->options.dry_run };
	e = writer_submit(registry_writer(import->options.registry), &block->job);
	if (e != OK)
		block->in_flight = false; /* not taken: nobody else sees it */
	return e;
}

/* About as many as rows. */
static uint64_t
count_lines(const struct import *import)
{
	const char *at = import->text, *end = import->text + import->bytes;
	uint64_t count = 0;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		at++;
		count++;
	}
	return count;
}

static enum error
run_blocks(struct import *import, void (*progress)(void *, uint64_t, uint64_t), void *context)
{
	uint64_t nr = 0, total = count_lines(import);
	size_t count = 0;

	do {
		struct block *block = free_block(import);

		TRY(fill_block(import, block, &nr));
		count = block->count;
		if (count == 0)
			break;
		TRY(submit_block(import, block));
		if (progress != NULL)
			progress(context, nr < total ? nr : total, total);
	} while (count > 0);
	import->totals.rows = nr;
	return OK;
}

static int
by_nr(const void *a, const void *b)
{
	const struct import_reject *x = a, *y = b;

	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

enum error
import_run(struct import *import, struct problem *problem,
	   void (*progress)(void *context, uint64_t done, uint64_t total), void *context)
{
	if (import->has_ended)
		return OK;
	enum error e = run_blocks(import, progress, context);
	enum error failed = wait_for_all(import);

	if (import->reject_count > 0)
		qsort(import->rejects, import->reject_count, sizeof(*import->rejects), by_nr);
	if (failed != OK)
		return problem_add_at(problem, failed, NULL, import->failed_line, 0, MSG_IMPORT_STOPPED,
				      (const char *const[3]){ error_name(failed), NULL, NULL });
	if (e != OK)
		return e;
	import->has_ended = true;
	return import->options.dry_run ? OK : run_small(import, run_end);
}

void
import_total(const struct import *import, struct import_totals *ret_totals)
{
	*ret_totals = import->totals;
}

const struct import_reject *
import_rejects(const struct import *import, size_t *ret_count)
{
	*ret_count = import->reject_count;
	return import->rejects;
}
