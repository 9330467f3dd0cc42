/* base64.h - Base64 with padding (RFC 4648 section 4), one spelling for the same bytes. */
#pragma once
#include "base/strbuf.h"

#define BASE64_TEXT_BYTES(bytes) (((bytes) + 2) / 3 * 4)

void base64_print(struct strbuf *out, const void *bytes, size_t count);
/* ERR_BAD_INPUT: another alphabet, blanks, padding missing or too much, unused bits that are not 0, or more than
 * `capacity` bytes. No text is no bytes. */
NODISCARD enum error base64_parse(const char *text, size_t text_bytes, size_t capacity, unsigned char *ret_bytes,
				  size_t *ret_count);
