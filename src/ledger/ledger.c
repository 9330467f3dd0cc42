#include "ledger/ledger.h"
#include "base/memory.h"
#include "base/random.h"
#include "ledger/bytes.h"
#include "ledger/record_id.h"
#include "ledger/table.h"
#include <stdlib.h>
#include <string.h>

/* About 3 MiB; a busy hour's streams. Others cost a read by primary key. */
enum { CACHED_KEYS = 65536 };

struct ledger {
	struct stream_table streams;
	struct tree tree;
	struct tree committed_tree; /* as it was when the transaction began */
	struct tree marked_tree;
	size_t mark; /* of the streams' journal */
	struct key_cache *keys;
	struct data_keys *data_keys; /* the caller's; NULL: parts are not hidden */
	struct record_key *record_key;
	struct strbuf log_key; /* the vkey in force by the log's own word */
	/* Kept for their memory. */
	struct strbuf header, detail, open_body, hidden;
};

void
ledger_entry_init(struct ledger_entry *entry)
{
	*entry = (struct ledger_entry){
		.retention = UINT64_MAX,
		.reg = UINT64_MAX,
		.body = UINT64_MAX,
		.role = UINT64_MAX,
		.purpose = UINT64_MAX,
		.refers_to = UINT64_MAX,
	};
}

void
ledger_free(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	stream_table_done(&ledger->streams);
	key_cache_free(ledger->keys);
	record_key_free(ledger->record_key);
	strbuf_done(&ledger->log_key);
	strbuf_done(&ledger->header);
	strbuf_done(&ledger->detail);
	strbuf_done(&ledger->open_body);
	if (ledger->hidden.capacity > 0)
		explicit_bzero(ledger->hidden.text, ledger->hidden.capacity);
	strbuf_done(&ledger->hidden);
	free(ledger);
}

/* The body of an open entry of kind 3 (docs/ledger.md 2). */
enum { KEY_ROLE_LOG = 1, KEY_BEGINS = 1, KEY_TEXT_AT = 10 };

static void
note_key(struct ledger *ledger, const struct entry_body *body)
{
	if (!body->open || body->kind != LEDGER_OPEN_KEY || body->bytes[0] != KEY_ROLE_LOG)
		return;
	strbuf_clear(&ledger->log_key);
	if (body->bytes[1] == KEY_BEGINS)
		strbuf_add(&ledger->log_key, body->bytes + KEY_TEXT_AT, body->byte_count - KEY_TEXT_AT);
}

/* Streams and tree from the rows. ERR_CONFLICT: another log's genesis. */
static enum error
replay(struct ledger *ledger, struct db *db, const char *origin)
{
	AUTO(query_free) struct query *q = table_rows(db, false);
	enum error e;

	TRY(table_load_streams(db, &ledger->streams));
	while ((e = query_step(q)) == OK) {
		struct entry_body body;
		struct row row;

		row_read(q, false, &row);
		if (!row_follows(&row, &ledger->streams, &ledger->tree, &body))
			return ERR_DAMAGED;
		if (row.index == 0 &&
		    (body.byte_count != strlen(origin) || memcmp(body.bytes, origin, body.byte_count) != 0))
			return ERR_CONFLICT;
		note_key(ledger, &body);
	}
	if (e != ERR_NOT_FOUND)
		return e;
	/* Genesis and the first streams were written together. */
	return ledger->tree.size == 0 && ledger->streams.count > 0 ? ERR_DAMAGED : OK;
}

/* A log that was made before one of them gets it now. */
static enum error
begin_built_in_streams(struct ledger *ledger, struct db *db)
{
	static const int64_t built_in[] = { LEDGER_STREAM_SYSTEM, LEDGER_STREAM_ERASURE, LEDGER_STREAM_COVER,
					    LEDGER_STREAM_RESTRICTED };

	for (size_t i = 0; i < ARRAY_COUNT(built_in); i++)
		if (!ledger_has_stream(ledger, built_in[i]))
			TRY(ledger_stream_begin(ledger, db, built_in[i]));
	return OK;
}

