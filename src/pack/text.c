/* text.c - titles and messages of a pack: text/<language>.yaml, one flat mapping of key and text
 * (nested mappings join their keys with dots). */
#include <stdlib.h>
#include <string.h>
#include "pack/load.h"

struct text {
	const char *text;
	int line;
	bool used;
};

struct texts {
	struct text_map maps[LANGUAGE_COUNT];
	bool unread[LANGUAGE_COUNT]; /* the file is missing or broken; reported */
};

void
texts_free(struct texts *texts)
{
	if (texts == NULL)
		return;
	for (size_t i = 0; i < LANGUAGE_COUNT; i++)
		text_map_done(&texts->maps[i]);
	free(texts);
}

static void
add_texts(struct loader *loader, const char *file, enum language language, const char *prefix, const struct node *node)
{
	struct text_map *map = &loader->pack->texts->maps[language];

	for (size_t i = 0; i < node->count; i++) {
		const struct node *value = &node->items[i];
		const char *key =
			prefix[0] == '\0' ? node->keys[i] : arena_printf(loader->arena, "%s.%s", prefix, node->keys[i]);
		struct place_in_file at = { file, node->key_lines[i] };
		const struct text *twin = text_map_get(map, key);

		if (value->kind == NODE_MAP) {
			add_texts(loader, file, language, key, value);
		} else if (value->kind != NODE_TEXT || value->bytes == 0) {
			load_fault(loader, at, "“%.100s” needs a text", key);
		} else if (twin != NULL) {
			load_fault(loader, at, "“%.100s” stands in line %d already", key, twin->line);
		} else {
			struct text *text = arena_new_of(loader->arena, struct text);

			*text = (struct text){ .text = value->text, .line = at.line };
			text_map_put(map, key, text);
		}
	}
}

static const char *
file_of(struct loader *loader, enum language language)
{
	return arena_printf(loader->arena, "text/%s.yaml", language_name(language));
}

void
load_texts(struct loader *loader)
{
	struct texts *texts = calloc(1, sizeof(*texts));

	if (texts == NULL)
		abort();
	loader->pack->texts = texts;
	for (size_t i = 0; i < loader->pack->language_count; i++) {
		enum language language = loader->pack->languages[i];
		const char *file = file_of(loader, language);
		const struct node *node = load_yaml_map(loader, file, true, &texts->unread[language]);

		if (node != NULL)
			add_texts(loader, file, language, "", node);
	}
}

/* What holds for every register may stand once, without its name: `correct`, `is.pending`. */
static struct text *
find_text(const struct texts *texts, enum language language, const char *key)
{
	struct text *text = text_map_get(&texts->maps[language], key);
	const char *dot = text == NULL ? strchr(key, '.') : NULL;

	return dot == NULL ? text : text_map_get(&texts->maps[language], dot + 1);
}

/* A text that may be missing, but is of use. */
static void __attribute__((format(printf, 2, 3))) welcome(struct loader *loader, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	const char *key = arena_vprintf(loader->arena, format, list);

	va_end(list);
	for (size_t i = 0; i < loader->pack->language_count; i++) {
		struct text *text = find_text(loader->pack->texts, loader->pack->languages[i], key);

		if (text != NULL)
			text->used = true;
	}
}

/* One fault for a key, however many languages lack it. */
static void __attribute__((format(printf, 3, 4)))
need(struct loader *loader, struct place_in_file at, const char *format, ...)
{
	struct texts *texts = loader->pack->texts;
	const char *missing = "";
	va_list list;

	va_start(list, format);
	const char *key = arena_vprintf(loader->arena, format, list);

	va_end(list);
	for (size_t i = 0; i < loader->pack->language_count; i++) {
		enum language language = loader->pack->languages[i];
		struct text *text = find_text(texts, language, key);

		if (text != NULL)
			text->used = true;
		else if (!texts->unread[language])
			missing = arena_printf(loader->arena, "%s%s%s", missing, missing[0] == '\0' ? "" : ", ",
					       file_of(loader, language));
	}
	if (missing[0] != '\0')
		load_fault(loader, at, "the text “%s” is missing in %s", key, missing);
}

static void
need_fields(struct loader *loader, const char *prefix, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct field *field = &fields[i];
		const char *key = arena_printf(loader->arena, "%s.%s", prefix, field->name);

		need(loader, field->at, "%s", key);
		for (size_t k = 0; k < field->choice_count; k++)
			need(loader, field->at, "%s.%s", key, field->choices[k]);
		need_fields(loader, key, field->items, field->item_count);
	}
}

/* ---- {field}, {ref}, {link}, {due} in messages: nobody may get one with a hole ---- */

