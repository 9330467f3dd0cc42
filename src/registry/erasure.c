#include "registry/erasure.h"
#include <stdio.h>
#include <string.h>
#include "base/random.h"
#include "ledger/durable.h"
#include "ledger/erasure.h"
#include "ledger/table.h"
#include "registry/engine.h"

enum { RANGES_AT_ONCE = 400000, JOURNAL_BYTES_MAX = 16 << 20 };

/* One key, and what of it is to go. */
struct doomed {
	struct data_key key;
	unsigned parts;
};

/* ---- the journal ---- */

static bool
has_line(const struct strbuf *text, const char *line)
{
	const char *at = text->bytes == 0 ? NULL : strstr(text->text, line);

	while (at != NULL && at != text->text && at[-1] != '\n')
		at = strstr(at + 1, line);
	return at != NULL;
}

/* It is written anew as a whole: a few lines a month. */
static enum error
keep_journal(const struct registry *registry, const struct doomed *doomed)
{
	const char *path = registry->config.erasure_path;
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(strbuf_done) struct strbuf line = { 0 };
	enum error e = durable_read(path, JOURNAL_BYTES_MAX, &text);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	strbuf_printf(&line, "%u %u\n", doomed->key.number, doomed->parts);
	if (!has_line(&text, line.text))
		strbuf_add(&text, line.text, line.bytes);
	return durable_keep(path, text.text, text.bytes);
}

/* A key that this file never had is none to destroy. */
static enum error
settle_journal(struct registry *registry)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	enum error e = durable_read(registry->config.erasure_path, JOURNAL_BYTES_MAX, &text);
	const char *line = e == OK && text.bytes > 0 ? text.text : "";
	unsigned number = 0, parts = 0;
	int bytes = 0;

	if (e == ERR_NOT_FOUND)
		return OK;
	for (; e == OK && *line != '\0'; line += bytes) {
		if (sscanf(line, "%u %u\n%n", &number, &parts, &bytes) != 2 || parts == 0 || parts >= 8)
			return ERR_DAMAGED;
		e = data_key_destroy(registry->data_keys, number, parts);
		e = e == ERR_NOT_FOUND ? OK : e;
	}
	return e;
}

static bool
is_destroyed(struct registry *registry, uint32_t number, unsigned parts)
{
	struct data_key key;
	bool all = true;

	if (!data_keys_get(registry->data_keys, number, &key))
		return true;
	for (int part = 0; part < SEAL_PART_COUNT; part++)
		all = all && ((parts >> part & 1) == 0 || key.destroyed[part]);
	return all;
}

enum error
erasure_settle(struct registry *registry, struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "SELECT data_key, parts FROM sys_erasure ORDER BY entry");
	enum error e = OK;

	TRY(settle_journal(registry));
	while ((e = query_step(query)) == OK) {
		struct doomed doomed = { .key = { .number = (uint32_t)column_integer(query, 0) },
					 .parts = (unsigned)column_integer(query, 1) };

		if (is_destroyed(registry, doomed.key.number, doomed.parts))
			continue;
		TRY(keep_journal(registry, &doomed));
		TRY(data_key_destroy(registry->data_keys, doomed.key.number, doomed.parts));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
erasure_by(struct db *db, uint32_t data_key, unsigned parts, uint64_t *ret_entry)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT entry FROM sys_erasure WHERE data_key = $1 AND parts & $2 = $2"
					   " ORDER BY entry LIMIT 1");

	bind_integer(query, 1, data_key);
	bind_integer(query, 2, parts);
	TRY(query_one(query));
	*ret_entry = (uint64_t)column_integer(query, 0);
	return OK;
}

/* ---- what is over ---- */

static const struct retention *
retention_of(const struct pack *pack, uint32_t rule)
{
	for (size_t i = 0; i < pack->retention_count; i++)
		if (pack->retentions[i].code == rule)
			return &pack->retentions[i];
	return NULL;
}

/* Months are kept whole: what was entered on a month's last day has its time too. */
static unsigned
parts_over(const struct registry *registry, const struct data_key *key, uint32_t month)
{
	const struct retention *rule = retention_of(registry->pack, key->rule);
	unsigned parts = 0;

	if (rule == NULL)
		return 0;
	const int months[SEAL_PART_COUNT] = { [SEAL_HEADER] = rule->header_months,
					      [SEAL_DETAIL] = rule->detail_months,
					      [SEAL_PAYLOAD] = rule->payload_months };

	for (int part = 0; part < SEAL_PART_COUNT; part++)
		if (months[part] > 0 && !key->destroyed[part] && month > key->month + (uint32_t)months[part])
			parts |= 1U << part;
	return parts;
}

/* No entry from there on lies under the key (data_keys_find). */
static uint64_t
behind_of(struct registry *registry, const struct data_key *key)
{
	size_t count = data_keys_count(registry->data_keys);
	uint64_t behind = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		struct data_key other;

		data_keys_at(registry->data_keys, i, &other);
		if (other.month > key->month + 1 && other.first >= key->first && other.first < behind)
			behind = other.first;
	}
	return behind;
}

