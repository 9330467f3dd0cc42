/* Incremental equals full: after thousands of random actions, answers, days that pass and provisions that begin
 * and end, evaluating all of law anew finds nothing to open, close or change, and replaying the ledger gives the very
 * registers there are. For every pack of the tree; the
 * generator knows types, not names. TIRKEU_SEED and TIRKEU_ACTS repeat or lengthen a run. */
#include "registry/replay_testing.h"
#include "text/number.h"

enum { ACTS = 6000, ROUND = 300, POOL_MAX = 4000 };

struct world {
	struct fixture *f;
	uint64_t random;
	struct actor console;
	int64_t *pools[64];
	size_t pool_counts[64];
	uint64_t done, refused, other, differences;
};

static uint64_t
draw(struct world *w, uint64_t below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return below == 0 ? 0 : w->random % below;
}

static void
refresh_pools(struct world *w)
{
	struct db *db = NULL;

	must(registry_reader(w->f->registry, &db));
	for (size_t i = 0; i < w->f->pack->reg_count; i++) {
		struct query *query = db_query(
			db, text(w->f, "SELECT id FROM \"%s\" ORDER BY id DESC LIMIT 400", w->f->pack->regs[i].name));

		w->pool_counts[i] = 0;
		while (w->pool_counts[i] < POOL_MAX && query_step(query) == OK)
			w->pools[i][w->pool_counts[i]++] = column_integer(query, 0);
		query_free(query);
	}
	db_close(db);
}

static int64_t
draw_record(struct world *w, const struct reg *reg)
{
	size_t count = w->pool_counts[reg->index];

	return count == 0 ? 0 : w->pools[reg->index][draw(w, count)];
}

static struct input random_input(struct world *w, const struct field *field);

static struct input
random_rows(struct world *w, const struct field *list)
{
	struct input input = { .kind = INPUT_LIST, .row_count = draw(w, 4) };
	struct input *rows = arena_array_of(w->f->arena, struct input, input.row_count * list->item_count + 1);

	for (size_t i = 0; i < input.row_count * list->item_count; i++)
		rows[i] = random_input(w, &list->items[i % list->item_count]);
	input.rows = rows;
	return input;
}

static struct value
random_text(struct world *w, const struct field *field)
{
	static const char *const words[] = { "ash", "birch", "cedar", "Қайың", "терек", "elm", "7", "12A" };

	if (field->type == FIELD_COUNTRY)
		return value_text(draw(w, 2) == 0 ? "KZ" : "UZ");
	if (field->type == FIELD_DOCUMENT)
		return value_text(text(w->f, "UZB:AA%07d", (int)draw(w, 9999999)));
	return value_text(text(w->f, "%s %d", words[draw(w, ARRAY_COUNT(words))], (int)draw(w, 50)));
}

static int64_t
random_number(struct world *w, const struct field *field)
{
	int64_t today = registry_today(w->f->registry, w->f->now);

	switch (field->type) {
	case FIELD_DAY:
		/* Mostly about now, sometimes long ago, as birth days are. */
		return draw(w, 3) == 0 ? today - (int64_t)draw(w, 25000) : today + (int64_t)draw(w, 500) - 250;
	case FIELD_INSTANT:
		return w->f->now + ((int64_t)draw(w, 500) - 100) * 3600000;
	case FIELD_PLACE:
		return w->f->pack->places[draw(w, w->f->pack->place_count)].id;
	case FIELD_REF:
		return draw_record(w, field->to[draw(w, field->to_count)]);
	case FIELD_IIN:
	case FIELD_BIN:
		return (int64_t)draw(w, 100000) * 10000000 + 1;
	default:
		return field->has_min && field->has_max
			       ? field->min + (int64_t)draw(w, (uint64_t)(field->max - field->min + 1))
			       : (int64_t)draw(w, 3000);
	}
}

