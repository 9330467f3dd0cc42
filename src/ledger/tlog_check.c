#include "ledger/tlog_check.h"
#include "base/memory.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ledger/durable.h"
#include "ledger/entry.h"
#include "ledger/signer.h"
#include "ledger/tile_file.h"
#include "ledger/tlog.h"

/* A tile or bundle that is being filled as entries pass: all of its bytes, and where each item ends. */
struct filling {
	uint64_t number;
	unsigned width;
	struct strbuf bytes;
	size_t ends[TILE_WIDTH];
};

struct tlog_check {
	char *folder;
	struct strbuf note; /* the checkpoint as it stands in its file */
	bool has_checkpoint, has_signer;
	struct checkpoint checkpoint;
	struct note_key signer_key, log_key; /* the log's: the one that its last entry of kind 3 begins */
	bool has_log_key;
	struct tree signed_tree;
	unsigned char root_at_checkpoint[TREE_HASH_BYTES], root_at_signed[TREE_HASH_BYTES];
	struct filling tiles[TILE_LEVELS], bundle;
	struct tlog_check_result results[TLOG_CHECK_PART_COUNT];
};

/* ---- results ---- */

/* The first problem of a part stays. */
static void
note(struct tlog_check *check, enum tlog_check_part part, enum tlog_check_state state, enum tlog_check_problem problem,
     const char *place)
{
	struct tlog_check_result *result = &check->results[part];

	if (result->state != TLOG_CHECK_SOUND)
		return;
	result->state = state;
	result->problem = problem;
	snprintf(result->place, sizeof(result->place), "%s", place);
}

const struct tlog_check_result *
tlog_check_result(const struct tlog_check *check, enum tlog_check_part part)
{
	return &check->results[part];
}

bool
tlog_check_checkpoint(const struct tlog_check *check, struct checkpoint *ret_checkpoint)
{
	if (check->has_checkpoint)
		*ret_checkpoint = check->checkpoint;
	return check->has_checkpoint;
}

/* ---- what is read first ---- */

static bool
read_note(struct tlog_check *check)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct note parsed;

	return note_parse(arena, check->note.text, check->note.bytes, &parsed) == OK &&
	       checkpoint_parse(parsed.text, parsed.text_bytes, &check->checkpoint) == OK;
}

static void
read_checkpoint(struct tlog_check *check)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };

	strbuf_printf(&path, "%s/checkpoint", check->folder);
	enum error e = durable_read(path.text, TLOG_CHECKPOINT_BYTES_MAX, &check->note);

	check->has_checkpoint = e == OK && check->note.bytes > 0 && read_note(check);
	if (check->has_checkpoint)
		return;
	enum tlog_check_state state = e == ERR_NOT_FOUND ? TLOG_CHECK_ABSENT
				      : e == ERR_IO      ? TLOG_CHECK_UNCHECKED
							 : TLOG_CHECK_DAMAGED;

	note(check, TLOG_CHECK_CHECKPOINT, state, e == ERR_NOT_FOUND ? TLOG_CHECK_MISSING : TLOG_CHECK_UNREADABLE,
	     "tlog/checkpoint");
}

static void
read_signer(struct tlog_check *check, const char *state_path)
{
	enum error e = signer_file_read(state_path, &check->signer_key, &check->signed_tree);

	check->has_signer = e == OK;
	if (e == ERR_NOT_FOUND)
		note(check, TLOG_CHECK_SIGNER, check->has_checkpoint ? TLOG_CHECK_DAMAGED : TLOG_CHECK_ABSENT,
		     TLOG_CHECK_MISSING, "once/signer");
	else if (e != OK)
		note(check, TLOG_CHECK_SIGNER, e == ERR_IO ? TLOG_CHECK_UNCHECKED : TLOG_CHECK_DAMAGED,
		     TLOG_CHECK_UNREADABLE, "once/signer");
}

struct tlog_check *
tlog_check_new(const char *folder, const char *state_path)
{
	struct tlog_check *check = must_have(calloc(1, sizeof(*check)));

	check->folder = must_have(strdup(folder));
	read_checkpoint(check);
	read_signer(check, state_path);
	return check;
}

void
tlog_check_free(struct tlog_check *check)
{
	if (check == NULL)
		return;
	for (size_t i = 0; i < TILE_LEVELS; i++)
		strbuf_done(&check->tiles[i].bytes);
	strbuf_done(&check->bundle.bytes);
	strbuf_done(&check->note);
	free(check->folder);
	free(check);
}

/* ---- files ---- */

static enum tlog_check_part
part_of(const struct tile *tile)
{
	return tile->entries ? TLOG_CHECK_BUNDLES : TLOG_CHECK_TILES;
}

static void
note_tile(struct tlog_check *check, const struct tile *tile, enum tlog_check_state state,
	  enum tlog_check_problem problem)
{
	char path[TILE_PATH_BYTES_MAX], place[TILE_PATH_BYTES_MAX + 8];

	tile_path(tile, path);
	snprintf(place, sizeof(place), "tlog/%s", path);
	note(check, part_of(tile), state, problem, place);
}

