#include "registry/import_columns.h"
#include <string.h>
#include "base/map.h"

static const char *const reject_names[] = { "line", "column", "reason" };

static bool
is_taken_off(const char *name, size_t length, const char *suffix)
{
	return strlen(suffix) < length && strcmp(name + length - strlen(suffix), suffix) == 0;
}

/* The argument before a dot or #; NULL when there is none of that name. */
static const struct field *
arg_before(struct arena *arena, const struct action *action, const char *name, size_t length)
{
	return action_arg(action, arena_copy(arena, name, length));
}

static bool
read_dotted(struct arena *arena, const struct action *action, const char *name, struct import_column *column)
{
	const char *dot = strchr(name, '.');
	const struct field *arg = dot == NULL ? NULL : arg_before(arena, action, name, (size_t)(dot - name));

	if (arg == NULL)
		return false;
	column->arg = arg;
	if (arg->type == FIELD_POINT && (strcmp(dot, ".lat") == 0 || strcmp(dot, ".lon") == 0)) {
		column->kind = strcmp(dot, ".lat") == 0 ? CELL_LAT : CELL_LON;
		return true;
	}
	for (size_t i = 0; i < arg->resolve_count; i++) {
		if (strcmp(arg->resolve[i]->name, dot + 1) != 0)
			continue;
		column->kind = CELL_RESOLVE;
		column->resolve = i;
		return true;
	}
	return false;
}

static bool
read_name(struct arena *arena, const struct action *action, const char *name, struct import_column *column)
{
	size_t length = strlen(name);
	const struct field *arg = action_arg(action, name);
	bool on_record = action->new_state == NULL;

	if (arg != NULL) {
		column->kind = CELL_ARGUMENT;
		column->arg = arg;
		return arg->type != FIELD_LIST;
	}
	if (on_record && (strcmp(name, "ref") == 0 || strcmp(name, "ref#") == 0)) {
		column->kind = name[3] == '#' ? CELL_RECORD_KEY : CELL_RECORD;
		return true;
	}
	if (is_taken_off(name, length, "#")) {
		column->kind = CELL_KEY;
		column->arg = arg_before(arena, action, name, length - 1);
		return column->arg != NULL && column->arg->type == FIELD_REF;
	}
	return read_dotted(arena, action, name, column);
}

static const char *
nearest_of(struct arena *arena, const struct action *action, const char *name)
{
	const char **names = arena_array_of(arena, const char *, action->arg_count + 1);

	for (size_t i = 0; i < action->arg_count; i++)
		names[i] = action->args[i].name;
	names[action->arg_count] = "ref";
	const char *nearest = nearest_name(name, names, action->arg_count + 1);

	return nearest == NULL ? action->arg_count > 0 ? names[0] : "ref" : nearest;
}

static enum error
wrong(struct problem *problem, const char *column, enum message message, const char *first)
{
	return problem_add_at(problem, ERR_BAD_INPUT, column, 1, 0, message,
			      (const char *const[3]){ first, NULL, NULL });
}

/* What already says the same: the column itself, or the argument in another way. */
static bool
says_the_same(const struct import_column *a, const struct import_column *b)
{
	bool record_a = a->kind == CELL_RECORD || a->kind == CELL_RECORD_KEY;
	bool record_b = b->kind == CELL_RECORD || b->kind == CELL_RECORD_KEY;

	if (strcmp(a->name, b->name) == 0 || (record_a && record_b))
		return true;
	if (a->arg == NULL || a->arg != b->arg)
		return false;
	return !(a->kind == CELL_RESOLVE && b->kind == CELL_RESOLVE) && !(a->kind == CELL_LAT && b->kind == CELL_LON) &&
	       !(a->kind == CELL_LON && b->kind == CELL_LAT);
}

static enum error
read_column(struct arena *arena, struct import_columns *columns, const char *key, struct problem *problem, size_t i)
{
	struct import_column *column = &columns->items[i];

	if (key != NULL && strcmp(column->name, key) == 0)
		columns->own_key = i;
	if (!read_name(arena, columns->action, column->name, column)) {
		if (columns->own_key == i)
			return OK;
		if (column->arg != NULL) /* it is there, but not as a column (a list), or not in this way */
			return wrong(problem, column->name, MSG_NOT_ALLOWED_HERE, column->name);
		return wrong(problem, column->name, MSG_UNKNOWN_FIELD,
			     nearest_of(arena, columns->action, column->name));
	}
	for (size_t k = 0; k < i; k++)
		if (says_the_same(&columns->items[k], column))
			return wrong(problem, column->name, MSG_DOUBLE_COLUMN, columns->items[k].name);
	return OK;
}

static bool
has_argument(const struct import_columns *columns, const struct field *arg)
{
	for (size_t i = 0; i < columns->count; i++)
		if (columns->items[i].arg == arg)
			return true;
	return false;
}

static bool
has_kind(const struct import_columns *columns, enum cell_kind kind)
{
	for (size_t i = 0; i < columns->count; i++)
		if (columns->items[i].kind == kind)
			return true;
	return false;
}

