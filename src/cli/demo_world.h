/* demo_world.h - what invented people are made of: names, towns by their size, and numbers that come from a seed alone. */
#pragma once
#include "base/arena.h"
#include "cli/demo_plan.h"

/* One number from these five, the same at all times. */
uint64_t demo_random(uint64_t seed, uint64_t step, uint64_t row, uint64_t attempt, const char *salt);

struct demo_world;
/* Reads the plan's files. ERR_NOT_FOUND, ERR_BAD_INPUT with the file in `problem`. */
NODISCARD enum error demo_world_open(const struct pack *pack, const struct demo_plan *plan, const char *folder,
				     int64_t today, struct problem *problem, struct demo_world **ret_world);
void demo_world_free(struct demo_world *world);
DEFINE_AUTO(struct demo_world, demo_world_free)

/* A person; `nr` tells all people of a demo apart. Texts in `arena`. */
struct demo_person {
	char sex;                                          /* 'm', 'f' */
	const char *language;                              /* "kk", "ru" */
	const char *family_name, *given_name, *patronymic; /* patronymic NULL: none */
	const char *iin;                                   /* NULL: from abroad */
	const char *document, *state;                      /* NULL: at home */
	int64_t birth_day;
	const char *email;
};
void demo_world_person(const struct demo_world *world, struct arena *arena, uint64_t random, uint64_t nr, bool foreign,
		       struct demo_person *ret_person);

/* Where something stands; `place` NULL in a pack without places. */
struct demo_address {
	const struct place *place;
	bool has_point;
	double lat, lon;
};
void demo_world_address(const struct demo_world *world, uint64_t random, struct demo_address *ret_address);
/* A number of a firm that was never founded. */
const char *demo_world_bin(struct arena *arena, uint64_t nr);