/* One file of this form must hold the first `tile->width` items. */
static void
compare_file(struct tlog_check *check, const struct tile *tile, const struct filling *filling, bool must_be_there)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };
	AUTO(strbuf_done) struct strbuf file = { 0 };
	size_t bytes = filling->ends[tile->width - 1];

	tile_file_path(check->folder, tile, &path);
	enum error e = durable_read(path.text, BUNDLE_BYTES_MAX, &file);

	if (e == ERR_NOT_FOUND && !must_be_there)
		return;
	if (e == ERR_NOT_FOUND)
		note_tile(check, tile, TLOG_CHECK_DAMAGED, TLOG_CHECK_MISSING);
	else if (e == ERR_IO)
		note_tile(check, tile, TLOG_CHECK_UNCHECKED, TLOG_CHECK_UNREADABLE);
	else if (e != OK || file.bytes != bytes || memcmp(file.text, filling->bytes.text, bytes) != 0)
		note_tile(check, tile, TLOG_CHECK_DAMAGED, TLOG_CHECK_DIFFERS);
	check->results[part_of(tile)].checked++;
}

/* Every partial form that there is was published once and is served still. Wider ones than ours are newer. */
static void
compare_partial(struct tlog_check *check, const struct tile *whole, const struct filling *filling)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };
	struct tile full = *whole;
	char name[8];

	full.width = TILE_WIDTH;
	tile_file_path(check->folder, &full, &path);
	strbuf_text(&path, ".p");
	DIR *folder = opendir(path.text);

	for (struct dirent *found = folder == NULL ? NULL : readdir(folder); found != NULL; found = readdir(folder)) {
		struct tile partial = *whole;

		partial.width = (unsigned)strtoul(found->d_name, NULL, 10);
		snprintf(name, sizeof(name), "%u", partial.width);
		if (partial.width == 0 || partial.width >= TILE_WIDTH || partial.width > filling->width ||
		    partial.width == whole->width || strcmp(name, found->d_name) != 0)
			continue;
		compare_file(check, &partial, filling, false);
	}
	if (folder != NULL)
		closedir(folder);
}

/* The form that the published tree has of it, or, where it has grown since, the full one. */
static void
compare_tile(struct tlog_check *check, bool entries, unsigned level, const struct filling *filling)
{
	struct tile tile = { .entries = entries, .level = level, .number = filling->number, .width = filling->width };
	AUTO(strbuf_done) struct strbuf file = { 0 };

	compare_partial(check, &tile, filling);
	if (tile.width == TILE_WIDTH) {
		compare_file(check, &tile, filling, true);
		return;
	}
	/* A full tile that came while we look takes the partial one's place. */
	enum error e = tile_file_read(check->folder, &tile, &file);
	size_t bytes = filling->ends[tile.width - 1];

	if (e == ERR_NOT_FOUND)
		note_tile(check, &tile, TLOG_CHECK_DAMAGED, TLOG_CHECK_MISSING);
	else if (e == ERR_IO)
		note_tile(check, &tile, TLOG_CHECK_UNCHECKED, TLOG_CHECK_UNREADABLE);
	else if (e != OK || file.bytes != bytes || memcmp(file.text, filling->bytes.text, bytes) != 0)
		note_tile(check, &tile, TLOG_CHECK_DAMAGED, TLOG_CHECK_DIFFERS);
	check->results[part_of(&tile)].checked++;
}

/* ---- entries as they pass ---- */

static void
begin_next(struct filling *filling)
{
	filling->number++;
	filling->width = 0;
	strbuf_clear(&filling->bytes);
}

static void
add_hash(struct tlog_check *check, unsigned level, const unsigned char *hash)
{
	struct filling *filling = &check->tiles[level];
	unsigned char hashes[TILE_WIDTH][TREE_HASH_BYTES], above[TREE_HASH_BYTES];

	strbuf_add(&filling->bytes, hash, TREE_HASH_BYTES);
	filling->ends[filling->width++] = filling->bytes.bytes;
	if (filling->width < TILE_WIDTH)
		return;
	compare_tile(check, false, level, filling);
	memcpy(hashes, filling->bytes.text, sizeof(hashes));
	tile_node(hashes, TILE_HEIGHT, 0, above);
	begin_next(filling);
	if (level + 1 < TILE_LEVELS)
		add_hash(check, level + 1, above);
}

static void
add_entry(struct tlog_check *check, const void *body, size_t bytes)
{
	struct filling *filling = &check->bundle;

	bundle_add(&filling->bytes, body, bytes);
	filling->ends[filling->width++] = filling->bytes.bytes;
	if (filling->width < TILE_WIDTH)
		return;
	compare_tile(check, true, 0, filling);
	begin_next(filling);
}

/* u8 role || u8 action || u64 time || vkey: the log's key begins. */
static void
take_key(struct tlog_check *check, const void *body, size_t bytes)
{
	enum { ROLE_LOG = 1, BEGINS = 1, VKEY_AT = 10 };
	struct entry_body open;

	if (entry_read_body(body, bytes, &open) != OK || !open.open || open.kind != LEDGER_OPEN_KEY)
		return;
	if (open.byte_count <= VKEY_AT || open.bytes[0] != ROLE_LOG || open.bytes[1] != BEGINS)
		return;
	check->has_log_key =
		note_key_parse((const char *)open.bytes + VKEY_AT, open.byte_count - VKEY_AT, &check->log_key) == OK;
}

