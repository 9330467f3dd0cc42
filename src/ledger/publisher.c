/* The publisher keeps of each level the tile that is not full yet, and of the entries the bundle that is not. Entries
 * run through: a full tile is written and its root goes into the level above. At the end of a run what is partial is
 * written too, folders are synced, and only then is a signature asked for. Whatever fails, memory is dropped and the
 * next run begins at the published checkpoint again: the files that it then writes once more are the same, or there is
 * an alarm. */
#include "ledger/publisher.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ledger/durable.h"
#include "ledger/table.h"
#include "ledger/tile_file.h"

/* Rows of one statement: some milliseconds, so that the write-ahead log can be folded in between. */
enum { CHUNK_ENTRIES = 2048, FOLDERS_MAX = 64 };

struct level {
	uint64_t number; /* the tile's */
	unsigned width;
	unsigned char hashes[TILE_WIDTH][TREE_HASH_BYTES];
};

struct publisher {
	struct tlog *tlog;
	struct signer *signer;
	bool is_loaded;
	struct checkpoint published; /* size 0: nothing */
	struct tree tree;
	struct level levels[TILE_LEVELS];
	struct strbuf bundle;
	struct strbuf chunk; /* entries just read, as in a bundle */
	/* Written to, to be synced. */
	struct strbuf folders[FOLDERS_MAX];
	size_t folder_count;
};

struct publisher *
publisher_new(struct tlog *tlog, struct signer *signer)
{
	struct publisher *publisher = must_have(calloc(1, sizeof(*publisher)));

	publisher->tlog = tlog;
	publisher->signer = signer;
	return publisher;
}

void
publisher_free(struct publisher *publisher)
{
	if (publisher == NULL)
		return;
	strbuf_done(&publisher->bundle);
	strbuf_done(&publisher->chunk);
	for (size_t i = 0; i < FOLDERS_MAX; i++)
		strbuf_done(&publisher->folders[i]);
	free(publisher);
}

static enum error
stop_for(struct publisher *publisher, enum alarm alarm)
{
	tlog_raise(publisher->tlog, alarm);
	return ERR_CONFLICT;
}

/* ---- writing tiles ---- */

static enum error
sync_folders(struct publisher *publisher)
{
	for (size_t i = 0; i < publisher->folder_count; i++)
		TRY(durable_sync(publisher->folders[i].text));
	publisher->folder_count = 0;
	return OK;
}

static enum error
note_folder(struct publisher *publisher, const struct strbuf *folder)
{
	for (size_t i = 0; i < publisher->folder_count; i++)
		if (strcmp(publisher->folders[i].text, folder->text) == 0)
			return OK;
	if (publisher->folder_count == FOLDERS_MAX)
		TRY(sync_folders(publisher));
	struct strbuf *fresh = &publisher->folders[publisher->folder_count++];

	strbuf_clear(fresh);
	strbuf_add(fresh, folder->text, folder->bytes);
	return OK;
}

static enum error
keep(struct publisher *publisher, const struct tile *tile, const void *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf folder = { 0 };
	enum error e = tile_file_keep(tlog_folder(publisher->tlog), tile, bytes, count, &folder);

	if (e == ERR_CONFLICT)
		return stop_for(publisher, ALARM_TILE_DIFFERS);
	TRY(e);
	return note_folder(publisher, &folder);
}

/* The tile of this level as it is, at level 0 with its bundle. */
static enum error
keep_level(struct publisher *publisher, unsigned at)
{
	const struct level *level = &publisher->levels[at];
	struct tile tile = { .level = at, .number = level->number, .width = level->width };

	TRY(keep(publisher, &tile, level->hashes, (size_t)level->width * TREE_HASH_BYTES));
	if (at > 0)
		return OK;
	tile.entries = true;
	return keep(publisher, &tile, publisher->bundle.text, publisher->bundle.bytes);
}

