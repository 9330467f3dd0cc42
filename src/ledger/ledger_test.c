#include "ledger/log_testing.h"
#include "ledger/entry.h"
#include "ledger/seal.h"
#include "store/db.h"

static void
a_new_log_begins_with_its_origin(void **state)
{
	AUTO(db_close) struct db *db = NULL;
	AUTO(ledger_free) struct ledger *ledger = NULL;
	unsigned char root[LEDGER_HASH_BYTES];

	assert_int_equal(db_open(NULL, DB_MEMORY, &db), OK);
	assert_int_equal(schema_migrate(db), OK);
	assert_int_equal(ledger_open(db, ORIGIN, log_key, NULL, &ledger), OK);
	assert_int_equal(ledger_size(ledger), 1);
	ledger_root(ledger, root);
	assert_hex(root, 32, "9c31bf4fd59af5e433ad6b7ce1eb07ab33c9ab1f7d3ce2cabddfc68deb042b65");
	assert_true(ledger_has_stream(ledger, LEDGER_STREAM_SYSTEM));
	assert_true(ledger_has_stream(ledger, LEDGER_STREAM_ERASURE));
	assert_true(ledger_has_stream(ledger, LEDGER_STREAM_COVER));
	assert_true(ledger_has_stream(ledger, LEDGER_STREAM_RESTRICTED));
	assert_false(ledger_has_stream(ledger, 1));
}

static void
a_log_from_before_restricted_look_ups_gets_their_stream_once(void **state)
{
	struct log *log = *state;
	AUTO(db_close) struct db *other = NULL;
	uint64_t size = ledger_size(log->ledger);

	assert_int_equal(db_open(log->path, DB_WRITE, &other), OK);
	assert_int_equal(db_execute(other, "delete from ledger_stream where number = -4"), OK);
	for (int i = 0; i < 2; i++) {
		ledger_free(TAKE(log->ledger));
		assert_int_equal(ledger_open(log->db, ORIGIN, log_key, NULL, &log->ledger), OK);
		assert_true(ledger_has_stream(log->ledger, LEDGER_STREAM_RESTRICTED));
	}
	assert_int_equal(ledger_size(log->ledger), size);
	commit_known(log, LEDGER_STREAM_RESTRICTED);
	assert_sound(log);
}

static void
an_origin_that_cannot_be_written_begins_no_log(void **state)
{
	AUTO(db_close) struct db *db = NULL;
	struct ledger *ledger = NULL;

	assert_int_equal(db_open(NULL, DB_MEMORY, &db), OK);
	assert_int_equal(schema_migrate(db), OK);
	assert_int_equal(ledger_open(db, "", log_key, NULL, &ledger), ERR_BAD_INPUT);
	assert_int_equal(ledger_open(db, "two\nlines", log_key, NULL, &ledger), ERR_BAD_INPUT);
	assert_null(ledger);
}

static void
the_log_of_another_origin_is_not_taken_for_ours(void **state)
{
	struct log *log = *state;
	struct ledger *other = NULL;

	assert_int_equal(ledger_open(log->db, ORIGIN "2", log_key, NULL, &other), ERR_CONFLICT);
	assert_null(other);
}

/* Row `index`: stream, n, prev (-1: none), the tag that stream and n call for, the parts. */
static void
assert_row(struct log *log, uint64_t index, int64_t stream, int64_t n, int64_t prev)
{
	AUTO(query_free)
	struct query *q = db_query(
		log->db, "select stream, n, prev, body, header, detail, payload from ledger_entry where idx = $1");
	unsigned char key[32], check[8], tag[32];
	struct entry_body body;
	size_t bytes;

	bind_integer(q, 1, (int64_t)index);
	assert_int_equal(query_one(q), OK);
	assert_int_equal(column_integer(q, 0), stream);
	assert_int_equal(column_integer(q, 1), n);
	assert_int_equal(column_is_null(q, 2) ? -1 : column_integer(q, 2), prev);
	const void *row_body = column_bytes(q, 3, &bytes);

	assert_int_equal(entry_read_body(row_body, bytes, &body), OK);
	assert_int_equal(ledger_stream_key(log->ledger, log->db, stream, key, check), OK);
	seal_tag(key, (uint64_t)n, tag);
	assert_memory_equal(body.tag, tag, sizeof(tag));
	const void *header = column_bytes(q, 4, &bytes);
	assert_hex(header, bytes, known_header_hex);
	const void *detail = column_bytes(q, 5, &bytes);
	assert_hex(detail, bytes, known_detail_hex);
	const void *payload = column_bytes(q, 6, &bytes);
	assert_hex(payload, bytes, "a10102");
}

