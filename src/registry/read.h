/* read.h - what may be read without a look-up: my own records (I am a party or act for one), public
 * registers and views, my inbox. Each takes a reading connection of the calling thread. */
#pragma once
#include "registry/registry.h"

struct json;

/* The parties that the actor may act for: itself, givers of mandates, firms of its roles. */
size_t read_parties(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
		    int64_t now, const int64_t **ret_parties);

/* The same in one register: a mandate may be for one alone. */
size_t read_parties_in(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
		       const struct reg *reg, int64_t now, const int64_t **ret_parties);

/* GET /api/registers/{r}: {"records": […], "next": cursor or null}; mine, or all of a public register. */
NODISCARD enum error read_list(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
			       const struct reg *reg, int64_t after_id, size_t limit, int64_t now, struct json *json);
/* One record with its fields, state, version, parties as references, open asks, findings and the actions
 * that the actor may now run. ERR_NOT_FOUND also when it is not mine. ret_version for the ETag. */
NODISCARD enum error read_record(struct registry *registry, struct db *db, struct arena *arena,
				 const struct actor *actor, const struct reg *reg, int64_t id, int64_t now,
				 struct json *json, int64_t *ret_version);
/* {"versions": [{from, until, fields…}]}, oldest first. */
NODISCARD enum error read_history(struct registry *registry, struct db *db, struct arena *arena,
				  const struct actor *actor, const struct reg *reg, int64_t id, int64_t now,
				  struct json *json);
/* {"asks": […], "messages": […], "findings": […]} in the actor's language. */
NODISCARD enum error read_inbox(struct registry *registry, struct db *db, struct arena *arena,
				const struct actor *actor, int64_t now, struct json *json);
/* What one ask is about, for who holds its link: register, action, record's fields for the asked party, due. ERR_GONE. */
NODISCARD enum error read_ask_by_link(struct registry *registry, struct db *db, struct arena *arena,
				      const unsigned char link_hash[static 32], enum language language, int64_t now,
				      struct json *json);
/* Rows of a view: {"columns": […], "rows": [[…]]}. ERR_FORBIDDEN unless public or the actor has statistics. */
NODISCARD enum error read_view(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
			       const struct view *view, int64_t now, struct json *json);

/* An official opens one record (durable first): the writer appends the entry and reads in one transaction.
 * Filled like an act; `body` is the JSON when `result` is OK. Unknown and forbidden take the same way. */
struct lookup {
	struct job job;
	struct registry *registry;
	struct arena *arena;
	struct actor actor;
	struct problem problem;
	const struct reg *reg;
	int64_t record;
	const struct purpose *purpose;
	const char *case_text;
	int64_t finding; /* the finding that it is made for; 0: none */
	int64_t now;
	enum error result;
	unsigned char event[LEDGER_ID_BYTES];
	uint64_t index; /* of the first entry */
	const char *body;
	size_t body_bytes;
	void (*done)(struct lookup *lookup);
	void *context;
};
NODISCARD enum error lookup_submit(struct lookup *lookup);
NODISCARD enum error lookup_run(struct lookup *lookup);
