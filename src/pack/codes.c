/* codes.c - codes.yaml: the numbers under which the ledger knows registers, fields, actions, roles, bodies, purposes
 * and retention rows. One row of numbers for the whole pack; given once, never changed, never used again, so that old
 * entries stay readable. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/strbuf.h"
#include "pack/load.h"

enum { NUMBER_MAX = 1000000 };
static const char file[] = "codes.yaml";

static int
compare_names(const void *left, const void *right)
{
	const struct code *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int
compare_numbers(const void *left, const void *right)
{
	const struct code *a = left, *b = right;

	return (a->number > b->number) - (a->number < b->number);
}

static uint32_t
number_of(const struct pack *pack, const char *name)
{
	struct code key = { .name = name };
	const struct code *code =
		pack->code_count == 0 ? NULL : bsearch(&key, pack->codes, pack->code_count, sizeof(key), compare_names);

	return code == NULL ? 0 : code->number;
}

struct code_list {
	struct arena *arena;
	struct code *codes;
	size_t count, capacity;
};

static void
read_codes(struct loader *loader, const struct node *node, struct code_list *list)
{
	for (size_t i = 0; i < node->count; i++) {
		struct place_in_file at = { file, node->key_lines[i] };
		const struct node *value = &node->items[i];
		int64_t number = 0;

		if (value->kind != NODE_TEXT || !scalar_integer(value->text, &number) || number < 1 ||
		    number > NUMBER_MAX)
			load_fault(loader, at, "a code is a number from 1 to %d, found “%.40s”", NUMBER_MAX,
				   value->kind == NODE_TEXT ? value->text : "");
		else
			*ARENA_PUSH(list->arena, list->codes, list->count, list->capacity) =
				(struct code){ node->keys[i], (uint32_t)number, at.line };
	}
}

static void
report_doubles(struct loader *loader, const struct code_list *list)
{
	struct code *sorted = arena_array_of(loader->arena, struct code, list->count);

	for (size_t i = 0; i < list->count; i++)
		sorted[i] = list->codes[i];
	qsort(sorted, list->count, sizeof(*sorted), compare_numbers);
	for (size_t i = 1; i < list->count; i++) {
		bool in_order = sorted[i - 1].line < sorted[i].line;
		const struct code *first = &sorted[in_order ? i - 1 : i], *second = &sorted[in_order ? i : i - 1];

		if (first->number == second->number)
			load_fault(loader, (struct place_in_file){ file, second->line },
				   "“%s” has the code %u, which is that of “%s” in line %d: a code is never used again",
				   second->name, second->number, first->name, first->line);
	}
}

static void
want(struct code_list *list, const char *name)
{
	*ARENA_PUSH(list->arena, list->codes, list->count, list->capacity) = (struct code){ .name = name };
}

static void
want_fields(struct code_list *list, const char *prefix, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = arena_printf(list->arena, "%s.%s", prefix, fields[i].name);

		want(list, name);
		want_fields(list, name, fields[i].items, fields[i].item_count);
	}
}

/* Whatever needs a number, in the order in which a pack tells it; a body may stand here twice. */
static struct code_list
all_wanted(const struct pack *pack, struct arena *arena)
{
	struct code_list list = { .arena = arena };

	for (size_t r = 0; r < pack->reg_count; r++) {
		const struct reg *reg = &pack->regs[r];

		want(&list, reg->name);
		want_fields(&list, reg->name, reg->fields, reg->field_count);
		for (size_t i = 0; i < reg->action_count; i++)
			want(&list, arena_printf(arena, "%s.%s", reg->name, reg->actions[i].name));
	}
	for (size_t i = 0; i < pack->role_count; i++) {
		want(&list, arena_printf(arena, "role.%s", pack->roles[i].name));
		if (pack->roles[i].body != NULL)
			want(&list, arena_printf(arena, "body.%s", pack->roles[i].body));
	}
	for (size_t i = 0; i < pack->purpose_count; i++)
		want(&list, arena_printf(arena, "purpose.%s", pack->purposes[i].name));
	for (size_t i = 0; i < pack->retention_count; i++)
		want(&list, arena_printf(arena, "retention.%s", pack->retentions[i].name));
	return list;
}

static uint32_t __attribute__((format(printf, 2, 3))) number_for(const struct loader *loader, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	const char *name = arena_vprintf(loader->arena, format, list);

	va_end(list);
	return number_of(loader->pack, name);
}

static void
give_fields(struct loader *loader, const char *prefix, struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = arena_printf(loader->arena, "%s.%s", prefix, fields[i].name);

		fields[i].code = number_of(loader->pack, name);
		for (size_t l = 0; l < loader->list_count; l++)
			if (fields[i].item_count > 0 && loader->lists[l].fields == fields[i].items)
				give_fields(loader, name, loader->lists[l].fields, fields[i].item_count);
	}
}

static void
give_register(struct loader *loader, struct draft_reg *draft)
{
	draft->reg->code = number_of(loader->pack, draft->reg->name);
	give_fields(loader, draft->reg->name, draft->fields.fields, draft->fields.count);
	for (size_t i = 0; i < draft->action_count; i++) {
		struct action *action = draft->actions[i].action;

		action->code = number_for(loader, "%s.%s", draft->reg->name, action->name);
		for (size_t k = 0; k < action->arg_count; k++)
			draft->actions[i].args[k].code = action->taken[k] == NULL ? 0 : action->taken[k]->code;
	}
}

