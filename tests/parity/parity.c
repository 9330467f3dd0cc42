/* parity.c - every SELECT and value of the packs on SQLite and on PostgreSQL, over the same made-up country. Wants
 * PGHOST and the like (tests/parity/with-postgres); arguments are seeds. One subject is one test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/day.h"
#include "compare.h"
#include "store/vet.h"

enum { ASKED_PER_VALUE = 60, IMAGES_ASKED = 60, RECORDS_ASKED = 120 };

static const struct sql_parameter built_in[] = {
	{ "record", VALUE_INTEGER }, { "me", VALUE_INTEGER },    { "today", VALUE_INTEGER },
	{ "now", VALUE_INTEGER },    { "first", VALUE_INTEGER }, { "behind", VALUE_INTEGER },
	{ "party", VALUE_INTEGER },  { "from", VALUE_INTEGER },  { "until", VALUE_INTEGER },
};

/* What an action's texts may name: the built-in ones and its arguments. */
static size_t
action_parameters(const struct action *action, struct sql_parameter *known)
{
	size_t count = 0;

	for (; count < ARRAY_COUNT(built_in); count++)
		known[count] = built_in[count];
	for (size_t i = 0; i < action->arg_count && count < COMPARE_PARAMETERS_MAX; i++)
		known[count++] = (struct sql_parameter){ action->args[i].name, sql_field_kind(&action->args[i], 0) };
	return count;
}

static struct value
some_id(struct world *world, const struct reg *reg)
{
	return value_integer(world_id(reg, world_random(world, WORLD_ROWS)));
}

static struct value
some_party(struct world *world)
{
	const struct pack *pack = world->pack;
	const struct reg *parties[64];
	size_t count = 0;

	for (size_t i = 0; i < pack->reg_count && count < ARRAY_COUNT(parties); i++)
		if (pack->regs[i].is_party)
			parties[count++] = &pack->regs[i];
	return count == 0 ? value_null() : some_id(world, parties[world_random(world, count)]);
}

/* Values for the parameters of a statement of `action` (NULL: of a register as such). */
static void
some_arguments(struct world *world, const struct statement *statement, const struct reg *reg,
	       const struct action *action, struct value *values)
{
	int64_t today = world->days[world_random(world, WORLD_DAYS)];

	for (size_t i = 0; i < statement->count; i++) {
		const char *name = statement->parameters[i].name;
		const struct field *argument = action == NULL ? NULL : action_arg(action, name);

		if (argument != NULL)
			values[i] = world_value(world, argument, 0);
		else if (strcmp(name, "today") == 0)
			values[i] = value_integer(today);
		else if (strcmp(name, "now") == 0)
			values[i] = value_integer(today * DAY_MS + (int64_t)world_random(world, DAY_MS));
		else if (strcmp(name, "me") == 0)
			values[i] = some_party(world);
		else if (strcmp(name, "from") == 0)
			values[i] = value_integer(today - 31);
		else if (strcmp(name, "until") == 0)
			values[i] = value_integer(today);
		else
			values[i] = some_id(world, reg);
	}
}

static void
ask_often(struct comparison *comparison, struct statement *statement, const struct reg *reg,
	  const struct action *action, size_t times)
{
	struct value values[COMPARE_PARAMETERS_MAX];

	for (size_t i = 0; i < times; i++) {
		some_arguments(comparison->world, statement, reg, action, values);
		compare_ask(comparison, statement, values);
	}
}

static void
compare_text(struct comparison *comparison, const char *subject, const struct reg *reg, const struct action *action,
	     const char *sql)
{
	struct sql_parameter known[COMPARE_PARAMETERS_MAX];
	size_t count = ARRAY_COUNT(built_in);

	memcpy(known, built_in, sizeof(built_in));
	if (action != NULL)
		count = action_parameters(action, known);
	struct statement *statement = statement_new(comparison, sql, known, count);

	compare_begin(comparison, subject);
	ask_often(comparison, statement, reg, action, statement->count == 0 ? 1 : ASKED_PER_VALUE);
	compare_end(comparison);
}

