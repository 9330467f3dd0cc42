#include "ledger/testing.h"
#include "ledger/tile.h"
#include "ledger/tree_testing.h"

static void
assert_path(struct tile tile, const char *path)
{
	char printed[TILE_PATH_BYTES_MAX];
	struct tile parsed;

	tile_path(&tile, printed);
	assert_string_equal(printed, path);
	assert_int_equal(tile_parse(path, strlen(path), &parsed), OK);
	assert_int_equal(parsed.entries, tile.entries);
	assert_int_equal(parsed.level, tile.level);
	assert_int_equal(parsed.number, tile.number);
	assert_int_equal(parsed.width, tile.width);
}

static void
paths_are_those_of_the_document(void **state)
{
	assert_path((struct tile){ .width = 256 }, "tile/0/000");
	assert_path((struct tile){ .number = 1234067, .width = 256 }, "tile/0/x001/x234/067");
	assert_path((struct tile){ .level = 63, .number = 999, .width = 255 }, "tile/63/999.p/255");
	assert_path((struct tile){ .level = 1, .number = 1000, .width = 1 }, "tile/1/x001/000.p/1");
	assert_path((struct tile){ .entries = true, .number = 273, .width = 112 }, "tile/entries/273.p/112");
	assert_path((struct tile){ .entries = true, .width = 256 }, "tile/entries/000");
	/* The last leaf of the largest tree. */
	assert_path((struct tile){ .number = (INT64_MAX - 1) / 256, .width = 255 },
		    "tile/0/x036/x028/x797/x018/x963/967.p/255");
}

static void
any_other_path_is_not_found(void **state)
{
	static const char *const wrong[] = {
		"",
		"tile",
		"tile/",
		"tile/0",
		"tile/0/",
		"tile/0/0",
		"tile/0/00",
		"tile/0/0000",
		"tile/0/1000",
		"/tile/0/000",
		"tile/00/000",
		"tile/01/000",
		"tile/64/000",
		"tile/100/000",
		"tile/-1/000",
		"tile/+1/000",
		"tile//000",
		"tile/0/x000/001",
		"tile/0/x001/x000",
		"tile/0/x1/000",
		"tile/0/x0001/000",
		"tile/0/001/000",
		"tile/0/x001000",
		"tile/0/x001/",
		"tile/0/x001",
		"tile/0/x000/x001/000",
		"tile/0/X001/000",
		"tile/0/000/",
		"tile/0/000.p",
		"tile/0/000.p/",
		"tile/0/000.p/0",
		"tile/0/000.p/256",
		"tile/0/000.p/01",
		"tile/0/000.p/1/",
		"tile/0/000.p/-1",
		"tile/0/000.p/1000",
		"tile/0/000p/1",
		"tile/0/000.P/1",
		"tile/0/000 ",
		" tile/0/000",
		"tile/0/000\n",
		"Tile/0/000",
		"tile/entries",
		"tile/entries/",
		"tile/entries/0",
		"tile/entries/000.p/0",
		"tile/entries/000/1",
		"tile/data/000",
		"tile/8/0/000",
		"tile/0/x036/x028/x797/x018/x963/968",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999",
		"tile/0/x001/x000/x000/x000/x000/x000/x000/000",
		/* 1000^22 is 0 in 64 bits. */
		"tile/0/x001"
		"/x000/x000/x000/x000/x000/x000/x000/x000/x000/x000/x000"
		"/x000/x000/x000/x000/x000/x000/x000/x000/x000/x000"
		"/000",
		"tile/0/../000",
		"tile/0/%30%30%30",
		"tile/0/000?",
		"tile/0/0\302\2710",
	};
	struct tile tile;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		if (tile_parse(wrong[i], strlen(wrong[i]), &tile) != ERR_NOT_FOUND)
			fail_msg("%s", wrong[i]);
	assert_int_equal(tile_parse("tile/0/000\0", 11, &tile), ERR_NOT_FOUND);
}

/* Which tiles a tree of this size has, as the document counts them. */
static void
assert_tiles(uint64_t size, unsigned level, uint64_t full, unsigned partial)
{
	assert_int_equal(tile_hashes(level, size), full * 256 + partial);
	if (full > 0)
		assert_true(tile_is_in(&(struct tile){ .level = level, .number = full - 1, .width = 256 }, size));
	assert_false(tile_is_in(&(struct tile){ .level = level, .number = full, .width = 256 }, size));
	assert_false(tile_is_in(&(struct tile){ .level = level, .number = full, .width = partial + 1 }, size));
	if (partial > 0)
		assert_true(tile_is_in(&(struct tile){ .level = level, .number = full, .width = partial }, size));
}

static void
a_tree_has_the_tiles_that_the_document_counts(void **state)
{
	assert_tiles(70000, 0, 273, 112);
	assert_tiles(70000, 1, 1, 17);
	assert_tiles(70000, 2, 0, 1);
	assert_tiles(70000, 3, 0, 0);
	assert_tiles(256, 0, 1, 0);
	assert_tiles(256, 1, 0, 1);
	assert_tiles(0, 0, 0, 0);
	assert_tiles(INT64_MAX, 7, 0, 127);
	assert_tiles(INT64_MAX, 8, 0, 0);
	assert_tiles(INT64_MAX, 63, 0, 0);
	assert_false(tile_is_in(&(struct tile){ .number = UINT64_MAX, .width = 256 }, 70000));
}

static int
count_walk(uint64_t old_size, uint64_t size)
{
	struct tile_walk walk = tile_walk_begin(old_size, size);
	struct tile tile;
	int count = 0;

	while (tile_walk_next(&walk, &tile)) {
		assert_true(tile_is_in(&tile, size));
		assert_false(tile_is_in(&tile, old_size));
		count++;
	}
	return count;
}

