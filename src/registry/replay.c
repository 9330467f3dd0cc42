#include "registry/replay.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "ledger/erasure.h"
#include "registry/payload.h"
#include "registry/replay_inner.h"

static const char scratch_sql[] =
	"create table replayed (key INTEGER PRIMARY KEY, version bigint, changed_at bigint, state text, cells bytea);"
	"create table replayed_past (key bigint, version bigint, from_at bigint, until_at bigint, state text,"
	" cells bytea, PRIMARY KEY (key, version));"
	"create table replayed_unknown (key INTEGER PRIMARY KEY);";

/* ---- faults ---- */

void
replay_note(struct replay *replay, const struct replay_fault *fault)
{
	if (replay->kept < REPLAY_FAULTS_KEPT)
		replay->faults[replay->kept++] = *fault;
	replay->fault_count++;
	replay->kept_back += fault->kind == REPLAY_KEPT_BACK;
}

static void
note_entry(struct replay *replay, const struct ledger_record *record, const struct reg *reg, int64_t id)
{
	replay_note(replay, &(struct replay_fault){
				    .kind = REPLAY_UNREADABLE, .reg = reg, .record = id, .index = record->index });
}

uint64_t
replay_fault_count(const struct replay *replay)
{
	return replay->fault_count;
}

const struct replay_fault *
replay_faults(const struct replay *replay, size_t *ret_count)
{
	*ret_count = replay->kept;
	return replay->faults;
}

uint64_t
replay_checked(const struct replay *replay)
{
	return replay->checked;
}

/* An earlier edition may have named other streams: what it did cannot be judged by this one. */
static void
excuse_kept_back(struct replay *replay)
{
	size_t kept = 0;

	for (size_t i = 0; i < replay->kept; i++)
		if (replay->faults[i].kind != REPLAY_KEPT_BACK)
			replay->faults[kept++] = replay->faults[i];
	replay->kept = kept;
	replay->fault_count -= replay->kept_back;
	replay->kept_back = 0;
}

/* ---- opening ---- */

static void
add_owner(struct replay *replay, const struct reg *reg)
{
	for (size_t i = 0; i < replay->owner_count; i++)
		if (replay->owners[i] == reg)
			return;
	replay->owners[replay->owner_count++] = reg;
}

static void
list_owners(struct replay *replay)
{
	const struct pack *pack = replay->pack;

	replay->owners = arena_array_of(replay->arena, const struct reg *, pack->reg_count);
	for (size_t i = 0; i < pack->reg_count; i++) {
		const struct reg *reg = &pack->regs[i];

		if (reg->stream_is_self)
			add_owner(replay, reg);
		for (size_t k = 0; k < reg->stream_count; k++)
			for (size_t n = 0; n < reg->streams[k]->to_count; n++)
				add_owner(replay, reg->streams[k]->to[n]);
	}
}

enum error
replay_new(const struct pack *pack, const unsigned char *ledger_key, const char *scratch, struct replay **ret_replay)
{
	AUTO(replay_free) struct replay *replay = calloc(1, sizeof(*replay));

	if (replay == NULL)
		return ERR_NO_MEMORY;
	replay->pack = pack;
	replay->arena = arena_new();
	replay->row = arena_new();
	replay->key = record_key_new(ledger_key);
	list_owners(replay);
	TRY(db_open(scratch, DB_SCRATCH, &replay->db));
	TRY(db_execute(replay->db, scratch_sql));
	TRY(db_begin(replay->db));
	*ret_replay = TAKE(replay);
	return OK;
}

void
replay_free(struct replay *replay)
{
	if (replay == NULL)
		return;
	strbuf_done(&replay->group.payload);
	strbuf_done(&replay->group.before);
	strbuf_done(&replay->group.after);
	free(replay->group.streams);
	db_close(replay->db);
	record_key_free(replay->key);
	arena_free(replay->arena);
	arena_free(replay->row);
	free(replay);
}

/* ---- one act's entries about one record ---- */

static void
add_stream(struct replay_group *group, int64_t stream)
{
	*ARRAY_PUSH(group->streams, group->stream_count, group->stream_capacity) = stream;
}

