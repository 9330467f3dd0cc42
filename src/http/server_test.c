#include <sys/stat.h>
#include <sys/un.h>
#include "http/fixture_testing.h"

#define LIBRARY "tests/packs/library"
#define KEY(n) "Idempotency-Key: key-0000000" #n "\r\n"

static struct fixture *f;
static const char *librarian;

static int
begin(void **state)
{
	static const struct server_config config = { .listen = "127.0.0.1:0",
						     .metrics_listen = "127.0.0.1:0",
						     .threads = 2,
						     .limits = { .strict_per_minute = -1, .origin_per_second = -1 } };

	f = fixture_open(LIBRARY, &config);
	fixture_account(f, "aru", "librarian", 0);
	fixture_account(f, "dana", "keeper_of_accounts", 0);
	fixture_account(f, "kairat", "head_librarian", 0);
	fixture_account(f, "clock", "keeper", 0);
	librarian = fixture_sign_in(f, "aru");
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
	return fixture_ask(f, method, path, headers, body);
}

static const char *
with(const char *a, const char *b)
{
	return arena_printf(f->arena, "%s%s", a, b);
}

static void
assert_problem(const struct answer *answer, int status, const char *name)
{
	assert_int_equal(answer->status, status);
	assert_string_equal(answer_text(f, answer, "type"), with("/problems/", name));
	assert_non_null(strcasestr(answer->head, "application/problem+json"));
}

static void
a_healthy_server_says_so(void **state)
{
	struct answer answer = ask("GET", "/healthz", "", NULL);

	assert_int_equal(answer.status, 200);
	assert_string_equal(answer_text(f, &answer, "status"), "ok");
}

static void
every_answer_forbids_frames_and_guessing(void **state)
{
	struct answer answer = ask("GET", "/api/pack", "", NULL);

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.head, "X-Content-Type-Options: nosniff"));
	assert_non_null(strstr(answer.head, "frame-ancestors 'none'"));
	assert_null(strstr(answer.head, "Server:"));
}

static void
an_unknown_address_is_not_found(void **state)
{
	struct answer answer = ask("GET", "/api/nothing", "Accept-Language: kk\r\n", NULL);

	assert_problem(&answer, 404, "not-found");
	assert_string_equal(answer_text(f, &answer, "title"), "Мұнда мұндай жоқ.");
}

static void
another_method_is_told_which_ones_there_are(void **state)
{
	struct answer answer = ask("DELETE", "/api/sessions", "", NULL);

	assert_problem(&answer, 405, "method");
	assert_non_null(strstr(answer.head, "Allow: POST, OPTIONS"));
	answer = ask("OPTIONS", "/api/pack", "", NULL);
	assert_int_equal(answer.status, 204);
	assert_non_null(strstr(answer.head, "Allow: GET, HEAD, OPTIONS"));
}

static void
head_is_get_without_the_body(void **state)
{
	struct answer answer = ask("HEAD", "/api/pack", "", NULL);

	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body_bytes, 0);
}

static void
another_name_for_this_server_is_not_answered(void **state)
{
	struct answer answer = ask("GET", "/api/pack", "Host: evil.example\r\n", NULL);

	assert_problem(&answer, 421, "wrong-host");
}

static void
metrics_are_on_their_own_address_only(void **state)
{
	struct answer answer = ask("GET", "/metrics", "", NULL);
	int fd = fixture_connect(server_metrics_port(f->server));
	const char *request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

	assert_int_equal(answer.status, 404);
	fixture_write(fd, request, strlen(request));
	answer = fixture_read(f, fd, true);
	close(fd);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body,
			       "tirkeu_http_requests_total{route=\"/api/sessions\",method=\"POST\",class=\"2xx\"}"));
}

