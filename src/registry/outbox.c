/* outbox.c - messages on their way out. The writer only appends messages; taking one for sending makes its
 * delivery row and, when an answer is asked for, a fresh one-time link of which only the hash is kept. A message
 * that was taken but not sent when the server stopped is tried again. */
#include "registry/outbox.h"
#include <stdio.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "registry/show.h"

enum { LINK_BYTES = 32, RETRY_FIRST_MS = 60000 };

bool
outbox_waits(const struct registry *registry)
{
	return registry->outbox_waiting || registry->outbox_retry_at <= registry_now(registry);
}

enum error
outbox_link_hash(const char *token, unsigned char ret_hash[static 32])
{
	unsigned char bytes[LINK_BYTES];
	size_t count = 0;

	if (sodium_base642bin(bytes, sizeof(bytes), token, strlen(token), NULL, &count, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    count != sizeof(bytes))
		return ERR_BAD_INPUT;
	crypto_hash_sha256(ret_hash, bytes, sizeof(bytes));
	return OK;
}

static enum error
make_link(struct db *db, int64_t ask_party, char ret_token[static 64])
{
	unsigned char bytes[LINK_BYTES], hash[32];
	AUTO(query_free)
	struct query *query = db_query(db, "UPDATE sys_ask_party SET link_hash = $2 WHERE id = $1 AND answer IS NULL");

	random_bytes(bytes, sizeof(bytes));
	crypto_hash_sha256(hash, bytes, sizeof(bytes));
	sodium_bin2base64(ret_token, 64, bytes, sizeof(bytes), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	explicit_bzero(bytes, sizeof(bytes));
	bind_integer(query, 1, ask_party);
	bind_bytes(query, 2, hash, sizeof(hash));
	return query_run(query);
}

/* ---- taking ---- */

struct take_job {
	struct job job;
	struct registry *registry;
	struct arena *arena;
	const char *base_url;
	size_t limit, seen;
	int64_t now, retry_at;
	struct outbox_mail *mails;
	size_t count, capacity;
};

struct taken {
	int64_t id, party, record, ask_party, created_at;
	const struct reg *reg;
	const char *action;
};

static enum error
mark_taken(struct db *db, int64_t message, bool wanted, int64_t now)
{
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO sys_delivery (message, tries, next_at) VALUES ($1, 0, $2)"
					   " ON CONFLICT (message) DO UPDATE SET next_at = excluded.next_at");

	bind_integer(query, 1, message);
	/* Until it is reported sent it counts as waiting, in case the server stops between. */
	if (wanted)
		bind_integer(query, 2, now + RETRY_FIRST_MS);
	return query_run(query);
}

static const char *
text_of(const struct image *image, const struct field *field)
{
	const struct value *value = field == NULL ? NULL : image_value(image, field);

	return value != NULL && value->kind == VALUE_TEXT ? value->text : NULL;
}

static enum error
ask_until(struct db *db, int64_t ask_party, bool *ret_open, int64_t *ret_until)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT a.until_at FROM sys_ask_party p JOIN sys_ask a ON a.id = p.ask"
					   " WHERE p.id = $1 AND p.answer IS NULL AND a.outcome IS NULL");

	bind_integer(query, 1, ask_party);
	enum error e = query_one(query);

	*ret_open = e == OK;
	*ret_until = e == OK ? column_integer(query, 0) : 0;
	return e == ERR_NOT_FOUND ? OK : e;
}

