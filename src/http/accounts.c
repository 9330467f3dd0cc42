/* accounts.c - making, reading and closing accounts, roles, one-time codes, tokens. All of it waits for the writer, so
 * these handlers run on workers. Nobody changes their own account here. */
#include <string.h>
#include "base/day.h"
#include "http/handlers.h"

enum { LIST_DEFAULT = 50, LIST_MAX = 200 };

/* One change in the writer's thread, with whatever it needs and brings back. */
struct change_job {
	struct job job;
	struct access *access;
	const struct actor *actor;
	enum error (*change)(struct change_job *change, struct db *db);
	int64_t now;
	int64_t account;
	const struct account_draft *draft;
	const struct password_hash *hash;
	const struct held_role *held;
	const struct role *role;
	struct problem *problem; /* the request's, whose worker waits meanwhile */
	char code[ACTIVATION_CODE_BYTES];
};

static enum error
run_change(struct job *job, struct db *db)
{
	struct change_job *change = (struct change_job *)((char *)job - offsetof(struct change_job, job));

	return change->change(change, db);
}

static enum error
write_change(struct request *request, struct change_job *change, enum error (*run)(struct change_job *, struct db *))
{
	change->job = (struct job){ .run = run_change, .dry_run = request->dry_run };
	change->access = registry_access(request->registry);
	change->actor = &request->actor;
	change->change = run;
	change->now = instant_now();
	return writer_run(registry_writer(request->registry), &change->job);
}

/* The account in the path. One's own is left to somebody else: four eyes on every role. */
static enum error
find_account(struct request *request, bool to_change, int64_t *ret_account)
{
	struct db *db = NULL;

	TRY(request_db(request, &db));
	TRY(account_find(db, request_param(request, "name"), ret_account));
	if (to_change && *ret_account == request->actor.account)
		return problem_add(&request->problem, ERR_FORBIDDEN, NULL, MSG_MAY_NOT, NULL, NULL);
	return OK;
}

static enum error
read_role(struct request *request, const struct node *node, const char *field, struct held_role *ret_held)
{
	const struct pack *pack = registry_pack(request->registry);
	const char *name = node->kind == NODE_TEXT ? node->text : node_text(node, "role");
	const char *place = node_text(node, "place"), *party = node_text(node, "party");

	*ret_held = (struct held_role){ .role = name == NULL ? NULL : pack_role(pack, name) };
	if (ret_held->role == NULL)
		return request_fault(request, field, MSG_NOT_ALLOWED_HERE, name == NULL ? "" : name);
	if (place != NULL) {
		ret_held->place = pack_place_id(pack, place);
		if (ret_held->place == 0)
			return request_fault(request, field, MSG_NOT_PLACE, NULL);
	}
	return party == NULL ? OK : request_party(request, field, party, &ret_held->party);
}

static enum error
read_roles(struct request *request, struct account_draft *draft)
{
	const struct node *list = node_get(request->json, "roles");

	if (list == NULL)
		return OK;
	if (list->kind != NODE_LIST || list->count > ACTOR_ROLES_MAX)
		return request_fault(request, "roles", MSG_LIST_TOO_LONG, "16");
	struct held_role *roles = arena_array_of(request->arena, struct held_role, list->count + 1);

	for (size_t i = 0; i < list->count; i++)
		if (read_role(request, &list->items[i], arena_printf(request->arena, "roles[%zu]", i), &roles[i]) != OK)
			continue; /* noted; the caller asks for faults */
	draft->roles = roles;
	draft->role_count = list->count;
	return request_faults(request);
}

/* The counter makes accounts for people who stand there: bound to their record, with roles that no body gives. */
static enum error
check_counter(struct request *request, const struct account_draft *draft)
{
	if (actor_can(&request->actor, CAN_ACCOUNTS))
		return OK;
	if (draft->party == 0)
		return request_fault(request, "party", MSG_REQUIRED, NULL);
	if (draft->password != NULL)
		return request_fault(request, "password", MSG_NOT_ALLOWED_HERE, "password");
	for (size_t i = 0; i < draft->role_count; i++) {
		const struct held_role *held = &draft->roles[i];
		bool official = held->role->body != NULL || held->role->can != 0 || held->role->reads_count > 0;

		/* Held for another party it would open that party's records, and the party did not come here. */
		if (official || (held->party != 0 && held->party != draft->party))
			return problem_add(&request->problem, ERR_FORBIDDEN, "roles", MSG_MAY_NOT, NULL, NULL);
	}
	return OK;
}

static enum error
create(struct change_job *change, struct db *db)
{
	return account_create(access_by(change->access, change->actor->account), db, change->draft, change->hash,
			      change->now, &change->account, change->code);
}

static void
print_made(struct request *request, const char *name, const char *code)
{
	struct json *json = reply_json(request, 201);

	json_open_map(json);
	json_field_text(json, "name", name);
	if (*code != '\0')
		json_field_text(json, "code", code);
	json_close_map(json);
}

