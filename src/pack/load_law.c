/* load_law.c - acts and provisions: the headers of .sql files, and what of their SELECTs can be told
 * without a database. */
#include <ctype.h>
#include <string.h>
#include "pack/load.h"
#include "pack/scan.h"
#include "text/utf8.h"

enum { HEADERS_MAX = 64, RANGES_MAX = 64 };

/* "law/<act>/<file>": the act and the file's name without `suffix`; false: another path. */
static bool
split_path(struct loader *loader, const char *path, const char *suffix, const char **ret_act, const char **ret_name)
{
	if (strncmp(path, "law/", 4) != 0)
		return false;
	const char *act = path + 4, *slash = strchr(act, '/');
	size_t bytes = strlen(path), suffix_bytes = strlen(suffix);

	if (slash == NULL || strchr(slash + 1, '/') != NULL || bytes < suffix_bytes ||
	    strcmp(path + bytes - suffix_bytes, suffix) != 0)
		return false;
	*ret_act = arena_copy(loader->arena, act, (size_t)(slash - act));
	*ret_name = arena_copy(loader->arena, slash + 1, strlen(slash + 1) - suffix_bytes);
	return true;
}

static void
read_status(struct loader *loader, const struct words *words, struct statute *act)
{
	static const char *const statuses[] = { [ACT_DRAFT] = "draft",
						[ACT_ADOPTED] = "adopted",
						[ACT_IN_FORCE] = "in force",
						[ACT_REPEALED] = "repealed" };
	const char *text = words_text(words, "status");

	for (size_t i = 0; text != NULL && i < ARRAY_COUNT(statuses); i++)
		if (strcmp(statuses[i], text) == 0) {
			act->status = (enum act_status)i;
			return;
		}
	if (text != NULL)
		load_fault(loader, words_at(words, "status"),
			   "the status of an act is draft, adopted, in force or repealed; found “%.40s”%s", text,
			   load_nearest(loader, text, statuses, ARRAY_COUNT(statuses)));
}

static int64_t
day_of(const struct words *words)
{
	const char *text = words_text(words, "day");
	int64_t day = DAY_NONE;

	if (text != NULL)
		IGNORE(day_parse(text, strlen(text), false, &day)); /* words_read saw a day */
	return day;
}

static void
read_readings(struct loader *loader, const struct words *words, struct statute *act)
{
	const struct node *node = words_get(words, "readings");
	size_t count = node == NULL ? 0 : node->count;
	struct reading *readings = arena_array_of(loader->arena, struct reading, count);

	for (size_t i = 0; i < count; i++) {
		struct words reading =
			words_read(loader, words->file, &node->items[i], node->items[i].line, WORDS_READING);

		if (!reading.faulty)
			readings[act->reading_count++] =
				(struct reading){ (int)words_integer(&reading, "nr", 0), day_of(&reading) };
	}
	act->readings = readings;
}

static void
read_act(struct loader *loader, const char *path, const char *name, struct statute *act)
{
	bool broken = false;
	const struct node *node = load_yaml_map(loader, path, true, &broken);

	*act = (struct statute){ .name = name, .day = DAY_NONE, .at = { path, 1 } };
	if (broken)
		return;
	struct words words = words_read(loader, path, node, 1, WORDS_ACT);

	act->number = words_text(&words, "number");
	act->day = day_of(&words);
	read_status(loader, &words, act);
	read_readings(loader, &words, act);
}

static void
read_acts(struct loader *loader)
{
	loader->acts = arena_array_of(loader->arena, struct statute, loader->source_count);
	loader->pack->acts = loader->acts;
	for (size_t i = 0; i < loader->source_count; i++) {
		const char *path = loader->sources[i].path, *act = NULL, *name = NULL;

		if (!split_path(loader, path, ".yaml", &act, &name) || strcmp(name, "act") != 0)
			continue;
		if (!scalar_is_act_name(act))
			load_fault(loader, (struct place_in_file){ path, 0 },
				   "“%.60s” is no name of an act: small letters, digits, - and _, a letter first", act);
		read_act(loader, path, act, &loader->acts[loader->pack->act_count++]);
	}
}

static const struct statute *
find_act(struct loader *loader, const char *name)
{
	for (size_t i = 0; i < loader->pack->act_count; i++)
		if (strcmp(loader->acts[i].name, name) == 0)
			return &loader->acts[i];
	return NULL;
}

static const char *
trim(struct arena *arena, const char *text, size_t bytes)
{
	while (bytes > 0 && isspace((unsigned char)*text)) {
		text++;
		bytes--;
	}
	while (bytes > 0 && isspace((unsigned char)text[bytes - 1]))
		bytes--;
	return arena_copy(arena, text, bytes);
}

