/* lookup.c - an official opens one record. The writer appends the entry and reads the record in the same
 * transaction; the answer waits in memory until the commit is durable. Found, unknown and forbidden take the
 * same way: each is an entry, so that trying references out is seen too. */
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "registry/read.h"
#include "registry/show.h"
#include "text/json.h"

enum { CASE_CHARS_MAX = 64, LOOKUP_SUBJECTS_MAX = 16 };

static bool
may_state(const struct role *role, const struct purpose *purpose)
{
	for (size_t i = 0; i < role->purpose_count; i++)
		if (role->purposes[i] == purpose)
			return true;
	return false;
}

/* What a role of the actor lets it see of this register for the purpose, where the record lies; NULL: nothing. */
static const struct role_reads *
granted(struct lookup *lookup, struct db *db, const struct image *image, const struct held_role **ret_held)
{
	int64_t place = 0;

	if (image_territory(lookup->registry, db, lookup->arena, image, lookup->now, &place) != OK)
		return NULL;
	for (size_t i = 0; i < lookup->actor.role_count; i++) {
		const struct held_role *held = &lookup->actor.roles[i];

		if ((held->role->can & CAN_LOOKUPS) == 0 || !actor_counts(&lookup->actor, held) ||
		    !may_state(held->role, lookup->purpose))
			continue;
		if (held->place != 0 && place != 0 && !pack_place_within(lookup->registry->pack, place, held->place))
			continue;
		for (size_t k = 0; k < held->role->reads_count; k++) {
			if (held->role->reads[k].reg != lookup->reg)
				continue;
			*ret_held = held;
			return &held->role->reads[k];
		}
	}
	return NULL;
}

static const struct held_role *
looking_role(const struct actor *actor)
{
	for (size_t i = 0; i < actor->role_count; i++)
		if ((actor->roles[i].role->can & CAN_LOOKUPS) != 0 && actor_counts(actor, &actor->roles[i]))
			return &actor->roles[i];
	return NULL;
}