enum error
ledger_open(struct db *db, const char *origin, const unsigned char key[static 16], struct data_keys *data_keys,
	    struct ledger **ret_ledger)
{
	AUTO(ledger_free) struct ledger *ledger = must_have(calloc(1, sizeof(*ledger)));
	uint64_t index = 0;

	ledger->keys = key_cache_new(CACHED_KEYS);
	ledger->data_keys = data_keys;
	ledger->record_key = record_key_new(key);
	db_protect(db, "ledger_entry");
	db_protect(db, "ledger_stream");
	TRY(replay(ledger, db, origin));
	ledger_committed(ledger);
	if (ledger->tree.size == 0)
		TRY(ledger_append_open(ledger, db, LEDGER_OPEN_GENESIS, origin, strlen(origin), &index));
	TRY(begin_built_in_streams(ledger, db));
	*ret_ledger = TAKE(ledger);
	return OK;
}

const char *
ledger_log_key(const struct ledger *ledger)
{
	return ledger->log_key.bytes == 0 ? "" : ledger->log_key.text;
}

enum error
ledger_begin_log_key(struct ledger *ledger, struct db *db, const char *vkey, int64_t time_s)
{
	AUTO(strbuf_done) struct strbuf body = { 0 };
	unsigned char head[KEY_TEXT_AT] = { KEY_ROLE_LOG, KEY_BEGINS };
	uint64_t index = 0;

	put_u64(head + 2, (uint64_t)time_s);
	strbuf_add(&body, head, sizeof(head));
	strbuf_text(&body, vkey);
	return ledger_append_open(ledger, db, LEDGER_OPEN_KEY, body.text, body.bytes, &index);
}

enum error
ledger_stream_of(struct db *db, uint64_t index, int64_t *ret_stream, unsigned char ret_leaf[static LEDGER_HASH_BYTES])
{
	AUTO(query_free) struct query *q = table_stream_of(db, index);
	size_t bytes = 0;

	TRY(query_one(q));
	const void *body = column_bytes(q, 1, &bytes);

	tree_leaf_hash(body, bytes, ret_leaf);
	*ret_stream = column_integer(q, 0);
	return OK;
}

void
ledger_record_id(const struct ledger *ledger, uint32_t reg_code, int64_t record,
		 unsigned char ret_id[static LEDGER_ID_BYTES])
{
	record_id_make(ledger->record_key, reg_code, record, ret_id);
}

enum error
ledger_stream_begin(struct ledger *ledger, struct db *db, int64_t stream)
{
	unsigned char key[SEAL_KEY_BYTES];

	if (ledger_has_stream(ledger, stream))
		return ERR_DUPLICATE;
	if (stream < STREAM_NUMBER_FIRST || stream >= STREAM_NUMBER_BEHIND)
		return ERR_BAD_INPUT;
	random_bytes(key, sizeof(key));
	enum error e = table_add_stream(db, stream, key);

	if (e == OK)
		e = stream_add(&ledger->streams, stream);
	if (e == OK)
		key_cache_put(ledger->keys, stream, key);
	explicit_bzero(key, sizeof(key));
	return e;
}

bool
ledger_has_stream(const struct ledger *ledger, int64_t stream)
{
	struct stream found;

	return stream_find(&ledger->streams, stream, &found);
}

uint64_t
ledger_stream_count(const struct ledger *ledger, int64_t stream)
{
	struct stream found = { 0 };

	return stream_find(&ledger->streams, stream, &found) ? found.n : 0;
}

bool
ledger_stream_last(const struct ledger *ledger, int64_t stream, uint64_t *ret_n, uint64_t *ret_index)
{
	struct stream found;

	if (!stream_find(&ledger->streams, stream, &found) || found.n == 0)
		return false;
	*ret_n = found.n;
	*ret_index = found.last;
	return true;
}