static void
compare_value(struct comparison *comparison, const char *subject, const struct action *action, const char *value)
{
	bool has_this = action->new_state == NULL;

	compare_text(comparison, subject, action->reg, action,
		     sql_values(comparison->world->arena, action->reg, has_this, &value, 1));
}

static void
compare_step(struct comparison *comparison, const struct action *action, const struct step *step, const char *name)
{
	struct arena *arena = comparison->world->arena;
	bool has_this = action->new_state == NULL;
	const char *subject = arena_printf(arena, "%s, the step %s.%s", name, step->reg->name, step->action->name);

	if (step->record != NULL && step->record_is_select)
		compare_text(comparison, arena_printf(arena, "%s, record", subject), action->reg, action,
			     sql_set(arena, action->reg, has_this, step->record));
	else if (step->record != NULL)
		compare_value(comparison, arena_printf(arena, "%s, record", subject), action, step->record);
	if (step->each != NULL)
		compare_text(comparison, arena_printf(arena, "%s, each", subject), action->reg, action,
			     sql_set(arena, action->reg, has_this, step->each));
	for (size_t i = 0; i < step->with_count; i++)
		compare_value(comparison, arena_printf(arena, "%s, with %s", subject, step->with[i].target->name),
			      action, step->with[i].value);
}

static void
compare_action(struct comparison *comparison, const struct action *action)
{
	struct arena *arena = comparison->world->arena;
	const char *name = arena_printf(arena, "%s.%s", action->reg->name, action->name);

	if (action->when != NULL)
		compare_value(comparison, arena_printf(arena, "%s, when", name), action, action->when);
	for (size_t i = 0; i < action->set_count; i++)
		compare_value(comparison, arena_printf(arena, "%s, set %s", name, action->set[i].target->name), action,
			      action->set[i].value);
	if (action->clock_value != NULL)
		compare_value(comparison, arena_printf(arena, "%s, at", name), action, action->clock_value);
	if (action->each != NULL)
		compare_text(comparison, arena_printf(arena, "%s, each", name), action->reg, NULL,
			     sql_set(arena, action->reg, false, action->each));
	for (size_t i = 0; i < action->step_count; i++)
		compare_step(comparison, action, &action->steps[i], name);
}

static void
compare_party(struct comparison *comparison, const struct reg *reg, const struct party *party)
{
	struct world *world = comparison->world;
	struct statement *parties =
		statement_new(comparison, sql_party_of(world->arena, reg, party), built_in, ARRAY_COUNT(built_in));
	struct statement *records =
		statement_new(comparison, sql_records_of(world->arena, reg, party), built_in, ARRAY_COUNT(built_in));

	compare_begin(comparison, arena_printf(world->arena, "%s, the party %s", reg->name, party->name));
	for (size_t i = 0; i < RECORDS_ASKED; i++) {
		struct value record = some_id(world, reg);
		struct value who = some_party(world);

		compare_ask(comparison, parties, &record);
		compare_ask(comparison, records, &who);
	}
	compare_end(comparison);
}

static void
compare_fields(struct comparison *comparison, const struct reg *reg)
{
	struct arena *arena = comparison->world->arena;

	for (size_t i = 0; i < reg->field_count; i++) {
		const struct field *field = &reg->fields[i];

		if (field->check != NULL)
			compare_text(comparison, arena_printf(arena, "%s.%s, check", reg->name, field->name), reg, NULL,
				     sql_checks(arena, reg, &field->check, 1));
		if (field->default_value != NULL)
			compare_text(comparison, arena_printf(arena, "%s.%s, default", reg->name, field->name), reg,
				     NULL, sql_values(arena, reg, false, &field->default_value, 1));
	}
}

