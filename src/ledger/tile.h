/* tile.h - tiles and entry bundles (docs/ledger.md section 4; c2sp.org/tlog-tiles): their coordinates and paths, which
 * of them a tree has, and their bytes. Pure: knows no files. */
#pragma once
#include "base/strbuf.h"
#include "ledger/tree.h"

enum {
	TILE_HEIGHT = 8,
	TILE_WIDTH = 256,
	TILE_LEVELS = 8, /* levels that a tree of fewer than 2^63 leaves can have hashes in */
	TILE_BYTES_MAX = TILE_WIDTH * TREE_HASH_BYTES,
	TILE_PATH_BYTES_MAX = 64,
	BUNDLE_ENTRY_BYTES_MAX = 65535,
};

/* One tile, or the bundle of entries beside the tile of level 0 with the same number and width. */
struct tile {
	bool entries;
	unsigned level; /* 0 for entries */
	uint64_t number;
	unsigned width; /* hashes or entries in it: 1..256, 256 when full */
};

/* "tile/1/x001/234" or "tile/entries/000.p/17", with a NUL. */
void tile_path(const struct tile *tile, char ret_path[static TILE_PATH_BYTES_MAX]);
/* ERR_NOT_FOUND: anything but what tile_path writes, or a number that no tree of fewer than 2^63 leaves reaches. */
NODISCARD enum error tile_parse(const char *path, size_t bytes, struct tile *ret_tile);

/* How many hashes a tree of `size` leaves has at this level: floor(size / 256^level). */
uint64_t tile_hashes(unsigned level, uint64_t size);
/* Whether the tree has all the hashes of this tile. True also of a partial tile that has grown since. */
bool tile_is_in(const struct tile *tile, uint64_t size);

/* The tiles and bundles of the tree of `size` that the tree of `old_size` did not have in this form: each that is new
 * or has grown, once, in its last form; level 0, its bundles beside it, then the levels above. From 0: all of them.
 * Sizes are below 2^63, old_size <= size. */
struct tile_walk {
	uint64_t old_size, size, number;
	unsigned level;
	bool entries;
};
struct tile_walk tile_walk_begin(uint64_t old_size, uint64_t size);
bool tile_walk_next(struct tile_walk *walk, struct tile *ret_tile);

/* Where the root of the complete subtree of 2^level leaves, the `number`th of its kind, is found: in `ret_tile` (full
 * width) as tile_node(…, ret_height, ret_position). */
void tile_of_node(unsigned level, uint64_t number, struct tile *ret_tile, unsigned *ret_height, unsigned *ret_position);
/* The root of the 2^height hashes of a tile from position << height on; height is 0..8. All of them must be there. */
void tile_node(const unsigned char (*hashes)[TREE_HASH_BYTES], unsigned height, unsigned position,
	       unsigned char ret_hash[static TREE_HASH_BYTES]);

/* Appends u16 length || entry; the entry has at most BUNDLE_ENTRY_BYTES_MAX bytes. */
void bundle_add(struct strbuf *out, const void *entry, size_t bytes);
struct bundle_reader {
	const unsigned char *at, *end;
};
/* The next entry, as a pointer into the bundle. ERR_NOT_FOUND: that was all. ERR_BAD_INPUT: cut short. */
NODISCARD enum error bundle_next(struct bundle_reader *reader, const unsigned char **ret_entry, size_t *ret_bytes);
/* The leaf hashes of a bundle of exactly `width` entries, what its tile holds. ERR_BAD_INPUT: it has more or fewer. */
NODISCARD enum error bundle_hashes(const void *bundle, size_t bytes, unsigned width,
				   unsigned char (*ret_hashes)[TREE_HASH_BYTES]);
