/* client.h - one request to a running server over its socket file: how the command line speaks to it. */
#pragma once
#include "base/strbuf.h"

enum { CLIENT_HEADERS_MAX = 8, CLIENT_ANSWER_BYTES_MAX = 64 * 1024 * 1024 };

/* Filled by the caller; client_call_done frees what came back. */
struct client_call {
	const char *socket_path;
	const char *method;                      /* "POST" */
	const char *path;                        /* "/api/lookups?lang=ru" */
	const char *body;                        /* JSON; NULL: none */
	const char *token;                       /* of a session; NULL: the console */
	const char *headers[CLIENT_HEADERS_MAX]; /* "Idempotency-Key: 1234"; NULL behind the last */
	int timeout_seconds;                     /* 0: none */
	int status;                              /* answered */
	struct strbuf answer;
};

/* OK: the server answered, whatever its status. ERR_NOT_FOUND: nobody listens there; ERR_TOO_LARGE: the answer; ERR_IO. */
NODISCARD enum error client_run(struct client_call *call);
void client_call_done(struct client_call *call);
DEFINE_AUTO_DONE(struct client_call, client_call_done)
