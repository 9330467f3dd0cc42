#include "ledger/sha256.h"
#include <string.h>

/* OpenSSL 3 marks the functions below deprecated; they stay in libcrypto 3. Only this file uses them. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <openssl/sha.h>

enum { BLOCK_BYTES = 64 };

_Static_assert(sizeof(SHA256_CTX) <= SHA256_STATE_BYTES, "room for OpenSSL's state");
_Static_assert((int)SHA256_BYTES == (int)SHA256_DIGEST_LENGTH, "one length for both");

void
sha256_begin(struct sha256 *hash)
{
	SHA256_Init((SHA256_CTX *)hash->state);
}

void
sha256_add(struct sha256 *hash, const void *bytes, size_t count)
{
	SHA256_Update((SHA256_CTX *)hash->state, bytes, count);
}

void
sha256_end(struct sha256 *hash, unsigned char ret_digest[static SHA256_BYTES])
{
	SHA256_Final(ret_digest, (SHA256_CTX *)hash->state);
}

static void
begin_padded(struct sha256 *hash, const unsigned char key[static SHA256_KEY_BYTES], unsigned char pad)
{
	unsigned char block[BLOCK_BYTES];

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < SHA256_KEY_BYTES; i++)
		block[i] ^= key[i];
	sha256_begin(hash);
	sha256_add(hash, block, sizeof(block));
	explicit_bzero(block, sizeof(block));
}

void
hmac_begin(struct hmac *hmac, const unsigned char key[static SHA256_KEY_BYTES])
{
	begin_padded(&hmac->inner, key, 0x36);
	begin_padded(&hmac->outer, key, 0x5c);
}

void
hmac_add(struct hmac *hmac, const void *bytes, size_t count)
{
	sha256_add(&hmac->inner, bytes, count);
}

void
hmac_end(struct hmac *hmac, unsigned char ret_code[static SHA256_BYTES])
{
	unsigned char inner[SHA256_BYTES];

	sha256_end(&hmac->inner, inner);
	sha256_add(&hmac->outer, inner, sizeof(inner));
	sha256_end(&hmac->outer, ret_code);
	explicit_bzero(hmac, sizeof(*hmac));
}
