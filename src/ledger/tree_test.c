#include "ledger/testing.h"
#include "ledger/sha256.h"
#include "ledger/tree.h"

static void
append_numbered(struct tree *tree, int count)
{
	for (int i = 0; i < count; i++) {
		unsigned char leaf[TREE_HASH_BYTES];
		char text[32];

		tree_leaf_hash(text, (size_t)snprintf(text, sizeof(text), "entry %d", i), leaf);
		tree_append(tree, leaf);
	}
}

static void
the_roots_are_those_of_the_document(void **state)
{
	struct tree three = { 0 }, many = { 0 };
	unsigned char root[TREE_HASH_BYTES];

	append_numbered(&three, 3);
	tree_root(&three, root);
	assert_hex(root, 32, "94fbd0dd836f50301692e6d0eade728ee19ec52bfff1606ed807c8575d5aaa19");
	append_numbered(&many, 257);
	tree_root(&many, root);
	assert_hex(root, 32, "5c1fdfe835358022f2392de478dbe053fc130cfe1d3a082879a90cf6bf14bf7e");
}

static void
the_root_of_none_is_the_hash_of_nothing(void **state)
{
	struct tree tree = { 0 };
	unsigned char root[TREE_HASH_BYTES];

	tree_root(&tree, root);
	assert_hex(root, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
the_root_of_one_is_its_leaf_hash(void **state)
{
	unsigned char leaf[TREE_HASH_BYTES], root[TREE_HASH_BYTES];
	struct tree tree = { 0 };

	tree_leaf_hash("x", 1, leaf);
	tree_append(&tree, leaf);
	tree_root(&tree, root);
	assert_memory_equal(leaf, root, sizeof(root));
}

/* RFC 6962 2.1 word for word. */
static void
obvious_root(unsigned char leaves[][TREE_HASH_BYTES], size_t count, unsigned char *ret_root)
{
	unsigned char both[1 + 2 * TREE_HASH_BYTES] = { 0x01 };
	struct sha256 hash;
	size_t k = 1;

	if (count == 1) {
		memcpy(ret_root, leaves[0], TREE_HASH_BYTES);
		return;
	}
	while (k * 2 < count)
		k *= 2;
	obvious_root(leaves, k, both + 1);
	obvious_root(leaves + k, count - k, both + 1 + TREE_HASH_BYTES);
	sha256_begin(&hash);
	sha256_add(&hash, both, sizeof(both));
	sha256_end(&hash, ret_root);
}

static void
the_edge_gives_the_root_of_the_obvious_tree_at_every_size(void **state)
{
	static unsigned char leaves[300][TREE_HASH_BYTES];
	struct tree tree = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(leaves); i++) {
		unsigned char root[TREE_HASH_BYTES], obvious[TREE_HASH_BYTES];

		tree_leaf_hash(&i, sizeof(i), leaves[i]);
		tree_append(&tree, leaves[i]);
		tree_root(&tree, root);
		obvious_root(leaves, i + 1, obvious);
		assert_memory_equal(root, obvious, sizeof(root));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_roots_are_those_of_the_document),
		cmocka_unit_test(the_root_of_none_is_the_hash_of_nothing),
		cmocka_unit_test(the_root_of_one_is_its_leaf_hash),
		cmocka_unit_test(the_edge_gives_the_root_of_the_obvious_tree_at_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
