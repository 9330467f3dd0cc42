#include "access/fixture.h"

static struct db *
reading(struct fixture *f)
{
	struct db *db = NULL;

	assert_int_equal(db_open(f->path, DB_READ, &db), OK);
	return db;
}

static void
an_account_is_found_by_name_and_by_party(void **state)
{
	struct fixture *f = *state;
	struct deed_job d = { .deed = CREATE, .draft = { .name = "aigerim", .party = 900, .language = LANGUAGE_RU } };
	int64_t found = 0;

	assert_int_equal(run_deed(f, &d), OK);
	assert_int_equal(strlen(d.code), 14);
	AUTO(db_close) struct db *db = reading(f);

	assert_int_equal(account_find(db, "aigerim", &found), OK);
	assert_int_equal(found, d.account);
	assert_int_equal(account_find(db, "bolat", &found), ERR_NOT_FOUND);
	assert_int_equal(account_of_party(db, 900), d.account);
	assert_int_equal(account_of_party(db, 901), 0);
	assert_int_equal(account_of_party(db, 0), 0);
}

static void
a_name_is_used_once_for_ever(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "aigerim", NULL, -1, 0);
	struct deed_job again = { .deed = CREATE, .draft = { .name = "aigerim" } };

	assert_int_equal(account_check(f->access, &again.draft, &f->problem), ERR_DUPLICATE);
	assert_int_equal(run_deed(f, &again), ERR_DUPLICATE);
	assert_int_equal(change(f, account, CLOSE, -1, 0), OK);
	assert_int_equal(account_check(f->access, &again.draft, &f->problem), ERR_DUPLICATE);
	assert_int_equal(run_deed(f, &again), ERR_DUPLICATE);
}

static void
a_party_has_one_open_account(void **state)
{
	struct fixture *f = *state;
	struct deed_job a = { .deed = CREATE, .draft = { .name = "one", .party = 900 } };
	struct deed_job b = { .deed = CREATE, .draft = { .name = "two", .party = 900 } };

	assert_int_equal(run_deed(f, &a), OK);
	assert_int_equal(account_check(f->access, &b.draft, &f->problem), ERR_DUPLICATE);
	assert_int_equal(run_deed(f, &b), ERR_DUPLICATE);
	assert_int_equal(change(f, a.account, CLOSE, -1, 0), OK);
	assert_int_equal(account_check(f->access, &b.draft, &f->problem), OK);
	assert_int_equal(run_deed(f, &b), OK);
}

static void
a_draft_is_checked_as_a_whole(void **state)
{
	struct fixture *f = *state;
	struct held_role held = { .role = &roles[CLERK] };
	struct account_draft draft = { .name = "Aigerim", .password = "short", .roles = &held, .role_count = 1 };

	assert_int_equal(account_check(f->access, &draft, &f->problem), ERR_BAD_INPUT);
	assert_int_equal(f->problem.item_count, 3);
	draft.name = "aigerim";
	draft.password = GOOD_PASSWORD;
	held.place = CITY;
	assert_int_equal(account_check(f->access, &draft, &f->problem), OK);
}

static void
creating_again_checks_what_was_not_checked_before(void **state)
{
	struct fixture *f = *state;
	struct held_role held = { .role = &roles[CLERK] };
	struct deed_job d = { .deed = CREATE, .draft = { .name = "ab", .roles = &held, .role_count = 1 } };

	assert_int_equal(run_deed(f, &d), ERR_BAD_INPUT);
	d.draft = (struct account_draft){ .name = "A B" };
	assert_int_equal(run_deed(f, &d), ERR_BAD_INPUT);
	assert_int_equal(query_number(f, "select count(*) from access_audit"), 0);
}

static void
roles_are_granted_and_revoked_within_the_rules(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", NULL, CLERK, CITY);

	assert_int_equal(change(f, account, GRANT, CLERK, OTHER_CITY), OK);
	assert_int_equal(change(f, account, GRANT, CLERK, CITY), ERR_DUPLICATE);
	assert_int_equal(change(f, account, GRANT, CLERK, 0), ERR_BAD_INPUT);
	assert_int_equal(change(f, account, GRANT, ADMINISTRATOR, 0), ERR_BAD_INPUT);
	assert_int_equal(change(f, account, REVOKE, CLERK, 0), OK);
	assert_int_equal(change(f, account, REVOKE, CLERK, 0), ERR_NOT_FOUND);
	assert_int_equal(change(f, account, GRANT, ADMINISTRATOR, 0), OK);
	assert_int_equal(change(f, account, GRANT, CLERK, CITY), ERR_BAD_INPUT);
	assert_int_equal(change(f, 4711, GRANT, CLERK, CITY), ERR_NOT_FOUND);
}

