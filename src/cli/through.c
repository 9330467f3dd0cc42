#include "cli/through.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "http/problem.h"
#include "http/server.h"
#include "text/json.h"

enum { TOKEN_FILE_BYTES_MAX = 256, PRINT_DEPTH_MAX = NODE_DEPTH_MAX };

void
through_close(struct through *through)
{
	server_stop(through->server);
	through->server = NULL;
	installation_close(&through->own);
	datadir_close(through->dir);
	through->dir = NULL;
}

enum error
through_open_nobody(struct cli *cli, const char *path, struct through *ret_through)
{
	*ret_through = (struct through){ .path = path };
	return open_datadir(cli, path, &ret_through->dir);
}

enum error
through_open(struct cli *cli, const char *path, struct through *ret_through)
{
	char token[TOKEN_FILE_BYTES_MAX];

	TRY(through_open_nobody(cli, path, ret_through));
	FILE *file = fopen(datadir_session(ret_through->dir, cli->arena), "re");
	if (file == NULL || fgets(token, sizeof(token), file) == NULL)
		*token = '\0';
	if (file != NULL)
		fclose(file);
	token[strcspn(token, "\r\n")] = '\0';
	if (*token == '\0')
		return cli_stop(cli, ERR_SIGN_IN, SAY_NO_SESSION, path, NULL);
	ret_through->token = arena_text(cli->arena, token);
	explicit_bzero(token, sizeof(token));
	return OK;
}

/* A server that only this program reaches: the same routes and checks, and no second way to do the same. */
static enum error
start_own(struct cli *cli, struct through *through)
{
	struct server_config config = { .no_clock = true, .threads = SERVER_THREADS_MIN };
	const char *problem = NULL;

	TRY(installation_open(cli, through->path, &through->own));
	log_threshold(LOG_ERROR);
	config.socket_path = datadir_socket(through->dir, cli->arena);
	enum error e = server_start(through->own.registry, &config, &problem, &through->server);
	return e == OK ? OK : cli_stop(cli, e, SAY_CANNOT_START, problem, problem_title(e, cli->language));
}

enum error
through_open_console(struct cli *cli, const char *path, struct through *ret_through)
{
	*ret_through = (struct through){ .path = path };
	TRY(open_datadir(cli, path, &ret_through->dir));
	struct client_call call = { .socket_path = datadir_socket(ret_through->dir, cli->arena),
				    .method = "GET",
				    .path = "/healthz",
				    .timeout_seconds = 30 };

	enum error e = client_run(&call);
	client_call_done(&call);
	return e == OK ? OK : start_own(cli, ret_through);
}

/* ---- what the server refused ---- */

static void
print_fault_lines(struct cli *cli, const struct node *answer, const char *title)
{
	const struct node *errors = node_get(answer, "errors");
	const char *detail = node_text(answer, "detail"), *citation = node_text(answer, "citation");
	size_t count = errors == NULL || errors->kind != NODE_LIST ? 0 : errors->count;

	for (size_t i = 0; i < count; i++) {
		const char *field = node_text(&errors->items[i], "field"),
			   *text = node_text(&errors->items[i], "detail");

		fprintf(stderr, "tirkeu: %s%s%s\n", field == NULL ? "" : cli_plain(cli, field),
			field == NULL ? "" : ": ", text == NULL ? "" : cli_plain(cli, text));
	}
	if (count == 0)
		fprintf(stderr, "tirkeu: %s\n", detail == NULL ? title : cli_plain(cli, detail));
	if (citation != NULL)
		fprintf(stderr, "  %s\n", cli_plain(cli, citation));
}

static void print_tree(struct cli *cli, const struct node *node, int depth, FILE *to);

