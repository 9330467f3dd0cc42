/* load_table.c - tables/?.csv: dated tables, and among them the calendar. */
#include <string.h>
#include "pack/calendar.h"
#include "pack/load.h"
#include "text/csv.h"

enum { FAULTS_MAX = 20 }; /* of one table: a shifted column is one fault, not a thousand */

struct draft_table {
	struct dated_table *table;
	struct table_column *columns;
	const char *const **rows;
	int *lines;
	size_t row_count, row_capacity, line_count, line_capacity;
	size_t fault_count;
};

static bool
may_report(struct draft_table *draft)
{
	return draft->fault_count++ < FAULTS_MAX;
}

static struct place_in_file
line_of(const struct draft_table *draft, int line)
{
	return (struct place_in_file){ draft->table->at.file, line };
}

static bool
read_kind(const char *kind, struct loader *loader, struct table_column *column)
{
	if (strcmp(kind, "money") == 0) {
		column->kind = TABLE_MONEY;
		column->scale = loader->pack->currency_scale;
		return true;
	}
	column->kind = TABLE_DECIMAL;
	column->scale = kind[0] == '\0' ? 0 : kind[strlen(kind) - 1] - '0';
	return strncmp(kind, "decimal", 7) == 0 && strlen(kind) == 8 && column->scale >= 0 && column->scale <= 9;
}

static bool
read_header(struct loader *loader, struct draft_table *draft, const struct csv_row *row)
{
	size_t faults = draft->fault_count;

	draft->columns = arena_array_of(loader->arena, struct table_column, row->count);
	for (size_t i = 0; i < row->count; i++) {
		const char *colon = strchr(row->fields[i], ':');
		size_t bytes = colon == NULL ? row->field_bytes[i] : (size_t)(colon - row->fields[i]);
		struct table_column *column = &draft->columns[i];

		*column = (struct table_column){ .name = arena_copy(loader->arena, row->fields[i], bytes),
						 .kind = TABLE_TEXT };
		if (!scalar_is_name(column->name) && may_report(draft))
			load_fault(loader, line_of(draft, row->line),
				   "“%.60s” is no name of a column: small letters, digits and _", column->name);
		if (colon != NULL && !read_kind(colon + 1, loader, column) && may_report(draft))
			load_fault(loader, line_of(draft, row->line),
				   "“%.60s”: a column's kind is “money” or “decimal0” to “decimal9”", row->fields[i]);
		for (size_t k = 0; k < i; k++)
			if (strcmp(draft->columns[k].name, column->name) == 0 && may_report(draft))
				load_fault(loader, line_of(draft, row->line), "the column “%s” stands here twice",
					   column->name);
	}
	draft->table->columns = draft->columns;
	draft->table->column_count = row->count;
	return draft->fault_count == faults;
}

static void
keep_row(struct loader *loader, struct draft_table *draft, const struct csv_row *row)
{
	const char **fields = arena_array_of(loader->arena, const char *, row->count);

	if (row->count != draft->table->column_count) {
		if (may_report(draft))
			load_fault(loader, line_of(draft, row->line), "the row has %zu columns, the header %zu",
				   row->count, draft->table->column_count);
		return;
	}
	for (size_t i = 0; i < row->count; i++)
		fields[i] = arena_copy(loader->arena, row->fields[i], row->field_bytes[i]);
	*ARENA_PUSH(loader->arena, draft->rows, draft->row_count, draft->row_capacity) = fields;
	*ARENA_PUSH(loader->arena, draft->lines, draft->line_count, draft->line_capacity) = row->line;
}

static void
report_row(struct loader *loader, struct draft_table *draft, const struct problem *problem)
{
	for (size_t i = 0; i < problem->item_count; i++)
		if (may_report(draft))
			load_fault(loader, line_of(draft, problem->items[i].line), "%s",
				   message_print(loader->arena, problem->items[i].message, LANGUAGE_EN,
						 problem->items[i].arguments));
}

static bool
read_rows(struct loader *loader, struct draft_table *draft, const struct source *source)
{
	AUTO(csv_free) struct csv *csv = csv_new(source->text, source->bytes);
	bool has_header = false;

	for (;;) {
		struct problem problem;
		struct csv_row row = { 0 };

		problem_init(&problem, loader->arena);
		enum error e = csv_next(csv, &problem, &row);

		if (e == ERR_NOT_FOUND)
			break;
		if (e != OK) {
			report_row(loader, draft, &problem);
			continue;
		}
		if (has_header)
			keep_row(loader, draft, &row);
		else if (!read_header(loader, draft, &row))
			return false;
		has_header = true;
	}
	if (!has_header)
		load_fault(loader, line_of(draft, 1), "the table has no header");
	return has_header;
}

