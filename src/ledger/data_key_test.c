#include "ledger/testing.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>
#include "ledger/data_key.h"
#include "base/day.h"
#include "ledger/durable.h"
#include "ledger/erasure.h"

static const unsigned char iv[DATA_KEY_IV_BYTES] = { 1, 2, 3 };

static char *
fresh_path(void)
{
	static char folder[] = "/tmp/data-key.XXXXXX";
	static char path[64];

	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/data.keys", folder);
	assert_int_equal(data_keys_make(path), OK);
	return path;
}

static void
remove_path(const char *path)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	unlink(path);
	snprintf(folder + strlen(folder), sizeof(folder) - strlen(folder), "/data.keys.new");
	unlink(folder);
	folder[strrchr(path, '/') - path] = '\0';
	rmdir(folder);
}

static struct data_keys *
open_keys(const char *path)
{
	struct data_keys *keys = NULL;

	assert_int_equal(data_keys_open(path, &keys), OK);
	return keys;
}

static uint32_t
number_for(struct data_keys *keys, uint32_t rule, uint32_t month)
{
	uint32_t number = 0;

	assert_int_equal(data_keys_find(keys, rule, month, 0, &number), OK);
	return number;
}

static void
hide(struct data_keys *keys, uint32_t number, enum seal_part part, const char *text, struct strbuf *out)
{
	unsigned char salt[SEAL_SALT_BYTES];

	count_up(salt, sizeof(salt), 7);
	assert_int_equal(data_key_hide(keys, number, part, iv, salt, text, strlen(text), out), OK);
}

static enum error
show(struct data_keys *keys, uint32_t number, enum seal_part part, const struct strbuf *hidden, struct arena *arena,
     const char **ret_text)
{
	const unsigned char *salt = NULL;
	const void *data = NULL;
	size_t bytes = 0;
	unsigned char expected[SEAL_SALT_BYTES];
	enum error e = data_key_show(keys, number, part, iv, hidden->text, hidden->bytes, arena, &salt, &data, &bytes);

	if (e != OK)
		return e;
	count_up(expected, sizeof(expected), 7);
	assert_memory_equal(salt, expected, sizeof(expected));
	*ret_text = arena_copy(arena, data, bytes);
	return OK;
}

static void
what_is_hidden_is_shown_again_after_a_restart(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf hidden = { 0 };
	const char *path = fresh_path(), *text = NULL;
	struct data_keys *keys = open_keys(path);
	uint32_t number = number_for(keys, 7, data_key_month(0));

	hide(keys, number, SEAL_PAYLOAD, "a name", &hidden);
	assert_int_equal(hidden.bytes, SEAL_SALT_BYTES + 6);
	assert_null(memmem(hidden.text, hidden.bytes, "name", 4));
	data_keys_free(keys);
	keys = open_keys(path);
	assert_int_equal(show(keys, number, SEAL_PAYLOAD, &hidden, arena, &text), OK);
	assert_string_equal(text, "a name");
	data_keys_free(keys);
	remove_path(path);
}

static void
each_rule_month_and_part_has_a_key_of_its_own(void **state)
{
	AUTO(strbuf_done) struct strbuf first = { 0 };
	AUTO(strbuf_done) struct strbuf second = { 0 };
	const char *path = fresh_path();
	AUTO(data_keys_free) struct data_keys *keys = open_keys(path);
	uint32_t a = number_for(keys, 1, 24000), b = number_for(keys, 1, 24001), c = number_for(keys, 2, 24000);

	assert_true(a != b && b != c && a != c);
	assert_int_equal(number_for(keys, 1, 24000), a);
	assert_int_equal(data_keys_count(keys), 3);
	hide(keys, a, SEAL_HEADER, "same", &first);
	hide(keys, a, SEAL_DETAIL, "same", &second);
	assert_memory_not_equal(first.text, second.text, first.bytes);
	strbuf_clear(&second);
	hide(keys, b, SEAL_HEADER, "same", &second);
	assert_memory_not_equal(first.text, second.text, first.bytes);
	remove_path(path);
}

static void
a_destroyed_key_shows_nothing_any_more_and_the_others_do(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf detail = { 0 };
	AUTO(strbuf_done) struct strbuf header = { 0 };
	const char *path = fresh_path(), *text = NULL;
	struct data_keys *keys = open_keys(path);
	uint32_t number = number_for(keys, 1, 24000);

	hide(keys, number, SEAL_DETAIL, "who", &detail);
	hide(keys, number, SEAL_HEADER, "what", &header);
	assert_int_equal(data_key_destroy(keys, number, ERASED_DETAIL), OK);
	assert_int_equal(data_key_destroy(keys, number, ERASED_DETAIL), OK);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(show(keys, number, SEAL_DETAIL, &detail, arena, &text), ERR_GONE);
		assert_int_equal(show(keys, number, SEAL_HEADER, &header, arena, &text), OK);
		assert_string_equal(text, "what");
		data_keys_free(keys);
		keys = open_keys(path);
	}
	data_keys_free(keys);
	remove_path(path);
}

