/* reference.h - ST-7K3M-9QXD5: what a record is called outside. Two letters of the register's
 * prefix, then eight characters and a check character of a keyed permutation of the record's id: nothing
 * is stored, and ids cannot be guessed or counted. Crockford's base 32 without I L O U. */
#pragma once
#include "base/base.h"

enum { REFERENCE_KEY_BYTES = 16, REFERENCE_BYTES_MAX = 24 };
/* Ids lie below 2^40. */
#define REFERENCE_ID_LIMIT (INT64_C(1) << 40)

struct reference_key; /* the expanded key; may be shared by threads */
struct reference_key *reference_key_new(const unsigned char key[static REFERENCE_KEY_BYTES]);
void reference_key_free(struct reference_key *key);
DEFINE_AUTO(struct reference_key, reference_key_free)

/* "ST-7K3M-9QXD5": the prefix (two capital letters), the id permuted over 40 bits, and as last the
 * check character, which tells every single wrong character and every swapped pair, prefix included. */
const char *reference_print(const struct reference_key *key, const char *prefix, int64_t id,
			    char text[static REFERENCE_BYTES_MAX]);
/* Any case; hyphens and blanks may be missing; O I L are read as 0 1 1. ERR_BAD_INPUT. The prefix
 * goes into ret_prefix (upper case). */
NODISCARD enum error reference_parse(const struct reference_key *key, const char *text, char ret_prefix[static 3],
				     int64_t *ret_id);