static void
a_wrong_password_and_an_unknown_name_answer_alike(void **state)
{
	struct answer wrong =
		ask("POST", "/api/sessions", "", "{\"name\":\"aru\",\"password\":\"not this one at all\"}");
	struct answer unknown =
		ask("POST", "/api/sessions", "", "{\"name\":\"nobody\",\"password\":\"not this one at all\"}");

	assert_problem(&wrong, 401, "sign-in");
	assert_int_equal(unknown.status, 401);
	assert_string_equal(wrong.body, unknown.body);
}

static void
who_is_signed_in_sees_their_roles(void **state)
{
	struct answer answer = ask("GET", "/api/me", librarian, NULL);

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"role\":\"librarian\""));
	answer = ask("GET", "/api/me", "", NULL);
	assert_problem(&answer, 401, "sign-in");
	assert_non_null(strstr(answer.head, "WWW-Authenticate: Bearer"));
}

static void
a_cookie_changes_nothing_without_its_csrf_token(void **state)
{
	struct answer answer = ask("POST", "/api/sessions", "",
				   "{\"name\":\"aru\",\"password\":\"" FIXTURE_PASSWORD "\",\"cookie\":true}");
	const char *from = strstr(answer.head, "Set-Cookie: tirkeu=");

	assert_int_equal(answer.status, 201);
	assert_non_null(from);
	assert_non_null(strstr(answer.head, "HttpOnly; SameSite=Strict"));
	assert_null(strstr(answer.body, "\"token\""));
	const char *cookie = arena_printf(f->arena, "Cookie: %.*s\r\n", (int)strcspn(from + 12, ";"), from + 12);
	const char *csrf = arena_printf(f->arena, "X-Csrf-Token: %s\r\n", answer_text(f, &answer, "csrf"));

	answer = ask("GET", "/api/me", cookie, NULL);
	assert_int_equal(answer.status, 200);
	answer = ask("DELETE", "/api/sessions/current", cookie, NULL);
	assert_problem(&answer, 403, "forbidden");
	answer = ask("DELETE", "/api/sessions/current", with(cookie, csrf), NULL);
	assert_int_equal(answer.status, 204);
	answer = ask("GET", "/api/me", cookie, NULL);
	assert_int_equal(answer.status, 401);
}

static void
bodies_are_bounded_and_typed(void **state)
{
	AUTO(strbuf_done) struct strbuf big = { 0 };
	struct answer answer = ask("POST", "/api/sessions", "Content-Type: text/plain\r\n", "{}");

	assert_problem(&answer, 415, "media-type");
	answer = ask("POST", "/api/sessions", "", "{\"name\":");
	assert_problem(&answer, 400, "malformed");
	answer = ask("POST", "/api/sessions", "", "[]");
	assert_problem(&answer, 400, "malformed");
	answer = ask("POST", "/api/sessions", "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n", NULL);
	assert_problem(&answer, 411, "length-required");
	for (int i = 0; i < 70000; i++)
		strbuf_char(&big, ' ');
	answer = ask("POST", "/api/sessions", "", big.text);
	assert_problem(&answer, 413, "too-large");
}

static void
unknown_keys_are_told_with_the_nearest_known_one(void **state)
{
	struct answer answer =
		ask("POST", "/api/sessions", "Accept-Language: en\r\n", "{\"name\":\"aru\",\"pasword\":\"x\"}");

	assert_problem(&answer, 422, "bad-input");
	assert_non_null(strstr(answer.body, "Did you mean password?"));
	assert_non_null(strstr(answer.body, "{\"field\":\"password\",\"code\":\"required\""));
}

static const char *
catalogue(const char *title, const char *key)
{
	struct answer answer = ask("POST", "/api/registers/book/catalogue",
				   arena_printf(f->arena, "%sIdempotency-Key: %s\r\n", librarian, key),
				   arena_printf(f->arena, "{\"title\":\"%s\",\"kind\":\"ordinary\"}", title));

	assert_int_equal(answer.status, 201);
	assert_non_null(strstr(answer.head, "ETag: \"1\""));
	assert_non_null(strstr(answer.head, "Location: /api/registers/book/BO-"));
	return answer_text(f, &answer, "ref");
}

