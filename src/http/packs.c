/* packs.c - what there is: registers and their schemas, law as of a day, public views, meanings of problems. */
#include <stdlib.h>
#include <string.h>
#include "base/day.h"
#include "http/handlers.h"
#include "http/openapi.h"
#include "http/oversight.h"
#include "http/schema.h"
#include "http/server_inside.h"
#include "registry/law.h"
#include "registry/read.h"

static void
print_names(struct json *json, const char *key, const char *const *names, size_t count)
{
	json_key(json, key);
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		json_text(json, names[i]);
	json_close_list(json);
}

static void
print_action(struct request *request, const struct reg *reg, const struct action *action, struct json *json)
{
	json_open_map(json);
	json_field_text(json, "name", action->name);
	json_field_text(json, "title",
			pack_textf(registry_pack(request->registry), request->language, request->arena, "%s.%s",
				   reg->name, action->name));
	json_field_text(json, "new", action->new_state);
	print_names(json, "from", action->from, action->from_count);
	json_field_text(json, "to", action->to);
	json_key(json, "by");
	json_open_list(json);
	for (size_t i = 0; i < action->by_count; i++)
		json_text(json, action->by[i].text);
	json_close_list(json);
	json_key(json, "asks");
	json_open_list(json);
	for (size_t i = 0; i < action->ask_count; i++)
		json_text(json, action->asks[i].subject.text);
	json_close_list(json);
	json_close_map(json);
}

static void
print_fields(struct json *json, const char *key, const struct field *const *fields, size_t count)
{
	json_key(json, key);
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		json_text(json, fields[i]->name);
	json_close_list(json);
}

/* What one may type to find a record, and what a hit shows. */
static void
print_search(const struct search *search, struct json *json)
{
	json_key(json, "search");
	json_open_map(json);
	json_field_boolean(json, "name", search->given != NULL);
	json_field_boolean(json, "address", search->place != NULL || search->in != NULL);
	print_fields(json, "exact", search->exact, search->exact_count);
	print_fields(json, "shows", search->shows, search->show_count);
	json_close_map(json);
}

static void
print_reveals(struct request *request, const struct reg *reg, struct json *json)
{
	if (reg->reveal_count == 0)
		return;
	json_key(json, "reveals");
	json_open_list(json);
	for (size_t i = 0; i < reg->reveal_count; i++) {
		const struct reveal *reveal = &reg->reveals[i];

		json_open_map(json);
		json_field_text(json, "name", reveal->name);
		json_field_text(json, "title",
				pack_textf(registry_pack(request->registry), request->language, request->arena, "%s.%s",
					   reg->name, reveal->name));
		json_field_text(json, "register", reveal->reg->name);
		json_close_map(json);
	}
	json_close_list(json);
}

static void
print_reg(struct request *request, const struct reg *reg, struct json *json)
{
	const struct pack *pack = registry_pack(request->registry);

	json_open_map(json);
	json_field_text(json, "name", reg->name);
	json_field_text(json, "title", pack_text(pack, request->language, reg->name));
	json_field_text(json, "prefix", reg->prefix);
	json_field_boolean(json, "personal", reg->personal);
	json_field_boolean(json, "public", reg->is_public);
	json_field_boolean(json, "party", reg->is_party);
	print_names(json, "states", reg->states, reg->state_count);
	if (reg->search != NULL)
		print_search(reg->search, json);
	print_reveals(request, reg, json);
	json_key(json, "actions");
	json_open_list(json);
	for (size_t i = 0; i < reg->action_count; i++)
		if (schema_is_callable(&reg->actions[i]))
			print_action(request, reg, &reg->actions[i], json);
	json_close_list(json);
	json_close_map(json);
}

/* An hour and account. */
static void
print_limits(const struct role *role, struct json *json)
{
	if (role->lookups_an_hour == 0 && role->searches_an_hour == 0)
		return;
	json_key(json, "limits");
	json_open_map(json);
	if (role->lookups_an_hour > 0)
		json_field_integer(json, "lookups", role->lookups_an_hour);
	if (role->searches_an_hour > 0)
		json_field_integer(json, "searches", role->searches_an_hour);
	json_close_map(json);
}

static void
print_roles(struct request *request, struct json *json)
{
	const struct pack *pack = registry_pack(request->registry);

	json_key(json, "roles");
	json_open_list(json);
	for (size_t i = 0; i < pack->role_count; i++) {
		const struct role *role = &pack->roles[i];

		json_open_map(json);
		json_field_text(json, "name", role->name);
		json_field_text(json, "title",
				pack_textf(pack, request->language, request->arena, "role.%s", role->name));
		json_field_text(json, "body", role->body);
		json_field_boolean(json, "territory", role->territory);
		json_key(json, "searches");
		json_open_list(json);
		for (size_t k = 0; k < role->searches_count; k++)
			json_text(json, role->searches[k]->name);
		json_close_list(json);
		print_limits(role, json);
		json_close_map(json);
	}
	json_close_list(json);
	json_key(json, "purposes");
	json_open_list(json);
	for (size_t i = 0; i < pack->purpose_count; i++) {
		const struct purpose *purpose = &pack->purposes[i];

		json_open_map(json);
		json_field_text(json, "name", purpose->name);
		json_field_text(json, "title",
				pack_textf(pack, request->language, request->arena, "purpose.%s", purpose->name));
		json_field_text(json, "basis", purpose->basis);
		json_field_boolean(json, "case", purpose->needs_case);
		json_close_map(json);
	}
	json_close_list(json);
}

