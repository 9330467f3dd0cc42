/* consent.c - asks: who must agree, who has, what happens when all have, when one refuses, when time runs
 * out. The action itself waits with its arguments and runs whole at the moment of the last answer. */
#include <string.h>
#include "registry/engine.h"

struct asked {
	size_t subject; /* position in action->asks */
	int64_t party;  /* 0: a role */
	const struct role *role;
	int64_t place;
	bool agreed; /* by acting */
};

struct asked_list {
	struct asked *items;
	size_t count, capacity;
};

static enum error
add_role(struct txn *txn, const struct action *action, size_t subject, const struct role *role,
	 const struct image *image, struct asked_list *list)
{
	struct asked asked = { .subject = subject, .role = role };

	TRY(image_territory(txn->registry, txn->db, txn->arena, image, txn->now, &asked.place));
	/* Whoever acts in the role has agreed for it, unless another must. */
	asked.agreed = !action->not_author && txn->role != NULL && txn->role->role == role;
	*ARENA_PUSH(txn->arena, list->items, list->count, list->capacity) = asked;
	return OK;
}

static void
add_parties(struct txn *txn, const struct action *action, size_t subject, const struct parties *parties,
	    struct asked_list *list)
{
	for (size_t i = 0; i < parties->count; i++) {
		bool agreed = !action->not_author &&
			      (parties->ids[i] == txn->me || party_is_mine(txn, action->reg, parties->ids[i]));

		*ARENA_PUSH(txn->arena, list->items, list->count, list->capacity) =
			(struct asked){ .subject = subject, .party = parties->ids[i], .agreed = agreed };
	}
}

static enum error
list_asked(struct txn *txn, const struct action *action, const struct image *image, const struct input *inputs,
	   struct asked_list *list)
{
	for (size_t i = 0; i < action->ask_count; i++) {
		const struct subject *subject = &action->asks[i].subject;
		struct parties parties = { 0 };
		const struct role *role = subject->role;

		switch (subject->kind) {
		case SUBJECT_PARTY:
			TRY(party_ids(txn->registry, txn->db, txn->arena, subject->party, image, &parties));
			break;
		case SUBJECT_ARGUMENT:
			if (inputs[subject->field->index].kind == INPUT_VALUE &&
			    inputs[subject->field->index].values[0].kind == VALUE_INTEGER)
				*ARENA_PUSH(txn->arena, parties.ids, parties.count, parties.capacity) =
					inputs[subject->field->index].values[0].integer;
			break;
		case SUBJECT_ROLE_FIELD:
			role = image_value(image, subject->field)->kind == VALUE_TEXT
				       ? pack_role(txn->registry->pack, image_value(image, subject->field)->text)
				       : NULL;
			if (role == NULL)
				break;
			__attribute__((fallthrough)); /* a role like any other, once it is known */
		case SUBJECT_ROLE:
			TRY(add_role(txn, action, i, role, image, list));
			break;
		}
		add_parties(txn, action, i, &parties, list);
	}
	return OK;
}

/* How many of the asked must still answer for subject i: `all` needs each, `any` one. */
static size_t
missing_of(const struct action *action, const struct asked_list *list, size_t subject)
{
	size_t silent = 0, agreed = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].subject != subject)
			continue;
		agreed += list->items[i].agreed;
		silent += !list->items[i].agreed;
	}
	return !action->asks[subject].all && agreed > 0 ? 0 : silent;
}

