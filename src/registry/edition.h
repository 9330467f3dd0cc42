/* edition.h - living data under a new edition of the pack. schema_install brings tables and indexes and leaves a mark
 * in the store; what needs the engine is done here, by whoever opens that store first. */
#pragma once
#include "registry/law.h"

/* When the store is marked: the ledger gets its entry of the edition, with the defaults that new fields got in all
 * records (payload.h); open asks for actions that are gone end (outcome "withdrawn"; a new record that waited for one
 * becomes `lapsed`), findings of provisions that are gone close, the clock's rows are made anew for every `at` of this
 * edition, all law is evaluated; then the mark goes. Nobody else may act meanwhile. Safe to repeat when it was killed.
 * *ret_settled false: there was no mark. What was due under the old edition is due now: run its clock first. */
NODISCARD enum error edition_settle(struct registry *registry, int64_t now, bool *ret_settled,
				    struct law_totals *ret_totals);
