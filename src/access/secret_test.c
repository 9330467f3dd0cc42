#include "access/fixture.h"

static void
a_token_tells_its_kind_and_keeps_its_hash(void **state)
{
	char text[TOKEN_TEXT_BYTES], other[TOKEN_TEXT_BYTES];
	struct secret_hash a, b;
	enum secret_kind kind;

	secret_draw(SECRET_TOKEN, text);
	secret_draw(SECRET_SESSION, other);
	assert_int_equal(strlen(text), 46);
	assert_true(secret_hash(text, &kind, &a));
	assert_int_equal(kind, SECRET_TOKEN);
	assert_true(secret_hash(text, &kind, &b));
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(secret_hash(other, &kind, &b));
	assert_int_equal(kind, SECRET_SESSION);
	assert_memory_not_equal(&a, &b, sizeof(a));
}

static void
what_is_no_token_is_refused(void **state)
{
	char text[TOKEN_TEXT_BYTES], longer[200];
	struct secret_hash hash;
	enum secret_kind kind;

	secret_draw(SECRET_SESSION, text);
	assert_false(secret_hash(NULL, &kind, &hash));
	assert_false(secret_hash("", &kind, &hash));
	assert_false(secret_hash("ts_", &kind, &hash));
	snprintf(longer, sizeof(longer), "%sA", text);
	assert_false(secret_hash(longer, &kind, &hash));
	memset(longer, 'A', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_false(secret_hash(longer, &kind, &hash));
	text[10] = '+';
	assert_false(secret_hash(text, &kind, &hash));
	text[10] = ' ';
	assert_false(secret_hash(text, &kind, &hash));
	text[10] = 'A';
	text[1] = 'x';
	assert_false(secret_hash(text, &kind, &hash));
}

static void
a_csrf_value_fits_its_own_token_only(void **state)
{
	char a[TOKEN_TEXT_BYTES], b[TOKEN_TEXT_BYTES], csrf[TOKEN_TEXT_BYTES];

	secret_draw(SECRET_SESSION, a);
	secret_draw(SECRET_SESSION, b);
	secret_csrf(a, csrf);
	assert_true(secret_csrf_fits(a, csrf));
	assert_false(secret_csrf_fits(b, csrf));
	assert_false(secret_csrf_fits(a, ""));
	assert_false(secret_csrf_fits(a, a));
	csrf[42] = csrf[42] == 'A' ? 'E' : 'A';
	assert_false(secret_csrf_fits(a, csrf));
}

static void
a_code_may_be_typed_as_people_type(void **state)
{
	struct secret_hash a, b;

	assert_true(secret_code_hash(7, "0123-ABCD-1EFG", &a));
	assert_true(secret_code_hash(7, " o12 3abcd Lefg", &b));
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(secret_code_hash(8, "0123-ABCD-1EFG", &b));
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_false(secret_code_hash(7, "0123-ABCD-1EF", &b));
	assert_false(secret_code_hash(7, "0123-ABCD-1EFGH", &b));
	assert_false(secret_code_hash(7, "0123-ABCD-1EFU", &b));
	assert_false(secret_code_hash(7, "", &b));
}

static void
codes_are_drawn_from_their_alphabet(void **state)
{
	char code[ACTIVATION_CODE_BYTES], last[ACTIVATION_CODE_BYTES] = "";
	struct secret_hash hash;

	for (int i = 0; i < 200; i++) {
		secret_code_draw(code);
		assert_int_equal(strlen(code), 14);
		assert_true(secret_code_hash(1, code, &hash));
		assert_null(strpbrk(code, "ILOU"));
		assert_string_not_equal(code, last);
		memcpy(last, code, sizeof(code));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_tells_its_kind_and_keeps_its_hash),
		cmocka_unit_test(what_is_no_token_is_refused),
		cmocka_unit_test(a_csrf_value_fits_its_own_token_only),
		cmocka_unit_test(a_code_may_be_typed_as_people_type),
		cmocka_unit_test(codes_are_drawn_from_their_alphabet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