/* The lines `-- word: value` as if they were a mapping, so that words.c can judge them. */
struct headers {
	const char *keys[HEADERS_MAX];
	struct node values[HEADERS_MAX];
	int lines[HEADERS_MAX];
	struct node wakes[HEADERS_MAX];
	size_t count, wake_count;
};

static void
add_wake(struct headers *headers, const struct node *value)
{
	headers->wakes[headers->wake_count++] = *value;
	for (size_t i = 0; i < headers->count; i++)
		if (strcmp(headers->keys[i], "wakes") == 0) {
			headers->values[i].count = headers->wake_count;
			return;
		}
	headers->keys[headers->count] = "wakes";
	headers->lines[headers->count] = value->line;
	headers->values[headers->count++] =
		(struct node){ .kind = NODE_LIST, .line = value->line, .items = headers->wakes, .count = 1 };
}

static void
add_header(struct loader *loader, const char *file, struct headers *headers, const char *key, struct node value)
{
	if (headers->count == HEADERS_MAX || headers->wake_count == HEADERS_MAX) {
		load_fault(loader, (struct place_in_file){ file, value.line }, "a provision has at most %d headers",
			   HEADERS_MAX);
		return;
	}
	if (strcmp(key, "wakes") == 0) {
		add_wake(headers, &value);
		return;
	}
	for (size_t i = 0; i < headers->count; i++)
		if (strcmp(headers->keys[i], key) == 0) {
			load_fault(loader, (struct place_in_file){ file, value.line },
				   "the header “%s” stands in line %d already", key, headers->lines[i]);
			return;
		}
	headers->keys[headers->count] = key;
	headers->lines[headers->count] = value.line;
	headers->values[headers->count++] = value;
}

/* A comment is a header when small letters and blanks stand before its first colon. */
static void
read_comment(struct loader *loader, const char *file, struct headers *headers, const char *comment, size_t bytes,
	     int line)
{
	const char *colon = memchr(comment, ':', bytes);

	if (colon == NULL)
		return;
	const char *key = trim(loader->arena, comment, (size_t)(colon - comment));
	const char *value = trim(loader->arena, colon + 1, bytes - (size_t)(colon + 1 - comment));

	if (key[0] == '\0' || strspn(key, "abcdefghijklmnopqrstuvwxyz _") != strlen(key))
		return;
	struct node node = { .kind = NODE_TEXT, .line = line, .text = value, .bytes = strlen(value), .plain = true };

	add_header(loader, file, headers, key, node);
}

/* The lines of comment before the SELECT; what follows them is returned, with its line. */
static const char *
read_headers(struct loader *loader, const char *file, const char *text, struct headers *headers, int *ret_line)
{
	int line = 1;

	for (;;) {
		const char *begin = text + strspn(text, " \t\r");
		size_t bytes = strcspn(begin, "\n");

		if (*begin != '\n' && strncmp(begin, "--", 2) != 0)
			break;
		if (*begin == '-')
			read_comment(loader, file, headers, begin + 2, bytes - 2, line);
		text = begin + bytes;
		if (*text == '\n')
			text++;
		line++;
	}
	*ret_line = line;
	return text;
}

/* false: none that can be taken at its word; it was told. */
static bool
read_kind(struct loader *loader, const struct words *words, struct provision *provision)
{
	static const char *const kinds[] = {
		[PROVISION_FORBID] = "forbid", [PROVISION_OBLIGATION] = "obligation", [PROVISION_BREACH] = "breach"
	};
	const char *text = words_text(words, "kind");

	for (size_t i = 0; text != NULL && i < ARRAY_COUNT(kinds); i++)
		if (strcmp(kinds[i], text) == 0) {
			provision->kind = (enum provision_kind)i;
			return true;
		}
	if (text != NULL)
		load_fault(loader, words_at(words, "kind"),
			   "the kind of a provision is forbid, obligation or breach; found “%.40s”%s", text,
			   load_nearest(loader, text, kinds, ARRAY_COUNT(kinds)));
	return false;
}

static void
read_citation(struct loader *loader, const struct words *words, struct provision *provision)
{
	const char *text = words_text(words, "act");

	if (text == NULL)
		return;
	const char *comma = strchr(text, ',');
	size_t bytes = comma == NULL ? strlen(text) : (size_t)(comma - text);
	const char *act = trim(loader->arena, text, bytes);

	if (comma == NULL || comma[1 + strspn(comma + 1, " ")] == '\0')
		load_fault(loader, words_at(words, "act"),
			   "expected the act and its article, such as “%.60s, article 1”", act);
	else
		provision->citation = trim(loader->arena, comma + 1, strlen(comma + 1));
	if (provision->act != NULL && strcmp(act, provision->act->name) != 0)
		load_fault(loader, words_at(words, "act"), "this provision lies in law/%s, but its header says “%.60s”",
			   provision->act->name, act);
}