static void
an_act_makes_a_record_that_anyone_may_read(void **state)
{
	const char *ref = catalogue("Abai Zholy", "catalogue-1");
	struct answer answer = ask("GET", with("/api/registers/book/", ref), "", NULL);

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "Abai Zholy"));
	assert_non_null(strstr(answer.head, "ETag: \"1\""));
	answer = ask("GET", "/api/registers/book?limit=10", "", NULL);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, ref));
	answer = ask("GET", arena_printf(f->arena, "/api/registers/book/%s/history", ref), "", NULL);
	assert_int_equal(answer.status, 200);
}

static void
the_same_key_answers_the_same_receipt_and_no_second_record(void **state)
{
	static const char body[] = "{\"title\":\"Kan men ter\",\"kind\":\"course\"}";
	const char *headers = with(librarian, KEY(1));
	struct answer first = ask("POST", "/api/registers/book/catalogue", headers, body);
	struct answer again = ask("POST", "/api/registers/book/catalogue", headers, body);

	assert_int_equal(first.status, 201);
	assert_int_equal(again.status, 201);
	assert_string_equal(answer_text(f, &first, "ref"), answer_text(f, &again, "ref"));
	assert_non_null(strstr(again.head, "Idempotency-Replayed: true"));
	again = ask("POST", "/api/registers/book/catalogue", headers, "{\"title\":\"Another\",\"kind\":\"course\"}");
	assert_problem(&again, 422, "key-reused");
}

static void
an_act_without_a_key_is_not_taken_but_a_dry_run_is(void **state)
{
	static const char body[] = "{\"title\":\"Tried only\",\"kind\":\"rare\"}";
	struct answer answer = ask("POST", "/api/registers/book/catalogue", librarian, body);

	assert_problem(&answer, 400, "malformed");
	answer = ask("POST", "/api/registers/book/catalogue?dry_run=true", librarian, body);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"dry_run\":true"));
	answer = ask("GET", "/api/registers/book?limit=500", "", NULL);
	assert_null(strstr(answer.body, "Tried only"));
}

static void
every_fault_of_a_body_is_told_at_once(void **state)
{
	struct answer answer = ask("POST", "/api/registers/book/catalogue", with(librarian, KEY(2)),
				   "{\"kind\":\"heavy\",\"year\":12}");

	assert_problem(&answer, 422, "bad-input");
	assert_non_null(strstr(answer.body, "\"field\":\"title\",\"code\":\"required\""));
	assert_non_null(strstr(answer.body, "\"field\":\"kind\",\"code\":\"not-choice\""));
	assert_non_null(strstr(answer.body, "\"field\":\"year\",\"code\":\"too-small\""));
}

static void
a_correction_needs_the_version_that_was_read(void **state)
{
	const char *ref = catalogue("Misspelt", "catalogue-2");
	const char *path = arena_printf(f->arena, "/api/registers/book/%s/correct", ref);
	static const char body[] = "{\"title\":\"Well spelt\",\"reason\":\"a mistake\"}";
	struct answer answer = ask("POST", path, with(librarian, KEY(3)), body);

	assert_problem(&answer, 428, "if-match-required");
	answer = ask("POST", path, with(librarian, KEY(4) "If-Match: \"7\"\r\n"), body);
	assert_problem(&answer, 412, "precondition");
	answer = ask("POST", path, with(librarian, KEY(5) "If-Match: \"1\"\r\n"), body);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.head, "ETag: \"2\""));
}

static void
actions_of_the_clock_are_no_addresses(void **state)
{
	struct answer answer = ask("POST", "/api/registers/fine/charge", with(librarian, KEY(6)), "{}");

	assert_problem(&answer, 404, "not-found");
	answer = ask("POST", "/api/registers/nothing/charge", with(librarian, KEY(6)), "{}");
	assert_problem(&answer, 404, "not-found");
}

