#include "ledger/testing.h"
#include "ledger/seal.h"

static void
a_stream_has_the_codes_of_the_document(void **state)
{
	unsigned char key[SEAL_KEY_BYTES];
	unsigned char code[SEAL_BYTES];

	count_up(key, sizeof(key), 0);
	seal_stream_id(key, code);
	assert_hex(code, 32, "0a72b1e51858aa298b2f871da6d866c630dff8d87a22d3ef51eb9ec8c417dc8a");
	seal_check(key, code);
	assert_hex(code, 8, "5bd3825058481653");
	seal_tag(key, 1, code);
	assert_hex(code, 32, "0372361e7b7721bccdbf09151b4cabbd4410e6ec1fbbf5d81856ae115028f09f");
	seal_tag(key, 256, code);
	assert_hex(code, 32, "b16d336fe8c5f59f7328a970059b40d3912792335b0f2d6a69215c927a13a765");
}

static void
each_part_has_the_commitment_of_the_document(void **state)
{
	unsigned char salt[SEAL_SALT_BYTES];
	unsigned char part[256];
	unsigned char code[SEAL_BYTES];

	count_up(salt, sizeof(salt), 0x20);
	seal_commit(SEAL_HEADER, salt, part, from_hex(known_header_hex, part), code);
	assert_hex(code, 32, "2d11d09be1c7522cd6191475644e9d50dbf2ad734f66c545588692de2fb5430c");
	count_up(salt, sizeof(salt), 0x40);
	seal_commit(SEAL_DETAIL, salt, part, from_hex(known_detail_hex, part), code);
	assert_hex(code, 32, "553882c4126b2b3d37d38b5c367f7587b3c3e1d88cf73b2e48c96e778ccbd42a");
	count_up(salt, sizeof(salt), 0x60);
	seal_commit(SEAL_PAYLOAD, salt, NULL, 0, code);
	assert_hex(code, 32, "31fe81bb85a20e3333876ce94d1dfc2532aef3df8fd6a0f35db652a56e9837f4");
}

static void
a_commitment_holds_for_its_own_part_salt_and_data_only(void **state)
{
	unsigned char salt[SEAL_SALT_BYTES];
	unsigned char code[SEAL_BYTES];

	count_up(salt, sizeof(salt), 1);
	seal_commit(SEAL_DETAIL, salt, "data", 4, code);
	assert_true(seal_holds(SEAL_DETAIL, salt, "data", 4, code));
	assert_false(seal_holds(SEAL_PAYLOAD, salt, "data", 4, code));
	assert_false(seal_holds(SEAL_DETAIL, salt, "dato", 4, code));
	assert_false(seal_holds(SEAL_DETAIL, salt, "data", 3, code));
	salt[31] ^= 1;
	assert_false(seal_holds(SEAL_DETAIL, salt, "data", 4, code));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_has_the_codes_of_the_document),
		cmocka_unit_test(each_part_has_the_commitment_of_the_document),
		cmocka_unit_test(a_commitment_holds_for_its_own_part_salt_and_data_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
