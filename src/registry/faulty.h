/* faulty.h - for tests only: a write of the registry's writer that fails. */
#pragma once
#include "registry/fixture.h"

struct fault {
	struct job job;
	int nth;
	bool fired;
};

static inline enum error
run_set_fault(struct job *job, struct db *db)
{
	struct fault *fault = (struct fault *)job;

	fault->fired = db_fault_fired(db);
	db_fail_at(db, fault->nth);
	return OK;
}

/* The nth write from now fails; 0 ends it. Says whether the one that was set before has failed. In the writer's thread,
 * whose db it is; alone and undone, so that its own commit is not the one that fails. */
static inline bool
set_fault(struct fixture *f, int nth)
{
	struct fault fault = { .job = { .run = run_set_fault, .dry_run = true, .alone = true }, .nth = nth };

	IGNORE(writer_run(registry_writer(f->registry), &fault.job)); /* the write may be its own undo */
	return fault.fired;
}