static const char *
join(const char *card, const char *name, const char *key)
{
	struct answer answer = ask("POST", "/api/registers/member/join",
				   arena_printf(f->arena, "%sIdempotency-Key: %s\r\n", librarian, key),
				   arena_printf(f->arena,
						"{\"family_name\":\"Serik\",\"given_name\":\"%s\",\"birth_day\":\"1990-"
						"05-05\",\"card\":\"%s\"}",
						name, card));

	assert_int_equal(answer.status, 201);
	return answer_text(f, &answer, "ref");
}

static void
a_personal_record_opens_only_by_a_look_up(void **state)
{
	const char *ref = join("AA0001", "Aidar", "join-000001");
	const char *path = with("/api/registers/member/", ref);
	struct answer answer = ask("GET", path, librarian, NULL);

	assert_problem(&answer, 404, "not-found");
	answer = ask("POST", "/api/lookups", librarian,
		     arena_printf(f->arena, "{\"register\":\"member\",\"ref\":\"%s\",\"purpose\":\"desk\"}", ref));
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "Aidar"));
	assert_null(strstr(answer.body, "1990-05-05")); /* not among the fields of the role */
	answer = ask("POST", "/api/lookups", librarian,
		     arena_printf(f->arena,
				  "{\"register\":\"member\",\"ref\":\"%s\",\"purpose\":\"complaint\",\"case\":\"C-1\"}",
				  ref));
	assert_problem(&answer, 404, "not-found");
	answer = ask("POST", "/api/lookups", librarian,
		     arena_printf(f->arena, "{\"register\":\"member\",\"ref\":\"%s\"}", ref));
	assert_problem(&answer, 422, "bad-input");
}

static void
the_counter_makes_accounts_for_people_only(void **state)
{
	const char *ref = join("AA0002", "Gulnar", "join-000002");
	struct answer answer =
		ask("POST", "/api/accounts", librarian,
		    arena_printf(f->arena, "{\"name\":\"gulnar\",\"party\":\"%s\",\"roles\":[\"reader\"]}", ref));

	assert_int_equal(answer.status, 201);
	const char *code = answer_text(f, &answer, "code");

	answer = ask("POST", "/api/accounts", librarian, "{\"name\":\"boss\",\"roles\":[\"head_librarian\"]}");
	assert_int_equal(answer.status, 422);
	answer = ask("POST", "/api/sessions", "",
		     arena_printf(f->arena, "{\"name\":\"gulnar\",\"code\":\"%s\",\"password\":\"%s\"}", code,
				  FIXTURE_PASSWORD));
	assert_int_equal(answer.status, 201);
	const char *bearer = arena_printf(f->arena, "Authorization: Bearer %s\r\n", answer_text(f, &answer, "token"));

	answer = ask("GET", with("/api/registers/member/", ref), bearer, NULL);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "Gulnar"));
	answer = ask("GET", "/api/me/inbox", bearer, NULL);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"messages\""));
}

static void
nobody_changes_their_own_account(void **state)
{
	const char *dana = fixture_sign_in(f, "dana");
	struct answer answer = ask("POST", "/api/accounts/dana/roles", dana, "{\"role\":\"keeper\"}");

	assert_problem(&answer, 403, "forbidden");
	answer = ask("POST", "/api/accounts/clock/roles", dana, "{\"role\":\"reader\"}");
	assert_int_equal(answer.status, 204);
	answer = ask("GET", "/api/accounts/clock", dana, NULL);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"role\":\"reader\""));
	answer = ask("DELETE", "/api/accounts/clock/roles/reader", dana, NULL);
	assert_int_equal(answer.status, 204);
	answer = ask("GET", "/api/accounts", librarian, NULL);
	assert_problem(&answer, 403, "forbidden");
}

