/* demo.c - tirkeu demo: a country of invented people, made by the pack's own actions through the engine, with law and
 * ledger, the same for the same seed. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/day.h"
#include "cli/command.h"
#include "cli/demo_value.h"
#include "cli/open.h"
#include "registry/clock.h"
#include "registry/inside.h"
#include "registry/outbox.h"
#include "registry/statistic.h"
#include "text/digest.h"
#include "text/json.h"

enum { BLOCK_ACTS = 512, BLOCKS_IN_FLIGHT = 3, ATTEMPTS_MAX = 4, PEOPLE_MAX = 20000000, STATISTIC_MONTHS = 14 };

/* Everybody may know it: a demo listens on this machine only. */
#define DEMO_PASSWORD "seven-grey-herons"

struct demo {
	struct cli *cli;
	const char *pack_folder;
	uint64_t people, seed;
	struct installation installation;
	struct demo_plan plan;
	struct demo_world *world;
	struct demo_maker maker;
	int64_t now;
	uint64_t nr; /* rows so far */
	uint64_t act_count, dropped_count;
	struct problem problem;
};

/* ---- blocks: each one transaction of its own, so that ids do not depend on how fast the disk is ---- */

struct block_act {
	struct act act;
	struct demo_row row;
	int64_t *values;
};

struct block {
	struct job job;
	struct runner *runner;
	struct arena *arena;
	struct block_act *acts;
	size_t count;
	bool in_flight;
};

struct row_list {
	struct demo_row *items;
	size_t count, capacity;
};

struct runner {
	struct demo *demo;
	const struct demo_step *step;
	struct block blocks[BLOCKS_IN_FLIGHT];
	size_t next;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	enum error failed;
	struct row_list again; /* what could not be, to be tried with other numbers */
};

static enum error
run_block(struct job *job, struct db *db)
{
	struct block *block = (struct block *)((char *)job - offsetof(struct block, job));

	for (size_t i = 0; i < block->count; i++)
		TRY(act_run_inside(&block->acts[i].act, db));
	return OK;
}

static void
block_done(struct job *job, enum error e)
{
	struct block *block = (struct block *)((char *)job - offsetof(struct block, job));
	struct runner *runner = block->runner;

	pthread_mutex_lock(&runner->lock);
	if (runner->failed == OK)
		runner->failed = e;
	block->in_flight = false;
	pthread_cond_signal(&runner->ended);
	pthread_mutex_unlock(&runner->lock);
}

static void
keep_row(struct row_list *list, const struct demo_row *row)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity == 0 ? 256 : 2 * list->capacity;
		struct demo_row *items = realloc(list->items, list->capacity * sizeof(*items));

		if (items == NULL)
			abort(); /* as in an arena */
		list->items = items;
	}
	list->items[list->count++] = *row;
}

/* Waits for a block, takes over what it made. In the order in which blocks were submitted. */
static enum error
collect_block(struct runner *runner, struct block *block)
{
	struct demo *demo = runner->demo;

	pthread_mutex_lock(&runner->lock);
	while (block->in_flight)
		pthread_cond_wait(&runner->ended, &runner->lock);
	enum error e = runner->failed;

	pthread_mutex_unlock(&runner->lock);
	if (e != OK)
		return e;
	for (size_t i = 0; i < block->count; i++) {
		struct block_act *item = &block->acts[i];

		if (item->act.result == OK) {
			demo->act_count++;
			if (runner->step->into != NULL)
				demo_pool_add(runner->step->into, item->act.ret_record, item->values);
		} else if (++item->row.attempt < ATTEMPTS_MAX && runner->step->on == NULL) {
			keep_row(&runner->again, &item->row);
		} else {
			demo->dropped_count++;
		}
	}
	block->count = 0;
	return OK;
}

static enum error
submit_block(struct runner *runner, struct block *block)
{
	if (block->count == 0)
		return OK;
	block->job = (struct job){ .run = run_block, .done = block_done, .alone = true };
	block->in_flight = true;
	enum error e = writer_submit(registry_writer(runner->demo->installation.registry), &block->job);

	if (e != OK)
		block->in_flight = false;
	runner->next = (runner->next + 1) % BLOCKS_IN_FLIGHT;
	return e;
}

