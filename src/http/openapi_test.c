#include "http/openapi.h"
#include "base/map.h"
#include "base/testing.h"
#include "http/openapi_input.h"
#include "http/route.h"
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
		if (node_get(&parameters->items[i], "$ref") == NULL &&
		    strcmp(node_text(&parameters->items[i], "name"), name) == 0 &&
		    strcmp(node_text(&parameters->items[i], "in"), in) == 0)
			return true;
	return false;
}

static const struct node *
schema_of_body(const struct node *operation)
{
	const struct node *content = node_get(node_get(operation, "requestBody"), "content");

	return node_get(node_get(content, "application/json"), "schema");
}

static bool requires(const struct node *schema, const char *name)
{
	const struct node *required = node_get(schema, "required");

	for (size_t i = 0; i < required->count; i++)
		if (strcmp(required->items[i].text, name) == 0)
			return true;
	return false;
}

/* The operation of a route in the first pack's document; {register} is its `loan`. */
static const struct node *
operation_of(const char *pattern, const char *method)
{
	const char *at = strstr(pattern, "{register}");
	const char *path =
		at == NULL ? pattern
			   : arena_printf(arena, "%.*sloan%s", (int)(at - pattern), pattern, at + strlen("{register}"));

	return node_get(node_get(node_get(documents[0], "paths"), path), method);
}