static void
a_file_is_known_by_its_content_and_its_owner(void **state)
{
	static const char pdf[] = "%PDF-1.4\n1 0 obj <<>> endobj\n%%EOF\n";
	const char *type = with(librarian, "Content-Type: application/pdf\r\n");
	struct answer answer = fixture_ask_bytes(f, "POST", "/api/files", type, pdf, sizeof(pdf) - 1);

	assert_int_equal(answer.status, 201);
	const char *path = with("/api/files/", answer_text(f, &answer, "file"));

	answer = ask("GET", path, librarian, NULL);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, pdf);
	assert_non_null(strstr(answer.head, "Content-Disposition: attachment"));
	answer = ask("GET", path, fixture_sign_in(f, "kairat"), NULL);
	assert_problem(&answer, 404, "not-found");
	answer = fixture_ask_bytes(f, "POST", "/api/files", type, "<html>", 6);
	assert_problem(&answer, 415, "media-type");
}

static void
a_file_of_ten_megabytes_is_taken_and_no_larger_one(void **state)
{
	const size_t most = 10 * 1024 * 1024;
	char *bytes = arena_take(f->arena, most + 1);
	const char *type = with(librarian, "Content-Type: application/octet-stream\r\n");

	memcpy(bytes, "%PDF-1.4\n", 9);
	memcpy(bytes + most - 6, "%%EOF\n", 6);
	struct answer answer = fixture_ask_bytes(f, "POST", "/api/files", type, bytes, most);

	assert_int_equal(answer.status, 201);
	answer = ask("GET", with("/api/files/", answer_text(f, &answer, "file")), librarian, NULL);
	assert_int_equal(answer.body_bytes, most);
	assert_memory_equal(answer.body, bytes, most);
	answer = fixture_ask_bytes(f, "POST", "/api/files", type, bytes, most + 1);
	assert_true(answer.status == 413 || answer.status == 0); /* the end can overtake the answer */
	answer = fixture_ask_bytes(f, "POST", "/api/files", "Content-Type: application/pdf\r\n", bytes, most);
	assert_true(answer.status == 401 || answer.status == 0); /* nobody signed in sends that much */
}

static void
the_clock_of_a_demo_moves_forward_by_who_may(void **state)
{
	struct answer answer = ask("POST", "/api/demo/clock", librarian, "{\"to\":\"2040-01-01\"}");

	assert_problem(&answer, 403, "forbidden");
	answer = ask("POST", "/api/demo/clock", fixture_sign_in(f, "clock"), "{\"to\":\"2040-01-01\"}");
	assert_int_equal(answer.status, 200);
	answer = ask("GET", "/api/demo/clock", "", NULL);
	assert_string_equal(answer_text(f, &answer, "today"), "2040-01-01");
	/* Signing in follows real time. */
	answer = ask("GET", "/api/me", librarian, NULL);
	assert_int_equal(answer.status, 200);
}

static void
a_link_that_nobody_gave_is_gone_as_a_page_and_as_json(void **state)
{
	static const char token[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	struct answer answer = ask("GET", with("/api/answers/", token), "", NULL);

	assert_problem(&answer, 410, "gone");
	answer = ask("GET", with("/answer/", token), "Accept-Language: ru\r\n", NULL);
	assert_int_equal(answer.status, 410);
	assert_non_null(strstr(answer.head, "text/html"));
	assert_non_null(strstr(answer.body, "Эта ссылка не действует"));
	answer = ask("POST", with("/answer/", token), "Content-Type: application/x-www-form-urlencoded\r\n",
		     "answer=agree");
	assert_int_equal(answer.status, 410);
}

static void
the_api_document_names_every_action(void **state)
{
	struct answer answer = ask("GET", "/openapi.json", "", NULL);
	const struct node *root = answer_json(f, &answer);
	const struct node *paths = node_get(root, "paths");

	assert_string_equal(node_text(root, "openapi"), "3.1.0");
	assert_non_null(node_get(node_get(paths, "/api/registers/loan/lend"), "post"));
	assert_non_null(node_get(node_get(paths, "/api/registers/loan/{ref}/give_back"), "post"));
	assert_null(node_get(paths, "/api/registers/fine/charge"));
	answer = ask("GET", "/api/registers/loan/schema", "", NULL);
	assert_int_equal(answer.status, 200);
	assert_non_null(node_get(node_get(answer_json(f, &answer), "actions"), "lend"));
}

static void
public_things_need_no_session(void **state)
{
	static const char *const paths[] = { "/api/law",       "/api/law?day=2026-01-01",
					     "/api/places",    "/api/views/most_read",
					     "/page/mark.svg", "/problems/not-found" };

	for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
		struct answer answer = ask("GET", paths[i], "", NULL);

		assert_int_equal(answer.status, 200);
	}
}

