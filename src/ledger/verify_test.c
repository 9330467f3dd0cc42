#include "ledger/verify.h"
#include "ledger/log_testing.h"

enum { ENTRIES = 7 }; /* genesis, an entry of rules, five sealed ones */

static const char *const byte_columns[] = {
	"body", "header", "header_salt", "detail", "detail_salt", "payload", "payload_salt",
};

static void
fill_log(struct log *log)
{
	struct ledger_entry entry = known_entry();
	uint64_t index;

	assert_int_equal(db_begin(log->db), OK);
	assert_int_equal(ledger_append_open(log->ledger, log->db, LEDGER_OPEN_RULES, log->folder, 32, &index), OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(append_known(log, 1 + i % 2, &index), OK);
	entry.actor = NULL;
	entry.case_text = NULL;
	assert_int_equal(ledger_append(log->ledger, log->db, LEDGER_STREAM_SYSTEM, &entry, &index), OK);
	assert_int_equal(db_commit(log->db), OK);
	ledger_committed(log->ledger);
	assert_int_equal(ledger_size(log->ledger), ENTRIES);
}

/* A second connection, where no authorizer keeps us from doing what an intruder would. */
static struct db *
break_in(struct log *log)
{
	struct db *db = NULL;

	assert_int_equal(db_open(log->path, DB_WRITE, &db), OK);
	return db;
}

/* OK: the rows are taken for this very log. */
static enum error
verify(struct log *log, struct db *db, uint64_t *ret_bad_index)
{
	unsigned char rows[LEDGER_HASH_BYTES], memory[LEDGER_HASH_BYTES];
	uint64_t size = 0;

	TRY(ledger_verify(db, NULL, &size, rows, ret_bad_index));
	ledger_root(log->ledger, memory);
	return size == ledger_size(log->ledger) && memcmp(rows, memory, sizeof(rows)) == 0 ? OK : ERR_CONFLICT;
}

static void
a_sound_log_is_found_sound_with_its_root(void **state)
{
	struct log *log = *state;

	fill_log(log);
	assert_sound(log);
	reopen_log(log);
	assert_sound(log);
}

static void
set_bytes(struct db *db, const char *column, int64_t index, const void *bytes, size_t count)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "update ledger_entry set %s = $1 where idx = $2", column);
	AUTO(query_free) struct query *q = db_query(db, sql);

	bind_bytes(q, 1, bytes, count);
	bind_integer(q, 2, index);
	assert_int_equal(query_run(q), OK);
}

static size_t
get_bytes(struct db *db, const char *column, int64_t index, unsigned char ret_bytes[static 512])
{
	char sql[128];
	size_t count = 0;

	snprintf(sql, sizeof(sql), "select %s from ledger_entry where idx = $1", column);
	AUTO(query_free) struct query *q = db_query(db, sql);

	bind_integer(q, 1, index);
	assert_int_equal(query_one(q), OK);
	const void *bytes = column_bytes(q, 0, &count);

	assert_true(count <= 511);
	if (count > 0)
		memcpy(ret_bytes, bytes, count);
	return count;
}

/* Undoes the change afterwards. */
static void
assert_found(struct log *log, struct db *db, const char *column, int64_t index, const void *bytes, size_t count)
{
	uint64_t bad = UINT64_MAX;

	assert_int_equal(db_begin(db), OK);
	set_bytes(db, column, index, bytes, count);
	enum error e = verify(log, db, &bad);

	/* An open entry says nothing that could be wrong in itself: there the root tells. */
	if (e != ERR_DAMAGED && !(index < 2 && e == ERR_CONFLICT))
		fail_msg("a change of %s of entry %d was not found", column, (int)index);
	if (e == ERR_DAMAGED)
		assert_int_equal(bad, index);
	db_rollback(db);
}

static void
any_changed_byte_of_any_column_is_found(void **state)
{
	struct log *log = *state;
	unsigned char bytes[512];

	fill_log(log);
	AUTO(db_close) struct db *db = break_in(log);

	for (int64_t index = 0; index < ENTRIES; index++)
		for (size_t c = 0; c < ARRAY_COUNT(byte_columns); c++) {
			size_t count = get_bytes(db, byte_columns[c], index, bytes);

			for (size_t at = 0; at < count; at++) {
				bytes[at] ^= (unsigned char)(1 << at % 8);
				assert_found(log, db, byte_columns[c], index, bytes, count);
				bytes[at] ^= (unsigned char)(1 << at % 8);
			}
			bytes[count] = 0;
			assert_found(log, db, byte_columns[c], index, bytes, count + 1);
			if (count > 0)
				assert_found(log, db, byte_columns[c], index, bytes, count - 1);
		}
	assert_sound(log);
}

