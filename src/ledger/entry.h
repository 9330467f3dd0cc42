/* entry.h - the bytes of an entry (docs/ledger.md 2 and 2.1): header and detail as deterministic CBOR, and
 * the sealed and open forms that are hashed into the tree. The readers refuse whatever the writers would not write. */
#pragma once
#include "base/strbuf.h"
#include "ledger/ledger.h"

enum { ENTRY_HEADER_BYTES_MAX = 1024, ENTRY_DETAIL_BYTES_MAX = 2048, ENTRY_PAYLOAD_BYTES_MAX = 16 * 1024 * 1024 };
enum { ENTRY_ORIGIN_BYTES_MAX = 255, ENTRY_SEALED_BYTES = 130, ENTRY_OPEN_HEAD_BYTES = 8 };
/* An open body is small: the longest is a key. */
enum { ENTRY_OPEN_BODY_BYTES_MAX = 4096 };

/* Appends to `out`. ERR_BAD_INPUT: a required part is absent, a number or text is out of bounds, or the
 * whole is too long; `out` is then undefined. */
NODISCARD enum error entry_write_header(const struct ledger_entry *entry, struct strbuf *out);
/* Nothing when there is no detail. */
NODISCARD enum error entry_write_detail(const struct ledger_entry *entry, struct strbuf *out);

/* Both parts (either may be NULL: not given) into an entry whose ids point into the bytes and whose texts and
 * fields live in `arena`; the payload is left absent. ERR_BAD_INPUT. An outcome of 0 is read as absent. */
NODISCARD enum error entry_read(struct arena *arena, const void *header, size_t header_bytes, const void *detail,
				size_t detail_bytes, struct ledger_entry *ret_entry);

/* The two forms as fields. */
struct entry_body {
	bool open;
	/* Sealed: pointers into the body. */
	const unsigned char *tag;
	const unsigned char *commitments[3]; /* by enum seal_part */
	/* Open. */
	enum ledger_open_kind kind;
	const unsigned char *bytes;
	size_t byte_count;
};
void entry_seal(const unsigned char tag[static LEDGER_HASH_BYTES],
		const unsigned char commitments[static 3][LEDGER_HASH_BYTES],
		unsigned char ret_body[static ENTRY_SEALED_BYTES]);
/* Appends to `out`. ERR_BAD_INPUT: unknown kind, or a body that the kind does not allow. */
NODISCARD enum error entry_write_open(uint16_t kind, const void *body, size_t bytes, struct strbuf *out);
/* ERR_BAD_INPUT: neither form. */
NODISCARD enum error entry_read_body(const void *body, size_t bytes, struct entry_body *ret_body);
