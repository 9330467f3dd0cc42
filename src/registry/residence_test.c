/* The law of residence at work: what is refused with its article, what is found, what it would cost. */
#include "registry/outbox.h"
#include "registry/town.h"

static enum error
declare_at(struct town *t, int64_t flat, const char *reg, int64_t host, int64_t guest, const char *arrived,
	   const char *leaves, struct act **ret_act)
{
	return do_act(t->f, &t->clerk, "stay", "declare", 0,
		      text(t->f,
			   "{\"guest\":\"%s\",\"dwelling\":\"%s\",\"host\":\"%s\",\"purpose\":\"tenancy\",\"arrived\":"
			   "\"%s\",\"leaves\":\"%s\"}",
			   ref(t->f, "person", guest), ref(t->f, "dwelling", flat), ref(t->f, reg, host), arrived,
			   leaves),
		      ret_act);
}

static void
must_be_refused(struct town *t, enum error e, const struct act *act, const char *provision)
{
	assert_int_equal(e, ERR_REFUSED);
	const struct refusal *refusal = act->problem.refusal;

	assert_non_null(refusal);
	assert_string_equal(refusal->provision->name, provision);
	assert_true(strlen(act->problem.items[0].arguments[0]) > 0);
}

/* The open finding of a provision; the caller's to look at. */
static bool
find(struct town *t, const char *provision, struct finding *ret_finding)
{
	struct db *db = NULL;

	must(registry_reader(t->f->registry, &db));
	struct query *query = db_query(db, "SELECT f.id FROM sys_finding f JOIN sys_provision v ON v.id = f.provision"
					   " WHERE v.name = $1 AND f.closed_at IS NULL ORDER BY f.id DESC");

	bind_text(query, 1, provision);
	enum error e = query_one(query);

	if (e == OK)
		must(finding_load(t->f->registry, db, t->f->arena, column_integer(query, 0), ret_finding));
	query_free(query);
	db_close(db);
	return e == OK;
}

static const char *
explain(struct town *t, const struct finding *finding)
{
	struct strbuf out = { 0 };
	struct json json = { .out = &out };

	finding_print(t->f->registry, finding, LANGUAGE_EN, true, &json);
	const char *explained = arena_text(t->f->arena, out.text);

	strbuf_done(&out);
	return explained;
}

static void
twelve_months_are_the_most(void **state)
{
	struct town t = town_open();
	struct act *act = NULL;
	int64_t entries = count_of(t.f, "SELECT count(*) FROM ledger_entry");
	enum error e = do_act(t.f, &t.host_actor, "stay", "declare", 0,
			      town_stay(&t, t.guest, "2026-10-20", "2027-10-21"), &act);

	must_be_refused(&t, e, act, "resolution-1427/twelve_months");
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM stay"), 0);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM ledger_entry"), entries + 1);
	must(do_act(t.f, &t.host_actor, "stay", "declare", 0, town_stay(&t, t.guest, "2026-10-20", "2027-10-20"),
		    &act));
	fixture_close(t.f);
}

static void
without_an_owner_nobody_can_consent(void **state)
{
	struct town t = town_open();
	struct act *act = NULL;
	int64_t flat = town_flat(&t, "2");

	enum error e = declare_at(&t, flat, "person", t.host, t.guest, "2026-10-20", "2027-04-20", &act);

	must_be_refused(&t, e, act, "law-94-i/no_owner");
	fixture_close(t.f);
}

static void
a_child_under_fourteen_is_registered_with_a_parent(void **state)
{
	struct town t = town_open();
	struct act *act = NULL;
	int64_t child = town_person(&t, "Бала", "2015-01-01"), teen = town_person(&t, "Жасөспірім", "2012-10-20");

	enum error e = declare_at(&t, t.flat, "person", t.host, child, "2026-10-20", "2027-04-20", &act);

	must_be_refused(&t, e, act, "resolution-1427/age");
	must(declare_at(&t, t.flat, "person", t.host, teen, "2026-10-20", "2027-04-20", &act));
	fixture_close(t.f);
}

