/* tree_testing.h - for tests, fuzzing and benchmarks only: a whole tree in memory, every complete subtree's root. */
#pragma once
#include <stdlib.h>
#include <string.h>
#include "ledger/proof.h"

struct memory_tree {
	uint64_t size;
	unsigned char (*levels[TREE_LEVELS_MAX])[TREE_HASH_BYTES];
	struct hash_source source;
};

static inline enum error
memory_tree_read(void *context, unsigned level, uint64_t number, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	const struct memory_tree *tree = context;

	assert(level < TREE_LEVELS_MAX && number < tree->size >> level);
	memcpy(ret_hash, tree->levels[level][number], TREE_HASH_BYTES);
	return OK;
}

/* Leaf i is the leaf hash of the eight bytes of first + i as this machine orders them. `tree` must not move afterwards. */
static inline void
memory_tree_init_from(struct memory_tree *tree, uint64_t size, uint64_t first)
{
	*tree = (struct memory_tree){ .size = size, .source = { .context = tree, .read = memory_tree_read } };
	for (unsigned level = 0; level < TREE_LEVELS_MAX && size >> level != 0; level++) {
		tree->levels[level] = malloc((size >> level) * TREE_HASH_BYTES);
		assert(tree->levels[level] != NULL);
		for (uint64_t i = 0; i < size >> level; i++) {
			unsigned char *hash = tree->levels[level][i];
			uint64_t entry = first + i;

			if (level == 0)
				tree_leaf_hash(&entry, sizeof(entry), hash);
			else
				tree_node_hash(tree->levels[level - 1][2 * i], tree->levels[level - 1][2 * i + 1],
					       hash);
		}
	}
}

static inline __attribute__((unused)) void
memory_tree_init(struct memory_tree *tree, uint64_t size)
{
	memory_tree_init_from(tree, size, 0);
}

static inline void
memory_tree_done(struct memory_tree *tree)
{
	for (unsigned level = 0; level < TREE_LEVELS_MAX; level++)
		free(tree->levels[level]);
}
DEFINE_AUTO_DONE(struct memory_tree, memory_tree_done)
