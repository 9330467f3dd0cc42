#include "ledger/index_log.h"
#include <fcntl.h>
#include <stdio.h>
#include "ledger/log_testing.h"
#include "ledger/seal.h"

static const char *
index_folder(const struct log *log)
{
	static char folder[96];

	snprintf(folder, sizeof(folder), "%s/index", log->folder);
	return folder;
}

static enum error
append_index(struct log *log, struct index_head *head, uint64_t time_s, uint64_t *ret_index)
{
	head->time_s = time_s;
	assert_int_equal(db_begin(log->db), OK);
	enum error e = index_log_append(log->ledger, log->db, head, ret_index);

	if (e != OK) {
		db_rollback(log->db);
		ledger_undone(log->ledger);
		return e;
	}
	assert_int_equal(db_commit(log->db), OK);
	ledger_committed(log->ledger);
	return OK;
}

/* Counts, states, and gives what was stated. */
static struct index_entry
make_index(struct log *log, uint64_t time_s)
{
	struct index_entry last;
	struct index_head head;
	uint64_t index = 0;

	assert_int_equal(index_log_count(log->db, index_folder(log), &head), OK);
	assert_int_equal(append_index(log, &head, time_s, &index), OK);
	assert_int_equal(index_log_last(log->db, UINT64_MAX, &last), OK);
	assert_int_equal(last.index, index);
	return last;
}

static uint64_t
count_in_file(struct log *log, uint64_t covered, int64_t stream)
{
	AUTO(index_file_close) struct index_file *file = NULL;
	unsigned char key[32], check[8], id[INDEX_ID_BYTES];
	struct proof proof;
	uint64_t position = 0, count = 0;

	assert_int_equal(index_file_open(index_folder(log), covered, &file), OK);
	assert_int_equal(ledger_stream_key(log->ledger, log->db, stream, key, check), OK);
	seal_stream_id(key, id);
	enum error e = index_file_find(file, id, &position, &count, &proof);

	return e == ERR_NOT_FOUND ? 0 : count;
}

static void
assert_verified(struct log *log, enum error expected, uint64_t expected_bad)
{
	uint64_t bad = 12345;

	assert_int_equal(index_log_verify(log->db, index_folder(log), &bad), expected);
	assert_int_equal(bad, expected == OK ? 12345 : expected_bad);
}

static void
an_index_counts_each_streams_entries_below_its_size(void **state)
{
	struct log *log = *state;
	struct index_entry none;

	assert_int_equal(index_log_last(log->db, UINT64_MAX, &none), ERR_NOT_FOUND);
	for (int i = 0; i < 5; i++)
		commit_known(log, i < 4 ? 1 : 2);
	struct index_entry first = make_index(log, 100);

	assert_int_equal(first.head.covered, 6);
	assert_int_equal(first.head.streams, 2);
	assert_int_equal(first.head.total, 5);
	assert_int_equal(count_in_file(log, 6, 1), 4);
	assert_int_equal(count_in_file(log, 6, 3), 0);
	commit_known(log, 3);
	commit_known(log, 2);
	struct index_entry second = make_index(log, 100), third = make_index(log, 101);

	assert_int_equal(second.head.covered, 9);
	assert_int_equal(second.head.total, 7);
	assert_int_equal(count_in_file(log, 9, 1), 4);
	assert_int_equal(count_in_file(log, 9, 2), 2);
	/* A day on which nothing came has an index too. */
	assert_int_equal(third.head.covered, 10);
	assert_int_equal(third.head.total, 7);
	assert_int_equal(index_log_last(log->db, third.index, &none), OK);
	assert_int_equal(none.index, second.index);
	assert_verified(log, OK, 0);
	assert_sound(log);
}

static void
without_its_file_an_index_is_counted_from_all_rows(void **state)
{
	struct log *log = *state;
	char path[160];

	commit_known(log, 1);
	commit_known(log, 2);
	struct index_entry first = make_index(log, 100);

	snprintf(path, sizeof(path), "%s/%d", index_folder(log), (int)first.head.covered);
	assert_int_equal(unlink(path), 0);
	assert_verified(log, OK, 0);
	commit_known(log, 1);
	struct index_entry second = make_index(log, 100);

	assert_int_equal(second.head.total, 3);
	/* One byte of a count is not what the log says. */
	snprintf(path, sizeof(path), "%s/%d", index_folder(log), (int)second.head.covered);
	int fd = open(path, O_WRONLY);

	assert_int_equal(pwrite(fd, "\x09", 1, 72 + 39), 1);
	close(fd);
	assert_verified(log, ERR_DAMAGED, second.index);
	commit_known(log, 1);
	struct index_entry third = make_index(log, 100);

	assert_int_equal(third.head.total, 4);
	assert_int_equal(count_in_file(log, third.head.covered, 1), 3);
}

