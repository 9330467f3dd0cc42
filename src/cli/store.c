/* store.c - tirkeu backup, restore, clock: the store as a whole. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/through.h"
#include "http/problem.h"
#include "ledger/durable.h"
#include "ledger/table.h"
#include "store/schema.h"
#include "text/json.h"

static const char *
number(struct cli *cli, uint64_t n)
{
	return arena_printf(cli->arena, "%llu", (unsigned long long)n);
}

/* ERR_DAMAGED was said. */
static enum error
verify_ledger(struct cli *cli, const struct datadir *dir, struct db *db, uint64_t *ret_size,
	      unsigned char ret_root[static LEDGER_HASH_BYTES])
{
	AUTO(data_keys_free) struct data_keys *keys = NULL;
	uint64_t bad = 0;

	TRY(open_data_keys(cli, dir, &keys));
	AUTO(query_free) struct query *hidden = table_hidden(db, 0, INT64_MAX);

	if (keys == NULL && query_step(hidden) == OK)
		return cli_stop(cli, ERR_DATA_KEYS, SAY_DATA_KEYS, datadir_path(dir, cli->arena, "keys/data.keys"),
				NULL);
	enum error e = ledger_verify(db, keys, ret_size, ret_root, &bad);

	if (e == ERR_DAMAGED)
		return cli_stop(cli, e, SAY_LEDGER_DAMAGED, number(cli, bad), NULL);
	return e == OK ? OK : cli_problem(cli, e, NULL, NULL);
}

/* ---- backup and restore ---- */

static enum error
copy_store(struct cli *cli, const char *from, const char *to)
{
	AUTO(db_close) struct db *db = NULL;

	enum error e = db_open(from, DB_READ, &db);
	if (e != OK)
		return cli_stop(cli, e, SAY_CANNOT_READ, from, problem_title(e, cli->language));
	errno = 0;
	e = db_backup(db, to);
	if (e == OK)
		e = durable_settle(to);
	if (e == ERR_DUPLICATE)
		return cli_stop(cli, e, SAY_FILE_THERE, to, NULL);
	return e == OK ? OK
		       : cli_stop(cli, e, SAY_CANNOT_WRITE, to,
				  e == ERR_IO && errno != 0 ? strerror(errno) : problem_title(e, cli->language));
}

enum error
backup_command(struct cli *cli)
{
	AUTO(datadir_close) struct datadir *dir = NULL;
	const char *to = cli_word(cli, 1);

	TRY(open_datadir(cli, cli_word(cli, 0), &dir));
	TRY(copy_store(cli, datadir_store(dir, cli->arena), to));
	cli_note(cli, SAY_BACKED_UP, to, datadir_path(dir, cli->arena, "keys"));
	return OK;
}

/* A backup of this very store: same ledger, and sound, pages and indexes too. */
static enum error
check_backup(struct cli *cli, const struct datadir *dir, const char *file, uint64_t *ret_size)
{
	AUTO(db_close) struct db *db = NULL;
	unsigned char root[LEDGER_HASH_BYTES];
	const char *origin = NULL;

	TRY(open_origin(cli, dir, &origin));
	if (access(file, R_OK) != 0)
		return cli_stop(cli, ERR_NOT_FOUND, SAY_CANNOT_READ, file, strerror(errno));
	if (db_open(file, DB_READ, &db) != OK)
		return cli_stop(cli, ERR_BAD_INPUT, SAY_NOT_BACKUP, file, NULL);
	AUTO(query_free) struct query *query = db_query(db, "SELECT value FROM meta WHERE key = 'origin'");

	if (query_one(query) != OK || strcmp(column_text(query, 0), origin) != 0)
		return cli_stop(cli, ERR_BAD_INPUT, SAY_NOT_BACKUP, file, NULL);
	TRY(open_check_keys(cli, dir, db));
	enum error e = db_check(db);

	if (e != OK)
		return cli_stop(cli, e, SAY_CANNOT_READ, file, problem_title(e, cli->language));
	return verify_ledger(cli, dir, db, ret_size, root);
}

/* At every moment, also of a power cut, there is a store under its name: the old one, then the new one. */
static enum error
change_names(struct cli *cli, const char *fresh, const char *store)
{
	const char *old = arena_printf(cli->arena, "%s.old", store);

	if (unlink(old) != 0 && errno != ENOENT)
		return ERR_IO;
	if (link(store, old) != 0 || rename(fresh, store) != 0)
		return ERR_IO;
	return durable_settle(store);
}

