/* checkpoint.h - what a log promises: so many entries under this root (docs/ledger.md 4.1; c2sp.org/tlog-checkpoint),
 * without extension lines. Pure. */
#pragma once
#include "base/strbuf.h"
#include "ledger/note.h"
#include "ledger/tree.h"

struct checkpoint {
	char origin[NOTE_NAME_BYTES_MAX + 1];
	uint64_t size; /* below 2^63 */
	unsigned char root[TREE_HASH_BYTES];
};

/* Appends the three lines that are signed. */
void checkpoint_print(const struct checkpoint *checkpoint, struct strbuf *out);
/* Exactly those lines. ERR_BAD_INPUT: a size with a sign or leading zeros, an extension line, a size of 0 whose root
 * is not H(""), an origin that is no name of a key. */
NODISCARD enum error checkpoint_parse(const char *text, size_t bytes, struct checkpoint *ret_checkpoint);

/* A whole signed checkpoint. ERR_BAD_INPUT: `log` did not sign it, its origin is not the key's name, or anything that
 * note_parse, note_verify and checkpoint_parse refuse. */
NODISCARD enum error checkpoint_open(const char *bytes, size_t count, const struct note_key *log,
				     struct checkpoint *ret_checkpoint);
