/* trail.c - who looked at my data. A page walks the stream backwards from entry to entry; the newest is known to the
 * writer's thread alone, so that the first page asks it. */
#include "registry/trail.h"
#include <string.h>
#include "ledger/entry.h"
#include "ledger/record_id.h"
#include "ledger/seal.h"
#include "registry/engine.h"
#include "registry/read.h"
#include "text/json.h"

enum { ENTRIES_WALKED_MAX = 1000 };

bool
trail_is_open(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor, int64_t party,
	      int64_t now)
{
	if (party == 0 || party == actor->party)
		return party != 0;
	for (size_t i = 0; i < registry->pack->reg_count; i++) {
		const int64_t *parties = NULL;
		size_t count = read_parties_in(registry, db, arena, actor, &registry->pack->regs[i], now, &parties);
		bool is_among = false;

		for (size_t k = 0; k < count; k++)
			is_among |= parties[k] == party;
		if (!is_among)
			return false;
	}
	return true;
}

struct last_job {
	struct job job;
	struct registry *registry;
	int64_t stream;
	bool is_there;
	uint64_t index;
};

static enum error
run_last(struct job *job, struct db *db)
{
	struct last_job *last = (struct last_job *)((char *)job - offsetof(struct last_job, job));
	uint64_t n = 0;

	last->is_there = ledger_stream_last(last->registry->ledger, last->stream, &n, &last->index);
	return OK;
}

/* UINT64_MAX: the stream has no entry. */
static enum error
find_newest(struct registry *registry, int64_t party, uint64_t *ret_index)
{
	struct last_job last = { .job = { .run = run_last }, .registry = registry, .stream = party };

	TRY(writer_run(registry->writer, &last.job));
	*ret_index = last.is_there ? last.index : UINT64_MAX;
	return OK;
}

/* ---- one look-up ---- */

struct page {
	struct registry *registry;
	struct db *db;
	struct arena *arena;
	struct record_key *records;
	enum language language;
	uint64_t published; /* size of the newest checkpoint */
	struct json *json;
};

static void
show_time(const struct page *page, const char *key, int64_t at)
{
	char text[INSTANT_TEXT_BYTES];

	json_field_text(page->json, key, instant_print(at, zone_offset_minutes(page->registry->zone, at), text));
}

/* {"name", "title"} or null: what an older edition called otherwise is still known by its number. */
static void
show_named(const struct page *page, const char *key, const char *prefix, const char *name)
{
	json_key(page->json, key);
	if (name == NULL) {
		json_null(page->json);
		return;
	}
	json_open_map(page->json);
	json_field_text(page->json, "name", name);
	json_field_text(page->json, "title",
			pack_textf(page->registry->pack, page->language, page->arena, "%s%s", prefix, name));
	json_close_map(page->json);
}

static const char *
body_of(const struct pack *pack, uint64_t code)
{
	for (size_t i = 0; i < pack->role_count; i++)
		if (pack->roles[i].body != NULL && pack->roles[i].body_code == code)
			return pack->roles[i].body;
	return NULL;
}

/* The title of the act that the basis begins with; NULL: the pack has none of that name. */
static const char *
basis_act(const struct page *page, const char *basis)
{
	const struct pack *pack = page->registry->pack;
	size_t bytes = strcspn(basis, ",");

	for (size_t i = 0; i < pack->act_count; i++) {
		const char *name = pack->acts[i].name;

		if (strlen(name) == bytes && memcmp(name, basis, bytes) == 0)
			return pack_textf(pack, page->language, page->arena, "law.%s", name);
	}
	return NULL;
}

static void
show_purpose(const struct page *page, uint64_t code)
{
	const struct pack *pack = page->registry->pack;
	const struct purpose *purpose = NULL;

	for (size_t i = 0; i < pack->purpose_count; i++)
		if (pack->purposes[i].code == code)
			purpose = &pack->purposes[i];
	json_key(page->json, "purpose");
	if (purpose == NULL) {
		json_null(page->json);
		return;
	}
	json_open_map(page->json);
	json_field_text(page->json, "name", purpose->name);
	json_field_text(page->json, "title",
			pack_textf(pack, page->language, page->arena, "purpose.%s", purpose->name));
	json_field_text(page->json, "basis", purpose->basis);
	json_field_text(page->json, "act", basis_act(page, purpose->basis));
	json_close_map(page->json);
}

