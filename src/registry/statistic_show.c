/* statistic_show.c - months that were kept, as JSON and CSV. */
#include <string.h>
#include "registry/engine.h"
#include "registry/statistic.h"
#include "text/csv.h"
#include "text/json.h"

static bool
may_read(const struct actor *actor, const struct view *view)
{
	return view->is_public || actor_can(actor, CAN_STATISTICS);
}

static enum error
load_row(struct db *db, const char *name, int64_t month, struct arena *arena, struct statistic *statistic)
{
	/* $2 NULL: any month, and the latest comes first. */
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT month, made_at, body FROM sys_statistic WHERE name = $1"
					   " AND month = coalesce($2, month) ORDER BY month DESC LIMIT 1");
	struct problem problem;

	bind_text(query, 1, name);
	if (month == DAY_NONE)
		bind_null(query, 2);
	else
		bind_integer(query, 2, month);
	TRY(query_one(query));
	const char *body = arena_text(arena, column_text(query, 2));

	statistic->month = column_integer(query, 0);
	statistic->made_at = column_integer(query, 1);
	problem_init(&problem, arena);
	return node_parse_json(arena, body, strlen(body), &problem, &statistic->body) == OK ? OK : ERR_DAMAGED;
}

enum error
statistic_load(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
	       const char *name, int64_t month, struct statistic *ret_statistic)
{
	const struct view *view = pack_view(registry->pack, name);
	struct statistic statistic = { .view = view, .month = DAY_NONE };

	if (view == NULL || !view->monthly)
		return ERR_NOT_FOUND;
	if (!may_read(actor, view))
		return actor->account == ACCOUNT_NOBODY ? ERR_SIGN_IN : ERR_FORBIDDEN;
	enum error e = load_row(db, name, month, arena, &statistic);

	if (e != OK && (e != ERR_NOT_FOUND || month != DAY_NONE))
		return e;
	*ret_statistic = statistic;
	return OK;
}

/* ---- names ---- */

/* What a code stands for, where the column has such; an edition may have dropped it: then the code itself. */
static const char *
name_of(const struct registry *registry, struct arena *arena, const struct node *column, const struct node *cell,
	enum language language)
{
	const struct pack *pack = registry->pack;
	const char *kind = node_text(column, "kind");

	if (cell->kind != NODE_TEXT)
		return NULL;
	if (strcmp(kind, "choice") == 0) {
		const char *key = arena_printf(arena, "%s.%s", node_text(column, "of"), cell->text);
		const char *text = pack_text(pack, language, key);

		return strcmp(text, key) == 0 ? cell->text : text;
	}
	if (strcmp(kind, "place") != 0)
		return NULL;
	const struct place *place = pack_place(pack, pack_place_id(pack, cell->text));

	const char *name = place == NULL ? NULL : pack_place_name(pack, place, language);

	return name == NULL ? cell->text : name;
}

static bool
is_coded(const struct node *column)
{
	const char *kind = node_text(column, "kind");

	return strcmp(kind, "place") == 0 || strcmp(kind, "choice") == 0;
}

/* ---- JSON ---- */

static void
print_columns(const struct registry *registry, struct arena *arena, const struct statistic *statistic,
	      enum language language, struct json *json)
{
	const struct node *columns = node_get(statistic->body, "columns");

	json_key(json, "columns");
	json_open_list(json);
	for (size_t i = 0; columns != NULL && i < columns->count; i++) {
		const char *name = node_text(&columns->items[i], "name");

		json_open_map(json);
		json_field_text(json, "name", name);
		json_field_text(json, "title",
				pack_textf(registry->pack, language, arena, "view.%s.%s", statistic->view->name, name));
		json_field_text(json, "kind", node_text(&columns->items[i], "kind"));
		json_close_map(json);
	}
	json_close_list(json);
}

static void
print_rows(const struct registry *registry, struct arena *arena, const struct statistic *statistic,
	   enum language language, struct json *json)
{
	const struct node *columns = node_get(statistic->body, "columns"), *rows = node_get(statistic->body, "rows");

