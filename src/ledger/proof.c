#include "ledger/proof.h"
#include "ledger/sha256.h"
#include <string.h>

/* All of this walks the levels from the leaves up. On level l the leaves i is under node i >> l, and the last node,
 * (size - 1) >> l, is the only one that may be incomplete: its root is that of the last size mod 2^l leaves. A node
 * without a sibling on its level is passed up unchanged. */

static const uint64_t size_limit = UINT64_C(1) << TREE_LEVELS_MAX;

static void
hash_of_none(unsigned char *ret_root)
{
	struct sha256 hash;

	sha256_begin(&hash);
	sha256_end(&hash, ret_root);
}

static bool
hash_equals(const unsigned char *one, const unsigned char *other)
{
	return memcmp(one, other, TREE_HASH_BYTES) == 0;
}

/* The root of the last `count` leaves before `end`; `end - count` is a multiple of a power of two above count / 2. */
static enum error
read_last(const struct hash_source *source, uint64_t end, uint64_t count, unsigned char *ret_root)
{
	unsigned char root[TREE_HASH_BYTES], left[TREE_HASH_BYTES];
	unsigned level = (unsigned)__builtin_ctzll(count);

	TRY(source->read(source->context, level, (end >> level) - 1, root));
	while (count >> ++level != 0) {
		if ((count >> level & 1) == 0)
			continue;
		TRY(source->read(source->context, level, (end >> level) - 1, left));
		tree_node_hash(left, root, root);
	}
	memcpy(ret_root, root, TREE_HASH_BYTES);
	return OK;
}

/* Node `number` of a level, in a tree whose last leaf is under it or further right. */
static enum error
read_node(const struct hash_source *source, unsigned level, uint64_t number, uint64_t size, unsigned char *ret_hash)
{
	uint64_t rest = size & ((UINT64_C(1) << level) - 1);

	if (rest != 0 && number == size >> level)
		return read_last(source, size, rest, ret_hash);
	return source->read(source->context, level, number, ret_hash);
}

static unsigned char *
next_hash(struct proof *proof)
{
	assert(proof->count < PROOF_HASHES_MAX);
	return proof->hashes[proof->count++];
}

enum error
proof_root(const struct hash_source *source, uint64_t size, unsigned char ret_root[static TREE_HASH_BYTES])
{
	if (size >= size_limit)
		return ERR_BAD_INPUT;
	if (size > 0)
		return read_last(source, size, size, ret_root);
	hash_of_none(ret_root);
	return OK;
}

bool
proof_is_subtree(uint64_t start, uint64_t end)
{
	if (start > end || end >= size_limit)
		return false;
	/* As many low bits as the last place in it needs. */
	return end - start <= 1 || start << __builtin_clzll(end - start - 1) == 0;
}

enum error
proof_subtree_inclusion(const struct hash_source *source, uint64_t index, uint64_t start, uint64_t end,
			struct proof *ret_proof)
{
	if (!proof_is_subtree(start, end) || index < start || index >= end)
		return ERR_BAD_INPUT;
	uint64_t first = start, node = index, last = end - 1;

	ret_proof->count = 0;
	for (unsigned level = 0; first != last; level++, first >>= 1, node >>= 1, last >>= 1) {
		if ((node & 1) != 0 || node < last)
			TRY(read_node(source, level, node ^ 1, end, next_hash(ret_proof)));
	}
	return OK;
}

enum error
proof_inclusion(const struct hash_source *source, uint64_t index, uint64_t size, struct proof *ret_proof)
{
	return proof_subtree_inclusion(source, index, 0, size, ret_proof);
}

enum error
proof_edge_load(const struct hash_source *source, uint64_t size, struct proof_edge *ret_edge)
{
	unsigned char left[TREE_HASH_BYTES];
	unsigned lowest = size == 0 ? TREE_LEVELS_MAX : (unsigned)__builtin_ctzll(size);

	if (size >= size_limit)
		return ERR_BAD_INPUT;
	ret_edge->size = size;
	if (lowest + 1 < TREE_LEVELS_MAX)
		TRY(source->read(source->context, lowest, (size >> lowest) - 1, ret_edge->rest[lowest + 1]));
	for (unsigned level = lowest + 1; level + 1 < TREE_LEVELS_MAX; level++) {
		if ((size >> level & 1) == 0) {
			memcpy(ret_edge->rest[level + 1], ret_edge->rest[level], TREE_HASH_BYTES);
			continue;
		}
		TRY(source->read(source->context, level, (size >> level) - 1, left));
		tree_node_hash(left, ret_edge->rest[level], ret_edge->rest[level + 1]);
	}
	return OK;
}

enum error
proof_edge_inclusion(const struct proof_edge *edge, const struct hash_source *source, uint64_t index,
		     struct proof *ret_proof)
{
	uint64_t node = index, last = edge->size - 1;
	size_t count = 0;

	if (index >= edge->size)
		return ERR_BAD_INPUT;
	for (unsigned level = 0; last != 0; level++, node >>= 1, last >>= 1) {
		if (node == last && (node & 1) == 0)
			continue;
		unsigned char *hash = ret_proof->hashes[count++];

		if ((node ^ 1) == last && (edge->size & ((UINT64_C(1) << level) - 1)) != 0)
			memcpy(hash, edge->rest[level], TREE_HASH_BYTES);
		else
			TRY(source->read(source->context, level, node ^ 1, hash));
	}
	ret_proof->count = count;
	return OK;
}

