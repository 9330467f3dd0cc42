/* Tile paths and entry bundles: what is taken is written again byte for byte. */
#include <string.h>
#include "fuzz.h"
#include "ledger/tile.h"

static void
check_path(const char *path, size_t bytes)
{
	char again[TILE_PATH_BYTES_MAX];
	struct tile tile;

	if (tile_parse(path, bytes, &tile) != OK)
		return;
	tile_path(&tile, again);
	assert(strlen(again) == bytes && memcmp(again, path, bytes) == 0);
	assert(tile.width >= 1 && tile.width <= TILE_WIDTH && (!tile.entries || tile.level == 0));
	assert(!tile_is_in(&tile, 0));
	/* A walk to the first size that has it ends with it or its bundle, or with what that leaf completed above. */
	uint64_t last = tile.number * TILE_WIDTH + tile.width;

	if (tile.level == 0 && last < INT64_MAX) {
		struct tile_walk walk = tile_walk_begin(last - 1, last);
		struct tile met;
		bool found = false;

		while (tile_walk_next(&walk, &met))
			found = found || (met.entries == tile.entries && met.level == 0 && met.number == tile.number &&
					  met.width == tile.width);
		assert(found && tile_is_in(&tile, last) && !tile_is_in(&tile, last - 1));
	}
}

static void
check_bundle(const uint8_t *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct bundle_reader reader = { .at = bytes, .end = bytes + count };
	unsigned char hashes[TILE_WIDTH + 1][TREE_HASH_BYTES];
	const unsigned char *entry = NULL;
	size_t entry_bytes = 0;
	unsigned width = 0;
	enum error e = OK;

	while (width <= TILE_WIDTH && (e = bundle_next(&reader, &entry, &entry_bytes)) == OK) {
		bundle_add(&out, entry, entry_bytes);
		width++;
	}
	if (e == OK) /* more than a bundle has */
		return;
	bool is_whole = e == ERR_NOT_FOUND;

	assert(bundle_hashes(bytes, count, width, hashes) == (is_whole ? OK : ERR_BAD_INPUT));
	assert(!is_whole || (out.bytes == count && (count == 0 || memcmp(out.text, bytes, count) == 0)));
	assert(bundle_hashes(bytes, count, width + 1, hashes) == ERR_BAD_INPUT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	check_path((const char *)bytes, count);
	check_bundle(bytes, count);
	return 0;
}