static enum error
read_draft(struct request *request, struct account_draft *draft)
{
	static const char *const keys[] = { "name", "party", "language", "password", "roles" };
	const char *party = request_text(request, "party", false), *language = request_text(request, "language", false);

	request_check_keys(request, keys, ARRAY_COUNT(keys));
	draft->name = request_text(request, "name", true);
	draft->password = request_text(request, "password", false);
	draft->language = language == NULL ? request->language : language_parse(language);
	if (draft->language == LANGUAGE_COUNT)
		return request_fault(request, "language", MSG_NOT_CHOICE, "kk, ru, en");
	if (party != NULL)
		TRY(request_party(request, "party", party, &draft->party));
	TRY(read_roles(request, draft));
	return request_faults(request);
}

enum error
account_post(struct request *request)
{
	struct account_draft draft = { 0 };
	struct password_hash hash;
	struct change_job change = { .draft = &draft };
	struct db *db = NULL;

	TRY(read_draft(request, &draft));
	TRY(check_counter(request, &draft));
	TRY(request_db(request, &db));
	if (draft.party != 0 && registry_party_reg(request->registry, db, draft.party) == NULL)
		return request_fault(request, "party", MSG_NOT_REFERENCE, NULL);
	TRY(account_check(registry_access(request->registry), &draft, &request->problem));
	if (draft.password != NULL) {
		TRY(account_hash(draft.password, &hash));
		change.hash = &hash;
	}
	TRY(write_change(request, &change, create));
	print_made(request, draft.name, change.code);
	return OK;
}

static void
print_account(struct request *request, struct db *db, const struct account_row *row, struct json *json)
{
	const struct pack *pack = registry_pack(request->registry);
	const struct reg *reg = row->party == 0 ? NULL : registry_party_reg(request->registry, db, row->party);

	json_open_map(json);
	json_field_text(json, "name", row->name);
	json_field_text(json, "party",
			reg == NULL ? NULL : registry_reference(request->registry, reg, request->arena, row->party));
	json_field_text(json, "language", language_name(row->language));
	json_field_boolean(json, "activated", row->is_activated);
	json_field_boolean(json, "closed", row->closed_at != 0);
	json_key(json, "roles");
	json_open_list(json);
	for (size_t i = 0; i < row->role_count; i++) {
		const struct place *place = pack_place(pack, row->roles[i].place);
		int64_t party = row->roles[i].party;
		const struct reg *of = party == 0 ? NULL : registry_party_reg(request->registry, db, party);

		json_open_map(json);
		json_field_text(json, "role", row->roles[i].role->name);
		if (place != NULL)
			json_field_text(json, "place", place->code);
		if (of != NULL)
			json_field_text(json, "party",
					registry_reference(request->registry, of, request->arena, party));
		json_close_map(json);
	}
	json_close_list(json);
	json_close_map(json);
}

enum error
account_get(struct request *request)
{
	struct account_row row;
	int64_t account = 0;
	struct db *db = NULL;

	TRY(find_account(request, false, &account));
	TRY(request_db(request, &db));
	TRY(account_load(registry_access(request->registry), db, request->arena, account, &row));
	print_account(request, db, &row, reply_json(request, 200));
	return OK;
}

enum error
accounts_get(struct request *request)
{
	const struct account_row *rows = NULL;
	int64_t after = 0, limit = 0;
	size_t count = 0;
	struct db *db = NULL;

	TRY(request_query_integer(request, "after", 0, INT64_MAX, 0, &after));
	TRY(request_query_integer(request, "limit", 1, LIST_MAX, LIST_DEFAULT, &limit));
	TRY(request_db(request, &db));
	TRY(account_list(registry_access(request->registry), db, request->arena, after, (size_t)limit, &rows, &count));
	struct json *json = reply_json(request, 200);

	json_open_map(json);
	json_key(json, "accounts");
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		print_account(request, db, &rows[i], json);
	json_close_list(json);
	json_key(json, "next");
	if (count == (size_t)limit)
		json_integer(json, rows[count - 1].account);
	else
		json_null(json);
	json_close_map(json);
	return OK;
}

static enum error
close_account(struct change_job *change, struct db *db)
{
	return account_close(access_by(change->access, change->actor->account), db, change->account, change->now);
}

enum error
account_delete(struct request *request)
{
	struct change_job change = { 0 };

	TRY(find_account(request, true, &change.account));
	TRY(write_change(request, &change, close_account));
	reply_empty(request, 204);
	return OK;
}

static enum error
grant_role(struct change_job *change, struct db *db)
{
	change->problem->item_count = 0; /* a job may run twice */
	return account_grant(access_by(change->access, change->actor->account), db, change->account, change->held,
			     change->now, change->problem);
}

/* What the floor below says of a list of roles, about the one that was sent: "roles[3].place" is "place". */
static enum error
tell_role(struct request *request, enum error e)
{
	struct problem *problem = &request->problem;

	for (size_t i = 0; e == ERR_BAD_INPUT && i < problem->item_count; i++) {
		const char *field = problem->items[i].field, *dot = field == NULL ? NULL : strrchr(field, '.');

		if (dot != NULL)
			problem->items[i].field = dot + 1;
	}
	if (e == ERR_DUPLICATE)
		return problem_add(problem, e, "role", MSG_UNIQUE, node_text(request->json, "role"), NULL);
	return e == ERR_TOO_LARGE ? request_fault(request, "role", MSG_LIST_TOO_LONG, "16") : e;
}