static void
one_connection_carries_many_requests(void **state)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
	int fd = fixture_connect(server_port(f->server));

	for (int i = 0; i < 100; i++) {
		fixture_write(fd, request, sizeof(request) - 1);
		struct answer answer = fixture_read(f, fd, true);

		assert_int_equal(answer.status, 200);
	}
	close(fd);
}

static const char *
act(const char *path, const char *key, const char *body, int status)
{
	struct answer answer =
		ask("POST", path, arena_printf(f->arena, "%sIdempotency-Key: %s\r\n", librarian, key), body);

	if (answer.status != status)
		fail_msg("%s: %s", path, answer.body);
	return answer.body;
}

static const char *
reference_in(const char *body)
{
	const struct node *root = NULL;

	assert_int_equal(node_parse_json(f->arena, body, strlen(body), NULL, &root), OK);
	return node_text(root, "ref");
}

/* Lends a fresh copy of a fresh book of this kind to `member`. */
static const char *
lend(const char *member, const char *kind, int number, int status)
{
	const char *book =
		reference_in(act("/api/registers/book/catalogue", arena_printf(f->arena, "lend-book-%d", number),
				 arena_printf(f->arena, "{\"title\":\"Lent %d\",\"kind\":\"%s\"}", number, kind), 201));
	const char *copy = reference_in(
		act("/api/registers/copy/shelve", arena_printf(f->arena, "lend-copy-%d", number),
		    arena_printf(f->arena, "{\"book\":\"%s\",\"barcode\":%d,\"condition\":\"good\",\"price\":\"9.50\"}",
				 book, number),
		    201));

	return act("/api/registers/loan/lend", arena_printf(f->arena, "lend-loan-%d", number),
		   arena_printf(f->arena, "{\"copy\":\"%s\",\"member\":\"%s\"}", copy, member), status);
}

static void
a_refusal_by_law_cites_its_article(void **state)
{
	const char *body = lend(join("AA0010", "Daulet", "join-000010"), "rare", 10, 422);

	assert_non_null(strstr(body, "\"type\":\"/problems/refused-by-law\""));
	assert_non_null(strstr(body, "\"provision\":\"house-rules/too_many\""));
	assert_non_null(strstr(body, "rule 3\""));
	assert_non_null(strstr(body, "\"refusal\":{"));
}

static const char *
account_of(const char *name, const char *member)
{
	struct answer answer =
		ask("POST", "/api/accounts", librarian,
		    arena_printf(f->arena, "{\"name\":\"%s\",\"party\":\"%s\",\"roles\":[\"reader\"]}", name, member));

	assert_int_equal(answer.status, 201);
	answer = ask("POST", "/api/sessions", "",
		     arena_printf(f->arena, "{\"name\":\"%s\",\"code\":\"%s\",\"password\":\"%s\"}", name,
				  answer_text(f, &answer, "code"), FIXTURE_PASSWORD));
	assert_int_equal(answer.status, 201);
	return arena_printf(f->arena, "Authorization: Bearer %s\r\n", answer_text(f, &answer, "token"));
}

