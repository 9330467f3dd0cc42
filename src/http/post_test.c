#include "http/post.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/day.h"
#include "base/testing.h"

/* ---- a server that says one thing, whatever it is asked ---- */

struct parrot {
	const char *says; /* NULL: nothing, for ever */
	size_t more;      /* bytes behind it */
	int listener;
	int port;
	pthread_t thread;
	_Atomic int visits;
	char url[64];
};

static void *
repeat(void *context)
{
	struct parrot *parrot = context;
	char block[65536];
	int fd = -1;

	while ((fd = accept(parrot->listener, NULL, NULL)) >= 0) {
		parrot->visits++;
		ssize_t got = recv(fd, block, sizeof(block), 0);

		if (got > 0 && parrot->says == NULL)
			got = recv(fd, block, sizeof(block), 0); /* until the client has had enough */
		if (got > 0)
			got = send(fd, parrot->says, strlen(parrot->says), MSG_NOSIGNAL);
		memset(block, 'x', sizeof(block));
		for (size_t sum = 0; got > 0 && sum < parrot->more; sum += (size_t)got)
			got = send(fd, block, sizeof(block), MSG_NOSIGNAL);
		close(fd);
	}
	return NULL;
}

static void
parrot_start(struct parrot *parrot)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t bytes = sizeof(address);

	parrot->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(parrot->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(parrot->listener, 8), 0);
	assert_int_equal(getsockname(parrot->listener, (struct sockaddr *)&address, &bytes), 0);
	parrot->port = ntohs(address.sin_port);
	snprintf(parrot->url, sizeof(parrot->url), "http://127.0.0.1:%d/ask", parrot->port);
	assert_int_equal(pthread_create(&parrot->thread, NULL, repeat, parrot), 0);
}

static void
parrot_stop(struct parrot *parrot)
{
	shutdown(parrot->listener, SHUT_RDWR);
	pthread_join(parrot->thread, NULL);
	close(parrot->listener);
}

/* What comes of one post to it. */
static enum error
ask(struct parrot *parrot, struct post *post)
{
	AUTO(poster_free) struct poster *poster = NULL;

	parrot_start(parrot);
	assert_int_equal(poster_new(&poster), OK);
	post->url = parrot->url;
	post->type = "text/plain";
	post->body = "hello";
	post->body_bytes = 5;
	post->answer_bytes_max = 1000;
	if (post->timeout_seconds == 0)
		post->timeout_seconds = 10;
	enum error e = poster_run(poster, post);
	parrot_stop(parrot);
	return e;
}

/* ---- */

static void
only_https_and_this_machine_may_be_asked(void **state)
{
	static const char *const good[] = { "https://witness.example",   "https://witness.example:8443/a/b",
					    "http://localhost:80/",      "http://127.0.0.1:8090",
					    "http://[::1]:8090/witness", "HTTPS://witness.example/" };
	static const char *const bad[] = { "http://witness.example/",
					   "http://127.0.0.1:80@witness.example/",
					   "http://127.0.0.1@witness.example/",
					   "https://user:word@witness.example/",
					   "http://127.0.0.1.witness.example/",
					   "http://localhost.witness.example/",
					   "http://0.0.0.0/",
					   "https://witness.example/?a=b",
					   "https://witness.example/#a",
					   "ftp://127.0.0.1/",
					   "file:///etc/passwd",
					   "gopher://127.0.0.1/",
					   "witness.example",
					   "https://",
					   "https://a b/",
					   "https://witness.example/\r\nX: y",
					   "" };

	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		assert_true(post_may_go_to(good[i]));
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		if (post_may_go_to(bad[i]))
			fail_msg("may go to %s", bad[i]);
}

static void
status_type_and_answer_come_back(void **state)
{
	struct parrot parrot = { .says = "HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\n"
					 "Content-Length: 3\r\n\r\n17\n" };
	AUTO(post_done) struct post post = { 0 };

	assert_int_equal(ask(&parrot, &post), OK);
	assert_int_equal(post.status, 409);
	assert_string_equal(post.answer_type, "text/x.tlog.size");
	assert_string_equal(post.answer.text, "17\n");
}

