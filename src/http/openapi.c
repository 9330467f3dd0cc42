/* A path of the document is a route's pattern with {register} and {action} replaced: OpenAPI wants each address once,
 * and each action has a body of its own. Routes with the same path become one entry. */
#include "http/openapi.h"
#include <stdio.h>
#include <string.h>
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

static void
print_parameter(struct json *json, const char *name, const char *in, bool required, const char *type)
{
	json_open_map(json);
	json_field_text(json, "name", name);
	json_field_text(json, "in", in);
	json_field_boolean(json, "required", required);
	json_key(json, "schema");
	json_open_map(json);
	json_field_text(json, "type", type);
	json_close_map(json);
	json_close_map(json);
}

static void
print_parameters(const struct operation *operation, struct json *json)
{
	const struct route *route = operation->route;
	char name[64];

	json_key(json, "parameters");
	json_open_list(json);
	for (const char *at = strchr(operation->path, '{'); at != NULL; at = strchr(at + 1, '{')) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "}"), at + 1);
		print_parameter(json, name, "path", true, "string");
	}
	if ((route->flags & ROUTE_KEY) != 0) {
		print_parameter(json, "Idempotency-Key", "header", true, "string");
		print_parameter(json, "On-Behalf-Of", "header", false, "string");
		print_parameter(json, "If-Match", "header",
				operation->action != NULL && strcmp(operation->action->name, "correct") == 0, "string");
		print_parameter(json, "dry_run", "query", false, "boolean");
	}
	json_close_list(json);
}

static const char *
media_type(enum body_kind body)
{
	return body == BODY_JSON   ? "application/json"
	       : body == BODY_FORM ? "application/x-www-form-urlencoded"
				   : "application/octet-stream";
}

static void
print_body(const struct document *document, const struct operation *operation, struct json *json)
{
	const struct action *action = operation->action;

	if (operation->route->body == BODY_NONE)
		return;
	json_key(json, "requestBody");
	json_open_map(json);
	json_key(json, "content");
	json_open_map(json);
	json_key(json, media_type(operation->route->body));
	json_open_map(json);
	json_key(json, "schema");
	if (action != NULL) {
		schema_of_fields(document->pack, operation->reg, action->args, action->arg_count,
				 strcmp(action->name, "correct") == 0, document->language, json);
	} else {
		json_open_map(json);
		if (operation->route->body != BODY_FILE)
			json_field_text(json, "type", "object");
		json_close_map(json);
	}
	json_close_map(json);
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
		print_response(json, "2XX", "Done", "application/json", NULL);
	}
	print_response(json, "default", "A problem", "application/problem+json", "#/components/schemas/Problem");
	json_close_map(json);
}

static void
print_security(const struct route *route, struct json *json)
{
	json_key(json, "security");
	json_open_list(json);
	if (route->permission != ANYONE) {
		json_open_map(json);
		json_key(json, "bearer");
		json_open_list(json);
		json_close_list(json);
		json_close_map(json);
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
	print_security(operation->route, json);
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

static void
print_components(struct json *json)
{
	static const char components[] =
		"{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"}},\"schemas\":{"
		"\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\"],\"properties\":{"
		"\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
		"\"detail\":{\"type\":\"string\"},\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
		"\"properties\":{\"field\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
		"\"detail\":{\"type\":\"string\"}}}},\"provision\":{\"type\":\"string\"},"
		"\"citation\":{\"type\":\"string\"},\"refusal\":{\"type\":\"object\"}}},"
		"\"Receipt\":{\"type\":\"object\",\"properties\":{\"event\":{\"type\":\"string\"},"
		"\"entries\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
		"\"stream_n\":{\"type\":\"integer\"},\"index\":{\"type\":\"integer\"}}}},\"ref\":{\"type\":\"string\"},"
		"\"state\":{\"type\":[\"string\",\"null\"]},\"version\":{\"type\":\"integer\"},"
		"\"waiting\":{\"type\":\"boolean\"},\"asked\":{\"type\":\"integer\"},\"dry_run\":{\"type\":\"boolean\"}"
		","
		"\"findings\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}}}}}}";

	json_key(json, "components");
	json_raw(json, components, sizeof(components) - 1);
}

void
openapi_print(const struct pack *pack, enum language language, const char *base_url, struct json *json)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct document document = { .pack = pack, .arena = arena, .language = language, .json = json };
	size_t count;
	const struct route *routes = route_table(&count);

	for (size_t i = 0; i < count; i++)
		if ((routes[i].flags & (ROUTE_PAGE | ROUTE_METRICS)) == 0)
			add_route(&document, &routes[i]);
	json_open_map(json);
	json_field_text(json, "openapi", "3.1.0");
	json_key(json, "info");
	json_open_map(json);
	json_field_text(json, "title", arena_printf(arena, "Tirkeu: %s", pack->name));
	json_field_text(json, "version", TIRKEU_VERSION);
	json_close_map(json);
	json_key(json, "servers");
	json_open_list(json);
	json_open_map(json);
	json_field_text(json, "url", base_url);
	json_close_map(json);
	json_close_list(json);
	print_paths(&document);
	print_components(json);
	json_close_map(json);
}
