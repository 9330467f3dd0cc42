/* init.c - tirkeu init: a new installation from a pack. It has no account, so none with a known password. */
#include <string.h>
#include "base/random.h"
#include "cli/command.h"
#include "cli/open.h"
#include "ledger/note.h"
#include "text/json.h"

/* Told apart from all other ledgers without being registered anywhere. */
static const char *
fresh_origin(struct cli *cli)
{
	unsigned char bytes[8];
	AUTO(strbuf_done) struct strbuf out = { 0 };

	random_bytes(bytes, sizeof(bytes));
	strbuf_text(&out, "tirkeu-");
	for (size_t i = 0; i < sizeof(bytes); i++)
		strbuf_printf(&out, "%02x", bytes[i]);
	return arena_copy(cli->arena, out.text, out.bytes);
}

/* A name in checkpoints (docs/ledger.md): no blank, no +, nothing invisible. */
static bool
origin_is_good(const char *origin)
{
	size_t bytes = strlen(origin);

	return bytes <= 200 && note_name_is_valid(origin, bytes);
}

static void
tell(struct cli *cli, const char *path, const struct installation *installation)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	if (!cli->json) {
		cli_note(cli, SAY_INITIALISED, path, NULL);
		cli_note(cli, SAY_KEEP_KEYS, datadir_path(installation->dir, cli->arena, "keys"), NULL);
		return;
	}
	json_open_map(&json);
	json_field_text(&json, "folder", installation->dir->path);
	json_field_text(&json, "pack", installation->pack->name);
	json_field_text(&json, "origin", installation->origin);
	json_close_map(&json);
	cli_print_json(cli, &out);
}

enum error
init_command(struct cli *cli)
{
	AUTO(installation_close) struct installation installation = { 0 };
	const char *path = cli_word(cli, 0), *pack = cli_option(cli, "pack"), *origin = cli_option(cli, "origin");

	if (pack == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_OPTION_NEEDED, "pack", NULL);
	if (origin != NULL && !origin_is_good(origin))
		return cli_stop(cli, ERR_USAGE, SAY_BAD_ORIGIN, origin, NULL);
	TRY(installation_make(cli, path, pack, origin == NULL ? fresh_origin(cli) : origin, NULL, &installation));
	tell(cli, path, &installation);
	return OK;
}
