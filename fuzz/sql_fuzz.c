/* The scanner of a pack's SQL: every text comes to an end, tokens lie in it in order, and what it calls a parameter or a
 * column stands there. */
#include <string.h>
#include "fuzz.h"
#include "pack/scan.h"
#include "pack/token.h"

static void
walk(const char *text, size_t bytes)
{
	const char *cursor = text, *behind = text;

	for (size_t steps = 0;; steps++) {
		struct token token = token_next(&cursor);

		if (token.kind == TOKEN_END)
			return;
		assert(token.start >= behind && token.bytes > 0 && token.start + token.bytes <= text + bytes);
		assert(steps <= bytes);
		behind = token.start + token.bytes;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *text = arena_copy(arena, bytes, count);
	const char *const *names = NULL;

	walk(text, strlen(text));
	size_t found = pack_scan_parameters(arena, text, &names);
	for (size_t i = 0; i < found; i++)
		assert(strstr(text, names[i]) != NULL && (i == 0 || strcmp(names[i], names[0]) != 0));
	found = pack_scan_columns(arena, text, "this", &names);
	for (size_t i = 0; i < found; i++)
		assert(strstr(text, names[i]) != NULL);
	pack_scan_is_select(text);
	return 0;
}
