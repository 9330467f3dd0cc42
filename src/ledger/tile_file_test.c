#include "ledger/tile_file.h"
#include <sys/stat.h>
#include <unistd.h>
#include "base/testing.h"
#include "ledger/durable.h"

static char folder[64];

static int
begin(void **state)
{
	strcpy(folder, "/tmp/tirkeu-tile-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
end(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* Hashes, or a bundle of as many entries of one byte. */
static void
content_of(const struct tile *tile, struct strbuf *out)
{
	for (unsigned i = 0; i < tile->width; i++) {
		unsigned char hash[TREE_HASH_BYTES] = { (unsigned char)i, 7 };

		if (tile->entries)
			bundle_add(out, hash, 1);
		else
			strbuf_add(out, hash, sizeof(hash));
	}
}

static enum error
keep(const struct tile *tile, const struct strbuf *content)
{
	AUTO(strbuf_done) struct strbuf where = { 0 };
	enum error e = tile_file_keep(folder, tile, content->text, content->bytes, &where);

	if (e == OK)
		assert_int_equal(durable_sync(where.text), OK);
	return e;
}

static void
a_tile_is_kept_once_and_never_written_over(void **state)
{
	const struct tile tile = { .level = 1, .number = 1234, .width = 17 };
	AUTO(strbuf_done) struct strbuf content = { 0 };
	AUTO(strbuf_done) struct strbuf path = { 0 };
	AUTO(strbuf_done) struct strbuf found = { 0 };

	content_of(&tile, &content);
	assert_int_equal(keep(&tile, &content), OK);
	assert_int_equal(keep(&tile, &content), OK);
	content.text[40] ^= 1;
	assert_int_equal(keep(&tile, &content), ERR_CONFLICT);
	content.text[40] ^= 1;
	tile_file_path(folder, &tile, &path);
	assert_non_null(strstr(path.text, "/tile/1/x001/234.p/17"));
	/* Shorter by a crash: made good. Longer: somebody else's. */
	assert_int_equal(truncate(path.text, 100), 0);
	assert_int_equal(keep(&tile, &content), OK);
	assert_int_equal(truncate(path.text, (off_t)content.bytes + 1), 0);
	assert_int_equal(keep(&tile, &content), ERR_CONFLICT);
	assert_int_equal(truncate(path.text, (off_t)content.bytes), 0);
	assert_int_equal(tile_file_read(folder, &tile, &found), OK);
	assert_int_equal(found.bytes, content.bytes);
	assert_memory_equal(found.text, content.text, found.bytes);
}

static void
a_partial_form_that_is_gone_is_cut_from_the_full_one(void **state)
{
	for (int entries = 0; entries < 2; entries++) {
		struct tile partial = { .entries = entries == 1, .width = 44 }, full = partial;
		AUTO(strbuf_done) struct strbuf whole = { 0 };
		AUTO(strbuf_done) struct strbuf part = { 0 };
		AUTO(strbuf_done) struct strbuf found = { 0 };

		full.width = TILE_WIDTH;
		content_of(&full, &whole);
		content_of(&partial, &part);
		assert_int_equal(tile_file_read(folder, &partial, &found), ERR_NOT_FOUND);
		assert_int_equal(keep(&partial, &part), OK);
		assert_int_equal(keep(&full, &whole), OK);
		tile_file_drop_partial(folder, &full);
		assert_int_equal(tile_file_read(folder, &partial, &found), OK);
		assert_int_equal(found.bytes, part.bytes);
		assert_memory_equal(found.text, part.text, found.bytes);
	}
}

static void
dropping_takes_all_partial_forms_and_nothing_else(void **state)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };
	struct tile tile = { .number = 3 };
	struct stat status;

	for (tile.width = 1; tile.width <= 3; tile.width++) {
		AUTO(strbuf_done) struct strbuf content = { 0 };

		content_of(&tile, &content);
		assert_int_equal(keep(&tile, &content), OK);
		tile.number++; /* a neighbour's stays */
		assert_int_equal(keep(&tile, &content), OK);
		tile.number--;
	}
	tile_file_drop_partial(folder, &tile);
	for (int neighbour = 0; neighbour < 2; neighbour++) {
		strbuf_clear(&path);
		strbuf_printf(&path, "%s/tile/0/%03d.p", folder, 3 + neighbour);
		assert_int_equal(stat(path.text, &status) == 0, neighbour == 1);
	}
}

static void
a_file_of_another_length_is_damage(void **state)
{
	for (int entries = 0; entries < 2; entries++) {
		const struct tile tile = { .entries = entries == 1, .number = 5, .width = 9 };
		AUTO(strbuf_done) struct strbuf content = { 0 };
		AUTO(strbuf_done) struct strbuf path = { 0 };

		content_of(&tile, &content);
		assert_int_equal(keep(&tile, &content), OK);
		tile_file_path(folder, &tile, &path);
		for (int change = -1; change <= 1; change += 2) {
			AUTO(strbuf_done) struct strbuf found = { 0 };

			assert_int_equal(truncate(path.text, (off_t)content.bytes + change), 0);
			assert_int_equal(tile_file_read(folder, &tile, &found), ERR_DAMAGED);
		}
	}
}

static void
the_form_follows_from_the_size(void **state)
{
	assert_int_equal(tile_file_in(70000, false, 0, 272).width, 256);
	assert_int_equal(tile_file_in(70000, false, 0, 273).width, 112);
	assert_int_equal(tile_file_in(70000, true, 0, 273).width, 112);
	assert_int_equal(tile_file_in(70000, false, 1, 1).width, 17);
	assert_int_equal(tile_file_in(70000, false, 2, 0).width, 1);
	assert_int_equal(tile_file_in(256, false, 0, 0).width, 256);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_tile_is_kept_once_and_never_written_over),
		IN_FOLDER(a_partial_form_that_is_gone_is_cut_from_the_full_one),
		IN_FOLDER(dropping_takes_all_partial_forms_and_nothing_else),
		IN_FOLDER(a_file_of_another_length_is_damage),
		IN_FOLDER(the_form_follows_from_the_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