static bool
parse_range(struct loader *loader, const char *text, size_t bytes, struct day_range *range)
{
	const char *whole = trim(loader->arena, text, bytes);
	const char *dots = strstr(whole, "..");

	if (dots == NULL)
		return false;
	const char *from = trim(loader->arena, whole, (size_t)(dots - whole));
	const char *until = trim(loader->arena, dots + 2, strlen(dots + 2));

	*range = (struct day_range){ DAY_BEFORE_ALL, DAY_AFTER_ALL };
	if (from[0] == '\0' && until[0] == '\0')
		return false;
	if (from[0] != '\0' && day_parse(from, strlen(from), false, &range->from) != OK)
		return false;
	if (until[0] != '\0' && day_parse(until, strlen(until), false, &range->until) != OK)
		return false;
	return range->from <= range->until;
}

static void
read_in_force(struct loader *loader, const struct words *words, struct provision *provision)
{
	const char *text = words_text(words, "in force");
	struct day_range *ranges = arena_array_of(loader->arena, struct day_range, RANGES_MAX);

	provision->in_force = ranges;
	while (text != NULL && provision->in_force_count < RANGES_MAX) {
		size_t bytes = strcspn(text, ",");
		struct day_range *range = &ranges[provision->in_force_count];

		if (!parse_range(loader, text, bytes, range)) {
			load_fault(loader, words_at(words, "in force"),
				   "expected days such as “2017-01-07 .. 2020-12-31” or “2017-01-07 ..”, found “%s”",
				   trim(loader->arena, text, bytes));
			return;
		}
		if (provision->in_force_count > 0 && range->from <= ranges[provision->in_force_count - 1].until) {
			load_fault(loader, words_at(words, "in force"),
				   "the ranges of days stand in order and do not overlap");
			return;
		}
		provision->in_force_count++;
		text = text[bytes] == ',' ? text + bytes + 1 : NULL;
	}
}

static void
read_forbids(struct loader *loader, const struct words *words, struct provision *provision)
{
	const char *text = words_text(words, "at");
	size_t capacity = 0;
	const struct action **forbids = NULL;

	while (text != NULL) {
		size_t bytes = strcspn(text, ",");
		struct draft_reg *reg = NULL;
		const struct draft_action *action =
			load_need_action(loader, words_at(words, "at"), trim(loader->arena, text, bytes), &reg);

		if (action != NULL)
			*ARENA_PUSH(loader->arena, forbids, provision->forbid_count, capacity) = action->action;
		text = text[bytes] == ',' ? text + bytes + 1 : NULL;
	}
	provision->forbids = forbids;
}

static void
check_image(struct loader *loader, struct place_in_file at, const struct draft_reg *draft, const char *select,
	    const char *image)
{
	const char *const *names = NULL;
	size_t count = pack_scan_columns(loader->arena, select, image, &names);

	for (size_t i = 0; i < count; i++) {
		bool found = draft->fields.incomplete;

		for (size_t c = 0; c < draft->reg->column_count; c++)
			found = found || strcmp(draft->reg->columns[c].name, names[i]) == 0;
		if (!found)
			load_fault(loader, at, "“%s.%s” is no column of the register “%s”", image, names[i],
				   draft->reg->name);
	}
}

static void
read_wakes(struct loader *loader, const struct words *words, struct provision *provision)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, words, "wakes", &items);
	struct wake *wakes = arena_array_of(loader->arena, struct wake, count);
	struct sql_scope scope = { .what = "“wakes”", .no_this = "the images are “old” and “new”" };

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { words->file, items[i].line };
		const char *colon = strchr(items[i].text, ':');

		if (colon == NULL) {
			load_fault(loader, at, "expected “register: select …”, found “%.60s”", items[i].text);
			continue;
		}
		const char *name = trim(loader->arena, items[i].text, (size_t)(colon - items[i].text));
		const char *select = trim(loader->arena, colon + 1, strlen(colon + 1));
		const struct draft_reg *draft = load_need_reg(loader, at, name);

		if (!load_check_select(loader, at, select, &scope) || draft == NULL)
			continue;
		check_image(loader, at, draft, select, "old");
		check_image(loader, at, draft, select, "new");
		wakes[provision->wake_count++] = (struct wake){ draft->reg, select };
	}
	provision->wakes = wakes;
}

