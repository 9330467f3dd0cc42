/* A path of the document is a route's pattern with {register} and {action} replaced: OpenAPI wants each address once,
 * and each action has a body of its own. Routes with the same path become one entry. */
#include "http/openapi.h"
#include <stdio.h>
#include <string.h>
#include "http/openapi_input.h"
#include "http/route.h"
#include "http/schema.h"
#include "base/map.h"
#include "text/json.h"

struct operation {
	const char *path;
	const struct route *route;
	const struct reg *reg;       /* NULL: of no register */
	const struct action *action; /* NULL: of no action */
};

struct document {
	const struct pack *pack;
	struct arena *arena;
	enum language language;
	bool https;
	struct json *json;
	struct operation *operations;
	size_t count, capacity;
};

static const char *
replaced(struct arena *arena, const char *pattern, const char *name, const char *value)
{
	const char *at = strstr(pattern, name);

	return at == NULL ? pattern
			  : arena_printf(arena, "%.*s%s%s", (int)(at - pattern), pattern, value, at + strlen(name));
}

static void
add_operation(struct document *document, const struct route *route, const struct reg *reg, const struct action *action)
{
	const char *path = route->pattern;

	if (reg != NULL)
		path = replaced(document->arena, path, "{register}", reg->name);
	if (action != NULL)
		path = replaced(document->arena, path, "{action}", action->name);
	path = replaced(document->arena, path, "...}", "}");
	*ARENA_PUSH(document->arena, document->operations, document->count, document->capacity) =
		(struct operation){ .path = path, .route = route, .reg = reg, .action = action };
}

static void
add_route(struct document *document, const struct route *route)
{
	bool by_register = strstr(route->pattern, "{register}") != NULL;
	bool by_action = strstr(route->pattern, "{action}") != NULL,
	     on_record = strstr(route->pattern, "{ref}") != NULL;

	if (!by_register) {
		add_operation(document, route, NULL, NULL);
		return;
	}
	for (size_t r = 0; r < document->pack->reg_count; r++) {
		const struct reg *reg = &document->pack->regs[r];

		if (!by_action)
			add_operation(document, route, reg, NULL);
		for (size_t a = 0; by_action && a < reg->action_count; a++)
			if (schema_is_callable(&reg->actions[a]) && (reg->actions[a].new_state == NULL) == on_record)
				add_operation(document, route, reg, &reg->actions[a]);
	}
}

static bool
corrects(const struct operation *operation)
{
	return operation->action != NULL && strcmp(operation->action->name, "correct") == 0;
}

/* What every act takes besides its body. */
static const struct {
	const char *name, *in, *description, *schema;
} act_parameters[] = {
	{ "Idempotency-Key", "header",
	  "New for each act, the same when it is sent again: then the first answer comes again. A dry run needs none",
	  "{\"type\":\"string\",\"minLength\":8,\"maxLength\":64,\"pattern\":\"^[!-~]+$\"}" },
	{ "On-Behalf-Of", "header", "The reference of the party acted for, by a mandate or as its staff",
	  "{\"type\":\"string\"}" },
	{ "If-Match", "header", "The version that was read, as its ETag said it; 412 when the record changed since",
	  "{\"type\":\"string\",\"pattern\":\"^(W/)?\\\"?[0-9]{1,16}\\\"?$\"}" },
	{ "dry_run", "query", "True: the law is asked, and nothing is kept but an entry with whom it names",
	  "{\"type\":\"boolean\",\"default\":false}" },
};

static void
open_parameter(struct json *json, const char *name, const char *in, bool required, const char *description)
{
	json_open_map(json);
	json_field_text(json, "name", name);
	json_field_text(json, "in", in);
	json_field_boolean(json, "required", required);
	if (description != NULL)
		json_field_text(json, "description", description);
	json_key(json, "schema");
}

static void
print_act_parameters(const struct operation *operation, struct json *json)
{
	for (size_t i = 0; i < ARRAY_COUNT(act_parameters); i++) {
		const char *name = act_parameters[i].name, *schema = act_parameters[i].schema;
		bool required =
			strcmp(name, "Idempotency-Key") == 0 || (strcmp(name, "If-Match") == 0 && corrects(operation));

		open_parameter(json, name, act_parameters[i].in, required, act_parameters[i].description);
		json_raw(json, schema, strlen(schema));
		json_close_map(json);
	}
}

