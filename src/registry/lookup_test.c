/* Look-ups: each leaves its entry; unknown and forbidden answer alike; the role that reads is the one that has the purpose. */
#include "registry/town.h"

static enum error
look(struct town *t, const struct actor *actor, const char *reg, int64_t record, const char *purpose,
     const char *number, struct lookup **ret_lookup)
{
	struct lookup *lookup = arena_new_of(t->f->arena, struct lookup);

	*lookup = (struct lookup){ .registry = t->f->registry,
				   .arena = t->f->arena,
				   .actor = *actor,
				   .reg = pack_reg(t->f->pack, reg),
				   .record = record,
				   .purpose = pack_purpose(t->f->pack, purpose),
				   .case_text = number,
				   .now = t->f->now };
	problem_init(&lookup->problem, t->f->arena);
	if (ret_lookup != NULL)
		*ret_lookup = lookup;
	return lookup_run(lookup);
}

static int64_t
entries(struct town *t)
{
	return count_of(t->f, "SELECT count(*) FROM ledger_entry");
}

static void
a_look_up_shows_the_fields_of_the_role_and_leaves_an_entry(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	int64_t stay = town_declare(&t), before = entries(&t);
	struct lookup *lookup = NULL;

	must(look(&t, &officer, "stay", stay, "inspection", "I-1", &lookup));
	assert_non_null(strstr(lookup->body, "\"arrived\""));
	assert_null(strstr(lookup->body, "\"disputed_by\""));
	assert_int_equal(entries(&t), before + 1);
	must(look(&t, &t.clerk, "person", t.guest, "registration", "R-1", &lookup));
	assert_non_null(strstr(lookup->body, "\"iin\""));
	must(look(&t, &officer, "person", t.guest, "inspection", "I-1", &lookup));
	assert_null(strstr(lookup->body, "\"iin\""));
	fixture_close(t.f);
}

static void
unknown_and_forbidden_answer_alike_and_both_are_entries(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t), before = entries(&t);
	struct lookup *forbidden = NULL, *unknown = NULL;

	assert_int_equal(look(&t, &t.far_clerk, "stay", stay, "registration", "R-1", &forbidden), ERR_NOT_FOUND);
	assert_int_equal(look(&t, &t.far_clerk, "stay", 987654, "registration", "R-1", &unknown), ERR_NOT_FOUND);
	assert_null(forbidden->body);
	assert_null(unknown->body);
	assert_int_equal(forbidden->problem.item_count, unknown->problem.item_count);
	assert_int_equal(forbidden->problem.items[0].message, unknown->problem.items[0].message);
	assert_int_equal(entries(&t), before + 2);
	fixture_close(t.f);
}

static void
a_purpose_of_one_role_opens_no_fields_of_another(void **state)
{
	struct town t = town_open();
	struct actor both = actor_with(t.f, 72, 0, "clerk", TOWN_DISTRICT, 0);
	struct lookup *lookup = NULL;

	both.roles[both.role_count++] = (struct held_role){ .role = pack_role(t.f->pack, "precinct_officer"),
							    .place = pack_place_id(t.f->pack, TOWN_DISTRICT) };
	must(look(&t, &both, "person", t.guest, "inspection", "I-1", &lookup));
	assert_null(strstr(lookup->body, "\"iin\""));
	must(look(&t, &both, "person", t.guest, "registration", "I-1", &lookup));
	assert_non_null(strstr(lookup->body, "\"iin\""));
	assert_int_equal(look(&t, &t.clerk, "person", t.guest, "inspection", "I-1", NULL), ERR_NOT_FOUND);
	fixture_close(t.f);
}

static void
who_may_not_look_up_leaves_nothing(void **state)
{
	struct town t = town_open();
	int64_t before = entries(&t);

	assert_int_equal(look(&t, &t.host_actor, "person", t.guest, "registration", "R-1", NULL), ERR_FORBIDDEN);
	assert_int_equal(look(&t, &t.console, "person", t.guest, "registration", "R-1", NULL), ERR_FORBIDDEN);
	assert_int_equal(look(&t, &t.clerk, "person", t.guest, "none", "R-1", NULL), ERR_BAD_INPUT);
	assert_int_equal(entries(&t), before);
	fixture_close(t.f);
}

static void
a_case_is_asked_for_where_the_purpose_wants_one(void **state)
{
	struct town t = town_open();
	const struct purpose *wants = NULL;

	for (size_t i = 0; i < t.f->pack->purpose_count; i++)
		if (t.f->pack->purposes[i].needs_case)
			wants = &t.f->pack->purposes[i];
	assert_non_null(wants);
	assert_int_equal(look(&t, &t.clerk, "person", t.guest, wants->name, "", NULL), ERR_BAD_INPUT);
	assert_int_equal(look(&t, &t.clerk, "person", t.guest, wants->name, text(t.f, "%065d", 1), NULL),
			 ERR_BAD_INPUT);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_look_up_shows_the_fields_of_the_role_and_leaves_an_entry),
		cmocka_unit_test(unknown_and_forbidden_answer_alike_and_both_are_entries),
		cmocka_unit_test(a_purpose_of_one_role_opens_no_fields_of_another),
		cmocka_unit_test(who_may_not_look_up_leaves_nothing),
		cmocka_unit_test(a_case_is_asked_for_where_the_purpose_wants_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
