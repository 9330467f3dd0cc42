/* Who may act on what as whom, and that a refusal tells a stranger nothing. */
#include "registry/town.h"

static enum error
declare(struct town *t, const struct actor *actor, int64_t on_behalf, int64_t guest, const char *leaves)
{
	struct act *act = make_act(t->f, actor, "stay", "declare", 0, town_stay(t, guest, "2026-10-20", leaves));

	must(act->result);
	act->on_behalf = on_behalf;
	return act_run(act);
}

static void
a_double_is_told_only_to_who_may_declare(void **state)
{
	struct town t = town_open();

	town_declare(&t);
	assert_int_equal(declare(&t, &t.host_actor, 0, t.guest, "2027-04-20"), ERR_DUPLICATE);
	assert_int_equal(declare(&t, &t.owner_actor, 0, t.guest, "2027-04-20"), ERR_DUPLICATE);
	assert_int_equal(declare(&t, &t.clerk, 0, t.guest, "2027-04-20"), ERR_DUPLICATE);
	assert_int_equal(declare(&t, &t.stranger, 0, t.guest, "2027-04-20"), ERR_FORBIDDEN);
	assert_int_equal(declare(&t, &t.far_clerk, 0, t.guest, "2027-04-20"), ERR_FORBIDDEN);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM stay"), 1);
	fixture_close(t.f);
}

static void
a_guard_of_a_new_record_is_told_only_to_who_may_make_it(void **state)
{
	struct town t = town_open();
	const char *body = text(t.f,
				"{\"guest\":\"%s\",\"host\":\"%s\",\"dwelling\":\"%s\",\"arrived\":\"2026-10-20\","
				"\"leaves\":\"2026-12-01\"}",
				ref(t.f, "person", t.guest), ref(t.f, "person", t.host), ref(t.f, "dwelling", t.flat));

	/* The guest is a citizen: that is what the guard would tell. */
	assert_int_equal(do_act(t.f, &t.host_actor, "arrival", "declare", 0, body, NULL), ERR_GUARD);
	assert_int_equal(do_act(t.f, &t.stranger, "arrival", "declare", 0, body, NULL), ERR_FORBIDDEN);
	fixture_close(t.f);
}

static void
on_behalf_of_another_needs_a_mandate(void **state)
{
	struct town t = town_open();
	struct actor manager = actor_with(t.f, 41, town_person(&t, "Менеджер", "1880-02-02"), "landlord", NULL, 0);

	assert_int_equal(declare(&t, &manager, t.owner, t.guest, "2027-04-20"), ERR_FORBIDDEN);
	int64_t mandate =
		ok_act(t.f, &t.owner_actor, "mandate", "give", 0,
		       text(t.f, "{\"giver\":\"%s\",\"holder\":\"%s\",\"scope\":\"stay\",\"until\":\"2026-11-30\"}",
			    ref(t.f, "person", t.owner), ref(t.f, "person", manager.party)));

	assert_int_equal(declare(&t, &manager, t.owner, t.guest, "2027-04-20"), ERR_FORBIDDEN);
	must(answer(t.f, &manager, ACT_AGREE, "mandate", mandate));
	assert_string_equal(state_of(t.f, "mandate", mandate), "active");
	must(declare(&t, &manager, t.owner, t.guest, "2027-04-20"));
	/* Its scope is stays: the owner's ownership is not the manager's to move. */
	int64_t ownership = count_of(t.f, "SELECT id FROM ownership");

	assert_int_equal(do_act(t.f, &manager, "ownership", "transfer", ownership,
				text(t.f, "{\"buyer\":\"%s\"}", ref(t.f, "person", manager.party)), NULL),
			 ERR_FORBIDDEN);
	t.f->now += INT64_C(40) * DAY_MS;
	assert_int_equal(declare(&t, &manager, t.owner, t.host, "2027-04-20"), ERR_FORBIDDEN);
	fixture_close(t.f);
}

static void
a_manager_agrees_for_the_owner(void **state)
{
	struct town t = town_open();
	struct actor manager = actor_with(t.f, 41, town_person(&t, "Менеджер", "1880-02-02"), "landlord", NULL, 0);
	int64_t mandate = ok_act(t.f, &t.owner_actor, "mandate", "give", 0,
				 text(t.f, "{\"giver\":\"%s\",\"holder\":\"%s\"}", ref(t.f, "person", t.owner),
				      ref(t.f, "person", manager.party)));
	int64_t stay = town_declare(&t);

	assert_int_equal(answer(t.f, &manager, ACT_AGREE, "stay", stay), ERR_FORBIDDEN);
	must(answer(t.f, &manager, ACT_AGREE, "mandate", mandate));
	must(answer(t.f, &manager, ACT_AGREE, "stay", stay));
	must(answer(t.f, &t.guest_actor, ACT_AGREE, "stay", stay));
	assert_string_equal(state_of(t.f, "stay", stay), "confirmed");
	fixture_close(t.f);
}