static struct input
random_input(struct world *w, const struct field *field)
{
	struct input input = { .kind = INPUT_VALUE, .value_count = 1 };

	if (field->type == FIELD_LIST)
		return random_rows(w, field);
	if (field->type == FIELD_NUMBER || field->type == FIELD_FILE || (!field->required && draw(w, 3) == 0))
		return (struct input){ .kind = INPUT_ABSENT };
	if (field->type == FIELD_CHOICE) {
		size_t rank = draw(w, field->choice_count);

		input.values[0] = value_text(field->choices[rank]);
		input.values[1] = value_integer((int64_t)rank + 1);
		input.value_count = field->ranked ? 2 : 1;
	} else if (field->type == FIELD_BOOLEAN) {
		input.values[0] = value_boolean(draw(w, 2) != 0);
	} else if (field->type == FIELD_POINT) {
		input.values[0] = value_integer(432500000);
		input.values[1] = value_integer(769000000);
		input.value_count = 2;
	} else if (field->type == FIELD_TEXT || field->type == FIELD_NAME || field->type == FIELD_PHONE ||
		   field->type == FIELD_EMAIL || field->type == FIELD_COUNTRY || field->type == FIELD_DOCUMENT) {
		input.values[0] = random_text(w, field);
	} else {
		int64_t number = random_number(w, field);

		if (field->type == FIELD_REF && number == 0)
			return (struct input){ .kind = INPUT_ABSENT };
		input.values[0] = value_integer(number);
	}
	return input;
}

static int64_t
draw_party(struct world *w)
{
	for (int tries = 0; tries < 20; tries++) {
		const struct reg *reg = &w->f->pack->regs[draw(w, w->f->pack->reg_count)];

		if (reg->is_party)
			return draw_record(w, reg);
	}
	return 0;
}

static void
count_result(struct world *w, enum error e)
{
	w->done += e == OK;
	w->refused += e == ERR_REFUSED;
	w->other += e != OK && e != ERR_REFUSED;
	/* Whatever comes, it is an answer, never a fault. */
	assert_true(error_http(e) < 500);
}

/* false: nothing is there yet for what was drawn. */
static bool
random_act(struct world *w)
{
	const struct reg *reg = &w->f->pack->regs[draw(w, w->f->pack->reg_count)];
	const struct action *action = &reg->actions[draw(w, reg->action_count)];
	AUTO(arena_free) struct arena *arena = arena_new();
	struct act act;

	if (action->by_count == 0 && draw(w, 4) != 0)
		return false;
	act_init(&act, w->f->registry, arena, w->f->now);
	act.actor = w->console;
	act.reg = reg;
	act.action = action;
	act.on_behalf = draw_party(w);
	act.record = action->new_state != NULL ? 0 : draw_record(w, reg);
	if (action->new_state == NULL && act.record == 0)
		return false;
	struct input *inputs = arena_array_of(arena, struct input, action->arg_count + 1);

	for (size_t i = 0; i < action->arg_count; i++)
		inputs[i] = random_input(w, &action->args[i]);
	act.inputs = inputs;
	count_result(w, act_run(&act));
	return true;
}

/* Somebody who was asked agrees, mostly, at the counter. */
static void
random_answer(struct world *w)
{
	struct db *db = NULL;
	int64_t record = 0, party = 0;

	must(registry_reader(w->f->registry, &db));
	struct query *query = db_query(
		db, "SELECT a.record, p.party FROM sys_ask_party p JOIN sys_ask a ON a.id = p.ask"
		    " WHERE p.answer IS NULL AND a.outcome IS NULL AND p.party > 0 ORDER BY p.id DESC LIMIT 40");
	uint64_t skip = draw(w, 40);

	while (query_step(query) == OK && skip-- > 0) {
		record = column_integer(query, 0);
		party = column_integer(query, 1);
	}
	query_free(query);
	db_close(db);
	if (record == 0)
		return;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct act act;

	act_init(&act, w->f->registry, arena, w->f->now);
	act.actor = w->console;
	act.kind = draw(w, 5) == 0 ? ACT_REFUSE : ACT_AGREE;
	act.way = ANSWER_COUNTER;
	act.answer_for = party;
	act.paper = "17";
	act.record = record;
	act.reason = "not so";
	count_result(w, act_run(&act));
}