static void
a_walk_meets_each_new_or_grown_tile_once(void **state)
{
	struct tile_walk walk = tile_walk_begin(255, 257);
	static const struct tile expected[] = {
		{ .width = 256 },
		{ .entries = true, .width = 256 },
		{ .number = 1, .width = 1 },
		{ .entries = true, .number = 1, .width = 1 },
		{ .level = 1, .width = 1 },
	};
	struct tile tile;

	for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
		assert_true(tile_walk_next(&walk, &tile));
		assert_int_equal(tile.entries, expected[i].entries);
		assert_int_equal(tile.level, expected[i].level);
		assert_int_equal(tile.number, expected[i].number);
		assert_int_equal(tile.width, expected[i].width);
	}
	assert_false(tile_walk_next(&walk, &tile));
	assert_false(tile_walk_next(&walk, &tile));
	assert_int_equal(count_walk(0, 0), 0);
	assert_int_equal(count_walk(70000, 70000), 0);
	assert_int_equal(count_walk(0, 1), 2);
	assert_int_equal(count_walk(0, 70000), 2 * 274 + 2 + 1);
	assert_int_equal(count_walk(69999, 70000), 2);
	assert_int_equal(count_walk(65535, 65536), 2 + 1 + 1);
	assert_int_equal(count_walk(INT64_MAX - 1, INT64_MAX), 2);
}

/* Tiles as a tree of this size has them, read back as any node of the tree. */
static void
every_node_is_found_in_its_tile(void **state)
{
	AUTO(memory_tree_done) struct memory_tree tree;
	unsigned char hash[TREE_HASH_BYTES];

	memory_tree_init(&tree, 70000);
	for (unsigned level = 0; tree.size >> level != 0; level++) {
		uint64_t count = tree.size >> level;

		for (uint64_t number = 0; number < count; number += level < 8 ? 1 + count / 97 : 1) {
			unsigned height = 0, position = 0;
			struct tile tile;

			tile_of_node(level, number, &tile, &height, &position);
			tile.width = (position + 1) << height;
			assert_true(tile_is_in(&tile, tree.size));
			tile_node((const void *)(tree.levels[8 * tile.level] + tile.number * 256), height, position,
				  hash);
			assert_memory_equal(hash, tree.levels[level][number], sizeof(hash));
		}
	}
	/* A full tile's root stands in the tile above. */
	tile_node((const void *)tree.levels[0], 8, 0, hash);
	assert_memory_equal(hash, tree.levels[8][0], sizeof(hash));
}

static void
a_bundle_gives_its_entries_back_and_their_leaf_hashes(void **state)
{
	static unsigned char longest[BUNDLE_ENTRY_BYTES_MAX];
	AUTO(strbuf_done) struct strbuf bundle = { 0 };
	const struct {
		const void *bytes;
		size_t count;
	} entries[] = { { "one", 3 }, { "", 0 }, { longest, sizeof(longest) } };
	unsigned char hashes[4][TREE_HASH_BYTES], leaf[TREE_HASH_BYTES];
	const unsigned char *entry = NULL;
	size_t bytes = 0;

	for (size_t i = 0; i < ARRAY_COUNT(entries); i++)
		bundle_add(&bundle, entries[i].bytes, entries[i].count);
	assert_hex(bundle.text, 7, "00036f6e650000");
	struct bundle_reader reader = { .at = (const unsigned char *)bundle.text };

	reader.end = reader.at + bundle.bytes;
	assert_int_equal(bundle_hashes(bundle.text, bundle.bytes, 3, hashes), OK);
	for (size_t i = 0; i < ARRAY_COUNT(entries); i++) {
		assert_int_equal(bundle_next(&reader, &entry, &bytes), OK);
		assert_int_equal(bytes, entries[i].count);
		assert_memory_equal(entry, entries[i].bytes, bytes);
		tree_leaf_hash(entry, bytes, leaf);
		assert_memory_equal(hashes[i], leaf, sizeof(leaf));
	}
	assert_int_equal(bundle_next(&reader, &entry, &bytes), ERR_NOT_FOUND);
	assert_int_equal(bundle_hashes(bundle.text, bundle.bytes, 2, hashes), ERR_BAD_INPUT);
	assert_int_equal(bundle_hashes(bundle.text, bundle.bytes, 4, hashes), ERR_BAD_INPUT);
}

static void
a_bundle_cut_anywhere_is_refused(void **state)
{
	AUTO(strbuf_done) struct strbuf bundle = { 0 };
	unsigned char hashes[2][TREE_HASH_BYTES];

	bundle_add(&bundle, "some entry", 10);
	bundle_add(&bundle, "another", 7);
	assert_int_equal(bundle_hashes(bundle.text, bundle.bytes, 2, hashes), OK);
	for (size_t bytes = 0; bytes < bundle.bytes; bytes++)
		assert_int_equal(bundle_hashes(bundle.text, bytes, 2, hashes), ERR_BAD_INPUT);
	strbuf_char(&bundle, '\0');
	assert_int_equal(bundle_hashes(bundle.text, bundle.bytes, 2, hashes), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_those_of_the_document),
		cmocka_unit_test(any_other_path_is_not_found),
		cmocka_unit_test(a_tree_has_the_tiles_that_the_document_counts),
		cmocka_unit_test(a_walk_meets_each_new_or_grown_tile_once),
		cmocka_unit_test(every_node_is_found_in_its_tile),
		cmocka_unit_test(a_bundle_gives_its_entries_back_and_their_leaf_hashes),
		cmocka_unit_test(a_bundle_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
