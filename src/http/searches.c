/* searches.c - an official looks for a record without knowing its reference. Candidates are found in this thread, the
 * entries are durable before anything is answered; found, unknown and forbidden take the same way. */
#include "http/handlers.h"
#include "registry/search.h"

static void
search_came_back(struct search_job *search)
{
	request_answered(search->context);
}

static enum error
submit_search(struct request *request)
{
	return search_submit(request->search);
}

static enum error
finish_search(struct request *request)
{
	struct search_job *search = request->search;

	if (search->result != OK) {
		request->problem = search->problem;
		return search->result;
	}
	json_raw(reply_json(request, 200), search->body, search->body_bytes);
	return OK;
}

static enum error
read_search(struct request *request, struct search_job *search)
{
	const char *name = request_text(request, "register", true), *text = request_text(request, "text", true);

	TRY(request_faults(request));
	*search = (struct search_job){ .registry = request->registry,
				       .arena = request->arena,
				       .actor = request->actor,
				       .reg = pack_reg(registry_pack(request->registry), name),
				       .text = text,
				       .case_text = request_text(request, "case", false),
				       .now = request->now,
				       .done = search_came_back,
				       .context = request };
	if (search->reg == NULL || search->reg->search == NULL)
		return request_fault(request, "register", MSG_NOT_ALLOWED_HERE, name);
	return request_purpose(request, &search->purpose);
}

enum error
search_post(struct request *request)
{
	static const char *const keys[] = { "register", "text", "purpose", "case" };
	struct search_job *search = arena_new_of(request->arena, struct search_job);
	struct db *db = NULL;

	request_check_keys(request, keys, ARRAY_COUNT(keys));
	TRY(read_search(request, search));
	TRY(request_db(request, &db));
	problem_init(&search->problem, request->arena);
	enum error e = search_find(search, db);

	if (e != OK) {
		request->problem = search->problem;
		return e;
	}
	request->search = search;
	request_wait(request, submit_search, finish_search);
	return OK;
}
