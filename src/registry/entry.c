/* entry.c - what an act leaves in the ledger: one entry for each record that it changed in each of the
 * streams that the record's register names, all with one event, as parts 1..m. */
#include <string.h>
#include "base/random.h"
#include "registry/attempts.h"
#include "registry/engine.h"
#include "registry/payload.h"

struct draft {
	const struct change *change;
	int64_t stream;
	const struct reg *stream_reg; /* whose record the stream's owner is; NULL: the system stream */
};

struct drafts {
	struct draft *items;
	size_t count, capacity;
};

static void
add_draft(struct txn *txn, struct drafts *drafts, const struct change *change, int64_t stream, const struct reg *reg)
{
	for (size_t i = 0; i < drafts->count; i++)
		if (drafts->items[i].change == change && drafts->items[i].stream == stream)
			return;
	*ARENA_PUSH(txn->arena, drafts->items, drafts->count, drafts->capacity) =
		(struct draft){ .change = change, .stream = stream, .stream_reg = reg };
}

static const struct reg *
register_of(struct txn *txn, const struct field *ref, int64_t id)
{
	for (size_t i = 0; ref->to_count > 1 && i < ref->to_count; i++)
		if (image_exists(txn->registry, txn->db, ref->to[i], id))
			return ref->to[i];
	return ref->to[0];
}

/* Whoever the record names now and whoever it named before both see the change. */
static void
add_streams(struct txn *txn, struct drafts *drafts, const struct change *change)
{
	const struct reg *reg = change->reg;
	size_t before = drafts->count;

	if (reg->stream_is_self)
		add_draft(txn, drafts, change, change->after->id, reg);
	for (size_t i = 0; i < reg->stream_count; i++) {
		const struct field *field = reg->streams[i];
		const struct value *now = image_value(change->after, field);
		const struct value *then = change->before == NULL ? NULL : image_value(change->before, field);

		if (now->kind == VALUE_INTEGER)
			add_draft(txn, drafts, change, now->integer, register_of(txn, field, now->integer));
		if (then != NULL && then->kind == VALUE_INTEGER)
			add_draft(txn, drafts, change, then->integer, register_of(txn, field, then->integer));
	}
	if (drafts->count == before)
		add_draft(txn, drafts, change, LEDGER_STREAM_SYSTEM, NULL);
}

/* The rows as they stand at the end of the act. */
static enum error
write_list(struct txn *txn, const struct change *change, const struct field *list, struct strbuf *out)
{
	AUTO(query_free) struct query *query = db_query(txn->db, sql_list_load(txn->arena, change->reg, list));
	AUTO(strbuf_done) struct strbuf rows = { 0 };
	size_t count = 0;
	enum error e;

	bind_integer(query, 1, change->after->id);
	while ((e = query_step(query)) == OK) {
		struct value *values = arena_array_of(txn->arena, struct value, (size_t)column_count(query));

		for (int i = 0; i < column_count(query); i++)
			values[i] = column_value(query, i, txn->arena);
		payload_write_row(&rows, list, values);
		count++;
	}
	cbor_array(out, count);
	strbuf_add(out, rows.text, rows.bytes);
	return e == ERR_NOT_FOUND ? OK : e;
}

static bool
field_changed(const struct change *change, const struct field *field)
{
	if (field->type == FIELD_LIST)
		return (change->lists >> (field->index % 64) & 1) != 0;
	if (change->before == NULL)
		return image_value(change->after, field)->kind != VALUE_NULL;
	for (size_t c = 0; c < input_columns(field); c++)
		if (!value_equal(&change->before->values[field->column + c], &change->after->values[field->column + c]))
			return true;
	return false;
}

/* Fields by ascending code: deterministic CBOR wants its keys so. */
static size_t
changed_fields(struct txn *txn, const struct change *change, const struct field ***ret_fields)
{
	const struct field **fields = arena_array_of(txn->arena, const struct field *, change->reg->field_count + 1);
	size_t count = 0;

	for (size_t i = 0; i < change->reg->field_count; i++) {
		const struct field *field = &change->reg->fields[i];
		size_t at = count;

		if (!field_changed(change, field))
			continue;
		for (; at > 0 && fields[at - 1]->code > field->code; at--)
			fields[at] = fields[at - 1];
		fields[at] = field;
		count++;
	}
	*ret_fields = fields;
	return count;
}

static enum error
write_payload(struct txn *txn, const struct change *change, const struct field *const *fields, size_t count,
	      struct strbuf *out)
{
	unsigned char me[LEDGER_ID_BYTES];
	bool for_another = txn->me != 0 && txn->me != txn->actor->party;
	const struct reg *reg = for_another ? registry_party_reg(txn->registry, txn->db, txn->me) : NULL;
	struct payload_head head = { .state = &change->after->values[COLUMN_STATE],
				     .version = change->after->values[COLUMN_VERSION].integer,
				     .reason = change->reason };

