/* history.c - tirkeu verify history: a person's own export, checked without the server that made it. What it lists is
 * shown only when all of it was found sound. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/day.h"
#include "cli/command.h"
#include "cli/open.h"
#include "registry/history_file.h"
#include "text/json.h"
#include "text/zone.h"

enum { KEY_FILE_BYTES_MAX = 8192, MS_A_SECOND = 1000 };

struct checking {
	struct cli *cli;
	struct pack *pack; /* NULL: numbers instead of names */
	struct strbuf list;
	struct json json; /* into `list` */
	struct arena *arena;
};

static void
checking_done(struct checking *checking)
{
	pack_free(checking->pack);
	strbuf_done(&checking->list);
	arena_free(checking->arena);
}
DEFINE_AUTO_DONE(struct checking, checking_done)

/* ---- the list ---- */

static const char *
time_of(struct checking *checking, int64_t ms)
{
	char text[INSTANT_TEXT_BYTES];

	return arena_text(checking->arena, instant_print(ms, 0, text));
}

static const enum say kinds[] = {
	[LEDGER_COVER] = SAY_ENTRY_COVER,
	[LEDGER_CREATE] = SAY_ENTRY_CREATE,
	[LEDGER_CHANGE] = SAY_ENTRY_CHANGE,
	[LEDGER_LOOKUP] = SAY_ENTRY_LOOKUP,
	[LEDGER_SEARCH] = SAY_ENTRY_SEARCH,
	[LEDGER_SYSTEM] = SAY_ENTRY_SYSTEM,
	[LEDGER_REVEAL] = SAY_ENTRY_REVEAL,
	[LEDGER_ERASURE] = SAY_ENTRY_ERASURE,
	[LEDGER_CORRECTION] = SAY_ENTRY_CORRECTION,
	[LEDGER_CERTIFICATE] = SAY_ENTRY_CERTIFICATE,
	[LEDGER_REVOCATION] = SAY_ENTRY_REVOCATION,
	[LEDGER_SIGN_IN] = SAY_ENTRY_SIGN_IN,
	[LEDGER_STREAM_BEGINS] = SAY_ENTRY_STREAM_BEGINS,
	[LEDGER_STREAM_ENDS] = SAY_ENTRY_STREAM_ENDS,
	[LEDGER_KIND_COUNT] = SAY_ENTRY_ERASED,
};

/* What the pack calls the number; NULL: it is not there, or no pack was given. */
static const char *
title_of(struct checking *checking, const char *what, uint64_t code)
{
	const struct pack *pack = checking->pack;
	const char *name = NULL;

	if (pack == NULL || code == UINT64_MAX)
		return NULL;
	if (strcmp(what, "register") == 0) {
		const struct reg *reg = pack_reg_by_code(pack, (int64_t)code);

		return reg == NULL ? NULL : pack_textf(pack, checking->cli->language, checking->arena, "%s", reg->name);
	}
	for (size_t i = 0; i < pack->role_count; i++) {
		if (strcmp(what, "role") == 0 && pack->roles[i].code == code)
			name = pack->roles[i].name;
		if (strcmp(what, "body") == 0 && pack->roles[i].body != NULL && pack->roles[i].body_code == code)
			name = pack->roles[i].body;
	}
	for (size_t i = 0; i < pack->purpose_count; i++)
		if (strcmp(what, "purpose") == 0 && pack->purposes[i].code == code)
			name = pack->purposes[i].name;
	return name == NULL ? NULL : pack_textf(pack, checking->cli->language, checking->arena, "%s.%s", what, name);
}

/* "; Clerk", or "; role 7" without a pack. */
static void
add_code(struct checking *checking, const char *what, enum say say, uint64_t code)
{
	const char *title = title_of(checking, what, code);
	const char *number = arena_printf(checking->arena, "%" PRIu64, code);

	if (code != UINT64_MAX)
		strbuf_printf(&checking->list, "; %s",
			      title != NULL ? cli_plain(checking->cli, title)
					    : say_text(checking->cli, say, number, NULL));
}

static void
list_line(struct checking *checking, const struct history_entry *entry, const struct ledger_entry *header,
	  bool is_referred)
{
	struct cli *cli = checking->cli;

	if (is_referred)
		strbuf_printf(&checking->list, "%10s  ", "+");
	else
		strbuf_printf(&checking->list, "%10" PRIu64 "  ", entry->n);
	strbuf_printf(&checking->list, "%s  %s",
		      header->kind == LEDGER_KIND_COUNT ? "-" : time_of(checking, header->time_ms),
		      say_text(cli, kinds[header->kind], NULL, NULL));
	if (header->refused)
		strbuf_printf(&checking->list, " (%s)", say_text(cli, SAY_ENTRY_REFUSED, NULL, NULL));
	add_code(checking, "register", SAY_CODE_REGISTER, header->reg);
	add_code(checking, "body", SAY_CODE_BODY, header->body);
	add_code(checking, "role", SAY_CODE_ROLE, header->role);
	add_code(checking, "purpose", SAY_CODE_PURPOSE, header->purpose);
	strbuf_char(&checking->list, '\n');
}

static void
json_code(struct checking *checking, const char *what, uint64_t code)
{
	struct json *json = &checking->json;

	json_key(json, what);
	if (code == UINT64_MAX) {
		json_null(json);
		return;
	}
	json_open_map(json);
	json_field_integer(json, "code", (int64_t)code);
	json_field_text(json, "title", title_of(checking, what, code));
	json_close_map(json);
}

