/* What libmicrohttpd wants, and where it is kept:
 * - a connection is suspended before its request is handed to another thread (take_request): the other way
 *   round the answer can come before the sleep, and the request is lost;
 * - the woken handler looks at an atomic state, not at what it remembers (on_request);
 * - a request lives until NOTIFY_COMPLETED (on_completed), whatever became of the client;
 * - every taken request is woken exactly once, on failure too (request_answered), and the daemon is stopped
 *   only when nothing is taken any more (server_stop): stopping over sleeping connections is not allowed;
 * - two threads or more, and fewer connections a thread than its buffer of 128 events: a full buffer stalls it.
 * The daemon is stopped before the writer: what was taken still gets its answer. */
#include "http/server.h"
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/day.h"
#include "base/log.h"
#include "http/head.h"
#include "http/listen.h"
#include "http/serve_file.h"
#include "http/server_inside.h"
#include "http/visitors.h"

enum { BODY_SECONDS_MAX = 60, THREADS_MAX = 64, NAP_US = 5000, PIECE_BYTES = 32768 };

static _Atomic uint64_t serials = 1;

enum error
server_reader(struct server *server, struct db **ret_db)
{
	static _Thread_local uint64_t serial;
	static _Thread_local struct server_reader *mine;

	if (serial != server->serial) {
		struct server_reader *reader = calloc(1, sizeof(*reader));

		if (reader == NULL)
			return ERR_NO_MEMORY;
		enum error e = registry_reader(server->registry, &reader->db);
		if (e != OK) {
			free(reader);
			return e;
		}
		pthread_mutex_lock(&server->reader_lock);
		reader->next = server->readers;
		server->readers = reader;
		pthread_mutex_unlock(&server->reader_lock);
		mine = reader;
		serial = server->serial;
	}
	*ret_db = mine->db;
	return OK;
}

static void
request_free(struct request *request)
{
	request->server->open--;
	let_go_of_file(request);
	strbuf_done(&request->body);
	reply_drop(request);
	strbuf_done(&request->reply.body);
	if (request->reply.pieces_free != NULL)
		request->reply.pieces_free(request->reply.pieces);
	arena_free(request->arena);
	free(request);
}

static void
add_headers(const struct request *request, struct MHD_Response *response)
{
	const struct route *route = request->match.route;
	const struct reply *reply = &request->reply;
	bool may_cache = route != NULL && (route->flags & ROUTE_PUBLIC) != 0 && reply->status == 200;
	bool page = reply->type != NULL && strncmp(reply->type, "text/html", 9) == 0;

	if (reply->type != NULL)
		MHD_add_response_header(response, "Content-Type", reply->type);
	for (size_t i = 0; i < reply->header_count; i++)
		MHD_add_response_header(response, reply->header_names[i], reply->header_values[i]);
	MHD_add_response_header(response, "Cache-Control",
				reply->cache != NULL ? reply->cache
				: may_cache          ? "public, max-age=300"
						     : "no-store");
	if (route == NULL || (route->flags & ROUTE_LOG) == 0 || reply->status != 200)
		MHD_add_response_header(response, "Vary", "Accept, Accept-Language");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(response, "X-Frame-Options", "DENY");
	MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	MHD_add_response_header(response, "Permissions-Policy", "geolocation=(), camera=(), microphone=()");
	MHD_add_response_header(
		response, "Content-Security-Policy",
		page ? "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
		       "frame-ancestors 'none'"
		     : "default-src 'none'; frame-ancestors 'none'");
	if (request->server->https)
		MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
	if (request->server->stopping)
		MHD_add_response_header(response, "Connection", "close");
}

/* A fault of ours is an error in the log whatever its threshold; being busy is a warning. */
static enum log_level
level_of(enum error e)
{
	if (error_http(e) < 500)
		return LOG_INFO;
	return error_http(e) == 503 ? LOG_WARNING : LOG_ERROR;
}

