#include "access/fixture.h"

static enum error
who(struct fixture *f, const char *token, int64_t now, struct actor *actor)
{
	return session_actor(f->access, token, NULL, "10.0.0.1", now, actor);
}

static enum error
try_in(struct fixture *f, const char *name, const char *password, const char *origin, int64_t now)
{
	struct session_grant grant;

	return session_open(f->access, name, password, origin, now, &f->problem, &grant);
}

static void
the_right_password_opens_a_session(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", GOOD_PASSWORD, CLERK, CITY);
	struct session_grant grant = sign_in(f, "  Erlan ", GOOD_PASSWORD, NOW);
	struct actor actor;

	assert_int_equal(grant.expires_at, NOW + SESSION_MS);
	assert_int_equal(who(f, grant.token, NOW + 1, &actor), OK);
	assert_int_equal(actor.account, account);
	assert_string_equal(actor.origin, "10.0.0.1");
	assert_false(actor.is_token);
	assert_true(actor_can(&actor, CAN_LOOKUPS));
	assert_int_equal(query_number(f, "select count(*) from access_audit where kind = 'signed-in'"), 1);
}

static void
a_wrong_password_an_unknown_name_and_an_account_without_password_are_told_alike(void **state)
{
	struct fixture *f = *state;

	make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	make_account(f, "dana", NULL, -1, 0);
	assert_int_equal(try_in(f, "erlan", OTHER_PASSWORD, NULL, NOW), ERR_SIGN_IN);
	assert_int_equal(try_in(f, "nobody", GOOD_PASSWORD, NULL, NOW), ERR_SIGN_IN);
	assert_int_equal(try_in(f, "dana", GOOD_PASSWORD, NULL, NOW), ERR_SIGN_IN);
	assert_int_equal(try_in(f, "dana", "", NULL, NOW), ERR_SIGN_IN);
	assert_int_equal(try_in(f, NULL, NULL, NULL, NOW), ERR_SIGN_IN);
	for (size_t i = 0; i < f->problem.item_count; i++)
		assert_int_equal(f->problem.items[i].message, MSG_SIGN_IN_FAILED);
}

static void
after_five_wrong_passwords_the_right_one_waits_too(void **state)
{
	struct fixture *f = *state;

	make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(try_in(f, "erlan", OTHER_PASSWORD, NULL, NOW), ERR_SIGN_IN);
	assert_int_equal(try_in(f, "erlan", GOOD_PASSWORD, NULL, NOW), ERR_LIMITED);
	struct problem_item *item = &f->problem.items[f->problem.item_count - 1];

	assert_int_equal(item->message, MSG_LOCKED_OUT);
	assert_string_equal(item->arguments[0], "1");
	assert_int_equal(try_in(f, "erlan", GOOD_PASSWORD, NULL, NOW + 1000), OK);
	assert_int_equal(try_in(f, "erlan", OTHER_PASSWORD, NULL, NOW + 1000), ERR_SIGN_IN);
	shut(f);
	open_again(f);
	assert_int_equal(query_number(f, "select count(*) from access_audit where kind = 'locked-out'"), 1);
}

static void
sessions_end_by_age_and_by_silence(void **state)
{
	struct fixture *f = *state;
	struct actor actor;
	int64_t now = NOW;

	make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	struct session_grant silent = sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	struct session_grant busy = sign_in(f, "erlan", GOOD_PASSWORD, NOW);

	while (now < NOW + SESSION_MS - 1000000) {
		now += 1000000;
		assert_int_equal(who(f, busy.token, now, &actor), OK);
	}
	assert_int_equal(who(f, busy.token, NOW + SESSION_MS, &actor), ERR_SIGN_IN);
	assert_int_equal(who(f, silent.token, NOW + SESSION_SILENCE_MS + 1, &actor), ERR_SIGN_IN);
}

static void
a_change_needs_the_csrf_value_of_its_session(void **state)
{
	struct fixture *f = *state;
	struct actor actor;

	make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	struct session_grant a = sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	struct session_grant b = sign_in(f, "erlan", GOOD_PASSWORD, NOW);

	assert_int_equal(session_actor(f->access, a.token, a.csrf, NULL, NOW, &actor), OK);
	assert_int_equal(session_actor(f->access, a.token, b.csrf, NULL, NOW, &actor), ERR_FORBIDDEN);
	assert_int_equal(session_actor(f->access, a.token, "", NULL, NOW, &actor), ERR_FORBIDDEN);
	assert_int_equal(session_actor(f->access, "ts_", a.csrf, NULL, NOW, &actor), ERR_SIGN_IN);
}