enum error
ledger_stream_key(struct ledger *ledger, struct db *db, int64_t stream, unsigned char ret_key[static 32],
		  unsigned char ret_check[static 8])
{
	if (!ledger_has_stream(ledger, stream))
		return ERR_NOT_FOUND;
	TRY(table_stream_key(db, ledger->keys, stream, ret_key));
	seal_check(ret_key, ret_check);
	return OK;
}

/* The sealed form of a row whose parts are filled in: fresh salts, commitments, the stream's next tag. */
static enum error
seal_row(struct ledger *ledger, struct db *db, struct sealed_row *row, unsigned char body[static ENTRY_SEALED_BYTES])
{
	unsigned char commitments[SEAL_PART_COUNT][LEDGER_HASH_BYTES];
	unsigned char salts[SEAL_PART_COUNT][SEAL_SALT_BYTES];
	unsigned char key[SEAL_KEY_BYTES];
	unsigned char tag[LEDGER_HASH_BYTES];

	TRY(table_stream_key(db, ledger->keys, row->stream, key));
	seal_tag(key, row->before.n + 1, tag);
	explicit_bzero(key, sizeof(key));
	random_bytes(salts, sizeof(salts));
	for (int i = 0; i < SEAL_PART_COUNT; i++) {
		struct sealed_part *part = &row->parts[i];

		memcpy(part->salt, salts[i], sizeof(part->salt));
		seal_commit((enum seal_part)i, part->salt, part->bytes, part->count, commitments[i]);
	}
	entry_seal(tag, commitments, body);
	row->body = body;
	return OK;
}

static enum error
write_parts(struct ledger *ledger, const struct ledger_entry *entry, struct sealed_row *row)
{
	if (entry->payload_bytes > ENTRY_PAYLOAD_BYTES_MAX)
		return ERR_BAD_INPUT;
	if (entry->refers_to != UINT64_MAX && entry->refers_to >= row->index)
		return ERR_BAD_INPUT;
	strbuf_clear(&ledger->header);
	strbuf_clear(&ledger->detail);
	TRY(entry_write_header(entry, &ledger->header));
	TRY(entry_write_detail(entry, &ledger->detail));
	row->parts[SEAL_HEADER].bytes = ledger->header.text;
	row->parts[SEAL_HEADER].count = ledger->header.bytes;
	row->parts[SEAL_DETAIL].bytes = ledger->detail.text;
	row->parts[SEAL_DETAIL].count = ledger->detail.bytes;
	row->parts[SEAL_PAYLOAD].bytes = entry->payload;
	row->parts[SEAL_PAYLOAD].count = entry->payload_bytes;
	return OK;
}

/* The parts as they will lie in the store: under the keys of the entry's rule and month. */
static enum error
hide_parts(struct ledger *ledger, const struct ledger_entry *entry, struct sealed_row *row)
{
	struct row_hiding *hiding = &row->hiding;
	size_t begins[SEAL_PART_COUNT];

	if (ledger->data_keys == NULL)
		return OK;
	TRY(data_keys_find(ledger->data_keys, (uint32_t)entry->retention, data_key_month(entry->time_ms),
			   ledger->committed_tree.size, &hiding->number));
	random_bytes(hiding->iv, sizeof(hiding->iv));
	strbuf_clear(&ledger->hidden);
	for (int i = 0; i < SEAL_PART_COUNT; i++) {
		const struct sealed_part *part = &row->parts[i];

		begins[i] = ledger->hidden.bytes;
		TRY(data_key_hide(ledger->data_keys, hiding->number, (enum seal_part)i, hiding->iv, part->salt,
				  part->bytes, part->count, &ledger->hidden));
		hiding->counts[i] = ledger->hidden.bytes - begins[i];
	}
	/* Only now does the buffer stay where it is. */
	for (int i = 0; i < SEAL_PART_COUNT; i++)
		hiding->parts[i] = ledger->hidden.text + begins[i];
	return OK;
}

