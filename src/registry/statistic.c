/* statistic.c - months are computed and kept. */
#include "registry/statistic.h"
#include <stdio.h>
#include <string.h>
#include "registry/engine.h"
#include "text/json.h"

/* One by one people would be no statistic. */
enum { ROWS_MAX = 100000 };

enum column_kind { KIND_PLACE, KIND_CHOICE, KIND_COUNT, KIND_VALUE };
static const char *const kind_names[] = { "place", "choice", "count", "value" };

int64_t
statistic_round(int64_t count)
{
	return (count < 0 ? count - 5 : count + 5) / 10 * 10;
}

bool
statistic_is_count(const struct view *view, const char *name, const struct vet_fact *fact)
{
	return (fact == NULL || fact->field == NULL) && strcmp(name, "place") != 0 && !view_has_key(view, name);
}

/* A count of nobody (sum over no row) is 0 like every other below five. */
static int64_t
rounded(const struct value *value)
{
	return value->kind == VALUE_INTEGER ? statistic_round(value->integer) : 0;
}

bool
statistic_tells_nothing(const struct view *view, const struct vet_fact *facts, size_t fact_count,
			const struct query *row, struct arena *arena)
{
	size_t counts = 0;

	for (int i = 0; i < column_count(row); i++) {
		struct value value = column_value(row, i, arena);

		if (value.kind == VALUE_TEXT ||
		    !statistic_is_count(view, column_name(row, i), (size_t)i < fact_count ? &facts[i] : NULL))
			continue;
		if (rounded(&value) != 0)
			return false;
		counts++;
	}
	return counts > 0;
}

/* One view over one month. */
struct month_table {
	struct registry *registry;
	struct arena *arena;
	const struct view *view;
	const struct vet_fact *facts;
	size_t fact_count;
	int64_t from, until;
	struct query *query;
};

static enum column_kind
kind_of(const struct month_table *table, int column)
{
	const struct vet_fact *fact = &table->facts[column];
	const char *name = column_name(table->query, column);

	if (fact->field != NULL)
		return fact->field->type == FIELD_PLACE    ? KIND_PLACE
		       : fact->field->type == FIELD_CHOICE ? KIND_CHOICE
							   : KIND_VALUE;
	if (strcmp(name, "place") == 0)
		return KIND_PLACE;
	return statistic_is_count(table->view, name, fact) ? KIND_COUNT : KIND_VALUE;
}

static void
print_columns(const struct month_table *table, struct json *json)
{
	json_key(json, "columns");
	json_open_list(json);
	for (int i = 0; i < column_count(table->query); i++) {
		const struct vet_fact *fact = &table->facts[i];
		enum column_kind kind = kind_of(table, i);

		json_open_map(json);
		json_field_text(json, "name", column_name(table->query, i));
		json_field_text(json, "kind", kind_names[kind]);
		if (kind == KIND_CHOICE)
			json_field_text(json, "of",
					arena_printf(table->arena, "%s.%s", fact->reg->name, fact->field->name));
		json_close_map(json);
	}
	json_close_list(json);
}

static void
print_cell(const struct month_table *table, int column, const struct input_context *context, struct json *json)
{
	struct value value = column_value(table->query, column, context->arena);
	const struct field *field = table->facts[column].field;
	enum column_kind kind = kind_of(table, column);
	const struct place *place =
		kind == KIND_PLACE && value.kind == VALUE_INTEGER ? pack_place(context->pack, value.integer) : NULL;

	if (kind == KIND_COUNT && value.kind != VALUE_TEXT)
		json_integer(json, rounded(&value));
	else if (value.kind == VALUE_NULL)
		json_null(json);
	else if (place != NULL)
		json_text(json, place->code);
	else if (field != NULL && kind == KIND_VALUE && input_columns(field) == 1)
		input_print_json(context, field, &value, json);
	else if (value.kind == VALUE_TEXT)
		json_text_bytes(json, value.text, value.bytes);
	else
		json_integer(json, value.integer);
}

static enum error
print_rows(const struct month_table *table, struct json *json)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct input_context context = registry_input(table->registry, arena, 0);
	size_t rows = 0;
	enum error e;

	json_key(json, "rows");
	json_open_list(json);
	for (; (e = query_step(table->query)) == OK; arena_reset(arena)) {
		if (statistic_tells_nothing(table->view, table->facts, table->fact_count, table->query, arena))
			continue;
		if (rows++ == ROWS_MAX)
			return ERR_FAULT;
		json_open_list(json);
		for (int i = 0; i < column_count(table->query); i++)
			print_cell(table, i, &context, json);
		json_close_list(json);
	}
	json_close_list(json);
	return e == ERR_NOT_FOUND ? OK : e;
}