static bool
is_act(const struct ledger_entry *entry)
{
	return !entry->refused &&
	       (entry->kind == LEDGER_CREATE || entry->kind == LEDGER_CHANGE || entry->kind == LEDGER_CORRECTION);
}

static bool
is_of_group(const struct replay_group *group, const struct ledger_entry *entry)
{
	return group->is_open && is_act(entry) && entry->record != NULL &&
	       memcmp(entry->event, group->event, sizeof(group->event)) == 0 &&
	       memcmp(entry->record, group->record_id, sizeof(group->record_id)) == 0;
}

static void
join_group(struct replay *replay, const struct ledger_record *record)
{
	struct replay_group *group = &replay->group;
	const struct ledger_entry *entry = &record->entry;

	add_stream(group, record->stream);
	if (entry->payload_bytes != group->payload.bytes ||
	    memcmp(entry->payload, group->payload.text, entry->payload_bytes) != 0)
		note_entry(replay, record, group->reg, group->record);
}

/* Takes the stream out of those that have an entry; false: it has none. */
static bool
take_stream(struct replay_group *group, int64_t stream)
{
	for (size_t i = 0; i < group->stream_count; i++)
		if (group->streams[i] == stream) {
			group->streams[i] = group->streams[--group->stream_count];
			return true;
		}
	return false;
}

/* Takes out the streams of those whom the cells name; each once. False: one has no entry. */
static bool
take_named(struct replay_group *group, const struct strbuf *cells, const struct strbuf *taken, size_t *ret_named)
{
	bool all = true;

	for (size_t i = 0; i < group->reg->stream_count; i++) {
		int64_t stream = 0, known = 0;
		uint32_t code = group->reg->streams[i]->code;
		bool twice = false;

		if (!cells_integer(cells->text, cells->bytes, code, &stream))
			continue;
		++*ret_named;
		twice = group->reg->stream_is_self && stream == group->record;
		for (size_t k = 0; k < i; k++)
			twice |= cells_integer(cells->text, cells->bytes, group->reg->streams[k]->code, &known) &&
				 known == stream;
		for (size_t k = 0; taken != NULL && k < group->reg->stream_count; k++)
			twice |= cells_integer(taken->text, taken->bytes, group->reg->streams[k]->code, &known) &&
				 known == stream;
		all = (twice || take_stream(group, stream)) && all;
	}
	return all;
}

/* Has everybody whom the register names got their entry, and nobody else? */
void
replay_end_group(struct replay *replay)
{
	struct replay_group *group = &replay->group;
	size_t named = 0;
	bool all = true;

	if (!group->is_open)
		return;
	group->is_open = false;
	if (group->reg->stream_is_self) {
		named++;
		all = take_stream(group, group->record);
	}
	all = take_named(group, &group->after, NULL, &named) && all;
	all = take_named(group, &group->before, &group->after, &named) && all;
	if (named == 0)
		all = take_stream(group, LEDGER_STREAM_SYSTEM);
	if (!all || group->stream_count > 0)
		replay_note(replay, &(struct replay_fault){ .kind = REPLAY_KEPT_BACK,
							    .reg = group->reg,
							    .record = group->record,
							    .index = group->index });
}

/* ---- acts ---- */

struct known {
	bool is_there;
	uint64_t version;
	int64_t changed_at;
	const char *state; /* in the row's arena */
};

static enum error
load_known(struct replay *replay, int64_t key, struct known *ret_known)
{
	struct strbuf *cells = &replay->group.before;
	AUTO(query_free)
	struct query *query =
		db_query(replay->db, "select version, changed_at, state, cells from replayed where key = $1");
	size_t bytes = 0;

	strbuf_clear(cells);
	*ret_known = (struct known){ .is_there = false };
	bind_integer(query, 1, key);
	enum error e = query_one(query);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	const void *from = column_bytes(query, 3, &bytes);

	strbuf_add(cells, from, bytes);
	*ret_known = (struct known){ .is_there = true,
				     .version = (uint64_t)column_integer(query, 0),
				     .changed_at = column_integer(query, 1),
				     .state = arena_text(replay->row, column_text(query, 2)) };
	return OK;
}