enum error
ledger_append(struct ledger *ledger, struct db *db, int64_t stream, const struct ledger_entry *entry,
	      uint64_t *ret_index)
{
	struct sealed_row row = { .index = ledger->tree.size, .stream = stream };
	unsigned char body[ENTRY_SEALED_BYTES];
	unsigned char leaf[TREE_HASH_BYTES];

	if (!stream_find(&ledger->streams, stream, &row.before))
		return ERR_NOT_FOUND;
	TRY(write_parts(ledger, entry, &row));
	TRY(seal_row(ledger, db, &row, body));
	TRY(hide_parts(ledger, entry, &row));
	TRY(table_append_sealed(db, &row));
	/* Only what is written counts: nothing below can fail. */
	stream_advance(&ledger->streams, stream, row.index);
	tree_leaf_hash(body, sizeof(body), leaf);
	tree_append(&ledger->tree, leaf);
	*ret_index = row.index;
	return OK;
}

enum error
ledger_append_open(struct ledger *ledger, struct db *db, uint16_t kind, const void *body, size_t bytes,
		   uint64_t *ret_index)
{
	uint64_t index = ledger->tree.size;
	unsigned char leaf[TREE_HASH_BYTES];

	if ((kind == LEDGER_OPEN_GENESIS) != (index == 0))
		return ERR_BAD_INPUT;
	strbuf_clear(&ledger->open_body);
	TRY(entry_write_open(kind, body, bytes, &ledger->open_body));
	TRY(table_append_open(db, index, ledger->open_body.text, ledger->open_body.bytes));
	tree_leaf_hash(ledger->open_body.text, ledger->open_body.bytes, leaf);
	tree_append(&ledger->tree, leaf);
	*ret_index = index;
	return OK;
}

static void
forget_key(void *context, int64_t stream)
{
	struct ledger *ledger = context;

	key_cache_forget(ledger->keys, stream);
}

void
ledger_mark(struct ledger *ledger)
{
	ledger->mark = stream_mark(&ledger->streams);
	ledger->marked_tree = ledger->tree;
}

void
ledger_undo_to_mark(struct ledger *ledger)
{
	stream_undo(&ledger->streams, ledger->mark, forget_key, ledger);
	ledger->tree = ledger->marked_tree;
}

void
ledger_committed(struct ledger *ledger)
{
	stream_keep(&ledger->streams);
	ledger->committed_tree = ledger->tree;
	ledger_mark(ledger);
}

void
ledger_undone(struct ledger *ledger)
{
	stream_undo(&ledger->streams, 0, forget_key, ledger);
	ledger->tree = ledger->committed_tree;
	ledger_mark(ledger);
}

uint64_t
ledger_size(const struct ledger *ledger)
{
	return ledger->tree.size;
}

void
ledger_root(const struct ledger *ledger, unsigned char ret_root[static LEDGER_HASH_BYTES])
{
	tree_root(&ledger->tree, ret_root);
}

/* n and the entry before, of an entry that must be the stream's. */
static enum error
step_back(struct db *db, int64_t stream, uint64_t index, uint64_t *ret_n, uint64_t *ret_prev)
{
	AUTO(query_free) struct query *q = db_query(db, "select stream, n, prev from ledger_entry where idx = $1");

	bind_integer(q, 1, (int64_t)index);
	enum error e = query_one(q);

	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_DAMAGED : e;
	if (column_is_null(q, 0) || column_integer(q, 0) != stream)
		return ERR_DAMAGED;
	*ret_n = (uint64_t)column_integer(q, 1);
	*ret_prev = column_is_null(q, 2) ? UINT64_MAX : (uint64_t)column_integer(q, 2);
	return OK;
}

