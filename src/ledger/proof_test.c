#include "ledger/testing.h"
#include "ledger/proof.h"
#include "ledger/tree_testing.h"

/* The definitions, word for word and slow. A range of leaves is a list of its own. */
struct leaves {
	const unsigned char (*hashes)[TREE_HASH_BYTES];
	uint64_t count;
};

static struct leaves
range(struct leaves leaves, uint64_t from, uint64_t to)
{
	return (struct leaves){ .hashes = leaves.hashes + from, .count = to - from };
}

static uint64_t
split_of(uint64_t count)
{
	uint64_t k = 1;

	while (k * 2 < count)
		k *= 2;
	return k;
}

/* RFC 6962 2.1. */
static void
obvious_root(struct leaves leaves, unsigned char *ret_root)
{
	unsigned char left[TREE_HASH_BYTES], right[TREE_HASH_BYTES];

	if (leaves.count == 0) {
		tree_root(&(struct tree){ 0 }, ret_root);
		return;
	}
	if (leaves.count == 1) {
		memcpy(ret_root, leaves.hashes[0], TREE_HASH_BYTES);
		return;
	}
	uint64_t k = split_of(leaves.count);

	obvious_root(range(leaves, 0, k), left);
	obvious_root(range(leaves, k, leaves.count), right);
	tree_node_hash(left, right, ret_root);
}

static void
push_root(struct leaves leaves, struct proof *proof)
{
	obvious_root(leaves, proof->hashes[proof->count++]);
}

/* RFC 6962 2.1.1, PATH(m, D[n]). */
static void
obvious_path(uint64_t m, struct leaves leaves, struct proof *proof)
{
	if (leaves.count == 1)
		return;
	uint64_t k = split_of(leaves.count);

	if (m < k) {
		obvious_path(m, range(leaves, 0, k), proof);
		push_root(range(leaves, k, leaves.count), proof);
	} else {
		obvious_path(m - k, range(leaves, k, leaves.count), proof);
		push_root(range(leaves, 0, k), proof);
	}
}

/* RFC 6962 2.1.2, SUBPROOF(m, D[n], b), with a start: SUBTREE_SUBPROOF of draft-ietf-plants-merkle-tree-certs. */
static void
obvious_subproof(uint64_t start, uint64_t end, struct leaves leaves, bool known, struct proof *proof)
{
	if (start == 0 && end == leaves.count) {
		if (!known)
			push_root(leaves, proof);
		return;
	}
	uint64_t k = split_of(leaves.count);
	struct leaves left = range(leaves, 0, k), right = range(leaves, k, leaves.count);

	if (end <= k) {
		obvious_subproof(start, end, left, known, proof);
		push_root(right, proof);
	} else if (k <= start) {
		obvious_subproof(start - k, end - k, right, known, proof);
		push_root(left, proof);
	} else {
		assert_int_equal(start, 0);
		obvious_subproof(0, end - k, right, false, proof);
		push_root(left, proof);
	}
}

static void
assert_same_proof(const struct proof *one, const struct proof *other)
{
	assert_int_equal(one->count, other->count);
	assert_memory_equal(one->hashes, other->hashes, one->count * TREE_HASH_BYTES);
}

enum { SMALL = 70, LEAVES = 300 };

static struct leaves
leaves_of(const struct memory_tree *tree, uint64_t size)
{
	return (struct leaves){ .hashes = (const void *)tree->levels[0], .count = size };
}

