/* demo_value.h - one row of a step of demo.yaml: the inputs of its act, made from the seed alone. */
#pragma once
#include "cli/demo_world.h"
#include "pack/input.h"

struct demo_maker {
	const struct demo_world *world;
	const struct demo_plan *plan;
	uint64_t seed;
	int64_t today;
};

struct demo_row {
	const struct demo_step *step;
	uint64_t row;                      /* of the step, from 0 */
	uint64_t nr;                       /* of all rows of the demo */
	uint64_t attempt;                  /* another one where the first could not be */
	const struct demo_pool *item_pool; /* NULL: none */
	size_t item;
};

/* `context` is loose; inputs and texts live in its arena. `values` gets the whole numbers (DAY_NONE: none), by argument.
 * ERR_BAD_INPUT: demo.yaml asks for what cannot be, at its line. */
NODISCARD enum error demo_value_make(const struct demo_maker *maker, const struct input_context *context,
				     const struct demo_row *row, struct problem *problem, struct input *inputs,
				     int64_t *values);
