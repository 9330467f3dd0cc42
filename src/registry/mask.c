#include "registry/mask.h"
#include <string.h>
#include "base/day.h"
#include "base/strbuf.h"
#include "registry/name_book.h"
#include "text/name.h"
#include "text/number.h"
#include "text/utf8.h"

enum { LAST_CHARS = 4 };

static bool
is_asked(struct arena *arena, const char *word, const char *const *asked, size_t count)
{
	const char *folded = name_fold(arena, word);

	for (size_t i = 0; i < count; i++)
		if (name_is_near(asked[i], folded, strlen(folded)))
			return true;
	return false;
}

static void
add_initial(struct strbuf *out, const char *word)
{
	const char *rest = word;

	utf8_next(&rest);
	strbuf_add(out, word, (size_t)(rest - word));
	strbuf_char(out, '.');
}

/* Words are what blanks and hyphens part: of a double name one may be asked for and the other not. */
const char *
mask_name(struct arena *arena, const char *name, const char *const *asked, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	if (is_asked(arena, name, asked, count))
		return name;
	while (*name != '\0') {
		size_t bytes = strcspn(name, " -");
		const char *word = arena_copy(arena, name, bytes);

		if (bytes > 0 && is_asked(arena, word, asked, count))
			strbuf_text(&out, word);
		else if (bytes > 0)
			add_initial(&out, word);
		name += bytes;
		if (*name != '\0')
			strbuf_char(&out, *name++);
	}
	return arena_copy(arena, out.text, out.bytes);
}

/* At most half of it: four characters of five would be the number. */
static const char *
mask_end(struct arena *arena, const char *text)
{
	size_t chars = utf8_count(text, strlen(text));
	size_t shown = chars / 2 < LAST_CHARS ? chars / 2 : LAST_CHARS;

	for (; chars > shown; chars--)
		utf8_next(&text);
	return arena_printf(arena, "…%s", text);
}

bool
mask_shows(const struct field *field)
{
	return field->type == FIELD_NAME || field->type == FIELD_DAY || field->type == FIELD_IIN ||
	       field->type == FIELD_BIN || field->type == FIELD_DOCUMENT;
}

const char *
mask_value(struct arena *arena, const struct field *field, const struct value *value, const char *const *asked,
	   size_t count)
{
	char number[16];

	if (value->kind == VALUE_NULL)
		return NULL;
	switch (field->type) {
	case FIELD_NAME:
		return mask_name(arena, value->text, asked, count);
	case FIELD_DAY:
		return arena_printf(arena, "%04d", day_civil(value->integer).year);
	case FIELD_IIN:
	case FIELD_BIN:
		return mask_end(arena, iin_print(value->integer, number));
	case FIELD_DOCUMENT:
		return mask_end(arena, value->text);
	default:
		return NULL;
	}
}
