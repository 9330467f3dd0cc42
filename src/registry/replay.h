/* replay.h - what the registers must hold, made anew from the ledger alone: each entry of an act says what its record
 * was after it (payload.h), so all of them in order give every register's table, its past and its lists. What differs
 * was changed past the ledger, or an entry was kept back.
 *
 * Where an entry's payload was erased its record cannot be compared and is passed over; where headers were too, records
 * without a first entry are.
 *
 * The registers so made lie in a private scratch file (DB_SCRATCH), one row a record, its fields as cells by code: the
 * pack is needed only to compare. Not for several threads at once. */
#pragma once
#include "base/arena.h"
#include "ledger/ledger.h"
#include "pack/pack.h"

enum replay_kind {
	REPLAY_UNREADABLE,  /* an entry's payload is none, or does not follow from the record's entries before */
	REPLAY_KEPT_BACK,   /* an act lacks its entry in a stream that the register names, or has one in another */
	REPLAY_GONE,        /* the record, its past version or its list's row is in the entries, not in the table */
	REPLAY_ADDED,       /* the other way round */
	REPLAY_CHANGED,     /* a field differs */
	REPLAY_NO_OWNER,    /* a stream belongs to no record */
	REPLAY_NUMBER_USED, /* the next record would get a number that is taken */
};
/* Names no value: the place alone. */
struct replay_fault {
	enum replay_kind kind;
	const struct reg *reg; /* NULL: none is known */
	int64_t record;
	const char *part; /* a field's name, or state, version, changed_at; NULL: the whole */
	uint64_t version; /* of the past; 0: the record as it stands */
	uint64_t index;   /* the entry; UINT64_MAX: it is the table that tells */
};
enum { REPLAY_FAULTS_KEPT = 100 };

struct replay;
struct replay_progress {
	void *context;
	void (*tell)(void *context, uint64_t done, uint64_t total);
};
/* `scratch` is the path of a file that is not there, on the store's own disk; it has no name when this returns.
 * `ledger_key` (16 bytes) names the records. `pack` is the edition that the store has; it outlives the replay. */
NODISCARD enum error replay_new(const struct pack *pack, const unsigned char *ledger_key, const char *scratch,
				struct replay **ret_replay);
void replay_free(struct replay *replay);
DEFINE_AUTO(struct replay, replay_free)

/* The next entry, of whatever kind. An error is a fault of the scratch file; what is wrong with the entry is kept. */
NODISCARD enum error replay_entry(struct replay *replay, const struct ledger_record *record);
/* After the last entry: a stream and how many entries it has. */
NODISCARD enum error replay_stream(struct replay *replay, int64_t number);
/* Then: every register, its past and its lists in `db` against the entries, and that the next record's number is
 * free. `db` must show the state that the entries came from. `progress` may be NULL; it counts records. */
NODISCARD enum error replay_compare(struct replay *replay, struct db *db, const struct replay_progress *progress);

/* How many faults there are, of which the first REPLAY_FAULTS_KEPT can be read. */
uint64_t replay_fault_count(const struct replay *replay);
const struct replay_fault *replay_faults(const struct replay *replay, size_t *ret_count);
/* Records that were compared, past versions included. */
uint64_t replay_checked(const struct replay *replay);
