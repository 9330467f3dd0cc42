/* erasure.h - parts of entries whose time is over are erased by destroying their keys (docs/ledger.md 6): for each
 * retention rule and month one entry of kind 7 says which, then the key goes. Rows stay; nobody can read them. */
#pragma once
#include "registry/registry.h"

/* Destroys what is over, once a day: the clock's part, never from the writer's thread. `ret_count`: keys destroyed. */
NODISCARD enum error erasure_run(struct registry *registry, int64_t now, uint64_t *ret_count);
/* At the opening, before anybody reads: what the journal or an erasure's entry says is destroyed is destroyed again,
 * should an old copy of the keys have come back or a crash have come between. */
NODISCARD enum error erasure_settle(struct registry *registry, struct db *db);
/* The entry that erased these parts (enum of ledger/erasure.h) under this key. ERR_NOT_FOUND. */
NODISCARD enum error erasure_by(struct db *db, uint32_t data_key, unsigned parts, uint64_t *ret_entry);
