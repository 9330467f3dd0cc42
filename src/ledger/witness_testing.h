/* witness_testing.h - for tests only: a log that is nothing but leaf hashes, its checkpoints and what it would send to a
 * witness. Leaf i of a branch is H(0x00 || branch || i): two branches fork at 0, a fork later is made by swapping. */
#pragma once
#include "ledger/testing.h"
#include "ledger/witness.h"

enum { TOY_LEAVES_MAX = 600 };

struct toy_log {
	unsigned char seed[NOTE_SEED_BYTES];
	struct note_key key;
	unsigned char leaves[TOY_LEAVES_MAX][TREE_HASH_BYTES];
};

static inline void
toy_open(struct toy_log *log, const char *origin, unsigned char first)
{
	unsigned char public_key[NOTE_PUBLIC_BYTES];

	count_up(log->seed, sizeof(log->seed), first);
	assert_int_equal(note_public_key(log->seed, public_key), OK);
	assert_int_equal(note_key_make(NOTE_LOG, origin, public_key, &log->key), OK);
	for (unsigned i = 0; i < TOY_LEAVES_MAX; i++)
		tree_leaf_hash((unsigned char[]){ first, (unsigned char)(i >> 8), (unsigned char)i }, 3,
			       log->leaves[i]);
}

static inline enum error
toy_read(void *context, unsigned level, uint64_t number, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	const struct toy_log *log = context;
	struct tree tree = { 0 };

	for (uint64_t i = number << level; i < (number + 1) << level; i++)
		tree_append(&tree, log->leaves[i]);
	tree_root(&tree, ret_hash);
	return OK;
}

static inline struct checkpoint
toy_checkpoint(const struct toy_log *log, uint64_t size)
{
	struct checkpoint checkpoint = { .size = size };
	struct tree tree = { 0 };

	for (uint64_t i = 0; i < size; i++)
		tree_append(&tree, log->leaves[i]);
	tree_root(&tree, checkpoint.root);
	snprintf(checkpoint.origin, sizeof(checkpoint.origin), "%s", log->key.name);
	return checkpoint;
}

/* The checkpoint, signed with this log's key. */
static inline void
toy_sign(const struct toy_log *log, const struct checkpoint *checkpoint, struct strbuf *note)
{
	unsigned char signature[NOTE_SIGNATURE_BYTES];

	checkpoint_print(checkpoint, note);
	assert_int_equal(note_sign(log->seed, note->text, note->bytes, signature), OK);
	strbuf_char(note, '\n');
	note_line_print(&log->key, 0, signature, note);
}

/* What the log sends for `size` to a witness that it believes to have `old_size`. */
static inline void
toy_request(struct toy_log *log, uint64_t old_size, uint64_t size, struct strbuf *body)
{
	const struct hash_source source = { .context = log, .read = toy_read };
	const struct checkpoint checkpoint = toy_checkpoint(log, size);
	AUTO(strbuf_done) struct strbuf note = { 0 };
	struct witness_request request = { .old_size = old_size };

	toy_sign(log, &checkpoint, &note);
	if (old_size <= size)
		assert_int_equal(proof_consistency(&source, old_size, size, &request.proof), OK);
	request.note = note.text;
	request.note_bytes = note.bytes;
	witness_request_print(&request, body);
}
