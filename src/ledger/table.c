#include "ledger/table.h"
#include "ledger/bytes.h"
#include <string.h>

enum { COLUMN_PARTS = 6, COLUMN_DATA_KEY = 12, COLUMN_IV = 13 };

static void
bind_plain(struct query *q, const struct sealed_part *parts)
{
	for (int part = 0; part < SEAL_PART_COUNT; part++) {
		const struct sealed_part *p = &parts[part];

		bind_bytes(q, COLUMN_PARTS + 2 * part, p->count == 0 ? "" : p->bytes, p->count);
		bind_bytes(q, COLUMN_PARTS + 1 + 2 * part, p->salt, sizeof(p->salt));
	}
	bind_null(q, COLUMN_DATA_KEY);
	bind_null(q, COLUMN_IV);
}

static void
bind_hidden(struct query *q, const struct row_hiding *hiding)
{
	for (int part = 0; part < SEAL_PART_COUNT; part++) {
		bind_bytes(q, COLUMN_PARTS + 2 * part, hiding->parts[part], hiding->counts[part]);
		bind_null(q, COLUMN_PARTS + 1 + 2 * part);
	}
	bind_integer(q, COLUMN_DATA_KEY, hiding->number);
	bind_bytes(q, COLUMN_IV, hiding->iv, sizeof(hiding->iv));
}

