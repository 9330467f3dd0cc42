/* proof_file.h - a proof that travels alone: index, inclusion proof and signed checkpoint (docs/ledger.md 4.3;
 * c2sp.org/tlog-proof@v1, without the optional `extra` line, which nothing signs). Pure. */
#pragma once
#include "base/strbuf.h"
#include "ledger/checkpoint.h"
#include "ledger/proof.h"

enum { PROOF_FILE_BYTES_MAX = 64 * 1024 };

struct proof_file {
	uint64_t index;
	struct proof proof;
	const char *checkpoint; /* the signed note, as it stands in the file; not NUL-terminated */
	size_t checkpoint_bytes;
};

/* Appends the file; `checkpoint` is the whole signed note. */
void proof_file_print(uint64_t index, const struct proof *proof, const char *checkpoint, size_t checkpoint_bytes,
		      struct strbuf *out);
/* The checkpoint is split off but not read; it points into `bytes`. ERR_BAD_INPUT. */
NODISCARD enum error proof_file_parse(const char *bytes, size_t count, struct proof_file *ret_file);

/* The whole check without the log: the checkpoint is signed by `log` and the entry with this leaf hash is under it.
 * ERR_BAD_INPUT. */
NODISCARD enum error proof_file_check(const struct proof_file *file, const struct note_key *log,
				      const unsigned char leaf[static TREE_HASH_BYTES],
				      struct checkpoint *ret_checkpoint);
