#include "text/node.h"
#include "base/testing.h"

static struct arena *arena;
static struct problem problem;

static int
set_up(void **state)
{
	arena = arena_new();
	problem_init(&problem, arena);
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(arena);
	return 0;
}

static enum error
yaml(const char *text, const struct node **ret_documents, size_t *ret_count)
{
	return node_parse_yaml(arena, "pack.yaml", text, strlen(text), &problem, ret_documents, ret_count);
}

static const struct node *
good_yaml(const char *text)
{
	const struct node *documents = NULL;
	size_t count = 0;

	assert_int_equal(yaml(text, &documents, &count), OK);
	assert_int_equal(count, 1);
	return documents;
}

static void
assert_yaml_refused(const char *text, enum message message, int line)
{
	const struct node *documents = NULL;
	size_t count = 0;

	problem_init(&problem, arena);
	assert_int_equal(yaml(text, &documents, &count), ERR_BAD_INPUT);
	assert_int_equal(problem.item_count, 1);
	assert_int_equal(problem.items[0].message, message);
	assert_int_equal(problem.items[0].line, line);
	assert_string_equal(problem.items[0].field, "pack.yaml");
	assert_null(documents);
}

static const struct node *
good_json(const char *text)
{
	const struct node *node = NULL;

	assert_int_equal(node_parse_json(arena, text, strlen(text), &problem, &node), OK);
	return node;
}

static void
assert_json_refused(const char *text, size_t bytes, enum message message)
{
	const struct node *node = NULL;

	problem_init(&problem, arena);
	assert_int_equal(node_parse_json(arena, text, bytes, &problem, &node), ERR_BAD_INPUT);
	assert_int_equal(problem.item_count, 1);
	assert_int_equal(problem.items[0].message, message);
	assert_null(node);
}

static void
a_yaml_tree_keeps_order_lines_and_quoting(void **state)
{
	const struct node *root =
		good_yaml("# a pack\npack: kz\nlanguages: [kk, \"ru\"]\nfields:\n  iin: {type: iin}\n  n: |\n"
			  "    two\n    lines\n");
	const struct node *languages = node_get(root, "languages");

	assert_int_equal(root->kind, NODE_MAP);
	assert_int_equal(root->count, 3);
	assert_string_equal(root->keys[2], "fields");
	assert_int_equal(root->key_lines[2], 4);
	assert_string_equal(node_text(root, "pack"), "kz");
	assert_int_equal(node_get(root, "pack")->line, 2);
	assert_int_equal(languages->count, 2);
	assert_true(languages->items[0].plain);
	assert_false(languages->items[1].plain);
	assert_string_equal(node_text(node_get(node_get(root, "fields"), "iin"), "type"), "iin");
	assert_string_equal(node_text(node_get(root, "fields"), "n"), "two\nlines\n");
	assert_null(node_get(root, "register"));
	assert_null(node_text(root, "languages"));
	assert_null(node_get(NULL, "register"));
}

static void
every_yaml_scalar_is_text(void **state)
{
	const struct node *root = good_yaml("a: 017\nb: yes\nc: ~\nd:\ne: 1e3\n");

	for (size_t i = 0; i < root->count; i++)
		assert_int_equal(root->items[i].kind, NODE_TEXT);
	assert_string_equal(node_text(root, "a"), "017");
	assert_string_equal(node_text(root, "b"), "yes");
	assert_string_equal(node_text(root, "d"), "");
	assert_true(node_get(root, "d")->plain);
}

