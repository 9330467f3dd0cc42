#include "text/digest.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct digest {
	EVP_MD_CTX *context;
};

/* OpenSSL fails here only without memory, and then nothing that was promised could be kept. */
static void
must(int done)
{
	if (done == 1)
		return;
	fputs("tirkeu: SHA-256 is not to be had\n", stderr);
	abort();
}

struct digest *
digest_new(void)
{
	struct digest *digest = malloc(sizeof(*digest));

	must(digest != NULL);
	digest->context = EVP_MD_CTX_new();
	must(digest->context != NULL);
	must(EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL));
	return digest;
}

void
digest_free(struct digest *digest)
{
	if (digest == NULL)
		return;
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

void
digest_add(struct digest *digest, const void *bytes, size_t count)
{
	must(EVP_DigestUpdate(digest->context, bytes, count));
}

void
digest_finish(struct digest *digest, unsigned char hash[static DIGEST_BYTES])
{
	must(EVP_DigestFinal_ex(digest->context, hash, NULL));
	must(EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL));
}