static void
every_inclusion_proof_is_the_path_of_the_rfc_and_holds(void **state)
{
	AUTO(memory_tree_done) struct memory_tree tree;

	memory_tree_init(&tree, LEAVES);
	for (uint64_t size = 1; size <= LEAVES; size = size < SMALL ? size + 1 : size + 23) {
		unsigned char root[TREE_HASH_BYTES], obvious[TREE_HASH_BYTES];

		assert_int_equal(proof_root(&tree.source, size, root), OK);
		obvious_root(leaves_of(&tree, size), obvious);
		assert_memory_equal(root, obvious, sizeof(root));
		for (uint64_t i = 0; i < size; i++) {
			struct proof built, expected = { 0 };

			obvious_path(i, leaves_of(&tree, size), &expected);
			assert_int_equal(proof_inclusion(&tree.source, i, size, &built), OK);
			assert_same_proof(&built, &expected);
			assert_int_equal(proof_check_inclusion(i, size, tree.levels[0][i], &built, root), OK);
		}
	}
}

static void
an_edge_gives_the_same_proofs(void **state)
{
	AUTO(memory_tree_done) struct memory_tree tree;
	struct proof_edge edge;

	memory_tree_init(&tree, LEAVES);
	for (uint64_t size = 0; size <= LEAVES; size++) {
		struct proof built, expected;

		assert_int_equal(proof_edge_load(&tree.source, size, &edge), OK);
		assert_int_equal(proof_edge_inclusion(&edge, &tree.source, size, &built), ERR_BAD_INPUT);
		for (uint64_t i = 0; i < size; i++) {
			assert_int_equal(proof_inclusion(&tree.source, i, size, &expected), OK);
			assert_int_equal(proof_edge_inclusion(&edge, &tree.source, i, &built), OK);
			assert_same_proof(&built, &expected);
		}
	}
}

static void
every_consistency_proof_is_that_of_the_rfc_and_holds(void **state)
{
	AUTO(memory_tree_done) struct memory_tree tree;

	memory_tree_init(&tree, SMALL);
	for (uint64_t size = 0; size <= SMALL; size++) {
		unsigned char root[TREE_HASH_BYTES], old_root[TREE_HASH_BYTES];

		assert_int_equal(proof_root(&tree.source, size, root), OK);
		for (uint64_t old = 0; old <= size; old++) {
			struct proof built, expected = { 0 };

			if (old > 0)
				obvious_subproof(0, old, leaves_of(&tree, size), true, &expected);
			assert_int_equal(proof_consistency(&tree.source, old, size, &built), OK);
			assert_same_proof(&built, &expected);
			assert_int_equal(proof_root(&tree.source, old, old_root), OK);
			assert_int_equal(proof_check_consistency(old, size, old_root, &built, root), OK);
		}
	}
}

/* All proofs of one subtree within one size. */
static void
check_subtree(struct memory_tree *tree, uint64_t start, uint64_t end, uint64_t size)
{
	unsigned char root[TREE_HASH_BYTES], subtree_root[TREE_HASH_BYTES];
	struct proof built, expected = { 0 };

	obvious_root(range(leaves_of(tree, size), start, end), subtree_root);
	assert_int_equal(proof_root(&tree->source, size, root), OK);
	if (start < end)
		obvious_subproof(start, end, leaves_of(tree, size), true, &expected);
	assert_int_equal(proof_subtree_consistency(&tree->source, start, end, size, &built), OK);
	assert_same_proof(&built, &expected);
	assert_int_equal(proof_check_subtree_consistency(start, end, size, subtree_root, &built, root), OK);
	for (uint64_t i = start; i < end; i++) {
		expected.count = 0;
		obvious_path(i - start, range(leaves_of(tree, size), start, end), &expected);
		assert_int_equal(proof_subtree_inclusion(&tree->source, i, start, end, &built), OK);
		assert_same_proof(&built, &expected);
		assert_int_equal(proof_check_subtree_inclusion(i, start, end, tree->levels[0][i], &built, subtree_root),
				 OK);
	}
}

