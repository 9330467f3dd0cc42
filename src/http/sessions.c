/* sessions.c - signing in and out. A browser asks for a cookie, a program gets a bearer token; neither gets both. */
#include <stdio.h>
#include "base/day.h"
#include "http/handlers.h"
#include "http/server_inside.h"
#include "registry/read.h"

static const char *
cookie(const struct request *request, const char *value, int64_t seconds)
{
	bool https = request->server->https;

	return arena_printf(request->arena, "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
			    https ? "__Host-tirkeu" : "tirkeu", value, (long long)seconds, https ? "; Secure" : "");
}

static void
print_grant(struct request *request, const struct session_grant *grant, bool wants_cookie, int64_t now)
{
	struct json *json = reply_json(request, 201);
	char time[INSTANT_TEXT_BYTES];

	json_open_map(json);
	if (!wants_cookie)
		json_field_text(json, "token", grant->token);
	else
		json_field_text(json, "csrf", grant->csrf);
	json_field_text(json, "expires_at", instant_print(grant->expires_at, 0, time));
	json_close_map(json);
	if (wants_cookie)
		reply_header(request, "Set-Cookie", cookie(request, grant->token, (grant->expires_at - now) / 1000));
}

enum error
session_post(struct request *request)
{
	static const char *const keys[] = { "name", "password", "code", "cookie" };
	struct access *access = registry_access(request->registry);
	const struct node *wanted = node_get(request->json, "cookie");
	struct session_grant grant = { 0 };
	int64_t now = instant_now();

	request_check_keys(request, keys, ARRAY_COUNT(keys));
	const char *name = request_text(request, "name", true), *password = request_text(request, "password", true);
	const char *code = request_text(request, "code", false);

	if (wanted != NULL && wanted->kind != NODE_BOOLEAN) /* noted; request_faults tells */
		IGNORE(request_fault(request, "cookie", MSG_NOT_BOOLEAN, NULL));
	TRY(request_faults(request));
	if (code != NULL)
		TRY(session_activate(access, name, code, password, request->origin, now, &request->problem, &grant));
	else
		TRY(session_open(access, name, password, request->origin, now, &request->problem, &grant));
	print_grant(request, &grant, wanted != NULL && wanted->truth, now);
	return OK;
}

enum error
session_delete(struct request *request)
{
	if (request->token == NULL) /* the console has no session to end */
		return ERR_NOT_FOUND;
	TRY(session_close(registry_access(request->registry), request->token, instant_now()));
	reply_empty(request, 204);
	if (request->by_cookie)
		reply_header(request, "Set-Cookie", cookie(request, "", 0));
	return OK;
}

static const char *
party_reference(struct request *request, struct db *db, int64_t party)
{
	const struct reg *reg = party == 0 ? NULL : registry_party_reg(request->registry, db, party);

	return reg == NULL ? NULL : registry_reference(request->registry, reg, request->arena, party);
}

static void
print_role(struct request *request, struct db *db, const struct held_role *held, struct json *json)
{
	const struct pack *pack = registry_pack(request->registry);
	const struct role *role = held->role;
	const struct place *place = held->place == 0 ? NULL : pack_place(pack, held->place);

	json_open_map(json);
	json_field_text(json, "role", role->name);
	json_field_text(json, "title", pack_textf(pack, request->language, request->arena, "role.%s", role->name));
	if (place != NULL)
		json_field_text(json, "place", place->code);
	if (held->party != 0)
		json_field_text(json, "party", party_reference(request, db, held->party));
	json_key(json, "can");
	json_open_list(json);
	for (unsigned bit = 1; bit <= CAN_CLOCK; bit <<= 1)
		if ((role->can & bit) != 0)
			json_text(json, ability_name((enum ability)bit));
	json_close_list(json);
	json_key(json, "purposes");
	json_open_list(json);
	for (size_t i = 0; i < role->purpose_count; i++)
		json_text(json, role->purposes[i]->name);
	json_close_list(json);
	json_close_map(json);
}

enum error
me_get(struct request *request)
{
	const struct actor *actor = &request->actor;
	const int64_t *parties = NULL;
	struct db *db = NULL;

	TRY(request_db(request, &db));
	size_t count = read_parties(request->registry, db, request->arena, actor, request->now, &parties);
	struct json *json = reply_json(request, 200);

	json_open_map(json);
	json_field_boolean(json, "console", actor->is_console);
	json_field_text(json, "language", language_name(actor->language));
	json_field_text(json, "party", party_reference(request, db, actor->party));
	json_key(json, "acts_for");
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		json_text(json, party_reference(request, db, parties[i]));
	json_close_list(json);
	json_key(json, "roles");
	json_open_list(json);
	for (size_t i = 0; i < actor->role_count; i++)
		print_role(request, db, &actor->roles[i], json);
	json_close_list(json);
	json_close_map(json);
	return OK;
}