static void
a_stay_runs_out_by_the_clock_and_its_finding_closes_when_it_ends(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);
	struct finding finding = { 0 };

	assert_true(find(&t, "resolution-1427/unconfirmed", &finding));
	assert_int_equal(finding.who, t.host);
	town_confirm(&t, stay);
	assert_false(find(&t, "resolution-1427/unconfirmed", &finding));
	pass_days(t.f, 180);
	assert_string_equal(state_of(t.f, "stay", stay), "expired");
	assert_true(find(&t, "resolution-1427/ran_out", &finding));
	const char *explained = explain(&t, &finding);

	assert_non_null(strstr(explained, "\"kind\":\"obligation\""));
	assert_non_null(strstr(explained, "\"due\":\"2027-04-30\""));
	assert_non_null(strstr(explained, "\"provision\":\"resolution-1427/ran_out\""));
	assert_non_null(strstr(explained, "\"name\":\"leaves\""));
	assert_non_null(strstr(explained, "2027-04-20"));
	assert_non_null(strstr(explained, ref(t.f, "stay", stay)));
	ok_act(t.f, &t.host_actor, "stay", "end", stay, "{\"left_on\":\"2027-04-20\"}");
	assert_false(find(&t, "resolution-1427/ran_out", &finding));
	fixture_close(t.f);
}

static void
a_late_declaration_costs_by_the_size_of_the_host(void **state)
{
	static const struct {
		const char *size;
		int64_t units;
	} sizes[] = { { "individual", 10 }, { "small", 15 }, { "medium", 25 }, { "large", 50 } };
	struct town t = town_open();
	struct finding finding = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		int64_t firm = town_firm(&t, "Қонақүй", sizes[i].size), guest = town_person(&t, "Қонақ", "1890-01-01");

		must(declare_at(&t, t.flat, "organisation", firm, guest, "2026-08-01", "2027-02-01", NULL));
		assert_true(find(&t, "code-235-v/unregistered", &finding));
		assert_int_equal(finding.who, firm);
		assert_true(finding.has_amount);
		/* 4325 tenge, the index of 2026, in tiyn. */
		assert_int_equal(finding.amount, sizes[i].units * 432500);
		assert_true(find(&t, "code-235-v/late", &finding));
		assert_int_equal(finding.amount, 7 * 432500);
	}
	fixture_close(t.f);
}

static void
the_firms_new_size_changes_the_amount_that_is_open(void **state)
{
	struct town t = town_open();
	struct finding finding = { 0 };
	int64_t firm = town_firm(&t, "Үй", "small");

	must(declare_at(&t, t.flat, "organisation", firm, t.guest, "2026-08-01", "2027-02-01", NULL));
	ok_act(t.f, &t.clerk, "organisation", "reclassify", firm, "{\"size\":\"large\",\"ngo\":false}");
	assert_true(find(&t, "code-235-v/unregistered", &finding));
	assert_int_equal(finding.amount, 50 * INT64_C(432500));
	fixture_close(t.f);
}

static void
an_amount_is_not_known_where_the_years_index_is_missing(void **state)
{
	struct town t = town_open();
	struct finding finding = { 0 };

	t.f->now += INT64_C(100) * DAY_MS; /* 2027 */
	must(declare_at(&t, t.flat, "person", t.host, t.guest, "2026-11-01", "2027-06-01", NULL));
	assert_true(find(&t, "code-235-v/unregistered", &finding));
	assert_true(finding.counts_amount);
	assert_false(finding.has_amount);
	const char *explained = explain(&t, &finding);

	assert_non_null(strstr(explained, "\"amount\":null"));
	assert_non_null(strstr(explained, "\"amount_known\":false"));
	fixture_close(t.f);
}

static void
ten_days_are_in_time_and_eleven_are_late(void **state)
{
	struct town t = town_open();
	struct finding finding = { 0 };

	must(declare_at(&t, t.flat, "person", t.host, t.guest, "2026-10-16", "2027-02-01", NULL));
	assert_false(find(&t, "code-235-v/late", &finding));
	must(declare_at(&t, t.flat, "person", t.host, t.stranger.party, "2026-10-15", "2027-02-01", NULL));
	assert_true(find(&t, "code-235-v/late", &finding));
	/* Up to a month it is a warning. */
	assert_int_equal(finding.amount, 0);
	fixture_close(t.f);
}

static void
a_foreigners_host_has_three_working_days_over_a_holiday(void **state)
{
	struct town t = town_open();
	int64_t foreigner = town_foreigner(&t, "Karimov");
	struct finding finding = { 0 };
	const char *arrival =
		text(t.f,
		     "{\"guest\":\"%s\",\"host\":\"%s\",\"dwelling\":\"%s\",\"arrived\":\"2026-12-15\",\"leaves\":"
		     "\"2027-02-01\"}",
		     ref(t.f, "person", foreigner), ref(t.f, "person", t.host), ref(t.f, "dwelling", t.flat));

	/* Tuesday 15 December; the 16th is a holiday, then a weekend: Thursday, Friday, Monday the 21st. */
	t.f->now += INT64_C(50) * DAY_MS;
	int64_t made = ok_act(t.f, &t.clerk, "arrival", "arrive", 0, arrival);

	assert_true(find(&t, "resolution-148/host_notice", &finding));
	assert_non_null(strstr(explain(&t, &finding), "\"due\":\"2026-12-21\""));
	t.f->now += INT64_C(7) * DAY_MS; /* Tuesday the 22nd */
	ok_act(t.f, &t.host_actor, "arrival", "notify", made, "{}");
	assert_false(find(&t, "resolution-148/host_notice", &finding));
	assert_true(find(&t, "code-235-v/host_late", &finding));
	assert_int_equal(finding.who, t.host);
	fixture_close(t.f);
}

