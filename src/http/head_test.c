#include "http/head.h"
#include "http/fixture_testing.h"

#define LIBRARY "tests/packs/library"
#define JSON "Content-Type: application/json\r\n"

static struct fixture *f;
static const char *librarian, *keeper;

static int
begin(void **state)
{
	static const struct server_config config = { .listen = "127.0.0.1:0",
						     .threads = 2,
						     .limits = { .strict_per_minute = -1, .origin_per_second = -1 } };

	f = fixture_open(LIBRARY, &config);
	fixture_account(f, "aru", "librarian", 0);
	fixture_account(f, "dana", "keeper_of_accounts", 0);
	fixture_account(f, "oleg", "reader", 0);
	librarian = fixture_sign_in(f, "aru");
	keeper = fixture_sign_in(f, "dana");
	return 0;
}

static int
end(void **state)
{
	fixture_close(f);
	return 0;
}

static struct answer
ask(const char *method, const char *path, const char *headers, const char *body)
{
	return fixture_ask(f, method, path, arena_printf(f->arena, "%sAccept-Language: en\r\n", headers), body);
}

/* Writes the bytes as they are; the whole of what comes until the connection ends. */
static const char *
exchange(const char *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf in = { 0 };
	int fd = fixture_connect(server_port(f->server));
	char block[4096];
	ssize_t got = 0;

	fixture_write(fd, bytes, count);
	while ((got = recv(fd, block, sizeof(block), 0)) > 0)
		strbuf_add(&in, block, (size_t)got);
	close(fd);
	return arena_copy(f->arena, in.bytes == 0 ? "" : in.text, in.bytes);
}

static size_t
count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (const char *p = text; (p = strstr(p, part)) != NULL; p += strlen(part))
		count++;
	return count;
}

/* What stands behind such a head might be the next request or a body: it is neither, the connection ends. */
static void
a_head_that_reads_in_two_ways_is_refused_and_what_follows_is_not_read(void **state)
{
	static const char next[] = "{}GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	static const char *const heads[] = {
		JSON "Host: localhost\r\nContent-Length: 2\r\nContent-Length: 40\r\n",
		JSON "Host: localhost\r\nContent-Length: 2\r\nContent-Length: 2\r\n",
		JSON "Host: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n",
		JSON "Host: localhost\r\nTransfer-Encoding : chunked\r\nContent-Length: 2\r\n",
		JSON "Host: localhost\r\nTransfer-Encoding: xchunked\r\n",
		JSON "Host: localhost\r\nHost: evil.example\r\nContent-Length: 2\r\n",
		JSON JSON "Host: localhost\r\nContent-Length: 2\r\n",
	};

	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		const char *text = arena_printf(f->arena, "POST /api/sessions HTTP/1.1\r\n%s\r\n%s", heads[i], next);
		const char *answer = exchange(text, strlen(text));

		if (strncmp(answer, "HTTP/1.1 4", 10) != 0 || count_of(answer, "HTTP/1.1") != 1)
			fail_msg("%s: %s", heads[i], answer);
		assert_non_null(strcasestr(answer, "application/problem+json"));
	}
}

static void
an_escaped_zero_byte_ends_no_path_and_no_value(void **state)
{
	struct answer answer = ask("GET", "/healthz%00x", "", NULL);

	assert_int_equal(answer.status, 404);
	answer = ask("GET", "/api/law?day=2026-01-01%00x", "", NULL);
	assert_int_equal(answer.status, 422);
}

