#include "registry/registry.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ledger/table.h"
#include "registry/engine.h"
#include "registry/address_book.h"
#include "registry/attempts.h"
#include "registry/erasure.h"
#include "registry/names.h"

/* ---- what lives and dies with the writer's transactions ---- */

static void
batch_begun(void *context, struct db *db)
{
	struct registry *registry = context;

	registry->batch_count = registry->batch_capacity = registry->batch_mark = 0;
	registry->batch = NULL;
	arena_reset(registry->batch_arena);
}

static void
batch_job_begun(void *context)
{
	struct registry *registry = context;

	registry->batch_mark = registry->batch_count;
	ledger_mark(registry->ledger);
	official_hours_mark(registry->official_hours);
	attempts_mark(registry->attempts);
}

static void
batch_job_undone(void *context)
{
	struct registry *registry = context;

	registry->batch_count = registry->batch_mark;
	ledger_undo_to_mark(registry->ledger);
	official_hours_undo_to_mark(registry->official_hours);
	attempts_undo_to_mark(registry->attempts);
}

static enum error
store_next_id(struct registry *registry, struct db *db)
{
	int64_t next_id = registry->next_id;

	if (next_id == registry->stored_next_id)
		return OK;
	AUTO(query_free) struct query *query = db_query(db, "UPDATE next_id SET id = $1");

	bind_integer(query, 1, next_id);
	return query_run(query);
}

static enum error
batch_ended(void *context, struct db *db)
{
	struct registry *registry = context;

	if (registry->batch_count > 0) {
		TRY(law_batch(registry, db));
		TRY(names_batch(registry, db));
		addresses_batch(registry);
	}
	return store_next_id(registry, db);
}

static void
batch_committed(void *context, struct db *db)
{
	struct registry *registry = context;

	registry->stored_next_id = registry->next_id;
	ledger_committed(registry->ledger);
	names_committed(registry->names);
	official_hours_committed(registry->official_hours);
	attempts_committed(registry->attempts);
	registry->ledger_size = ledger_size(registry->ledger);
}

static void
batch_undone(void *context)
{
	struct registry *registry = context;

	registry->batch_count = 0;
	names_undone(registry->names);
	ledger_undone(registry->ledger);
	official_hours_undone(registry->official_hours);
	attempts_undone(registry->attempts);
}

/* ---- opening ---- */

static enum error
load_numbers(struct registry *registry, struct db *db)
{
	AUTO(query_free) struct query *next = db_query(db, "SELECT id FROM next_id");
	AUTO(query_free) struct query *offset = db_query(db, "SELECT value FROM meta WHERE key = 'clock_offset_ms'");

	TRY(query_one(next));
	registry->next_id = registry->stored_next_id = column_integer(next, 0);
	enum error e = query_one(offset);

	if (e == OK && registry->config.demo)
		registry->clock_offset_ms = strtoll(column_text(offset, 0), NULL, 10);
	return e == ERR_NOT_FOUND ? OK : e;
}