static void
a_finding_shows_no_people_in_the_queue_and_all_to_whom_it_is_about(void **state)
{
	const char *member = join("AA0011", "Marat", "join-000011"), *reader = account_of("marat", member);
	const char *stranger = account_of("sanzhar", join("AA0012", "Sanzhar", "join-000012"));

	reference_in(lend(member, "ordinary", 11, 201));
	struct answer answer = ask("GET", "/api/findings", librarian, NULL);
	const struct node *findings = node_get(answer_json(f, &answer), "findings");

	assert_int_equal(answer.status, 200);
	assert_int_equal(findings->count, 1);
	assert_null(strstr(answer.body, "LO-"));
	assert_null(strstr(answer.body, member));
	const char *id = node_text(&findings->items[0], "id"), *path = with("/api/findings/", id);

	answer = ask("GET", path, reader, NULL);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"facts\""));
	assert_non_null(strstr(answer.body, "LO-"));
	answer = ask("GET", path, stranger, NULL);
	assert_problem(&answer, 404, "not-found");
	answer = ask("GET", path, librarian, NULL);
	assert_problem(&answer, 404, "not-found");
	answer = ask("POST", "/api/lookups", librarian,
		     arena_printf(f->arena, "{\"finding\":%s,\"purpose\":\"desk\"}", id));
	assert_int_equal(answer.status, 200);
	assert_non_null(node_get(answer_json(f, &answer), "finding"));
	assert_non_null(node_get(node_get(answer_json(f, &answer), "lookup"), "event"));
}

static void
a_stranger_cannot_tell_a_record_from_none(void **state)
{
	const char *member = join("AA0013", "Asel", "join-000013");
	const char *stranger = account_of("timur", join("AA0014", "Timur", "join-000014"));
	const struct reg *reg = pack_reg(f->pack, "member");
	const char *nobody = registry_reference(f->registry, reg, f->arena, 987654321);
	struct answer there = ask("POST", arena_printf(f->arena, "/api/registers/member/%s/leave", member),
				  with(stranger, "Accept-Language: en\r\n" KEY(7)), "{}");
	struct answer none = ask("POST", arena_printf(f->arena, "/api/registers/member/%s/leave", nobody),
				 with(stranger, "Accept-Language: en\r\n" KEY(8)), "{}");

	assert_problem(&there, 404, "not-found");
	assert_string_equal(there.body, none.body);
}

static void
a_new_password_needs_the_old_one_and_ends_all_sessions(void **state)
{
	const char *reader = account_of("zarina", join("AA0015", "Zarina", "join-000015"));
	struct answer answer = ask("POST", "/api/me/password", reader,
				   "{\"password\":\"not the old one\",\"new_password\":\"another long phrase\"}");

	assert_problem(&answer, 401, "sign-in");
	answer = ask("POST", "/api/me/password", reader,
		     "{\"password\":\"" FIXTURE_PASSWORD "\",\"new_password\":\"short\"}");
	assert_problem(&answer, 422, "bad-input");
	answer = ask("POST", "/api/me/password", reader,
		     "{\"password\":\"" FIXTURE_PASSWORD "\",\"new_password\":\"another long phrase\"}");
	assert_int_equal(answer.status, 204);
	answer = ask("GET", "/api/me", reader, NULL);
	assert_int_equal(answer.status, 401);
}

static void
too_many_requests_are_told_when_to_come_again(void **state)
{
	static const struct server_config config = { .listen = "127.0.0.1:0",
						     .limits = { .origin_per_second = 1, .origin_burst = 3 } };
	struct server *whole = f->server;
	const char *trouble = NULL;
	struct answer answer;

	assert_int_equal(server_start(f->registry, &config, &trouble, &f->server), OK);
	for (int i = 0; i < 3; i++) {
		answer = ask("GET", "/api/pack", "", NULL);
		assert_int_equal(answer.status, 200);
	}
	answer = ask("GET", "/api/nothing", "", NULL);
	assert_problem(&answer, 429, "too-many");
	assert_non_null(strstr(answer.head, "Retry-After: 1\r\n"));
	server_stop(f->server);
	f->server = whole;
}

