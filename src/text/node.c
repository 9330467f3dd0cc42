#include "text/node.h"
#include <string.h>

const struct node *
node_get(const struct node *node, const char *key)
{
	if (node == NULL || node->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < node->count; i++)
		if (strcmp(node->keys[i], key) == 0)
			return &node->items[i];
	return NULL;
}

const char *
node_text(const struct node *node, const char *key)
{
	const struct node *found = node_get(node, key);

	if (found == NULL || found->kind == NODE_NULL || found->kind == NODE_LIST || found->kind == NODE_MAP)
		return NULL;
	return found->text;
}
