#include "ledger/testing.h"
#include "ledger/base64.h"

/* RFC 4648 section 10. */
static const char *const known[][2] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void
the_rfc_s_examples_go_both_ways(void **state)
{
	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		AUTO(strbuf_done) struct strbuf out = { 0 };
		unsigned char back[8];
		size_t count = 99;

		base64_print(&out, known[i][0], strlen(known[i][0]));
		assert_int_equal(out.bytes, strlen(known[i][1]));
		assert_memory_equal(out.text == NULL ? "" : out.text, known[i][1], out.bytes);
		assert_int_equal(base64_parse(known[i][1], strlen(known[i][1]), sizeof(back), back, &count), OK);
		assert_int_equal(count, strlen(known[i][0]));
		assert_memory_equal(back, known[i][0], count);
	}
}

static void
every_byte_comes_back(void **state)
{
	unsigned char all[257], back[257];

	count_up(all, sizeof(all), 0);
	for (size_t bytes = 0; bytes <= sizeof(all); bytes++) {
		AUTO(strbuf_done) struct strbuf out = { 0 };
		size_t count = 0;

		base64_print(&out, all, bytes);
		assert_int_equal(out.bytes, BASE64_TEXT_BYTES(bytes));
		assert_int_equal(base64_parse(out.text, out.bytes, bytes, back, &count), OK);
		assert_int_equal(count, bytes);
		assert_memory_equal(back, all, bytes);
		if (bytes > 0)
			assert_int_equal(base64_parse(out.text, out.bytes, bytes - 1, back, &count), ERR_BAD_INPUT);
	}
}

static void
other_spellings_of_the_same_bytes_are_refused(void **state)
{
	static const char *const wrong[] = {
		"Zg",        "Zg=",    "Zm8",    "Zh==",         "Zi==",       "Zo==",     "Zm9=",
		"Zm+=",      "Zg==\n", " Zg==",  "Zg= =",        "Z g==",      "Zm-_",     "====",
		"Z===",      "=Zm9",   "Zm=9",   "Zg==Zg==",     "Zm8=Zg==",   "Zm9v====", "Zm9vZg=",
		"Zm9vZg===", "Zm\n9",  "Zm9v\n", "Zm9v\r\n\r\n", "\xc5\xbdm9", "Zm9,",
	};
	unsigned char back[32];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(base64_parse(wrong[i], strlen(wrong[i]), sizeof(back), back, &count), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rfc_s_examples_go_both_ways),
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(other_spellings_of_the_same_bytes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
