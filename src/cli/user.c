/* user.c - tirkeu user: accounts, as the administrator of this machine. All but passwords goes by the routes that
 * administrators use over HTTP, so there is one set of checks. */
#include <stdio.h>
#include <string.h>
#include "base/day.h"
#include "cli/command.h"
#include "cli/through.h"
#include "text/json.h"

/* ROLE[@PLACE][:PARTY] */
struct role_text {
	const char *role, *place, *party;
};

static struct role_text
split_role(struct cli *cli, const char *text)
{
	struct role_text parts = { 0 };
	size_t bytes = strcspn(text, "@:");

	parts.role = arena_copy(cli->arena, text, bytes);
	if (text[bytes] == '@') {
		text += bytes + 1;
		bytes = strcspn(text, ":");
		parts.place = arena_copy(cli->arena, text, bytes);
	}
	if (text[bytes] == ':')
		parts.party = arena_text(cli->arena, text + bytes + 1);
	return parts;
}

static const char *
join_roles(struct cli *cli, const struct pack *pack)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t i = 0; i < pack->role_count; i++)
		strbuf_printf(&out, "%s%s", i == 0 ? "" : ", ", pack->roles[i].name);
	return arena_copy(cli->arena, out.bytes == 0 ? "" : out.text, out.bytes);
}

/* Told here because the names at hand help; the server checks again. */
static enum error
check_role(struct cli *cli, const struct datadir *dir, const struct role_text *text)
{
	AUTO(pack_free) struct pack *pack = NULL;

	TRY(open_installed_pack(cli, dir, &pack, NULL));
	const struct role *role = pack_role(pack, text->role);

	if (role == NULL)
		return cli_stop(cli, ERR_BAD_INPUT, SAY_NO_ROLE, text->role, join_roles(cli, pack));
	if (role->territory && text->place == NULL)
		return cli_stop(cli, ERR_BAD_INPUT, SAY_ROLE_PLACE, text->role, NULL);
	if (!role->territory && text->place != NULL)
		return cli_stop(cli, ERR_BAD_INPUT, SAY_ROLE_NO_PLACE, text->role, NULL);
	if (text->place != NULL && pack_place_id(pack, text->place) == 0)
		return cli_stop(cli, ERR_BAD_INPUT, SAY_NO_PLACE, text->place, NULL);
	return OK;
}

static void
write_role(const struct role_text *text, struct json *json)
{
	json_open_map(json);
	json_field_text(json, "role", text->role);
	if (text->place != NULL)
		json_field_text(json, "place", text->place);
	if (text->party != NULL)
		json_field_text(json, "party", text->party);
	json_close_map(json);
}

static const char *
account_path(struct cli *cli, const char *behind)
{
	return arena_printf(cli->arena, "/api/accounts/%s%s", through_encode(cli, cli_word(cli, 1)), behind);
}

static void
tell_code(struct cli *cli, const struct node *answer)
{
	const char *code = node_text(answer, "code");

	if (cli->json)
		through_print(cli, answer);
	else if (code != NULL)
		cli_print(cli, "%s\n", say_text(cli, SAY_ACCOUNT_CODE, cli_word(cli, 1), code));
}

/* One call that answers nothing worth printing. */
static enum error
call_once(struct cli *cli, const struct through_call *call)
{
	AUTO(through_close) struct through through = { 0 };

	TRY(through_open_console(cli, cli_word(cli, 0), &through));
	TRY(through_run(cli, &through, call, NULL));
	cli_note(cli, SAY_DONE, NULL, NULL);
	return OK;
}

enum error
user_add_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const char *role = cli_option(cli, "role"), *party = cli_option(cli, "party"), *secret = NULL;
	const struct node *answer = NULL;

	TRY(through_open_console(cli, cli_word(cli, 0), &through));
	const struct role_text text = split_role(cli, role == NULL ? "" : role);

	if (role != NULL)
		TRY(check_role(cli, through.dir, &text));
	if (cli_has(cli, "password-stdin"))
		TRY(cli_secret(cli, SAY_PASSWORD_NEW, true, &secret));
	json_open_map(&json);
	json_field_text(&json, "name", cli_word(cli, 1));
	json_field_text(&json, "language", language_name(cli->language));
	if (party != NULL)
		json_field_text(&json, "party", party);
	if (secret != NULL)
		json_field_text(&json, "password", secret);
	if (role != NULL) {
		json_key(&json, "roles");
		json_open_list(&json);
		write_role(&text, &json);
		json_close_list(&json);
	}
	json_close_map(&json);
	const struct through_call call = { .method = "POST", .path = "/api/accounts", .body = out.text };

	TRY(through_run(cli, &through, &call, &answer));
	cli_note(cli, SAY_ACCOUNT_MADE, cli_word(cli, 1), NULL);
	tell_code(cli, answer);
	return OK;
}

enum error
user_grant_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	if (!cli_has(cli, "role"))
		return cli_stop(cli, ERR_USAGE, SAY_OPTION_NEEDED, "role", NULL);
	const struct role_text text = split_role(cli, cli_option(cli, "role"));

	TRY(through_open_console(cli, cli_word(cli, 0), &through));
	TRY(check_role(cli, through.dir, &text));
	write_role(&text, &json);
	const struct through_call call = {
		.method = "POST", .path = account_path(cli, "/roles"), .body = out.text, .account = cli_word(cli, 1)
	};

	TRY(through_run(cli, &through, &call, NULL));
	cli_note(cli, SAY_DONE, NULL, NULL);
	return OK;
}

