#include "text/number.h"
#include "base/day.h"
#include "base/testing.h"
#include "text/csv.h"

static struct arena *arena;

static int
set_up(void **state)
{
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(arena);
	return 0;
}

static void
check_iin(const struct csv_row *row, bool is_good, int64_t number)
{
	int64_t day = 0;
	char text[16];

	if (!is_good)
		return;
	assert_int_equal(day_parse(row->fields[3], row->field_bytes[3], false, &day), OK);
	assert_int_equal(iin_birth_day(number), day);
	assert_int_equal(iin_sex(number), row->fields[4][0]);
	assert_string_equal(iin_print(number, text), row->fields[1]);
	assert_int_equal(iin_complete(number - number % 10), number);
}

static void
the_vectors_of_iin_and_bin_hold(void **state)
{
	AUTO(strbuf_done) struct strbuf file = { 0 };
	struct csv_row row;
	int rows = 0;

	read_whole("data/ids/iin-bin.csv", &file);
	AUTO(csv_free) struct csv *csv = csv_new(file.text, file.bytes);

	assert_int_equal(csv_next(csv, NULL, &row), OK);
	for (; csv_next(csv, NULL, &row) == OK; rows++) {
		bool is_iin = strcmp(row.fields[0], "iin") == 0;
		bool expected = strcmp(row.fields[2], "valid") == 0;
		int64_t number = -1;
		enum message wrong = MSG_NONE;
		enum error e =
			is_iin ? iin_parse(row.fields[1], &number, &wrong) : bin_parse(row.fields[1], &number, &wrong);

		if ((e == OK) != expected)
			print_error("%s %s: %s\n", row.fields[0], row.fields[1], row.fields[5]);
		assert_int_equal(e == OK, expected);
		assert_int_equal(wrong == MSG_NONE, expected);
		if (is_iin)
			check_iin(&row, e == OK, number);
	}
	assert_int_equal(rows, 85);
}

static enum message
wrong_iin(const char *text)
{
	int64_t number = -1;
	enum message wrong = MSG_NONE;

	enum error e = iin_parse(text, &number, &wrong);

	assert_int_equal(e, wrong == MSG_NONE ? OK : ERR_BAD_INPUT);
	return wrong;
}

static void
what_is_wrong_with_an_iin_is_told_exactly(void **state)
{
	assert_int_equal(wrong_iin("88101367403"), MSG_IIN_LENGTH);
	assert_int_equal(wrong_iin(""), MSG_IIN_LENGTH);
	assert_int_equal(wrong_iin("88101367403a"), MSG_IIN_LENGTH);
	assert_int_equal(wrong_iin("901301501008"), MSG_IIN_BIRTH);
	assert_int_equal(wrong_iin("900101701000"), MSG_IIN_CENTURY);
	assert_int_equal(wrong_iin("881013674039"), MSG_CHECK_DIGIT);
	assert_int_equal(wrong_iin("700726556249"), MSG_NUMBER_NOT_ISSUED);
	assert_int_equal(wrong_iin(" 881013674038 "), MSG_NONE);
	assert_int_equal(wrong_iin("881013-674038"), MSG_IIN_LENGTH);
}

static void
a_century_digit_of_zero_leaves_birth_day_and_sex_open(void **state)
{
	int64_t number = iin_complete(229000010); /* 000229, century 0 */
	char text[16];
	enum message wrong = MSG_NONE;

	assert_true(number > 0);
	assert_int_equal(iin_parse(iin_print(number, text), &number, &wrong), OK);
	assert_int_equal(iin_birth_day(number), DAY_NONE);
	assert_int_equal(iin_sex(number), 0);
	/* 29 February in no century: 01. */
	assert_int_equal(iin_parse("010229000015", &number, &wrong), ERR_BAD_INPUT);
	assert_int_equal(wrong, MSG_IIN_BIRTH);
}

/* The eleventh weighs 11, which is 0 modulo 11: the state's own formula does not see it. */
static void
a_single_wrong_digit_but_the_eleventh_is_caught(void **state)
{
	char text[16] = "921027530264";

	for (int i = 0; i < 12; i++) {
		char right = text[i];

		if (i == 10)
			continue;
		for (char c = '0'; c <= '9'; c++) {
			text[i] = c;
			assert_int_equal(wrong_iin(text) == MSG_NONE, c == right);
		}
		text[i] = right;
	}
}

static void
a_bin_is_told_what_is_wrong(void **state)
{
	int64_t number = 0;
	enum message wrong = MSG_NONE;

	assert_int_equal(bin_parse("971340963257", &number, &wrong), ERR_BAD_INPUT);
	assert_int_equal(wrong, MSG_BIN_MONTH);
	assert_int_equal(bin_parse("970140", &number, &wrong), ERR_BAD_INPUT);
	assert_int_equal(wrong, MSG_BIN_LENGTH);
	assert_int_equal(bin_parse("970170963257", &number, &wrong), ERR_BAD_INPUT);
	assert_int_equal(wrong, MSG_BIN_KIND);
	assert_int_equal(bin_parse("941240000194", &number, &wrong), ERR_BAD_INPUT);
	assert_int_equal(wrong, MSG_CHECK_DIGIT);
	assert_int_equal(bin_parse(" 941240000193 ", &number, &wrong), OK);
	assert_int_equal(number, 941240000193);
}

static void
assert_document(const char *text, const char *expected, enum message message)
{
	const char *document = NULL;
	enum message wrong = MSG_NONE;

	assert_int_equal(document_parse(arena, text, &document, &wrong), expected == NULL ? ERR_BAD_INPUT : OK);
	assert_int_equal(wrong, message);
	if (expected != NULL)
		assert_string_equal(document, expected);
}

