/* From the message in the spool through the page to the record: what a guardian without an account does. */
#include <dirent.h>
#include "http/fixture_testing.h"

static struct fixture *f;
static const char *librarian;
static char spool[] = "/tmp/tirkeu-spool-XXXXXX";

static int
begin(void **state)
{
	struct server_config config = { .listen = "127.0.0.1:0",
					.limits = { .strict_per_minute = -1 },
					.mail = { .kind = MAIL_SPOOL, .from = "library@example.org" } };

	config.mail.folder = mkdtemp(spool);
	f = fixture_open("tests/packs/library", &config);
	fixture_account(f, "aru", "librarian", 0);
	librarian = fixture_sign_in(f, "aru");
	return 0;
}

static int
end(void **state)
{
	fixture_close(f);
	return rmdir(spool);
}

static const char *
join(const char *key, const char *fields)
{
	struct answer answer =
		fixture_ask(f, "POST", "/api/registers/member/join",
			    arena_printf(f->arena, "%sIdempotency-Key: join-%s\r\n", librarian, key), fields);

	if (answer.status != 201 && answer.status != 202)
		fail_msg("%s", answer.body);
	return answer_text(f, &answer, "ref");
}

static const char *
decode(const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = arena_take(f->arena, strlen(text) + 4);
	size_t count = 0;
	uint32_t bits = 0;
	int have = 0;

	for (; *text != '\0'; text++) {
		const char *at = strchr(letters, *text);

		if (at == NULL)
			continue;
		bits = bits << 6 | (uint32_t)(at - letters);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[count++] = (char)(bits >> have & 255);
		}
	}
	return out;
}

/* The first message that holds a link, taken out of the spool; NULL while there is none. */
static const char *
take_link(void)
{
	DIR *folder = opendir(spool);
	const char *link = NULL;

	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		AUTO(strbuf_done) struct strbuf text = { 0 };
		const char *path = arena_printf(f->arena, "%s/%s", spool, entry->d_name);

		if (strstr(entry->d_name, ".eml") == NULL)
			continue;
		read_whole(path, &text);
		unlink(path);
		const char *body = decode(strstr(text.text, "\r\n\r\n")), *at = strstr(body, "/answer/");

		if (at != NULL)
			link = arena_printf(f->arena, "%.51s", at);
	}
	closedir(folder);
	return link;
}

static const char *
wait_for_link(void)
{
	for (int i = 0; i < 200; i++) {
		const char *link = take_link();

		if (link != NULL)
			return link;
		usleep(50000);
	}
	fail_msg("no message came");
	return NULL;
}

static const char *
child_of(const char *number, const char *guardian)
{
	return join(arena_printf(f->arena, "child-%s", number),
		    arena_printf(f->arena,
				 "{\"family_name\":\"Omar\",\"given_name\":\"Dias\",\"birth_day\":\"2020-02-02\","
				 "\"card\":\"CC%s\",\"guardian\":\"%s\"}",
				 number, guardian));
}

static const char *
guardian_of(const char *number)
{
	return join(arena_printf(f->arena, "guardian-%s", number),
		    arena_printf(f->arena,
				 "{\"family_name\":\"Omar\",\"given_name\":\"Saule\",\"birth_day\":\"1988-02-02\","
				 "\"card\":\"GG%s\",\"email\":\"saule@example.org\"}",
				 number));
}

static const char *
state_of(const char *ref)
{
	struct answer answer = fixture_ask(
		f, "POST", "/api/lookups", librarian,
		arena_printf(f->arena, "{\"register\":\"member\",\"ref\":\"%s\",\"purpose\":\"desk\"}", ref));

	assert_int_equal(answer.status, 200);
	return answer_text(f, &answer, "state");
}

static void
a_guardian_reads_the_page_and_agrees(void **state)
{
	const char *child = child_of("0001", guardian_of("0001")), *link = wait_for_link();
	const char *form = "Content-Type: application/x-www-form-urlencoded\r\n";
	struct answer answer = fixture_ask(f, "GET", link, "Accept-Language: ru\r\n", NULL);

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.head, "form-action 'self'; base-uri 'none'"));
	assert_non_null(strstr(answer.body, "<button name=\"answer\" value=\"agree\">"));
	assert_non_null(strstr(answer.body, "Dias"));
	assert_non_null(strstr(answer.body, "все люди здесь вымышлены"));
	assert_null(strstr(answer.body, "<script"));
	assert_string_equal(state_of(child), "pending");
	answer = fixture_ask(f, "POST", link, form, "answer=perhaps");
	assert_int_equal(answer.status, 400);
	answer = fixture_ask(f, "POST", link, form, "answer=agree");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "<h1>Thank you. Your consent is recorded.</h1>"));
	assert_non_null(strstr(answer.body, child));
	assert_string_equal(state_of(child), "active");
	/* A link answers once. */
	answer = fixture_ask(f, "POST", link, form, "answer=refuse");
	assert_int_equal(answer.status, 410);
	assert_string_equal(state_of(child), "active");
}

