/* Oversight: reports find what officials should not do and reading one is seen too; a person complains, the official
 * says why, the auditor answers in time or the finding shows. All of it is packs/kz but for the readings. */
#include "registry/oversight.h"
#include "registry/search.h"
#include "registry/town.h"

struct watch {
	struct town t;
	struct actor officer, auditor;
	int64_t person; /* of the officer */
};

static struct watch
watch_open(void)
{
	struct watch w = { .t = town_open() };

	w.person = town_person(&w.t, "Жандармов", "1870-01-01");
	w.officer = actor_with(w.t.f, 71, w.person, "precinct_officer", TOWN_DISTRICT, 0);
	w.auditor = actor_with(w.t.f, 81, 0, "auditor", NULL, 0);
	return w;
}

static int64_t
look_at(struct watch *w, int64_t person, const char *purpose)
{
	struct fixture *f = w->t.f;
	struct lookup *lookup = arena_new_of(f->arena, struct lookup);

	*lookup = (struct lookup){ .registry = f->registry,
				   .arena = f->arena,
				   .actor = w->officer,
				   .reg = pack_reg(f->pack, "person"),
				   .record = person,
				   .purpose = pack_purpose(f->pack, purpose),
				   .case_text = "I-1",
				   .now = f->now };
	problem_init(&lookup->problem, f->arena);
	must(lookup_run(lookup));
	return (int64_t)lookup->index;
}

static struct inspection *
inspect(struct watch *w, const struct actor *actor, const char *what, uint64_t opens, enum error expected)
{
	struct fixture *f = w->t.f;
	struct inspection *inspection = arena_new_of(f->arena, struct inspection);

	*inspection = (struct inspection){ .registry = f->registry,
					   .arena = f->arena,
					   .actor = *actor,
					   .what = what,
					   .opens = opens,
					   .purpose = pack_purpose(f->pack, "oversight"),
					   .case_text = opens == UINT64_MAX ? NULL : "A-1",
					   .now = f->now };
	problem_init(&inspection->problem, f->arena);
	assert_int_equal(inspection_run(inspection), expected);
	return inspection;
}

static const char *
report(struct watch *w, const char *name)
{
	struct inspection *inspection = inspect(w, &w->auditor, name, UINT64_MAX, OK);
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct db *db = NULL;

	must(registry_reader(w->t.f->registry, &db));
	must(oversight_print_view(w->t.f->registry, db, inspection, pack_view(w->t.f->pack, name), &json));
	const char *text = arena_text(w->t.f->arena, out.text);

	strbuf_done(&out);
	db_close(db);
	return text;
}

static bool
names(struct watch *w, const char *text, int64_t person)
{
	return strstr(text, ref(w->t.f, "person", person)) != NULL;
}

static void
settle(struct watch *w, int64_t person, const char *since, const char *until)
{
	struct town *t = &w->t;
	int64_t residence =
		ok_act(t->f, &t->console, "residence", "carry_over", 0,
		       text(t->f, "{\"person\":\"%s\",\"dwelling\":\"%s\",\"since\":\"%s\",\"declared_on\":\"%s\"}",
			    ref(t->f, "person", person), ref(t->f, "dwelling", t->flat), since, since));

	if (until != NULL)
		ok_act(t->f, &t->console, "residence", "deregister", residence,
		       text(t->f, "{\"ground\":\"departed\",\"until\":\"%s\"}", until));
}

static int64_t
number(struct watch *w, const char *sql)
{
	return count_of(w->t.f, sql);
}

/* ---- readings ---- */

static void
reading_a_report_leaves_an_entry_that_names_it(void **state)
{
	struct watch w = watch_open();
	int64_t before = number(&w, "SELECT count(*) FROM ledger_entry");
	struct inspection *inspection = inspect(&w, &w.auditor, "audit_outside", UINT64_MAX, OK);
	struct ledger_record record;
	struct db *db = NULL;

	assert_int_equal(number(&w, "SELECT count(*) FROM ledger_entry"), before + 1);
	must(registry_reader(w.t.f->registry, &db));
	must(ledger_read(db, registry_data_keys(w.t.f->registry), inspection->index, w.t.f->arena, &record));
	assert_int_equal(record.stream, LEDGER_STREAM_SYSTEM);
	assert_int_equal(record.entry.kind, LEDGER_LOOKUP);
	assert_string_equal(record.entry.query, "audit_outside");
	assert_memory_equal(record.entry.actor, w.auditor.id, LEDGER_ID_BYTES);
	assert_int_equal(number(&w, "SELECT count(*) FROM official_use WHERE kind = 'report' AND account = 81"), 1);
	db_close(db);
	fixture_close(w.t.f);
}