static void
escapes_are_undone_once(void **state)
{
	static const char *const texts[][2] = {
		{ "", "" },           { "a%20b", "a b" },     { "%41%4a%4A", "AJJ" }, { "%2500", "%00" },
		{ "%00", "%00" },     { "a%00%41", "a%00A" }, { "%", "%" },           { "%4", "%4" },
		{ "%zz%4", "%zz%4" }, { "%d2%b1", "ұ" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		char *text = arena_text(f->arena, texts[i][0]);

		assert_int_equal(head_unescape(NULL, NULL, text), strlen(texts[i][1]));
		assert_string_equal(text, texts[i][1]);
	}
}

static void
what_is_too_large_or_of_another_type_is_told_with_its_header(void **state)
{
	struct answer answer = ask("POST", "/api/sessions", "Content-Type: text/plain\r\n", "{}");

	assert_int_equal(answer.status, 415);
	assert_non_null(strstr(answer.body, "\"field\":\"Content-Type\",\"code\":\"not-choice\""));
	answer = ask("DELETE", "/api/sessions/current", librarian, "{}");
	assert_int_equal(answer.status, 413);
	assert_non_null(strstr(answer.body, "\"field\":\"Content-Length\",\"code\":\"too-large\""));
}

static void
a_dry_run_that_is_misspelt_is_not_done_in_earnest(void **state)
{
	static const char *const wrong[] = { "dry_run", "dry_run=", "dry_run=True", "dry_run=yes", "dry_run=%74rue1" };
	static const char body[] = "{\"title\":\"Tried only\",\"kind\":\"rare\"}";
	const char *headers = arena_printf(f->arena, "%sIdempotency-Key: dry-run-0001\r\n", librarian);

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct answer answer = ask("POST", arena_printf(f->arena, "/api/registers/book/catalogue?%s", wrong[i]),
					   headers, body);

		assert_int_equal(answer.status, 422);
		assert_non_null(strstr(answer.body, "\"field\":\"dry_run\",\"code\":\"not-boolean\""));
	}
	struct answer answer = ask("POST", "/api/registers/book/catalogue?dry_run=false", headers, body);

	assert_int_equal(answer.status, 201);
}

static void
where_nothing_can_be_tried_a_dry_run_is_refused(void **state)
{
	struct answer answer = ask("POST", "/api/accounts?dry_run=true", keeper, "{\"name\":\"tried\"}");

	assert_int_equal(answer.status, 422);
	assert_non_null(strstr(answer.body, "\"field\":\"dry_run\",\"code\":\"not-allowed-here\""));
	answer = ask("GET", "/api/accounts/tried", keeper, NULL);
	assert_int_equal(answer.status, 404);
}

/* HAProxy adds a line of its own behind the sender's, nginx adds to the line. */
static void
behind_a_proxy_a_sender_cannot_choose_its_address(void **state)
{
	static const struct server_config config = { .listen = "127.0.0.1:0",
						     .base_url = "http://localhost",
						     .behind_proxy = true,
						     .limits = { .origin_per_second = 1, .origin_burst = 2 } };
	struct server *whole = f->server;
	const char *trouble = NULL;
	struct answer answer = { 0 };

	assert_int_equal(server_start(f->registry, &config, &trouble, &f->server), OK);
	for (int i = 0; i < 4; i++)
		answer = ask(
			"GET", "/api/nothing",
			arena_printf(f->arena, "X-Forwarded-For: 198.51.100.%d\r\nX-Forwarded-For: 192.0.2.7\r\n", i),
			NULL);
	assert_int_equal(answer.status, 429);
	answer = ask("GET", "/api/nothing", "X-Forwarded-For: 192.0.2.8, ::ffff:192.0.2.7\r\n", NULL);
	assert_int_equal(answer.status, 429);
	answer = ask("GET", "/api/nothing", "X-Forwarded-For: 192.0.2.7:4711\r\n", NULL);
	assert_int_equal(answer.status, 429);
	answer = ask("GET", "/api/nothing", "X-Forwarded-For: 192.0.2.7, 192.0.2.9\r\n", NULL);
	assert_int_equal(answer.status, 404);
	server_stop(f->server);
	f->server = whole;
}

static void
no_burst_means_no_limit(void **state)
{
	static const struct server_config config = { .listen = "127.0.0.1:0", .limits = { .origin_burst = -1 } };
	struct server *whole = f->server;
	const char *trouble = NULL;

	assert_int_equal(server_start(f->registry, &config, &trouble, &f->server), OK);
	struct answer answer = ask("GET", "/api/nothing", "", NULL);

	assert_int_equal(answer.status, 404);
	server_stop(f->server);
	f->server = whole;
}

static const char *
join(const char *card)
{
	struct answer answer = ask(
		"POST", "/api/registers/member/join",
		arena_printf(f->arena, "%sIdempotency-Key: join-%s\r\n", librarian, card),
		arena_printf(
			f->arena,
			"{\"family_name\":\"Serik\",\"given_name\":\"A\",\"birth_day\":\"1990-05-05\",\"card\":\"%s\"}",
			card));

	assert_int_equal(answer.status, 201);
	return answer_text(f, &answer, "ref");
}

