/* engine.h - what the files of registry/ share: the registry itself, what was compiled from the pack, and
 * one act's transaction. Everything here but `struct registry`'s locks belongs to the writer's thread. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include "base/day.h"
#include "base/map.h"
#include "registry/act.h"
#include "registry/law.h"
#include "registry/official.h"
#include "registry/registry.h"
#include "store/sql.h"

enum {
	SAVEPOINT_ACT = 1,   /* what a refusal by law undoes */
	SAVEPOINT_TRIAL = 2, /* law tried before consent is asked for */
	SAVEPOINT_ROW = 3,   /* one row of `every` */
	STEPS_MAX = 100,
	STEP_DEPTH_MAX = 4,
	LIST_ROWS_MAX = 1000,
};

/* One pack text ready to run, with the names of its parameters. */
struct statement {
	const char *sql;               /* NULL: none */
	const char *const *parameters; /* without the $ */
	size_t parameter_count;
};

struct step_plan {
	const struct step *step;
	struct statement each;
	struct statement records; /* a select of ids */
	size_t record_at;         /* place of a record value in the action's values; SIZE_MAX: none */
	size_t with_at;           /* first `with` value */
};

struct action_plan {
	const struct action *action;
	struct statement values; /* when, set, step values: in this order */
	size_t value_count;
	size_t when_at; /* SIZE_MAX: none */
	size_t set_at;
	struct step_plan *steps;
	struct statement clock_value;
	const struct provision **forbids;
	size_t forbid_count;
	struct statement forbids_hit;
	bool refusable; /* it or a step of it, at any depth, names a forbid */
};

struct provision_use { /* a provision that a change of this register concerns */
	const struct provision *provision;
	uint64_t columns;         /* bits of the register's columns that it reads */
	const struct wake *names; /* NULL: the record itself */
	struct statement wake;
};

struct reg_plan {
	const struct reg *reg;
	const char *insert, *update, *load, *keep_past, *exists;
	struct statement checks;
	const struct sql_index *indexes;
	size_t index_count;
	const struct field **check_fields;
	size_t check_count;
	const char **party_of; /* by party index; NULL for ref fields */
	const char **records_of;
	struct statement territory;
	struct statement label;
	struct statement lives;
	const char *const *reveals; /* by reveal: sql of what one record ($record) shows */
	const struct field *territory_field;
	struct statement defaults;
	const struct field **default_fields;
	size_t default_count;
	struct action_plan *actions;
	struct provision_use *uses;
	size_t use_count;
	struct statement woken_by_new; /* place in `uses` and id of all that a new record wakes; sql NULL: nothing */
	/* A new record asks all provisions about itself at once, then runs only those that have a row. */
	const struct provision **own;
	size_t own_count;
	struct statement own_hit;
};

struct provision_plan {
	struct statement one;
	struct statement range;
	int64_t number; /* its row in `provision` */
};

/* One record as it stands: one value per column. */
struct image {
	const struct reg *reg;
	int64_t id;
	struct value *values;
	bool is_stored;
};

struct change {
	const struct reg *reg;
	const struct image *before; /* NULL: it is new */
	const struct image *after;
	enum ledger_kind kind;
	uint64_t changed;           /* bits of columns */
	uint64_t lists;             /* bits of fields: lists that were written */
	const struct value *reason; /* of a correction; NULL: none */
};

struct txn;

/* What one kept act changed, until the batch's findings are made. */
struct batch_item {
	struct act *act; /* NULL: none to tell */
	const struct change *changes;
	size_t change_count;
	int64_t now;
	bool is_official; /* who acted did so in a role of a body */
};