static void
print_reference(struct json *json, const char *reference)
{
	json_open_map(json);
	json_field_text(json, "$ref", reference);
	json_close_map(json);
}

static void
print_parameters(const struct operation *operation, struct json *json)
{
	const struct route *route = operation->route;
	const struct openapi_input *input = NULL;
	bool is_tail = strstr(route->pattern, "...}") != NULL;
	char name[64];

	json_key(json, "parameters");
	json_open_list(json);
	for (const char *at = strchr(operation->path, '{'); at != NULL; at = strchr(at + 1, '{')) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "}"), at + 1);
		open_parameter(json, name, "path", true, is_tail ? "All that follows, with its slashes" : NULL);
		json_raw(json, "{\"type\":\"string\"}", strlen("{\"type\":\"string\"}"));
		json_close_map(json);
	}
	while (route->method == METHOD_GET && (input = openapi_input_next(input, route->pattern, IN_QUERY)) != NULL) {
		open_parameter(json, input->name, "query", input->required, input->description);
		json_open_map(json);
		openapi_type_print(input->type, json);
		json_close_map(json);
		json_close_map(json);
	}
	if ((route->flags & ROUTE_KEY) != 0)
		print_act_parameters(operation, json);
	print_reference(json, "#/components/parameters/language");
	if ((route->flags & ROUTE_LOG) == 0)
		print_reference(json, "#/components/parameters/lang");
	json_close_list(json);
}

/* The body of one of the engine's own addresses. Handlers refuse what they do not know. */
static void
print_inputs(const struct route *route, struct json *json)
{
	const struct openapi_input *input = NULL;

	json_open_map(json);
	json_field_text(json, "type", "object");
	json_key(json, "properties");
	json_open_map(json);
	while ((input = openapi_input_next(input, route->pattern, IN_BODY)) != NULL) {
		json_key(json, input->name);
		json_open_map(json);
		json_field_text(json, "description", input->description);
		openapi_type_print(input->type, json);
		json_close_map(json);
	}
	json_close_map(json);
	json_key(json, "required");
	json_open_list(json);
	while ((input = openapi_input_next(input, route->pattern, IN_BODY)) != NULL)
		if (input->required)
			json_text(json, input->name);
	json_close_list(json);
	json_field_boolean(json, "additionalProperties", false);
	json_close_map(json);
}

/* Does the body have a field that must be there? */
static bool
needs_body(const struct operation *operation)
{
	const struct openapi_input *input = NULL;

	if (operation->action != NULL) {
		for (size_t i = 0; i < operation->action->arg_count; i++)
			if (operation->action->args[i].required && operation->action->args[i].type != FIELD_NUMBER)
				return true;
		return false;
	}
	while ((input = openapi_input_next(input, operation->route->pattern, IN_BODY)) != NULL)
		if (input->required)
			return true;
	return operation->route->body == BODY_FILE;
}

/* Bytes need no schema (OpenAPI 3.1, 4.8.14.3). */
static void
print_file_body(struct json *json)
{
	static const char *const types[] = { "application/pdf", "image/jpeg", "image/png", "application/octet-stream" };

	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		json_key(json, types[i]);
		json_open_map(json);
		json_close_map(json);
	}
}

static void
print_body(const struct document *document, const struct operation *operation, struct json *json)
{
	const struct action *action = operation->action;

	if (operation->route->body == BODY_NONE)
		return;
	json_key(json, "requestBody");
	json_open_map(json);
	json_field_boolean(json, "required", needs_body(operation));
	json_key(json, "content");
	json_open_map(json);
	if (operation->route->body == BODY_FILE) {
		print_file_body(json);
	} else {
		json_key(json, operation->route->body == BODY_JSON ? "application/json"
								   : "application/x-www-form-urlencoded");
		json_open_map(json);
		json_key(json, "schema");
		/* Of a correction's fields the pack says itself that only the reason must be there. */
		if (action != NULL)
			schema_of_fields(document->pack, operation->reg, action->args, action->arg_count, false,
					 document->language, json);
		else
			print_inputs(operation->route, json);
		json_close_map(json);
	}
	json_close_map(json);
	json_close_map(json);
}

static void
print_response(struct json *json, const char *status, const char *description, const char *type, const char *reference)
{
	json_key(json, status);
	json_open_map(json);
	json_field_text(json, "description", description);
	json_key(json, "content");
	json_open_map(json);
	json_key(json, type);
	json_open_map(json);
	json_key(json, "schema");
	json_open_map(json);
	if (reference != NULL)
		json_field_text(json, "$ref", reference);
	json_close_map(json);
	json_close_map(json);
	json_close_map(json);
	json_close_map(json);
}