static void
compare_reg(struct comparison *comparison, const struct reg *reg)
{
	struct arena *arena = comparison->world->arena;

	compare_fields(comparison, reg);
	for (size_t i = 0; i < reg->party_count; i++)
		compare_party(comparison, reg, &reg->parties[i]);
	if (reg->territory != NULL)
		compare_text(comparison, arena_printf(arena, "%s, territory", reg->name), reg, NULL,
			     sql_values(arena, reg, true, &reg->territory, 1));
	if (reg->label != NULL)
		compare_text(comparison, arena_printf(arena, "%s, label", reg->name), reg, NULL,
			     sql_values(arena, reg, true, &reg->label, 1));
	compare_text(comparison, arena_printf(arena, "%s, load", reg->name), reg, NULL,
		     arena_printf(arena, "select * from \"%s\" where id = $record", reg->name));
	if (reg->search != NULL && reg->search->place != NULL)
		compare_text(comparison, arena_printf(arena, "%s, search, streets", reg->name), reg, NULL,
			     arena_printf(arena, "%s order by 1, 2", sql_streets(arena, reg)));
	for (size_t i = 0; i < reg->reveal_count; i++)
		compare_text(comparison, arena_printf(arena, "%s, reveals %s", reg->name, reg->reveals[i].name), reg,
			     NULL, sql_reveal(arena, &reg->reveals[i]));
	for (size_t i = 0; i < reg->action_count; i++)
		compare_action(comparison, &reg->actions[i]);
}

/* The row of a record, or all NULL where there is none: what the engine binds as old and new. */
static void
load_image(struct world *world, const struct reg *reg, int64_t id, struct value *values)
{
	AUTO(query_free) struct query *query = db_query(world->sqlite, sql_load(world->arena, reg));

	bind_integer(query, 1, id);
	bool found = query_one(query) == OK;

	for (size_t i = 0; i < reg->column_count; i++)
		values[i] = found ? column_value(query, (int)i, world->arena) : value_null();
}

static void
compare_wake(struct comparison *comparison, const char *subject, const struct wake *wake)
{
	struct world *world = comparison->world;
	const struct reg *reg = wake->reg;
	size_t known_count = 2 * reg->column_count;
	struct sql_parameter *known = arena_array_of(world->arena, struct sql_parameter, known_count);
	struct value *images = arena_array_of(world->arena, struct value, known_count);

	for (size_t i = 0; i < reg->column_count; i++) {
		const char *column = reg->columns[i].name;

		known[i] = (struct sql_parameter){ arena_printf(world->arena, "old_%s", column), reg->columns[i].kind };
		known[reg->column_count + i] =
			(struct sql_parameter){ arena_printf(world->arena, "new_%s", column), reg->columns[i].kind };
	}
	struct statement *forms[2] = {
		statement_new(comparison, sql_wake(world->arena, wake), known, known_count),
		statement_new(comparison, sql_wakes_of_new(world->arena, &wake, 1), known, known_count),
	};

	compare_begin(comparison, subject);
	for (size_t n = 0; n < IMAGES_ASKED; n++) {
		bool is_new = n % 4 == 1;
		struct statement *statement = forms[is_new];
		struct value values[COMPARE_PARAMETERS_MAX];

		/* Every fourth time one image is missing: the record is new, or gone. */
		load_image(world, reg, is_new ? 0 : some_id(world, reg).integer, images);
		load_image(world, reg, n % 4 == 2 ? 0 : some_id(world, reg).integer, images + reg->column_count);
		for (size_t i = 0; i < statement->count; i++)
			for (size_t k = 0; k < known_count; k++)
				if (strcmp(known[k].name, statement->parameters[i].name) == 0)
					values[i] = images[k];
		compare_ask(comparison, statement, values);
	}
	compare_end(comparison);
}

