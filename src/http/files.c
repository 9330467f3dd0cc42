/* files.c - uploads and what comes back: always an attachment of a known type. */
#include "base/day.h"
#include "http/handlers.h"
#include "http/serve_file.h"
#include "http/server_inside.h"

enum error
hold_file(struct request *request)
{
	struct server *server = request->server;
	int64_t *place = NULL, account = request->actor.account;
	size_t mine = 0;

	assert(account != ACCOUNT_NOBODY && request->file_place == NULL);
	pthread_mutex_lock(&server->file_lock);
	for (size_t i = 0; i < SERVER_FILES_AT_ONCE; i++) {
		mine += server->file_holders[i] == account;
		if (server->file_holders[i] == ACCOUNT_NOBODY)
			place = &server->file_holders[i];
	}
	if (place != NULL && mine < SERVER_ACCOUNT_FILES_AT_ONCE) {
		*place = account;
		request->file_place = place;
	}
	pthread_mutex_unlock(&server->file_lock);
	return request->file_place == NULL ? ERR_BUSY : OK;
}

void
let_go_of_file(struct request *request)
{
	if (request->file_place == NULL)
		return;
	pthread_mutex_lock(&request->server->file_lock);
	*request->file_place = ACCOUNT_NOBODY;
	pthread_mutex_unlock(&request->server->file_lock);
	request->file_place = NULL;
}

enum error
file_post(struct request *request)
{
	enum file_kind kind = FILE_KIND_COUNT;
	int64_t file = 0;

	if (request->body.bytes == 0)
		return ERR_LENGTH;
	TRY(file_keep(request->registry, request->actor.account, request->body.text, request->body.bytes, instant_now(),
		      &file, &kind));
	struct json *json = reply_json(request, 201);

	json_open_map(json);
	json_field_text(json, "file", file_reference(request->registry, request->arena, file));
	json_field_text(json, "kind", file_kind_name(kind));
	json_field_integer(json, "bytes", (int64_t)request->body.bytes);
	json_close_map(json);
	return OK;
}

enum error
serve_file(struct request *request, struct db *db, int64_t file, int64_t account)
{
	struct file_content content;

	TRY(hold_file(request));
	TRY(file_load(request->registry, db, request->arena, file, &content));
	if (account != ACCOUNT_NOBODY && account != content.account)
		return ERR_NOT_FOUND;
	strbuf_add(reply_text(request, 200, file_media_type(content.kind)), content.bytes, content.count);
	reply_header(request, "Content-Disposition",
		     arena_printf(request->arena, "attachment; filename=\"%s.%s\"",
				  file_reference(request->registry, request->arena, file),
				  file_kind_name(content.kind)));
	return OK;
}

enum error
file_get(struct request *request)
{
	int64_t file = 0;
	struct db *db = NULL;

	TRY(file_parse_reference(request->registry, request_param(request, "file"), &file));
	TRY(request_db(request, &db));
	return serve_file(request, db, file, request->actor.account);
}