static void
a_document_is_its_state_and_number(void **state)
{
	assert_document("UZB AA1234567", "UZB:AA1234567", MSG_NONE);
	assert_document("uzb:aa 123-4567", "UZB:AA1234567", MSG_NONE);
	assert_document("D C01X0006H", "D:C01X0006H", MSG_NONE);
	assert_document("RUS 75 1234567", "RUS:751234567", MSG_NONE);
	assert_document("KGZ АС1234567", "KGZ:AC1234567", MSG_NONE);
	assert_document("XXA 123456", "XXA:123456", MSG_NONE);
	assert_document("UZX AA1234567", NULL, MSG_NOT_STATE);
	assert_document("UZB 123", NULL, MSG_NOT_DOCUMENT);
	assert_document("UZB 123456789012345678901", NULL, MSG_NOT_DOCUMENT);
	assert_document("UZBAA1234567", NULL, MSG_NOT_DOCUMENT);
	assert_document("", NULL, MSG_NOT_DOCUMENT);
	assert_document("UZB", NULL, MSG_NOT_DOCUMENT);
	assert_document("UZB AA12/4567", NULL, MSG_NOT_DOCUMENT);
	assert_document("UZB ЖЖ123456", NULL, MSG_NOT_DOCUMENT);
	assert_document("UZB \xFF\xFF\xFF\xFF", NULL, MSG_NOT_DOCUMENT);
	assert_string_equal(document_state_name("UZB"), "Uzbekistan");
	assert_null(document_state_name("ZZZ"));
}

static void
assert_phone(const char *text, const char *expected)
{
	const char *phone = NULL;

	assert_int_equal(phone_parse(arena, text, &phone), expected == NULL ? ERR_BAD_INPUT : OK);
	if (expected != NULL)
		assert_string_equal(phone, expected);
}

static void
a_phone_becomes_international(void **state)
{
	assert_phone("+7 701 234 56 78", "+77012345678");
	assert_phone("8 (701) 234-56-78", "+77012345678");
	assert_phone("77012345678", "+77012345678");
	assert_phone("701 234 56 78", "+77012345678");
	assert_phone("8 7172 55 44 33", "+77172554433");
	assert_phone("+7\xC2\xA0"
		     "701\xC2\xA0"
		     "2345678",
		     "+77012345678");
	assert_phone("+998 90 123 45 67", "+998901234567");
	assert_phone("+7 701 234 56 7", NULL);
	assert_phone("+0 701 234 56 78", NULL);
	assert_phone("12345", NULL);
	assert_phone("112", NULL);
	assert_phone("+1234567890123456", NULL);
	assert_phone("+7 701 234 56 78 ext 5", NULL);
	assert_phone("", NULL);
	assert_phone("+", NULL);
}

static void
assert_email(const char *text, const char *expected)
{
	const char *email = NULL;

	assert_int_equal(email_parse(arena, text, &email), expected == NULL ? ERR_BAD_INPUT : OK);
	if (expected != NULL)
		assert_string_equal(email, expected);
}

static void
an_email_address_is_plain_and_safe_to_put_in_a_header(void **state)
{
	char longer[400];

	assert_email("Aigul.B+1@Mail.Example.KZ", "Aigul.B+1@mail.example.kz");
	assert_email(" a@b.kz ", "a@b.kz");
	assert_email("info@пошта.қаз", "info@xn--80a1acn3a.xn--80ao21a");
	assert_email("a@b", NULL);
	assert_email("a@b..kz", NULL);
	assert_email("a@-b.kz", NULL);
	assert_email("a@b-.kz", NULL);
	assert_email(".a@b.kz", NULL);
	assert_email("a..b@c.kz", NULL);
	assert_email("a.@b.kz", NULL);
	assert_email("@b.kz", NULL);
	assert_email("a b@c.kz", NULL);
	assert_email("a@b.kz\r\nBcc: c@d.kz", NULL);
	assert_email("a@b.kz,c@d.kz", NULL);
	assert_email("a@1.2.3.4", NULL);
	assert_email("\"a\"@b.kz", NULL);
	assert_email("айгүл@b.kz", NULL);
	assert_email("a@b.kz\xFF", NULL);
	memset(longer, 'a', sizeof(longer));
	memcpy(longer + 65, "@b.kz", 6);
	assert_email(longer, NULL);
}

static void
a_country_is_known_by_two_or_three_letters(void **state)
{
	static const char *const wrong[] = { "", "K", "ZZ", "ZZZ", "KAZA", "қз" };
	const char *code = NULL;

	assert_int_equal(country_parse("KZ", &code), OK);
	assert_string_equal(code, "KZ");
	assert_int_equal(country_parse("uzb", &code), OK);
	assert_string_equal(code, "UZ");
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(country_parse(wrong[i], &code), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_iin_and_bin_hold),
		cmocka_unit_test(what_is_wrong_with_an_iin_is_told_exactly),
		cmocka_unit_test(a_century_digit_of_zero_leaves_birth_day_and_sex_open),
		cmocka_unit_test(a_single_wrong_digit_but_the_eleventh_is_caught),
		cmocka_unit_test(a_bin_is_told_what_is_wrong),
		cmocka_unit_test(a_document_is_its_state_and_number),
		cmocka_unit_test(a_phone_becomes_international),
		cmocka_unit_test(an_email_address_is_plain_and_safe_to_put_in_a_header),
		cmocka_unit_test(a_country_is_known_by_two_or_three_letters),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