/* An address, if the party has one; a message whose question was answered meanwhile is not sent. */
static enum error
write_mail(struct take_job *take, struct db *db, const struct taken *taken, bool *ret_wanted)
{
	struct registry *registry = take->registry;
	const struct reg *party_reg = registry_party_reg(registry, db, taken->party);
	const struct image *party = NULL;
	const char *link = NULL, *text = NULL;
	bool open = true;
	int64_t until = 0;

	*ret_wanted = false;
	if (party_reg == NULL || taken->reg == NULL)
		return OK;
	TRY(image_load_from(registry, db, take->arena, party_reg, taken->party, &party));
	const char *address = text_of(party, party_reg->party_email);
	enum language language = language_parse(text_of(party, party_reg->party_language));

	if (address == NULL)
		return OK;
	if (language == LANGUAGE_COUNT)
		language = registry->pack->languages[0];
	if (taken->ask_party != 0) {
		char token[64];

		TRY(ask_until(db, taken->ask_party, &open, &until));
		if (!open)
			return OK;
		TRY(make_link(db, taken->ask_party, token));
		link = arena_printf(take->arena, "%s/answer/%s", take->base_url, token);
	}
	TRY(show_text(registry, db, take->arena, taken->reg, taken->record, taken->action, taken->ask_party != 0,
		      language, link, until, taken->created_at, &text));
	/* A text that forgot its {link} must not leave the reader without one. */
	if (link != NULL && strstr(text, link) == NULL)
		text = arena_printf(take->arena, "%s\n\n%s", text, link);
	*ARENA_PUSH(take->arena, take->mails, take->count, take->capacity) =
		(struct outbox_mail){ .message = taken->id,
				      .address = address,
				      .text = text,
				      .subject = pack_textf(registry->pack, language, take->arena, "%s.%s",
							    taken->reg->name, taken->action) };
	*ret_wanted = true;
	return OK;
}

static int64_t
read_mark(struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "SELECT value FROM meta WHERE key = 'outbox'");

	return query_one(query) == OK ? strtoll(column_text(query, 0), NULL, 10) : 0;
}

static enum error
write_mark(struct db *db, int64_t message)
{
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO meta (key, value) VALUES ('outbox', $1) ON CONFLICT (key) DO "
					   "UPDATE SET value = excluded.value");
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)message);
	bind_text(query, 1, text);
	return query_run(query);
}

static enum error
run_forget(struct job *job, struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "SELECT coalesce(max(id), 0) FROM sys_message");

	TRY(query_one(query));
	return write_mark(db, column_integer(query, 0));
}

enum error
outbox_forget(struct registry *registry)
{
	struct job job = { .run = run_forget };

	return writer_run(registry->writer, &job);
}

static enum error
take_rows(struct take_job *take, struct db *db, struct query *query, int64_t *ret_last, size_t *ret_seen)
{
	struct taken rows[64];
	size_t count = 0;
	enum error e = ERR_NOT_FOUND;

	while (count < ARRAY_COUNT(rows) && *ret_seen + count < take->limit && (e = query_step(query)) == OK)
		rows[count++] = (struct taken){ .id = column_integer(query, 0),
						.party = column_integer(query, 1),
						.reg = pack_reg_by_code(take->registry->pack, column_integer(query, 2)),
						.record = column_integer(query, 3),
						.action = arena_text(take->arena, column_text(query, 4)),
						.ask_party = column_integer(query, 5),
						.created_at = column_integer(query, 6) };
	for (size_t i = 0; i < count; i++) {
		bool wanted = false;

		if (rows[i].party != 0)
			TRY(write_mail(take, db, &rows[i], &wanted));
		TRY(mark_taken(db, rows[i].id, wanted, take->now));
		*ret_last = rows[i].id > *ret_last ? rows[i].id : *ret_last;
	}
	*ret_seen += count;
	return e == ERR_NOT_FOUND || count > 0 ? OK : e;
}

#define MESSAGE_COLUMNS "m.id, m.party, m.reg, m.record, m.action, m.ask_party, m.created_at"

