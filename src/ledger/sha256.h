/* sha256.h - SHA-256 in pieces and HMAC-SHA-256 (RFC 2104, FIPS 180-4). A thin cover over OpenSSL's
 * SHA256_Init/Update/Final: deprecated there, but two to three times faster than what replaced them
 * for messages of a few blocks, and that is all the ledger hashes. */
#pragma once
#include "base/base.h"

enum { SHA256_BYTES = 32, SHA256_STATE_BYTES = 128, SHA256_KEY_BYTES = 32 };
struct sha256 {
	_Alignas(16) unsigned char state[SHA256_STATE_BYTES];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t count);
void sha256_end(struct sha256 *hash, unsigned char ret_digest[static SHA256_BYTES]);

/* HMAC with a key of exactly 32 bytes, as all keys and salts of the ledger are. */
struct hmac {
	struct sha256 inner, outer;
};
void hmac_begin(struct hmac *hmac, const unsigned char key[static SHA256_KEY_BYTES]);
void hmac_add(struct hmac *hmac, const void *bytes, size_t count);
/* Wipes what is left of the key. */
void hmac_end(struct hmac *hmac, unsigned char ret_code[static SHA256_BYTES]);
