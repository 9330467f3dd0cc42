/* lookup.c - an official opens one record. The writer appends the entries and reads the record in the same
 * transaction; the answer waits in memory until the commit is durable. Found, unknown, forbidden and over the limit
 * take the same way: each is an entry, so that trying references out is seen too. What a register reveals (who is
 * registered at an address) is shown with the record, and whoever is shown has an entry of their own. */
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "registry/read.h"
#include "registry/reveal.h"
#include "registry/show.h"
#include "text/json.h"

enum { LOOKUP_SUBJECTS_MAX = 16, REVEALED_MAX = 10 };

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

static const struct role_reads *
reads_of(const struct role *role, const struct reg *reg)
{
	for (size_t i = 0; i < role->reads_count; i++)
		if (role->reads[i].reg == reg)
			return &role->reads[i];
	return NULL;
}

static bool
may_state(const struct role *role, const struct purpose *purpose)
{
	for (size_t i = 0; i < role->purpose_count; i++)
		if (role->purposes[i] == purpose)
			return true;
	return false;
}

static bool
lies_outside(const struct looking *looking, const struct held_role *held, int64_t place)
{
	return held != NULL && held->place != 0 && place != 0 &&
	       !pack_place_within(looking->lookup->registry->pack, place, held->place);
}

/* What a role of the actor lets it see of this record for the purpose. Of several the one in whose territory the
 * record lies, or the person lives. */
