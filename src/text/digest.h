/* digest.h - SHA-256 (FIPS 180-4) of bytes that come piece by piece. */
#pragma once
#include "base/base.h"

enum { DIGEST_BYTES = 32 };

struct digest;
/* Never NULL; without memory the process ends. */
struct digest *digest_new(void);
void digest_free(struct digest *digest);
DEFINE_AUTO(struct digest, digest_free)

void digest_add(struct digest *digest, const void *bytes, size_t count);
/* The hash of all that was added; afterwards the digest begins anew. */
void digest_finish(struct digest *digest, unsigned char hash[static DIGEST_BYTES]);
