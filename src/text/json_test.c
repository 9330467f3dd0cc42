#include "text/json.h"
#include "text/node.h"
#include "base/testing.h"

static void
commas_and_nesting_are_the_writers(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_field_text(&json, "name", "Қуаныш");
	json_field_integer(&json, "n", INT64_MIN);
	json_field_boolean(&json, "b", false);
	json_key(&json, "list");
	json_open_list(&json);
	json_null(&json);
	json_open_map(&json);
	json_close_map(&json);
	json_text(&json, NULL);
	json_hex(&json, "\x00\xAB", 2);
	json_raw(&json, "{\"x\":1}", 7);
	json_close_list(&json);
	json_key(&json, "empty");
	json_open_list(&json);
	json_close_list(&json);
	json_close_map(&json);
	assert_string_equal(out.text, "{\"name\":\"Қуаныш\",\"n\":-9223372036854775808,\"b\":false,"
				      "\"list\":[null,{},null,\"00ab\",{\"x\":1}],\"empty\":[]}");
}

static void
every_control_character_is_escaped(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_text_bytes(&json, "a\"b\\c\n\r\t\b\f\0\x1f\x7f", 13);
	assert_string_equal(out.text, "\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0000\\u001f\\u007f\"");
}

static void
broken_utf8_comes_out_as_replacement_characters(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_text_bytes(&json,
			"a\xFF"
			"b\xC3",
			4);
	assert_string_equal(out.text, "\"a\xEF\xBF\xBD"
				      "b\xEF\xBF\xBD\"");
}

/* Whatever bytes go in, the reader takes what the writer wrote, and gives the same text back. */
static void
what_is_written_can_be_read(void **state)
{
	unsigned seed = 7;

	for (int round = 0; round < 500; round++) {
		AUTO(strbuf_done) struct strbuf out = { 0 };
		AUTO(arena_free) struct arena *arena = arena_new();
		struct json json = { .out = &out };
		const struct node *node = NULL;
		char text[64];

		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = (char)(1 + rand_r(&seed) % (round % 2 == 0 ? 255 : 126));
		json_text_bytes(&json, text, sizeof(text));
		assert_int_equal(node_parse_json(arena, out.text, out.bytes, NULL, &node), OK);
		if (round % 2 == 1)
			assert_memory_equal(node->text, text, sizeof(text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_and_nesting_are_the_writers),
		cmocka_unit_test(every_control_character_is_escaped),
		cmocka_unit_test(broken_utf8_comes_out_as_replacement_characters),
		cmocka_unit_test(what_is_written_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