static void
who_may_not_audit_reads_nothing_and_leaves_nothing(void **state)
{
	struct watch w = watch_open();
	int64_t before = number(&w, "SELECT count(*) FROM ledger_entry");

	inspect(&w, &w.officer, "audit_outside", UINT64_MAX, ERR_FORBIDDEN);
	inspect(&w, &w.t.guest_actor, "audit_outside", UINT64_MAX, ERR_FORBIDDEN);
	assert_int_equal(number(&w, "SELECT count(*) FROM ledger_entry"), before);
	fixture_close(w.t.f);
}

static void
opening_an_entry_is_entered_where_it_is_and_refers_to_it(void **state)
{
	struct watch w = watch_open();
	int64_t index = look_at(&w, w.t.guest, "inspection");
	struct inspection *inspection = inspect(&w, &w.auditor, NULL, (uint64_t)index, OK);
	struct ledger_record record;
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct db *db = NULL;

	must(registry_reader(w.t.f->registry, &db));
	must(ledger_read(db, registry_data_keys(w.t.f->registry), inspection->index, w.t.f->arena, &record));
	assert_int_equal(record.stream, w.t.guest);
	assert_int_equal(record.entry.refers_to, index);
	/* The person reads that oversight looked, not which auditor's role. */
	assert_true(record.entry.role == UINT64_MAX);
	must(oversight_print_entry(w.t.f->registry, db, inspection, &json));
	assert_non_null(strstr(out.text, "\"case\":\"I-1\""));
	assert_non_null(strstr(out.text, text(w.t.f, "\"subject\":\"%s\"", ref(w.t.f, "person", w.t.guest))));
	assert_non_null(strstr(out.text, "\"role\":\"precinct_officer\""));
	assert_null(strstr(out.text, "\"iin\""));
	strbuf_done(&out);
	db_close(db);
	fixture_close(w.t.f);
}

static void
trying_out_entries_that_are_not_there_is_seen_too(void **state)
{
	struct watch w = watch_open();
	int64_t before = number(&w, "SELECT count(*) FROM ledger_entry");

	inspect(&w, &w.auditor, NULL, 987654, ERR_NOT_FOUND);
	inspect(&w, &w.auditor, NULL, 0, ERR_NOT_FOUND); /* the genesis entry is nobody's */
	assert_int_equal(number(&w, "SELECT count(*) FROM ledger_entry"), before + 2);
	assert_int_equal(number(&w, "SELECT count(*) FROM official_use WHERE kind = 'report' AND refused"), 2);
	fixture_close(w.t.f);
}

/* ---- reports ---- */

static void
the_report_finds_a_former_household_and_a_namesake_and_no_stranger(void **state)
{
	struct watch w = watch_open();
	int64_t namesake = town_person(&w.t, "Жандармов", "1880-01-01");

	settle(&w, w.person, "2020-01-01", "2024-01-01");
	settle(&w, w.t.guest, "2023-01-01", NULL); /* a year together */
	settle(&w, w.t.host, "2024-06-01", NULL);  /* came when he had gone */
	look_at(&w, w.t.guest, "inspection");
	look_at(&w, w.t.host, "inspection");
	look_at(&w, namesake, "inspection");
	look_at(&w, w.person, "inspection");
	const char *rows = report(&w, "audit_own_family");

	assert_true(names(&w, rows, w.t.guest));
	assert_true(names(&w, rows, namesake));
	assert_false(names(&w, rows, w.t.host));
	assert_non_null(strstr(rows, "live or lived together"));
	assert_non_null(strstr(rows, "the same family name"));
	assert_non_null(strstr(rows, "oneself"));
	fixture_close(w.t.f);
}

static void
a_look_up_is_without_result_until_its_account_acts_for_the_person(void **state)
{
	struct watch w = watch_open();

	w.officer = w.t.clerk;
	w.officer.party = w.person;
	look_at(&w, w.t.guest, "registration");
	look_at(&w, w.t.host, "registration");
	w.t.f->now += 1000;
	ok_act(w.t.f, &w.t.clerk, "person", "update_contact", w.t.guest, "{\"phone\":\"+77010000000\"}");
	const char *rows = report(&w, "audit_without_result");

	assert_false(names(&w, rows, w.t.guest));
	assert_true(names(&w, rows, w.t.host));
	fixture_close(w.t.f);
}

