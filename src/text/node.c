#include "text/node.h"
#include "text/json.h"
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

void
node_print(const struct node *node, struct json *json)
{
	switch (node->kind) {
	case NODE_NULL:
		json_null(json);
		break;
	case NODE_BOOLEAN:
		json_boolean(json, node->truth);
		break;
	case NODE_NUMBER:
		json_raw(json, node->text, node->bytes);
		break;
	case NODE_TEXT:
		json_text_bytes(json, node->text, node->bytes);
		break;
	case NODE_LIST:
		json_open_list(json);
		for (size_t i = 0; i < node->count; i++)
			node_print(&node->items[i], json);
		json_close_list(json);
		break;
	case NODE_MAP:
		json_open_map(json);
		for (size_t i = 0; i < node->count; i++) {
			json_key(json, node->keys[i]);
			node_print(&node->items[i], json);
		}
		json_close_map(json);
		break;
	}
}
