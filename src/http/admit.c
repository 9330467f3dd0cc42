/* Who may come in: everything that is decided from the head of a request, in one order for all routes, so
 * that no handler can forget it. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/day.h"
#include "http/accept.h"
#include "http/head.h"
#include "http/problem.h"
#include "http/serve_file.h"
#include "http/server_inside.h"

enum { LENGTH_DIGITS_MAX = 12 };

static const char *const loopback_names[] = { "localhost", "127.0.0.1", "[::1]" };

/* A page of another site may make a browser call us under that site's name (DNS rebinding): only our own
 * names are answered. */
static bool
host_is_ours(const struct request *request)
{
	const struct server *server = request->server;
	const char *host = request_header(request, "Host");
	char own[256];

	if (request->listener != LISTENER_PUBLIC)
		return true;
	const char *from = strstr(server->base_url, "://") + 3;
	size_t bytes = *from == '[' ? strcspn(from, "]") + 1 : strcspn(from, ":/");
	snprintf(own, sizeof(own), "%.*s", (int)bytes, from);
	if (accept_host(host, own))
		return true;
	for (size_t i = 0; i < server->config.host_count; i++)
		if (accept_host(host, server->config.hosts[i]))
			return true;
	for (size_t i = 0; i < ARRAY_COUNT(loopback_names) && !server->config.behind_proxy; i++)
		if (accept_host(host, loopback_names[i]))
			return true;
	return false;
}

