#include "ledger/index_log.h"
#include "base/map.h"
#include "ledger/table.h"
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 10000, CACHED_KEYS = 1024 };
#define NUMBER_OFFSET 1024 /* stream numbers begin below 0 */

/* ---- the entries ---- */

static enum error
load_entry(struct db *db, uint64_t index, struct index_entry *ret_entry)
{
	AUTO(query_free) struct query *q = db_query(db, "select body from ledger_entry where idx = $1");
	struct entry_body body;
	size_t bytes = 0;

	bind_integer(q, 1, (int64_t)index);
	enum error e = query_one(q);

	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_DAMAGED : e;
	const void *read = column_bytes(q, 0, &bytes);

	if (entry_read_body(read, bytes, &body) != OK || !body.open || body.kind != LEDGER_OPEN_STREAM_INDEX)
		return ERR_DAMAGED;
	ret_entry->index = index;
	index_head_read(body.bytes, &ret_entry->head);
	tree_leaf_hash(read, bytes, ret_entry->leaf);
	return OK;
}

enum error
index_log_last(struct db *db, uint64_t behind, struct index_entry *ret_entry)
{
	AUTO(query_free)
	struct query *q = db_query(db, "select entry from ledger_index where entry < $1 order by entry desc limit 1");

	bind_integer(q, 1, behind > INT64_MAX ? INT64_MAX : (int64_t)behind);
	TRY(query_one(q));
	return load_entry(db, (uint64_t)column_integer(q, 0), ret_entry);
}

enum error
index_log_append(struct ledger *ledger, struct db *db, const struct index_head *head, uint64_t *ret_index)
{
	AUTO(query_free)
	struct query *note = db_query(db, "insert into ledger_index (entry, covered) values ($1, $2)");
	unsigned char body[INDEX_HEAD_BYTES];
	struct index_entry last;
	enum error e = index_log_last(db, UINT64_MAX, &last);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if ((e == OK && !index_head_follows(&last.head, head)) || head->covered > ledger_size(ledger))
		return ERR_CONFLICT;
	index_head_write(head, body);
	TRY(ledger_append_open(ledger, db, LEDGER_OPEN_STREAM_INDEX, body, sizeof(body), ret_index));
	bind_integer(note, 1, (int64_t)*ret_index);
	bind_integer(note, 2, (int64_t)head->covered);
	return query_run(note);
}

/* ---- counting ---- */

/* Adds the sealed entries first <= index < behind to `counts`: stream number + NUMBER_OFFSET to count. */
static enum error
count_rows(struct db *db, uint64_t first, uint64_t behind, struct map *counts)
{
	for (; first < behind; first += ROWS_AT_ONCE) {
		uint64_t end = behind - first < ROWS_AT_ONCE ? behind : first + ROWS_AT_ONCE;
		AUTO(query_free)
		struct query *q = db_query(db, "select stream from ledger_entry where idx >= $1 and idx < $2 and "
					       "stream is not null order by idx");
		enum error e;

		bind_integer(q, 1, (int64_t)first);
		bind_integer(q, 2, (int64_t)end);
		while ((e = query_step(q)) == OK) {
			uint64_t number = (uint64_t)(column_integer(q, 0) + NUMBER_OFFSET);
			uint64_t *count = map_get(counts, number);

			if (count == NULL)
				map_put(counts, number, 1);
			else
				++*count;
		}
		if (e != ERR_NOT_FOUND)
			return e;
	}
	return OK;
}

static int
by_key(const void *a, const void *b)
{
	const struct map_slot *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, INDEX_ID_BYTES);
}

static enum error
identify(struct db *db, const struct map_slot *slots, size_t count, struct index_record *records)
{
	AUTO(key_cache_free) struct key_cache *keys = key_cache_new(CACHED_KEYS);
	unsigned char key[SEAL_KEY_BYTES];
	enum error e = OK;

	for (size_t i = 0; e == OK && i < count; i++) {
		e = table_stream_key(db, keys, (int64_t)slots[i].key - NUMBER_OFFSET, key);
		if (e == OK)
			seal_stream_id(key, records[i].id);
		records[i].count = slots[i].value;
	}
	explicit_bzero(key, sizeof(key));
	return e == ERR_NOT_FOUND ? ERR_DAMAGED : e;
}

