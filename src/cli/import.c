/* import.c - tirkeu import: a CSV of rows into the store, rejects into a file beside it (docs/import.md). */
#include "registry/import.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/command.h"
#include "cli/import_served.h"
#include "cli/open.h"
#include "cli/reject.h"
#include "cli/through.h"
#include "text/json.h"

static const size_t FILE_BYTES_MAX = (size_t)4 << 30;

struct run {
	struct cli *cli;
	const char *file;
	const char *text;
	size_t bytes;
	const char *reject_path;
	struct import_options options;
	struct import_totals totals;
	const struct import_reject *rejects;
	size_t reject_count;
};

static const char *
names_of_registers(struct cli *cli, const struct pack *pack)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t i = 0; i < pack->reg_count; i++)
		strbuf_printf(&out, "%s%s", i > 0 ? ", " : "", pack->regs[i].name);
	return arena_copy(cli->arena, out.text, out.bytes);
}

static const char *
names_of_actions(struct cli *cli, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t i = 0; i < reg->action_count; i++)
		strbuf_printf(&out, "%s%s", i > 0 ? ", " : "", reg->actions[i].name);
	return arena_copy(cli->arena, out.text, out.bytes);
}

static enum error
find_action(struct run *run, const struct pack *pack)
{
	struct cli *cli = run->cli;
	const struct reg *reg = pack_reg(pack, cli_word(cli, 1));

	if (reg == NULL)
		return cli_stop(cli, ERR_NOT_FOUND, SAY_NO_REGISTER, cli_word(cli, 1), names_of_registers(cli, pack));
	run->options.action = reg_action(reg, cli_word(cli, 2));
	if (run->options.action == NULL)
		return cli_stop(cli, ERR_NOT_FOUND, SAY_NO_ACTION, cli_word(cli, 2), names_of_actions(cli, reg));
	return OK;
}

static void
show_progress(void *context, uint64_t done, uint64_t total)
{
	struct run *run = context;

	cli_progress(run->cli, run->file, done, total);
}

/* ---- what came of it ---- */

/* Rejects of one kind. */
struct kind {
	const char *field, *code;
	uint64_t count;
};

static int
by_count(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;
	int order = x->count > y->count ? -1 : x->count < y->count;

	order = order != 0 ? order : strcmp(x->code, y->code);
	return order != 0 ? order : strcmp(x->field, y->field);
}

static size_t
count_kinds(const struct run *run, struct kind **ret_kinds)
{
	const struct import_reject *rejects = run->rejects;
	size_t count = 0, capacity = 0;
	struct kind *kinds = NULL;

	for (size_t i = 0; i < run->reject_count; i++) {
		size_t k = 0;

		while (k < count &&
		       (strcmp(kinds[k].code, rejects[i].code) != 0 || strcmp(kinds[k].field, rejects[i].field) != 0))
			k++;
		if (k == count)
			*ARENA_PUSH(run->cli->arena, kinds, count, capacity) =
				(struct kind){ .field = rejects[i].field, .code = rejects[i].code };
		kinds[k].count++;
	}
	if (count > 0)
		qsort(kinds, count, sizeof(*kinds), by_count);
	*ret_kinds = kinds;
	return count;
}

static const char *
number(struct cli *cli, uint64_t count)
{
	return arena_printf(cli->arena, "%llu", (unsigned long long)count);
}

static void
tell_json(const struct run *run)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const struct import_totals *totals = &run->totals;
	struct kind *kinds = NULL;
	size_t count = count_kinds(run, &kinds);

	json_open_map(&json);
	json_field_text(&json, "file", run->file);
	json_field_boolean(&json, "dry_run", run->options.dry_run);
	json_field_integer(&json, "rows", (int64_t)totals->rows);
	json_field_integer(&json, "done", (int64_t)totals->done);
	json_field_integer(&json, "waiting", (int64_t)totals->waiting);
	json_field_integer(&json, "rejected", (int64_t)totals->rejected);
	json_field_integer(&json, "tried_before", (int64_t)totals->skipped);
	json_field_boolean(&json, "ended_before", totals->ended_before);
	json_field_text(&json, "reject_file", totals->rejected > 0 ? run->reject_path : NULL);
	json_key(&json, "reasons");
	json_open_list(&json);
	for (size_t i = 0; i < count; i++) {
		json_open_map(&json);
		json_field_text(&json, "column", kinds[i].field);
		json_field_text(&json, "reason", kinds[i].code);
		json_field_integer(&json, "count", (int64_t)kinds[i].count);
		json_close_map(&json);
	}
	json_close_list(&json);
	json_close_map(&json);
	cli_print_json(run->cli, &out);
}

