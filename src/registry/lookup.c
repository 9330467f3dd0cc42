/* lookup.c - an official opens one record. The writer appends the entries and reads the record in the same
 * transaction; the answer waits in memory until the commit is durable. Found, unknown, forbidden and over the limit
 * take the same way: each is an entry, so that trying references out is seen too. What a register reveals (who is
 * registered at an address) is shown with the record, and whoever is shown has an entry of their own. */
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "registry/official_entry.h"
#include "registry/read.h"
#include "registry/show.h"
#include "text/json.h"

enum { REVEALED_MAX = 10 };

/* One record that the answer shows, or the one that was asked for and is not shown. */
struct opened {
	const struct reg *reg;
	int64_t record;
	const struct image *image;      /* NULL: there is none */
	const struct role_reads *reads; /* NULL: refused */
	const struct reveal *reveal;    /* NULL: it was asked for */
	bool outside;
};

struct looking {
	struct lookup *lookup;
	struct db *db;
	const struct held_role *held; /* in which it is shown, else one that looks up; NULL: none */
	struct opened *items;         /* what was asked for first */
	size_t count, capacity;
	bool refine; /* more would be shown than may be */
};

/* What a role of the actor lets it see of this record for the purpose. Of several the one in whose territory the
 * record lies, or the person lives. */
static enum error
grant(struct looking *looking, struct opened *opened)
{
	struct lookup *lookup = looking->lookup;
	int64_t territory = 0, lives = 0;

	TRY(image_territory(lookup->registry, looking->db, lookup->arena, opened->image, lookup->now, &territory));
	TRY(image_lives(lookup->registry, looking->db, lookup->arena, opened->image, territory, lookup->now, &lives));
	opened->outside = official_is_outside(lookup->registry, looking->held, lives);
	for (size_t i = 0; i < lookup->actor.role_count; i++) {
		const struct held_role *held = &lookup->actor.roles[i];
		const struct role_reads *reads = official_reads(held->role, opened->reg);

		if (!official_may(&lookup->actor, held, lookup->purpose) || reads == NULL ||
		    official_is_outside(lookup->registry, held, territory))
			continue;
		if (opened->reads != NULL && official_is_outside(lookup->registry, held, lives))
			continue;
		bool better = opened->reads != NULL;

		opened->reads = reads;
		opened->outside = official_is_outside(lookup->registry, held, lives);
		looking->held = held;
		if (better || !opened->outside)
			break;
	}
	return OK;
}

static struct opened *
push(struct looking *looking)
{
	struct opened *opened = ARENA_PUSH(looking->lookup->arena, looking->items, looking->count, looking->capacity);

	*opened = (struct opened){ 0 };
	return opened;
}

static enum error
open_asked(struct looking *looking)
{
	struct lookup *lookup = looking->lookup;
	struct opened *opened = push(looking);

	opened->reg = lookup->reg;
	opened->record = lookup->record;
	enum error e = image_load_from(lookup->registry, looking->db, lookup->arena, lookup->reg, lookup->record,
				       &opened->image);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	return grant(looking, opened);
}

/* One record that the reveal names; what lies outside the territory is not shown with it. */
static enum error
open_revealed(struct looking *looking, const struct reveal *reveal, const struct role_reads *reads, int64_t record)
{
	struct lookup *lookup = looking->lookup;
	const struct image *image = NULL;
	int64_t territory = 0, lives = 0;
	enum error e = image_load_from(lookup->registry, looking->db, lookup->arena, reveal->reg, record, &image);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(image_territory(lookup->registry, looking->db, lookup->arena, image, lookup->now, &territory));
	TRY(image_lives(lookup->registry, looking->db, lookup->arena, image, territory, lookup->now, &lives));
	if (!official_is_outside(lookup->registry, looking->held, territory))
		*push(looking) =
			(struct opened){ .reg = reveal->reg,
					 .record = record,
					 .image = image,
					 .reads = reads,
					 .reveal = reveal,
					 .outside = official_is_outside(lookup->registry, looking->held, lives) };
	return OK;
}

static enum error
reveal_one(struct looking *looking, size_t index)
{
	struct lookup *lookup = looking->lookup;
	const struct reveal *reveal = &lookup->reg->reveals[index];
	const struct role_reads *reads = official_reads(looking->held->role, reveal->reg);
	struct value record = value_integer(lookup->record);
	enum error e = OK;

	if (reads == NULL)
		return OK;
	AUTO(query_free)
	struct query *query = db_query(looking->db, plan_of(lookup->registry, lookup->reg)->reveals[index]);

	bind_named(query, "record", &record);
	while (looking->count <= REVEALED_MAX + 1 && (e = query_step(query)) == OK)
		TRY(open_revealed(looking, reveal, reads, column_integer(query, 0)));
	return e == ERR_NOT_FOUND ? OK : e;
}

/* All of them or nobody: a part would say who comes first. */
static enum error
open_reveals(struct looking *looking)
{
	for (size_t i = 0; i < looking->lookup->reg->reveal_count; i++)
		TRY(reveal_one(looking, i));
	looking->refine = looking->count > REVEALED_MAX + 1;
	if (looking->refine)
		looking->count = 1;
	return OK;
}

/* ---- entries ---- */

static bool
is_shown(const void *context, const struct field *field)
{
	return role_reads_field(context, field);
}

static struct official_view
view_of(struct looking *looking)
{
	const struct lookup *lookup = looking->lookup;

	return (struct official_view){ .registry = lookup->registry,
				       .db = looking->db,
				       .arena = lookup->arena,
				       .actor = &lookup->actor,
				       .held = looking->held,
				       .purpose = lookup->purpose,
				       .case_text = lookup->case_text,
				       .finding = lookup->finding,
				       .now = lookup->now,
				       .kind = LEDGER_LOOKUP,
				       .use = OFFICIAL_LOOKUP };
}

