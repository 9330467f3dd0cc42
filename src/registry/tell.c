/* tell.c - messages and effects are kept with the act that causes them; sending is the outbox's. */
#include <string.h>
#include "registry/engine.h"

enum error
tell_one(struct txn *txn, const struct action *action, int64_t record, int64_t party, const struct role *role,
	 int64_t place, int64_t ask_party)
{
	AUTO(query_free)
	struct query *query = db_query(
		txn->db, "INSERT INTO sys_message (id, party, role, place, reg, record, action, ask_party, created_at)"
			 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

	bind_integer(query, 1, registry_new_id(txn->registry));
	bind_integer(query, 2, party);
	if (role != NULL) {
		bind_integer(query, 3, role->code);
		bind_integer(query, 4, place);
	}
	bind_integer(query, 5, action->reg->code);
	bind_integer(query, 6, record);
	bind_text(query, 7, action->name);
	if (ask_party != 0)
		bind_integer(query, 8, ask_party);
	bind_integer(query, 9, txn->now);
	txn->registry->outbox_waiting = true;
	return query_run(query);
}

static enum error
tell_role(struct txn *txn, const struct action *action, const struct role *role, const struct image *image)
{
	int64_t place = 0;

	if (role == NULL)
		return OK;
	TRY(image_territory(txn->registry, txn->db, txn->arena, image, txn->now, &place));
	return tell_one(txn, action, image->id, 0, role, place, 0);
}

enum error
tell_parties(struct txn *txn, const struct action *action, const struct image *image, const struct input *inputs)
{
	struct parties told = { 0 };

	for (size_t i = 0; i < action->tell_count; i++) {
		const struct subject *subject = &action->tells[i];

		if (subject->kind == SUBJECT_PARTY) {
			TRY(party_ids(txn->registry, txn->db, txn->arena, subject->party, image, &told));
		} else if (subject->kind == SUBJECT_ARGUMENT) {
			const struct input *input = inputs == NULL ? NULL : &inputs[subject->field->index];

			if (input != NULL && input->kind == INPUT_VALUE && input->values[0].kind == VALUE_INTEGER)
				*ARENA_PUSH(txn->arena, told.ids, told.count, told.capacity) = input->values[0].integer;
		} else if (subject->kind == SUBJECT_ROLE_FIELD) {
			const struct value *name = image_value(image, subject->field);

			TRY(tell_role(txn, action,
				      name->kind == VALUE_TEXT ? pack_role(txn->registry->pack, name->text) : NULL,
				      image));
		} else {
			TRY(tell_role(txn, action, subject->role, image));
		}
	}
	for (size_t i = 0; i < told.count; i++) {
		bool known = false;

		for (size_t k = 0; k < i; k++)
			known |= told.ids[k] == told.ids[i];
		/* Nobody is told of what they did themselves a moment ago: the answer told them. */
		if (!known && told.ids[i] != txn->me)
			TRY(tell_one(txn, action, image->id, told.ids[i], NULL, 0, 0));
	}
	return OK;
}

enum error
give_effects(struct txn *txn, const struct action *action, int64_t record)
{
	for (size_t i = 0; i < action->give_count; i++) {
		/* The receipt is the answer itself. */
		if (strcmp(action->gives[i], "receipt") == 0)
			continue;
		AUTO(query_free)
		struct query *query = db_query(txn->db, "INSERT INTO sys_effect (id, kind, event, reg, record, "
							"created_at) VALUES ($1, $2, $3, $4, $5, $6)");

		bind_integer(query, 1, registry_new_id(txn->registry));
		bind_text(query, 2, action->gives[i]);
		bind_bytes(query, 3, txn->event, sizeof(txn->event));
		bind_integer(query, 4, action->reg->code);
		bind_integer(query, 5, record);
		bind_integer(query, 6, txn->now);
		TRY(query_run(query));
	}
	return OK;
}
