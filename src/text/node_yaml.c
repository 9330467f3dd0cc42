/* YAML 1.1 by libyaml's events. The language is cut down on purpose: a pack is read by people
 * and by other programs, so no aliases, no tags, no double keys, and every scalar is text. */
#include "text/node.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "text/utf8.h"

DEFINE_AUTO_DONE(yaml_event_t, yaml_event_delete)

enum { DOCUMENTS_MAX = 10000 };

struct reader {
	yaml_parser_t parser;
	struct arena *arena;
	struct problem *problem;
	const char *file;
	const char *text;
	size_t bytes;
};

struct key {
	const char *text;
	int line;
};

static enum error
refuse(struct reader *reader, yaml_mark_t mark, enum message message, const char *first, const char *second)
{
	return problem_add_at(reader->problem, ERR_BAD_INPUT, reader->file, (int)mark.line + 1, (int)mark.column + 1,
			      message, (const char *const[3]){ first, second, NULL });
}

/* A character that YAML forbids is met before the scanner counts lines. */
static yaml_mark_t
error_mark(const struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	yaml_mark_t mark = parser->problem_mark;

	if (parser->error != YAML_READER_ERROR)
		return mark;
	mark = (yaml_mark_t){ 0 };
	for (size_t i = 0; i < parser->problem_offset && i < reader->bytes; i++) {
		mark.column = reader->text[i] == '\n' ? 0 : mark.column + 1;
		mark.line += reader->text[i] == '\n';
	}
	return mark;
}

static enum error
next_event(struct reader *reader, yaml_event_t *event)
{
	const yaml_parser_t *parser = &reader->parser;

	if (yaml_parser_parse(&reader->parser, event))
		return OK;
	memset(event, 0, sizeof(*event));
	if (parser->error == YAML_MEMORY_ERROR)
		return ERR_NO_MEMORY;
	const char *what = parser->problem == NULL ? "?" : parser->problem;
	size_t at = parser->problem_mark.index;

	if (at < reader->bytes && reader->text[at] == '\t')
		what = "a line is indented with blanks, never with a tab";
	return refuse(reader, error_mark(reader), MSG_BAD_YAML, what, NULL);
}

static enum error
refuse_marks(struct reader *reader, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		return refuse(reader, event->start_mark, MSG_NOT_ALLOWED_HERE,
			      arena_printf(reader->arena, "&%s", (const char *)anchor), NULL);
	if (tag != NULL)
		return refuse(reader, event->start_mark, MSG_NOT_ALLOWED_HERE, (const char *)tag, NULL);
	return OK;
}

static enum error
read_scalar(struct reader *reader, const yaml_event_t *event, struct node *node)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t bytes = event->data.scalar.length;

	TRY(refuse_marks(reader, event, event->data.scalar.anchor, event->data.scalar.tag));
	if (memchr(text, '\0', bytes) != NULL)
		return refuse(reader, event->start_mark, MSG_TEXT_CONTROL, NULL, NULL);
	node->kind = NODE_TEXT;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text = arena_copy(reader->arena, text, bytes);
	node->bytes = bytes;
	return OK;
}

static enum error read_value(struct reader *reader, const yaml_event_t *event, int depth, struct node *node);

static enum error
read_list(struct reader *reader, int depth, struct node *list)
{
	struct node *items = NULL;
	size_t count = 0, capacity = 0;

	list->kind = NODE_LIST;
	for (;;) {
		AUTO(yaml_event_delete) yaml_event_t event = { 0 };
		struct node item = { 0 };

		TRY(next_event(reader, &event));
		if (event.type == YAML_SEQUENCE_END_EVENT)
			break;
		TRY(read_value(reader, &event, depth + 1, &item));
		*ARENA_PUSH(reader->arena, items, count, capacity) = item;
	}
	list->items = items;
	list->count = count;
	return OK;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct key *first = a;
	const struct key *second = b;
	int order = strcmp(first->text, second->text);

	return order != 0 ? order : first->line - second->line;
}

static enum error
refuse_double_keys(struct reader *reader, const struct key *keys, size_t count)
{
	struct key *sorted = arena_array_of(reader->arena, struct key, count);
	char line[24];

	if (count > 0)
		memcpy(sorted, keys, count * sizeof(*keys));
	qsort(sorted, count, sizeof(*sorted), compare_keys);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(sorted[i - 1].text, sorted[i].text) != 0)
			continue;
		snprintf(line, sizeof(line), "%d", sorted[i - 1].line);
		return problem_add_at(reader->problem, ERR_BAD_INPUT, reader->file, sorted[i].line, 0, MSG_DOUBLE_KEY,
				      (const char *const[3]){ sorted[i].text, line, NULL });
	}
	return OK;
}

