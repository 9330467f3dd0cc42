#include "registry/oversight.h"
#include <string.h>
#include "base/random.h"
#include "ledger/record_id.h"
#include "registry/engine.h"
#include "registry/reveal.h"
#include "text/json.h"

enum { ROWS_OF_REPORT_MAX = 5000 };

/* ---- the entry that a reading leaves ---- */

static const struct held_role *
auditing_role(const struct actor *actor)
{
	for (size_t i = 0; i < actor->role_count; i++)
		if ((actor->roles[i].role->can & CAN_AUDIT) != 0 && actor_counts(actor, &actor->roles[i]))
			return &actor->roles[i];
	return NULL;
}

/* Where a reading is entered, and who sees it from when on. */
struct reading_place {
	int64_t stream;
	struct hidden_entry hidden; /* stream 0: it hides nothing */
};

/* Where that entry is: its person sees it. What the law still hides, and what read it, are shown at the same time. */
static enum error
find_place(struct db *db, uint64_t index, int64_t stream, struct reading_place *ret_place)
{
	struct hidden_entry hidden = { 0 };

	ret_place->stream = stream;
	if (stream != LEDGER_STREAM_RESTRICTED)
		return OK;
	enum error e = reveal_find(db, index, &hidden);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	if (hidden.is_shown)
		ret_place->stream = hidden.stream;
	else
		ret_place->hidden = hidden;
	return OK;
}

static enum error
find_opened(struct inspection *inspection, struct db *db, struct ledger_entry *entry, struct reading_place *ret_place)
{
	struct ledger_record *opened = arena_new_of(inspection->arena, struct ledger_record);

	entry->query = inspection->what;
	*ret_place = (struct reading_place){ .stream = LEDGER_STREAM_SYSTEM };
	inspection->result = OK;
	if (inspection->opens == UINT64_MAX)
		return OK;
	entry->query = arena_printf(inspection->arena, "entry %llu", (unsigned long long)inspection->opens);
	enum error e =
		inspection->opens < ledger_size(inspection->registry->ledger)
			? ledger_read(db, inspection->registry->data_keys, inspection->opens, inspection->arena, opened)
			: ERR_NOT_FOUND;

	if (e == ERR_NOT_FOUND || e == ERR_GONE) {
		entry->refused = true;
		inspection->result = ERR_NOT_FOUND;
		return OK;
	}
	if (e != OK)
		return e;
	entry->refers_to = inspection->opens;
	entry->subject = opened->entry.subject;
	return find_place(db, inspection->opens, opened->stream, ret_place);
}

static void
name_reader(const struct inspection *inspection, const struct held_role *held, struct ledger_entry *entry)
{
	static const unsigned char none[LEDGER_ID_BYTES];
	const struct actor *actor = &inspection->actor;
	bool discreet = inspection->purpose != NULL && inspection->purpose->discreet;

	entry->kind = LEDGER_LOOKUP;
	entry->event = inspection->event;
	entry->time_ms = inspection->now;
	entry->retention = 0;
	entry->actor = actor->id;
	entry->case_text = inspection->case_text;
	entry->session = memcmp(actor->session, none, sizeof(none)) == 0 ? NULL : actor->session;
	entry->origin = actor->origin[0] == '\0' ? NULL : actor->origin;
	if (inspection->purpose != NULL)
		entry->purpose = inspection->purpose->code;
	if (held == NULL)
		return;
	if (held->role->body != NULL)
		entry->body = held->role->body_code;
	if (!discreet)
		entry->role = held->role->code;
}

static enum error
note_inspection(struct inspection *inspection, struct db *db, const struct held_role *held,
		const struct reading_place *place, bool refused)
{
	int64_t person = place->hidden.stream != 0 ? place->hidden.stream : place->stream;
	const struct reg *owner = person > 0 ? registry_party_reg(inspection->registry, db, person) : NULL;
	struct official_use use = official_use_of(OFFICIAL_REPORT, &inspection->actor, held, inspection->now);

	use.index = inspection->index;
	use.purpose = inspection->purpose == NULL ? NULL : inspection->purpose->name;
	use.case_text = inspection->case_text;
	use.person = owner == NULL ? 0 : person;
	use.refused = refused;
	use.shown_at = place->hidden.due_at;
	return official_note(inspection->registry, db, &use);
}

static enum error
run_inspection(struct job *job, struct db *db)
{
	struct inspection *inspection = (struct inspection *)((char *)job - offsetof(struct inspection, job));
	struct registry *registry = inspection->registry;
	const struct held_role *held = auditing_role(&inspection->actor);
	unsigned char nobody[LEDGER_ID_BYTES];
	struct reading_place place;
	struct ledger_entry entry;

	problem_init(&inspection->problem, inspection->arena);
	random_bytes(inspection->event, sizeof(inspection->event));
	random_bytes(nobody, sizeof(nobody));
	ledger_entry_init(&entry);
	name_reader(inspection, held, &entry);
	entry.subject = nobody;
	TRY(find_opened(inspection, db, &entry, &place));
	TRY(ledger_append(registry->ledger, db, place.stream, &entry, &inspection->index));
	if (place.hidden.stream != 0)
		TRY(reveal_later(registry, db, inspection->index, place.hidden.stream, place.hidden.due_at));
	return note_inspection(inspection, db, held, &place, entry.refused);
}