/* When a message that could not be sent is to be tried again. */
static enum error
read_retry(struct db *db, int64_t *ret_at)
{
	AUTO(query_free)
	struct query *query =
		db_query(db, "SELECT next_at FROM sys_delivery WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1");
	enum error e = query_one(query);

	*ret_at = e == OK ? column_integer(query, 0) : INT64_MAX;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
run_take(struct job *job, struct db *db)
{
	struct take_job *take = (struct take_job *)((char *)job - offsetof(struct take_job, job));
	int64_t mark = read_mark(db), last = mark, again = 0;
	size_t seen = 0;

	take->mails = NULL;
	take->count = take->capacity = 0;
	AUTO(query_free)
	struct query *retry =
		db_query(db, "SELECT " MESSAGE_COLUMNS " FROM sys_delivery d JOIN sys_message m ON m.id = d.message"
			     " WHERE d.next_at IS NOT NULL AND d.next_at <= $1 ORDER BY d.next_at LIMIT 64");

	bind_integer(retry, 1, take->now);
	TRY(take_rows(take, db, retry, &again, &seen));
	AUTO(query_free)
	struct query *fresh =
		db_query(db, "SELECT " MESSAGE_COLUMNS " FROM sys_message m WHERE m.id > $1 ORDER BY m.id LIMIT 64");

	bind_integer(fresh, 1, mark);
	TRY(take_rows(take, db, fresh, &last, &seen));
	take->seen = seen;
	TRY(last == mark ? OK : write_mark(db, last));
	return read_retry(db, &take->retry_at);
}

enum error
outbox_take(struct registry *registry, struct arena *arena, const char *base_url, size_t limit, int64_t now,
	    const struct outbox_mail **ret_mails, size_t *ret_count)
{
	struct take_job take = { .job = { .run = run_take },
				 .registry = registry,
				 .arena = arena,
				 .base_url = base_url,
				 .limit = limit,
				 .now = now };

	/* Whatever comes while this runs sets it again. */
	registry->outbox_waiting = false;
	enum error e = writer_run(registry->writer, &take.job);

	if (e != OK || take.seen > 0)
		registry->outbox_waiting = true;
	if (e != OK)
		return e;
	registry->outbox_retry_at = take.retry_at;
	*ret_mails = take.mails;
	*ret_count = take.count;
	return OK;
}

/* ---- reporting ---- */

struct sent_job {
	struct job job;
	int64_t message, now;
	bool ok;
};

static enum error
run_sent(struct job *job, struct db *db)
{
	struct sent_job *sent = (struct sent_job *)((char *)job - offsetof(struct sent_job, job));
	/* Pauses of 1, 5, 25, 125 minutes; then it is given up and stays in the inbox. */
	AUTO(query_free)
	struct query *query = db_query(
		db,
		sent->ok ? "UPDATE sys_delivery SET tries = tries + 1, next_at = NULL, sent_at = $2 WHERE message = $1"
			 : "UPDATE sys_delivery SET tries = tries + 1, next_at = CASE tries WHEN 0 THEN $2 + 60000"
			   " WHEN 1 THEN $2 + 300000 WHEN 2 THEN $2 + 1500000 WHEN 3 THEN $2 + 7500000 END WHERE "
			   "message = $1");

	bind_integer(query, 1, sent->message);
	bind_integer(query, 2, sent->now);
	return query_run(query);
}

enum error
outbox_sent(struct registry *registry, int64_t message, bool ok, int64_t now)
{
	struct sent_job sent = { .job = { .run = run_sent }, .message = message, .now = now, .ok = ok };

	return writer_run(registry->writer, &sent.job);
}

/* ---- on paper ---- */

struct link_job {
	struct job job;
	struct registry *registry;
	const struct actor *actor;
	const struct reg *reg;
	int64_t record, party, now;
	char token[64];
};

static enum error
check_counter(const struct link_job *link, struct db *db)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct image *image = NULL;

	TRY(image_load_from(link->registry, db, arena, link->reg, link->record, &image));
	return link->actor->is_console ||
			       party_at_counter(link->registry, db, arena, link->actor, image, link->now) != NULL
		       ? OK
		       : ERR_NOT_FOUND;
}

static enum error
run_link(struct job *job, struct db *db)
{
	struct link_job *link = (struct link_job *)((char *)job - offsetof(struct link_job, job));
	AUTO(query_free)
	struct query *query =
		db_query(db, "SELECT p.id FROM sys_ask a JOIN sys_ask_party p ON p.ask = a.id"
			     " WHERE a.record = $1 AND a.outcome IS NULL AND p.party = $2 AND p.answer IS NULL"
			     " AND (a.until_at IS NULL OR a.until_at > $3) ORDER BY p.id");

	TRY(check_counter(link, db));
	bind_integer(query, 1, link->record);
	bind_integer(query, 2, link->party);
	bind_integer(query, 3, link->now);
	TRY(query_one(query));
	return make_link(db, column_integer(query, 0), link->token);
}

enum error
outbox_counter_link(struct registry *registry, const struct actor *actor, const struct reg *reg, int64_t record,
		    int64_t party, int64_t now, char ret_token[static 64])
{
	struct link_job link = { .job = { .run = run_link },
				 .registry = registry,
				 .actor = actor,
				 .reg = reg,
				 .record = record,
				 .party = party,
				 .now = now };

	TRY(writer_run(registry->writer, &link.job));
	memcpy(ret_token, link.token, sizeof(link.token));
	return OK;
}
