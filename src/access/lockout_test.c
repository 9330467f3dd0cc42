#include "access/fixture.h"

static bool
miss(struct lockout *lockout, const char *name, const char *origin, int64_t now)
{
	struct attempt attempt;
	int64_t wait_ms;

	return lockout_begin(lockout, name, origin, now, &attempt, &wait_ms);
}

static int64_t
wait_of(struct lockout *lockout, const char *name, const char *origin, int64_t now)
{
	struct attempt attempt;
	int64_t wait_ms = 0;

	return lockout_begin(lockout, name, origin, now, &attempt, &wait_ms) ? 0 : wait_ms;
}

static void
after_five_failures_a_name_waits_twice_as_long_each_time(void **state)
{
	AUTO(lockout_free) struct lockout *lockout = lockout_new();
	int64_t now = NOW, wait_ms = 1000;

	for (int i = 0; i < 5; i++)
		assert_true(miss(lockout, "aigerim", NULL, now));
	for (int i = 0; i < 9; i++) {
		assert_int_equal(wait_of(lockout, "aigerim", NULL, now), wait_ms);
		now += wait_ms;
		assert_true(miss(lockout, "aigerim", NULL, now));
		wait_ms *= 2;
	}
	now += wait_ms;
	assert_true(miss(lockout, "aigerim", NULL, now));
	assert_int_equal(wait_of(lockout, "aigerim", NULL, now), LOCKOUT_WAIT_MS_MAX);
	assert_true(miss(lockout, "bolat", NULL, now));
}

static void
an_origin_waits_after_twenty_failures_at_different_names(void **state)
{
	AUTO(lockout_free) struct lockout *lockout = lockout_new();
	char name[16];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		assert_true(miss(lockout, name, "192.0.2.7", NOW));
	}
	assert_false(miss(lockout, "other", "192.0.2.7", NOW));
	assert_false(miss(lockout, "other", "::ffff:192.0.2.7", NOW));
	assert_true(miss(lockout, "other", "192.0.2.8", NOW));
}

static void
addresses_of_one_ipv6_network_count_as_one(void **state)
{
	AUTO(lockout_free) struct lockout *lockout = lockout_new();
	char name[16], origin[40];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		snprintf(origin, sizeof(origin), "2001:db8:1:2::%d", i);
		assert_true(miss(lockout, name, origin, NOW));
	}
	assert_false(miss(lockout, "other", "2001:db8:1:2:ffff::1", NOW));
	assert_true(miss(lockout, "other", "2001:db8:1:3::1", NOW));
}

static void
a_right_password_clears_the_name_but_not_what_the_origin_guessed_at_others(void **state)
{
	AUTO(lockout_free) struct lockout *lockout = lockout_new();
	struct attempt attempt;
	int64_t wait_ms;
	char name[16];

	for (int i = 0; i < 19; i++) {
		snprintf(name, sizeof(name), "name%d", i % 5);
		assert_true(miss(lockout, name, "192.0.2.7", NOW));
	}
	assert_true(lockout_begin(lockout, "own", "192.0.2.7", NOW, &attempt, &wait_ms));
	lockout_succeeded(lockout, &attempt);
	assert_true(miss(lockout, "own", "192.0.2.7", NOW));
	assert_false(miss(lockout, "own", "192.0.2.7", NOW));
}

static void
an_attempt_that_was_dropped_does_not_count(void **state)
{
	AUTO(lockout_free) struct lockout *lockout = lockout_new();
	struct attempt attempt;
	int64_t wait_ms;

	for (int i = 0; i < 100; i++) {
		assert_true(lockout_begin(lockout, "aigerim", "192.0.2.7", NOW, &attempt, &wait_ms));
		lockout_dropped(lockout, &attempt);
	}
}

static void
failures_are_forgotten_after_a_quiet_while(void **state)
{
	AUTO(lockout_free) struct lockout *lockout = lockout_new();

	for (int i = 0; i < 5; i++)
		assert_true(miss(lockout, "aigerim", NULL, NOW));
	int64_t later = NOW + 1000 + LOCKOUT_WAIT_MS_MAX;

	for (int i = 0; i < 5; i++)
		assert_true(miss(lockout, "aigerim", NULL, later));
	assert_false(miss(lockout, "aigerim", NULL, later));
}

static void
a_flood_of_names_does_not_free_the_one_that_waits(void **state)
{
	AUTO(lockout_free) struct lockout *lockout = lockout_new();
	char name[24];

	for (int i = 0; i < 14; i++)
		miss(lockout, "aigerim", NULL, NOW + i * (int64_t)LOCKOUT_WAIT_MS_MAX / 2);
	int64_t now = NOW + 13 * (int64_t)LOCKOUT_WAIT_MS_MAX / 2;

	assert_true(wait_of(lockout, "aigerim", NULL, now) > 0);
	for (int i = 0; i < 200000; i++) {
		snprintf(name, sizeof(name), "flood%d", i);
		miss(lockout, name, NULL, now);
	}
	assert_true(wait_of(lockout, "aigerim", NULL, now) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_five_failures_a_name_waits_twice_as_long_each_time),
		cmocka_unit_test(an_origin_waits_after_twenty_failures_at_different_names),
		cmocka_unit_test(addresses_of_one_ipv6_network_count_as_one),
		cmocka_unit_test(a_right_password_clears_the_name_but_not_what_the_origin_guessed_at_others),
		cmocka_unit_test(an_attempt_that_was_dropped_does_not_count),
		cmocka_unit_test(failures_are_forgotten_after_a_quiet_while),
		cmocka_unit_test(a_flood_of_names_does_not_free_the_one_that_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