static void
check_kind_words(struct loader *loader, const struct words *words, const struct provision *provision)
{
	bool forbid = provision->kind == PROVISION_FORBID;

	if (forbid && words_get(words, "at") == NULL && !words->faulty)
		load_fault(loader, provision->at, "a forbid needs “at”, the actions that it stands before");
	if (!forbid && words_get(words, "at") != NULL)
		load_fault(loader, words_at(words, "at"), "“at” goes with a forbid");
	if (forbid && words_get(words, "wakes") != NULL)
		load_fault(loader, words_at(words, "wakes"), "“wakes” goes with an obligation or a breach");
	if (forbid && words_get(words, "tick") != NULL)
		load_fault(loader, words_at(words, "tick"), "“tick” goes with an obligation or a breach");
}

static void
read_tick(struct loader *loader, const struct words *words, struct provision *provision)
{
	const char *text = words_text(words, "tick");

	if (text == NULL)
		return;
	provision->tick = strcmp(text, "day") == 0     ? PERIOD_DAY
			  : strcmp(text, "month") == 0 ? PERIOD_MONTH
						       : PERIOD_NONE;
	if (provision->tick == PERIOD_NONE)
		load_fault(loader, words_at(words, "tick"), "“tick” is day or month, found “%.40s”", text);
}

static void
check_select(struct loader *loader, const struct words *words, struct provision *provision, int line)
{
	static const char *const today[] = { "today", NULL };
	struct place_in_file at = { provision->at.file, line };
	struct sql_scope scope = { .what = "a provision",
				   .no_this = "a provision is about all records",
				   .parameters = today };
	const char *const *names = NULL;

	if (!load_check_select(loader, at, provision->select, &scope))
		return;
	bool has_today = pack_scan_parameters(loader->arena, provision->select, &names) > 0;

	if (has_today && provision->kind != PROVISION_FORBID && words_get(words, "tick") == NULL && !words->faulty)
		load_fault(loader, at, "“$today” stands in an obligation or a breach only with the header “tick”");
}

static void
read_provision(struct loader *loader, const struct source *source, const char *act, const char *name,
	       struct provision *provision)
{
	struct headers *headers = arena_new_of(loader->arena, struct headers);
	int line = 1;

	if (!utf8_is_valid(source->text, source->bytes) || strlen(source->text) != source->bytes)
		load_fault(loader, (struct place_in_file){ source->path, 0 }, "this file is no text in UTF-8");
	*provision = (struct provision){
		.name = arena_printf(loader->arena, "%s/%s", act, name),
		.at = { source->path, 1 },
		.act = find_act(loader, act),
		.index = loader->pack->provision_count,
		.text_key = arena_printf(loader->arena, "law.%s.%s", act, name),
	};
	provision->select = read_headers(loader, source->path, source->text, headers, &line);
	struct node *map = arena_new_of(loader->arena, struct node);

	*map = (struct node){ .kind = NODE_MAP,
			      .line = 1,
			      .count = headers->count,
			      .items = headers->values,
			      .keys = headers->keys,
			      .key_lines = headers->lines };
	struct words words = words_read(loader, source->path, map, 1, WORDS_PROVISION);

	bool has_kind = read_kind(loader, &words, provision);
	read_citation(loader, &words, provision);
	read_in_force(loader, &words, provision);
	read_forbids(loader, &words, provision);
	read_wakes(loader, &words, provision);
	read_tick(loader, &words, provision);
	if (has_kind)
		check_kind_words(loader, &words, provision);
	/* What is found about its SELECT from here on is shown there. */
	provision->at.line = line;
	check_select(loader, &words, provision, line);
}

static bool
check_file(struct loader *loader, const struct source *source, const char *act, const char *name)
{
	struct place_in_file at = { source->path, 0 };
	bool sound = true;

	if (!scalar_is_act_name(name)) {
		load_fault(loader, at,
			   "“%.60s” is no name of a provision: small letters, digits, - and _, a letter first", name);
		sound = false;
	}
	if (strlen(source->text) != source->bytes) {
		load_fault(loader, at, "the file holds a NUL byte");
		sound = false;
	}
	if (find_act(loader, act) == NULL)
		load_fault(loader, at, "law/%s lacks act.yaml", act);
	return sound;
}

void
load_law(struct loader *loader)
{
	read_acts(loader);
	loader->provisions = arena_array_of(loader->arena, struct provision, loader->source_count);
	loader->pack->provisions = loader->provisions;
	for (size_t i = 0; i < loader->source_count; i++) {
		struct source *source = &loader->sources[i];
		const char *act = NULL, *name = NULL;

		if (!split_path(loader, source->path, ".sql", &act, &name))
			continue;
		source->used = true;
		if (!check_file(loader, source, act, name))
			continue;
		read_provision(loader, source, act, name, &loader->provisions[loader->pack->provision_count]);
		loader->pack->provision_count++;
	}
}
