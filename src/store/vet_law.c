/* vet_law.c - a provision's SELECT: what it returns, what it reads, and that its wrapped forms are quick. */
#include <string.h>
#include "base/strbuf.h"
#include "store/sql.h"
#include "store/vet_inner.h"

static const char *const forbid_parameters[] = { "record", "today", "now", "me", NULL };
static const char *const tick_parameters[] = { "today", NULL };
static const char *const no_parameters[] = { NULL };

/* Columns that every finding has: the engine knows what they mean. */
static bool
is_own_column(const char *name)
{
	static const char *const own[] = { "record", "who", "due", "instance", "amount", "article" };

	for (size_t i = 0; i < ARRAY_COUNT(own); i++)
		if (strcmp(own[i], name) == 0)
			return true;
	return false;
}

static bool
refers_to(const struct field *field, const struct reg *reg)
{
	for (size_t i = 0; i < field->to_count; i++)
		if (field->to[i] == reg)
			return true;
	return false;
}

/* Whose id `record` is: of the register it comes from, or that its reference names. */
static const struct reg *
reg_of_record(const struct provision *provision, const struct bench_column *record)
{
	struct vet_fact fact = vet_fact_of(record);
	const struct reg *acting = provision->forbid_count > 0 ? provision->forbids[0]->reg : NULL;

	if (fact.field == NULL || fact.field->type != FIELD_REF)
		return fact.field == NULL ? fact.reg : NULL;
	if (acting != NULL)
		return refers_to(fact.field, acting) ? acting : NULL;
	return fact.field->to_count == 1 ? fact.field->to[0] : NULL;
}

static bool
vet_record(struct vetting *vetting, const struct provision *provision, const struct bench_result *result,
	   const struct reg **ret_reg)
{
	const struct bench_column *record = bench_column_named(result, "record");
	const struct reg *reg = NULL;

	if (record == NULL) {
		vet_fault(vetting, &provision->at, provision->name, "the column `record` is missing");
		return false;
	}
	reg = reg_of_record(provision, record);
	if (reg == NULL) {
		vet_fault(vetting, &provision->at, provision->name,
			  "`record` must be the id of a register, or a reference to one register");
		return false;
	}
	for (size_t i = 0; i < provision->forbid_count; i++) {
		if (provision->forbids[i]->reg == reg)
			continue;
		vet_fault(vetting, &provision->at, provision->name,
			  arena_printf(vetting->arena, "`record` is of %s, but it forbids %s.%s", reg->name,
				       provision->forbids[i]->reg->name, provision->forbids[i]->name));
		return false;
	}
	*ret_reg = reg;
	return true;
}

static void
vet_type(struct vetting *vetting, const struct provision *provision, const struct bench_result *result,
	 const char *name, enum field_type type, enum field_type or_type)
{
	const struct bench_column *column = bench_column_named(result, name);
	struct vet_fact fact = { 0 };

	if (column == NULL)
		return;
	fact = vet_fact_of(column);
	if (fact.field != NULL && fact.field->type != type && fact.field->type != or_type)
		vet_fault(vetting, &provision->at, provision->name,
			  arena_printf(vetting->arena, "`%s` comes from %s.%s, which is of type %s; %s or %s is wanted",
				       name, fact.reg->name, fact.field->name, field_type_name(fact.field->type),
				       field_type_name(type), field_type_name(or_type)));
}

static void
vet_columns(struct vetting *vetting, const struct provision *provision, const struct bench_result *result)
{
	if (bench_column_named(result, "who") == NULL)
		vet_fault(vetting, &provision->at, provision->name, "the column `who` is missing");
	if (provision->kind == PROVISION_OBLIGATION && bench_column_named(result, "due") == NULL)
		vet_fault(vetting, &provision->at, provision->name, "an obligation needs the column `due`");
	vet_type(vetting, provision, result, "who", FIELD_REF, FIELD_REF);
	vet_type(vetting, provision, result, "due", FIELD_DAY, FIELD_INSTANT);
	vet_type(vetting, provision, result, "amount", FIELD_MONEY, FIELD_INTEGER);
	vet_type(vetting, provision, result, "article", FIELD_TEXT, FIELD_CHOICE);
	for (size_t i = 0; i < result->column_count; i++)
		if (!is_own_column(result->columns[i].name))
			vet_column_text(vetting, &provision->at, provision->text_key, result->columns[i].name);
}

static struct vet_column
column_read(const struct bench_read *read)
{
	const struct known_table *table = read->table;
	bool rows_of_reg = table->kind == KNOWN_LIST || table->kind == KNOWN_PAST;

	return (struct vet_column){
		.reg = table->reg,
		.table = table->name,
		.column = rows_of_reg             ? "version"
			  : *read->column == '\0' ? "id"
						  : read->column,
	};
}

