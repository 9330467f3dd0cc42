#include "ledger/seal.h"
#include "ledger/bytes.h"
#include "ledger/sha256.h"
#include <openssl/crypto.h>
#include <string.h>

/* A label's size counts its final NUL: that is the 0x00 between label and data. */
struct label {
	const char *text;
	size_t bytes;
};
#define LABEL(text)                \
	{                          \
		text, sizeof(text) \
	}

static const struct label part_labels[SEAL_PART_COUNT] = {
	[SEAL_HEADER] = LABEL("tirkeu/v1/header"),
	[SEAL_DETAIL] = LABEL("tirkeu/v1/detail"),
	[SEAL_PAYLOAD] = LABEL("tirkeu/v1/payload"),
};
static const struct label tag_label = LABEL("tirkeu/v1/tag");
static const struct label stream_label = LABEL("tirkeu/v1/stream");
static const struct label check_label = LABEL("tirkeu/v1/check");

static void
labelled_hmac(const unsigned char *key, const struct label *label, const void *data, size_t bytes, unsigned char *ret)
{
	struct hmac hmac;

	hmac_begin(&hmac, key);
	hmac_add(&hmac, label->text, label->bytes);
	if (bytes > 0)
		hmac_add(&hmac, data, bytes);
	hmac_end(&hmac, ret);
}

void
seal_commit(enum seal_part part, const unsigned char salt[static SEAL_SALT_BYTES], const void *data, size_t bytes,
	    unsigned char ret_commitment[static SEAL_BYTES])
{
	assert((unsigned)part < SEAL_PART_COUNT);
	labelled_hmac(salt, &part_labels[part], data, bytes, ret_commitment);
}

bool
seal_holds(enum seal_part part, const unsigned char salt[static SEAL_SALT_BYTES], const void *data, size_t bytes,
	   const unsigned char commitment[static SEAL_BYTES])
{
	unsigned char again[SEAL_BYTES];

	seal_commit(part, salt, data, bytes, again);
	return CRYPTO_memcmp(again, commitment, sizeof(again)) == 0;
}

void
seal_tag(const unsigned char key[static SEAL_KEY_BYTES], uint64_t n, unsigned char ret_tag[static SEAL_BYTES])
{
	unsigned char number[8];

	assert(n >= 1);
	put_u64(number, n);
	labelled_hmac(key, &tag_label, number, sizeof(number), ret_tag);
}

void
seal_stream_id(const unsigned char key[static SEAL_KEY_BYTES], unsigned char ret_id[static SEAL_BYTES])
{
	labelled_hmac(key, &stream_label, NULL, 0, ret_id);
}

void
seal_check(const unsigned char key[static SEAL_KEY_BYTES], unsigned char ret_check[static SEAL_CHECK_BYTES])
{
	unsigned char code[SEAL_BYTES];

	labelled_hmac(key, &check_label, NULL, 0, code);
	memcpy(ret_check, code, SEAL_CHECK_BYTES);
}