static bool
fills_hole(const struct reg *reg, const struct action *action, const char *name)
{
	const struct field *field = reg_field(reg, name);

	if (action->ask_count > 0 && (strcmp(name, "link") == 0 || strcmp(name, "due") == 0))
		return true;
	return strcmp(name, "ref") == 0 || (field != NULL && field->type != FIELD_LIST);
}

static const char *
nearest_hole(struct loader *loader, const struct reg *reg, const char *name)
{
	const char **names = arena_array_of(loader->arena, const char *, reg->field_count + 1);

	for (size_t i = 0; i < reg->field_count; i++)
		names[i] = reg->fields[i].name;
	names[reg->field_count] = "ref";
	return load_nearest(loader, name, names, reg->field_count + 1);
}

static void
check_holes_of(struct loader *loader, struct place_in_file at, const struct reg *reg, const struct action *action,
	       const char *key, const char *text)
{
	const char *end = NULL;

	for (const char *hole = strchr(text, '{'); hole != NULL; hole = strchr(end, '{')) {
		end = strchr(hole, '}');
		if (end == NULL) {
			load_fault(loader, at, "“%.100s”: a “{” without its “}”", key);
			return;
		}
		const char *name = arena_copy(loader->arena, hole + 1, (size_t)(end - hole - 1));

		if (!fills_hole(reg, action, name))
			load_fault(loader, at, "“%.100s”: nothing fills “{%.60s}”; expected ref%s or a field of “%s”%s",
				   key, name, action->ask_count > 0 ? ", link, due" : "", reg->name,
				   nearest_hole(loader, reg, name));
	}
}

static void
check_holes(struct loader *loader, const struct reg *reg, const struct action *action, const char *suffix)
{
	const char *key = arena_printf(loader->arena, "%s.%s.%s", reg->name, action->name, suffix);

	for (size_t i = 0; i < loader->pack->language_count; i++) {
		enum language language = loader->pack->languages[i];
		const struct text *text = find_text(loader->pack->texts, language, key);

		if (text != NULL)
			check_holes_of(loader, (struct place_in_file){ file_of(loader, language), text->line }, reg,
				       action, key, text->text);
	}
}

static void
need_action(struct loader *loader, const struct reg *reg, const struct draft_action *draft)
{
	const char *key = arena_printf(loader->arena, "%s.%s", reg->name, draft->action->name);

	need(loader, draft->action->at, "%s", key);
	if (draft->action->tell_count > 0 || draft->action->ask_count > 0)
		need(loader, draft->action->at, "%s.tells", key);
	if (draft->action->ask_count > 0)
		welcome(loader, "%s.asks", key);
	if (draft->action->when != NULL)
		welcome(loader, "%s.when", key);
	check_holes(loader, reg, draft->action, "tells");
	check_holes(loader, reg, draft->action, "asks");
	for (size_t i = 0; i < draft->action->arg_count; i++)
		if (draft->action->taken[i] == NULL)
			need_fields(loader, key, &draft->action->args[i], 1);
}

static void
need_registers(struct loader *loader)
{
	for (size_t r = 0; r < loader->reg_count; r++) {
		const struct draft_reg *draft = &loader->drafts[r];
		const struct reg *reg = draft->reg;

		need(loader, reg->at, "%s", reg->name);
		need_fields(loader, reg->name, reg->fields, reg->field_count);
		for (size_t i = 0; i < draft->action_count; i++)
			need_action(loader, reg, &draft->actions[i]);
		for (size_t i = 0; i < reg->party_count; i++)
			if (reg->parties[i].field == NULL)
				welcome(loader, "%s.%s", reg->name, reg->parties[i].name);
		for (size_t i = 0; i < reg->reveal_count; i++)
			need(loader, reg->reveals[i].at, "%s.%s", reg->name, reg->reveals[i].name);
		for (size_t i = 0; i < reg->state_count; i++)
			need(loader, reg->at, "%s.is.%s", reg->name, reg->states[i]);
	}
}

static void
need_others(struct loader *loader)
{
	const struct pack *pack = loader->pack;

	for (size_t i = 0; i < pack->view_count; i++)
		need(loader, pack->views[i].at, "view.%s", pack->views[i].name);
	for (size_t i = 0; i < pack->role_count; i++) {
		const struct role *role = &pack->roles[i];
		bool first = role->body != NULL;

		need(loader, role->at, "role.%s", role->name);
		for (size_t k = 0; k < i && first; k++)
			first = pack->roles[k].body == NULL || strcmp(pack->roles[k].body, role->body) != 0;
		if (first)
			need(loader, role->at, "body.%s", role->body);
	}
	for (size_t i = 0; i < pack->purpose_count; i++)
		need(loader, pack->purposes[i].at, "purpose.%s", pack->purposes[i].name);
	for (size_t i = 0; i < pack->act_count; i++)
		need(loader, pack->acts[i].at, "law.%s", pack->acts[i].name);
	for (size_t i = 0; i < pack->provision_count; i++)
		need(loader, pack->provisions[i].at, "%s", pack->provisions[i].text_key);
}