static void
a_restart_signs_nobody_out(void **state)
{
	struct fixture *f = *state;
	struct actor actor;

	make_account(f, "erlan", GOOD_PASSWORD, CLERK, CITY);
	struct session_grant kept = sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	struct session_grant ended = sign_in(f, "erlan", GOOD_PASSWORD, NOW);

	assert_int_equal(session_close(f->access, ended.token, NOW), OK);
	/* Seen last 29 minutes on; that is in the store when the program ends. */
	assert_int_equal(who(f, kept.token, NOW + 29 * 60000, &actor), OK);
	shut(f);
	open_again(f);
	assert_int_equal(session_actor(f->access, kept.token, kept.csrf, NULL, NOW + 58 * 60000, &actor), OK);
	assert_true(actor_can(&actor, CAN_LOOKUPS));
	assert_int_equal(who(f, ended.token, NOW + 1, &actor), ERR_SIGN_IN);
}

static void
signing_out_ends_one_session(void **state)
{
	struct fixture *f = *state;
	struct actor actor;

	make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	struct session_grant a = sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	struct session_grant b = sign_in(f, "erlan", GOOD_PASSWORD, NOW);

	assert_int_equal(session_close(f->access, a.token, NOW), OK);
	assert_int_equal(session_close(f->access, a.token, NOW), ERR_SIGN_IN);
	assert_int_equal(who(f, a.token, NOW, &actor), ERR_SIGN_IN);
	assert_int_equal(who(f, b.token, NOW, &actor), OK);
	assert_int_equal(query_number(f, "select count(*) from access_session"), 1);
}

static void
an_account_keeps_its_newest_sessions_only(void **state)
{
	struct fixture *f = *state;
	struct session_grant grants[SESSIONS_PER_ACCOUNT_MAX + 3];
	struct actor actor;

	make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	for (size_t i = 0; i < ARRAY_COUNT(grants); i++)
		grants[i] = sign_in(f, "erlan", GOOD_PASSWORD, NOW + (int64_t)i);
	for (size_t i = 0; i < ARRAY_COUNT(grants); i++)
		assert_int_equal(who(f, grants[i].token, NOW + 100, &actor), i < 3 ? ERR_SIGN_IN : OK);
	assert_int_equal(query_number(f, "select count(*) from access_session"), SESSIONS_PER_ACCOUNT_MAX);
}

static void
a_code_activates_once_and_sets_the_password(void **state)
{
	struct fixture *f = *state;
	struct deed_job d = { .deed = CREATE, .draft = { .name = "dana" } };
	struct session_grant grant;
	struct actor actor;

	assert_int_equal(run_deed(f, &d), OK);
	assert_int_equal(session_activate(f->access, "dana", d.code, "password12", NULL, NOW, &f->problem, &grant),
			 ERR_BAD_INPUT);
	assert_int_equal(session_activate(f->access, "dana", d.code, GOOD_PASSWORD, NULL, NOW, &f->problem, &grant),
			 OK);
	assert_int_equal(who(f, grant.token, NOW, &actor), OK);
	assert_int_equal(actor.account, d.account);
	assert_int_equal(session_activate(f->access, "dana", d.code, GOOD_PASSWORD, NULL, NOW, &f->problem, &grant),
			 ERR_SIGN_IN);
	assert_int_equal(try_in(f, "dana", GOOD_PASSWORD, NULL, NOW), OK);
	assert_int_equal(query_number(f, "select count(*) from access_audit where kind = 'activated'"), 1);
}

static void
a_code_dies_after_five_wrong_tries_even_slow_ones(void **state)
{
	struct fixture *f = *state;
	struct deed_job d = { .deed = CREATE, .draft = { .name = "dana" } };
	struct session_grant grant;
	int64_t now = NOW;

	assert_int_equal(run_deed(f, &d), OK);
	for (int i = 0; i < 5; i++, now += 3600000)
		assert_int_equal(session_activate(f->access, "dana", "0000-0000-0000", GOOD_PASSWORD, NULL, now,
						  &f->problem, &grant),
				 ERR_SIGN_IN);
	assert_int_equal(session_activate(f->access, "dana", d.code, GOOD_PASSWORD, NULL, now, &f->problem, &grant),
			 ERR_SIGN_IN);
	assert_int_equal(f->problem.items[f->problem.item_count - 1].message, MSG_CODE_FAILED);
	assert_int_equal(query_number(f, "select count(*) from access_audit where kind = 'code-killed'"), 1);
	assert_int_equal(query_number(f, "select count(*) from access_code"), 0);
}

