/* line.h - reads the text formats of the log (checkpoints, proof files) line by line. Pure; bytes need no NUL. */
#pragma once
#include "base/base.h"
#include "ledger/tree.h"

struct line_reader {
	const char *at, *end;
};
/* The next line without its newline; false at the end and when the newline is missing. */
bool line_next(struct line_reader *reader, const char **ret_text, size_t *ret_bytes);

/* A number below 2^63 in decimal: no sign, no leading zeros. ERR_BAD_INPUT. */
NODISCARD enum error line_number(const char *text, size_t bytes, uint64_t *ret_number);
/* One hash in base64. ERR_BAD_INPUT. */
NODISCARD enum error line_hash(const char *text, size_t bytes, unsigned char ret_hash[static TREE_HASH_BYTES]);