/* Whose party acts or answers: an argument of the row, else a field of its item. */
static int64_t
party_of(const struct demo_step *step, const struct block_act *item)
{
	const struct field *arg = step->as == NULL ? NULL : action_arg(step->action, step->as);
	int64_t party = arg == NULL ? DAY_NONE : item->values[arg->index];

	if (party == DAY_NONE && step->as != NULL && item->row.item_pool != NULL)
		party = demo_pool_value(item->row.item_pool, item->row.item, step->as);
	return party == DAY_NONE ? 0 : party;
}

static void
fill_act(struct runner *runner, struct block_act *item, struct arena *arena, struct input *inputs)
{
	struct demo *demo = runner->demo;
	const struct demo_step *step = runner->step;
	struct act *act = &item->act;
	int64_t party = party_of(step, item);

	act_init(act, demo->installation.registry, arena, demo->now);
	actor_console(&act->actor);
	act->reg = step->action->reg;
	act->action = step->action;
	act->inputs = inputs;
	if (step->on != NULL)
		act->record = step->on->ids[item->row.item];
	if (step->kind == DEMO_DO) {
		act->on_behalf = party;
		return;
	}
	/* As at the counter: the party signed a paper. */
	act->kind = step->kind == DEMO_AGREE ? ACT_AGREE : ACT_REFUSE;
	act->way = ANSWER_COUNTER;
	act->answer_for = party;
	act->paper = arena_printf(arena, "D-%llu", (unsigned long long)item->row.nr);
}

static enum error
add_row(struct runner *runner, const struct demo_row *row)
{
	struct demo *demo = runner->demo;
	struct block *block = &runner->blocks[runner->next];
	size_t arg_count = runner->step->action->arg_count;

	if (block->count == 0) {
		arena_reset(block->arena);
		block->acts = arena_array_of(block->arena, struct block_act, BLOCK_ACTS);
	}
	struct block_act *item = &block->acts[block->count];
	struct input *inputs = arena_array_of(block->arena, struct input, arg_count + 1);
	struct input_context context = registry_input(demo->installation.registry, block->arena, demo->now);

	context.loose = true;
	item->row = *row;
	item->values = arena_array_of(block->arena, int64_t, arg_count + 1);
	TRY(demo_value_make(&demo->maker, &context, row, &demo->problem, inputs, item->values));
	fill_act(runner, item, block->arena, inputs);
	if (++block->count < BLOCK_ACTS)
		return OK;
	TRY(submit_block(runner, block));
	return collect_block(runner, &runner->blocks[runner->next]);
}

static enum error
finish_blocks(struct runner *runner)
{
	size_t first = runner->next;

	TRY(submit_block(runner, &runner->blocks[first]));
	/* The oldest first. */
	for (size_t i = 1; i <= BLOCKS_IN_FLIGHT; i++)
		TRY(collect_block(runner, &runner->blocks[(first + i) % BLOCKS_IN_FLIGHT]));
	return OK;
}

/* ---- steps ---- */

static bool
in_slice(const struct demo *demo, const struct demo_step *step, const struct demo_pool *pool, size_t item)
{
	int at = (int)(demo_random(demo->seed, 0, item, 0, pool->name) % 100);

	return step->slice_from <= at && at < step->slice_until;
}

static enum error
run_again(struct runner *runner)
{
	while (runner->again.count > 0) {
		struct row_list rows = runner->again;
		enum error e = OK;

		runner->again = (struct row_list){ 0 };
		for (size_t i = 0; e == OK && i < rows.count; i++)
			e = add_row(runner, &rows.items[i]);
		if (e == OK)
			e = finish_blocks(runner);
		free(rows.items);
		if (e != OK)
			return e;
	}
	return OK;
}

static enum error
run_rows(struct runner *runner)
{
	struct demo *demo = runner->demo;
	const struct demo_step *step = runner->step;
	const struct demo_pool *pool = step->on != NULL ? step->on : step->each;
	uint64_t count = pool != NULL ? pool->count : (uint64_t)ceil(step->count * (double)demo->people / 1000);
	const char *what = arena_printf(demo->cli->arena, "%s.%s", step->action->reg->name, step->action->name);

	for (uint64_t i = 0; i < count; i++) {
		struct demo_row row = { .step = step, .row = i, .item_pool = pool, .item = i };

		if (pool != NULL && !in_slice(demo, step, pool, i))
			continue;
		row.nr = demo->nr++;
		TRY(add_row(runner, &row));
		if (i % BLOCK_ACTS == 0 && count > 4 * BLOCK_ACTS)
			cli_progress(demo->cli, what, i, count);
	}
	TRY(finish_blocks(runner));
	cli_progress_end(demo->cli);
	return run_again(runner);
}

