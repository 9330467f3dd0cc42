/* What a person sees of the ledger: who looked at their data, and never what is hidden. */
#include "registry/proven.h"

static const struct node *
lookups(struct proven *p, const struct actor *actor, int64_t party, uint64_t from, size_t limit)
{
	struct fixture *f = p->t.f;
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const struct node *root = NULL;

	must(trail_lookups(f->registry, registry_tlog(f->registry), p->db, f->arena, actor, party, from, limit, f->now,
			   &json));
	must(node_parse_json(f->arena, out.text, out.bytes, NULL, &root));
	assert_null(strstr(out.text, "SECRET-7"));
	strbuf_done(&out);
	return root;
}

static const struct node *
newest(struct proven *p, const struct actor *actor)
{
	const struct node *list = node_get(lookups(p, actor, actor->party, UINT64_MAX, 10), "lookups");

	return list->count == 0 ? NULL : &list->items[0];
}

static const char *
name_of(const struct node *lookup, const char *key)
{
	return node_text(node_get(lookup, key), "name");
}

static void
a_person_sees_who_opened_their_data_in_which_role_for_which_purpose(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;

	assert_null(newest(&p, &t->guest_actor));
	must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	const struct node *lookup = newest(&p, &t->guest_actor);

	assert_string_equal(node_text(lookup, "kind"), "opened");
	assert_string_equal(node_text(lookup, "outcome"), "shown");
	assert_string_equal(name_of(lookup, "role"), "clerk");
	assert_string_equal(name_of(lookup, "register"), "person");
	assert_string_equal(name_of(lookup, "body"), pack_role(t->f->pack, "clerk")->body);
	assert_string_equal(name_of(lookup, "purpose"), "registration");
	assert_non_null(node_text(node_get(lookup, "purpose"), "basis"));
	assert_non_null(strstr(node_text(node_get(lookup, "purpose"), "act"), "477-IV"));
	assert_string_equal(node_text(lookup, "record"), ref(t->f, "person", t->guest));
	assert_true(node_get(lookup, "fields")->count > 3);
	assert_false(node_get(lookup, "published")->truth);
	proven_publish(&p);
	assert_true(node_get(newest(&p, &t->guest_actor), "published")->truth);
	/* Nobody else sees it: not the official, not another person, not who has no data here. */
	assert_null(newest(&p, &t->stranger));
	assert_null(newest(&p, &t->clerk));
	proven_close(&p);
}

static void
a_refused_attempt_is_seen_too(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	int64_t stay = town_declare(t);

	assert_int_equal(proven_look(&p, &t->far_clerk, "stay", stay, "registration", "SECRET-7"), ERR_NOT_FOUND);
	const struct node *lookup = newest(&p, &t->guest_actor);

	assert_string_equal(node_text(lookup, "outcome"), "refused");
	assert_int_equal(node_get(lookup, "fields")->count, 0);
	proven_close(&p);
}

static void
what_others_only_tried_is_seen_too(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	struct act *act = make_act(t->f, &t->host_actor, "stay", "declare", 0,
				   town_stay(t, t->guest, "2026-10-20", "2027-04-20"));

	act->job.dry_run = true;
	must(act_run(act));
	const struct node *lookup = newest(&p, &t->guest_actor);

	assert_string_equal(node_text(lookup, "kind"), "tried");
	assert_string_equal(node_text(lookup, "outcome"), "refused");
	assert_string_equal(name_of(lookup, "register"), "stay");
	assert_null(name_of(lookup, "body"));
	proven_close(&p);
}

static enum error
try_lookups(struct proven *p, const struct actor *actor, int64_t party, uint64_t from)
{
	struct fixture *f = p->t.f;
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	return trail_lookups(f->registry, NULL, p->db, f->arena, actor, party, from, 10, f->now, &json);
}

