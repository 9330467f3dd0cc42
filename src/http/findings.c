/* findings.c - the work queue of officials, which shows no people, and the explanation for whom a finding is about.
 * An official opens a finding's record with POST /api/lookups {"finding": …}. */
#include <stdlib.h>
#include <string.h>
#include "http/handlers.h"
#include "registry/law.h"
#include "registry/read.h"

enum { QUEUE_DEFAULT = 50, QUEUE_MAX = 200 };

/* The territory asked for, within what the actor holds; 0: the whole country. */
static enum error
read_place(struct request *request, int64_t *ret_place)
{
	const struct pack *pack = registry_pack(request->registry);
	const char *code = request_query(request, "place");
	int64_t wanted = code == NULL ? -1 : pack_place_id(pack, code);

	if (code != NULL && wanted == 0)
		return request_fault(request, "place", MSG_NOT_PLACE, NULL);
	for (size_t i = 0; i < request->actor.role_count; i++) {
		const struct held_role *held = &request->actor.roles[i];

		if ((held->role->can & CAN_FINDINGS) == 0)
			continue;
		int64_t place = held->role->territory ? held->place : 0;

		if (wanted < 0 || place == 0 || pack_place_within(pack, wanted, place)) {
			*ret_place = wanted < 0 ? place : wanted;
			return OK;
		}
	}
	if (request->actor.is_console) {
		*ret_place = wanted < 0 ? 0 : wanted;
		return OK;
	}
	return problem_add(&request->problem, ERR_FORBIDDEN, "place", MSG_OTHER_TERRITORY, NULL, NULL);
}

/* A queue holds what can be opened from it: findings about registers that a role with this ability reads. A role that
 * reads nothing counts them all. */
static const struct reg *const *
read_registers(struct request *request, size_t *ret_count)
{
	const struct pack *pack = registry_pack(request->registry);
	const struct reg **regs = arena_array_of(request->arena, const struct reg *, pack->reg_count + 1);
	size_t count = 0;

	for (size_t i = 0; i < request->actor.role_count; i++) {
		const struct role *role = request->actor.roles[i].role;

		if ((role->can & CAN_FINDINGS) == 0)
			continue;
		if (role->reads_count == 0)
			return NULL;
		for (size_t k = 0; k < role->reads_count; k++) {
			size_t at = 0;

			while (at < count && regs[at] != role->reads[k].reg)
				at++;
			regs[at] = role->reads[k].reg;
			count += at == count;
		}
	}
	*ret_count = count;
	return request->actor.is_console ? NULL : regs;
}

enum error
findings_get(struct request *request)
{
	const struct finding *findings = NULL;
	size_t count = 0, reg_count = 0;
	int64_t place = 0, after = 0, limit = 0;
	struct db *db = NULL;

	static const char *const names[] = { "place", "after", "limit", NULL };

	TRY(request_check_query(request, names));
	TRY(read_place(request, &place));
	TRY(request_query_integer(request, "after", 0, INT64_MAX, 0, &after));
	TRY(request_query_integer(request, "limit", 1, QUEUE_MAX, QUEUE_DEFAULT, &limit));
	TRY(request_db(request, &db));
	const struct reg *const *regs = read_registers(request, &reg_count);

	TRY(finding_queue(request->registry, db, request->arena, place, regs, reg_count, after, (size_t)limit,
			  &findings, &count));
	struct json *json = reply_json(request, 200);
	json_open_map(json);
	json_key(json, "findings");
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		finding_print(request->registry, &findings[i], request->language, false, json);
	json_close_list(json);
	json_key(json, "next");
	if (count == (size_t)limit)
		json_integer(json, findings[count - 1].id);
	else
		json_null(json);
	json_close_map(json);
	return OK;
}

enum error
finding_get(struct request *request)
{
	const char *text = request_param(request, "id");
	const int64_t *parties = NULL;
	struct finding finding = { 0 };
	struct db *db = NULL;

	if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 18)
		return ERR_NOT_FOUND;
	TRY(request_db(request, &db));
	TRY(finding_load(request->registry, db, request->arena, strtoll(text, NULL, 10), &finding));
	size_t count = read_parties_in(request->registry, db, request->arena, &request->actor, finding.reg,
				       request->now, &parties);

	for (size_t i = 0; i < count; i++) {
		if (finding.who != 0 && parties[i] == finding.who) {
			finding_print(request->registry, &finding, request->language, true, reply_json(request, 200));
			return OK;
		}
	}
	return ERR_NOT_FOUND;
}
