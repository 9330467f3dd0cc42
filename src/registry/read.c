/* read.c - what may be read without a look-up: records that name me, public registers and views, my inbox. */
#include "registry/read.h"
#include <stdlib.h>
#include <string.h>
#include "registry/engine.h"
#include "registry/show.h"
#include "registry/statistic.h"
#include "text/json.h"

enum { RECORDS_OF_PARTY_MAX = 200000, ROWS_OF_VIEW_MAX = 20000, MESSAGES_MAX = 100, ASKS_MAX = 200 };

static void
add_id(struct arena *arena, struct parties *list, int64_t id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->ids[i] == id)
			return;
	*ARENA_PUSH(arena, list->ids, list->count, list->capacity) = id;
}

/* Givers whose active mandate the party holds; for one register, or all. */
static enum error
add_givers(struct registry *registry, struct db *db, struct arena *arena, int64_t holder, const struct reg *reg,
	   int64_t today, struct parties *list)
{
	const struct reg *mandate = registry->pack->mandate;
	enum error e;

	if (mandate == NULL || holder == 0)
		return OK;
	bool scoped = reg_field(mandate, "scope") != NULL, ends = reg_field(mandate, "until") != NULL;
	static const char *const texts[2][2] = {
		{ "SELECT giver, NULL FROM mandate WHERE holder = $1 AND state = 'active'",
		  "SELECT giver, NULL FROM mandate WHERE holder = $1 AND state = 'active' AND coalesce(until, $2) >= "
		  "$2" },
		{ "SELECT giver, scope FROM mandate WHERE holder = $1 AND state = 'active'",
		  "SELECT giver, scope FROM mandate WHERE holder = $1 AND state = 'active' AND coalesce(until, $2) >= "
		  "$2" },
	};
	AUTO(query_free) struct query *query = db_query(db, texts[scoped][ends]);

	bind_integer(query, 1, holder);
	if (ends)
		bind_integer(query, 2, today);
	while ((e = query_step(query)) == OK) {
		const char *scope = column_text(query, 1);

		if (reg == NULL || scope == NULL || strcmp(scope, reg->name) == 0)
			add_id(arena, list, column_integer(query, 0));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

static struct parties
my_parties(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
	   const struct reg *reg, int64_t now)
{
	struct parties list = { 0 };

	if (actor->party != 0)
		add_id(arena, &list, actor->party);
	for (size_t i = 0; i < actor->role_count; i++)
		if (actor->roles[i].party != 0 && actor_counts(actor, &actor->roles[i]))
			add_id(arena, &list, actor->roles[i].party);
	/* A failing read shows less, never more. */
	IGNORE(add_givers(registry, db, arena, actor->party, reg, registry_today(registry, now), &list));
	return list;
}

size_t
read_parties(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor, int64_t now,
	     const int64_t **ret_parties)
{
	return read_parties_in(registry, db, arena, actor, NULL, now, ret_parties);
}

size_t
read_parties_in(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
		const struct reg *reg, int64_t now, const int64_t **ret_parties)
{
	struct parties list = my_parties(registry, db, arena, actor, reg, now);

	*ret_parties = list.ids;
	return list.count;
}

/* ---- records ---- */

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static enum error
records_of(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg,
	   const struct parties *mine, int64_t after_id, struct parties *ret_records)
{
	AUTO(map_done) struct map seen = { 0 };

	for (size_t i = 0; i < mine->count; i++)
		for (size_t k = 0; k < reg->party_count; k++) {
			AUTO(query_free) struct query *query = db_query(db, plan_of(registry, reg)->records_of[k]);
			struct value party = value_integer(mine->ids[i]);
			enum error e;

			bind_named(query, "party", &party);
			while ((e = query_step(query)) == OK) {
				int64_t id = column_integer(query, 0);

				if (id <= after_id || map_get(&seen, (uint64_t)id) != NULL ||
				    ret_records->count == RECORDS_OF_PARTY_MAX)
					continue;
				map_put(&seen, (uint64_t)id, 1);
				*ARENA_PUSH(arena, ret_records->ids, ret_records->count, ret_records->capacity) = id;
			}
			if (e != ERR_NOT_FOUND)
				return e;
		}
	/* A party register's own record is its party's. */
	for (size_t i = 0; reg->is_party && i < mine->count; i++)
		if (mine->ids[i] > after_id && map_get(&seen, (uint64_t)mine->ids[i]) == NULL)
			*ARENA_PUSH(arena, ret_records->ids, ret_records->count, ret_records->capacity) = mine->ids[i];
	if (ret_records->count > 1)
		qsort(ret_records->ids, ret_records->count, sizeof(*ret_records->ids), by_id);
	return OK;
}

static enum error
all_records(struct db *db, struct arena *arena, const struct reg *reg, int64_t after_id, size_t limit,
	    struct parties *ret_records)
{
	AUTO(query_free) struct query *query = db_query(db, sql_page(arena, reg));
	enum error e;

	bind_integer(query, 1, after_id);
	bind_integer(query, 2, (int64_t)limit);
	while ((e = query_step(query)) == OK)
		*ARENA_PUSH(arena, ret_records->ids, ret_records->count, ret_records->capacity) =
			column_integer(query, 0);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Is it mine: does one of its parties, or itself as a party, belong to those I may act for? */
static enum error
is_mine(struct registry *registry, struct db *db, struct arena *arena, const struct parties *mine,
	const struct image *image, bool *ret_mine)
{
	struct parties named = { 0 };

	if (image->reg->is_party)
		add_id(arena, &named, image->id);
	for (size_t i = 0; i < image->reg->party_count; i++)
		TRY(party_ids(registry, db, arena, &image->reg->parties[i], image, &named));
	for (size_t i = 0; i < named.count; i++)
		for (size_t k = 0; k < mine->count; k++)
			*ret_mine |= named.ids[i] == mine->ids[k];
	return OK;
}

enum error
read_list(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
	  const struct reg *reg, int64_t after_id, size_t limit, int64_t now, struct json *json)
{
	struct parties mine = my_parties(registry, db, arena, actor, reg, now);
	struct parties records = { 0 };
	size_t shown = 0;

	if (reg->is_public)
		TRY(all_records(db, arena, reg, after_id, limit + 1, &records));
	else
		TRY(records_of(registry, db, arena, reg, &mine, after_id, &records));
	json_open_map(json);
	json_key(json, "records");
	json_open_list(json);
	for (; shown < records.count && shown < limit; shown++) {
		const struct image *image = NULL;

		TRY(image_load_from(registry, db, arena, reg, records.ids[shown], &image));
		json_open_map(json);
		TRY(show_record(registry, db, arena, image, NULL, &mine, now, json));
		json_close_map(json);
	}
	json_close_list(json);
	json_field_text(json, "next",
			shown > 0 && shown < records.count
				? registry_reference(registry, reg, arena, records.ids[shown - 1])
				: NULL);
	json_close_map(json);
	return OK;
}

/* Which of the record's actions the actor may run now: what the pages show as buttons. */
static enum error
show_actions(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
	     const struct image *image, int64_t now, struct json *json)
{
	struct txn txn = { .registry = registry,
			   .db = db,
			   .arena = arena,
			   .actor = actor,
			   .now = now,
			   .today = registry_today(registry, now) };

	json_key(json, "actions");
	json_open_list(json);
	for (size_t i = 0; i < image->reg->action_count; i++) {
		const struct action *action = &image->reg->actions[i];
		bool in_state = false;

		for (size_t k = 0; k < action->from_count; k++)
			in_state |= strcmp(action->from[k], image_state(image)) == 0;
		if (!in_state || action->by_count == 0 || party_may(&txn, action, image, NULL) != OK)
			continue;
		json_open_map(json);
		json_field_text(json, "name", action->name);
		json_field_text(
			json, "title",
			pack_textf(registry->pack, actor->language, arena, "%s.%s", image->reg->name, action->name));
		json_close_map(json);
	}
	json_close_list(json);
	return OK;
}

static enum error
show_findings(struct registry *registry, struct db *db, struct arena *arena, const struct parties *mine,
	      const struct parties *by_reg, int64_t record, enum language language, struct json *json)
{
	json_key(json, "findings");
	json_open_list(json);
	for (size_t i = 0; i < mine->count; i++) {
		const struct finding *findings = NULL;
		size_t count = 0;

		TRY(finding_list_of_party(registry, db, arena, mine->ids[i], &findings, &count));
		for (size_t k = 0; k < count; k++)
			if (record != 0 ? findings[k].record == record
					: findings[k].reg != NULL &&
						  show_is_among(&by_reg[findings[k].reg->index], mine->ids[i]))
				finding_print(registry, &findings[k], language, true, json);
	}
	json_close_list(json);
	return OK;
}

enum error
read_record(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
	    const struct reg *reg, int64_t id, int64_t now, struct json *json, int64_t *ret_version)
{
	struct parties mine = my_parties(registry, db, arena, actor, reg, now);
	const struct image *image = NULL;
	bool is_my_own = false;

	TRY(image_load_from(registry, db, arena, reg, id, &image));
	TRY(is_mine(registry, db, arena, &mine, image, &is_my_own));
	if (!is_my_own && !reg->is_public)
		return ERR_NOT_FOUND;
	json_open_map(json);
	TRY(show_record(registry, db, arena, image, NULL, &mine, now, json));
	TRY(show_asks(registry, db, arena, image, &mine, actor->language, json));
	TRY(show_findings(registry, db, arena, &mine, NULL, id, actor->language, json));
	TRY(show_actions(registry, db, arena, actor, image, now, json));
	json_close_map(json);
	*ret_version = image->values[COLUMN_VERSION].integer;
	return OK;
}

enum error
read_history(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
	     const struct reg *reg, int64_t id, int64_t now, struct json *json)
{
	struct parties mine = my_parties(registry, db, arena, actor, reg, now);
	const struct image *image = NULL;
	bool is_my_own = false;
	enum error e;

	TRY(image_load_from(registry, db, arena, reg, id, &image));
	TRY(is_mine(registry, db, arena, &mine, image, &is_my_own));
	if (!is_my_own && !reg->is_public)
		return ERR_NOT_FOUND;
	AUTO(query_free) struct query *query = db_query(db, sql_past(arena, reg));

	bind_integer(query, 1, id);
	json_open_map(json);
	json_field_text(json, "ref", registry_reference(registry, reg, arena, id));
	json_key(json, "versions");
	json_open_list(json);
	while ((e = query_step(query)) == OK) {
		const struct image *past = image_of_row(arena, reg, id, query);

		TRY(show_version(registry, db, arena, past, column_integer(query, (int)reg->column_count + 1), &mine,
				 json));
	}
	TRY(show_version(registry, db, arena, image, 0, &mine, json));
	json_close_list(json);
	json_close_map(json);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* ---- inbox ---- */

enum error
read_inbox(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor, int64_t now,
	   struct json *json)
{
	struct parties mine = my_parties(registry, db, arena, actor, NULL, now);
	struct parties *by_reg = arena_array_of(arena, struct parties, registry->pack->reg_count);

	for (size_t i = 0; i < registry->pack->reg_count; i++)
		by_reg[i] = my_parties(registry, db, arena, actor, &registry->pack->regs[i], now);
	json_open_map(json);
	json_key(json, "asks");
	json_open_list(json);
	for (size_t i = 0; i < mine.count; i++)
		TRY(show_waiting(registry, db, arena, mine.ids[i], actor, ASKS_MAX, &mine, by_reg, now, json));
	TRY(show_waiting_for_roles(registry, db, arena, actor, ASKS_MAX, now, json));
	json_close_list(json);
	json_key(json, "messages");
	json_open_list(json);
	for (size_t i = 0; i < mine.count; i++)
		TRY(show_messages(registry, db, arena, mine.ids[i], by_reg, actor->language, MESSAGES_MAX, json));
	TRY(show_messages_for_roles(registry, db, arena, actor, MESSAGES_MAX, json));
	json_close_list(json);
	TRY(show_findings(registry, db, arena, &mine, by_reg, 0, actor->language, json));
	json_close_map(json);
	return OK;
}

enum error
read_ask_by_link(struct registry *registry, struct db *db, struct arena *arena,
		 const unsigned char link_hash[static 32], enum language language, int64_t now, struct json *json)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT a.reg, a.record, a.action, a.until_at, p.party, a.args FROM sys_ask "
					   "a JOIN sys_ask_party p ON p.ask = a.id"
					   " WHERE p.link_hash = $1 AND a.outcome IS NULL AND p.answer IS NULL");

	bind_bytes(query, 1, link_hash, 32);
	enum error e = query_one(query);

	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_GONE : e;
	if (!column_is_null(query, 3) && column_integer(query, 3) <= now)
		return ERR_GONE;
	struct parties asked = { 0 };

	add_id(arena, &asked, column_integer(query, 4));
	return show_ask_page(registry, db, arena, query, &asked, language, json);
}

/* ---- views ---- */

/* What statistics may show: counts of people in small cells are rounded to ten (docs/decisions). Only whole
 * numbers that no field of the pack stands behind are counts. */
static void
show_cell(const struct input_context *context, const struct vet_fact *fact, const struct value *value,
	  struct json *json)
{
	if (value->kind == VALUE_NULL)
		json_null(json);
	else if (fact != NULL && fact->field != NULL && input_columns(fact->field) == 1)
		input_print_json(context, fact->field, value, json);
	else if (value->kind == VALUE_TEXT)
		json_text_bytes(json, value->text, value->bytes);
	else
		json_integer(json, value->integer);
}

/* A column called place holds a place's id, wherever it was computed. */
static bool
shows_place(const struct input_context *context, const char *name, const struct value *value, struct json *json)
{
	const struct place *place = value->kind == VALUE_INTEGER && strcmp(name, "place") == 0
					    ? pack_place(context->pack, value->integer)
					    : NULL;

	if (place == NULL)
		return false;
	json_text(json, place->code);
	return true;
}

static void
show_row(const struct input_context *context, const struct view *view, bool rounded, const struct vet_fact *facts,
	 size_t fact_count, const struct query *query, struct json *json)
{
	if (rounded && statistic_tells_nothing(view, facts, fact_count, query, context->arena))
		return;
	json_open_list(json);
	for (int i = 0; i < column_count(query); i++) {
		struct value value = column_value(query, i, context->arena);
		const struct vet_fact *fact = (size_t)i < fact_count ? &facts[i] : NULL;
		bool counted =
			rounded && value.kind == VALUE_INTEGER && statistic_is_count(view, column_name(query, i), fact);

		if (shows_place(context, column_name(query, i), &value, json))
			continue;
		if (counted)
			value.integer = statistic_round(value.integer);
		show_cell(context, fact, &value, json);
	}
	json_close_list(json);
}

enum error
read_view(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
	  const struct view *view, int64_t now, struct json *json)
{
	size_t index = (size_t)(view - registry->pack->views);
	struct input_context context = registry_input(registry, arena, now);
	struct statement statement = { .sql = view->select };
	struct scope scope = { .today = registry_today(registry, now), .now = now };
	size_t rows = 0;
	enum error e;

	if (view->audit)
		return ERR_FORBIDDEN; /* oversight.h: reading one leaves an entry */
	if (!view->is_public && !actor_can(actor, CAN_STATISTICS))
		return ERR_FORBIDDEN;
	statement.parameter_count = sql_parameters(arena, statement.sql, &statement.parameters);
	AUTO(query_free) struct query *query = db_query(db, statement.sql);

	statement_bind(query, &statement, &scope);
	e = query_step(query);
	json_open_map(json);
	json_field_text(json, "title", pack_textf(registry->pack, actor->language, arena, "view.%s", view->name));
	json_field_boolean(json, "rounded", registry->view_rounded[index]);
	json_key(json, "columns");
	json_open_list(json);
	for (int i = 0; i < column_count(query); i++)
		json_text(json, column_name(query, i));
	json_close_list(json);
	json_key(json, "rows");
	json_open_list(json);
	for (; e == OK && rows < ROWS_OF_VIEW_MAX; rows++, e = query_step(query))
		show_row(&context, view, registry->view_rounded[index], registry->vetted->view_facts[index],
			 registry->vetted->view_fact_counts[index], query, json);
	json_close_list(json);
	json_close_map(json);
	return e == ERR_NOT_FOUND || rows == ROWS_OF_VIEW_MAX ? OK : e;
}
