#include <stdatomic.h>
#include <unistd.h>
#include "access/fixture.h"

static enum error
who(struct fixture *f, const char *token, int64_t now, struct actor *actor)
{
	return session_actor(f->access, token, NULL, NULL, now, actor);
}

static void
a_changed_role_counts_from_the_next_request_on(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	struct session_grant grant = sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	struct actor actor;

	for (int i = 0; i < 20; i++) {
		assert_int_equal(change(f, account, GRANT, CLERK, CITY), OK);
		assert_int_equal(who(f, grant.token, NOW, &actor), OK);
		assert_true(actor_can(&actor, CAN_LOOKUPS));
		assert_int_equal(change(f, account, REVOKE, CLERK, 0), OK);
		assert_int_equal(who(f, grant.token, NOW, &actor), OK);
		assert_false(actor_can(&actor, CAN_LOOKUPS));
	}
}

static void
a_change_that_was_undone_is_not_seen(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	struct session_grant grant = sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	struct deed_job d = {
		.deed = GRANT, .account = account, .then = ERR_GUARD, .role = { .role = &roles[CLERK], .place = CITY }
	};
	struct actor actor;

	assert_int_equal(run_deed(f, &d), ERR_GUARD);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(who(f, grant.token, NOW, &actor), OK);
		assert_int_equal(actor.role_count, 0);
	}
	struct deed_job closing = { .deed = CLOSE, .account = account, .then = ERR_GUARD };

	assert_int_equal(run_deed(f, &closing), ERR_GUARD);
	assert_int_equal(who(f, grant.token, NOW, &actor), OK);
}

static struct holder *
holder_of(struct fixture *f, int64_t account)
{
	return (struct holder *)(uintptr_t)*map_get(&f->access->holders, (uint64_t)account);
}

static void
once_a_change_is_settled_requests_read_the_store_no_more(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	struct session_grant grant = sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	struct deed_job undone = {
		.deed = GRANT, .account = account, .then = ERR_GUARD, .role = { .role = &roles[CLERK], .place = CITY }
	};
	struct actor actor;
	bool is_settled = false;

	assert_int_equal(run_deed(f, &undone), ERR_GUARD);
	for (int i = 0; i < 1000 && !is_settled; i++) {
		assert_int_equal(who(f, grant.token, NOW, &actor), OK);
		pthread_rwlock_rdlock(&f->access->lock);
		is_settled = holder_of(f, account)->loaded == holder_of(f, account)->changed;
		pthread_rwlock_unlock(&f->access->lock);
		usleep(1000);
	}
	assert_true(is_settled);
}

static void
a_new_password_ends_the_sessions_and_closing_too(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	struct session_grant old = sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	struct actor actor;

	assert_int_equal(who(f, old.token, NOW, &actor), OK);
	assert_int_equal(change(f, account, SET_PASSWORD, -1, 0), OK);
	assert_int_equal(who(f, old.token, NOW, &actor), ERR_SIGN_IN);
	struct session_grant fresh = sign_in(f, "erlan", OTHER_PASSWORD, NOW);

	assert_int_equal(who(f, fresh.token, NOW, &actor), OK);
	assert_int_equal(change(f, account, CLOSE, -1, 0), OK);
	assert_int_equal(who(f, fresh.token, NOW, &actor), ERR_SIGN_IN);
	assert_int_equal(query_number(f, "select count(*) from access_session"), 0);
}

static void
a_session_opened_by_activation_lives_though_older_ones_end(void **state)
{
	struct fixture *f = *state;
	int64_t account = make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	struct session_grant old = sign_in(f, "erlan", GOOD_PASSWORD, NOW), fresh;
	struct deed_job d = { .deed = NEW_CODE, .account = account };
	struct actor actor;

	assert_int_equal(who(f, old.token, NOW, &actor), OK);
	assert_int_equal(run_deed(f, &d), OK);
	assert_int_equal(session_activate(f->access, "erlan", d.code, OTHER_PASSWORD, NULL, NOW, &f->problem, &fresh),
			 OK);
	assert_int_equal(who(f, fresh.token, NOW, &actor), OK);
	assert_int_equal(who(f, old.token, NOW, &actor), ERR_SIGN_IN);
}