static void
pages_go_on_from_where_one_ended_and_only_in_ones_own_stream(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	uint64_t from = UINT64_MAX, mine = 0;
	size_t seen = 0, pages = 0;

	for (int i = 0; i < 7; i++)
		must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	for (; pages == 0 || from != UINT64_MAX; pages++) {
		const struct node *page = lookups(&p, &t->guest_actor, t->guest, from, 3);
		const struct node *list = node_get(page, "lookups"), *next = node_get(page, "next");

		for (size_t i = 0; i < list->count; i++, seen++)
			mine = strtoull(node_text(&list->items[i], "index"), NULL, 10);
		from = next->kind == NODE_NULL ? UINT64_MAX : strtoull(next->text, NULL, 10);
	}
	assert_int_equal(seen, 7);
	assert_int_equal(pages, 3);
	assert_int_equal(try_lookups(&p, &t->guest_actor, t->guest, mine), OK);
	/* Another's, an open one and none at all answer alike. */
	assert_int_equal(try_lookups(&p, &t->stranger, t->stranger.party, mine), ERR_BAD_INPUT);
	assert_int_equal(try_lookups(&p, &t->guest_actor, t->guest, 0), ERR_BAD_INPUT);
	assert_int_equal(try_lookups(&p, &t->guest_actor, t->guest, 1u << 30), ERR_BAD_INPUT);
	assert_int_equal(try_lookups(&p, &t->stranger, t->guest, mine), ERR_NOT_FOUND);
	proven_close(&p);
}

static void
give_mandate(struct proven *p, const struct actor *giver, const struct actor *holder, const char *scope)
{
	struct fixture *f = p->t.f;
	int64_t mandate = ok_act(f, giver, "mandate", "give", 0,
				 text(f, "{\"giver\":\"%s\",\"holder\":\"%s\"%s}", ref(f, "person", giver->party),
				      ref(f, "person", holder->party), scope));

	must(answer(f, holder, ACT_AGREE, "mandate", mandate));
}

static void
who_acts_for_a_person_in_everything_sees_it_and_who_does_in_one_register_does_not(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;

	must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	assert_int_equal(try_lookups(&p, &t->owner_actor, t->guest, UINT64_MAX), ERR_NOT_FOUND);
	give_mandate(&p, &t->guest_actor, &t->host_actor, ",\"scope\":\"stay\"");
	assert_int_equal(try_lookups(&p, &t->host_actor, t->guest, UINT64_MAX), ERR_NOT_FOUND);
	give_mandate(&p, &t->guest_actor, &t->owner_actor, "");
	assert_int_equal(try_lookups(&p, &t->owner_actor, t->guest, UINT64_MAX), OK);
	proven_close(&p);
}

static void
a_hidden_look_up_shows_nothing_before_its_time_and_all_of_it_after(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;

	hide_lookups(t->f, t->guest, t->f->now + INT64_C(30) * DAY_MS, 1);
	pass_days(t->f, 29);
	assert_null(newest(&p, &t->guest_actor));
	pass_days(t->f, 1);
	const struct node *lookup = newest(&p, &t->guest_actor), *hidden = node_get(lookup, "hidden");

	assert_string_equal(name_of(lookup, "purpose"), "inquiry");
	assert_string_equal(node_text(lookup, "outcome"), "shown");
	assert_non_null(node_text(lookup, "revealed_at"));
	assert_null(node_get(hidden, "n"));
	assert_non_null(node_text(hidden, "proof"));
	proven_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_sees_who_opened_their_data_in_which_role_for_which_purpose),
		cmocka_unit_test(a_refused_attempt_is_seen_too),
		cmocka_unit_test(what_others_only_tried_is_seen_too),
		cmocka_unit_test(pages_go_on_from_where_one_ended_and_only_in_ones_own_stream),
		cmocka_unit_test(who_acts_for_a_person_in_everything_sees_it_and_who_does_in_one_register_does_not),
		cmocka_unit_test(a_hidden_look_up_shows_nothing_before_its_time_and_all_of_it_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