static void
note(struct request *request, size_t bytes, enum error e)
{
	const struct route *route = request->match.route;
	int64_t us = monotonic_us() - request->began_us;

	metrics_count(&request->server->metrics, route, request->reply.status, us);
	log_event(level_of(e), "request", LOG_TEXT("method", route == NULL ? "other" : method_name(route->method)),
		  LOG_TEXT("route", route == NULL ? "none" : route->pattern),
		  LOG_INTEGER("status", request->reply.status), LOG_INTEGER("us", us), LOG_INTEGER("bytes", bytes),
		  LOG_TEXT("outcome", error_name(e)));
}

/* Pieces, until there is enough to send. */
static enum error
write_more(struct request *request)
{
	struct reply *reply = &request->reply;
	enum error e = OK;

	strbuf_clear(&reply->body);
	reply->sent = 0;
	while (e == OK && reply->body.bytes < PIECE_BYTES)
		e = reply->more(request, &reply->body);
	/* That this was the last is told again when it is asked for. */
	return e == ERR_NOT_FOUND && reply->body.bytes > 0 ? OK : e;
}

/* The next bytes of an answer that is written while it is sent. */
static ssize_t
send_more(void *context, uint64_t at, char *to, size_t most)
{
	struct request *request = context;
	struct reply *reply = &request->reply;
	enum error e = reply->sent == reply->body.bytes ? write_more(request) : OK;

	if (e == ERR_NOT_FOUND)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (e != OK) {
		log_event(LOG_ERROR, "answer-cut", LOG_TEXT("route", request->match.route->pattern),
			  LOG_TEXT("error", error_name(e)));
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	size_t left = reply->body.bytes - reply->sent, bytes = left < most ? left : most;

	memcpy(to, reply->body.text + reply->sent, bytes);
	reply->sent += bytes;
	return (ssize_t)bytes;
}

static enum MHD_Result
send_reply(struct request *request, enum error e)
{
	struct reply *reply = &request->reply;
	struct MHD_Response *response = NULL;
	size_t bytes = 0;

	if (e != OK)
		request_problem(request, e);
	assert(reply->status != 0);
	if (reply->is_file) {
		/* The response closes it. */
		reply->is_file = false;
		bytes = reply->file_bytes;
		response = MHD_create_response_from_fd(bytes, reply->file);
		if (response == NULL)
			close(reply->file);
	} else if (reply->more != NULL) {
		response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, send_more, request, NULL);
	} else if (reply->fixed != NULL) {
		bytes = reply->fixed_bytes;
		/* The library takes a writable pointer but only reads from a persistent buffer. */
		response =
			MHD_create_response_from_buffer(bytes, (void *)(uintptr_t)reply->fixed, MHD_RESPMEM_PERSISTENT);
	} else {
		char *text = strbuf_take(&reply->body, &bytes);

		response = MHD_create_response_from_buffer(bytes, text, MHD_RESPMEM_MUST_FREE);
	}
	if (response == NULL)
		return MHD_NO;
	add_headers(request, response);
	note(request, bytes, e);
	request->state = REQUEST_SENT;
	enum MHD_Result result = MHD_queue_response(request->connection, (unsigned)reply->status, response);
	MHD_destroy_response(response);
	return result;
}

void
request_answered(struct request *request)
{
	struct server *server = request->server;
	struct MHD_Connection *connection = request->connection;

	request->state = REQUEST_ANSWERED;
	MHD_resume_connection(connection);
	/* The request may be gone here. The stop waits for the count, so the daemon is not. */
	server->taken--;
}

static enum MHD_Result
take_request(struct request *request, enum error (*submit)(struct request *request))
{
	struct server *server = request->server;

	/* Counted before the look at `stopping`, which server_stop sets before it looks at the count. */
	server->taken++;
	if (server->stopping) {
		server->taken--;
		return send_reply(request, ERR_STOPPING);
	}
	request->state = REQUEST_TAKEN;
	MHD_suspend_connection(request->connection);
	enum error e = submit(request);
	if (e != OK) {
		request->result = e;
		request_answered(request);
	}
	return MHD_YES;
}

