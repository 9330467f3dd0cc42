#include "ledger/index.h"
#include "ledger/durable.h"
#include <ftw.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ledger/seal.h"
#include "ledger/testing.h"

struct place {
	char folder[64];
};

static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	snprintf(place->folder, sizeof(place->folder), "/tmp/tirkeu-index-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	*state = place;
	return 0;
}

static int
remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	return remove(path);
}

static int
tear_down(void **state)
{
	struct place *place = *state;

	nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(place);
	return 0;
}

/* The slow twin: sorted records as they should be. */
struct model {
	struct index_record records[400];
	size_t count;
};

static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, INDEX_ID_BYTES);
}

static void
stream_id(unsigned number, unsigned char id[INDEX_ID_BYTES])
{
	unsigned char key[SEAL_KEY_BYTES] = { (unsigned char)number, (unsigned char)(number >> 8), 7 };

	seal_stream_id(key, id);
}

static void
model_add(struct model *model, const struct index_record *record)
{
	for (size_t i = 0; i < model->count; i++)
		if (memcmp(model->records[i].id, record->id, INDEX_ID_BYTES) == 0) {
			model->records[i].count += record->count;
			return;
		}
	model->records[model->count++] = *record;
	qsort(model->records, model->count, sizeof(*model->records), by_id);
}

/* Streams first, first + step, ... below `behind` get n entries each. */
static size_t
additions(struct model *model, unsigned first, unsigned behind, unsigned step, uint64_t n,
	  struct index_record records[static 400])
{
	size_t count = 0;

	for (unsigned i = first; i < behind; i += step, count++) {
		stream_id(i, records[count].id);
		records[count].count = n;
		model_add(model, &records[count]);
	}
	qsort(records, count, sizeof(*records), by_id);
	return count;
}

static void
assert_is_model(struct place *place, uint64_t covered, const struct model *model, const struct index_head *head)
{
	AUTO(index_file_close) struct index_file *file = NULL;
	struct tree tree = { 0 };
	unsigned char root[TREE_HASH_BYTES], leaf[TREE_HASH_BYTES];
	uint64_t total = 0;

	assert_int_equal(index_file_open(place->folder, covered, &file), OK);
	assert_int_equal(index_file_check(file), OK);
	for (size_t i = 0; i < model->count; i++) {
		struct proof proof;
		uint64_t position = 0, count = 0;

		index_record_leaf(&model->records[i], leaf);
		tree_append(&tree, leaf);
		total += model->records[i].count;
		assert_int_equal(index_file_find(file, model->records[i].id, &position, &count, &proof), OK);
		assert_int_equal(position, i);
		assert_int_equal(count, model->records[i].count);
		assert_int_equal(proof_check_inclusion(i, model->count, leaf, &proof, head->root), OK);
	}
	tree_root(&tree, root);
	assert_memory_equal(root, head->root, sizeof(root));
	assert_int_equal(head->streams, model->count);
	assert_int_equal(head->total, total);
	assert_int_equal(head->covered, covered);
}

static void
each_merge_holds_all_streams_with_their_counts_and_paths(void **state)
{
	struct place *place = *state;
	static struct model model;
	struct index_record records[400];
	struct index_head first, second, third;

	memset(&model, 0, sizeof(model));
	size_t count = additions(&model, 0, 200, 2, 3, records);

	assert_int_equal(index_file_merge(place->folder, NULL, records, count, 1000, &first), OK);
	assert_is_model(place, 1000, &model, &first);
	AUTO(index_file_close) struct index_file *before = NULL;

	assert_int_equal(index_file_open(place->folder, 1000, &before), OK);
	count = additions(&model, 0, 333, 3, 5, records);
	assert_int_equal(index_file_merge(place->folder, before, records, count, 2000, &second), OK);
	assert_is_model(place, 2000, &model, &second);
	assert_true(index_head_follows(&first, &second));
	assert_false(index_head_follows(&second, &first));
	assert_false(index_head_follows(&first, &first));
	/* Nobody had an entry meanwhile: all stays but N. */
	AUTO(index_file_close) struct index_file *again = NULL;

	assert_int_equal(index_file_open(place->folder, 2000, &again), OK);
	assert_int_equal(index_file_merge(place->folder, again, NULL, 0, 2001, &third), OK);
	assert_memory_equal(second.root, third.root, TREE_HASH_BYTES);
	assert_is_model(place, 2001, &model, &third);
	assert_int_equal(index_file_merge(place->folder, again, NULL, 0, 2000, &third), ERR_DAMAGED);
}

static void
a_file_whose_name_is_not_durable_is_not_told(void **state)
{
	struct place *place = *state;
	static struct model model;
	struct index_record records[400];
	struct index_head head = { 0 };

	memset(&model, 0, sizeof(model));
	size_t count = additions(&model, 0, 20, 2, 3, records);

	for (int nth = 1; nth <= 2; nth++) { /* the folder is made, then synced */
		durable_fail_at(nth);
		assert_int_equal(index_file_merge(place->folder, NULL, records, count, 1000, &head), ERR_IO);
		durable_fail_at(0);
		assert_int_equal(head.streams, 0);
	}
	assert_int_equal(index_file_merge(place->folder, NULL, records, count, 1000, &head), OK);
}

