/* show.c - tirkeu show: an official's look-up (with --purpose), or one's own and public records. */
#include <string.h>
#include "cli/command.h"
#include "cli/through.h"
#include "text/json.h"

static const char *
lookup_body(struct cli *cli)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const char *case_text = cli_option(cli, "case"), *finding = cli_option(cli, "finding");

	json_open_map(&json);
	if (finding != NULL) {
		json_field_text(&json, "finding", finding);
	} else {
		json_field_text(&json, "register", cli_word(cli, 1));
		json_field_text(&json, "ref", cli_word(cli, 2));
	}
	json_field_text(&json, "purpose", cli_option(cli, "purpose"));
	if (case_text != NULL)
		json_field_text(&json, "case", case_text);
	json_close_map(&json);
	return arena_copy(cli->arena, out.text, out.bytes);
}

enum error
show_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	bool finding = cli_has(cli, "finding"), lookup = finding || cli_has(cli, "purpose") || cli_has(cli, "case");
	struct through_call call = { .method = lookup ? "POST" : "GET", .path = "/api/lookups" };
	const char *reg = cli_word(cli, 1), *ref = cli_word(cli, 2);
	const struct node *answer = NULL;

	if (finding ? reg != NULL : reg == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_WORDS, cli->command->name, cli->command->words);
	if (lookup && !finding && ref == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_WORDS, cli->command->name, cli->command->words);
	if (lookup && !cli_has(cli, "purpose"))
		return cli_stop(cli, ERR_USAGE, SAY_OPTION_NEEDED, "purpose", NULL);
	TRY(through_open(cli, cli_word(cli, 0), &through));
	if (lookup)
		call.body = lookup_body(cli);
	else
		call.path = arena_printf(cli->arena, "/api/registers/%s%s%s", through_encode(cli, reg),
					 ref == NULL ? "" : "/", ref == NULL ? "" : through_encode(cli, ref));
	TRY(through_run(cli, &through, &call, &answer));
	through_print(cli, answer);
	return OK;
}