static void
each_entry_carries_its_streams_next_tag_and_points_back(void **state)
{
	struct log *log = *state;

	assert_int_equal(commit_known(log, 1), 1);
	assert_int_equal(commit_known(log, 2), 2);
	assert_int_equal(commit_known(log, 1), 3);
	assert_int_equal(commit_known(log, 1), 4);
	assert_row(log, 1, 1, 1, -1);
	assert_row(log, 2, 2, 1, -1);
	assert_row(log, 3, 1, 2, 1);
	assert_row(log, 4, 1, 3, 3);
	assert_sound(log);
}

static void
every_part_of_every_entry_has_a_salt_of_its_own(void **state)
{
	struct log *log = *state;

	for (int i = 0; i < 50; i++)
		commit_known(log, 1 + i % 3);
	AUTO(query_free)
	struct query *q =
		db_query(log->db, "select count(distinct salt), count(*), min(length(salt)), max(length(salt)) from ("
				  "select header_salt as salt from ledger_entry where n > 0 union all "
				  "select detail_salt from ledger_entry where n > 0 union all "
				  "select payload_salt from ledger_entry where n > 0) salts");

	assert_int_equal(query_one(q), OK);
	assert_int_equal(column_integer(q, 0), 150);
	assert_int_equal(column_integer(q, 1), 150);
	assert_int_equal(column_integer(q, 2), 32);
	assert_int_equal(column_integer(q, 3), 32);
}

static void
the_check_on_papers_belongs_to_the_key(void **state)
{
	struct log *log = *state;
	unsigned char key[32], again[32], check[8], wanted[8];

	assert_int_equal(ledger_stream_key(log->ledger, log->db, 1, key, check), OK);
	seal_check(key, wanted);
	assert_memory_equal(check, wanted, sizeof(check));
	reopen_log(log); /* not from memory then */
	assert_int_equal(ledger_stream_key(log->ledger, log->db, 1, again, check), OK);
	assert_memory_equal(key, again, sizeof(key));
	assert_int_equal(ledger_stream_key(log->ledger, log->db, 2, again, check), OK);
	assert_memory_not_equal(key, again, sizeof(key));
	assert_int_equal(ledger_stream_key(log->ledger, log->db, 9, again, check), ERR_NOT_FOUND);
}

static void
a_stream_begins_once(void **state)
{
	struct log *log = *state;
	uint64_t index;

	assert_int_equal(ledger_stream_begin(log->ledger, log->db, 1), ERR_DUPLICATE);
	assert_int_equal(ledger_stream_begin(log->ledger, log->db, LEDGER_STREAM_SYSTEM), ERR_DUPLICATE);
	assert_int_equal(ledger_stream_begin(log->ledger, log->db, INT64_MAX), ERR_BAD_INPUT);
	assert_int_equal(append_known(log, 4, &index), ERR_NOT_FOUND);
}

static void
what_cannot_be_written_changes_nothing(void **state)
{
	struct log *log = *state;
	struct ledger_entry entry = known_entry();
	uint64_t index = 77;

	entry.refers_to = 1; /* it would be the entry itself */
	assert_int_equal(ledger_append(log->ledger, log->db, 1, &entry, &index), ERR_BAD_INPUT);
	entry.refers_to = UINT64_MAX;
	entry.payload = "";
	entry.payload_bytes = ENTRY_PAYLOAD_BYTES_MAX + 1;
	assert_int_equal(ledger_append(log->ledger, log->db, 1, &entry, &index), ERR_BAD_INPUT);
	entry.payload_bytes = 0;
	entry.event = NULL;
	assert_int_equal(ledger_append(log->ledger, log->db, 1, &entry, &index), ERR_BAD_INPUT);
	assert_int_equal(ledger_append_open(log->ledger, log->db, LEDGER_OPEN_GENESIS, "x", 1, &index), ERR_BAD_INPUT);
	assert_int_equal(ledger_append_open(log->ledger, log->db, LEDGER_OPEN_RULES, "x", 1, &index), ERR_BAD_INPUT);
	assert_int_equal(index, 77);
	assert_int_equal(ledger_size(log->ledger), 1);
	assert_sound(log);
}

static void
an_open_entry_stands_among_the_sealed_ones(void **state)
{
	struct log *log = *state;
	uint64_t index;

	commit_known(log, 1);
	assert_int_equal(ledger_append_open(log->ledger, log->db, LEDGER_OPEN_RULES, log->folder, 32, &index), OK);
	assert_int_equal(index, 2);
	commit_known(log, 1);
	assert_sound(log);
	reopen_log(log);
	assert_sound(log);
}

