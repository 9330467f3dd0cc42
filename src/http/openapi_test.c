#include "http/openapi.h"
#include "base/map.h"
#include "base/testing.h"
#include "text/json.h"
#include "text/node.h"

static const char *const packs[] = { "tests/packs/library", "tests/packs/examples", "packs/kz" };

static struct arena *arena;
static struct pack *loaded[ARRAY_COUNT(packs)];
static const struct node *documents[ARRAY_COUNT(packs)];

static int
begin(void **state)
{
	arena = arena_new();
	for (size_t i = 0; i < ARRAY_COUNT(packs); i++) {
		AUTO(strbuf_done) struct strbuf out = { 0 };
		struct json json = { .out = &out };
		struct pack_report report;

		pack_report_init(&report);
		assert_int_equal(pack_load(packs[i], &report, &loaded[i]), OK);
		pack_report_done(&report);
		openapi_print(loaded[i], LANGUAGE_EN, "https://registers.example", &json);
		assert_int_equal(node_parse_json(arena, out.text, out.bytes, NULL, &documents[i]), OK);
	}
	return 0;
}

static int
end(void **state)
{
	for (size_t i = 0; i < ARRAY_COUNT(packs); i++)
		pack_free(loaded[i]);
	arena_free(arena);
	return 0;
}

static bool
declares(const struct node *operation, const char *name, const char *in)
{
	const struct node *parameters = node_get(operation, "parameters");

	for (size_t i = 0; i < parameters->count; i++)
		if (strcmp(node_text(&parameters->items[i], "name"), name) == 0 &&
		    strcmp(node_text(&parameters->items[i], "in"), in) == 0)
			return true;
	return false;
}

static void
check_path(const char *path, const struct node *operation)
{
	for (const char *at = strchr(path, '{'); at != NULL; at = strchr(at + 1, '{'))
		assert_true(
			declares(operation, arena_printf(arena, "%.*s", (int)strcspn(at + 1, "}"), at + 1), "path"));
	assert_non_null(node_get(operation, "responses"));
	assert_true(strlen(node_text(operation, "summary")) > 0);
}

static void
every_operation_has_a_name_of_its_own_and_declares_its_parameters(void **state)
{
	for (size_t p = 0; p < ARRAY_COUNT(packs); p++) {
		AUTO(text_map_done) struct text_map seen = { 0 };
		const struct node *paths = node_get(documents[p], "paths");
		static char mark;

		assert_true(paths->count > 30);
		for (size_t i = 0; i < paths->count; i++) {
			for (size_t m = 0; m < paths->items[i].count; m++) {
				const struct node *operation = &paths->items[i].items[m];
				const char *id = node_text(operation, "operationId");

				assert_null(text_map_get(&seen, id));
				text_map_put(&seen, id, &mark);
				check_path(paths->keys[i], operation);
			}
		}
	}
}

static void
every_action_that_a_request_may_run_has_its_own_schema(void **state)
{
	const struct node *paths = node_get(documents[0], "paths");
	const struct node *lend = node_get(node_get(paths, "/api/registers/loan/lend"), "post");
	const struct node *content = node_get(node_get(node_get(lend, "requestBody"), "content"), "application/json");
	const struct node *schema = node_get(content, "schema");

	assert_string_equal(node_text(schema, "type"), "object");
	assert_non_null(node_get(node_get(schema, "properties"), "member"));
	assert_int_equal(node_get(schema, "required")->count, 2);
	assert_true(declares(lend, "Idempotency-Key", "header"));
	assert_null(node_get(paths, "/api/registers/copy/{ref}/go_out")); /* a step of another action */
}

static void
no_template_is_left_for_a_register_or_an_action(void **state)
{
	for (size_t p = 0; p < ARRAY_COUNT(packs); p++) {
		const struct node *paths = node_get(documents[p], "paths");

		for (size_t i = 0; i < paths->count; i++) {
			assert_null(strstr(paths->keys[i], "{register}"));
			assert_null(strstr(paths->keys[i], "{action}"));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_has_a_name_of_its_own_and_declares_its_parameters),
		cmocka_unit_test(every_action_that_a_request_may_run_has_its_own_schema),
		cmocka_unit_test(no_template_is_left_for_a_register_or_an_action),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
