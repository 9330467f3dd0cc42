/* witness.h - what a log and a witness say to each other, and what a witness decides (docs/ledger.md 4.2;
 * c2sp.org/tlog-witness). Pure: bytes and what is remembered come in, a verdict goes out. */
#pragma once
#include "ledger/checkpoint.h"
#include "ledger/proof.h"

enum {
	WITNESS_PROOF_HASHES_MAX = 63,
	WITNESS_REQUEST_BYTES_MAX = 128 * 1024,
	WITNESS_ANSWER_BYTES_MAX = 16 * 1024,
	WITNESS_LOGS_MAX = 256,
};

/* The body of add-checkpoint: "old" and a size, the proof from there, an empty line, the signed checkpoint. */
struct witness_request {
	uint64_t old_size;
	struct proof proof;
	const char *note; /* points into the body */
	size_t note_bytes;
};
void witness_request_print(const struct witness_request *request, struct strbuf *out);
/* ERR_BAD_INPUT: not of that form, or more hashes than a proof may have. The checkpoint is not looked into. */
NODISCARD enum error witness_request_parse(const char *body, size_t bytes, struct witness_request *ret_request);

/* What a witness knows. Of a log that is in no row of `last` it has cosigned nothing. */
struct witness_memory {
	const struct note_key *logs; /* whose checkpoints it takes; several keys may have one name */
	size_t log_count;
	const struct checkpoint *last; /* what it cosigned last, one row an origin */
	size_t last_count;
};
/* The names are ours, the numbers HTTP's. */
enum witness_status {
	WITNESS_COSIGNS = 200,
	WITNESS_MALFORMED = 400,
	WITNESS_UNSIGNED = 403, /* by none of the keys that it knows, or falsely by one of them */
	WITNESS_STRANGER = 404, /* no log that it knows */
	WITNESS_CONFLICT = 409, /* it has another size, or another root of this one */
	WITNESS_UNPROVEN = 422,
};
struct witness_verdict {
	enum witness_status status;
	uint64_t size;                /* COSIGNS, CONFLICT, UNPROVEN: what it cosigned last of this log */
	bool is_fork;                 /* CONFLICT: the log signed another root of that very size */
	struct checkpoint checkpoint; /* COSIGNS: to be remembered, then signed */
};
/* May this be cosigned? Only what continues what was cosigned last. ERR_FAULT: libcrypto failed. */
NODISCARD enum error witness_decide(const struct witness_memory *memory, const char *body, size_t bytes,
				    struct witness_verdict *ret_verdict);

/* The memory as it is kept, of the witness with this key:
 *	tirkeu-witness/v1
 *	<vkey>
 *	<origin> <size> <base64 of root>	one for each log, no origin twice */
void witness_memory_print(const struct note_key *witness, const struct checkpoint *last, size_t count,
			  struct strbuf *out);
/* Fills at most WITNESS_LOGS_MAX rows. ERR_BAD_INPUT: what is not written so. */
NODISCARD enum error witness_memory_parse(const char *text, size_t bytes, struct note_key *ret_witness,
					  struct checkpoint *ret_last, size_t *ret_count);

/* ---- the log's side ---- */

/* What came with 200 for the checkpoint whose signed text this is: appends the first line of the key. Lines of others
 * are counted. ERR_NOT_FOUND: none of the key; ERR_BAD_INPUT: not signature lines, or one of the key is false;
 * ERR_FAULT. */
NODISCARD enum error witness_answer_line(const char *text, size_t text_bytes, const struct note_key *witness,
					 const char *answer, size_t answer_bytes, struct strbuf *ret_line,
					 size_t *ret_others);
/* What came with 409: a size and a newline. ERR_BAD_INPUT. */
NODISCARD enum error witness_answer_size(const char *answer, size_t bytes, uint64_t *ret_size);