enum error
user_revoke_command(struct cli *cli)
{
	const char *role = cli_option(cli, "role");

	if (role == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_OPTION_NEEDED, "role", NULL);
	const char *behind = arena_printf(cli->arena, "/roles/%s", through_encode(cli, split_role(cli, role).role));

	return call_once(cli, &(struct through_call){ .method = "DELETE",
						      .path = account_path(cli, behind),
						      .account = cli_word(cli, 1) });
}

enum error
user_close_command(struct cli *cli)
{
	return call_once(cli, &(struct through_call){
				      .method = "DELETE", .path = account_path(cli, ""), .account = cli_word(cli, 1) });
}

enum error
user_code_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	const struct through_call call = {
		.method = "POST", .path = account_path(cli, "/code"), .body = "{}", .account = cli_word(cli, 1)
	};
	const struct node *answer = NULL;

	TRY(through_open_console(cli, cli_word(cli, 0), &through));
	TRY(through_run(cli, &through, &call, &answer));
	tell_code(cli, answer);
	return OK;
}

/* ---- passwords: only where nobody serves, since no route takes somebody else's ---- */

struct password_job {
	struct job job;
	struct access *access;
	int64_t account, now;
	const struct password_hash *hash;
};

static enum error
set_password(struct job *job, struct db *db)
{
	struct password_job *password = (struct password_job *)((char *)job - offsetof(struct password_job, job));

	return account_set_password(access_by(password->access, ACCOUNT_CONSOLE), db, password->account, password->hash,
				    password->now);
}

static enum error
find_account(struct cli *cli, const struct registry *registry, const char *name, int64_t *ret_account)
{
	AUTO(db_close) struct db *db = NULL;

	TRY(registry_reader(registry, &db));
	enum error e = account_find(db, name, ret_account);

	return e == ERR_NOT_FOUND ? cli_stop(cli, e, SAY_NO_ACCOUNT, name, NULL) : e;
}

static enum error
check_not_served(struct cli *cli)
{
	AUTO(datadir_close) struct datadir *dir = NULL;

	TRY(open_datadir(cli, cli_word(cli, 0), &dir));
	if (datadir_lock(dir) == ERR_BUSY)
		return cli_stop(cli, ERR_BUSY, SAY_NOT_WHILE_SERVED, cli_word(cli, 0), cli_word(cli, 1));
	return OK;
}

enum error
user_password_command(struct cli *cli)
{
	AUTO(installation_close) struct installation installation = { 0 };
	const char *name = cli_word(cli, 1), *secret = NULL;
	struct password_hash hash;
	struct password_job job = { .job = { .run = set_password }, .hash = &hash, .now = instant_now() };
	struct problem problem;

	problem_init(&problem, cli->arena);
	TRY(check_not_served(cli));
	TRY(installation_open(cli, cli_word(cli, 0), &installation));
	TRY(find_account(cli, installation.registry, name, &job.account));
	TRY(cli_secret(cli, SAY_PASSWORD_NEW, true, &secret));
	if (password_check(name, secret, &problem) != OK)
		return cli_problem(cli, ERR_BAD_INPUT, &problem, NULL);
	TRY(account_hash(secret, &hash));
	job.access = registry_access(installation.registry);
	enum error e = writer_run(registry_writer(installation.registry), &job.job);
	if (e == ERR_GONE)
		return cli_stop(cli, e, SAY_ACCOUNT_CLOSED, name, NULL);
	if (e == OK)
		cli_note(cli, SAY_DONE, NULL, NULL);
	return e;
}

/* ---- list ---- */

static void
print_account(struct cli *cli, const struct node *account)
{
	const struct node *closed = node_get(account, "closed"), *activated = node_get(account, "activated");
	const struct node *roles = node_get(account, "roles");
	const char *party = node_text(account, "party");

	cli_print(cli, "%s%s%s%s", node_text(account, "name"), party == NULL ? "" : " ", party == NULL ? "" : party,
		  closed != NULL && closed->truth          ? " (closed)"
		  : activated != NULL && !activated->truth ? " (new)"
							   : "");
	for (size_t i = 0; roles != NULL && i < roles->count; i++) {
		const char *place = node_text(&roles->items[i], "place"), *of = node_text(&roles->items[i], "party");

		cli_print(cli, " %s%s%s%s%s", node_text(&roles->items[i], "role"), place == NULL ? "" : "@",
			  place == NULL ? "" : place, of == NULL ? "" : ":", of == NULL ? "" : of);
	}
	cli_print(cli, "\n");
}

enum error
user_list_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	const char *next = "0";

	TRY(through_open_console(cli, cli_word(cli, 0), &through));
	while (next != NULL) {
		const struct through_call call = { .method = "GET",
						   .path = "/api/accounts",
						   .query = arena_printf(cli->arena, "limit=200&after=%s", next) };
		const struct node *answer = NULL;

		TRY(through_run(cli, &through, &call, &answer));
		const struct node *accounts = node_get(answer, "accounts");

		for (size_t i = 0; accounts != NULL && i < accounts->count; i++) {
			if (cli->json)
				through_print(cli, &accounts->items[i]);
			else
				print_account(cli, &accounts->items[i]);
		}
		next = node_text(answer, "next");
	}
	return OK;
}
