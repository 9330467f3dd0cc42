/* world.h - the same made-up country in two databases: a store of SQLite with every register and list of a pack
 * filled by a seed, and its copy on PostgreSQL. For the parity test only. */
#pragma once
#include <libpq-fe.h>
#include "pack/pack.h"
#include "store/db.h"

enum { WORLD_ROWS = 400, WORLD_PLACES = 24, WORLD_DAYS = 5 };

struct world {
	struct arena *arena;
	const struct pack *pack;
	struct db *sqlite;
	PGconn *postgres;
	uint64_t random;
	int64_t days[WORLD_DAYS]; /* what $today is set to; the first is the edition's */
	int64_t places[WORLD_PLACES];
	size_t place_count;
};

/* Fills SQLite, copies to PostgreSQL. False: something could not be made; it was said on stderr. */
bool world_make(struct world *world, const struct pack *pack, PGconn *postgres, uint64_t seed);
void world_done(struct world *world);
DEFINE_AUTO_DONE(struct world, world_done)

uint64_t world_random(struct world *world, uint64_t below);
/* The id of the i-th record that was tried to be made; some were refused by a unique index. */
int64_t world_id(const struct reg *reg, size_t i);
/* A value of a column; `field` NULL for an id, a state and the like. Now and then NULL where not required. */
struct value world_value(struct world *world, const struct field *field, size_t column);
/* The first statement of an open connection: a schema for the pack with the functions of its language. */
bool world_prepare_postgres(struct world *world);
