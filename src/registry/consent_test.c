/* Consent: who is asked and may answer, in which of three ways, races and ends. */
#include "registry/outbox.h"
#include "registry/town.h"

static struct act *
make_counter(struct town *t, const struct actor *clerk, enum act_kind kind, int64_t stay, int64_t party,
	     const char *paper)
{
	struct act *act = make_answer(t->f, clerk, kind, "stay", stay);

	act->way = ANSWER_COUNTER;
	act->answer_for = party;
	act->paper = paper;
	return act;
}

static enum error
answer_link(struct town *t, enum act_kind kind, const unsigned char *hash)
{
	struct act *act = arena_new_of(t->f->arena, struct act);

	act_init(act, t->f->registry, t->f->arena, t->f->now);
	act->kind = kind;
	act->way = ANSWER_LINK;
	act->link_hash = hash;
	return act_run(act);
}

/* The link in the newest mail to this person's address. */
static const unsigned char *
link_of(struct town *t, int64_t party)
{
	const struct outbox_mail *mails = NULL;
	unsigned char *hash = arena_take(t->f->arena, 32);
	size_t count = 0;
	const char *address = NULL, *found = NULL;
	struct db *db = NULL;

	must(registry_reader(t->f->registry, &db));
	struct query *query = db_query(db, "SELECT email FROM person WHERE id = $1");

	bind_integer(query, 1, party);
	must(query_one(query));
	address = arena_text(t->f->arena, column_text(query, 0));
	query_free(query);
	db_close(db);
	must(outbox_take(t->f->registry, t->f->arena, "https://demo.invalid", 100, t->f->now, &mails, &count));
	for (size_t i = 0; i < count; i++) {
		const char *at = strcmp(mails[i].address, address) == 0 ? strstr(mails[i].text, "/answer/") : NULL;

		found = at == NULL ? found : at + strlen("/answer/");
	}
	assert_non_null(found);
	must(outbox_link_hash(text(t->f, "%.43s", found), hash));
	return hash;
}

static void
owner_and_guest_agree_and_the_stay_is_confirmed(void **state)
{
	struct town t = town_open();
	struct act *act = NULL;

	must(do_act(t.f, &t.host_actor, "stay", "declare", 0, town_stay(&t, t.guest, "2026-10-20", "2027-04-20"),
		    &act));
	assert_true(act->waiting);
	assert_int_equal(act->asked, 2);
	must(answer(t.f, &t.owner_actor, ACT_AGREE, "stay", act->ret_record));
	assert_string_equal(state_of(t.f, "stay", act->ret_record), "declared");
	must(answer(t.f, &t.guest_actor, ACT_AGREE, "stay", act->ret_record));
	assert_string_equal(state_of(t.f, "stay", act->ret_record), "confirmed");
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_effect WHERE kind = 'certificate.stay'"), 1);
	fixture_close(t.f);
}

static void
nobody_answers_twice_and_strangers_learn_nothing(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);

	assert_int_equal(answer(t.f, &t.stranger, ACT_AGREE, "stay", stay), ERR_FORBIDDEN);
	must(answer(t.f, &t.guest_actor, ACT_AGREE, "stay", stay));
	assert_int_equal(answer(t.f, &t.guest_actor, ACT_REFUSE, "stay", stay), ERR_FORBIDDEN);
	must(answer(t.f, &t.owner_actor, ACT_AGREE, "stay", stay));
	assert_int_equal(answer(t.f, &t.owner_actor, ACT_AGREE, "stay", stay), ERR_GONE);
	/* Open, closed or no such record: the same to who has no part in it. */
	assert_int_equal(answer(t.f, &t.stranger, ACT_AGREE, "stay", stay), ERR_FORBIDDEN);
	assert_int_equal(answer(t.f, &t.stranger, ACT_AGREE, "stay", 987654), ERR_FORBIDDEN);
	fixture_close(t.f);
}

static void
a_refusal_makes_a_dispute_by_who_refused(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);
	struct act *act = make_answer(t.f, &t.owner_actor, ACT_REFUSE, "stay", stay);

	act->reason = "not with me";
	must(act_run(act));
	assert_string_equal(state_of(t.f, "stay", stay), "disputed");
	assert_int_equal(
		count_of(t.f, "SELECT count(*) FROM stay WHERE disputed_by = 'owner' AND reason = 'not with me'"), 1);
	assert_int_equal(answer(t.f, &t.guest_actor, ACT_AGREE, "stay", stay), ERR_GONE);
	fixture_close(t.f);
}

