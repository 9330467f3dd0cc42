/* special.c - no register about persons holds biometrics, genome, religion, ethnicity, political opinion or health:
 * names, values and titles of fields are held against special.def, word by word. */
#include <string.h>
#include "pack/load.h"
#include "text/utf8.h"

static const struct {
	const char *category, *text;
	bool whole;
} special_words[] = {
#define STEM(category, text) { category, text, false },
#define WHOLE(category, text) { category, text, true },
#include "pack/special.def"
#undef STEM
#undef WHOLE
};

/* Bytes of a letter: ASCII, and of the other scripts all but the punctuation of U+0080..U+00BF and U+2000..U+206F; 0 for
 * anything else. */
static size_t
letter_bytes(const char *p)
{
	unsigned char c = (unsigned char)p[0];

	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	if (c < 0xC0 || c == 0xC2 || (c == 0xE2 && ((unsigned char)p[1] == 0x80 || (unsigned char)p[1] == 0x81)))
		return 0;
	return c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
}

static const char *
category_of(const char *word, size_t bytes)
{
	for (size_t i = 0; i < ARRAY_COUNT(special_words); i++) {
		size_t stem = strlen(special_words[i].text);

		if (strncmp(word, special_words[i].text, stem) == 0 && bytes >= stem &&
		    (!special_words[i].whole || bytes == stem))
			return special_words[i].category;
	}
	return NULL;
}

const char *
special_category(struct loader *loader, const char *text)
{
	const char *lower = utf8_lower(loader->arena, text);

	while (*lower != '\0') {
		size_t bytes = 0;

		for (size_t step = letter_bytes(lower); step > 0; step = letter_bytes(lower + bytes))
			bytes += step;
		const char *category = category_of(lower, bytes);

		if (category != NULL)
			return category;
		lower += bytes;
		while (*lower != '\0' && letter_bytes(lower) == 0)
			lower++;
	}
	return NULL;
}

static struct exception *
find_exception(struct loader *loader, const struct reg *reg, const struct field *field)
{
	for (size_t i = 0; i < loader->exception_count; i++)
		if (strcmp(loader->exceptions[i].reg, reg->name) == 0 &&
		    strcmp(loader->exceptions[i].field, field->name) == 0)
			return &loader->exceptions[i];
	return NULL;
}

struct suspicion {
	const char *category, *text;
};

static bool
suspect(struct loader *loader, const char *text, struct suspicion *suspicion)
{
	*suspicion = (struct suspicion){ special_category(loader, text), text };
	return suspicion->category != NULL;
}

/* The name, the values and what either is called in any language. */
static bool
suspect_field(struct loader *loader, const struct field *field, const char *key, struct suspicion *suspicion)
{
	const struct pack *pack = loader->pack;

	if (suspect(loader, field->name, suspicion))
		return true;
	for (size_t l = 0; l < pack->language_count; l++)
		if (suspect(loader, pack_text(pack, pack->languages[l], key), suspicion))
			return true;
	for (size_t i = 0; i < field->choice_count; i++) {
		const char *value_key = arena_printf(loader->arena, "%s.%s", key, field->choices[i]);

		if (suspect(loader, field->choices[i], suspicion))
			return true;
		for (size_t l = 0; l < pack->language_count; l++)
			if (suspect(loader, pack_text(pack, pack->languages[l], value_key), suspicion))
				return true;
	}
	return false;
}

static void
check_fields(struct loader *loader, const struct reg *reg, const char *prefix, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct field *field = &fields[i];
		const char *key = arena_printf(loader->arena, "%s.%s", prefix, field->name);
		struct exception *exception = find_exception(loader, reg, field);
		struct suspicion suspicion;

		if (exception != NULL) {
			exception->used = exception->used || suspect_field(loader, field, key, &suspicion);
			continue;
		}
		if (suspect_field(loader, field, key, &suspicion))
			load_fault(
				loader, field->at,
				"“%s” of the personal register “%s” looks like %s (“%.60s”), which no register about "
				"persons holds; if it is not, name it under “exceptions” in pack.yaml with the reason",
				field->name, reg->name, suspicion.category, suspicion.text);
		check_fields(loader, reg, key, field->items, field->item_count);
	}
}

void
load_check_special(struct loader *loader)
{
	for (size_t r = 0; r < loader->reg_count; r++) {
		const struct draft_reg *draft = &loader->drafts[r];

		if (!draft->reg->personal)
			continue;
		check_fields(loader, draft->reg, draft->reg->name, draft->reg->fields, draft->reg->field_count);
		for (size_t i = 0; i < draft->action_count; i++)
			check_fields(
				loader, draft->reg,
				arena_printf(loader->arena, "%s.%s", draft->reg->name, draft->actions[i].action->name),
				draft->actions[i].pure.fields, draft->actions[i].pure.count);
	}
	for (size_t i = 0; i < loader->exception_count; i++)
		if (!loader->exceptions[i].used && !loader->regs_incomplete)
			load_warn(loader, loader->exceptions[i].at,
				  "this exception is not needed: “%s.%s” is not suspected", loader->exceptions[i].reg,
				  loader->exceptions[i].field);
}
