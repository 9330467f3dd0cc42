#include "access/rule.h"
#include "access/fixture.h"

static enum error
check_one(int role, int64_t place)
{
	struct held_role held = { .role = &roles[role], .place = place };

	return rule_roles(&test_pack, &held, 1, NULL);
}

static void
names_have_one_form(void **state)
{
	static const char *const good[] = { "aigerim.s", "ab", "7eleven", "a_b-c@example.kz" };
	static const char *const bad[] = { "",
					   "a",
					   "Aigerim",
					   "-ab",
					   ".ab",
					   "@ab",
					   "a b",
					   "ерлан",
					   "a/b",
					   "a\n",
					   "a1234567890123456789012345678901234567890123456789012345678901234" };

	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		assert_true(rule_name(good[i]));
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(rule_name(bad[i]));
	assert_false(rule_name(NULL));
}

static void
a_role_with_territory_needs_a_place_that_exists(void **state)
{
	assert_int_equal(check_one(CLERK, CITY), OK);
	assert_int_equal(check_one(CLERK, 0), ERR_BAD_INPUT);
	assert_int_equal(check_one(CLERK, 12345), ERR_BAD_INPUT);
	assert_int_equal(check_one(RESIDENT, 0), OK);
	assert_int_equal(check_one(RESIDENT, CITY), ERR_BAD_INPUT);
}

static void
who_manages_accounts_reads_no_record(void **state)
{
	static const struct role looker = { .name = "looker", .can = CAN_LOOKUPS };
	static const struct role both = { .name = "both", .can = CAN_ACCOUNTS | CAN_LOOKUPS };
	AUTO(arena_free) struct arena *arena = arena_new();
	struct problem problem;
	struct held_role held[2] = { { .role = &roles[CLERK], .place = CITY }, { .role = &roles[ADMINISTRATOR] } };

	problem_init(&problem, arena);
	assert_int_equal(rule_roles(&test_pack, held, 2, &problem), ERR_BAD_INPUT);
	assert_int_equal(problem.item_count, 1);
	assert_string_equal(problem.items[0].field, "roles[0].role");
	assert_int_equal(problem.items[0].message, MSG_ROLES_APART);
	held[0] = (struct held_role){ .role = &looker };
	assert_int_equal(rule_roles(&test_pack, held, 2, NULL), ERR_BAD_INPUT);
	held[0] = (struct held_role){ .role = &both };
	assert_int_equal(rule_roles(&test_pack, held, 1, NULL), ERR_BAD_INPUT);
	held[0] = (struct held_role){ .role = &roles[RESIDENT] };
	assert_int_equal(rule_roles(&test_pack, held, 2, NULL), OK);
}

static void
the_same_role_is_not_held_twice_in_one_place(void **state)
{
	struct held_role held[2] = { { .role = &roles[CLERK], .place = CITY },
				     { .role = &roles[CLERK], .place = CITY } };

	assert_int_equal(rule_roles(&test_pack, held, 2, NULL), ERR_BAD_INPUT);
	held[1].place = OTHER_CITY;
	assert_int_equal(rule_roles(&test_pack, held, 2, NULL), OK);
}

static void
every_fault_is_named(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct problem problem;
	struct held_role held[3] = { { .role = NULL },
				     { .role = &roles[CLERK] },
				     { .role = &roles[RESIDENT], .place = CITY } };

	problem_init(&problem, arena);
	assert_int_equal(rule_roles(&test_pack, held, 3, &problem), ERR_BAD_INPUT);
	assert_int_equal(problem.item_count, 3);
	assert_string_equal(problem.items[1].field, "roles[1].place");
	assert_int_equal(rule_roles(&test_pack, held, ACTOR_ROLES_MAX + 1, &problem), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_one_form),
		cmocka_unit_test(a_role_with_territory_needs_a_place_that_exists),
		cmocka_unit_test(who_manages_accounts_reads_no_record),
		cmocka_unit_test(the_same_role_is_not_held_twice_in_one_place),
		cmocka_unit_test(every_fault_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
