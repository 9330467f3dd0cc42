#include "ledger/testing.h"
#include "ledger/line.h"

static void
lines_come_without_their_newlines_and_a_piece_without_one_is_none(void **state)
{
	static const char text[] = "one\n\ntwo\nrest";
	struct line_reader reader = { .at = text, .end = text + sizeof(text) - 1 };
	static const char *const lines[] = { "one", "", "two" };
	const char *line = NULL;
	size_t bytes = 0;

	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		assert_true(line_next(&reader, &line, &bytes));
		assert_int_equal(bytes, strlen(lines[i]));
		assert_memory_equal(line, lines[i], bytes);
	}
	assert_false(line_next(&reader, &line, &bytes));
	assert_string_equal(reader.at, "rest");
	reader = (struct line_reader){ 0 };
	assert_false(line_next(&reader, &line, &bytes));
}

static void
a_number_has_one_spelling(void **state)
{
	static const char *const wrong[] = { "",
					     "00",
					     "01",
					     "+1",
					     "-1",
					     "1 ",
					     " 1",
					     "1.0",
					     "0x1",
					     "1e3",
					     "\xd9\xa1",
					     "9223372036854775808",
					     "18446744073709551616",
					     "99999999999999999999" };
	uint64_t number = 7;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(line_number(wrong[i], strlen(wrong[i]), &number), ERR_BAD_INPUT);
	assert_int_equal(number, 7);
	assert_int_equal(line_number("0", 1, &number), OK);
	assert_int_equal(number, 0);
	assert_int_equal(line_number("9223372036854775807", 19, &number), OK);
	assert_true(number == INT64_MAX);
}

static void
a_hash_has_32_bytes(void **state)
{
	static const char good[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
	unsigned char hash[TREE_HASH_BYTES];

	assert_int_equal(line_hash(good, strlen(good), hash), OK);
	assert_hex(hash, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_int_equal(line_hash(good, strlen(good) - 4, hash), ERR_BAD_INPUT);
	assert_int_equal(line_hash("", 0, hash), ERR_BAD_INPUT);
	assert_int_equal(line_hash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFVV", 44, hash), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_without_their_newlines_and_a_piece_without_one_is_none),
		cmocka_unit_test(a_number_has_one_spelling),
		cmocka_unit_test(a_hash_has_32_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