static enum error
close_map(struct reader *reader, const struct key *keys, struct node *map)
{
	const char **texts = arena_array_of(reader->arena, const char *, map->count);
	int *lines = arena_array_of(reader->arena, int, map->count);

	TRY(refuse_double_keys(reader, keys, map->count));
	for (size_t i = 0; i < map->count; i++) {
		texts[i] = keys[i].text;
		lines[i] = keys[i].line;
	}
	map->keys = texts;
	map->key_lines = lines;
	return OK;
}

static enum error
read_pair(struct reader *reader, const yaml_event_t *at_key, int depth, struct key *ret_key, struct node *ret_value)
{
	AUTO(yaml_event_delete) yaml_event_t event = { 0 };
	struct node key = { 0 };

	if (at_key->type == YAML_SEQUENCE_START_EVENT || at_key->type == YAML_MAPPING_START_EVENT)
		return refuse(reader, at_key->start_mark, MSG_NOT_ALLOWED_HERE, "? […], ? {…}", NULL);
	TRY(read_value(reader, at_key, depth, &key));
	*ret_key = (struct key){ .text = key.text, .line = key.line };
	TRY(next_event(reader, &event));
	return read_value(reader, &event, depth + 1, ret_value);
}

static enum error
read_map(struct reader *reader, int depth, struct node *map)
{
	struct node *values = NULL;
	struct key *keys = NULL;
	size_t count = 0, capacity = 0, key_count = 0, key_capacity = 0;

	map->kind = NODE_MAP;
	for (;;) {
		AUTO(yaml_event_delete) yaml_event_t event = { 0 };
		struct key key = { 0 };
		struct node value = { 0 };

		TRY(next_event(reader, &event));
		if (event.type == YAML_MAPPING_END_EVENT)
			break;
		TRY(read_pair(reader, &event, depth, &key, &value));
		*ARENA_PUSH(reader->arena, keys, key_count, key_capacity) = key;
		*ARENA_PUSH(reader->arena, values, count, capacity) = value;
	}
	map->items = values;
	map->count = count;
	return close_map(reader, keys, map);
}

static enum error
read_value(struct reader *reader, const yaml_event_t *event, int depth, struct node *node)
{
	node->line = (int)event->start_mark.line + 1;
	if (depth > NODE_DEPTH_MAX)
		return refuse(reader, event->start_mark, MSG_TOO_DEEP, NULL, NULL);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(reader, event, node);
	case YAML_SEQUENCE_START_EVENT:
		TRY(refuse_marks(reader, event, event->data.sequence_start.anchor, event->data.sequence_start.tag));
		return read_list(reader, depth, node);
	case YAML_MAPPING_START_EVENT:
		TRY(refuse_marks(reader, event, event->data.mapping_start.anchor, event->data.mapping_start.tag));
		return read_map(reader, depth, node);
	case YAML_ALIAS_EVENT:
		return refuse(reader, event->start_mark, MSG_NOT_ALLOWED_HERE,
			      arena_printf(reader->arena, "*%s", (const char *)event->data.alias.anchor), NULL);
	default:
		return refuse(reader, event->start_mark, MSG_BAD_YAML, "a value was expected", NULL);
	}
}

static enum error
read_documents(struct reader *reader, const struct node **ret_documents, size_t *ret_count)
{
	struct node *documents = NULL;
	size_t count = 0, capacity = 0;

	for (;;) {
		AUTO(yaml_event_delete) yaml_event_t event = { 0 };
		AUTO(yaml_event_delete) yaml_event_t root = { 0 };
		struct node document = { 0 };

		TRY(next_event(reader, &event));
		if (event.type == YAML_STREAM_END_EVENT)
			break;
		if (event.type != YAML_DOCUMENT_START_EVENT)
			continue; /* the stream's start and each document's end carry nothing */
		if (count == DOCUMENTS_MAX)
			return refuse(reader, event.start_mark, MSG_LIST_TOO_LONG, "10000", NULL);
		TRY(next_event(reader, &root));
		TRY(read_value(reader, &root, 1, &document));
		*ARENA_PUSH(reader->arena, documents, count, capacity) = document;
	}
	*ret_documents = documents;
	*ret_count = count;
	return OK;
}

enum error
node_parse_yaml(struct arena *arena, const char *file, const char *text, size_t bytes, struct problem *problem,
		const struct node **ret_documents, size_t *ret_count)
{
	struct reader reader = { .arena = arena, .problem = problem, .file = file, .text = text, .bytes = bytes };

	if (!utf8_is_valid(text, bytes))
		return problem_add(problem, ERR_BAD_INPUT, file, MSG_NOT_UTF8, NULL, NULL);
	if (!yaml_parser_initialize(&reader.parser))
		return ERR_NO_MEMORY;
	/* Else libyaml would guess UTF-16 from a byte order mark and read other text than was checked. */
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	/* libyaml wants an address even for nothing. */
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)(bytes == 0 ? "" : text), bytes);
	enum error e = read_documents(&reader, ret_documents, ret_count);

	yaml_parser_delete(&reader.parser);
	return e;
}
