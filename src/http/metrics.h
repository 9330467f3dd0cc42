/* metrics.h - counts of requests by route, kept with atomic additions, printed in Prometheus text. */
#pragma once
#include "base/strbuf.h"
#include "http/route.h"

enum { METRICS_ROUTES_MAX = 96, METRICS_BUCKETS = 9, METRICS_CLASSES = 6 };

struct metrics_route {
	_Atomic uint64_t classes[METRICS_CLASSES]; /* by status / 100 */
	_Atomic uint64_t buckets[METRICS_BUCKETS + 1];
	_Atomic uint64_t us;
};

struct metrics {
	struct metrics_route routes[METRICS_ROUTES_MAX]; /* [0]: no route */
	_Atomic uint64_t limited, mails_sent, mails_failed, clock_runs, clock_failures, tlog_failures;
};

/* `route` NULL: nothing of the table. */
void metrics_count(struct metrics *metrics, const struct route *route, int status, int64_t us);
void metrics_print(const struct metrics *metrics, struct strbuf *out);
/* One gauge or counter with its help. */
void metrics_line(struct strbuf *out, const char *name, const char *kind, const char *help, int64_t value);
