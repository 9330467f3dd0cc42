#include "http/witness_server.h"
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/day.h"
#include "base/log.h"
#include "http/listen.h"

enum { HEADER_BYTES_MAX = 32 * 1024 };

struct witness_server {
	struct witness *witness;
	struct strbuf vkey; /* with its newline */
	struct MHD_Daemon *daemon;
	int fd;
	int port;
	_Atomic uint64_t told_size;
};

/* One request. */
struct exchange {
	int64_t began_us;
	size_t body_seen;
	struct strbuf body;
};

/* ---- answers ---- */

static enum MHD_Result
reply(struct MHD_Connection *connection, unsigned status, const char *type, const char *text, size_t bytes)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(bytes, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", text);
	enum MHD_Result result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
reply_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
	return reply(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

/* What anyone can have us say again and again, with checkpoints that everybody has, is said once or only to who looks
 * for it: nobody fills this log's disk. */
static void
tell_refusal(struct witness_server *server, const struct witness_verdict *verdict)
{
	const struct checkpoint *checkpoint = &verdict->checkpoint;
	enum log_level level = LOG_DEBUG;

	/* The size that the log was caught with last. */
	if ((verdict->is_fork || verdict->status == WITNESS_UNPROVEN) &&
	    atomic_exchange(&server->told_size, checkpoint->size) != checkpoint->size)
		level = verdict->is_fork ? LOG_ERROR : LOG_WARNING;
	log_event(level, verdict->is_fork ? "other-root" : "not-cosigned", LOG_TEXT("origin", checkpoint->origin),
		  LOG_INTEGER("status", verdict->status), LOG_INTEGER("size", checkpoint->size),
		  LOG_INTEGER("last_size", verdict->size));
}

static void
tell(struct witness_server *server, enum error e, const struct witness_verdict *verdict)
{
	const struct checkpoint *checkpoint = &verdict->checkpoint;

	if (e != OK)
		log_event(LOG_ERROR, "cosigning-failed", LOG_TEXT("error", error_name(e)));
	else if (verdict->status == WITNESS_COSIGNS)
		log_event(checkpoint->size > verdict->size ? LOG_INFO : LOG_DEBUG, "cosigned",
			  LOG_TEXT("origin", checkpoint->origin), LOG_INTEGER("size", checkpoint->size));
	else
		tell_refusal(server, verdict);
}

static enum MHD_Result
add_checkpoint(struct witness_server *server, struct MHD_Connection *connection, const struct exchange *exchange)
{
	AUTO(strbuf_done) struct strbuf answer = { 0 };
	struct witness_verdict verdict = { 0 };

	if (exchange->body_seen > WITNESS_REQUEST_BYTES_MAX)
		return reply_text(connection, MHD_HTTP_CONTENT_TOO_LARGE, "too large\n");
	enum error e = witness_add_checkpoint(server->witness, exchange->body.bytes == 0 ? "" : exchange->body.text,
					      exchange->body.bytes, (uint64_t)time(NULL), &verdict, &answer);

	tell(server, e, &verdict);
	if (e != OK)
		return reply_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "it could not be kept; ask again\n");
	switch (verdict.status) {
	case WITNESS_COSIGNS:
		return reply(connection, 200, "text/plain; charset=utf-8", answer.text, answer.bytes);
	case WITNESS_CONFLICT:
		return reply(connection, 409, "text/x.tlog.size", answer.text, answer.bytes);
	case WITNESS_MALFORMED:
		return reply_text(connection, 400, "malformed\n");
	case WITNESS_UNSIGNED:
		return reply_text(connection, 403, "not signed by a key of this log\n");
	case WITNESS_STRANGER:
		return reply_text(connection, 404, "no log that is witnessed here\n");
	case WITNESS_UNPROVEN:
	default:
		return reply_text(connection, 422, "the proof does not hold\n");
	}
}

/* ---- requests ---- */

/* What is answered without looking at a body; MHD_NO with *ret_takes_body: nothing yet. */
static enum MHD_Result
answer_head(struct witness_server *server, struct MHD_Connection *connection, const char *url, const char *method,
	    bool *ret_takes_body)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
	bool gets = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;

	if (strcmp(url, "/vkey") == 0)
		return gets ? reply(connection, 200, "text/plain; charset=utf-8", server->vkey.text, server->vkey.bytes)
			    : reply_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET, HEAD");
	if (strcmp(url, "/add-checkpoint") != 0)
		return reply_text(connection, MHD_HTTP_NOT_FOUND, "nothing here\n");
	if (strcmp(method, "POST") != 0)
		return reply_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "POST");
	/* What is too large is not read through: the connection ends. */
	if (length != NULL && strtoull(length, NULL, 10) > WITNESS_REQUEST_BYTES_MAX)
		return reply_text(connection, MHD_HTTP_CONTENT_TOO_LARGE, "too large\n");
	*ret_takes_body = true;
	return MHD_NO;
}