/* Records sorted by id; the caller frees them. */
static enum error
make_records(struct db *db, const struct map *counts, struct index_record **ret_records)
{
	struct map_slot *slots = malloc((counts->count + 1) * sizeof(*slots));
	struct index_record *records = malloc((counts->count + 1) * sizeof(*records));
	size_t count = 0;
	enum error e = slots == NULL || records == NULL ? ERR_NO_MEMORY : OK;

	for (size_t i = 0; e == OK && i < counts->capacity; i++)
		if (counts->slots[i].used)
			slots[count++] = counts->slots[i];
	/* By number first: so the keys are read in the order in which they are stored. */
	if (e == OK && count > 0)
		qsort(slots, count, sizeof(*slots), by_key);
	if (e == OK)
		e = identify(db, slots, count, records);
	if (e == OK && count > 0)
		qsort(records, count, sizeof(*records), by_id);
	free(slots);
	if (e == OK)
		*ret_records = TAKE(records);
	free(records);
	return e;
}

static enum error
log_size(struct db *db, uint64_t *ret_size)
{
	AUTO(query_free) struct query *q = db_query(db, "select coalesce(max(idx), -1) + 1 from ledger_entry");

	TRY(query_one(q));
	*ret_size = (uint64_t)column_integer(q, 0);
	return OK;
}

static enum error
count_from(struct db *db, const char *folder, const struct index_file *before, uint64_t covered,
	   struct index_head *ret_head)
{
	AUTO(map_done) struct map counts = { 0 };
	struct index_record *records = NULL;

	TRY(count_rows(db, before == NULL ? 0 : index_file_head(before)->covered, covered, &counts));
	TRY(make_records(db, &counts, &records));
	enum error e = index_file_merge(folder, before, records, counts.count, covered, ret_head);

	free(records);
	return e;
}

static bool
says_the_same(const struct index_head *head, const struct index_head *other)
{
	return head->covered == other->covered && head->streams == other->streams && head->total == other->total &&
	       memcmp(head->root, other->root, sizeof(head->root)) == 0;
}

/* NULL: it is missing, damaged or another's. */
static struct index_file *
file_of(const char *folder, const struct index_entry *entry)
{
	struct index_file *file = NULL;

	if (index_file_open(folder, entry->head.covered, &file) != OK)
		return NULL;
	if (says_the_same(index_file_head(file), &entry->head))
		return file;
	index_file_close(file);
	return NULL;
}

enum error
index_log_count(struct db *db, const char *folder, struct index_head *ret_head)
{
	AUTO(index_file_close) struct index_file *before = NULL;
	struct index_entry last = { 0 };
	uint64_t size = 0;
	enum error e = index_log_last(db, UINT64_MAX, &last);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(log_size(db, &size));
	before = e == OK ? file_of(folder, &last) : NULL;
	e = count_from(db, folder, before, size, ret_head);
	if (e == ERR_DAMAGED && before != NULL)
		e = count_from(db, folder, NULL, size, ret_head);
	return e;
}

enum error
index_log_trim(struct db *db, const char *folder)
{
	AUTO(query_free)
	struct query *q = db_query(db, "select covered from ledger_index order by entry desc limit 8");
	uint64_t covered[INDEX_FILES_KEPT];
	size_t count = 0;
	enum error e = ERR_NOT_FOUND;

	while (count < INDEX_FILES_KEPT && (e = query_step(q)) == OK)
		covered[count++] = (uint64_t)column_integer(q, 0);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	return index_folder_trim(folder, covered, count);
}

/* ---- checking ---- */

struct verified {
	struct db *db;
	const char *folder;
	struct map counts;
	uint64_t counted; /* rows below this */
	struct index_entry last;
	bool has_last;
};

