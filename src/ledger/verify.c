#include "ledger/verify.h"
#include "ledger/erasure.h"
#include "ledger/table.h"
#include <openssl/crypto.h>
#include <string.h>

enum { CACHED_KEYS = 65536, PROGRESS_EVERY = 4096 };

struct check {
	struct db *db;
	const struct verify_watch *watch;
	struct stream_table streams;
	struct tree tree;
	struct key_cache *keys;
	struct data_keys *data_keys;
	struct arena *arena; /* one row's */
	struct erased_ranges missing, named;
	uint64_t erased;
	uint64_t index; /* the row that is looked at; UINT64_MAX: none */
	uint64_t total;
};

static void
check_done(struct check *check)
{
	stream_table_done(&check->streams);
	key_cache_free(check->keys);
	arena_free(check->arena);
	erased_ranges_done(&check->missing);
	erased_ranges_done(&check->named);
}
DEFINE_AUTO_DONE(struct check, check_done)

static bool
parts_are_absent(const struct row *row)
{
	for (int part = 0; part < SEAL_PART_COUNT; part++)
		if (!row->parts[part].absent || !row->salts[part].absent)
			return false;
	return true;
}

/* Header and detail are what a writer would write. */
static bool
read_parts(struct check *check, const struct row *row, struct ledger_entry *ret_entry)
{
	const struct row_bytes *header = &row->parts[SEAL_HEADER];
	const struct row_bytes *detail = &row->parts[SEAL_DETAIL];
	const struct row_bytes *payload = &row->parts[SEAL_PAYLOAD];

	if (header->count == 0 || payload->count > ENTRY_PAYLOAD_BYTES_MAX)
		return false;
	if (entry_read(check->arena, header->bytes, header->count, detail->bytes, detail->count, ret_entry) != OK)
		return false;
	ret_entry->payload = payload->bytes;
	ret_entry->payload_bytes = payload->count;
	return ret_entry->refers_to == UINT64_MAX || ret_entry->refers_to < row->index;
}

static enum error
show_entry(struct check *check, const struct row *row, const struct ledger_entry *entry, unsigned erased)
{
	const struct verify_watch *watch = check->watch;
	const struct ledger_record record = { .index = row->index,
					      .stream = row->stream,
					      .n = row->n,
					      .prev = row->has_prev ? row->prev : UINT64_MAX,
					      .entry = *entry,
					      .erased = erased };

	return watch->entry == NULL ? OK : watch->entry(watch->context, &record);
}

static enum error
show_leaf(struct check *check, const struct row *row)
{
	const struct verify_watch *watch = check->watch;
	unsigned char leaf[TREE_HASH_BYTES];

	if (watch->leaf == NULL)
		return OK;
	tree_leaf_hash(row->body.bytes, row->body.count, leaf);
	return watch->leaf(watch->context, &check->tree, row->body.bytes, row->body.count, leaf);
}

static unsigned
missing_parts(const struct row *row)
{
	unsigned missing = 0;

	for (int part = 0; part < SEAL_PART_COUNT; part++)
		missing |= (unsigned)row->parts[part].absent << part;
	return missing;
}

/* What is there is what was committed to; what is not there must be named by an erasure, which comes later. */
static enum error
check_parts(struct check *check, struct row *row, const struct entry_body *body)
{
	struct ledger_entry entry;

	arena_reset(check->arena);
	ledger_entry_init(&entry);
	TRY(row_show(row, check->data_keys, check->arena));
	if (!row_holds(row, body))
		return ERR_DAMAGED;
	unsigned missing = missing_parts(row);

	if (missing != 0) {
		erased_ranges_add(&check->missing, row->index, missing);
		check->erased++;
	}
	if ((missing & ERASED_HEADER) == 0 && !read_parts(check, row, &entry))
		return ERR_DAMAGED;
	if (entry.kind == LEDGER_ERASURE && (missing & (ERASED_HEADER | ERASED_PAYLOAD)) == 0 &&
	    erasure_read(entry.payload, entry.payload_bytes, row->index, &check->named) != OK)
		return ERR_DAMAGED;
	TRY(show_leaf(check, row));
	return show_entry(check, row, &entry, missing);
}