static enum error
check_not_asked(struct txn *txn, const struct action *action, int64_t record)
{
	/* A record that is new in this very act cannot have been asked about. */
	for (size_t i = 0; i < txn->change_count; i++)
		if (txn->changes[i].after->id == record && txn->changes[i].before == NULL)
			return OK;
	AUTO(query_free)
	struct query *query =
		db_query(txn->db, "SELECT 1 FROM sys_ask WHERE record = $1 AND action = $2 AND outcome IS NULL");

	bind_integer(query, 1, record);
	bind_text(query, 2, action->name);
	enum error e = query_one(query);

	if (e == OK)
		return problem_add(txn->problem, ERR_CONFLICT, NULL, MSG_ALREADY_ASKED, NULL, NULL);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
store_ask(struct txn *txn, const struct action *action, int64_t record, const struct input *inputs, int64_t *ret_ask)
{
	AUTO(query_free)
	struct query *query = db_query(
		txn->db, "INSERT INTO sys_ask (id, reg, record, action, args, account, party, asked_at, until_at)"
			 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
	int64_t ask = registry_new_id(txn->registry);

	bind_integer(query, 1, ask);
	bind_integer(query, 2, action->reg->code);
	bind_integer(query, 3, record);
	bind_text(query, 4, action->name);
	if (action->arg_count > 0 && inputs != NULL)
		bind_text(query, 5, args_print(txn->arena, action, inputs));
	bind_integer(query, 6, txn->actor->account);
	bind_integer(query, 7, txn->me);
	bind_integer(query, 8, txn->now);
	if (action->ask_within_ms > 0)
		bind_integer(query, 9, txn->now + action->ask_within_ms);
	*ret_ask = ask;
	return query_run(query);
}

static enum error
store_asked(struct txn *txn, int64_t ask, const struct asked *asked, int64_t *ret_id)
{
	AUTO(query_free)
	struct query *query = db_query(
		txn->db,
		"INSERT INTO sys_ask_party (id, ask, subject, party, role, place) VALUES ($1, $2, $3, $4, $5, $6)");

	*ret_id = registry_new_id(txn->registry);
	bind_integer(query, 1, *ret_id);
	bind_integer(query, 2, ask);
	bind_integer(query, 3, (int64_t)asked->subject);
	bind_integer(query, 4, asked->party);
	if (asked->role != NULL) {
		bind_integer(query, 5, asked->role->code);
		bind_integer(query, 6, asked->place);
	}
	return query_run(query);
}

enum error
consent_ask(struct txn *txn, const struct action *action, const struct image *image, const struct input *inputs,
	    size_t *ret_missing)
{
	struct asked_list list = { 0 };
	size_t missing = 0;
	int64_t ask = 0;

	TRY(list_asked(txn, action, image, inputs, &list));
	for (size_t i = 0; i < action->ask_count; i++)
		missing += missing_of(action, &list, i);
	*ret_missing = missing;
	if (missing == 0)
		return OK;
	TRY(check_not_asked(txn, action, image->id));
	TRY(store_ask(txn, action, image->id, inputs, &ask));
	for (size_t i = 0; i < list.count; i++) {
		const struct asked *asked = &list.items[i];
		int64_t row = 0;

		/* Only who must still answer gets a row; that the author agreed is the ask itself. */
		if (asked->agreed || missing_of(action, &list, asked->subject) == 0)
			continue;
		TRY(store_asked(txn, ask, asked, &row));
		TRY(tell_one(txn, action, image->id, asked->party, asked->role, asked->place, row));
	}
	if (action->ask_within_ms > 0)
		TRY(schedule_row(txn, action->reg, image->id, NULL, ask, txn->now + action->ask_within_ms));
	return OK;
}

/* ---- answers ---- */

struct open_ask {
	int64_t id, record, account, party;
	const struct action *action;
	const char *args;
};

static enum error
load_ask(struct txn *txn, const struct query *query, struct open_ask *ret_ask)
{
	const struct reg *reg = pack_reg_by_code(txn->registry->pack, column_integer(query, 1));

	*ret_ask = (struct open_ask){ .id = column_integer(query, 0),
				      .record = column_integer(query, 2),
				      .args = arena_text(txn->arena, column_text(query, 4)),
				      .account = column_integer(query, 5),
				      .party = column_integer(query, 6),
				      .action = reg == NULL ? NULL : reg_action(reg, column_text(query, 3)) };
	/* An edition that took the action away closes its asks when it is installed. */
	return ret_ask->action == NULL ? ERR_GONE : OK;
}

struct open_asks {
	struct open_ask *items;
	size_t count, capacity;
};

#define ASK_COLUMNS "a.id, a.reg, a.record, a.action, a.args, a.account, a.party"

/* Asks that may still be answered: of the link, or of the record. */
static enum error
find_asks(struct txn *txn, const struct act *act, struct open_asks *ret_asks)
{
	static const char by_record[] =
		"SELECT " ASK_COLUMNS " FROM sys_ask a WHERE a.record = $1 AND a.outcome IS NULL"
		" AND (a.until_at IS NULL OR a.until_at > $2) ORDER BY a.id";
	static const char by_link[] = "SELECT " ASK_COLUMNS " FROM sys_ask a JOIN sys_ask_party p ON p.ask = a.id"
				      " WHERE p.link_hash = $1 AND p.answer IS NULL AND a.outcome IS NULL"
				      " AND (a.until_at IS NULL OR a.until_at > $2)";
	AUTO(query_free) struct query *query = db_query(txn->db, act->link_hash != NULL ? by_link : by_record);
	enum error e;

	if (act->link_hash != NULL)
		bind_bytes(query, 1, act->link_hash, 32);
	else
		bind_integer(query, 1, act->record);
	bind_integer(query, 2, txn->now);
	while ((e = query_step(query)) == OK) {
		struct open_ask ask = { 0 };

		TRY(load_ask(txn, query, &ask));
		if (act->action == NULL || act->action == ask.action)
			*ARENA_PUSH(txn->arena, ret_asks->items, ret_asks->count, ret_asks->capacity) = ask;
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

struct asked_row {
	int64_t id, party, role_code, place;
	bool has_role;
};

static bool
holds_role(const struct txn *txn, const struct asked_row *row)
{
	const struct role *role = pack_role_by_code(txn->registry->pack, row->role_code);

	return role != NULL && actor_role(txn->actor, txn->registry->pack, role, row->place) != NULL;
}

/* May this answer be given for this row? `linked` is the party of the link. */
static bool
answers_row(struct txn *txn, const struct act *act, const struct open_ask *ask, const struct asked_row *row,
	    int64_t linked)
{
	bool another = ask->action->not_author;

	if (act->way == ANSWER_LINK)
		return !row->has_role && row->party == linked && !(another && row->party == ask->party);
	if (another && txn->actor->account == ask->account)
		return false;
	if (act->way == ANSWER_COUNTER)
		return !row->has_role && row->party == act->answer_for;
	if (party_is_restricted(txn, ask->action))
		return false;
	if (row->has_role)
		return holds_role(txn, row);
	return (txn->on_behalf == 0 || row->party == txn->on_behalf) &&
	       party_is_mine(txn, ask->action->reg, row->party);
}

static enum error
mark_answered(struct txn *txn, const struct act *act, int64_t row)
{
	static const char *const ways[] = { "account", "link", "counter" };
	AUTO(query_free)
	struct query *query = db_query(
		txn->db, "UPDATE sys_ask_party SET answer = $2, answered_at = $3, way = $4, account = $5, paper = $6,"
			 " link_hash = NULL WHERE id = $1");

	bind_integer(query, 1, row);
	bind_integer(query, 2, act->kind == ACT_AGREE);
	bind_integer(query, 3, txn->now);
	bind_text(query, 4, ways[act->way]);
	bind_integer(query, 5, act->way == ANSWER_LINK ? 0 : txn->actor->account);
	bind_text(query, 6, act->paper);
	return query_run(query);
}

struct asked_rows {
	struct asked_row *items;
	size_t count, capacity;
};

/* Who has not answered yet; *ret_linked: whose the link is. */
static enum error
load_rows(struct txn *txn, const struct act *act, const struct open_ask *ask, struct asked_rows *ret_rows,
	  int64_t *ret_linked)
{
	AUTO(query_free)
	struct query *query = db_query(txn->db, "SELECT id, party, role, place, link_hash FROM sys_ask_party WHERE ask "
						"= $1 AND answer IS NULL ORDER BY id");
	enum error e;

	bind_integer(query, 1, ask->id);
	while ((e = query_step(query)) == OK) {
		struct asked_row row = { .id = column_integer(query, 0),
					 .party = column_integer(query, 1),
					 .has_role = !column_is_null(query, 2),
					 .role_code = column_integer(query, 2),
					 .place = column_integer(query, 3) };
		size_t bytes = 0;
		const void *hash = column_bytes(query, 4, &bytes);

		if (act->link_hash != NULL && bytes == 32 && memcmp(hash, act->link_hash, 32) == 0)
			*ret_linked = row.party;
		*ARENA_PUSH(txn->arena, ret_rows->items, ret_rows->count, ret_rows->capacity) = row;
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
answer_rows(struct txn *txn, const struct act *act, const struct open_ask *ask, size_t *ret_answered)
{
	struct asked_rows rows = { 0 };
	int64_t linked = 0;

	*ret_answered = 0;
	TRY(load_rows(txn, act, ask, &rows, &linked));
	for (size_t i = 0; i < rows.count; i++) {
		if (!answers_row(txn, act, ask, &rows.items[i], linked))
			continue;
		TRY(mark_answered(txn, act, rows.items[i].id));
		/* Whose consent it is, for the entry's detail and for $me of what follows a refusal. */
		txn->me = rows.items[i].party;
		++*ret_answered;
	}
	return OK;
}

/* A clerk records answers at the counter where the record belongs, with the number of the signed paper. */
static enum error
take_counter(struct txn *txn, const struct act *act, const struct open_ask *ask)
{
	const struct image *image = NULL;

	if (act->way != ANSWER_COUNTER)
		return OK;
	if (act->paper == NULL || *act->paper == '\0')
		return problem_add(txn->problem, ERR_BAD_INPUT, "paper", MSG_PAPER_NEEDED, NULL, NULL);
	if (txn->actor->is_console)
		return OK;
	TRY(image_load(txn, ask->action->reg, ask->record, &image));
	txn->role = party_at_counter(txn->registry, txn->db, txn->arena, txn->actor, image, txn->now);
	return txn->role != NULL ? OK : problem_add(txn->problem, ERR_FORBIDDEN, NULL, MSG_OTHER_TERRITORY, NULL, NULL);
}

/* The first of the asks in which somebody is asked for whom the actor may answer. */
static enum error
answer_one(struct txn *txn, const struct act *act, const struct open_asks *asks, const struct open_ask **ret_ask)
{
	size_t answered = 0;

	for (size_t i = 0; i < asks->count && answered == 0; i++) {
		TRY(take_counter(txn, act, &asks->items[i]));
		TRY(answer_rows(txn, act, &asks->items[i], &answered));
		*ret_ask = &asks->items[i];
	}
	return answered > 0 ? OK : ERR_NOT_FOUND;
}

/* Does the record name the actor, or is it a clerk's to know? */
static enum error
may_know(struct txn *txn, const struct act *act, bool *ret_may)
{
	const struct image *image = NULL;
	struct parties named = { 0 };

	*ret_may = actor_can(txn->actor, CAN_COUNTER);
	enum error e = *ret_may ? ERR_NOT_FOUND : image_load(txn, act->reg, act->record, &image);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	for (size_t i = 0; i < act->reg->party_count; i++)
		TRY(party_ids(txn->registry, txn->db, txn->arena, &act->reg->parties[i], image, &named));
	for (size_t i = 0; i < named.count; i++)
		*ret_may |= party_is_mine(txn, act->reg, named.ids[i]);
	return OK;
}

/* Is anybody asked by name, who could stand at a counter? */
static bool
asks_parties(const struct open_asks *asks)
{
	for (size_t i = 0; i < asks->count; i++)
		for (size_t k = 0; k < asks->items[i].action->ask_count; k++) {
			enum subject_kind kind = asks->items[i].action->asks[k].subject.kind;

			if (kind == SUBJECT_PARTY || kind == SUBJECT_ARGUMENT)
				return true;
		}
	return false;
}

/* Whether anything is or was asked on a record is nothing for strangers. */
static enum error
refuse_answer(struct txn *txn, const struct act *act, const struct open_asks *asks)
{
	bool may = act->link_hash != NULL, is_open = asks->count > 0;

	if (!may && !is_open)
		TRY(may_know(txn, act, &may));
	if (may && !is_open)
		return problem_add(txn->problem, ERR_GONE, NULL, MSG_ASK_CLOSED, NULL, NULL);
	/* A clerk who is not asked means somebody who stands before them. */
	if (asks_parties(asks) && act->way == ANSWER_ACCOUNT && actor_can(txn->actor, CAN_COUNTER) &&
	    txn->actor->party == 0)
		return problem_add(txn->problem, ERR_BAD_INPUT, "party", MSG_REQUIRED, NULL, NULL);
	return problem_add(txn->problem, ERR_FORBIDDEN, NULL, MSG_NOT_ASKED, NULL, NULL);
}

static enum error
count_missing(struct txn *txn, const struct open_ask *ask, size_t *ret_missing)
{
	AUTO(query_free)
	struct query *query = db_query(
		txn->db, "SELECT subject, count(*), count(answer) FROM sys_ask_party WHERE ask = $1 GROUP BY subject");
	size_t missing = 0;
	enum error e;

	bind_integer(query, 1, ask->id);
	while ((e = query_step(query)) == OK) {
		size_t subject = (size_t)column_integer(query, 0);
		int64_t asked = column_integer(query, 1), answered = column_integer(query, 2);
		bool enough = subject < ask->action->ask_count && !ask->action->asks[subject].all && answered > 0;

		missing += enough ? 0 : (size_t)(asked - answered);
	}
	*ret_missing = missing;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
close_ask(struct txn *txn, int64_t ask, const char *outcome)
{
	AUTO(query_free) struct query *query = db_query(txn->db, "UPDATE sys_ask SET outcome = $2 WHERE id = $1");

	bind_integer(query, 1, ask);
	bind_text(query, 2, outcome);
	return query_run(query);
}

/* All have agreed: the action runs with the arguments and for the party of then. */
static enum error
run_agreed(struct txn *txn, const struct open_ask *ask)
{
	struct input *inputs = NULL;
	int64_t record = 0, answered_for = txn->me;

	TRY(close_ask(txn, ask->id, "agreed"));
	TRY(args_parse(txn->arena, ask->action, ask->args, &inputs));
	txn->me = ask->party;
	TRY(action_run(txn, ask->action, ask->record, inputs, BY_CONSENT, &record));
	txn->me = answered_for;
	return OK;
}

/* What the pack names for a refusal or for silence. ERR_GUARD and other answers: it cannot be now. */
static enum error
run_instead(struct txn *txn, const struct action *then, int64_t record, const char *reason)
{
	struct input *inputs = arena_array_of(txn->arena, struct input, then->arg_count + 1);
	const struct field *why = action_arg(then, "reason");
	int64_t made = 0;

	if (why != NULL && why->type == FIELD_TEXT && reason != NULL)
		inputs[why->index] =
			(struct input){ .kind = INPUT_VALUE, .values = { value_text(reason) }, .value_count = 1 };
	TRY(db_savepoint(txn->db, SAVEPOINT_TRIAL));
	enum error e = action_run(txn, then, record, inputs, BY_STEP, &made);

	if (e != OK && error_http(e) >= 500)
		return e;
	if (e != OK) {
		TRY(db_rollback_to(txn->db, SAVEPOINT_TRIAL));
		problem_init(txn->problem, txn->arena);
		txn->change_count = 0;
		txn->steps = txn->depth = 0;
	}
	TRY(db_release(txn->db, SAVEPOINT_TRIAL));
	return e;
}

/* Refused, or nobody answered: the action named for it, or the built-in end of a pending record. A refusal always
 * counts and an ask always ends, also when what the pack names for it cannot be. */
static enum error
run_unanswered(struct txn *txn, const struct open_ask *ask, const char *outcome, const struct action *then,
	       const char *state, const char *reason)
{
	const struct image *image = NULL, *after = NULL;
	enum error e = ERR_GUARD;

	assert(txn->change_count == 0);
	TRY(close_ask(txn, ask->id, outcome));
	TRY(image_load(txn, ask->action->reg, ask->record, &image));
	if (then != NULL)
		e = run_instead(txn, then, ask->record, reason);
	if (e == OK || error_http(e) >= 500)
		return e;
	if (strcmp(image_state(image), "pending") == 0)
		return action_set_state(txn, image, state, &after);
	txn_change(txn, image, image, LEDGER_CHANGE);
	return OK;
}

enum error
consent_withdraw(struct txn *txn, const struct image *after)
{
	AUTO(query_free)
	struct query *query =
		db_query(txn->db, "SELECT " ASK_COLUMNS
				  " FROM sys_ask a WHERE a.record = $1 AND a.outcome IS NULL ORDER BY a.id");
	struct open_asks asks = { 0 };
	enum error e;

	bind_integer(query, 1, after->id);
	while ((e = query_step(query)) == OK) {
		struct open_ask ask = { 0 };

		TRY(load_ask(txn, query, &ask));
		if (!action_waits_in(ask.action, image_state(after)))
			*ARENA_PUSH(txn->arena, asks.items, asks.count, asks.capacity) = ask;
	}
	for (size_t i = 0; i < asks.count; i++)
		TRY(close_ask(txn, asks.items[i].id, "withdrawn"));
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
consent_answer(struct txn *txn, struct act *act, int64_t *ret_record)
{
	struct open_asks asks = { 0 };
	const struct open_ask *ask = NULL;
	const struct image *image = NULL;
	size_t missing = 0;

	TRY(find_asks(txn, act, &asks));
	enum error e = answer_one(txn, act, &asks, &ask);

	if (e == ERR_NOT_FOUND)
		return refuse_answer(txn, act, &asks);
	if (e != OK)
		return e;
	*ret_record = ask->record;
	act->action = ask->action;
	act->reg = ask->action->reg;
	if (act->kind == ACT_REFUSE)
		return run_unanswered(txn, ask, "refused", ask->action->refused, "refused", act->reason);
	TRY(count_missing(txn, ask, &missing));
	if (missing == 0)
		return run_agreed(txn, ask);
	txn->waiting = true;
	txn->asked = missing;
	TRY(image_load(txn, ask->action->reg, ask->record, &image));
	txn_change(txn, image, image, LEDGER_CHANGE);
	return OK;
}

enum error
consent_silent(struct txn *txn, int64_t ask_id)
{
	AUTO(query_free)
	struct query *query =
		db_query(txn->db, "SELECT " ASK_COLUMNS " FROM sys_ask a WHERE a.id = $1 AND a.outcome IS NULL");
	struct open_ask ask = { 0 };

	bind_integer(query, 1, ask_id);
	enum error e = query_one(query);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(load_ask(txn, query, &ask));
	return run_unanswered(txn, &ask, "silent", ask.action->silent, "lapsed", NULL);
}
