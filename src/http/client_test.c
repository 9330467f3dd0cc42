#include "http/client.h"
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/testing.h"

/* A server that answers one connection with a fixed text and keeps what was asked. */
struct stub {
	char path[64];
	int fd;
	pthread_t thread;
	const char *answer;
	char asked[4096];
};

static void *
answer_once(void *context)
{
	struct stub *stub = context;
	size_t bytes = 0;
	int fd = accept(stub->fd, NULL, NULL);

	/* The tests' bodies end with "}"; requests without one end with an empty line. */
	while (bytes < sizeof(stub->asked) - 1) {
		ssize_t got = read(fd, stub->asked + bytes, sizeof(stub->asked) - 1 - bytes);

		if (got <= 0)
			break;
		bytes += (size_t)got;
		bool has_body = strstr(stub->asked, "Content-Length") != NULL;

		if (stub->asked[bytes - 1] == '}' || (!has_body && strstr(stub->asked, "\r\n\r\n") != NULL))
			break;
	}
	IGNORE(write(fd, stub->answer, strlen(stub->answer))); /* the client says what is missing */
	close(fd);
	return NULL;
}

static void
stub_start(struct stub *stub, const char *answer)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*stub = (struct stub){ .answer = answer };
	snprintf(stub->path, sizeof(stub->path), "/tmp/client-test-%ld", (long)getpid());
	unlink(stub->path);
	strcpy(address.sun_path, stub->path);
	stub->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(stub->fd >= 0);
	assert_int_equal(bind(stub->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(stub->fd, 1), 0);
	assert_int_equal(pthread_create(&stub->thread, NULL, answer_once, stub), 0);
}

static void
stub_stop(struct stub *stub)
{
	assert_int_equal(pthread_join(stub->thread, NULL), 0);
	close(stub->fd);
	unlink(stub->path);
}

static void
what_is_sent_and_answered_arrives(void **state)
{
	struct stub stub;
	AUTO(client_call_done)
	struct client_call call = { .socket_path = stub.path,
				    .method = "POST",
				    .path = "/api/lookups?lang=kk",
				    .body = "{\"a\":1}",
				    .token = "secret",
				    .headers = { "Idempotency-Key: k1" } };

	stub_start(&stub, "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}");
	assert_int_equal(client_run(&call), OK);
	stub_stop(&stub);
	assert_int_equal(call.status, 201);
	assert_string_equal(call.answer.text, "{}");
	assert_ptr_equal(strstr(stub.asked, "POST /api/lookups?lang=kk HTTP/1.1\r\n"), stub.asked);
	assert_non_null(strstr(stub.asked, "\r\nAuthorization: Bearer secret\r\n"));
	assert_non_null(strstr(stub.asked, "\r\nIdempotency-Key: k1\r\n"));
	assert_non_null(strstr(stub.asked, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(stub.asked, "\r\n\r\n{\"a\":1}"));
}

static void
without_a_token_and_body_nothing_of_them_is_sent(void **state)
{
	struct stub stub;
	AUTO(client_call_done)
	struct client_call call = { .socket_path = stub.path, .method = "GET", .path = "/healthz" };

	stub_start(&stub, "HTTP/1.1 204 No Content\r\n\r\n");
	assert_int_equal(client_run(&call), OK);
	stub_stop(&stub);
	assert_int_equal(call.status, 204);
	assert_int_equal(call.answer.bytes, 0);
	assert_null(strstr(stub.asked, "Authorization"));
	assert_null(strstr(stub.asked, "Content-Type"));
}

static void
nobody_there_is_told_apart_from_a_broken_answer(void **state)
{
	struct stub stub;
	AUTO(client_call_done)
	struct client_call nobody = { .socket_path = "/tmp/no/such/socket", .method = "GET", .path = "/" };
	AUTO(client_call_done) struct client_call cut = { .socket_path = stub.path, .method = "GET", .path = "/" };

	assert_int_equal(client_run(&nobody), ERR_NOT_FOUND);
	stub_start(&stub, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
	assert_int_equal(client_run(&cut), ERR_IO);
	stub_stop(&stub);
}

/* Else an argument of a command could hold a second request, and the console's socket would obey it. */
static void
a_header_with_a_line_end_is_not_sent(void **state)
{
	static const char *const wrong[] = { "On-Behalf-Of: a\r\nX: y", "If-Match: 1\n", "X: \x7f" };

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		AUTO(client_call_done)
		struct client_call call = { .socket_path = "/nowhere/at/all", .method = "GET", .path = "/healthz" };

		call.headers[0] = wrong[i];
		assert_int_equal(client_run(&call), ERR_BAD_INPUT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_and_answered_arrives),
		cmocka_unit_test(without_a_token_and_body_nothing_of_them_is_sent),
		cmocka_unit_test(nobody_there_is_told_apart_from_a_broken_answer),
		cmocka_unit_test(a_header_with_a_line_end_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
