#include "cli/demo_plan.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/day.h"
#include "base/map.h"
#include "base/strbuf.h"

static const char *const plan_words[] = { "names", "cities", "villages", "born", "abroad", "steps", "accounts" };
static const char *const step_words[] = { "do",    "agree", "refuse", "into",    "on",  "each",
					  "count", "slice", "as",     "foreign", "with" };
static const char *const account_words[] = { "of", "field", "place", "role" };

struct plan_reading {
	struct arena *arena;
	const struct pack *pack;
	struct problem *problem;
	struct demo_plan *plan;
	size_t pool_capacity;
};

static enum error
wrong(const struct plan_reading *reading, int line, enum message message, const char *first)
{
	return problem_add_at(reading->problem, ERR_BAD_INPUT, "demo.yaml", line, 0, message,
			      (const char *const[3]){ first, NULL, NULL });
}

static enum error
check_words(const struct plan_reading *reading, const struct node *map, const char *const *words, size_t count)
{
	enum error e = OK;

	if (map == NULL || map->kind != NODE_MAP)
		return wrong(reading, map == NULL ? 1 : map->line, MSG_WRONG_KIND, "{…}");
	for (size_t i = 0; i < map->count; i++) {
		size_t k = 0;

		while (k < count && strcmp(map->keys[i], words[k]) != 0)
			k++;
		if (k == count)
			e = wrong(reading, map->key_lines[i], MSG_NOT_ALLOWED_HERE, map->keys[i]);
	}
	return e;
}

static struct demo_pool *
find_pool(const struct demo_plan *plan, const char *name)
{
	for (size_t i = 0; name != NULL && i < plan->pool_count; i++)
		if (strcmp(plan->pools[i]->name, name) == 0)
			return plan->pools[i];
	return NULL;
}

const struct demo_pool *
demo_plan_pool(const struct demo_plan *plan, const char *name)
{
	return find_pool(plan, name);
}

/* Several steps may fill one pool when they make it by the same action. */
static enum error
read_into(struct plan_reading *reading, const struct node *node, struct demo_step *step)
{
	const char *name = node_text(node, "into");
	struct demo_pool *pool = find_pool(reading->plan, name);

	if (name == NULL)
		return OK;
	if (pool != NULL && pool->action != step->action)
		return wrong(reading, node->line, MSG_NOT_ALLOWED_HERE, name);
	if (pool == NULL) {
		pool = arena_new_of(reading->arena, struct demo_pool);
		*pool = (struct demo_pool){ .name = name, .reg = step->action->reg, .action = step->action };
		*ARENA_PUSH(reading->arena, reading->plan->pools, reading->plan->pool_count, reading->pool_capacity) =
			pool;
	}
	step->into = pool;
	return OK;
}

static enum error
read_pool(struct plan_reading *reading, const struct node *node, const char *word, const struct demo_pool **ret_pool)
{
	const char *name = node_text(node, word);

	*ret_pool = find_pool(reading->plan, name);
	return name != NULL && *ret_pool == NULL ? wrong(reading, node->line, MSG_CSV_KEY, name) : OK;
}

static enum error
read_action(struct plan_reading *reading, const struct node *node, struct demo_step *step)
{
	static const char *const kinds[] = { [DEMO_DO] = "do", [DEMO_AGREE] = "agree", [DEMO_REFUSE] = "refuse" };
	const char *name = NULL;

	for (size_t i = 0; name == NULL && i < ARRAY_COUNT(kinds); i++) {
		name = node_text(node, kinds[i]);
		step->kind = (enum demo_kind)i;
	}
	const char *dot = name == NULL ? NULL : strchr(name, '.');
	const struct reg *reg =
		dot == NULL ? NULL : pack_reg(reading->pack, arena_copy(reading->arena, name, (size_t)(dot - name)));

	step->action = reg == NULL ? NULL : reg_action(reg, dot + 1);
	return step->action == NULL ? wrong(reading, node->line, MSG_NOT_ALLOWED_HERE, name == NULL ? "?" : name) : OK;
}

