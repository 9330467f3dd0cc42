/* show.h - records, asks and messages as JSON, for those who may see them (read.c, lookup.c). */
#pragma once
#include "registry/engine.h"

struct json;

/* Which fields to show; NULL: all. */
struct shown_fields {
	const struct role_reads *reads;
};

/* Members of an open map: ref, state, state_title, version, changed_at, place, then each field under "fields". A
 * personal ref that is not among `mine` and is found by `resolve` is shown by its reference only. */
NODISCARD enum error show_record(struct registry *registry, struct db *db, struct arena *arena,
				 const struct image *image, const struct shown_fields *shown,
				 const struct parties *mine, int64_t now, struct json *json);
NODISCARD enum error show_version(struct registry *registry, struct db *db, struct arena *arena,
				  const struct image *image, int64_t until_at, const struct parties *mine,
				  struct json *json);
/* "asks": what waits on this record, and who of the asked I am. */
NODISCARD enum error show_asks(struct registry *registry, struct db *db, struct arena *arena, const struct image *image,
			       const struct parties *mine, enum language language, struct json *json);
/* A mandate may be for one register: `by_reg` are the actor's parties in each (by reg->index). */
bool show_is_among(const struct parties *parties, int64_t id);
/* List items: asks that wait for a party, for roles of the actor. */
NODISCARD enum error show_waiting(struct registry *registry, struct db *db, struct arena *arena, int64_t party,
				  const struct actor *actor, size_t limit, const struct parties *mine,
				  const struct parties *by_reg, int64_t now, struct json *json);
NODISCARD enum error show_waiting_for_roles(struct registry *registry, struct db *db, struct arena *arena,
					    const struct actor *actor, size_t limit, int64_t now, struct json *json);
NODISCARD enum error show_messages(struct registry *registry, struct db *db, struct arena *arena, int64_t party,
				   const struct parties *by_reg, enum language language, size_t limit,
				   struct json *json);
NODISCARD enum error show_messages_for_roles(struct registry *registry, struct db *db, struct arena *arena,
					     const struct actor *actor, size_t limit, struct json *json);
/* The row of read_ask_by_link: reg, record, action, until_at, party, args. */
NODISCARD enum error show_ask_page(struct registry *registry, struct db *db, struct arena *arena,
				   const struct query *row, const struct parties *asked, enum language language,
				   struct json *json);
/* What people call a record: its label or name, else its reference. A street alone may stand in any town: what has a
 * territory is called with its place. */
const char *show_title(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg, int64_t id,
		       enum language language);
/* The text of a message with its placeholders filled in, in `arena`, about the record as it stood at `at` (0: now; what is
 * asked: as it would be). `link` may be NULL. */
NODISCARD enum error show_text(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg,
			       int64_t record, const char *action, bool asks, enum language language, const char *link,
			       int64_t until_at, int64_t at, const char **ret_text);
