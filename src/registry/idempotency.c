/* idempotency.c - the same key and the same request answer as the first time, without acting again. Rows are
 * appended; a hash in memory finds them. Kept are status and receipt, never personal data. */
#include <string.h>
#include <stdlib.h>
#include "registry/engine.h"
#include "text/json.h"

enum { KEEP_DAYS = 2 };

static uint64_t
hash_of(const struct act *act)
{
	uint64_t parts[2] = { (uint64_t)act->actor.account,
			      hash_bytes(act->idempotency_key, strlen(act->idempotency_key)) };

	return hash_bytes(parts, sizeof(parts));
}

enum error
idempotency_load(struct registry *registry, struct db *db, int64_t now)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT key_hash, id FROM sys_idempotency WHERE at >= $1 ORDER BY id");
	enum error e;

	bind_integer(query, 1, now - (int64_t)KEEP_DAYS * DAY_MS);
	while ((e = query_step(query)) == OK)
		map_put(&registry->idempotency, (uint64_t)column_integer(query, 0), (uint64_t)column_integer(query, 1));
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Rows stand in the order in which they were kept: the first that is young enough ends it. */
static enum error
forget_some(struct registry *registry, struct db *db, int64_t before, int64_t *ret_last)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT id, key_hash, at FROM sys_idempotency ORDER BY id LIMIT 5000");
	enum error e;

	while ((e = query_step(query)) == OK && column_integer(query, 2) < before) {
		*ret_last = column_integer(query, 0);
		map_remove(&registry->idempotency, (uint64_t)column_integer(query, 1));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
idempotency_forget(struct registry *registry, struct db *db, int64_t now, bool *ret_more)
{
	int64_t last = 0;

	*ret_more = false;
	TRY(forget_some(registry, db, now - (int64_t)KEEP_DAYS * DAY_MS, &last));
	if (last == 0)
		return OK;
	AUTO(query_free) struct query *query = db_query(db, "DELETE FROM sys_idempotency WHERE id <= $1");

	bind_integer(query, 1, last);
	*ret_more = true;
	return query_run(query);
}

static enum error
error_by_name(const char *name)
{
	for (int i = 0; i < ERROR_COUNT; i++)
		if (strcmp(error_name((enum error)i), name) == 0)
			return (enum error)i;
	return ERR_FAULT;
}

static uint64_t
number_of(const struct node *node, const char *key)
{
	const char *text = node_text(node, key);

	return text == NULL ? 0 : strtoull(text, NULL, 10);
}

/* The receipt: {"record", "state", "version", "event", "waiting", "asked", "entries": [{"stream", "n", "index"}]} */
static enum error
read_receipt(struct act *act, const char *text)
{
	const struct node *root = NULL;

	TRY(node_parse_json(act->arena, text, strlen(text), NULL, &root));
	const struct node *entries = node_get(root, "entries");
	const char *event = node_text(root, "event");

	if (entries == NULL || event == NULL || strlen(event) != 2 * sizeof(act->event))
		return ERR_DAMAGED;
	for (size_t i = 0; i < sizeof(act->event); i++) {
		char byte[3] = { event[2 * i], event[2 * i + 1], '\0' };

		act->event[i] = (unsigned char)strtoul(byte, NULL, 16);
	}
	act->ret_record = (int64_t)number_of(root, "record");
	act->ret_version = (int64_t)number_of(root, "version");
	act->ret_state = node_text(root, "state");
	act->asked = number_of(root, "asked");
	act->waiting = act->asked > 0;
	struct receipt_entry *list = arena_array_of(act->arena, struct receipt_entry, entries->count + 1);

	for (size_t i = 0; i < entries->count; i++)
		list[i] = (struct receipt_entry){ .stream = (int64_t)number_of(&entries->items[i], "stream"),
						  .stream_n = number_of(&entries->items[i], "n"),
						  .index = number_of(&entries->items[i], "index") };
	act->entries = list;
	act->entry_count = entries->count;
	return OK;
}

enum error
idempotency_find(struct act *act, struct db *db)
{
	uint64_t *row = map_get(&act->registry->idempotency, hash_of(act));

	if (row == NULL)
		return ERR_NOT_FOUND;
	AUTO(query_free)
	struct query *query =
		db_query(db, "SELECT request_hash, status, receipt, account FROM sys_idempotency WHERE id = $1");
	size_t bytes = 0;

	bind_integer(query, 1, (int64_t)*row);
	TRY(query_one(query));
	const void *hash = column_bytes(query, 0, &bytes);

	/* The hash in memory is of account and key; what it finds must be this account's own. */
	if (column_integer(query, 3) != act->actor.account)
		return ERR_NOT_FOUND;
	if (bytes != sizeof(act->request_hash) || memcmp(hash, act->request_hash, bytes) != 0)
		return problem_add(&act->problem, ERR_KEY_REUSED, NULL, MSG_KEY_REUSED, NULL, NULL);
	act->result = error_by_name(column_text(query, 1));
	act->replayed = true;
	return read_receipt(act, column_text(query, 2));
}

static const char *
print_receipt(const struct act *act)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_field_integer(&json, "record", act->ret_record);
	json_field_text(&json, "state", act->ret_state);
	json_field_integer(&json, "version", act->ret_version);
	json_field_integer(&json, "asked", (int64_t)act->asked);
	json_key(&json, "event");
	json_hex(&json, act->event, sizeof(act->event));
	json_key(&json, "entries");
	json_open_list(&json);
	for (size_t i = 0; i < act->entry_count; i++) {
		json_open_map(&json);
		json_field_integer(&json, "stream", act->entries[i].stream);
		json_field_integer(&json, "n", (int64_t)act->entries[i].stream_n);
		json_field_integer(&json, "index", (int64_t)act->entries[i].index);
		json_close_map(&json);
	}
	json_close_list(&json);
	json_close_map(&json);
	return arena_copy(act->arena, out.text, out.bytes);
}

enum error
idempotency_keep(struct act *act, struct db *db)
{
	AUTO(query_free)
	struct query *query =
		db_query(db, "INSERT INTO sys_idempotency (id, account, key_hash, request_hash, at, status, receipt)"
			     " VALUES ($1, $2, $3, $4, $5, $6, $7)");
	int64_t id = registry_new_id(act->registry);

	bind_integer(query, 1, id);
	bind_integer(query, 2, act->actor.account);
	bind_integer(query, 3, (int64_t)hash_of(act));
	bind_bytes(query, 4, act->request_hash, sizeof(act->request_hash));
	bind_integer(query, 5, act->now);
	bind_text(query, 6, error_name(act->result));
	bind_text(query, 7, print_receipt(act));
	TRY(query_run(query));
	map_put(&act->registry->idempotency, hash_of(act), (uint64_t)id);
	return OK;
}
