/* login.c - tirkeu login, logout: a session of this user for the commands that act. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/through.h"
#include "text/json.h"

static const char *
sign_in_body(struct cli *cli, const char *account, const char *password, const char *code)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_field_text(&json, "name", account);
	json_field_text(&json, "password", password);
	if (code != NULL)
		json_field_text(&json, "code", code);
	json_close_map(&json);
	const char *body = arena_copy(cli->arena, out.text, out.bytes);

	explicit_bzero(out.text, out.bytes);
	return body;
}

enum error
login_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	const char *account = cli_word(cli, 1), *code = cli_option(cli, "code"), *password = NULL;
	const struct node *answer = NULL;
	struct through_call call = { .method = "POST", .path = "/api/sessions" };

	TRY(through_open_nobody(cli, cli_word(cli, 0), &through));
	TRY(cli_secret(cli, code == NULL ? SAY_PASSWORD : SAY_PASSWORD_NEW, code != NULL, &password));
	call.body = sign_in_body(cli, account, password, code);
	TRY(through_run(cli, &through, &call, &answer));
	const char *token = node_text(answer, "token"), *until = node_text(answer, "expires_at");
	const char *file = datadir_session(through.dir, cli->arena);

	if (token == NULL || until == NULL)
		return cli_stop(cli, ERR_FAULT, SAY_BAD_ANSWER, NULL, NULL);
	if (datadir_write_private(file, token, strlen(token)) != OK)
		return cli_stop(cli, ERR_IO, SAY_CANNOT_WRITE, file, strerror(errno));
	cli_note(cli, SAY_SIGNED_IN, account, until);
	return OK;
}

enum error
logout_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	const struct through_call call = { .method = "DELETE", .path = "/api/sessions/current" };

	TRY(through_open(cli, cli_word(cli, 0), &through));
	enum error e = through_run(cli, &through, &call, NULL);
	/* A session that the server no longer knows is over too. */
	if ((e == OK || e == ERR_SIGN_IN) && unlink(datadir_session(through.dir, cli->arena)) != 0)
		return cli_stop(cli, ERR_IO, SAY_CANNOT_WRITE, datadir_session(through.dir, cli->arena),
				strerror(errno));
	if (e == OK)
		cli_note(cli, SAY_SIGNED_OUT, NULL, NULL);
	return e;
}