static void
show_fields_shown(const struct page *page, const struct reg *reg, const struct ledger_entry *entry)
{
	json_key(page->json, "fields");
	json_open_list(page->json);
	for (size_t i = 0; reg != NULL && i < entry->field_count; i++)
		for (size_t k = 0; k < reg->field_count; k++) {
			if (reg->fields[k].code != entry->fields[i])
				continue;
			json_open_map(page->json);
			json_field_text(page->json, "name", reg->fields[k].name);
			json_field_text(page->json, "title",
					pack_textf(page->registry->pack, page->language, page->arena, "%s.%s",
						   reg->name, reg->fields[k].name));
			json_close_map(page->json);
		}
	json_close_list(page->json);
}

/* Which record: mine, or one that names me. */
static void
show_record_opened(const struct page *page, const struct reg *reg, const struct ledger_entry *entry)
{
	uint64_t code = 0, record = 0;
	bool exists = false;

	if (reg != NULL && entry->record != NULL) {
		record_id_read(page->records, entry->record, &code, &record);
		exists = code == reg->code && record <= INT64_MAX &&
			 image_exists(page->registry, page->db, reg, (int64_t)record);
	}
	json_field_text(page->json, "record",
			exists ? registry_reference(page->registry, reg, page->arena, (int64_t)record) : NULL);
}

/* An act that named the person and came to nothing, or was only tried. */
static bool
is_attempt(const struct ledger_entry *entry)
{
	return entry->refused &&
	       (entry->kind == LEDGER_CREATE || entry->kind == LEDGER_CHANGE || entry->kind == LEDGER_CORRECTION);
}

static const char *
kind_of(const struct ledger_entry *entry)
{
	return entry->kind == LEDGER_SEARCH ? "found" : is_attempt(entry) ? "tried" : "opened";
}

static void
show_what(const struct page *page, const struct ledger_entry *entry)
{
	const struct pack *pack = page->registry->pack;
	const struct reg *reg = entry->reg == UINT64_MAX ? NULL : pack_reg_by_code(pack, (int64_t)entry->reg);
	const struct role *role = entry->role == UINT64_MAX ? NULL : pack_role_by_code(pack, (int64_t)entry->role);

	show_time(page, "time", entry->time_ms);
	json_field_text(page->json, "kind", kind_of(entry));
	json_field_text(page->json, "outcome", entry->refused ? "refused" : "shown");
	show_named(page, "body", "body.", body_of(pack, entry->body));
	show_named(page, "role", "role.", role == NULL ? NULL : role->name);
	show_purpose(page, entry->purpose);
	show_named(page, "register", "", reg == NULL ? NULL : reg->name);
	show_record_opened(page, reg, entry);
	show_fields_shown(page, reg, entry);
}

/* With these the person computes the leaf's hash and the header's commitment, and asks for the proof. */
static void
show_proof(const struct page *page, const struct ledger_parts *parts)
{
	struct json *json = page->json;

	json_field_integer(json, "index", (int64_t)parts->index);
	json_key(json, "leaf");
	json_hex(json, parts->body, parts->body_bytes);
	json_key(json, "header");
	json_hex(json, parts->parts[SEAL_HEADER].bytes, parts->parts[SEAL_HEADER].count);
	json_key(json, "header_salt");
	json_hex(json, parts->parts[SEAL_HEADER].salt, SEAL_SALT_BYTES);
	json_field_boolean(json, "published", parts->index < page->published);
	json_field_text(json, "proof",
			arena_printf(page->arena, "/api/entries/%llu/proof", (unsigned long long)parts->index));
}

static enum error
read_header(const struct page *page, const struct ledger_parts *parts, struct ledger_entry *ret_entry)
{
	enum error e = entry_read(page->arena, parts->parts[SEAL_HEADER].bytes, parts->parts[SEAL_HEADER].count, NULL,
				  0, ret_entry);

	return e == ERR_BAD_INPUT ? ERR_DAMAGED : e;
}

