/* records.c - what may be read without a look-up: my records, public registers, my inbox. */
#include <string.h>
#include "http/handlers.h"
#include "http/serve_file.h"
#include "registry/read.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500 };

/* Nobody is a party of nothing: who is not signed in is asked to, wherever a record is not public. */
static enum error
check_signed_in(const struct request *request, const struct reg *reg)
{
	return reg->is_public || request->actor.account != ACCOUNT_NOBODY ? OK : ERR_SIGN_IN;
}

enum error
records_get(struct request *request)
{
	const struct reg *reg = NULL;
	const char *after = request_query(request, "after");
	int64_t limit = 0, after_id = 0;
	struct db *db = NULL;

	/* No list is narrowed by a person's trait, nor by any other field. */
	static const char *const names[] = { "after", "limit", NULL };

	TRY(request_reg(request, &reg));
	TRY(check_signed_in(request, reg));
	TRY(request_check_query(request, names));
	TRY(request_query_integer(request, "limit", 1, PAGE_MAX, PAGE_DEFAULT, &limit));
	if (after != NULL && registry_parse_reference(request->registry, reg, after, &reg, &after_id) != OK)
		return request_fault(request, "after", MSG_NOT_REFERENCE, NULL);
	TRY(request_db(request, &db));
	return read_list(request->registry, db, request->arena, &request->actor, reg, after_id, (size_t)limit,
			 request->now, reply_json(request, 200));
}

enum error
record_get(struct request *request)
{
	const struct reg *reg = NULL;
	int64_t record = 0, version = 0;
	struct db *db = NULL;

	TRY(request_record(request, &reg, &record));
	TRY(request_db(request, &db));
	TRY(read_record(request->registry, db, request->arena, &request->actor, reg, record, request->now,
			reply_json(request, 200), &version));
	reply_etag(request, version);
	return OK;
}

enum error
record_history_get(struct request *request)
{
	const struct reg *reg = NULL;
	int64_t record = 0;
	struct db *db = NULL;

	TRY(request_record(request, &reg, &record));
	TRY(check_signed_in(request, reg));
	TRY(request_db(request, &db));
	return read_history(request->registry, db, request->arena, &request->actor, reg, record, request->now,
			    reply_json(request, 200));
}

enum error
inbox_get(struct request *request)
{
	struct db *db = NULL;

	TRY(request_db(request, &db));
	return read_inbox(request->registry, db, request->arena, &request->actor, request->now,
			  reply_json(request, 200));
}

/* Is the reference a value of one of these fields that hold files? In a field of any other type it is a text that
 * somebody wrote, perhaps to get at a stranger's file. */
static bool
names_file(const struct node *values, const struct field *fields, size_t count, const char *reference)
{
	for (size_t i = 0; i < count; i++) {
		const struct node *value = node_get(values, fields[i].name);

		if (value == NULL)
			continue;
		if (fields[i].type == FIELD_FILE && value->kind == NODE_TEXT && strcmp(value->text, reference) == 0)
			return true;
		for (size_t k = 0; fields[i].type == FIELD_LIST && value->kind == NODE_LIST && k < value->count; k++)
			if (names_file(&value->items[k], fields[i].items, fields[i].item_count, reference))
				return true;
	}
	return false;
}

/* Who may read the record may read the files that it names, and nobody learns of others. */
enum error
record_file_get(struct request *request)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const struct node *root = NULL;
	const struct reg *reg = NULL;
	int64_t record = 0, version = 0, file = 0;
	const char *reference = request_param(request, "file");
	struct db *db = NULL;

	TRY(request_record(request, &reg, &record));
	TRY(request_db(request, &db));
	TRY(read_record(request->registry, db, request->arena, &request->actor, reg, record, request->now, &json,
			&version));
	TRY(node_parse_json(request->arena, out.text, out.bytes, NULL, &root));
	if (file_parse_reference(request->registry, reference, &file) != OK ||
	    !names_file(node_get(root, "fields"), reg->fields, reg->field_count,
			file_reference(request->registry, request->arena, file)))
		return ERR_NOT_FOUND;
	return serve_file(request, db, file, ACCOUNT_NOBODY);
}
