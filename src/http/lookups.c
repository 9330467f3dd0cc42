/* lookups.c - an official opens one record, named by its reference or by a finding of their queue. The entry is
 * durable before anything is answered; unknown and forbidden take the same way. */
#include <stdlib.h>
#include <string.h>
#include "http/handlers.h"
#include "registry/law.h"
#include "registry/read.h"

enum { FINDING_DIGITS_MAX = 18 };

/* A look-up, and the finding that it was asked through. */
struct asked_lookup {
	struct lookup lookup;
	struct finding finding; /* id 0: none */
};

static void
lookup_came_back(struct lookup *lookup)
{
	request_answered(lookup->context);
}

static enum error
submit_lookup(struct request *request)
{
	enum error e = lookup_submit(request->lookup);

	if (e != OK) /* not taken: its problem is ours to tell */
		request->problem = request->lookup->problem;
	return e;
}

static enum error
finish_lookup(struct request *request)
{
	struct lookup *lookup = request->lookup;

	if (lookup->result != OK) {
		request->problem = lookup->problem;
		return lookup->result;
	}
	const struct finding *finding = &((struct asked_lookup *)lookup)->finding;
	struct json *json = reply_json(request, 200);

	if (finding->id == 0) {
		json_raw(json, lookup->body, lookup->body_bytes);
		return OK;
	}
	json_open_map(json);
	json_key(json, "finding");
	finding_print(request->registry, finding, request->language, true, json);
	json_key(json, "lookup");
	json_raw(json, lookup->body, lookup->body_bytes);
	json_close_map(json);
	return OK;
}

/* The finding's record; the case is the finding itself, so that nobody invents one. */
static enum error
read_finding(struct request *request, const struct node *node, struct asked_lookup *asked)
{
	const struct pack *pack = registry_pack(request->registry);
	struct finding finding = { 0 };
	struct lookup *lookup = &asked->lookup;
	struct db *db = NULL;
	bool mine = false;

	if ((node->kind != NODE_NUMBER && node->kind != NODE_TEXT) || *node->text == '\0' ||
	    strspn(node->text, "0123456789") != strlen(node->text) || strlen(node->text) > FINDING_DIGITS_MAX)
		return request_fault(request, "finding", MSG_NOT_INTEGER, NULL);
	TRY(request_db(request, &db));
	TRY(finding_load(request->registry, db, request->arena, strtoll(node->text, NULL, 10), &finding));
	for (size_t i = 0; i < request->actor.role_count; i++) {
		const struct held_role *held = &request->actor.roles[i];

		mine = mine || ((held->role->can & CAN_FINDINGS) != 0 &&
				(!held->role->territory || pack_place_within(pack, finding.place, held->place)));
	}
	/* What is settled is nobody's case any more. */
	if (!mine || finding.reg == NULL || finding.closed_at != 0)
		return ERR_NOT_FOUND;
	asked->finding = finding;
	lookup->reg = finding.reg;
	lookup->record = finding.record;
	lookup->finding = finding.id;
	lookup->case_text = arena_printf(request->arena, "finding %lld", (long long)finding.id);
	return OK;
}

static enum error
read_reference(struct request *request, struct lookup *lookup)
{
	const char *name = request_text(request, "register", true), *reference = request_text(request, "ref", true);

	TRY(request_faults(request));
	lookup->reg = pack_reg(registry_pack(request->registry), name);
	if (lookup->reg == NULL)
		return request_fault(request, "register", MSG_NOT_ALLOWED_HERE, name);
	if (registry_parse_reference(request->registry, lookup->reg, reference, &lookup->reg, &lookup->record) != OK)
		return request_fault(request, "ref", MSG_NOT_REFERENCE, NULL);
	lookup->case_text = request_text(request, "case", false);
	return OK;
}

enum error
lookup_post(struct request *request)
{
	static const char *const keys[] = { "register", "ref", "purpose", "case", "finding" };
	struct asked_lookup *asked = arena_new_of(request->arena, struct asked_lookup);
	struct lookup *lookup = &asked->lookup;
	const struct node *finding = node_get(request->json, "finding");

	request_check_keys(request, keys, ARRAY_COUNT(keys));
	if (finding != NULL)
		TRY(read_finding(request, finding, asked));
	else
		TRY(read_reference(request, lookup));
	TRY(request_purpose(request, &lookup->purpose));
	lookup->registry = request->registry;
	lookup->arena = request->arena;
	lookup->actor = request->actor;
	lookup->now = request->now;
	lookup->done = lookup_came_back;
	lookup->context = request;
	problem_init(&lookup->problem, request->arena);
	request->lookup = lookup;
	request_wait(request, submit_lookup, finish_lookup);
	return OK;
}