static void
every_subtree_is_proven_as_the_draft_says(void **state)
{
	AUTO(memory_tree_done) struct memory_tree tree;
	struct proof proof;
	int checked = 0;

	memory_tree_init(&tree, 40);
	for (uint64_t size = 1; size <= 40; size++) {
		for (uint64_t start = 0; start <= size; start++) {
			for (uint64_t end = start; end <= size; end++) {
				uint64_t ceiling = 1;

				while (ceiling < end - start)
					ceiling *= 2;
				bool is_subtree = start % ceiling == 0;

				assert_int_equal(proof_is_subtree(start, end), is_subtree);
				if (is_subtree)
					check_subtree(&tree, start, end, size);
				else
					assert_int_equal(
						proof_subtree_consistency(&tree.source, start, end, size, &proof),
						ERR_BAD_INPUT);
				checked += is_subtree;
			}
		}
	}
	assert_true(checked > 1000);
}

/* Every leaf the same, so that any size below 2^63 fits in a table of one hash a level. */
struct uniform {
	unsigned char hashes[TREE_LEVELS_MAX][TREE_HASH_BYTES];
};

static enum error
uniform_read(void *context, unsigned level, uint64_t number, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	const struct uniform *uniform = context;

	assert_true(level < TREE_LEVELS_MAX);
	memcpy(ret_hash, uniform->hashes[level], TREE_HASH_BYTES);
	return OK;
}

static void
uniform_init(struct uniform *uniform)
{
	tree_leaf_hash("", 0, uniform->hashes[0]);
	for (int level = 1; level < TREE_LEVELS_MAX; level++)
		tree_node_hash(uniform->hashes[level - 1], uniform->hashes[level - 1], uniform->hashes[level]);
}

static void
the_largest_trees_are_proven_too(void **state)
{
	struct uniform uniform;
	const struct hash_source source = { .context = &uniform, .read = uniform_read };
	const uint64_t sizes[] = { (UINT64_C(1) << 62) - 1, UINT64_C(1) << 62, (UINT64_C(1) << 62) + 1, INT64_MAX };
	unsigned char root[TREE_HASH_BYTES], old_root[TREE_HASH_BYTES];
	struct proof_edge edge;
	struct proof proof;

	uniform_init(&uniform);
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		assert_int_equal(proof_root(&source, sizes[i], root), OK);
		assert_int_equal(proof_edge_load(&source, sizes[i], &edge), OK);
		assert_int_equal(proof_edge_inclusion(&edge, &source, sizes[i] - 1, &proof), OK);
		assert_int_equal(proof_check_inclusion(sizes[i] - 1, sizes[i], uniform.hashes[0], &proof, root), OK);
		/* An odd size just below the middle makes the longest proofs. */
		for (uint64_t old = (UINT64_C(1) << 61) - 3; old < (UINT64_C(1) << 61) + 4; old++) {
			assert_int_equal(proof_root(&source, old, old_root), OK);
			assert_int_equal(proof_consistency(&source, old, sizes[i], &proof), OK);
			assert_int_equal(proof_check_consistency(old, sizes[i], old_root, &proof, root), OK);
			assert_true(proof.count <= PROOF_HASHES_MAX);
		}
	}
}

static void
numbers_out_of_bounds_are_refused(void **state)
{
	const uint64_t too_large = UINT64_C(1) << 63;
	AUTO(memory_tree_done) struct memory_tree tree;
	unsigned char root[TREE_HASH_BYTES];
	struct proof_edge edge;
	struct proof proof = { 0 };

	memory_tree_init(&tree, 8);
	assert_int_equal(proof_root(&tree.source, too_large, root), ERR_BAD_INPUT);
	assert_int_equal(proof_edge_load(&tree.source, too_large, &edge), ERR_BAD_INPUT);
	assert_int_equal(proof_inclusion(&tree.source, 8, 8, &proof), ERR_BAD_INPUT);
	assert_int_equal(proof_inclusion(&tree.source, 0, 0, &proof), ERR_BAD_INPUT);
	assert_int_equal(proof_inclusion(&tree.source, 0, too_large, &proof), ERR_BAD_INPUT);
	assert_int_equal(proof_consistency(&tree.source, 8, 7, &proof), ERR_BAD_INPUT);
	assert_int_equal(proof_consistency(&tree.source, 1, too_large, &proof), ERR_BAD_INPUT);
	assert_int_equal(proof_check_inclusion(0, too_large, root, &proof, root), ERR_BAD_INPUT);
	assert_int_equal(proof_check_inclusion(1, 1, root, &proof, root), ERR_BAD_INPUT);
	assert_int_equal(proof_check_consistency(too_large, too_large, root, &proof, root), ERR_BAD_INPUT);
	proof.count = PROOF_HASHES_MAX + 1;
	assert_int_equal(proof_check_inclusion(0, INT64_MAX, root, &proof, root), ERR_BAD_INPUT);
	assert_int_equal(proof_check_consistency(1, INT64_MAX, root, &proof, root), ERR_BAD_INPUT);
}

