/* The examples of the pack language at work: a weapon's sale between two parties, a permit's term, a dealer's monthly
 * report, threat levels down the places, a plan that opens tasks. */
#include "registry/fixture.h"
#include "text/number.h"

struct world {
	struct fixture *f;
	struct actor console, licensing, dealer, buyer;
	int64_t shop, person;
	int people;
};

static int64_t
add_person(struct world *w, const char *family, const char *birth_day)
{
	int64_t iin = -1;
	char printed[16];

	while (iin < 0)
		iin = iin_complete(INT64_C(900101100000) + 10 * (int64_t)w->people++);
	return ok_act(w->f, &w->console, "person", "register", 0,
		      text(w->f,
			   "{\"iin\":\"%s\",\"family_name\":\"%s\",\"given_name\":\"Anna\",\"birth_day\":\"%s\","
			   "\"language\":\"en\"}",
			   iin_print(iin, printed), family, birth_day));
}

static struct world
open_world(void)
{
	struct world w = { .f = fixture_open("tests/packs/examples") };
	int64_t bin = -1;

	actor_console(&w.console);
	w.licensing = actor_with(w.f, 11, 0, "licensing", "750000000", 0);
	for (int i = 0; bin < 0; i++)
		bin = iin_complete(INT64_C(150140000000) + 10 * i);
	w.shop =
		ok_act(w.f, &w.licensing, "dealer", "license", 0,
		       text(w.f, "{\"name\":\"Arms House\",\"bin\":\"%lld\",\"place\":\"751710000\"}", (long long)bin));
	w.dealer = actor_with(w.f, 12, 0, "dealer", NULL, w.shop);
	w.person = add_person(&w, "Omarov", "1890-01-01");
	w.buyer = actor_with(w.f, 13, w.person, "resident", NULL, 0);
	return w;
}

static int64_t
stock(struct world *w, int serial)
{
	return ok_act(w->f, &w->dealer, "weapon", "stock", 0,
		      text(w->f, "{\"make\":\"Saiga\",\"serial\":\"AB%04d\",\"category\":\"smooth\"}", serial));
}

static int64_t
permit(struct world *w, const struct actor *owner)
{
	int64_t permit =
		ok_act(w->f, owner, "permit", "apply", 0,
		       text(w->f, "{\"owner\":\"%s\",\"category\":\"smooth\"}", ref(w->f, "person", owner->party)));

	ok_act(w->f, &w->licensing, "permit", "grant", permit, "{}");
	return permit;
}

static enum error
sell(struct world *w, const struct actor *seller, int64_t weapon, int64_t buyer, int64_t paper, struct act **ret_act)
{
	return do_act(w->f, seller, "weapon", "sell", weapon,
		      text(w->f, "{\"buyer\":\"%s\",\"permit\":\"%s\"}", ref(w->f, "person", buyer),
			   ref(w->f, "permit", paper)),
		      ret_act);
}

static enum error
answer(struct world *w, const struct actor *actor, enum act_kind kind, const char *reg, int64_t record)
{
	struct act *act = arena_new_of(w->f->arena, struct act);

	act_init(act, w->f->registry, w->f->arena, w->f->now);
	act->actor = *actor;
	act->kind = kind;
	act->reg = pack_reg(w->f->pack, reg);
	act->record = record;
	return act_run(act);
}

static void
buy(struct world *w, int serial)
{
	int64_t weapon = stock(w, serial);

	must(sell(w, &w->dealer, weapon, w->person, permit(w, &w->buyer), NULL));
	must(answer(w, &w->buyer, ACT_AGREE, "weapon", weapon));
}

static void
tick(struct world *w, int64_t ms)
{
	uint64_t runs = 0;

	w->f->now += ms;
	must(clock_run(w->f->registry, w->f->now, &runs));
}