static bool
ends_in(const char *text, const char *end)
{
	size_t bytes = strlen(text), end_bytes = strlen(end);

	return bytes >= end_bytes && strcmp(text + bytes - end_bytes, end) == 0;
}

static void
choose_kind(struct loader *loader, struct draft_table *draft, size_t at)
{
	struct table_column *column = &draft->columns[at];
	bool integers = true, days = true, filled = false;

	if (column->kind != TABLE_TEXT || strcmp(column->name, "source") == 0 ||
	    strcmp(column->name, "confidence") == 0)
		return;
	if (ends_in(column->name, "_day")) {
		column->kind = TABLE_DAY;
		return;
	}
	for (size_t r = 0; r < draft->row_count; r++) {
		const char *text = draft->rows[r][at];
		int64_t number;

		if (text[0] == '\0')
			continue;
		filled = true;
		integers = integers && scalar_integer(text, &number);
		days = days && day_parse(text, strlen(text), false, &number) == OK;
	}
	if (filled && integers)
		column->kind = TABLE_INTEGER;
	else if (filled && days && may_report(draft))
		load_fault(loader, draft->table->at, "every value of the column “%s” is a day: its name ends in “_day”",
			   column->name);
}

static struct value
read_cell(struct loader *loader, struct draft_table *draft, const struct table_column *column, size_t r,
	  const char *text)
{
	static const char *const kinds[] = { [TABLE_INTEGER] = "a whole number",
					     [TABLE_DAY] = "a day such as 2026-11-21",
					     [TABLE_MONEY] = "an amount such as 226.90",
					     [TABLE_DECIMAL] = "a number such as 41.50",
					     [TABLE_TEXT] = "a text" };
	int64_t number = 0;
	bool sound = true;

	if (text[0] == '\0') {
		if (strcmp(column->name, "from_day") == 0)
			return value_integer(DAY_BEFORE_ALL);
		return strcmp(column->name, "until_day") == 0 ? value_integer(DAY_AFTER_ALL) : value_null();
	}
	if (column->kind == TABLE_TEXT)
		return value_text(text);
	if (column->kind == TABLE_DAY)
		sound = day_parse(text, strlen(text), false, &number) == OK;
	else if (column->kind == TABLE_INTEGER)
		sound = scalar_integer(text, &number);
	else
		sound = scalar_decimal(text, column->scale, &number);
	if (!sound && may_report(draft))
		load_fault(loader, line_of(draft, draft->lines[r]), "“%s”: expected %s%s, found “%.60s”", column->name,
			   kinds[column->kind],
			   column->kind == TABLE_MONEY || column->kind == TABLE_DECIMAL
				   ? arena_printf(loader->arena, " with at most %d decimals", column->scale)
				   : "",
			   text);
	return value_integer(number);
}