static enum MHD_Result
run_request(struct request *request)
{
	const struct route *route = request->match.route;

	if (request->early != OK)
		return send_reply(request, request->early);
	if (request->reply.status != 0) /* OPTIONS */
		return send_reply(request, OK);
	enum error e = request_read_body(request);
	if (e != OK)
		return send_reply(request, e);
	if ((route->flags & ROUTE_SLOW) != 0)
		return take_request(request, worker_submit);
	e = route->handler(request);
	if (e == OK && request->submit != NULL)
		return take_request(request, request->submit);
	return send_reply(request, e);
}

static enum MHD_Result
finish_request(struct request *request)
{
	enum error e = request->result;

	if (e == OK && request->finish != NULL)
		e = request->finish(request);
	return send_reply(request, e);
}

static struct request *
new_request(struct server_port *port, struct MHD_Connection *connection)
{
	struct request *request = calloc(1, sizeof(*request));

	if (request == NULL)
		return NULL;
	port->server->open++;
	request->server = port->server;
	request->registry = port->server->registry;
	request->connection = connection;
	request->listener = port->listener;
	request->arena = arena_new();
	request->began_us = monotonic_us();
	request->now = registry_now(request->registry);
	problem_init(&request->problem, request->arena);
	return request;
}

static enum MHD_Result
on_head(struct server_port *port, struct MHD_Connection *connection, const char *url, const char *method,
	void **context)
{
	struct request *request = new_request(port, connection);

	if (request == NULL)
		return MHD_NO;
	*context = request;
	visitor_has_asked(connection);
	request->path = arena_text(request->arena, url);
	request->head = strcmp(method, "HEAD") == 0;
	request->method = method_parse(method);
	route_find(request->arena, request->method, url, port->listener == LISTENER_METRICS, &request->match);
	request->early = request_admit(request);
	if (request->early == ERR_METHOD && strcmp(method, "OPTIONS") == 0) {
		request->early = OK;
		reply_empty(request, 204);
	}
	/* What is not wanted is not read through: the answer goes out and the connection ends. */
	if (request->early != OK && (request->hangs_up || request->early == ERR_LENGTH))
		return send_reply(request, request->early);
	return MHD_YES;
}

static enum MHD_Result
on_bytes(struct request *request, const char *bytes, size_t *count)
{
	if (monotonic_us() - request->began_us > (int64_t)BODY_SECONDS_MAX * 1000000)
		return MHD_NO;
	if (request->early == OK && request->body.bytes + *count <= request->body_expected)
		strbuf_add(&request->body, bytes, *count);
	*count = 0;
	return MHD_YES;
}

static enum MHD_Result
on_request(void *closure, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	   const char *bytes, size_t *count, void **context)
{
	struct request *request = *context;

	if (request == NULL)
		return on_head(closure, connection, url, method, context);
	switch ((enum request_state)request->state) {
	case REQUEST_ANSWERED:
		return finish_request(request);
	case REQUEST_READING:
		return *count > 0 ? on_bytes(request, bytes, count) : run_request(request);
	case REQUEST_TAKEN: /* woken too early: whoever has it wakes it again */
	case REQUEST_SENT:
	default:
		*count = 0;
		return MHD_YES;
	}
}

static void
on_completed(void *closure, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
	struct request *request = *context;

	if (request == NULL)
		return;
	assert(request->state != REQUEST_TAKEN);
	visitor_may_ask(connection);
	request_free(request);
	*context = NULL;
}

/* No new connections while the server stops. MHD_quiesce_daemon is not for us: it and the daemon's own threads both take
 * the socket out of epoll, and whoever comes second ends the program. */
static enum MHD_Result
on_connection(void *closure, const struct sockaddr *address, socklen_t bytes)
{
	const struct server *server = closure;

	return server->stopping ? MHD_NO : MHD_YES;
}