static void
a_weapon_changes_hands_when_the_buyer_agrees_and_the_chain_is_kept(void **state)
{
	struct world w = open_world();
	int64_t weapon = stock(&w, 1), paper = permit(&w, &w.buyer);
	struct act *act = NULL;

	assert_int_equal(count_of(w.f, "SELECT holder FROM weapon"), w.shop);
	assert_int_equal(sell(&w, &w.buyer, weapon, w.person, paper, NULL), ERR_FORBIDDEN);
	must(sell(&w, &w.dealer, weapon, w.person, paper, &act));
	assert_true(act->waiting);
	assert_string_equal(state_of(w.f, "weapon", weapon), "in_stock");
	must(answer(&w, &w.buyer, ACT_AGREE, "weapon", weapon));
	assert_string_equal(state_of(w.f, "weapon", weapon), "awaiting");
	assert_string_equal(state_of(w.f, "permit", paper), "used");
	assert_int_equal(count_of(w.f, "SELECT holder FROM weapon"), w.person);
	assert_int_equal(count_of(w.f, "SELECT seller FROM sale"), w.shop);
	ok_act(w.f, &w.licensing, "weapon", "register", weapon, "{}");
	int64_t heir = add_person(&w, "Omarova", "1895-01-01");
	struct actor next = actor_with(w.f, 14, heir, "resident", NULL, 0);

	must(sell(&w, &w.buyer, weapon, heir, permit(&w, &next), NULL));
	must(answer(&w, &next, ACT_AGREE, "weapon", weapon));
	/* Dealer, first buyer, second buyer: each holder stands in the past or the present. */
	assert_int_equal(
		count_of(w.f, text(w.f, "SELECT count(*) FROM weapon_past WHERE holder = %lld", (long long)w.shop)), 1);
	assert_int_equal(
		count_of(w.f, text(w.f, "SELECT count(*) FROM weapon_past WHERE holder = %lld", (long long)w.person)),
		2);
	assert_int_equal(count_of(w.f, "SELECT holder FROM weapon"), heir);
	fixture_close(w.f);
}

static void
the_cap_is_checked_at_the_moment_of_agreement(void **state)
{
	struct world w = open_world();
	int64_t third = stock(&w, 3), paper = permit(&w, &w.buyer);

	/* When the third was offered the buyer had none; two more are bought before the answer. */
	must(sell(&w, &w.dealer, third, w.person, paper, NULL));
	buy(&w, 1);
	buy(&w, 2);
	struct act *act = arena_new_of(w.f->arena, struct act);

	act_init(act, w.f->registry, w.f->arena, w.f->now);
	act->actor = w.buyer;
	act->kind = ACT_AGREE;
	act->reg = pack_reg(w.f->pack, "weapon");
	act->record = third;
	assert_int_equal(act_run(act), ERR_REFUSED);
	const struct refusal *refusal = act->problem.refusal;

	assert_string_equal(refusal->provision->name, "law-339-i/cap");
	assert_string_equal(state_of(w.f, "weapon", third), "in_stock");
	assert_string_equal(state_of(w.f, "permit", paper), "granted");
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM sale"), 2);
	/* It is offered still: the answer was undone with what it would have caused. */
	assert_int_equal(answer(&w, &w.buyer, ACT_REFUSE, "weapon", third), OK);
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM sys_ask WHERE outcome = 'refused'"), 1);
	fixture_close(w.f);
}

static void
silence_ends_an_offer(void **state)
{
	struct world w = open_world();
	int64_t weapon = stock(&w, 1), paper = permit(&w, &w.buyer);

	must(sell(&w, &w.dealer, weapon, w.person, paper, NULL));
	assert_int_equal(sell(&w, &w.dealer, weapon, w.person, paper, NULL), ERR_CONFLICT);
	tick(&w, INT64_C(3) * DAY_MS);
	/* No longer asked, the buyer is no party of the weapon: what became of it is not theirs to know. */
	assert_int_equal(answer(&w, &w.buyer, ACT_AGREE, "weapon", weapon), ERR_FORBIDDEN);
	must(sell(&w, &w.dealer, weapon, w.person, paper, NULL));
	fixture_close(w.f);
}