static void
inspection_came(struct job *job, enum error e)
{
	struct inspection *inspection = (struct inspection *)((char *)job - offsetof(struct inspection, job));

	if (e != OK)
		inspection->result = e;
	if (inspection->done != NULL)
		inspection->done(inspection);
}

static enum error
check(struct inspection *inspection)
{
	if (!actor_can(&inspection->actor, CAN_AUDIT))
		return problem_add(&inspection->problem, ERR_FORBIDDEN, NULL, MSG_MAY_NOT, NULL, NULL);
	if (inspection->opens != UINT64_MAX)
		TRY(official_check(&inspection->actor, inspection->purpose, &inspection->case_text,
				   &inspection->problem));
	if (inspection->purpose != NULL && official_role(&inspection->actor, inspection->purpose) == NULL)
		return problem_add(&inspection->problem, ERR_FORBIDDEN, "purpose", MSG_MAY_NOT, NULL, NULL);
	inspection->job.run = run_inspection;
	inspection->job.done = inspection_came;
	return OK;
}

enum error
inspection_submit(struct inspection *inspection)
{
	TRY(check(inspection));
	return writer_submit(inspection->registry->writer, &inspection->job);
}

enum error
inspection_run(struct inspection *inspection)
{
	TRY(check(inspection));
	enum error e = writer_run(inspection->registry->writer, &inspection->job);

	return e != OK ? e : inspection->result;
}

/* ---- what is shown ---- */

struct page {
	struct registry *registry;
	struct db *db;
	struct arena *arena;
	enum language language;
	struct json *json;
};

static void
show_party(const struct page *page, int64_t party)
{
	const struct reg *reg = party > 0 ? registry_party_reg(page->registry, page->db, party) : NULL;

	json_text(page->json, reg == NULL ? NULL : registry_reference(page->registry, reg, page->arena, party));
}

static const char *
time_text(const struct page *page, int64_t at)
{
	char text[INSTANT_TEXT_BYTES];

	return arena_text(page->arena, instant_print(at, zone_offset_minutes(page->registry->zone, at), text));
}

static void
show_account(const struct page *page, int64_t account)
{
	struct account_row row;

	if (account == ACCOUNT_CONSOLE)
		json_text(page->json, "console");
	else if (account_load(page->registry->access, page->db, page->arena, account, &row) == OK)
		json_text(page->json, row.name);
	else
		json_null(page->json);
}

/* What people read instead of a value of the store; the value itself where there is no such text. */
static const char *
title_of(const struct page *page, const struct view *view, const char *column, const char *value)
{
	const struct pack *pack = page->registry->pack;
	const char *key = strcmp(column, "purpose") == 0
				  ? arena_printf(page->arena, "purpose.%s", value)
				  : arena_printf(page->arena, "view.%s.%s.%s", view->name, column, value);
	const char *title = pack_text(pack, page->language, key);

	return title == NULL || strcmp(title, key) == 0 ? value : title;
}

static void
show_text(const struct page *page, const struct view *view, const char *column, const char *value)
{
	bool is_free = strcmp(column, "case_text") == 0; /* as the official wrote it */

	json_text(page->json, is_free ? value : title_of(page, view, column, value));
}

static void
show_cell(const struct page *page, const struct view *view, const char *column, const struct value *value)
{
	const struct place *place =
		strcmp(column, "place") == 0 ? pack_place(page->registry->pack, value->integer) : NULL;

	if (value->kind == VALUE_NULL)
		json_null(page->json);
	else if (value->kind == VALUE_TEXT)
		show_text(page, view, column, value->text);
	else if (strcmp(column, "at") == 0)
		json_text(page->json, time_text(page, value->integer));
	else if (strcmp(column, "account") == 0)
		show_account(page, value->integer);
	else if (strcmp(column, "official") == 0 || strcmp(column, "person") == 0)
		show_party(page, value->integer);
	else if (strcmp(column, "refused") == 0 || strcmp(column, "outside") == 0)
		json_boolean(page->json, value->integer != 0);
	else if (place != NULL)
		json_text(page->json, place->code);
	else
		json_integer(page->json, value->integer);
}

static void
show_columns(const struct page *page, const struct view *view, const struct query *query)
{
	json_key(page->json, "columns");
	json_open_list(page->json);
	for (int i = 0; i < column_count(query); i++)
		json_text(page->json, column_name(query, i));
	json_close_list(page->json);
	json_key(page->json, "titles");
	json_open_list(page->json);
	for (int i = 0; i < column_count(query); i++)
		json_text(page->json, pack_textf(page->registry->pack, page->language, page->arena, "view.%s.%s",
						 view->name, column_name(query, i)));
	json_close_list(page->json);
}

