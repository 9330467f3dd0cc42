/* demo_plan.h - demo.yaml of a pack: how an invented country is made from the pack's own actions, in order. C knows
 * none of their names. docs/demo.md is the page about it. */
#pragma once
#include "pack/pack.h"
#include "text/node.h"

enum demo_kind { DEMO_DO, DEMO_AGREE, DEMO_REFUSE };

struct demo_with {
	const struct field *arg;
	const struct node *value; /* how it is made; demo_value.h reads it */
};

struct demo_pool;

struct demo_step {
	enum demo_kind kind;
	int line;
	const struct action *action;
	struct demo_pool *into;       /* what it makes is kept there; NULL */
	const struct demo_pool *on;   /* acts on these records; NULL: makes new ones */
	const struct demo_pool *each; /* one for each of these; NULL: `count` */
	double count;                 /* for each thousand people */
	int slice_from, slice_until;  /* of `on` or `each`: those from the first to below the second per cent */
	const char *as;               /* the argument, or the field of the item, whose party acts or answers; NULL */
	bool foreign;                 /* people made by it come from abroad */
	struct demo_with *with;
	size_t with_count;
	size_t index;
};

/* Records made by steps, with the whole numbers (references, days) of their fields. */
struct demo_pool {
	const char *name;
	const struct reg *reg;
	const struct action *action; /* whose arguments are kept */
	int64_t *ids;
	int64_t *values; /* arg_count for each; DAY_NONE: none */
	size_t count, capacity;
};

struct demo_account {
	const char *name; /* the role's, unless it is one more of a role */
	const char *role;
	const struct demo_pool *of; /* its party is of the first record there */
	const char *field;          /* NULL: the record itself */
	const char *place;          /* code; NULL: the whole country */
	int line;
};

struct demo_plan {
	const char *names_path, *cities_path; /* from the pack's folder */
	int village_share;                    /* per cent of addresses that lie anywhere */
	int64_t born_from, born_until;        /* days */
	const char **states;                  /* of people from abroad */
	size_t state_count;
	struct demo_pool **pools;
	size_t pool_count;
	struct demo_step *steps;
	size_t step_count;
	struct demo_account *accounts;
	size_t account_count;
};

/* Reads FOLDER/demo.yaml against the pack. ERR_BAD_INPUT: every fault, by line; ERR_NOT_FOUND: the pack has none. */
NODISCARD enum error demo_plan_read(struct arena *arena, const struct pack *pack, const char *folder,
				    struct problem *problem, struct demo_plan *ret_plan);
void demo_plan_done(struct demo_plan *plan);
DEFINE_AUTO_DONE(struct demo_plan, demo_plan_done)
const struct demo_pool *demo_plan_pool(const struct demo_plan *plan, const char *name);
const struct demo_account *demo_plan_account(const struct demo_plan *plan, const char *name);
/* Remembers a record; `values` are by the arguments of pool->action. */
void demo_pool_add(struct demo_pool *pool, int64_t id, const int64_t *values);
/* The record itself for NULL; DAY_NONE: the item has no such value. */
int64_t demo_pool_value(const struct demo_pool *pool, size_t item, const char *field);
