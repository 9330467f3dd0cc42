/* trail.h - what a person sees of the ledger and can prove: who looked at their data, and the export of their own
 * stream (docs/ledger.md 2.4 and 5). Never who the official was nor the case, and nothing that is still hidden. */
#pragma once
#include "ledger/tlog.h"
#include "registry/registry.h"

struct json;

/* May the actor see who looked at this party's data? Its own, and that of those for whom it may act in everything: a
 * mandate for one register is none for this. */
bool trail_is_open(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
		   int64_t party, int64_t now);

enum { TRAIL_PAGE_MAX = 200 };
/* {"lookups": [...], "next": index or null}: from the entry `from` (UINT64_MAX: the newest) back, at most `limit`
 * look-ups at the party's data; `next` tells where the next page begins, also when a page had to stop early. `tlog` may
 * be NULL. Waits for the writer: never from its thread. ERR_NOT_FOUND: it is not open to the actor; ERR_BAD_INPUT:
 * `from` is no entry of the party's stream. */
NODISCARD enum error trail_lookups(struct registry *registry, struct tlog *tlog, struct db *db, struct arena *arena,
				   const struct actor *actor, int64_t party, uint64_t from, size_t limit, int64_t now,
				   struct json *json);

/* The export tirkeu-history/v1 of the actor's own stream, a piece at a time; one thread at a time, each call with that
 * thread's `db`. */
struct trail_export;
/* ERR_NOT_FOUND: the actor is no party; ERR_NOT_PUBLISHED: no stream index that covers the stream is under a
 * checkpoint yet. Waits for the writer. `tlog` may be NULL (not published). */
NODISCARD enum error trail_export_new(struct registry *registry, struct tlog *tlog, struct db *db,
				      const struct actor *actor, struct trail_export **ret_export);
/* Appends the next piece. ERR_NOT_FOUND: that was all. */
NODISCARD enum error trail_export_more(struct trail_export *export, struct db *db, struct strbuf *out);
void trail_export_free(struct trail_export *export);
DEFINE_AUTO(struct trail_export, trail_export_free)
