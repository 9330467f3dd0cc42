/* ledger_verify: all that the rows say is computed again from the parts, salts and keys beside them. */
#include "ledger/table.h"
#include <openssl/crypto.h>
#include <string.h>

enum { CACHED_KEYS = 65536 };

struct check {
	struct db *db;
	struct stream_table streams;
	struct tree tree;
	struct key_cache *keys;
	struct arena *arena; /* one row's */
	uint64_t index;      /* the row that is looked at */
};

static void
check_done(struct check *check)
{
	stream_table_done(&check->streams);
	key_cache_free(check->keys);
	arena_free(check->arena);
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
parts_are_readable(struct check *check, const struct row *row)
{
	const struct row_bytes *header = &row->parts[SEAL_HEADER];
	const struct row_bytes *detail = &row->parts[SEAL_DETAIL];
	struct ledger_entry entry;

	arena_reset(check->arena);
	if (header->count == 0 || row->parts[SEAL_PAYLOAD].count > ENTRY_PAYLOAD_BYTES_MAX)
		return false;
	if (entry_read(check->arena, header->bytes, header->count, detail->bytes, detail->count, &entry) != OK)
		return false;
	return entry.refers_to == UINT64_MAX || entry.refers_to < row->index;
}

/* ERR_DAMAGED, or what reading a key came to. */
static enum error
check_row(struct check *check, const struct row *row)
{
	struct entry_body body;
	unsigned char key[SEAL_KEY_BYTES];
	unsigned char tag[SEAL_BYTES];

	if (!row_follows(row, &check->streams, &check->tree, &body))
		return ERR_DAMAGED;
	if (body.open)
		return parts_are_absent(row) ? OK : ERR_DAMAGED;
	enum error e = table_stream_key(check->db, check->keys, row->stream, key);

	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_DAMAGED : e;
	seal_tag(key, row->n, tag);
	explicit_bzero(key, sizeof(key));
	if (CRYPTO_memcmp(tag, body.tag, sizeof(tag)) != 0)
		return ERR_DAMAGED;
	return row_holds(row, &body) && parts_are_readable(check, row) ? OK : ERR_DAMAGED;
}

static enum error
check_rows(struct check *check)
{
	AUTO(query_free) struct query *q = table_rows(check->db, true);
	/* The first step opens the view of the database in which the streams are then read: a writer that
	 * goes on beside us cannot show us an entry without its stream. */
	enum error e = query_step(q);

	TRY(table_load_streams(check->db, &check->streams));
	TRY(table_keys_differ(check->db));
	if (e == ERR_NOT_FOUND && check->streams.count > 0)
		return ERR_DAMAGED;
	for (; e == OK; e = query_step(q)) {
		struct row row;

		check->index = check->tree.size;
		row_read(q, true, &row);
		TRY(check_row(check, &row));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
ledger_verify(struct db *db, uint64_t *ret_size, unsigned char ret_root[static LEDGER_HASH_BYTES],
	      uint64_t *ret_bad_index)
{
	AUTO(check_done) struct check check = { .db = db, .keys = key_cache_new(CACHED_KEYS), .arena = arena_new() };
	enum error e = check_rows(&check);

	if (e == OK) {
		*ret_size = check.tree.size;
		tree_root(&check.tree, ret_root);
	} else if (e == ERR_DAMAGED) {
		*ret_bad_index = check.index;
	}
	return e;
}