/* Where a consistency proof begins: the largest subtree at the end of the old leaves that the new tree has as a node,
 * as the level of that node. */
static unsigned
shared_level(uint64_t start, uint64_t end, uint64_t size)
{
	uint64_t first = start, last = end - 1;
	unsigned level = 0;

	for (; first != last && (end == size || (last & 1) != 0); first >>= 1, last >>= 1)
		level++;
	return level;
}

enum error
proof_subtree_consistency(const struct hash_source *source, uint64_t start, uint64_t end, uint64_t size,
			  struct proof *ret_proof)
{
	if (!proof_is_subtree(start, end) || end > size || size >= size_limit)
		return ERR_BAD_INPUT;
	ret_proof->count = 0;
	if (start == end)
		return OK;
	unsigned level = shared_level(start, end, size);
	uint64_t first = start >> level, node = (end - 1) >> level, last = (size - 1) >> level;

	if (first != node)
		TRY(source->read(source->context, level, node, next_hash(ret_proof)));
	for (; last != 0; level++, node >>= 1, last >>= 1) {
		if ((node & 1) != 0 || node < last)
			TRY(read_node(source, level, node ^ 1, size, next_hash(ret_proof)));
	}
	return OK;
}

enum error
proof_consistency(const struct hash_source *source, uint64_t old_size, uint64_t size, struct proof *ret_proof)
{
	return proof_subtree_consistency(source, 0, old_size, size, ret_proof);
}

enum error
proof_check_subtree_inclusion(uint64_t index, uint64_t start, uint64_t end,
			      const unsigned char leaf[static TREE_HASH_BYTES], const struct proof *proof,
			      const unsigned char root[static TREE_HASH_BYTES])
{
	unsigned char hash[TREE_HASH_BYTES];
	size_t used = 0;

	if (!proof_is_subtree(start, end) || index < start || index >= end || proof->count > PROOF_HASHES_MAX)
		return ERR_BAD_INPUT;
	memcpy(hash, leaf, sizeof(hash));
	for (uint64_t node = index - start, last = end - start - 1; last != 0; node >>= 1, last >>= 1) {
		if (node == last && (node & 1) == 0)
			continue;
		if (used == proof->count)
			return ERR_BAD_INPUT;
		const unsigned char *sibling = proof->hashes[used++];

		if ((node & 1) != 0)
			tree_node_hash(sibling, hash, hash);
		else
			tree_node_hash(hash, sibling, hash);
	}
	return used == proof->count && hash_equals(hash, root) ? OK : ERR_BAD_INPUT;
}

enum error
proof_check_inclusion(uint64_t index, uint64_t size, const unsigned char leaf[static TREE_HASH_BYTES],
		      const struct proof *proof, const unsigned char root[static TREE_HASH_BYTES])
{
	return proof_check_subtree_inclusion(index, 0, size, leaf, proof, root);
}

/* Both roots from one proof: the subtree's, of the nodes left of `node` within it, and the tree's, of all. */
static enum error
check_both_roots(uint64_t start, uint64_t end, uint64_t size, const unsigned char *subtree_root,
		 const struct proof *proof, const unsigned char *root)
{
	unsigned char old[TREE_HASH_BYTES], whole[TREE_HASH_BYTES];
	unsigned level = shared_level(start, end, size);
	uint64_t first = start >> level, node = (end - 1) >> level, last = (size - 1) >> level;
	size_t used = first == node ? 0 : 1;

	if (proof->count < used || proof->count > PROOF_HASHES_MAX)
		return ERR_BAD_INPUT;
	memcpy(old, used == 0 ? subtree_root : proof->hashes[0], sizeof(old));
	memcpy(whole, old, sizeof(whole));
	for (; last != 0; first >>= 1, node >>= 1, last >>= 1) {
		if (node == last && (node & 1) == 0)
			continue;
		if (used == proof->count)
			return ERR_BAD_INPUT;
		const unsigned char *sibling = proof->hashes[used++];

		if ((node & 1) == 0) {
			tree_node_hash(whole, sibling, whole);
			continue;
		}
		if (first < node)
			tree_node_hash(sibling, old, old);
		tree_node_hash(sibling, whole, whole);
	}
	return used == proof->count && hash_equals(old, subtree_root) && hash_equals(whole, root) ? OK : ERR_BAD_INPUT;
}

enum error
proof_check_subtree_consistency(uint64_t start, uint64_t end, uint64_t size,
				const unsigned char subtree_root[static TREE_HASH_BYTES], const struct proof *proof,
				const unsigned char root[static TREE_HASH_BYTES])
{
	unsigned char none[TREE_HASH_BYTES];

	if (!proof_is_subtree(start, end) || end > size || size >= size_limit)
		return ERR_BAD_INPUT;
	if (start < end)
		return check_both_roots(start, end, size, subtree_root, proof, root);
	hash_of_none(none);
	return proof->count == 0 && hash_equals(subtree_root, none) ? OK : ERR_BAD_INPUT;
}

enum error
proof_check_consistency(uint64_t old_size, uint64_t size, const unsigned char old_root[static TREE_HASH_BYTES],
			const struct proof *proof, const unsigned char root[static TREE_HASH_BYTES])
{
	/* A size has one root, also when it is 0, which the subtree form does not look at. */
	if (old_size == size && !hash_equals(old_root, root))
		return ERR_BAD_INPUT;
	return proof_check_subtree_consistency(0, old_size, size, old_root, proof, root);
}
