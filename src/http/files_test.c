#include "http/fixture_testing.h"

static struct fixture *f;

static int
begin(void **state)
{
	static const struct server_config config = { .listen = "127.0.0.1:0",
						     .threads = 2,
						     .limits = { .strict_per_minute = -1, .origin_per_second = -1 } };

	f = fixture_open("tests/packs/library", &config);
	fixture_account(f, "aru", "librarian", 0);
	fixture_account(f, "oleg", "reader", 0);
	return 0;
}

static int
end(void **state)
{
	fixture_close(f);
	return 0;
}

/* Says that a megabyte comes, and sends nothing of it. The answer to the head says that the server has it. */
static int
begin_upload(const char *bearer)
{
	const char *head =
		arena_printf(f->arena,
			     "POST /api/files HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: application/pdf\r\n"
			     "Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n",
			     bearer);
	int fd = fixture_connect(server_port(f->server));

	fixture_write(fd, head, strlen(head));
	assert_int_equal(fixture_read(f, fd, false).status, 100);
	return fd;
}

static int
status_of_upload(const char *bearer)
{
	static const char pdf[] = "%PDF-1.4\n%%EOF\n";
	const char *headers = arena_printf(f->arena, "%sContent-Type: application/pdf\r\n", bearer);

	return fixture_ask_bytes(f, "POST", "/api/files", headers, pdf, sizeof(pdf) - 1).status;
}

static void
nobody_fills_the_memory_with_files_that_never_end(void **state)
{
	const char *aru = fixture_sign_in(f, "aru"), *oleg = fixture_sign_in(f, "oleg");
	int fds[SERVER_ACCOUNT_FILES_AT_ONCE];

	for (size_t i = 0; i < ARRAY_COUNT(fds); i++)
		fds[i] = begin_upload(aru);
	assert_int_equal(status_of_upload(aru), 503);
	assert_int_equal(status_of_upload(oleg), 201);
	for (size_t i = 0; i < ARRAY_COUNT(fds); i++)
		close(fds[i]);
	for (int tries = 0; tries < 100 && status_of_upload(aru) != 201; tries++)
		usleep(50000);
	assert_int_equal(status_of_upload(aru), 201);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_fills_the_memory_with_files_that_never_end),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
