/* oversight.c - auditors read the log: reports over what officials did, one entry with its sealed detail, what was done
 * about accounts. Each reading is an entry itself, durable before anything is shown. */
#include "http/oversight.h"
#include <stdlib.h>
#include <string.h>
#include "base/day.h"
#include "http/handlers.h"
#include "registry/oversight.h"

enum { AUDIT_DEFAULT = 50, AUDIT_MAX = 200 };

static void
inspection_came_back(struct inspection *inspection)
{
	request_answered(inspection->context);
}

static enum error
submit_inspection(struct request *request)
{
	enum error e = inspection_submit(request->inspection);

	if (e != OK) /* not taken: its problem is ours to tell */
		request->problem = request->inspection->problem;
	return e;
}

static struct inspection *
make_inspection(struct request *request, const char *what)
{
	struct inspection *inspection = arena_new_of(request->arena, struct inspection);

	*inspection = (struct inspection){ .registry = request->registry,
					   .arena = request->arena,
					   .actor = request->actor,
					   .what = what,
					   .opens = UINT64_MAX,
					   .now = request->now,
					   .done = inspection_came_back,
					   .context = request };
	inspection->actor.language = request->language;
	problem_init(&inspection->problem, request->arena);
	request->inspection = inspection;
	return inspection;
}

/* Reports state the purpose for which the role exists; they have no case. */
static const struct purpose *
audit_purpose(const struct actor *actor)
{
	for (size_t i = 0; i < actor->role_count; i++) {
		const struct role *role = actor->roles[i].role;

		if ((role->can & CAN_AUDIT) != 0 && (role->can & CAN_LOOKUPS) != 0 && role->purpose_count > 0)
			return role->purposes[0];
	}
	return NULL;
}

/* A report reads all that officials did: on a worker's thread, not on a connection's. */
static enum error
work_view(struct request *request)
{
	const struct view *view = pack_view(registry_pack(request->registry), request_param(request, "view"));
	struct inspection *inspection = make_inspection(request, view->name);
	struct db *db = NULL;

	inspection->done = NULL;
	inspection->purpose = audit_purpose(&request->actor);
	enum error e = inspection_run(inspection);

	if (e != OK) {
		request->problem = inspection->problem;
		return e;
	}
	TRY(request_db(request, &db));
	return oversight_print_view(request->registry, db, inspection, view, reply_json(request, 200));
}

enum error
oversight_view(struct request *request)
{
	if (!actor_can(&request->actor, CAN_AUDIT))
		return ERR_FORBIDDEN;
	request_work(request, work_view);
	return OK;
}

static enum error
finish_entry(struct request *request)
{
	struct db *db = NULL;

	if (request->inspection->result != OK) {
		request->problem = request->inspection->problem;
		return request->inspection->result;
	}
	TRY(request_db(request, &db));
	return oversight_print_entry(request->registry, db, request->inspection, reply_json(request, 200));
}

static enum error
read_index(struct request *request, uint64_t *ret_index)
{
	const struct node *node = node_get(request->json, "index");
	enum { INDEX_DIGITS_MAX = 15 };

	if (node == NULL)
		return request_fault(request, "index", MSG_REQUIRED, NULL);
	if ((node->kind != NODE_NUMBER && node->kind != NODE_TEXT) || *node->text == '\0' ||
	    strspn(node->text, "0123456789") != strlen(node->text) || strlen(node->text) > INDEX_DIGITS_MAX)
		return request_fault(request, "index", MSG_NOT_INTEGER, NULL);
	*ret_index = strtoull(node->text, NULL, 10);
	return OK;
}

enum error
oversight_entry_post(struct request *request)
{
	static const char *const keys[] = { "index", "purpose", "case" };
	struct inspection *inspection = make_inspection(request, NULL);

	request_check_keys(request, keys, ARRAY_COUNT(keys));
	const char *purpose = request_text(request, "purpose", true);

	inspection->case_text = request_text(request, "case", false);
	TRY(request_faults(request));
	TRY(read_index(request, &inspection->opens));
	inspection->purpose = pack_purpose(registry_pack(request->registry), purpose);
	request_wait(request, submit_inspection, finish_entry);
	return OK;
}

/* NULL: none was told. */
static const char *
account_name(struct request *request, struct db *db, int64_t account)
{
	struct account_row row;

	if (account == ACCOUNT_CONSOLE)
		return "console";
	return account_load(registry_access(request->registry), db, request->arena, account, &row) == OK ? row.name
													 : NULL;
}

static void
print_audit_row(struct request *request, struct db *db, const struct audit_row *row, struct json *json)
{
	char time[INSTANT_TEXT_BYTES];
	int offset = zone_offset_minutes(registry_zone(request->registry), row->at);

	json_open_map(json);
	json_field_integer(json, "nr", row->nr);
	json_field_text(json, "at", instant_print(row->at, offset, time));
	json_field_text(json, "kind", row->kind);
	json_field_integer(json, "account", row->account);
	json_field_text(json, "account_name", account_name(request, db, row->account));
	json_field_integer(json, "by", row->by_account);
	json_field_text(json, "by_name", account_name(request, db, row->by_account));
	json_field_text(json, "detail", row->detail);
	json_close_map(json);
}

static enum error
finish_audit(struct request *request)
{
	const struct audit_row *rows = NULL;
	int64_t before = 0, limit = 0;
	size_t count = 0;
	struct db *db = NULL;

	TRY(request->inspection->result);
	TRY(request_query_integer(request, "before", 0, INT64_MAX, 0, &before));
	TRY(request_query_integer(request, "limit", 1, AUDIT_MAX, AUDIT_DEFAULT, &limit));
	TRY(request_db(request, &db));
	TRY(audit_list(db, request->arena, 0, before, (size_t)limit, &rows, &count));
	struct json *json = reply_json(request, 200);

	json_open_map(json);
	json_field_integer(json, "index", (int64_t)request->inspection->index);
	json_key(json, "rows");
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		print_audit_row(request, db, &rows[i], json);
	json_close_list(json);
	json_key(json, "next");
	if (count == (size_t)limit)
		json_integer(json, rows[count - 1].nr);
	else
		json_null(json);
	json_close_map(json);
	return OK;
}

enum error
audit_get(struct request *request)
{
	int64_t before = 0, limit = 0;

	/* What cannot be answered leaves no entry. */
	TRY(request_query_integer(request, "before", 0, INT64_MAX, 0, &before));
	TRY(request_query_integer(request, "limit", 1, AUDIT_MAX, AUDIT_DEFAULT, &limit));
	make_inspection(request, "accounts")->purpose = audit_purpose(&request->actor);
	request_wait(request, submit_inspection, finish_audit);
	return OK;
}
