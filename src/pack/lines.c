/* lines.c - everything that a pack says, one line for each thing. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/strbuf.h"
#include "pack/diff.h"
#include "pack/load.h"

struct lines {
	struct arena *arena;
	struct pack_line *lines;
	size_t count, capacity;
};

/* NULL values are left out: what is not said makes no line. */
static void __attribute__((format(printf, 3, 4))) add(struct lines *lines, const char *value, const char *format, ...)
{
	va_list list;

	if (value == NULL)
		return;
	va_start(list, format);
	const char *key = arena_vprintf(lines->arena, format, list);

	va_end(list);
	*ARENA_PUSH(lines->arena, lines->lines, lines->count, lines->capacity) = (struct pack_line){ key, value };
}

static const char *
yes(bool truth)
{
	return truth ? "yes" : NULL;
}

static const char *
number(struct lines *lines, bool there, int64_t value)
{
	return there ? arena_printf(lines->arena, "%" PRId64, value) : NULL;
}

static const char *
joined(struct lines *lines, const char *so_far, const char *next)
{
	return so_far == NULL ? next : arena_printf(lines->arena, "%s, %s", so_far, next);
}

static const char *
join_texts(struct lines *lines, const char *const *texts, size_t count)
{
	const char *all = NULL;

	for (size_t i = 0; i < count; i++)
		all = joined(lines, all, texts[i]);
	return all;
}

static const char *
join_fields(struct lines *lines, const struct field *const *fields, size_t count)
{
	const char *all = NULL;

	for (size_t i = 0; i < count; i++)
		all = joined(lines, all, fields[i]->name);
	return all;
}

static const char *
join_subjects(struct lines *lines, const struct subject *subjects, size_t count)
{
	const char *all = NULL;

	for (size_t i = 0; i < count; i++)
		all = joined(lines, all, subjects[i].text);
	return all;
}

static const char *
name_action(struct lines *lines, const struct action *action)
{
	return arena_printf(lines->arena, "%s.%s", action->reg->name, action->name);
}

static void
add_fields(struct lines *lines, const char *what, const char *prefix, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct field *field = &fields[i];
		const char *name = arena_printf(lines->arena, "%s %s.%s", what, prefix, field->name), *to = NULL;

		for (size_t r = 0; r < field->to_count; r++)
			to = joined(lines, to, field->to[r]->name);
		add(lines, field_type_name(field->type), "%s: type", name);
		add(lines, to, "%s: to", name);
		add(lines, yes(field->required), "%s: required", name);
		add(lines, yes(field->ranked), "%s: ranked", name);
		add(lines, yes(field->indexed), "%s: indexed", name);
		add(lines, number(lines, field->has_min, field->min), "%s: min", name);
		add(lines, number(lines, field->has_max, field->max), "%s: max", name);
		add(lines, number(lines, field->type == FIELD_DECIMAL, field->scale), "%s: scale", name);
		add(lines, field->check, "%s: check", name);
		add(lines, field->pattern, "%s: pattern", name);
		add(lines, field->default_value, "%s: default", name);
		add(lines, join_texts(lines, field->choices, field->choice_count), "%s: of", name);
		add(lines, join_fields(lines, field->resolve, field->resolve_count), "%s: resolve", name);
		add_fields(lines, what, arena_printf(lines->arena, "%s.%s", prefix, field->name), field->items,
			   field->item_count);
	}
}

static void
add_steps(struct lines *lines, const char *name, const struct action *action)
{
	for (size_t i = 0; i < action->step_count; i++) {
		const struct step *step = &action->steps[i];
		const char *key = arena_printf(lines->arena, "%s: step %zu", name, i + 1);

		add(lines, name_action(lines, step->action), "%s: do", key);
		add(lines, step->record, "%s: record", key);
		add(lines, step->each, "%s: each", key);
		add(lines, yes(step->later), "%s: later", key);
		for (size_t k = 0; k < step->with_count; k++)
			add(lines, step->with[k].value, "%s: with %s", key, step->with[k].target->name);
	}
}

static void
add_asks(struct lines *lines, const char *name, const struct action *action)
{
	for (size_t i = 0; i < action->ask_count; i++)
		add(lines, action->asks[i].all ? "all" : "any", "%s: asks %s", name, action->asks[i].subject.text);
	add(lines, number(lines, action->ask_within_ms > 0, action->ask_within_ms / 3600000), "%s: asks within hours",
	    name);
	add(lines, action->refused == NULL ? NULL : action->refused->name, "%s: asks refused", name);
	add(lines, action->silent == NULL ? NULL : action->silent->name, "%s: asks silent", name);
	add(lines, yes(action->not_author), "%s: asks not_author", name);
}