static void
keep_reads(struct vetting *vetting, const struct bench_result *result, struct vetted_provision *vetted)
{
	AUTO(strbuf_done) struct strbuf tables = { 0 };
	struct vet_column *reads = arena_array_of(vetting->arena, struct vet_column, result->read_count + 1);
	const struct known_table *last = NULL;

	strbuf_text(&tables, "");
	for (size_t i = 0; i < result->read_count; i++) {
		const struct known_table *table = result->reads[i].table;
		reads[i] = column_read(&result->reads[i]);
		if (table->kind != KNOWN_DATED || table == last)
			continue;
		AUTO(strbuf_done) struct strbuf padded = { 0 };
		strbuf_printf(&padded, " %s ", tables.text);
		if (strstr(padded.text, arena_printf(vetting->arena, " %s ", table->name)) == NULL)
			strbuf_printf(&tables, "%s%s", tables.bytes == 0 ? "" : " ", table->name);
		last = table;
	}
	vetted->reads = reads;
	vetted->read_count = result->read_count;
	vetted->tables_read = arena_text(vetting->arena, tables.text);
}

static void
keep_facts(struct vetting *vetting, const struct bench_result *result, struct vetted_provision *vetted)
{
	struct vet_fact *facts = arena_array_of(vetting->arena, struct vet_fact, result->column_count + 1);

	for (size_t i = 0; i < result->column_count; i++)
		facts[i] = vet_fact_of(&result->columns[i]);
	vetted->facts = facts;
	vetted->fact_count = result->column_count;
	vetted->has_instance = bench_column_named(result, "instance") != NULL;
	vetted->has_due = bench_column_named(result, "due") != NULL;
	vetted->has_amount = bench_column_named(result, "amount") != NULL;
	vetted->has_article = bench_column_named(result, "article") != NULL;
}

/* $old_x and $new_x for each column of the register that wakes. */
static const char *const *
image_parameters(struct vetting *vetting, const struct reg *reg)
{
	const char **names = arena_array_of(vetting->arena, const char *, 2 * reg->column_count + 1);

	for (size_t i = 0; i < reg->column_count; i++) {
		names[2 * i] = arena_printf(vetting->arena, "old_%s", reg->columns[i].name);
		names[2 * i + 1] = arena_printf(vetting->arena, "new_%s", reg->columns[i].name);
	}
	return names;
}

static void
vet_wake(struct vetting *vetting, const struct provision *provision, const struct wake *wake)
{
	const char *what = arena_printf(vetting->arena, "%s, wakes by %s", provision->name, wake->reg->name);
	const char *sql = NULL;
	struct bench_result result = { 0 };

	if (!vet_words(vetting, &provision->at, what, wake->select, false, no_parameters))
		return;
	sql = sql_wake(vetting->arena, wake);
	if (!vet_words(vetting, &provision->at, what, sql, false, image_parameters(vetting, wake->reg)) ||
	    !vet_prepare(vetting, &provision->at, what, wake->select, sql, &result))
		return;
	if (result.column_count != 1)
		vet_fault(vetting, &provision->at, what,
			  "it selects one column, the id of the record to look at again");
	vet_no_scan(vetting, &provision->at, what, sql);
}

/* A full evaluation goes range by range: a scan in each is slow, not wrong, and a database that knows the sizes of
 * its tables may plan it otherwise. */
static void
warn_of_range(struct vetting *vetting, const struct provision *provision)
{
	const char *table = bench_scanned(vetting->bench, sql_provision_range(vetting->arena, provision));

	if (table != NULL)
		pack_report_add(vetting->report, SEVERITY_WARNING, provision->at.file, provision->at.line,
				"%s: a full evaluation may scan \"%s\" for each range of records", provision->name,
				table);
}

static const char *const *
provision_parameters(const struct provision *provision)
{
	if (provision->kind == PROVISION_FORBID)
		return forbid_parameters;
	return provision->tick == PERIOD_NONE ? no_parameters : tick_parameters;
}

static bool
names_today(struct vetting *vetting, const struct provision *provision)
{
	const char *const *names = NULL;
	size_t count = sql_parameters(vetting->arena, provision->select, &names);

	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], "today") == 0)
			return true;
	return false;
}

void
vet_provision(struct vetting *vetting, const struct provision *provision, struct vetted_provision *ret_vetted)
{
	const struct place_in_file *at = &provision->at;
	struct bench_result result = { 0 };

	for (size_t i = 0; i < provision->wake_count; i++)
		vet_wake(vetting, provision, &provision->wakes[i]);
	if (provision->kind != PROVISION_FORBID && provision->tick == PERIOD_NONE && names_today(vetting, provision)) {
		vet_fault(vetting, at, provision->name,
			  "$today stands here, so the header needs `-- tick: day` (or month)");
		return;
	}
	if (!vet_words(vetting, at, provision->name, provision->select, true, provision_parameters(provision)) ||
	    !vet_prepare(vetting, at, provision->name, provision->select, provision->select, &result) ||
	    !vet_column_names(vetting, at, provision->name, &result))
		return;
	vet_columns(vetting, provision, &result);
	if (!vet_record(vetting, provision, &result, &ret_vetted->reg) ||
	    !vet_no_scan(vetting, at, provision->name, sql_provision_one(vetting->arena, provision)))
		return;
	if (provision->kind != PROVISION_FORBID)
		warn_of_range(vetting, provision);
	keep_reads(vetting, &result, ret_vetted);
	keep_facts(vetting, &result, ret_vetted);
}
