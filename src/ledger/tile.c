#include "ledger/tile.h"
#include "ledger/bytes.h"
#include <stdio.h>
#include <string.h>

enum { LEVEL_MAX = 63, GROUP = 1000, GROUP_DIGITS = 3 };

/* The tile of level 0 that holds the last leaf there can be. */
static const uint64_t number_max = ((UINT64_C(1) << TREE_LEVELS_MAX) - 2) / TILE_WIDTH;

void
tile_path(const struct tile *tile, char ret_path[static TILE_PATH_BYTES_MAX])
{
	uint64_t divisor = 1;
	int at = 0;

	assert(tile->width >= 1 && tile->width <= TILE_WIDTH && tile->level <= LEVEL_MAX);
	at = tile->entries ? snprintf(ret_path, TILE_PATH_BYTES_MAX, "tile/entries/")
			   : snprintf(ret_path, TILE_PATH_BYTES_MAX, "tile/%u/", tile->level);
	while (tile->number / divisor >= GROUP)
		divisor *= GROUP;
	for (; divisor > 1; divisor /= GROUP)
		at += snprintf(ret_path + at, (size_t)(TILE_PATH_BYTES_MAX - at), "x%03u/",
			       (unsigned)(tile->number / divisor % GROUP));
	at += snprintf(ret_path + at, (size_t)(TILE_PATH_BYTES_MAX - at), "%03u", (unsigned)(tile->number % GROUP));
	if (tile->width < TILE_WIDTH)
		at += snprintf(ret_path + at, (size_t)(TILE_PATH_BYTES_MAX - at), ".p/%u", tile->width);
	assert(at < TILE_PATH_BYTES_MAX);
}

/* Text that is eaten from the left; each step is false when something else stands there. */
struct path {
	const char *at, *end;
};

static bool
skip(struct path *path, const char *word)
{
	size_t bytes = strlen(word);

	if ((size_t)(path->end - path->at) < bytes || memcmp(path->at, word, bytes) != 0)
		return false;
	path->at += bytes;
	return true;
}

/* Up to three digits. */
static bool
read_digits(struct path *path, size_t digits_min, unsigned *ret_number)
{
	unsigned number = 0;
	size_t digits = 0;

	for (; digits < GROUP_DIGITS && path->at < path->end && *path->at >= '0' && *path->at <= '9'; digits++)
		number = number * 10 + (unsigned)(*path->at++ - '0');
	*ret_number = number;
	return digits >= digits_min;
}

/* Decimal without leading zeros. */
static bool
read_small(struct path *path, unsigned *ret_number)
{
	const char *first = path->at;

	return read_digits(path, 1, ret_number) && (*first != '0' || path->at == first + 1);
}

static bool
read_number(struct path *path, uint64_t *ret_number)
{
	uint64_t number = 0;
	unsigned group = 0;

	while (skip(path, "x")) {
		bool is_first = number == 0;

		if (!read_digits(path, GROUP_DIGITS, &group) || !skip(path, "/") || (is_first && group == 0))
			return false;
		number = number * GROUP + group;
		if (number > number_max / GROUP)
			return false;
	}
	if (!read_digits(path, GROUP_DIGITS, &group))
		return false;
	*ret_number = number * GROUP + group;
	return *ret_number <= number_max;
}

enum error
tile_parse(const char *path, size_t bytes, struct tile *ret_tile)
{
	struct path rest = { .at = path, .end = path + bytes };
	struct tile tile = { .width = TILE_WIDTH };
	char again[TILE_PATH_BYTES_MAX];

	if (!skip(&rest, "tile/"))
		return ERR_NOT_FOUND;
	tile.entries = skip(&rest, "entries/");
	if (!tile.entries && (!read_small(&rest, &tile.level) || tile.level > LEVEL_MAX || !skip(&rest, "/")))
		return ERR_NOT_FOUND;
	if (!read_number(&rest, &tile.number))
		return ERR_NOT_FOUND;
	if (skip(&rest, ".p/") && (!read_small(&rest, &tile.width) || tile.width < 1 || tile.width >= TILE_WIDTH))
		return ERR_NOT_FOUND;
	if (rest.at != rest.end)
		return ERR_NOT_FOUND;
	tile_path(&tile, again);
	assert(strlen(again) == bytes && memcmp(again, path, bytes) == 0);
	*ret_tile = tile;
	return OK;
}

uint64_t
tile_hashes(unsigned level, uint64_t size)
{
	return level < TILE_LEVELS ? size >> TILE_HEIGHT * level : 0;
}

