/* tree.h - the Merkle tree of RFC 6962 section 2.1, kept as its right edge: one hash for each
 * complete subtree. Appending costs two hashes on average. */
#pragma once
#include "base/base.h"

enum { TREE_HASH_BYTES = 32, TREE_LEVELS_MAX = 63 };
struct tree { /* start with {0} */
	uint64_t size;
	unsigned char edge[TREE_LEVELS_MAX][TREE_HASH_BYTES]; /* edge[l] is used when bit l of size is set */
};
void tree_leaf_hash(const void *entry, size_t bytes, unsigned char ret_hash[static TREE_HASH_BYTES]);
/* H(0x01 || left || right); `ret_hash` may be `left` or `right`. */
void tree_node_hash(const unsigned char left[static TREE_HASH_BYTES], const unsigned char right[static TREE_HASH_BYTES],
		    unsigned char ret_hash[static TREE_HASH_BYTES]);
void tree_append(struct tree *tree, const unsigned char leaf_hash[static TREE_HASH_BYTES]);
void tree_root(const struct tree *tree, unsigned char ret_root[static TREE_HASH_BYTES]);