/* Some provisions begin, others end while the world runs. */
static void
change_law(struct world *w)
{
	int64_t today = registry_today(w->f->registry, w->f->now);

	for (size_t i = 0; i < w->f->pack->provision_count; i++) {
		const struct provision *provision = &w->f->pack->provisions[i];
		struct day_range *range = (struct day_range *)(uintptr_t)&provision->in_force[0];

		if (provision->kind == PROVISION_FORBID || i % 3 == 0)
			continue;
		if (i % 3 == 1)
			range->from = today + 40 + (int64_t)draw(w, 60);
		else
			range->until = today + 60 + (int64_t)draw(w, 100);
	}
}

static bool
is_this(const struct provision *provision, void *context)
{
	return provision == context;
}

static void
expect_same(struct world *w)
{
	for (size_t i = 0; i < w->f->pack->provision_count; i++) {
		const struct provision *provision = &w->f->pack->provisions[i];
		struct law_totals totals = { 0 };

		must(law_evaluate_some(w->f->registry, w->f->now, is_this, (void *)(uintptr_t)provision, &totals));
		if (totals.opened + totals.closed + totals.changed > 0)
			fprintf(stderr, "%s: opened %llu closed %llu changed %llu kept %llu\n", provision->name,
				(unsigned long long)totals.opened, (unsigned long long)totals.closed,
				(unsigned long long)totals.changed, (unsigned long long)totals.kept);
		w->differences += totals.opened + totals.closed + totals.changed;
	}
	assert_int_equal(w->differences, 0);
}

static uint64_t
setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void
run_world(const char *pack)
{
	struct world w = { .f = fixture_open(pack), .random = setting("TIRKEU_SEED", 88172645463325252) };
	uint64_t acts = setting("TIRKEU_ACTS", ACTS), runs = 0;

	actor_console(&w.console);
	for (size_t i = 0; i < ARRAY_COUNT(w.pools); i++)
		w.pools[i] = arena_array_of(w.f->arena, int64_t, POOL_MAX);
	must(clock_run(w.f->registry, w.f->now, &runs));
	change_law(&w);
	for (uint64_t i = 1; i <= acts; i++) {
		if (draw(&w, 4) == 0)
			random_answer(&w);
		else
			for (int tries = 0; tries < 8 && !random_act(&w); tries++)
				;
		if (i % 25 == 0)
			refresh_pools(&w);
		if (i % ROUND == 0) {
			expect_same(&w);
			w.f->now += (int64_t)draw(&w, 30) * DAY_MS + 3600000;
			must(clock_run(w.f->registry, w.f->now, &runs));
			expect_same(&w);
		}
	}
	printf("%s: %llu done, %llu refused by law, %llu otherwise, %lld findings ever\n", w.f->pack->name,
	       (unsigned long long)w.done, (unsigned long long)w.refused, (unsigned long long)w.other,
	       (long long)count_of(w.f, "SELECT count(*) FROM sys_finding"));
	assert_replays(w.f);
	assert_int_equal(check_uses(w.f).wrong, 0);
	/* A world in which nothing happens proves nothing. */
	assert_true(w.done > acts / 20);
	assert_true(count_of(w.f, "SELECT count(*) FROM sys_finding") > 0);
	fixture_close(w.f);
}

static void
incremental_equals_full_for_the_library(void **state)
{
	run_world("tests/packs/library");
}

static void
incremental_equals_full_for_the_examples(void **state)
{
	run_world("tests/packs/examples");
}

static void
incremental_equals_full_for_kazakhstan(void **state)
{
	run_world("packs/kz");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(incremental_equals_full_for_the_library),
		cmocka_unit_test(incremental_equals_full_for_the_examples),
		cmocka_unit_test(incremental_equals_full_for_kazakhstan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
