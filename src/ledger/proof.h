/* proof.h - inclusion and consistency proofs over the tree of docs/ledger.md section 1 (RFC 6962 2.1.1 and 2.1.2,
 * RFC 9162 2.1.3 and 2.1.4), and both for subtrees (draft-ietf-plants-merkle-tree-certs, section 4).
 *
 * Pure. Builders read the hashes of complete subtrees through a `struct hash_source`; checkers need nothing but
 * their arguments. A proof lists hashes from the leaf's side up and is consumed exactly: one hash missing or left
 * over is an error. Sizes and indexes are below 2^63. */
#pragma once
#include "base/base.h"
#include "ledger/tree.h"

enum { PROOF_HASHES_MAX = 64 };
struct proof {
	unsigned char hashes[PROOF_HASHES_MAX][TREE_HASH_BYTES];
	size_t count;
};

/* Where the hashes of complete subtrees are. `read` gives that of the 2^level leaves from number << level on; it is
 * asked only for subtrees that lie wholly inside the tree. Its errors come out of the builders unchanged. */
struct hash_source {
	void *context;
	enum error (*read)(void *context, unsigned level, uint64_t number,
			   unsigned char ret_hash[static TREE_HASH_BYTES]);
};

/* The root of the first `size` leaves; H("") when there are none. */
NODISCARD enum error proof_root(const struct hash_source *source, uint64_t size,
				unsigned char ret_root[static TREE_HASH_BYTES]);

/* Builders fill *ret_proof as they go: after an error it is undefined.
 * ERR_BAD_INPUT: index >= size, or a number of 2^63 or more. */
NODISCARD enum error proof_inclusion(const struct hash_source *source, uint64_t index, uint64_t size,
				     struct proof *ret_proof);
/* From size 0 and from a size to itself the proof is empty. ERR_BAD_INPUT: old_size > size. */
NODISCARD enum error proof_consistency(const struct hash_source *source, uint64_t old_size, uint64_t size,
				       struct proof *ret_proof);

/* Many inclusion proofs for one size: all the hashing a proof needs is that of the tree's right edge, the same for
 * each of them, so it is done once. Never changes once loaded: threads may share it. */
struct proof_edge {
	uint64_t size;
	/* rest[l] is the root of the last size mod 2^l leaves; used when that is not 0. */
	unsigned char rest[TREE_LEVELS_MAX][TREE_HASH_BYTES];
};
NODISCARD enum error proof_edge_load(const struct hash_source *source, uint64_t size, struct proof_edge *ret_edge);
/* As proof_inclusion(source, index, edge->size). */
NODISCARD enum error proof_edge_inclusion(const struct proof_edge *edge, const struct hash_source *source,
					  uint64_t index, struct proof *ret_proof);

/* OK: `leaf` (a leaf hash) stands at `index` of the tree of `size` leaves with this root. ERR_BAD_INPUT: that is not
 * shown. */
NODISCARD enum error proof_check_inclusion(uint64_t index, uint64_t size,
					   const unsigned char leaf[static TREE_HASH_BYTES], const struct proof *proof,
					   const unsigned char root[static TREE_HASH_BYTES]);
/* OK: the tree of `size` leaves begins with that of `old_size`. From size 0: empty proof, and old_root is H("").
 * ERR_BAD_INPUT: that is not shown. */
NODISCARD enum error proof_check_consistency(uint64_t old_size, uint64_t size,
					     const unsigned char old_root[static TREE_HASH_BYTES],
					     const struct proof *proof,
					     const unsigned char root[static TREE_HASH_BYTES]);

/* A subtree is the leaves start .. end - 1 where start is a multiple of the smallest power of two that is not below
 * end - start; its root is that of a tree of its own. An empty one is none of any tree and all trees hold it: its root
 * is H("") and its proof empty. What is no subtree is ERR_BAD_INPUT. */
bool proof_is_subtree(uint64_t start, uint64_t end);
/* `index` counts from the whole tree's first leaf. */
NODISCARD enum error proof_subtree_inclusion(const struct hash_source *source, uint64_t index, uint64_t start,
					     uint64_t end, struct proof *ret_proof);
NODISCARD enum error proof_check_subtree_inclusion(uint64_t index, uint64_t start, uint64_t end,
						   const unsigned char leaf[static TREE_HASH_BYTES],
						   const struct proof *proof,
						   const unsigned char root[static TREE_HASH_BYTES]);
/* That the tree of `size` leaves holds the subtree. */
NODISCARD enum error proof_subtree_consistency(const struct hash_source *source, uint64_t start, uint64_t end,
					       uint64_t size, struct proof *ret_proof);
NODISCARD enum error proof_check_subtree_consistency(uint64_t start, uint64_t end, uint64_t size,
						     const unsigned char subtree_root[static TREE_HASH_BYTES],
						     const struct proof *proof,
						     const unsigned char root[static TREE_HASH_BYTES]);
