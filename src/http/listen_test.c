#include "http/listen.h"
#include <unistd.h>
#include "base/testing.h"

static void
addresses_are_read_with_and_without_a_host(void **state)
{
	struct listen_address address;

	assert_int_equal(listen_parse("127.0.0.1:8080", &address), OK);
	assert_string_equal(address.host, "127.0.0.1");
	assert_string_equal(address.port, "8080");
	assert_int_equal(listen_parse("[::1]:0", &address), OK);
	assert_string_equal(address.host, "::1");
	assert_int_equal(listen_parse(":80", &address), OK);
	assert_string_equal(address.host, "");
	assert_int_equal(listen_parse("localhost:80", &address), OK);
	assert_string_equal(address.host, "127.0.0.1");
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"",       "8080",    "127.0.0.1", "127.0.0.1:",   "127.0.0.1:http", "127.0.0.1:65536",
		"::1:80", "[::1:80", "[]:80",     "127.0.0.1:-1", "127.0.0.1: 80"
	};
	struct listen_address address;

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(listen_parse(bad[i], &address), ERR_USAGE);
}

static void
loopback_is_told_from_the_world(void **state)
{
	static const struct {
		const char *text;
		bool loopback;
	} cases[] = { { "127.0.0.1:1", true }, { "127.8.9.1:1", true }, { "[::1]:1", true }, { "localhost:1", true },
		      { ":1", false },         { "0.0.0.0:1", false },  { "[::]:1", false }, { "10.0.0.1:1", false } };
	struct listen_address address;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		assert_int_equal(listen_parse(cases[i].text, &address), OK);
		assert_int_equal(listen_is_loopback(&address), cases[i].loopback);
	}
}

static void
a_port_is_had_once(void **state)
{
	struct listen_address address;
	int first = -1, second = -1, port = 0, other = 0;

	assert_int_equal(listen_parse("127.0.0.1:0", &address), OK);
	assert_int_equal(listen_tcp(&address, &first, &port), OK);
	assert_true(port > 0);
	snprintf(address.port, sizeof(address.port), "%d", port);
	assert_int_equal(listen_tcp(&address, &second, &other), ERR_IO);
	close(first);
}

static void
a_socket_file_left_by_a_killed_server_is_replaced(void **state)
{
	char path[64];
	int first = -1, second = -1;

	snprintf(path, sizeof(path), "/tmp/tirkeu-listen-%d", (int)getpid());
	assert_int_equal(listen_file(path, &first), OK);
	close(first); /* the file stays, as after kill -9 */
	assert_int_equal(listen_file(path, &second), OK);
	close(second);
	unlink(path);
	assert_int_equal(
		listen_file("/tmp/a/path/that/is/longer/than/the/hundred-and-eight-bytes/that/the/system/takes/for/"
			    "the/name/of/a/socket/file",
			    &first),
		ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_with_and_without_a_host),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(loopback_is_told_from_the_world),
		cmocka_unit_test(a_port_is_had_once),
		cmocka_unit_test(a_socket_file_left_by_a_killed_server_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
