/* write_log FOLDER SIZE SEED [FIRST] - a log of any size, so that tlogcheck meets more than a small server has:
 * checkpoint, tiles and bundles as they are published, "vkey", "witness.vkey", and for each index that is the first or
 * last of a tile index.tlog-proof and index.entry. Entry i is the eight bytes of FIRST + i; the log's seed is 32 times
 * the byte SEED, the witness's 32 times SEED + 100. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include "ledger/proof_file.h"
#include "ledger/tile.h"
#include "ledger/tree_testing.h"

static const char origin[] = "log.example/test", witness[] = "witness.example/w1";
static const uint64_t cosigned_at_s = 1679315147; /* 20 March 2023 */

/* Makes the folders that the path names first. */
static void
write_file(const char *folder, const char *name, const void *bytes, size_t count)
{
	char path[4096];
	int length = snprintf(path, sizeof(path), "%s/%s", folder, name);

	assert(length > 0 && (size_t)length < sizeof(path));
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int failed = mkdir(path, 0777);

		assert(failed == 0 || errno == EEXIST);
		*slash = '/';
	}
	FILE *file = fopen(path, "wb");

	assert(file != NULL);
	size_t written = fwrite(bytes, 1, count, file);
	int failed = fclose(file);

	assert(written == count && failed == 0);
}

static void
write_tiles(const struct memory_tree *tree, const char *folder, uint64_t first)
{
	struct tile_walk walk = tile_walk_begin(0, tree->size);
	char path[TILE_PATH_BYTES_MAX];
	struct tile tile;

	while (tile_walk_next(&walk, &tile)) {
		AUTO(strbuf_done) struct strbuf bytes = { 0 };

		for (uint64_t i = tile.number * TILE_WIDTH; i < tile.number * TILE_WIDTH + tile.width; i++) {
			uint64_t entry = first + i;

			if (tile.entries)
				bundle_add(&bytes, &entry, sizeof(entry));
			else
				strbuf_add(&bytes, tree->levels[TILE_HEIGHT * tile.level][i], TREE_HASH_BYTES);
		}
		tile_path(&tile, path);
		write_file(folder, path, bytes.text, bytes.bytes);
	}
}

/* Appends a signature line over the note's three lines, and writes the key that made it. */
static void
sign(const char *folder, enum note_type type, const char *name, unsigned char seed_byte, size_t text_bytes,
     struct strbuf *note)
{
	unsigned char seed[NOTE_SEED_BYTES], public_key[NOTE_PUBLIC_BYTES], signature[NOTE_SIGNATURE_BYTES];
	uint64_t time_s = type == NOTE_WITNESS ? cosigned_at_s : 0;
	AUTO(strbuf_done) struct strbuf vkey = { 0 };
	struct note_key key;

	memset(seed, seed_byte, sizeof(seed));
	enum error e = note_public_key(seed, public_key);

	assert(e == OK);
	e = note_key_make(type, name, public_key, &key);
	assert(e == OK);
	e = type == NOTE_WITNESS ? note_cosign(seed, time_s, note->text, text_bytes, signature)
				 : note_sign(seed, note->text, text_bytes, signature);
	assert(e == OK);
	note_line_print(&key, time_s, signature, note);
	note_key_print(&key, &vkey);
	strbuf_char(&vkey, '\n');
	write_file(folder, type == NOTE_WITNESS ? "witness.vkey" : "vkey", vkey.text, vkey.bytes);
}

static void
write_checkpoint(const struct memory_tree *tree, const char *folder, unsigned char seed_byte, struct strbuf *note)
{
	struct checkpoint checkpoint = { .size = tree->size };

	memcpy(checkpoint.origin, origin, sizeof(origin));
	enum error e = proof_root(&tree->source, tree->size, checkpoint.root);

	assert(e == OK);
	checkpoint_print(&checkpoint, note);
	size_t text_bytes = note->bytes;

	strbuf_char(note, '\n');
	sign(folder, NOTE_LOG, origin, seed_byte, text_bytes, note);
	sign(folder, NOTE_WITNESS, witness, (unsigned char)(seed_byte + 100), text_bytes, note);
	write_file(folder, "checkpoint", note->text, note->bytes);
}

static void
write_proof(const struct memory_tree *tree, const char *folder, uint64_t index, uint64_t first,
	    const struct strbuf *note)
{
	AUTO(strbuf_done) struct strbuf file = { 0 };
	struct proof proof;
	char name[64];
	enum error e = proof_inclusion(&tree->source, index, tree->size, &proof);

	assert(e == OK);
	proof_file_print(index, &proof, note->text, note->bytes, &file);
	snprintf(name, sizeof(name), "%" PRIu64 ".tlog-proof", index);
	write_file(folder, name, file.text, file.bytes);
	snprintf(name, sizeof(name), "%" PRIu64 ".entry", index);
	uint64_t entry = first + index;

	write_file(folder, name, &entry, sizeof(entry));
}

int
main(int count, char **words)
{
	AUTO(memory_tree_done) struct memory_tree tree = { 0 };
	AUTO(strbuf_done) struct strbuf note = { 0 };
	uint64_t first = count == 5 ? strtoull(words[4], NULL, 10) : 0;
	uint64_t size = count == 4 || count == 5 ? strtoull(words[2], NULL, 10) : 0;

	if (size == 0) {
		fprintf(stderr, "usage: %s FOLDER SIZE SEED [FIRST]\n", words[0]);
		return 2;
	}
	memory_tree_init_from(&tree, size, first);
	write_tiles(&tree, words[1], first);
	write_checkpoint(&tree, words[1], (unsigned char)strtoul(words[3], NULL, 10), &note);
	for (uint64_t i = 0; i < size; i++)
		if (i % TILE_WIDTH == 0 || i % TILE_WIDTH == TILE_WIDTH - 1 || i + 1 == size)
			write_proof(&tree, words[1], i, first, &note);
	return 0;
}