static enum error
run_step(struct demo *demo, const struct demo_step *step)
{
	struct runner runner = {
		.demo = demo, .step = step, .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER
	};

	for (size_t i = 0; i < BLOCKS_IN_FLIGHT; i++)
		runner.blocks[i] = (struct block){ .runner = &runner, .arena = arena_new() };
	enum error e = run_rows(&runner);

	/* After a fault others may still be with the writer. */
	pthread_mutex_lock(&runner.lock);
	for (size_t i = 0; i < BLOCKS_IN_FLIGHT; i++)
		while (runner.blocks[i].in_flight)
			pthread_cond_wait(&runner.ended, &runner.lock);
	pthread_mutex_unlock(&runner.lock);
	for (size_t i = 0; i < BLOCKS_IN_FLIGHT; i++)
		arena_free(runner.blocks[i].arena);
	free(runner.again.items);
	return e;
}

/* ---- accounts: one for each role of the pack, and those that demo.yaml names besides ---- */

struct account_job {
	struct job job;
	struct demo *demo;
	const struct role *role;
	struct held_role held;
	struct account_draft draft;
	const struct password_hash *hash;
	int64_t account;
};

static enum error
run_account(struct job *job, struct db *db)
{
	struct account_job *account = (struct account_job *)((char *)job - offsetof(struct account_job, job));
	char code[ACTIVATION_CODE_BYTES];

	return account_create(registry_access(account->demo->installation.registry), db, &account->draft, account->hash,
			      instant_now(), &account->account, code);
}

struct made_account {
	const char *name, *role, *party, *place;
	char token[TOKEN_TEXT_BYTES]; /* "" without */
};

static enum error
find_party(struct demo *demo, const struct demo_account *wish, int64_t *ret_party, const char **ret_ref)
{
	struct registry *registry = demo->installation.registry;
	AUTO(db_close) struct db *db = NULL;

	*ret_party = 0;
	*ret_ref = NULL;
	if (wish == NULL || wish->of == NULL || wish->of->count == 0)
		return OK;
	int64_t party = demo_pool_value(wish->of, 0, wish->field);

	if (party == DAY_NONE)
		return OK;
	TRY(registry_reader(registry, &db));
	const struct reg *reg = registry_party_reg(registry, db, party);

	/* One party has one account at most. */
	if (reg == NULL || account_of_party(db, party) != 0)
		return OK;
	*ret_party = party;
	*ret_ref = registry_reference(registry, reg, demo->cli->arena, party);
	return OK;
}

static enum error
make_account(struct demo *demo, const char *name, const struct role *role, const struct password_hash *hash,
	     struct made_account *ret_made)
{
	const struct demo_account *wish = demo_plan_account(&demo->plan, name);
	const struct pack *pack = demo->installation.pack;
	struct account_job job = { .job = { .run = run_account }, .demo = demo, .role = role, .hash = hash };
	struct registry *registry = demo->installation.registry;

	*ret_made = (struct made_account){ .name = name, .role = role->name };
	job.held.role = role;
	if (role->territory)
		job.held.place =
			wish != NULL && wish->place != NULL ? pack_place_id(pack, wish->place) : pack->place_root;
	if (role->territory && pack_place(pack, job.held.place) != NULL)
		ret_made->place = pack_place(pack, job.held.place)->code;
	job.draft = (struct account_draft){ .name = name,
					    .language = demo->cli->language,
					    .password = DEMO_PASSWORD,
					    .roles = &job.held,
					    .role_count = 1 };
	TRY(find_party(demo, wish, &job.draft.party, &ret_made->party));
	TRY(writer_run(registry_writer(registry), &job.job));
	return role->token
		       ? token_create(registry_access(registry), job.account, "demo", instant_now(), ret_made->token)
		       : OK;
}

/* ---- what was made ---- */