static bool
is_correction(const struct action *action)
{
	return strcmp(action->name, "correct") == 0;
}

static bool
must_come(const struct action *action, const struct field *arg)
{
	if (is_correction(action))
		return strcmp(arg->name, "reason") == 0;
	return arg->required && arg->type != FIELD_NUMBER && arg->default_value == NULL;
}

static enum error
check_complete(struct arena *arena, const struct import_columns *columns, const char *key, struct problem *problem)
{
	const struct action *action = columns->action;
	enum error e = OK;

	for (size_t i = 0; i < action->arg_count; i++)
		if (must_come(action, &action->args[i]) && !has_argument(columns, &action->args[i]))
			e = wrong(problem, NULL, MSG_CSV_HEADER, action->args[i].name);
	for (size_t i = 0; i < columns->count; i++) {
		const struct import_column *column = &columns->items[i];

		/* A number alone does not find a person: every field of `resolve` is needed. */
		for (size_t k = 0; column->kind == CELL_RESOLVE && k < column->arg->resolve_count; k++) {
			bool found = false;

			for (size_t j = 0; j < columns->count; j++)
				found |= columns->items[j].arg == column->arg && columns->items[j].resolve == k;
			if (!found && column->resolve == (k == 0 ? 1 : 0))
				e = wrong(
					problem, NULL, MSG_CSV_HEADER,
					arena_printf(arena, "%s.%s", column->arg->name, column->arg->resolve[k]->name));
		}
	}
	if (action->new_state == NULL && !has_kind(columns, CELL_RECORD) && !has_kind(columns, CELL_RECORD_KEY))
		e = wrong(problem, NULL, MSG_CSV_HEADER, "ref");
	if (has_kind(columns, CELL_LAT) != has_kind(columns, CELL_LON))
		e = wrong(problem, NULL, MSG_CSV_HEADER, has_kind(columns, CELL_LAT) ? ".lon" : ".lat");
	if (key != NULL && columns->own_key == SIZE_MAX)
		e = wrong(problem, NULL, MSG_CSV_HEADER, key);
	return e;
}

/* Blanks around a name in the header mean nothing. */
static const char *
trimmed(struct arena *arena, const char *text)
{
	size_t bytes = strlen(text);

	while (bytes > 0 && (text[bytes - 1] == ' ' || text[bytes - 1] == '\t'))
		bytes--;
	while (bytes > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		bytes--;
	}
	return arena_copy(arena, text, bytes);
}

static size_t
find_rejects(const struct import_columns *columns)
{
	size_t extra = ARRAY_COUNT(reject_names);

	if (columns->count <= extra)
		return columns->count;
	for (size_t i = 0; i < extra; i++)
		if (strcmp(columns->items[columns->count - extra + i].name, reject_names[i]) != 0)
			return columns->count;
	return columns->count - extra;
}

enum error
import_columns_read(struct arena *arena, const struct action *action, const struct csv_row *header, const char *key,
		    struct problem *problem, struct import_columns *ret_columns)
{
	struct import_columns columns = { .action = action,
					  .count = header->count,
					  .own_key = SIZE_MAX,
					  .items = arena_array_of(arena, struct import_column, header->count + 1) };
	enum error e = OK;

	for (size_t i = 0; i < header->count; i++)
		columns.items[i].name = trimmed(arena, header->fields[i]);
	columns.reject_at = find_rejects(&columns);
	for (size_t i = 0; i < columns.reject_at; i++)
		if (read_column(arena, &columns, key, problem, i) != OK)
			e = ERR_BAD_INPUT;
	if (check_complete(arena, &columns, key, problem) != OK || e != OK)
		return ERR_BAD_INPUT;
	*ret_columns = columns;
	return OK;
}

/* ---- rows ---- */

struct row_reading {
	const struct input_context *context;
	const struct import_columns *columns;
	const struct csv_row *row;
	struct problem *problem;
	struct import_row *to;
};

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static const char *
cell_of(const struct row_reading *reading, enum cell_kind kind, const struct field *arg)
{
	for (size_t i = 0; i < reading->columns->count; i++)
		if (reading->columns->items[i].kind == kind && reading->columns->items[i].arg == arg)
			return reading->row->fields[i];
	return "";
}

/* The fields that find a record; all blank: none is named. The first of them stands for all. */
static enum error
read_resolve(const struct row_reading *reading, const struct field *arg)
{
	const struct import_columns *columns = reading->columns;
	struct arena *arena = reading->context->arena;
	struct input *parts = arena_array_of(arena, struct input, arg->resolve_count);
	bool blank = true;
	enum error e = OK;

	for (size_t i = 0; i < columns->count; i++)
		if (columns->items[i].kind == CELL_RESOLVE && columns->items[i].arg == arg)
			blank &= is_blank(reading->row->fields[i]);
	for (size_t i = 0; !blank && i < columns->count; i++) {
		const struct import_column *column = &columns->items[i];
		size_t first = reading->problem->item_count;

		if (column->kind != CELL_RESOLVE || column->arg != arg)
			continue;
		enum error part = input_parse_text(reading->context, arg->resolve[column->resolve],
						   reading->row->fields[i], reading->problem, &parts[column->resolve]);

		if (part == OK && parts[column->resolve].kind == INPUT_ABSENT)
			part = problem_add(reading->problem, ERR_BAD_INPUT, arg->resolve[column->resolve]->name,
					   MSG_REQUIRED, NULL, NULL);
		problem_prefix(reading->problem, first, arg->name);
		e = part == OK ? e : part;
	}
	if (e == OK && !blank)
		reading->to->inputs[arg->index] = (struct input){ .kind = INPUT_RESOLVE, .resolve = parts };
	return e;
}