static void
add_action(struct lines *lines, const struct action *action)
{
	static const char *const periods[] = { NULL, "day", "month", "quarter", "year" };
	const char *name = arena_printf(lines->arena, "action %s", name_action(lines, action)), *takes = NULL;

	for (size_t i = 0; i < action->arg_count; i++) {
		if (action->taken[i] != NULL)
			takes = joined(lines, takes, action->args[i].name);
		else
			add_fields(lines, "argument", name_action(lines, action), &action->args[i], 1);
	}
	add(lines, "", "%s", name);
	add(lines, action->new_state, "%s: new", name);
	add(lines, join_texts(lines, action->from, action->from_count), "%s: from", name);
	add(lines, action->to, "%s: to", name);
	add(lines, join_subjects(lines, action->by, action->by_count), "%s: by", name);
	add(lines, action->when, "%s: when", name);
	add(lines, takes, "%s: takes", name);
	for (size_t i = 0; i < action->set_count; i++)
		add(lines, action->set[i].value, "%s: set %s", name, action->set[i].target->name);
	add_asks(lines, name, action);
	add_steps(lines, name, action);
	add(lines, action->clock_value, "%s: at", name);
	add(lines, periods[action->every], "%s: every", name);
	add(lines, action->each, "%s: each", name);
	add(lines, join_subjects(lines, action->tells, action->tell_count), "%s: tells", name);
	add(lines, join_texts(lines, action->gives, action->give_count), "%s: gives", name);
}

static const char *
field_name(const struct field *field)
{
	return field == NULL ? NULL : field->name;
}

static void
add_search(struct lines *lines, const struct reg *reg)
{
	const struct search *search = reg->search;
	const char *name = reg->name;

	for (size_t i = 0; i < reg->reveal_count; i++) {
		add(lines, reg->reveals[i].reg->name, "register %s: reveals %s", name, reg->reveals[i].name);
		add(lines, reg->reveals[i].select, "register %s: reveals %s, select", name, reg->reveals[i].name);
	}
	if (search == NULL)
		return;
	add(lines, field_name(search->family), "register %s: search family name", name);
	add(lines, field_name(search->given), "register %s: search name", name);
	add(lines, join_fields(lines, search->exact, search->exact_count), "register %s: search exact", name);
	add(lines, field_name(search->place), "register %s: search place", name);
	add(lines, field_name(search->street), "register %s: search street", name);
	add(lines, field_name(search->house), "register %s: search house", name);
	add(lines, field_name(search->in), "register %s: search in", name);
	add(lines, field_name(search->unit), "register %s: search unit", name);
	add(lines, join_fields(lines, search->shows, search->show_count), "register %s: search shows", name);
}

static void
add_register(struct lines *lines, const struct reg *reg)
{
	const char *name = reg->name;
	const char *streams = join_fields(lines, reg->streams, reg->stream_count);

	add(lines, reg->prefix, "register %s", name);
	add(lines, yes(reg->is_party), "register %s: party", name);
	add(lines, yes(reg->personal), "register %s: personal", name);
	add(lines, yes(reg->is_public), "register %s: public", name);
	add(lines, reg->stream_is_self ? joined(lines, streams, "id") : streams, "register %s: streams", name);
	add(lines, reg->retention == NULL ? NULL : reg->retention->name, "register %s: retention", name);
	add(lines, reg->territory, "register %s: territory", name);
	add(lines, reg->lives, "register %s: lives", name);
	add(lines, reg->label, "register %s: label", name);
	add_search(lines, reg);
	for (size_t i = 0; i < reg->unique_count; i++) {
		const struct unique *unique = &reg->uniques[i];
		const char *states = join_texts(lines, unique->states, unique->state_count);

		add(lines, states == NULL ? "always" : states, "register %s: unique (%s)", name,
		    join_fields(lines, unique->fields, unique->field_count));
	}
	for (size_t i = 0; i < reg->party_count; i++)
		add(lines, reg->parties[i].select, "register %s: parties %s", name, reg->parties[i].name);
	add_fields(lines, "field", name, reg->fields, reg->field_count);
	for (size_t i = 0; i < reg->action_count; i++)
		add_action(lines, &reg->actions[i]);
}

