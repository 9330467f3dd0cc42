#include "http/accept.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void
the_best_language_that_we_have_is_taken(void **state)
{
	assert_int_equal(accept_language("ru-KZ, kk;q=0.9"), LANGUAGE_RU);
	assert_int_equal(accept_language("de, fr;q=0.9, kk;q=0.2, en;q=0.1"), LANGUAGE_KK);
	assert_int_equal(accept_language("EN"), LANGUAGE_EN);
	assert_int_equal(accept_language("ru;q=0.3,en;q=0.8"), LANGUAGE_EN);
}

static void
no_language_of_ours_is_told_apart(void **state)
{
	assert_int_equal(accept_language("de, fr"), LANGUAGE_COUNT);
	assert_int_equal(accept_language("rus"), LANGUAGE_COUNT);
	assert_int_equal(accept_language("ru;q=0"), LANGUAGE_COUNT);
	assert_int_equal(accept_language(",,;q=,"), LANGUAGE_COUNT);
	assert_int_equal(accept_language(""), LANGUAGE_COUNT);
	assert_int_equal(accept_language(NULL), LANGUAGE_COUNT);
}

static void
parameters_of_a_media_type_are_skipped(void **state)
{
	assert_true(accept_type("application/json; charset=utf-8", "application/json"));
	assert_true(accept_type("Application/JSON", "application/json"));
	assert_false(accept_type("application/json-patch+json", "application/json"));
	assert_false(accept_type("text/plain", "application/json"));
	assert_false(accept_type(NULL, "application/json"));
}

static void
a_browser_gets_a_page_and_a_program_json(void **state)
{
	assert_true(accept_page("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
	assert_true(accept_page("application/json;q=0.5, Text/HTML;q=0.6"));
	assert_false(accept_page("application/json, text/html;q=0.9"));
	assert_false(accept_page("application/problem+json, text/html;q=0.9"));
	assert_false(accept_page("text/html;q=0"));
	assert_false(accept_page("*/*"));
	assert_false(accept_page(""));
	assert_false(accept_page(NULL));
	assert_true(accept_csv("text/csv"));
	assert_true(accept_csv("text/csv; header=present, */*;q=0.1"));
	assert_false(accept_csv("application/json, text/csv;q=0.9"));
	assert_false(accept_csv("text/html"));
	assert_false(accept_csv(NULL));
}

static void
a_host_matches_with_or_without_port_and_nothing_longer(void **state)
{
	assert_true(accept_host("registers.example", "registers.example"));
	assert_true(accept_host("Registers.Example:8080", "registers.example"));
	assert_true(accept_host("[::1]:80", "[::1]"));
	assert_false(accept_host("registers.example.evil.example", "registers.example"));
	assert_false(accept_host("registers.example:", "registers.example"));
	assert_false(accept_host("evil.example", "registers.example"));
	assert_false(accept_host(NULL, "registers.example"));
}

static void
a_version_is_read_from_every_form_of_an_etag(void **state)
{
	int64_t version = 0;

	assert_int_equal(accept_version("\"7\"", &version), OK);
	assert_int_equal(version, 7);
	assert_int_equal(accept_version("W/\"12\"", &version), OK);
	assert_int_equal(version, 12);
	assert_int_equal(accept_version("3", &version), OK);
	assert_int_equal(version, 3);
	assert_int_equal(accept_version("*", &version), ERR_BAD_INPUT);
	assert_int_equal(accept_version("\"7", &version), ERR_BAD_INPUT);
	assert_int_equal(accept_version("\"7\", \"8\"", &version), ERR_BAD_INPUT);
	assert_int_equal(accept_version("99999999999999999999", &version), ERR_BAD_INPUT);
}

static void
a_cookie_is_found_by_its_whole_name(void **state)
{
	char value[16];

	assert_true(accept_cookie("a=1; tirkeu=xyz; b=2", "tirkeu", value, sizeof(value)));
	assert_string_equal(value, "xyz");
	assert_false(accept_cookie("xtirkeu=1; tirkeux=2", "tirkeu", value, sizeof(value)));
	assert_false(accept_cookie("tirkeu=0123456789abcdef0", "tirkeu", value, sizeof(value)));
	assert_false(accept_cookie(NULL, "tirkeu", value, sizeof(value)));
}

static void
only_the_last_forwarded_address_counts(void **state)
{
	char value[48];

	assert_true(accept_forwarded("6.6.6.6, 10.0.0.9", value, sizeof(value)));
	assert_string_equal(value, "10.0.0.9");
	assert_true(accept_forwarded("2001:db8::1", value, sizeof(value)));
	assert_false(accept_forwarded("10.0.0.9, unknown", value, sizeof(value)));
	assert_false(accept_forwarded("10.0.0.9, ", value, sizeof(value)));
	assert_false(accept_forwarded("abc", value, sizeof(value)));
	assert_false(accept_forwarded("", value, sizeof(value)));
}

/* Else each spelling, and each port of a proxy that tells it, would have a limit of its own. */
static void
an_address_has_one_spelling(void **state)
{
	static const char *const spellings[][2] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1:50123", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:201", "192.0.2.1" },
		{ "[::ffff:192.0.2.1]:80", "192.0.2.1" },
		{ "2001:DB8:0:0::1", "2001:db8::1" },
		{ "[2001:db8::1]:443", "2001:db8::1" },
		{ "[2001:db8::1]", "2001:db8::1" },
	};
	static const char *const wrong[] = { "",
					     ":",
					     "[",
					     "[]",
					     "1",
					     "1.2.3",
					     "192.0.2.256",
					     "localhost",
					     "::g",
					     "2001:db8::1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20" };
	char value[48];

	for (size_t i = 0; i < ARRAY_COUNT(spellings); i++) {
		assert_true(accept_address(spellings[i][0], value, sizeof(value)));
		assert_string_equal(value, spellings[i][1]);
	}
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_false(accept_address(wrong[i], value, sizeof(value)));
}

static void
a_key_has_eight_to_sixty_four_visible_characters(void **state)
{
	assert_true(accept_idempotency_key("12345678"));
	assert_false(accept_idempotency_key("1234567"));
	assert_false(accept_idempotency_key("1234 5678"));
	assert_false(accept_idempotency_key("0123456789012345678901234567890123456789012345678901234567890123456789"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_language_that_we_have_is_taken),
		cmocka_unit_test(no_language_of_ours_is_told_apart),
		cmocka_unit_test(parameters_of_a_media_type_are_skipped),
		cmocka_unit_test(a_browser_gets_a_page_and_a_program_json),
		cmocka_unit_test(a_host_matches_with_or_without_port_and_nothing_longer),
		cmocka_unit_test(a_version_is_read_from_every_form_of_an_etag),
		cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
		cmocka_unit_test(only_the_last_forwarded_address_counts),
		cmocka_unit_test(an_address_has_one_spelling),
		cmocka_unit_test(a_key_has_eight_to_sixty_four_visible_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