static void
an_account_holds_no_more_roles_than_an_actor_can_carry(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", NULL, -1, 0);
	struct deed_job d = { .deed = GRANT, .account = account, .role = { .role = &roles[RESIDENT] } };

	for (int i = 0; i < ACTOR_ROLES_MAX; i++) {
		d.role.party = 100 + i;
		assert_int_equal(run_deed(f, &d), OK);
	}
	d.role.party = 500;
	assert_int_equal(run_deed(f, &d), ERR_TOO_LARGE);
}

static void
a_closed_account_changes_no_more(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", GOOD_PASSWORD, CLERK, CITY);

	assert_int_equal(change(f, account, CLOSE, -1, 0), OK);
	assert_int_equal(change(f, account, CLOSE, -1, 0), ERR_GONE);
	assert_int_equal(change(f, account, GRANT, RESIDENT, 0), ERR_GONE);
	assert_int_equal(change(f, account, REVOKE, CLERK, 0), ERR_GONE);
	assert_int_equal(change(f, account, SET_PASSWORD, -1, 0), ERR_GONE);
	assert_int_equal(change(f, account, NEW_CODE, -1, 0), ERR_GONE);
}

static void
who_did_it_is_told_for_one_change_only(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", NULL, -1, 0);
	struct deed_job d = { .deed = GRANT, .account = account, .by = 33, .role = { .role = &roles[RESIDENT] } };

	assert_int_equal(run_deed(f, &d), OK);
	assert_int_equal(change(f, account, REVOKE, RESIDENT, 0), OK);
	AUTO(db_close) struct db *db = reading(f);
	const struct audit_row *rows;
	size_t count;

	assert_int_equal(audit_list(db, f->arena, account, 0, 2, &rows, &count), OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].kind, "role-revoked");
	assert_int_equal(rows[0].by_account, ACCOUNT_NOBODY);
	assert_string_equal(rows[1].kind, "role-granted");
	assert_int_equal(rows[1].by_account, 33);
	assert_string_equal(rows[1].detail, "resident place 0");
	assert_int_equal(audit_list(db, f->arena, 0, rows[1].nr, 10, &rows, &count), OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].kind, "code-made");
	assert_string_equal(rows[1].kind, "account-made");
}

static void
the_audit_table_names_nobody(void **state)
{
	struct fixture *f = *state;
	struct held_role held = { .role = &roles[RESIDENT], .party = 900 };
	struct deed_job d = { .deed = CREATE,
			      .draft = { .name = "aigerim.s", .party = 900, .roles = &held, .role_count = 1 } };

	assert_int_equal(run_deed(f, &d), OK);
	assert_int_equal(query_number(f, "select count(*) from access_audit"), 3);
	assert_int_equal(query_number(f, "select count(*) from access_audit where detail like '%aigerim%' "
					 "or detail like '%900%'"),
			 0);
}

static void
secrets_do_not_stand_in_the_store(void **state)
{
	struct fixture *f = *state;
	struct deed_job d = { .deed = CREATE, .draft = { .name = "aigerim" } };
	char token[TOKEN_TEXT_BYTES];

	assert_int_equal(run_deed(f, &d), OK);
	int64_t program = make_account(f, "program", GOOD_PASSWORD, INTEGRATOR, 0);
	struct session_grant grant = sign_in(f, "program", GOOD_PASSWORD, NOW);

	assert_int_equal(token_create(f->access, program, "feed", NOW, token), OK);
	shut(f);
	char command[256];
	const char *secrets[] = { d.code, grant.token + 3, grant.csrf, token + 3, GOOD_PASSWORD };

	for (size_t i = 0; i < ARRAY_COUNT(secrets); i++) {
		snprintf(command, sizeof(command), "grep -raqF -- '%s' %s", secrets[i], f->folder);
		assert_int_not_equal(system(command), 0);
	}
	/* The search does find what is there. */
	snprintf(command, sizeof(command), "grep -raqF -- aigerim %s", f->folder);
	assert_int_equal(system(command), 0);
	open_again(f);
}

