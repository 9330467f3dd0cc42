/* Every row of tests/data/merkle, the test data of transparency-dev/merkle: our checkers say what theirs say. */
#include "ledger/testing.h"
#include "ledger/base64.h"
#include "ledger/proof.h"
#include "text/node.h"

/* Their checker refuses every proof from the empty tree as meaningless. Ours follows docs/ledger.md section 1 and
 * c2sp.org/tlog-witness, where a first proof is the empty one from size 0. This row is the only one that differs. */
static const char from_none[] = "consistency/additional/size1-is-zero-and-size2-is-not-zero.json";

static uint64_t
number_of(const struct node *row, const char *key)
{
	const struct node *node = node_get(row, key);

	assert_true(node != NULL && node->kind == NODE_NUMBER);
	return strtoull(node->text, NULL, 10);
}

/* False for what is no hash. Roots that the rows do not care about are shorter texts: those are filled up with 0. */
static bool
hash_of(const char *base64, bool is_root, unsigned char *ret_hash)
{
	size_t count = 0;

	memset(ret_hash, 0, TREE_HASH_BYTES);
	if (base64_parse(base64, strlen(base64), TREE_HASH_BYTES, ret_hash, &count) != OK)
		return false;
	return count == TREE_HASH_BYTES || (is_root && count > 0);
}

static bool
root_of(const struct node *row, const char *key, unsigned char *ret_hash)
{
	const char *text = node_text(row, key);

	assert_non_null(text);
	return hash_of(text, true, ret_hash);
}

static bool
proof_of(const struct node *row, struct proof *ret_proof)
{
	const struct node *list = node_get(row, "proof");

	assert_non_null(list);
	ret_proof->count = 0;
	if (list->kind == NODE_NULL)
		return true;
	assert_int_equal(list->kind, NODE_LIST);
	assert_true(list->count <= PROOF_HASHES_MAX);
	for (size_t i = 0; i < list->count; i++)
		if (!hash_of(list->items[i].text, false, ret_proof->hashes[ret_proof->count++]))
			return false;
	return true;
}

static enum error
check_inclusion(const struct node *row)
{
	unsigned char leaf[TREE_HASH_BYTES], root[TREE_HASH_BYTES];
	struct proof proof;

	if (!root_of(row, "leafHash", leaf) || !root_of(row, "root", root) || !proof_of(row, &proof))
		return ERR_BAD_INPUT;
	return proof_check_inclusion(number_of(row, "leafIdx"), number_of(row, "treeSize"), leaf, &proof, root);
}

static enum error
check_consistency(const struct node *row)
{
	unsigned char old_root[TREE_HASH_BYTES], root[TREE_HASH_BYTES];
	struct proof proof;

	if (!root_of(row, "root1", old_root) || !root_of(row, "root2", root) || !proof_of(row, &proof))
		return ERR_BAD_INPUT;
	return proof_check_consistency(number_of(row, "size1"), number_of(row, "size2"), old_root, &proof, root);
}

static enum error
check_subtree_inclusion(const struct node *row)
{
	unsigned char leaf[TREE_HASH_BYTES], root[TREE_HASH_BYTES];
	struct proof proof;

	if (!root_of(row, "leafHash", leaf) || !root_of(row, "root", root) || !proof_of(row, &proof))
		return ERR_BAD_INPUT;
	return proof_check_subtree_inclusion(number_of(row, "leafIdx"), number_of(row, "start"), number_of(row, "end"),
					     leaf, &proof, root);
}

static enum error
check_subtree_consistency(const struct node *row)
{
	unsigned char old_root[TREE_HASH_BYTES], root[TREE_HASH_BYTES];
	struct proof proof;

	if (!root_of(row, "root1", old_root) || !root_of(row, "root2", root) || !proof_of(row, &proof))
		return ERR_BAD_INPUT;
	return proof_check_subtree_consistency(number_of(row, "start"), number_of(row, "end"), number_of(row, "size"),
					       old_root, &proof, root);
}

/* How many rows want each answer. */
struct tally {
	int holding, refused, different;
};

static void
check_row(const char *line, size_t bytes, enum error (*check)(const struct node *), struct tally *tally)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct problem problem = { 0 };
	const struct node *row = NULL;

	assert_int_equal(node_parse_json(arena, line, bytes, &problem, &row), OK);
	const struct node *refuse = node_get(row, "wantErr");
	const char *file = node_text(row, "file");
	bool holds = check(row) == OK;

	assert_true(refuse != NULL && refuse->kind == NODE_BOOLEAN && file != NULL);
	if (strcmp(file, from_none) == 0) {
		assert_true(holds && refuse->truth);
		tally->different++;
		return;
	}
	if (holds == refuse->truth)
		fail_msg("%s: %s", file, holds ? "held" : "refused");
	tally->holding += holds;
	tally->refused += !holds;
}

static struct tally
check_rows(const char *path, enum error (*check)(const struct node *))
{
	AUTO(strbuf_done) struct strbuf file = { 0 };
	struct tally tally = { 0 };

	read_whole(path, &file);
	for (const char *at = file.text; *at != '\0';) {
		const char *newline = strchr(at, '\n');

		assert_non_null(newline);
		check_row(at, (size_t)(newline - at), check, &tally);
		at = newline + 1;
	}
	assert_true(tally.holding > 0 && tally.refused > 0);
	return tally;
}

static void
inclusion_agrees_with_all_98_rows(void **state)
{
	struct tally tally = check_rows("tests/data/merkle/inclusion.jsonl", check_inclusion);

	assert_int_equal(tally.holding + tally.refused, 98);
}

static void
consistency_agrees_with_97_of_98_rows_and_the_last_is_from_size_0(void **state)
{
	struct tally tally = check_rows("tests/data/merkle/consistency.jsonl", check_consistency);

	assert_int_equal(tally.holding + tally.refused, 97);
	assert_int_equal(tally.different, 1);
}

static void
subtree_inclusion_agrees_with_all_204_rows(void **state)
{
	struct tally tally = check_rows("tests/data/merkle/subtreeinclusion.jsonl", check_subtree_inclusion);

	assert_int_equal(tally.holding + tally.refused, 204);
}

static void
subtree_consistency_agrees_with_all_118_rows(void **state)
{
	struct tally tally = check_rows("tests/data/merkle/subtreeconsistency.jsonl", check_subtree_consistency);

	assert_int_equal(tally.holding + tally.refused, 118);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inclusion_agrees_with_all_98_rows),
		cmocka_unit_test(consistency_agrees_with_97_of_98_rows_and_the_last_is_from_size_0),
		cmocka_unit_test(subtree_inclusion_agrees_with_all_204_rows),
		cmocka_unit_test(subtree_consistency_agrees_with_all_118_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