static enum error
push_hash(struct publisher *publisher, const unsigned char leaf[static TREE_HASH_BYTES])
{
	unsigned char hash[TREE_HASH_BYTES];

	memcpy(hash, leaf, sizeof(hash));
	for (unsigned at = 0; at < TILE_LEVELS; at++) {
		struct level *level = &publisher->levels[at];

		memcpy(level->hashes[level->width++], hash, sizeof(hash));
		if (level->width < TILE_WIDTH)
			return OK;
		TRY(keep_level(publisher, at));
		tile_node((const unsigned char(*)[TREE_HASH_BYTES])level->hashes, TILE_HEIGHT, 0, hash);
		level->number++;
		level->width = 0;
		if (at == 0)
			strbuf_clear(&publisher->bundle);
	}
	return OK;
}

static enum error
push_entry(struct publisher *publisher, const void *body, size_t bytes)
{
	unsigned char leaf[TREE_HASH_BYTES];

	bundle_add(&publisher->bundle, body, bytes);
	tree_leaf_hash(body, bytes, leaf);
	tree_append(&publisher->tree, leaf);
	return push_hash(publisher, leaf);
}

/* ---- reading the store ---- */

static enum error
count_entries(struct db *db, uint64_t *ret_count)
{
	AUTO(query_free) struct query *q = table_last(db);
	enum error e = query_one(q);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*ret_count = e == OK ? (uint64_t)column_integer(q, 0) + 1 : 0;
	return OK;
}

/* Copies the entries first .. behind - 1 out, so that no statement stands open while tiles are written. */
static enum error
read_chunk(struct publisher *publisher, struct db *db, uint64_t first, uint64_t behind)
{
	AUTO(query_free) struct query *q = table_bodies(db, first, behind);
	uint64_t index = first;
	enum error e = OK;

	strbuf_clear(&publisher->chunk);
	for (; (e = query_step(q)) == OK; index++) {
		size_t bytes = 0;
		const void *body = column_bytes(q, 1, &bytes);

		/* No entry was ever written otherwise. */
		if ((uint64_t)column_integer(q, 0) != index || bytes == 0 || bytes > BUNDLE_ENTRY_BYTES_MAX)
			return stop_for(publisher, ALARM_STORE_DIFFERS);
		bundle_add(&publisher->chunk, body, bytes);
	}
	if (e == ERR_NOT_FOUND && index < behind)
		return stop_for(publisher, ALARM_STORE_DIFFERS);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* The next handful of entries, up to `end`. */
static enum error
push_chunk(struct publisher *publisher, struct db *db, uint64_t end)
{
	uint64_t first = publisher->tree.size, behind = end - first < CHUNK_ENTRIES ? end : first + CHUNK_ENTRIES;
	const unsigned char *entry = NULL;
	size_t bytes = 0;

	TRY(read_chunk(publisher, db, first, behind));
	const unsigned char *chunk = (const unsigned char *)publisher->chunk.text;
	struct bundle_reader reader = { .at = chunk, .end = chunk + publisher->chunk.bytes };

	while (bundle_next(&reader, &entry, &bytes) == OK)
		TRY(push_entry(publisher, entry, bytes));
	return OK;
}

/* ---- where the last run ended ---- */

/* What is there but is not ours is not written over: somebody put it there. */
static enum error
read_checkpoint(struct publisher *publisher)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };
	AUTO(strbuf_done) struct strbuf file = { 0 };

	publisher->published = (struct checkpoint){ 0 };
	strbuf_printf(&path, "%s/checkpoint", tlog_folder(publisher->tlog));
	enum error e = durable_read(path.text, TLOG_CHECKPOINT_BYTES_MAX, &file);
	if (e == ERR_NOT_FOUND)
		return OK;
	if (e == OK && (file.bytes == 0 ||
			checkpoint_open(file.text, file.bytes, &publisher->signer->key, &publisher->published) != OK))
		e = ERR_TOO_LARGE;
	if (e == ERR_TOO_LARGE)
		return stop_for(publisher, ALARM_CHECKPOINT_DIFFERS);
	TRY(e);
	tlog_announce(publisher->tlog, &publisher->published, file.text, file.bytes);
	return OK;
}