static void
the_same_person_three_times_is_reported_and_twice_is_not(void **state)
{
	struct watch w = watch_open();

	for (int i = 0; i < 3; i++)
		look_at(&w, w.t.guest, "inspection");
	for (int i = 0; i < 2; i++)
		look_at(&w, w.t.host, "inspection");
	const char *rows = report(&w, "audit_repeated");

	assert_true(names(&w, rows, w.t.guest));
	assert_false(names(&w, rows, w.t.host));
	fixture_close(w.t.f);
}

static void
look_ups_outside_the_territory_and_at_the_limit_are_reported(void **state)
{
	struct watch w = watch_open();
	int limit = pack_role(w.t.f->pack, "precinct_officer")->lookups_an_hour;

	settle(&w, w.t.guest, "2024-01-01", NULL);
	assert_false(names(&w, report(&w, "audit_limit"), w.person));
	w.officer.roles[0].place = pack_place_id(w.t.f->pack, TOWN_FAR_DISTRICT);
	for (int i = 0; i < limit; i++)
		look_at(&w, w.t.guest, "inspection");
	assert_true(names(&w, report(&w, "audit_outside"), w.t.guest));
	assert_true(names(&w, report(&w, "audit_limit"), w.person));
	fixture_close(w.t.f);
}

static void
search_for(struct watch *w, const char *words)
{
	struct fixture *f = w->t.f;
	struct search_job *search = arena_new_of(f->arena, struct search_job);
	struct db *db = NULL;

	*search = (struct search_job){ .registry = f->registry,
				       .arena = f->arena,
				       .actor = w->officer,
				       .reg = pack_reg(f->pack, "person"),
				       .text = words,
				       .purpose = pack_purpose(f->pack, "inspection"),
				       .case_text = "I-1",
				       .now = f->now };
	problem_init(&search->problem, f->arena);
	must(registry_reader(f->registry, &db));
	must(search_run(search, db));
	db_close(db);
}

static void
three_searches_that_open_nothing_are_reported_and_one_opening_answers_for_them(void **state)
{
	struct watch w = watch_open();

	for (int i = 0; i < 3; i++)
		search_for(&w, "Қасымова");
	assert_int_equal(number(&w, "SELECT count(*) FROM official_use WHERE kind = 'search'"), 3);
	assert_true(names(&w, report(&w, "audit_unopened"), w.person));
	w.t.f->now += 60 * 1000;
	look_at(&w, w.t.guest, "inspection");
	assert_false(names(&w, report(&w, "audit_unopened"), w.person));
	fixture_close(w.t.f);
}

static void
a_hit_of_a_namesake_counts_like_a_look_up(void **state)
{
	struct watch w = watch_open();
	int64_t namesake = town_person(&w.t, "Жандармов", "1880-01-01");

	search_for(&w, "Жандармов");
	assert_true(names(&w, report(&w, "audit_own_family"), namesake));
	fixture_close(w.t.f);
}

static void
tenants_and_landlords_are_ties_while_they_last(void **state)
{
	struct watch w = watch_open();
	const char *rows = NULL;

	town_own(&w.t, w.t.flat, "person", w.person); /* since 2020 */
	settle(&w, w.t.guest, "2024-01-01", NULL);
	settle(&w, w.t.host, "2018-01-01", "2019-01-01");
	look_at(&w, w.t.guest, "inspection");
	look_at(&w, w.t.host, "inspection");
	rows = report(&w, "audit_own_family");
	assert_non_null(strstr(rows, "lives or lived in the official's dwelling"));
	assert_true(names(&w, rows, w.t.guest));
	assert_false(names(&w, rows, w.t.host));
	settle(&w, w.person, "2024-01-01", NULL);
	look_at(&w, w.t.owner, "inspection"); /* owns the flat too */
	rows = report(&w, "audit_own_family");
	assert_non_null(strstr(rows, "owns the official's dwelling"));
	fixture_close(w.t.f);
}

static void
reading_the_log_is_in_the_report_of_who_read_it(void **state)
{
	struct watch w = watch_open();
	int64_t index = look_at(&w, w.t.guest, "inspection");

	inspect(&w, &w.auditor, NULL, (uint64_t)index, OK);
	const char *rows = report(&w, "audit_readings");

	assert_true(names(&w, rows, w.t.guest));
	assert_non_null(strstr(rows, "\"A-1\""));
	fixture_close(w.t.f);
}