static void
a_yaml_file_may_hold_several_documents_or_none(void **state)
{
	const struct node *documents = NULL;
	size_t count = 9;

	assert_int_equal(yaml("register: a\n---\nregister: b\n---\nregister: c\n", &documents, &count), OK);
	assert_int_equal(count, 3);
	assert_string_equal(node_text(&documents[2], "register"), "c");
	assert_int_equal(documents[2].line, 5);
	assert_int_equal(yaml("", &documents, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(node_parse_yaml(arena, "pack.yaml", NULL, 0, &problem, &documents, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(yaml("# nothing\n", &documents, &count), OK);
	assert_int_equal(count, 0);
}

static void
a_double_key_is_refused_with_both_lines(void **state)
{
	assert_yaml_refused("a: 1\nb: 2\nc: {x: 1, y: 2, x: 3}\n", MSG_DOUBLE_KEY, 3);
	assert_yaml_refused("a: 1\nb: 2\na: 3\n", MSG_DOUBLE_KEY, 3);
	assert_string_equal(problem.items[0].arguments[0], "a");
	assert_string_equal(problem.items[0].arguments[1], "1");
}

static void
aliases_anchors_tags_and_odd_keys_are_refused(void **state)
{
	assert_yaml_refused("a: &x 1\nb: *x\n", MSG_NOT_ALLOWED_HERE, 1);
	assert_yaml_refused("a: 1\nb: *x\n", MSG_NOT_ALLOWED_HERE, 2);
	assert_yaml_refused("a: !!binary aGk=\n", MSG_NOT_ALLOWED_HERE, 1);
	assert_yaml_refused("a: &x [1]\n", MSG_NOT_ALLOWED_HERE, 1);
	assert_yaml_refused("a: !x {b: 1}\n", MSG_NOT_ALLOWED_HERE, 1);
	assert_yaml_refused("a: 1\n[b, c]: 2\n", MSG_NOT_ALLOWED_HERE, 2);
}

static void
broken_yaml_names_its_line(void **state)
{
	assert_yaml_refused("a: 1\nb: [1, 2\nc: 3\n", MSG_BAD_YAML, 3);
	assert_yaml_refused("a: 1\n\tb: 2\n", MSG_BAD_YAML, 2);
	assert_yaml_refused("a: \"one\n", MSG_BAD_YAML, 2);
	assert_yaml_refused("a: \"one\\0two\"\n", MSG_TEXT_CONTROL, 1);
	assert_yaml_refused("a: \xFF\n", MSG_NOT_UTF8, 0);
	assert_yaml_refused("a: 1\nb: \x01\n", MSG_BAD_YAML, 2);
}

static void
yaml_nested_too_deeply_is_refused(void **state)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };

	for (int i = 0; i < NODE_DEPTH_MAX; i++)
		strbuf_char(&text, '[');
	for (int i = 0; i < NODE_DEPTH_MAX; i++)
		strbuf_char(&text, ']');
	good_yaml(text.text);
	strbuf_clear(&text);
	for (int i = 0; i < 900; i++)
		strbuf_char(&text, '[');
	assert_yaml_refused(text.text, MSG_TOO_DEEP, 1);
}

static void
a_json_tree_tells_kinds_apart(void **state)
{
	const struct node *root = good_json(
		"{\"t\": \"Қуаныш\", \"n\": -1.50e2, \"b\": true, \"z\": null, \"l\": [1, \"2\", []], \"m\": {}}");

	assert_int_equal(root->count, 6);
	assert_string_equal(root->keys[4], "l");
	assert_int_equal(node_get(root, "t")->kind, NODE_TEXT);
	assert_int_equal(node_get(root, "t")->bytes, strlen("Қуаныш"));
	assert_int_equal(node_get(root, "n")->kind, NODE_NUMBER);
	assert_int_equal(node_get(root, "b")->kind, NODE_BOOLEAN);
	assert_true(node_get(root, "b")->truth);
	assert_int_equal(node_get(root, "z")->kind, NODE_NULL);
	assert_null(node_text(root, "z"));
	assert_int_equal(node_get(root, "l")->count, 3);
	assert_int_equal(node_get(root, "m")->kind, NODE_MAP);
	assert_int_equal(node_get(root, "m")->count, 0);
}

static void
json_numbers_stay_as_they_were_written(void **state)
{
	const struct node *root = good_json("{\"a-1\": \"-9 \\\" 8\", \"x\": 41.50, \"y\": [0, -0.0, 1E+2,"
					    "123456789012345678901234567890], \"0.1\\\\\": 9007199254740993}");
	const struct node *list = node_get(root, "y");

	assert_string_equal(node_text(root, "x"), "41.50");
	assert_string_equal(list->items[0].text, "0");
	assert_string_equal(list->items[1].text, "-0.0");
	assert_string_equal(list->items[2].text, "1E+2");
	assert_string_equal(list->items[3].text, "123456789012345678901234567890");
	assert_string_equal(node_text(root, "0.1\\"), "9007199254740993");
	assert_string_equal(good_json(" 7 ")->text, "7");
}

static void
broken_json_is_refused(void **state)
{
	static const char *const broken[] = { "",     "{",          "[1,]",    "{\"a\":1,}", "nul",
					      "NaN",  "[Infinity]", "1 2",     "'a'",        "{a: 1}",
					      "01",   "1.",         "[",       "[1",         "\"\\ud800\"",
					      "{} x", "\"a\nb\"",   "// 1\n1", "1e999" };

	for (size_t i = 0; i < ARRAY_COUNT(broken); i++)
		assert_json_refused(broken[i], strlen(broken[i]), MSG_BAD_JSON);
	assert_json_refused("{\"a\": 1, \"a\": 2}", 16, MSG_BAD_JSON);
	assert_json_refused("[1]\0", 4, MSG_BAD_JSON);
	assert_json_refused("\0", 1, MSG_BAD_JSON);
	assert_json_refused("\"\\u0000\"", 8, MSG_TEXT_CONTROL);
	assert_json_refused("\"\xC0\x80\"", 4, MSG_NOT_UTF8);
	assert_json_refused("\"\xED\xA0\x80\"", 5, MSG_NOT_UTF8);
}

static void
json_nested_too_deeply_is_refused(void **state)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };

	for (int i = 0; i < NODE_DEPTH_MAX; i++)
		strbuf_char(&text, '[');
	for (int i = 0; i < NODE_DEPTH_MAX; i++)
		strbuf_char(&text, ']');
	good_json(text.text);
	strbuf_clear(&text);
	strbuf_text(&text, "[");
	for (int i = 0; i < NODE_DEPTH_MAX; i++)
		strbuf_char(&text, '[');
	for (int i = 0; i <= NODE_DEPTH_MAX; i++)
		strbuf_char(&text, ']');
	assert_json_refused(text.text, text.bytes, MSG_TOO_DEEP);
	for (int i = 0; i < 1000000; i++)
		strbuf_char(&text, '[');
	assert_json_refused(text.text + 70, text.bytes - 70, MSG_TOO_DEEP);
}

