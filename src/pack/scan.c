#include "pack/scan.h"
#include <string.h>
#include <strings.h>
#include "pack/token.h"

struct name_list {
	struct arena *arena;
	const char **names;
	size_t count, capacity;
};

static void
add_once(struct name_list *list, const char *name, size_t bytes)
{
	for (size_t i = 0; i < list->count; i++)
		if (strlen(list->names[i]) == bytes && strncasecmp(list->names[i], name, bytes) == 0)
			return;
	*ARENA_PUSH(list->arena, list->names, list->count, list->capacity) = arena_copy(list->arena, name, bytes);
}

size_t
pack_scan_parameters(struct arena *arena, const char *text, const char *const **ret_names)
{
	struct name_list list = { .arena = arena };
	const char *cursor = text;

	for (struct token t = token_next(&cursor); t.kind != TOKEN_END && !token_is_open(&t); t = token_next(&cursor))
		if (t.kind == TOKEN_PARAMETER)
			add_once(&list, t.start + 1, t.bytes - 1);
	*ret_names = list.names;
	return list.count;
}

size_t
pack_scan_columns(struct arena *arena, const char *text, const char *qualifier, const char *const **ret_names)
{
	struct name_list list = { .arena = arena };
	const char *cursor = text;
	int matched = 0; /* 1: the qualifier was seen, 2: and its dot */

	for (struct token t = token_next(&cursor); t.kind != TOKEN_END && !token_is_open(&t); t = token_next(&cursor)) {
		if (matched == 2 && t.kind == TOKEN_NAME)
			add_once(&list, t.start, t.bytes);
		if (matched == 1 && token_is(&t, "."))
			matched = 2;
		else
			matched = t.kind == TOKEN_NAME && matched != 2 && token_is(&t, qualifier) ? 1 : 0;
	}
	*ret_names = list.names;
	return list.count;
}

bool
pack_scan_is_select(const char *text)
{
	const char *cursor = text;
	struct token first = token_next(&cursor);

	return token_is(&first, "select") || token_is(&first, "with");
}
