#include "http/request.h"
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/map.h"
#include "http/accept.h"
#include "http/server_inside.h"

const char *
request_param(const struct request *request, const char *name)
{
	return route_param(&request->match, name);
}

const char *
request_query(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct query_check {
	struct request *request;
	const char *const *names;
	enum error e;
};

static enum MHD_Result
check_query_name(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct query_check *check = context;
	size_t count = 0;

	for (; check->names[count] != NULL; count++)
		if (strcmp(check->names[count], name) == 0)
			return MHD_YES;
	if (strcmp(name, "lang") == 0)
		return MHD_YES;
	AUTO(strbuf_done) struct strbuf known = { 0 };

	for (size_t i = 0; i < count; i++)
		strbuf_printf(&known, "%s%s", i > 0 ? ", " : "", check->names[i]);
	check->e = request_fault(check->request, name, MSG_UNKNOWN_QUERY, count > 0 ? known.text : "—");
	return MHD_YES;
}

enum error
request_check_query(struct request *request, const char *const *names)
{
	struct query_check check = { .request = request, .names = names };

	MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, check_query_name, &check);
	return check.e;
}

const char *
request_header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

bool
request_wants_page(const struct request *request)
{
	return request->method == METHOD_GET && accept_page(request_header(request, "Accept"));
}

enum error
request_fault(struct request *request, const char *field, enum message message, const char *argument)
{
	return problem_add(&request->problem, ERR_BAD_INPUT, field, message, argument, NULL);
}

enum error
request_faults(const struct request *request)
{
	return request->problem.item_count > 0 ? ERR_BAD_INPUT : OK;
}

const char *
request_text(struct request *request, const char *key, bool required)
{
	const struct node *node = node_get(request->json, key);

	if (node == NULL || node->kind == NODE_NULL) {
		if (required)
			IGNORE(request_fault(request, key, MSG_REQUIRED, NULL)); /* noted; request_faults tells */
		return NULL;
	}
	if (node->kind != NODE_TEXT) {
		IGNORE(request_fault(request, key, MSG_WRONG_KIND, "text")); /* noted; request_faults tells */
		return NULL;
	}
	return node->text;
}

enum error
request_query_integer(struct request *request, const char *name, int64_t min, int64_t max, int64_t otherwise,
		      int64_t *ret_integer)
{
	const char *text = request_query(request, name);
	char *end = NULL;

	if (text == NULL || *text == '\0') {
		*ret_integer = otherwise;
		return OK;
	}
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0' || *text == ' ' || *text == '+')
		return request_fault(request, name, MSG_NOT_INTEGER, NULL);
	if (number < min)
		return request_fault(request, name, MSG_TOO_SMALL,
				     arena_printf(request->arena, "%lld", (long long)min));
	if (number > max)
		return request_fault(request, name, MSG_TOO_LARGE,
				     arena_printf(request->arena, "%lld", (long long)max));
	*ret_integer = number;
	return OK;
}

enum error
request_reg(struct request *request, const struct reg **ret_reg)
{
	const struct reg *reg = pack_reg(registry_pack(request->registry), request_param(request, "register"));

	if (reg == NULL)
		return ERR_NOT_FOUND;
	*ret_reg = reg;
	return OK;
}

enum error
request_record(struct request *request, const struct reg **ret_reg, int64_t *ret_record)
{
	const struct reg *reg = NULL;

	TRY(request_reg(request, &reg));
	/* A reference that cannot be one and one that nobody has answer alike. */
	if (registry_parse_reference(request->registry, reg, request_param(request, "ref"), ret_reg, ret_record) != OK)
		return ERR_NOT_FOUND;
	*ret_reg = reg;
	return OK;
}

static const char *
purposes_of(const struct request *request)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t r = 0; r < request->actor.role_count; r++) {
		const struct role *role = request->actor.roles[r].role;

		for (size_t i = 0; i < role->purpose_count; i++)
			strbuf_printf(&out, "%s%s", out.bytes == 0 ? "" : ", ", role->purposes[i]->name);
	}
	return arena_copy(request->arena, out.bytes == 0 ? "" : out.text, out.bytes);
}

enum error
request_purpose(struct request *request, const struct purpose **ret_purpose)
{
	const char *name = request_text(request, "purpose", true);

	TRY(request_faults(request));
	*ret_purpose = pack_purpose(registry_pack(request->registry), name);
	return *ret_purpose == NULL ? request_fault(request, "purpose", MSG_PURPOSE, purposes_of(request)) : OK;
}