static enum MHD_Result
on_bytes(struct exchange *exchange, const char *bytes, size_t *count)
{
	if (monotonic_us() - exchange->began_us > (int64_t)WITNESS_SERVER_BODY_SECONDS * 1000000)
		return MHD_NO;
	exchange->body_seen += *count;
	if (exchange->body_seen <= WITNESS_REQUEST_BYTES_MAX)
		strbuf_add(&exchange->body, bytes, *count);
	*count = 0;
	return MHD_YES;
}

static enum MHD_Result
on_request(void *closure, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	   const char *bytes, size_t *count, void **context)
{
	struct witness_server *server = closure;
	struct exchange *exchange = *context;

	if (exchange == NULL) {
		bool takes_body = false;
		enum MHD_Result result = answer_head(server, connection, url, method, &takes_body);

		if (!takes_body)
			return result;
		exchange = calloc(1, sizeof(*exchange));
		if (exchange == NULL)
			return MHD_NO;
		exchange->began_us = monotonic_us();
		*context = exchange;
		return MHD_YES;
	}
	return *count > 0 ? on_bytes(exchange, bytes, count) : add_checkpoint(server, connection, exchange);
}

static void
on_completed(void *closure, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *context;

	if (exchange == NULL)
		return;
	strbuf_done(&exchange->body);
	free(exchange);
	*context = NULL;
}

/* ---- start and stop ---- */

static enum error
start_daemon(struct witness_server *server)
{
	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, NULL },
		{ MHD_OPTION_LISTEN_SOCKET, server->fd, NULL },
		{ MHD_OPTION_THREAD_POOL_SIZE, WITNESS_SERVER_THREADS, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, WITNESS_SERVER_CONNECTIONS, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, WITNESS_SERVER_IDLE_SECONDS, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADER_BYTES_MAX, NULL },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ MHD_OPTION_PER_IP_CONNECTION_LIMIT, WITNESS_SERVER_ORIGIN_CONNECTIONS, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	server->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, server,
					  MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	return server->daemon == NULL ? ERR_IO : OK;
}

enum error
witness_server_start(struct witness *witness, const char *listen, struct witness_server **ret_server)
{
	AUTO(witness_server_stop) struct witness_server *server = calloc(1, sizeof(*server));
	struct listen_address address;

	if (server == NULL)
		return ERR_NO_MEMORY;
	server->fd = -1;
	server->witness = witness;
	note_key_print(witness_key(witness), &server->vkey);
	strbuf_char(&server->vkey, '\n');
	TRY(listen_parse(listen, &address));
	TRY(listen_tcp(&address, &server->fd, &server->port));
	TRY(start_daemon(server));
	*ret_server = TAKE(server);
	return OK;
}

void
witness_server_stop(struct witness_server *server)
{
	if (server == NULL)
		return;
	if (server->daemon != NULL)
		MHD_stop_daemon(server->daemon);
	else if (server->fd >= 0)
		close(server->fd);
	strbuf_done(&server->vkey);
	free(server);
}

int
witness_server_port(const struct witness_server *server)
{
	return server->port;
}