static void
add_role(struct lines *lines, const struct role *role)
{
	const char *can = NULL, *purposes = NULL, *only = NULL, *searches = NULL;

	for (unsigned bit = 1; bit <= CAN_CLOCK; bit <<= 1)
		if ((role->can & bit) != 0)
			can = joined(lines, can, ability_name((enum ability)bit));
	for (size_t i = 0; i < role->purpose_count; i++)
		purposes = joined(lines, purposes, role->purposes[i]->name);
	for (size_t i = 0; i < role->only_count; i++)
		only = joined(lines, only, name_action(lines, role->only[i]));
	add(lines, role->body == NULL ? "" : role->body, "role %s", role->name);
	add(lines, yes(role->territory), "role %s: territory", role->name);
	add(lines, yes(role->token), "role %s: token", role->name);
	add(lines, can, "role %s: can", role->name);
	add(lines, purposes, "role %s: purposes", role->name);
	add(lines, only, "role %s: only", role->name);
	for (size_t i = 0; i < role->searches_count; i++)
		searches = joined(lines, searches, role->searches[i]->name);
	add(lines, searches, "role %s: searches", role->name);
	add(lines, number(lines, role->lookups_an_hour > 0, role->lookups_an_hour), "role %s: limits lookups",
	    role->name);
	add(lines, number(lines, role->searches_an_hour > 0, role->searches_an_hour), "role %s: limits searches",
	    role->name);
	for (size_t i = 0; i < role->reads_count; i++) {
		const struct role_reads *reads = &role->reads[i];

		add(lines, reads->all ? "all" : join_fields(lines, reads->fields, reads->field_count),
		    "role %s: reads %s", role->name, reads->reg->name);
	}
}

static void
add_rules(struct lines *lines, const struct pack *pack)
{
	for (size_t i = 0; i < pack->purpose_count; i++) {
		const struct purpose *purpose = &pack->purposes[i];

		add(lines, purpose->basis, "purpose %s", purpose->name);
		add(lines, yes(purpose->needs_case), "purpose %s: case", purpose->name);
		add(lines, yes(purpose->discreet), "purpose %s: discreet", purpose->name);
		add(lines, number(lines, purpose->defer_ms > 0, purpose->defer_ms / 3600000), "purpose %s: defer hours",
		    purpose->name);
	}
	for (size_t i = 0; i < pack->retention_count; i++) {
		const struct retention *r = &pack->retentions[i];

		add(lines,
		    arena_printf(lines->arena, "record %d, header %d, detail %d, payload %d months", r->record_months,
				 r->header_months, r->detail_months, r->payload_months),
		    "retention %s", r->name);
	}
	for (size_t i = 0; i < pack->view_count; i++) {
		add(lines, pack->views[i].select, "view %s", pack->views[i].name);
		add(lines, yes(pack->views[i].is_public), "view %s: public", pack->views[i].name);
		add(lines, yes(pack->views[i].audit), "view %s: audit", pack->views[i].name);
		add(lines, yes(pack->views[i].monthly), "view %s: monthly", pack->views[i].name);
		add(lines, join_texts(lines, pack->views[i].keys, pack->views[i].key_count), "view %s: keys",
		    pack->views[i].name);
	}
	for (size_t i = 0; i < pack->code_count; i++)
		add(lines, number(lines, true, pack->codes[i].number), "code %s", pack->codes[i].name);
}

static const char *
print_ranges(struct lines *lines, const struct provision *provision)
{
	const char *all = NULL;

	for (size_t i = 0; i < provision->in_force_count; i++) {
		const struct day_range *range = &provision->in_force[i];
		char from[DAY_TEXT_BYTES] = "", until[DAY_TEXT_BYTES] = "";

		if (range->from != DAY_BEFORE_ALL)
			day_print(range->from, from);
		if (range->until != DAY_AFTER_ALL)
			day_print(range->until, until);
		all = joined(lines, all, arena_printf(lines->arena, "%s .. %s", from, until));
	}
	return all;
}

static void
add_law(struct lines *lines, const struct pack *pack)
{
	static const char *const statuses[] = { "draft", "adopted", "in force", "repealed" };
	static const char *const kinds[] = { "forbid", "obligation", "breach" };

	for (size_t i = 0; i < pack->act_count; i++) {
		add(lines, statuses[pack->acts[i].status], "act %s", pack->acts[i].name);
		add(lines, pack->acts[i].number, "act %s: number", pack->acts[i].name);
	}
	for (size_t i = 0; i < pack->provision_count; i++) {
		const struct provision *provision = &pack->provisions[i];
		const char *at = NULL;

		for (size_t k = 0; k < provision->forbid_count; k++)
			at = joined(lines, at, name_action(lines, provision->forbids[k]));
		add(lines, kinds[provision->kind], "provision %s", provision->name);
		add(lines, provision->citation, "provision %s: citation", provision->name);
		add(lines, at, "provision %s: at", provision->name);
		add(lines, print_ranges(lines, provision), "provision %s: in force", provision->name);
		for (size_t k = 0; k < provision->wake_count; k++)
			add(lines, provision->wakes[k].select, "provision %s: wakes %zu %s", provision->name, k + 1,
			    provision->wakes[k].reg->name);
		add(lines,
		    provision->tick == PERIOD_NONE  ? NULL
		    : provision->tick == PERIOD_DAY ? "day"
						    : "month",
		    "provision %s: tick", provision->name);
		add(lines, provision->select, "provision %s: select", provision->name);
	}
}

