/* places.h - finding places by the beginning of a word of their names, in any of the languages. Made once from the
 * pack; shared by threads. */
#pragma once
#include "pack/pack.h"

struct place_index;
struct place_index *place_index_new(const struct pack *pack);
void place_index_free(struct place_index *index);

/* Places valid on `day` that have a word beginning with `text` (any case), in order of their codes, below `above`
 * (0: anywhere). Returns how many, at most `limit`. */
size_t place_index_find(const struct place_index *index, const char *text, int64_t above, int64_t day, size_t limit,
			const struct place *ret_places[]);