static void
entries_of_a_month_whose_keys_are_gone_get_new_ones(void **state)
{
	const char *path = fresh_path();
	AUTO(data_keys_free) struct data_keys *keys = open_keys(path);
	uint32_t number = number_for(keys, 1, 24000);

	assert_int_equal(data_key_destroy(keys, number, ERASED_HEADER), OK);
	assert_true(number_for(keys, 1, 24000) != number);
	remove_path(path);
}

/* As after an older store was brought back: an erasure looks for what lies under a key from its first index on. */
static void
keys_that_begin_behind_the_store_are_not_given(void **state)
{
	const char *path = fresh_path();
	AUTO(data_keys_free) struct data_keys *keys = open_keys(path);
	uint32_t first = 0, second = 0, third = 0;

	assert_int_equal(data_keys_find(keys, 1, 24000, 1000, &first), OK);
	assert_int_equal(data_keys_find(keys, 1, 24000, 999, &second), OK);
	assert_int_equal(data_keys_find(keys, 1, 24000, 1000, &third), OK);
	assert_int_not_equal(first, second);
	assert_int_equal(second, third);
	remove_path(path);
}

/* As after a clock went forward by mistake: it looks for them up to the next but one month's first index. */
static void
behind_the_next_but_one_month_an_earlier_ones_keys_are_not_given(void **state)
{
	const char *path = fresh_path();
	AUTO(data_keys_free) struct data_keys *keys = open_keys(path);
	uint32_t january = number_for(keys, 1, 24000), february = number_for(keys, 1, 24001), again = 0;

	assert_int_equal(number_for(keys, 1, 24000), january);
	number_for(keys, 2, 24002);
	assert_int_equal(number_for(keys, 1, 24001), february);
	again = number_for(keys, 1, 24000);
	assert_int_not_equal(again, january);
	assert_int_equal(number_for(keys, 1, 24000), again);
	remove_path(path);
}

static bool
is_there(const char *path, const char *end)
{
	char name[80];

	snprintf(name, sizeof(name), "%s%s", path, end);
	return access(name, F_OK) == 0;
}

static void
no_version_of_the_file_outlasts_the_next_one(void **state)
{
	const char *path = fresh_path();
	AUTO(data_keys_free) struct data_keys *keys = open_keys(path);
	uint32_t number = number_for(keys, 1, 24000);

	for (int step = 0; step < 2; step++) { /* keys are added, then one is destroyed */
		char block[512];
		int old = open(path, O_RDONLY);

		if (step == 0)
			number_for(keys, 1, 24001);
		else
			assert_int_equal(data_key_destroy(keys, number, ERASED_DETAIL), OK);
		ssize_t bytes = read(old, block, sizeof(block));

		assert_true(bytes > 128);
		for (ssize_t i = 0; i < bytes; i++)
			assert_int_equal(block[i], 0);
		close(old);
		assert_false(is_there(path, ".old") || is_there(path, ".new"));
	}
	remove_path(path);
}

static void
what_a_write_that_was_cut_short_left_is_overwritten(void **state)
{
	const char *path = fresh_path();
	AUTO(data_keys_free) struct data_keys *keys = open_keys(path);
	char left[80], block[4];

	snprintf(left, sizeof(left), "%s.new", path);
	int fd = open(left, O_RDWR | O_CREAT | O_EXCL, 0600);

	assert_int_equal(write(fd, "keys", 4), 4);
	number_for(keys, 1, 24000);
	assert_int_equal(pread(fd, block, sizeof(block), 0), 4);
	assert_memory_equal(block, "\0\0\0\0", 4);
	close(fd);
	assert_false(is_there(path, ".new"));
	remove_path(path);
}

/* Whatever fails: these keys or those, all others good, and once more finishes it with nothing left of the old file. */
static void
a_key_whose_destruction_was_cut_short_is_destroyed_by_the_next(void **state)
{
	bool fired = true;

	for (int nth = 1; fired; nth++) {
		const char *path = fresh_path();
		struct data_keys *keys = open_keys(path);
		uint32_t number = number_for(keys, 1, 24000), other = number_for(keys, 2, 24000);
		struct data_key key;

		durable_fail_at(nth);
		enum error e = data_key_destroy(keys, number, ERASED_PAYLOAD);
		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e == OK, !fired);
		data_keys_free(keys);
		keys = open_keys(path);
		assert_int_equal(number_for(keys, 2, 24000), other);
		assert_int_equal(data_key_destroy(keys, number, ERASED_PAYLOAD), OK);
		data_keys_free(keys);
		keys = open_keys(path);
		assert_true(data_keys_get(keys, number, &key) && key.destroyed[SEAL_PAYLOAD]);
		assert_false(key.destroyed[SEAL_HEADER]);
		assert_false(is_there(path, ".old") || is_there(path, ".new"));
		data_keys_free(keys);
		remove_path(path);
	}
}

