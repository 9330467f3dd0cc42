#include "store/vet.h"
#include <string.h>
#include "base/map.h"
#include "base/strbuf.h"
#include "store/sql.h"
#include "store/vet_form.h"
#include "store/vet_inner.h"
#include "text/pattern.h"

static const char *const no_parameters[] = { NULL };

void
vet_fault(struct vetting *vetting, const struct place_in_file *at, const char *what, const char *wrong)
{
	pack_report_add(vetting->report, SEVERITY_ERROR, at->file, at->line, "%s: %s", what, wrong);
}

static bool
is_among(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

bool
vet_words(struct vetting *vetting, const struct place_in_file *at, const char *what, const char *text, bool wrapped,
	  const char *const *parameters)
{
	const char *wrong = wrapped ? form_wrong_wrapped(vetting->arena, text) : form_wrong(vetting->arena, text);
	const char *const *names = NULL;
	bool sound = wrong == NULL;

	if (!sound) {
		vet_fault(vetting, at, what, wrong);
		return false;
	}
	size_t count = sql_parameters(vetting->arena, text, &names);

	for (size_t i = 0; i < count; i++) {
		if (is_among(parameters, names[i]))
			continue;
		vet_fault(vetting, at, what,
			  arena_printf(vetting->arena, "the parameter $%s is not known here", names[i]));
		sound = false;
	}
	return sound;
}

/* ---- what the database says, as the author of a pack can use it ---- */

/* The word that its message is about: near "selct": syntax error; no such column: r.aday. NULL: none. */
static const char *
word_at_fault(struct arena *arena, const char *wrong)
{
	const char *colon = strrchr(wrong, ':');

	if (strncmp(wrong, "near \"", 6) == 0)
		return arena_copy(arena, wrong + 6, strcspn(wrong + 6, "\""));
	return strncmp(wrong, "no such ", 8) == 0 && colon != NULL ? colon + strspn(colon, ": ") : NULL;
}

/* A provision's text stands in a file of its own, line by line. */
static struct place_in_file
place_at_fault(const struct place_in_file *at, const char *text, const char *word)
{
	struct place_in_file found = *at;
	size_t bytes = strlen(at->file);
	const char *here = word == NULL || *word == '\0' ? NULL : strstr(text, word);

	if (here == NULL || bytes < 4 || strcmp(at->file + bytes - 4, ".sql") != 0)
		return found;
	for (const char *p = text; p < here; p++)
		found.line += *p == '\n';
	return found;
}

enum { NAMES_MAX = 4096 };

/* Of all columns that a SELECT may name, the nearest; a word alone may have been meant as a text. */
static const char *
nearest_column(struct vetting *vetting, const char *word)
{
	const struct pack *pack = vetting->pack;
	const char **names = arena_array_of(vetting->arena, const char *, NAMES_MAX);
	const char *dot = strrchr(word, '.');
	size_t count = 0;

	for (size_t r = 0; r < pack->reg_count; r++)
		for (size_t i = 0; i < pack->regs[r].column_count && count < NAMES_MAX; i++)
			names[count++] = pack->regs[r].columns[i].name;
	for (size_t t = 0; t < pack->table_count; t++)
		for (size_t i = 0; i < pack->tables[t].column_count && count < NAMES_MAX; i++)
			names[count++] = pack->tables[t].columns[i].name;
	const char *near = nearest_name(dot == NULL ? word : dot + 1, names, count);

	if (near != NULL)
		return arena_printf(vetting->arena, "; did you mean “%s”?", near);
	return dot != NULL ? "" : arena_printf(vetting->arena, "; a text is written '%s'", word);
}

static void
tell_database(struct vetting *vetting, const struct place_in_file *at, const char *what, const char *text,
	      const char *wrong)
{
	const char *word = word_at_fault(vetting->arena, wrong);
	struct place_in_file place = place_at_fault(at, text, word);
	bool column = strncmp(wrong, "no such column", 14) == 0;

	vet_fault(vetting, &place, what,
		  arena_printf(vetting->arena, "%s%s", wrong, column ? nearest_column(vetting, word) : ""));
}

bool
vet_prepare(struct vetting *vetting, const struct place_in_file *at, const char *what, const char *text,
	    const char *sql, struct bench_result *ret_result)
{
	const char *wrong = NULL;

	if (bench_try(vetting->bench, sql, ret_result, &wrong) != OK) {
		tell_database(vetting, at, what, text, wrong);
		return false;
	}
	for (size_t i = 0; i < ret_result->read_count; i++) {
		const char *column = ret_result->reads[i].column;
		if (ret_result->reads[i].table->kind == KNOWN_OFFICIAL && !vetting->may_read_official) {
			vet_fault(vetting, at, what,
				  "what officials did is read in views for an audit, in `each` of "
				  "the clock, in guards and in values of actions only");
			return false;
		}
		if (!form_names_bare(vetting->arena, text, column))
			continue;
		vet_fault(vetting, at, what,
			  arena_printf(vetting->arena,
				       "the column %s stands bare, where PostgreSQL reads a word of its own; write "
				       "it as t.%s",
				       column, column));
		return false;
	}
	return true;
}

bool
vet_no_scan(struct vetting *vetting, const struct place_in_file *at, const char *what, const char *sql)
{
	const char *table = bench_scanned(vetting->bench, sql);

	if (table == NULL)
		return true;
	vet_fault(vetting, at, what,
		  arena_printf(vetting->arena,
			       "the whole of \"%s\" is scanned for one record; join it by an indexed column", table));
	return false;
}

const struct bench_column *
bench_column_named(const struct bench_result *result, const char *name)
{
	for (size_t i = 0; i < result->column_count; i++)
		if (strcmp(result->columns[i].name, name) == 0)
			return &result->columns[i];
	return NULL;
}

static const struct field *
item_named(const struct field *list, const char *name)
{
	for (size_t i = 0; i < list->item_count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

static const struct field *
field_of_column(const struct reg *reg, const char *name)
{
	for (size_t i = COLUMN_FIRST_FIELD; i < reg->column_count; i++)
		if (strcmp(reg->columns[i].name, name) == 0)
			return reg->columns[i].role == COLUMN_PLAIN ? reg->columns[i].field : NULL;
	return NULL;
}

struct vet_fact
vet_fact_of(const struct bench_column *column)
{
	struct vet_fact fact = { .name = column->name };
	const struct known_table *table = column->table;

	if (table == NULL || table->reg == NULL || column->origin == NULL)
		return fact;
	if (table->kind == KNOWN_LIST) {
		fact.field = item_named(table->list, column->origin);
		fact.reg = fact.field != NULL || strcmp(column->origin, "parent") == 0 ? table->reg : NULL;
		return fact;
	}
	fact.field = field_of_column(table->reg, column->origin);
	fact.reg = fact.field != NULL || strcmp(column->origin, "id") == 0 ? table->reg : NULL;
	return fact;
}

bool
vet_column_names(struct vetting *vetting, const struct place_in_file *at, const char *what,
		 const struct bench_result *result)
{
	bool sound = true;

	for (size_t i = 0; i < result->column_count; i++) {
		const char *name = result->columns[i].name;
		size_t bytes = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
		const char *wrong = NULL;
		if (name[bytes] != '\0' || name[0] < 'a' || name[0] > 'z')
			wrong = "the column \"%s\" needs a name (as …) of small letters, digits and _";
		else if (bench_column_named(result, name) != &result->columns[i])
			wrong = "two columns are called \"%s\"";
		if (wrong == NULL)
			continue;
		AUTO(strbuf_done) struct strbuf text = { 0 };
		const char *hole = strstr(wrong, "%s");
		strbuf_add(&text, wrong, (size_t)(hole - wrong));
		strbuf_text(&text, name);
		strbuf_text(&text, hole + 2);
		vet_fault(vetting, at, what, text.text);
		sound = false;
	}
	return sound;
}

void
vet_column_text(struct vetting *vetting, const struct place_in_file *at, const char *prefix, const char *column)
{
	const char *key = arena_printf(vetting->arena, "%s.%s", prefix, column);

	for (size_t i = 0; i < vetting->pack->language_count; i++) {
		if (strcmp(pack_text(vetting->pack, vetting->pack->languages[i], key), key) != 0)
			continue;
		vet_fault(vetting, at, "a text is missing",
			  arena_printf(vetting->arena, "%s in %s", key, language_name(vetting->pack->languages[i])));
	}
}

/* One value over `this` or over nothing. */
static void
vet_value(struct vetting *vetting, const struct place_in_file *at, const char *what, const struct reg *reg,
	  bool has_this, const char *value, const char *const *parameters)
{
	struct bench_result result = { 0 };

	if (!vet_words(vetting, at, what, value, false, parameters))
		return;
	if (!has_this && sql_names_this(value)) {
		vet_fault(vetting, at, what, "there is no `this`: the record is new");
		return;
	}
	const char *sql = sql_values(vetting->arena, reg, has_this, &value, 1);

	if (!vet_prepare(vetting, at, what, value, sql, &result))
		return;
	if (result.column_count != 1)
		vet_fault(vetting, at, what, "this is more than one value");
	else
		vet_no_scan(vetting, at, what, sql);
}

/* A SELECT with `this`; `may_scan` where it runs once in a while and not for each act. */
static bool
vet_set(struct vetting *vetting, const struct place_in_file *at, const char *what, const struct reg *reg, bool has_this,
	const char *select, bool may_scan, const char *const *parameters, struct bench_result *ret_result)
{
	if (!vet_words(vetting, at, what, select, false, parameters))
		return false;
	if (!has_this && sql_names_this(select)) {
		vet_fault(vetting, at, what, "there is no `this` here");
		return false;
	}
	if (form_lacks_this(vetting->arena, select)) {
		vet_fault(vetting, at, what, "`this` must stand in the FROM of a SELECT that names its columns");
		return false;
	}
	const char *sql = sql_set(vetting->arena, reg, has_this, select);

	if (!vet_prepare(vetting, at, what, select, sql, ret_result))
		return false;
	return may_scan || vet_no_scan(vetting, at, what, sql);
}

/* Columns of `each` are arguments of the action that runs; `record` names the one it runs on. */
static void
vet_each_columns(struct vetting *vetting, const struct place_in_file *at, const char *what, const struct action *action,
		 const struct bench_result *result)
{
	for (size_t i = 0; i < result->column_count; i++) {
		const char *name = result->columns[i].name;
		if (action_arg(action, name) != NULL || (action->new_state == NULL && strcmp(name, "record") == 0))
			continue;
		vet_fault(vetting, at, what,
			  arena_printf(vetting->arena, "the column \"%s\" is no argument of %s.%s", name,
				       action->reg->name, action->name));
	}
}

static const char *const *
action_parameters(struct vetting *vetting, const struct action *action)
{
	static const char *const built_in[] = { "record", "me", "today", "now" };
	const char **names =
		arena_array_of(vetting->arena, const char *, ARRAY_COUNT(built_in) + action->arg_count + 1);

	for (size_t i = 0; i < ARRAY_COUNT(built_in); i++)
		names[i] = built_in[i];
	for (size_t i = 0; i < action->arg_count; i++)
		names[ARRAY_COUNT(built_in) + i] = action->args[i].name;
	return names;
}

/* What the clock and whoever acts compute may look at what officials did. */
static void
vet_computed(struct vetting *vetting, const struct place_in_file *at, const char *what, const struct reg *reg,
	     bool has_this, const char *value, const char *const *parameters)
{
	vetting->may_read_official = true;
	vet_value(vetting, at, what, reg, has_this, value, parameters);
	vetting->may_read_official = false;
}

static void
vet_step(struct vetting *vetting, const struct action *action, const struct step *step, const char *name,
	 const char *const *parameters)
{
	struct bench_result result = { 0 };
	bool has_this = action->new_state == NULL;
	const char *what =
		arena_printf(vetting->arena, "%s, the step %s.%s", name, step->reg->name, step->action->name);

	if (step->record != NULL && !step->record_is_select)
		vet_value(vetting, &step->at, what, action->reg, has_this, step->record, parameters);
	if (step->record != NULL && step->record_is_select &&
	    vet_set(vetting, &step->at, what, action->reg, has_this, step->record, step->later, parameters, &result) &&
	    result.column_count != 1)
		vet_fault(vetting, &step->at, what, "`record` selects one column, the id");
	if (step->each != NULL &&
	    vet_set(vetting, &step->at, what, action->reg, has_this, step->each, step->later, parameters, &result))
		vet_each_columns(vetting, &step->at, what, step->action, &result);
	for (size_t i = 0; i < step->with_count; i++)
		vet_computed(vetting, &step->at,
			     arena_printf(vetting->arena, "%s, %s", what, step->with[i].target->name), action->reg,
			     has_this, step->with[i].value, parameters);
}

static void
vet_pattern(struct vetting *vetting, const struct field *field)
{
	if (field->pattern != NULL && !pattern_is_valid(field->pattern))
		vet_fault(vetting, &field->at, field->name,
			  arena_printf(vetting->arena, "this is no regular expression: %s", field->pattern));
}

static void
vet_border(struct vetting *vetting, const struct action *action, const char *name)
{
	static const char *const border_parameters[] = { "today", "now", NULL };
	const char *what = arena_printf(vetting->arena, "%s, each", name);
	struct bench_result result = { 0 };

	vetting->may_read_official = true;
	bool sound =
		vet_set(vetting, &action->at, what, action->reg, false, action->each, true, border_parameters, &result);

	vetting->may_read_official = false;
	if (sound)
		vet_each_columns(vetting, &action->at, name, action, &result);
}

static void
vet_action(struct vetting *vetting, const struct action *action)
{
	static const char *const clock_parameters[] = { "record", NULL };
	const char *name = arena_printf(vetting->arena, "%s.%s", action->reg->name, action->name);
	const char *const *parameters = action_parameters(vetting, action);
	bool has_this = action->new_state == NULL;

	if (action->when != NULL)
		vet_computed(vetting, &action->at, arena_printf(vetting->arena, "%s, when", name), action->reg,
			     has_this, action->when, parameters);
	for (size_t i = 0; i < action->set_count; i++)
		vet_computed(vetting, &action->at,
			     arena_printf(vetting->arena, "%s, set %s", name, action->set[i].target->name), action->reg,
			     has_this, action->set[i].value, parameters);
	if (action->clock_value != NULL)
		vet_value(vetting, &action->at, arena_printf(vetting->arena, "%s, at", name), action->reg, true,
			  action->clock_value, clock_parameters);
	if (action->each != NULL)
		vet_border(vetting, action, name);
	for (size_t i = 0; i < action->arg_count; i++)
		if (action->taken[i] == NULL)
			vet_pattern(vetting, &action->args[i]);
	for (size_t i = 0; i < action->step_count; i++)
		vet_step(vetting, action, &action->steps[i], name, parameters);
}

/* A check sees its own record only: nothing else would make the engine look at it again. */
static void
vet_check(struct vetting *vetting, const struct reg *reg, const struct field *field)
{
	const char *what = arena_printf(vetting->arena, "%s.%s, check", reg->name, field->name);
	struct bench_result result = { 0 };

	if (!vet_words(vetting, &field->at, what, field->check, false, no_parameters))
		return;
	const char *sql = sql_checks(vetting->arena, reg, &field->check, 1);

	if (!vet_prepare(vetting, &field->at, what, field->check, sql, &result))
		return;
	if (result.column_count != 1)
		vet_fault(vetting, &field->at, what, "this is more than one condition");
	for (size_t i = 0; i < result.read_count; i++) {
		const struct known_table *table = result.reads[i].table;
		if (table->kind == KNOWN_REGISTER && table->reg == reg)
			continue;
		vet_fault(vetting, &field->at, what,
			  arena_printf(vetting->arena, "a check may name the record's own columns only, not \"%s\"",
				       table->name));
		return;
	}
}

static void
vet_default(struct vetting *vetting, const struct reg *reg, const struct field *field)
{
	const char *what = arena_printf(vetting->arena, "%s.%s, default", reg->name, field->name);
	struct bench_result result = { 0 };

	if (!vet_words(vetting, &field->at, what, field->default_value, false, no_parameters))
		return;
	const char *sql = sql_values(vetting->arena, reg, false, &field->default_value, 1);

	if (vet_prepare(vetting, &field->at, what, field->default_value, sql, &result) &&
	    (result.column_count != 1 || result.read_count > 0))
		vet_fault(vetting, &field->at, what, "a default is one value that reads no table");
}

static void
vet_party(struct vetting *vetting, const struct reg *reg, const struct party *party)
{
	const char *what = arena_printf(vetting->arena, "%s, the party %s", reg->name, party->name);
	struct bench_result result = { 0 };

	if (!vet_words(vetting, &party->at, what, party->select, true, no_parameters) ||
	    !vet_prepare(vetting, &party->at, what, party->select, party->select, &result))
		return;
	if (result.column_count != 2 || bench_column_named(&result, "record") == NULL ||
	    bench_column_named(&result, "party") == NULL) {
		vet_fault(vetting, &party->at, what, "a party selects the two columns record and party");
		return;
	}
	if (vet_no_scan(vetting, &party->at, what, sql_party_of(vetting->arena, reg, party)))
		vet_no_scan(vetting, &party->at, arena_printf(vetting->arena, "%s, what is mine", what),
			    sql_records_of(vetting->arena, reg, party));
}

static void
vet_reg(struct vetting *vetting, const struct reg *reg)
{
	for (size_t i = 0; i < reg->field_count; i++) {
		vet_pattern(vetting, &reg->fields[i]);
		for (size_t k = 0; k < reg->fields[i].item_count; k++)
			vet_pattern(vetting, &reg->fields[i].items[k]);
		if (reg->fields[i].check != NULL)
			vet_check(vetting, reg, &reg->fields[i]);
		if (reg->fields[i].default_value != NULL)
			vet_default(vetting, reg, &reg->fields[i]);
	}
	for (size_t i = 0; i < reg->party_count; i++)
		if (reg->parties[i].select != NULL)
			vet_party(vetting, reg, &reg->parties[i]);
	if (reg->territory != NULL)
		vet_value(vetting, &reg->at, arena_printf(vetting->arena, "%s, territory", reg->name), reg, true,
			  reg->territory, no_parameters);
	if (reg->lives != NULL)
		vet_value(vetting, &reg->at, arena_printf(vetting->arena, "%s, lives", reg->name), reg, true,
			  reg->lives, no_parameters);
	if (reg->label != NULL)
		vet_value(vetting, &reg->at, arena_printf(vetting->arena, "%s, label", reg->name), reg, true,
			  reg->label, no_parameters);
	if (reg->search != NULL)
		vet_search(vetting, reg);
	for (size_t i = 0; i < reg->reveal_count; i++)
		vet_reveal(vetting, reg, &reg->reveals[i]);
	for (size_t i = 0; i < reg->action_count; i++)
		vet_action(vetting, &reg->actions[i]);
}

static void
vet_all(struct vetting *vetting, struct vetted_pack *vetted)
{
	const struct pack *pack = vetting->pack;
	struct vetted_provision *provisions =
		arena_array_of(vetting->arena, struct vetted_provision, pack->provision_count + 1);
	const struct vet_fact **view_facts =
		arena_array_of(vetting->arena, const struct vet_fact *, pack->view_count + 1);
	size_t *view_counts = arena_array_of(vetting->arena, size_t, pack->view_count + 1);

	for (size_t i = 0; i < pack->reg_count; i++)
		vet_reg(vetting, &pack->regs[i]);
	for (size_t i = 0; i < pack->view_count; i++)
		vet_view(vetting, &pack->views[i], &view_facts[i], &view_counts[i]);
	for (size_t i = 0; i < pack->provision_count; i++)
		vet_provision(vetting, &pack->provisions[i], &provisions[i]);
	vetted->provisions = provisions;
	vetted->view_facts = view_facts;
	vetted->view_fact_counts = view_counts;
}

enum error
vet_pack(const struct pack *pack, struct pack_report *report, struct vetted_pack **ret_vetted)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct vetting vetting = { .pack = pack, .report = report, .arena = arena };
	AUTO(bench_close) struct bench *bench = NULL;
	size_t before = report->error_count;

	TRY(bench_open(pack, arena, report, &bench));
	vetting.bench = bench;
	struct vetted_pack *vetted = arena_new_of(arena, struct vetted_pack);

	vet_all(&vetting, vetted);
	if (report->error_count > before)
		return ERR_BAD_INPUT;
	vetted->arena = TAKE(arena);
	*ret_vetted = vetted;
	return OK;
}

void
vetted_pack_free(struct vetted_pack *vetted)
{
	if (vetted != NULL)
		arena_free(vetted->arena);
}