static void
a_stream_without_entries_is_not_found(void **state)
{
	struct place *place = *state;
	AUTO(index_file_close) struct index_file *file = NULL;
	static struct model model;
	struct index_record records[400];
	struct index_head head;
	struct proof proof;
	uint64_t position = 0, n = 0;
	unsigned char id[INDEX_ID_BYTES];

	memset(&model, 0, sizeof(model));
	size_t count = additions(&model, 0, 20, 1, 1, records);

	assert_int_equal(index_file_open(place->folder, 20, &file), ERR_NOT_FOUND);
	assert_int_equal(index_file_merge(place->folder, NULL, records, count, 20, &head), OK);
	assert_int_equal(index_file_open(place->folder, 20, &file), OK);
	for (unsigned i = 20; i < 60; i++) {
		stream_id(i, id);
		assert_int_equal(index_file_find(file, id, &position, &n, &proof), ERR_NOT_FOUND);
	}
	/* An index of nobody is one too. */
	AUTO(index_file_close) struct index_file *empty = NULL;

	assert_int_equal(index_file_merge(place->folder, NULL, NULL, 0, 1, &head), OK);
	assert_int_equal(index_file_open(place->folder, 1, &empty), OK);
	assert_int_equal(index_file_check(empty), OK);
	assert_int_equal(index_file_find(empty, id, &position, &n, &proof), ERR_NOT_FOUND);
	assert_int_equal(head.streams, 0);
}

static void
no_byte_of_a_file_can_change_unnoticed(void **state)
{
	struct place *place = *state;
	static struct model model;
	struct index_record records[400];
	struct index_head head;
	char path[96];

	memset(&model, 0, sizeof(model));
	size_t count = additions(&model, 0, 37, 1, 2, records);

	assert_int_equal(index_file_merge(place->folder, NULL, records, count, 100, &head), OK);
	snprintf(path, sizeof(path), "%s/100", place->folder);
	int fd = open(path, O_RDWR);
	off_t bytes = lseek(fd, 0, SEEK_END);

	assert_true(bytes > 72 + 37 * 40);
	for (off_t at = 0; at < bytes; at++) {
		AUTO(index_file_close) struct index_file *file = NULL;
		unsigned char byte = 0, changed;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		changed = byte ^ 1;
		assert_int_equal(pwrite(fd, &changed, 1, at), 1);
		enum error e = index_file_open(place->folder, 100, &file);

		assert_int_equal(e == OK ? index_file_check(file) : e, ERR_DAMAGED);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	/* Nor is a damaged one merged on. */
	AUTO(index_file_close) struct index_file *file = NULL;

	assert_int_equal(pwrite(fd, "\x07", 1, 72 + 39), 1);
	assert_int_equal(index_file_open(place->folder, 100, &file), OK);
	assert_int_equal(index_file_merge(place->folder, file, NULL, 0, 200, &head), ERR_DAMAGED);
	assert_int_equal(ftruncate(fd, bytes - 1), 0);
	AUTO(index_file_close) struct index_file *cut = NULL;

	assert_int_equal(index_file_open(place->folder, 100, &cut), ERR_DAMAGED);
	close(fd);
}

static void
only_the_files_of_known_sizes_are_kept(void **state)
{
	struct place *place = *state;
	static const uint64_t kept[] = { 20, 40, 70 };
	struct index_head head;
	char path[96];

	for (uint64_t n = 10; n <= 70; n += 10)
		assert_int_equal(index_file_merge(place->folder, NULL, NULL, 0, n, &head), OK);
	snprintf(path, sizeof(path), "%s/500.new", place->folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(index_folder_trim(place->folder, kept, ARRAY_COUNT(kept)), OK);
	assert_int_not_equal(access(path, F_OK), 0);
	for (uint64_t n = 10; n <= 70; n += 10) {
		AUTO(index_file_close) struct index_file *file = NULL;

		assert_int_equal(index_file_open(place->folder, n, &file),
				 n == 20 || n == 40 || n == 70 ? OK : ERR_NOT_FOUND);
	}
	assert_int_equal(index_folder_trim("/nonexistent/index", kept, 1), OK);
}

static void
the_entrys_body_reads_back(void **state)
{
	struct index_head head = { .time_s = 1, .covered = UINT64_C(1) << 40, .streams = 3, .total = 4 }, back;
	unsigned char bytes[INDEX_HEAD_BYTES];

	memset(head.root, 9, sizeof(head.root));
	index_head_write(&head, bytes);
	assert_hex(bytes, sizeof(bytes),
		   "0000000000000001000001000000000000000000000000030000000000000004"
		   "0909090909090909090909090909090909090909090909090909090909090909");
	index_head_read(bytes, &back);
	assert_memory_equal(&head, &back, sizeof(head));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(each_merge_holds_all_streams_with_their_counts_and_paths),
		IN_FOLDER(a_file_whose_name_is_not_durable_is_not_told),
		IN_FOLDER(a_stream_without_entries_is_not_found),
		IN_FOLDER(no_byte_of_a_file_can_change_unnoticed),
		IN_FOLDER(only_the_files_of_known_sizes_are_kept),
		cmocka_unit_test(the_entrys_body_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