static void
changed_numbers_missing_parts_and_missing_rows_are_found(void **state)
{
	static const char *const damages[] = {
		"update ledger_entry set stream = 2 where idx = 2",
		"update ledger_entry set stream = 3 where idx = 6",
		"update ledger_entry set stream = null where idx = 2",
		"update ledger_entry set n = 2 where idx = 2",
		"update ledger_entry set n = null where idx = 2",
		"update ledger_entry set prev = 3 where idx = 4",
		"update ledger_entry set prev = null where idx = 4",
		"update ledger_entry set prev = 0 where idx = 2",
		"update ledger_entry set stream = 1 where idx = 1",
		"update ledger_entry set n = 1 where idx = 1",
		"update ledger_entry set prev = 0 where idx = 1",
		"update ledger_entry set header = null where idx = 2",
		"update ledger_entry set header_salt = null where idx = 2",
		"update ledger_entry set detail = null where idx = 2",
		"update ledger_entry set detail_salt = null where idx = 2",
		"update ledger_entry set payload = null where idx = 2",
		"update ledger_entry set payload_salt = null where idx = 2",
		"update ledger_entry set idx = 7 where idx = 6",
		"update ledger_entry set idx = -1 where idx = 0",
		"delete from ledger_entry where idx = 0",
		"delete from ledger_entry where idx = 3",
		"delete from ledger_entry where idx = 6",
		"delete from ledger_entry",
		"delete from ledger_stream where number = 1",
		"delete from ledger_stream",
		"update ledger_stream set number = 9 where number = 1",
		"update ledger_stream set key = x'0102' where number = 3",
		"update ledger_stream set key = (select key from ledger_stream where number = 1) where number = 3",
		"update ledger_stream set key = (select header_salt from ledger_entry where idx = 2) where number = 1",
		"insert into ledger_entry (idx, body) values (7, x'00')",
	};
	struct log *log = *state;

	fill_log(log);
	AUTO(db_close) struct db *db = break_in(log);

	for (size_t i = 0; i < ARRAY_COUNT(damages); i++) {
		uint64_t bad;

		assert_int_equal(db_begin(db), OK);
		assert_int_equal(db_execute(db, damages[i]), OK);
		assert_int_equal(db_changes(db) > 0, true);
		if (verify(log, db, &bad) == OK)
			fail_msg("not found: %s", damages[i]);
		db_rollback(db);
	}
	assert_sound(log);
}

static void
a_log_without_a_row_whose_streams_are_there_is_found(void **state)
{
	struct log *log = *state;
	unsigned char root[LEDGER_HASH_BYTES];
	uint64_t size = 0, bad = 0;

	fill_log(log);
	AUTO(db_close) struct db *db = break_in(log);

	assert_int_equal(db_execute(db, "delete from ledger_entry"), OK);
	assert_int_equal(ledger_verify(db, NULL, &size, root, &bad), ERR_DAMAGED);
	assert_int_equal(db_execute(db, "delete from ledger_stream"), OK);
	assert_int_equal(ledger_verify(db, NULL, &size, root, &bad), OK);
	assert_int_equal(size, 0);
}

static void
two_entries_that_changed_places_are_found(void **state)
{
	struct log *log = *state;
	uint64_t bad = 0;

	fill_log(log);
	AUTO(db_close) struct db *db = break_in(log);

	assert_int_equal(db_execute(db, "update ledger_entry set idx = 99 where idx = 2;"
					"update ledger_entry set idx = 2 where idx = 3;"
					"update ledger_entry set idx = 3 where idx = 99;"),
			 OK);
	assert_int_equal(verify(log, db, &bad), ERR_DAMAGED);
	assert_int_equal(bad, 4); /* each is the first of its stream: the next one no longer points at it */
}

