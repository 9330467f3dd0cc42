/* Proof files and proof checking. A file that is taken is written again byte for byte. A proof of any bytes is checked
 * against a small tree: only the one that the tree builds may hold. */
#include <string.h>
#include "fuzz.h"
#include "ledger/bytes.h"
#include "ledger/proof_file.h"
#include "ledger/tree_testing.h"

enum { SIZE = 23, NUMBERS_BYTES = 2 };

static void
check_file(const char *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	static const unsigned char leaf[TREE_HASH_BYTES];
	struct checkpoint checkpoint;
	struct proof_file file;
	struct note_key log;
	static const char vkey[] = "log.example/test+6ffdf1c0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
	enum error e = note_key_parse(vkey, sizeof(vkey) - 1, &log);

	assert(e == OK);
	if (proof_file_parse(bytes, count, &file) != OK)
		return;
	proof_file_print(file.index, &file.proof, file.checkpoint, file.checkpoint_bytes, &out);
	assert(out.bytes == count && memcmp(out.text, bytes, count) == 0);
	e = proof_file_check(&file, &log, leaf, &checkpoint);
	assert(e == ERR_BAD_INPUT); /* nobody knows an entry whose hash is all 0 */
}

/* The bytes behind the two numbers are XORed to the right proof, so that zeros are the right one and a bit is one bit off. */
static void
check_against_tree(const uint8_t *bytes, size_t count, bool consistency)
{
	static struct memory_tree tree;
	unsigned char root[TREE_HASH_BYTES], old_root[TREE_HASH_BYTES];
	uint64_t index = bytes[0] % SIZE, size = 1 + bytes[1] % SIZE, old = index + 1;
	struct proof proof;
	bool changed = false;

	if (tree.size == 0)
		memory_tree_init(&tree, SIZE);
	if (index >= size)
		return;
	enum error e = proof_root(&tree.source, size, root);

	assert(e == OK);
	e = consistency ? proof_consistency(&tree.source, old, size, &proof)
			: proof_inclusion(&tree.source, index, size, &proof);
	assert(e == OK);
	for (size_t i = NUMBERS_BYTES; i < count && (i - NUMBERS_BYTES) / TREE_HASH_BYTES < proof.count; i++) {
		proof.hashes[(i - NUMBERS_BYTES) / TREE_HASH_BYTES][(i - NUMBERS_BYTES) % TREE_HASH_BYTES] ^= bytes[i];
		changed = changed || bytes[i] != 0;
	}
	e = proof_root(&tree.source, old, old_root);
	assert(e == OK);
	e = consistency ? proof_check_consistency(old, size, old_root, &proof, root)
			: proof_check_inclusion(index, size, tree.levels[0][index], &proof, root);
	assert(e == (changed ? ERR_BAD_INPUT : OK));
}

/* Any numbers and any hashes: never a step beyond the proof. */
static void
check_numbers(const uint8_t *bytes, size_t count)
{
	static const unsigned char root[TREE_HASH_BYTES];
	struct proof proof = { 0 };

	if (count < 25)
		return;
	uint64_t start = get_unsigned(bytes, 8), end = get_unsigned(bytes + 8, 8), size = get_unsigned(bytes + 16, 8);

	proof.count = bytes[24] % (PROOF_HASHES_MAX + 2);
	assert(proof_check_inclusion(start, size, root, &proof, root) == OK ? start == 0 && size == 1 : true);
	enum error inclusion = proof_check_subtree_inclusion(size, start, end, root, &proof, root);
	enum error consistency = proof_check_subtree_consistency(start, end, size, root, &proof, root);

	/* Only trees of one leaf have a root that is its leaf, and only a size that is the same. */
	assert(inclusion != OK || end - start == 1);
	assert(consistency != OK || (start == 0 && end == size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	check_file((const char *)bytes, count);
	check_numbers(bytes, count);
	if (count < NUMBERS_BYTES)
		return 0;
	check_against_tree(bytes, count, false);
	check_against_tree(bytes, count, true);
	return 0;
}
