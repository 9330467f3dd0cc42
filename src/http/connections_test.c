/* Numbers of connections at which an event loop with a buffer of 128 events may stall: all of them are busy at
 * once, with and without sleeping connections. */
#include <errno.h>
#include <poll.h>
#include "http/fixture_testing.h"

enum { THREADS = 5, CONNECTIONS_MAX = 512, ROUNDS = 8, LIMIT_MS = 20000 };

static struct fixture *f;

static int
begin(void **state)
{
	static const struct server_config config = { .listen = "127.0.0.1:0",
						     .threads = THREADS,
						     .limits = { .origin_connections = -1, .origin_per_second = -1 } };

	f = fixture_open("tests/packs/library", &config);
	return 0;
}

static int
end(void **state)
{
	fixture_close(f);
	return 0;
}

/* One request on its way on every connection, ROUNDS times over; returns how many answers came. */
static size_t
run_rounds(const int *fds, size_t count, const char *request)
{
	static char block[65536];
	struct pollfd polls[CONNECTIONS_MAX];
	size_t left[CONNECTIONS_MAX], answers = 0;
	int64_t until_us = monotonic_us() + (int64_t)LIMIT_MS * 1000;

	for (size_t i = 0; i < count; i++) {
		left[i] = ROUNDS;
		polls[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		fixture_write(fds[i], request, strlen(request));
	}
	while (answers < count * ROUNDS && monotonic_us() < until_us) {
		if (poll(polls, count, 100) < 0)
			break;
		for (size_t i = 0; i < count; i++) {
			if ((polls[i].revents & POLLIN) == 0)
				continue;
			ssize_t got = recv(fds[i], block, sizeof(block) - 1, 0);
			if (got <= 0)
				return answers;
			block[got] = '\0';
			/* Answers are small: one read brings one whole. */
			if (strncmp(block, "HTTP/1.1 200", 12) != 0)
				return answers;
			answers++;
			if (--left[i] > 0)
				fixture_write(fds[i], request, strlen(request));
		}
	}
	return answers;
}

static void
assert_flows(const char *path)
{
	static const size_t counts[] = { 1, 127, 128, 129, 255, 256, 257, 512 };
	const char *request = arena_printf(f->arena, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
	int fds[CONNECTIONS_MAX];

	for (size_t c = 0; c < ARRAY_COUNT(counts); c++) {
		for (size_t i = 0; i < counts[c]; i++)
			fds[i] = fixture_connect(server_port(f->server));
		int64_t began_us = monotonic_us();
		size_t answers = run_rounds(fds, counts[c], request);

		print_message("%zu connections, %s: %.0f requests/s\n", counts[c], path,
			      (double)answers * 1e6 / (double)(monotonic_us() - began_us));
		for (size_t i = 0; i < counts[c]; i++)
			close(fds[i]);
		assert_int_equal(answers, counts[c] * ROUNDS);
	}
}

static void
no_number_of_connections_stalls_what_is_answered_at_once(void **state)
{
	assert_flows("/problems/gone");
}

static void
no_number_of_connections_stalls_what_sleeps_for_the_writer(void **state)
{
	assert_flows("/healthz");
}

/* Stopped in the middle: every connection gets a whole answer or an end, and the stop returns. */
static void
a_stop_answers_what_was_taken(void **state)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
	static const struct server_config config = { .listen = "127.0.0.1:0",
						     .limits = { .origin_connections = -1, .origin_per_second = -1 } };
	struct server *server = NULL;
	const char *trouble = NULL;
	int fds[64];
	char block[4096];

	for (int round = 0; round < 10; round++) {
		assert_int_equal(server_start(f->registry, &config, &trouble, &server), OK);
		for (size_t i = 0; i < ARRAY_COUNT(fds); i++) {
			fds[i] = fixture_connect(server_port(server));
			fixture_write(fds[i], request, sizeof(request) - 1);
		}
		server_stop(server);
		for (size_t i = 0; i < ARRAY_COUNT(fds); i++) {
			ssize_t got = recv(fds[i], block, sizeof(block) - 1, 0);

			if (got > 0) {
				block[got] = '\0';
				assert_non_null(strstr(block, "\r\n\r\n{"));
			}
			close(fds[i]);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_number_of_connections_stalls_what_is_answered_at_once),
		cmocka_unit_test(no_number_of_connections_stalls_what_sleeps_for_the_writer),
		cmocka_unit_test(a_stop_answers_what_was_taken),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
