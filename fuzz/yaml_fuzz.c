/* A tree read from YAML keeps what node.h promises: lines, unique keys, a bounded depth; a refusal says why. */
#include <string.h>
#include "fuzz.h"
#include "text/node.h"
#include "text/utf8.h"

static void
check(const struct node *node, int depth)
{
	assert(depth <= NODE_DEPTH_MAX && node->line >= 1);
	if (node->kind == NODE_TEXT) {
		assert(strlen(node->text) == node->bytes && utf8_is_valid(node->text, node->bytes));
		return;
	}
	assert(node->kind == NODE_LIST || node->kind == NODE_MAP);
	for (size_t i = 0; i < node->count; i++) {
		assert(node->kind == NODE_LIST || node->key_lines[i] >= 1);
		assert(node->kind == NODE_LIST || node_get(node, node->keys[i]) == &node->items[i]);
		check(&node->items[i], depth + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct node *documents = NULL;
	size_t document_count = 0;
	struct problem problem;

	problem_init(&problem, arena);
	enum error e =
		node_parse_yaml(arena, "fuzz.yaml", (const char *)bytes, count, &problem, &documents, &document_count);

	assert(e == OK || (e == ERR_BAD_INPUT && problem.item_count == 1));
	for (size_t i = 0; i < document_count; i++)
		check(&documents[i], 1);
	return 0;
}