/* Else a clerk could open anyone's records under a stranger's account, without a look-up. */
static void
the_counter_makes_no_account_that_acts_for_somebody_else(void **state)
{
	const char *here = join("AA0101"), *elsewhere = join("AA0102");
	static const char form[] =
		"{\"name\":\"%s\",\"party\":\"%s\",\"roles\":[{\"role\":\"reader\",\"party\":\"%s\"}]}";
	struct answer answer =
		ask("POST", "/api/accounts", librarian, arena_printf(f->arena, form, "counter.one", here, elsewhere));

	assert_int_equal(answer.status, 403);
	answer = ask("POST", "/api/accounts", librarian, arena_printf(f->arena, form, "counter.two", here, here));
	assert_int_equal(answer.status, 201);
}

static void
a_role_that_cannot_be_given_is_told_with_its_field(void **state)
{
	struct answer answer = ask("POST", "/api/accounts/oleg/roles", keeper, "{\"role\":\"reader\"}");

	assert_int_equal(answer.status, 409);
	assert_non_null(strstr(answer.body, "\"field\":\"role\",\"code\":\"unique\""));
	answer = ask("POST", "/api/accounts/oleg/roles", keeper, "{\"role\":\"reader\",\"place\":\"nowhere\"}");
	assert_int_equal(answer.status, 422);
	assert_non_null(strstr(answer.body, "\"field\":\""));
	answer = ask("POST", "/api/accounts/oleg/roles", keeper, "{\"rol\":\"reader\",\"zzzzzzzzzz\":1}");
	assert_int_equal(answer.status, 422);
	assert_non_null(strstr(answer.body, "Did you mean role?"));
	assert_null(strstr(answer.body, "Did you mean ?"));
	answer = ask("POST", "/api/accounts/aru/roles", keeper, "{\"role\":\"keeper_of_accounts\"}");
	assert_int_equal(answer.status, 422);
	assert_non_null(strstr(answer.body, "\"field\":\"role\",\"code\":\"roles-apart\""));
}

static void
a_token_that_cannot_be_made_is_told_why(void **state)
{
	struct answer answer = ask("POST", "/api/accounts/oleg/tokens", keeper, "{\"label\":\"a/b\"}");

	assert_int_equal(answer.status, 422);
	assert_non_null(strstr(answer.body, "\"field\":\"label\""));
	answer = ask("POST", "/api/accounts/oleg/tokens", keeper, "{\"label\":\"feed\"}");
	assert_int_equal(answer.status, 403);
	assert_non_null(strstr(answer.body, "no role for programs"));
}

static void
the_number_of_a_finding_is_a_number(void **state)
{
	static const char *const wrong[] = { "\"\"", "\"1x\"", "1.5",
					     "-1",   "1e3",    "\" 1\"",
					     "true", "[]",     "99999999999999999999" };

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct answer answer = ask("POST", "/api/lookups", librarian,
					   arena_printf(f->arena, "{\"finding\":%s,\"purpose\":\"desk\"}", wrong[i]));

		assert_int_equal(answer.status, 422);
		assert_non_null(strstr(answer.body, "\"field\":\"finding\",\"code\":\"not-integer\""));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_that_reads_in_two_ways_is_refused_and_what_follows_is_not_read),
		cmocka_unit_test(an_escaped_zero_byte_ends_no_path_and_no_value),
		cmocka_unit_test(escapes_are_undone_once),
		cmocka_unit_test(what_is_too_large_or_of_another_type_is_told_with_its_header),
		cmocka_unit_test(a_dry_run_that_is_misspelt_is_not_done_in_earnest),
		cmocka_unit_test(where_nothing_can_be_tried_a_dry_run_is_refused),
		cmocka_unit_test(behind_a_proxy_a_sender_cannot_choose_its_address),
		cmocka_unit_test(no_burst_means_no_limit),
		cmocka_unit_test(the_counter_makes_no_account_that_acts_for_somebody_else),
		cmocka_unit_test(a_role_that_cannot_be_given_is_told_with_its_field),
		cmocka_unit_test(a_token_that_cannot_be_made_is_told_why),
		cmocka_unit_test(the_number_of_a_finding_is_a_number),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
