/* import.h - a CSV of thousands of rows, each an act of its own: checked, entered, sealed, or rejected with the reason.
 *
 * Rows go to the writer in blocks. A block is one job: its rows, its rejects and how far the import has come are
 * written in one transaction, so that an import that was killed at any moment goes on with the first row that
 * was not yet tried, nothing is entered twice and no reject is lost. An import is known by the digest of its
 * file, its action and its key column; what has ended is not begun again unless told. */
#pragma once
#include "registry/import_columns.h"
#include "registry/registry.h"

struct import;

struct import_options {
	struct registry *registry;
	const struct action *action;
	struct actor actor;
	const char *key;        /* column whose text is kept as another system's name of the record; NULL: none */
	enum language language; /* of the reasons */
	bool dry_run;           /* everything is checked, law too, and nothing is kept */
	bool again;             /* though it has ended */
	int64_t (*now)(void *context); /* NULL: registry_now */
	void *context;
};

/* A row that was not entered. */
struct import_reject {
	uint64_t nr;       /* the nr-th row behind the header, from 1; broken ones count */
	const char *field; /* columns at fault, ", " between them; "": the whole row */
	const char *code;  /* "required", or the provision that refuses */
	const char *reason;
};

struct import_totals {
	uint64_t rows, done, rejected;
	uint64_t waiting;  /* of those done: consent is missing */
	uint64_t skipped;  /* of `rows`: tried by an earlier run of the same import */
	bool ended_before; /* nothing was left to do */
};

/* Reads the header and finds out how far an earlier run came. `text` is kept by the caller until import_free.
 * ERR_BAD_INPUT: no header, or what is wrong with it. Blocking, as all here: never in the writer's thread. */
NODISCARD enum error import_open(const struct import_options *options, const char *text, size_t bytes,
				 struct problem *problem, struct import **ret_import);
void import_free(struct import *import);
DEFINE_AUTO(struct import, import_free)

/* Enters what is left. `progress` (or NULL) hears of rows read, of about how many. An error stops it where it stands:
 * `problem` has the line, and the same import goes on from there another time. */
NODISCARD enum error import_run(struct import *import, struct problem *problem,
				void (*progress)(void *context, uint64_t done, uint64_t total), void *context);

void import_total(const struct import *import, struct import_totals *ret_totals);
/* All rejects of the file, those of earlier runs included, by row. */
const struct import_reject *import_rejects(const struct import *import, size_t *ret_count);

/* What stands in a file of rejects about a row that came to `e` with `problem`. Texts in `arena`. */
struct import_reject import_reject_of(const struct pack *pack, enum language language, struct arena *arena, uint64_t nr,
				      const struct problem *problem, enum error e);
