/* published_testing.h - for tests only: a log (log_testing.h) with what publishes it: a folder of tiles, a signer, a
 * reader and a publisher. */
#pragma once
#include "ledger/log_testing.h"
#include "ledger/durable.h"
#include "ledger/proof_file.h"
#include "ledger/publisher.h"
#include "ledger/tile_file.h"

struct published {
	struct log *log;
	char tiles[96]; /* DIR/tlog */
	char state[96]; /* DIR/signer */
	unsigned char seed[NOTE_SEED_BYTES];
	struct db *reader;
	struct signer *signer;
	struct tlog *tlog;
	struct publisher *publisher;
};

static inline struct signer_config
signer_config_of(struct published *p)
{
	return (struct signer_config){ .origin = ORIGIN, .seed = p->seed, .state_path = p->state, .folder = p->tiles };
}

/* What a program has in memory; the folder stays. */
static inline void
close_publishing(struct published *p)
{
	publisher_free(TAKE(p->publisher));
	signer_close(TAKE(p->signer));
	tlog_close(TAKE(p->tlog));
	db_close(TAKE(p->reader));
}

static inline void
open_publishing(struct published *p)
{
	const struct signer_config config = signer_config_of(p);
	enum alarm alarm = ALARM_NONE;

	assert_int_equal(signer_file_open(&config, &alarm, &p->signer), OK);
	assert_int_equal(tlog_open(p->tiles, ORIGIN, &p->tlog), OK);
	assert_int_equal(db_open(p->log->path, DB_READ, &p->reader), OK);
	p->publisher = publisher_new(p->tlog, p->signer);
}

/* As after a restart of the program. */
static inline void
reopen_publishing(struct published *p)
{
	close_publishing(p);
	open_publishing(p);
}

static inline int
set_up_published(void **state)
{
	struct published *p = calloc(1, sizeof(*p));
	void *log = NULL;

	set_up_log(&log);
	p->log = log;
	snprintf(p->tiles, sizeof(p->tiles), "%s/tlog", p->log->folder);
	snprintf(p->state, sizeof(p->state), "%s/signer", p->log->folder);
	count_up(p->seed, sizeof(p->seed), 1);
	const struct signer_config config = signer_config_of(p);

	assert_int_equal(signer_file_begin(&config), OK);
	open_publishing(p);
	*state = p;
	return 0;
}

static inline int
tear_down_published(void **state)
{
	struct published *p = *state;
	void *log = p->log;

	durable_fail_at(0);
	close_publishing(p);
	tear_down_log(&log);
	free(p);
	return 0;
}

/* Until the log has `size` entries, all in one transaction. */
static inline void
grow_to(struct published *p, uint64_t size)
{
	uint64_t index = 0;

	assert_int_equal(db_begin(p->log->db), OK);
	while (ledger_size(p->log->ledger) < size)
		assert_int_equal(append_known(p->log, 1 + (int64_t)(ledger_size(p->log->ledger) % 3), &index), OK);
	assert_int_equal(db_commit(p->log->db), OK);
	ledger_committed(p->log->ledger);
}

static inline enum error
publish_now(struct published *p)
{
	bool more = true;
	enum error e = OK;

	while (e == OK && more)
		e = publisher_run_once(p->publisher, p->reader, &more);
	return e;
}

static inline void
publish_at(struct published *p, uint64_t size)
{
	grow_to(p, size);
	assert_int_equal(publish_now(p), OK);
}

static inline uint64_t
published_size(struct published *p)
{
	struct checkpoint checkpoint;

	return tlog_published(p->tlog, &checkpoint) ? checkpoint.size : 0;
}

static inline bool
is_there(struct published *p, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", p->tiles, name);
	return access(path, F_OK) == 0;
}

/* Shell commands in the folder of the tiles. */
static inline void
in_tiles(struct published *p, const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd %s && %s", p->tiles, command);
	assert_int_equal(system(line), 0);
}

/* The leaf hash of an entry as the store has it. */
static inline void
leaf_of(struct published *p, uint64_t index, unsigned char ret_leaf[static TREE_HASH_BYTES])
{
	AUTO(query_free) struct query *q = db_query(p->log->db, "select body from ledger_entry where idx = $1");
	size_t bytes = 0;

	bind_integer(q, 1, (int64_t)index);
	assert_int_equal(query_one(q), OK);
	const void *body = column_bytes(q, 0, &bytes);

	tree_leaf_hash(body, bytes, ret_leaf);
}

static inline void
assert_proven(struct published *p, uint64_t index)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	unsigned char leaf[TREE_HASH_BYTES];
	struct checkpoint checkpoint;
	struct proof_file file;

	leaf_of(p, index, leaf);
	assert_int_equal(tlog_proof_file(p->tlog, index, leaf, &out), OK);
	assert_int_equal(proof_file_parse(out.text, out.bytes, &file), OK);
	assert_int_equal(file.index, index);
	assert_int_equal(proof_file_check(&file, &p->signer->key, leaf, &checkpoint), OK);
}

/* Everything that others could ask for follows from the store: the signed root, every tile and bundle of the published
 * size, a proof of entries from both ends. */
static inline void
assert_published(struct published *p)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	unsigned char root[TREE_HASH_BYTES];
	struct checkpoint checkpoint;
	uint64_t size = ledger_size(p->log->ledger);
	struct tile_walk walk = tile_walk_begin(0, size);
	struct tile tile;

	assert_int_equal(tlog_checkpoint(p->tlog, &note), OK);
	assert_int_equal(checkpoint_open(note.text, note.bytes, &p->signer->key, &checkpoint), OK);
	assert_int_equal(checkpoint.size, size);
	ledger_root(p->log->ledger, root);
	assert_memory_equal(checkpoint.root, root, sizeof(root));
	while (tile_walk_next(&walk, &tile)) {
		AUTO(strbuf_done) struct strbuf file = { 0 };
		unsigned char hashes[TILE_WIDTH][TREE_HASH_BYTES];

		assert_int_equal(tile_file_read(p->tiles, &tile, &file), OK);
		if (tile.entries)
			assert_int_equal(bundle_hashes(file.text, file.bytes, tile.width, hashes), OK);
		for (unsigned i = 0; tile.entries && i < tile.width; i++) {
			unsigned char leaf[TREE_HASH_BYTES];

			leaf_of(p, tile.number * TILE_WIDTH + i, leaf);
			assert_memory_equal(hashes[i], leaf, sizeof(leaf));
		}
	}
	AUTO(tlog_view_free) struct tlog_view *view = tlog_view_new(p->tlog, size);

	assert_int_equal(proof_root(tlog_view_source(view), size, root), OK);
	assert_memory_equal(checkpoint.root, root, sizeof(root));
	assert_proven(p, 0);
	assert_proven(p, size / 2);
	assert_proven(p, size - 1);
}

#define PUBLISHED(test) cmocka_unit_test_setup_teardown(test, set_up_published, tear_down_published)