/* ---- complaints and reasons ---- */

static enum error
complain(struct watch *w, const struct actor *actor, int64_t person, int64_t entry, int64_t *ret_complaint)
{
	struct act *act = NULL;
	enum error e = do_act(w->t.f, actor, "complaint", "submit", 0,
			      text(w->t.f, "{\"complainant\":\"%s\",\"entry\":%lld,\"text\":\"Who is this?\"}",
				   ref(w->t.f, "person", person), (long long)entry),
			      &act);

	if (ret_complaint != NULL)
		*ret_complaint = act->ret_record;
	return e;
}

static int64_t
review_of(struct watch *w, int64_t entry)
{
	return number(w, text(w->t.f, "SELECT id FROM review WHERE entry = %lld", (long long)entry));
}

static void
a_person_complains_of_what_their_log_shows_and_of_nothing_else(void **state)
{
	struct watch w = watch_open();
	int64_t seen = look_at(&w, w.t.guest, "inspection"), hidden = look_at(&w, w.t.guest, "inquiry");
	int64_t of_another = look_at(&w, w.t.host, "inspection");

	assert_int_equal(complain(&w, &w.t.guest_actor, w.t.guest, of_another, NULL), ERR_GUARD);
	assert_int_equal(complain(&w, &w.t.guest_actor, w.t.guest, hidden, NULL), ERR_GUARD);
	assert_int_equal(complain(&w, &w.t.guest_actor, w.t.guest, 3, NULL), ERR_GUARD);
	must(complain(&w, &w.t.guest_actor, w.t.guest, seen, NULL));
	assert_int_equal(complain(&w, &w.t.guest_actor, w.t.guest, seen, NULL), ERR_DUPLICATE);
	pass_days(w.t.f, 31);
	/* It is shown by an entry of its own, and either may be named. */
	int64_t shown = number(&w, "SELECT id FROM official_use WHERE kind = 'reveal'");

	assert_true(shown > hidden);
	must(complain(&w, &w.t.guest_actor, w.t.guest, shown, NULL));
	assert_int_equal(number(&w, text(w.t.f, "SELECT used_at FROM review WHERE entry = %lld", (long long)shown)),
			 number(&w, text(w.t.f, "SELECT at FROM official_use WHERE id = %lld", (long long)hidden)));
	must(complain(&w, &w.t.guest_actor, w.t.guest, hidden, NULL));
	fixture_close(w.t.f);
}

/* What opened a hidden entry is hidden with it, and shown with it. */
static void
opening_a_hidden_entry_is_shown_to_the_person_when_that_is(void **state)
{
	struct watch w = watch_open();
	uint64_t hidden = (uint64_t)look_at(&w, w.t.guest, "inquiry");
	int64_t shown =
		number(&w, text(w.t.f, "SELECT count(*) FROM ledger_entry WHERE stream = %lld", (long long)w.t.guest));
	struct inspection *early = inspect(&w, &w.auditor, NULL, hidden, OK);
	const char *entries =
		text(w.t.f, "SELECT count(*) FROM ledger_entry WHERE stream = %lld", (long long)w.t.guest);

	assert_int_equal(number(&w, entries), shown);
	assert_int_equal(complain(&w, &w.t.guest_actor, w.t.guest, (int64_t)early->index, NULL), ERR_GUARD);
	assert_int_equal(number(&w, entries), shown);
	pass_days(w.t.f, 31);
	assert_int_equal(number(&w, entries), shown + 2);
	assert_int_equal(number(&w, text(w.t.f,
					 "SELECT count(*) FROM official_use WHERE person = %lld AND kind = 'report'"
					 " AND shown_at <= %lld",
					 (long long)w.t.guest, (long long)w.t.f->now)),
			 1);
	/* From then on it is like any other. */
	struct inspection *late = inspect(&w, &w.auditor, NULL, hidden, OK);

	assert_int_equal(number(&w, text(w.t.f, "SELECT stream FROM ledger_entry WHERE idx = %llu",
					 (unsigned long long)late->index)),
			 w.t.guest);
	must(complain(&w, &w.t.guest_actor, w.t.guest, (int64_t)late->index, NULL));
	fixture_close(w.t.f);
}