static enum error
find_entries(struct registry *registry, struct db *db, const struct doomed *doomed, struct erased_ranges *ranges)
{
	AUTO(query_free) struct query *rows = table_hidden(db, doomed->key.first, behind_of(registry, &doomed->key));
	enum error e = OK;

	while ((e = query_step(rows)) == OK)
		if (column_integer(rows, 1) == doomed->key.number)
			erased_ranges_add(ranges, (uint64_t)column_integer(rows, 0), doomed->parts);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* ---- its entry ---- */

struct erasure_job {
	struct job job;
	struct registry *registry;
	const struct doomed *doomed;
	const struct erased_range *ranges;
	size_t count;
	bool is_last; /* all that lies under the key is named then: the key may go */
	int64_t now;
	struct strbuf payload;
};

/* What the engine derived from the detail goes with it. */
static enum error
forget_uses(struct db *db, const struct erased_range *range)
{
	AUTO(query_free) struct query *query = db_query(db, "DELETE FROM official_use WHERE id >= $1 AND id <= $2");

	if ((range->parts & ERASED_DETAIL) == 0)
		return OK;
	bind_integer(query, 1, (int64_t)range->first);
	bind_integer(query, 2, (int64_t)range->last);
	return query_run(query);
}

static enum error
note_erasure(struct db *db, uint64_t entry, const struct doomed *doomed)
{
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO sys_erasure (entry, data_key, parts) VALUES ($1, $2, $3)");

	bind_integer(query, 1, (int64_t)entry);
	bind_integer(query, 2, doomed->key.number);
	bind_integer(query, 3, doomed->parts);
	return query_run(query);
}

static enum error
append_erasure(struct erasure_job *erasure, struct db *db)
{
	struct ledger *ledger = erasure->registry->ledger;
	unsigned char event[LEDGER_ID_BYTES], subject[LEDGER_ID_BYTES];
	struct ledger_entry entry;
	uint64_t index = 0;

	strbuf_clear(&erasure->payload);
	erasure_write(erasure->ranges, erasure->count, &erasure->payload);
	random_bytes(event, sizeof(event));
	ledger_record_id(ledger, 0, erasure->doomed->key.number, subject);
	ledger_entry_init(&entry);
	entry.kind = LEDGER_ERASURE;
	entry.event = event;
	entry.subject = subject;
	entry.time_ms = erasure->now;
	entry.retention = 0; /* kept: without it a part that is gone would be a fault */
	entry.payload = erasure->payload.text;
	entry.payload_bytes = erasure->payload.bytes;
	TRY(ledger_append(ledger, db, LEDGER_STREAM_ERASURE, &entry, &index));
	return erasure->is_last ? note_erasure(db, index, erasure->doomed) : OK;
}

static enum error
run_erasure(struct job *job, struct db *db)
{
	struct erasure_job *erasure = (struct erasure_job *)((char *)job - offsetof(struct erasure_job, job));
	enum error e = append_erasure(erasure, db);

	db_unprotect(db, "official_use");
	for (size_t i = 0; e == OK && i < erasure->count; i++)
		e = forget_uses(db, &erasure->ranges[i]);
	db_protect(db, "official_use");
	return e;
}

static enum error
enter(struct registry *registry, const struct doomed *doomed, const struct erased_ranges *ranges, int64_t now)
{
	struct erasure_job erasure = {
		.job = { .run = run_erasure, .alone = true }, .registry = registry, .doomed = doomed, .now = now
	};
	enum error e = OK;

	for (size_t at = 0; e == OK && at < ranges->count; at += erasure.count) {
		erasure.ranges = ranges->items + at;
		erasure.count = ranges->count - at < RANGES_AT_ONCE ? ranges->count - at : RANGES_AT_ONCE;
		erasure.is_last = at + erasure.count == ranges->count;
		e = writer_run(registry->writer, &erasure.job);
	}
	strbuf_done(&erasure.payload);
	return e;
}

/* First everybody can know, then it is gone: a crash in between is made good at the next opening, and what failed in
 * between, a full disk of the keys, by the clock's next run, which must not enter it again. */
static enum error
erase(struct registry *registry, const struct doomed *doomed, int64_t now)
{
	AUTO(db_close) struct db *db = NULL;
	AUTO(erased_ranges_done) struct erased_ranges ranges = { 0 };
	uint64_t entered = 0;

	TRY(registry_reader(registry, &db));
	enum error e = erasure_by(db, doomed->key.number, doomed->parts, &entered);

	if (e == ERR_NOT_FOUND)
		e = find_entries(registry, db, doomed, &ranges);
	if (e == OK)
		e = enter(registry, doomed, &ranges, now);
	TRY(e);
	TRY(keep_journal(registry, doomed));
	return data_key_destroy(registry->data_keys, doomed->key.number, doomed->parts);
}

enum error
erasure_run(struct registry *registry, int64_t now, uint64_t *ret_count)
{
	int64_t today = now / DAY_MS;
	uint32_t month = data_key_month(now);

	*ret_count = 0;
	if (registry->data_keys == NULL || today <= registry->erased_day)
		return OK;
	size_t count = data_keys_count(registry->data_keys);

	for (size_t i = 0; i < count; i++) {
		struct doomed doomed = { 0 };

		data_keys_at(registry->data_keys, i, &doomed.key);
		doomed.parts = parts_over(registry, &doomed.key, month);
		if (doomed.parts == 0)
			continue;
		TRY(erase(registry, &doomed, now));
		++*ret_count;
	}
	registry->erased_day = today;
	return OK;
}
