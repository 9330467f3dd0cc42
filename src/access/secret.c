#include "access/secret.h"
#include <sodium.h>
#include <string.h>
#include "base/random.h"

enum { PREFIX_BYTES = 3, RAW_TEXT_BYTES = 43, CODE_CHARACTERS = 12 };

static const char *const prefixes[] = { [SECRET_SESSION] = "ts_", [SECRET_TOKEN] = "tk_" };
static const char code_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void
encode(const unsigned char raw[static SECRET_RAW_BYTES], char *text, size_t bytes)
{
	sodium_bin2base64(text, bytes, raw, SECRET_RAW_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* false: not a token. */
static bool
decode(const char *text, enum secret_kind *ret_kind, unsigned char ret_raw[static SECRET_RAW_BYTES])
{
	size_t bytes = 0;

	if (strnlen(text, TOKEN_TEXT_BYTES) != PREFIX_BYTES + RAW_TEXT_BYTES)
		return false;
	if (memcmp(text, prefixes[SECRET_SESSION], PREFIX_BYTES) == 0)
		*ret_kind = SECRET_SESSION;
	else if (memcmp(text, prefixes[SECRET_TOKEN], PREFIX_BYTES) == 0)
		*ret_kind = SECRET_TOKEN;
	else
		return false;
	return sodium_base642bin(ret_raw, SECRET_RAW_BYTES, text + PREFIX_BYTES, RAW_TEXT_BYTES, NULL, &bytes, NULL,
				 sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	       bytes == SECRET_RAW_BYTES;
}

void
secret_draw(enum secret_kind kind, char ret_text[static TOKEN_TEXT_BYTES])
{
	unsigned char raw[SECRET_RAW_BYTES];

	random_bytes(raw, sizeof(raw));
	memcpy(ret_text, prefixes[kind], PREFIX_BYTES);
	encode(raw, ret_text + PREFIX_BYTES, TOKEN_TEXT_BYTES - PREFIX_BYTES);
	sodium_memzero(raw, sizeof(raw));
}

bool
secret_hash(const char *text, enum secret_kind *ret_kind, struct secret_hash *ret_hash)
{
	unsigned char raw[SECRET_RAW_BYTES];
	enum secret_kind kind;
	bool is_token = text != NULL && decode(text, &kind, raw);

	if (is_token) {
		crypto_generichash(ret_hash->bytes, SECRET_HASH_BYTES, raw, sizeof(raw), NULL, 0);
		*ret_kind = kind;
	}
	sodium_memzero(raw, sizeof(raw));
	return is_token;
}

void
secret_csrf(const char *text, char ret_csrf[static TOKEN_TEXT_BYTES])
{
	static const unsigned char what[] = "tirkeu csrf 1";
	unsigned char raw[SECRET_RAW_BYTES], mac[SECRET_RAW_BYTES];
	enum secret_kind kind;
	bool is_token = decode(text, &kind, raw);

	assert(is_token);
	crypto_generichash(mac, sizeof(mac), what, sizeof(what) - 1, raw, sizeof(raw));
	encode(mac, ret_csrf, TOKEN_TEXT_BYTES);
	sodium_memzero(raw, sizeof(raw));
	sodium_memzero(mac, sizeof(mac));
}

bool
secret_csrf_fits(const char *text, const char *csrf)
{
	char expected[TOKEN_TEXT_BYTES] = { 0 };

	secret_csrf(text, expected);
	bool fits =
		strnlen(csrf, TOKEN_TEXT_BYTES) == RAW_TEXT_BYTES && sodium_memcmp(expected, csrf, RAW_TEXT_BYTES) == 0;

	sodium_memzero(expected, sizeof(expected));
	return fits;
}

void
secret_code_draw(char ret_code[static ACTIVATION_CODE_BYTES])
{
	unsigned char raw[CODE_CHARACTERS];
	char *to = ret_code;

	random_bytes(raw, sizeof(raw));
	for (size_t i = 0; i < CODE_CHARACTERS; i++) {
		if (i == 4 || i == 8)
			*to++ = '-';
		*to++ = code_alphabet[raw[i] & 31];
	}
	*to = '\0';
	sodium_memzero(raw, sizeof(raw));
}

/* As a person may write it; '\0' for what no code holds. */
static char
code_character(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	return c != '\0' && strchr(code_alphabet, c) != NULL ? c : '\0';
}

bool
secret_code_hash(int64_t account, const char *code, struct secret_hash *ret_hash)
{
	static const unsigned char what[] = "tirkeu code 1";
	struct {
		int64_t account;
		char plain[16];
	} hashed = { .account = account };
	size_t count = 0;
	bool is_code = true;

	for (const char *p = code; *p != '\0' && is_code; p++) {
		char c = code_character(*p);

		if (*p == '-' || *p == ' ')
			continue;
		is_code = c != '\0' && count < CODE_CHARACTERS;
		if (is_code)
			hashed.plain[count++] = c;
	}
	is_code = is_code && count == CODE_CHARACTERS;
	if (is_code)
		crypto_generichash(ret_hash->bytes, SECRET_HASH_BYTES, (const unsigned char *)&hashed, sizeof(hashed),
				   what, sizeof(what) - 1);
	sodium_memzero(&hashed, sizeof(hashed));
	return is_code;
}
