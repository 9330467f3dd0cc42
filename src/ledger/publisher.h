/* publisher.h - brings what the store has committed into the published log: tiles and bundles, then a signature, then
 * the checkpoint (docs/ledger.md 3, rules 3 to 5). One thread at a time. */
#pragma once
#include "ledger/signer.h"
#include "ledger/tlog.h"
#include "store/db.h"

struct publisher;

/* Both outlive the publisher. */
struct publisher *publisher_new(struct tlog *tlog, struct signer *signer);
void publisher_free(struct publisher *publisher);
DEFINE_AUTO(struct publisher, publisher_free)

/* A run ends at the latest where a tile of level 1 does, so that a long log is published in steps of about a second. */
enum { PUBLISHER_STEP_ENTRIES = 65536 };
/* Publishes what `db` (a connection for reading) shows, if there are new entries, as far as one step; reads them in
 * short statements. Killed or failed anywhere, the next run goes on rightly. `ret_more`: there is another step to do.
 * ERR_CONFLICT: there is an alarm (tlog_alarm) and nothing is published any more; any other error may pass. */
NODISCARD enum error publisher_run_once(struct publisher *publisher, struct db *db, bool *ret_more);