static enum error
start_daemon(struct server *server, enum listener listener)
{
	struct server_port *port = &server->ports[listener];
	const struct server_limits *limits = &server->config.limits;
	int threads = listener == LISTENER_PUBLIC ? server->config.threads : SERVER_THREADS_MIN;
	bool many = listener != LISTENER_PUBLIC || server->config.behind_proxy || limits->origin_connections < 0;

	port->server = server;
	port->listener = listener;
	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, port },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)visitors_note, server->visitors },
		{ MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)head_unescape, NULL },
		{ MHD_OPTION_LISTEN_SOCKET, port->fd, NULL },
		{ MHD_OPTION_THREAD_POOL_SIZE, threads, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, (intptr_t)threads * SERVER_THREAD_CONNECTIONS, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_seconds, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, 2 * SERVER_HEADER_BYTES, NULL },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ MHD_OPTION_PER_IP_CONNECTION_LIMIT, many ? 0 : limits->origin_connections, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	port->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, on_connection,
					server, on_request, port, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	return port->daemon == NULL ? ERR_IO : OK;
}

static enum error
start_tcp(struct server *server, enum listener listener, const char *text)
{
	struct listen_address address;

	TRY(listen_parse(text, &address));
	/* A demo's passwords are known to everyone. */
	if (registry_is_demo(server->registry) && !listen_is_loopback(&address))
		return ERR_FORBIDDEN;
	TRY(listen_tcp(&address, &server->ports[listener].fd, &server->ports[listener].port));
	if (listener == LISTENER_PUBLIC && server->config.base_url == NULL)
		snprintf(server->base_url, sizeof(server->base_url),
			 strchr(address.host, ':') != NULL ? "http://[%s]:%d" : "http://%s:%d",
			 address.host[0] == '\0' ? "localhost" : address.host, server->ports[listener].port);
	return start_daemon(server, listener);
}

static void
fill_defaults(struct server_config *config)
{
	struct server_limits *limits = &config->limits;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (config->threads == 0)
		config->threads = processors > THREADS_MAX ? THREADS_MAX : (int)processors;
	if (config->threads < SERVER_THREADS_MIN)
		config->threads = SERVER_THREADS_MIN;
#define DEFAULT(name, value)   \
	if (limits->name == 0) \
	limits->name = (value)
	DEFAULT(origin_connections, SERVER_ORIGIN_CONNECTIONS);
	DEFAULT(idle_seconds, SERVER_IDLE_SECONDS);
	DEFAULT(head_seconds, SERVER_HEAD_SECONDS);
	DEFAULT(origin_per_second, SERVER_ORIGIN_PER_SECOND);
	DEFAULT(origin_burst, SERVER_ORIGIN_BURST);
	DEFAULT(account_per_second, SERVER_ACCOUNT_PER_SECOND);
	DEFAULT(account_burst, SERVER_ACCOUNT_BURST);
	DEFAULT(strict_per_minute, SERVER_STRICT_PER_MINUTE);
	DEFAULT(strict_burst, SERVER_STRICT_BURST);
#undef DEFAULT
	if (config->index_hours == 0)
		config->index_hours = SERVER_INDEX_HOURS;
	if (config->tlog_seconds == 0)
		config->tlog_seconds = SERVER_TLOG_SECONDS;
}

/* Every connection is a file; the usual soft limit of 1024 would be met before our own. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		IGNORE(setrlimit(RLIMIT_NOFILE, &limit)); /* then fewer connections are taken */
	}
}

static struct server *
new_server(struct registry *registry, const struct server_config *config)
{
	struct server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return NULL;
	server->registry = registry;
	server->config = *config;
	server->serial = serials++;
	fill_defaults(&server->config);
	for (int i = 0; i < LISTENER_COUNT; i++)
		server->ports[i].fd = -1;
	snprintf(server->base_url, sizeof(server->base_url), "%s",
		 config->base_url == NULL ? "http://localhost" : config->base_url);
	server->https = strncmp(server->base_url, "https://", 8) == 0;
	server->limiter = limiter_new(SERVER_LIMITER_KEYS);
	server->places = place_index_new(registry_pack(registry));
	pthread_mutex_init(&server->reader_lock, NULL);
	pthread_mutex_init(&server->work_lock, NULL);
	pthread_mutex_init(&server->file_lock, NULL);
	pthread_mutex_init(&server->pause_lock, NULL);
	pthread_mutex_init(&server->document_lock, NULL);
	pthread_cond_init(&server->work_came, NULL);
	pthread_cond_init(&server->pause_ends, NULL);
	return server;
}

