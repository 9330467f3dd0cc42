#include "cli/settings.h"
#include <unistd.h>
#include "base/testing.h"
#include "http/server.h"

struct fixture {
	struct arena *arena;
	struct settings settings;
	struct problem problem;
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->arena = arena_new();
	settings_init(&fixture->settings);
	problem_init(&fixture->problem, fixture->arena);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

static enum error
set(struct fixture *fixture, const char *name, const char *value)
{
	return settings_set(&fixture->settings, fixture->arena, name, value, 0, &fixture->problem);
}

static enum error
read_text(struct fixture *fixture, const char *text)
{
	char path[] = "/tmp/settings-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	enum error e = settings_read(&fixture->settings, fixture->arena, path, &fixture->problem);
	unlink(path);
	return e;
}

static const struct problem_item *
only_item(const struct fixture *fixture)
{
	assert_int_equal(fixture->problem.item_count, 1);
	return &fixture->problem.items[0];
}

static void
what_nobody_set_has_its_default(void **state)
{
	struct fixture *fixture = *state;

	assert_string_equal(settings_text(&fixture->settings, SET_LISTEN), "127.0.0.1:8080");
	assert_int_equal(settings_integer(&fixture->settings, SET_THREADS), 0);
	assert_false(settings_boolean(&fixture->settings, SET_BEHIND_PROXY));
	assert_null(settings_text(&fixture->settings, SET_BASE_URL));
}

static void
every_default_is_a_value_that_may_be_set(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_table()[i].fallback != NULL)
			assert_int_equal(set(fixture, setting_table()[i].name, setting_table()[i].fallback), OK);
}

static void
a_name_may_have_hyphens(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(set(fixture, "metrics-listen", "127.0.0.1:9100"), OK);
	assert_string_equal(settings_text(&fixture->settings, SET_METRICS_LISTEN), "127.0.0.1:9100");
}

static void
an_unknown_name_is_refused_with_the_nearest(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(set(fixture, "treads", "2"), ERR_BAD_INPUT);
	assert_int_equal(only_item(fixture)->message, MSG_UNKNOWN_FIELD);
	assert_string_equal(only_item(fixture)->arguments[0], "threads");
}

static void
a_name_like_no_other_is_refused_by_itself(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(set(fixture, "zzzzzzzzzz", "2"), ERR_BAD_INPUT);
	assert_int_equal(only_item(fixture)->message, MSG_NOT_ALLOWED_HERE);
}

static void
a_value_that_does_not_fit_is_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(set(fixture, "threads", "many"), ERR_BAD_INPUT);
	assert_int_equal(set(fixture, "threads", ""), ERR_BAD_INPUT);
	assert_int_equal(set(fixture, "threads", "65"), ERR_BAD_INPUT);
	assert_int_equal(set(fixture, "threads", "-1"), ERR_BAD_INPUT);
	assert_int_equal(set(fixture, "threads", "99999999999999999999"), ERR_BAD_INPUT);
	assert_int_equal(set(fixture, "behind_proxy", "maybe"), ERR_BAD_INPUT);
	assert_int_equal(set(fixture, "mail", "pigeon"), ERR_BAD_INPUT);
	assert_int_equal(set(fixture, "mail", ""), ERR_BAD_INPUT);
	assert_int_equal(set(fixture, "listen", ""), ERR_BAD_INPUT);
	assert_int_equal(fixture->problem.item_count, 9);
	assert_int_equal(settings_integer(&fixture->settings, SET_THREADS), 0);
}

static void
a_file_sets_many_and_a_list(void **state)
{
	struct fixture *fixture = *state;
	size_t count = 0;

	assert_int_equal(read_text(fixture, "listen: '[::1]:8080'\nbehind_proxy: yes\nhosts: [a.example, b.example]\n"
					    "base_url:\n"),
			 OK);
	assert_string_equal(settings_text(&fixture->settings, SET_LISTEN), "[::1]:8080");
	assert_true(settings_boolean(&fixture->settings, SET_BEHIND_PROXY));
	const char *const *hosts = settings_list(&fixture->settings, fixture->arena, SET_HOSTS, &count);
	assert_int_equal(count, 2);
	assert_string_equal(hosts[0], "a.example");
	assert_string_equal(hosts[1], "b.example");
}

static void
every_fault_of_a_file_is_told_with_its_line(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(read_text(fixture, "listn: x\nthreads: x\nmail: {a: b}\n"), ERR_BAD_INPUT);
	assert_int_equal(fixture->problem.item_count, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(fixture->problem.items[i].line, i + 1);
}

static void
a_file_with_comments_alone_or_none_is_fine(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(read_text(fixture, "# nothing yet\n"), OK);
	assert_int_equal(read_text(fixture, ""), OK);
	assert_int_equal(settings_read(&fixture->settings, fixture->arena, "/nowhere/settings.yaml", &fixture->problem),
			 OK);
}

static void
a_file_that_is_no_map_is_refused(void **state)
{
	assert_int_equal(read_text(*state, "- listen\n"), ERR_BAD_INPUT);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* Help tells them, so they may not drift. */
static void
the_limits_are_those_of_the_server(void **state)
{
	struct fixture *fixture = *state;
	const struct {
		enum setting setting;
		int64_t limit;
	} limits[] = {
		{ SET_ORIGIN_CONNECTIONS, SERVER_ORIGIN_CONNECTIONS }, { SET_IDLE_SECONDS, SERVER_IDLE_SECONDS },
		{ SET_ORIGIN_PER_SECOND, SERVER_ORIGIN_PER_SECOND },   { SET_ORIGIN_BURST, SERVER_ORIGIN_BURST },
		{ SET_ACCOUNT_PER_SECOND, SERVER_ACCOUNT_PER_SECOND }, { SET_ACCOUNT_BURST, SERVER_ACCOUNT_BURST },
		{ SET_STRICT_PER_MINUTE, SERVER_STRICT_PER_MINUTE },   { SET_STRICT_BURST, SERVER_STRICT_BURST },
	};

	for (size_t i = 0; i < ARRAY_COUNT(limits); i++)
		assert_int_equal(settings_integer(&fixture->settings, limits[i].setting), limits[i].limit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(what_nobody_set_has_its_default),
		WITH_FIXTURE(every_default_is_a_value_that_may_be_set),
		WITH_FIXTURE(the_limits_are_those_of_the_server),
		WITH_FIXTURE(a_name_may_have_hyphens),
		WITH_FIXTURE(an_unknown_name_is_refused_with_the_nearest),
		WITH_FIXTURE(a_name_like_no_other_is_refused_by_itself),
		WITH_FIXTURE(a_value_that_does_not_fit_is_refused),
		WITH_FIXTURE(a_file_sets_many_and_a_list),
		WITH_FIXTURE(every_fault_of_a_file_is_told_with_its_line),
		WITH_FIXTURE(a_file_with_comments_alone_or_none_is_fine),
		WITH_FIXTURE(a_file_that_is_no_map_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
