/* Whatever a browser sends as a form is text that was sent, or an error; a value is clean UTF-8 without NUL. */
#include <string.h>
#include "fuzz.h"
#include "http/form.h"
#include "text/utf8.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const char *const names[] = { "answer", "reason", "", "a" };
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		const char *value = NULL;
		enum error e = form_value(arena, (const char *)bytes, count, names[i], &value);

		assert(e == OK || e == ERR_MALFORMED);
		if (e != OK || value == NULL)
			continue;
		/* Decoding never makes a text longer than what was sent. */
		assert(strlen(value) <= count && utf8_is_valid(value, strlen(value)));
	}
	return 0;
}