static void
a_size_of_2_63_is_refused_whatever_is_proven_of_it(void **state)
{
	const uint64_t half = UINT64_C(1) << 62;
	unsigned char old[TREE_HASH_BYTES] = { 1 }, root[TREE_HASH_BYTES];
	struct proof proof = { .hashes = { { 2 } }, .count = 1 };

	/* The two halves of the tree. */
	tree_node_hash(old, proof.hashes[0], root);
	assert_int_equal(proof_check_consistency(half, 2 * half, old, &proof, root), ERR_BAD_INPUT);
	assert_int_equal(proof_check_consistency(half / 2, half, old, &proof, root), OK);
}

static void
a_size_has_one_root_also_when_it_is_0(void **state)
{
	unsigned char none[TREE_HASH_BYTES], other[TREE_HASH_BYTES] = { 1 };
	const struct proof empty = { 0 };
	struct proof one = { .count = 1 };

	tree_root(&(struct tree){ 0 }, none);
	assert_int_equal(proof_check_consistency(0, 0, none, &empty, none), OK);
	assert_int_equal(proof_check_consistency(0, 5, none, &empty, other), OK);
	assert_int_equal(proof_check_consistency(0, 5, other, &empty, other), ERR_BAD_INPUT);
	assert_int_equal(proof_check_consistency(0, 5, none, &one, other), ERR_BAD_INPUT);
	assert_int_equal(proof_check_consistency(0, 0, none, &empty, other), ERR_BAD_INPUT);
	assert_int_equal(proof_check_consistency(0, 0, other, &empty, none), ERR_BAD_INPUT);
	assert_int_equal(proof_check_consistency(5, 5, other, &empty, other), OK);
	assert_int_equal(proof_check_consistency(5, 5, other, &empty, none), ERR_BAD_INPUT);
	assert_int_equal(proof_check_consistency(5, 5, other, &one, other), ERR_BAD_INPUT);
}

static void
an_inclusion_proof_with_one_bit_changed_is_refused(void **state)
{
	AUTO(memory_tree_done) struct memory_tree tree;
	unsigned char root[TREE_HASH_BYTES], leaf[TREE_HASH_BYTES];
	struct proof proof;

	memory_tree_init(&tree, 13);
	assert_int_equal(proof_root(&tree.source, 13, root), OK);
	for (uint64_t i = 0; i < 13; i++) {
		memcpy(leaf, tree.levels[0][i], sizeof(leaf));
		assert_int_equal(proof_inclusion(&tree.source, i, 13, &proof), OK);
		struct {
			unsigned char *bytes;
			size_t count;
		} parts[] = { { leaf, 32 }, { root, 32 }, { proof.hashes[0], proof.count * TREE_HASH_BYTES } };

		for (size_t part = 0; part < ARRAY_COUNT(parts); part++) {
			for (size_t bit = 0; bit < parts[part].count * 8; bit++) {
				parts[part].bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
				assert_int_equal(proof_check_inclusion(i, 13, leaf, &proof, root), ERR_BAD_INPUT);
				parts[part].bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
			}
		}
		for (uint64_t other = 0; other < 20; other++)
			assert_int_equal(proof_check_inclusion(other, 13, leaf, &proof, root),
					 other == i ? OK : ERR_BAD_INPUT);
		proof.count++;
		assert_int_equal(proof_check_inclusion(i, 13, leaf, &proof, root), ERR_BAD_INPUT);
		proof.count -= 2;
		assert_int_equal(proof_check_inclusion(i, 13, leaf, &proof, root), ERR_BAD_INPUT);
	}
}