struct registry {
	struct registry_config config;
	const struct pack *pack;
	const struct vetted_pack *vetted;
	struct arena *arena;   /* plans */
	struct reg_plan *regs; /* by reg->index */
	struct provision_plan *provisions;
	bool *view_rounded; /* by view: it reads a personal register */
	struct ledger *ledger;
	struct data_keys *data_keys; /* NULL: parts lie open */
	int64_t erased_day;          /* on which what was over was last looked for; the clock's */
	struct names *names;         /* registry/names.h */
	struct addresses *addresses; /* registry/address.h */
	struct access *access;
	struct writer *writer;
	struct zone *zone;
	struct tlog *tlog; /* NULL: none, as what follows */
	struct publisher *publisher;
	struct strbuf log_key; /* the signer's vkey */
	struct reference_key *references;
	char *db_path;
	char *index_folder;
	int64_t indexed_at; /* by this process; the indexing thread's */
	char *origin;
	_Atomic int64_t clock_offset_ms;
	_Atomic bool outbox_waiting;
	_Atomic int64_t outbox_retry_at;
	_Atomic int64_t clock_next_at; /* the earliest `clock` row known */
	/* the writer's thread only */
	_Atomic int64_t next_id;
	int64_t stored_next_id;
	int64_t last_act_at;
	struct arena *batch_arena;
	struct batch_item *batch;
	size_t batch_count, batch_capacity, batch_mark;
	struct map idempotency;    /* hash of account and key -> row id */
	struct map resolved;       /* hash of account and party, of `resolved_day` */
	struct map resolve_counts; /* account -> people named that day */
	int64_t resolved_day;
	struct attempts *attempts;
	struct official_hours *official_hours;
	pthread_mutex_t clock_lock; /* one clock run at a time */
	_Atomic uint64_t acts, refusals, guards, conflicts, forbidden, dry_runs, lookups, searches, clock_runs,
		clock_dropped;
	_Atomic uint64_t ledger_size;
};

/* One act's transaction. */
struct txn {
	struct registry *registry;
	struct db *db;
	struct arena *arena;
	const struct actor *actor;
	struct problem *problem;
	struct act *act; /* NULL: the clock's own */
	int64_t now, today;
	int64_t me;                   /* the party that acts; 0: none */
	int64_t on_behalf;            /* asked for by the request; 0: any */
	const struct input *inputs;   /* of the act itself, references found; NULL: not yet */
	const struct held_role *role; /* in which it acts; NULL: as a party */
	unsigned char event[LEDGER_ID_BYTES];
	int steps;
	int depth;
	const struct action *clock_action; /* what the clock runs, on what and for which moment; NULL: no clock */
	int64_t clock_record, clock_due_at;
	struct change *changes;
	size_t change_count, change_capacity;
	bool waiting;
	size_t asked;
};

static inline const struct reg_plan *
plan_of(const struct registry *registry, const struct reg *reg)
{
	return &registry->regs[reg->index];
}

static inline const struct action_plan *
plan_of_action(const struct registry *registry, const struct action *action)
{
	return &registry->regs[action->reg->index].actions[action->index];
}

/* A token is worth only those of its account's roles that may hold tokens. */
static inline bool
actor_counts(const struct actor *actor, const struct held_role *held)
{
	return !actor->is_token || held->role->token;
}

/* Acts as an official: in a role that belongs to a body, or at the console. Who holds such a role acts as a party
 * like anyone else where it is the party that may. */
static inline bool
txn_is_official(const struct txn *txn)
{
	return txn->actor->is_console || (txn->role != NULL && txn->role->role->body != NULL);
}

static inline int64_t
registry_new_id(struct registry *registry)
{
	return registry->next_id++;
}

/* ---- plan.c ---- */
NODISCARD enum error plan_make(struct registry *registry, struct db *db);

/* ---- image.c ---- */
/* ERR_NOT_FOUND. */
NODISCARD enum error image_load(struct txn *txn, const struct reg *reg, int64_t id, const struct image **ret_image);
NODISCARD enum error image_load_from(struct registry *registry, struct db *db, struct arena *arena,
				     const struct reg *reg, int64_t id, const struct image **ret_image);
/* One of the record's versions: the row's first columns are the register's. */
const struct image *image_of_row(struct arena *arena, const struct reg *reg, int64_t id, const struct query *row);
/* Is there a record of this id in the register? A failing read says no. */
bool image_exists(const struct registry *registry, struct db *db, const struct reg *reg, int64_t id);
/* A copy to change, or an empty one of a new record. */
struct image *image_copy(struct txn *txn, const struct image *from);
struct image *image_new(struct txn *txn, const struct reg *reg);
/* Puts an input's values into the field's columns. */
void image_set(struct image *image, const struct field *field, const struct value *values, size_t count);
/* A value from SQL (one column): checks kind and choice, fills the rank. ERR_BAD_INPUT, ERR_FAULT. */
NODISCARD enum error image_set_sql(struct txn *txn, struct image *image, const struct field *field,
				   const struct value *value);
/* Writes `after`; keeps `before` in the past table. ERR_DUPLICATE with the fields, ERR_PRECONDITION. */
NODISCARD enum error image_store(struct txn *txn, const struct image *before, struct image *after);
NODISCARD enum error image_store_list(struct txn *txn, const struct reg *reg, int64_t id, const struct field *list,
				      const struct input *input, bool replace);