static void
print_hex(const unsigned char *bytes, size_t count, char *text)
{
	for (size_t i = 0; i < count; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* The rules in use are stated openly: once when the log begins, and whenever an edition changed them. */
static enum error
state_rules(struct registry *registry, struct db *db)
{
	AUTO(query_free) struct query *find = db_query(db, "SELECT value FROM meta WHERE key = 'rules'");
	AUTO(query_free)
	struct query *keep = db_query(db, "INSERT INTO meta (key, value) VALUES ('rules', $1) ON CONFLICT (key) DO "
					  "UPDATE SET value = excluded.value");
	char rules[2 * sizeof(registry->pack->rules_digest) + 1];
	uint64_t index = 0;

	print_hex(registry->pack->rules_digest, sizeof(registry->pack->rules_digest), rules);
	enum error e = query_one(find);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (e == OK && strcmp(column_text(find, 0), rules) == 0)
		return OK;
	TRY(ledger_append_open(registry->ledger, db, LEDGER_OPEN_RULES, registry->pack->rules_digest,
			       sizeof(registry->pack->rules_digest), &index));
	bind_text(keep, 1, rules);
	return query_run(keep);
}

/* An old copy of the keys cannot show what was entered since, and nobody would notice. */
static enum error
check_newest_key(struct registry *registry, struct db *db)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT data_key FROM ledger_entry ORDER BY idx DESC LIMIT 1");
	struct data_key key;
	enum error e = query_one(query);

	if (e != OK || column_is_null(query, 0))
		return e == ERR_NOT_FOUND ? OK : e;
	return data_keys_get(registry->data_keys, (uint32_t)column_integer(query, 0), &key) ? OK : ERR_DATA_KEYS;
}

/* A file of keys that is gone is a fault when something lies under them: nobody may make new ones then. */
static enum error
open_data_keys(struct registry *registry, struct db *db)
{
	const char *path = registry->config.data_keys_path;

	if (path == NULL)
		return OK;
	enum error e = data_keys_open(path, &registry->data_keys);

	if (e == ERR_NOT_FOUND) {
		AUTO(query_free) struct query *hidden = table_hidden(db, 0, INT64_MAX);

		if (query_step(hidden) != ERR_NOT_FOUND)
			return ERR_DATA_KEYS;
		TRY(data_keys_make(path));
		e = data_keys_open(path, &registry->data_keys);
	}
	if (e == ERR_DAMAGED) /* the file of keys is, not the store: another copy of it helps */
		return ERR_DATA_KEYS;
	if (e == OK)
		e = check_newest_key(registry, db);
	return e == OK ? erasure_settle(registry, db) : e;
}

/* Ledger and numbers of provisions may be new: they are made before the writer takes the db over. */
static enum error
load_store(struct registry *registry, struct db *db)
{
	TRY(db_begin(db));
	enum error e = load_numbers(registry, db);

	if (e == OK)
		e = open_data_keys(registry, db);
	if (e == OK)
		e = ledger_open(db, registry->origin, registry->config.ledger_key, registry->data_keys,
				&registry->ledger);
	if (e == OK)
		e = state_rules(registry, db);
	if (e == OK)
		e = published_open(registry, db);
	if (e == OK)
		e = plan_make(registry, db);
	if (e == OK)
		e = names_open(registry->pack, db, &registry->names);
	if (e == OK)
		e = addresses_open(registry->pack, db, &registry->addresses);
	if (e == OK)
		e = store_next_id(registry, db);
	if (e != OK) {
		db_rollback(db);
		return e;
	}
	TRY(db_commit(db));
	ledger_committed(registry->ledger);
	registry->ledger_size = ledger_size(registry->ledger);
	registry->stored_next_id = registry->next_id;
	TRY(official_hours_load(registry->pack, db, registry_now(registry), &registry->official_hours));
	return idempotency_load(registry, db, registry_now(registry));
}

static enum error
open_all(struct registry *registry)
{
	AUTO(db_close) struct db *db = NULL;
	const struct writer_hooks hooks = { .context = registry,
					    .begun = batch_begun,
					    .job_begun = batch_job_begun,
					    .job_undone = batch_job_undone,
					    .batch_ended = batch_ended,
					    .committed = batch_committed,
					    .undone = batch_undone };

	TRY(zone_open(registry->pack->time_zone, &registry->zone));
	TRY(db_open(registry->db_path, DB_WRITE, &db));
	TRY(db_set_calendar(db, registry->pack->calendar));
	TRY(load_store(registry, db));
	db_protect(db, "access_audit");
	db_protect(db, "official_use");
	db_protect(db, "sys_statistic");
	TRY(writer_open(TAKE(db), registry->db_path, &hooks, &registry->writer));
	return access_open(registry->pack, registry->db_path, registry->writer, &registry->access);
}

static char *
folder_beside(const char *path, const char *name)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	const char *slash = strrchr(path, '/');

	strbuf_add(&out, path, slash == NULL ? 0 : (size_t)(slash + 1 - path));
	strbuf_text(&out, name);
	return strbuf_take(&out, NULL);
}

enum error
registry_open(const struct registry_config *config, struct registry **ret_registry)
{
	AUTO(registry_close) struct registry *registry = calloc(1, sizeof(*registry));

	if (registry == NULL)
		return ERR_NO_MEMORY;
	registry->config = *config;
	registry->pack = config->pack;
	registry->vetted = config->vetted;
	registry->arena = arena_new();
	registry->batch_arena = arena_new();
	registry->attempts = attempts_new();
	registry->db_path = strdup(config->db_path);
	registry->index_folder = folder_beside(config->db_path, "index");
	registry->origin = strdup(config->origin);
	registry->references = reference_key_new(config->reference_key);
	pthread_mutex_init(&registry->clock_lock, NULL);
	/* Until the clock has looked, something may wait. */
	registry->clock_next_at = 0;
	registry->outbox_waiting = true;
	registry->outbox_retry_at = INT64_MAX;
	TRY(open_all(registry));
	*ret_registry = TAKE(registry);
	return OK;
}

