#include "access/fixture.h"

static struct actor
actor_with(int role, int64_t place)
{
	return (struct actor){ .account = 5, .roles = { { .role = &roles[role], .place = place } }, .role_count = 1 };
}

static void
a_role_counts_in_its_territory_and_below(void **state)
{
	struct actor clerk = actor_with(CLERK, CITY);

	assert_non_null(actor_role(&clerk, &test_pack, &roles[CLERK], CITY));
	assert_non_null(actor_role(&clerk, &test_pack, &roles[CLERK], DISTRICT));
	assert_non_null(actor_role(&clerk, &test_pack, &roles[CLERK], 0));
	assert_null(actor_role(&clerk, &test_pack, &roles[CLERK], OTHER_CITY));
	assert_null(actor_role(&clerk, &test_pack, &roles[CLERK], COUNTRY));
	assert_null(actor_role(&clerk, &test_pack, &roles[RESIDENT], CITY));
}

static void
a_role_without_territory_counts_everywhere(void **state)
{
	struct actor resident = actor_with(RESIDENT, 0);

	assert_non_null(actor_role(&resident, &test_pack, &roles[RESIDENT], OTHER_CITY));
}

static void
abilities_come_from_roles(void **state)
{
	struct actor clerk = actor_with(CLERK, CITY), nobody = { 0 };

	assert_true(actor_can(&clerk, CAN_LOOKUPS));
	assert_false(actor_can(&clerk, CAN_ACCOUNTS));
	assert_false(actor_can(&nobody, CAN_FINDINGS));
}

static void
a_program_has_only_roles_for_programs(void **state)
{
	struct actor clerk = actor_with(CLERK, CITY), program = actor_with(INTEGRATOR, 0);

	clerk.is_token = program.is_token = true;
	assert_false(actor_can(&clerk, CAN_LOOKUPS));
	assert_null(actor_role(&clerk, &test_pack, &roles[CLERK], CITY));
	assert_non_null(actor_role(&program, &test_pack, &roles[INTEGRATOR], CITY));
}

static void
the_console_manages_but_looks_nobody_up(void **state)
{
	struct actor console, clock;

	actor_console(&console);
	actor_clock(&clock);
	assert_true(actor_can(&console, CAN_ACCOUNTS));
	assert_true(actor_can(&console, CAN_PACK));
	assert_false(actor_can(&console, CAN_LOOKUPS));
	assert_false(actor_can(&clock, CAN_FINDINGS));
	assert_int_equal(console.account, ACCOUNT_CONSOLE);
	assert_int_equal(clock.account, ACCOUNT_CLOCK);
	assert_memory_not_equal(console.id, clock.id, sizeof(clock.id));
}

static void
an_account_becomes_an_actor_without_a_session(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", GOOD_PASSWORD, CLERK, CITY);
	struct db *db = NULL;
	struct actor actor;

	assert_int_equal(db_open(f->path, DB_READ, &db), OK);
	assert_int_equal(actor_of_account(f->access, db, account, &actor), OK);
	assert_int_equal(actor.account, account);
	assert_int_equal(actor.language, LANGUAGE_KK);
	assert_int_equal(actor.role_count, 1);
	assert_int_equal(actor.roles[0].place, CITY);
	assert_int_equal(actor_of_account(f->access, db, 4711, &actor), ERR_NOT_FOUND);
	assert_int_equal(actor_of_account(f->access, db, ACCOUNT_CONSOLE, &actor), OK);
	assert_true(actor.is_console);
	assert_int_equal(change(f, account, CLOSE, -1, 0), OK);
	assert_int_equal(actor_of_account(f->access, db, account, &actor), ERR_GONE);
	db_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_role_counts_in_its_territory_and_below),
		cmocka_unit_test(a_role_without_territory_counts_everywhere),
		cmocka_unit_test(abilities_come_from_roles),
		cmocka_unit_test(a_program_has_only_roles_for_programs),
		cmocka_unit_test(the_console_manages_but_looks_nobody_up),
		TEST(an_account_becomes_an_actor_without_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
