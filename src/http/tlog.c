/* tlog.c - the published log for whoever asks, and the proof of an entry for those who may see it. */
#include <string.h>
#include "http/handlers.h"
#include "http/server_inside.h"
#include "registry/reveal.h"
#include "registry/trail.h"

/* A tile never changes; the checkpoint does, at each interval. */
static const char for_ever[] = "public, max-age=31536000, immutable";
static const char for_a_moment[] = "public, max-age=2";

enum error
tlog_checkpoint_get(struct request *request)
{
	struct tlog *tlog = registry_tlog(request->registry);
	AUTO(strbuf_done) struct strbuf note = { 0 };

	if (tlog == NULL)
		return ERR_NOT_FOUND;
	TRY(tlog_checkpoint(tlog, &note));
	strbuf_add(reply_text(request, 200, "text/plain; charset=utf-8"), note.text, note.bytes);
	request->reply.cache = for_a_moment;
	return OK;
}

enum error
tlog_vkey_get(struct request *request)
{
	const char *vkey = registry_log_key(request->registry);

	if (*vkey == '\0')
		return ERR_NOT_FOUND;
	strbuf_printf(reply_text(request, 200, "text/plain; charset=utf-8"), "%s\n", vkey);
	request->reply.cache = for_a_moment;
	return OK;
}

enum error
tlog_tile_get(struct request *request)
{
	struct tlog *tlog = registry_tlog(request->registry);
	size_t bytes = 0;
	int fd = -1;

	if (tlog == NULL)
		return ERR_NOT_FOUND;
	TRY(tlog_open_tile(tlog, arena_printf(request->arena, "tile/%s", request_param(request, "path")), &fd, &bytes));
	reply_file(request, 200, "application/octet-stream", fd, bytes);
	request->reply.cache = for_ever;
	return OK;
}

/* Decimal, below 2^63, one spelling. */
static bool
read_index(const char *text, uint64_t *ret_index)
{
	uint64_t index = 0;

	if (*text == '\0' || (text[0] == '0' && text[1] != '\0'))
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' || index > (INT64_MAX - 9) / 10)
			return false;
		index = index * 10 + (uint64_t)(*text - '0');
	}
	*ret_index = index;
	return true;
}

/* Theirs, or of somebody they act for in everything, or an auditor asks. What is not there and what is another's take the
 * same way and answer alike: nobody learns from us which entry is whose, nor who is let into one register alone. */
static enum error
check_may_see(struct request *request, struct db *db, uint64_t index, unsigned char ret_leaf[static LEDGER_HASH_BYTES])
{
	int64_t stream = 0, shown_to = 0;

	TRY(ledger_stream_of(db, index, &stream, ret_leaf));
	TRY(reveal_shown_to(db, index, &shown_to));
	if (stream == LEDGER_STREAM_RESTRICTED)
		stream = shown_to;
	bool open = trail_is_open(request->registry, db, request->arena, &request->actor,
				  stream > 0 ? stream : INT64_MAX, request->now);

	return open || request_may(request, CAN_AUDIT) ? OK : ERR_NOT_FOUND;
}

enum error
entry_proof_get(struct request *request)
{
	static const char *const no_query[] = { NULL };
	struct tlog *tlog = registry_tlog(request->registry);
	AUTO(strbuf_done) struct strbuf proof = { 0 };
	unsigned char leaf[LEDGER_HASH_BYTES];
	struct db *db = NULL;
	uint64_t index = 0;

	TRY(request_check_query(request, no_query));
	if (!read_index(request_param(request, "index"), &index))
		return ERR_NOT_FOUND;
	TRY(request_db(request, &db));
	TRY(check_may_see(request, db, index, leaf));
	enum error e = tlog == NULL ? ERR_NOT_PUBLISHED : tlog_proof_file(tlog, index, leaf, &proof);

	/* Under an alarm no checkpoint will come, however long one waits. */
	if (e == ERR_NOT_PUBLISHED && tlog != NULL && tlog_alarm(tlog, NULL) == ALARM_NONE)
		request->retry_seconds = request->server->config.tlog_seconds;
	TRY(e);
	strbuf_add(reply_text(request, 200, "text/plain; charset=utf-8"), proof.text, proof.bytes);
	reply_header(request, "Content-Disposition",
		     arena_printf(request->arena, "attachment; filename=\"entry-%llu.tlog-proof\"",
				  (unsigned long long)index));
	return OK;
}