/* All its rows, those of ranges, and those of single records, on several days. */
static void
compare_provision(struct comparison *comparison, const struct provision *provision, const struct reg *reg)
{
	struct world *world = comparison->world;
	struct statement *forms[3] = {
		statement_new(comparison, sql_provision_all(world->arena, provision), built_in, ARRAY_COUNT(built_in)),
		statement_new(comparison, sql_provision_range(world->arena, provision), built_in,
			      ARRAY_COUNT(built_in)),
		statement_new(comparison, sql_provision_one(world->arena, provision), built_in, ARRAY_COUNT(built_in)),
	};
	static const size_t times[3] = { 2, 4, RECORDS_ASKED / WORLD_DAYS };

	compare_begin(comparison, arena_printf(world->arena, "law %s", provision->name));
	for (size_t form = 0; form < ARRAY_COUNT(forms); form++) {
		for (size_t n = 0; n < times[form] * WORLD_DAYS; n++) {
			struct value values[COMPARE_PARAMETERS_MAX];
			int64_t today = world->days[n % WORLD_DAYS];
			int64_t first = world_id(reg, world_random(world, WORLD_ROWS));

			some_arguments(world, forms[form], reg, NULL, values);
			for (size_t i = 0; i < forms[form]->count; i++) {
				const char *name = forms[form]->parameters[i].name;
				if (strcmp(name, "today") == 0)
					values[i] = value_integer(today);
				else if (strcmp(name, "first") == 0)
					values[i] = value_integer(first);
				else if (strcmp(name, "behind") == 0)
					values[i] = value_integer(first + 100);
			}
			compare_ask(comparison, forms[form], values);
		}
	}
	compare_end(comparison);
	for (size_t i = 0; i < provision->wake_count; i++)
		compare_wake(comparison,
			     arena_printf(world->arena, "law %s, wakes by %s", provision->name,
					  provision->wakes[i].reg->name),
			     &provision->wakes[i]);
}

static void
compare_pack(struct comparison *comparison, const struct vetted_pack *vetted)
{
	const struct pack *pack = comparison->world->pack;

	for (size_t i = 0; i < pack->reg_count; i++)
		compare_reg(comparison, &pack->regs[i]);
	for (size_t i = 0; i < pack->view_count; i++)
		compare_text(comparison, arena_printf(comparison->world->arena, "the view %s", pack->views[i].name),
			     pack->views[i].reg, NULL, pack->views[i].select);
	for (size_t i = 0; i < pack->provision_count; i++)
		compare_provision(comparison, &pack->provisions[i], vetted->provisions[i].reg);
}

/* Days and counts with their borders: ends of time, instants, leap days, years' ends. */
static struct value
some_number(struct world *world)
{
	static const int64_t borders[] = { DAY_FIRST,
					   DAY_FIRST - 1,
					   DAY_FIRST + 1,
					   DAY_LAST,
					   DAY_LAST + 1,
					   DAY_LAST - 1,
					   DAY_BEFORE_ALL,
					   DAY_AFTER_ALL,
					   DAY_LIMIT,
					   DAY_LIMIT - 1,
					   DAY_LIMIT + 1,
					   INT64_MAX / 2,
					   INT64_MIN / 2,
					   0,
					   -1,
					   1,
					   -10000000,
					   120000,
					   -120001,
					   1700000000000,
					   99999999999999,
					   DAY_AFTER_ALL + 1 };
	uint64_t kind = world_random(world, 10);

	if (kind == 0)
		return value_null();
	if (kind <= 3)
		return value_integer(borders[world_random(world, ARRAY_COUNT(borders))]);
	if (kind <= 6)
		return value_integer((int64_t)world_random(world, 40) - 20);
	if (kind <= 8)
		return value_integer((int64_t)world_random(world, 60000) - 20000);
	return value_integer(day_from_civil(1996 + (int)world_random(world, 12), 2, 27) +
			     (int64_t)world_random(world, 4));
}

static void
compare_function(struct comparison *comparison, const char *sql, size_t times)
{
	static const struct sql_parameter known[] = { { "a", VALUE_INTEGER },
						      { "b", VALUE_INTEGER },
						      { "c", VALUE_INTEGER } };
	struct statement *statement = statement_new(comparison, sql, known, ARRAY_COUNT(known));

	compare_begin(comparison, sql);
	for (size_t n = 0; n < times; n++) {
		struct value values[COMPARE_PARAMETERS_MAX];

		for (size_t i = 0; i < statement->count; i++)
			values[i] = some_number(comparison->world);
		compare_ask(comparison, statement, values);
	}
	compare_end(comparison);
}

