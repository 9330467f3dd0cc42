#include "registry/official_entry.h"
#include "registry/reveal.h"

size_t
official_streams(const struct reg *reg, const struct image *image, int64_t streams[static OFFICIAL_STREAMS_MAX])
{
	size_t count = 0;

	if (image != NULL && reg->stream_is_self)
		streams[count++] = image->id;
	for (size_t i = 0; image != NULL && i < reg->stream_count && count < OFFICIAL_STREAMS_MAX; i++) {
		const struct value *value = image_value(image, reg->streams[i]);

		if (value->kind == VALUE_INTEGER)
			streams[count++] = value->integer;
	}
	if (count == 0)
		streams[count++] = LEDGER_STREAM_SYSTEM;
	return count;
}

size_t
official_codes(const struct reg *reg, bool (*shows)(const void *context, const struct field *field),
	       const void *context, uint32_t *codes)
{
	size_t count = 0;

	for (size_t i = 0; i < reg->field_count; i++) {
		size_t at = count;

		if (!shows(context, &reg->fields[i]))
			continue;
		for (; at > 0 && codes[at - 1] > reg->fields[i].code; at--)
			codes[at] = codes[at - 1];
		codes[at] = reg->fields[i].code;
		count++;
	}
	return count;
}

bool
official_is_outside(const struct registry *registry, const struct held_role *held, int64_t place)
{
	return held != NULL && held->place != 0 && place != 0 && !pack_place_within(registry->pack, place, held->place);
}

const struct role_reads *
official_reads(const struct role *role, const struct reg *reg)
{
	for (size_t i = 0; i < role->reads_count; i++)
		if (role->reads[i].reg == reg)
			return &role->reads[i];
	return NULL;
}

static void
name_official(const struct official_view *view, struct ledger_entry *entry)
{
	entry->kind = view->kind;
	entry->time_ms = view->now;
	entry->purpose = view->purpose->code;
	entry->actor = view->actor->id;
	entry->session = view->actor->session;
	entry->case_text = view->case_text;
	entry->origin = view->actor->origin[0] == '\0' ? NULL : view->actor->origin;
	if (view->held == NULL)
		return;
	entry->role = view->held->role->code;
	if (view->held->role->body != NULL)
		entry->body = view->held->role->body_code;
}

/* What the header of a discreet purpose leaves out stands in the detail. */
static void
tell_discreetly(const struct official_view *view, const struct official_sight *sight, struct ledger_entry *entry)
{
	if (sight->query == NULL)
		entry->query = arena_printf(view->arena, "%s %s", sight->reg->name,
					    registry_reference(view->registry, sight->reg, view->arena, sight->record));
	entry->role = entry->reg = UINT64_MAX;
	entry->record = NULL;
	entry->fields = NULL;
	entry->field_count = 0;
}

/* A look-up that the law hides for a time waits in the restricted stream. */
static enum error
append_to(const struct official_view *view, int64_t stream, const struct ledger_entry *entry, uint64_t *ret_index)
{
	struct ledger *ledger = view->registry->ledger;
	bool later = stream > 0 && view->purpose->defer_ms > 0;

	if (stream > 0 && !ledger_has_stream(ledger, stream))
		TRY(ledger_stream_begin(ledger, view->db, stream));
	TRY(ledger_append(ledger, view->db, later ? LEDGER_STREAM_RESTRICTED : stream, entry, ret_index));
	return later ? reveal_later(view->registry, view->db, *ret_index, stream, view->now + view->purpose->defer_ms)
		     : OK;
}

static enum error
note_use(const struct official_view *view, const struct official_sight *sight, uint64_t index, int64_t person)
{
	struct official_use use = official_use_of(view->use, view->actor, view->held, view->now);

	use.index = index;
	use.purpose = view->purpose->name;
	use.case_text = view->case_text;
	use.reg = sight->reg->name;
	use.record = sight->record;
	use.person = person;
	use.outside = sight->outside;
	use.refused = sight->refused;
	use.finding = view->finding;
	return official_note(view->registry, view->db, &use);
}

/* The register of the party in whose stream the entry goes. Mostly the record itself is that party, and was just read. */
static const struct reg *
owner_of(const struct official_view *view, const struct official_sight *sight, int64_t stream)
{
	if (stream < 0 || (sight->reg->is_party && stream == sight->record))
		return sight->reg;
	return registry_party_reg(view->registry, view->db, stream);
}

enum error
official_enter(const struct official_view *view, const struct official_sight *sight, int64_t stream, size_t part,
	       size_t parts, uint64_t *ret_index)
{
	struct registry *registry = view->registry;
	const struct reg *owner = owner_of(view, sight, stream);
	unsigned char subject[LEDGER_ID_BYTES], record[LEDGER_ID_BYTES];
	struct ledger_entry entry;

	ledger_entry_init(&entry);
	name_official(view, &entry);
	entry.event = sight->event;
	entry.retention = sight->reg->retention == NULL ? 0 : sight->reg->retention->code;
	entry.reg = sight->reg->code;
	entry.refused = sight->refused;
	entry.query = sight->query;
	entry.fields = sight->fields;
	entry.field_count = sight->field_count;
	ledger_record_id(registry->ledger, sight->reg->code, sight->record, record);
	entry.record = sight->record == 0 ? NULL : record;
	ledger_record_id(registry->ledger, owner == NULL ? 0 : owner->code, stream < 0 ? sight->record : stream,
			 subject);
	entry.subject = subject;
	entry.part = parts > 1 ? part : 0;
	entry.parts = parts > 1 ? parts : 0;
	if (view->purpose->discreet)
		tell_discreetly(view, sight, &entry);
	TRY(append_to(view, stream, &entry, ret_index));
	return note_use(view, sight, *ret_index, stream > 0 && owner != NULL ? stream : 0);
}
