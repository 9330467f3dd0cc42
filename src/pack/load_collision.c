/* load_collision.c - tables and columns that would get one name. */
#include <string.h>
#include "pack/load.h"

void
load_check_columns(struct loader *loader, const struct draft_reg *draft)
{
	const struct reg *reg = draft->reg;

	for (size_t i = COLUMN_FIRST_FIELD; i < reg->column_count; i++)
		for (size_t k = COLUMN_FIRST_FIELD; k < i; k++) {
			const struct column *a = &reg->columns[k], *b = &reg->columns[i];

			if (strcmp(a->name, b->name) == 0)
				load_fault(loader, b->field->at,
					   "the fields “%s” and “%s” would both have the column “%s”", a->field->name,
					   b->field->name, b->name);
		}
}

struct owner {
	const char *what;
	struct place_in_file at;
};

/* The engine's own tables (migrations/) and the database's. */
static bool
is_kept_for_engine(const char *name)
{
	static const char *const prefixes[] = { "sys_", "ledger_", "access_", "sqlite_", "pg_" };

	for (size_t i = 0; i < ARRAY_COUNT(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static void
take_name(struct loader *loader, struct text_map *owners, const char *name, const char *what, struct place_in_file at)
{
	const struct owner *before = text_map_get(owners, name);

	if (is_kept_for_engine(name)) {
		load_fault(loader, at, "%s would have the table “%s”; names that begin so are the engine's", what,
			   name);
		return;
	}
	struct owner *owner = arena_new_of(loader->arena, struct owner);

	if (before != NULL) {
		load_fault(loader, at, "%s would have the table “%s”, as %s has%s", what, name, before->what,
			   before->at.file == NULL
				   ? ""
				   : arena_printf(loader->arena, " (%s:%d)", before->at.file, before->at.line));
		return;
	}
	*owner = (struct owner){ .what = what, .at = at };
	text_map_put(owners, name, owner);
}

void
load_table_names(struct loader *loader)
{
	static const char *const builtin[] = { "place",   "place_above", "this",           "meta",
					       "next_id", "migration",   "pack_installed", "official_use" };
	AUTO(text_map_done) struct text_map owners = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(builtin); i++)
		take_name(loader, &owners, builtin[i], "the engine", (struct place_in_file){ 0 });
	for (size_t i = 0; i < loader->pack->table_count; i++) {
		const struct dated_table *table = &loader->pack->tables[i];

		take_name(loader, &owners, table->name, arena_printf(loader->arena, "%s", table->at.file), table->at);
	}
	for (size_t i = 0; i < loader->reg_count; i++) {
		const struct reg *reg = &loader->regs[i];

		take_name(loader, &owners, reg->name, arena_printf(loader->arena, "the register “%s”", reg->name),
			  reg->at);
	}
	for (size_t i = 0; i < loader->reg_count; i++) {
		const struct reg *reg = &loader->regs[i];

		take_name(loader, &owners, arena_printf(loader->arena, "%s_past", reg->name),
			  arena_printf(loader->arena, "the past of “%s”", reg->name), reg->at);
		for (size_t f = 0; f < reg->field_count; f++)
			if (reg->fields[f].type == FIELD_LIST)
				take_name(
					loader, &owners,
					arena_printf(loader->arena, "%s_%s", reg->name, reg->fields[f].name),
					arena_printf(loader->arena, "the list “%s.%s”", reg->name, reg->fields[f].name),
					reg->fields[f].at);
	}
}
