/* witness_file.h - a witness as a folder: its key, and what it cosigned last, which never goes back (docs/ledger.md 4.2).
 *	FOLDER/key	32 bytes of an Ed25519 private key, 0600
 *	FOLDER/vkey	the public one
 *	FOLDER/state	witness.h says its form; made with the key, never again for a key in use
 *	FOLDER/lock	whoever holds it signs
 * Safe for several threads. */
#pragma once
#include "ledger/witness.h"

struct witness;

/* Why a folder cannot be used. */
enum witness_trouble {
	WITNESS_FINE,
	WITNESS_NO_NAME,    /* there is no key yet and no name to make one with */
	WITNESS_BAD_NAME,   /* that cannot be a key's name */
	WITNESS_OTHER_NAME, /* the key there has another */
	WITNESS_IN_USE,     /* another program has it */
	WITNESS_KEY_LOST,   /* missing beside a state, or damaged */
	WITNESS_STATE_LOST, /* missing beside a key, damaged, or another key's */
};

/* Makes folder, key and state when there are none. `name` may be NULL when they are there. ERR_CONFLICT: *ret_trouble
 * says why; ERR_IO. `logs` are copied; at most WITNESS_LOGS_MAX. */
NODISCARD enum error witness_open(const char *folder, const char *name, const struct note_key *logs, size_t log_count,
				  enum witness_trouble *ret_trouble, struct witness **ret_witness);
void witness_close(struct witness *witness);
DEFINE_AUTO(struct witness, witness_close)

const struct note_key *witness_key(const struct witness *witness);

/* One add-checkpoint at `time_s`. Appends what is answered: the signature line with COSIGNS, the size with CONFLICT,
 * else nothing. What it cosigns is durable before. Anything but OK: it has signed nothing and may be asked again. */
NODISCARD enum error witness_add_checkpoint(struct witness *witness, const char *body, size_t bytes, uint64_t time_s,
					    struct witness_verdict *ret_verdict, struct strbuf *out);