static void
a_guardian_refuses_on_the_page_and_says_why(void **state)
{
	const char *child = child_of("0005", guardian_of("0005")), *link = wait_for_link();
	const char *form = "Content-Type: application/x-www-form-urlencoded\r\nAccept-Language: kk\r\n";
	char tedious[1600] = "answer=refuse&reason=";

	memset(tedious + strlen(tedious), 'a', 501);
	struct answer answer = fixture_ask(f, "POST", link, form, tedious);
	assert_int_equal(answer.status, 422);
	assert_non_null(strstr(answer.body, "500"));
	answer = fixture_ask(f, "POST", link, form, "answer=refuse&reason=%E2%80%AE");
	assert_int_equal(answer.status, 422);
	answer = fixture_ask(f, "POST", link, form, "answer=refuse&reason=%");
	assert_int_equal(answer.status, 400);
	assert_string_equal(state_of(child), "pending");
	answer = fixture_ask(f, "POST", link, form, "reason=%D0%96%D0%BE%D2%9B%0D%0A+no&answer=refuse");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "<h1>Рахмет. Бас тартуыңыз тіркелді.</h1>"));
	assert_string_equal(state_of(child), "refused");
}

static void
a_guardian_refuses_as_json(void **state)
{
	const char *child = child_of("0002", guardian_of("0002")), *link = wait_for_link();
	const char *path = arena_printf(f->arena, "/api/answers/%s", link + strlen("/answer/"));
	struct answer answer = fixture_ask(f, "GET", path, "", NULL);

	assert_int_equal(answer.status, 200);
	assert_string_equal(answer_text(f, &answer, "register"), "member");
	answer = fixture_ask(f, "POST", path, "", "{\"answer\":\"no\"}");
	assert_int_equal(answer.status, 422);
	answer = fixture_ask(f, "POST", path, "", "{\"answer\":\"refuse\",\"reason\":\"not my child\"}");
	assert_int_equal(answer.status, 200);
	assert_string_equal(state_of(child), "refused");
}

static void
a_clerk_records_the_answer_on_paper(void **state)
{
	const char *guardian = guardian_of("0003"), *child = child_of("0003", guardian);
	const char *path = arena_printf(f->arena, "/api/registers/member/%s/agree", child);
	const char *headers = arena_printf(f->arena, "%sIdempotency-Key: paper-0001\r\n", librarian);
	struct answer answer =
		fixture_ask(f, "POST", path, headers, arena_printf(f->arena, "{\"party\":\"%s\"}", guardian));

	assert_int_equal(answer.status, 422);
	answer = fixture_ask(f, "POST", path, headers,
			     arena_printf(f->arena, "{\"party\":\"%s\",\"paper\":\"P-17\"}", guardian));
	assert_int_equal(answer.status, 200);
	assert_string_equal(state_of(child), "active");
	while (take_link() != NULL)
		continue;
}

static void
a_link_for_paper_is_made_at_the_counter(void **state)
{
	const char *guardian = guardian_of("0004"), *child = child_of("0004", guardian);
	struct answer answer =
		fixture_ask(f, "POST", arena_printf(f->arena, "/api/registers/member/%s/answer-links", child),
			    librarian, arena_printf(f->arena, "{\"party\":\"%s\"}", guardian));

	assert_int_equal(answer.status, 201);
	const char *path = strstr(answer_text(f, &answer, "url"), "/answer/");

	answer = fixture_ask(f, "GET", path, "", NULL);
	assert_true(answer.status == 200 || answer.status == 410); /* 410: a mailed link came after it */
	usleep(1200000);
	while (take_link() != NULL)
		continue;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guardian_reads_the_page_and_agrees),
		cmocka_unit_test(a_guardian_refuses_on_the_page_and_says_why),
		cmocka_unit_test(a_guardian_refuses_as_json),
		cmocka_unit_test(a_clerk_records_the_answer_on_paper),
		cmocka_unit_test(a_link_for_paper_is_made_at_the_counter),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