static void
a_permit_is_suspended_by_the_clock_and_a_repaired_one_is_not(void **state)
{
	struct world w = open_world();
	int64_t lax = permit(&w, &w.buyer), careful = permit(&w, &w.buyer);

	ok_act(w.f, &w.licensing, "permit", "warn", lax, "{\"reason\":\"no safe\"}");
	ok_act(w.f, &w.licensing, "permit", "warn", careful, "{\"reason\":\"no safe\"}");
	tick(&w, INT64_C(20) * DAY_MS);
	ok_act(w.f, &w.licensing, "permit", "repair", careful, "{}");
	tick(&w, INT64_C(10) * DAY_MS);
	assert_string_equal(state_of(w.f, "permit", lax), "warned");
	tick(&w, DAY_MS);
	assert_string_equal(state_of(w.f, "permit", lax), "suspended");
	assert_string_equal(state_of(w.f, "permit", careful), "granted");
	tick(&w, INT64_C(90) * DAY_MS);
	assert_string_equal(state_of(w.f, "permit", lax), "ended");
	assert_string_equal(state_of(w.f, "permit", careful), "ended");
	fixture_close(w.f);
}

static void
a_report_is_expected_each_month_and_a_second_run_is_harmless(void **state)
{
	struct world w = open_world();

	tick(&w, 0);
	tick(&w, INT64_C(40) * DAY_MS);
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM dealer_report"), 2);
	/* As after a crash between the border and its note. */
	struct db *db = NULL;
	uint64_t runs = 0;

	registry_close(w.f->registry);
	must(db_open(w.f->path, DB_WRITE, &db));
	must(db_execute(db, "UPDATE meta SET value = '20757' WHERE key = 'clock_day'"));
	db_close(db);
	fixture_connect(w.f);
	must(clock_run(w.f->registry, w.f->now, &runs));
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM dealer_report"), 2);
	/* Nobody filed in November: the fifth working day has passed. */
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM dealer_report WHERE state = 'late'"), 1);
	int64_t late = count_of(w.f, "SELECT id FROM dealer_report WHERE state = 'late'");

	ok_act(w.f, &w.dealer, "dealer_report", "file", late, "{\"sold\":3,\"received\":1}");
	assert_string_equal(state_of(w.f, "dealer_report", late), "filed");
	fixture_close(w.f);
}

static const char *
level_now(struct world *w)
{
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct actor nobody = { .language = LANGUAGE_EN };
	struct db *db = NULL;

	must(registry_reader(w->f->registry, &db));
	must(read_view(w->f->registry, db, w->f->arena, &nobody, pack_view(w->f->pack, "level_now"), w->f->now, &json));
	const char *rows = arena_text(w->f->arena, out.text);

	strbuf_done(&out);
	db_close(db);
	return rows;
}

static void
a_threat_level_holds_below_its_place_when_the_akim_agrees(void **state)
{
	struct world w = open_world();
	struct actor head = actor_with(w.f, 21, 0, "security_head", "750000000", 0);
	struct actor akim = actor_with(w.f, 22, 0, "akim", "750000000", 0);
	struct actor far = actor_with(w.f, 23, 0, "akim", "150000000", 0);
	struct actor chair = actor_with(w.f, 24, 0, "chair", NULL, 0);
	int64_t level = ok_act(w.f, &head, "threat_level", "set", 0, "{\"place\":\"750000000\",\"level\":\"orange\"}");

	assert_string_equal(state_of(w.f, "threat_level", level), "pending");
	assert_null(strstr(level_now(&w), "751710000"));
	assert_int_equal(answer(&w, &far, ACT_AGREE, "threat_level", level), ERR_FORBIDDEN);
	must(answer(&w, &akim, ACT_AGREE, "threat_level", level));
	assert_string_equal(state_of(w.f, "threat_level", level), "active");
	assert_non_null(strstr(level_now(&w), "[\"751710000\",2]"));
	assert_null(strstr(level_now(&w), "151010000"));
	ok_act(w.f, &chair, "threat_level", "set_red", 0,
	       "{\"place\":\"751210000\",\"until\":\"2026-10-28T12:00:00+05:00\"}");
	assert_non_null(strstr(level_now(&w), "[\"751210000\",3]"));
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM threat_level WHERE level_rank = 3"), 1);
	ok_act(w.f, &chair, "threat_level", "carve", level, "{\"except\":[{\"place\":\"751710000\"}]}");
	assert_null(strstr(level_now(&w), "751710000"));
	tick(&w, INT64_C(3) * DAY_MS);
	assert_non_null(strstr(level_now(&w), "[\"751210000\",2]"));
	fixture_close(w.f);
}