static void
a_consistency_proof_with_one_bit_changed_is_refused(void **state)
{
	AUTO(memory_tree_done) struct memory_tree tree;
	unsigned char root[TREE_HASH_BYTES], old_root[TREE_HASH_BYTES];
	struct proof proof;

	memory_tree_init(&tree, 13);
	assert_int_equal(proof_root(&tree.source, 13, root), OK);
	for (uint64_t old = 1; old < 13; old++) {
		assert_int_equal(proof_root(&tree.source, old, old_root), OK);
		assert_int_equal(proof_consistency(&tree.source, old, 13, &proof), OK);
		for (size_t bit = 0; bit < (proof.count + 2) * TREE_HASH_BYTES * 8; bit++) {
			size_t byte = bit / 8, inside = byte % TREE_HASH_BYTES, which = byte / TREE_HASH_BYTES;
			unsigned char *hash = which == 0 ? old_root : which == 1 ? root : proof.hashes[which - 2];

			hash[inside] ^= (unsigned char)(1u << bit % 8);
			assert_int_equal(proof_check_consistency(old, 13, old_root, &proof, root), ERR_BAD_INPUT);
			hash[inside] ^= (unsigned char)(1u << bit % 8);
		}
		proof.count++;
		assert_int_equal(proof_check_consistency(old, 13, old_root, &proof, root), ERR_BAD_INPUT);
		proof.count -= 2;
		assert_int_equal(proof_check_consistency(old, 13, old_root, &proof, root), ERR_BAD_INPUT);
		proof.count++;
		assert_int_equal(proof_check_consistency(old, 13, old_root, &proof, root), OK);
	}
}

static enum error
failing_read(void *context, unsigned level, uint64_t number, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	int *left = context;

	memset(ret_hash, 0, TREE_HASH_BYTES);
	return (*left)-- > 0 ? OK : ERR_IO;
}

static void
the_source_s_error_comes_out_whichever_read_fails(void **state)
{
	int left = 0;
	const struct hash_source source = { .context = &left, .read = failing_read };
	unsigned char root[TREE_HASH_BYTES];
	struct proof_edge edge;
	struct proof proof;

	/* 13 is 1101 in binary: three subtrees. */
	for (int reads = 0; reads < 3; reads++) {
		left = reads;
		assert_int_equal(proof_root(&source, 13, root), ERR_IO);
		left = reads;
		assert_int_equal(proof_edge_load(&source, 13, &edge), ERR_IO);
		left = reads;
		assert_int_equal(proof_inclusion(&source, 2, 13, &proof), ERR_IO);
		left = reads;
		assert_int_equal(proof_consistency(&source, 3, 13, &proof), ERR_IO);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_inclusion_proof_is_the_path_of_the_rfc_and_holds),
		cmocka_unit_test(an_edge_gives_the_same_proofs),
		cmocka_unit_test(every_consistency_proof_is_that_of_the_rfc_and_holds),
		cmocka_unit_test(every_subtree_is_proven_as_the_draft_says),
		cmocka_unit_test(the_largest_trees_are_proven_too),
		cmocka_unit_test(numbers_out_of_bounds_are_refused),
		cmocka_unit_test(a_size_of_2_63_is_refused_whatever_is_proven_of_it),
		cmocka_unit_test(a_size_has_one_root_also_when_it_is_0),
		cmocka_unit_test(an_inclusion_proof_with_one_bit_changed_is_refused),
		cmocka_unit_test(a_consistency_proof_with_one_bit_changed_is_refused),
		cmocka_unit_test(the_source_s_error_comes_out_whichever_read_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