enum error
table_append_sealed(struct db *db, const struct sealed_row *row)
{
	AUTO(query_free)
	struct query *q = db_query(
		db, "insert into ledger_entry (idx, stream, n, prev, body, header, header_salt, detail, detail_salt,"
		    " payload, payload_salt, data_key, iv)"
		    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");

	bind_integer(q, 1, (int64_t)row->index);
	bind_integer(q, 2, row->stream);
	bind_integer(q, 3, (int64_t)row->before.n + 1);
	if (row->before.n == 0)
		bind_null(q, 4);
	else
		bind_integer(q, 4, (int64_t)row->before.last);
	bind_bytes(q, 5, row->body, ENTRY_SEALED_BYTES);
	if (row->hiding.number != 0)
		bind_hidden(q, &row->hiding);
	else
		bind_plain(q, row->parts);
	return query_run(q);
}

enum error
table_append_open(struct db *db, uint64_t index, const void *body, size_t bytes)
{
	AUTO(query_free) struct query *q = db_query(db, "insert into ledger_entry (idx, body) values ($1, $2)");

	bind_integer(q, 1, (int64_t)index);
	bind_bytes(q, 2, body, bytes);
	return query_run(q);
}

enum error
table_add_stream(struct db *db, int64_t number, const unsigned char key[static SEAL_KEY_BYTES])
{
	AUTO(query_free) struct query *q = db_query(db, "insert into ledger_stream (number, key) values ($1, $2)");

	bind_integer(q, 1, number);
	bind_bytes(q, 2, key, SEAL_KEY_BYTES);
	return query_run(q);
}

struct query *
table_streams(struct db *db)
{
	return db_query(db, "select number, key from ledger_stream order by number");
}

enum error
table_load_streams(struct db *db, struct stream_table *streams)
{
	AUTO(query_free) struct query *q = table_streams(db);
	enum error e;

	while ((e = query_step(q)) == OK) {
		size_t key_bytes = 0;

		column_bytes(q, 1, &key_bytes);
		if (key_bytes != SEAL_KEY_BYTES || stream_add(streams, column_integer(q, 0)) != OK)
			return ERR_DAMAGED;
		stream_keep(streams);
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
table_stream_key(struct db *db, struct key_cache *keys, int64_t number, unsigned char ret_key[static SEAL_KEY_BYTES])
{
	const unsigned char *kept = key_cache_get(keys, number);

	if (kept != NULL) {
		memcpy(ret_key, kept, SEAL_KEY_BYTES);
		return OK;
	}
	AUTO(query_free) struct query *q = db_query(db, "select key from ledger_stream where number = $1");
	size_t bytes = 0;

	bind_integer(q, 1, number);
	TRY(query_one(q));
	const void *key = column_bytes(q, 0, &bytes);

	if (bytes != SEAL_KEY_BYTES)
		return ERR_DAMAGED;
	memcpy(ret_key, key, SEAL_KEY_BYTES);
	key_cache_put(keys, number, ret_key);
	return OK;
}

enum error
table_keys_differ(struct db *db)
{
	AUTO(query_free)
	struct query *q = db_query(db, "select 1 from ledger_stream group by key having count(*) > 1 limit 1");
	enum error e = query_one(q);

	if (e == OK)
		return ERR_DAMAGED;
	return e == ERR_NOT_FOUND ? OK : e;
}

#define SHORT_ROW "select idx, stream, n, prev, body"
#define WHOLE_ROW SHORT_ROW ", header, header_salt, detail, detail_salt, payload, payload_salt, data_key, iv"

struct query *
table_rows(struct db *db, bool whole)
{
	return db_query(db, whole ? WHOLE_ROW " from ledger_entry order by idx"
				  : SHORT_ROW " from ledger_entry order by idx");
}

struct query *
table_bodies(struct db *db, uint64_t first, uint64_t behind)
{
	struct query *q = db_query(db, "select idx, body from ledger_entry where idx >= $1 and idx < $2 order by idx");

	bind_integer(q, 1, (int64_t)first);
	bind_integer(q, 2, (int64_t)behind);
	return q;
}

struct query *
table_stream_of(struct db *db, uint64_t index)
{
	struct query *q = db_query(db, "select stream, body from ledger_entry where idx = $1");

	bind_integer(q, 1, (int64_t)index);
	return q;
}

struct query *
table_hidden(struct db *db, uint64_t first, uint64_t behind)
{
	struct query *q = db_query(db, "select idx, data_key from ledger_entry"
				       " where idx >= $1 and idx < $2 and data_key is not null order by idx");

	bind_integer(q, 1, (int64_t)first);
	bind_integer(q, 2, (int64_t)behind);
	return q;
}

struct query *
table_last(struct db *db)
{
	return db_query(db, "select idx from ledger_entry order by idx desc limit 1");
}

struct query *
table_row(struct db *db, uint64_t index)
{
	struct query *q = db_query(db, WHOLE_ROW " from ledger_entry where idx = $1");

	bind_integer(q, 1, (int64_t)index);
	return q;
}

static struct row_bytes
read_bytes(const struct query *query, int column)
{
	struct row_bytes read = { .absent = column_is_null(query, column) };

	if (!read.absent)
		read.bytes = column_bytes(query, column, &read.count);
	return read;
}

void
row_read(const struct query *query, bool whole, struct row *ret_row)
{
	struct row row = {
		.index = (uint64_t)column_integer(query, 0),
		.has_stream = !column_is_null(query, 1),
		.stream = column_integer(query, 1),
		.has_n = !column_is_null(query, 2),
		.n = (uint64_t)column_integer(query, 2),
		.has_prev = !column_is_null(query, 3),
		.prev = (uint64_t)column_integer(query, 3),
		.body = read_bytes(query, 4),
	};

	for (int part = 0; whole && part < SEAL_PART_COUNT; part++) {
		row.parts[part] = read_bytes(query, 5 + 2 * part);
		row.salts[part] = read_bytes(query, 6 + 2 * part);
	}
	if (whole) {
		row.has_key = !column_is_null(query, 11);
		row.data_key = (uint32_t)column_integer(query, 11);
		row.iv = read_bytes(query, 12);
	}
	*ret_row = row;
}

static bool
open_follows(const struct row *row, const struct entry_body *body)
{
	enum { COVERED_AT = 8 };

	if (row->has_stream || row->has_n || row->has_prev)
		return false;
	if (body->kind == LEDGER_OPEN_STREAM_INDEX && get_unsigned(body->bytes + COVERED_AT, 8) > row->index)
		return false;
	return (body->kind == LEDGER_OPEN_GENESIS) == (row->index == 0);
}

static bool
sealed_follows(const struct row *row, const struct stream_table *streams)
{
	struct stream stream;

	if (row->index == 0 || !row->has_stream || !stream_find(streams, row->stream, &stream))
		return false;
	if (!row->has_n || row->n != stream.n + 1 || row->has_prev != (stream.n > 0))
		return false;
	return stream.n == 0 || row->prev == stream.last;
}

bool
row_follows(const struct row *row, struct stream_table *streams, struct tree *tree, struct entry_body *ret_body)
{
	unsigned char leaf[TREE_HASH_BYTES];
	struct entry_body body;

	if (row->index != tree->size || entry_read_body(row->body.bytes, row->body.count, &body) != OK)
		return false;
	if (body.open ? !open_follows(row, &body) : !sealed_follows(row, streams))
		return false;
	if (!body.open) {
		stream_advance(streams, row->stream, row->index);
		stream_keep(streams);
	}
	tree_leaf_hash(row->body.bytes, row->body.count, leaf);
	tree_append(tree, leaf);
	*ret_body = body;
	return true;
}

static enum error
show_part(struct row *row, enum seal_part part, struct data_keys *keys, struct arena *arena)
{
	struct row_bytes *data = &row->parts[part];
	const unsigned char *salt = NULL;
	const void *shown = NULL;
	size_t bytes = 0;

	if (data->absent)
		return OK;
	enum error e = data_key_show(keys, row->data_key, part, row->iv.bytes, data->bytes, data->count, arena, &salt,
				     &shown, &bytes);

	*data = (struct row_bytes){ .absent = e != OK, .bytes = shown, .count = bytes };
	row->salts[part] =
		(struct row_bytes){ .absent = e != OK, .bytes = salt, .count = e == OK ? SEAL_SALT_BYTES : 0 };
	return e == ERR_GONE ? OK : e;
}

enum error
row_show(struct row *row, struct data_keys *keys, struct arena *arena)
{
	if (!row->has_key)
		return OK;
	if (keys == NULL || row->iv.absent || row->iv.count != DATA_KEY_IV_BYTES)
		return ERR_DAMAGED;
	for (int part = 0; part < SEAL_PART_COUNT; part++)
		TRY(show_part(row, (enum seal_part)part, keys, arena));
	return OK;
}

bool
row_holds(const struct row *row, const struct entry_body *body)
{
	for (int part = 0; part < SEAL_PART_COUNT; part++) {
		const struct row_bytes *data = &row->parts[part];
		const struct row_bytes *salt = &row->salts[part];

		if (data->absent && salt->absent)
			continue;
		if (data->absent || salt->absent || salt->count != SEAL_SALT_BYTES)
			return false;
		if (!seal_holds((enum seal_part)part, salt->bytes, data->bytes, data->count, body->commitments[part]))
			return false;
	}
	return true;
}