static void
a_complaint_asks_the_official_who_says_why_and_the_person_gets_an_answer(void **state)
{
	struct watch w = watch_open();
	int64_t entry = look_at(&w, w.t.guest, "inspection"), complaint = 0;

	must(complain(&w, &w.t.guest_actor, w.t.guest, entry, &complaint));
	int64_t review = review_of(&w, entry);

	assert_string_equal(state_of(w.t.f, "review", review), "asked");
	assert_int_equal(
		do_act(w.t.f, &w.t.guest_actor, "review", "justify", review, "{\"justification\":\"x\"}", NULL),
		ERR_FORBIDDEN);
	ok_act(w.t.f, &w.officer, "review", "justify", review, "{\"justification\":\"A call about noise.\"}");
	ok_act(w.t.f, &w.auditor, "complaint", "take_up", complaint, "{}");
	assert_int_equal(do_act(w.t.f, &w.auditor, "review", "reject", review, "{}", NULL), ERR_GUARD);
	ok_act(w.t.f, &w.auditor, "review", "reject", review, "{\"remark\":\"No such call.\"}");
	ok_act(w.t.f, &w.auditor, "complaint", "decide", complaint,
	       "{\"outcome\":\"founded\",\"answer\":\"There was no reason.\"}");
	assert_string_equal(state_of(w.t.f, "review", review), "rejected");
	assert_string_equal(state_of(w.t.f, "complaint", complaint), "answered");
	assert_int_equal(
		number(&w, text(w.t.f, "SELECT count(*) FROM sys_message WHERE party = %lld AND action = 'decide'",
				(long long)w.t.guest)),
		1);
	assert_int_equal(number(&w, "SELECT count(*) FROM sys_finding WHERE closed_at IS NULL"), 0);
	fixture_close(w.t.f);
}

static void
nobody_judges_what_they_did_themselves(void **state)
{
	struct watch w = watch_open();
	int64_t entry = look_at(&w, w.t.guest, "inspection"), complaint = 0, own = 0;
	struct actor both = actor_with(w.t.f, 71, w.person, "auditor", NULL, 0);
	struct actor harmed = actor_with(w.t.f, 82, w.t.guest, "auditor", NULL, 0);

	must(complain(&w, &w.t.guest_actor, w.t.guest, entry, &complaint));
	int64_t review = review_of(&w, entry);
	const char *answer = "{\"outcome\":\"unfounded\",\"answer\":\"All is well.\"}";

	assert_int_equal(do_act(w.t.f, &both, "review", "accept", review, "{}", NULL), ERR_GUARD);
	assert_int_equal(do_act(w.t.f, &both, "review", "reject", review, "{\"remark\":\"No.\"}", NULL), ERR_GUARD);
	assert_int_equal(do_act(w.t.f, &both, "complaint", "decide", complaint, answer, NULL), ERR_GUARD);
	assert_int_equal(do_act(w.t.f, &harmed, "complaint", "decide", complaint, answer, NULL), ERR_GUARD);
	ok_act(w.t.f, &harmed, "review", "accept", review, "{}");
	ok_act(w.t.f, &w.auditor, "complaint", "decide", complaint, answer);
	/* An account without a person is nobody's own. */
	w.officer.party = 0;
	own = look_at(&w, w.t.host, "inspection");
	must(complain(&w, &w.t.host_actor, w.t.host, own, &complaint));
	ok_act(w.t.f, &w.auditor, "review", "accept", review_of(&w, own), "{}");
	ok_act(w.t.f, &w.auditor, "complaint", "decide", complaint, answer);
	fixture_close(w.t.f);
}

static void
who_opens_entries_of_their_own_family_is_reported(void **state)
{
	struct watch w = watch_open();
	struct actor relative = actor_with(w.t.f, 83, w.t.host, "auditor", NULL, 0);
	int64_t seen = look_at(&w, w.t.guest, "inspection"), mine = look_at(&w, w.t.host, "inspection");

	inspect(&w, &w.auditor, NULL, (uint64_t)seen, OK);
	assert_false(names(&w, report(&w, "audit_own_family"), w.t.host));
	inspect(&w, &relative, NULL, (uint64_t)mine, OK);
	assert_true(names(&w, report(&w, "audit_own_family"), w.t.host));
	fixture_close(w.t.f);
}

static void
a_complaint_about_an_account_without_a_person_is_a_complaint_all_the_same(void **state)
{
	struct watch w = watch_open();

	w.officer.party = 0;
	int64_t entry = look_at(&w, w.t.guest, "inspection");

	must(complain(&w, &w.t.guest_actor, w.t.guest, entry, NULL));
	assert_int_equal(number(&w, "SELECT count(*) FROM review WHERE official IS NULL"), 1);
	fixture_close(w.t.f);
}