/* `<register>.<party>` of a party that is a select, `<register>.<action>.asks` and `.when`. */
static bool
stands_in_register(const struct pack *pack, const char *key)
{
	const char *dot = strchr(key, '.');

	for (size_t r = 0; dot != NULL && r < pack->reg_count; r++) {
		const struct reg *reg = &pack->regs[r];

		if (strlen(reg->name) != (size_t)(dot - key) || strncmp(reg->name, key, (size_t)(dot - key)) != 0)
			continue;
		for (size_t i = 0; i < reg->party_count; i++)
			if (reg->parties[i].select != NULL && strcmp(reg->parties[i].name, dot + 1) == 0)
				return true;
		for (size_t i = 0; i < reg->action_count; i++) {
			size_t bytes = strlen(reg->actions[i].name);

			if (strncmp(reg->actions[i].name, dot + 1, bytes) != 0)
				continue;
			if ((reg->actions[i].ask_count > 0 && strcmp(dot + 1 + bytes, ".asks") == 0) ||
			    (reg->actions[i].when != NULL && strcmp(dot + 1 + bytes, ".when") == 0))
				return true;
		}
	}
	return false;
}

/* `law.<act>.<provision>.<column>` is judged by store/vet.h, which knows the columns; the pack's own title and those of
 * retention rows, tables and columns of views may stand. */
static bool
may_stand(const struct pack *pack, const char *key)
{
	if (strcmp(key, "pack") == 0 || stands_in_register(pack, key))
		return true;
	for (size_t i = 0; i < pack->provision_count; i++) {
		size_t bytes = strlen(pack->provisions[i].text_key);

		if (strncmp(key, pack->provisions[i].text_key, bytes) == 0 && key[bytes] == '.')
			return true;
	}
	for (size_t i = 0; strncmp(key, "view.", 5) == 0 && i < pack->view_count; i++) {
		size_t bytes = strlen(pack->views[i].name);

		if (strncmp(key + 5, pack->views[i].name, bytes) == 0 && key[5 + bytes] == '.')
			return true;
	}
	return false;
}

static void
report_unused(struct loader *loader, enum language language)
{
	const struct text_map *map = &loader->pack->texts->maps[language];

	for (size_t i = 0; i < map->capacity; i++) {
		const struct text *text = map->slots[i].value;

		if (map->slots[i].key != NULL && !text->used && !may_stand(loader->pack, map->slots[i].key))
			load_warn(loader, (struct place_in_file){ file_of(loader, language), text->line },
				  "nothing uses the text “%.100s”", map->slots[i].key);
	}
}

void
load_check_texts(struct loader *loader)
{
	size_t errors = loader->report->error_count;

	need_registers(loader);
	need_others(loader);
	/* What a fault kept out of the pack would make its texts look unused. */
	for (size_t i = 0; errors == loader->errors_before && i < loader->pack->language_count; i++)
		report_unused(loader, loader->pack->languages[i]);
}

const char *
pack_text(const struct pack *pack, enum language language, const char *key)
{
	assert(language < LANGUAGE_COUNT);
	const struct text *text = find_text(pack->texts, language, key);

	if (text == NULL && pack->language_count > 0)
		text = find_text(pack->texts, pack->languages[0], key);
	return text == NULL ? key : text->text;
}

size_t
texts_list(const struct pack *pack, enum language language, struct arena *arena, const char ***ret_keys,
	   const char ***ret_texts)
{
	const struct text_map *map = &pack->texts->maps[language];
	size_t count = 0;

	*ret_keys = arena_array_of(arena, const char *, map->count);
	*ret_texts = arena_array_of(arena, const char *, map->count);
	for (size_t i = 0; i < map->capacity; i++) {
		const struct text *text = map->slots[i].value;

		if (map->slots[i].key == NULL)
			continue;
		(*ret_keys)[count] = map->slots[i].key;
		(*ret_texts)[count++] = text->text;
	}
	return count;
}

const char *
pack_textf(const struct pack *pack, enum language language, struct arena *arena, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	const char *key = arena_vprintf(arena, format, list);

	va_end(list);
	return pack_text(pack, language, key);
}
