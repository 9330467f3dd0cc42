/* load_state.c - the states of a register: which there are, and whether each can be reached. */
#include <string.h>
#include "pack/load.h"

struct states {
	struct arena *arena;
	const char **names;
	size_t count, capacity;
};

static size_t
find_state(const struct states *states, const char *name)
{
	for (size_t i = 0; i < states->count; i++)
		if (strcmp(states->names[i], name) == 0)
			return i;
	return SIZE_MAX;
}

static void
add_state(struct states *states, const char *name)
{
	if (name != NULL && find_state(states, name) == SIZE_MAX)
		*ARENA_PUSH(states->arena, states->names, states->count, states->capacity) = name;
}

/* A new record that asks waits as `pending`, and ends as `refused` or `lapsed` where no action is named. */
static void
add_waiting_states(struct states *states, const struct draft_action *draft)
{
	const struct node *asks = words_get(&draft->words, "asks");

	if (asks == NULL || draft->action->new_state == NULL)
		return;
	add_state(states, "pending");
	if (node_get(asks, "refused") == NULL)
		add_state(states, "refused");
	if (node_get(asks, "within") != NULL && node_get(asks, "silent") == NULL)
		add_state(states, "lapsed");
}

void
load_states(struct loader *loader, struct draft_reg *draft)
{
	struct states states = { .arena = loader->arena };

	for (size_t i = 0; i < draft->action_count; i++)
		add_state(&states, draft->actions[i].action->new_state);
	for (size_t i = 0; i < draft->action_count; i++)
		add_state(&states, draft->actions[i].action->to);
	for (size_t i = 0; i < draft->action_count; i++)
		if (draft->actions[i].words.node != NULL)
			add_waiting_states(&states, &draft->actions[i]);
	draft->reg->states = states.names;
	draft->reg->state_count = states.count;
}

bool
load_need_state(struct loader *loader, struct place_in_file at, const struct draft_reg *draft, const char *name)
{
	const struct reg *reg = draft->reg;
	bool sound = !draft->actions_broken;

	for (size_t i = 0; i < reg->state_count; i++)
		if (strcmp(reg->states[i], name) == 0)
			return true;
	/* A broken action may have been the one that leads there. */
	for (size_t i = 0; i < draft->action_count; i++)
		sound = sound && !draft->actions[i].words.faulty;
	if (sound)
		load_fault(loader, at, "no action of “%s” leads to the state “%.60s”%s", reg->name, name,
			   load_nearest(loader, name, reg->states, reg->state_count));
	return false;
}

static void
mark(const struct states *states, bool *reached, const char *name, bool *changed)
{
	size_t at = name == NULL ? SIZE_MAX : find_state(states, name);

	if (at == SIZE_MAX || reached[at])
		return;
	reached[at] = true;
	*changed = true;
}

static void
follow(const struct states *states, bool *reached, const struct action *action, bool *changed)
{
	bool possible = false;

	if (action->new_state != NULL) {
		mark(states, reached, action->new_state, changed);
		if (action->ask_count > 0) {
			mark(states, reached, "pending", changed);
			mark(states, reached, "refused", changed);
			mark(states, reached, "lapsed", changed);
		}
		return;
	}
	for (size_t i = 0; i < action->from_count; i++) {
		size_t at = find_state(states, action->from[i]);

		possible = possible || (at != SIZE_MAX && reached[at]);
	}
	if (possible)
		mark(states, reached, action->to, changed);
}

void
load_check_reach(struct loader *loader, const struct draft_reg *draft)
{
	const struct reg *reg = draft->reg;
	struct states states = { .names = arena_array_of(loader->arena, const char *, reg->state_count) };
	bool *reached = arena_array_of(loader->arena, bool, reg->state_count);
	bool changed = true, sound = !draft->actions_broken;

	for (states.count = 0; states.count < reg->state_count; states.count++)
		states.names[states.count] = reg->states[states.count];
	for (size_t i = 0; i < draft->action_count; i++)
		sound = sound && !draft->actions[i].broken;
	if (!sound)
		return;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < reg->action_count; i++)
			follow(&states, reached, &reg->actions[i], &changed);
	}
	for (size_t i = 0; i < reg->state_count; i++)
		if (!reached[i])
			load_warn(loader, reg->at, "no record of “%s” can come to the state “%s”", reg->name,
				  reg->states[i]);
	for (size_t i = 0; i < draft->action_count; i++)
		if (!draft->actions[i].is_run)
			load_warn(loader, reg->actions[i].at,
				  "nothing runs “%s.%s”: it has no “by”, no clock, and no step names it", reg->name,
				  reg->actions[i].name);
}
