#include "text/number.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uidna.h>
#include "base/arena.h"
#include "base/day.h"
#include "text/utf8.h"

enum { IIN_DIGITS = 12, PHONE_DIGITS_MIN = 8, PHONE_DIGITS_MAX = 15, STATE_LETTERS_MAX = 3 };
enum { DOCUMENT_CHARACTERS_MIN = 4, DOCUMENT_CHARACTERS_MAX = 20, LOCAL_BYTES_MAX = 64, EMAIL_BYTES_MAX = 254 };

static const struct {
	char alpha2[3];
	char alpha3[4];
} countries[] = {
#define COUNTRY(alpha2, alpha3) { alpha2, alpha3 },
#include "text/country.def"
#undef COUNTRY
};

static const struct {
	const char *code;
	const char *name;
} states[] = {
#define STATE(code, name) { code, name },
#include "text/state.def"
#undef STATE
};

static const struct {
	uint32_t latin;
	uint32_t cyrillic;
} lookalikes[] = {
#define LOOKALIKE(latin, cyrillic) { latin, cyrillic },
#include "text/lookalike.def"
#undef LOOKALIKE
};

static bool
take_digits(const char *text, int digits[static IIN_DIGITS])
{
	size_t count = 0;

	text += strspn(text, " ");
	for (; *text >= '0' && *text <= '9' && count < IIN_DIGITS; text++)
		digits[count++] = *text - '0';
	return count == IIN_DIGITS && text[strspn(text, " ")] == '\0';
}

static void
split_digits(int64_t number, int digits[static IIN_DIGITS])
{
	for (int i = IIN_DIGITS - 1; i >= 0; i--, number /= 10)
		digits[i] = (int)(number % 10);
}

static int64_t
join_digits(const int digits[static IIN_DIGITS])
{
	int64_t number = 0;

	for (int i = 0; i < IIN_DIGITS; i++)
		number = number * 10 + digits[i];
	return number;
}

/* 0..9, or 10 where no such number is issued (docs/domain.md, section 8). */
static int
check_digit(const int digits[static IIN_DIGITS])
{
	static const int second_weights[] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2 };
	int first = 0, second = 0;

	for (int i = 0; i < IIN_DIGITS - 1; i++) {
		first += digits[i] * (i + 1);
		second += digits[i] * second_weights[i];
	}
	return first % 11 < 10 ? first % 11 : second % 11;
}

static enum error
refuse(enum message message, enum message *ret_wrong)
{
	*ret_wrong = message;
	return ERR_BAD_INPUT;
}

static enum error
check_last_digit(const int digits[static IIN_DIGITS], enum message *ret_wrong)
{
	int check = check_digit(digits);

	if (check == 10)
		return refuse(MSG_NUMBER_NOT_ISSUED, ret_wrong);
	return check == digits[11] ? OK : refuse(MSG_CHECK_DIGIT, ret_wrong);
}

/* The birth day with the century of the seventh digit: 1, 2: 1800s, 3, 4: 1900s, 5, 6: 2000s. */
static int64_t
birth_day(const int digits[static IIN_DIGITS], int century_digit)
{
	int year = 1800 + (century_digit - 1) / 2 * 100 + digits[0] * 10 + digits[1];

	return day_from_civil(year, digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]);
}

enum error
iin_parse(const char *text, int64_t *ret_iin, enum message *ret_wrong)
{
	int d[IIN_DIGITS];

	if (!take_digits(text, d))
		return refuse(MSG_IIN_LENGTH, ret_wrong);
	if (d[6] > 6)
		return refuse(MSG_IIN_CENTURY, ret_wrong);
	/* 0 leaves the century open, so the day must exist in one of the three; 2000 has the most. */
	bool exists =
		d[6] > 0 ? birth_day(d, d[6]) != DAY_NONE
			 : birth_day(d, 1) != DAY_NONE || birth_day(d, 3) != DAY_NONE || birth_day(d, 5) != DAY_NONE;

	if (!exists)
		return refuse(MSG_IIN_BIRTH, ret_wrong);
	TRY(check_last_digit(d, ret_wrong));
	*ret_iin = join_digits(d);
	return OK;
}