static const char *
read_with(struct town *t, const struct actor *actor, const char *what, int64_t record)
{
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct db *db = NULL;
	int64_t version = 0;
	const struct reg *stay = pack_reg(t->f->pack, "stay");
	enum error e;

	must(registry_reader(t->f->registry, &db));
	if (strcmp(what, "inbox") == 0)
		e = read_inbox(t->f->registry, db, t->f->arena, actor, t->f->now, &json);
	else if (strcmp(what, "history") == 0)
		e = read_history(t->f->registry, db, t->f->arena, actor, stay, record, t->f->now, &json);
	else
		e = read_record(t->f->registry, db, t->f->arena, actor, stay, record, t->f->now, &json, &version);
	const char *got = e == OK ? arena_text(t->f->arena, out.text) : NULL;

	strbuf_done(&out);
	db_close(db);
	return got;
}

static void
parties_read_the_record_and_its_history_and_nobody_else_does(void **state)
{
	struct town t = town_open();
	int64_t firm = town_firm(&t, "Үй", "small");

	must(declare_at(&t, t.flat, "organisation", firm, t.guest, "2026-10-20", "2027-02-01", NULL));
	int64_t stay = count_of(t.f, "SELECT id FROM stay");

	ok_act(t.f, &t.clerk, "stay", "withdraw", stay, "{}");
	assert_non_null(strstr(read_with(&t, &t.guest_actor, "record", stay), "\"withdrawn\""));
	const char *history = read_with(&t, &t.guest_actor, "history", stay);

	assert_non_null(strstr(history, "\"declared\""));
	assert_non_null(strstr(history, "\"withdrawn\""));
	/* The host is a firm: its reference has the firm's prefix in the past too. */
	assert_non_null(strstr(history, ref(t.f, "organisation", firm)));
	assert_null(strstr(history, ref(t.f, "person", firm)));
	assert_null(read_with(&t, &t.stranger, "record", stay));
	assert_null(read_with(&t, &t.stranger, "history", stay));
	fixture_close(t.f);
}

static void
a_mandate_for_one_register_opens_the_inbox_of_that_alone(void **state)
{
	struct town t = town_open();
	struct actor manager = actor_with(t.f, 41, town_person(&t, "Менеджер", "1880-02-02"), "landlord", NULL, 0);
	int64_t mandate = ok_act(t.f, &t.owner_actor, "mandate", "give", 0,
				 text(t.f, "{\"giver\":\"%s\",\"holder\":\"%s\",\"scope\":\"residence\"}",
				      ref(t.f, "person", t.owner), ref(t.f, "person", manager.party)));

	must(answer(t.f, &manager, ACT_AGREE, "mandate", mandate));
	int64_t stay = town_declare(&t);

	assert_non_null(strstr(read_with(&t, &t.owner_actor, "inbox", 0), ref(t.f, "stay", stay)));
	assert_null(strstr(read_with(&t, &manager, "inbox", 0), ref(t.f, "stay", stay)));
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twelve_months_are_the_most),
		cmocka_unit_test(without_an_owner_nobody_can_consent),
		cmocka_unit_test(a_child_under_fourteen_is_registered_with_a_parent),
		cmocka_unit_test(a_stay_runs_out_by_the_clock_and_its_finding_closes_when_it_ends),
		cmocka_unit_test(a_late_declaration_costs_by_the_size_of_the_host),
		cmocka_unit_test(the_firms_new_size_changes_the_amount_that_is_open),
		cmocka_unit_test(an_amount_is_not_known_where_the_years_index_is_missing),
		cmocka_unit_test(ten_days_are_in_time_and_eleven_are_late),
		cmocka_unit_test(a_foreigners_host_has_three_working_days_over_a_holiday),
		cmocka_unit_test(parties_read_the_record_and_its_history_and_nobody_else_does),
		cmocka_unit_test(a_mandate_for_one_register_opens_the_inbox_of_that_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
