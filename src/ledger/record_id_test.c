#include "ledger/record_id.h"
#include "ledger/testing.h"

static const unsigned char key_bytes[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static void
an_id_is_read_back_as_what_it_was_made_of(void **state)
{
	static const struct {
		uint32_t reg;
		int64_t record;
	} known[] = { { 1, 1 }, { 1, 2 }, { 2, 1 }, { 1000000, (INT64_C(1) << 40) - 1 }, { 7, INT64_MAX } };
	AUTO(record_key_free) struct record_key *key = record_key_new(key_bytes);

	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		unsigned char id[LEDGER_ID_BYTES];
		uint64_t reg = 0, record = 0;

		record_id_make(key, known[i].reg, known[i].record, id);
		record_id_read(key, id, &reg, &record);
		assert_int_equal(reg, known[i].reg);
		assert_int_equal(record, known[i].record);
	}
}

/* FIPS 197, appendix C.1: the block 00112233… under 000102… */
static void
the_block_is_that_of_aes_128(void **state)
{
	AUTO(record_key_free) struct record_key *key = record_key_new(key_bytes);
	unsigned char id[LEDGER_ID_BYTES];
	uint64_t reg = 0, record = 0;

	from_hex("69c4e0d86a7b0430d8cdb78070b4c55a", id);
	record_id_read(key, id, &reg, &record);
	assert_true(reg == UINT64_C(0x0011223344556677));
	assert_true(record == UINT64_C(0x8899aabbccddeeff));
}

static void
another_key_reads_something_else(void **state)
{
	static const unsigned char other_bytes[16] = { 9 };
	AUTO(record_key_free) struct record_key *key = record_key_new(key_bytes);
	AUTO(record_key_free) struct record_key *other = record_key_new(other_bytes);
	unsigned char id[LEDGER_ID_BYTES];
	uint64_t reg = 0, record = 0;

	record_id_make(key, 3, 5, id);
	record_id_read(other, id, &reg, &record);
	assert_true(reg != 3 || record != 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_read_back_as_what_it_was_made_of),
		cmocka_unit_test(the_block_is_that_of_aes_128),
		cmocka_unit_test(another_key_reads_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