static void
a_demo_listens_on_loopback_only(void **state)
{
	static const struct server_config open = { .listen = "0.0.0.0:0" }, unreadable = { .listen = "here" };
	struct server *server = NULL;
	const char *trouble = NULL;

	assert_int_equal(server_start(f->registry, &open, &trouble, &server), ERR_FORBIDDEN);
	assert_string_equal(trouble, "0.0.0.0:0");
	assert_int_equal(server_start(f->registry, &unreadable, &trouble, &server), ERR_USAGE);
}

/* The socket file is the console's: whoever may open it may do on this machine what they like anyway. */
static void
the_socket_file_is_the_console(void **state)
{
	static const char request[] = "GET /api/me HTTP/1.1\r\nHost: tirkeu\r\n\r\n";
	const char *path = arena_printf(f->arena, "%s/socket", f->folder);
	struct server_config config = { .socket_path = path };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct server *server = NULL;
	const char *trouble = NULL;
	struct stat about;

	assert_int_equal(server_start(f->registry, &config, &trouble, &server), OK);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	fixture_write(fd, request, sizeof(request) - 1);
	struct answer answer = fixture_read(f, fd, true);

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"console\":true"));
	close(fd);
	server_stop(server);
	assert_int_equal(stat(path, &about), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_server_says_so),
		cmocka_unit_test(every_answer_forbids_frames_and_guessing),
		cmocka_unit_test(an_unknown_address_is_not_found),
		cmocka_unit_test(another_method_is_told_which_ones_there_are),
		cmocka_unit_test(head_is_get_without_the_body),
		cmocka_unit_test(another_name_for_this_server_is_not_answered),
		cmocka_unit_test(metrics_are_on_their_own_address_only),
		cmocka_unit_test(a_wrong_password_and_an_unknown_name_answer_alike),
		cmocka_unit_test(who_is_signed_in_sees_their_roles),
		cmocka_unit_test(a_cookie_changes_nothing_without_its_csrf_token),
		cmocka_unit_test(bodies_are_bounded_and_typed),
		cmocka_unit_test(unknown_keys_are_told_with_the_nearest_known_one),
		cmocka_unit_test(an_act_makes_a_record_that_anyone_may_read),
		cmocka_unit_test(the_same_key_answers_the_same_receipt_and_no_second_record),
		cmocka_unit_test(an_act_without_a_key_is_not_taken_but_a_dry_run_is),
		cmocka_unit_test(every_fault_of_a_body_is_told_at_once),
		cmocka_unit_test(a_correction_needs_the_version_that_was_read),
		cmocka_unit_test(actions_of_the_clock_are_no_addresses),
		cmocka_unit_test(a_personal_record_opens_only_by_a_look_up),
		cmocka_unit_test(the_counter_makes_accounts_for_people_only),
		cmocka_unit_test(nobody_changes_their_own_account),
		cmocka_unit_test(a_file_is_known_by_its_content_and_its_owner),
		cmocka_unit_test(a_file_of_ten_megabytes_is_taken_and_no_larger_one),
		cmocka_unit_test(a_link_that_nobody_gave_is_gone_as_a_page_and_as_json),
		cmocka_unit_test(the_api_document_names_every_action),
		cmocka_unit_test(public_things_need_no_session),
		cmocka_unit_test(one_connection_carries_many_requests),
		cmocka_unit_test(a_refusal_by_law_cites_its_article),
		cmocka_unit_test(a_finding_shows_no_people_in_the_queue_and_all_to_whom_it_is_about),
		cmocka_unit_test(a_stranger_cannot_tell_a_record_from_none),
		cmocka_unit_test(a_new_password_needs_the_old_one_and_ends_all_sessions),
		cmocka_unit_test(too_many_requests_are_told_when_to_come_again),
		cmocka_unit_test(a_demo_listens_on_loopback_only),
		cmocka_unit_test(the_socket_file_is_the_console),
		cmocka_unit_test(the_clock_of_a_demo_moves_forward_by_who_may),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