static void
an_answer_or_a_head_that_is_too_large_is_given_up(void **state)
{
	static char head[40000];
	struct parrot body = { .says = "HTTP/1.1 200 OK\r\n\r\n", .more = 1 << 30 };
	struct parrot headers = { .says = head };
	AUTO(post_done) struct post post = { 0 };
	size_t bytes = (size_t)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n");

	assert_int_equal(ask(&body, &post), ERR_TOO_LARGE);
	assert_true(post.answer.bytes <= 1000);
	for (int i = 0; bytes < 30000; i++)
		bytes += (size_t)snprintf(head + bytes, sizeof(head) - bytes, "X-%d: %0100d\r\n", i, i);
	snprintf(head + bytes, sizeof(head) - bytes, "\r\n");
	assert_int_equal(ask(&headers, &post), ERR_TOO_LARGE);
}

static void
a_redirect_is_an_answer_like_others(void **state)
{
	struct parrot parrot = { 0 }, elsewhere = { .says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" };
	AUTO(post_done) struct post post = { 0 };
	char says[200];

	parrot_start(&elsewhere);
	snprintf(says, sizeof(says), "HTTP/1.1 307 Over there\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
		 elsewhere.url);
	parrot.says = says;
	assert_int_equal(ask(&parrot, &post), OK);
	assert_int_equal(post.status, 307);
	parrot_stop(&elsewhere);
	assert_int_equal(elsewhere.visits, 0);
}

static void
whoever_says_nothing_is_left_in_time(void **state)
{
	struct parrot silent = { 0 };
	AUTO(post_done) struct post post = { .timeout_seconds = 1 };
	int64_t began_us = monotonic_us();

	assert_int_equal(ask(&silent, &post), ERR_IO);
	assert_true(monotonic_us() - began_us < 5000000);
}

static void *
stop_soon(void *context)
{
	_Atomic bool *stop = context;

	usleep(200000);
	*stop = true;
	return NULL;
}

static void
a_stop_gives_up_what_is_on_its_way(void **state)
{
	static _Atomic bool stop;
	struct parrot silent = { 0 };
	AUTO(post_done) struct post post = { .timeout_seconds = 60, .stop = &stop };
	int64_t began_us = monotonic_us();
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, stop_soon, &stop), 0);
	assert_int_equal(ask(&silent, &post), ERR_STOPPING);
	assert_true(monotonic_us() - began_us < 10000000);
	pthread_join(thread, NULL);
}

static void
what_is_no_http_and_who_is_not_there_are_troubles(void **state)
{
	struct parrot parrot = { .says = "220 welcome to the mail server\r\n" };
	AUTO(post_done) struct post post = { 0 };
	AUTO(poster_free) struct poster *poster = NULL;

	assert_int_equal(ask(&parrot, &post), ERR_IO);
	assert_int_equal(poster_new(&poster), OK);
	post.url = parrot.url; /* nobody listens there any more */
	assert_int_equal(poster_run(poster, &post), ERR_IO);
	assert_true(poster_trouble(poster)[0] != '\0');
	post.url = "http://witness.example/";
	assert_int_equal(poster_run(poster, &post), ERR_FORBIDDEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_https_and_this_machine_may_be_asked),
		cmocka_unit_test(status_type_and_answer_come_back),
		cmocka_unit_test(an_answer_or_a_head_that_is_too_large_is_given_up),
		cmocka_unit_test(a_redirect_is_an_answer_like_others),
		cmocka_unit_test(whoever_says_nothing_is_left_in_time),
		cmocka_unit_test(a_stop_gives_up_what_is_on_its_way),
		cmocka_unit_test(what_is_no_http_and_who_is_not_there_are_troubles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