static enum error
keep_past(struct replay *replay, int64_t key, const struct known *known, int64_t until_at)
{
	const struct strbuf *cells = &replay->group.before;
	AUTO(query_free)
	struct query *query =
		db_query(replay->db, "insert into replayed_past (key, version, from_at, until_at, state, cells)"
				     " values ($1, $2, $3, $4, $5, $6)");

	bind_integer(query, 1, key);
	bind_integer(query, 2, (int64_t)known->version);
	bind_integer(query, 3, known->changed_at);
	bind_integer(query, 4, until_at);
	bind_text(query, 5, known->state);
	bind_bytes(query, 6, cells->bytes == 0 ? "" : cells->text, cells->bytes);
	return query_run(query);
}

static enum error
keep_record(struct replay *replay, int64_t key, uint64_t version, int64_t changed_at, const char *state,
	    const struct strbuf *cells)
{
	AUTO(query_free)
	struct query *query = db_query(replay->db, "insert into replayed (key, version, changed_at, state, cells)"
						   " values ($1, $2, $3, $4, $5) on conflict (key) do update set"
						   " version = excluded.version, changed_at = excluded.changed_at,"
						   " state = excluded.state, cells = excluded.cells");

	bind_integer(query, 1, key);
	bind_integer(query, 2, (int64_t)version);
	bind_integer(query, 3, changed_at);
	bind_text(query, 4, state);
	bind_bytes(query, 5, cells->bytes == 0 ? "" : cells->text, cells->bytes);
	return query_run(query);
}

/* What the person sees in the header is what the payload changes. */
static bool
names_its_fields(const struct ledger_entry *entry, const struct payload *payload)
{
	struct cbor_reader reader = { .at = payload->cells, .end = payload->cells + payload->cell_bytes };
	struct cell cell;
	size_t count = 0;

	while (cells_next(&reader, &cell))
		if (count == entry->field_count || entry->fields[count++] != cell.code)
			return false;
	return count == entry->field_count;
}

/* The next version of what there is; or the same one, when the act only waits for consent. */
static bool
follows(const struct ledger_entry *entry, const struct payload *payload, const struct known *known)
{
	if ((entry->kind == LEDGER_CREATE) != !known->is_there)
		return false;
	if (!known->is_there)
		return payload->version == 1;
	if (payload->version == known->version)
		return payload->cell_bytes == 0 && strlen(known->state) == payload->state_bytes &&
		       memcmp(known->state, payload->state, payload->state_bytes) == 0;
	return payload->version == known->version + 1;
}

static void
open_group(struct replay *replay, const struct ledger_record *record, const struct reg *reg, int64_t id)
{
	struct replay_group *group = &replay->group;
	const struct ledger_entry *entry = &record->entry;

	group->is_open = true;
	memcpy(group->event, entry->event, sizeof(group->event));
	memcpy(group->record_id, entry->record, sizeof(group->record_id));
	group->reg = reg;
	group->record = id;
	group->index = record->index;
	group->stream_count = 0;
	strbuf_clear(&group->payload);
	strbuf_add(&group->payload, entry->payload, entry->payload_bytes);
	strbuf_clear(&group->before);
	strbuf_clear(&group->after);
	add_stream(group, record->stream);
}

static enum error
apply(struct replay *replay, const struct ledger_record *record, const struct payload *payload)
{
	struct replay_group *group = &replay->group;
	const struct ledger_entry *entry = &record->entry;
	int64_t key = replay_key(group->reg, group->record);
	struct known known;

	arena_reset(replay->row);
	TRY(load_known(replay, key, &known));
	if (!follows(entry, payload, &known) || !names_its_fields(entry, payload))
		note_entry(replay, record, group->reg, group->record);
	cells_merge(group->before.text, group->before.bytes, payload->cells, payload->cell_bytes, &group->after);
	if (known.is_there && payload->version == known.version)
		return OK;
	/* After an entry that does not follow the versions may clash: one fault is enough. */
	enum error e = known.is_there ? keep_past(replay, key, &known, entry->time_ms) : OK;

	if (e != OK && e != ERR_DUPLICATE)
		return e;
	const char *state = arena_copy(replay->row, payload->state, payload->state_bytes);

	return keep_record(replay, key, payload->version, entry->time_ms, state, &group->after);
}