enum error
server_start(struct registry *registry, const struct server_config *config, const char **ret_problem,
	     struct server **ret_server)
{
	AUTO(server_stop) struct server *server = NULL;
	enum error e = OK;

	*ret_problem = "base_url";
	if (config->base_url != NULL && strncmp(config->base_url, "http://", 7) != 0 &&
	    strncmp(config->base_url, "https://", 8) != 0)
		return ERR_USAGE;
	raise_file_limit();
	server = new_server(registry, config);
	if (server == NULL)
		return ERR_NO_MEMORY;
	*ret_problem = "threads";
	TRY(worker_start(server));
	TRY(visitors_start(server->config.limits.idle_seconds + server->config.limits.head_seconds, &server->visitors));
	*ret_problem = "mail";
	TRY(background_start(server));
	*ret_problem = config->listen;
	if (config->listen != NULL)
		TRY(start_tcp(server, LISTENER_PUBLIC, config->listen));
	*ret_problem = config->metrics_listen;
	if (config->metrics_listen != NULL)
		TRY(start_tcp(server, LISTENER_METRICS, config->metrics_listen));
	*ret_problem = config->socket_path;
	if (config->socket_path != NULL) {
		TRY(listen_file(config->socket_path, &server->ports[LISTENER_SOCKET].fd));
		e = start_daemon(server, LISTENER_SOCKET);
	}
	if (e == OK)
		*ret_server = TAKE(server);
	return e;
}

/* First no new connections and nothing new is taken, then what was taken is answered, then what is being sent is sent (for
 * a while: a client may be gone), then the daemons end, each with its socket. */
static void
stop_daemons(struct server *server)
{
	int64_t until_us = monotonic_us() + (int64_t)SERVER_STOP_SECONDS * 1000000;

	server->stopping = true;
	while (server->taken > 0)
		usleep(NAP_US);
	while (server->open > 0 && monotonic_us() < until_us)
		usleep(NAP_US);
	for (int i = 0; i < LISTENER_COUNT; i++) {
		if (server->ports[i].daemon != NULL)
			MHD_stop_daemon(server->ports[i].daemon);
		else if (server->ports[i].fd >= 0)
			close(server->ports[i].fd);
	}
	if (server->ports[LISTENER_SOCKET].fd >= 0)
		unlink(server->config.socket_path);
}

static void
close_readers(struct server *server)
{
	while (server->readers != NULL) {
		struct server_reader *reader = server->readers;

		server->readers = reader->next;
		db_close(reader->db);
		free(reader);
	}
}

void
server_stop(struct server *server)
{
	if (server == NULL)
		return;
	stop_daemons(server);
	visitors_stop(server->visitors);
	worker_stop(server);
	background_stop(server);
	close_readers(server);
	limiter_free(server->limiter);
	place_index_free(server->places);
	for (int i = 0; i < LANGUAGE_COUNT; i++)
		free(server->openapi[i]);
	pthread_mutex_destroy(&server->reader_lock);
	pthread_mutex_destroy(&server->work_lock);
	pthread_mutex_destroy(&server->file_lock);
	pthread_mutex_destroy(&server->pause_lock);
	pthread_mutex_destroy(&server->document_lock);
	pthread_cond_destroy(&server->work_came);
	pthread_cond_destroy(&server->pause_ends);
	free(server);
}

int
server_port(const struct server *server)
{
	return server->ports[LISTENER_PUBLIC].port;
}

int
server_metrics_port(const struct server *server)
{
	return server->ports[LISTENER_METRICS].port;
}

const char *
server_base_url(const struct server *server)
{
	return server->base_url;
}
