#include "cli/datadir.h"
#include <ftw.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/testing.h"

static char folder[64];

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	return remove(path);
}

static int
set_up(void **state)
{
	strcpy(folder, "/tmp/datadir-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static mode_t
mode_of(const struct datadir *dir, struct arena *arena, const char *name)
{
	struct stat status;

	assert_int_equal(stat(datadir_path(dir, arena, name), &status), 0);
	return status.st_mode & 0777;
}

static void
a_new_folder_is_its_owners_alone(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(datadir_close) struct datadir *dir = NULL;

	assert_int_equal(datadir_make(folder, &dir), OK);
	assert_int_equal(mode_of(dir, arena, "."), 0700);
	assert_int_equal(mode_of(dir, arena, "store"), 0700);
	assert_int_equal(mode_of(dir, arena, "keys"), 0700);
	assert_int_equal(mode_of(dir, arena, "run"), 0700);
	assert_int_equal(mode_of(dir, arena, "keys/reference.key"), 0600);
	assert_int_equal(mode_of(dir, arena, "keys/ledger.key"), 0600);
	assert_int_equal(mode_of(dir, arena, "keys/file.key"), 0600);
	assert_int_equal(mode_of(dir, arena, "lock"), 0600);
}

static void
a_folder_with_something_in_it_is_left_alone(void **state)
{
	struct datadir *dir = NULL;
	char path[96];

	snprintf(path, sizeof(path), "%s/diary", folder);
	put_file(path, "mine");
	assert_int_equal(datadir_make(folder, &dir), ERR_DUPLICATE);
	assert_null(dir);
}

static void
a_folder_that_was_not_finished_can_be_made_again(void **state)
{
	struct datadir *dir = NULL;

	assert_int_equal(datadir_make(folder, &dir), OK);
	datadir_unmake(dir);
	datadir_close(dir);
	assert_int_equal(datadir_make(folder, &dir), OK);
	datadir_close(dir);
}

static void
a_folder_without_a_store_is_no_installation(void **state)
{
	struct datadir *dir = NULL;

	assert_int_equal(datadir_open(folder, &dir), ERR_NOT_FOUND);
	assert_int_equal(datadir_open("/nowhere/at/all", &dir), ERR_NOT_FOUND);
}

static void
two_cannot_hold_the_lock(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct datadir *first = NULL, *second = NULL;

	assert_int_equal(datadir_make(folder, &first), OK);
	put_file(datadir_store(first, arena), "");
	assert_int_equal(datadir_open(folder, &second), OK);
	assert_int_equal(datadir_lock(second), ERR_BUSY);
	datadir_close(first);
	assert_int_equal(datadir_lock(second), OK);
	datadir_close(second);
}

static void
keys_are_random_and_stay(void **state)
{
	AUTO(datadir_close) struct datadir *dir = NULL;
	struct datadir_keys keys = { 0 }, again = { 0 }, none = { 0 };

	assert_int_equal(datadir_make(folder, &dir), OK);
	assert_int_equal(datadir_keys(dir, &keys), OK);
	assert_int_equal(datadir_keys(dir, &again), OK);
	assert_memory_equal(&keys, &again, sizeof(keys));
	assert_memory_not_equal(keys.file, none.file, sizeof(keys.file));
	assert_memory_not_equal(keys.reference, keys.ledger, sizeof(keys.reference));
}

static void
a_key_of_another_length_is_damage(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(datadir_close) struct datadir *dir = NULL;
	struct datadir_keys keys;

	assert_int_equal(datadir_make(folder, &dir), OK);
	assert_int_equal(truncate(datadir_path(dir, arena, "keys/ledger.key"), 15), 0);
	assert_int_equal(datadir_keys(dir, &keys), ERR_DAMAGED);
	assert_int_equal(unlink(datadir_path(dir, arena, "keys/ledger.key")), 0);
	assert_int_equal(datadir_keys(dir, &keys), ERR_NOT_FOUND);
}

static void
an_installation_without_a_log_key_opens_and_gets_one(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(datadir_close) struct datadir *dir = NULL;
	const unsigned char log[32] = { 1, 2, 3 };
	struct datadir_keys keys;

	assert_int_equal(datadir_make(folder, &dir), OK);
	assert_int_equal(datadir_keys(dir, &keys), OK);
	assert_true(keys.has_log);
	assert_int_equal(unlink(datadir_path(dir, arena, DATADIR_LOG_KEY)), 0);
	assert_int_equal(datadir_keys(dir, &keys), OK);
	assert_false(keys.has_log);
	assert_int_equal(datadir_add_log_key(dir, log), OK);
	assert_int_equal(datadir_keys(dir, &keys), OK);
	assert_true(keys.has_log);
	assert_memory_equal(keys.log, log, sizeof(log));
	assert_int_equal(truncate(datadir_path(dir, arena, DATADIR_LOG_KEY), 31), 0);
	assert_int_equal(datadir_keys(dir, &keys), OK);
	assert_false(keys.has_log);
}

static void
a_pack_is_copied_whole(void **state)
{
	static const unsigned char digest[32] = { 0xab, 1 };
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(datadir_close) struct datadir *dir = NULL;
	AUTO(strbuf_done) struct strbuf from = { 0 };
	AUTO(strbuf_done) struct strbuf to = { 0 };

	assert_int_equal(datadir_make(folder, &dir), OK);
	assert_int_equal(datadir_keep_pack(dir, "tests/packs/library", digest), OK);
	assert_int_equal(datadir_keep_pack(dir, "tests/packs/library", digest), OK);
	read_whole("tests/packs/library/pack.yaml", &from);
	read_whole(arena_printf(arena, "%s/pack.yaml", datadir_pack(dir, arena, digest)), &to);
	assert_string_equal(from.text, to.text);
	assert_int_equal(access(arena_printf(arena, "%s/law", datadir_pack(dir, arena, digest)), F_OK), 0);
}

static void
a_deep_folder_has_a_short_name_for_its_socket(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(datadir_close) struct datadir *dir = NULL;
	const char *deep = arena_printf(arena, "%s/%0100d", folder, 0);

	assert_int_equal(datadir_make(deep, &dir), OK);
	const char *path = datadir_socket(dir, arena);
	assert_true(strlen(path) < sizeof(((struct sockaddr_un *)0)->sun_path));
	put_file(path, "");
	assert_int_equal(access(datadir_path(dir, arena, "run/socket"), F_OK), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_new_folder_is_its_owners_alone),
		IN_FOLDER(a_folder_with_something_in_it_is_left_alone),
		IN_FOLDER(a_folder_that_was_not_finished_can_be_made_again),
		IN_FOLDER(a_folder_without_a_store_is_no_installation),
		IN_FOLDER(two_cannot_hold_the_lock),
		IN_FOLDER(keys_are_random_and_stay),
		IN_FOLDER(a_key_of_another_length_is_damage),
		IN_FOLDER(an_installation_without_a_log_key_opens_and_gets_one),
		IN_FOLDER(a_pack_is_copied_whole),
		IN_FOLDER(a_deep_folder_has_a_short_name_for_its_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