bool
tile_is_in(const struct tile *tile, uint64_t size)
{
	uint64_t there = tile_hashes(tile->level, size);

	/* number * 256 + width <= there, without overflow. */
	return tile->number < there / TILE_WIDTH ||
	       (tile->number == there / TILE_WIDTH && tile->width <= there % TILE_WIDTH);
}

static void
enter_level(struct tile_walk *walk)
{
	walk->number = tile_hashes(walk->level, walk->old_size) / TILE_WIDTH;
}

struct tile_walk
tile_walk_begin(uint64_t old_size, uint64_t size)
{
	struct tile_walk walk = { .old_size = old_size, .size = size };

	assert(old_size <= size && size < UINT64_C(1) << TREE_LEVELS_MAX);
	enter_level(&walk);
	return walk;
}

bool
tile_walk_next(struct tile_walk *walk, struct tile *ret_tile)
{
	for (; walk->level < TILE_LEVELS; walk->level++, enter_level(walk)) {
		uint64_t there = tile_hashes(walk->level, walk->size);
		uint64_t first = walk->number * TILE_WIDTH;

		if (there == tile_hashes(walk->level, walk->old_size) || first >= there)
			continue;
		*ret_tile = (struct tile){
			.entries = walk->entries,
			.level = walk->level,
			.number = walk->number,
			.width = there - first < TILE_WIDTH ? (unsigned)(there - first) : TILE_WIDTH,
		};
		/* On level 0 each number comes twice: the tile, then its bundle. */
		walk->entries = walk->level == 0 && !walk->entries;
		if (!walk->entries)
			walk->number++;
		return true;
	}
	return false;
}

void
tile_of_node(unsigned level, uint64_t number, struct tile *ret_tile, unsigned *ret_height, unsigned *ret_position)
{
	unsigned height = level % TILE_HEIGHT, width = TILE_WIDTH >> height;

	*ret_tile = (struct tile){ .level = level / TILE_HEIGHT, .number = number / width, .width = TILE_WIDTH };
	*ret_height = height;
	*ret_position = (unsigned)(number % width);
}

void
tile_node(const unsigned char (*hashes)[TREE_HASH_BYTES], unsigned height, unsigned position,
	  unsigned char ret_hash[static TREE_HASH_BYTES])
{
	unsigned char edge[TILE_HEIGHT][TREE_HASH_BYTES], carried[TREE_HASH_BYTES];
	const unsigned count = 1u << height;

	assert(height <= TILE_HEIGHT && (position + 1) << height <= TILE_WIDTH);
	/* As tree_append does it; with the last hash the carry reaches the top. */
	for (unsigned i = 0; i < count; i++) {
		unsigned level = 0;

		memcpy(carried, hashes[(position << height) + i], sizeof(carried));
		for (; (i >> level & 1) != 0; level++)
			tree_node_hash(edge[level], carried, carried);
		if (i + 1 < count)
			memcpy(edge[level], carried, sizeof(carried));
	}
	memcpy(ret_hash, carried, TREE_HASH_BYTES);
}

void
bundle_add(struct strbuf *out, const void *entry, size_t bytes)
{
	unsigned char length[2];

	assert(bytes <= BUNDLE_ENTRY_BYTES_MAX);
	put_u16(length, (uint16_t)bytes);
	strbuf_add(out, length, sizeof(length));
	strbuf_add(out, entry, bytes);
}

enum error
bundle_next(struct bundle_reader *reader, const unsigned char **ret_entry, size_t *ret_bytes)
{
	size_t left = (size_t)(reader->end - reader->at);

	if (left == 0)
		return ERR_NOT_FOUND;
	if (left < 2)
		return ERR_BAD_INPUT;
	size_t bytes = get_unsigned(reader->at, 2);

	if (left - 2 < bytes)
		return ERR_BAD_INPUT;
	*ret_entry = reader->at + 2;
	*ret_bytes = bytes;
	reader->at += 2 + bytes;
	return OK;
}

enum error
bundle_hashes(const void *bundle, size_t bytes, unsigned width, unsigned char (*ret_hashes)[TREE_HASH_BYTES])
{
	struct bundle_reader reader = { .at = bundle, .end = (const unsigned char *)bundle + bytes };
	const unsigned char *entry = NULL;
	size_t entry_bytes = 0;

	for (unsigned i = 0; i < width; i++) {
		if (bundle_next(&reader, &entry, &entry_bytes) != OK)
			return ERR_BAD_INPUT;
		tree_leaf_hash(entry, entry_bytes, ret_hashes[i]);
	}
	return reader.at == reader.end ? OK : ERR_BAD_INPUT;
}
