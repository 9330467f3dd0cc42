/* install.c - tirkeu pack install: a new edition over living data. The copy of the pack is made first, then one
 * transaction changes the tables and names the edition; until it is committed the old one is in use, whatever happens.
 * What the engine has to do with the data afterwards is marked in the store and done by whoever opens it next. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/day.h"
#include "cli/command.h"
#include "cli/open.h"
#include "http/problem.h"
#include "registry/clock.h"
#include "store/schema.h"
#include "text/json.h"

/* ---- two administrators ---- */

enum { APPROVERS_NEEDED = 2, ACCOUNTS_AT_ONCE = 200 };

static bool
may_approve(const struct account_row *row)
{
	for (size_t i = 0; i < row->role_count; i++)
		if ((row->roles[i].role->can & CAN_PACK) != 0)
			return row->closed_at == 0 && row->is_activated;
	return false;
}

static enum error
has_approvers(struct cli *cli, const struct registry *registry, bool *ret_has)
{
	AUTO(db_close) struct db *db = NULL;
	const struct account_row *rows = NULL;
	size_t count = ACCOUNTS_AT_ONCE;
	int64_t after = 0;

	TRY(registry_reader(registry, &db));
	*ret_has = false;
	while (count == ACCOUNTS_AT_ONCE && !*ret_has) {
		TRY(account_list(registry_access(registry), db, cli->arena, after, ACCOUNTS_AT_ONCE, &rows, &count));
		for (size_t i = 0; i < count; i++)
			*ret_has = *ret_has || may_approve(&rows[i]);
		after = count == 0 ? after : rows[count - 1].account;
	}
	return OK;
}

/* Signs in and out again: the audit log keeps both. */
static enum error
approve(struct cli *cli, const struct registry *registry, const char *name, int64_t *ret_account)
{
	struct access *access = registry_access(registry);
	struct session_grant grant;
	struct actor actor;
	struct problem problem;
	const char *secret = NULL;
	int64_t now = instant_now();

	problem_init(&problem, cli->arena);
	cli_note(cli, SAY_APPROVER, name, NULL);
	TRY(cli_secret(cli, SAY_PASSWORD, false, &secret));
	enum error e = session_open(access, name, secret, "console", now, &problem, &grant);
	if (e != OK)
		return cli_problem(cli, e, &problem, NULL);
	e = session_actor(access, grant.token, NULL, "console", now, &actor);
	if (e == OK)
		e = session_close(access, grant.token, now);
	if (e != OK)
		return cli_problem(cli, e, NULL, NULL);
	*ret_account = actor.account;
	return actor_can(&actor, CAN_PACK) ? OK : cli_stop(cli, ERR_FORBIDDEN, SAY_APPROVER_MAY_NOT, name, NULL);
}

/* --approve NAME,NAME. A demonstration needs none, nor does a store that has nobody yet who could. */
static enum error
approve_all(struct cli *cli, const struct installation *installation)
{
	const char *names = cli_option(cli, "approve");
	int64_t accounts[APPROVERS_NEEDED] = { 0 };
	bool needed = false;

	if (!installation->demo)
		TRY(has_approvers(cli, installation->registry, &needed));
	if (!needed)
		return OK;
	const char *comma = names == NULL ? NULL : strchr(names, ',');

	if (comma == NULL || strchr(comma + 1, ',') != NULL)
		return cli_stop(cli, ERR_USAGE, SAY_APPROVE_TWO, NULL, NULL);
	TRY(approve(cli, installation->registry, arena_copy(cli->arena, names, (size_t)(comma - names)), &accounts[0]));
	TRY(approve(cli, installation->registry, comma + 1, &accounts[1]));
	return accounts[0] != accounts[1] ? OK : cli_stop(cli, ERR_USAGE, SAY_APPROVE_TWO, NULL, NULL);
}

/* ---- may it come at all? ---- */

/* Numbers that ledgers were written with must go on meaning the same. */
static enum error
compare_codes(struct cli *cli, const struct pack *before, const struct pack *after)
{
	AUTO(pack_report_done) struct pack_report report = { 0 };

	pack_report_init(&report);
	pack_codes_compare(before, after, &report);
	return report.error_count == 0 ? OK : open_tell_report(cli, ERR_CONFLICT, &report, false);
}