static void
tell(const struct run *run)
{
	struct cli *cli = run->cli;
	const struct import_totals totals = run->totals;
	struct kind *kinds = NULL;

	if (cli->json) {
		tell_json(run);
		return;
	}
	if (totals.ended_before)
		cli_note(cli, SAY_IMPORT_ENDED, NULL, NULL);
	else if (totals.skipped > 0)
		cli_note(cli, SAY_IMPORT_GOES_ON, number(cli, totals.skipped + 1), NULL);
	cli_print(cli, "%s\n",
		  say_text(cli, run->options.dry_run ? SAY_IMPORT_WOULD : SAY_IMPORT_DONE, number(cli, totals.rows),
			   number(cli, totals.done)));
	if (totals.waiting > 0)
		cli_print(cli, "%s\n", say_text(cli, SAY_IMPORT_WAITING, number(cli, totals.waiting), NULL));
	if (totals.rejected == 0)
		return;
	cli_print(cli, "%s\n", say_text(cli, SAY_IMPORT_REJECTED, number(cli, totals.rejected), run->reject_path));
	size_t count = count_kinds(run, &kinds);
	for (size_t i = 0; i < count; i++)
		cli_print(cli, "%8llu  %s  %s\n", (unsigned long long)kinds[i].count, kinds[i].code, kinds[i].field);
}

static enum error
write_rejects(const struct run *run)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	if (run->reject_count == 0)
		return OK;
	reject_print(run->text, run->bytes, run->rejects, run->reject_count, &out);
	enum error e = reject_write_file(run->reject_path, &out);
	return e == OK ? OK : cli_stop(run->cli, e, SAY_CANNOT_WRITE, run->reject_path, strerror(errno));
}

/* Exit code 1 when anything was rejected. */
static enum error
finish(const struct run *run)
{
	TRY(write_rejects(run));
	tell(run);
	if (run->reject_count == 0)
		return OK;
	run->cli->said = true;
	return ERR_BAD_INPUT;
}

static enum error
run_alone(struct run *run)
{
	AUTO(installation_close) struct installation installation = { 0 };
	AUTO(import_free) struct import *import = NULL;
	struct problem problem;

	problem_init(&problem, run->cli->arena);
	TRY(installation_open(run->cli, cli_word(run->cli, 0), &installation));
	run->options.registry = installation.registry;
	TRY(find_action(run, installation.pack));
	enum error e = import_open(&run->options, run->text, run->bytes, &problem, &import);

	if (e == OK)
		e = import_run(import, &problem, show_progress, run);
	cli_progress_end(run->cli);
	if (e != OK)
		return cli_problem(run->cli, e, &problem, installation.registry);
	import_total(import, &run->totals);
	run->rejects = import_rejects(import, &run->reject_count);
	return finish(run);
}

static enum error
run_served(struct run *run, const struct through *through)
{
	AUTO(pack_free) struct pack *pack = NULL;
	struct served_import served = { .cli = run->cli,
					.through = through,
					.text = run->text,
					.bytes = run->bytes,
					.dry_run = run->options.dry_run };

	TRY(open_installed_pack(run->cli, through->dir, &pack, NULL));
	TRY(find_action(run, pack));
	if (run->options.key != NULL)
		return cli_stop(run->cli, ERR_BUSY, SAY_IMPORT_KEYS, "--key", NULL);
	served.pack = pack;
	served.action = run->options.action;
	TRY(import_served_run(&served));
	run->totals = served.totals;
	run->rejects = served.rejects;
	run->reject_count = served.reject_count;
	return finish(run);
}

static bool
is_served(struct cli *cli, const struct through *through)
{
	AUTO(client_call_done)
	struct client_call call = { .socket_path = datadir_socket(through->dir, cli->arena),
				    .method = "GET",
				    .path = "/healthz",
				    .timeout_seconds = 30 };

	return client_run(&call) == OK;
}

enum error
import_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	struct run run = { .cli = cli, .file = cli_word(cli, 3), .reject_path = cli_option(cli, "reject") };

	if (run.reject_path == NULL)
		run.reject_path = arena_printf(cli->arena, "%s.rejected.csv", run.file);
	if (strcmp(run.reject_path, run.file) == 0)
		return cli_stop(cli, ERR_USAGE, SAY_FILE_THERE, run.file, NULL);
	TRY(cli_read(cli, run.file, FILE_BYTES_MAX, &run.text, &run.bytes));
	run.options = (struct import_options){ .key = cli_option(cli, "key"),
					       .language = cli->language,
					       .dry_run = cli_has(cli, "dry-run"),
					       .again = cli_has(cli, "again") };
	actor_console(&run.options.actor);
	TRY(through_open_nobody(cli, cli_word(cli, 0), &through));
	return is_served(cli, &through) ? run_served(&run, &through) : run_alone(&run);
}