/* A row has no name of its own: it is there or not. */
static void
add_table(struct lines *lines, const struct dated_table *table)
{
	const char *columns = NULL;

	for (size_t i = 0; i < table->column_count; i++)
		columns = joined(lines, columns, table->columns[i].name);
	add(lines, columns, "table %s", table->name);
	for (size_t r = 0; r < table->row_count; r++) {
		const char *row = NULL;

		for (size_t i = 0; i < table->column_count; i++) {
			const struct value *cell = &table->cells[r * table->column_count + i];
			char day[DAY_TEXT_BYTES] = "";
			bool open = cell->integer == DAY_BEFORE_ALL || cell->integer == DAY_AFTER_ALL;

			if (cell->kind == VALUE_INTEGER && table->columns[i].kind == TABLE_DAY && !open)
				day_print(cell->integer, day);
			row = joined(lines, row,
				     cell->kind == VALUE_TEXT ? cell->text
				     : cell->kind != VALUE_INTEGER || open || day[0] != '\0'
					     ? arena_text(lines->arena, day)
					     : number(lines, true, cell->integer));
		}
		add(lines, "", "table %s: row %s", table->name, row);
	}
}

static void
add_places(struct lines *lines, const struct pack *pack)
{
	for (size_t i = 0; i < pack->place_count; i++) {
		const struct place *place = &pack->places[i];
		const struct place *parent = pack_place(pack, place->parent);
		const char *line = parent == NULL ? "root" : arena_printf(lines->arena, "in %s", parent->code);

		for (size_t l = 0; l < LANGUAGE_COUNT; l++)
			if (place->names[l] != NULL)
				line = joined(lines, line, place->names[l]);
		if (place->valid_from != DAY_BEFORE_ALL || place->valid_to != DAY_AFTER_ALL)
			line = arena_printf(lines->arena, "%s, %" PRId64 "..%" PRId64, line, place->valid_from,
					    place->valid_to);
		if (place->has_point)
			line = arena_printf(lines->arena, "%s, %d %d", line, place->lat, place->lon);
		add(lines, line, "place %s", place->code);
	}
}

static void
add_texts(struct lines *lines, const struct pack *pack)
{
	for (size_t l = 0; l < pack->language_count; l++) {
		const char **keys = NULL, **texts = NULL;
		size_t count = texts_list(pack, pack->languages[l], lines->arena, &keys, &texts);

		for (size_t i = 0; i < count; i++)
			add(lines, texts[i], "text %s: %s", language_name(pack->languages[l]), keys[i]);
	}
}

static int
compare_lines(const void *left, const void *right)
{
	const struct pack_line *a = left, *b = right;

	return strcmp(a->key, b->key);
}

size_t
pack_lines(const struct pack *pack, struct arena *arena, struct pack_line **ret_lines)
{
	struct lines lines = { .arena = arena };
	char edition[DAY_TEXT_BYTES];
	size_t kept = 0;

	add(&lines, pack->name, "pack");
	add(&lines, arena_text(arena, day_print(pack->edition, edition)), "pack: edition");
	add(&lines, pack->time_zone, "pack: time_zone");
	add(&lines, pack->currency, "pack: currency");
	for (size_t i = 0; i < pack->reg_count; i++)
		add_register(&lines, &pack->regs[i]);
	for (size_t i = 0; i < pack->role_count; i++)
		add_role(&lines, &pack->roles[i]);
	add_rules(&lines, pack);
	add_law(&lines, pack);
	for (size_t i = 0; i < pack->table_count; i++)
		add_table(&lines, &pack->tables[i]);
	add_places(&lines, pack);
	add_texts(&lines, pack);
	qsort(lines.lines, lines.count, sizeof(*lines.lines), compare_lines);
	for (size_t i = 0; i < lines.count; i++)
		if (kept == 0 || strcmp(lines.lines[kept - 1].key, lines.lines[i].key) != 0)
			lines.lines[kept++] = lines.lines[i];
	*ret_lines = lines.lines;
	return kept;
}
