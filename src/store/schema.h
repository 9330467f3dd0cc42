/* schema.h - brings a database to what the program (migrations/) and the pack need: an empty one gets
 * everything; one of an earlier edition gets new registers, fields, choices and tables over living data.
 * A change that would lose or reinterpret data is refused. */
#pragma once
#include "pack/pack.h"
#include "store/db.h"

/* Runs the numbered migrations that are missing, inside the caller's transaction. */
NODISCARD enum error schema_migrate(struct db *db);
/* Tables of the pack; columns for new fields (filled from `default`); indexes made and dropped; the
 * dated tables and places replaced. ERR_CONFLICT with `report`: a field changed its type, vanished
 * (fields are ended by leaving them out of actions, not by deleting them), a required field came without
 * default over rows, a register vanished, the pack's name differs, its edition is older. Inside the
 * caller's transaction. Over an earlier edition it leaves the mark 'edition_unsettled' in meta: findings,
 * open asks and the clock are still the old edition's (registry/edition.h). */
NODISCARD enum error schema_install(struct db *db, const struct pack *pack, struct pack_report *report);
/* The pack that this database was made for: OK or ERR_NOT_FOUND. */
NODISCARD enum error schema_installed(struct db *db, struct arena *arena, const char **ret_name, int64_t *ret_edition,
				      unsigned char ret_digest[static 32]);
