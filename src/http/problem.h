/* problem.h - problem details (RFC 9457) in the reader's language: what every refused request is
 * answered with, over HTTP and, with --json, on the command line. Knows no sockets. */
#pragma once
#include "registry/registry.h"

struct json;

/* {"type": "/problems/NAME", "title", "status", "detail", "errors": [{"field", "code", "detail"}]} and, for a
 * refusal by law, {"provision", "citation", "refusal": {…}} of registry/law.h. `problem` may be NULL or
 * empty; `registry` may be NULL when there is no refusal behind it. `arena` takes the printed sentences. */
void problem_print(enum error e, const struct problem *problem, const struct registry *registry, enum language language,
		   struct arena *arena, struct json *json);

/* The short sentence for a code: every one has its own in each language. */
const char *problem_title(enum error e, enum language language);
/* The code with this public name; ERROR_COUNT when there is none. */
enum error problem_by_name(const char *name);
/* Seconds to put into Retry-After; 0: none. */
int problem_retry_seconds(enum error e);
