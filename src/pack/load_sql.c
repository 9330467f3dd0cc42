/* load_sql.c - what may stand in one value or SELECT of a pack, as far as it can be told without a
 * database: one statement, closed brackets, known parameters, columns of `this`. */
#include <string.h>
#include "pack/load.h"
#include "pack/scan.h"
#include "pack/token.h"

/* The file's own line of a token; the lines of YAML texts are folded, so there only the begin is known. */
static struct place_in_file
place_of(struct place_in_file at, const char *text, const struct token *token)
{
	size_t bytes = strlen(at.file);
	bool is_sql = bytes > 4 && strcmp(at.file + bytes - 4, ".sql") == 0;

	return (struct place_in_file){ at.file, at.line + (is_sql ? token_line(text, token) : 0) };
}

static bool
check_form(struct loader *loader, struct place_in_file at, const char *text, const char *what)
{
	static const char outside[] = ";?:@#`[]{}\\$";
	const char *cursor = text;
	struct token t = token_next(&cursor);
	int depth = 0;

	for (; t.kind != TOKEN_END && depth >= 0; t = token_next(&cursor)) {
		if (token_is_open(&t)) {
			load_fault(loader, place_of(at, text, &t), "%s: a quotation mark or comment is not closed",
				   what);
			return false;
		}
		if (t.kind == TOKEN_BROKEN || (t.kind == TOKEN_SIGN && strchr(outside, *t.start) != NULL)) {
			load_fault(loader, place_of(at, text, &t), "%s: “%c” has no place in the SQL of a pack", what,
				   *t.start);
			return false;
		}
		depth += token_is(&t, "(") ? 1 : token_is(&t, ")") ? -1 : 0;
		if (depth < 0)
			break;
	}
	if (depth == 0)
		return true;
	load_fault(loader, place_of(at, text, &t), "%s: a bracket is not %s", what, depth > 0 ? "closed" : "opened");
	return false;
}

static bool
is_among(const char *const *names, const char *name)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
report_parameter(struct loader *loader, struct place_in_file at, const char *name, const struct sql_scope *scope)
{
	size_t arg_count = scope->action == NULL ? 0 : scope->action->action->arg_count;
	size_t count = 0;

	while (scope->parameters != NULL && scope->parameters[count] != NULL)
		count++;
	if (arg_count + count == 0) {
		load_fault(loader, at, "%s knows no parameters, found “$%s”", scope->what, name);
		return;
	}
	const char **names = arena_array_of(loader->arena, const char *, arg_count + count);

	for (size_t i = 0; i < arg_count; i++)
		names[i] = scope->action->action->args[i].name;
	for (size_t i = 0; i < count; i++)
		names[arg_count + i] = scope->parameters[i];
	load_fault(loader, at, "%s: “$%s” is neither an argument nor a field that the action takes%s", scope->what,
		   name, load_nearest(loader, name, names, arg_count + count));
}

static bool
check_parameters(struct loader *loader, struct place_in_file at, const char *text, const struct sql_scope *scope)
{
	const char *const *names = NULL;
	size_t count = pack_scan_parameters(loader->arena, text, &names);
	bool sound = true;

	for (size_t i = 0; i < count; i++) {
		const struct field *arg = scope->action == NULL ? NULL : action_arg(scope->action->action, names[i]);

		if (arg != NULL && (arg->type == FIELD_LIST || arg->type == FIELD_POINT)) {
			load_fault(loader, at, "%s: “$%s” is of type %s, which is no single value", scope->what,
				   names[i], field_type_name(arg->type));
			sound = false;
		} else if (arg == NULL && !is_among(scope->parameters, names[i]) &&
			   (scope->action == NULL || !scope->action->broken)) {
			report_parameter(loader, at, names[i], scope);
			sound = false;
		}
	}
	return sound;
}

static bool
has_column(const struct reg *reg, const char *name)
{
	for (size_t i = 0; i < reg->column_count; i++)
		if (strcmp(reg->columns[i].name, name) == 0)
			return true;
	return false;
}

static bool
check_this(struct loader *loader, struct place_in_file at, const char *text, const struct sql_scope *scope)
{
	const char *const *names = NULL;
	size_t count = pack_scan_columns(loader->arena, text, "this", &names);
	bool sound = true;

	if (count > 0 && scope->draft == NULL) {
		load_fault(loader, at, "%s: “this.%s”: %s", scope->what, names[0],
			   scope->no_this == NULL ? "there is no record here" : scope->no_this);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct reg *reg = scope->draft->reg;

		if (has_column(reg, names[i]) || scope->draft->fields.incomplete)
			continue;
		const char **columns = arena_array_of(loader->arena, const char *, reg->column_count);

		for (size_t c = 0; c < reg->column_count; c++)
			columns[c] = reg->columns[c].name;
		load_fault(loader, at, "%s: “this.%s” is no column of the register “%s”%s", scope->what, names[i],
			   reg->name, load_nearest(loader, names[i], columns, reg->column_count));
		sound = false;
	}
	return sound;
}

bool
load_check_value(struct loader *loader, struct place_in_file at, const char *text, const struct sql_scope *scope)
{
	if (!check_form(loader, at, text, scope->what))
		return false;
	bool sound = check_parameters(loader, at, text, scope);

	return check_this(loader, at, text, scope) && sound;
}

bool
load_check_select(struct loader *loader, struct place_in_file at, const char *text, const struct sql_scope *scope)
{
	if (!pack_scan_is_select(text)) {
		load_fault(loader, at, "%s is one SELECT, beginning with “select” or “with”; found “%.40s”",
			   scope->what, text);
		return false;
	}
	return load_check_value(loader, at, text, scope);
}