static void
give_all(struct loader *loader)
{
	for (size_t r = 0; r < loader->reg_count; r++)
		give_register(loader, &loader->drafts[r]);
	for (size_t i = 0; i < loader->role_count; i++) {
		struct role *role = &loader->roles[i];

		role->code = number_for(loader, "role.%s", role->name);
		role->body_code = role->body == NULL ? 0 : number_for(loader, "body.%s", role->body);
	}
	for (size_t i = 0; i < loader->pack->purpose_count; i++)
		loader->purposes[i].code = number_for(loader, "purpose.%s", loader->purposes[i].name);
	for (size_t i = 0; i < loader->pack->retention_count; i++)
		loader->retentions[i].code = number_for(loader, "retention.%s", loader->retentions[i].name);
}

static void
report_missing(struct loader *loader)
{
	struct code_list wanted = all_wanted(loader->pack, loader->arena);
	const char *examples = "";
	size_t missing = 0;

	for (size_t i = 0; i < wanted.count; i++) {
		if (number_of(loader->pack, wanted.codes[i].name) != 0)
			continue;
		if (missing++ < 3)
			examples = arena_printf(loader->arena, "%s%s%s", examples, examples[0] == '\0' ? "" : ", ",
						wanted.codes[i].name);
	}
	if (missing > 0)
		load_fault(loader, (struct place_in_file){ file, 0 }, "no code yet for %s%s: run `tirkeu pack codes`",
			   examples, missing > 3 ? arena_printf(loader->arena, " and %zu more", missing - 3) : "");
}

void
load_codes(struct loader *loader)
{
	struct code_list list = { .arena = loader->arena };
	bool broken = false;
	const struct node *node = load_yaml_map(loader, file, false, &broken);

	if (broken)
		return;
	if (node != NULL)
		read_codes(loader, node, &list);
	if (list.count > 1) {
		report_doubles(loader, &list);
		qsort(list.codes, list.count, sizeof(*list.codes), compare_names);
	}
	loader->pack->codes = list.codes;
	loader->pack->code_count = list.count;
	give_all(loader);
	/* A misspelt name would only be asked for a code; its own fault comes first. */
	if (!loader->codes_may_miss && loader->report->error_count == loader->errors_before)
		report_missing(loader);
}

static void
print_codes(const struct code_list *list, struct strbuf *out)
{
	strbuf_text(out, "# Numbers of this pack in the ledger: given once, never changed, never used again.\n");
	for (size_t i = 0; i < list->count; i++)
		strbuf_printf(out, "%s: %u\n", list->codes[i].name, list->codes[i].number);
}

/* Beside it first, then renamed: a half-written list of codes must not exist. */
static enum error
replace_file(struct arena *arena, const char *directory, const struct strbuf *text)
{
	const char *path = arena_printf(arena, "%s/%s", directory, file);
	const char *beside = arena_printf(arena, "%s.new", path);
	int out = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t written = 0;
	bool sound = out >= 0;

	while (sound && written < text->bytes) {
		ssize_t bytes = write(out, text->text + written, text->bytes - written);

		sound = bytes > 0 || (bytes < 0 && errno == EINTR);
		written += bytes > 0 ? (size_t)bytes : 0;
	}
	sound = sound && fsync(out) == 0;
	if (out >= 0 && close(out) != 0)
		sound = false;
	if (sound && rename(beside, path) == 0)
		return OK;
	unlink(beside);
	return ERR_IO;
}

static bool
is_listed(const struct code_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->codes[i].name, name) == 0)
			return true;
	return false;
}

enum error
pack_codes_write(const char *directory, const struct pack *pack, size_t *ret_added)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct code_list wanted = all_wanted(pack, arena), list = { .arena = arena };
	uint32_t highest = 0;
	size_t added = 0;

	for (size_t i = 0; i < pack->code_count; i++) {
		*ARENA_PUSH(arena, list.codes, list.count, list.capacity) = pack->codes[i];
		highest = pack->codes[i].number > highest ? pack->codes[i].number : highest;
	}
	for (size_t i = 0; i < wanted.count; i++) {
		if (is_listed(&list, wanted.codes[i].name))
			continue;
		*ARENA_PUSH(arena, list.codes, list.count, list.capacity) =
			(struct code){ .name = wanted.codes[i].name, .number = ++highest };
		added++;
	}
	if (list.count > 1)
		qsort(list.codes, list.count, sizeof(*list.codes), compare_names);
	print_codes(&list, &out);
	if (added > 0)
		TRY(replace_file(arena, directory, &out));
	*ret_added = added;
	return OK;
}

static const struct code *
find_number(const struct pack *pack, uint32_t number)
{
	for (size_t i = 0; i < pack->code_count; i++)
		if (pack->codes[i].number == number)
			return &pack->codes[i];
	return NULL;
}

void
pack_codes_compare(const struct pack *before, const struct pack *after, struct pack_report *report)
{
	for (size_t i = 0; i < before->code_count; i++) {
		const struct code *old = &before->codes[i];
		const struct code *heir = find_number(after, old->number);
		uint32_t now = number_of(after, old->name);

		if (now == 0)
			pack_report_add(report, SEVERITY_ERROR, file, 0,
					"“%s” had the code %u and has none now: codes are kept", old->name,
					old->number);
		else if (now != old->number)
			pack_report_add(report, SEVERITY_ERROR, file, find_number(after, now)->line,
					"“%s” had the code %u and has %u now: a code never changes", old->name,
					old->number, now);
		if (heir != NULL && strcmp(heir->name, old->name) != 0)
			pack_report_add(report, SEVERITY_ERROR, file, heir->line,
					"“%s” has the code %u, which was that of “%s”: a code is never used again",
					heir->name, old->number, old->name);
	}
}
