#include "cli/import_served.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/day.h"
#include "cli/through.h"
#include "http/problem.h"
#include "registry/import_doubles.h"
#include "text/digest.h"
#include "text/json.h"

enum { TRIES_MAX = 60, KEY_DIGEST_BYTES = 12 };

struct run {
	struct served_import *import;
	struct cli *cli;
	struct csv *csv;
	struct import_columns columns;
	struct import_doubles doubles;
	struct input_context context;
	struct arena *arena; /* of one row */
	struct problem problem;
	char digest[2 * KEY_DIGEST_BYTES + 1];
	size_t capacity;
	uint64_t nr;
};

static void
add_reject(struct run *run, const struct import_reject *reject)
{
	struct arena *arena = run->cli->arena;

	*ARENA_PUSH(arena, run->import->rejects, run->import->reject_count, run->capacity) =
		(struct import_reject){ .nr = reject->nr,
					.field = arena_text(arena, reject->field),
					.code = arena_text(arena, reject->code),
					.reason = arena_text(arena, reject->reason) };
	run->import->totals.rejected++;
}

static void
take_digest(struct run *run)
{
	AUTO(digest_free) struct digest *digest = digest_new();
	const struct action *action = run->import->action;
	unsigned char hash[DIGEST_BYTES];

	digest_add(digest, action->reg->name, strlen(action->reg->name) + 1);
	digest_add(digest, action->name, strlen(action->name) + 1);
	digest_add(digest, run->import->text, run->import->bytes);
	digest_finish(digest, hash);
	for (size_t i = 0; i < KEY_DIGEST_BYTES; i++)
		snprintf(run->digest + 2 * i, 3, "%02x", hash[i]);
}

/* ---- one row ---- */

static void
write_input(const struct run *run, const struct field *field, const struct input *input, struct json *json)
{
	if (input->kind == INPUT_VALUE) {
		input_print_json(&run->context, field, input->values, json);
		return;
	}
	json_open_map(json);
	for (size_t i = 0; i < field->resolve_count; i++) {
		json_key(json, field->resolve[i]->name);
		write_input(run, field->resolve[i], &input->resolve[i], json);
	}
	json_close_map(json);
}

static const char *
make_body(const struct run *run, const struct import_row *row)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const struct action *action = run->import->action;

	json_open_map(&json);
	for (size_t i = 0; i < action->arg_count; i++) {
		if (row->inputs[i].kind == INPUT_ABSENT)
			continue;
		json_key(&json, action->args[i].name);
		write_input(run, &action->args[i], &row->inputs[i], &json);
	}
	json_close_map(&json);
	return arena_copy(run->arena, out.text, out.bytes);
}

/* The server's problem details as a reject. */
static struct import_reject
reject_of_answer(const struct run *run, enum error e, const struct node *answer)
{
	const struct node *errors = node_get(answer, "errors");
	size_t count = errors == NULL || errors->kind != NODE_LIST ? 0 : errors->count;
	const char *provision = node_text(answer, "provision"), *fields = "", *reasons = node_text(answer, "detail");
	const char *code = count == 0 ? error_name(e) : node_text(&errors->items[0], "code");

	for (size_t i = 0; i < count; i++) {
		const char *field = node_text(&errors->items[i], "field"),
			   *text = node_text(&errors->items[i], "detail");

		if (field != NULL)
			fields = arena_printf(run->arena, "%s%s%s", fields, *fields == '\0' ? "" : ", ", field);
		if (count == 1 || i == 0)
			reasons = text;
		else
			reasons = arena_printf(run->arena, "%s %s: %s", reasons, field == NULL ? "" : field, text);
	}
	return (struct import_reject){ .nr = run->nr,
				       .field = fields,
				       .code = provision != NULL ? provision : code,
				       .reason = reasons != NULL ? reasons : problem_title(e, run->cli->language) };
}

static enum error
take_answer(struct run *run, const struct client_call *call)
{
	const struct node *answer = NULL;
	const char *type = NULL;

	if (node_parse_json(run->arena, call->answer.text, call->answer.bytes, NULL, &answer) != OK)
		return cli_stop(run->cli, ERR_FAULT, SAY_BAD_ANSWER, NULL, NULL);
	if (call->status < 300) {
		run->import->totals.done++;
		run->import->totals.waiting += call->status == 202;
		return OK;
	}
	type = node_text(answer, "type");
	enum error e =
		type == NULL || strrchr(type, '/') == NULL ? ERROR_COUNT : problem_by_name(strrchr(type, '/') + 1);

	if (e == ERROR_COUNT || error_http(e) >= 500)
		return cli_stop(run->cli, ERR_FAULT, SAY_BAD_ANSWER, NULL, NULL);
	struct import_reject reject = reject_of_answer(run, e, answer);

	add_reject(run, &reject);
	return OK;
}

