#include "ledger/testing.h"
#include "ledger/key_cache.h"

static void
put(struct key_cache *cache, int64_t stream)
{
	unsigned char key[KEY_CACHE_KEY_BYTES];

	count_up(key, sizeof(key), (unsigned)stream);
	key_cache_put(cache, stream, key);
}

static void
the_longest_unused_key_gives_way(void **state)
{
	AUTO(key_cache_free) struct key_cache *cache = key_cache_new(8);

	for (int64_t stream = 1; stream <= 8; stream++)
		put(cache, stream);
	assert_non_null(key_cache_get(cache, 1)); /* 2 is now the longest unused */
	put(cache, 9);
	assert_null(key_cache_get(cache, 2));
	assert_non_null(key_cache_get(cache, 1));
	assert_int_equal(key_cache_get(cache, 9)[0], 9);
}

static void
a_forgotten_key_is_gone_and_the_others_stay(void **state)
{
	AUTO(key_cache_free) struct key_cache *cache = key_cache_new(8);

	for (int64_t stream = -3; stream <= 4; stream++)
		put(cache, stream);
	key_cache_forget(cache, 2);
	key_cache_forget(cache, 77);
	assert_null(key_cache_get(cache, 2));
	for (int64_t stream = -3; stream <= 4; stream++)
		if (stream != 2)
			assert_int_equal(key_cache_get(cache, stream)[0], (unsigned char)stream);
	put(cache, 5);
	assert_non_null(key_cache_get(cache, -3)); /* the empty way was taken first */
}

static void
a_key_put_again_is_replaced(void **state)
{
	AUTO(key_cache_free) struct key_cache *cache = key_cache_new(100);
	unsigned char key[KEY_CACHE_KEY_BYTES] = { 0xaa };

	put(cache, 5);
	key_cache_put(cache, 5, key);
	assert_int_equal(key_cache_get(cache, 5)[0], 0xaa);
	key_cache_forget(cache, 5);
	assert_null(key_cache_get(cache, 5));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_unused_key_gives_way),
		cmocka_unit_test(a_forgotten_key_is_gone_and_the_others_stay),
		cmocka_unit_test(a_key_put_again_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
