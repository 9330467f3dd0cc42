#include "cli/settings.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "base/strbuf.h"
#include "text/node.h"

enum { SETTINGS_BYTES_MAX = 256 * 1024 };

static const struct setting_row rows[SETTING_COUNT] = {
#define SETTING(id, name, type, fallback, min, max, choices, help) \
	[id] = { name, type, fallback, min, max, choices, help },
#include "cli/settings.def"
#undef SETTING
};

const struct setting_row *
setting_table(void)
{
	return rows;
}

void
settings_init(struct settings *settings)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		settings->values[i] = rows[i].fallback;
}

static const struct setting_row *
find_row(const char *name)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static enum error
fault(struct problem *problem, const char *name, int line, enum message message, const char *first)
{
	return problem_add_at(problem, ERR_BAD_INPUT, name, line, 0, message,
			      (const char *const[3]){ first, NULL, NULL });
}

static enum error
unknown(struct problem *problem, const char *name, int line)
{
	const char *names[SETTING_COUNT];

	for (size_t i = 0; i < SETTING_COUNT; i++)
		names[i] = rows[i].name;
	const char *near = nearest_name(name, names, SETTING_COUNT);

	return near == NULL ? fault(problem, name, line, MSG_NOT_ALLOWED_HERE, name)
			    : fault(problem, name, line, MSG_UNKNOWN_FIELD, near);
}

static enum error
check_integer(const struct setting_row *row, const char *value, int line, struct problem *problem)
{
	char *end = NULL, limit[24];

	errno = 0;
	long long number = strtoll(value, &end, 10);
	if (end == value || *end != '\0' || errno != 0)
		return fault(problem, row->name, line, MSG_NOT_INTEGER, NULL);
	snprintf(limit, sizeof(limit), "%lld", (long long)(number < row->min ? row->min : row->max));
	if (number < row->min)
		return fault(problem, row->name, line, MSG_TOO_SMALL, limit);
	return number > row->max ? fault(problem, row->name, line, MSG_TOO_LARGE, limit) : OK;
}

static bool
is_one_of(const char *choices, const char *value)
{
	size_t bytes = strlen(value);

	while (*choices != '\0') {
		size_t length = strcspn(choices, " ");

		if (length == bytes && memcmp(choices, value, length) == 0)
			return true;
		choices += length + strspn(choices + length, " ");
	}
	return false;
}

static enum error
check(const struct setting_row *row, const char *value, int line, struct problem *problem)
{
	switch (row->type) {
	case SETTING_INTEGER:
		return check_integer(row, value, line, problem);
	case SETTING_BOOLEAN:
		return is_one_of("true false yes no", value) ? OK
							     : fault(problem, row->name, line, MSG_NOT_BOOLEAN, NULL);
	case SETTING_CHOICE:
		return is_one_of(row->choices, value) ? OK
						      : fault(problem, row->name, line, MSG_NOT_CHOICE, row->choices);
	case SETTING_TEXT:
		return *value != '\0' ? OK : fault(problem, row->name, line, MSG_TEXT_EMPTY, NULL);
	case SETTING_LIST:
	default:
		return OK;
	}
}

enum error
settings_set(struct settings *settings, struct arena *arena, const char *name, const char *value, int line,
	     struct problem *problem)
{
	char *plain = arena_text(arena, name);

	for (char *p = plain; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	const struct setting_row *row = find_row(plain);

	if (row == NULL)
		return unknown(problem, plain, line);
	TRY(check(row, value, line, problem));
	settings->values[row - rows] = arena_text(arena, value);
	return OK;
}

/* A YAML list is written as its items with commas between. */
static enum error
set_node(struct settings *settings, struct arena *arena, const char *name, const struct node *node, int line,
	 struct problem *problem)
{
	AUTO(strbuf_done) struct strbuf joined = { 0 };
	const struct setting_row *row = find_row(name);

	/* `base_url:` with nothing behind it leaves the setting alone. */
	if (node->kind == NODE_NULL || (node->kind == NODE_TEXT && node->plain && node->bytes == 0))
		return row == NULL ? unknown(problem, name, line) : OK;
	if (node->kind == NODE_MAP || (node->kind == NODE_LIST && (row == NULL || row->type != SETTING_LIST)))
		return row == NULL ? unknown(problem, name, line)
				   : fault(problem, name, line, MSG_WRONG_KIND, "name: value");
	if (node->kind != NODE_LIST)
		return settings_set(settings, arena, name, node->text, line, problem);
	for (size_t i = 0; i < node->count; i++)
		strbuf_printf(&joined, "%s%s", i == 0 ? "" : ",",
			      node->items[i].text == NULL ? "" : node->items[i].text);
	return settings_set(settings, arena, name, joined.bytes == 0 ? "" : joined.text, line, problem);
}

static enum error
read_file(const char *path, struct strbuf *out)
{
	char block[4096];
	size_t got = 0;
	FILE *file = fopen(path, "rbe");

	if (file == NULL)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	while ((got = fread(block, 1, sizeof(block), file)) > 0 && out->bytes < SETTINGS_BYTES_MAX)
		strbuf_add(out, block, got);
	enum error e = ferror(file) || got > 0 ? ERR_IO : OK;
	fclose(file);
	return e;
}

enum error
settings_read(struct settings *settings, struct arena *arena, const char *path, struct problem *problem)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	const struct node *documents = NULL;
	size_t count = 0;
	enum error result = OK;

	enum error e = read_file(path, &text);
	if (e == ERR_NOT_FOUND || (e == OK && text.bytes == 0))
		return OK;
	TRY(e);
	TRY(node_parse_yaml(arena, path, text.text, text.bytes, problem, &documents, &count));
	if (count == 0 || (count == 1 && documents[0].kind == NODE_NULL))
		return OK;
	if (count > 1 || documents[0].kind != NODE_MAP)
		return fault(problem, path, 1, MSG_WRONG_KIND, "name: value");
	for (size_t i = 0; i < documents[0].count; i++) {
		e = set_node(settings, arena, documents[0].keys[i], &documents[0].items[i], documents[0].key_lines[i],
			     problem);
		if (e != OK)
			result = e;
	}
	return result;
}

const char *
settings_text(const struct settings *settings, enum setting setting)
{
	assert(setting < SETTING_COUNT);
	return settings->values[setting];
}

int64_t
settings_integer(const struct settings *settings, enum setting setting)
{
	assert(rows[setting].type == SETTING_INTEGER);
	return strtoll(settings->values[setting], NULL, 10);
}

bool
settings_boolean(const struct settings *settings, enum setting setting)
{
	assert(rows[setting].type == SETTING_BOOLEAN);
	return is_one_of("true yes", settings->values[setting]);
}

const char *const *
settings_list(const struct settings *settings, struct arena *arena, enum setting setting, size_t *ret_count)
{
	const char **list = NULL, *text = settings->values[setting];
	size_t count = 0, capacity = 0;

	assert(rows[setting].type == SETTING_LIST);
	for (text = text == NULL ? "" : text; *(text += strspn(text, ", ")) != '\0'; text += strcspn(text, ", "))
		*ARENA_PUSH(arena, list, count, capacity) = arena_copy(arena, text, strcspn(text, ", "));
	*ret_count = count;
	return list;
}
