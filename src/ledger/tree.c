#include "ledger/tree.h"
#include "ledger/sha256.h"
#include <string.h>

void
tree_leaf_hash(const void *entry, size_t bytes, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	struct sha256 hash;

	sha256_begin(&hash);
	sha256_add(&hash, "\x00", 1);
	sha256_add(&hash, entry, bytes);
	sha256_end(&hash, ret_hash);
}

void
tree_node_hash(const unsigned char left[static TREE_HASH_BYTES], const unsigned char right[static TREE_HASH_BYTES],
	       unsigned char ret_hash[static TREE_HASH_BYTES])
{
	unsigned char both[1 + 2 * TREE_HASH_BYTES] = { 0x01 };
	struct sha256 hash;

	memcpy(both + 1, left, TREE_HASH_BYTES);
	memcpy(both + 1 + TREE_HASH_BYTES, right, TREE_HASH_BYTES);
	sha256_begin(&hash);
	sha256_add(&hash, both, sizeof(both));
	sha256_end(&hash, ret_hash);
}

void
tree_append(struct tree *tree, const unsigned char leaf_hash[static TREE_HASH_BYTES])
{
	unsigned char carried[TREE_HASH_BYTES];
	int level = 0;

	assert(tree->size < (UINT64_C(1) << TREE_LEVELS_MAX) - 1);
	memcpy(carried, leaf_hash, sizeof(carried));
	/* As in adding one to a binary number: each set bit is a complete subtree that the carry doubles. */
	for (; (tree->size >> level & 1) != 0; level++)
		tree_node_hash(tree->edge[level], carried, carried);
	memcpy(tree->edge[level], carried, sizeof(carried));
	tree->size++;
}

void
tree_root(const struct tree *tree, unsigned char ret_root[static TREE_HASH_BYTES])
{
	unsigned char root[TREE_HASH_BYTES];
	bool begun = false;

	if (tree->size == 0) {
		struct sha256 hash;

		sha256_begin(&hash);
		sha256_end(&hash, ret_root);
		return;
	}
	for (int level = 0; level < TREE_LEVELS_MAX; level++) {
		if ((tree->size >> level & 1) == 0)
			continue;
		if (begun)
			tree_node_hash(tree->edge[level], root, root);
		else
			memcpy(root, tree->edge[level], sizeof(root));
		begun = true;
	}
	memcpy(ret_root, root, sizeof(root));
}