/* Hostile sizes must cost no more than their length: these take milliseconds, a square of them minutes. */
static void
a_hundred_thousand_keys_are_read_in_both(void **state)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	enum { KEYS = 100000 };

	for (int i = 0; i < KEYS; i++)
		strbuf_printf(&text, "k%d: %d\n", i, i);
	assert_int_equal(good_yaml(text.text)->count, KEYS);
	strbuf_text(&text, "k7: again\n");
	assert_yaml_refused(text.text, MSG_DOUBLE_KEY, KEYS + 1);
	strbuf_clear(&text);
	for (int i = 0; i < KEYS; i++)
		strbuf_printf(&text, "%c\"k%d\":%d", i == 0 ? '{' : ',', i, i);
	strbuf_char(&text, '}');
	const struct node *root = good_json(text.text);

	assert_int_equal(root->count, KEYS);
	assert_string_equal(root->items[KEYS - 1].text, "99999");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_yaml_tree_keeps_order_lines_and_quoting, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_yaml_scalar_is_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_yaml_file_may_hold_several_documents_or_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_double_key_is_refused_with_both_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(aliases_anchors_tags_and_odd_keys_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(broken_yaml_names_its_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(yaml_nested_too_deeply_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_json_tree_tells_kinds_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_numbers_stay_as_they_were_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(broken_json_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_nested_too_deeply_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_hundred_thousand_keys_are_read_in_both, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