/* The entry in one stream; `part` of `parts` of the event. */
static enum error
append_one(struct looking *looking, const struct opened *opened, int64_t stream, size_t part, size_t parts)
{
	struct lookup *lookup = looking->lookup;
	uint32_t *codes = arena_array_of(lookup->arena, uint32_t, opened->reg->field_count + 1);
	struct official_view view = view_of(looking);
	struct official_sight sight = { .reg = opened->reg,
					.record = opened->record,
					.fields = codes,
					.event = lookup->event,
					.refused = opened->reads == NULL,
					.outside = opened->outside };
	uint64_t index = 0;

	if (opened->reads != NULL)
		sight.field_count = official_codes(opened->reg, is_shown, opened->reads, codes);
	TRY(official_enter(&view, &sight, stream, part, parts, &index));
	if (part == 1)
		lookup->index = index;
	return OK;
}

/* One event: an entry for each record in each stream that sees it. */
static enum error
append_entries(struct looking *looking)
{
	int64_t streams[OFFICIAL_STREAMS_MAX];
	size_t parts = 0, part = 0;

	for (size_t i = 0; i < looking->count; i++)
		parts += official_streams(looking->items[i].reg, looking->items[i].image, streams);
	for (size_t i = 0; i < looking->count; i++) {
		size_t count = official_streams(looking->items[i].reg, looking->items[i].image, streams);

		for (size_t k = 0; k < count; k++)
			TRY(append_one(looking, &looking->items[i], streams[k], ++part, parts));
	}
	return OK;
}

/* ---- the answer ---- */

static enum error
show_opened(const struct looking *looking, const struct opened *opened, struct json *json)
{
	const struct lookup *lookup = looking->lookup;
	struct shown_fields shown = { .reads = opened->reads };

	json_field_text(json, "register", opened->reg->name);
	return show_record(lookup->registry, looking->db, lookup->arena, opened->image, &shown, NULL, lookup->now,
			   json);
}

static enum error
show_reveals(const struct looking *looking, struct json *json)
{
	const struct reg *reg = looking->lookup->reg;

	json_key(json, "reveals");
	json_open_map(json);
	for (size_t i = 0; i < reg->reveal_count; i++) {
		if (official_reads(looking->held->role, reg->reveals[i].reg) == NULL)
			continue;
		json_key(json, reg->reveals[i].name);
		json_open_list(json);
		for (size_t k = 1; k < looking->count; k++) {
			if (looking->items[k].reveal != &reg->reveals[i])
				continue;
			json_open_map(json);
			TRY(show_opened(looking, &looking->items[k], json));
			json_close_map(json);
		}
		json_close_list(json);
	}
	json_close_map(json);
	json_field_boolean(json, "refine", looking->refine);
	return OK;
}

static enum error
show(struct looking *looking)
{
	struct lookup *lookup = looking->lookup;
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_key(&json, "event");
	json_hex(&json, lookup->event, sizeof(lookup->event));
	json_field_integer(&json, "index", (int64_t)lookup->index);
	TRY(show_opened(looking, &looking->items[0], &json));
	if (lookup->reg->reveal_count > 0)
		TRY(show_reveals(looking, &json));
	json_close_map(&json);
	lookup->body = arena_copy(lookup->arena, out.text, out.bytes);
	lookup->body_bytes = out.bytes;
	return OK;
}

static enum error
run_lookup(struct job *job, struct db *db)
{
	struct lookup *lookup = (struct lookup *)((char *)job - offsetof(struct lookup, job));
	struct looking looking = { .lookup = lookup, .db = db, .held = official_role(&lookup->actor, lookup->purpose) };

	if (looking.held == NULL)
		looking.held = official_role(&lookup->actor, NULL);
	problem_init(&lookup->problem, lookup->arena);
	random_bytes(lookup->event, sizeof(lookup->event));
	lookup->body = NULL;
	lookup->result = official_allow(lookup->registry, &lookup->actor, looking.held, LEDGER_LOOKUP, lookup->now,
					&lookup->problem);
	TRY(open_asked(&looking));
	struct opened *asked = &looking.items[0];

	if (lookup->result != OK)
		asked->reads = NULL;
	if (asked->reads != NULL)
		TRY(open_reveals(&looking));
	TRY(append_entries(&looking));
	/* The entry stays: the job is kept, the answer is the same for unknown and forbidden. */
	if (lookup->result == OK && looking.items[0].reads == NULL)
		lookup->result = problem_add(&lookup->problem, ERR_NOT_FOUND, NULL, MSG_NOT_OPENED, NULL, NULL);
	return lookup->result == OK ? show(&looking) : OK;
}

static void
lookup_came(struct job *job, enum error e)
{
	struct lookup *lookup = (struct lookup *)((char *)job - offsetof(struct lookup, job));

	if (e != OK) {
		lookup->result = e;
		lookup->body = NULL;
	}
	lookup->registry->lookups++;
	if (lookup->done != NULL)
		lookup->done(lookup);
}

static enum error
check(struct lookup *lookup)
{
	TRY(official_check(&lookup->actor, lookup->purpose, &lookup->case_text, &lookup->problem));
	lookup->job.run = run_lookup;
	lookup->job.done = lookup_came;
	return OK;
}

enum error
lookup_submit(struct lookup *lookup)
{
	TRY(check(lookup));
	return writer_submit(lookup->registry->writer, &lookup->job);
}

enum error
lookup_run(struct lookup *lookup)
{
	TRY(check(lookup));
	enum error e = writer_run(lookup->registry->writer, &lookup->job);

	return e != OK ? e : lookup->result;
}
