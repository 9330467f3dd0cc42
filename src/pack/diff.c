#include "pack/diff.h"
#include <string.h>
#include "base/strbuf.h"
#include "pack/pack.h"

/* `mark` before each line of a text, so that SQL reads like a patch. */
static void
print_value(struct strbuf *out, char mark, const char *value)
{
	while (*value != '\0') {
		size_t bytes = strcspn(value, "\n");

		strbuf_printf(out, "    %c %.*s\n", mark, (int)bytes, value);
		value += bytes + (value[bytes] == '\n');
	}
}

static void
print_one(struct strbuf *out, char mark, const struct pack_line *line)
{
	bool is_short = strchr(line->value, '\n') == NULL && strlen(line->value) <= 100;

	if (line->value[0] == '\0') {
		strbuf_printf(out, "%c %s\n", mark, line->key);
	} else if (is_short) {
		strbuf_printf(out, "%c %s = %s\n", mark, line->key, line->value);
	} else {
		strbuf_printf(out, "%c %s\n", mark, line->key);
		print_value(out, mark, line->value);
	}
}

static void
print_change(struct strbuf *out, const struct pack_line *a, const struct pack_line *b)
{
	if (strcmp(a->value, b->value) == 0)
		return;
	strbuf_printf(out, "~ %s\n", a->key);
	print_value(out, '-', a->value);
	print_value(out, '+', b->value);
}

static void
print_lines(struct strbuf *out, const struct pack *a, const struct pack *b)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct pack_line *before = NULL, *after = NULL;
	size_t before_count = pack_lines(a, arena, &before), after_count = pack_lines(b, arena, &after);
	size_t i = 0, k = 0;

	while (i < before_count || k < after_count) {
		int order = i == before_count ? 1 : k == after_count ? -1 : strcmp(before[i].key, after[k].key);

		if (order < 0)
			print_one(out, '-', &before[i++]);
		else if (order > 0)
			print_one(out, '+', &after[k++]);
		else
			print_change(out, &before[i++], &after[k++]);
	}
}

static const struct role_reads *
find_reads(const struct role *role, const char *reg)
{
	for (size_t i = 0; role != NULL && i < role->reads_count; i++)
		if (strcmp(role->reads[i].reg->name, reg) == 0)
			return &role->reads[i];
	return NULL;
}

static bool
reads_field(const struct role_reads *reads, const struct field *field)
{
	if (reads == NULL)
		return false;
	if (reads->all)
		return reg_field(reads->reg, field->name) != NULL;
	for (size_t i = 0; i < reads->field_count; i++)
		if (strcmp(reads->fields[i]->name, field->name) == 0)
			return true;
	return false;
}

/* A field that did not exist before counts too: nobody could read it. */
static bool
reads_more(const struct role *before, const struct role *after)
{
	for (size_t i = 0; i < after->reads_count; i++) {
		const struct role_reads *now = &after->reads[i], *then = find_reads(before, now->reg->name);

		for (size_t f = 0; f < now->reg->field_count; f++)
			if (reads_field(now, &now->reg->fields[f]) && !reads_field(then, &now->reg->fields[f]))
				return true;
	}
	return false;
}

/* May somebody in the role run the action, by its own name? "@.f" may name any role. */
static bool
may_run(const struct role *role, const struct action *action)
{
	bool named = false;

	if (role == NULL || action == NULL)
		return false;
	for (size_t i = 0; i < action->by_count; i++)
		named = named || action->by[i].kind == SUBJECT_ROLE_FIELD ||
			(action->by[i].kind == SUBJECT_ROLE && strcmp(action->by[i].role->name, role->name) == 0);
	for (size_t i = 0; i < role->only_count && named; i++)
		if (strcmp(role->only[i]->name, action->name) == 0 &&
		    strcmp(role->only[i]->reg->name, action->reg->name) == 0)
			return true;
	return named && role->only_count == 0;
}

static const struct action *
find_action(const struct pack *pack, const struct action *like)
{
	const struct reg *reg = pack_reg(pack, like->reg->name);

	return reg == NULL ? NULL : reg_action(reg, like->name);
}

static bool
runs_more(const struct pack *a, const struct pack *b, const struct role *before, const struct role *after)
{
	for (size_t r = 0; r < b->reg_count; r++)
		for (size_t i = 0; i < b->regs[r].action_count; i++) {
			const struct action *action = &b->regs[r].actions[i];

			if (may_run(after, action) && !may_run(before, find_action(a, action)))
				return true;
		}
	return false;
}

static bool
states_more_purposes(const struct role *before, const struct role *after)
{
	for (size_t i = 0; i < after->purpose_count; i++) {
		bool known = false;

		for (size_t k = 0; before != NULL && k < before->purpose_count; k++)
			known = known || strcmp(before->purposes[k]->name, after->purposes[i]->name) == 0;
		if (!known)
			return true;
	}
	return false;
}

static bool
role_widens(const struct pack *a, const struct pack *b, const struct role *before, const struct role *after)
{
	unsigned could = before == NULL ? 0 : before->can;

	if ((after->can & ~could) != 0 || reads_more(before, after) || states_more_purposes(before, after))
		return true;
	if (before != NULL && ((before->territory && !after->territory) || (!before->token && after->token) ||
			       (before->only_count > 0 && after->only_count == 0)))
		return true;
	return runs_more(a, b, before, after);
}

/* Open to everyone what was not. */
static bool
opens(const struct pack *a, const struct pack *b)
{
	for (size_t i = 0; i < b->reg_count; i++) {
		const struct reg *before = pack_reg(a, b->regs[i].name);

		if (before != NULL &&
		    ((b->regs[i].is_public && !before->is_public) || (before->personal && !b->regs[i].personal)))
			return true;
	}
	for (size_t i = 0; i < b->view_count; i++) {
		const struct view *view = &b->views[i], *before = pack_view(a, view->name);

		if (view->is_public &&
		    (before == NULL || !before->is_public || strcmp(before->select, view->select) != 0))
			return true;
	}
	return false;
}

void
pack_diff(const struct pack *a, const struct pack *b, struct strbuf *out, bool *ret_widens)
{
	bool widens = opens(a, b);

	for (size_t i = 0; i < b->role_count && !widens; i++)
		widens = role_widens(a, b, pack_role(a, b->roles[i].name), &b->roles[i]);
	print_lines(out, a, b);
	*ret_widens = widens;
}
