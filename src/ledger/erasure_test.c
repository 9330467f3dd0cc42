#include "ledger/testing.h"
#include "ledger/erasure.h"

static void
add(struct erased_ranges *ranges, uint64_t first, uint64_t last, unsigned parts)
{
	for (uint64_t i = first; i <= last; i++)
		erased_ranges_add(ranges, i, parts);
}

static void
what_is_written_is_read_again(void **state)
{
	AUTO(erased_ranges_done) struct erased_ranges ranges = { 0 };
	AUTO(erased_ranges_done) struct erased_ranges read = { 0 };
	AUTO(strbuf_done) struct strbuf out = { 0 };
	AUTO(strbuf_done) struct strbuf again = { 0 };

	add(&ranges, 3, 9, ERASED_DETAIL);
	add(&ranges, 10, 10, ERASED_DETAIL | ERASED_PAYLOAD);
	add(&ranges, 70000, 70001, ERASED_HEADER);
	assert_int_equal(ranges.count, 3);
	erasure_write(ranges.items, ranges.count, &out);
	assert_hex(out.text, out.bytes, "8383030902830a0a06831a000111701a0001117101");
	assert_int_equal(erasure_read(out.text, out.bytes, 70002, &read), OK);
	assert_int_equal(read.count, 3);
	strbuf_clear(&again);
	erasure_write(read.items, read.count, &again);
	assert_memory_equal(again.text, out.text, out.bytes);
	assert_int_equal(erasure_read(out.text, out.bytes, 70001, &read), ERR_BAD_INPUT);
}

static void
whatever_a_writer_would_not_write_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",           "82830309028303", "8183030902ff", "81830302 02",        "8183030900",
		"8183030908", "8182030902",     "83030902",     "828305090283030402", "8283030902830902 02"
	};
	unsigned char bytes[64];

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		AUTO(erased_ranges_done) struct erased_ranges read = { 0 };
		char hex[64], *to = hex;

		for (const char *p = wrong[i]; *p != '\0'; p++)
			if (*p != ' ')
				*to++ = *p;
		*to = '\0';
		assert_int_equal(erasure_read(bytes, from_hex(hex, bytes), 1000, &read), ERR_BAD_INPUT);
	}
}

static void
a_missing_part_that_no_erasure_names_is_found(void **state)
{
	uint64_t index = 0;

	for (uint64_t hole = 0; hole <= 12; hole++) {
		AUTO(erased_ranges_done) struct erased_ranges named = { 0 };
		AUTO(erased_ranges_done) struct erased_ranges missing = { 0 };

		/* Details of 2..5 and 4..9, in two erasures; the payload of 4 alone. */
		add(&named, 4, 9, ERASED_DETAIL);
		add(&named, 2, 5, ERASED_DETAIL);
		add(&named, 4, 4, ERASED_PAYLOAD);
		erased_ranges_add(&missing, hole, ERASED_DETAIL);
		assert_int_equal(erasure_names(&named, &missing, &index), hole >= 2 && hole <= 9);
		if (hole < 2 || hole > 9)
			assert_int_equal(index, hole);
	}
}

static void
each_part_is_named_on_its_own(void **state)
{
	AUTO(erased_ranges_done) struct erased_ranges named = { 0 };
	AUTO(erased_ranges_done) struct erased_ranges missing = { 0 };
	uint64_t index = 0;

	add(&named, 0, 99, ERASED_DETAIL);
	add(&named, 10, 20, ERASED_HEADER | ERASED_PAYLOAD);
	add(&missing, 0, 9, ERASED_DETAIL);
	add(&missing, 10, 20, ERASED_HEADER | ERASED_DETAIL | ERASED_PAYLOAD);
	add(&missing, 21, 99, ERASED_DETAIL);
	assert_true(erasure_names(&named, &missing, &index));
	add(&missing, 100, 100, ERASED_DETAIL);
	assert_false(erasure_names(&named, &missing, &index));
	assert_int_equal(index, 100);
	missing.items[1].last = 22;
	assert_false(erasure_names(&named, &missing, &index));
	assert_int_equal(index, 21);
}

static void
random_holes_are_judged_as_the_obvious_way_does(void **state)
{
	srand(7);
	for (int round = 0; round < 2000; round++) {
		AUTO(erased_ranges_done) struct erased_ranges named = { 0 };
		AUTO(erased_ranges_done) struct erased_ranges missing = { 0 };
		unsigned covered[32] = { 0 };
		uint64_t wanted = UINT64_MAX, index = 0;

		for (int i = rand() % 5; i > 0; i--) {
			uint64_t first = (uint64_t)rand() % 32, last = first + (uint64_t)rand() % (32 - first);
			unsigned parts = 1U + (unsigned)rand() % 7;

			add(&named, first, last, parts);
			for (uint64_t k = first; k <= last; k++)
				covered[k] |= parts;
		}
		for (uint64_t k = 0; k < 32; k++) {
			unsigned parts =
				rand() % 3 == 0 ? (unsigned)rand() % 8 & (covered[k] | (rand() % 9 == 0 ? 7 : 0)) : 0;

			if (parts == 0)
				continue;
			erased_ranges_add(&missing, k, parts);
			if ((parts & ~covered[k]) != 0 && wanted == UINT64_MAX)
				wanted = k;
		}
		assert_int_equal(erasure_names(&named, &missing, &index), wanted == UINT64_MAX);
		if (wanted != UINT64_MAX)
			assert_int_equal(index, wanted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(whatever_a_writer_would_not_write_is_refused),
		cmocka_unit_test(a_missing_part_that_no_erasure_names_is_found),
		cmocka_unit_test(each_part_is_named_on_its_own),
		cmocka_unit_test(random_holes_are_judged_as_the_obvious_way_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