static int64_t
overdue(struct watch *w, const char *provision)
{
	return number(w, text(w->t.f,
			      "SELECT count(*) FROM sys_finding f JOIN sys_provision p ON p.id = f.provision WHERE "
			      "p.name = '%s' AND f.closed_at IS NULL AND f.due_at <= %lld",
			      provision, (long long)w->t.f->now));
}

static void
what_is_not_answered_in_time_stands_in_the_queue(void **state)
{
	struct watch w = watch_open();
	int64_t entry = look_at(&w, w.t.guest, "inspection");

	must(complain(&w, &w.t.guest_actor, w.t.guest, entry, NULL));
	pass_days(w.t.f, 4);
	assert_int_equal(overdue(&w, "law-94-v/justify"), 0);
	pass_days(w.t.f, 6);
	assert_int_equal(overdue(&w, "law-94-v/justify"), 1);
	assert_int_equal(overdue(&w, "code-350-vi/answer_complaint"), 0);
	pass_days(w.t.f, 15);
	assert_int_equal(overdue(&w, "code-350-vi/answer_complaint"), 1);
	fixture_close(w.t.f);
}

static void
every_day_a_few_uses_are_drawn_and_none_twice(void **state)
{
	struct watch w = watch_open();
	int64_t drawn = 0;

	pass_days(w.t.f, 1);
	for (int i = 0; i < 12; i++)
		look_at(&w, i % 2 == 0 ? w.t.guest : w.t.host, "inspection");
	pass_days(w.t.f, 1);
	drawn = number(&w, "SELECT count(*) FROM review");
	assert_int_equal(drawn, 5);
	assert_int_equal(number(&w, "SELECT count(*) FROM review WHERE why = 'drawn' AND state = 'asked'"), drawn);
	/* By lot: those with the smallest ones. */
	assert_int_equal(number(&w, "SELECT count(*) FROM official_use u WHERE u.lot <= (SELECT max(o.lot) FROM "
				    "official_use o JOIN review r ON r.entry = o.id)"),
			 drawn);
	pass_days(w.t.f, 3);
	assert_int_equal(number(&w, "SELECT count(*) FROM review"), drawn);
	assert_int_equal(
		number(&w, text(w.t.f, "SELECT count(*) FROM sys_message WHERE party = %lld", (long long)w.person)),
		drawn);
	fixture_close(w.t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_a_report_leaves_an_entry_that_names_it),
		cmocka_unit_test(who_may_not_audit_reads_nothing_and_leaves_nothing),
		cmocka_unit_test(opening_an_entry_is_entered_where_it_is_and_refers_to_it),
		cmocka_unit_test(opening_a_hidden_entry_is_shown_to_the_person_when_that_is),
		cmocka_unit_test(trying_out_entries_that_are_not_there_is_seen_too),
		cmocka_unit_test(the_report_finds_a_former_household_and_a_namesake_and_no_stranger),
		cmocka_unit_test(a_look_up_is_without_result_until_its_account_acts_for_the_person),
		cmocka_unit_test(the_same_person_three_times_is_reported_and_twice_is_not),
		cmocka_unit_test(look_ups_outside_the_territory_and_at_the_limit_are_reported),
		cmocka_unit_test(three_searches_that_open_nothing_are_reported_and_one_opening_answers_for_them),
		cmocka_unit_test(a_hit_of_a_namesake_counts_like_a_look_up),
		cmocka_unit_test(tenants_and_landlords_are_ties_while_they_last),
		cmocka_unit_test(reading_the_log_is_in_the_report_of_who_read_it),
		cmocka_unit_test(a_person_complains_of_what_their_log_shows_and_of_nothing_else),
		cmocka_unit_test(a_complaint_asks_the_official_who_says_why_and_the_person_gets_an_answer),
		cmocka_unit_test(nobody_judges_what_they_did_themselves),
		cmocka_unit_test(who_opens_entries_of_their_own_family_is_reported),
		cmocka_unit_test(a_complaint_about_an_account_without_a_person_is_a_complaint_all_the_same),
		cmocka_unit_test(what_is_not_answered_in_time_stands_in_the_queue),
		cmocka_unit_test(every_day_a_few_uses_are_drawn_and_none_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