enum error
tlog_check_leaf(void *context, const struct tree *tree, const void *body, size_t bytes,
		const unsigned char leaf_hash[static LEDGER_HASH_BYTES])
{
	struct tlog_check *check = context;

	if (bytes != ENTRY_SEALED_BYTES)
		take_key(check, body, bytes);
	if (check->has_signer && tree->size == check->signed_tree.size)
		tree_root(tree, check->root_at_signed);
	if (!check->has_checkpoint || tree->size > check->checkpoint.size)
		return OK;
	if (tree->size == check->checkpoint.size)
		tree_root(tree, check->root_at_checkpoint);
	add_entry(check, body, bytes);
	add_hash(check, 0, leaf_hash);
	return OK;
}

/* ---- the end ---- */

static void
end_checkpoint(struct tlog_check *check, const char *origin, uint64_t log_size)
{
	static const char place[] = "tlog/checkpoint";
	const struct note_key *key = check->has_log_key  ? &check->log_key
				     : check->has_signer ? &check->signer_key
							 : NULL;
	const struct checkpoint *stated = &check->checkpoint;
	struct checkpoint opened;

	if (!check->has_checkpoint)
		return;
	check->results[TLOG_CHECK_CHECKPOINT].checked = stated->size;
	if (stated->size > log_size)
		note(check, TLOG_CHECK_CHECKPOINT, TLOG_CHECK_DAMAGED, TLOG_CHECK_AHEAD, place);
	else if (stated->size > 0 && memcmp(stated->root, check->root_at_checkpoint, TREE_HASH_BYTES) != 0)
		note(check, TLOG_CHECK_CHECKPOINT, TLOG_CHECK_DAMAGED, TLOG_CHECK_ROOT, place);
	if (key == NULL)
		note(check, TLOG_CHECK_CHECKPOINT, TLOG_CHECK_UNCHECKED, TLOG_CHECK_KEY, place);
	else if (strcmp(key->name, origin) != 0 ||
		 checkpoint_open(check->note.text, check->note.bytes, key, &opened) != OK)
		note(check, TLOG_CHECK_CHECKPOINT, TLOG_CHECK_DAMAGED, TLOG_CHECK_UNSIGNED, place);
}

static void
end_files(struct tlog_check *check, uint64_t log_size)
{
	/* Without a size that the store has there is nothing to hold them against. */
	if (!check->has_checkpoint || check->checkpoint.size > log_size) {
		enum tlog_check_state state = check->results[TLOG_CHECK_CHECKPOINT].state == TLOG_CHECK_ABSENT
						      ? TLOG_CHECK_ABSENT
						      : TLOG_CHECK_UNCHECKED;

		note(check, TLOG_CHECK_TILES, state, TLOG_CHECK_NONE, "tlog/tile");
		note(check, TLOG_CHECK_BUNDLES, state, TLOG_CHECK_NONE, "tlog/tile/entries");
		return;
	}
	for (unsigned level = 0; level < TILE_LEVELS; level++)
		if (check->tiles[level].width > 0)
			compare_tile(check, false, level, &check->tiles[level]);
	if (check->bundle.width > 0)
		compare_tile(check, true, 0, &check->bundle);
}

static bool
is_log_key(const struct tlog_check *check)
{
	const struct note_key *a = &check->log_key, *b = &check->signer_key;

	return !check->has_log_key ||
	       (strcmp(a->name, b->name) == 0 && memcmp(a->public_key, b->public_key, sizeof(a->public_key)) == 0);
}

static void
end_signer(struct tlog_check *check, uint64_t log_size)
{
	static const char place[] = "once/signer";
	uint64_t size = check->signed_tree.size;
	unsigned char root[TREE_HASH_BYTES];

	if (!check->has_signer)
		return;
	check->results[TLOG_CHECK_SIGNER].checked = size;
	tree_root(&check->signed_tree, root);
	if (!is_log_key(check))
		note(check, TLOG_CHECK_SIGNER, TLOG_CHECK_DAMAGED, TLOG_CHECK_KEY, place);
	else if (size > log_size)
		note(check, TLOG_CHECK_SIGNER, TLOG_CHECK_DAMAGED, TLOG_CHECK_AHEAD, place);
	else if (size > 0 && memcmp(root, check->root_at_signed, sizeof(root)) != 0)
		note(check, TLOG_CHECK_SIGNER, TLOG_CHECK_DAMAGED, TLOG_CHECK_ROOT, place);
	else if (check->has_checkpoint && size < check->checkpoint.size)
		note(check, TLOG_CHECK_SIGNER, TLOG_CHECK_DAMAGED, TLOG_CHECK_BEHIND, place);
}

void
tlog_check_end(struct tlog_check *check, const char *origin, uint64_t log_size)
{
	end_checkpoint(check, origin, log_size);
	end_files(check, log_size);
	end_signer(check, log_size);
}
