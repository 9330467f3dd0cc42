/* tile_file.h - tiles and bundles as files of a folder: tile.h says what they are, durable.h how they are written. */
#pragma once
#include "ledger/tile.h"

enum { BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + BUNDLE_ENTRY_BYTES_MAX) };

/* FOLDER/tile/... */
void tile_file_path(const char *folder, const struct tile *tile, struct strbuf *out);
/* The form that a tile (or bundle) of that level and number has in a tree of `size`; at least one hash is in it. */
struct tile tile_file_in(uint64_t size, bool entries, unsigned level, uint64_t number);
/* Appends its bytes. A partial one that is gone is cut from the full one. ERR_NOT_FOUND; ERR_DAMAGED: not as many
 * hashes or entries as it has to have. */
NODISCARD enum error tile_file_read(const char *folder, const struct tile *tile, struct strbuf *out);
/* Sees that the file is there with these bytes. What a crash cut short is written anew. ERR_CONFLICT: something else
 * is there. `ret_folder` is the folder to sync before anything rests on the name. */
NODISCARD enum error tile_file_keep(const char *folder, const struct tile *tile, const void *bytes, size_t count,
				    struct strbuf *ret_folder);
/* Removes the partial forms of a tile that is full. What cannot be removed stays. */
void tile_file_drop_partial(const char *folder, const struct tile *tile);
