#include "http/problem.h"
#include "base/testing.h"
#include "text/json.h"
#include "text/node.h"

static const char *
print(struct arena *arena, enum error e, const struct problem *problem, enum language language)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	problem_print(e, problem, NULL, language, arena, &json);
	return arena_copy(arena, out.text, out.bytes);
}

static void
a_problem_names_its_type_status_and_title(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	assert_string_equal(
		print(arena, ERR_NOT_FOUND, NULL, LANGUAGE_EN),
		"{\"type\":\"/problems/not-found\",\"title\":\"There is no such thing here.\",\"status\":404}");
}

static void
faults_stand_by_field_and_the_whole_request_in_detail(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct node *root = NULL;
	struct problem problem;

	problem_init(&problem, arena);
	IGNORE(problem_add(&problem, ERR_BAD_INPUT, "guest.iin", MSG_CHECK_DIGIT, NULL, NULL)); /* adds */
	IGNORE(problem_add(&problem, ERR_BAD_INPUT, NULL, MSG_GUARD, NULL, NULL));              /* adds */
	const char *text = print(arena, ERR_BAD_INPUT, &problem, LANGUAGE_RU);

	assert_int_equal(node_parse_json(arena, text, strlen(text), NULL, &root), OK);
	assert_string_equal(node_text(root, "detail"), "Условие этого действия не выполнено.");
	const struct node *errors = node_get(root, "errors");

	assert_int_equal(errors->count, 2);
	assert_string_equal(node_text(&errors->items[0], "field"), "guest.iin");
	assert_string_equal(node_text(&errors->items[0], "code"), "check-digit");
	assert_null(node_get(&errors->items[1], "field"));
}

static void
faults_beyond_the_limit_are_counted(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct problem problem;

	problem_init(&problem, arena);
	for (int i = 0; i < PROBLEM_ITEMS_MAX + 3; i++)
		IGNORE(problem_add(&problem, ERR_BAD_INPUT, "f", MSG_REQUIRED, NULL, NULL)); /* adds */
	assert_non_null(strstr(print(arena, ERR_BAD_INPUT, &problem, LANGUAGE_EN), "\"more_errors\":3"));
}

static void
every_code_has_a_title_of_its_own_in_every_language(void **state)
{
	for (int e = OK; e < ERROR_COUNT; e++) {
		assert_true(strlen(problem_title((enum error)e, LANGUAGE_KK)) > 0);
		assert_string_not_equal(problem_title((enum error)e, LANGUAGE_KK), error_text((enum error)e));
		assert_string_not_equal(problem_title((enum error)e, LANGUAGE_RU), error_text((enum error)e));
		assert_string_equal(problem_title((enum error)e, LANGUAGE_EN), error_text((enum error)e));
	}
}

static void
a_code_is_found_by_its_public_name(void **state)
{
	assert_int_equal(problem_by_name("refused-by-law"), ERR_REFUSED);
	assert_int_equal(problem_by_name("nothing-like-it"), ERROR_COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_problem_names_its_type_status_and_title),
		cmocka_unit_test(faults_stand_by_field_and_the_whole_request_in_detail),
		cmocka_unit_test(faults_beyond_the_limit_are_counted),
		cmocka_unit_test(every_code_has_a_title_of_its_own_in_every_language),
		cmocka_unit_test(a_code_is_found_by_its_public_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
