#include "registry/history_file.h"
#include <stdlib.h>
#include <string.h>
#include "ledger/base64.h"
#include "text/node.h"

enum { DIGITS_MAX = 18 };

/* All that a map may hold, and it must. */
static bool
has_keys(const struct node *map, const char *const *keys, size_t count)
{
	if (map == NULL || map->kind != NODE_MAP || map->count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (node_get(map, keys[i]) == NULL)
			return false;
	return true;
}

static bool
read_number(const struct node *map, const char *key, uint64_t *ret_number)
{
	const struct node *node = node_get(map, key);

	if (node == NULL || node->kind != NODE_NUMBER || node->bytes == 0 || node->bytes > DIGITS_MAX ||
	    strspn(node->text, "0123456789") != node->bytes || (node->bytes > 1 && node->text[0] == '0'))
		return false;
	*ret_number = strtoull(node->text, NULL, 10);
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Never NULL when it is hex, also of nothing. */
static const unsigned char *
read_hex(struct arena *arena, const struct node *node, size_t *ret_count)
{
	if (node == NULL || node->kind != NODE_TEXT || node->bytes % 2 != 0)
		return NULL;
	unsigned char *bytes = arena_take(arena, node->bytes / 2 + 1);

	for (size_t i = 0; i < node->bytes / 2; i++) {
		int high = hex_digit(node->text[2 * i]), low = hex_digit(node->text[2 * i + 1]);

		if (high < 0 || low < 0)
			return NULL;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	*ret_count = node->bytes / 2;
	return bytes;
}

static bool
read_fixed(struct arena *arena, const struct node *map, const char *key, unsigned char *ret_bytes, size_t count)
{
	size_t read = 0;
	const unsigned char *bytes = read_hex(arena, node_get(map, key), &read);

	if (bytes == NULL || read != count)
		return false;
	memcpy(ret_bytes, bytes, count);
	return true;
}

static bool
read_proof(const struct node *map, struct proof *ret_proof)
{
	const struct node *list = node_get(map, "proof");

	if (list == NULL || list->kind != NODE_LIST || list->count > PROOF_HASHES_MAX)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const struct node *hash = &list->items[i];
		size_t count = 0;

		if (hash->kind != NODE_TEXT ||
		    base64_parse(hash->text, hash->bytes, TREE_HASH_BYTES, ret_proof->hashes[i], &count) != OK ||
		    count != TREE_HASH_BYTES)
			return false;
	}
	ret_proof->count = list->count;
	return true;
}

static bool
read_index(struct arena *arena, const struct node *root, struct history_head *head)
{
	static const char *const entry_keys[] = { "index", "leaf", "proof" };
	static const char *const record_keys[] = { "position", "count", "proof" };
	const struct node *entry = node_get(root, "index_entry"), *record = node_get(root, "index_record");

	if (!has_keys(entry, entry_keys, ARRAY_COUNT(entry_keys)) ||
	    !has_keys(record, record_keys, ARRAY_COUNT(record_keys)))
		return false;
	head->index_leaf = read_hex(arena, node_get(entry, "leaf"), &head->index_leaf_bytes);
	return head->index_leaf != NULL && read_number(entry, "index", &head->index_entry) &&
	       read_proof(entry, &head->index_proof) && read_number(record, "position", &head->position) &&
	       read_number(record, "count", &head->count) && read_proof(record, &head->record_proof);
}

static bool
read_head(struct arena *arena, const struct node *root, struct history_head *head)
{
	static const char *const keys[] = { "format",      "checkpoint",   "stream_key", "check",
					    "index_entry", "index_record", "entries",    "referred" };
	const struct node *format = node_get(root, "format"), *checkpoint = node_get(root, "checkpoint");

	if (!has_keys(root, keys, ARRAY_COUNT(keys)) || format->kind != NODE_TEXT ||
	    strcmp(format->text, "tirkeu-history/v1") != 0 || checkpoint->kind != NODE_TEXT)
		return false;
	head->checkpoint = checkpoint->text;
	head->checkpoint_bytes = checkpoint->bytes;
	return read_fixed(arena, root, "stream_key", head->stream_key, sizeof(head->stream_key)) &&
	       read_fixed(arena, root, "check", head->check, sizeof(head->check)) && read_index(arena, root, head);
}

/* {"why": "withheld", "rule": 9} or {"why": "erased", "rule": 4, "by": 77} */
static bool
read_missing(const struct node *told, struct history_part *part)
{
	const struct node *why = node_get(told, "why");

	if (why == NULL || why->kind != NODE_TEXT || !read_number(told, "rule", &part->rule))
		return false;
	part->is_told = true;
	part->why = strcmp(why->text, "erased") == 0 ? HISTORY_ERASED : HISTORY_WITHHELD;
	if (part->why == HISTORY_ERASED)
		return told->count == 3 && read_number(told, "by", &part->erased_by);
	return told->count == 2 && strcmp(why->text, "withheld") == 0;
}

static bool
read_part(struct arena *arena, const struct node *map, const char *name, const char *salt_name,
	  struct history_part *part)
{
	const struct node *data = node_get(map, name), *salt = node_get(map, salt_name);
	const struct node *told = node_get(node_get(map, "missing"), name);
	size_t salt_bytes = 0;

	if (told != NULL && !read_missing(told, part))
		return false;
	if (data->kind == NODE_NULL && salt->kind == NODE_NULL)
		return true;
	part->bytes = read_hex(arena, data, &part->count);
	part->salt = read_hex(arena, salt, &salt_bytes);
	return part->bytes != NULL && part->salt != NULL && salt_bytes == SEAL_SALT_BYTES;
}

static bool
read_entry(struct arena *arena, const struct node *map, bool is_referred, struct history_entry *entry)
{
	static const char *const keys[] = { "index",  "leaf",        "proof",   "header",       "header_salt",
					    "detail", "detail_salt", "payload", "payload_salt", "missing",
					    "n" };
	const struct node *missing = node_get(map, "missing");

	if (!has_keys(map, keys, ARRAY_COUNT(keys) - is_referred) || missing->kind != NODE_MAP)
		return false;
	entry->leaf = read_hex(arena, node_get(map, "leaf"), &entry->leaf_bytes);
	if (entry->leaf == NULL || !read_number(map, "index", &entry->index) || !read_proof(map, &entry->proof) ||
	    (!is_referred && !read_number(map, "n", &entry->n)))
		return false;
	size_t told = 0;

	if (!read_part(arena, map, "header", "header_salt", &entry->parts[SEAL_HEADER]) ||
	    !read_part(arena, map, "detail", "detail_salt", &entry->parts[SEAL_DETAIL]) ||
	    !read_part(arena, map, "payload", "payload_salt", &entry->parts[SEAL_PAYLOAD]))
		return false;
	for (int part = 0; part < SEAL_PART_COUNT; part++)
		told += entry->parts[part].is_told;
	return told == missing->count;
}

/* What an entry takes is given back after it: a file of any length needs the memory of its text twice. */
static enum error
check_list(const struct node *list, bool is_referred, const struct history_listener *listener, struct history *history)
{
	AUTO(arena_free) struct arena *own = arena_new();

	if (list->kind != NODE_LIST)
		return history_refuse(history, HISTORY_FORM, UINT64_MAX);
	for (size_t i = 0; i < list->count; i++) {
		struct history_entry entry = { 0 };
		struct ledger_entry header;

		arena_reset(own);
		if (!read_entry(own, &list->items[i], is_referred, &entry))
			return history_refuse(history, HISTORY_FORM, entry.leaf == NULL ? UINT64_MAX : entry.index);
		TRY(is_referred ? history_next_referred(history, &entry, own, &header)
				: history_next(history, &entry, own, &header));
		if (listener != NULL)
			listener->entry(listener->context, &entry, &header, is_referred);
	}
	return OK;
}

enum error
history_file_check(struct arena *arena, const char *text, size_t bytes, const struct note_key *log,
		   const struct history_listener *listener, struct history *history)
{
	const struct node *root = NULL;
	struct history_head head = { 0 };
	struct problem problem;

	problem_init(&problem, arena);
	if (bytes > HISTORY_FILE_BYTES_MAX || node_parse_json(arena, text, bytes, &problem, &root) != OK ||
	    !read_head(arena, root, &head))
		return history_refuse(history, HISTORY_FORM, UINT64_MAX);
	TRY(history_begin(history, &head, log));
	TRY(check_list(node_get(root, "entries"), false, listener, history));
	TRY(check_list(node_get(root, "referred"), true, listener, history));
	return history_end(history);
}