static int64_t
adopt_plan(struct world *w)
{
	struct actor chief = actor_with(w->f, 31, 0, "duty_chief", "750000000", 0);
	struct actor other = actor_with(w->f, 32, 0, "duty_chief", "750000000", 0);
	int64_t plan = ok_act(w->f, &chief, "plan", "adopt", 0,
			      "{\"place\":\"751710000\",\"level\":\"orange\",\"steps\":["
			      "{\"role\":\"fire_post\",\"what\":\"Man the pumps\",\"minutes\":30},"
			      "{\"role\":\"police_post\",\"what\":\"Close the road\",\"minutes\":10},"
			      "{\"after\":1,\"role\":\"fire_post\",\"what\":\"Report\",\"minutes\":60}]}");

	assert_string_equal(state_of(w->f, "plan", plan), "pending");
	assert_int_equal(answer(w, &chief, ACT_AGREE, "plan", plan), ERR_FORBIDDEN);
	must(answer(w, &other, ACT_AGREE, "plan", plan));
	assert_string_equal(state_of(w->f, "plan", plan), "adopted");
	return plan;
}

static void
a_level_activates_its_plan_whose_tasks_follow_one_another(void **state)
{
	struct world w = open_world();
	struct actor head = actor_with(w.f, 21, 0, "security_head", "750000000", 0);
	struct actor akim = actor_with(w.f, 22, 0, "akim", "750000000", 0);
	struct actor fire = actor_with(w.f, 23, 0, "fire_post", "751710000", 0);
	struct actor police = actor_with(w.f, 24, 0, "police_post", "751710000", 0);

	adopt_plan(&w);
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM plan_steps"), 3);
	int64_t level = ok_act(w.f, &head, "threat_level", "set", 0, "{\"place\":\"750000000\",\"level\":\"orange\"}");

	must(answer(&w, &akim, ACT_AGREE, "threat_level", level));
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM task"), 0);
	tick(&w, 0);
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM task WHERE state = 'open'"), 2);
	int64_t first = count_of(w.f, "SELECT id FROM task WHERE nr = 1");

	/* `@.role`: the role that the task names, nobody else. */
	assert_int_equal(do_act(w.f, &police, "task", "done", first, "{}", NULL), ERR_FORBIDDEN);
	ok_act(w.f, &fire, "task", "done", first, "{}");
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM task WHERE nr = 3 AND state = 'open'"), 1);
	tick(&w, INT64_C(11) * 60000);
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM task WHERE nr = 2 AND state = 'late'"), 1);
	assert_int_equal(count_of(w.f, "SELECT count(*) FROM activation WHERE exercise"), 0);
	fixture_close(w.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_weapon_changes_hands_when_the_buyer_agrees_and_the_chain_is_kept),
		cmocka_unit_test(the_cap_is_checked_at_the_moment_of_agreement),
		cmocka_unit_test(silence_ends_an_offer),
		cmocka_unit_test(a_permit_is_suspended_by_the_clock_and_a_repaired_one_is_not),
		cmocka_unit_test(a_report_is_expected_each_month_and_a_second_run_is_harmless),
		cmocka_unit_test(a_threat_level_holds_below_its_place_when_the_akim_agrees),
		cmocka_unit_test(a_level_activates_its_plan_whose_tasks_follow_one_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
