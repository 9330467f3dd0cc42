#include "registry/official.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/random.h"
#include "registry/engine.h"

enum { CASE_BYTES_MAX = 64, HOUR_MS = 3600 * 1000 };

const char *
official_kind_name(enum official_kind kind)
{
	static const char *const names[] = {
		[OFFICIAL_LOOKUP] = "lookup", [OFFICIAL_HIT] = "hit",       [OFFICIAL_SEARCH] = "search",
		[OFFICIAL_ACT] = "act",       [OFFICIAL_REPORT] = "report", [OFFICIAL_REVEAL] = "reveal"
	};

	return names[kind];
}

struct official_use
official_use_of(enum official_kind kind, const struct actor *actor, const struct held_role *held, int64_t now)
{
	return (struct official_use){ .kind = kind,
				      .at = now,
				      .account = actor->account,
				      .official = actor->party,
				      .role = held == NULL ? NULL : held->role->name,
				      .place = held == NULL ? 0 : held->place };
}

/* ---- what is asked first ---- */

bool
official_may(const struct actor *actor, const struct held_role *held, const struct purpose *purpose)
{
	if ((held->role->can & CAN_LOOKUPS) == 0 || !actor_counts(actor, held))
		return false;
	for (size_t i = 0; purpose != NULL && i < held->role->purpose_count; i++)
		if (held->role->purposes[i] == purpose)
			return true;
	return purpose == NULL;
}

const struct held_role *
official_role(const struct actor *actor, const struct purpose *purpose)
{
	for (size_t i = 0; i < actor->role_count; i++)
		if (official_may(actor, &actor->roles[i], purpose))
			return &actor->roles[i];
	return NULL;
}

enum error
official_check(const struct actor *actor, const struct purpose *purpose, const char **case_text,
	       struct problem *problem)
{
	if (official_role(actor, NULL) == NULL)
		return problem_add(problem, ERR_FORBIDDEN, NULL, MSG_MAY_NOT, NULL, NULL);
	if (purpose == NULL)
		return problem_add(problem, ERR_BAD_INPUT, "purpose", MSG_PURPOSE, "", NULL);
	size_t bytes = *case_text == NULL ? 0 : strlen(*case_text);

	if ((purpose->needs_case && bytes == 0) || bytes > CASE_BYTES_MAX)
		return problem_add(problem, ERR_BAD_INPUT, "case", MSG_CASE, NULL, NULL);
	if (bytes == 0)
		*case_text = NULL;
	return OK;
}

/* ---- the running hour ---- */

/* What one account did within the hour before its last attempt, oldest first. */
struct hour {
	int64_t *times;
	size_t count, capacity;
};

struct official_hours {
	struct map at[2]; /* account -> position in `items`, of look-ups and of searches */
	struct hour *items;
	size_t count, capacity;
	/* Which hours the running transaction has counted into; `mark`: how many when its running job began. */
	size_t *taken;
	size_t taken_count, taken_capacity, mark;
};

static struct map *
map_of(struct official_hours *hours, enum ledger_kind kind)
{
	return &hours->at[kind == LEDGER_SEARCH];
}

static struct hour *
hour_of(struct official_hours *hours, int64_t account, enum ledger_kind kind)
{
	struct map *map = map_of(hours, kind);
	const uint64_t *found = map_get(map, (uint64_t)account);

	if (found != NULL)
		return &hours->items[*found];
	struct hour *hour = ARRAY_PUSH(hours->items, hours->count, hours->capacity);

	*hour = (struct hour){ 0 };
	map_put(map, (uint64_t)account, hours->count - 1);
	return hour;
}

static void
forget_before(struct hour *hour, int64_t from)
{
	size_t old = 0;

	while (old < hour->count && hour->times[old] <= from)
		old++;
	if (old == 0)
		return;
	hour->count -= old;
	memmove(hour->times, hour->times + old, hour->count * sizeof(*hour->times));
}

static size_t
limit_of(const struct role *role, enum ledger_kind kind)
{
	return (size_t)(kind == LEDGER_SEARCH ? role->searches_an_hour : role->lookups_an_hour);
}

/* Counts one unless the limit is reached; false with the instant from which there is room again. */
static bool
take(struct hour *hour, size_t limit, int64_t now, int64_t *ret_free_at)
{
	forget_before(hour, now - HOUR_MS);
	if (hour->count >= limit) {
		*ret_free_at = hour->times[hour->count - limit] + HOUR_MS;
		return false;
	}
	*ARRAY_PUSH(hour->times, hour->count, hour->capacity) = now;
	return true;
}

enum error
official_allow(struct registry *registry, const struct actor *actor, const struct held_role *held,
	       enum ledger_kind kind, int64_t now, struct problem *problem)
{
	struct official_hours *hours = registry->official_hours;
	size_t limit = held == NULL ? 0 : limit_of(held->role, kind);
	int64_t free_at = 0;
	char seconds[24], most[24];

	if (limit == 0)
		return OK;
	struct hour *hour = hour_of(hours, actor->account, kind);

	if (take(hour, limit, now, &free_at)) {
		*ARRAY_PUSH(hours->taken, hours->taken_count, hours->taken_capacity) = (size_t)(hour - hours->items);
		return OK;
	}
	snprintf(seconds, sizeof(seconds), "%lld", (long long)((free_at - now) / 1000 + 1));
	snprintf(most, sizeof(most), "%zu", limit);
	return problem_add(problem, ERR_LIMITED, NULL, MSG_HOURLY_LIMIT, seconds, most);
}

/* ---- what follows the transaction ---- */