static size_t
find_column(const struct dated_table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static void
fill_cells(struct loader *loader, struct draft_table *draft)
{
	struct dated_table *table = draft->table;
	size_t from = find_column(table, "from_day"), until = find_column(table, "until_day");
	struct value *cells = arena_array_of(loader->arena, struct value, draft->row_count * table->column_count);

	for (size_t r = 0; r < draft->row_count; r++) {
		struct value *row = &cells[r * table->column_count];

		for (size_t i = 0; i < table->column_count; i++)
			row[i] = read_cell(loader, draft, &draft->columns[i], r, draft->rows[r][i]);
		if (from != SIZE_MAX && until != SIZE_MAX && row[from].integer > row[until].integer &&
		    may_report(draft))
			load_fault(loader, line_of(draft, draft->lines[r]), "the row ends before it begins");
	}
	table->cells = cells;
	table->row_count = draft->row_count;
}

static bool
read_yearly(const char *text, struct calendar_row *row)
{
	if (strlen(text) != 5 || text[2] != '-' || strspn(text, "0123456789") != 2 ||
	    strspn(text + 3, "0123456789") != 2)
		return false;
	row->month = (text[0] - '0') * 10 + text[1] - '0';
	row->day_of_month = (text[3] - '0') * 10 + text[4] - '0';
	return day_from_civil(2024, row->month, row->day_of_month) != DAY_NONE; /* a leap year: 02-29 may stand */
}

static bool
read_calendar_row(const char *kind, const char *value, struct calendar_row *row)
{
	if (strcmp(kind, "weekend") == 0) {
		row->kind = CALENDAR_WEEKEND;
		row->weekday = value[0] - '0';
		return strlen(value) == 1 && row->weekday >= 1 && row->weekday <= 7;
	}
	if (strcmp(kind, "holiday_yearly") == 0) {
		row->kind = CALENDAR_HOLIDAY_YEARLY;
		return read_yearly(value, row);
	}
	row->kind = strcmp(kind, "workday") == 0 ? CALENDAR_WORKDAY : CALENDAR_HOLIDAY;
	return (row->kind == CALENDAR_WORKDAY || strcmp(kind, "holiday") == 0) &&
	       day_parse(value, strlen(value), false, &row->day) == OK;
}

/* The calendar's `value` holds weekdays, yearly days and days: it stays a text, whatever its rows look like. */
static void
make_calendar(struct loader *loader, struct draft_table *draft)
{
	const struct dated_table *table = draft->table;
	size_t kind = find_column(table, "kind"), value = find_column(table, "value");
	size_t from = find_column(table, "from_day"), until = find_column(table, "until_day");
	struct calendar_row *rows = arena_array_of(loader->arena, struct calendar_row, draft->row_count);

	if (kind == SIZE_MAX || value == SIZE_MAX || from == SIZE_MAX || until == SIZE_MAX) {
		load_fault(loader, table->at, "the calendar has the columns kind, value, from_day, until_day");
		return;
	}
	for (size_t r = 0; r < draft->row_count; r++) {
		const char *const *fields = draft->rows[r];

		rows[r].from = table->cells[r * table->column_count + from].integer;
		rows[r].until = table->cells[r * table->column_count + until].integer;
		if (!read_calendar_row(fields[kind], fields[value], &rows[r]) && may_report(draft))
			load_fault(loader, line_of(draft, draft->lines[r]),
				   "expected weekend 1..7, holiday_yearly 01-31, holiday or workday 2026-11-21; found "
				   "“%.20s %.20s”",
				   fields[kind], fields[value]);
	}
	loader->pack->calendar = calendar_new(loader->arena, rows, draft->row_count);
}

static void
read_table(struct loader *loader, struct source *source, const char *name, struct dated_table *table)
{
	struct draft_table draft = { .table = table };
	bool is_calendar = strcmp(name, "calendar") == 0;

	*table = (struct dated_table){ .name = name, .at = { source->path, 1 } };
	source->used = true;
	if (!read_rows(loader, &draft, source))
		return;
	for (size_t i = 0; i < table->column_count; i++)
		if (!is_calendar || strcmp(draft.columns[i].name, "value") != 0)
			choose_kind(loader, &draft, i);
	fill_cells(loader, &draft);
	if (is_calendar)
		make_calendar(loader, &draft);
	if (draft.fault_count > FAULTS_MAX)
		load_fault(loader, table->at, "%zu more faults in this table", draft.fault_count - FAULTS_MAX);
}

void
load_tables(struct loader *loader)
{
	struct dated_table *tables = arena_array_of(loader->arena, struct dated_table, loader->source_count);
	static const char folder[] = "tables/";

	loader->pack->calendar = calendar_new(loader->arena, NULL, 0);
	loader->pack->tables = tables;
	for (size_t i = 0; i < loader->source_count; i++) {
		struct source *source = &loader->sources[i];
		const char *path = source->path;

		if (strncmp(path, folder, strlen(folder)) != 0 || !ends_in(path, ".csv") ||
		    (loader->place_file != NULL && strcmp(loader->place_file, path) == 0))
			continue;
		const char *file = path + strlen(folder);
		const char *name = arena_copy(loader->arena, file, strlen(file) - strlen(".csv"));

		if (strcmp(name, "place") == 0)
			continue; /* not the one that pack.yaml names: reported as not read */
		if (scalar_is_name(name))
			read_table(loader, source, name, &tables[loader->pack->table_count++]);
		else
			load_fault(loader, (struct place_in_file){ path, 0 },
				   "“%.60s” is no name of a table: small letters, digits and _, a letter first", name);
	}
}