static void
an_index_that_does_not_follow_is_not_stated(void **state)
{
	struct log *log = *state;
	struct index_head head;
	uint64_t index = 0;

	commit_known(log, 1);
	struct index_entry first = make_index(log, 100);

	commit_known(log, 1);
	assert_int_equal(index_log_count(log->db, index_folder(log), &head), OK);
	struct index_head wrong[5] = { head, head, head, head, head };

	assert_int_equal(append_index(log, &wrong[0], 99, &index), ERR_CONFLICT);
	wrong[1].covered = first.head.covered;
	wrong[2].covered = ledger_size(log->ledger) + 1;
	wrong[3].streams = 0;
	wrong[4].total = first.head.total - 1;
	for (int i = 1; i < 5; i++)
		assert_int_equal(append_index(log, &wrong[i], 100, &index), ERR_CONFLICT);
	assert_int_equal(append_index(log, &head, 100, &index), OK);
	assert_verified(log, OK, 0);
}

/* What a server that lies would have to write. */
static void
a_wrong_index_is_found_by_whoever_has_the_rows(void **state)
{
	struct log *log = *state;
	struct index_head head;
	uint64_t index = 0;

	for (int i = 0; i < 4; i++)
		commit_known(log, 1 + i % 2);
	assert_int_equal(index_log_count(log->db, index_folder(log), &head), OK);
	struct index_head other = head;

	other.root[0] ^= 1;
	assert_int_equal(append_index(log, &other, 100, &index), OK);
	assert_verified(log, ERR_DAMAGED, index);
}

static void
one_entry_more_than_there_are_is_found_in_the_total(void **state)
{
	struct log *log = *state;
	struct index_head head;
	uint64_t index = 0;

	commit_known(log, 1);
	assert_int_equal(index_log_count(log->db, index_folder(log), &head), OK);
	head.total++;
	assert_int_equal(append_index(log, &head, 100, &index), OK);
	assert_verified(log, ERR_DAMAGED, index);
}

static void
an_index_entry_that_the_table_does_not_name_is_found(void **state)
{
	struct log *log = *state;
	unsigned char body[INDEX_HEAD_BYTES];
	struct index_entry first;
	uint64_t index = 0;

	commit_known(log, 1);
	first = make_index(log, 100);
	index_head_write(&first.head, body);
	assert_int_equal(db_begin(log->db), OK);
	assert_int_equal(ledger_append_open(log->ledger, log->db, LEDGER_OPEN_STREAM_INDEX, body, sizeof(body), &index),
			 OK);
	assert_int_equal(db_commit(log->db), OK);
	ledger_committed(log->ledger);
	assert_verified(log, ERR_DAMAGED, UINT64_MAX);
}

static void
the_newest_eight_files_are_kept(void **state)
{
	struct log *log = *state;
	struct index_entry entries[11];

	for (int i = 0; i < 11; i++) {
		commit_known(log, 1);
		entries[i] = make_index(log, 100);
	}
	assert_int_equal(index_log_trim(log->db, index_folder(log)), OK);
	for (int i = 0; i < 11; i++) {
		AUTO(index_file_close) struct index_file *file = NULL;

		assert_int_equal(index_file_open(index_folder(log), entries[i].head.covered, &file),
				 i < 3 ? ERR_NOT_FOUND : OK);
	}
	assert_verified(log, OK, 0);
}

#define IN_LOG(test) cmocka_unit_test_setup_teardown(test, set_up_log, tear_down_log)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LOG(an_index_counts_each_streams_entries_below_its_size),
		IN_LOG(without_its_file_an_index_is_counted_from_all_rows),
		IN_LOG(an_index_that_does_not_follow_is_not_stated),
		IN_LOG(a_wrong_index_is_found_by_whoever_has_the_rows),
		IN_LOG(one_entry_more_than_there_are_is_found_in_the_total),
		IN_LOG(an_index_entry_that_the_table_does_not_name_is_found),
		IN_LOG(the_newest_eight_files_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