static enum error
refused(struct cli *cli, const struct through *through, const struct client_call *call, const struct node *answer)
{
	const char *type = node_text(answer, "type");
	const char *name = type == NULL ? NULL : strrchr(type, '/');
	enum error e = name == NULL ? ERROR_COUNT : problem_by_name(name + 1);

	if (e == ERROR_COUNT)
		return cli_stop(cli, ERR_FAULT, SAY_BAD_ANSWER, NULL, NULL);
	if (e == ERR_SIGN_IN && through->token != NULL)
		return cli_stop(cli, e, SAY_SESSION_OVER, through->path, NULL);
	cli->said = true;
	if (cli->json) {
		cli_print_json(cli, &call->answer);
		return e;
	}
	print_fault_lines(cli, answer, problem_title(e, cli->language));
	const struct node *refusal = node_get(answer, "refusal");
	if (refusal != NULL)
		print_tree(cli, refusal, 1, stderr);
	return e;
}

enum error
through_run(struct cli *cli, const struct through *through, const struct through_call *call,
	    const struct node **ret_answer)
{
	struct problem problem;
	const struct node *answer = NULL;
	AUTO(client_call_done)
	struct client_call client = { .socket_path = datadir_socket(through->dir, cli->arena),
				      .method = call->method,
				      .body = call->body,
				      .token = through->token };

	client.path = arena_printf(cli->arena, "%s?lang=%s%s%s", call->path, language_name(cli->language),
				   call->query == NULL ? "" : "&", call->query == NULL ? "" : call->query);
	memcpy(client.headers, call->headers, sizeof(call->headers));
	problem_init(&problem, cli->arena);
	enum error e = client_run(&client);
	if (e == ERR_NOT_FOUND)
		return cli_stop(cli, e, SAY_NOT_SERVED, through->path, NULL);
	if (e != OK)
		return cli_problem(cli, e, NULL, NULL);
	if (client.answer.bytes > 0 &&
	    node_parse_json(cli->arena, client.answer.text, client.answer.bytes, &problem, &answer) != OK)
		return cli_stop(cli, ERR_FAULT, SAY_BAD_ANSWER, NULL, NULL);
	if (client.status == 404 && call->account != NULL)
		return cli_stop(cli, ERR_NOT_FOUND, SAY_NO_SUCH_HOLDER, call->account, NULL);
	if (client.status >= 400)
		return refused(cli, through, &client, answer);
	if (ret_answer != NULL)
		*ret_answer = answer;
	return OK;
}

/* ---- printing ---- */

static bool
is_scalar(const struct node *node)
{
	return node->kind != NODE_MAP && node->kind != NODE_LIST;
}

static const char *
scalar_text(const struct node *node)
{
	if (node->kind == NODE_NULL)
		return "-";
	if (node->kind == NODE_BOOLEAN)
		return node->truth ? "true" : "false";
	return node->text;
}

static void
print_tree(struct cli *cli, const struct node *node, int depth, FILE *to)
{
	assert(depth <= PRINT_DEPTH_MAX * 2);
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = &node->items[i];
		const char *key = node->kind == NODE_MAP ? cli_plain(cli, node->keys[i]) : "-";

		fprintf(to, "%*s%s%s", depth * 2, "", key, node->kind == NODE_MAP ? ":" : "");
		if (is_scalar(item))
			fprintf(to, " %s\n", cli_plain(cli, scalar_text(item)));
		else if (item->count == 0)
			fputs(" -\n", to);
		else {
			fputc('\n', to);
			print_tree(cli, item, depth + 1, to);
		}
	}
}

void
through_print(struct cli *cli, const struct node *answer)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	if (answer == NULL)
		return;
	if (cli->json) {
		node_print(answer, &json);
		cli_print_json(cli, &out);
	} else if (is_scalar(answer)) {
		cli_print(cli, "%s\n", scalar_text(answer));
	} else {
		print_tree(cli, answer, 0, stdout);
	}
}

const char *
through_encode(struct cli *cli, const char *text)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (isascii(*p) && (isalnum(*p) || strchr("-._~", *p) != NULL))
			strbuf_char(&out, (char)*p);
		else
			strbuf_printf(&out, "%%%02X", *p);
	}
	return arena_copy(cli->arena, out.bytes == 0 ? "" : out.text, out.bytes);
}
