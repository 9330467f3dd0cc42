/* trail.c - who looked at my data, and the export with which I can prove it. Both are one's own right: no entry is made
 * of asking. */
#include "http/handlers.h"
#include "http/serve_file.h"
#include "http/server_inside.h"
#include "registry/trail.h"

enum { PAGE_DEFAULT = 50, SECONDS_AN_HOUR = 3600 };

enum error
lookups_get(struct request *request)
{
	static const char *const names[] = { "limit", "from", "party", NULL };
	const char *reference = request_query(request, "party");
	int64_t limit = 0, from = 0, party = request->actor.party;
	struct db *db = NULL;

	TRY(request_check_query(request, names));
	TRY(request_query_integer(request, "limit", 1, TRAIL_PAGE_MAX, PAGE_DEFAULT, &limit));
	TRY(request_query_integer(request, "from", 0, INT64_MAX, -1, &from));
	if (reference != NULL)
		TRY(request_party(request, "party", reference, &party));
	TRY(request_db(request, &db));
	enum error e = trail_lookups(request->registry, registry_tlog(request->registry), db, request->arena,
				     &request->actor, party, from < 0 ? UINT64_MAX : (uint64_t)from, (size_t)limit,
				     request->now, reply_json(request, 200));

	return e == ERR_BAD_INPUT ? request_fault(request, "from", MSG_NOT_REFERENCE, NULL) : e;
}

static enum error
next_piece(struct request *request, struct strbuf *out)
{
	struct db *db = NULL;

	TRY(request_db(request, &db));
	return trail_export_more(request->reply.pieces, db, out);
}

static void
free_export(void *pieces)
{
	trail_export_free(pieces);
}

/* Whoever has the stream's key can follow its entries for ever: it is for the person, not for a program of theirs. */
enum error
history_get(struct request *request)
{
	static const char *const names[] = { NULL };
	struct trail_export *export = NULL;
	struct db *db = NULL;

	TRY(request_check_query(request, names));
	if (request->actor.is_token)
		return ERR_FORBIDDEN;
	TRY(hold_file(request));
	TRY(request_db(request, &db));
	enum error e =
		trail_export_new(request->registry, registry_tlog(request->registry), db, &request->actor, &export);

	/* The next stream index covers whoever is new, and then a checkpoint covers it. */
	if (e == ERR_NOT_PUBLISHED)
		request->retry_seconds = request->server->config.index_hours * SECONDS_AN_HOUR;
	TRY(e);
	reply_pieces(request, 200, "application/json", next_piece, export, free_export);
	reply_header(request, "Content-Disposition", "attachment; filename=\"tirkeu-history.json\"");
	return OK;
}