static const char *
path_of(struct run *run, const struct import_row *row)
{
	const struct action *action = run->import->action;
	const char *query = arena_printf(run->arena, "lang=%s%s", language_name(run->cli->language),
					 run->import->dry_run ? "&dry_run=true" : "");

	if (row->record == NULL)
		return arena_printf(run->arena, "/api/registers/%s/%s?%s", action->reg->name, action->name, query);
	return arena_printf(run->arena, "/api/registers/%s/%s/%s?%s", action->reg->name,
			    through_encode(run->cli, row->record), action->name, query);
}

/* A busy server is asked again: nothing of the row was done. */
static enum error
send_row(struct run *run, const struct import_row *row)
{
	const struct timespec pause = { .tv_sec = 1 };

	for (int tries = 0; tries < TRIES_MAX; tries++) {
		AUTO(client_call_done)
		struct client_call call = { .socket_path = datadir_socket(run->import->through->dir, run->arena),
					    .method = "POST",
					    .path = path_of(run, row),
					    .body = make_body(run, row) };

		call.headers[0] = arena_printf(run->arena, "Idempotency-Key: import-%s-%llu", run->digest,
					       (unsigned long long)run->nr);
		enum error e = client_run(&call);

		if (e != OK)
			return cli_stop(run->cli, ERR_BUSY, SAY_NOT_SERVED, run->import->through->path, NULL);
		if (call.status != 429 && call.status != 503)
			return take_answer(run, &call);
		nanosleep(&pause, NULL);
	}
	return cli_stop(run->cli, ERR_BUSY, SAY_NOT_SERVED, run->import->through->path, NULL);
}

static enum error
run_row(struct run *run, enum error e, const struct csv_row *csv_row)
{
	struct import_row row = { 0 };

	if (e == OK) {
		int line = import_doubles_take(&run->doubles, csv_row);

		if (line != 0)
			e = problem_add(&run->problem, ERR_BAD_INPUT, NULL, MSG_CSV_DOUBLE,
					arena_printf(run->arena, "%d", line), NULL);
	}
	if (e == OK)
		e = import_row_read(&run->context, &run->columns, csv_row, &run->problem, &row);
	if (e == OK)
		return send_row(run, &row);
	struct import_reject reject =
		import_reject_of(run->import->pack, run->cli->language, run->arena, run->nr, &run->problem, e);

	add_reject(run, &reject);
	return OK;
}

static enum error
run_rows(struct run *run)
{
	struct csv_row row;
	enum error e = OK;

	for (;;) {
		arena_reset(run->arena);
		problem_init(&run->problem, run->arena);
		e = csv_next(run->csv, &run->problem, &row);
		if (e == ERR_NOT_FOUND)
			return OK;
		run->nr++;
		TRY(run_row(run, e, &row));
		run->import->totals.rows = run->nr;
		cli_progress(run->cli, run->import->action->reg->name, run->nr, 0);
	}
}

/* Keys of other systems are kept and read by an import that has the store to itself. */
static enum error
check_keys(struct run *run)
{
	for (size_t i = 0; i < run->columns.count; i++)
		if (run->columns.items[i].kind == CELL_KEY || run->columns.items[i].kind == CELL_RECORD_KEY)
			return cli_stop(run->cli, ERR_BUSY, SAY_IMPORT_KEYS, run->columns.items[i].name, NULL);
	return OK;
}

static enum error
read_header(struct run *run)
{
	struct csv_row header;

	problem_init(&run->problem, run->cli->arena);
	enum error e = csv_next(run->csv, &run->problem, &header);

	if (e == ERR_NOT_FOUND)
		e = problem_add(&run->problem, ERR_BAD_INPUT, NULL, MSG_TEXT_EMPTY, NULL, NULL);
	if (e == OK)
		e = import_columns_read(run->cli->arena, run->import->action, &header, NULL, &run->problem,
					&run->columns);
	return e == OK ? check_keys(run) : cli_problem(run->cli, e, &run->problem, NULL);
}

static enum error
run_with_keys(struct run *run)
{
	AUTO(zone_free) struct zone *zone = NULL;
	AUTO(reference_key_free) struct reference_key *references = NULL;
	const struct datadir *dir = run->import->through->dir;
	struct datadir_keys keys;

	if (datadir_keys(dir, &keys) != OK)
		return cli_stop(run->cli, ERR_DAMAGED, SAY_KEYS, datadir_path(dir, run->cli->arena, "keys"), NULL);
	references = reference_key_new(keys.reference);
	explicit_bzero(&keys, sizeof(keys));
	TRY(zone_open(run->import->pack->time_zone, &zone));
	run->context = (struct input_context){ .pack = run->import->pack,
					       .references = references,
					       .zone = zone,
					       .arena = run->arena,
					       .today = zone_day(zone, instant_now()),
					       .loose = true };
	TRY(read_header(run));
	return run_rows(run);
}

enum error
import_served_run(struct served_import *import)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(csv_free) struct csv *csv = csv_new(import->text, import->bytes);
	struct run run = {
		.import = import, .cli = import->cli, .csv = csv, .arena = arena, .doubles = { .text = import->text }
	};

	take_digest(&run);
	enum error e = run_with_keys(&run);

	import_doubles_done(&run.doubles);
	cli_progress_end(import->cli);
	return e;
}