/* Of answers that are not JSON. */
static const struct {
	const char *pattern, *type;
} media_types[] = {
	{ "/api/entries/{index}/proof", "text/plain" },
	{ "/tlog/checkpoint", "text/plain" },
	{ "/tlog/vkey", "text/plain" },
	{ "/tlog/tile/{path...}", "application/octet-stream" },
};

static const char *
media_type_of(const struct route *route)
{
	for (size_t i = 0; i < ARRAY_COUNT(media_types); i++)
		if (strcmp(media_types[i].pattern, route->pattern) == 0)
			return media_types[i].type;
	return "application/json";
}

/* What answers are, where openapi_schemas.json tells it. */
static const struct {
	enum method method;
	const char *pattern, *reference;
} answers[] = {
	{ METHOD_POST, "/api/searches", "#/components/schemas/Search" },
	{ METHOD_POST, "/api/lookups", "#/components/schemas/Lookup" },
	{ METHOD_GET, "/api/me/lookups", "#/components/schemas/OwnLookups" },
	{ METHOD_GET, "/api/registers/{register}", "#/components/schemas/Records" },
	{ METHOD_GET, "/api/registers/{register}/{ref}", "#/components/schemas/Record" },
	{ METHOD_GET, "/api/registers/{register}/{ref}/history", "#/components/schemas/History" },
	{ METHOD_POST, "/api/oversight/entries", "#/components/schemas/Entry" },
	{ METHOD_GET, "/api/statistics/{name}", "#/components/schemas/Statistic" },
	{ METHOD_GET, "/api/audit", "#/components/schemas/Audit" },
};

static const char *
answer_of(const struct route *route)
{
	for (size_t i = 0; i < ARRAY_COUNT(answers); i++)
		if (answers[i].method == route->method && strcmp(answers[i].pattern, route->pattern) == 0)
			return answers[i].reference;
	return NULL;
}

static void
print_responses(const struct operation *operation, struct json *json)
{
	json_key(json, "responses");
	json_open_map(json);
	if ((operation->route->flags & ROUTE_KEY) != 0) {
		print_response(json, "200", "Done, or tried", "application/json", "#/components/schemas/Receipt");
		print_response(json, "201", "Made", "application/json", "#/components/schemas/Receipt");
		print_response(json, "202", "Waits for consent", "application/json", "#/components/schemas/Receipt");
	} else {
		print_response(json, "2XX", "Done", media_type_of(operation->route), answer_of(operation->route));
	}
	json_key(json, "4XX");
	print_reference(json, "#/components/responses/Problem");
	json_key(json, "default");
	print_reference(json, "#/components/responses/Problem");
	json_close_map(json);
}

static void
print_requirement(struct json *json, const char *scheme, const char *with)
{
	const char *const names[] = { scheme, with };

	json_open_map(json);
	for (size_t i = 0; i < ARRAY_COUNT(names) && names[i] != NULL; i++) {
		json_key(json, names[i]);
		json_open_list(json);
		json_close_list(json);
	}
	json_close_map(json);
}

/* One of them is enough; {}: nobody needs to sign in, but who does may see more. Of a register that is not public the
 * route lets anyone ask, and the handler asks them to sign in. */
static void
print_security(const struct operation *operation, struct json *json)
{
	const struct route *route = operation->route;
	bool reads = route->method == METHOD_GET, anyone = route->permission == ANYONE;
	bool same = (route->flags & (ROUTE_PUBLIC | ROUTE_STRICT | ROUTE_HEALTH | ROUTE_LOG)) != 0 || !reads;

	json_key(json, "security");
	json_open_list(json);
	if (anyone && !same && (operation->reg == NULL || operation->reg->is_public))
		print_requirement(json, NULL, NULL);
	if (!anyone || !same) {
		print_requirement(json, "bearer", NULL);
		print_requirement(json, "cookie", reads ? NULL : "csrf");
	}
	json_close_list(json);
}

static const char *
operation_id(const struct document *document, const struct operation *operation)
{
	char *id = arena_printf(document->arena, "%s%s", method_name(operation->route->method), operation->path);

	for (char *p = id; *p != '\0'; p++)
		if (strchr("/{}-.", *p) != NULL)
			*p = '_';
	return id;
}