	if (reg != NULL) {
		ledger_record_id(txn->registry->ledger, reg->code, txn->me, me);
		head.party = me;
	}
	payload_write_head(out, &head, count);
	for (size_t i = 0; i < count; i++) {
		cbor_uint(out, fields[i]->code);
		if (fields[i]->type == FIELD_LIST)
			TRY(write_list(txn, change, fields[i], out));
		else
			payload_write_value(out, fields[i], image_value(change->after, fields[i]));
	}
	return OK;
}

static void
name_actor(const struct txn *txn, struct ledger_entry *entry)
{
	static const unsigned char none[16];

	entry->event = txn->event;
	entry->time_ms = txn->now;
	entry->actor = txn->actor->id;
	entry->origin = txn->actor->origin[0] == '\0' ? NULL : txn->actor->origin;
	entry->session = memcmp(txn->actor->session, none, sizeof(none)) == 0 ? NULL : txn->actor->session;
	if (txn->role != NULL) {
		entry->role = txn->role->role->code;
		if (txn->role->role->body != NULL)
			entry->body = txn->role->role->body_code;
	}
}

/* What an official does about a person is seen by oversight too: an act that follows a look-up is its reason. */
static enum error
note_act(struct txn *txn, const struct draft *draft, const struct ledger_entry *entry, uint64_t index)
{
	const struct change *change = draft->change;

	if (txn->actor->is_console || !txn_is_official(txn) || draft->stream_reg == NULL ||
	    !draft->stream_reg->is_party)
		return OK;
	struct official_use use = official_use_of(OFFICIAL_ACT, txn->actor, txn->role, txn->now);

	use.index = index;
	use.reg = change->reg->name;
	use.record = change->after == NULL ? 0 : change->after->id;
	use.person = draft->stream;
	use.refused = entry->refused;
	return official_note(txn->registry, txn->db, &use);
}

/* Streams begin with the record that owns them, and at the latest with their first entry. */
static enum error
append_one(struct txn *txn, const struct draft *draft, struct ledger_entry *entry, struct receipt_entry *receipt)
{
	struct ledger *ledger = txn->registry->ledger;
	unsigned char subject[LEDGER_ID_BYTES], record[LEDGER_ID_BYTES];
	const struct change *change = draft->change;

	if (change->after != NULL)
		ledger_record_id(ledger, change->reg->code, change->after->id, record);
	else
		random_bytes(record, sizeof(record));
	if (draft->stream_reg != NULL)
		ledger_record_id(ledger, draft->stream_reg->code, draft->stream, subject);
	else
		memcpy(subject, record, sizeof(subject));
	entry->subject = subject;
	entry->record = change->after == NULL ? NULL : record;
	if (draft->stream > 0 && !ledger_has_stream(ledger, draft->stream))
		TRY(ledger_stream_begin(ledger, txn->db, draft->stream));
	TRY(ledger_append(ledger, txn->db, draft->stream, entry, &receipt->index));
	receipt->stream = draft->stream;
	receipt->stream_n = ledger_stream_count(ledger, draft->stream);
	return note_act(txn, draft, entry, receipt->index);
}

static enum error
append_draft(struct txn *txn, const struct draft *draft, size_t part, size_t parts, struct receipt_entry *receipt)
{
	const struct change *change = draft->change;
	AUTO(strbuf_done) struct strbuf payload = { 0 };
	const struct field **fields = NULL;
	size_t count = changed_fields(txn, change, &fields);
	uint32_t *codes = arena_array_of(txn->arena, uint32_t, count + 1);
	struct ledger_entry entry;

	ledger_entry_init(&entry);
	name_actor(txn, &entry);
	entry.kind = change->kind;
	entry.reg = change->reg->code;
	entry.retention = change->reg->retention == NULL ? 0 : change->reg->retention->code;
	for (size_t i = 0; i < count; i++)
		codes[i] = fields[i]->code;
	entry.fields = codes;
	entry.field_count = count;
	entry.part = parts > 1 ? part : 0;
	entry.parts = parts > 1 ? parts : 0;
	TRY(write_payload(txn, change, fields, count, &payload));
	entry.payload = payload.text;
	entry.payload_bytes = payload.bytes;
	return append_one(txn, draft, &entry, receipt);
}

enum error
entry_append_all(struct txn *txn, struct receipt_entry **ret_entries, size_t *ret_count)
{
	struct drafts drafts = { 0 };

	for (size_t i = 0; i < txn->change_count; i++)
		add_streams(txn, &drafts, &txn->changes[i]);
	struct receipt_entry *entries = arena_array_of(txn->arena, struct receipt_entry, drafts.count + 1);

	for (size_t i = 0; i < drafts.count; i++)
		TRY(append_draft(txn, &drafts.items[i], i + 1, drafts.count, &entries[i]));
	*ret_entries = entries;
	*ret_count = drafts.count;
	return OK;
}

