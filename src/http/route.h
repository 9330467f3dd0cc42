/* route.h - the one table of what this server answers: dispatch, permission, 405 with Allow and
 * /openapi.json are made from it. Knows no sockets. */
#pragma once
#include "pack/pack.h"

struct request;

enum method { METHOD_GET, METHOD_POST, METHOD_DELETE, METHOD_COUNT };

/* Who may come in; the abilities of pack.h or-ed together mean: one of them, or the console. */
#define ANYONE 0U
#define SIGNED_IN (1U << 30)

enum body_kind { BODY_NONE, BODY_JSON, BODY_FORM, BODY_FILE };

enum route_flag {
	ROUTE_SLOW = 1 << 0,    /* may block (passwords, waiting for the writer): runs on a worker thread */
	ROUTE_KEY = 1 << 1,     /* Idempotency-Key is required, unless it is a dry run */
	ROUTE_STRICT = 1 << 2,  /* guessing must not pay: few a minute for an origin */
	ROUTE_METRICS = 1 << 3, /* answered on the metrics address only */
	ROUTE_PAGE = 1 << 4,    /* for a browser: problems are shown as a page */
	ROUTE_PUBLIC = 1 << 5,  /* the same for everyone: may be kept by caches for a while */
	ROUTE_HEALTH = 1 << 6,  /* on both addresses, and while stopping */
	ROUTE_LOG = 1 << 7,     /* of the published log: nobody is asked who they are, and no query is taken */
};

struct route {
	enum method method;
	const char *pattern; /* "/api/registers/{register}/{ref}"; at its end {name...} stands for all that follows */
	unsigned permission;
	enum body_kind body;
	unsigned flags;
	enum error (*handler)(struct request *request);
	const char *tag;
	const char *summary;
};

enum { ROUTE_PARAMS_MAX = 4, ROUTE_SEGMENT_BYTES_MAX = 128, ROUTE_PATH_BYTES_MAX = 512 };

const struct route *route_table(size_t *ret_count);

struct route_match {
	const struct route *route; /* NULL: none with this method */
	unsigned allowed;          /* methods that the path takes, 1 << enum method; 0: no such path */
	size_t param_count;
	const char *params[ROUTE_PARAMS_MAX]; /* in the order of the pattern */
};
/* The first route that fits: literal segments stand before parameters in the table. HEAD is asked for as GET.
 * `method` METHOD_COUNT finds only `allowed`. `metrics`: of the metrics address. */
void route_find(struct arena *arena, enum method method, const char *path, bool metrics, struct route_match *ret_match);
/* The text of the parameter of that name ("ref"); NULL when the pattern has none. */
const char *route_param(const struct route_match *match, const char *name);
/* METHOD_COUNT for a method that no route takes. */
enum method method_parse(const char *text);
const char *method_name(enum method method);
/* "GET, HEAD, POST, OPTIONS" */
const char *route_allow(struct arena *arena, unsigned allowed);