	json_key(json, "rows");
	json_open_list(json);
	for (size_t r = 0; rows != NULL && r < rows->count; r++) {
		json_open_list(json);
		for (size_t i = 0; i < rows->items[r].count && i < columns->count; i++) {
			const struct node *cell = &rows->items[r].items[i];
			const char *name = name_of(registry, arena, &columns->items[i], cell, language);

			if (name == NULL) {
				node_print(cell, json);
				continue;
			}
			json_open_map(json);
			json_field_text(json, "code", cell->text);
			json_field_text(json, "name", name);
			json_close_map(json);
		}
		json_close_list(json);
	}
	json_close_list(json);
}

void
statistic_print(const struct registry *registry, struct arena *arena, const struct statistic *statistic,
		enum language language, struct json *json)
{
	const char *name = statistic->view->name;
	char month[MONTH_TEXT_BYTES], made[INSTANT_TEXT_BYTES];
	bool is_there = statistic->month != DAY_NONE;

	json_open_map(json);
	json_field_text(json, "name", name);
	json_field_text(json, "title", pack_textf(registry->pack, language, arena, "view.%s", name));
	json_field_text(json, "month", is_there ? statistic_month_print(statistic->month, month) : NULL);
	json_field_text(json, "made_at",
			is_there ? instant_print(statistic->made_at,
						 zone_offset_minutes(registry->zone, statistic->made_at), made)
				 : NULL);
	print_columns(registry, arena, statistic, language, json);
	print_rows(registry, arena, statistic, language, json);
	json_close_map(json);
}

/* ---- CSV ---- */

static void
write_field(struct strbuf *out, const char *text)
{
	strbuf_char(out, ',');
	csv_write_field(out, text, ',', true);
}

static void
write_header(const struct node *columns, struct arena *arena, struct strbuf *out)
{
	strbuf_text(out, "month");
	for (size_t i = 0; i < columns->count; i++) {
		const char *name = node_text(&columns->items[i], "name");

		write_field(out, name);
		if (is_coded(&columns->items[i]))
			write_field(out, arena_printf(arena, "%s_name", name));
	}
	strbuf_text(out, "\r\n");
}

static const char *
cell_text(const struct node *cell)
{
	if (cell->kind == NODE_BOOLEAN)
		return cell->truth ? "true" : "false";
	return cell->text == NULL ? "" : cell->text;
}

void
statistic_print_csv(const struct registry *registry, struct arena *arena, const struct statistic *statistic,
		    enum language language, struct strbuf *out)
{
	const struct node *columns = node_get(statistic->body, "columns"), *rows = node_get(statistic->body, "rows");
	char month[MONTH_TEXT_BYTES];

	if (columns == NULL || rows == NULL)
		return;
	statistic_month_print(statistic->month, month);
	write_header(columns, arena, out);
	for (size_t r = 0; r < rows->count; r++) {
		strbuf_text(out, month);
		for (size_t i = 0; i < rows->items[r].count && i < columns->count; i++) {
			const struct node *cell = &rows->items[r].items[i];
			const char *name = name_of(registry, arena, &columns->items[i], cell, language);

			write_field(out, cell_text(cell));
			if (is_coded(&columns->items[i]))
				write_field(out, name == NULL ? "" : name);
		}
		strbuf_text(out, "\r\n");
	}
}

/* ---- what there is ---- */

static enum error
print_months(struct db *db, const char *name, struct json *json)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT month FROM sys_statistic WHERE name = $1 ORDER BY month DESC");
	char month[MONTH_TEXT_BYTES];
	enum error e;

	bind_text(query, 1, name);
	json_key(json, "months");
	json_open_list(json);
	while ((e = query_step(query)) == OK)
		json_text(json, statistic_month_print(column_integer(query, 0), month));
	json_close_list(json);
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
statistic_list(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
	       struct json *json)
{
	const struct pack *pack = registry->pack;

	json_open_map(json);
	json_key(json, "statistics");
	json_open_list(json);
	for (size_t i = 0; i < pack->view_count; i++) {
		const struct view *view = &pack->views[i];

		if (!view->monthly || !may_read(actor, view))
			continue;
		json_open_map(json);
		json_field_text(json, "name", view->name);
		json_field_text(json, "title", pack_textf(pack, actor->language, arena, "view.%s", view->name));
		json_field_boolean(json, "public", view->is_public);
		TRY(print_months(db, view->name, json));
		json_close_map(json);
	}
	json_close_list(json);
	json_close_map(json);
	return OK;
}