static void
refuse(struct txn *txn, const struct act *act, int64_t record, struct ledger_entry *entry)
{
	const struct reg *reg = act->reg;

	ledger_entry_init(entry);
	name_actor(txn, entry);
	entry->kind = record == 0 ? LEDGER_CREATE : LEDGER_CHANGE;
	entry->refused = true;
	entry->reg = reg->code;
	entry->retention = reg->retention == NULL ? 0 : reg->retention->code;
	entry->payload = act->action->name;
	entry->payload_bytes = strlen(act->action->name);
}

/* Parties that the request names. */
static void
add_named(struct txn *txn, const struct act *act, const struct change *change, struct drafts *drafts)
{
	for (size_t i = 0; txn->inputs != NULL && i < act->action->arg_count; i++) {
		const struct field *field = &act->action->args[i];
		const struct input *input = &txn->inputs[i];

		if (field->type != FIELD_REF || input->kind != INPUT_VALUE || input->values[0].kind != VALUE_INTEGER)
			continue;
		int64_t id = input->values[0].integer;
		const struct reg *reg = register_of(txn, field, id);

		if (reg->is_party)
			add_draft(txn, drafts, change, id, reg);
	}
}

static void
drop_own(struct txn *txn, const struct reg *reg, struct drafts *drafts)
{
	size_t kept = 0;

	for (size_t i = 0; i < drafts->count; i++)
		if (drafts->items[i].stream > 0 && !party_is_mine(txn, reg, drafts->items[i].stream))
			drafts->items[kept++] = drafts->items[i];
	drafts->count = kept;
}

/* The day's first few attempts of an account leave an entry with a person, which tells enough. */
static void
drop_repeated(struct txn *txn, const struct reg *reg, struct drafts *drafts)
{
	size_t kept = 0;

	for (size_t i = 0; i < drafts->count; i++)
		if (attempts_count(txn->registry->attempts, txn->actor->account, drafts->items[i].stream, reg->code,
				   txn->today))
			drafts->items[kept++] = drafts->items[i];
	drafts->count = kept;
}

static enum error
append_refusals(struct txn *txn, const struct act *act, const struct drafts *drafts)
{
	struct receipt_entry receipt;
	struct ledger_entry entry;

	for (size_t i = 0; i < drafts->count; i++) {
		refuse(txn, act, act->record, &entry);
		entry.part = drafts->count > 1 ? i + 1 : 0;
		entry.parts = drafts->count > 1 ? drafts->count : 0;
		TRY(append_one(txn, &drafts->items[i], &entry, &receipt));
	}
	return OK;
}

enum error
entry_append_attempt(struct txn *txn, const struct act *act, bool *ret_named)
{
	struct change change = { .reg = act->reg };
	struct drafts drafts = { 0 };

	if (act->record != 0) {
		TRY(image_load(txn, act->reg, act->record, &change.before));
		change.after = change.before;
		add_streams(txn, &drafts, &change);
	}
	add_named(txn, act, &change, &drafts);
	drop_own(txn, act->reg, &drafts);
	drop_repeated(txn, act->reg, &drafts);
	*ret_named = drafts.count > 0;
	return append_refusals(txn, act, &drafts);
}

/* A refusal that names nobody else is one entry: of the record where there is one, else of the system. */
enum error
entry_append_refusal(struct txn *txn, const struct act *act, int64_t record)
{
	struct change change = { .reg = act->reg };
	struct ledger_entry entry;
	struct receipt_entry receipt;
	struct drafts drafts = { 0 };

	refuse(txn, act, record, &entry);
	if (record != 0 && image_load(txn, act->reg, record, &change.before) == OK) {
		change.after = change.before;
		add_streams(txn, &drafts, &change);
	} else {
		add_draft(txn, &drafts, &change, LEDGER_STREAM_SYSTEM, NULL);
	}
	return append_one(txn, &drafts.items[0], &entry, &receipt);
}

/* What is no record's: the system's own stream. */
enum error
entry_append_system(struct txn *txn, const void *payload, size_t bytes)
{
	struct ledger_entry entry;
	unsigned char id[LEDGER_ID_BYTES];
	uint64_t index = 0;

	ledger_entry_init(&entry);
	name_actor(txn, &entry);
	random_bytes(id, sizeof(id));
	entry.kind = LEDGER_SYSTEM;
	entry.subject = id;
	entry.retention = 0;
	entry.payload = payload;
	entry.payload_bytes = bytes;
	return ledger_append(txn->registry->ledger, txn->db, LEDGER_STREAM_SYSTEM, &entry, &index);
}
