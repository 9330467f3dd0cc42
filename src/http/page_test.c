/* The pages over a pack that is not a country: nothing of them may be written for one. */
#include "http/page.h"
#include "http/fixture_testing.h"

#define BROWSER "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"

static struct fixture *f;

static int
begin(void **state)
{
	f = fixture_open("tests/packs/library", NULL);
	return 0;
}

static int
end(void **state)
{
	fixture_close(f);
	return 0;
}

static struct answer
get(const char *path, const char *headers)
{
	return fixture_ask(f, "GET", path, headers, NULL);
}

static void
assert_holds(const struct answer *answer, const char *text)
{
	if (strstr(answer->body, text) == NULL)
		fail_msg("no %s in\n%s", text, answer->body);
}

static void
the_start_page_is_made_from_the_pack(void **state)
{
	struct answer answer = get("/", BROWSER);

	assert_int_equal(answer.status, 200);
	assert_holds(&answer, "<h1>A town library</h1>");
	assert_holds(&answer, "<h3>Reader</h3>");
	/* What may be done, by whom, and who must agree. */
	assert_holds(&answer, "<p class=\"act\">Join</p>");
	assert_holds(&answer, "<dt>Must agree</dt><dd>Guardian; days to answer: ");
	assert_holds(&answer, "href=\"/api/views/most_read?lang=en\"");
	assert_holds(&answer, "href=\"/openapi.json?lang=en\"");
	assert_holds(&answer, "everyone in it is invented");
}

static void
it_speaks_three_languages(void **state)
{
	struct answer answer = get("/", "Accept-Language: ru\r\n" BROWSER);

	assert_holds(&answer, "<html lang=\"ru\">");
	assert_holds(&answer, "Вам пришла ссылка?");
	answer = get("/?lang=kk", "Accept-Language: ru\r\n" BROWSER);
	assert_holds(&answer, "<html lang=\"kk\">");
	assert_holds(&answer, "Сізге сілтеме келді ме?");
	assert_holds(&answer, "href=\"/api/law?lang=kk\"");
}

static void
pages_run_no_script_and_load_nothing_from_elsewhere(void **state)
{
	static const char *const paths[] = { "/", "/nowhere", "/problems/gone", "/answer/none" };

	for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
		struct answer answer = get(paths[i], BROWSER);

		assert_non_null(strstr(answer.head, "Content-Security-Policy: default-src 'none'; style-src 'self'; "
						    "img-src 'self'; form-action 'self'; base-uri 'none'"));
		assert_null(strstr(answer.body, "<script"));
		assert_null(strstr(answer.body, " style="));
		assert_null(strstr(answer.body, "src=\"http"));
	}
}

static void
the_style_is_kept_for_long_under_the_hash_of_what_is_in_it(void **state)
{
	const char *path = arena_printf(f->arena, "/page/%s", page_style_name());
	struct answer answer = get("/", BROWSER);

	assert_holds(&answer, path);
	answer = get(path, "");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.head, "text/css"));
	assert_non_null(strstr(answer.head, "immutable"));
	assert_string_equal(answer.body, page_style);
	answer = get("/page/0123456789abcdef.css", "");
	assert_int_equal(answer.status, 200);
	assert_null(strstr(answer.head, "immutable"));
	assert_int_equal(get("/page/other.js", "").status, 404);
	answer = get("/page/mark.svg", "");
	assert_non_null(strstr(answer.head, "image/svg+xml"));
}

static void
a_browser_reads_problems_as_a_page_and_a_program_as_json(void **state)
{
	struct answer answer = get("/nowhere", BROWSER "Accept-Language: ru\r\n");

	assert_int_equal(answer.status, 404);
	assert_non_null(strstr(answer.head, "text/html"));
	assert_holds(&answer, "<h1>Такой страницы нет</h1>");
	answer = get("/nowhere", "Accept: */*\r\n");
	assert_int_equal(answer.status, 404);
	assert_non_null(strstr(answer.head, "application/problem+json"));
	answer = get("/api/me", BROWSER);
	assert_int_equal(answer.status, 401);
	assert_non_null(strstr(answer.head, "WWW-Authenticate"));
	assert_holds(&answer, "<h1>Sign in first.</h1>");
	answer = get("/api/law?day=never", BROWSER);
	assert_int_equal(answer.status, 422);
	assert_holds(&answer, "day: There is no such day.");
}

static void
every_kind_of_problem_has_a_page(void **state)
{
	for (int e = OK + 1; e < ERROR_COUNT; e++) {
		const char *path = arena_printf(f->arena, "/problems/%s", error_name((enum error)e));
		struct answer answer = get(path, BROWSER);

		assert_int_equal(answer.status, 200);
		assert_non_null(strstr(answer.head, "text/html"));
		assert_holds(&answer, error_name((enum error)e));
		answer = get(path, "");
		assert_string_equal(answer_text(f, &answer, "name"), error_name((enum error)e));
	}
	assert_int_equal(get("/problems/nothing", BROWSER).status, 404);
}

static void
text_cannot_become_markup(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	page_element(&out, "p", NULL, "<b class=\"x\">'&'</b>");
	page_row(&out, "<", ">");
	page_row(&out, "empty", "");
	assert_string_equal(out.text, "<p>&lt;b class=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;</p>\n"
				      "<div><dt>&lt;</dt><dd>&gt;</dd></div>\n");
	struct answer answer = get("/problems/%3Cb%3E", BROWSER);

	assert_null(strstr(answer.body, "<b>"));
}

static void
every_text_stands_in_every_language(void **state)
{
	for (int t = 0; t < PAGE_TEXT_COUNT; t++)
		for (int l = 0; l < LANGUAGE_COUNT; l++) {
			const char *text = page_text((enum page_text)t, (enum language)l);

			assert_true(text[0] != '\0');
			/* They are printed as they stand, in attributes too. */
			assert_null(strpbrk(text, "<>&\""));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_start_page_is_made_from_the_pack),
		cmocka_unit_test(it_speaks_three_languages),
		cmocka_unit_test(pages_run_no_script_and_load_nothing_from_elsewhere),
		cmocka_unit_test(the_style_is_kept_for_long_under_the_hash_of_what_is_in_it),
		cmocka_unit_test(a_browser_reads_problems_as_a_page_and_a_program_as_json),
		cmocka_unit_test(every_kind_of_problem_has_a_page),
		cmocka_unit_test(text_cannot_become_markup),
		cmocka_unit_test(every_text_stands_in_every_language),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