static void
a_changed_byte_of_the_file_is_found(void **state)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	const char *path = fresh_path();
	struct data_keys *keys = open_keys(path);

	number_for(keys, 3, 24000);
	number_for(keys, 4, 24000);
	data_keys_free(keys);
	assert_int_equal(durable_read(path, 4096, &text), OK);
	for (size_t i = 0; i <= text.bytes; i++) {
		size_t bytes = i == text.bytes ? text.bytes - 1 : text.bytes; /* the last time it is cut short */

		text.text[i < text.bytes ? i : 0] ^= i < text.bytes ? 0x10 : 0;
		assert_int_equal(durable_write(path, text.text, bytes), OK);
		keys = NULL;
		assert_int_equal(data_keys_open(path, &keys), ERR_DAMAGED);
		text.text[i < text.bytes ? i : 0] ^= i < text.bytes ? 0x10 : 0;
	}
	remove_path(path);
}

static void
a_key_that_cannot_be_kept_is_not_given(void **state)
{
	const char *path = fresh_path();
	AUTO(data_keys_free) struct data_keys *keys = open_keys(path);
	uint32_t number = 0;
	bool fired = true;

	for (int nth = 1; fired; nth++) {
		durable_fail_at(nth);
		enum error e = data_keys_find(keys, 9, 24000 + (uint32_t)nth, 5, &number);
		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e == OK, !fired);
		AUTO(data_keys_free) struct data_keys *reopened = open_keys(path);
		assert_true(data_keys_count(reopened) >= data_keys_count(keys));
	}
	assert_int_equal(data_keys_count(keys), 1);
	remove_path(path);
}

struct reader {
	struct data_keys *keys;
	uint32_t number;
	const struct strbuf *hidden;
	_Atomic bool stops;
	_Atomic int shown, failures;
};

static void *
read_on(void *context)
{
	struct reader *reader = context;
	AUTO(arena_free) struct arena *arena = arena_new();

	while (!reader->stops) {
		const unsigned char *salt = NULL;
		const void *data = NULL;
		size_t bytes = 0;

		arena_reset(arena);
		bool same = data_key_show(reader->keys, reader->number, SEAL_PAYLOAD, iv, reader->hidden->text,
					  reader->hidden->bytes, arena, &salt, &data, &bytes) == OK &&
			    bytes == 6 && memcmp(data, "a name", 6) == 0;

		reader->failures += !same;
		reader->shown++;
	}
	return NULL;
}

/* So many that the array moves in memory, and one that goes. */
static void
readers_see_their_key_while_others_are_made_and_destroyed(void **state)
{
	AUTO(strbuf_done) struct strbuf hidden = { 0 };
	const char *path = fresh_path();
	AUTO(data_keys_free) struct data_keys *keys = open_keys(path);
	struct reader reader = { .keys = keys, .number = number_for(keys, 1, 24000), .hidden = &hidden };
	pthread_t threads[2];

	hide(keys, reader.number, SEAL_PAYLOAD, "a name", &hidden);
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &reader), 0);
	for (uint32_t rule = 2; rule < 80 || reader.shown < 100; rule++)
		number_for(keys, rule, 24000);
	assert_int_equal(data_key_destroy(keys, number_for(keys, 2, 24000), ERASED_PAYLOAD), OK);
	reader.stops = true;
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(reader.failures, 0);
	remove_path(path);
}

static void
a_month_begins_at_midnight_utc(void **state)
{
	assert_int_equal(data_key_month(0), 1970 * 12);
	assert_int_equal(data_key_month(-1), 1969 * 12 + 11);
	assert_int_equal(data_key_month(day_from_civil(2026, 12, 1) * DAY_MS), 2026 * 12 + 11);
	assert_int_equal(data_key_month(day_from_civil(2026, 12, 1) * DAY_MS - 1), 2026 * 12 + 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_hidden_is_shown_again_after_a_restart),
		cmocka_unit_test(each_rule_month_and_part_has_a_key_of_its_own),
		cmocka_unit_test(a_destroyed_key_shows_nothing_any_more_and_the_others_do),
		cmocka_unit_test(entries_of_a_month_whose_keys_are_gone_get_new_ones),
		cmocka_unit_test(keys_that_begin_behind_the_store_are_not_given),
		cmocka_unit_test(behind_the_next_but_one_month_an_earlier_ones_keys_are_not_given),
		cmocka_unit_test(no_version_of_the_file_outlasts_the_next_one),
		cmocka_unit_test(what_a_write_that_was_cut_short_left_is_overwritten),
		cmocka_unit_test(a_key_whose_destruction_was_cut_short_is_destroyed_by_the_next),
		cmocka_unit_test(a_changed_byte_of_the_file_is_found),
		cmocka_unit_test(a_key_that_cannot_be_kept_is_not_given),
		cmocka_unit_test(readers_see_their_key_while_others_are_made_and_destroyed),
		cmocka_unit_test(a_month_begins_at_midnight_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
