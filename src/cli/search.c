/* search.c - tirkeu search: an official finds records through the running server; each person shown will see it. */
#include <string.h>
#include "cli/command.h"
#include "cli/through.h"
#include "registry/search.h"
#include "text/json.h"

/* "-": from standard input, so that a name or number stands in no list of processes. */
static enum error
read_words(struct cli *cli, const char **ret_words)
{
	const char *words = cli_word(cli, 2);
	size_t bytes = 0;

	if (strcmp(words, "-") != 0) {
		*ret_words = words;
		return OK;
	}
	TRY(cli_read(cli, "-", SEARCH_TEXT_BYTES_MAX, &words, &bytes));
	*ret_words = arena_copy(cli->arena, words, strcspn(words, "\r\n"));
	return OK;
}

static const char *
search_body(struct cli *cli, const char *words)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const char *case_text = cli_option(cli, "case");

	json_open_map(&json);
	json_field_text(&json, "register", cli_word(cli, 1));
	json_field_text(&json, "text", words);
	json_field_text(&json, "purpose", cli_option(cli, "purpose"));
	if (case_text != NULL)
		json_field_text(&json, "case", case_text);
	json_close_map(&json);
	return arena_copy(cli->arena, out.text, out.bytes);
}

static bool
is_true(const struct node *answer, const char *key)
{
	const struct node *node = node_get(answer, key);

	return node != NULL && node->kind == NODE_BOOLEAN && node->truth;
}

enum error
search_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	struct through_call call = { .method = "POST", .path = "/api/searches" };
	const struct node *answer = NULL;
	const char *words = NULL;

	if (!cli_has(cli, "purpose"))
		return cli_stop(cli, ERR_USAGE, SAY_OPTION_NEEDED, "purpose", NULL);
	TRY(read_words(cli, &words));
	call.body = search_body(cli, words);
	TRY(through_open(cli, cli_word(cli, 0), &through));
	TRY(through_run(cli, &through, &call, &answer));
	through_print(cli, answer);
	if (is_true(answer, "refine"))
		cli_note(cli, SAY_SEARCH_REFINE, NULL, NULL);
	else if (is_true(answer, "more"))
		cli_note(cli, SAY_SEARCH_MORE, NULL, NULL);
	return OK;
}
