/* vet_form.h - forms of SQL that a pack may not use though SQLite takes them: what PostgreSQL lacks or reads
 * in another way, and what keeps one of the two from pushing the engine's wrap into a SELECT. Told by
 * the words alone. For vet*.c only. */
#pragma once
#include "base/arena.h"

/* What is wrong with any value or SELECT (arena or static), NULL: nothing. */
const char *form_wrong(struct arena *arena, const char *text);
/* The same for a SELECT that the engine wraps in `select … from (…) where record = $record`. */
const char *form_wrong_wrapped(struct arena *arena, const char *select);
/* A word of PostgreSQL's that stands bare in `text` where it can only be the column `column`. */
bool form_names_bare(struct arena *arena, const char *text, const char *column);
/* Does a SELECT name columns of `this` without having it in its FROM? */
bool form_lacks_this(struct arena *arena, const char *select);
