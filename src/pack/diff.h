/* diff.h - a pack as sorted lines of key and value, so that two editions can be held side by side
 * (inside src/pack only). */
#pragma once
#include "base/arena.h"

struct pack;

struct pack_line {
	const char *key;   /* "action stay.declare: by" */
	const char *value; /* "host, owner, @clerk"; may have several lines */
};
/* Sorted by key, no key twice. In `arena`. */
size_t pack_lines(const struct pack *pack, struct arena *arena, struct pack_line **ret_lines);
