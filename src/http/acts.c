/* acts.c - POST of actions: reads the request into a struct act, hands it to the writer, prints what came of it. */
#include <string.h>
#include "http/accept.h"
#include "http/handlers.h"
#include "http/submit.h"
#include "ledger/sha256.h"
#include "registry/act.h"
#include "registry/read.h"

static void
act_came_back(struct act *act)
{
	struct request *request = act->context;

	request->result = OK; /* act->result is looked at by finish_act, in the connection's thread */
	request_answered(request);
}

static enum error
submit_act(struct request *request)
{
	enum error e = act_submit(request->act);

	if (e != OK) /* not taken: its problem is ours to tell */
		request->problem = request->act->problem;
	return e;
}

/* 201 for a record that was made, 202 while consent is awaited, 200 otherwise. */
static int
status_of(const struct act *act)
{
	if (act->job.dry_run)
		return 200;
	if (act->waiting)
		return 202;
	return act->kind == ACT_RUN && act->record == 0 ? 201 : 200;
}

/* Who may not even read a record learns nothing from trying to change it: forbidden and unknown answer alike. */
static enum error
hide_existence(struct request *request, const struct act *act)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	int64_t version = 0;
	struct db *db = NULL;

	if (act->result != ERR_FORBIDDEN || act->reg == NULL || !act->reg->personal || act->record == 0)
		return act->result;
	TRY(request_db(request, &db));
	enum error e = read_record(request->registry, db, request->arena, &request->actor, act->reg, act->record,
				   request->now, &json, &version);
	if (e == OK)
		return act->result;
	problem_init(&request->problem, request->arena);
	return ERR_NOT_FOUND;
}

enum error
act_finish(struct request *request)
{
	struct act *act = request->act;

	if (act->replayed)
		reply_header(request, "Idempotency-Replayed", "true");
	if (act->result != OK) {
		request->problem = act->problem;
		return hide_existence(request, act);
	}
	struct json *json = reply_json(request, status_of(act));
	act_print(act, request->language, json);
	if (act->job.dry_run || act->reg == NULL)
		return OK;
	reply_etag(request, act->ret_version);
	if (act->kind == ACT_RUN && act->record == 0)
		reply_header(
			request, "Location",
			arena_printf(request->arena, "/api/registers/%s/%s", act->reg->name,
				     registry_reference(request->registry, act->reg, request->arena, act->ret_record)));
	return OK;
}

/* What an Idempotency-Key is bound to: the same key with anything else of this is another request. */
static void
hash_request(const struct request *request, unsigned char ret_hash[static SHA256_BYTES])
{
	const char *parts[] = { method_name(request->method), request->path, request_header(request, "If-Match"),
				request_header(request, "On-Behalf-Of") };
	struct sha256 hash;

	sha256_begin(&hash);
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		sha256_add(&hash, parts[i] == NULL ? "" : parts[i], parts[i] == NULL ? 1 : strlen(parts[i]) + 1);
	sha256_add(&hash, request->body.bytes == 0 ? "" : request->body.text, request->body.bytes);
	sha256_end(&hash, ret_hash);
}

static enum error
read_if_match(struct request *request, struct act *act)
{
	const char *header = request_header(request, "If-Match");

	if (header == NULL)
		return OK;
	if (accept_version(header, &act->if_match) != OK)
		return problem_add(&request->problem, ERR_MALFORMED, "If-Match", MSG_IF_MATCH, NULL, NULL);
	return OK;
}

enum error
act_begin(struct request *request, struct act **ret_act)
{
	struct act *act = arena_new_of(request->arena, struct act);
	const char *behalf = request_header(request, "On-Behalf-Of");

	act_init(act, request->registry, request->arena, request->now);
	act->actor = request->actor;
	act->job.dry_run = request->dry_run;
	act->done = act_came_back;
	act->context = request;
	act->idempotency_key = request_header(request, "Idempotency-Key");
	hash_request(request, act->request_hash);
	TRY(read_if_match(request, act));
	if (behalf != NULL)
		TRY(request_party(request, "On-Behalf-Of", behalf, &act->on_behalf));
	request->act = act;
	*ret_act = act;
	return OK;
}

void
act_hand_over(struct request *request)
{
	request_wait(request, submit_act, act_finish);
}

static enum error
run_action(struct request *request, const struct reg *reg, int64_t record)
{
	const struct action *action = reg_action(reg, request_param(request, "action"));
	struct act *act = NULL;

	/* An action of the other kind, or one that only the clock or a step runs, is not an address here. */
	if (action == NULL || (action->new_state != NULL) != (record == 0) ||
	    (action->by_count == 0 && strcmp(action->name, "correct") != 0))
		return ERR_NOT_FOUND;
	TRY(act_begin(request, &act));
	act->reg = reg;
	act->action = action;
	act->record = record;
	act->reason = node_text(request->json, "reason");
	enum error e = act_parse(act, request->json);
	if (e != OK) {
		request->problem = act->problem;
		return e;
	}
	act_hand_over(request);
	return OK;
}

enum error
act_new_post(struct request *request)
{
	const struct reg *reg = NULL;

	TRY(request_reg(request, &reg));
	return run_action(request, reg, 0);
}

enum error
act_record_post(struct request *request)
{
	const struct reg *reg = NULL;
	int64_t record = 0;

	TRY(request_record(request, &reg, &record));
	return run_action(request, reg, record);
}

/* A clerk who records somebody's answer names the party and the number of the signed paper. */
static enum error
read_counter(struct request *request, struct act *act)
{
	const char *party = request_text(request, "party", false);

	act->paper = request_text(request, "paper", false);
	if (party == NULL && act->paper == NULL)
		return OK;
	if (!request_may(request, CAN_COUNTER))
		return problem_add(&request->problem, ERR_FORBIDDEN, "paper", MSG_MAY_NOT, NULL, NULL);
	if (party == NULL)
		return request_fault(request, "party", MSG_REQUIRED, NULL);
	if (act->paper == NULL || *act->paper == '\0')
		return request_fault(request, "paper", MSG_PAPER_NEEDED, NULL);
	act->way = ANSWER_COUNTER;
	return request_party(request, "party", party, &act->answer_for);
}

static enum error
answer(struct request *request, enum act_kind kind)
{
	static const char *const keys[] = { "action", "party", "paper", "reason" };
	const struct reg *reg = NULL;
	struct act *act = NULL;
	int64_t record = 0;

	TRY(request_record(request, &reg, &record));
	TRY(act_begin(request, &act));
	request_check_keys(request, keys, ARRAY_COUNT(keys));
	const char *name = request_text(request, "action", false);

	act->kind = kind;
	act->reg = reg;
	act->record = record;
	act->way = ANSWER_ACCOUNT;
	act->reason = request_text(request, "reason", false);
	if (name != NULL) {
		act->action = reg_action(reg, name);
		if (act->action == NULL)
			IGNORE(request_fault(request, "action", MSG_NOT_ALLOWED_HERE, name)); /* told below */
	}
	TRY(read_counter(request, act));
	TRY(request_faults(request));
	act_hand_over(request);
	return OK;
}

enum error
act_agree_post(struct request *request)
{
	return answer(request, ACT_AGREE);
}

enum error
act_refuse_post(struct request *request)
{
	return answer(request, ACT_REFUSE);
}