static void
accounts_are_listed_in_order_with_their_roles(void **state)
{
	struct fixture *f = *state;
	int64_t first = make_account(f, "erlan", GOOD_PASSWORD, CLERK, CITY);
	int64_t second = make_account(f, "dana", NULL, -1, 0);
	const struct account_row *rows;
	struct account_row row;
	size_t count;

	assert_int_equal(change(f, second, CLOSE, -1, 0), OK);
	AUTO(db_close) struct db *db = reading(f);

	assert_int_equal(account_list(f->access, db, f->arena, 0, 10, &rows, &count), OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].name, "erlan");
	assert_true(rows[0].is_activated);
	assert_int_equal(rows[0].role_count, 1);
	assert_ptr_equal(rows[0].roles[0].role, &roles[CLERK]);
	assert_int_equal(rows[1].closed_at, NOW);
	assert_int_equal(account_list(f->access, db, f->arena, first, 1, &rows, &count), OK);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].account, second);
	assert_int_equal(account_load(f->access, db, f->arena, first, &row), OK);
	assert_int_equal(row.language, LANGUAGE_KK);
	assert_int_equal(account_load(f->access, db, f->arena, 4711, &row), ERR_NOT_FOUND);
}

static void
a_clerk_makes_codes_for_people_but_not_for_officials(void **state)
{
	struct fixture *f = *state;
	int64_t clerk = make_account(f, "clerk", NULL, CLERK, CITY);
	int64_t administrator = make_account(f, "admin", NULL, ADMINISTRATOR, 0);
	int64_t resident = make_account(f, "resident", NULL, RESIDENT, 0);
	struct actor actor, console;
	AUTO(db_close) struct db *db = reading(f);

	actor_console(&console);
	assert_int_equal(actor_of_account(f->access, db, clerk, &actor), OK);
	assert_int_equal(account_code_allowed(f->access, db, &actor, resident), OK);
	assert_int_equal(account_code_allowed(f->access, db, &actor, administrator), ERR_FORBIDDEN);
	assert_int_equal(account_code_allowed(f->access, db, &actor, clerk), ERR_FORBIDDEN);
	assert_int_equal(actor_of_account(f->access, db, administrator, &actor), OK);
	assert_int_equal(account_code_allowed(f->access, db, &actor, clerk), OK);
	assert_int_equal(account_code_allowed(f->access, db, &actor, administrator), ERR_FORBIDDEN);
	assert_int_equal(actor_of_account(f->access, db, resident, &actor), OK);
	assert_int_equal(account_code_allowed(f->access, db, &actor, clerk), ERR_FORBIDDEN);
	assert_int_equal(account_code_allowed(f->access, db, &console, administrator), OK);
	assert_int_equal(account_code_allowed(f->access, db, &console, 4711), ERR_NOT_FOUND);
}

/* Fail the first write, then the second, ... until a run meets no fault. */
static void
an_account_is_made_whole_or_not_at_all_whichever_write_fails(void **state)
{
	struct fixture *f = *state;
	struct held_role held[2] = { { .role = &roles[CLERK], .place = CITY }, { .role = &roles[RESIDENT] } };
	struct deed_job d = { .deed = CREATE, .draft = { .name = "erlan", .roles = held, .role_count = 2 } };
	bool fired = true;
	int nth = 0;

	while (fired) {
		db_fail_at(f->db, ++nth);
		enum error e = run_deed(f, &d);

		fired = db_fault_fired(f->db);
		db_fail_at(f->db, 0);
		assert_int_equal(e == OK, !fired);
		assert_int_equal(query_number(f, "select count(*) from access_account"), !fired);
		assert_int_equal(query_number(f, "select count(*) from access_role"), fired ? 0 : 2);
		assert_int_equal(query_number(f, "select count(*) from access_code"), !fired);
		assert_int_equal(query_number(f, "select count(*) from access_audit"), fired ? 0 : 4);
	}
	assert_in_range(nth, 8, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_account_is_found_by_name_and_by_party),
		TEST(a_name_is_used_once_for_ever),
		TEST(a_party_has_one_open_account),
		TEST(a_draft_is_checked_as_a_whole),
		TEST(creating_again_checks_what_was_not_checked_before),
		TEST(roles_are_granted_and_revoked_within_the_rules),
		TEST(an_account_holds_no_more_roles_than_an_actor_can_carry),
		TEST(a_closed_account_changes_no_more),
		TEST(who_did_it_is_told_for_one_change_only),
		TEST(the_audit_table_names_nobody),
		TEST(secrets_do_not_stand_in_the_store),
		TEST(accounts_are_listed_in_order_with_their_roles),
		TEST(a_clerk_makes_codes_for_people_but_not_for_officials),
		TEST(an_account_is_made_whole_or_not_at_all_whichever_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
