/* What officials did has a row for each entry, and the running hour of an account is counted as it was, also after a
 * restart. */
#include "registry/official.h"
#include "registry/town.h"

enum { MINUTE_MS = 60 * 1000 };

/* precinct_officer of packs/kz may look up so many people an hour. */
static size_t
lookups_an_hour(struct town *t)
{
	return (size_t)pack_role(t->f->pack, "precinct_officer")->lookups_an_hour;
}

static enum error
look_at(struct town *t, const struct actor *actor, int64_t person, int64_t now, struct lookup **ret_lookup)
{
	struct lookup *lookup = arena_new_of(t->f->arena, struct lookup);

	*lookup = (struct lookup){ .registry = t->f->registry,
				   .arena = t->f->arena,
				   .actor = *actor,
				   .reg = pack_reg(t->f->pack, "person"),
				   .record = person,
				   .purpose = pack_purpose(t->f->pack, "inspection"),
				   .case_text = "I-1",
				   .now = now };
	problem_init(&lookup->problem, t->f->arena);
	if (ret_lookup != NULL)
		*ret_lookup = lookup;
	return lookup_run(lookup);
}

static void
reopen(struct town *t)
{
	registry_close(t->f->registry);
	fixture_connect(t->f);
}

static void
beyond_the_hourly_limit_nothing_is_shown_and_all_is_entered(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, t.host, "precinct_officer", TOWN_DISTRICT, 0);
	size_t limit = lookups_an_hour(&t);
	struct lookup *over = NULL;

	assert_true(limit > 0);
	for (size_t i = 0; i < limit; i++)
		must(look_at(&t, &officer, t.guest, t.f->now + (int64_t)i, NULL));
	int64_t entries = count_of(t.f, "SELECT count(*) FROM ledger_entry");

	assert_int_equal(look_at(&t, &officer, t.guest, t.f->now + MINUTE_MS, &over), ERR_LIMITED);
	assert_null(over->body);
	assert_int_equal(over->problem.items[0].message, MSG_HOURLY_LIMIT);
	assert_int_equal(atoi(over->problem.items[0].arguments[0]), 59 * 60 + 1);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM ledger_entry"), entries + 1);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use WHERE refused AND limited"), 1);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use WHERE limited"), 2);
	fixture_close(t.f);
}

static void
the_hour_runs_on_and_another_account_has_its_own(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, t.host, "precinct_officer", TOWN_DISTRICT, 0);
	struct actor other = actor_with(t.f, 72, t.owner, "precinct_officer", TOWN_DISTRICT, 0);
	size_t limit = lookups_an_hour(&t);

	for (size_t i = 0; i < limit; i++)
		must(look_at(&t, &officer, t.guest, t.f->now + (int64_t)i, NULL));
	assert_int_equal(look_at(&t, &officer, t.guest, t.f->now + 60 * MINUTE_MS - 1, NULL), ERR_LIMITED);
	must(look_at(&t, &other, t.guest, t.f->now + 60 * MINUTE_MS - 1, NULL));
	/* The first is an hour old: there is room for one, and no more. */
	must(look_at(&t, &officer, t.guest, t.f->now + 60 * MINUTE_MS, NULL));
	assert_int_equal(look_at(&t, &officer, t.guest, t.f->now + 60 * MINUTE_MS, NULL), ERR_LIMITED);
	fixture_close(t.f);
}

static void
a_restart_gives_nobody_a_fresh_hour(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, t.host, "precinct_officer", TOWN_DISTRICT, 0);
	size_t limit = lookups_an_hour(&t);
	int64_t begun = registry_now(t.f->registry);

	for (size_t i = 0; i < limit; i++)
		must(look_at(&t, &officer, t.guest, begun + (int64_t)i, NULL));
	/* Refused attempts make no wait longer, neither now nor after the restart. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(look_at(&t, &officer, t.guest, begun + 30 * MINUTE_MS + i, NULL), ERR_LIMITED);
	reopen(&t);
	assert_int_equal(look_at(&t, &officer, t.guest, begun + 31 * MINUTE_MS, NULL), ERR_LIMITED);
	must(look_at(&t, &officer, t.guest, begun + 60 * MINUTE_MS + (int64_t)limit, NULL));
	fixture_close(t.f);
}

static void
an_act_of_an_official_about_a_person_is_a_use_and_one_of_a_party_is_none(void **state)
{
	struct town t = town_open();
	int64_t before = count_of(t.f, "SELECT count(*) FROM official_use");

	ok_act(t.f, &t.host_actor, "stay", "declare", 0, town_stay(&t, t.guest, "2026-10-20", "2027-04-20"));
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use"), before);
	ok_act(t.f, &t.clerk, "person", "update_contact", t.guest, "{\"phone\":\"+77010000000\"}");
	assert_int_equal(count_of(t.f, text(t.f,
					    "SELECT count(*) FROM official_use WHERE kind = 'act' AND person = %lld "
					    "AND account = 21 AND role = 'clerk' AND reg = 'person'",
					    (long long)t.guest)),
			 1);
	/* The console makes demonstrations and imports: it holds no office. */
	ok_act(t.f, &t.console, "person", "update_contact", t.guest, "{\"phone\":\"+77010000001\"}");
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use"), before + 1);
	fixture_close(t.f);
}

static void
a_use_says_from_when_the_person_sees_it(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, t.host, "precinct_officer", TOWN_DISTRICT, 0);
	struct lookup *lookup = arena_new_of(t.f->arena, struct lookup);

	must(look_at(&t, &officer, t.guest, t.f->now, &lookup));
	lookup->purpose = pack_purpose(t.f->pack, "inquiry");
	assert_true(lookup->purpose->defer_ms > 0);
	must(lookup_run(lookup));
	assert_int_equal(count_of(t.f, "SELECT min(shown_at - at) FROM official_use"), 0);
	assert_int_equal(count_of(t.f, "SELECT max(shown_at - at) FROM official_use"), lookup->purpose->defer_ms);
	/* Two draws of one number are once in two thousand million. */
	assert_int_equal(count_of(t.f, "SELECT count(DISTINCT lot) FROM official_use"), 2);
	fixture_close(t.f);
}

static enum error
run_rewrite(struct job *job, struct db *db)
{
	return db_execute(db, "UPDATE official_use SET person = 0");
}

static void
no_row_can_be_rewritten(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, t.host, "precinct_officer", TOWN_DISTRICT, 0);
	struct job job = { .run = run_rewrite };

	must(look_at(&t, &officer, t.guest, t.f->now, NULL));
	assert_int_equal(writer_run(registry_writer(t.f->registry), &job), ERR_FORBIDDEN);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use WHERE person > 0"), 1);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beyond_the_hourly_limit_nothing_is_shown_and_all_is_entered),
		cmocka_unit_test(the_hour_runs_on_and_another_account_has_its_own),
		cmocka_unit_test(a_restart_gives_nobody_a_fresh_hour),
		cmocka_unit_test(an_act_of_an_official_about_a_person_is_a_use_and_one_of_a_party_is_none),
		cmocka_unit_test(a_use_says_from_when_the_person_sees_it),
		cmocka_unit_test(no_row_can_be_rewritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
