/* address_book.h - the distinct streets of each place in memory, with the words of their names and of the places', for
 * every register with a full address. Grown by the writer with each batch, read by any thread; a street that no record
 * has any more stays and is simply found empty. */
#pragma once
#include "registry/address_text.h"
#include "registry/registry.h"

struct addresses;

/* Reads the streets of every register that has a full address. */
NODISCARD enum error addresses_open(const struct pack *pack, struct db *db, struct addresses **ret_addresses);
void addresses_free(struct addresses *addresses);
DEFINE_AUTO(struct addresses, addresses_free)

/* The writer's thread, before its commit: streets of what the batch changed. One that is undone leaves a street
 * without records. */
void addresses_batch(struct registry *registry);

/* A street of a place, and how far it is from what was typed: errors in all words, and words that were left out. */
struct found_street {
	int64_t place;
	const char *street; /* as the register has it, as long as the program runs; NULL: houses without one */
	unsigned distance;
	unsigned depth; /* of the place, below the country */
};
/* Any thread: the nearest first, of one distance towns before their villages; in `arena`. */
void addresses_find(struct addresses *addresses, const struct reg *reg, struct arena *arena,
		    const struct address_words *words, struct found_street **ret_found, size_t *ret_count);