void
registry_close(struct registry *registry)
{
	if (registry == NULL)
		return;
	/* Accounts flush through the writer; the writer finishes what it took while the ledger is still there. */
	access_close(registry->access);
	writer_close(registry->writer);
	names_free(registry->names);
	addresses_free(registry->addresses);
	published_close(registry);
	ledger_free(registry->ledger);
	data_keys_free(registry->data_keys);
	zone_free(registry->zone);
	reference_key_free(registry->references);
	official_hours_free(registry->official_hours);
	map_done(&registry->idempotency);
	attempts_free(registry->attempts);
	map_done(&registry->resolved);
	map_done(&registry->resolve_counts);
	arena_free(registry->batch_arena);
	arena_free(registry->arena);
	pthread_mutex_destroy(&registry->clock_lock);
	free(registry->db_path);
	free(registry->index_folder);
	free(registry->origin);
	free(registry);
}

/* ---- reading ---- */

const struct pack *
registry_pack(const struct registry *registry)
{
	return registry->pack;
}

struct access *
registry_access(const struct registry *registry)
{
	return registry->access;
}

struct writer *
registry_writer(const struct registry *registry)
{
	return registry->writer;
}

const struct zone *
registry_zone(const struct registry *registry)
{
	return registry->zone;
}

struct data_keys *
registry_data_keys(const struct registry *registry)
{
	return registry->data_keys;
}

bool
registry_is_demo(const struct registry *registry)
{
	return registry->config.demo;
}

enum error
registry_reader(const struct registry *registry, struct db **ret_db)
{
	AUTO(db_close) struct db *db = NULL;

	TRY(db_open(registry->db_path, DB_READ, &db));
	TRY(db_set_calendar(db, registry->pack->calendar));
	*ret_db = TAKE(db);
	return OK;
}

int64_t
registry_now(const struct registry *registry)
{
	return instant_now() + registry->clock_offset_ms;
}

int64_t
registry_today(const struct registry *registry, int64_t now)
{
	return zone_day(registry->zone, now);
}

struct input_context
registry_input(const struct registry *registry, struct arena *arena, int64_t now)
{
	return (struct input_context){ .pack = registry->pack,
				       .references = registry->references,
				       .zone = registry->zone,
				       .arena = arena,
				       .today = registry_today(registry, now) };
}

struct record_finder {
	struct registry *registry;
	struct db *db;
};

static const struct reg *
reg_of_record(void *context, int64_t id)
{
	const struct record_finder *finder = context;
	const struct pack *pack = finder->registry->pack;

	for (size_t i = 0; i < pack->reg_count; i++)
		if (image_exists(finder->registry, finder->db, &pack->regs[i], id))
			return &pack->regs[i];
	return NULL;
}

struct input_context
registry_input_of(struct registry *registry, struct db *db, struct arena *arena, int64_t now)
{
	struct input_context context = registry_input(registry, arena, now);
	struct record_finder *finder = arena_new_of(arena, struct record_finder);

	*finder = (struct record_finder){ .registry = registry, .db = db };
	context.reg_of = reg_of_record;
	context.registry = finder;
	return context;
}

const char *
registry_reference(const struct registry *registry, const struct reg *reg, struct arena *arena, int64_t id)
{
	char text[REFERENCE_BYTES_MAX];

	if (id == 0)
		return "";
	return arena_text(arena, reference_print(registry->references, reg->prefix, id, text));
}

enum error
registry_parse_reference(const struct registry *registry, const struct reg *reg, const char *text,
			 const struct reg **ret_reg, int64_t *ret_id)
{
	char prefix[3];

	if (reference_parse(registry->references, text, prefix, ret_id) != OK)
		return ERR_NOT_FOUND;
	const struct reg *named = pack_reg_by_prefix(registry->pack, prefix);

	if (named == NULL || (reg != NULL && named != reg))
		return ERR_NOT_FOUND;
	*ret_reg = named;
	return OK;
}

const struct reg *
registry_party_reg(struct registry *registry, struct db *db, int64_t party)
{
	for (size_t i = 0; i < registry->pack->reg_count; i++)
		if (registry->pack->regs[i].is_party && image_exists(registry, db, &registry->pack->regs[i], party))
			return &registry->pack->regs[i];
	return NULL;
}

void
registry_count(struct registry *registry, struct registry_counts *ret_counts)
{
	*ret_counts = (struct registry_counts){ .acts = registry->acts,
						.refusals = registry->refusals,
						.guards = registry->guards,
						.conflicts = registry->conflicts,
						.forbidden = registry->forbidden,
						.dry_runs = registry->dry_runs,
						.lookups = registry->lookups,
						.searches = registry->searches,
						.clock_runs = registry->clock_runs,
						.clock_dropped = registry->clock_dropped,
						.ledger_size = registry->ledger_size };
}

void
registry_count_names(struct registry *registry, uint64_t *ret_records, uint64_t *ret_bytes)
{
	struct name_book_counts counts;

	names_count(registry->names, &counts);
	*ret_records = counts.records;
	*ret_bytes = counts.bytes;
}
