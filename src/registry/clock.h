/* clock.h - time at work: `at`, `every`, `later`, asks that run out, law's day and month ticks. */
#pragma once
#include "registry/registry.h"

/* Runs all that is due up to `now`, in order of time, each with the time when it was due; returns how many ran. Called
 * by the server's clock thread (one at a time) and by the command line. */
NODISCARD enum error clock_run(struct registry *registry, int64_t now, uint64_t *ret_runs);
/* The next instant when something is due; INT64_MAX: nothing but the next day. */
int64_t clock_next(struct registry *registry, int64_t now);
/* Demo stores only (ERR_FORBIDDEN): moves the clock forward to `to`, never back; then clock_run. */
NODISCARD enum error clock_move(struct registry *registry, int64_t to, uint64_t *ret_runs);
