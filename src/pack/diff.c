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

/* ---- what may be done or read that might not before: one line each, "! role clerk: may run book.withdraw" ---- */

/* A field that did not exist before counts too: nobody could read it. */
static void
tell_reads(struct strbuf *out, const struct role *before, const struct role *after)
{
	for (size_t i = 0; i < after->reads_count; i++) {
		const struct role_reads *now = &after->reads[i], *then = find_reads(before, now->reg->name);

		for (size_t f = 0; f < now->reg->field_count; f++)
			if (reads_field(now, &now->reg->fields[f]) && !reads_field(then, &now->reg->fields[f]))
				strbuf_printf(out, "! role %s: may read %s.%s\n", after->name, now->reg->name,
					      now->reg->fields[f].name);
	}
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

static void
tell_runs(struct strbuf *out, const struct pack *a, const struct pack *b, const struct role *before,
	  const struct role *after)
{
	for (size_t r = 0; r < b->reg_count; r++)
		for (size_t i = 0; i < b->regs[r].action_count; i++) {
			const struct action *action = &b->regs[r].actions[i];

			if (may_run(after, action) && !may_run(before, find_action(a, action)))
				strbuf_printf(out, "! role %s: may run %s.%s\n", after->name, action->reg->name,
					      action->name);
		}
}

static void
tell_purposes(struct strbuf *out, const struct role *before, const struct role *after)
{
	for (size_t i = 0; i < after->purpose_count; i++) {
		bool known = false;

		for (size_t k = 0; before != NULL && k < before->purpose_count; k++)
			known = known || strcmp(before->purposes[k]->name, after->purposes[i]->name) == 0;
		if (!known)
			strbuf_printf(out, "! role %s: may state the purpose %s\n", after->name,
				      after->purposes[i]->name);
	}
}

static bool
searches_reg(const struct role *role, const char *reg)
{
	for (size_t i = 0; role != NULL && i < role->searches_count; i++)
		if (strcmp(role->searches[i]->name, reg) == 0)
			return true;
	return false;
}

static void
tell_searches(struct strbuf *out, const struct role *before, const struct role *after)
{
	for (size_t i = 0; i < after->searches_count; i++)
		if (!searches_reg(before, after->searches[i]->name))
			strbuf_printf(out, "! role %s: may search %s\n", after->name, after->searches[i]->name);
}

/* 0 stands for no limit. A role that is new had none to raise. */
static void
tell_limit(struct strbuf *out, const struct role *role, const char *what, int before, int after)
{
	if (before == 0 || (after != 0 && after <= before))
		return;
	strbuf_printf(out, "! role %s: may make ", role->name);
	if (after == 0)
		strbuf_printf(out, "any number of %s an hour, before %d\n", what, before);
	else
		strbuf_printf(out, "%d %s an hour, before %d\n", after, what, before);
}

static void
tell_role(struct strbuf *out, const struct pack *a, const struct pack *b, const struct role *before,
	  const struct role *after)
{
	unsigned gained = after->can & ~(before == NULL ? 0 : before->can);

	for (unsigned ability = 1; ability <= gained; ability <<= 1)
		if ((gained & ability) != 0)
			strbuf_printf(out, "! role %s: has the ability %s\n", after->name, ability_name(ability));
	tell_reads(out, before, after);
	tell_searches(out, before, after);
	if (before != NULL) {
		tell_limit(out, after, "look-ups", before->lookups_an_hour, after->lookups_an_hour);
		tell_limit(out, after, "searches", before->searches_an_hour, after->searches_an_hour);
	}
	tell_purposes(out, before, after);
	if (before != NULL && before->territory && !after->territory)
		strbuf_printf(out, "! role %s: is no longer held for a place, so acts everywhere\n", after->name);
	if (before != NULL && !before->token && after->token)
		strbuf_printf(out, "! role %s: may hold tokens\n", after->name);
	if (before != NULL && before->only_count > 0 && after->only_count == 0)
		strbuf_printf(out, "! role %s: is no longer held to its “only”\n", after->name);
	tell_runs(out, a, b, before, after);
}

static const struct party *
find_party(const struct reg *reg, const char *name)
{
	for (size_t i = 0; i < reg->party_count; i++)
		if (strcmp(reg->parties[i].name, name) == 0)
			return &reg->parties[i];
	return NULL;
}

static bool
names_party(const struct action *action, const char *party)
{
	for (size_t i = 0; i < action->by_count; i++)
		if (action->by[i].kind == SUBJECT_PARTY && strcmp(action->by[i].party->name, party) == 0)
			return true;
	return false;
}

/* Who is a party reads the record; of a register that is new nobody's records lie open by it. */
static void
tell_parties(struct strbuf *out, const struct reg *before, const struct reg *after)
{
	for (size_t i = 0; i < after->party_count; i++) {
		const struct party *now = &after->parties[i], *then = find_party(before, now->name);

		if (then == NULL && now->field == NULL)
			strbuf_printf(out, "! party %s.%s: reads the record as its own\n", after->name, now->name);
		else if (then != NULL && now->select != NULL &&
			 (then->select == NULL || strcmp(then->select, now->select) != 0))
			strbuf_printf(out, "! party %s.%s: is chosen in another way\n", after->name, now->name);
	}
	for (size_t i = 0; i < after->action_count; i++) {
		const struct action *now = &after->actions[i], *then = reg_action(before, now->name);

		for (size_t k = 0; then != NULL && k < now->by_count; k++)
			if (now->by[k].kind == SUBJECT_PARTY && !names_party(then, now->by[k].party->name))
				strbuf_printf(out, "! party %s.%s: may run %s.%s\n", after->name,
					      now->by[k].party->name, after->name, now->name);
	}
}

static bool
shows_field(const struct search *search, const char *name)
{
	for (size_t i = 0; search != NULL && i < search->show_count; i++)
		if (strcmp(search->shows[i]->name, name) == 0)
			return true;
	return false;
}

static const struct reveal *
find_reveal(const struct reg *reg, const char *name)
{
	for (size_t i = 0; i < reg->reveal_count; i++)
		if (strcmp(reg->reveals[i].name, name) == 0)
			return &reg->reveals[i];
	return NULL;
}

/* What those who could search or look up this register before see more of. */
static void
tell_finds(struct strbuf *out, const struct reg *before, const struct reg *after)
{
	for (size_t i = 0; after->search != NULL && i < after->search->show_count; i++)
		if (!shows_field(before->search, after->search->shows[i]->name))
			strbuf_printf(out, "! register %s: a hit shows %s\n", after->name,
				      after->search->shows[i]->name);
	for (size_t i = 0; i < after->reveal_count; i++) {
		const struct reveal *now = &after->reveals[i], *then = find_reveal(before, now->name);

		if (then == NULL || strcmp(then->reg->name, now->reg->name) != 0 ||
		    strcmp(then->select, now->select) != 0)
			strbuf_printf(out, "! register %s: a look-up shows %s of %s with it\n", after->name,
				      then == NULL ? "records" : "other records", now->reg->name);
	}
}

static void
tell_view(struct strbuf *out, const struct view *before, const struct view *after)
{
	bool other = before == NULL || strcmp(before->select, after->select) != 0;

	if (after->is_public && (other || !before->is_public))
		strbuf_printf(out, "! view %s: shows everybody %s\n", after->name,
			      before == NULL || !before->is_public ? "its rows" : "other rows");
	if (after->audit && (other || !before->audit))
		strbuf_printf(out, "! view %s: shows those who audit %s\n", after->name,
			      before == NULL || !before->audit ? "its rows" : "other rows");
}

static void
tell_open(struct strbuf *out, const struct pack *a, const struct pack *b)
{
	for (size_t i = 0; i < b->reg_count; i++) {
		const struct reg *before = pack_reg(a, b->regs[i].name), *after = &b->regs[i];

		if (before == NULL)
			continue;
		if (after->is_public && !before->is_public)
			strbuf_printf(out, "! register %s: is open to everybody\n", after->name);
		if (before->personal && !after->personal)
			strbuf_printf(out, "! register %s: is no longer personal\n", after->name);
		tell_parties(out, before, after);
		tell_finds(out, before, after);
	}
	for (size_t i = 0; i < b->view_count; i++)
		tell_view(out, pack_view(a, b->views[i].name), &b->views[i]);
}

/* What people learn less, or later, of who looked at them; and what officials need no longer say. */
static void
tell_secrecy(struct strbuf *out, const struct pack *a, const struct pack *b)
{
	for (size_t i = 0; i < b->purpose_count; i++) {
		const struct purpose *now = &b->purposes[i], *then = pack_purpose(a, now->name);

		if (now->defer_ms > (then == NULL ? 0 : then->defer_ms))
			strbuf_printf(out, "! purpose %s: is shown to the person %s\n", now->name,
				      then == NULL || then->defer_ms == 0 ? "later" : "later still");
		if (now->discreet && (then == NULL || !then->discreet))
			strbuf_printf(out, "! purpose %s: the person sees the body alone\n", now->name);
		if (then != NULL && then->needs_case && !now->needs_case)
			strbuf_printf(out, "! purpose %s: needs no case\n", now->name);
	}
}

void
pack_diff(const struct pack *a, const struct pack *b, struct strbuf *out, bool *ret_widens)
{
	size_t begin = out->bytes;

	tell_open(out, a, b);
	for (size_t i = 0; i < b->role_count; i++)
		tell_role(out, a, b, pack_role(a, b->roles[i].name), &b->roles[i]);
	tell_secrecy(out, a, b);
	*ret_widens = out->bytes > begin;
	print_lines(out, a, b);
}