static void
print_json(struct demo *demo, const struct made_account *accounts, size_t count, uint64_t clock_runs, int64_t took_ms)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_field_text(&json, "dir", cli_word(demo->cli, 0));
	json_field_integer(&json, "people", (int64_t)demo->people);
	json_field_integer(&json, "seed", (int64_t)demo->seed);
	json_field_integer(&json, "acts", (int64_t)demo->act_count);
	json_field_integer(&json, "clock_runs", (int64_t)clock_runs);
	json_field_integer(&json, "took_ms", took_ms);
	json_key(&json, "records");
	json_open_map(&json);
	for (size_t i = 0; i < demo->plan.pool_count; i++)
		json_field_integer(&json, demo->plan.pools[i]->name, (int64_t)demo->plan.pools[i]->count);
	json_close_map(&json);
	json_key(&json, "accounts");
	json_open_list(&json);
	for (size_t i = 0; i < count; i++) {
		json_open_map(&json);
		json_field_text(&json, "account", accounts[i].name);
		json_field_text(&json, "role", accounts[i].role);
		json_field_text(&json, "password", DEMO_PASSWORD);
		json_field_text(&json, "party", accounts[i].party);
		json_field_text(&json, "place", accounts[i].place);
		json_field_text(&json, "token", accounts[i].token[0] == '\0' ? NULL : accounts[i].token);
		json_close_map(&json);
	}
	json_close_list(&json);
	json_close_map(&json);
	cli_print_json(demo->cli, &out);
}

static void
print_text(struct demo *demo, const struct made_account *accounts, size_t count)
{
	struct cli *cli = demo->cli;

	for (size_t i = 0; i < demo->plan.pool_count; i++)
		cli_print(cli, "%8zu  %s\n", demo->plan.pools[i]->count, demo->plan.pools[i]->name);
	cli_print(cli, "%s\n", say_text(cli, SAY_DEMO_ACCOUNTS, DEMO_PASSWORD, NULL));
	for (size_t i = 0; i < count; i++) {
		cli_print(cli, "  %-20s %s%s%s%s%s\n", accounts[i].name,
			  pack_textf(demo->installation.pack, cli->language, cli->arena, "role.%s", accounts[i].role),
			  accounts[i].party == NULL ? "" : ", ", accounts[i].party == NULL ? "" : accounts[i].party,
			  accounts[i].place == NULL ? "" : ", ", accounts[i].place == NULL ? "" : accounts[i].place);
		if (accounts[i].token[0] != '\0')
			cli_print(cli, "  %-20s %s\n", "", accounts[i].token);
	}
	cli_note(cli, SAY_DEMO_READY, cli_word(cli, 0), NULL);
}

/* ---- from the seed ---- */

static void
derive_key(const struct demo *demo, const char *name, unsigned char *to, size_t count)
{
	AUTO(digest_free) struct digest *digest = digest_new();
	unsigned char hash[DIGEST_BYTES];

	assert(count <= sizeof(hash));
	digest_add(digest, "tirkeu demo ", 12);
	digest_add(digest, name, strlen(name) + 1);
	digest_add(digest, &demo->seed, sizeof(demo->seed));
	digest_finish(digest, hash);
	memcpy(to, hash, count);
}

/* Whoever tries a demo does not wait a minute for a proof. */
static enum error
write_settings(const struct demo *demo)
{
	static const char settings[] = "# Settings of this demo, one `name: value` a line; tirkeu help serve lists "
				       "them.\ntlog_interval_s: 1\n";
	const char *path = datadir_path(demo->installation.dir, demo->cli->arena, "settings.yaml");

	if (datadir_write_private(path, settings, strlen(settings)) == OK)
		return OK;
	return cli_stop(demo->cli, ERR_IO, SAY_CANNOT_WRITE, path, strerror(errno));
}

/* Keys that anybody can compute, so that a seed gives the same references: the store is marked as a demo for ever. */
static enum error
make_installation(struct demo *demo)
{
	struct datadir_keys keys;

	derive_key(demo, "reference", keys.reference, sizeof(keys.reference));
	derive_key(demo, "ledger", keys.ledger, sizeof(keys.ledger));
	derive_key(demo, "file", keys.file, sizeof(keys.file));
	derive_key(demo, "log", keys.log, sizeof(keys.log));
	TRY(installation_make(demo->cli, cli_word(demo->cli, 0), demo->pack_folder, DEMO_ORIGIN, &keys,
			      &demo->installation));
	return write_settings(demo);
}