enum error
request_party(struct request *request, const char *field, const char *reference, int64_t *ret_party)
{
	const struct reg *reg = NULL;
	int64_t party = 0;

	if (registry_parse_reference(request->registry, NULL, reference, &reg, &party) != OK || !reg->is_party)
		return request_fault(request, field, MSG_NOT_REFERENCE, NULL);
	*ret_party = party;
	return OK;
}

enum error
request_db(struct request *request, struct db **ret_db)
{
	return server_reader(request->server, ret_db);
}

void
request_check_keys(struct request *request, const char *const *known, size_t count)
{
	const struct node *json = request->json;

	for (size_t i = 0; json != NULL && i < json->count; i++) {
		bool found = false;

		for (size_t n = 0; n < count && !found; n++)
			found = strcmp(known[n], json->keys[i]) == 0;
		const char *near = found ? NULL : nearest_name(json->keys[i], known, count);
		if (!found) /* noted; request_faults tells */
			IGNORE(near == NULL ? request_fault(request, json->keys[i], MSG_NOT_ALLOWED_HERE, json->keys[i])
					    : request_fault(request, json->keys[i], MSG_UNKNOWN_FIELD, near));
	}
}

bool
request_may(const struct request *request, unsigned abilities)
{
	for (unsigned bit = 1; bit <= CAN_CLOCK; bit <<= 1)
		if ((abilities & bit) != 0 && actor_can(&request->actor, (enum ability)bit))
			return true;
	return false;
}

struct json *
reply_json(struct request *request, int status)
{
	assert(request->reply.status == 0);
	request->reply.status = status;
	request->reply.type = "application/json";
	request->writing = (struct json){ .out = &request->reply.body };
	return &request->writing;
}

void
reply_fixed(struct request *request, int status, const char *type, const void *bytes, size_t count)
{
	assert(request->reply.status == 0);
	request->reply.status = status;
	request->reply.type = type;
	request->reply.fixed = bytes;
	request->reply.fixed_bytes = count;
}

void
reply_file(struct request *request, int status, const char *type, int fd, size_t count)
{
	assert(request->reply.status == 0);
	request->reply.status = status;
	request->reply.type = type;
	request->reply.is_file = true;
	request->reply.file = fd;
	request->reply.file_bytes = count;
}

struct strbuf *
reply_text(struct request *request, int status, const char *type)
{
	assert(request->reply.status == 0);
	request->reply.status = status;
	request->reply.type = type;
	return &request->reply.body;
}

void
reply_pieces(struct request *request, int status, const char *type,
	     enum error (*more)(struct request *request, struct strbuf *out), void *pieces,
	     void (*pieces_free)(void *pieces))
{
	struct reply *reply = &request->reply;

	assert(reply->status == 0);
	reply->status = status;
	reply->type = type;
	reply->more = more;
	reply->pieces = pieces;
	reply->pieces_free = pieces_free;
}

void
reply_empty(struct request *request, int status)
{
	assert(request->reply.status == 0);
	request->reply.status = status;
	request->reply.type = NULL;
}

void
reply_header(struct request *request, const char *name, const char *value)
{
	struct reply *reply = &request->reply;

	assert(reply->header_count < REPLY_HEADERS_MAX);
	reply->header_names[reply->header_count] = name;
	reply->header_values[reply->header_count++] = value;
}

void
reply_etag(struct request *request, int64_t version)
{
	reply_header(request, "ETag", arena_printf(request->arena, "\"%lld\"", (long long)version));
}

void
reply_drop(struct request *request)
{
	request->reply.status = 0;
	request->reply.fixed = NULL;
	request->reply.more = NULL;
	if (request->reply.is_file)
		close(request->reply.file);
	request->reply.is_file = false;
	request->reply.cache = NULL;
	request->reply.header_count = 0;
	strbuf_clear(&request->reply.body);
}

void
request_wait(struct request *request, enum error (*submit)(struct request *request),
	     enum error (*finish)(struct request *request))
{
	request->submit = submit;
	request->finish = finish;
}

void
request_work(struct request *request, enum error (*work)(struct request *request))
{
	request->work = work;
	request_wait(request, worker_submit, NULL);
}
