#include <string.h>
#include "registry/engine.h"

static struct value
argument_value(const struct scope *scope, const char *name)
{
	for (size_t i = 0; scope->action != NULL && scope->inputs != NULL && i < scope->action->arg_count; i++) {
		const struct field *arg = &scope->action->args[i];
		size_t length = strlen(arg->name);

		if (strncmp(arg->name, name, length) != 0 || scope->inputs[i].kind != INPUT_VALUE)
			continue;
		if (name[length] == '\0')
			return scope->inputs[i].values[0];
		if (arg->type == FIELD_POINT && strcmp(name + length, "_lat") == 0)
			return scope->inputs[i].values[0];
		if ((arg->type == FIELD_POINT && strcmp(name + length, "_lon") == 0) ||
		    (arg->ranked && strcmp(name + length, "_rank") == 0))
			return scope->inputs[i].values[1];
	}
	return value_null();
}

static struct value
named_value(const struct scope *scope, const char *name)
{
	if (strcmp(name, "record") == 0)
		return value_integer(scope->record);
	if (strcmp(name, "today") == 0)
		return value_integer(scope->today);
	if (strcmp(name, "now") == 0)
		return value_integer(scope->now);
	if (strcmp(name, "me") == 0)
		return scope->me == 0 ? value_null() : value_integer(scope->me);
	return argument_value(scope, name);
}

void
statement_bind(struct query *query, const struct statement *statement, const struct scope *scope)
{
	for (size_t i = 0; i < statement->parameter_count; i++) {
		struct value value = named_value(scope, statement->parameters[i]);

		/* The name stands in the text that was prepared, so it is found. */
		bind_named(query, statement->parameters[i], &value);
	}
}

enum error
statement_values(struct db *db, struct arena *arena, const struct statement *statement, const struct scope *scope,
		 struct value *values, size_t count)
{
	AUTO(query_free) struct query *query = db_query(db, statement->sql);

	statement_bind(query, statement, scope);
	enum error e = query_one(query);

	for (size_t i = 0; i < count; i++)
		values[i] = e == OK ? column_value(query, (int)i, arena) : value_null();
	return e == ERR_NOT_FOUND ? OK : e;
}

bool
value_is_true(const struct value *value)
{
	return (value->kind == VALUE_INTEGER || value->kind == VALUE_BOOLEAN) && value->integer != 0;
}