static enum error
read_number(struct cli *cli, const char *option, uint64_t fallback, uint64_t max, uint64_t *ret_number)
{
	const char *text = cli_option(cli, option);
	char *end = NULL;

	*ret_number = fallback;
	if (text == NULL)
		return OK;
	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || *ret_number > max)
		return cli_stop(cli, ERR_USAGE, SAY_NOT_NUMBER, text,
				arena_printf(cli->arena, "%llu", (unsigned long long)max));
	return OK;
}

/* Beside the program when it was built here, else where it is installed. */
static const char *
find_pack(struct cli *cli)
{
	static const char *const beside[] = { "../packs/kz", "../share/tirkeu/packs/kz" };
	char program[4096];
	ssize_t bytes = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (cli_option(cli, "pack") != NULL)
		return cli_option(cli, "pack");
	program[bytes < 0 ? 0 : bytes] = '\0';
	char *slash = strrchr(program, '/');

	for (size_t i = 0; slash != NULL && i < ARRAY_COUNT(beside); i++) {
		const char *path = arena_printf(cli->arena, "%.*s/%s", (int)(slash - program), program, beside[i]);

		if (access(path, R_OK) == 0)
			return path;
	}
	return "packs/kz";
}

static enum error
make_accounts(struct demo *demo, struct made_account **ret_accounts, size_t *ret_count)
{
	const struct pack *pack = demo->installation.pack;
	const struct demo_plan *plan = &demo->plan;
	struct made_account *made =
		arena_array_of(demo->cli->arena, struct made_account, pack->role_count + plan->account_count + 1);
	struct password_hash hash;
	size_t count = 0;

	TRY(account_hash(DEMO_PASSWORD, &hash));
	for (size_t i = 0; i < pack->role_count; i++)
		TRY(make_account(demo, pack->roles[i].name, &pack->roles[i], &hash, &made[count++]));
	for (size_t i = 0; i < plan->account_count; i++)
		if (pack_role(pack, plan->accounts[i].name) == NULL)
			TRY(make_account(demo, plan->accounts[i].name, pack_role(pack, plan->accounts[i].role), &hash,
					 &made[count++]));
	*ret_accounts = made;
	*ret_count = count;
	return OK;
}

static enum error
make_country(struct demo *demo)
{
	struct registry *registry = demo->installation.registry;
	struct made_account *accounts = NULL;
	uint64_t clock_runs = 0;
	int64_t begun_us = monotonic_us();
	size_t count = 0;

	demo->now = registry_now(registry);
	demo->maker = (struct demo_maker){ .plan = &demo->plan,
					   .seed = demo->seed,
					   .today = registry_today(registry, demo->now) };
	TRY(demo_world_open(demo->installation.pack, &demo->plan, demo->pack_folder, demo->maker.today, &demo->problem,
			    &demo->world));
	demo->maker.world = demo->world;
	for (size_t i = 0; i < demo->plan.step_count; i++)
		TRY(run_step(demo, &demo->plan.steps[i]));
	TRY(clock_run(registry, demo->now, &clock_runs));
	TRY(statistic_fill(registry, STATISTIC_MONTHS, demo->now));
	TRY(outbox_forget(registry));
	TRY(make_accounts(demo, &accounts, &count));
	if (demo->cli->json)
		print_json(demo, accounts, count, clock_runs, (monotonic_us() - begun_us) / 1000);
	else
		print_text(demo, accounts, count);
	return OK;
}

enum error
demo_command(struct cli *cli)
{
	struct demo demo = { .cli = cli };

	problem_init(&demo.problem, cli->arena);
	demo.pack_folder = find_pack(cli);
	enum error e = read_number(cli, "people", 10000, PEOPLE_MAX, &demo.people);
	if (e == OK)
		e = read_number(cli, "seed", 1, INT64_MAX, &demo.seed);
	if (e == OK)
		e = make_installation(&demo);
	if (e == OK) {
		e = demo_plan_read(cli->arena, demo.installation.pack, demo.pack_folder, &demo.problem, &demo.plan);
		if (e == OK)
			e = make_country(&demo);
		if (e != OK && !cli->said)
			e = cli_problem(cli, e, &demo.problem, NULL);
	}
	/* Half a country is no use to anyone. */
	if (e != OK && demo.installation.dir != NULL) {
		registry_close(TAKE(demo.installation.registry));
		datadir_unmake(demo.installation.dir);
	}
	/* The world and the plan's pools end after the registry: blocks name them. */
	installation_close(&demo.installation);
	demo_world_free(demo.world);
	demo_plan_done(&demo.plan);
	return e;
}
