/* cbor.h - deterministic CBOR (RFC 8949 section 4.2.1) as LEDGER.md 2.1 restricts it: unsigned integers,
 * bytes, text, arrays, maps with ascending unsigned keys; for payloads also negative integers, true,
 * false and null. Writer and strict reader: the reader refuses whatever the writer would not write. */
#pragma once
#include "base/strbuf.h"

void cbor_uint(struct strbuf *out, uint64_t number);
void cbor_integer(struct strbuf *out, int64_t number);
void cbor_bytes(struct strbuf *out, const void *bytes, size_t count);
void cbor_text(struct strbuf *out, const char *text, size_t bytes);
void cbor_array(struct strbuf *out, size_t count);
void cbor_map(struct strbuf *out, size_t count);
void cbor_boolean(struct strbuf *out, bool truth);
void cbor_null(struct strbuf *out);

enum cbor_kind { CBOR_UINT, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_BOOLEAN, CBOR_NULL };
struct cbor_reader {
	const unsigned char *at, *end;
	bool strict; /* header and detail: no negative numbers, booleans, null, nor text with controls */
};
struct cbor_item {
	enum cbor_kind kind;
	uint64_t number; /* UINT; NEGATIVE: -1 - number; ARRAY, MAP: count; BOOLEAN */
	const unsigned char *bytes;
	size_t count;
};
/* One head (and the content of a string). ERR_BAD_INPUT. */
NODISCARD enum error cbor_next(struct cbor_reader *reader, struct cbor_item *ret_item);
/* One whole value, nested at most 8 deep, by the same rules. ERR_BAD_INPUT. */
NODISCARD enum error cbor_skip(struct cbor_reader *reader);
/* Is the whole of `bytes` one value in deterministic form, nested at most 8 deep? */
bool cbor_is_deterministic(const void *bytes, size_t count, bool strict);