enum error
oversight_print_view(struct registry *registry, struct db *db, const struct inspection *inspection,
		     const struct view *view, struct json *json)
{
	const struct page page = { registry, db, inspection->arena, inspection->actor.language, json };
	AUTO(query_free) struct query *query = db_query(db, view->select);
	size_t rows = 0;
	enum error e = query_step(query);

	assert(view->audit);
	json_open_map(json);
	json_field_integer(json, "index", (int64_t)inspection->index);
	json_field_text(json, "title", pack_textf(registry->pack, page.language, page.arena, "view.%s", view->name));
	show_columns(&page, view, query);
	json_key(json, "rows");
	json_open_list(json);
	for (; e == OK && rows < ROWS_OF_REPORT_MAX; rows++, e = query_step(query)) {
		json_open_list(json);
		for (int i = 0; i < column_count(query); i++) {
			struct value value = column_value(query, i, page.arena);

			show_cell(&page, view, column_name(query, i), &value);
		}
		json_close_list(json);
	}
	json_close_list(json);
	json_field_boolean(json, "more", e == OK);
	json_close_map(json);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* The reference that 16 bytes of the log stand for; null when they are none of ours. */
static void
show_record_id(const struct page *page, const char *key, const unsigned char *id)
{
	AUTO(record_key_free) struct record_key *keys = record_key_new(page->registry->config.ledger_key);
	uint64_t code = 0, record = 0;

	json_key(page->json, key);
	if (id != NULL)
		record_id_read(keys, id, &code, &record);
	const struct reg *reg =
		id == NULL || code > UINT32_MAX ? NULL : pack_reg_by_code(page->registry->pack, (int64_t)code);

	if (reg == NULL || record == 0 || record > INT64_MAX)
		json_null(page->json);
	else
		json_text(page->json, registry_reference(page->registry, reg, page->arena, (int64_t)record));
}

static const char *
name_of_code(const struct pack *pack, uint64_t code, const char *prefix)
{
	size_t bytes = strlen(prefix);

	for (size_t i = 0; i < pack->code_count; i++)
		if (pack->codes[i].number == code && strncmp(pack->codes[i].name, prefix, bytes) == 0)
			return pack->codes[i].name + bytes;
	return NULL;
}

static void
show_fields(const struct page *page, const struct ledger_entry *entry)
{
	const struct pack *pack = page->registry->pack;
	const char *reg = name_of_code(pack, entry->reg, "");
	const char *prefix = arena_printf(page->arena, "%s.", reg == NULL ? "" : reg);

	json_field_text(page->json, "register", reg);
	json_key(page->json, "fields");
	json_open_list(page->json);
	for (size_t i = 0; i < entry->field_count; i++)
		json_text(page->json, name_of_code(pack, entry->fields[i], prefix));
	json_close_list(page->json);
}

static enum error
show_actor(const struct page *page, const struct ledger_entry *entry)
{
	int64_t account = 0;

	json_key(page->json, "account");
	if (entry->actor == NULL) {
		json_null(page->json);
		return OK;
	}
	enum error e = account_of_ledger_id(page->db, entry->actor, &account);

	if (e == OK)
		show_account(page, account);
	else
		json_null(page->json);
	return e == ERR_NOT_FOUND ? OK : e;
}

static void
show_detail(const struct page *page, const struct ledger_entry *entry)
{
	json_field_text(page->json, "case", entry->case_text);
	json_field_text(page->json, "query", entry->query);
	json_key(page->json, "refers_to");
	if (entry->refers_to == UINT64_MAX)
		json_null(page->json);
	else
		json_integer(page->json, (int64_t)entry->refers_to);
}

enum error
oversight_print_entry(struct registry *registry, struct db *db, const struct inspection *inspection, struct json *json)
{
	static const char *const kinds[LEDGER_KIND_COUNT] = {
		"cover",   "create",     "change",      "lookup",     "search",  "system",        "reveal",
		"erasure", "correction", "certificate", "revocation", "sign_in", "stream_begins", "stream_ends",
	};
	const struct page page = { registry, db, inspection->arena, inspection->actor.language, json };
	struct ledger_record *record = arena_new_of(inspection->arena, struct ledger_record);

	TRY(ledger_read(db, registry->data_keys, inspection->opens, inspection->arena, record));
	const struct ledger_entry *entry = &record->entry;

	json_open_map(json);
	json_field_integer(json, "index", (int64_t)inspection->index);
	json_field_integer(json, "entry", (int64_t)record->index);
	json_field_text(json, "kind", kinds[entry->kind]);
	json_field_text(json, "at", time_text(&page, entry->time_ms));
	show_record_id(&page, "subject", entry->subject);
	show_record_id(&page, "record", entry->record);
	show_fields(&page, entry);
	json_field_text(json, "body", name_of_code(registry->pack, entry->body, "body."));
	json_field_text(json, "role", name_of_code(registry->pack, entry->role, "role."));
	json_field_text(json, "purpose", name_of_code(registry->pack, entry->purpose, "purpose."));
	json_field_boolean(json, "refused", entry->refused);
	json_field_boolean(json, "hidden", record->stream == LEDGER_STREAM_RESTRICTED);
	TRY(show_actor(&page, entry));
	show_detail(&page, entry);
	json_close_map(json);
	return OK;
}
