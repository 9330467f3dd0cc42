/* pack.c - tirkeu pack check, codes, diff. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/open.h"
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
static void
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
		return;
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
