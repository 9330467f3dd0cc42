/* use_check.h - what oversight reads held against the ledger: each entry that an official left about a person, and
 * each look-up and search, has its row of official_use, which says the same; and no row is without its entry. So nobody
 * takes their own traces away from oversight, or lays them at another's door, without its being seen. */
#pragma once
#include "ledger/ledger.h"
#include "pack/pack.h"

struct use_check;
/* `db` shows the state that the entries come from; pack and db outlive the check. `ledger_key` (16 bytes) names the
 * records. */
NODISCARD enum error use_check_new(const struct pack *pack, const unsigned char *ledger_key, struct db *db,
				   struct use_check **ret_check);
void use_check_free(struct use_check *check);
DEFINE_AUTO(struct use_check, use_check_free)

/* The next entry, of whatever kind. An error is one of the database's; what is wrong is counted. */
NODISCARD enum error use_check_entry(struct use_check *check, const struct ledger_record *record);
/* After the last one. How many rows were held against entries, how many are wrong, missing or too many, and the index
 * of the first such entry. */
struct use_check_result {
	uint64_t checked, wrong, first;
};
NODISCARD enum error use_check_end(struct use_check *check, struct use_check_result *ret_result);
