#include "access/fixture.h"

static enum error
who(struct fixture *f, const char *token, struct actor *actor)
{
	return session_actor(f->access, token, NULL, NULL, NOW, actor);
}

static void
a_token_acts_with_the_roles_for_programs_only(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "program", NULL, INTEGRATOR, 0);
	char token[TOKEN_TEXT_BYTES];
	struct actor actor;

	assert_int_equal(change(f, account, GRANT, CLERK, CITY), OK);
	assert_int_equal(token_create(f->access, account, "feed", NOW, token), OK);
	assert_int_equal(who(f, token, &actor), OK);
	assert_true(actor.is_token);
	assert_int_equal(actor.role_count, 1);
	assert_ptr_equal(actor.roles[0].role, &roles[INTEGRATOR]);
	assert_false(actor_can(&actor, CAN_LOOKUPS));
	/* A year on it still does: tokens have no age. */
	assert_int_equal(session_actor(f->access, token, NULL, NULL, NOW + INT64_C(31536000000), &actor), OK);
	/* In a cookie it changes nothing: it has no CSRF value that anyone was given. */
	assert_int_equal(session_actor(f->access, token, "", NULL, NOW, &actor), ERR_FORBIDDEN);
	assert_int_equal(session_close(f->access, token, NOW), ERR_SIGN_IN);
}

static void
without_a_role_for_programs_there_is_no_token(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", NULL, CLERK, CITY);
	char token[TOKEN_TEXT_BYTES];
	struct actor actor;

	assert_int_equal(token_create(f->access, account, "feed", NOW, token), ERR_FORBIDDEN);
	assert_int_equal(token_create(f->access, 4711, "feed", NOW, token), ERR_NOT_FOUND);
	assert_int_equal(change(f, account, GRANT, INTEGRATOR, 0), OK);
	assert_int_equal(token_create(f->access, account, "feed", NOW, token), OK);
	assert_int_equal(change(f, account, REVOKE, INTEGRATOR, 0), OK);
	assert_int_equal(who(f, token, &actor), ERR_SIGN_IN);
}

static void
labels_tell_tokens_apart(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "program", NULL, INTEGRATOR, 0);
	char a[TOKEN_TEXT_BYTES], b[TOKEN_TEXT_BYTES], longest[TOKEN_LABEL_BYTES_MAX + 2];
	struct actor actor;

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(token_create(f->access, account, "", NOW, a), ERR_BAD_INPUT);
	assert_int_equal(token_create(f->access, account, NULL, NOW, a), ERR_BAD_INPUT);
	assert_int_equal(token_create(f->access, account, longest, NOW, a), ERR_BAD_INPUT);
	assert_int_equal(token_create(f->access, account, "a\nb", NOW, a), ERR_BAD_INPUT);
	assert_int_equal(token_create(f->access, account, "a/b", NOW, a), ERR_BAD_INPUT);
	assert_int_equal(token_create(f->access, account, "a", NOW, a), OK);
	assert_int_equal(token_create(f->access, account, "a", NOW, b), ERR_DUPLICATE);
	assert_int_equal(token_create(f->access, account, "b", NOW, b), OK);
	assert_int_equal(token_revoke(f->access, account, "a", NOW), OK);
	assert_int_equal(token_revoke(f->access, account, "a", NOW), ERR_NOT_FOUND);
	assert_int_equal(who(f, a, &actor), ERR_SIGN_IN);
	assert_int_equal(who(f, b, &actor), OK);
}

static void
tokens_outlive_a_restart_and_end_with_the_account(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "program", NULL, INTEGRATOR, 0);
	char token[TOKEN_TEXT_BYTES];
	struct actor actor;

	assert_int_equal(token_create(f->access, account, "feed", NOW, token), OK);
	shut(f);
	open_again(f);
	assert_int_equal(who(f, token, &actor), OK);
	assert_int_equal(change(f, account, SET_PASSWORD, -1, 0), OK);
	assert_int_equal(who(f, token, &actor), OK);
	assert_int_equal(change(f, account, CLOSE, -1, 0), OK);
	assert_int_equal(who(f, token, &actor), ERR_SIGN_IN);
	assert_int_equal(token_create(f->access, account, "next", NOW, token), ERR_GONE);
	assert_int_equal(query_number(f, "select count(*) from access_token"), 0);
}

static void
an_account_has_sixteen_tokens_at_most(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "program", NULL, INTEGRATOR, 0);
	char token[TOKEN_TEXT_BYTES], label[16];

	for (int i = 0; i < TOKENS_PER_ACCOUNT_MAX; i++) {
		snprintf(label, sizeof(label), "t%d", i);
		assert_int_equal(token_create(f->access, account, label, NOW, token), OK);
	}
	assert_int_equal(token_create(f->access, account, "more", NOW, token), ERR_LIMITED);
	assert_int_equal(query_number(f, "select count(*) from access_audit where kind = 'token-made'"), 16);
}

static void
a_token_made_or_revoked_by_another_names_both(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "program", NULL, INTEGRATOR, 0);
	char token[TOKEN_TEXT_BYTES];

	assert_int_equal(token_create_by(f->access, account, 77, "feed", NOW, token), OK);
	assert_int_equal(token_revoke_by(f->access, account, 77, "feed", NOW), OK);
	assert_int_equal(
		query_number(f, "select count(*) from access_audit where by_account = 77 and kind like 'token-%'"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_acts_with_the_roles_for_programs_only),
		TEST(without_a_role_for_programs_there_is_no_token),
		TEST(labels_tell_tokens_apart),
		TEST(tokens_outlive_a_restart_and_end_with_the_account),
		TEST(an_account_has_sixteen_tokens_at_most),
		TEST(a_token_made_or_revoked_by_another_names_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
