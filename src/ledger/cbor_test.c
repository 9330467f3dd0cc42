#include "ledger/testing.h"
#include "ledger/cbor.h"

static bool
is_fine(const char *hex, bool strict)
{
	unsigned char bytes[256];

	return cbor_is_deterministic(bytes, from_hex(hex, bytes), strict);
}

static void
numbers_are_written_in_the_shortest_form(void **state)
{
	static const struct {
		int64_t number;
		const char *hex;
	} known[] = {
		/* RFC 8949 appendix A */
		{ 0, "00" },
		{ 1, "01" },
		{ 10, "0a" },
		{ 23, "17" },
		{ 24, "1818" },
		{ 25, "1819" },
		{ 100, "1864" },
		{ 1000, "1903e8" },
		{ 1000000, "1a000f4240" },
		{ 1000000000000, "1b000000e8d4a51000" },
		{ -1, "20" },
		{ -10, "29" },
		{ -100, "3863" },
		{ -1000, "3903e7" },
		{ 255, "18ff" },
		{ 256, "190100" },
		{ 65535, "19ffff" },
		{ 65536, "1a00010000" },
		{ 4294967295, "1affffffff" },
		{ 4294967296, "1b0000000100000000" },
		{ INT64_MIN, "3b7fffffffffffffff" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		AUTO(strbuf_done) struct strbuf out = { 0 };

		cbor_integer(&out, known[i].number);
		assert_hex(out.text, out.bytes, known[i].hex);
		assert_true(is_fine(known[i].hex, false));
		assert_true(is_fine(known[i].hex, true) == (known[i].number >= 0));
	}
}

static void
whatever_is_not_deterministic_is_refused(void **state)
{
	static const char *const refused[] = {
		"",     /* nothing */
		"0000", /* more than one value */
		"1817", /* 23 in two bytes */
		"1900ff",
		"1a0000ffff",
		"1b00000000ffffffff",
		"18",
		"19ff", /* cut off */
		"1c",
		"1d",
		"1e",
		"1f",
		"5f4100ff",
		"7f6161ff",
		"9f00ff",
		"bf0000ff", /* indefinite lengths */
		"c000",
		"d81800", /* tags */
		"f90000",
		"fa00000000",
		"fb0000000000000000", /* floats */
		"f7",
		"f0",
		"f820",
		"ff", /* undefined and other simple values */
		"a2010001ff",
		"a201000100",
		"a202000100", /* keys twice or falling */
		"a1616100",
		"a12000", /* keys that are no unsigned integers */
		"61ff",
		"62c328",
		"63eda080", /* invalid UTF-8, a surrogate */
		"8200",
		"a10100ff",
		"42ff",
		"9b7fffffffffffffff",
		"bb7fffffffffffffff",
		"5b7fffffffffffffff",
		"3b8000000000000000", /* below what a writer could write */
		"818181818181818180", /* nine deep */
	};

	for (size_t i = 0; i < ARRAY_COUNT(refused); i++)
		if (is_fine(refused[i], false) || is_fine(refused[i], true))
			fail_msg("%s was taken", refused[i]);
}

static void
only_payloads_have_negative_numbers_truth_null_and_lines(void **state)
{
	static const char *const payload_only[] = { "20", "f4", "f5", "f6", "62410a", "6100", "a100f6", "8120" };

	for (size_t i = 0; i < ARRAY_COUNT(payload_only); i++) {
		assert_true(is_fine(payload_only[i], false));
		assert_false(is_fine(payload_only[i], true));
	}
	assert_true(is_fine("8181818181818180", true));
	assert_true(is_fine("a300010120024100", false) && is_fine("80", true) && is_fine("a0", true));
}

static void
what_is_written_is_read_back(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct cbor_item item;

	cbor_map(&out, 4);
	cbor_uint(&out, 1);
	cbor_boolean(&out, true);
	cbor_uint(&out, 2);
	cbor_null(&out);
	cbor_uint(&out, 300);
	cbor_text(&out, "Әлия", strlen("Әлия"));
	cbor_uint(&out, 301);
	cbor_array(&out, 2);
	cbor_integer(&out, -5);
	cbor_bytes(&out, "\0\1", 2);
	assert_true(cbor_is_deterministic(out.text, out.bytes, false));

	static const enum cbor_kind kinds[] = { CBOR_MAP,  CBOR_UINT, CBOR_BOOLEAN, CBOR_UINT,     CBOR_NULL, CBOR_UINT,
						CBOR_TEXT, CBOR_UINT, CBOR_ARRAY,   CBOR_NEGATIVE, CBOR_BYTES };
	const unsigned char *bytes = (const unsigned char *)out.text;
	struct cbor_reader reader = { .at = bytes, .end = bytes + out.bytes };

	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		assert_int_equal(cbor_next(&reader, &item), OK);
		assert_int_equal(item.kind, kinds[i]);
	}
	assert_int_equal(item.count, 2);
	assert_int_equal(cbor_next(&reader, &item), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_written_in_the_shortest_form),
		cmocka_unit_test(whatever_is_not_deterministic_is_refused),
		cmocka_unit_test(only_payloads_have_negative_numbers_truth_null_and_lines),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
