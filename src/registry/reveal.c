#include "registry/reveal.h"
#include "base/random.h"
#include "registry/engine.h"

enum { REVEALS_AT_ONCE = 64 };

enum error
reveal_later(struct registry *registry, struct db *db, uint64_t index, int64_t stream, int64_t due_at)
{
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO sys_reveal (entry, stream, due_at) VALUES ($1, $2, $3)");

	bind_integer(query, 1, (int64_t)index);
	bind_integer(query, 2, stream);
	bind_integer(query, 3, due_at);
	/* Should the transaction be undone, the clock has looked once too often. */
	if (due_at < registry->clock_next_at)
		registry->clock_next_at = due_at;
	return query_run(query);
}

enum error
reveal_next(struct db *db, int64_t *ret_due_at)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT due_at FROM sys_reveal WHERE shown IS NULL ORDER BY due_at LIMIT 1");
	enum error e = query_one(query);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*ret_due_at = e == OK ? column_integer(query, 0) : INT64_MAX;
	return OK;
}

enum error
reveal_find(struct db *db, uint64_t index, struct hidden_entry *ret_hidden)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT stream, due_at, shown FROM sys_reveal WHERE entry = $1");

	bind_integer(query, 1, (int64_t)index);
	TRY(query_one(query));
	*ret_hidden = (struct hidden_entry){ .stream = column_integer(query, 0),
					     .due_at = column_integer(query, 1),
					     .is_shown = !column_is_null(query, 2) };
	return OK;
}

enum error
reveal_shown_to(struct db *db, uint64_t hidden, int64_t *ret_stream)
{
	struct hidden_entry entry = { 0 };
	enum error e = reveal_find(db, hidden, &entry);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*ret_stream = entry.is_shown ? entry.stream : 0;
	return OK;
}

struct due {
	int64_t entry, stream;
};

struct reveal_job {
	struct job job;
	struct registry *registry;
	struct arena *arena;
	int64_t now;
	size_t count;
};

static enum error
read_due(struct reveal_job *reveal, struct db *db, struct due due[static REVEALS_AT_ONCE])
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT entry, stream FROM sys_reveal WHERE shown IS NULL AND due_at <= $1"
					   " ORDER BY due_at, entry LIMIT $2");
	enum error e;

	bind_integer(query, 1, reveal->now);
	bind_integer(query, 2, REVEALS_AT_ONCE);
	reveal->count = 0;
	while ((e = query_step(query)) == OK)
		due[reveal->count++] = (struct due){ column_integer(query, 0), column_integer(query, 1) };
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
note_shown(struct db *db, int64_t hidden, uint64_t shown)
{
	AUTO(query_free) struct query *query = db_query(db, "UPDATE sys_reveal SET shown = $2 WHERE entry = $1");

	bind_integer(query, 1, hidden);
	bind_integer(query, 2, (int64_t)shown);
	return query_run(query);
}

/* The time is that of the writing, not the due one: oversight sees what was late. A hidden entry that can no longer be
 * read is referred to all the same, since the person is owed that there was one. */
static enum error
reveal_one(struct reveal_job *reveal, struct db *db, const struct due *due)
{
	struct ledger *ledger = reveal->registry->ledger;
	const struct reg *reg = registry_party_reg(reveal->registry, db, due->stream);
	unsigned char event[LEDGER_ID_BYTES], subject[LEDGER_ID_BYTES];
	struct ledger_record hidden;
	struct ledger_entry entry;
	uint64_t index = 0;
	enum error e = ledger_read(db, reveal->registry->data_keys, (uint64_t)due->entry, reveal->arena, &hidden);

	if (e != OK && e != ERR_NOT_FOUND && e != ERR_GONE && e != ERR_DAMAGED)
		return e;
	random_bytes(event, sizeof(event));
	ledger_record_id(ledger, reg == NULL ? 0 : reg->code, due->stream, subject);
	ledger_entry_init(&entry);
	entry.kind = LEDGER_REVEAL;
	entry.event = event;
	entry.time_ms = reveal->now;
	entry.subject = subject;
	entry.retention = e == OK ? hidden.entry.retention : 0;
	entry.refers_to = (uint64_t)due->entry;
	if (!ledger_has_stream(ledger, due->stream))
		TRY(ledger_stream_begin(ledger, db, due->stream));
	TRY(ledger_append(ledger, db, due->stream, &entry, &index));
	TRY(official_reveal(db, (uint64_t)due->entry, index, reveal->now));
	return note_shown(db, due->entry, index);
}

static enum error
run_reveals(struct job *job, struct db *db)
{
	struct reveal_job *reveal = (struct reveal_job *)((char *)job - offsetof(struct reveal_job, job));
	struct due due[REVEALS_AT_ONCE];

	arena_reset(reveal->arena);
	TRY(read_due(reveal, db, due));
	for (size_t i = 0; i < reveal->count; i++)
		TRY(reveal_one(reveal, db, &due[i]));
	return OK;
}

enum error
reveal_run(struct registry *registry, int64_t now, uint64_t *ret_count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct reveal_job reveal = { .job = { .run = run_reveals }, .registry = registry, .arena = arena, .now = now };
	uint64_t count = 0;

	do {
		TRY(writer_run(registry->writer, &reveal.job));
		count += reveal.count;
	} while (reveal.count == REVEALS_AT_ONCE);
	*ret_count = count;
	return OK;
}