static size_t
count_in_memory(struct fixture *f)
{
	pthread_rwlock_rdlock(&f->access->lock);
	size_t count = f->access->sessions.count;

	assert_true(f->access->holders.count <= count);
	pthread_rwlock_unlock(&f->access->lock);
	return count;
}

static void
ended_sessions_leave_memory_and_store(void **state)
{
	struct fixture *f = *state;
	struct actor actor;

	make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	make_account(f, "dana", GOOD_PASSWORD, -1, 0);
	for (int i = 0; i < 5; i++)
		sign_in(f, "erlan", GOOD_PASSWORD, NOW);
	struct session_grant late = sign_in(f, "dana", GOOD_PASSWORD, NOW + SESSION_SILENCE_MS);

	assert_int_equal(who(f, late.token, NOW + SESSION_SILENCE_MS + 60000, &actor), OK);
	for (int i = 0; i < 5000 && count_in_memory(f) > 1; i++)
		usleep(1000);
	assert_int_equal(count_in_memory(f), 1);
	assert_int_equal(query_number(f, "select count(*) from access_session"), 1);
}

/* ---- many at once ---- */

struct crowd {
	struct fixture *f;
	char tokens[4][TOKEN_TEXT_BYTES];
	_Atomic bool is_over;
	_Atomic size_t failure_count;
};

/* Each read must show one of the two states that were ever committed: the clerk of the city, or no role. */
static void *
read_actors(void *argument)
{
	struct crowd *crowd = argument;
	struct actor actor;

	for (size_t i = 0; !crowd->is_over; i++) {
		if (who(crowd->f, crowd->tokens[i % 4], NOW + 1, &actor) != OK || actor.role_count > 1 ||
		    (actor.role_count == 1 && actor.roles[0].place != CITY))
			crowd->failure_count++;
	}
	return NULL;
}

static void *
sign_in_and_out(void *argument)
{
	struct crowd *crowd = argument;
	struct session_grant grant;
	struct actor actor;

	while (!crowd->is_over) {
		if (session_open(crowd->f->access, "dana", GOOD_PASSWORD, NULL, NOW, NULL, &grant) != OK ||
		    who(crowd->f, grant.token, NOW, &actor) != OK ||
		    session_close(crowd->f->access, grant.token, NOW) != OK)
			crowd->failure_count++;
	}
	return NULL;
}

static void
readers_and_writers_at_once_see_committed_states_only(void **state)
{
	struct fixture *f = *state;
	struct crowd crowd = { .f = f };
	pthread_t threads[6];
	int64_t account = make_account(f, "erlan", GOOD_PASSWORD, -1, 0);
	struct deed_job undone = { .deed = GRANT,
				   .account = account,
				   .then = ERR_GUARD,
				   .role = { .role = &roles[CLERK], .place = OTHER_CITY } };
	struct actor actor;

	make_account(f, "dana", GOOD_PASSWORD, -1, 0);
	for (int i = 0; i < 4; i++)
		memcpy(crowd.tokens[i], sign_in(f, "erlan", GOOD_PASSWORD, NOW).token, TOKEN_TEXT_BYTES);
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, i < 4 ? read_actors : sign_in_and_out, &crowd), 0);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(change(f, account, GRANT, CLERK, CITY), OK);
		assert_int_equal(who(f, crowd.tokens[0], NOW, &actor), OK);
		assert_int_equal(actor.role_count, 1);
		assert_int_equal(run_deed(f, &undone), ERR_GUARD);
		assert_int_equal(change(f, account, REVOKE, CLERK, 0), OK);
		assert_int_equal(who(f, crowd.tokens[0], NOW, &actor), OK);
		assert_int_equal(actor.role_count, 0);
	}
	crowd.is_over = true;
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.failure_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_changed_role_counts_from_the_next_request_on),
		TEST(a_change_that_was_undone_is_not_seen),
		TEST(once_a_change_is_settled_requests_read_the_store_no_more),
		TEST(a_new_password_ends_the_sessions_and_closing_too),
		TEST(a_session_opened_by_activation_lives_though_older_ones_end),
		TEST(ended_sessions_leave_memory_and_store),
		TEST(readers_and_writers_at_once_see_committed_states_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
