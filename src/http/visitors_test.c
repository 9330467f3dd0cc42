#include "http/visitors.h"
#include "http/fixture_testing.h"

static struct fixture *f;

/* A silence of two seconds, then one for the head. */
static int
begin(void **state)
{
	static const struct server_config config = { .listen = "127.0.0.1:0",
						     .threads = 2,
						     .limits = { .idle_seconds = 2, .head_seconds = 1 } };

	f = fixture_open("tests/packs/library", &config);
	return 0;
}

static int
end(void **state)
{
	fixture_close(f);
	return 0;
}

static bool
is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void
who_sends_a_head_byte_by_byte_is_shut_out(void **state)
{
	int fd = fixture_connect(server_port(f->server));
	int64_t began_us = monotonic_us();

	fixture_write(fd, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ", 43);
	while (!is_closed(fd) && monotonic_us() - began_us < 20 * 1000000) {
		fixture_write(fd, "y", 1);
		usleep(100000);
	}
	int64_t took_us = monotonic_us() - began_us;

	close(fd);
	assert_in_range(took_us, 2500000, 15000000);
}

static void
who_asks_now_and_then_stays(void **state)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
	int fd = fixture_connect(server_port(f->server));

	for (int i = 0; i < 5; i++) {
		fixture_write(fd, request, sizeof(request) - 1);
		struct answer answer = fixture_read(f, fd, true);

		assert_int_equal(answer.status, 200);
		usleep(1000000);
	}
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_sends_a_head_byte_by_byte_is_shut_out),
		cmocka_unit_test(who_asks_now_and_then_stays),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