static void
a_code_lives_a_day_and_a_new_one_ends_it(void **state)
{
	struct fixture *f = *state;
	struct deed_job d = { .deed = CREATE, .draft = { .name = "dana" } };
	struct session_grant grant;

	assert_int_equal(run_deed(f, &d), OK);
	assert_int_equal(
		session_activate(f->access, "dana", d.code, GOOD_PASSWORD, NULL, NOW + CODE_MS, &f->problem, &grant),
		ERR_SIGN_IN);
	struct deed_job fresh = { .deed = NEW_CODE, .account = d.account, .now = NOW + CODE_MS };

	assert_int_equal(run_deed(f, &fresh), OK);
	assert_int_equal(
		session_activate(f->access, "dana", d.code, GOOD_PASSWORD, NULL, NOW + CODE_MS, &f->problem, &grant),
		ERR_SIGN_IN);
	assert_int_equal(session_activate(f->access, "dana", fresh.code, GOOD_PASSWORD, NULL,
					  NOW + 2 * (int64_t)CODE_MS - 1, &f->problem, &grant),
			 OK);
}

static void
activating_an_unknown_name_is_told_as_a_wrong_code(void **state)
{
	struct fixture *f = *state;
	struct session_grant grant;

	assert_int_equal(
		session_activate(f->access, "nobody", "0000-0000-0000", GOOD_PASSWORD, NULL, NOW, &f->problem, &grant),
		ERR_SIGN_IN);
	assert_int_equal(session_activate(f->access, "A B C", NULL, GOOD_PASSWORD, NULL, NOW, &f->problem, &grant),
			 ERR_SIGN_IN);
}

static void
a_cheap_hash_is_renewed_at_the_next_sign_in(void **state)
{
	struct fixture *f = *state;

	make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	access_set_cost(&(struct access_cost){ .passes = 2, .memory_bytes = 16384 });
	sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	assert_int_equal(query_number(f, "select count(*) from access_account where password like '%m=16,t=2%'"), 1);
	sign_in(f, "erlan", GOOD_PASSWORD, NOW);
}

static void
no_session_opens_when_the_store_refuses_it(void **state)
{
	struct fixture *f = *state;

	make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	make_account(f, "dana", GOOD_PASSWORD, -1, 0);
	assert_int_equal(change(f, 1, CLOSE, -1, 0), OK);
	assert_int_equal(try_in(f, "erlan", GOOD_PASSWORD, NULL, NOW), ERR_SIGN_IN);
	assert_int_equal(try_in(f, "dana", GOOD_PASSWORD, NULL, NOW), OK);
	assert_int_equal(query_number(f, "select count(*) from access_session"), 1);
}

static void
a_sign_in_or_activation_that_cannot_be_stored_opens_nothing(void **state)
{
	struct fixture *f = *state;
	struct deed_job d = { .deed = CREATE, .draft = { .name = "dana" } };
	struct session_grant grant;
	bool fired = true;

	assert_int_equal(run_deed(f, &d), OK);
	for (int nth = 1; fired; nth++) {
		db_fail_at(f->db, nth);
		enum error e =
			session_activate(f->access, "dana", d.code, GOOD_PASSWORD, NULL, NOW, &f->problem, &grant);

		fired = db_fault_fired(f->db);
		db_fail_at(f->db, 0);
		assert_int_equal(e == OK, !fired);
		assert_int_equal(f->access->sessions.count, !fired);
		assert_int_equal(query_number(f, "select count(*) from access_session"), !fired);
		assert_int_equal(query_number(f, "select count(*) from access_code"), fired);
	}
	db_fail_at(f->db, 1);
	assert_int_equal(try_in(f, "dana", GOOD_PASSWORD, NULL, NOW), ERR_IO);
	db_fail_at(f->db, 0);
	assert_int_equal(f->access->sessions.count, 1);
	/* A fault of ours is no failure of theirs. */
	for (int i = 0; i < 10; i++)
		assert_int_equal(try_in(f, "dana", GOOD_PASSWORD, NULL, NOW), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_right_password_opens_a_session),
		TEST(a_wrong_password_an_unknown_name_and_an_account_without_password_are_told_alike),
		TEST(after_five_wrong_passwords_the_right_one_waits_too),
		TEST(sessions_end_by_age_and_by_silence),
		TEST(a_change_needs_the_csrf_value_of_its_session),
		TEST(a_restart_signs_nobody_out),
		TEST(signing_out_ends_one_session),
		TEST(an_account_keeps_its_newest_sessions_only),
		TEST(a_code_activates_once_and_sets_the_password),
		TEST(a_code_dies_after_five_wrong_tries_even_slow_ones),
		TEST(a_code_lives_a_day_and_a_new_one_ends_it),
		TEST(activating_an_unknown_name_is_told_as_a_wrong_code),
		TEST(a_cheap_hash_is_renewed_at_the_next_sign_in),
		TEST(no_session_opens_when_the_store_refuses_it),
		TEST(a_sign_in_or_activation_that_cannot_be_stored_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
