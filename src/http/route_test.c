#include "http/route.h"
#include "base/testing.h"

static struct arena *arena;

static int
begin(void **state)
{
	arena = arena_new();
	return 0;
}

static int
end(void **state)
{
	arena_free(arena);
	return 0;
}

static struct route_match
find(enum method method, const char *path)
{
	struct route_match match;

	route_find(arena, method, path, false, &match);
	return match;
}

static void
parameters_are_read_by_name(void **state)
{
	struct route_match match = find(METHOD_POST, "/api/registers/stay/ST-1234/confirm");

	assert_non_null(match.route);
	assert_string_equal(match.route->pattern, "/api/registers/{register}/{ref}/{action}");
	assert_string_equal(route_param(&match, "register"), "stay");
	assert_string_equal(route_param(&match, "ref"), "ST-1234");
	assert_string_equal(route_param(&match, "action"), "confirm");
	assert_null(route_param(&match, "act"));
}

static void
literal_words_win_over_parameters(void **state)
{
	assert_string_equal(find(METHOD_POST, "/api/registers/stay/ST-1/agree").route->pattern,
			    "/api/registers/{register}/{ref}/agree");
	assert_string_equal(find(METHOD_GET, "/api/registers/stay/schema").route->pattern,
			    "/api/registers/{register}/schema");
	assert_string_equal(find(METHOD_GET, "/api/registers/stay/ST-1").route->pattern,
			    "/api/registers/{register}/{ref}");
	assert_string_equal(find(METHOD_POST, "/api/registers/stay/declare").route->pattern,
			    "/api/registers/{register}/{action}");
}

static void
a_tail_takes_all_that_follows(void **state)
{
	struct route_match match = find(METHOD_GET, "/tlog/tile/entries/x001/067.p/8");

	assert_non_null(match.route);
	assert_string_equal(route_param(&match, "path"), "entries/x001/067.p/8");
	assert_null(find(METHOD_GET, "/tlog/tile/").route);
	assert_null(find(METHOD_GET, "/tlog/tile").route);
	assert_null(find(METHOD_GET, "/tlog").route);
	assert_null(route_param(&match, "pat"));
}

static void
paths_that_only_look_alike_do_not_fit(void **state)
{
	static const char *const paths[] = { "",
					     "/api",
					     "/api/",
					     "/api/pack/",
					     "//api/pack",
					     "/api/registers//ST-1",
					     "/api/registers/stay/ST-1/history/x",
					     "/apix/pack" };

	for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
		struct route_match match = find(METHOD_GET, paths[i]);

		assert_null(match.route);
		assert_int_equal(match.allowed, 0);
	}
}

static void
a_segment_longer_than_the_limit_does_not_fit(void **state)
{
	char path[400] = "/api/registers/";

	memset(path + 15, 'a', ROUTE_SEGMENT_BYTES_MAX + 1);
	assert_null(find(METHOD_GET, path).route);
}

static void
another_method_of_a_known_path_is_told_apart_from_an_unknown_path(void **state)
{
	struct route_match match = find(METHOD_DELETE, "/api/sessions");

	assert_null(match.route);
	assert_string_equal(route_allow(arena, match.allowed), "POST, OPTIONS");
	assert_string_equal(route_allow(arena, find(METHOD_COUNT, "/api/accounts").allowed),
			    "GET, HEAD, POST, OPTIONS");
}

static void
metrics_are_not_on_the_public_address(void **state)
{
	struct route_match match = find(METHOD_GET, "/metrics");

	assert_null(match.route);
	route_find(arena, METHOD_GET, "/metrics", true, &match);
	assert_non_null(match.route);
	route_find(arena, METHOD_GET, "/api/pack", true, &match);
	assert_null(match.route);
	route_find(arena, METHOD_GET, "/healthz", true, &match);
	assert_non_null(match.route);
}

/* What the table must keep, whoever adds a row. */
static void
every_row_is_whole(void **state)
{
	size_t count;
	const struct route *routes = route_table(&count);

	assert_true(count > 20);
	for (size_t i = 0; i < count; i++) {
		assert_true(routes[i].pattern[0] == '/');
		assert_non_null(routes[i].handler);
		assert_true(strlen(routes[i].summary) > 5);
		if (routes[i].body == BODY_FILE)
			assert_true((routes[i].flags & ROUTE_SLOW) != 0);
		if ((routes[i].flags & ROUTE_KEY) != 0)
			assert_int_equal(routes[i].method, METHOD_POST);
		if (routes[i].method == METHOD_GET)
			assert_int_equal(routes[i].body, BODY_NONE);
		for (size_t n = 0; n < i; n++)
			assert_false(routes[n].method == routes[i].method &&
				     strcmp(routes[n].pattern, routes[i].pattern) == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_read_by_name),
		cmocka_unit_test(literal_words_win_over_parameters),
		cmocka_unit_test(a_tail_takes_all_that_follows),
		cmocka_unit_test(paths_that_only_look_alike_do_not_fit),
		cmocka_unit_test(a_segment_longer_than_the_limit_does_not_fit),
		cmocka_unit_test(another_method_of_a_known_path_is_told_apart_from_an_unknown_path),
		cmocka_unit_test(metrics_are_not_on_the_public_address),
		cmocka_unit_test(every_row_is_whole),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
