#include <string.h>
#include "access/state.h"

static const unsigned console_abilities =
	CAN_ACCOUNTS | CAN_COUNTER | CAN_FINDINGS | CAN_STATISTICS | CAN_AUDIT | CAN_PACK | CAN_CLOCK;

static bool
counts(const struct actor *actor, const struct held_role *held)
{
	return !actor->is_token || held->role->token;
}

bool
actor_can(const struct actor *actor, enum ability ability)
{
	if (actor->is_console)
		return (console_abilities & ability) != 0;
	for (size_t i = 0; i < actor->role_count; i++)
		if (counts(actor, &actor->roles[i]) && (actor->roles[i].role->can & ability) != 0)
			return true;
	return false;
}

const struct held_role *
actor_role(const struct actor *actor, const struct pack *pack, const struct role *role, int64_t place)
{
	for (size_t i = 0; i < actor->role_count; i++) {
		const struct held_role *held = &actor->roles[i];

		if (held->role != role || !counts(actor, held))
			continue;
		if (!role->territory || place == 0 || pack_place_within(pack, place, held->place))
			return held;
	}
	return NULL;
}

static struct actor
machine_actor(int64_t account, const char *name)
{
	struct actor actor = { .account = account, .language = LANGUAGE_EN, .is_console = account == ACCOUNT_CONSOLE };

	memcpy(actor.id, name, strlen(name));
	return actor;
}

void
actor_console(struct actor *ret_actor)
{
	*ret_actor = machine_actor(ACCOUNT_CONSOLE, "console");
}

void
actor_clock(struct actor *ret_actor)
{
	*ret_actor = machine_actor(ACCOUNT_CLOCK, "clock");
}

static const char account_sql[] =
	"SELECT ledger_id, party, language, epoch, closed_at FROM access_account WHERE id = $1";
static const char roles_sql[] =
	"SELECT role, place, party FROM access_role WHERE account = $1 ORDER BY granted_at, role, place, party";

static enum error
read_roles(const struct pack *pack, struct db *db, int64_t account, struct actor *actor)
{
	AUTO(query_free) struct query *q = db_query(db, roles_sql);
	enum error e;

	bind_integer(q, 1, account);
	while ((e = query_step(q)) == OK) {
		const struct role *role = pack_role(pack, column_text(q, 0));

		/* The pack may have lost a role since it was granted. */
		if (role == NULL || actor->role_count == ACTOR_ROLES_MAX)
			continue;
		actor->roles[actor->role_count++] = (struct held_role){ .role = role,
									.place = column_integer(q, 1),
									.party = column_integer(q, 2) };
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
account_facts_read(const struct pack *pack, struct db *db, int64_t account, struct account_facts *ret_facts)
{
	AUTO(query_free) struct query *q = db_query(db, account_sql);
	struct account_facts facts = { .actor = { .account = account } };
	size_t bytes = 0;

	bind_integer(q, 1, account);
	TRY(query_one(q));
	const void *id = column_bytes(q, 0, &bytes);
	enum language language = language_parse(column_text(q, 2));

	if (id == NULL || bytes != sizeof(facts.actor.id) || language == LANGUAGE_COUNT)
		return ERR_DAMAGED;
	memcpy(facts.actor.id, id, bytes);
	facts.actor.party = column_integer(q, 1);
	facts.actor.language = language;
	facts.epoch = column_integer(q, 3);
	facts.is_open = column_is_null(q, 4);
	TRY(read_roles(pack, db, account, &facts.actor));
	*ret_facts = facts;
	return OK;
}

enum error
actor_of_account(struct access *access, struct db *db, int64_t account, struct actor *ret_actor)
{
	struct account_facts facts;

	if (account == ACCOUNT_CONSOLE) {
		actor_console(ret_actor);
		return OK;
	}
	TRY(account_facts_read(access->pack, db, account, &facts));
	if (!facts.is_open)
		return ERR_GONE;
	*ret_actor = facts.actor;
	return OK;
}