static void
bind_month(const struct month_table *table)
{
	const char *const *names = NULL;
	size_t count = sql_parameters(table->arena, table->view->select, &names);

	for (size_t i = 0; i < count; i++) {
		struct value day = value_integer(strcmp(names[i], "from") == 0 ? table->from : table->until);

		bind_named(table->query, names[i], &day);
	}
}

static enum error
compute(struct month_table *table, struct db *db, struct strbuf *out)
{
	AUTO(query_free) struct query *query = db_query(db, table->view->select);
	struct json json = { .out = out };

	table->query = query;
	bind_month(table);
	json_open_map(&json);
	print_columns(table, &json);
	TRY(print_rows(table, &json));
	json_close_map(&json);
	return OK;
}

struct keep_job {
	struct job job;
	const char *name;
	int64_t month, made_at;
	const char *body;
};

static enum error
run_keep(struct job *job, struct db *db)
{
	struct keep_job *keep = (struct keep_job *)((char *)job - offsetof(struct keep_job, job));
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO sys_statistic (name, month, made_at, body)"
					   " VALUES ($1, $2, $3, $4) ON CONFLICT (name, month) DO NOTHING");

	bind_text(query, 1, keep->name);
	bind_integer(query, 2, keep->month);
	bind_integer(query, 3, keep->made_at);
	bind_text(query, 4, keep->body);
	return query_run(query);
}

static enum error
is_kept(struct db *db, const char *name, int64_t month, bool *ret_kept)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT 1 FROM sys_statistic WHERE name = $1 AND month = $2");

	bind_text(query, 1, name);
	bind_integer(query, 2, month);
	enum error e = query_one(query);

	*ret_kept = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
make_month(struct registry *registry, struct db *db, const struct view *view, int64_t from, int64_t now)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf body = { 0 };
	struct month_table table = { .registry = registry,
				     .arena = arena,
				     .view = view,
				     .facts = registry->vetted->view_facts[view - registry->pack->views],
				     .fact_count = registry->vetted->view_fact_counts[view - registry->pack->views],
				     .from = from,
				     .until = day_add_months(from, 1) };
	bool kept = false;

	TRY(is_kept(db, view->name, from, &kept));
	if (kept)
		return OK;
	enum error e = compute(&table, db, &body);

	if (e == OK) {
		struct keep_job keep = {
			.job = { .run = run_keep }, .name = view->name, .month = from, .made_at = now, .body = body.text
		};

		e = writer_run(registry->writer, &keep.job);
	}
	if (e != ERR_FAULT)
		return e;
	/* As with whatever else the clock runs: a SELECT that fails by itself must not stop time for all others. */
	registry->clock_dropped++;
	return OK;
}

static int64_t
month_of(int64_t day)
{
	return day - (day_civil(day).day - 1);
}

enum error
statistic_close(struct registry *registry, struct db *db, int64_t day, int64_t now)
{
	const struct pack *pack = registry->pack;

	if (month_of(day) != day)
		return OK;
	for (size_t i = 0; i < pack->view_count; i++)
		if (pack->views[i].monthly)
			TRY(make_month(registry, db, &pack->views[i], day_add_months(day, -1), now));
	return OK;
}

static bool
asks_for_days(struct arena *arena, const struct view *view)
{
	const char *const *names = NULL;

	return view->monthly && sql_parameters(arena, view->select, &names) > 0;
}

enum error
statistic_fill(struct registry *registry, int months, int64_t now)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(db_close) struct db *db = NULL;
	const struct pack *pack = registry->pack;
	int64_t month = month_of(registry_today(registry, now));

	TRY(registry_reader(registry, &db));
	for (int back = months; back > 0; back--)
		for (size_t i = 0; i < pack->view_count; i++)
			if (asks_for_days(arena, &pack->views[i]))
				TRY(make_month(registry, db, &pack->views[i], day_add_months(month, -back), now));
	return OK;
}

const char *
statistic_month_print(int64_t month, char text[static MONTH_TEXT_BYTES])
{
	char day[DAY_TEXT_BYTES];

	day_print(month, day);
	snprintf(text, MONTH_TEXT_BYTES, "%.7s", day);
	return text;
}

enum error
statistic_month_parse(const char *text, int64_t *ret_month)
{
	char day[DAY_TEXT_BYTES];

	if (strlen(text) != 7)
		return ERR_BAD_INPUT;
	snprintf(day, sizeof(day), "%s-01", text);
	return day_parse(day, strlen(day), false, ret_month);
}