static void
check_path(const char *path, const struct node *operation)
{
	for (const char *at = strchr(path, '{'); at != NULL; at = strchr(at + 1, '{'))
		assert_true(
			declares(operation, arena_printf(arena, "%.*s", (int)strcspn(at + 1, "}"), at + 1), "path"));
	assert_non_null(node_get(node_get(operation, "responses"), "4XX"));
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
	const struct node *schema = schema_of_body(lend);

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

static void
every_address_with_a_json_body_says_its_fields(void **state)
{
	size_t count;
	const struct route *routes = route_table(&count);

	for (size_t i = 0; i < count; i++) {
		const struct route *route = &routes[i];

		if (route->body != BODY_JSON || strstr(route->pattern, "{action}") != NULL)
			continue;
		const struct node *operation = operation_of(route->pattern, "post");
		const struct node *schema = schema_of_body(operation), *properties = node_get(schema, "properties");

		assert_non_null(properties);
		/* A fresh code is asked for with nothing. */
		if (strcmp(route->pattern, "/api/accounts/{name}/code") != 0)
			assert_true(properties->count > 0);
		for (size_t n = 0; n < properties->count; n++)
			assert_true(strlen(node_text(&properties->items[n], "description")) > 0);
		assert_int_equal(node_get(node_get(operation, "requestBody"), "required")->truth,
				 node_get(schema, "required")->count > 0);
	}
}

static void
every_row_of_the_table_is_in_the_document(void **state)
{
	size_t count;
	const struct openapi_input *inputs = openapi_input_table(&count);

	assert_true(count > 40);
	for (size_t i = 0; i < count; i++) {
		const struct openapi_input *input = &inputs[i];
		const struct node *operation = operation_of(input->pattern, input->in == IN_BODY ? "post" : "get");

		assert_non_null(operation);
		if (input->in == IN_QUERY) {
			assert_true(declares(operation, input->name, "query"));
			continue;
		}
		const struct node *schema = schema_of_body(operation);

		assert_non_null(node_get(node_get(schema, "properties"), input->name));
		assert_int_equal(requires(schema, input->name), input->required);
	}
}

static bool
is_required(const struct node *operation, const char *name)
{
	const struct node *parameters = node_get(operation, "parameters");

	for (size_t i = 0; i < parameters->count; i++)
		if (node_get(&parameters->items[i], "$ref") == NULL &&
		    strcmp(node_text(&parameters->items[i], "name"), name) == 0)
			return node_get(&parameters->items[i], "required")->truth;
	return false;
}

static void
a_correction_needs_a_reason_and_the_version_that_was_read(void **state)
{
	size_t found = 0;

	for (size_t p = 0; p < ARRAY_COUNT(packs); p++) {
		const struct node *paths = node_get(documents[p], "paths");

		for (size_t i = 0; i < paths->count; i++) {
			const char *end = strstr(paths->keys[i], "/{ref}/correct");

			if (end == NULL)
				continue;
			const struct node *operation = node_get(&paths->items[i], "post");
			const struct node *schema = schema_of_body(operation);

			assert_int_equal(node_get(schema, "required")->count, 1);
			assert_true(requires(schema, "reason") || requires(schema, "correct_reason"));
			assert_true(is_required(operation, "If-Match"));
			found++;
		}
	}
	assert_true(found > 2);
}

static void
who_must_sign_in_does_so_with_a_token_or_a_cookie(void **state)
{
	const struct node *schemes = node_get(node_get(documents[0], "components"), "securitySchemes");
	const struct node *reads = node_get(operation_of("/api/me", "get"), "security");
	const struct node *changes = node_get(operation_of("/api/accounts", "post"), "security");

	assert_string_equal(node_text(node_get(schemes, "cookie"), "name"), "__Host-tirkeu");
	assert_string_equal(node_text(node_get(schemes, "csrf"), "name"), "X-Csrf-Token");
	assert_int_equal(reads->count, 2);
	assert_null(node_get(&reads->items[1], "csrf"));
	assert_non_null(node_get(&changes->items[0], "bearer"));
	assert_non_null(node_get(&changes->items[1], "cookie"));
	assert_non_null(node_get(&changes->items[1], "csrf"));
	assert_int_equal(node_get(operation_of("/api/sessions", "post"), "security")->count, 0);
	/* Open to anyone, and to who signed in with more to see; loans are nobody else's. */
	assert_int_equal(node_get(operation_of("/api/views/{view}", "get"), "security")->count, 3);
	assert_int_equal(node_get(operation_of("/api/registers/{register}", "get"), "security")->count, 2);
}

/* "#/components/schemas/Search" */
static bool
leads_somewhere(const struct node *document, const char *reference)
{
	char path[128];
	char *rest = NULL;

	assert_true(strlen(reference) < sizeof(path) && strncmp(reference, "#/", 2) == 0);
	strcpy(path, reference + 2);
	for (char *word = strtok_r(path, "/", &rest); word != NULL && document != NULL;
	     word = strtok_r(NULL, "/", &rest))
		document = node_get(document, word);
	return document != NULL;
}

static size_t
follow_references(const struct node *document, const struct node *node)
{
	size_t count = 0;

	if (node->kind == NODE_TEXT && strncmp(node->text, "#/components/", 13) == 0) {
		if (!leads_somewhere(document, node->text))
			fail_msg("%s is not there", node->text);
		return 1;
	}
	for (size_t i = 0; (node->kind == NODE_MAP || node->kind == NODE_LIST) && i < node->count; i++)
		count += follow_references(document, &node->items[i]);
	return count;
}

static void
every_reference_leads_to_a_component(void **state)
{
	for (size_t i = 0; i < ARRAY_COUNT(packs); i++)
		assert_true(follow_references(documents[i], documents[i]) > 100);
}

static void
what_the_engine_answers_has_a_schema(void **state)
{
	static const struct {
		const char *path, *method, *reference;
	} answers[] = {
		{ "/api/searches", "post", "#/components/schemas/Search" },
		{ "/api/lookups", "post", "#/components/schemas/Lookup" },
		{ "/api/me/lookups", "get", "#/components/schemas/OwnLookups" },
		{ "/api/oversight/entries", "post", "#/components/schemas/Entry" },
		{ "/api/statistics/{name}", "get", "#/components/schemas/Statistic" },
		{ "/api/audit", "get", "#/components/schemas/Audit" },
		{ "/api/registers/book", "get", "#/components/schemas/Records" },
		{ "/api/registers/book/{ref}", "get", "#/components/schemas/Record" },
		{ "/api/registers/book/{ref}/history", "get", "#/components/schemas/History" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
		const struct node *paths = node_get(documents[0], "paths");
		const struct node *operation = node_get(node_get(paths, answers[i].path), answers[i].method);
		const struct node *done = node_get(node_get(operation, "responses"), "2XX");
		const struct node *json = node_get(node_get(done, "content"), "application/json");

		assert_string_equal(node_text(node_get(json, "schema"), "$ref"), answers[i].reference);
	}
}

static void
the_document_bears_the_title_of_its_pack(void **state)
{
	assert_string_equal(node_text(node_get(documents[0], "info"), "title"), "A town library");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_has_a_name_of_its_own_and_declares_its_parameters),
		cmocka_unit_test(every_action_that_a_request_may_run_has_its_own_schema),
		cmocka_unit_test(no_template_is_left_for_a_register_or_an_action),
		cmocka_unit_test(every_address_with_a_json_body_says_its_fields),
		cmocka_unit_test(every_row_of_the_table_is_in_the_document),
		cmocka_unit_test(a_correction_needs_a_reason_and_the_version_that_was_read),
		cmocka_unit_test(who_must_sign_in_does_so_with_a_token_or_a_cookie),
		cmocka_unit_test(every_reference_leads_to_a_component),
		cmocka_unit_test(what_the_engine_answers_has_a_schema),
		cmocka_unit_test(the_document_bears_the_title_of_its_pack),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
