#include "text/digest.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* FIPS 180-4, appendix of examples: "abc". */
static const unsigned char abc_hash[DIGEST_BYTES] = {
	0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
	0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
};

static void
pieces_give_the_hash_of_the_whole_and_the_digest_begins_anew(void **state)
{
	AUTO(digest_free) struct digest *digest = digest_new();
	unsigned char hash[DIGEST_BYTES];

	for (int round = 0; round < 2; round++) {
		digest_add(digest, "a", 1);
		digest_add(digest, "", 0);
		digest_add(digest, "bc", 2);
		digest_finish(digest, hash);
		assert_memory_equal(hash, abc_hash, DIGEST_BYTES);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_give_the_hash_of_the_whole_and_the_digest_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
