/* names.h - the names that can be searched, one name_book for each register with `search: {name: …}`: kept in step
 * with the records by the writer, asked by any thread.
 *
 * The writer stores folded names with the batch that changed them (table sys_name) and only after the commit hands them
 * on (handed.h). */
#pragma once
#include "registry/name_book.h"
#include "registry/registry.h"

struct names;

/* Loads the stored names; makes them anew, in the caller's transaction, where folding or pack have changed. */
NODISCARD enum error names_open(const struct pack *pack, struct db *db, struct names **ret_names);
void names_free(struct names *names);
DEFINE_AUTO(struct names, names_free)

/* ---- in the writer's thread ---- */

/* Stores the names of what the batch changed; called before its commit. */
NODISCARD enum error names_batch(struct registry *registry, struct db *db);
void names_committed(struct names *names);
void names_undone(struct names *names);

/* ---- any thread ---- */

/* `reg` has a search by name. */
void names_find(struct names *names, const struct reg *reg, const struct name_question *question, struct arena *arena,
		struct name_answer *ret_answer);
/* Of all registers together. */
void names_count(struct names *names, struct name_book_counts *ret_counts);