/* The hidden entry's own place in the restricted stream would tell how many others there are: it is not told. */
static enum error
show_revealed(const struct page *page, const struct ledger_parts *parts, const struct ledger_entry *reveal)
{
	struct ledger_parts hidden;
	struct ledger_entry entry;

	TRY(ledger_read_parts(page->db, page->registry->data_keys, reveal->refers_to, page->arena, &hidden));
	TRY(read_header(page, &hidden, &entry));
	json_open_map(page->json);
	show_what(page, &entry);
	json_field_integer(page->json, "n", (int64_t)parts->n);
	show_time(page, "revealed_at", reveal->time_ms);
	show_proof(page, parts);
	json_key(page->json, "hidden");
	json_open_map(page->json);
	show_proof(page, &hidden);
	json_close_map(page->json);
	json_close_map(page->json);
	return OK;
}

static enum error
show_entry(const struct page *page, const struct ledger_parts *parts, bool *ret_shown)
{
	struct ledger_entry entry;

	/* What is erased can be shown to nobody; the export says that it was there. */
	*ret_shown = false;
	if (parts->parts[SEAL_HEADER].salt == NULL)
		return OK;
	TRY(read_header(page, parts, &entry));
	*ret_shown = entry.kind == LEDGER_LOOKUP || entry.kind == LEDGER_SEARCH || entry.kind == LEDGER_REVEAL ||
		     is_attempt(&entry);
	if (!*ret_shown)
		return OK;
	if (entry.kind == LEDGER_REVEAL)
		return show_revealed(page, parts, &entry);
	json_open_map(page->json);
	show_what(page, &entry);
	json_field_integer(page->json, "n", (int64_t)parts->n);
	json_field_text(page->json, "revealed_at", NULL);
	show_proof(page, parts);
	json_close_map(page->json);
	return OK;
}

/* Others' entries and none at all answer alike. */
static enum error
show_page(const struct page *page, int64_t party, uint64_t from, size_t limit, uint64_t *ret_next)
{
	size_t shown = 0;

	for (size_t walked = 0; from != UINT64_MAX && walked < ENTRIES_WALKED_MAX && shown < limit; walked++) {
		struct ledger_parts parts;
		bool is_shown = false;
		enum error e = ledger_read_parts(page->db, page->registry->data_keys, from, page->arena, &parts);

		if (e == ERR_NOT_FOUND || (e == OK && parts.stream != party))
			return walked == 0 ? ERR_BAD_INPUT : ERR_DAMAGED;
		if (e != OK)
			return e;
		TRY(show_entry(page, &parts, &is_shown));
		shown += is_shown;
		from = parts.prev;
	}
	*ret_next = from;
	return OK;
}

static uint64_t
published_size(struct tlog *tlog)
{
	struct checkpoint checkpoint;

	return tlog != NULL && tlog_published(tlog, &checkpoint) ? checkpoint.size : 0;
}

enum error
trail_lookups(struct registry *registry, struct tlog *tlog, struct db *db, struct arena *arena,
	      const struct actor *actor, int64_t party, uint64_t from, size_t limit, int64_t now, struct json *json)
{
	AUTO(record_key_free) struct record_key *records = record_key_new(registry->config.ledger_key);
	struct page page = { .registry = registry,
			     .db = db,
			     .arena = arena,
			     .records = records,
			     .language = actor->language,
			     .published = published_size(tlog),
			     .json = json };
	uint64_t next = UINT64_MAX;

	/* Whose it is not learns nothing, not even through the time that the writer takes. */
	if (party != 0 && !trail_is_open(registry, db, arena, actor, party, now))
		return ERR_NOT_FOUND;
	if (party != 0 && from == UINT64_MAX)
		TRY(find_newest(registry, party, &from));
	json_open_map(json);
	json_key(json, "lookups");
	json_open_list(json);
	TRY(show_page(&page, party, party == 0 ? UINT64_MAX : from, limit, &next));
	json_close_list(json);
	json_key(json, "next");
	if (next == UINT64_MAX)
		json_null(json);
	else
		json_integer(json, (int64_t)next);
	json_close_map(json);
	return OK;
}