static enum error
read_slice(struct plan_reading *reading, const struct node *node, struct demo_step *step)
{
	const struct node *slice = node_get(node, "slice");

	step->slice_until = 100;
	if (slice == NULL)
		return OK;
	if (slice->kind != NODE_LIST || slice->count != 2)
		return wrong(reading, slice->line, MSG_WRONG_KIND, "[0, 100]");
	step->slice_from = atoi(slice->items[0].text);
	step->slice_until = atoi(slice->items[1].text);
	return OK;
}

static enum error
read_with(struct plan_reading *reading, const struct node *node, struct demo_step *step)
{
	const struct node *with = node_get(node, "with");
	enum error e = OK;

	if (with == NULL)
		return OK;
	step->with = arena_array_of(reading->arena, struct demo_with, with->count + 1);
	for (size_t i = 0; i < with->count; i++) {
		const struct field *arg = action_arg(step->action, with->keys[i]);

		if (arg == NULL)
			e = wrong(reading, with->key_lines[i], MSG_NOT_ALLOWED_HERE, with->keys[i]);
		else
			step->with[step->with_count++] = (struct demo_with){ .arg = arg, .value = &with->items[i] };
	}
	return e;
}

static enum error
read_step(struct plan_reading *reading, const struct node *node, struct demo_step *step)
{
	const char *count = node_text(node, "count");

	*step = (struct demo_step){ .line = node->line,
				    .as = node_text(node, "as"),
				    .foreign = node_text(node, "foreign") != NULL,
				    .index = reading->plan->step_count };
	TRY(check_words(reading, node, step_words, ARRAY_COUNT(step_words)));
	TRY(read_action(reading, node, step));
	TRY(read_into(reading, node, step));
	TRY(read_pool(reading, node, "on", &step->on));
	TRY(read_pool(reading, node, "each", &step->each));
	TRY(read_slice(reading, node, step));
	step->count = count == NULL ? 0 : atof(count);
	if ((step->on == NULL) == (step->kind != DEMO_DO || step->action->new_state == NULL))
		return wrong(reading, node->line, MSG_CSV_HEADER, "on");
	return read_with(reading, node, step);
}

static enum error
read_accounts(struct plan_reading *reading, const struct node *accounts)
{
	enum error e = OK;

	reading->plan->accounts = arena_array_of(reading->arena, struct demo_account, accounts->count + 1);
	for (size_t i = 0; i < accounts->count; i++) {
		const struct node *node = &accounts->items[i];
		struct demo_account *account = &reading->plan->accounts[reading->plan->account_count++];

		const char *role = node_text(node, "role");

		*account = (struct demo_account){ .name = accounts->keys[i],
						  .role = role == NULL ? accounts->keys[i] : role,
						  .field = node_text(node, "field"),
						  .place = node_text(node, "place"),
						  .line = accounts->key_lines[i] };
		if (check_words(reading, node, account_words, ARRAY_COUNT(account_words)) != OK ||
		    read_pool(reading, node, "of", &account->of) != OK)
			e = ERR_BAD_INPUT;
		if (pack_role(reading->pack, account->role) == NULL)
			e = wrong(reading, account->line, MSG_NOT_ALLOWED_HERE, account->role);
		if (account->place != NULL && pack_place_id(reading->pack, account->place) == 0)
			e = wrong(reading, account->line, MSG_NOT_PLACE, NULL);
	}
	return e;
}

static enum error
read_born(struct plan_reading *reading, const struct node *born)
{
	if (born == NULL || born->kind != NODE_LIST || born->count != 2)
		return wrong(reading, born == NULL ? 1 : born->line, MSG_CSV_HEADER, "born");
	reading->plan->born_from = day_from_civil(atoi(born->items[0].text), 1, 1);
	reading->plan->born_until = day_from_civil(atoi(born->items[1].text), 12, 31);
	/* Nobody who lives may be met in a demonstration. */
	if (reading->plan->born_until >= day_from_civil(1900, 1, 1) &&
	    reading->plan->born_from < day_from_civil(2060, 1, 1))
		return wrong(reading, born->line, MSG_TOO_LARGE, "1899");
	return OK;
}

