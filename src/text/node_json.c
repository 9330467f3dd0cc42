/* JSON (RFC 8259) by jansson. Its numbers are binary; the tree keeps them as they were written,
 * so the literals are fetched from the source again, where they stand in the same order. */
#include "text/node.h"
#include <string.h>
#include <jansson.h>
#include "text/utf8.h"

struct reader {
	struct arena *arena;
	const char *at; /* behind the last number literal taken */
	const char *end;
};

/* The next number of text that jansson found sound; strings are stepped over. */
static void
take_number(struct reader *reader, struct node *node)
{
	const char *p = reader->at;
	bool inside = false;

	for (; p < reader->end; p++) {
		if (inside && *p == '\\')
			p++;
		else if (*p == '"')
			inside = !inside;
		else if (!inside && (*p == '-' || (*p >= '0' && *p <= '9')))
			break;
	}
	const char *from = p;

	while (p < reader->end && *p != '\0' && strchr("+-.eE0123456789", *p) != NULL)
		p++;
	node->kind = NODE_NUMBER;
	node->bytes = (size_t)(p - from);
	node->text = arena_copy(reader->arena, from, node->bytes);
	reader->at = p;
}

static enum error convert(struct reader *reader, const json_t *json, int depth, struct node *node);

static enum error
convert_list(struct reader *reader, const json_t *json, int depth, struct node *node)
{
	size_t count = json_array_size(json);
	struct node *items = arena_array_of(reader->arena, struct node, count);

	for (size_t i = 0; i < count; i++)
		TRY(convert(reader, json_array_get(json, i), depth + 1, &items[i]));
	node->kind = NODE_LIST;
	node->items = items;
	node->count = count;
	return OK;
}

static enum error
convert_map(struct reader *reader, json_t *json, int depth, struct node *node)
{
	size_t count = json_object_size(json);
	struct node *values = arena_array_of(reader->arena, struct node, count);
	const char **keys = arena_array_of(reader->arena, const char *, count);
	int *lines = arena_array_of(reader->arena, int, count);
	const char *key = NULL;
	json_t *value = NULL;
	size_t i = 0;

	json_object_foreach(json, key, value)
	{
		keys[i] = arena_text(reader->arena, key);
		TRY(convert(reader, value, depth + 1, &values[i]));
		i++;
	}
	node->kind = NODE_MAP;
	node->items = values;
	node->keys = keys;
	node->key_lines = lines;
	node->count = count;
	return OK;
}

static enum error
convert(struct reader *reader, const json_t *json, int depth, struct node *node)
{
	if (depth > NODE_DEPTH_MAX)
		return ERR_TOO_LARGE;
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return convert_map(reader, (json_t *)(uintptr_t)json, depth, node);
	case JSON_ARRAY:
		return convert_list(reader, json, depth, node);
	case JSON_STRING:
		node->kind = NODE_TEXT;
		node->bytes = json_string_length(json);
		node->text = arena_copy(reader->arena, json_string_value(json), node->bytes);
		return OK;
	case JSON_INTEGER:
	case JSON_REAL:
		take_number(reader, node);
		return OK;
	case JSON_TRUE:
	case JSON_FALSE:
		node->kind = NODE_BOOLEAN;
		node->truth = json_is_true(json);
		node->text = node->truth ? "true" : "false";
		node->bytes = strlen(node->text);
		return OK;
	case JSON_NULL:
		node->kind = NODE_NULL;
		return OK;
	}
	return ERR_FAULT;
}

static void
free_json(json_t **json)
{
	json_decref(*json);
}

static enum error
refuse(struct problem *problem, const json_error_t *error)
{
	const char *const what[3] = { error->text, NULL, NULL };
	enum message message = MSG_BAD_JSON;

	if (json_error_code(error) == json_error_out_of_memory)
		return ERR_NO_MEMORY;
	if (json_error_code(error) == json_error_stack_overflow)
		message = MSG_TOO_DEEP;
	/* jansson speaks of its own option here. */
	if (json_error_code(error) == json_error_null_character ||
	    json_error_code(error) == json_error_null_byte_in_key)
		message = MSG_TEXT_CONTROL;
	return problem_add_at(problem, ERR_BAD_INPUT, NULL, error->line, error->column, message, what);
}

enum error
node_parse_json(struct arena *arena, const char *text, size_t bytes, struct problem *problem,
		const struct node **ret_node)
{
	/* Integers as reals: jansson refuses whole numbers beyond 64 bits; here the literal counts, and
	 * the field that reads it says better what is wrong. */
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL;
	__attribute__((cleanup(free_json))) json_t *json = NULL;
	struct reader reader = { .arena = arena, .at = text, .end = text + bytes };
	struct node *node = arena_new_of(arena, struct node);
	json_error_t error = { 0 };

	if (!utf8_is_valid(text, bytes))
		return problem_add(problem, ERR_BAD_INPUT, NULL, MSG_NOT_UTF8, NULL, NULL);
	json = json_loadb(bytes == 0 ? "" : text, bytes, flags, &error);
	if (json == NULL)
		return refuse(problem, &error);
	enum error e = convert(&reader, json, 1, node);

	if (e == ERR_TOO_LARGE)
		return problem_add(problem, ERR_BAD_INPUT, NULL, MSG_TOO_DEEP, NULL, NULL);
	if (e == OK)
		*ret_node = node;
	return e;
}
