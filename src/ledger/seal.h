/* seal.h - commitments to the parts of an entry and the codes of a stream (docs/ledger.md 2.2, 2.3).
 * Pure: salts and keys come in as arguments. */
#pragma once
#include "base/base.h"

enum { SEAL_BYTES = 32, SEAL_KEY_BYTES = 32, SEAL_SALT_BYTES = 32, SEAL_CHECK_BYTES = 8 };
enum seal_part { SEAL_HEADER, SEAL_DETAIL, SEAL_PAYLOAD, SEAL_PART_COUNT };

/* C(part) = HMAC(salt, label || 0x00 || data). */
void seal_commit(enum seal_part part, const unsigned char salt[static SEAL_SALT_BYTES], const void *data, size_t bytes,
		 unsigned char ret_commitment[static SEAL_BYTES]);
/* In constant time. */
bool seal_holds(enum seal_part part, const unsigned char salt[static SEAL_SALT_BYTES], const void *data, size_t bytes,
		const unsigned char commitment[static SEAL_BYTES]);

/* What the stream's nth entry carries, n = 1, 2, 3 ... */
void seal_tag(const unsigned char key[static SEAL_KEY_BYTES], uint64_t n, unsigned char ret_tag[static SEAL_BYTES]);
void seal_stream_id(const unsigned char key[static SEAL_KEY_BYTES], unsigned char ret_id[static SEAL_BYTES]);
void seal_check(const unsigned char key[static SEAL_KEY_BYTES], unsigned char ret_check[static SEAL_CHECK_BYTES]);