/* Down to n = 1, noting those below `behind` in their place. */
static enum error
walk_back(struct db *db, int64_t stream, uint64_t last, uint64_t behind, uint64_t **indexes, size_t *ret_count)
{
	uint64_t n = 0, before = 0, prev = last;

	for (uint64_t at = last; prev != UINT64_MAX; at = prev) {
		TRY(step_back(db, stream, at, &n, &prev));
		if (n == 0 || (before != 0 && n != before - 1) || (prev != UINT64_MAX && prev >= at))
			return ERR_DAMAGED;
		before = n;
		if (at >= behind)
			continue;
		if (*indexes == NULL) {
			*indexes = must_have(calloc(n, sizeof(**indexes)));
			*ret_count = n;
		}
		(*indexes)[n - 1] = at;
	}
	return n == 1 ? OK : ERR_DAMAGED;
}

enum error
ledger_stream_indexes(struct db *db, int64_t stream, uint64_t last, uint64_t behind, uint64_t **ret_indexes,
		      size_t *ret_count)
{
	uint64_t *indexes = NULL;
	size_t count = 0;
	enum error e = walk_back(db, stream, last, behind, &indexes, &count);

	if (e != OK) {
		free(indexes);
		return e;
	}
	*ret_indexes = indexes;
	*ret_count = count;
	return OK;
}

enum error
ledger_read_parts(struct db *db, struct data_keys *keys, uint64_t index, struct arena *arena,
		  struct ledger_parts *ret_parts)
{
	AUTO(query_free) struct query *q = table_row(db, index);
	struct ledger_parts parts = { .index = index };
	struct entry_body body;
	struct row row;

	TRY(query_one(q));
	row_read(q, true, &row);
	if (entry_read_body(row.body.bytes, row.body.count, &body) != OK)
		return ERR_DAMAGED;
	if (body.open)
		return ERR_NOT_FOUND;
	if (row_show(&row, keys, arena) != OK || !row_holds(&row, &body))
		return ERR_DAMAGED;
	/* The row's bytes last until the next step only. */
	parts.stream = row.stream;
	parts.n = row.n;
	parts.prev = row.has_prev ? row.prev : UINT64_MAX;
	parts.data_key = row.has_key ? row.data_key : 0;
	parts.body = arena_copy(arena, row.body.bytes, row.body.count);
	parts.body_bytes = row.body.count;
	for (int part = 0; part < SEAL_PART_COUNT; part++) {
		if (row.parts[part].absent)
			continue;
		parts.parts[part].bytes = arena_copy(arena, row.parts[part].bytes, row.parts[part].count);
		parts.parts[part].count = row.parts[part].count;
		parts.parts[part].salt =
			(const unsigned char *)arena_copy(arena, row.salts[part].bytes, SEAL_SALT_BYTES);
	}
	*ret_parts = parts;
	return OK;
}

enum error
ledger_read(struct db *db, struct data_keys *keys, uint64_t index, struct arena *arena,
	    struct ledger_record *ret_record)
{
	struct ledger_record record = { .index = index };
	struct ledger_parts parts;

	TRY(ledger_read_parts(db, keys, index, arena, &parts));
	if (parts.parts[SEAL_HEADER].salt == NULL)
		return ERR_GONE;
	if (entry_read(arena, parts.parts[SEAL_HEADER].bytes, parts.parts[SEAL_HEADER].count,
		       parts.parts[SEAL_DETAIL].bytes, parts.parts[SEAL_DETAIL].count, &record.entry) != OK)
		return ERR_DAMAGED;
	record.stream = parts.stream;
	record.n = parts.n;
	record.prev = parts.prev;
	for (int part = 0; part < SEAL_PART_COUNT; part++)
		record.erased |= (unsigned)(parts.parts[part].salt == NULL) << part;
	record.entry.payload = parts.parts[SEAL_PAYLOAD].bytes;
	record.entry.payload_bytes = parts.parts[SEAL_PAYLOAD].count;
	*ret_record = record;
	return OK;
}