static enum error
say_yes(struct cli *cli, const char *option, enum say question, enum say needed)
{
	if (cli_has(cli, option) || cli_confirm(cli, question))
		return OK;
	return cli_stop(cli, ERR_USAGE, needed, NULL, NULL);
}

static enum error
agree(struct cli *cli, const struct installation *old, const struct pack *pack)
{
	AUTO(strbuf_done) struct strbuf lines = { 0 };
	bool widens = false;

	TRY(compare_codes(cli, old->pack, pack));
	pack_diff(old->pack, pack, &lines, &widens);
	if (!cli->json)
		cli_print(cli, "%s", lines.bytes == 0 ? "" : lines.text);
	if (widens) {
		cli_note(cli, SAY_PACK_WIDENS, NULL, NULL);
		TRY(say_yes(cli, "widen", SAY_WIDEN_ASK, SAY_NEEDS_WIDEN));
	}
	TRY(say_yes(cli, "yes", SAY_INSTALL_ASK, SAY_NEEDS_YES));
	return approve_all(cli, old);
}

/* ---- the change ---- */

/* What was due under the old edition happens by it. */
static enum error
finish_old(struct cli *cli, struct installation *old)
{
	uint64_t runs = 0;
	enum error e = clock_run(old->registry, registry_now(old->registry), &runs);

	registry_close(TAKE(old->registry));
	return e == OK ? OK : cli_problem(cli, e, NULL, NULL);
}

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
	const char *reason = db == NULL ? problem_title(e, cli->language) : arena_text(cli->arena, db_error_text(db));

	return report.error_count > 0 ? open_tell_report(cli, e, &report, false)
				      : cli_stop(cli, e, SAY_CANNOT_WRITE, path, reason);
}

static void
tell_installed(struct cli *cli, const struct installation *installation)
{
	char opened[24], closed[24], day[DAY_TEXT_BYTES];

	day_print(installation->pack->edition, day);
	snprintf(opened, sizeof(opened), "%llu", (unsigned long long)installation->totals.opened);
	snprintf(closed, sizeof(closed), "%llu", (unsigned long long)installation->totals.closed);
	if (cli->json) {
		cli_print(cli, "{\"pack\":\"%s\",\"edition\":\"%s\",\"opened\":%s,\"closed\":%s}\n",
			  installation->pack->name, day, opened, closed);
		return;
	}
	cli_note(cli, SAY_PACK_INSTALLED, installation->pack->name, day);
	cli_note(cli, SAY_EVALUATED, opened, closed);
}

/* The lock is held all the while, so that nobody acts between two editions. */
static enum error
install(struct cli *cli, struct installation *installation, const char *folder, struct pack **pack,
	struct vetted_pack **vetted)
{
	TRY(finish_old(cli, installation));
	if (datadir_keep_pack(installation->dir, folder, (*pack)->digest) != OK)
		return cli_stop(cli, ERR_IO, SAY_CANNOT_WRITE,
				datadir_pack(installation->dir, cli->arena, (*pack)->digest), strerror(errno));
	TRY(change_store(cli, installation->dir, *pack));
	vetted_pack_free(installation->vetted);
	installation->vetted = TAKE(*vetted);
	pack_free(installation->pack);
	installation->pack = TAKE(*pack);
	return installation_start(cli, installation);
}

enum error
pack_install_command(struct cli *cli)
{
	AUTO(pack_free) struct pack *pack = NULL;
	AUTO(vetted_pack_free) struct vetted_pack *vetted = NULL;
	AUTO(installation_close) struct installation installation = { 0 };
	const char *path = cli_word(cli, 0), *folder = cli_word(cli, 1);

	TRY(open_pack(cli, folder, &pack, &vetted));
	/* Opened whole: a store that does not open with its own pack is not given another. */
	TRY(installation_open(cli, path, &installation));
	if (memcmp(installation.pack->digest, pack->digest, sizeof(pack->digest)) == 0) {
		if (installation.settled)
			tell_installed(cli, &installation);
		else
			cli_note(cli, SAY_PACK_SAME, NULL, NULL);
		return OK;
	}
	TRY(agree(cli, &installation, pack));
	TRY(install(cli, &installation, folder, &pack, &vetted));
	tell_installed(cli, &installation);
	return OK;
}
