/* vet_sqlite.h - the bench on which a pack's SQL is tried: an in-memory SQLite with the pack's tables, all
 * empty, under an authorizer. For vet*.c only. */
#pragma once
#include "pack/pack.h"

enum known_kind { KNOWN_REGISTER, KNOWN_PAST, KNOWN_LIST, KNOWN_DATED, KNOWN_PLACE, KNOWN_PLACE_ABOVE, KNOWN_OFFICIAL };
struct known_table {
	const char *name;
	enum known_kind kind;
	const struct reg *reg;    /* REGISTER, PAST, LIST */
	const struct field *list; /* LIST */
};

struct bench;
struct bench_column {
	const char *name;
	const struct known_table *table; /* where it comes from; NULL: computed */
	const char *origin;              /* the column there */
};
struct bench_read {
	const struct known_table *table;
	const char *column; /* "" when rows were only counted */
};
struct bench_result {
	const struct bench_column *columns;
	size_t column_count;
	const struct bench_read *reads; /* each once */
	size_t read_count;
};

/* ERR_BAD_INPUT: two tables of the pack have one name, or a name is too long (in `report`). */
NODISCARD enum error bench_open(const struct pack *pack, struct arena *arena, struct pack_report *report,
				struct bench **ret_bench);
void bench_close(struct bench *bench);
DEFINE_AUTO(struct bench, bench_close)

/* Prepares `sql`. ERR_BAD_INPUT: *ret_wrong says what SQLite or the authorizer found (arena). */
NODISCARD enum error bench_try(struct bench *bench, const char *sql, struct bench_result *ret_result,
			       const char **ret_wrong);
/* The first register, list or past (or place_above) that the plan of `sql` runs through from end to end; NULL: none. */
const char *bench_scanned(struct bench *bench, const char *sql);
