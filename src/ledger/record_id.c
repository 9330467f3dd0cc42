#include "ledger/record_id.h"
#include "base/memory.h"
#include "ledger/bytes.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct record_key {
	EVP_CIPHER_CTX *encrypts, *decrypts;
};

/* One block each and never the same one twice for two records: ECB is the block cipher itself. */
static EVP_CIPHER_CTX *
new_cipher(const unsigned char *key, int encrypts)
{
	EVP_CIPHER_CTX *cipher = must_have(EVP_CIPHER_CTX_new());

	if (EVP_CipherInit_ex(cipher, EVP_aes_128_ecb(), NULL, key, NULL, encrypts) != 1 ||
	    EVP_CIPHER_CTX_set_padding(cipher, 0) != 1) {
		fputs("tirkeu: the cryptographic library has no AES\n", stderr);
		abort();
	}
	return cipher;
}

struct record_key *
record_key_new(const unsigned char *key)
{
	struct record_key *made = must_have(malloc(sizeof(*made)));

	*made = (struct record_key){ .encrypts = new_cipher(key, 1), .decrypts = new_cipher(key, 0) };
	return made;
}

void
record_key_free(struct record_key *key)
{
	if (key == NULL)
		return;
	EVP_CIPHER_CTX_free(key->encrypts);
	EVP_CIPHER_CTX_free(key->decrypts);
	free(key);
}

static void
run_block(EVP_CIPHER_CTX *cipher, const unsigned char *from, unsigned char *to)
{
	int bytes = 0;
	int done = EVP_CipherUpdate(cipher, to, &bytes, from, LEDGER_ID_BYTES);

	assert(done == 1 && bytes == LEDGER_ID_BYTES);
}

void
record_id_make(const struct record_key *key, uint32_t reg_code, int64_t record,
	       unsigned char ret_id[static LEDGER_ID_BYTES])
{
	unsigned char block[LEDGER_ID_BYTES];

	put_u64(block, reg_code);
	put_u64(block + 8, (uint64_t)record);
	run_block(key->encrypts, block, ret_id);
}

void
record_id_read(const struct record_key *key, const unsigned char id[static LEDGER_ID_BYTES], uint64_t *ret_reg_code,
	       uint64_t *ret_record)
{
	unsigned char block[LEDGER_ID_BYTES];

	run_block(key->decrypts, id, block);
	*ret_reg_code = get_unsigned(block, 8);
	*ret_record = get_unsigned(block + 8, 8);
}