static void
reopening_finds_the_same_log_and_goes_on(void **state)
{
	struct log *log = *state;
	unsigned char before[LEDGER_HASH_BYTES], after[LEDGER_HASH_BYTES];

	for (int i = 0; i < 20; i++)
		commit_known(log, 1 + i % 2);
	ledger_root(log->ledger, before);
	reopen_log(log);
	ledger_root(log->ledger, after);
	assert_int_equal(ledger_size(log->ledger), 21);
	assert_memory_equal(before, after, sizeof(before));
	assert_true(ledger_has_stream(log->ledger, 3));
	assert_int_equal(commit_known(log, 2), 21);
	assert_row(log, 21, 2, 11, 20);
	assert_int_equal(commit_known(log, 3), 22);
	assert_row(log, 22, 3, 1, -1);
	assert_sound(log);
}

static void
a_streams_entries_are_read_from_the_newest_back(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct log *log = *state;
	struct ledger_record record;
	uint64_t n = 0, index = 0;

	assert_false(ledger_stream_last(log->ledger, 1, &n, &index));
	for (int i = 0; i < 9; i++)
		commit_known(log, 1 + i % 3);
	assert_true(ledger_stream_last(log->ledger, 1, &n, &index));
	assert_int_equal(ledger_stream_count(log->ledger, 1), 3);
	assert_int_equal(ledger_stream_count(log->ledger, 99), 0);
	assert_int_equal(n, 3);
	AUTO(db_close) struct db *reader = NULL;

	assert_int_equal(db_open(log->path, DB_READ, &reader), OK);
	for (; index != UINT64_MAX; index = record.prev, n--) {
		assert_int_equal(ledger_read(reader, NULL, index, arena, &record), OK);
		assert_int_equal(record.stream, 1);
		assert_int_equal(record.n, n);
		assert_int_equal(record.entry.kind, LEDGER_LOOKUP);
		assert_string_equal(record.entry.case_text, "CASE-7");
		assert_hex(record.entry.payload, record.entry.payload_bytes, "a10102");
	}
	assert_int_equal(n, 0);
	assert_int_equal(ledger_read(reader, NULL, 0, arena, &record), ERR_NOT_FOUND);
	assert_int_equal(ledger_read(reader, NULL, 10, arena, &record), ERR_NOT_FOUND);
	assert_int_equal(ledger_read(reader, NULL, UINT64_MAX, arena, &record), ERR_NOT_FOUND);
}

/* Appends, begins streams, undoes jobs and transactions as chance has it; memory never leaves the rows. */
static void
run_transaction(struct log *log, unsigned *seed, int64_t *next_stream)
{
	int64_t first_stream = *next_stream;

	assert_int_equal(db_begin(log->db), OK);
	for (int job = 0; job < 5; job++) {
		int64_t job_stream = *next_stream;
		uint64_t index;

		assert_int_equal(db_savepoint(log->db, 0), OK);
		ledger_mark(log->ledger);
		if (rand_r(seed) % 2 == 0)
			assert_int_equal(ledger_stream_begin(log->ledger, log->db, (*next_stream)++), OK);
		for (int i = rand_r(seed) % 4; i > 0; i--)
			assert_int_equal(append_known(log, 1 + rand_r(seed) % (*next_stream - 1), &index), OK);
		if (rand_r(seed) % 3 != 0) {
			assert_int_equal(db_release(log->db, 0), OK);
			continue;
		}
		assert_int_equal(db_rollback_to(log->db, 0), OK);
		assert_int_equal(db_release(log->db, 0), OK);
		ledger_undo_to_mark(log->ledger);
		*next_stream = job_stream;
		assert_false(ledger_has_stream(log->ledger, *next_stream));
	}
	assert_sound(log);
	if (rand_r(seed) % 4 != 0) {
		assert_int_equal(db_commit(log->db), OK);
		ledger_committed(log->ledger);
		return;
	}
	db_rollback(log->db);
	ledger_undone(log->ledger);
	*next_stream = first_stream;
}

static void
memory_follows_jobs_and_transactions_that_are_undone(void **state)
{
	struct log *log = *state;
	int64_t next_stream = 4;
	unsigned seed = 1;

	for (int i = 0; i < 60; i++) {
		run_transaction(log, &seed, &next_stream);
		assert_sound(log);
		if (i % 10 == 9)
			reopen_log(log);
	}
	assert_true(ledger_size(log->ledger) > 100);
}

/* Two entries and a new stream with its first, all or nothing. */
static enum error
append_three(struct log *log)
{
	uint64_t index;

	TRY(append_known(log, 1, &index));
	TRY(append_known(log, 2, &index));
	if (!ledger_has_stream(log->ledger, 50))
		TRY(ledger_stream_begin(log->ledger, log->db, 50));
	TRY(append_known(log, 50, &index));
	return db_commit(log->db);
}