static void
a_reader_beside_the_writer_sees_what_was_committed(void **state)
{
	struct log *log = *state;
	unsigned char before[LEDGER_HASH_BYTES], root[LEDGER_HASH_BYTES];
	uint64_t size = 0, bad = 0, index;

	fill_log(log);
	ledger_root(log->ledger, before);
	AUTO(db_close) struct db *reader = NULL;

	assert_int_equal(db_open(log->path, DB_READ, &reader), OK);
	assert_int_equal(db_begin(log->db), OK);
	assert_int_equal(ledger_stream_begin(log->ledger, log->db, 70), OK);
	assert_int_equal(append_known(log, 70, &index), OK);
	assert_int_equal(ledger_verify(reader, NULL, &size, root, &bad), OK);
	assert_int_equal(size, ENTRIES);
	assert_memory_equal(root, before, sizeof(root));
	assert_int_equal(db_commit(log->db), OK);
	ledger_committed(log->ledger);
	assert_int_equal(verify(log, reader, &bad), OK);
}

#define IN_LOG(test) cmocka_unit_test_setup_teardown(test, set_up_log, tear_down_log)

/* ---- whoever watches ---- */

struct watched {
	struct tree tree;
	uint64_t sealed, streams, entries_of_streams;
	uint64_t stop_at;
	uint64_t done, total;
};

static enum error
watch_leaf(void *context, const struct tree *tree, const void *body, size_t bytes,
	   const unsigned char leaf_hash[static LEDGER_HASH_BYTES])
{
	struct watched *watched = context;
	unsigned char leaf[LEDGER_HASH_BYTES];

	tree_leaf_hash(body, bytes, leaf);
	assert_memory_equal(leaf, leaf_hash, sizeof(leaf));
	tree_append(&watched->tree, leaf_hash);
	assert_int_equal(watched->tree.size, tree->size);
	return tree->size == watched->stop_at ? ERR_IO : OK;
}

static enum error
watch_entry(void *context, const struct ledger_record *record)
{
	struct watched *watched = context;
	const struct ledger_entry known = known_entry();

	assert_int_equal(record->index, watched->tree.size - 1);
	assert_int_equal(record->entry.kind, known.kind);
	assert_int_equal(record->entry.time_ms, known.time_ms);
	assert_int_equal(record->entry.field_count, known.field_count);
	watched->sealed++;
	return OK;
}

static enum error
watch_stream(void *context, int64_t number, const unsigned char key[static 32], uint64_t count)
{
	struct watched *watched = context;

	watched->streams++;
	watched->entries_of_streams += count;
	return OK;
}

static void
watch_progress(void *context, uint64_t done, uint64_t total)
{
	struct watched *watched = context;

	watched->done = done;
	watched->total = total;
}

static void
each_entry_passes_once_and_in_order(void **state)
{
	struct log *log = *state;
	struct watched watched = { .stop_at = UINT64_MAX };
	const struct verify_watch watch = { .context = &watched,
					    .leaf = watch_leaf,
					    .entry = watch_entry,
					    .stream = watch_stream,
					    .progress = watch_progress };
	struct verify_result result;
	unsigned char root[LEDGER_HASH_BYTES];

	fill_log(log);
	assert_int_equal(verify_log(log->db, NULL, &watch, &result), OK);
	assert_int_equal(result.size, ENTRIES);
	assert_int_equal(watched.sealed, 5);
	assert_int_equal(watched.entries_of_streams, 5);
	assert_true(watched.streams >= 6);
	assert_int_equal(watched.done, ENTRIES);
	assert_int_equal(watched.total, ENTRIES);
	tree_root(&watched.tree, root);
	assert_memory_equal(root, result.root, sizeof(root));
}

static void
a_watcher_that_fails_ends_the_reading(void **state)
{
	struct log *log = *state;
	struct watched watched = { .stop_at = 4 };
	const struct verify_watch watch = { .context = &watched, .leaf = watch_leaf };
	struct verify_result result;

	fill_log(log);
	assert_int_equal(verify_log(log->db, NULL, &watch, &result), ERR_IO);
	assert_int_equal(watched.tree.size, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LOG(a_sound_log_is_found_sound_with_its_root),
		IN_LOG(any_changed_byte_of_any_column_is_found),
		IN_LOG(changed_numbers_missing_parts_and_missing_rows_are_found),
		IN_LOG(a_reader_beside_the_writer_sees_what_was_committed),
		IN_LOG(a_log_without_a_row_whose_streams_are_there_is_found),
		IN_LOG(two_entries_that_changed_places_are_found),
		IN_LOG(each_entry_passes_once_and_in_order),
		IN_LOG(a_watcher_that_fails_ends_the_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
