/* signer.h - who has the log's key (docs/ledger.md 3, rule 4): signs a checkpoint only when it follows from all that
 * was signed before. A struct of functions, so that it can live in a process of its own; the file signer is the one
 * there is. One thread at a time. */
#pragma once
#include "ledger/alarm.h"
#include "ledger/checkpoint.h"

struct signer {
	struct note_key key; /* the log's; never changes */
	/* Reads the bundles that it has not seen, appends them to its own edge and, when the root is the checkpoint's,
	 * appends its signature line. Whatever it signed is durable with it before. ERR_CONFLICT: it refuses, and will
	 * again: *ret_alarm says why. ERR_IO: ask again. */
	enum error (*sign)(struct signer *signer, const struct checkpoint *checkpoint, struct strbuf *ret_line,
			   enum alarm *ret_alarm);
	/* The size that was signed last: nothing smaller will be. */
	uint64_t (*size)(const struct signer *signer);
	void (*close)(struct signer *signer);
};
void signer_close(struct signer *signer);
DEFINE_AUTO(struct signer, signer_close)

/* The file signer. Its state is a text (docs/ledger.md 3): what it is, the key, size, root and, largest first, the
 * roots of the complete subtrees. */
struct signer_config {
	const char *origin;
	const unsigned char *seed; /* NOTE_SEED_BYTES of keys/log.key; copied. NULL: there is none */
	const char *state_path;    /* DIR/once/signer */
	const char *folder;        /* DIR/tlog, where the bundles are */
};
/* A state that has signed nothing yet, for a key that was just made. ERR_DUPLICATE: there is a state that has.
 * ERR_BAD_INPUT: the origin is no name of a key. */
NODISCARD enum error signer_file_begin(const struct signer_config *config);
/* ERR_CONFLICT: it cannot sign, *ret_alarm says why (no key, no state, another key's). */
NODISCARD enum error signer_file_open(const struct signer_config *config, enum alarm *ret_alarm,
				      struct signer **ret_signer);
/* What was signed last, for whoever checks: the key that it stands for and the tree. ERR_NOT_FOUND: there is no state;
 * ERR_DAMAGED: it is not one; ERR_IO. */
NODISCARD enum error signer_file_read(const char *state_path, struct note_key *ret_key, struct tree *ret_tree);