static void
find_origin(struct request *request)
{
	const char *forwarded = request->server->config.behind_proxy ? head_last(request, "X-Forwarded-For") : NULL;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
	char peer[INET6_ADDRSTRLEN];

	strcpy(request->origin, "socket");
	if (request->listener == LISTENER_SOCKET || address == NULL)
		return;
	if (forwarded != NULL && accept_forwarded(forwarded, request->origin, sizeof(request->origin)))
		return;
	const void *bytes = address->sa_family == AF_INET6
				    ? (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr
				    : (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;
	if (inet_ntop(address->sa_family, bytes, peer, sizeof(peer)) == NULL ||
	    !accept_address(peer, request->origin, sizeof(request->origin)))
		strcpy(request->origin, "unknown");
}

static void
find_language(struct request *request)
{
	const char *asked = request_query(request, "lang");
	enum language language = language_parse(asked);

	if (language == LANGUAGE_COUNT)
		language = accept_language(request_header(request, "Accept-Language"));
	request->language_asked = language != LANGUAGE_COUNT;
	request->language = request->language_asked ? language : registry_pack(request->registry)->languages[0];
}

/* An IPv6 customer has 2^64 addresses: the first half counts. */
static uint64_t
origin_key(const struct request *request, const char *what)
{
	struct in6_addr address;
	char whom[INET6_ADDRSTRLEN];

	if (strchr(request->origin, ':') == NULL || inet_pton(AF_INET6, request->origin, &address) != 1)
		return limiter_key(request->server->limiter, what, request->origin);
	memset(address.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &address, whom, sizeof(whom));
	return limiter_key(request->server->limiter, what, whom);
}

static enum error
take(struct request *request, uint64_t key, double per_second, double burst)
{
	int64_t wait_ms = 0;

	if (per_second < 0 || burst < 0 ||
	    limiter_take(request->server->limiter, key, per_second, burst, instant_now(), &wait_ms))
		return OK;
	request->server->metrics.limited++;
	request->retry_seconds = (int)((wait_ms + 999) / 1000);
	return problem_add(&request->problem, ERR_LIMITED, NULL, MSG_LIMITED,
			   arena_printf(request->arena, "%d", request->retry_seconds), NULL);
}

static enum error
limit_origin(struct request *request)
{
	const struct server_limits *limits = &request->server->config.limits;

	if (request->listener != LISTENER_PUBLIC)
		return OK;
	if (request->match.route != NULL && (request->match.route->flags & ROUTE_STRICT) != 0)
		TRY(take(request, origin_key(request, "strict"), limits->strict_per_minute / 60.0,
			 limits->strict_burst)); /* a negative rate is none */
	return take(request, origin_key(request, "origin"), limits->origin_per_second, limits->origin_burst);
}

static enum error
limit_account(struct request *request)
{
	const struct server_limits *limits = &request->server->config.limits;
	char whom[24];

	if (request->actor.account <= 0 || request->listener != LISTENER_PUBLIC)
		return OK;
	snprintf(whom, sizeof(whom), "%lld", (long long)request->actor.account);
	return take(request, limiter_key(request->server->limiter, "account", whom), limits->account_per_second,
		    limits->account_burst);
}

static const char *
find_token(struct request *request)
{
	const char *authorization = request_header(request, "Authorization");
	char value[TOKEN_TEXT_BYTES];

	if (authorization != NULL && strncasecmp(authorization, "Bearer ", 7) == 0)
		return arena_text(request->arena, authorization + 7 + strspn(authorization + 7, " "));
	if (!accept_cookie(request_header(request, "Cookie"), request->server->https ? "__Host-tirkeu" : "tirkeu",
			   value, sizeof(value)))
		return NULL;
	request->by_cookie = true;
	return arena_text(request->arena, value);
}

/* Routes that anyone may call do not act in a session when they change something: a browser's cookie
 * counts for reading only, so that no other page can use it there. */
static enum error
find_actor(struct request *request)
{
	bool anyone = request->match.route->permission == ANYONE, changes = request->method != METHOD_GET;
	bool asks_nobody = (request->match.route->flags & ROUTE_LOG) != 0;
	const char *token = asks_nobody ? NULL : find_token(request), *csrf = NULL;

	request->actor = (struct actor){ .account = ACCOUNT_NOBODY, .language = request->language };
	if (token == NULL && request->listener == LISTENER_SOCKET)
		actor_console(&request->actor);
	snprintf(request->actor.origin, sizeof(request->actor.origin), "%s", request->origin);
	if (token == NULL || (anyone && changes && request->by_cookie))
		return OK;
	if (request->by_cookie && changes) {
		csrf = request_header(request, "X-Csrf-Token");
		csrf = csrf == NULL ? "" : csrf;
	}
	enum error e = session_actor(registry_access(request->registry), token, csrf, request->origin, instant_now(),
				     &request->actor);
	if (e == ERR_FORBIDDEN && csrf != NULL)
		return problem_add(&request->problem, e, NULL, MSG_CSRF, NULL, NULL);
	if (e == ERR_SIGN_IN && anyone && request->by_cookie)
		return OK; /* an old cookie shuts nobody out of what is public */
	TRY(e);
	request->token = token;
	if (!request->language_asked)
		request->language = request->actor.language;
	request->actor.language = request->language;
	return OK;
}

static enum error
check_permission(struct request *request)
{
	unsigned permission = request->match.route->permission;

	if (permission == ANYONE)
		return OK;
	if (request->actor.account == ACCOUNT_NOBODY)
		return ERR_SIGN_IN;
	if (permission == SIGNED_IN || request_may(request, permission))
		return OK;
	return problem_add(&request->problem, ERR_FORBIDDEN, NULL, MSG_MAY_NOT, NULL, NULL);
}

static size_t
body_limit(enum body_kind body)
{
	switch (body) {
	case BODY_JSON:
	case BODY_FORM:
		return SERVER_JSON_BYTES;
	case BODY_FILE:
		return SERVER_FILE_BYTES;
	case BODY_NONE:
	default:
		return 0;
	}
}

static enum error
wrong_type(struct request *request, const char *types)
{
	return problem_add(&request->problem, ERR_MEDIA_TYPE, "Content-Type", MSG_NOT_CHOICE, types, NULL);
}

static enum error
check_type(struct request *request)
{
	const char *type = request_header(request, "Content-Type");

	switch (request->match.route->body) {
	case BODY_JSON:
		return accept_type(type, "application/json") ? OK : wrong_type(request, "application/json");
	case BODY_FORM:
		return accept_type(type, "application/x-www-form-urlencoded")
			       ? OK
			       : wrong_type(request, "application/x-www-form-urlencoded");
	case BODY_FILE:
		return accept_type(type, "application/pdf") || accept_type(type, "image/jpeg") ||
				       accept_type(type, "image/png") || accept_type(type, "application/octet-stream")
			       ? OK
			       : wrong_type(request, "application/pdf, image/jpeg, image/png");
	case BODY_NONE:
	default:
		return OK;
	}
}

/* How much will come, as it says itself; nothing is refused here. What cannot be known or is too much is not read
 * through. */
static void
read_length(struct request *request)
{
	const char *length = request_header(request, "Content-Length");

	if (length != NULL && strlen(length) <= LENGTH_DIGITS_MAX && strspn(length, "0123456789") == strlen(length))
		request->body_expected = strtoull(length, NULL, 10);
	else
		request->hangs_up = length != NULL;
	if (request_header(request, "Transfer-Encoding") != NULL || request->body_expected > SERVER_JSON_BYTES)
		request->hangs_up = true;
}

static enum error
check_length(struct request *request)
{
	const char *length = request_header(request, "Content-Length");
	size_t most = body_limit(request->match.route->body);

	if (request_header(request, "Transfer-Encoding") != NULL)
		return ERR_LENGTH;
	if (length == NULL)
		return request->match.route->body == BODY_FILE ? ERR_LENGTH : OK;
	if (request->hangs_up && request->body_expected == 0)
		return problem_add(&request->problem, ERR_MALFORMED, "Content-Length", MSG_NOT_INTEGER, NULL, NULL);
	if (request->body_expected > most)
		return problem_add(&request->problem, ERR_TOO_LARGE, "Content-Length", MSG_TOO_LARGE,
				   arena_printf(request->arena, "%zu", most), NULL);
	return request->body_expected > 0 ? check_type(request) : OK;
}

/* Who writes ?dry_run=True must not act in earnest by a slip; nor where nothing can be tried. */
static enum error
check_dry_run(struct request *request)
{
	const char *dry = request_query(request, "dry_run");

	if (!head_asks(request, "dry_run"))
		return OK;
	if (dry == NULL ||
	    (strcmp(dry, "true") != 0 && strcmp(dry, "1") != 0 && strcmp(dry, "false") != 0 && strcmp(dry, "0") != 0))
		return request_fault(request, "dry_run", MSG_NOT_BOOLEAN, NULL);
	request->dry_run = *dry == 't' || *dry == '1';
	if (request->dry_run && (request->match.route->flags & ROUTE_KEY) == 0)
		return request_fault(request, "dry_run", MSG_NOT_ALLOWED_HERE, "dry_run");
	return OK;
}

static enum error
check_key(struct request *request)
{
	const char *key = request_header(request, "Idempotency-Key");

	TRY(check_dry_run(request));
	bool needed = (request->match.route->flags & ROUTE_KEY) != 0 && !request->dry_run;
	if ((key == NULL && needed) || (key != NULL && !accept_idempotency_key(key)))
		return problem_add(&request->problem, ERR_MALFORMED, "Idempotency-Key", MSG_KEY_NEEDED, NULL, NULL);
	return OK;
}

enum error
request_admit(struct request *request)
{
	const struct route *route = request->match.route;

	find_origin(request);
	find_language(request);
	read_length(request);
	TRY(limit_origin(request));
	enum error e = head_check(request);
	if (e != OK) {
		request->hangs_up = true;
		return e;
	}
	if (!host_is_ours(request))
		return ERR_HOST;
	if (route == NULL) {
		if (request->match.allowed == 0)
			return ERR_NOT_FOUND;
		reply_header(request, "Allow", route_allow(request->arena, request->match.allowed));
		return ERR_METHOD;
	}
	if ((route->flags & ROUTE_LOG) != 0 &&
	    MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL) > 0)
		return ERR_NOT_FOUND;
	TRY(check_length(request));
	TRY(find_actor(request));
	TRY(check_permission(request));
	TRY(limit_account(request));
	TRY(check_key(request));
	return route->body == BODY_FILE ? hold_file(request) : OK;
}

enum error
request_read_body(struct request *request)
{
	static const struct node nothing = { .kind = NODE_MAP };

	request->json = &nothing;
	if (request->match.route->body != BODY_JSON || request->body.bytes == 0)
		return OK;
	enum error e = node_parse_json(request->arena, request->body.text, request->body.bytes, &request->problem,
				       &request->json);
	if (e != OK)
		return ERR_MALFORMED;
	if (request->json->kind != NODE_MAP)
		return problem_add(&request->problem, ERR_MALFORMED, NULL, MSG_WRONG_KIND, "{…}", NULL);
	return OK;
}

/* Lock-outs and hourly limits say in their sentence how long they last. */
static int
retry_seconds(const struct request *request, enum error e)
{
	if (request->retry_seconds > 0)
		return request->retry_seconds;
	for (size_t i = 0; i < request->problem.item_count; i++) {
		const struct problem_item *item = &request->problem.items[i];

		if ((item->message == MSG_LOCKED_OUT || item->message == MSG_HOURLY_LIMIT) &&
		    item->arguments[0] != NULL)
			return atoi(item->arguments[0]);
	}
	return problem_retry_seconds(e);
}

void
request_problem(struct request *request, enum error e)
{
	int seconds = retry_seconds(request, e);
	struct json *json = NULL;

	if (e == ERR_METHOD)
		request->reply.status = 0; /* keeps Allow */
	else
		reply_drop(request);
	if ((request->match.route != NULL && (request->match.route->flags & ROUTE_PAGE) != 0) ||
	    request_wants_page(request)) {
		problem_page(request, e);
	} else {
		json = reply_json(request, error_http(e));
		request->reply.type = "application/problem+json";
		problem_print(e, &request->problem, request->registry, request->language, request->arena, json);
	}
	if (seconds > 0)
		reply_header(request, "Retry-After", arena_printf(request->arena, "%d", seconds));
	if (e == ERR_SIGN_IN)
		reply_header(request, "WWW-Authenticate", "Bearer");
}