/* What auditors may read: that there are such reports is no secret. */
static void
print_audit_views(struct request *request, struct json *json)
{
	const struct pack *pack = registry_pack(request->registry);

	json_key(json, "audit_views");
	json_open_list(json);
	for (size_t i = 0; i < pack->view_count; i++) {
		if (!pack->views[i].audit)
			continue;
		json_open_map(json);
		json_field_text(json, "name", pack->views[i].name);
		json_field_text(json, "title",
				pack_textf(pack, request->language, request->arena, "view.%s", pack->views[i].name));
		json_close_map(json);
	}
	json_close_list(json);
}

enum error
pack_get(struct request *request)
{
	const struct pack *pack = registry_pack(request->registry);
	struct json *json = reply_json(request, 200);
	char day[DAY_TEXT_BYTES];

	json_open_map(json);
	json_field_text(json, "pack", pack->name);
	json_field_text(json, "edition", day_print(pack->edition, day));
	json_field_text(json, "time_zone", pack->time_zone);
	json_field_text(json, "currency", pack->currency);
	json_field_boolean(json, "demo", registry_is_demo(request->registry));
	json_field_text(json, "banner", request->server->config.banner);
	json_key(json, "languages");
	json_open_list(json);
	for (size_t i = 0; i < pack->language_count; i++)
		json_text(json, language_name(pack->languages[i]));
	json_close_list(json);
	json_key(json, "registers");
	json_open_list(json);
	for (size_t i = 0; i < pack->reg_count; i++)
		print_reg(request, &pack->regs[i], json);
	json_close_list(json);
	print_roles(request, json);
	json_key(json, "views");
	json_open_list(json);
	for (size_t i = 0; i < pack->view_count; i++)
		if (pack->views[i].is_public && !pack->views[i].monthly)
			json_text(json, pack->views[i].name);
	json_close_list(json);
	print_audit_views(request, json);
	json_close_map(json);
	return OK;
}

enum error
schema_get(struct request *request)
{
	const struct pack *pack = registry_pack(request->registry);
	const struct reg *reg = NULL;

	TRY(request_reg(request, &reg));
	struct json *json = reply_json(request, 200);

	json_open_map(json);
	json_field_text(json, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_field_text(json, "register", reg->name);
	json_field_text(json, "title", pack_text(pack, request->language, reg->name));
	print_names(json, "states", reg->states, reg->state_count);
	json_key(json, "record");
	schema_of_fields(pack, reg, reg->fields, reg->field_count, false, request->language, json);
	json_key(json, "actions");
	json_open_map(json);
	for (size_t i = 0; i < reg->action_count; i++) {
		const struct action *action = &reg->actions[i];

		if (!schema_is_callable(action))
			continue;
		json_key(json, action->name);
		schema_of_fields(pack, reg, action->args, action->arg_count, false, request->language, json);
	}
	json_close_map(json);
	json_close_map(json);
	return OK;
}

enum error
law_get(struct request *request)
{
	const char *text = request_query(request, "day");
	int64_t day = registry_today(request->registry, request->now);
	char print[DAY_TEXT_BYTES];

	static const char *const names[] = { "day", NULL };

	TRY(request_check_query(request, names));
	if (text != NULL && day_parse(text, strlen(text), false, &day) != OK)
		return request_fault(request, "day", MSG_NOT_DAY, NULL);
	struct json *json = reply_json(request, 200);

	json_open_map(json);
	json_field_text(json, "day", day_print(day, print));
	json_key(json, "provisions");
	law_list(request->registry, day, request->language, json);
	json_key(json, "drafts");
	law_list_drafts(request->registry, request->language, json);
	json_close_map(json);
	return OK;
}

enum error
view_get(struct request *request)
{
	const struct view *view = pack_view(registry_pack(request->registry), request_param(request, "view"));
	struct db *db = NULL;

	static const char *const names[] = { NULL };

	if (view == NULL || view->monthly)
		return ERR_NOT_FOUND;
	/* A view is one fixed table: no question narrows it to a few people. */
	TRY(request_check_query(request, names));
	if (view->audit)
		return oversight_view(request);
	TRY(request_db(request, &db));
	return read_view(request->registry, db, request->arena, &request->actor, view, request->now,
			 reply_json(request, 200));
}

/* Made at its first reading: neither pack nor routes change while the server runs. */
enum error
openapi_get(struct request *request)
{
	struct server *server = request->server;
	enum language language = request->language;

	pthread_mutex_lock(&server->document_lock);
	if (server->openapi[language] == NULL) {
		AUTO(strbuf_done) struct strbuf out = { 0 };
		struct json json = { .out = &out };

		openapi_print(registry_pack(request->registry), language, server->base_url, &json);
		server->openapi[language] = strbuf_take(&out, &server->openapi_bytes[language]);
	}
	pthread_mutex_unlock(&server->document_lock);
	reply_fixed(request, 200, "application/json", server->openapi[language], server->openapi_bytes[language]);
	return OK;
}