enum error
bin_parse(const char *text, int64_t *ret_bin, enum message *ret_wrong)
{
	int d[IIN_DIGITS];

	if (!take_digits(text, d))
		return refuse(MSG_BIN_LENGTH, ret_wrong);
	int month = d[2] * 10 + d[3];

	if (month < 1 || month > 12)
		return refuse(MSG_BIN_MONTH, ret_wrong);
	if (d[4] < 4 || d[4] > 6 || d[5] > 3)
		return refuse(MSG_BIN_KIND, ret_wrong);
	TRY(check_last_digit(d, ret_wrong));
	*ret_bin = join_digits(d);
	return OK;
}

const char *
iin_print(int64_t iin, char text[static 16])
{
	int d[IIN_DIGITS];

	split_digits(iin, d);
	for (int i = 0; i < IIN_DIGITS; i++)
		text[i] = (char)('0' + d[i]);
	text[IIN_DIGITS] = '\0';
	return text;
}

int64_t
iin_birth_day(int64_t iin)
{
	int d[IIN_DIGITS];

	split_digits(iin, d);
	return d[6] >= 1 && d[6] <= 6 ? birth_day(d, d[6]) : DAY_NONE;
}

char
iin_sex(int64_t iin)
{
	int d[IIN_DIGITS];

	split_digits(iin, d);
	if (d[6] < 1 || d[6] > 6)
		return 0;
	return d[6] % 2 == 1 ? 'm' : 'f';
}

int64_t
iin_complete(int64_t without_check)
{
	int d[IIN_DIGITS];

	split_digits(without_check, d);
	int check = check_digit(d);

	return check == 10 ? -1 : without_check - d[11] + check;
}

const char *
document_state_name(const char *code)
{
	for (size_t i = 0; i < ARRAY_COUNT(states); i++)
		if (strcmp(states[i].code, code) == 0)
			return states[i].name;
	return NULL;
}

/* A capital Latin letter or digit; a Cyrillic capital typed for a Latin one is taken for it. 0: neither. */
static char
document_character(uint32_t c)
{
	for (size_t i = 0; c >= 0x400 && i < ARRAY_COUNT(lookalikes); i++)
		if (lookalikes[i].cyrillic == c && lookalikes[i].latin < 0x80)
			c = lookalikes[i].latin;
	if (c >= 0x80 || !isalnum((int)c))
		return 0;
	return (char)toupper((int)c);
}

enum error
document_parse(struct arena *arena, const char *text, const char **ret_document, enum message *ret_wrong)
{
	char state[STATE_LETTERS_MAX + 1] = "";
	char number[DOCUMENT_CHARACTERS_MAX + 1] = "";
	size_t count = 0;

	if (!utf8_is_valid(text, strlen(text)))
		return refuse(MSG_NOT_DOCUMENT, ret_wrong);
	text += strspn(text, " ");
	for (; isalpha((unsigned char)*text) && count < STATE_LETTERS_MAX; text++)
		state[count++] = (char)toupper((unsigned char)*text);
	if (count == 0 || (*text != ' ' && *text != ':'))
		return refuse(MSG_NOT_DOCUMENT, ret_wrong);
	if (document_state_name(state) == NULL)
		return refuse(MSG_NOT_STATE, ret_wrong);
	text += *text == ':';
	for (count = 0; *text != '\0';) {
		uint32_t c = utf8_next(&text);

		if (c == ' ' || c == '-' || c == 0xA0)
			continue;
		char character = document_character(c);

		if (character == 0 || count == DOCUMENT_CHARACTERS_MAX)
			return refuse(MSG_NOT_DOCUMENT, ret_wrong);
		number[count++] = character;
	}
	if (count < DOCUMENT_CHARACTERS_MIN)
		return refuse(MSG_NOT_DOCUMENT, ret_wrong);
	*ret_document = arena_printf(arena, "%s:%s", state, number);
	return OK;
}

static bool
take_phone(const char *text, char digits[static PHONE_DIGITS_MAX + 1], bool *ret_plus)
{
	size_t count = 0;

	text += strspn(text, " ");
	*ret_plus = *text == '+';
	for (text += *text == '+'; *text != '\0'; text++) {
		if (strchr(" -().", *text) != NULL)
			continue;
		if (text[0] == '\xC2' && text[1] == '\xA0') { /* a no-break space */
			text++;
			continue;
		}
		if (*text < '0' || *text > '9' || count == PHONE_DIGITS_MAX)
			return false;
		digits[count++] = *text;
	}
	digits[count] = '\0';
	return true;
}

