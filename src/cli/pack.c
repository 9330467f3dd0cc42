/* pack.c - tirkeu pack check, codes, diff, install. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/day.h"
#include "cli/command.h"
#include "cli/open.h"
#include "registry/law.h"
#include "store/schema.h"
#include "text/json.h"

enum error
pack_check_command(struct cli *cli)
{
	AUTO(pack_free) struct pack *pack = NULL;
	AUTO(vetted_pack_free) struct vetted_pack *vetted = NULL;

	TRY(open_pack(cli, cli_word(cli, 0), &pack, &vetted));
	cli_note(cli, SAY_PACK_GOOD, cli_word(cli, 0), NULL);
	return OK;
}

enum error
pack_codes_command(struct cli *cli)
{
	AUTO(pack_report_done) struct pack_report report = { 0 };
	AUTO(pack_free) struct pack *pack = NULL;
	const char *folder = cli_word(cli, 0);
	size_t added = 0;
	char count[24];

	pack_report_init(&report);
	/* Missing numbers are what this command is for: they are no fault here. */
	enum error e = pack_load_uncoded(folder, &report, &pack);
	if (e == ERR_IO && report.count == 0)
		return cli_stop(cli, e, SAY_CANNOT_READ, folder, strerror(errno));
	TRY(open_tell_report(cli, e, &report, false));
	e = pack_codes_write(folder, pack, &added);
	if (e != OK)
		return cli_stop(cli, e, SAY_CANNOT_WRITE, arena_printf(cli->arena, "%s/codes.yaml", folder),
				strerror(errno));
	snprintf(count, sizeof(count), "%zu", added);
	if (cli->json)
		cli_print(cli, "{\"added\":%zu}\n", added);
	else
		cli_note(cli, SAY_CODES_ADDED, count, NULL);
	return OK;
}

/* With --json: {"lines": […], "widens": …}. */
static bool
print_diff(struct cli *cli, const struct pack *from, const struct pack *to)
{
	AUTO(strbuf_done) struct strbuf lines = { 0 };
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	bool widens = false;

	pack_diff(from, to, &lines, &widens);
	if (!cli->json) {
		if (lines.bytes == 0)
			cli_note(cli, SAY_PACK_EQUAL, NULL, NULL);
		else
			cli_print(cli, "%s", lines.text);
		if (widens)
			cli_note(cli, SAY_PACK_WIDENS, NULL, NULL);
		return widens;
	}
	json_open_map(&json);
	json_key(&json, "lines");
	json_open_list(&json);
	for (const char *line = lines.bytes == 0 ? "" : lines.text; *line != '\0';) {
		size_t bytes = strcspn(line, "\n");

		json_text_bytes(&json, line, bytes);
		line += bytes + (line[bytes] == '\n');
	}
	json_close_list(&json);
	json_field_boolean(&json, "widens", widens);
	json_close_map(&json);
	cli_print_json(cli, &out);
	return widens;
}

enum error
pack_diff_command(struct cli *cli)
{
	AUTO(pack_free) struct pack *from = NULL;
	AUTO(pack_free) struct pack *to = NULL;

	TRY(open_pack(cli, cli_word(cli, 0), &from, NULL));
	TRY(open_pack(cli, cli_word(cli, 1), &to, NULL));
	print_diff(cli, from, to);
	return OK;
}

/* ---- install ---- */

static enum error
change_store(struct cli *cli, const struct datadir *dir, const struct pack *pack)
{
	AUTO(pack_report_done) struct pack_report report = { 0 };
	AUTO(db_close) struct db *db = NULL;
	const char *path = datadir_store(dir, cli->arena);

	pack_report_init(&report);
	enum error e = db_open(path, DB_WRITE, &db);
	if (e == OK)
		e = db_set_calendar(db, pack->calendar);
	if (e == OK)
		e = db_begin(db);
	if (e == OK)
		e = schema_install(db, pack, &report);
	if (e == OK)
		e = db_commit(db);
	if (e == OK)
		return OK;
	const char *reason = db == NULL ? error_text(e) : arena_text(cli->arena, db_error_text(db));

	return report.error_count > 0 ? open_tell_report(cli, e, &report, false)
				      : cli_stop(cli, e, SAY_CANNOT_WRITE, path, reason);
}

/* The old pack's registry must be closed before the tables change under it: this opens and closes what it needs. */
static enum error
look_at_old(struct cli *cli, const char *path, const struct pack *pack, bool *ret_same)
{
	AUTO(installation_close) struct installation installation = { 0 };

	/* Opened whole: a store that does not open with its own pack is not given another. */
	TRY(installation_open(cli, path, &installation));
	*ret_same = memcmp(installation.pack->digest, pack->digest, sizeof(pack->digest)) == 0;
	if (*ret_same)
		return OK;
	print_diff(cli, installation.pack, pack);
	if (cli_has(cli, "yes") || cli_confirm(cli, SAY_INSTALL_ASK))
		return OK;
	return cli_stop(cli, ERR_USAGE, SAY_NEEDS_YES, NULL, NULL);
}

/* A new pack is new law: what is found by it is made anew. */
static enum error
evaluate_again(struct cli *cli, const char *path)
{
	AUTO(installation_close) struct installation installation = { 0 };
	struct law_totals totals = { 0 };
	char opened[24], closed[24], day[DAY_TEXT_BYTES];

	TRY(installation_open(cli, path, &installation));
	enum error e = law_evaluate(installation.registry, registry_now(installation.registry), &totals);
	if (e != OK)
		return cli_problem(cli, e, NULL, NULL);
	snprintf(opened, sizeof(opened), "%llu", (unsigned long long)totals.opened);
	snprintf(closed, sizeof(closed), "%llu", (unsigned long long)totals.closed);
	cli_note(cli, SAY_PACK_INSTALLED, installation.pack->name, day_print(installation.pack->edition, day));
	cli_note(cli, SAY_EVALUATED, opened, closed);
	return OK;
}

enum error
pack_install_command(struct cli *cli)
{
	AUTO(pack_free) struct pack *pack = NULL;
	AUTO(vetted_pack_free) struct vetted_pack *vetted = NULL;
	AUTO(datadir_close) struct datadir *dir = NULL;
	const char *path = cli_word(cli, 0), *folder = cli_word(cli, 1);
	bool same = false;

	TRY(open_pack(cli, folder, &pack, &vetted));
	TRY(look_at_old(cli, path, pack, &same));
	if (same) {
		cli_note(cli, SAY_PACK_SAME, NULL, NULL);
		return OK;
	}
	TRY(open_locked(cli, path, &dir));
	if (datadir_keep_pack(dir, folder, pack->digest) != OK)
		return cli_stop(cli, ERR_IO, SAY_CANNOT_WRITE, path, strerror(errno));
	TRY(change_store(cli, dir, pack));
	datadir_close(TAKE(dir));
	return evaluate_again(cli, path);
}
