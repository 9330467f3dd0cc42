/* args.c - an action's arguments as JSON, for asks and later steps: {"name": [values…]} in SQL's own units,
 * a list as {"name": {"rows": [[values…], …]}}. */
#include <stdlib.h>
#include <string.h>
#include "registry/engine.h"
#include "text/json.h"

static void
print_value(struct json *json, const struct value *value)
{
	if (value->kind == VALUE_TEXT)
		json_text_bytes(json, value->text, value->bytes);
	else if (value->kind == VALUE_BOOLEAN)
		json_boolean(json, value->integer != 0);
	else if (value->kind == VALUE_INTEGER)
		json_integer(json, value->integer);
	else
		json_null(json);
}

static void
print_rows(struct json *json, const struct field *list, const struct input *input)
{
	json_open_map(json);
	json_key(json, "rows");
	json_open_list(json);
	for (size_t row = 0; row < input->row_count; row++) {
		json_open_list(json);
		for (size_t i = 0; i < list->item_count; i++) {
			const struct input *item = &input->rows[row * list->item_count + i];

			for (size_t c = 0; c < input_columns(&list->items[i]); c++)
				if (item->kind == INPUT_VALUE)
					print_value(json, &item->values[c]);
				else
					json_null(json);
		}
		json_close_list(json);
	}
	json_close_list(json);
	json_close_map(json);
}

const char *
args_print(struct arena *arena, const struct action *action, const struct input *inputs)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	for (size_t i = 0; inputs != NULL && i < action->arg_count; i++) {
		if (inputs[i].kind == INPUT_ABSENT)
			continue;
		json_key(&json, action->args[i].name);
		if (inputs[i].kind == INPUT_LIST) {
			print_rows(&json, &action->args[i], &inputs[i]);
			continue;
		}
		json_open_list(&json);
		for (size_t c = 0; c < inputs[i].value_count; c++)
			print_value(&json, &inputs[i].values[c]);
		json_close_list(&json);
	}
	json_close_map(&json);
	return arena_copy(arena, out.text, out.bytes);
}

static struct value
parse_value(const struct node *node)
{
	if (node->kind == NODE_TEXT)
		return (struct value){ .kind = VALUE_TEXT, .text = node->text, .bytes = node->bytes };
	if (node->kind == NODE_NUMBER)
		return value_integer(strtoll(node->text, NULL, 10));
	if (node->kind == NODE_BOOLEAN)
		return value_boolean(node->truth);
	return value_null();
}

static struct input
parse_rows(struct arena *arena, const struct field *list, const struct node *rows)
{
	struct input input = { .kind = INPUT_LIST, .row_count = rows->count };
	struct input *items = arena_array_of(arena, struct input, rows->count * list->item_count + 1);

	for (size_t row = 0; row < rows->count; row++) {
		size_t at = 0;

		for (size_t i = 0; i < list->item_count; i++) {
			struct input *item = &items[row * list->item_count + i];

			item->kind = INPUT_VALUE;
			item->value_count = input_columns(&list->items[i]);
			for (size_t c = 0; c < item->value_count && at < rows->items[row].count; c++)
				item->values[c] = parse_value(&rows->items[row].items[at++]);
		}
	}
	input.rows = items;
	return input;
}

enum error
args_parse(struct arena *arena, const struct action *action, const char *text, struct input **ret_inputs)
{
	const struct node *root = NULL;
	struct input *inputs = arena_array_of(arena, struct input, action->arg_count + 1);

	if (text != NULL)
		TRY(node_parse_json(arena, text, strlen(text), NULL, &root));
	for (size_t i = 0; i < action->arg_count; i++) {
		const struct node *node = node_get(root, action->args[i].name);

		if (node == NULL)
			continue;
		if (node->kind == NODE_MAP) {
			inputs[i] = parse_rows(arena, &action->args[i], node_get(node, "rows"));
			continue;
		}
		inputs[i].kind = INPUT_VALUE;
		for (size_t c = 0; c < node->count && c < 2; c++)
			inputs[i].values[inputs[i].value_count++] = parse_value(&node->items[c]);
	}
	*ret_inputs = inputs;
	return OK;
}