enum error
phone_parse(struct arena *arena, const char *text, const char **ret_phone)
{
	char digits[PHONE_DIGITS_MAX + 1];
	bool plus = false;

	if (!take_phone(text, digits, &plus))
		return ERR_BAD_INPUT;
	size_t count = strlen(digits);
	bool is_kazakh = false;
	const char *prefix = "+";
	const char *rest = digits;

	if (!plus && count == 11 && (strncmp(digits, "87", 2) == 0 || strncmp(digits, "77", 2) == 0)) {
		prefix = "+7";
		rest = digits + 1;
		is_kazakh = true;
	} else if (!plus && count == 10 && digits[0] == '7') {
		prefix = "+7";
		is_kazakh = true;
	}
	if (!plus && !is_kazakh)
		return ERR_BAD_INPUT;
	if (!is_kazakh && (digits[0] == '0' || count < PHONE_DIGITS_MIN || (digits[0] == '7' && count != 11)))
		return ERR_BAD_INPUT;
	*ret_phone = arena_printf(arena, "%s%s", prefix, rest);
	return OK;
}

/* RFC 5321 dot-string: no quotes, no comments, nothing that a header could break on. */
static bool
is_local_part(const char *text, size_t bytes)
{
	if (bytes == 0 || bytes > LOCAL_BYTES_MAX || text[0] == '.' || text[bytes - 1] == '.')
		return false;
	for (size_t i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\0' || c >= 0x80 || (!isalnum(c) && strchr("!#$%&'*+-/=?^_`{|}~.", c) == NULL))
			return false;
		if (c == '.' && text[i + 1] == '.')
			return false;
	}
	return true;
}

/* Two or more labels of letters, digits and inner hyphens (RFC 1123); the last is no number. */
static bool
is_domain(const char *text)
{
	size_t label_bytes = 0, dots = 0;
	bool is_digits = true;

	for (const char *p = text;; p++) {
		if (*p == '.' || *p == '\0') {
			if (label_bytes == 0 || label_bytes > 63 || p[-1] == '-')
				return false;
			if (*p == '\0')
				return dots > 0 && !is_digits;
			dots++;
			label_bytes = 0;
			is_digits = true;
			continue;
		}
		if (!isalnum((unsigned char)*p) && (*p != '-' || label_bytes == 0))
			return false;
		is_digits = is_digits && isdigit((unsigned char)*p);
		label_bytes++;
	}
}

/* почта.қаз as DNS knows it: punycode (UTS 46), in small letters. */
static bool
to_ascii_domain(const char *domain, char ascii[static 256])
{
	UErrorCode status = U_ZERO_ERROR;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UIDNA *idna =
		uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI, &status);

	if (U_FAILURE(status))
		return false;
	int32_t bytes = uidna_nameToASCII_UTF8(idna, domain, -1, ascii, 255, &info, &status);

	uidna_close(idna);
	if (U_FAILURE(status) || info.errors != 0 || bytes <= 0 || bytes > 253)
		return false;
	ascii[bytes] = '\0';
	return true;
}

enum error
email_parse(struct arena *arena, const char *text, const char **ret_email)
{
	char domain[256];

	text += strspn(text, " ");
	size_t bytes = strcspn(text, " ");

	if (text[bytes + strspn(text + bytes, " ")] != '\0' || bytes > EMAIL_BYTES_MAX || !utf8_is_valid(text, bytes))
		return ERR_BAD_INPUT;
	const char *at = memchr(text, '@', bytes);

	if (at == NULL || !is_local_part(text, (size_t)(at - text)))
		return ERR_BAD_INPUT;
	const char *written = arena_copy(arena, at + 1, bytes - (size_t)(at + 1 - text));

	if (!to_ascii_domain(written, domain) || !is_domain(domain))
		return ERR_BAD_INPUT;
	if ((size_t)(at - text) + 1 + strlen(domain) > EMAIL_BYTES_MAX)
		return ERR_BAD_INPUT;
	*ret_email = arena_printf(arena, "%.*s@%s", (int)(at - text), text, domain);
	return OK;
}

enum error
country_parse(const char *text, const char **ret_alpha2)
{
	size_t letters = strlen(text);

	if (letters != 2 && letters != 3)
		return ERR_BAD_INPUT;
	for (size_t i = 0; i < ARRAY_COUNT(countries); i++) {
		if (strcasecmp(text, letters == 2 ? countries[i].alpha2 : countries[i].alpha3) == 0) {
			*ret_alpha2 = countries[i].alpha2;
			return OK;
		}
	}
	return ERR_BAD_INPUT;
}