/* ---- what is erased ---- */

/* An entry of the record's is erased: what it must look like cannot be told any more. */
static enum error
give_up_on(struct replay *replay, int64_t key)
{
	AUTO(query_free)
	struct query *query = db_query(replay->db, "insert into replayed_unknown (key) values ($1)"
						   " on conflict (key) do nothing");

	bind_integer(query, 1, key);
	replay->has_unknown = true;
	return query_run(query);
}

enum error
replay_is_unknown(struct replay *replay, int64_t key, bool *ret_unknown)
{
	*ret_unknown = false;
	if (!replay->has_unknown)
		return OK;
	AUTO(query_free) struct query *query = db_query(replay->db, "select 1 from replayed_unknown where key = $1");

	bind_integer(query, 1, key);
	enum error e = query_one(query);

	*ret_unknown = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Its first entries may be among those of which not even the header is left. */
static enum error
is_out_of_sight(struct replay *replay, const struct ledger_entry *entry, int64_t key, bool *ret_is)
{
	TRY(replay_is_unknown(replay, key, ret_is));
	if (*ret_is || !replay->is_blind || entry->kind == LEDGER_CREATE)
		return OK;
	AUTO(query_free) struct query *query = db_query(replay->db, "select 1 from replayed where key = $1");

	bind_integer(query, 1, key);
	enum error e = query_one(query);

	if (e != ERR_NOT_FOUND)
		return e;
	*ret_is = true;
	return give_up_on(replay, key);
}

static enum error
take_act(struct replay *replay, const struct ledger_record *record)
{
	const struct ledger_entry *entry = &record->entry;
	const struct reg *reg = entry->reg == UINT64_MAX || entry->reg > UINT32_MAX
					? NULL
					: pack_reg_by_code(replay->pack, (int64_t)entry->reg);
	struct payload payload;
	uint64_t code = 0, id = 0;
	bool skipped = false;

	if (entry->record != NULL)
		record_id_read(replay->key, entry->record, &code, &id);
	if (reg == NULL || entry->record == NULL || code != reg->code || id == 0 || id >> REPLAY_ID_BITS != 0) {
		note_entry(replay, record, reg, 0);
		return OK;
	}
	replay->highest = (int64_t)id > replay->highest ? (int64_t)id : replay->highest;
	if ((record->erased & ERASED_PAYLOAD) != 0)
		return give_up_on(replay, replay_key(reg, (int64_t)id));
	TRY(is_out_of_sight(replay, entry, replay_key(reg, (int64_t)id), &skipped));
	if (skipped)
		return OK;
	if (payload_read(entry->payload, entry->payload_bytes, &payload) != OK) {
		note_entry(replay, record, reg, (int64_t)id);
		return OK;
	}
	open_group(replay, record, reg, (int64_t)id);
	return apply(replay, record, &payload);
}

/* ---- editions ---- */

enum { PAGE_RECORDS = 500 };

struct page {
	int64_t keys[PAGE_RECORDS], changed_ats[PAGE_RECORDS];
	uint64_t versions[PAGE_RECORDS];
	const char *states[PAGE_RECORDS];
	struct strbuf cells[PAGE_RECORDS];
	size_t count;
};

static void
page_done(struct page *page)
{
	for (size_t i = 0; i < PAGE_RECORDS; i++)
		strbuf_done(&page->cells[i]);
}
DEFINE_AUTO_DONE(struct page, page_done)

/* The records behind `key`, with the new cell in them. */
static enum error
read_page(struct replay *replay, int64_t key, int64_t behind, const struct strbuf *cell, struct page *page)
{
	AUTO(query_free)
	struct query *query = db_query(replay->db, "select key, version, changed_at, state, cells from replayed"
						   " where key > $1 and key < $2 order by key limit $3");
	enum error e = OK;

	bind_integer(query, 1, key);
	bind_integer(query, 2, behind);
	bind_integer(query, 3, PAGE_RECORDS);
	arena_reset(replay->row);
	for (page->count = 0; page->count < PAGE_RECORDS && (e = query_step(query)) == OK; page->count++) {
		size_t at = page->count, bytes = 0;
		const void *cells = column_bytes(query, 4, &bytes);

		page->keys[at] = column_integer(query, 0);
		page->versions[at] = (uint64_t)column_integer(query, 1);
		page->changed_ats[at] = column_integer(query, 2);
		page->states[at] = arena_text(replay->row, column_text(query, 3));
		strbuf_clear(&page->cells[at]);
		cells_merge(cells, bytes, cell->text, cell->bytes, &page->cells[at]);
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

/* All records that were there then got the value, without a new version. */
static enum error
fill_field(struct replay *replay, const struct reg *reg, const struct cell *value)
{
	AUTO(strbuf_done) struct strbuf cell = { 0 };
	AUTO(page_done) struct page page = { .count = PAGE_RECORDS };
	int64_t key = replay_key(reg, 0), behind = replay_key_behind(reg);

	cbor_uint(&cell, value->code);
	strbuf_add(&cell, value->value, value->bytes);
	while (page.count == PAGE_RECORDS) {
		TRY(read_page(replay, key, behind, &cell, &page));
		for (size_t i = 0; i < page.count; i++) {
			TRY(keep_record(replay, page.keys[i], page.versions[i], page.changed_ats[i], page.states[i],
					&page.cells[i]));
			key = page.keys[i];
		}
	}
	return OK;
}

static enum error
take_edition(struct replay *replay, const struct ledger_record *record)
{
	struct edition_reader reader;
	struct edition_fill fill;
	enum error e = payload_read_edition(record->entry.payload, record->entry.payload_bytes, &reader);

	if (e == ERR_BAD_INPUT)
		note_entry(replay, record, NULL, 0);
	if (e != OK)
		return OK;
	excuse_kept_back(replay);
	while (edition_next(&reader, &fill)) {
		const struct reg *reg =
			fill.reg_code > UINT32_MAX ? NULL : pack_reg_by_code(replay->pack, (int64_t)fill.reg_code);

		if (reg == NULL)
			note_entry(replay, record, NULL, 0);
		else
			TRY(fill_field(replay, reg, &fill.cell));
	}
	return OK;
}

enum error
replay_entry(struct replay *replay, const struct ledger_record *record)
{
	const struct ledger_entry *entry = &record->entry;

	if ((record->erased & ERASED_HEADER) != 0) {
		replay->is_blind = true;
		return OK;
	}
	if (is_of_group(&replay->group, entry)) {
		join_group(replay, record);
		return OK;
	}
	replay_end_group(replay);
	if (entry->kind == LEDGER_SYSTEM)
		return take_edition(replay, record);
	return is_act(entry) ? take_act(replay, record) : OK;
}

static enum error
find_record(struct replay *replay, const struct reg *reg, int64_t id)
{
	AUTO(query_free) struct query *query = db_query(replay->db, "select 1 from replayed where key = $1");

	bind_integer(query, 1, replay_key(reg, id));
	return query_one(query);
}

enum error
replay_stream(struct replay *replay, int64_t number)
{
	enum error e = number > 0 ? ERR_NOT_FOUND : OK;

	replay->highest = number > replay->highest ? number : replay->highest;
	for (size_t i = 0; e == ERR_NOT_FOUND && i < replay->owner_count; i++)
		e = find_record(replay, replay->owners[i], number);
	if (e != ERR_NOT_FOUND || replay->is_blind)
		return e == ERR_NOT_FOUND ? OK : e;
	replay_note(replay, &(struct replay_fault){ .kind = REPLAY_NO_OWNER, .record = number, .index = UINT64_MAX });
	return OK;
}