static void
list_json(struct checking *checking, const struct history_entry *entry, const struct ledger_entry *header,
	  bool is_referred)
{
	struct json *json = &checking->json;
	bool is_erased = header->kind == LEDGER_KIND_COUNT;

	json_open_map(json);
	json_key(json, "n");
	if (is_referred)
		json_null(json);
	else
		json_integer(json, (int64_t)entry->n);
	json_field_integer(json, "index", (int64_t)entry->index);
	json_field_text(json, "time", is_erased ? NULL : time_of(checking, header->time_ms));
	json_key(json, "kind");
	if (is_erased)
		json_null(json);
	else
		json_integer(json, (int64_t)header->kind);
	json_field_text(json, "title", say_text(checking->cli, kinds[header->kind], NULL, NULL));
	json_field_boolean(json, "refused", header->refused);
	json_code(checking, "register", header->reg);
	json_code(checking, "body", header->body);
	json_code(checking, "role", header->role);
	json_code(checking, "purpose", header->purpose);
	json_close_map(json);
}

static void
list_entry(void *context, const struct history_entry *entry, const struct ledger_entry *header, bool is_referred)
{
	struct checking *checking = context;

	arena_reset(checking->arena);
	if (checking->cli->json)
		list_json(checking, entry, header, is_referred);
	else
		list_line(checking, entry, header, is_referred);
}

/* ---- what was asked ---- */

/* The key that the reader trusts: on the command line or in a file, as /tlog/vkey has it. */
static enum error
read_key(struct cli *cli, struct note_key *ret_key)
{
	const char *given = cli_option(cli, "vkey"), *path = cli_option(cli, "key");
	const char *text = given;
	size_t bytes = given == NULL ? 0 : strlen(given);

	if ((given == NULL) == (path == NULL))
		return cli_stop(cli, ERR_USAGE, SAY_ONE_KEY, NULL, NULL);
	if (path != NULL)
		TRY(cli_read(cli, path, KEY_FILE_BYTES_MAX, &text, &bytes));
	while (bytes > 0 && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r'))
		bytes--;
	if (note_key_parse(text, bytes, ret_key) != OK || ret_key->type != NOTE_LOG)
		return cli_stop(cli, ERR_USAGE, SAY_NOT_VKEY, path == NULL ? given : path, NULL);
	return OK;
}

static enum error
refuse(struct cli *cli, const struct history *history)
{
	const char *fault = history_fault_text(history->fault, cli->language);

	if (history->fault_index == UINT64_MAX)
		return cli_stop(cli, ERR_BAD_INPUT, SAY_HISTORY_REFUSED, fault, NULL);
	return cli_stop(cli, ERR_BAD_INPUT, SAY_HISTORY_REFUSED_AT, fault,
			arena_printf(cli->arena, "%" PRIu64, history->fault_index));
}

static const char *
check_code(struct checking *checking, const struct history *history)
{
	unsigned char check[SEAL_CHECK_BYTES];
	char *text = arena_take(checking->cli->arena, 2 * sizeof(check) + 1);

	seal_check(history->stream_key, check);
	for (size_t i = 0; i < sizeof(check); i++)
		snprintf(text + 2 * i, 3, "%02x", check[i]);
	return text;
}

static void
print_json(struct checking *checking, const struct history *history, const char *until, bool is_current)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_field_text(&json, "check", check_code(checking, history));
	json_field_integer(&json, "entries", (int64_t)history->seen);
	json_field_integer(&json, "size", (int64_t)history->checkpoint.size);
	json_field_integer(&json, "complete_below", (int64_t)history->index.covered);
	json_field_text(&json, "complete_until", until);
	json_field_boolean(&json, "current", is_current);
	json_key(&json, "list");
	json_raw(&json, checking->list.text, checking->list.bytes);
	json_close_map(&json);
	cli_print_json(checking->cli, &out);
}

static void
print_all(struct checking *checking, const struct history *history)
{
	struct cli *cli = checking->cli;
	uint64_t now_s = (uint64_t)(instant_now() / MS_A_SECOND);
	bool is_current = history_is_current(history, now_s), is_ahead = history->index.time_s > now_s;
	const char *until = time_of(checking, (int64_t)history->index.time_s * MS_A_SECOND);

	if (cli->json) {
		print_json(checking, history, until, is_current);
		return;
	}
	cli_print(cli, "%s", checking->list.text);
	cli_print(cli, "%s\n",
		  say_text(cli, SAY_HISTORY_SOUND, arena_printf(cli->arena, "%" PRIu64, history->seen),
			   check_code(checking, history)));
	cli_print(cli, "%s\n",
		  say_text(cli,
			   is_ahead     ? SAY_HISTORY_AHEAD
			   : is_current ? SAY_HISTORY_UNTIL
					: SAY_HISTORY_OLD,
			   until, NULL));
	if (checking->pack == NULL)
		cli_note(cli, SAY_HISTORY_NUMBERS, NULL, NULL);
}

enum error
verify_history_command(struct cli *cli)
{
	AUTO(checking_done) struct checking checking = { .cli = cli, .arena = arena_new() };
	AUTO(history_done) struct history history = { 0 };
	const struct history_listener listener = { .context = &checking, .entry = list_entry };
	const char *text = NULL, *folder = cli_option(cli, "pack");
	struct note_key key;
	size_t bytes = 0;

	TRY(read_key(cli, &key));
	if (folder != NULL)
		TRY(open_pack(cli, folder, &checking.pack, NULL));
	TRY(cli_read(cli, cli_word(cli, 0), HISTORY_FILE_BYTES_MAX, &text, &bytes));
	checking.json.out = &checking.list;
	if (cli->json)
		json_open_list(&checking.json);
	if (history_file_check(cli->arena, text, bytes, &key, &listener, &history) != OK)
		return refuse(cli, &history);
	if (cli->json)
		json_close_list(&checking.json);
	print_all(&checking, &history);
	return OK;
}