static enum error
grant(struct looking *looking, struct opened *opened)
{
	struct lookup *lookup = looking->lookup;
	int64_t territory = 0, lives = 0;

	TRY(image_territory(lookup->registry, looking->db, lookup->arena, opened->image, lookup->now, &territory));
	TRY(image_lives(lookup->registry, looking->db, lookup->arena, opened->image, lookup->now, &lives));
	opened->outside = lies_outside(looking, looking->held, lives);
	for (size_t i = 0; i < lookup->actor.role_count; i++) {
		const struct held_role *held = &lookup->actor.roles[i];
		const struct role_reads *reads = reads_of(held->role, opened->reg);

		if ((held->role->can & CAN_LOOKUPS) == 0 || !actor_counts(&lookup->actor, held) ||
		    !may_state(held->role, lookup->purpose) || reads == NULL || lies_outside(looking, held, territory))
			continue;
		if (opened->reads != NULL && lies_outside(looking, held, lives))
			continue;
		bool better = opened->reads != NULL;

		opened->reads = reads;
		opened->outside = lies_outside(looking, held, lives);
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
	TRY(image_lives(lookup->registry, looking->db, lookup->arena, image, lookup->now, &lives));
	if (!lies_outside(looking, looking->held, territory))
		*push(looking) = (struct opened){ .reg = reveal->reg,
						  .record = record,
						  .image = image,
						  .reads = reads,
						  .reveal = reveal,
						  .outside = lies_outside(looking, looking->held, lives) };
	return OK;
}

static enum error
reveal_one(struct looking *looking, size_t index)
{
	struct lookup *lookup = looking->lookup;
	const struct reveal *reveal = &lookup->reg->reveals[index];
	const struct role_reads *reads = reads_of(looking->held->role, reveal->reg);
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

static size_t
shown_codes(const struct opened *opened, uint32_t *codes)
{
	size_t count = 0;

	for (size_t i = 0; opened->reads != NULL && i < opened->reg->field_count; i++) {
		const struct field *field = &opened->reg->fields[i];
		bool shown = opened->reads->all;
		size_t at = count;

		for (size_t k = 0; !shown && k < opened->reads->field_count; k++)
			shown = opened->reads->fields[k] == field;
		if (!shown)
			continue;
		for (; at > 0 && codes[at - 1] > field->code; at--)
			codes[at] = codes[at - 1];
		codes[at] = field->code;
		count++;
	}
	return count;
}

/* The streams that see it: those the register names, else the system's. */
static size_t
streams_of(const struct opened *opened, int64_t streams[static LOOKUP_SUBJECTS_MAX])
{
	const struct image *image = opened->image;
	size_t count = 0;

	if (image != NULL && opened->reg->stream_is_self)
		streams[count++] = image->id;
	for (size_t i = 0; image != NULL && i < opened->reg->stream_count && count < LOOKUP_SUBJECTS_MAX; i++) {
		const struct value *value = image_value(image, opened->reg->streams[i]);

		if (value->kind == VALUE_INTEGER)
			streams[count++] = value->integer;
	}
	if (count == 0)
		streams[count++] = LEDGER_STREAM_SYSTEM;
	return count;
}

static void
name_looker(const struct looking *looking, struct ledger_entry *entry)
{
	const struct lookup *lookup = looking->lookup;

	entry->kind = LEDGER_LOOKUP;
	entry->event = lookup->event;
	entry->time_ms = lookup->now;
	entry->purpose = lookup->purpose->code;
	entry->actor = lookup->actor.id;
	entry->session = lookup->actor.session;
	entry->case_text = lookup->case_text;
	entry->origin = lookup->actor.origin[0] == '\0' ? NULL : lookup->actor.origin;
	if (looking->held == NULL)
		return;
	entry->role = looking->held->role->code;
	if (looking->held->role->body != NULL)
		entry->body = looking->held->role->body_code;
}

/* What the header of a discreet purpose leaves out stands in the detail. */
static void
tell_discreetly(const struct looking *looking, const struct opened *opened, struct ledger_entry *entry)
{
	struct lookup *lookup = looking->lookup;

	entry->query = arena_printf(lookup->arena, "%s %s", opened->reg->name,
				    registry_reference(lookup->registry, opened->reg, lookup->arena, opened->record));
	entry->role = entry->reg = UINT64_MAX;
	entry->record = NULL;
	entry->fields = NULL;
	entry->field_count = 0;
}

/* A look-up that the law hides for a time waits in the restricted stream. */
static enum error
append_to(struct looking *looking, int64_t stream, const struct ledger_entry *entry, uint64_t *ret_index)
{
	struct lookup *lookup = looking->lookup;
	struct ledger *ledger = lookup->registry->ledger;
	bool later = stream > 0 && lookup->purpose->defer_ms > 0;

	if (stream > 0 && !ledger_has_stream(ledger, stream))
		TRY(ledger_stream_begin(ledger, looking->db, stream));
	TRY(ledger_append(ledger, looking->db, later ? LEDGER_STREAM_RESTRICTED : stream, entry, ret_index));
	return later ? reveal_later(lookup->registry, looking->db, *ret_index, stream,
				    lookup->now + lookup->purpose->defer_ms)
		     : OK;
}

static enum error
note_use(struct looking *looking, const struct opened *opened, uint64_t index, int64_t person)
{
	struct lookup *lookup = looking->lookup;
	struct official_use use = official_use_of(OFFICIAL_LOOKUP, &lookup->actor, looking->held, lookup->now);

	use.index = index;
	use.purpose = lookup->purpose->name;
	use.case_text = lookup->case_text;
	use.reg = opened->reg->name;
	use.record = opened->record;
	use.person = person;
	use.outside = opened->outside;
	use.refused = opened->reads == NULL;
	use.finding = lookup->finding;
	return official_note(lookup->registry, looking->db, &use);
}

/* The entry in one stream; `part` of `parts` of the event. */
static enum error
append_one(struct looking *looking, const struct opened *opened, int64_t stream, size_t part, size_t parts)
{
	struct lookup *lookup = looking->lookup;
	struct registry *registry = lookup->registry;
	const struct reg *owner = stream < 0 ? opened->reg : registry_party_reg(registry, looking->db, stream);
	uint32_t *codes = arena_array_of(lookup->arena, uint32_t, opened->reg->field_count + 1);
	unsigned char subject[LEDGER_ID_BYTES], record[LEDGER_ID_BYTES];
	struct ledger_entry entry;
	uint64_t index = 0;

	ledger_entry_init(&entry);
	name_looker(looking, &entry);
	entry.retention = opened->reg->retention == NULL ? 0 : opened->reg->retention->code;
	entry.reg = opened->reg->code;
	entry.refused = opened->reads == NULL;
	entry.fields = codes;
	entry.field_count = shown_codes(opened, codes);
	ledger_record_id(registry->ledger, opened->reg->code, opened->record, record);
	entry.record = record;
	ledger_record_id(registry->ledger, owner == NULL ? 0 : owner->code, stream < 0 ? opened->record : stream,
			 subject);
	entry.subject = subject;
	entry.part = parts > 1 ? part : 0;
	entry.parts = parts > 1 ? parts : 0;
	if (lookup->purpose->discreet)
		tell_discreetly(looking, opened, &entry);
	TRY(append_to(looking, stream, &entry, &index));
	if (part == 1)
		lookup->index = index;
	return note_use(looking, opened, index, stream > 0 && owner != NULL ? stream : 0);
}

/* One event: an entry for each record in each stream that sees it. */
static enum error
append_entries(struct looking *looking)
{
	int64_t streams[LOOKUP_SUBJECTS_MAX];
	size_t parts = 0, part = 0;

	for (size_t i = 0; i < looking->count; i++)
		parts += streams_of(&looking->items[i], streams);
	for (size_t i = 0; i < looking->count; i++) {
		size_t count = streams_of(&looking->items[i], streams);

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
		if (reads_of(looking->held->role, reg->reveals[i].reg) == NULL)
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
		lookup->result = problem_add(&lookup->problem, ERR_NOT_FOUND, NULL, MSG_NOT_REFERENCE, NULL, NULL);
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