/* The complete subtrees of the level's hashes, as the tree's edge has them. */
static void
take_edge(struct publisher *publisher, unsigned at)
{
	const struct level *level = &publisher->levels[at];

	for (unsigned height = 0; height < TILE_HEIGHT; height++) {
		unsigned bit = 1U << height, level_at = at * TILE_HEIGHT + height;

		if ((level->width & bit) != 0 && level_at < TREE_LEVELS_MAX)
			tile_node((const unsigned char(*)[TREE_HASH_BYTES])level->hashes, height,
				  (level->width & ~(2 * bit - 1)) >> height, publisher->tree.edge[level_at]);
	}
}

static enum error
read_partial(const struct publisher *publisher, const struct tile *tile, struct strbuf *out)
{
	enum error e = tile_file_read(tlog_folder(publisher->tlog), tile, out);

	return e == ERR_NOT_FOUND ? ERR_DAMAGED : e;
}

/* The tiles and the bundle that were partial at the published size. ERR_DAMAGED. */
static enum error
read_levels(struct publisher *publisher)
{
	uint64_t size = publisher->published.size;

	publisher->tree = (struct tree){ .size = size };
	strbuf_clear(&publisher->bundle);
	for (unsigned at = 0; at < TILE_LEVELS; at++) {
		struct level *level = &publisher->levels[at];
		uint64_t hashes = tile_hashes(at, size);
		AUTO(strbuf_done) struct strbuf file = { 0 };

		*level = (struct level){ .number = hashes / TILE_WIDTH, .width = (unsigned)(hashes % TILE_WIDTH) };
		if (level->width == 0)
			continue;
		struct tile tile = { .level = at, .number = level->number, .width = level->width };

		TRY(read_partial(publisher, &tile, &file));
		memcpy(level->hashes, file.text, file.bytes);
		take_edge(publisher, at);
		tile.entries = true;
		if (at == 0)
			TRY(read_partial(publisher, &tile, &publisher->bundle));
	}
	return OK;
}

/* Do the tiles give the root that was published? */
static bool
root_is_published(const struct publisher *publisher)
{
	unsigned char root[TREE_HASH_BYTES];

	tree_root(&publisher->tree, root);
	return memcmp(root, publisher->published.root, sizeof(root)) == 0;
}

/* The last bundle against its tile and the store. An older backup that was restored and then grew past the published
 * size has other entries there: their salts are random. */
static enum error
compare_last_bundle(struct publisher *publisher, struct db *db)
{
	AUTO(strbuf_done) struct strbuf file = { 0 };
	AUTO(strbuf_done) struct strbuf hashes = { 0 };
	unsigned char leaves[TILE_WIDTH][TREE_HASH_BYTES], found[TREE_HASH_BYTES];
	uint64_t size = publisher->published.size, first = (size - 1) / TILE_WIDTH * TILE_WIDTH, index = first;
	struct tile tile = tile_file_in(size, false, 0, first / TILE_WIDTH);
	enum error e = OK;

	TRY(read_partial(publisher, &tile, &hashes));
	tile.entries = true;
	TRY(read_partial(publisher, &tile, &file));
	if (bundle_hashes(file.text, file.bytes, tile.width, leaves) != OK ||
	    memcmp(leaves, hashes.text, hashes.bytes) != 0)
		return ERR_DAMAGED;
	AUTO(query_free) struct query *q = table_bodies(db, first, size);

	for (; (e = query_step(q)) == OK; index++) {
		size_t bytes = 0;
		const void *body = column_bytes(q, 1, &bytes);

		tree_leaf_hash(body, bytes, found);
		if ((uint64_t)column_integer(q, 0) != index || memcmp(found, leaves[index - first], sizeof(found)) != 0)
			return stop_for(publisher, ALARM_STORE_DIFFERS);
	}
	if (e == ERR_NOT_FOUND && index < size)
		return stop_for(publisher, ALARM_STORE_DIFFERS);
	return e == ERR_NOT_FOUND ? OK : e;
}

static void
drop_partial(const struct publisher *publisher, unsigned level, uint64_t number)
{
	struct tile tile = { .level = level, .number = number, .width = TILE_WIDTH };

	if (tile_hashes(level, publisher->published.size) / TILE_WIDTH <= number)
		return; /* it is partial still */
	tile_file_drop_partial(tlog_folder(publisher->tlog), &tile);
	tile.entries = true;
	if (level == 0)
		tile_file_drop_partial(tlog_folder(publisher->tlog), &tile);
}

