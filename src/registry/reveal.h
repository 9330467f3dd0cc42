/* reveal.h - look-ups that the law hides for a time (docs/ledger.md 2.4): their entry is in the restricted stream, and
 * when the time is over an entry of kind 6 in the person's stream refers to it. */
#pragma once
#include "registry/registry.h"

/* The entry `index` of the restricted stream is to be shown in `stream` from `due_at` on. In the transaction that
 * appends the entry; the writer's thread. */
NODISCARD enum error reveal_later(struct registry *registry, struct db *db, uint64_t index, int64_t stream,
				  int64_t due_at);

/* Writes the entries of kind 6 that are due up to `now`, some dozens in each transaction and each exactly once; the
 * clock's part, never from the writer's thread. `ret_count`: how many. */
NODISCARD enum error reveal_run(struct registry *registry, int64_t now, uint64_t *ret_count);
/* A hidden entry: whose it is and when it is shown. */
struct hidden_entry {
	int64_t stream, due_at;
	bool is_shown;
};
/* ERR_NOT_FOUND: it was not hidden. */
NODISCARD enum error reveal_find(struct db *db, uint64_t index, struct hidden_entry *ret_hidden);
/* Whose stream refers to the hidden entry; 0: nobody's yet, or it was not hidden. */
NODISCARD enum error reveal_shown_to(struct db *db, uint64_t hidden, int64_t *ret_stream);
/* When the next one is due; INT64_MAX: none waits. */
NODISCARD enum error reveal_next(struct db *db, int64_t *ret_due_at);
