/* party.c - who is a party of a record, and who may act for whom. */
#include <string.h>
#include "registry/engine.h"

static void
add_party(struct arena *arena, struct parties *parties, int64_t id)
{
	for (size_t i = 0; i < parties->count; i++)
		if (parties->ids[i] == id)
			return;
	*ARENA_PUSH(arena, parties->ids, parties->count, parties->capacity) = id;
}

enum error
party_ids(struct registry *registry, struct db *db, struct arena *arena, const struct party *party,
	  const struct image *image, struct parties *ret_parties)
{
	if (party->field != NULL) {
		const struct value *value = image_value(image, party->field);

		if (value->kind == VALUE_INTEGER)
			add_party(arena, ret_parties, value->integer);
		return OK;
	}
	size_t index = (size_t)(party - image->reg->parties);
	struct value record = value_integer(image->id);
	AUTO(query_free) struct query *query = db_query(db, plan_of(registry, image->reg)->party_of[index]);
	enum error e;

	bind_named(query, "record", &record);
	while ((e = query_step(query)) == OK)
		if (!column_is_null(query, 0))
			add_party(arena, ret_parties, column_integer(query, 0));
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Does an active mandate let `holder` act for `giver` about this register today? */
static bool
has_mandate(struct txn *txn, const struct reg *reg, int64_t giver, int64_t holder)
{
	const struct reg *mandate = txn->registry->pack->mandate;

	if (mandate == NULL || holder == 0)
		return false;
	bool scoped = reg_field(mandate, "scope") != NULL;
	bool ends = reg_field(mandate, "until") != NULL;
	/* The four shapes that the built-in register can have; every name in them is the engine's own. */
	static const char *const texts[2][2] = {
		{ "SELECT 1 FROM mandate WHERE holder = $1 AND giver = $2 AND state = 'active'",
		  "SELECT 1 FROM mandate WHERE holder = $1 AND giver = $2 AND state = 'active'"
		  " AND coalesce(until, $3) >= $3" },
		{ "SELECT 1 FROM mandate WHERE holder = $1 AND giver = $2 AND state = 'active'"
		  " AND coalesce(scope, $4) = $4",
		  "SELECT 1 FROM mandate WHERE holder = $1 AND giver = $2 AND state = 'active'"
		  " AND coalesce(until, $3) >= $3 AND coalesce(scope, $4) = $4" },
	};
	AUTO(query_free) struct query *query = db_query(txn->db, texts[scoped][ends]);

	bind_integer(query, 1, holder);
	bind_integer(query, 2, giver);
	if (ends)
		bind_integer(query, 3, txn->today);
	if (scoped)
		bind_text(query, 4, reg->name);
	return query_one(query) == OK;
}

bool
party_is_mine(struct txn *txn, const struct reg *reg, int64_t party)
{
	const struct actor *actor = txn->actor;

	if (party == 0)
		return false;
	if (party == actor->party)
		return true;
	for (size_t i = 0; i < actor->role_count; i++)
		if (actor->roles[i].party == party && actor_counts(actor, &actor->roles[i]))
			return true;
	return has_mandate(txn, reg, party, actor->party);
}

/* An account whose every role is held to certain actions may run no others, not even as a party. */
bool
party_is_restricted(const struct txn *txn, const struct action *action)
{
	const struct actor *actor = txn->actor;

	if (actor->role_count == 0)
		return actor->is_token;
	for (size_t i = 0; i < actor->role_count; i++) {
		const struct role *role = actor->roles[i].role;

		if (!actor_counts(actor, &actor->roles[i]))
			continue;
		if (role->only_count == 0)
			return false;
		for (size_t k = 0; k < role->only_count; k++)
			if (role->only[k] == action)
				return false;
	}
	return true;
}

static bool
act_for(struct txn *txn, const struct reg *reg, int64_t party)
{
	if (txn->on_behalf != 0 && party != txn->on_behalf)
		return false;
	if (!party_is_mine(txn, reg, party))
		return false;
	txn->me = party;
	return true;
}

static bool
act_in_role(struct txn *txn, const struct action *action, const struct role *role, const struct image *image,
	    bool *elsewhere)
{
	int64_t place = 0;

	for (size_t i = 0; i < txn->actor->role_count; i++) {
		const struct held_role *held = &txn->actor->roles[i];

		if (held->role != role || !actor_counts(txn->actor, held))
			continue;
		if (txn->on_behalf != 0 && held->party != txn->on_behalf)
			continue;
		if (held->place != 0 &&
		    image_territory(txn->registry, txn->db, txn->arena, image, txn->now, &place) != OK)
			return false;
		if (held->place != 0 && place != 0 && !pack_place_within(txn->registry->pack, place, held->place)) {
			*elsewhere = true;
			continue;
		}
		txn->role = held;
		txn->me = held->party != 0 ? held->party : txn->actor->party;
		return true;
	}
	return false;
}

static const struct role *
role_of_field(const struct txn *txn, const struct subject *subject, const struct image *image)
{
	const struct value *name = image_value(image, subject->field);

	return name->kind == VALUE_TEXT ? pack_role(txn->registry->pack, name->text) : NULL;
}

static enum error
may_as(struct txn *txn, const struct action *action, const struct subject *subject, const struct image *image,
       const struct input *inputs, bool *ret_may, bool *elsewhere)
{
	struct parties parties = { 0 };
	const struct role *role = subject->role;

	switch (subject->kind) {
	case SUBJECT_PARTY:
		TRY(party_ids(txn->registry, txn->db, txn->arena, subject->party, image, &parties));
		for (size_t i = 0; i < parties.count && !*ret_may; i++)
			*ret_may = act_for(txn, action->reg, parties.ids[i]);
		return OK;
	case SUBJECT_ARGUMENT:
		if (inputs != NULL && inputs[subject->field->index].kind == INPUT_VALUE)
			*ret_may = act_for(txn, action->reg, inputs[subject->field->index].values[0].integer);
		return OK;
	case SUBJECT_ROLE_FIELD:
		role = role_of_field(txn, subject, image);
		break;
	case SUBJECT_ROLE:
		break;
	}
	*ret_may = role != NULL && act_in_role(txn, action, role, image, elsewhere);
	return OK;
}

enum error
party_may(struct txn *txn, const struct action *action, const struct image *image, const struct input *inputs)
{
	bool may = false, elsewhere = false;

	if (txn->actor->account == ACCOUNT_CONSOLE && txn->actor->is_console) {
		txn->me = txn->on_behalf;
		return OK;
	}
	if (!party_is_restricted(txn, action))
		for (size_t i = 0; i < action->by_count && !may; i++)
			TRY(may_as(txn, action, &action->by[i], image, inputs, &may, &elsewhere));
	if (may)
		return OK;
	return problem_add(txn->problem, ERR_FORBIDDEN, NULL,
			   elsewhere             ? MSG_OTHER_TERRITORY
			   : txn->on_behalf != 0 ? MSG_NOT_ON_BEHALF
						 : MSG_MAY_NOT,
			   NULL, NULL);
}

const struct held_role *
party_at_counter(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
		 const struct image *image, int64_t now)
{
	int64_t place = 0;

	if (image_territory(registry, db, arena, image, now, &place) != OK)
		return NULL;
	for (size_t i = 0; i < actor->role_count; i++) {
		const struct held_role *held = &actor->roles[i];

		if ((held->role->can & CAN_COUNTER) != 0 && actor_counts(actor, held) &&
		    (held->place == 0 || place == 0 || pack_place_within(registry->pack, place, held->place)))
			return held;
	}
	return NULL;
}
