#include "http/witness_server.h"
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>
#include "base/log.h"
#include "ledger/witness_testing.h"

static struct toy_log ours, other;
static char folder[64];
static struct witness *witness;
static struct witness_server *server;

static int
set_up(void **state)
{
	enum witness_trouble trouble = WITNESS_FINE;

	log_threshold(LOG_ERROR + 1);
	toy_open(&ours, "log.example/test", 1);
	toy_open(&other, "log.example/other", 2);
	snprintf(folder, sizeof(folder), "/tmp/tirkeu-witness-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(witness_open(folder, "witness.example/w1", &ours.key, 1, &trouble, &witness), OK);
	assert_int_equal(witness_server_start(witness, "127.0.0.1:0", &server), OK);
	return 0;
}

static int
tear_down(void **state)
{
	char command[128];

	witness_server_stop(TAKE(server));
	witness_close(TAKE(witness));
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* One request on a connection of its own; all that comes back until it is closed. */
static void
ask(const char *head, const struct strbuf *body, struct strbuf *answer)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)witness_server_port(server)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	AUTO(strbuf_done) struct strbuf request = { 0 };
	char block[4096];
	ssize_t got = 0;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	strbuf_printf(&request, "%s\r\nHost: localhost\r\nConnection: close\r\n", head);
	if (body != NULL)
		strbuf_printf(&request, "Content-Length: %zu\r\n", body->bytes);
	strbuf_text(&request, "\r\n");
	if (body != NULL)
		strbuf_add(&request, body->text, body->bytes);
	/* It may hang up before all is sent. */
	for (size_t sent = 0; sent < request.bytes && got >= 0; sent += (size_t)got)
		got = send(fd, request.text + sent, request.bytes - sent, MSG_NOSIGNAL);
	strbuf_clear(answer);
	while ((got = recv(fd, block, sizeof(block), 0)) > 0)
		strbuf_add(answer, block, (size_t)got);
	close(fd);
}

static void
expect(const struct strbuf *answer, int status, const char *part)
{
	char line[32];

	snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
	assert_true(answer->bytes > 0);
	if (strncmp(answer->text, line, strlen(line)) != 0 || strstr(answer->text, part) == NULL)
		fail_msg("instead of %d and %s: %s", status, part, answer->text);
}

static void
expect_add(struct toy_log *log, uint64_t old_size, uint64_t size, int status, const char *part)
{
	AUTO(strbuf_done) struct strbuf body = { 0 };
	AUTO(strbuf_done) struct strbuf answer = { 0 };

	toy_request(log, old_size, size, &body);
	ask("POST /add-checkpoint HTTP/1.1", &body, &answer);
	expect(&answer, status, part);
}

static void
it_answers_as_the_specification_says(void **state)
{
	static struct toy_log fork, thief;

	expect_add(&ours, 0, 5, 200, "\r\n\r\n\xe2\x80\x94 witness.example/w1 ");
	expect_add(&ours, 5, 9, 200, "\r\n\r\n\xe2\x80\x94 witness.example/w1 ");
	expect_add(&ours, 9, 9, 200, "\r\n\r\n\xe2\x80\x94 witness.example/w1 ");
	expect_add(&ours, 5, 9, 409, "\r\n\r\n9\n");
	expect_add(&ours, 5, 9, 409, "Content-Type: text/x.tlog.size\r\n");
	expect_add(&ours, 9, 8, 400, "malformed");
	expect_add(&other, 0, 5, 404, "no log");
	toy_open(&thief, ours.key.name, 9);
	expect_add(&thief, 9, 20, 403, "not signed");
	fork = ours;
	memset(fork.leaves[8], 0xff, TREE_HASH_BYTES);
	expect_add(&fork, 9, 9, 409, "\r\n\r\n9\n");
	expect_add(&fork, 9, 20, 422, "proof");
	expect_add(&ours, 9, 600, 200, "\r\n\r\n\xe2\x80\x94 witness.example/w1 ");
}

static void
everybody_may_have_its_key(void **state)
{
	AUTO(strbuf_done) struct strbuf vkey = { 0 };
	AUTO(strbuf_done) struct strbuf answer = { 0 };

	strbuf_text(&vkey, "\r\n\r\n");
	note_key_print(witness_key(witness), &vkey);
	strbuf_char(&vkey, '\n');
	ask("GET /vkey HTTP/1.1", NULL, &answer);
	expect(&answer, 200, vkey.text);
}

static void
nothing_else_is_there(void **state)
{
	AUTO(strbuf_done) struct strbuf answer = { 0 };
	AUTO(strbuf_done) struct strbuf body = { 0 };

	ask("GET /add-checkpoint HTTP/1.1", NULL, &answer);
	expect(&answer, 405, "Allow: POST\r\n");
	strbuf_text(&body, "x");
	ask("POST /vkey HTTP/1.1", &body, &answer);
	expect(&answer, 405, "Allow: GET, HEAD\r\n");
	ask("GET /key HTTP/1.1", NULL, &answer);
	expect(&answer, 404, "nothing here");
	ask("GET /../key HTTP/1.1", NULL, &answer);
	expect(&answer, 404, "nothing here");
	ask("POST /add-checkpoint HTTP/1.1", &(struct strbuf){ 0 }, &answer);
	expect(&answer, 400, "malformed");
}

static void
what_is_too_large_is_not_read(void **state)
{
	AUTO(strbuf_done) struct strbuf body = { 0 };
	AUTO(strbuf_done) struct strbuf answer = { 0 };

	for (int i = 0; i <= WITNESS_REQUEST_BYTES_MAX; i++)
		strbuf_char(&body, 'x');
	ask("POST /add-checkpoint HTTP/1.1", &body, &answer);
	/* The rest of the body may meet a closed door, and take the answer with it. */
	if (answer.bytes > 0)
		expect(&answer, 413, "too large");
	/* In pieces of unknown number. */
	AUTO(strbuf_done) struct strbuf head = { 0 };

	strbuf_printf(&head,
		      "POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n"
		      "Connection: close\r\n\r\n%zx\r\n%s\r\n0\r\n",
		      body.bytes, body.text);
	ask(head.text, NULL, &answer);
	expect(&answer, 413, "too large");
}

static void
an_address_that_is_none_or_taken_is_told(void **state)
{
	struct witness_server *second = NULL;
	char taken[32];

	snprintf(taken, sizeof(taken), "127.0.0.1:%d", witness_server_port(server));
	assert_int_equal(witness_server_start(witness, "nowhere", &second), ERR_USAGE);
	assert_int_equal(witness_server_start(witness, taken, &second), ERR_IO);
	assert_null(second);
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(it_answers_as_the_specification_says),
		SERVED(everybody_may_have_its_key),
		SERVED(nothing_else_is_there),
		SERVED(what_is_too_large_is_not_read),
		SERVED(an_address_that_is_none_or_taken_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