static enum error
read_plan(struct plan_reading *reading, const struct node *root)
{
	struct demo_plan *plan = reading->plan;
	const struct node *abroad = node_get(root, "abroad"), *steps = node_get(root, "steps");
	const struct node *accounts = node_get(root, "accounts");
	const char *villages = node_text(root, "villages");

	TRY(check_words(reading, root, plan_words, ARRAY_COUNT(plan_words)));
	plan->names_path = node_text(root, "names");
	plan->cities_path = node_text(root, "cities");
	plan->village_share = villages == NULL ? 0 : atoi(villages);
	TRY(read_born(reading, node_get(root, "born")));
	if (plan->names_path == NULL || steps == NULL || steps->kind != NODE_LIST)
		return wrong(reading, 1, MSG_CSV_HEADER, plan->names_path == NULL ? "names" : "steps");
	plan->state_count = abroad == NULL ? 0 : abroad->count;
	plan->states = arena_array_of(reading->arena, const char *, plan->state_count + 1);
	for (size_t i = 0; i < plan->state_count; i++)
		plan->states[i] = abroad->items[i].text;
	plan->steps = arena_array_of(reading->arena, struct demo_step, steps->count + 1);
	enum error e = OK;

	for (size_t i = 0; i < steps->count; i++) {
		if (read_step(reading, &steps->items[i], &plan->steps[i]) != OK)
			e = ERR_BAD_INPUT;
		plan->step_count++;
	}
	if (accounts != NULL && read_accounts(reading, accounts) != OK)
		e = ERR_BAD_INPUT;
	return e;
}

static enum error
read_file(const char *path, struct strbuf *out)
{
	char block[8192];
	size_t got = 0;
	FILE *file = fopen(path, "rbe");

	if (file == NULL)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	while ((got = fread(block, 1, sizeof(block), file)) > 0)
		strbuf_add(out, block, got);
	bool failed = ferror(file) != 0;

	fclose(file);
	return failed ? ERR_IO : OK;
}

enum error
demo_plan_read(struct arena *arena, const struct pack *pack, const char *folder, struct problem *problem,
	       struct demo_plan *ret_plan)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	struct plan_reading reading = { .arena = arena, .pack = pack, .problem = problem, .plan = ret_plan };
	const struct node *documents = NULL;
	size_t count = 0;

	*ret_plan = (struct demo_plan){ 0 };
	TRY(read_file(arena_printf(arena, "%s/demo.yaml", folder), &text));
	TRY(node_parse_yaml(arena, "demo.yaml", text.bytes == 0 ? "" : text.text, text.bytes, problem, &documents,
			    &count));
	return read_plan(&reading, count == 0 ? NULL : &documents[0]);
}

const struct demo_account *
demo_plan_account(const struct demo_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->account_count; i++)
		if (strcmp(plan->accounts[i].name, name) == 0)
			return &plan->accounts[i];
	return NULL;
}

void
demo_plan_done(struct demo_plan *plan)
{
	for (size_t i = 0; i < plan->pool_count; i++) {
		free(plan->pools[i]->ids);
		free(plan->pools[i]->values);
	}
	*plan = (struct demo_plan){ 0 };
}

static void *
grown(void *array, size_t bytes)
{
	void *more = realloc(array, bytes);

	if (more == NULL)
		abort(); /* as in an arena */
	return more;
}

void
demo_pool_add(struct demo_pool *pool, int64_t id, const int64_t *values)
{
	size_t width = pool->action->arg_count;

	if (pool->count == pool->capacity) {
		pool->capacity = pool->capacity == 0 ? 1024 : 2 * pool->capacity;
		pool->ids = grown(pool->ids, pool->capacity * sizeof(*pool->ids));
		pool->values = grown(pool->values, pool->capacity * (width + 1) * sizeof(*pool->values));
	}
	pool->ids[pool->count] = id;
	memcpy(pool->values + pool->count * width, values, width * sizeof(*values));
	pool->count++;
}

int64_t
demo_pool_value(const struct demo_pool *pool, size_t item, const char *field)
{
	const struct field *arg = field == NULL ? NULL : action_arg(pool->action, field);

	if (field == NULL)
		return pool->ids[item];
	return arg == NULL ? DAY_NONE : pool->values[item * pool->action->arg_count + arg->index];
}
