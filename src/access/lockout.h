/* lockout.h - who failed to sign in too often waits. Counts by account name and by origin, in bounded memory; nothing
 * of it survives the process. An attempt counts as failed from its beginning, so that many at once gain nothing. */
#pragma once
#include "base/base.h"

enum {
	LOCKOUT_NAME_FAILURES = 5,
	LOCKOUT_ORIGIN_FAILURES = 20, /* an office shares one address */
	LOCKOUT_WAIT_MS_MAX = 15 * 60 * 1000,
};

struct lockout;
struct lockout *lockout_new(void);
void lockout_free(struct lockout *lockout);
DEFINE_AUTO(struct lockout, lockout_free)

struct attempt {
	uint64_t name, origin;            /* keyed hashes */
	unsigned name_failures;           /* this one included */
	int64_t name_until, origin_until; /* the waits that it set */
};
/* false: it may not begin before *ret_wait_ms. `origin` is an address (of an IPv6 one the first 64 bits count);
 * NULL or "": the machine itself, not counted. */
bool lockout_begin(struct lockout *lockout, const char *name, const char *origin, int64_t now,
		   struct attempt *ret_attempt, int64_t *ret_wait_ms);
/* Right: the name's failures are forgotten, the origin's not (one right password must not pay for guesses at others). */
void lockout_succeeded(struct lockout *lockout, const struct attempt *attempt);
/* It was never tried (too busy): as if it had not begun. */
void lockout_dropped(struct lockout *lockout, const struct attempt *attempt);