static enum error
read_point(const struct row_reading *reading, const struct field *arg)
{
	const char *text = arena_printf(reading->context->arena, "%s %s", cell_of(reading, CELL_LAT, arg),
					cell_of(reading, CELL_LON, arg));

	return input_parse_text(reading->context, arg, text, reading->problem, &reading->to->inputs[arg->index]);
}

static void
add_key(const struct row_reading *reading, const struct import_column *column, const char *text)
{
	if (!is_blank(text))
		reading->to->keys[reading->to->key_count++] = (struct import_key){
			.arg = column->arg, .column = column->name, .key = trimmed(reading->context->arena, text)
		};
}

static enum error
read_cell(const struct row_reading *reading, size_t i)
{
	const struct import_column *column = &reading->columns->items[i];
	const char *text = reading->row->fields[i];

	if (reading->columns->own_key == i) {
		reading->to->own_key = trimmed(reading->context->arena, text);
		if (is_blank(text))
			return problem_add(reading->problem, ERR_BAD_INPUT, column->name, MSG_REQUIRED, NULL, NULL);
	}
	switch (column->kind) {
	case CELL_ARGUMENT:
		return input_parse_text(reading->context, column->arg, text, reading->problem,
					&reading->to->inputs[column->arg->index]);
	case CELL_RESOLVE:
		/* Once, at the first of its columns. */
		for (size_t k = 0; k < i; k++)
			if (reading->columns->items[k].kind == CELL_RESOLVE &&
			    reading->columns->items[k].arg == column->arg)
				return OK;
		return read_resolve(reading, column->arg);
	case CELL_LAT:
		return read_point(reading, column->arg);
	case CELL_RECORD:
		reading->to->record = trimmed(reading->context->arena, text);
		return is_blank(text)
			       ? problem_add(reading->problem, ERR_BAD_INPUT, column->name, MSG_REQUIRED, NULL, NULL)
			       : OK;
	case CELL_RECORD_KEY:
		add_key(reading, column, text);
		return is_blank(text)
			       ? problem_add(reading->problem, ERR_BAD_INPUT, column->name, MSG_REQUIRED, NULL, NULL)
			       : OK;
	case CELL_KEY:
		add_key(reading, column, text);
		break;
	case CELL_LON:
	case CELL_SKIPPED:
		break;
	}
	return OK;
}

static bool
comes_by_key(const struct import_row *row, const struct field *arg)
{
	for (size_t i = 0; i < row->key_count; i++)
		if (row->keys[i].arg == arg)
			return true;
	return false;
}

/* A faulty cell is not missing as well. */
static bool
is_faulty(const struct problem *problem, const struct field *arg)
{
	size_t length = strlen(arg->name);

	for (size_t i = 0; i < problem->item_count; i++) {
		const char *field = problem->items[i].field;

		if (field != NULL && strncmp(field, arg->name, length) == 0 &&
		    (field[length] == '\0' || field[length] == '.'))
			return true;
	}
	return false;
}

static enum error
check_present(const struct row_reading *reading)
{
	const struct action *action = reading->columns->action;
	enum error e = OK;

	for (size_t i = 0; i < action->arg_count; i++) {
		const struct field *arg = &action->args[i];

		if (must_come(action, arg) && reading->to->inputs[i].kind == INPUT_ABSENT &&
		    !comes_by_key(reading->to, arg) && !is_faulty(reading->problem, arg))
			e = problem_add(reading->problem, ERR_BAD_INPUT, arg->name, MSG_REQUIRED, NULL, NULL);
	}
	return e;
}

enum error
import_row_read(const struct input_context *context, const struct import_columns *columns, const struct csv_row *row,
		struct problem *problem, struct import_row *ret_row)
{
	struct arena *arena = context->arena;
	struct import_row to = { .inputs = arena_array_of(arena, struct input, columns->action->arg_count + 1),
				 .keys = arena_array_of(arena, struct import_key, columns->count + 1) };
	const struct row_reading reading = { context, columns, row, problem, &to };
	enum error e = OK;

	if (row->count != columns->count)
		return problem_add(problem, ERR_BAD_INPUT, NULL, MSG_CSV_COLUMNS,
				   arena_printf(arena, "%zu", row->count), arena_printf(arena, "%zu", columns->count));
	for (size_t i = 0; i < columns->reject_at; i++)
		if (read_cell(&reading, i) != OK)
			e = ERR_BAD_INPUT;
	if (check_present(&reading) != OK)
		e = ERR_BAD_INPUT;
	*ret_row = to;
	return e;
}