enum error
account_role_post(struct request *request)
{
	static const char *const keys[] = { "role", "place", "party" };
	struct held_role held;
	struct change_job change = { .held = &held };

	TRY(find_account(request, true, &change.account));
	request_check_keys(request, keys, ARRAY_COUNT(keys));
	TRY(request_faults(request));
	TRY(read_role(request, request->json, "role", &held));
	change.problem = &request->problem;
	enum error e = write_change(request, &change, grant_role);
	if (e != OK)
		return tell_role(request, e);
	reply_empty(request, 204);
	return OK;
}

static enum error
revoke_role(struct change_job *change, struct db *db)
{
	return account_revoke(access_by(change->access, change->actor->account), db, change->account, change->role,
			      change->now);
}

enum error
account_role_delete(struct request *request)
{
	struct change_job change = { .role = pack_role(registry_pack(request->registry),
						       request_param(request, "role")) };

	if (change.role == NULL)
		return ERR_NOT_FOUND;
	TRY(find_account(request, true, &change.account));
	TRY(write_change(request, &change, revoke_role));
	reply_empty(request, 204);
	return OK;
}

static enum error
new_code(struct change_job *change, struct db *db)
{
	TRY(account_code_allowed(change->access, db, change->actor, change->account));
	return account_new_code(access_by(change->access, change->actor->account), db, change->account, change->now,
				change->code);
}

enum error
account_code_post(struct request *request)
{
	struct change_job change = { 0 };

	TRY(find_account(request, true, &change.account));
	TRY(write_change(request, &change, new_code));
	print_made(request, request_param(request, "name"), change.code);
	return OK;
}

static enum error
tell_token(struct request *request, enum error e, const char *label)
{
	switch (e) {
	case ERR_BAD_INPUT:
		return request_fault(request, "label", MSG_PATTERN, "[^/]{1,64}");
	case ERR_FORBIDDEN:
		return problem_add(&request->problem, e, NULL, MSG_NO_TOKEN_ROLE, NULL, NULL);
	case ERR_DUPLICATE:
		return problem_add(&request->problem, e, "label", MSG_UNIQUE, label, NULL);
	case ERR_LIMITED: /* waiting does not help: one must be withdrawn */
		return request_fault(request, "label", MSG_LIST_TOO_LONG, "16");
	default:
		return e;
	}
}

enum error
account_token_post(struct request *request)
{
	static const char *const keys[] = { "label" };
	char token[TOKEN_TEXT_BYTES];
	int64_t account = 0;

	request_check_keys(request, keys, ARRAY_COUNT(keys));
	const char *label = request_text(request, "label", true);

	TRY(request_faults(request));
	TRY(find_account(request, true, &account));
	enum error e = token_create_by(registry_access(request->registry), account, request->actor.account, label,
				       instant_now(), token);
	if (e != OK)
		return tell_token(request, e, label);
	struct json *json = reply_json(request, 201);

	json_open_map(json);
	json_field_text(json, "label", label);
	json_field_text(json, "token", token);
	json_close_map(json);
	return OK;
}

enum error
account_token_delete(struct request *request)
{
	int64_t account = 0;

	TRY(find_account(request, true, &account));
	TRY(token_revoke_by(registry_access(request->registry), account, request->actor.account,
			    request_param(request, "label"), instant_now()));
	reply_empty(request, 204);
	return OK;
}

static enum error
set_password(struct change_job *change, struct db *db)
{
	return account_set_password(access_by(change->access, change->actor->account), db, change->account,
				    change->hash, change->now);
}

/* Who knows the old password may set another: a session alone, perhaps left open, may not. */
enum error
password_post(struct request *request)
{
	static const char *const keys[] = { "password", "new_password" };
	struct access *access = registry_access(request->registry);
	struct session_grant grant;
	struct password_hash hash;
	struct account_row row;
	struct change_job change = { .account = request->actor.account, .hash = &hash };
	struct db *db = NULL;

	request_check_keys(request, keys, ARRAY_COUNT(keys));
	const char *old = request_text(request, "password", true),
		   *wanted = request_text(request, "new_password", true);

	TRY(request_faults(request));
	if (request->token == NULL || request->actor.is_token)
		return ERR_FORBIDDEN;
	TRY(request_db(request, &db));
	TRY(account_load(access, db, request->arena, change.account, &row));
	TRY(session_open(access, row.name, old, request->origin, instant_now(), &request->problem, &grant));
	if (password_check(row.name, wanted, &request->problem) != OK) {
		IGNORE(session_close(access, grant.token, instant_now())); /* it ends by itself otherwise */
		return ERR_BAD_INPUT;
	}
	TRY(account_hash(wanted, &hash));
	TRY(write_change(request, &change, set_password));
	reply_empty(request, 204);
	return OK;
}
