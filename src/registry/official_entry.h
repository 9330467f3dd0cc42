/* official_entry.h - the ledger entries that officials leave when they see records: by whom, in which role, for which
 * purpose and case; in each stream that the record names, hidden for a time where the purpose defers, and beside each a
 * row of official_use. What look-ups and searches share; the writer's thread. */
#pragma once
#include "registry/engine.h"
#include "registry/official.h"

enum { OFFICIAL_STREAMS_MAX = 16 };

/* Who looks, and why: the same for all entries of one request. */
struct official_view {
	struct registry *registry;
	struct db *db;
	struct arena *arena;
	const struct actor *actor;
	const struct held_role *held; /* NULL: none that may */
	const struct purpose *purpose;
	const char *case_text;
	int64_t finding; /* 0: none */
	int64_t now;
	enum ledger_kind kind;  /* LEDGER_LOOKUP or LEDGER_SEARCH */
	enum official_kind use; /* how official_use calls it */
};

/* What was seen, or asked for in vain. */
struct official_sight {
	const struct reg *reg;
	int64_t record;         /* 0: none in particular */
	const uint32_t *fields; /* codes, ascending */
	size_t field_count;
	const char *query; /* the words of a search; NULL */
	const unsigned char *event;
	bool refused;
	bool outside;
};

/* The streams that see a record: those that its register names, else the system's. */
size_t official_streams(const struct reg *reg, const struct image *image, int64_t streams[static OFFICIAL_STREAMS_MAX]);
/* The codes of those fields of the register that `shows` says yes to, ascending; room for all of them in `codes`. */
size_t official_codes(const struct reg *reg, bool (*shows)(const void *context, const struct field *field),
		      const void *context, uint32_t *codes);
/* One entry in one stream, as part `part` of `parts` of its event. */
NODISCARD enum error official_enter(const struct official_view *view, const struct official_sight *sight,
				    int64_t stream, size_t part, size_t parts, uint64_t *ret_index);
/* Does the place lie outside the territory for which the role is held? Not when either is not known. */
bool official_is_outside(const struct registry *registry, const struct held_role *held, int64_t place);
/* What the role reads of the register; NULL: nothing. */
const struct role_reads *official_reads(const struct role *role, const struct reg *reg);
