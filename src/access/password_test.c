#include "access/password.h"
#include "access/fixture.h"

static int
cheap(void **state)
{
	access_set_cost(&(struct access_cost){ .passes = 1, .memory_bytes = 8192 });
	return 0;
}

static void
a_password_fits_its_own_hash_only(void **state)
{
	struct password_hash hash;
	bool fits = false, outdated = true;

	assert_int_equal(account_hash(GOOD_PASSWORD, &hash), OK);
	assert_non_null(strstr(hash.text, "$argon2id$v=19$m=8,t=1,p=1$"));
	assert_int_equal(password_verify(hash.text, GOOD_PASSWORD, &fits, &outdated), OK);
	assert_true(fits);
	assert_false(outdated);
	assert_int_equal(password_verify(hash.text, OTHER_PASSWORD, &fits, &outdated), OK);
	assert_false(fits);
	assert_int_equal(password_verify(NULL, GOOD_PASSWORD, &fits, &outdated), OK);
	assert_false(fits);
}

static void
the_same_letters_fit_composed_or_not(void **state)
{
	struct password_hash hash;
	bool fits = false, outdated;

	assert_int_equal(account_hash("бай\xd0\xb8\xcc\x86терек он бір", &hash), OK);
	assert_int_equal(password_verify(hash.text, "баййтерек он бір", &fits, &outdated), OK);
	assert_true(fits);
}

static void
a_hash_of_a_lower_cost_is_outdated_and_one_of_a_higher_is_not(void **state)
{
	struct password_hash hash;
	bool fits, outdated = false;

	assert_int_equal(account_hash(GOOD_PASSWORD, &hash), OK);
	access_set_cost(&(struct access_cost){ .passes = 2, .memory_bytes = 16384 });
	assert_int_equal(password_verify(hash.text, GOOD_PASSWORD, &fits, &outdated), OK);
	assert_true(fits && outdated);
	assert_int_equal(account_hash(GOOD_PASSWORD, &hash), OK);
	access_set_cost(&(struct access_cost){ .passes = 1, .memory_bytes = 8192 });
	assert_int_equal(password_verify(hash.text, GOOD_PASSWORD, &fits, &outdated), OK);
	assert_true(fits && !outdated);
}

static void
weak_passwords_are_refused(void **state)
{
	static const char *const weak[] = {
		"",
		"short",
		"ninechars",
		"password12",
		"Password2026!",
		"1234567890",
		"0987654321",
		"1111111111",
		"qwertyuiop",
		"QWERTYUIOP",
		"asdfghjkl;",
		"йцукенгшщз",
		"passwordpassword",
		"abcabcabcabc",
		"20261121",
		"21.11.2026",
		"87011234567",
		"aigerim.s",
		"aigerim.s1",
		"AIGERIM.S2026",
		"құпиясөз12",
		"пароль1234",
		"kazakhstan",
		"kazakhstan1",
		"almaty2026!",
		"iloveyou!!!",
		"!!!!!!!!!!!!",
		"q1w2e3r4t5",
		"qwerty123456",
		"administrator",
		"summer2026",
		"loveastana",
		"махаббат99",
	};

	for (size_t i = 0; i < ARRAY_COUNT(weak); i++)
		if (password_check("aigerim.s", weak[i], NULL) != ERR_BAD_INPUT)
			fail_msg("\"%s\" was let through", weak[i]);
	assert_int_equal(password_check("aigerim.s", NULL, NULL), ERR_BAD_INPUT);
	assert_int_equal(password_check("aigerim.s", "not utf-8 \xff\xfe\xfd", NULL), ERR_BAD_INPUT);
}

static void
ordinary_passwords_are_let_through(void **state)
{
	static const char *const good[] = {
		GOOD_PASSWORD,     OTHER_PASSWORD,    "Zu9!kkd02x",       "жеті боз тырна ұшты",
		"k7-mango-plinth", "xkcdtulip42moss", "бес алма бақшада",
	};

	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		if (password_check("aigerim.s", good[i], NULL) != OK)
			fail_msg("\"%s\" was refused", good[i]);
}

static void
length_is_counted_in_characters_and_limited_in_bytes(void **state)
{
	char text[PASSWORD_BYTES_MAX + 2];
	struct password_hash hash;

	assert_int_equal(password_check("a1", "тырналар", NULL), ERR_BAD_INPUT);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + (i * 7 + i / 26) % 26);
	text[PASSWORD_BYTES_MAX] = '\0';
	assert_int_equal(password_check("a1", text, NULL), OK);
	assert_int_equal(account_hash(text, &hash), OK);
	text[PASSWORD_BYTES_MAX] = 'x';
	text[PASSWORD_BYTES_MAX + 1] = '\0';
	assert_int_equal(password_check("a1", text, NULL), ERR_BAD_INPUT);
	assert_int_equal(account_hash(text, &hash), ERR_BAD_INPUT);
}

static void *
hash_once(void *ret_error)
{
	struct password_hash hash;

	*(enum error *)ret_error = account_hash(GOOD_PASSWORD, &hash);
	return NULL;
}

static void
beyond_those_at_work_and_those_waiting_the_server_is_busy(void **state)
{
	enum { THREADS = 60 };
	pthread_t threads[THREADS];
	enum error errors[THREADS];
	size_t done_count = 0, busy_count = 0;

	access_set_cost(&(struct access_cost){ .passes = 4, .memory_bytes = (size_t)16 << 20 });
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hash_once, &errors[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		done_count += errors[i] == OK;
		busy_count += errors[i] == ERR_BUSY;
	}
	assert_int_equal(done_count + busy_count, THREADS);
	assert_true(done_count >= ACCESS_HASHES_AT_ONCE + ACCESS_HASHES_WAITING);
	assert_true(busy_count > 0);
}

#define CHEAP_TEST(name) cmocka_unit_test_setup(name, cheap)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHEAP_TEST(a_password_fits_its_own_hash_only),
		CHEAP_TEST(the_same_letters_fit_composed_or_not),
		CHEAP_TEST(a_hash_of_a_lower_cost_is_outdated_and_one_of_a_higher_is_not),
		CHEAP_TEST(weak_passwords_are_refused),
		CHEAP_TEST(ordinary_passwords_are_let_through),
		CHEAP_TEST(length_is_counted_in_characters_and_limited_in_bytes),
		CHEAP_TEST(beyond_those_at_work_and_those_waiting_the_server_is_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