/* Required fields, then the fields' checks in SQL. */
NODISCARD enum error image_check(struct txn *txn, const struct image *before, const struct image *image,
				 const struct action *action);
uint64_t image_changed(const struct image *before, const struct image *after);
const char *image_state(const struct image *image);
const struct value *image_value(const struct image *image, const struct field *field);
/* The place that the record belongs to; 0 unknown. */
NODISCARD enum error image_territory(struct registry *registry, struct db *db, struct arena *arena,
				     const struct image *image, int64_t now, int64_t *ret_place);
/* `territory`, which image_territory told, and where that is 0 the place that oversight knows it by (`lives`). */
NODISCARD enum error image_lives(struct registry *registry, struct db *db, struct arena *arena,
				 const struct image *image, int64_t territory, int64_t now, int64_t *ret_place);

/* ---- evaluate.c ---- */
/* What a pack text may name. */
struct scope {
	int64_t record;
	const struct action *action; /* whose arguments; NULL: none */
	const struct input *inputs;
	int64_t me, today, now;
};
void statement_bind(struct query *query, const struct statement *statement, const struct scope *scope);
/* Runs a one-row statement into `values` (of `count`). No row: all NULL. */
NODISCARD enum error statement_values(struct db *db, struct arena *arena, const struct statement *statement,
				      const struct scope *scope, struct value *values, size_t count);
bool value_is_true(const struct value *value);

/* ---- party.c ---- */
struct parties {
	int64_t *ids;
	size_t count, capacity;
};
/* The parties of a stored record under one party's name. */
NODISCARD enum error party_ids(struct registry *registry, struct db *db, struct arena *arena, const struct party *party,
			       const struct image *image, struct parties *ret_parties);
/* May the actor act for `party` about this register? Itself, its mandates, a firm it works for. */
bool party_is_mine(struct txn *txn, const struct reg *reg, int64_t party);
/* Is it an account whose every role is held to certain actions (`only`), and this is none of them? */
bool party_is_restricted(const struct txn *txn, const struct action *action);
/* The role in which the actor answers at the counter where the record belongs; NULL: none. */
const struct held_role *party_at_counter(struct registry *registry, struct db *db, struct arena *arena,
					 const struct actor *actor, const struct image *image, int64_t now);
/* May the actor run the action on this stored record? Sets txn->me and txn->role. ERR_FORBIDDEN. */
NODISCARD enum error party_may(struct txn *txn, const struct action *action, const struct image *image,
			       const struct input *inputs);

/* ---- resolve.c ---- */
/* Turns INPUT_RESOLVE into ids and checks that given references exist, for action->args. */
NODISCARD enum error resolve_inputs(struct txn *txn, const struct action *action, struct input *inputs);

/* ---- action.c ---- */
enum authority { BY_ACTOR, BY_STEP, BY_CLOCK, BY_CONSENT };
/* Runs the action with its steps and law; `record` 0 makes one. */
NODISCARD enum error action_run(struct txn *txn, const struct action *action, int64_t record, struct input *inputs,
				enum authority authority, int64_t *ret_record);
/* Can the action run on a record in this state once all have agreed? */
bool action_waits_in(const struct action *action, const char *state);
/* The record as it would be if all agreed now to what is asked; nothing is stored. */
NODISCARD enum error action_as_asked(struct txn *txn, const struct action *action, const struct image *image,
				     const char *args, const struct image **ret_image);
/* A built-in state (pending, refused, lapsed) for a record. */
NODISCARD enum error action_set_state(struct txn *txn, const struct image *before, const char *state,
				      const struct image **ret_after);
struct change *txn_change(struct txn *txn, const struct image *before, const struct image *after,
			  enum ledger_kind kind);

/* ---- args.c ---- */
const char *args_print(struct arena *arena, const struct action *action, const struct input *inputs);
NODISCARD enum error args_parse(struct arena *arena, const struct action *action, const char *text,
				struct input **ret_inputs);

/* ---- consent.c ---- */
/* Whom to ask still, the actor having agreed for its own; 0: nobody. Opens the ask unless nobody is missing. */
NODISCARD enum error consent_ask(struct txn *txn, const struct action *action, const struct image *image,
				 const struct input *inputs, size_t *ret_missing);
NODISCARD enum error consent_answer(struct txn *txn, struct act *act, int64_t *ret_record);
/* The record moved to a state in which what is asked can no longer run: nobody need answer. */
NODISCARD enum error consent_withdraw(struct txn *txn, const struct image *after);
/* The ask ran out (clock). */
NODISCARD enum error consent_silent(struct txn *txn, int64_t ask);