/* ERR_DAMAGED, or what reading a key came to. */
static enum error
check_row(struct check *check, struct row *row)
{
	struct entry_body body;
	unsigned char key[SEAL_KEY_BYTES];
	unsigned char tag[SEAL_BYTES];

	if (!row_follows(row, &check->streams, &check->tree, &body))
		return ERR_DAMAGED;
	if (body.open)
		return parts_are_absent(row) ? show_leaf(check, row) : ERR_DAMAGED;
	enum error e = table_stream_key(check->db, check->keys, row->stream, key);

	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_DAMAGED : e;
	seal_tag(key, row->n, tag);
	explicit_bzero(key, sizeof(key));
	if (CRYPTO_memcmp(tag, body.tag, sizeof(tag)) != 0)
		return ERR_DAMAGED;
	return check_parts(check, row, &body);
}

static void
show_progress(const struct check *check)
{
	if (check->watch->progress != NULL)
		check->watch->progress(check->watch->context, check->tree.size, check->total);
}

static enum error
count_rows(struct check *check)
{
	AUTO(query_free) struct query *q = db_query(check->db, "select max(idx) from ledger_entry");

	TRY(query_one(q));
	check->total = column_is_null(q, 0) ? 0 : (uint64_t)column_integer(q, 0) + 1;
	return OK;
}

static enum error
check_rows(struct check *check)
{
	AUTO(query_free) struct query *q = table_rows(check->db, true);
	/* The first step opens the view of the database in which the streams are then read: a writer that
	 * goes on beside us cannot show us an entry without its stream. */
	enum error e = query_step(q);

	check->index = UINT64_MAX;
	TRY(table_load_streams(check->db, &check->streams));
	TRY(table_keys_differ(check->db));
	if (e == ERR_NOT_FOUND && check->streams.count > 0)
		return ERR_DAMAGED;
	for (; e == OK; e = query_step(q)) {
		struct row row;

		check->index = check->tree.size;
		row_read(q, true, &row);
		TRY(check_row(check, &row));
		if (check->tree.size % PROGRESS_EVERY == 0)
			show_progress(check);
	}
	show_progress(check);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
show_streams(struct check *check)
{
	const struct verify_watch *watch = check->watch;
	AUTO(query_free) struct query *q = table_streams(check->db);
	enum error e = watch->stream == NULL ? ERR_NOT_FOUND : query_step(q);

	for (; e == OK; e = query_step(q)) {
		struct stream stream = { 0 };
		size_t bytes = 0;
		int64_t number = column_integer(q, 0);
		const unsigned char *key = column_bytes(q, 1, &bytes);

		if (bytes != SEAL_KEY_BYTES || !stream_find(&check->streams, number, &stream))
			return ERR_DAMAGED;
		TRY(watch->stream(watch->context, number, key, stream.n));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
verify_log(struct db *db, struct data_keys *keys, const struct verify_watch *watch, struct verify_result *ret_result)
{
	AUTO(check_done)
	struct check check = {
		.db = db, .watch = watch, .keys = key_cache_new(CACHED_KEYS), .data_keys = keys, .arena = arena_new()
	};

	TRY(count_rows(&check));
	enum error e = check_rows(&check);

	if (e == OK && !erasure_names(&check.named, &check.missing, &check.index))
		e = ERR_DAMAGED;
	if (e == OK) {
		check.index = UINT64_MAX;
		e = show_streams(&check);
	}
	*ret_result =
		(struct verify_result){ .size = check.tree.size, .erased = check.erased, .bad_index = check.index };
	tree_root(&check.tree, ret_result->root);
	return e;
}

enum error
ledger_verify(struct db *db, struct data_keys *keys, uint64_t *ret_size,
	      unsigned char ret_root[static LEDGER_HASH_BYTES], uint64_t *ret_bad_index)
{
	const struct verify_watch nobody = { 0 };
	struct verify_result result = { 0 };
	enum error e = verify_log(db, keys, &nobody, &result);

	if (e == OK) {
		*ret_size = result.size;
		memcpy(ret_root, result.root, sizeof(result.root));
	} else if (e == ERR_DAMAGED) {
		*ret_bad_index = result.bad_index;
	}
	return e;
}
