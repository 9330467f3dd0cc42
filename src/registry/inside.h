/* inside.h - acts inside another job's transaction: many share one commit and one order, each is undone alone. For
 * imports and for making demos. */
#pragma once
#include "registry/act.h"

/* Runs an act that act_init and the caller filled, in the writer's thread, inside a job of the caller's; `done` is
 * not called. OK: act->result tells what came of it (refused by law: its entry stays; anything else but OK: as if it had
 * not been). An error is a fault: the caller's job must end with it, so that all of it is undone. */
NODISCARD enum error act_run_inside(struct act *act, struct db *db);