static size_t
shown_codes(struct lookup *lookup, const struct role_reads *reads, uint32_t *codes)
{
	size_t count = 0;

	for (size_t i = 0; i < lookup->reg->field_count; i++) {
		const struct field *field = &lookup->reg->fields[i];
		bool shown = reads->all;
		size_t at = count;

		for (size_t k = 0; !shown && k < reads->field_count; k++)
			shown = reads->fields[k] == field;
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
streams_of(struct lookup *lookup, const struct image *image, int64_t streams[static LOOKUP_SUBJECTS_MAX])
{
	size_t count = 0;

	if (image != NULL && lookup->reg->stream_is_self)
		streams[count++] = image->id;
	for (size_t i = 0; image != NULL && i < lookup->reg->stream_count && count < LOOKUP_SUBJECTS_MAX; i++) {
		const struct value *value = image_value(image, lookup->reg->streams[i]);

		if (value->kind == VALUE_INTEGER)
			streams[count++] = value->integer;
	}
	if (count == 0)
		streams[count++] = LEDGER_STREAM_SYSTEM;
	return count;
}

static enum error
append_entries(struct lookup *lookup, struct db *db, const struct image *image, const struct role_reads *reads,
	       const struct held_role *held)
{
	struct ledger *ledger = lookup->registry->ledger;
	uint32_t *codes = arena_array_of(lookup->arena, uint32_t, lookup->reg->field_count + 1);
	unsigned char subject[LEDGER_ID_BYTES], record[LEDGER_ID_BYTES];
	int64_t streams[LOOKUP_SUBJECTS_MAX];
	size_t count = streams_of(lookup, image, streams);
	struct ledger_entry entry;

	ledger_entry_init(&entry);
	entry.kind = LEDGER_LOOKUP;
	entry.event = lookup->event;
	entry.time_ms = lookup->now;
	entry.retention = lookup->reg->retention == NULL ? 0 : lookup->reg->retention->code;
	entry.reg = lookup->reg->code;
	entry.purpose = lookup->purpose->code;
	entry.refused = reads == NULL;
	entry.actor = lookup->actor.id;
	entry.session = lookup->actor.session;
	entry.case_text = lookup->case_text;
	entry.origin = lookup->actor.origin[0] == '\0' ? NULL : lookup->actor.origin;
	if (held != NULL) {
		entry.role = held->role->code;
		if (held->role->body != NULL)
			entry.body = held->role->body_code;
	}
	if (reads != NULL) {
		entry.fields = codes;
		entry.field_count = shown_codes(lookup, reads, codes);
	}
	ledger_record_id(ledger, lookup->reg->code, lookup->record, record);
	entry.record = record;
	for (size_t i = 0; i < count; i++) {
		const struct reg *owner =
			streams[i] < 0 ? lookup->reg : registry_party_reg(lookup->registry, db, streams[i]);

		ledger_record_id(ledger, owner == NULL ? 0 : owner->code, streams[i] < 0 ? lookup->record : streams[i],
				 subject);
		entry.subject = subject;
		entry.part = count > 1 ? i + 1 : 0;
		entry.parts = count > 1 ? count : 0;
		if (streams[i] > 0 && !ledger_has_stream(ledger, streams[i]))
			TRY(ledger_stream_begin(ledger, db, streams[i]));
		TRY(ledger_append(ledger, db, streams[i], &entry, &lookup->index));
	}
	return OK;
}

static enum error
show(struct lookup *lookup, struct db *db, const struct image *image, const struct role_reads *reads)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct shown_fields shown = { .reads = reads };

	json_open_map(&json);
	json_key(&json, "event");
	json_hex(&json, lookup->event, sizeof(lookup->event));
	json_field_integer(&json, "index", (int64_t)lookup->index);
	json_field_text(&json, "register", lookup->reg->name);
	TRY(show_record(lookup->registry, db, lookup->arena, image, &shown, NULL, lookup->now, &json));
	json_close_map(&json);
	lookup->body = arena_copy(lookup->arena, out.text, out.bytes);
	lookup->body_bytes = out.bytes;
	return OK;
}

static enum error
run_lookup(struct job *job, struct db *db)
{
	struct lookup *lookup = (struct lookup *)((char *)job - offsetof(struct lookup, job));
	const struct held_role *held = looking_role(&lookup->actor);
	const struct role_reads *reads = NULL;
	const struct image *image = NULL;

	problem_init(&lookup->problem, lookup->arena);
	random_bytes(lookup->event, sizeof(lookup->event));
	enum error e = image_load_from(lookup->registry, db, lookup->arena, lookup->reg, lookup->record, &image);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (image != NULL)
		reads = granted(lookup, db, image, &held);
	TRY(append_entries(lookup, db, image, reads, held));
	if (reads == NULL) {
		/* The entry stays: the job is kept, the answer is the same for unknown and forbidden. */
		lookup->result = problem_add(&lookup->problem, ERR_NOT_FOUND, NULL, MSG_NOT_REFERENCE, NULL, NULL);
		return OK;
	}
	lookup->result = OK;
	return show(lookup, db, image, reads);
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
	if (looking_role(&lookup->actor) == NULL)
		return problem_add(&lookup->problem, ERR_FORBIDDEN, NULL, MSG_MAY_NOT, NULL, NULL);
	if (lookup->purpose == NULL)
		return problem_add(&lookup->problem, ERR_BAD_INPUT, "purpose", MSG_PURPOSE, "", NULL);
	size_t bytes = lookup->case_text == NULL ? 0 : strlen(lookup->case_text);

	if ((lookup->purpose->needs_case && bytes == 0) || bytes > CASE_CHARS_MAX)
		return problem_add(&lookup->problem, ERR_BAD_INPUT, "case", MSG_CASE, NULL, NULL);
	if (bytes == 0)
		lookup->case_text = NULL;
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