/* Of the tiles that were partial at `old_size`, and of those before them: a crash between a checkpoint and this may
 * have left theirs. */
static void
drop_partials(const struct publisher *publisher, uint64_t old_size)
{
	for (unsigned at = 0; at < TILE_LEVELS; at++) {
		uint64_t number = tile_hashes(at, old_size) / TILE_WIDTH;

		drop_partial(publisher, at, number);
		if (number > 0)
			drop_partial(publisher, at, number - 1);
	}
}

static enum error
load(struct publisher *publisher, struct db *db, uint64_t count)
{
	publisher->folder_count = 0;
	TRY(read_checkpoint(publisher));
	if (count < publisher->published.size)
		return stop_for(publisher, ALARM_STORE_BEHIND);
	enum error e = read_levels(publisher);
	if (e == OK && publisher->published.size > 0)
		e = root_is_published(publisher) ? compare_last_bundle(publisher, db) : ERR_DAMAGED;
	if (e == ERR_DAMAGED)
		return stop_for(publisher, ALARM_TILE_DIFFERS);
	TRY(e);
	drop_partials(publisher, publisher->published.size);
	publisher->is_loaded = true;
	return OK;
}

/* ---- a run ---- */

/* Tiles are durable: the signer reads them, then the world may. */
static enum error
publish(struct publisher *publisher)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	struct checkpoint checkpoint = { .size = publisher->tree.size };
	enum alarm alarm = ALARM_NONE;

	snprintf(checkpoint.origin, sizeof(checkpoint.origin), "%s", publisher->signer->key.name);
	tree_root(&publisher->tree, checkpoint.root);
	checkpoint_print(&checkpoint, &note);
	strbuf_char(&note, '\n');
	enum error e = publisher->signer->sign(publisher->signer, &checkpoint, &note, &alarm);
	if (e == ERR_CONFLICT)
		return stop_for(publisher, alarm);
	TRY(e);
	TRY(tlog_publish(publisher->tlog, &checkpoint, note.text, note.bytes));
	uint64_t old_size = publisher->published.size;
	publisher->published = checkpoint;
	drop_partials(publisher, old_size);
	return OK;
}

static enum error
keep_partials(struct publisher *publisher)
{
	for (unsigned at = 0; at < TILE_LEVELS; at++)
		if (publisher->levels[at].width > 0)
			TRY(keep_level(publisher, at));
	return OK;
}

/* From the published size, or from where the step before ended, to the next step's end. */
static enum error
step(struct publisher *publisher, struct db *db, uint64_t count, bool *ret_more)
{
	uint64_t end = (publisher->tree.size / PUBLISHER_STEP_ENTRIES + 1) * PUBLISHER_STEP_ENTRIES;

	*ret_more = end < count;
	if (end > count)
		end = count;
	TRY(durable_make_folder(tlog_folder(publisher->tlog)));
	while (publisher->tree.size < end)
		TRY(push_chunk(publisher, db, end));
	/* A folder that is made again: up to what was signed before there is nothing to sign. */
	if (end < count && end < publisher->signer->size(publisher->signer))
		return sync_folders(publisher);
	TRY(keep_partials(publisher));
	TRY(sync_folders(publisher));
	return publish(publisher);
}

static enum error
run(struct publisher *publisher, struct db *db, bool *ret_more)
{
	uint64_t count = 0;

	TRY(count_entries(db, &count));
	if (!publisher->is_loaded)
		TRY(load(publisher, db, count));
	if (count < publisher->tree.size)
		return stop_for(publisher, ALARM_STORE_BEHIND);
	return count == publisher->published.size ? OK : step(publisher, db, count, ret_more);
}

enum error
publisher_run_once(struct publisher *publisher, struct db *db, bool *ret_more)
{
	bool more = false;

	if (tlog_alarm(publisher->tlog, NULL) != ALARM_NONE)
		return ERR_CONFLICT;
	enum error e = run(publisher, db, &more);
	if (e != OK)
		publisher->is_loaded = false;
	else
		*ret_more = more;
	tlog_failing(publisher->tlog, e != OK && e != ERR_CONFLICT);
	return e;
}