/* What the database keeps beside its file belongs to the old one. */
static enum error
replace_store(struct cli *cli, const struct datadir *dir, const char *fresh)
{
	const char *store = datadir_store(dir, cli->arena);
	const char *const beside[] = { arena_printf(cli->arena, "%s-wal", store),
				       arena_printf(cli->arena, "%s-shm", store) };

	for (size_t i = 0; i < ARRAY_COUNT(beside); i++)
		if (unlink(beside[i]) != 0 && errno != ENOENT)
			return cli_stop(cli, ERR_IO, SAY_CANNOT_WRITE, beside[i], strerror(errno));
	if (change_names(cli, fresh, store) != OK)
		return cli_stop(cli, ERR_IO, SAY_CANNOT_WRITE, store, strerror(errno));
	return OK;
}

/* Opening and closing for writing moves the log into the file, so that nothing of the old store is lost with it. */
static enum error
settle_store(struct cli *cli, const struct datadir *dir)
{
	AUTO(db_close) struct db *db = NULL;
	int64_t pages = 0;

	enum error e = db_open(datadir_store(dir, cli->arena), DB_WRITE, &db);
	if (e == OK)
		e = db_checkpoint(db, &pages);
	return e == OK ? OK
		       : cli_stop(cli, e, SAY_CANNOT_READ, datadir_store(dir, cli->arena),
				  problem_title(e, cli->language));
}

/* What was published cannot be unsaid: under an older store the log stays as it is, for good (docs/operating.md). */
static enum error
tell_published(struct cli *cli, const struct datadir *dir, uint64_t size)
{
	AUTO(tlog_close) struct tlog *tlog = NULL;
	struct checkpoint checkpoint;
	const char *origin = NULL, *folder = datadir_path(dir, cli->arena, "tlog");

	TRY(open_origin(cli, dir, &origin));
	enum error e = tlog_open(folder, origin, &tlog);
	if (e != OK)
		return cli_stop(cli, e, SAY_CANNOT_READ, folder, problem_title(e, cli->language));
	if (tlog_published(tlog, &checkpoint) && checkpoint.size > size)
		cli_note(cli, SAY_RESTORE_OLDER, number(cli, checkpoint.size), number(cli, size));
	return OK;
}

enum error
restore_command(struct cli *cli)
{
	AUTO(datadir_close) struct datadir *dir = NULL;
	const char *file = cli_word(cli, 1);
	uint64_t size = 0;

	TRY(open_locked(cli, cli_word(cli, 0), &dir));
	TRY(check_backup(cli, dir, file, &size));
	TRY(tell_published(cli, dir, size));
	if (!cli_has(cli, "yes") && !cli_confirm(cli, SAY_RESTORE_ASK))
		return cli_stop(cli, ERR_USAGE, SAY_NEEDS_YES, NULL, NULL);
	const char *fresh = arena_printf(cli->arena, "%s.new", datadir_store(dir, cli->arena));

	IGNORE(unlink(fresh)); /* of a restore that was cut short */
	TRY(copy_store(cli, file, fresh));
	TRY(settle_store(cli, dir));
	TRY(replace_store(cli, dir, fresh));
	cli_note(cli, SAY_RESTORED, file, number(cli, size));
	return OK;
}

/* ---- the clock of a demo ---- */

static enum error
read_clock(struct cli *cli, const struct through *through, const struct node **ret_answer)
{
	return through_run(cli, through, &(struct through_call){ .method = "GET", .path = "/api/demo/clock" },
			   ret_answer);
}

/* Days and instants that are written year first compare as texts. */
static enum error
move_clock(struct cli *cli, const struct through *through, const char *to, const struct node **ret_answer)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const char *today = node_text(*ret_answer, "today");

	if (today != NULL && strlen(to) >= strlen(today) && strncmp(to, today, strlen(today)) < 0)
		return cli_stop(cli, ERR_BAD_INPUT, SAY_CLOCK_BACK, NULL, NULL);
	json_open_map(&json);
	json_field_text(&json, "to", to);
	json_close_map(&json);
	const struct through_call call = { .method = "POST", .path = "/api/demo/clock", .body = out.text };

	return through_run(cli, through, &call, ret_answer);
}

enum error
clock_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	const struct node *answer = NULL;
	const char *to = cli_option(cli, "to"), *origin = NULL;

	TRY(through_open_console(cli, cli_word(cli, 0), &through));
	TRY(open_origin(cli, through.dir, &origin));
	if (strcmp(origin, DEMO_ORIGIN) != 0)
		return cli_stop(cli, ERR_FORBIDDEN, SAY_NOT_DEMO, NULL, NULL);
	TRY(read_clock(cli, &through, &answer));
	if (to != NULL)
		TRY(move_clock(cli, &through, to, &answer));
	const char *now = node_text(answer, "now"), *runs = node_text(answer, "runs");

	if (cli->json || now == NULL)
		through_print(cli, answer);
	else
		cli_print(cli, "%s\n", say_text(cli, SAY_CLOCK_AT, now, runs == NULL ? "0" : runs));
	return OK;
}