static void
append_is_all_or_nothing_whichever_write_fails(void **state)
{
	struct log *log = *state;
	bool fired = true;
	int faults = 0;

	for (int nth = 1; fired; nth++) {
		uint64_t size = ledger_size(log->ledger);

		assert_int_equal(db_begin(log->db), OK);
		db_fail_at(log->db, nth);
		enum error e = append_three(log);

		fired = db_fault_fired(log->db);
		db_fail_at(log->db, 0);
		assert_int_equal(e == OK, !fired);
		if (e == OK) {
			ledger_committed(log->ledger);
		} else {
			db_rollback(log->db);
			ledger_undone(log->ledger);
			faults++;
		}
		assert_int_equal(ledger_size(log->ledger), e == OK ? size + 3 : size);
		assert_sound(log);
	}
	assert_int_equal(faults, 5);
	reopen_log(log);
	assert_sound(log);
}

static void
an_entry_cannot_be_changed_or_deleted(void **state)
{
	struct log *log = *state;

	commit_known(log, 1);
	assert_int_not_equal(db_execute(log->db, "update ledger_entry set n = 2"), OK);
	assert_int_not_equal(db_execute(log->db, "delete from ledger_entry"), OK);
	assert_int_not_equal(db_execute(log->db, "update ledger_stream set number = 7 where number = 3"), OK);
	assert_sound(log);
}

static void
a_damaged_log_does_not_open(void **state)
{
	static const char *const damages[] = {
		"update ledger_entry set n = 3 where idx = 3",
		"update ledger_entry set prev = 2 where idx = 3",
		"update ledger_entry set prev = null where idx = 3",
		"update ledger_entry set stream = 9 where idx = 2",
		"update ledger_entry set body = x'0101' where idx = 2",
		"update ledger_entry set idx = 9 where idx = 4",
		"delete from ledger_entry where idx = 2",
		"delete from ledger_entry where idx = 0",
		"delete from ledger_entry",
		"delete from ledger_stream where number = 2",
		"update ledger_stream set key = x'00' where number = 2",
	};
	struct log *log = *state;

	for (int i = 0; i < 4; i++)
		commit_known(log, 1 + i % 2);
	for (size_t i = 0; i < ARRAY_COUNT(damages); i++) {
		AUTO(db_close) struct db *db = NULL;
		struct ledger *ledger = NULL;

		assert_int_equal(db_open(log->path, DB_WRITE, &db), OK);
		assert_int_equal(db_begin(db), OK);
		assert_int_equal(db_execute(db, damages[i]), OK);
		assert_int_equal(ledger_open(db, ORIGIN, log_key, NULL, &ledger), ERR_DAMAGED);
		db_rollback(db);
	}
}

static void
a_records_id_depends_on_register_and_record(void **state)
{
	struct log *log = *state;
	unsigned char id[LEDGER_ID_BYTES];

	/* printf '%016x%016x' 7 12345 | xxd -r -p | openssl enc -aes-128-ecb -nopad -K 000102030405060708090a0b0c0d0e0f */
	ledger_record_id(log->ledger, 7, 12345, id);
	assert_hex(id, sizeof(id), "9969f74be677c43114ef5166bdf96eb8");
	ledger_record_id(log->ledger, 8, 12345, id);
	assert_hex(id, sizeof(id), "a2fbd69ad3cdfde208ec6f42ae53d8a5");
}

#define IN_LOG(test) cmocka_unit_test_setup_teardown(test, set_up_log, tear_down_log)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_log_begins_with_its_origin),
		cmocka_unit_test(an_origin_that_cannot_be_written_begins_no_log),
		IN_LOG(the_log_of_another_origin_is_not_taken_for_ours),
		IN_LOG(a_log_from_before_restricted_look_ups_gets_their_stream_once),
		IN_LOG(each_entry_carries_its_streams_next_tag_and_points_back),
		IN_LOG(every_part_of_every_entry_has_a_salt_of_its_own),
		IN_LOG(the_check_on_papers_belongs_to_the_key),
		IN_LOG(a_stream_begins_once),
		IN_LOG(what_cannot_be_written_changes_nothing),
		IN_LOG(an_open_entry_stands_among_the_sealed_ones),
		IN_LOG(reopening_finds_the_same_log_and_goes_on),
		IN_LOG(a_streams_entries_are_read_from_the_newest_back),
		IN_LOG(memory_follows_jobs_and_transactions_that_are_undone),
		IN_LOG(append_is_all_or_nothing_whichever_write_fails),
		IN_LOG(an_entry_cannot_be_changed_or_deleted),
		IN_LOG(a_damaged_log_does_not_open),
		IN_LOG(a_records_id_depends_on_register_and_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
