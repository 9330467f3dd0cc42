/* vet_view.c - views, what a search reads, and what a look-up reveals. */
#include <string.h>
#include "store/sql.h"
#include "store/vet_inner.h"

static const char *const no_parameters[] = { NULL };
static const char *const month_parameters[] = { "from", "until", NULL };

/* A statistic is kept for ever and shows groups: nothing in it may be of one person. Whole numbers are rounded. */
static const char *
wrong_in_statistic(const struct vet_fact *fact)
{
	if (fact->field == NULL)
		return fact->reg == NULL ? NULL : "is the id of one record";
	switch (fact->field->type) {
	case FIELD_PLACE:
	case FIELD_CHOICE:
	case FIELD_BOOLEAN:
		return NULL;
	case FIELD_REF:
		return "is the id of one record";
	default:
		return fact->reg->personal ? "is a field of one person" : NULL;
	}
}

static void
vet_statistic(struct vetting *vetting, const struct view *view, const char *what, const struct vet_fact *facts,
	      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *wrong = wrong_in_statistic(&facts[i]);

		if (wrong != NULL)
			vet_fault(vetting, &view->at, what,
				  arena_printf(vetting->arena, "the column \"%s\" %s: a statistic counts groups",
					       facts[i].name, wrong));
	}
}

void
vet_view(struct vetting *vetting, const struct view *view, const struct vet_fact **ret_facts, size_t *ret_count)
{
	const char *what = arena_printf(vetting->arena, "the view %s", view->name);
	struct bench_result result = { 0 };

	vetting->may_read_official = view->audit;
	bool sound = vet_words(vetting, &view->at, what, view->select, false,
			       view->monthly ? month_parameters : no_parameters) &&
		     vet_prepare(vetting, &view->at, what, view->select, view->select, &result) &&
		     vet_column_names(vetting, &view->at, what, &result);

	vetting->may_read_official = false;
	if (!sound)
		return;
	struct vet_fact *facts = arena_array_of(vetting->arena, struct vet_fact, result.column_count);

	for (size_t i = 0; i < result.column_count; i++) {
		facts[i] = vet_fact_of(&result.columns[i]);
		vet_column_text(vetting, &view->at, arena_printf(vetting->arena, "view.%s", view->name),
				result.columns[i].name);
	}
	if (view->monthly)
		vet_statistic(vetting, view, what, facts, result.column_count);
	*ret_facts = facts;
	*ret_count = result.column_count;
}

/* The id of `reg`, or a ref that may be to it; a computed column is taken on trust. */
static bool
may_name(const struct bench_column *column, const struct reg *reg)
{
	struct vet_fact fact = vet_fact_of(column);

	if (column->table == NULL || column->table->reg == NULL)
		return column->table == NULL;
	if (fact.field == NULL)
		return fact.reg != NULL && strcmp(fact.reg->name, reg->name) == 0;
	for (size_t i = 0; i < fact.field->to_count; i++)
		if (strcmp(fact.field->to[i]->name, reg->name) == 0)
			return true;
	return false;
}

void
vet_reveal(struct vetting *vetting, const struct reg *reg, const struct reveal *reveal)
{
	const char *what = arena_printf(vetting->arena, "%s, what it reveals as %s", reg->name, reveal->name);
	struct bench_result result = { 0 };

	if (!vet_words(vetting, &reveal->at, what, reveal->select, true, no_parameters) ||
	    !vet_prepare(vetting, &reveal->at, what, reveal->select, reveal->select, &result))
		return;
	const struct bench_column *record = bench_column_named(&result, "record");
	const struct bench_column *shown = bench_column_named(&result, "shown");

	if (result.column_count != 2 || record == NULL || shown == NULL)
		vet_fault(vetting, &reveal->at, what, "it selects the two columns record and shown");
	else if (!may_name(record, reg))
		vet_fault(vetting, &reveal->at, what,
			  arena_printf(vetting->arena, "`record` is no id of %s", reg->name));
	else if (!may_name(shown, reveal->reg))
		vet_fault(vetting, &reveal->at, what,
			  arena_printf(vetting->arena, "`shown` is no id of %s", reveal->reg->name));
	else
		vet_no_scan(vetting, &reveal->at, what, sql_reveal(vetting->arena, reveal));
}

void
vet_search(struct vetting *vetting, const struct reg *reg)
{
	const struct search *search = reg->search;
	const char *what = arena_printf(vetting->arena, "%s, search", reg->name);

	if (search->place != NULL && search->street != NULL && search->house != NULL)
		vet_no_scan(vetting, &search->at, what, sql_houses(vetting->arena, reg, true));
	if (search->in != NULL && search->unit != NULL)
		vet_no_scan(vetting, &search->at, what, sql_units(vetting->arena, reg));
}