static void
compare_functions(struct comparison *comparison)
{
	compare_function(comparison, "select add_days($a, $b)", 4000);
	compare_function(comparison, "select add_months($a, $b)", 4000);
	compare_function(comparison, "select year_of($a)", 1000);
	compare_function(comparison, "select age($a, $b)", 4000);
	/* A count among the days makes long walks; few are enough. */
	compare_function(comparison, "select add_workdays($a, $b)", 40);
	compare_function(comparison, "select add_workdays($a, case when $b between -400 and 400 then $b else 3 end)",
			 400);
	compare_function(comparison, "select least($a, $b, $c), greatest($a, $b, $c), coalesce($a, $b, 7)", 1000);
	compare_function(comparison,
			 "select sum(t.x) / 2, min(t.x), max(t.x), count(t.x), count(*) from (select $a as x "
			 "union all select $b union all select $c) t where t.x between -50000 and 50000",
			 1000);
	compare_function(comparison, "select abs(least($a, 9)), $a / 7, ($a - 3) / -2, $a % 5 from (select 1 as one) t",
			 1000);
	compare_function(comparison,
			 "select $a > $b is true, ($a > $b) is not true, not ($a = $c), $a between $b and $c", 1000);
}

/* A check that cannot fail proves nothing: PostgreSQL prints this with more digits. */
static void
compare_planted(struct comparison *comparison)
{
	static const struct sql_parameter known[] = { { "a", VALUE_INTEGER } };
	struct statement *statement = statement_new(comparison, "select $a / 2.0", known, ARRAY_COUNT(known));
	struct value seven = value_integer(7);

	compare_begin(comparison, "a planted difference, which must show above");
	compare_ask(comparison, statement, &seven);
	comparison->differs = !comparison->differs;
	compare_end(comparison);
}

struct totals {
	size_t passed, failed;
};

static bool
compare_with(const char *directory, const struct pack *pack, const struct vetted_pack *vetted, PGconn *postgres,
	     uint64_t seed, struct totals *totals)
{
	AUTO(world_done) struct world world = { 0 };
	struct comparison comparison = { .world = &world };
	const char *base = strrchr(directory, '/');

	if (!world_make(&world, pack, postgres, seed))
		return false;
	comparison.pack_name = arena_printf(world.arena, "%s/%d", base == NULL ? directory : base + 1, (int)seed);
	compare_planted(&comparison);
	compare_pack(&comparison, vetted);
	if (pack_table(pack, "calendar") != NULL)
		compare_functions(&comparison);
	totals->passed += comparison.passed;
	totals->failed += comparison.failed;
	PQreset(postgres);
	return comparison.passed + comparison.failed > 0;
}

static void
show_faults(const struct pack_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		fprintf(stderr, "%s:%d: %s\n", report->faults[i].file, report->faults[i].line, report->faults[i].text);
}

static bool
compare_directory(const char *directory, PGconn *postgres, char **seeds, struct totals *totals)
{
	struct pack_report report = { 0 };
	AUTO(pack_free) struct pack *pack = NULL;
	AUTO(vetted_pack_free) struct vetted_pack *vetted = NULL;
	bool done = true;

	pack_report_init(&report);
	if (pack_load(directory, &report, &pack) != OK || vet_pack(pack, &report, &vetted) != OK) {
		show_faults(&report);
		done = false;
	}
	for (; done && *seeds != NULL; seeds++)
		done = compare_with(directory, pack, vetted, postgres, strtoull(*seeds, NULL, 10), totals);
	pack_report_done(&report);
	if (!done)
		printf("not ok %s could not be compared\n", directory);
	totals->failed += !done;
	return done;
}

int
main(int argument_count, char **arguments)
{
	static const char *const directories[] = { "packs/kz", "tests/packs/library", "tests/packs/examples" };
	static char first_seed[] = "1";
	char *one_seed[] = { first_seed, NULL };
	char **seeds = argument_count > 1 ? arguments + 1 : one_seed;
	struct totals totals = { 0 };
	PGconn *postgres = PQconnectdb("");

	if (PQstatus(postgres) != CONNECTION_OK) {
		fprintf(stderr, "PostgreSQL: %s", PQerrorMessage(postgres));
		PQfinish(postgres);
		return 1;
	}
	for (size_t i = 0; i < ARRAY_COUNT(directories); i++)
		compare_directory(directories[i], postgres, seeds, &totals);
	PQfinish(postgres);
	fprintf(stderr, "%zu passed, %zu failed\n", totals.passed, totals.failed);
	return totals.failed == 0 && totals.passed > 0 ? 0 : 1;
}
