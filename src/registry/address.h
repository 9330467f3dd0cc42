/* address.h - records found by an address as people type it (address_text.h), in registers with `search: {address: …}`:
 * the streets that were meant in memory (address_book.h), then their houses and flats in the register, by its index on
 * place and street. */
#pragma once
#include "registry/search.h"

/* Any thread. Records of `reg`, nearest first, at most `limit` (of SEARCH_HITS_MAX): those whose street and place the
 * words are like, of the house that was typed (of all when none was), and of the flat when `reg` is a part of what
 * lies there. `refine`: more than `limit` are as near as the nearest, or too little was typed. */
NODISCARD enum error address_find(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg,
				  const char *text, size_t limit, struct search_hits *ret_hits);