static void
a_token_held_to_declaring_does_nothing_else(void **state)
{
	struct town t = town_open();
	struct actor hotel = actor_with(t.f, 51, t.host, "integrator", NULL, 0);
	struct actor guest = t.guest_actor;

	hotel.is_token = true;
	must(declare(&t, &hotel, 0, t.guest, "2027-04-20"));
	int64_t stay = count_of(t.f, "SELECT id FROM stay");

	assert_int_equal(do_act(t.f, &hotel, "stay", "withdraw", stay, "{}", NULL), ERR_FORBIDDEN);
	hotel.party = t.guest;
	assert_int_equal(answer(t.f, &hotel, ACT_AGREE, "stay", stay), ERR_FORBIDDEN);
	/* A role that may hold no tokens gives a token nothing, its firm neither. */
	guest.is_token = true;
	assert_int_equal(answer(t.f, &guest, ACT_AGREE, "stay", stay), ERR_FORBIDDEN);
	must(answer(t.f, &t.guest_actor, ACT_AGREE, "stay", stay));
	fixture_close(t.f);
}

static void
a_clerk_acts_in_the_own_district_only(void **state)
{
	struct town t = town_open();

	assert_int_equal(declare(&t, &t.far_clerk, 0, t.guest, "2027-04-20"), ERR_FORBIDDEN);
	must(declare(&t, &t.clerk, 0, t.guest, "2027-04-20"));
	int64_t stay = count_of(t.f, "SELECT id FROM stay");

	assert_int_equal(do_act(t.f, &t.far_clerk, "stay", "withdraw", stay, "{}", NULL), ERR_FORBIDDEN);
	ok_act(t.f, &t.clerk, "stay", "withdraw", stay, "{}");
	fixture_close(t.f);
}

static void
a_stranger_learns_neither_state_nor_version(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t);
	struct act *act = make_act(t.f, &t.stranger, "stay", "withdraw", stay, "{}");

	act->if_match = 77;
	assert_int_equal(act_run(act), ERR_FORBIDDEN);
	town_confirm(&t, stay);
	/* In this state nobody may withdraw; a stranger hears the same as before. */
	assert_int_equal(do_act(t.f, &t.stranger, "stay", "withdraw", stay, "{}", NULL), ERR_FORBIDDEN);
	assert_int_equal(do_act(t.f, &t.host_actor, "stay", "withdraw", stay, "{}", NULL), ERR_CONFLICT);
	fixture_close(t.f);
}

static void
a_stranger_does_not_learn_by_resolving_on_a_record_of_others(void **state)
{
	struct town t = town_open();
	int64_t home = ok_act(t.f, &t.guest_actor, "residence", "declare", 0,
			      text(t.f, "{\"person\":\"%s\",\"dwelling\":\"%s\",\"since\":\"2026-10-20\"}",
				   ref(t.f, "person", t.guest), ref(t.f, "dwelling", t.flat)));
	const char *body = "{\"to_dwelling\":{\"rka\":\"0000000000000000\"},\"from_day\":\"2026-10-20\"}";

	must(answer(t.f, &t.owner_actor, ACT_AGREE, "residence", home));
	assert_int_equal(do_act(t.f, &t.stranger, "residence", "move", home, body, NULL), ERR_FORBIDDEN);
	assert_int_equal(do_act(t.f, &t.guest_actor, "residence", "move", home, body, NULL), ERR_BAD_INPUT);
	fixture_close(t.f);
}

static void
a_statistician_who_is_a_guest_is_told_as_a_guest(void **state)
{
	struct town t = town_open();
	struct actor guest = actor_with(t.f, 61, t.guest, "statistician", NULL, 0);
	struct act *act = NULL;

	/* Late: the guest is warned, and the host has a fine, which is none of the guest's business. */
	must(do_act(t.f, &guest, "stay", "declare", 0, town_stay(&t, t.guest, "2026-08-01", "2027-04-20"), &act));
	assert_true(act->finding_count > 0);
	for (size_t i = 0; i < act->finding_count; i++)
		assert_int_equal(act->findings[i].who, t.guest);
	assert_true(count_of(t.f, text(t.f, "SELECT count(*) FROM sys_finding WHERE who = %lld", (long long)t.host)) >
		    0);
	fixture_close(t.f);
}

static void
what_an_act_is_told_outlives_the_batch(void **state)
{
	struct town t = town_open();
	struct act *act = NULL;

	must(do_act(t.f, &t.host_actor, "stay", "declare", 0, town_stay(&t, t.guest, "2026-08-01", "2027-04-20"),
		    &act));
	for (int i = 0; i < 20; i++)
		town_person(&t, "Толып", "1880-01-01");
	assert_true(act->finding_count > 0);
	for (size_t i = 0; i < act->finding_count; i++) {
		assert_true(act->findings[i].fact_count > 0);
		assert_non_null(act->findings[i].facts[0].name);
	}
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_double_is_told_only_to_who_may_declare),
		cmocka_unit_test(a_guard_of_a_new_record_is_told_only_to_who_may_make_it),
		cmocka_unit_test(on_behalf_of_another_needs_a_mandate),
		cmocka_unit_test(a_manager_agrees_for_the_owner),
		cmocka_unit_test(a_token_held_to_declaring_does_nothing_else),
		cmocka_unit_test(a_clerk_acts_in_the_own_district_only),
		cmocka_unit_test(a_stranger_learns_neither_state_nor_version),
		cmocka_unit_test(a_stranger_does_not_learn_by_resolving_on_a_record_of_others),
		cmocka_unit_test(a_statistician_who_is_a_guest_is_told_as_a_guest),
		cmocka_unit_test(what_an_act_is_told_outlives_the_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