static void
print_operation(const struct document *document, const struct operation *operation)
{
	static const char *const names[METHOD_COUNT] = { "get", "post", "delete" };
	struct json *json = document->json;

	json_key(json, names[operation->route->method]);
	json_open_map(json);
	json_field_text(json, "operationId", operation_id(document, operation));
	json_field_text(json, "summary",
			operation->action == NULL ? operation->route->summary
						  : pack_textf(document->pack, document->language, document->arena,
							       "%s.%s", operation->reg->name, operation->action->name));
	json_key(json, "tags");
	json_open_list(json);
	json_text(json, operation->reg == NULL ? operation->route->tag : operation->reg->name);
	json_close_list(json);
	print_parameters(operation, json);
	print_body(document, operation, json);
	print_responses(operation, json);
	print_security(operation, json);
	json_close_map(json);
}

/* All methods of one path, at its first mention. */
static void
print_paths(const struct document *document)
{
	AUTO(text_map_done) struct text_map seen = { 0 };
	static char mark;

	json_key(document->json, "paths");
	json_open_map(document->json);
	for (size_t i = 0; i < document->count; i++) {
		const char *path = document->operations[i].path;

		if (text_map_get(&seen, path) != NULL)
			continue;
		text_map_put(&seen, path, &mark);
		json_key(document->json, path);
		json_open_map(document->json);
		for (size_t n = i; n < document->count; n++)
			if (strcmp(document->operations[n].path, path) == 0)
				print_operation(document, &document->operations[n]);
		json_close_map(document->json);
	}
	json_close_map(document->json);
}

static const char parameters[] =
	"{\"language\":{\"name\":\"Accept-Language\",\"in\":\"header\",\"required\":false,"
	"\"description\":\"Of titles, messages and reasons: kk, ru, en\",\"schema\":{\"type\":\"string\"}},"
	"\"lang\":{\"name\":\"lang\",\"in\":\"query\",\"required\":false,"
	"\"description\":\"Instead of Accept-Language\","
	"\"schema\":{\"type\":\"string\",\"enum\":[\"kk\",\"ru\",\"en\"]}}}";

static const char responses[] =
	"{\"Problem\":{\"description\":\"A problem\",\"headers\":{\"Retry-After\":{"
	"\"description\":\"With 429, 503 and not-yet-published: seconds to wait\",\"schema\":{\"type\":\"integer\"}}},"
	"\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}";

static void
print_components(const struct document *document)
{
	struct json *json = document->json;
	const char *schemes = arena_printf(
		document->arena,
		"{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\","
		"\"description\":\"A session's token from POST /api/sessions (ts_...) or a program's (tk_...)\"},"
		"\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"%s\","
		"\"description\":\"For browsers: POST /api/sessions with cookie true\"},"
		"\"csrf\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-Csrf-Token\","
		"\"description\":\"With the cookie, for whatever changes something: the csrf of POST /api/sessions\"}}",
		document->https ? "__Host-tirkeu" : "tirkeu");

	json_key(json, "components");
	json_open_map(json);
	json_key(json, "securitySchemes");
	json_raw(json, schemes, strlen(schemes));
	json_key(json, "parameters");
	json_raw(json, parameters, sizeof(parameters) - 1);
	json_key(json, "responses");
	json_raw(json, responses, sizeof(responses) - 1);
	json_key(json, "schemas");
	json_raw(json, openapi_schemas, strlen(openapi_schemas));
	json_close_map(json);
}

void
openapi_print(const struct pack *pack, enum language language, const char *base_url, struct json *json)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct document document = { .pack = pack,
				     .arena = arena,
				     .language = language,
				     .https = strncmp(base_url, "https://", 8) == 0,
				     .json = json };
	size_t count;
	const struct route *routes = route_table(&count);

	for (size_t i = 0; i < count; i++)
		if ((routes[i].flags & (ROUTE_PAGE | ROUTE_METRICS)) == 0)
			add_route(&document, &routes[i]);
	json_open_map(json);
	json_field_text(json, "openapi", "3.1.0");
	json_key(json, "info");
	json_open_map(json);
	json_field_text(json, "title", pack_text(pack, language, "pack"));
	json_field_text(json, "version", TIRKEU_VERSION);
	json_close_map(json);
	json_key(json, "servers");
	json_open_list(json);
	json_open_map(json);
	json_field_text(json, "url", base_url);
	json_close_map(json);
	json_close_list(json);
	print_paths(&document);
	print_components(&document);
	json_close_map(json);
}