static enum error
check_root(struct verified *verified, const struct index_entry *entry)
{
	struct index_record *records = NULL;
	struct tree tree = { 0 };
	unsigned char hash[TREE_HASH_BYTES];

	TRY(make_records(verified->db, &verified->counts, &records));
	for (size_t i = 0; i < verified->counts.count; i++) {
		index_record_leaf(&records[i], hash);
		tree_append(&tree, hash);
	}
	free(records);
	tree_root(&tree, hash);
	return memcmp(hash, entry->head.root, sizeof(hash)) == 0 ? OK : ERR_DAMAGED;
}

static enum error
check_file(const struct verified *verified, const struct index_entry *entry)
{
	AUTO(index_file_close) struct index_file *file = NULL;

	if (verified->folder == NULL)
		return OK;
	enum error e = index_file_open(verified->folder, entry->head.covered, &file);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	return says_the_same(index_file_head(file), &entry->head) ? index_file_check(file) : ERR_DAMAGED;
}

static enum error
check_entry(struct verified *verified, const struct index_entry *entry, bool with_root)
{
	uint64_t total = 0;

	if (entry->head.covered > entry->index ||
	    (verified->has_last && !index_head_follows(&verified->last.head, &entry->head)))
		return ERR_DAMAGED;
	TRY(count_rows(verified->db, verified->counted, entry->head.covered, &verified->counts));
	verified->counted = entry->head.covered;
	verified->last = *entry;
	verified->has_last = true;
	for (size_t i = 0; i < verified->counts.capacity; i++)
		if (verified->counts.slots[i].used)
			total += verified->counts.slots[i].value;
	if (verified->counts.count != entry->head.streams || total != entry->head.total)
		return ERR_DAMAGED;
	if (!with_root)
		return OK;
	TRY(check_root(verified, entry));
	return check_file(verified, entry);
}

/* The table names all entries of kind 2 and no others. */
static enum error
check_table(struct db *db, uint64_t *ret_count)
{
	AUTO(query_free)
	struct query *q = db_query(db, "select l.idx, l.body from ledger_entry l where l.stream is null and not exists "
				       "(select 1 from ledger_index i where i.entry = l.idx) order by l.idx");
	AUTO(query_free) struct query *count = db_query(db, "select count(*) from ledger_index");
	enum error e;

	while ((e = query_step(q)) == OK) {
		struct entry_body body;
		size_t bytes = 0;
		const void *read = column_bytes(q, 1, &bytes);

		if (entry_read_body(read, bytes, &body) != OK || !body.open || body.kind == LEDGER_OPEN_STREAM_INDEX)
			return ERR_DAMAGED;
	}
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(query_one(count));
	*ret_count = (uint64_t)column_integer(count, 0);
	return OK;
}

static enum error
check_entries(struct verified *verified, uint64_t count, uint64_t *ret_bad_index)
{
	AUTO(query_free)
	struct query *q = db_query(verified->db, "select entry, covered from ledger_index order by entry");
	enum error e;

	for (uint64_t i = 0; (e = query_step(q)) == OK; i++) {
		struct index_entry entry;

		*ret_bad_index = (uint64_t)column_integer(q, 0);
		TRY(load_entry(verified->db, *ret_bad_index, &entry));
		if (entry.head.covered != (uint64_t)column_integer(q, 1))
			return ERR_DAMAGED;
		TRY(check_entry(verified, &entry, i + INDEX_FILES_KEPT >= count));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
index_log_verify(struct db *db, const char *folder, uint64_t *ret_bad_index)
{
	struct verified verified = { .db = db, .folder = folder };
	uint64_t count = 0, bad = UINT64_MAX;
	enum error e = check_table(db, &count);

	if (e == OK)
		e = check_entries(&verified, count, &bad);
	map_done(&verified.counts);
	if (e == ERR_DAMAGED)
		*ret_bad_index = bad;
	return e;
}