static void
after_ten_days_of_silence_nobody_can_agree_any_more(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);

	t.f->now += INT64_C(10) * DAY_MS;
	/* The clock has not come round yet. */
	assert_int_equal(answer(t.f, &t.guest_actor, ACT_AGREE, "stay", stay), ERR_GONE);
	pass_days(t.f, 0);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_ask WHERE outcome = 'silent'"), 1);
	assert_string_equal(state_of(t.f, "stay", stay), "declared");
	/* It can be asked for anew. */
	ok_act(t.f, &t.host_actor, "stay", "confirm", stay, "{}");
	town_confirm(&t, stay);
	assert_string_equal(state_of(t.f, "stay", stay), "confirmed");
	fixture_close(t.f);
}

static void
what_waits_on_a_record_that_moved_on_is_withdrawn(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);

	ok_act(t.f, &t.host_actor, "stay", "withdraw", stay, "{}");
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_ask WHERE outcome = 'withdrawn'"), 1);
	assert_int_equal(answer(t.f, &t.guest_actor, ACT_AGREE, "stay", stay), ERR_GONE);
	assert_string_equal(state_of(t.f, "stay", stay), "withdrawn");
	pass_days(t.f, 11);
	assert_string_equal(state_of(t.f, "stay", stay), "withdrawn");
	fixture_close(t.f);
}

static void
the_counter_needs_the_district_and_the_paper(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);

	assert_int_equal(act_run(make_counter(&t, &t.far_clerk, ACT_AGREE, stay, t.guest, "17/26")), ERR_FORBIDDEN);
	assert_int_equal(act_run(make_counter(&t, &t.guest_actor, ACT_AGREE, stay, t.guest, "17/26")), ERR_FORBIDDEN);
	assert_int_equal(act_run(make_counter(&t, &t.clerk, ACT_AGREE, stay, t.guest, "")), ERR_BAD_INPUT);
	assert_int_equal(act_run(make_counter(&t, &t.clerk, ACT_AGREE, stay, t.stranger.party, "17/26")),
			 ERR_FORBIDDEN);
	must(act_run(make_counter(&t, &t.clerk, ACT_AGREE, stay, t.guest, "17/26")));
	must(act_run(make_counter(&t, &t.clerk, ACT_AGREE, stay, t.owner, "18/26")));
	assert_string_equal(state_of(t.f, "stay", stay), "confirmed");
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_ask_party WHERE way = 'counter' AND paper = '17/26'"),
			 1);
	fixture_close(t.f);
}

static void
a_link_answers_once_and_dies_with_the_ask(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);
	const unsigned char *guest = link_of(&t, t.guest);

	must(answer_link(&t, ACT_AGREE, guest));
	assert_int_equal(answer_link(&t, ACT_AGREE, guest), ERR_GONE);
	assert_int_equal(answer_link(&t, ACT_REFUSE, guest), ERR_GONE);
	must(answer(t.f, &t.owner_actor, ACT_REFUSE, "stay", stay));
	int64_t other = ok_act(t.f, &t.host_actor, "stay", "declare", 0,
			       town_stay(&t, t.stranger.party, "2026-10-20", "2027-04-20"));
	const unsigned char *open = link_of(&t, t.stranger.party);

	ok_act(t.f, &t.host_actor, "stay", "withdraw", other, "{}");
	assert_int_equal(answer_link(&t, ACT_AGREE, open), ERR_GONE);
	unsigned char never[32] = { 7 };

	assert_int_equal(answer_link(&t, ACT_AGREE, never), ERR_GONE);
	fixture_close(t.f);
}

static const char *
page_of(struct town *t, const unsigned char *hash)
{
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct db *db = NULL;

	must(registry_reader(t->f->registry, &db));
	must(read_ask_by_link(t->f->registry, db, t->f->arena, hash, LANGUAGE_EN, t->f->now, &json));
	const char *page = arena_text(t->f->arena, out.text);

	strbuf_done(&out);
	db_close(db);
	return page;
}

static void
what_is_asked_is_shown_as_it_would_be(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);

	town_confirm(&t, stay);
	must(do_act(t.f, &t.host_actor, "stay", "extend", stay, "{\"leaves\":\"2027-06-30\"}", NULL));
	const char *page = page_of(&t, link_of(&t, t.owner));

	assert_non_null(strstr(page, "2027-06-30"));
	assert_null(strstr(page, "2027-04-20"));
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM stay WHERE leaves = 20999"), 0);
	must(answer(t.f, &t.owner_actor, ACT_AGREE, "stay", stay));
	assert_int_equal(count_of(t.f, text(t.f, "SELECT version FROM stay WHERE id = %lld", (long long)stay)), 3);
	fixture_close(t.f);
}

