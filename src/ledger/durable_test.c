#include "ledger/durable.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/testing.h"

static char folder[64], path[192];

static int
begin(void **state)
{
	strcpy(folder, "/tmp/tirkeu-durable-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	return 0;
}

static int
end(void **state)
{
	char command[128];

	durable_fail_at(0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void
assert_content(const char *text)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	assert_int_equal(durable_read(path, 100, &out), OK);
	assert_int_equal(out.bytes, strlen(text));
	assert_memory_equal(out.text == NULL ? "" : out.text, text, out.bytes);
}

static void
a_file_is_the_old_one_or_the_new_one_whatever_fails(void **state)
{
	bool fired = true;
	int faults = 0;

	assert_int_equal(durable_write(path, "old", 3), OK);
	for (int nth = 1; fired; nth++, faults++) {
		durable_fail_at(nth);
		enum error e = durable_write(path, "the new one", 11);

		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e, fired ? ERR_IO : OK);
		assert_content(fired ? "old" : "the new one");
	}
	assert_int_equal(faults, 4); /* write, fsync, rename; then none */
}

static void
files_are_for_their_owner_alone(void **state)
{
	struct stat status;

	assert_int_equal(durable_write(path, "", 0), OK);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_content("");
}

static void
folders_are_made_with_those_above_them(void **state)
{
	char deep[224];

	snprintf(deep, sizeof(deep), "%s/a/b/c", folder);
	assert_int_equal(durable_make_folder(deep), OK);
	assert_int_equal(durable_make_folder(deep), OK);
	assert_int_equal(durable_sync(deep), OK);
	assert_int_equal(durable_sync(path), ERR_IO);
	strcpy(path, deep);
	strcat(path, "/file");
	assert_int_equal(durable_write(path, "x", 1), OK);
	strcpy(deep, path);
	strcat(deep, "/x");
	assert_int_equal(durable_make_folder(deep), ERR_IO);
}

static void
reading_tells_what_is_missing_or_too_large(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	assert_int_equal(durable_read(path, 100, &out), ERR_NOT_FOUND);
	assert_int_equal(durable_write(path, "four", 4), OK);
	assert_int_equal(durable_read(path, 3, &out), ERR_TOO_LARGE);
	strbuf_clear(&out);
	assert_int_equal(durable_read(path, 4, &out), OK);
	assert_int_equal(durable_read(folder, 100, &out), ERR_IO);
}

static void
a_file_of_others_is_settled_with_its_name_or_that_is_told(void **state)
{
	assert_int_equal(durable_settle(path), ERR_IO); /* it is not there */
	assert_int_equal(durable_write(path, "x", 1), OK);
	for (int nth = 1; nth <= 2; nth++) { /* the file, the folder */
		durable_fail_at(nth);
		assert_int_equal(durable_settle(path), ERR_IO);
		assert_true(durable_fault_fired());
	}
	durable_fail_at(0);
	assert_int_equal(durable_settle(path), OK);
	assert_content("x");
}

static void
what_is_wiped_is_zeros_before_its_name_goes(void **state)
{
	char block[10000], read_back[sizeof(block)];

	memset(block, 'x', sizeof(block));
	assert_int_equal(durable_wipe(path), OK); /* it is not there */
	for (int nth = 1; nth <= 6; nth++) {      /* three blocks, fsync, unlink, the folder */
		assert_int_equal(durable_write(path, block, sizeof(block)), OK);
		int fd = open(path, O_RDONLY);

		durable_fail_at(nth);
		assert_int_equal(durable_wipe(path), ERR_IO);
		durable_fail_at(0);
		assert_int_equal(durable_wipe(path), OK);
		assert_int_equal(read(fd, read_back, sizeof(read_back)), sizeof(read_back));
		assert_int_equal(read_back[0], 0);
		assert_memory_equal(read_back, read_back + 1, sizeof(read_back) - 1);
		close(fd);
		assert_int_not_equal(access(path, F_OK), 0);
	}
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_file_is_the_old_one_or_the_new_one_whatever_fails),
		IN_FOLDER(a_file_of_others_is_settled_with_its_name_or_that_is_told),
		IN_FOLDER(files_are_for_their_owner_alone),
		IN_FOLDER(folders_are_made_with_those_above_them),
		IN_FOLDER(reading_tells_what_is_missing_or_too_large),
		IN_FOLDER(what_is_wiped_is_zeros_before_its_name_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
