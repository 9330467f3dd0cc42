/* answer.h - one HTTP/1.1 answer in a buffer (RFC 9112), as far as Tirkeu sends them: with Content-Length. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum answer_state { ANSWER_PART, ANSWER_WHOLE, ANSWER_BROKEN };

struct answer {
	int status;
	const char *body; /* in the buffer */
	size_t body_bytes;
	size_t bytes;  /* head and body */
	bool closes;   /* the server ends the connection after it */
	bool replayed; /* Idempotency-Replayed: true */
};

/* `ret_answer` is filled with ANSWER_WHOLE only. ANSWER_BROKEN: no answer of ours, or a chunked one. */
enum answer_state answer_parse(const char *bytes, size_t count, struct answer *ret_answer);