static void
the_same_cannot_be_asked_twice_and_is_refused_by_law_before_anybody_is_asked(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);

	town_confirm(&t, stay);
	assert_int_equal(do_act(t.f, &t.host_actor, "stay", "extend", stay, "{\"leaves\":\"2029-06-30\"}", NULL),
			 ERR_REFUSED);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_ask WHERE outcome IS NULL"), 0);
	ok_act(t.f, &t.host_actor, "stay", "extend", stay, "{\"leaves\":\"2027-05-30\"}");
	assert_int_equal(do_act(t.f, &t.host_actor, "stay", "extend", stay, "{\"leaves\":\"2027-06-30\"}", NULL),
			 ERR_CONFLICT);
	fixture_close(t.f);
}

static void
of_two_asks_the_one_is_answered_in_which_one_is_asked(void **state)
{
	struct town t = town_open();
	int64_t stay =
		ok_act(t.f, &t.host_actor, "stay", "declare", 0,
		       text(t.f,
			    "{\"guest\":\"%s\",\"dwelling\":\"%s\",\"host\":\"%s\",\"purpose\":\"visit\",\"arrived\":"
			    "\"2026-10-20\","
			    "\"leaves\":\"2026-12-20\"}",
			    ref(t.f, "person", t.guest), ref(t.f, "dwelling", t.flat), ref(t.f, "person", t.host)));

	must(answer(t.f, &t.guest_actor, ACT_AGREE, "stay", stay));
	/* Confirming waits for the owner; settling waits for owner and guest. */
	ok_act(t.f, &t.host_actor, "stay", "settle", stay, "{\"leaves\":\"2027-01-20\"}");
	struct act *guest = make_answer(t.f, &t.guest_actor, ACT_AGREE, "stay", stay);

	must(act_run(guest));
	assert_string_equal(guest->action->name, "settle");
	fixture_close(t.f);
}

static void
a_mail_that_fails_is_tried_again_later(void **state)
{
	struct town t = town_open();
	const struct outbox_mail *mails = NULL;
	size_t count = 0;

	town_declare(&t);
	must(outbox_take(t.f->registry, t.f->arena, "https://demo.invalid", 1, t.f->now, &mails, &count));
	assert_true(count <= 1);
	do {
		for (size_t i = 0; i < count; i++)
			must(outbox_sent(t.f->registry, mails[i].message, false, t.f->now));
		must(outbox_take(t.f->registry, t.f->arena, "https://demo.invalid", 1, t.f->now, &mails, &count));
		assert_true(count <= 1);
	} while (count > 0);
	while (outbox_waits(t.f->registry) && t.f->registry->outbox_waiting)
		must(outbox_take(t.f->registry, t.f->arena, "https://demo.invalid", 64, t.f->now, &mails, &count));
	/* The registry's own clock is not the test's: one minute of it would have to pass. */
	assert_true(t.f->registry->outbox_retry_at > t.f->now);
	assert_true(t.f->registry->outbox_retry_at <= t.f->now + 60000);
	must(outbox_take(t.f->registry, t.f->arena, "https://demo.invalid", 64, t.f->now + 60000, &mails, &count));
	assert_true(count > 0);
	fixture_close(t.f);
}

static void
a_dry_run_asks_nobody(void **state)
{
	struct town t = town_open();
	int64_t messages = count_of(t.f, "SELECT count(*) FROM sys_message");
	struct act *act =
		make_act(t.f, &t.host_actor, "stay", "declare", 0, town_stay(&t, t.guest, "2026-10-20", "2027-04-20"));

	act->job.dry_run = true;
	must(act_run(act));
	assert_true(act->waiting);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_ask"), 0);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_message"), messages);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_clock"), 0);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owner_and_guest_agree_and_the_stay_is_confirmed),
		cmocka_unit_test(nobody_answers_twice_and_strangers_learn_nothing),
		cmocka_unit_test(a_refusal_makes_a_dispute_by_who_refused),
		cmocka_unit_test(after_ten_days_of_silence_nobody_can_agree_any_more),
		cmocka_unit_test(what_waits_on_a_record_that_moved_on_is_withdrawn),
		cmocka_unit_test(the_counter_needs_the_district_and_the_paper),
		cmocka_unit_test(a_link_answers_once_and_dies_with_the_ask),
		cmocka_unit_test(what_is_asked_is_shown_as_it_would_be),
		cmocka_unit_test(the_same_cannot_be_asked_twice_and_is_refused_by_law_before_anybody_is_asked),
		cmocka_unit_test(of_two_asks_the_one_is_answered_in_which_one_is_asked),
		cmocka_unit_test(a_mail_that_fails_is_tried_again_later),
		cmocka_unit_test(a_dry_run_asks_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
