/* Whatever is read as JSON, written and read again, is the same tree. */
#include <string.h>
#include "fuzz.h"
#include "text/json.h"
#include "text/node.h"

static void
compare(const struct node *a, const struct node *b)
{
	assert(a->kind == b->kind && a->count == b->count && a->bytes == b->bytes && a->truth == b->truth);
	if (a->bytes > 0)
		assert(memcmp(a->text, b->text, a->bytes) == 0);
	for (size_t i = 0; i < a->count; i++) {
		assert(a->kind != NODE_MAP || strcmp(a->keys[i], b->keys[i]) == 0);
		compare(&a->items[i], &b->items[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const struct node *node = NULL;
	const struct node *again = NULL;
	struct problem problem;

	problem_init(&problem, arena);
	enum error e = node_parse_json(arena, (const char *)bytes, count, &problem, &node);

	assert(e == OK || (e == ERR_BAD_INPUT && problem.item_count == 1));
	if (e != OK)
		return 0;
	node_print(node, &json);
	e = node_parse_json(arena, out.text, out.bytes, NULL, &again);
	assert(e == OK);
	compare(node, again);
	return 0;
}
