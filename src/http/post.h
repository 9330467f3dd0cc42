/* post.h - one POST to somebody else's server, who may be slow, gone or hostile: https or this machine only, no
 * redirects, no cookies, everything that comes back limited. Knows nothing of what is sent. */
#pragma once
#include "base/strbuf.h"

enum { POST_TYPE_BYTES_MAX = 128, POST_HEADERS_BYTES_MAX = 16 * 1024 };

/* https://HOST[:PORT][/PATH], or http:// with localhost, 127.0.0.1 or [::1] as its host; no user, query or fragment. */
bool post_may_go_to(const char *url);

/* Keeps its connection from one request to the next; one thread's. */
struct poster;
NODISCARD enum error poster_new(struct poster **ret_poster);
void poster_free(struct poster *poster);
DEFINE_AUTO(struct poster, poster_free)

/* Filled by the caller; post_done frees what came back. */
struct post {
	const char *url;
	const char *type; /* of the body */
	const char *body;
	size_t body_bytes;
	int timeout_seconds; /* from the first byte to the last */
	size_t answer_bytes_max;
	const _Atomic bool *stop; /* true gives it up; NULL: never */
	int status;               /* answered */
	char answer_type[POST_TYPE_BYTES_MAX];
	struct strbuf answer;
};
void post_done(struct post *post);
DEFINE_AUTO_DONE(struct post, post_done)

/* OK: there was an answer, whatever its status. ERR_FORBIDDEN: the address may not be; ERR_TOO_LARGE: the answer;
 * ERR_STOPPING; ERR_IO: the rest, poster_trouble says it in the library's words. */
NODISCARD enum error poster_run(struct poster *poster, struct post *post);
const char *poster_trouble(const struct poster *poster);
