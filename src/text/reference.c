/* The permutation is a Feistel network of eight rounds over two halves of 20 bits, AES-128 its
 * round function (the construction of NIST SP 800-38G, radix 2, without a tweak). Ids are unique
 * over all registers, so the prefix does not take part.
 *
 * The check character is linear over GF(32): c = Σ α^i·x_i with α^i all different and not 0, so any
 * one wrong character (c included) and any two swapped ones change the sum; the two prefix letters
 * count too, since a weapon's number must not pass for a stay's. */
#include "text/reference.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

enum { HALF_BITS = 20, HALF_MASK = (1 << HALF_BITS) - 1, ROUNDS = 8, BODY_CHARACTERS = 8, ALL_CHARACTERS = 11 };

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct reference_key {
	EVP_CIPHER_CTX *context; /* only ever copied, so that threads may share it */
};

static void
must(bool done)
{
	if (!done)
		abort(); /* no memory, or a libcrypto without AES */
}

struct reference_key *
reference_key_new(const unsigned char key[static REFERENCE_KEY_BYTES])
{
	struct reference_key *made = calloc(1, sizeof(*made));

	must(made != NULL);
	made->context = EVP_CIPHER_CTX_new();
	must(made->context != NULL && EVP_EncryptInit_ex(made->context, EVP_aes_128_ecb(), NULL, key, NULL) == 1);
	EVP_CIPHER_CTX_set_padding(made->context, 0);
	return made;
}

void
reference_key_free(struct reference_key *key)
{
	if (key == NULL)
		return;
	EVP_CIPHER_CTX_free(key->context);
	free(key);
}

static uint32_t
round_value(EVP_CIPHER_CTX *context, int round, uint32_t half)
{
	unsigned char in[16] = { (unsigned char)round, (unsigned char)(half >> 16), (unsigned char)(half >> 8),
				 (unsigned char)half };
	unsigned char out[16];
	int out_bytes = 0;

	must(EVP_EncryptUpdate(context, out, &out_bytes, in, sizeof(in)) == 1 && out_bytes == sizeof(out));
	return ((uint32_t)out[0] << 16 | (uint32_t)out[1] << 8 | out[2]) & HALF_MASK;
}

static uint64_t
permute(const struct reference_key *key, uint64_t number, bool back)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	uint32_t left = (uint32_t)(number >> HALF_BITS);
	uint32_t right = (uint32_t)(number & HALF_MASK);

	must(context != NULL && EVP_CIPHER_CTX_copy(context, key->context) == 1);
	for (int i = 0; i < ROUNDS; i++) {
		int round = back ? ROUNDS - 1 - i : i;
		uint32_t kept = back ? left : right;
		uint32_t changed = (back ? right : left) ^ round_value(context, round, kept);

		left = back ? changed : kept;
		right = back ? kept : changed;
	}
	EVP_CIPHER_CTX_free(context);
	return (uint64_t)left << HALF_BITS | right;
}

/* times α in GF(32), made with x^5 + x^2 + 1. */
static unsigned
times_alpha(unsigned value)
{
	value <<= 1;
	return value & 32 ? value ^ 37 : value;
}

/* A prefix letter weighs as it would in the body, so that swapping across the border is a swap like
 * any other; the four letters that a body lacks take values of digits. */
static unsigned
prefix_value(char letter)
{
	const char *found = strchr(alphabet, letter);

	if (found != NULL)
		return (unsigned)(found - alphabet);
	return letter == 'O' ? 0 : letter == 'I' ? 1 : letter == 'L' ? 2 : 3;
}

/* Horner's rule over the prefix letters and the body, so that the last character weighs α. */
static unsigned
check_value(const char *prefix, const unsigned char body[static BODY_CHARACTERS])
{
	unsigned sum = 0;

	for (int i = 0; i < 2; i++)
		sum = times_alpha(sum ^ prefix_value(prefix[i]));
	for (int i = 0; i < BODY_CHARACTERS; i++)
		sum = times_alpha(sum ^ body[i]);
	return sum;
}

const char *
reference_print(const struct reference_key *key, const char *prefix, int64_t id, char text[static REFERENCE_BYTES_MAX])
{
	unsigned char body[BODY_CHARACTERS];
	char *at = text;

	assert(id >= 0 && id < REFERENCE_ID_LIMIT);
	assert(strlen(prefix) == 2 && isupper((unsigned char)prefix[0]) && isupper((unsigned char)prefix[1]));
	uint64_t hidden = permute(key, (uint64_t)id, false);

	*at++ = prefix[0];
	*at++ = prefix[1];
	for (int i = 0; i < BODY_CHARACTERS; i++) {
		body[i] = (unsigned char)(hidden >> (5 * (BODY_CHARACTERS - 1 - i)) & 31);
		if (i % 4 == 0)
			*at++ = '-';
		*at++ = alphabet[body[i]];
	}
	*at++ = alphabet[check_value(prefix, body)];
	*at = '\0';
	return text;
}

/* The value of one character, -1 for none: O is read as 0, I and L as 1 (Crockford). */
static int
character_value(char c)
{
	c = (char)toupper((unsigned char)c);
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	const char *found = c == '\0' ? NULL : strchr(alphabet, c);

	return found == NULL ? -1 : (int)(found - alphabet);
}

static bool
squeeze(const char *text, char characters[static ALL_CHARACTERS])
{
	size_t count = 0;

	for (; *text != '\0'; text++) {
		if (*text == '-' || *text == ' ')
			continue;
		if (count == ALL_CHARACTERS)
			return false;
		characters[count++] = *text;
	}
	return count == ALL_CHARACTERS;
}

enum error
reference_parse(const struct reference_key *key, const char *text, char ret_prefix[static 3], int64_t *ret_id)
{
	char characters[ALL_CHARACTERS];
	unsigned char body[BODY_CHARACTERS + 1];
	char prefix[3] = "";
	uint64_t hidden = 0;

	if (!squeeze(text, characters))
		return ERR_BAD_INPUT;
	for (int i = 0; i < 2; i++) {
		prefix[i] = (char)toupper((unsigned char)characters[i]);
		if (prefix[i] < 'A' || prefix[i] > 'Z')
			return ERR_BAD_INPUT;
	}
	for (int i = 0; i <= BODY_CHARACTERS; i++) {
		int value = character_value(characters[2 + i]);

		if (value < 0)
			return ERR_BAD_INPUT;
		body[i] = (unsigned char)value;
	}
	if (check_value(prefix, body) != body[BODY_CHARACTERS])
		return ERR_BAD_INPUT;
	for (int i = 0; i < BODY_CHARACTERS; i++)
		hidden = hidden << 5 | body[i];
	memcpy(ret_prefix, prefix, sizeof(prefix));
	*ret_id = (int64_t)permute(key, hidden, true);
	return OK;
}
