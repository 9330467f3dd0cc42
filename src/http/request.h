/* request.h - one HTTP request while it is here: what it brought, who sends it, what is answered. Handlers
 * read and write it; the server owns it until the answer has left. One thread at a time: the connection's, a
 * worker's, or (only to mark it as answered) the writer's. */
#pragma once
#include "http/route.h"
#include "registry/registry.h"
#include "text/json.h"
#include "text/node.h"

struct server;
struct MHD_Connection;
struct act;
struct lookup;
struct search_job;
struct inspection;

enum listener { LISTENER_PUBLIC, LISTENER_SOCKET, LISTENER_METRICS, LISTENER_COUNT };

/* TAKEN: somebody else (the writer, a worker) has it and the connection sleeps. The state alone
 * tells the woken connection what to do. */
enum request_state { REQUEST_READING, REQUEST_TAKEN, REQUEST_ANSWERED, REQUEST_SENT };

enum { REPLY_HEADERS_MAX = 8 };
struct reply {
	int status;       /* 0: none yet */
	const char *type; /* application/json, unless told */
	struct strbuf body;
	const void *fixed; /* instead of `body`: bytes that live as long as the server */
	size_t fixed_bytes;
	bool is_file; /* instead of both: an open file, sent as it is */
	int file;
	size_t file_bytes;
	/* Written while it is sent, a piece after the other into `body`; ERR_NOT_FOUND, also when asked again: that was all. Another error cuts
	 * the connection, since the status has left. */
	enum error (*more)(struct request *request, struct strbuf *out);
	size_t sent; /* of `body` */
	void *pieces;
	void (*pieces_free)(void *pieces);
	const char *header_names[REPLY_HEADERS_MAX];
	const char *header_values[REPLY_HEADERS_MAX];
	size_t header_count;
	const char *cache; /* Cache-Control; NULL: as the route has it */
};

struct request {
	struct server *server;
	struct registry *registry;
	struct MHD_Connection *connection;
	enum listener listener;
	struct arena *arena;
	int64_t now; /* the registers' time */
	int64_t began_us;
	/* asked */
	const char *path;
	bool head;
	enum method method;
	struct route_match match;
	struct strbuf body;
	size_t body_expected;
	bool hangs_up;           /* refused at the head: what follows is not read, the connection ends */
	const struct node *json; /* BODY_JSON: a map; {} when nothing was sent */
	bool dry_run;
	char origin[48]; /* the sender's address; "socket" */
	/* who */
	struct actor actor;
	const char *token; /* of the session, NULL: none */
	bool by_cookie;
	enum language language;
	bool language_asked;
	/* answered */
	struct problem problem;
	int retry_seconds;
	struct reply reply;
	struct json writing; /* into reply.body */
	/* on its way */
	_Atomic int state;
	enum error early;                              /* found at the head, told after the body */
	enum error result;                             /* a worker's */
	enum error (*submit)(struct request *request); /* hands the job over, once the connection sleeps */
	enum error (*finish)(struct request *request); /* replies, once the job is done */
	enum error (*work)(struct request *request);   /* what a worker runs instead of the handler; NULL: that */
	struct act *act;
	const struct node *asked; /* answers.c: what a link asked, for the page after the answer */
	struct lookup *lookup;
	struct search_job *search;
	struct inspection *inspection;
	struct request *next; /* in the workers' queue */
	int64_t *file_place;  /* of the server's, while a file comes or goes (serve_file.h) */
};

/* Refuses a query with any other name (but lang), so that no list can be narrowed by what it is not meant to be
 * narrowed by, and a mistyped name is told. `names` ends with NULL. ERR_BAD_INPUT. */
NODISCARD enum error request_check_query(struct request *request, const char *const *names);

/* What it brought. Texts live as long as the request; NULL when absent. */
const char *request_param(const struct request *request, const char *name);
const char *request_query(const struct request *request, const char *name);
const char *request_header(const struct request *request, const char *name);
/* Does a browser ask that would rather show a page than JSON? */
bool request_wants_page(const struct request *request);
/* The text under `key` of the JSON body; a fault is noted when it is there but no text, or missing and required. */
const char *request_text(struct request *request, const char *key, bool required);
/* A whole number in the query within min..max; `otherwise` when absent. ERR_BAD_INPUT. */
NODISCARD enum error request_query_integer(struct request *request, const char *name, int64_t min, int64_t max,
					   int64_t otherwise, int64_t *ret_integer);
/* The register, the record's id and the like from the path: ERR_NOT_FOUND. */
NODISCARD enum error request_reg(struct request *request, const struct reg **ret_reg);
NODISCARD enum error request_record(struct request *request, const struct reg **ret_reg, int64_t *ret_record);
/* A party by its reference, of any party register; faults go under `field`. */
NODISCARD enum error request_party(struct request *request, const char *field, const char *reference,
				   int64_t *ret_party);
/* The purpose that the body names; a fault tells the actor's own ones. */
NODISCARD enum error request_purpose(struct request *request, const struct purpose **ret_purpose);
/* This thread's connection for reading. */
NODISCARD enum error request_db(struct request *request, struct db **ret_db);
/* ERR_BAD_INPUT when faults were noted. */
NODISCARD enum error request_faults(const struct request *request);
NODISCARD enum error request_fault(struct request *request, const char *field, enum message message,
				   const char *argument);
/* Is one of the keys of the JSON body not among `known`? Each is a fault with the nearest known one. */
void request_check_keys(struct request *request, const char *const *known, size_t count);
bool request_may(const struct request *request, unsigned abilities);

/* ---- answering ---- */
/* Starts a JSON answer; the handler fills the returned writer. */
struct json *reply_json(struct request *request, int status);
/* Bytes that live as long as the server. */
void reply_fixed(struct request *request, int status, const char *type, const void *bytes, size_t count);
/* An open file of that length; closed when it was sent. */
void reply_file(struct request *request, int status, const char *type, int fd, size_t count);
/* Any text written into the returned builder. */
struct strbuf *reply_text(struct request *request, int status, const char *type);
/* An answer of any length: `more` is called until it says ERR_NOT_FOUND, in the connection's thread. `pieces` is
 * request->reply.pieces there, freed with `pieces_free` when the request ends. */
void reply_pieces(struct request *request, int status, const char *type,
		  enum error (*more)(struct request *request, struct strbuf *out), void *pieces,
		  void (*pieces_free)(void *pieces));
void reply_empty(struct request *request, int status);
/* `name` is a literal, `value` lives as long as the request. */
void reply_header(struct request *request, const char *name, const char *value);
void reply_etag(struct request *request, int64_t version);
/* Drops what was begun: a problem takes its place. */
void reply_drop(struct request *request);
/* Hands over to the writer: `submit` is called when the connection sleeps and must arrange that
 * request_answered is called exactly once, unless it fails; `finish` then replies. */
void request_wait(struct request *request, enum error (*submit)(struct request *request),
		  enum error (*finish)(struct request *request));
/* Goes on in a worker's thread, where it may block: `work` replies or fails like a handler. */
void request_work(struct request *request, enum error (*work)(struct request *request));
/* Any thread, exactly once for each taken request: wakes the connection. The request may be gone afterwards. */
void request_answered(struct request *request);
