/* node.h - a tree of maps, lists and scalars read from YAML or JSON, with lines. Lives in the
 * arena it was read into and never changes. */
#pragma once
#include "base/arena.h"
#include "base/problem.h"

struct json;

/* NODE_TEXT covers every YAML scalar; JSON tells numbers and booleans apart. */
enum node_kind { NODE_NULL, NODE_BOOLEAN, NODE_NUMBER, NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	int line;         /* from 1; 0 for JSON */
	bool plain;       /* YAML: written without quotes */
	const char *text; /* scalars: as written (JSON numbers too: no loss); TEXT without NUL inside */
	size_t bytes;
	bool truth;               /* NODE_BOOLEAN */
	size_t count;             /* list items, or pairs of a map */
	const struct node *items; /* list items, or the values of a map */
	const char *const *keys;  /* map keys, in order; unique */
	const int *key_lines;
};

enum { NODE_DEPTH_MAX = 32 };

/* All documents of a YAML file. `file` names it in `problem` (with lines). A double key, an alias,
 * a tag and depth over NODE_DEPTH_MAX are refused. ERR_BAD_INPUT. */
NODISCARD enum error node_parse_yaml(struct arena *arena, const char *file, const char *text, size_t bytes,
				     struct problem *problem, const struct node **ret_documents, size_t *ret_count);
/* One JSON value; double keys, NaN, invalid UTF-8, depth over NODE_DEPTH_MAX are refused. */
NODISCARD enum error node_parse_json(struct arena *arena, const char *text, size_t bytes, struct problem *problem,
				     const struct node **ret_node);

/* NULL when `node` is NULL, no map, or lacks the key. */
const struct node *node_get(const struct node *node, const char *key);
/* The scalar under `key`, else NULL. */
const char *node_text(const struct node *node, const char *key);
/* Writes the tree as JSON; numbers as they were written. */
void node_print(const struct node *node, struct json *json);
