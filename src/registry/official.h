/* official.h - what officials do, beside the ledger: one row of `official_use` for each entry that they leave, which
 * oversight reads; and how many look-ups and searches an account may make in an hour. Derived from the entries.
 * All but official_check, official_may and official_role run in the writer's thread. */
#pragma once
#include "registry/registry.h"

enum official_kind {
	OFFICIAL_LOOKUP,
	OFFICIAL_HIT, /* masked, in the answer to a search */
	OFFICIAL_SEARCH,
	OFFICIAL_ACT,
	OFFICIAL_REPORT, /* the log itself was read */
	OFFICIAL_REVEAL, /* the entry by which a hidden look-up is shown at last; official_reveal makes it */
};
/* "lookup", "hit", "search", "act", "report", "reveal". */
const char *official_kind_name(enum official_kind kind);

/* One row; the columns are told in migrations/0009-official.sql. */
struct official_use {
	uint64_t index; /* the entry's; column `id` */
	int64_t at;
	enum official_kind kind;
	int64_t account;
	int64_t official;
	const char *role; /* NULL: none */
	int64_t place;
	const char *purpose;   /* NULL: none */
	const char *case_text; /* NULL: none */
	const char *reg;       /* NULL: no register */
	int64_t record;
	int64_t person;
	bool outside;
	bool refused;
	int64_t finding;  /* 0: none */
	int64_t shown_at; /* to the person; 0: as the purpose says */
};
/* A row with who acts and in which role filled in; `held` may be NULL. */
struct official_use official_use_of(enum official_kind kind, const struct actor *actor, const struct held_role *held,
				    int64_t now);
/* Appends the row, in the transaction of its entry. When the person sees it, whether the hour is full and the lot are
 * found here. */
NODISCARD enum error official_note(struct registry *registry, struct db *db, const struct official_use *use);
/* The entry `index` of kind 6 shows the `hidden` one from now on: its person may name either. In the transaction of the
 * entry. */
NODISCARD enum error official_reveal(struct db *db, uint64_t hidden, uint64_t index, int64_t now);

/* Has the role the ability `lookups` and this purpose (any, when NULL), and does it count for the actor? */
bool official_may(const struct actor *actor, const struct held_role *held, const struct purpose *purpose);
/* The first of the actor's roles that may; NULL: none. */
const struct held_role *official_role(const struct actor *actor, const struct purpose *purpose);
/* What a look-up and a search ask first: a role with `lookups` (ERR_FORBIDDEN), a purpose, a case where the purpose
 * wants one (ERR_BAD_INPUT). An empty case becomes NULL. A purpose that no role of the actor holds is no fault here:
 * that leaves an entry. */
NODISCARD enum error official_check(const struct actor *actor, const struct purpose *purpose, const char **case_text,
				    struct problem *problem);

/* Counts one look-up (LEDGER_LOOKUP) or search (LEDGER_SEARCH) of the account's running hour against the role's limit;
 * `held` NULL or a role without limit: always OK. ERR_LIMITED, with the seconds to wait in the problem: the attempt is
 * not counted, but the caller enters it as refused. What is undone was not counted. */
NODISCARD enum error official_allow(struct registry *registry, const struct actor *actor, const struct held_role *held,
				    enum ledger_kind kind, int64_t now, struct problem *problem);

/* The running hours of all accounts; made when the registry opens, from official_use. */
struct official_hours;
NODISCARD enum error official_hours_load(const struct pack *pack, struct db *db, int64_t now,
					 struct official_hours **ret_hours);
void official_hours_free(struct official_hours *hours);
/* Counts follow the transaction: what is undone was not done, and a job that runs again counts once. */
void official_hours_mark(struct official_hours *hours); /* a job begins */
void official_hours_undo_to_mark(struct official_hours *hours);
void official_hours_committed(struct official_hours *hours);
void official_hours_undone(struct official_hours *hours);
DEFINE_AUTO(struct official_hours, official_hours_free)