/* ---- tell.c ---- */
NODISCARD enum error tell_parties(struct txn *txn, const struct action *action, const struct image *image,
				  const struct input *inputs);
NODISCARD enum error tell_one(struct txn *txn, const struct action *action, int64_t record, int64_t party,
			      const struct role *role, int64_t place, int64_t ask_party);
NODISCARD enum error give_effects(struct txn *txn, const struct action *action, int64_t record);

/* ---- schedule.c ---- */
NODISCARD enum error schedule_record(struct txn *txn, const struct image *before, const struct image *after);
NODISCARD enum error schedule_row(struct txn *txn, const struct reg *reg, int64_t record, const struct action *action,
				  int64_t ask, int64_t due_at);
/* A row of the clock for the action, unless it has just run for that moment. */
NODISCARD enum error schedule_action(struct txn *txn, const struct action *action, int64_t record, int64_t due_at);
NODISCARD enum error schedule_later(struct txn *txn, const struct action *action, int64_t record,
				    const struct input *inputs);
/* A value of a clock (day or instant) as an instant. */
int64_t schedule_instant(const struct registry *registry, int64_t value);

/* ---- finding.c, evaluation.c ---- */
struct finding_list {
	struct finding *items;
	size_t count, capacity;
};
/* The row of a provision's SELECT that the query stands on. */
struct finding finding_of_row(struct registry *registry, struct db *db, struct arena *arena,
			      const struct provision *provision, const struct query *row);
/* What is open now for these findings is made to be `found`: rows open, change, close. `known` are the open rows
 * of the same provision and records. */
NODISCARD enum error finding_settle(struct registry *registry, struct db *db, struct arena *arena,
				    const struct provision *provision, struct finding_list *known,
				    struct finding_list *found, int64_t now, struct law_totals *totals);
/* Open findings of one provision for records first <= id < behind. */
NODISCARD enum error finding_open_range(struct registry *registry, struct db *db, struct arena *arena,
					const struct provision *provision, int64_t first, int64_t behind,
					struct finding_list *ret_list);
NODISCARD enum error law_forbid(struct txn *txn, const struct action *action, int64_t record,
				const struct input *inputs);
/* Findings of what an act would change, without keeping any (dry run). */
NODISCARD enum error law_preview(struct txn *txn, const struct finding **ret_findings, size_t *ret_count);
NODISCARD enum error law_batch(struct registry *registry, struct db *db);
/* The full evaluation of one provision for records first <= id < behind. */
NODISCARD enum error law_range(struct registry *registry, struct db *db, struct arena *arena,
			       const struct provision *provision, int64_t first, int64_t behind, int64_t now,
			       struct law_totals *totals);
/* Evaluates those provisions for which `wanted` says so, in chunks through the writer. */
NODISCARD enum error law_evaluate_some(struct registry *registry, int64_t now,
				       bool (*wanted)(const struct provision *, void *), void *context,
				       struct law_totals *ret_totals);

/* ---- published.c ---- */
/* In the transaction that opens the store: states the log's key once; the published log is at hand afterwards. */
NODISCARD enum error published_open(struct registry *registry, struct db *db);
void published_close(struct registry *registry);

/* ---- entry.c ---- */
NODISCARD enum error entry_append_all(struct txn *txn, struct receipt_entry **ret_entries, size_t *ret_count);
/* One entry: of the record where there is one, else of the system. */
NODISCARD enum error entry_append_refusal(struct txn *txn, const struct act *act, int64_t record);
/* An act that came to nothing, or was only tried, and told the actor something: an entry with everybody else whom its
 * record or its request names. `ret_named`: somebody was. */
NODISCARD enum error entry_append_attempt(struct txn *txn, const struct act *act, bool *ret_named);
NODISCARD enum error entry_append_system(struct txn *txn, const void *payload, size_t bytes);

/* ---- idempotency.c ---- */
NODISCARD enum error idempotency_load(struct registry *registry, struct db *db, int64_t now);
/* OK: known, act filled from the receipt; ERR_NOT_FOUND: new; ERR_KEY_REUSED. */
NODISCARD enum error idempotency_find(struct act *act, struct db *db);
/* Drops keys older than two days, some thousand at a time; `ret_more`: there may be more. In a job of the writer's. */
NODISCARD enum error idempotency_forget(struct registry *registry, struct db *db, int64_t now, bool *ret_more);
NODISCARD enum error idempotency_keep(struct act *act, struct db *db);