void
official_hours_mark(struct official_hours *hours)
{
	hours->mark = hours->taken_count;
}

/* The newest of an hour is the last that was counted into it. */
void
official_hours_undo_to_mark(struct official_hours *hours)
{
	while (hours->taken_count > hours->mark) {
		struct hour *hour = &hours->items[hours->taken[--hours->taken_count]];

		if (hour->count > 0)
			hour->count--;
	}
}

void
official_hours_committed(struct official_hours *hours)
{
	hours->taken_count = hours->mark = 0;
}

void
official_hours_undone(struct official_hours *hours)
{
	hours->mark = 0;
	official_hours_undo_to_mark(hours);
}

/* What was done in the hour before `now`, counted as it was then: an act that shows several people is one, and what
 * came while the limit was reached counted for nothing. An hour more is read, so that this is known of each. */
enum error
official_hours_load(const struct pack *pack, struct db *db, int64_t now, struct official_hours **ret_hours)
{
	AUTO(official_hours_free) struct official_hours *hours = calloc(1, sizeof(*hours));
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT account, at, kind, max(role) FROM official_use WHERE at > $1 "
					   "AND kind IN ('lookup', 'search') GROUP BY account, at, kind ORDER BY at");
	int64_t free_at = 0;
	enum error e;

	if (hours == NULL)
		return ERR_NO_MEMORY;
	bind_integer(query, 1, now - 2 * HOUR_MS);
	while ((e = query_step(query)) == OK) {
		const struct role *role = pack_role(pack, column_text(query, 3));
		enum ledger_kind kind = strcmp(column_text(query, 2), "search") == 0 ? LEDGER_SEARCH : LEDGER_LOOKUP;
		size_t limit = role == NULL ? 0 : limit_of(role, kind);

		if (limit > 0)
			(void)take(hour_of(hours, column_integer(query, 0), kind), limit, column_integer(query, 1),
				   &free_at);
	}
	if (e != ERR_NOT_FOUND)
		return e;
	*ret_hours = TAKE(hours);
	return OK;
}

void
official_hours_free(struct official_hours *hours)
{
	if (hours == NULL)
		return;
	for (size_t i = 0; i < hours->count; i++)
		free(hours->items[i].times);
	free(hours->items);
	free(hours->taken);
	map_done(&hours->at[0]);
	map_done(&hours->at[1]);
	free(hours);
}

/* ---- rows ---- */

/* Thirty-one bits: a positive number for both databases. */
static int64_t
draw_lot(void)
{
	uint32_t lot = 0;

	random_bytes(&lot, sizeof(lot));
	return lot >> 1;
}

static int64_t
shown_at(const struct registry *registry, const struct official_use *use)
{
	const struct purpose *purpose = use->purpose == NULL ? NULL : pack_purpose(registry->pack, use->purpose);

	if (use->shown_at != 0)
		return use->shown_at;
	return use->at + (purpose == NULL || use->person == 0 ? 0 : purpose->defer_ms);
}

static bool
is_limited(const struct registry *registry, const struct official_use *use)
{
	const struct role *role = use->role == NULL ? NULL : pack_role(registry->pack, use->role);
	enum ledger_kind kind = use->kind == OFFICIAL_LOOKUP ? LEDGER_LOOKUP : LEDGER_SEARCH;
	size_t limit = role == NULL || use->kind >= OFFICIAL_ACT ? 0 : limit_of(role, kind);

	return limit > 0 && hour_of(registry->official_hours, use->account, kind)->count >= limit;
}

enum error
official_note(struct registry *registry, struct db *db, const struct official_use *use)
{
	AUTO(query_free)
	struct query *query = db_query(
		db, "INSERT INTO official_use (id, at, shown_at, kind, account, official, role, place, "
		    "purpose, case_text, reg, record, person, outside, refused, limited, finding, lot) "
		    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)");
	struct value purpose = value_text(use->purpose), case_text = value_text(use->case_text);

	assert(use->index < ledger_size(registry->ledger));
	bind_integer(query, 1, (int64_t)use->index);
	bind_integer(query, 2, use->at);
	bind_integer(query, 3, shown_at(registry, use));
	bind_text(query, 4, official_kind_name(use->kind));
	bind_integer(query, 5, use->account);
	bind_integer(query, 6, use->official);
	bind_text(query, 7, use->role == NULL ? "" : use->role);
	bind_integer(query, 8, use->place);
	bind_value(query, 9, &purpose);
	bind_value(query, 10, &case_text);
	bind_text(query, 11, use->reg == NULL ? "" : use->reg);
	bind_integer(query, 12, use->record);
	bind_integer(query, 13, use->person);
	bind_integer(query, 14, use->outside);
	bind_integer(query, 15, use->refused);
	bind_integer(query, 16, is_limited(registry, use));
	bind_integer(query, 17, use->finding);
	bind_integer(query, 18, draw_lot());
	return query_run(query);
}

enum error
official_reveal(struct db *db, uint64_t hidden, uint64_t index, int64_t now)
{
	AUTO(query_free)
	struct query *query =
		db_query(db, "INSERT INTO official_use (id, at, shown_at, kind, account, official, role, place, "
			     "purpose, case_text, reg, record, person, outside, refused, limited, finding, lot) "
			     "SELECT $2, at, $3, 'reveal', account, official, role, place, purpose, case_text, reg, "
			     "record, person, outside, refused, limited, finding, $4 FROM official_use WHERE id = $1");

	bind_integer(query, 1, (int64_t)hidden);
	bind_integer(query, 2, (int64_t)index);
	bind_integer(query, 3, now);
	bind_integer(query, 4, draw_lot());
	return query_run(query);
}
