#include "http/metrics.h"
#include <inttypes.h>
#include <stdio.h>

static const int64_t bucket_us[METRICS_BUCKETS] = { 100, 300, 1000, 3000, 10000, 30000, 100000, 300000, 1000000 };
static const char *const bucket_names[METRICS_BUCKETS + 1] = { "0.0001", "0.0003", "0.001", "0.003", "0.01",
							       "0.03",   "0.1",    "0.3",   "1",     "+Inf" };

static size_t
position(const struct route *route)
{
	size_t count;
	const struct route *table = route_table(&count);

	assert(count < METRICS_ROUTES_MAX);
	return route == NULL ? 0 : 1 + (size_t)(route - table);
}

void
metrics_count(struct metrics *metrics, const struct route *route, int status, int64_t us)
{
	struct metrics_route *counts = &metrics->routes[position(route)];
	int class = status / 100;
	size_t bucket = 0;

	while (bucket < METRICS_BUCKETS && us > bucket_us[bucket])
		bucket++;
	counts->classes[class >= 1 && class < METRICS_CLASSES ? class : 5]++;
	counts->buckets[bucket]++;
	counts->us += (uint64_t)us;
}

void
metrics_line(struct strbuf *out, const char *name, const char *kind, const char *help, int64_t value)
{
	strbuf_printf(out, "# HELP tirkeu_%s %s\n# TYPE tirkeu_%s %s\ntirkeu_%s %" PRId64 "\n", name, help, name, kind,
		      name, value);
}

static const char *
labels(size_t i, char *text, size_t bytes)
{
	size_t count;
	const struct route *table = route_table(&count);

	if (i == 0)
		snprintf(text, bytes, "route=\"none\",method=\"none\"");
	else
		snprintf(text, bytes, "route=\"%s\",method=\"%s\"", table[i - 1].pattern,
			 method_name(table[i - 1].method));
	return text;
}

static void
print_durations(const struct metrics *metrics, size_t i, const char *label, struct strbuf *out)
{
	uint64_t sum = 0;

	for (size_t b = 0; b <= METRICS_BUCKETS; b++) {
		sum += metrics->routes[i].buckets[b];
		strbuf_printf(out, "tirkeu_http_request_seconds_bucket{%s,le=\"%s\"} %" PRIu64 "\n", label,
			      bucket_names[b], sum);
	}
	strbuf_printf(out, "tirkeu_http_request_seconds_sum{%s} %.6f\n", label, (double)metrics->routes[i].us / 1e6);
	strbuf_printf(out, "tirkeu_http_request_seconds_count{%s} %" PRIu64 "\n", label, sum);
}

static bool
was_used(const struct metrics_route *route)
{
	for (size_t b = 0; b <= METRICS_BUCKETS; b++)
		if (route->buckets[b] > 0)
			return true;
	return false;
}

void
metrics_print(const struct metrics *metrics, struct strbuf *out)
{
	char label[256];

	strbuf_text(out, "# HELP tirkeu_http_requests_total Requests answered, by route and class of status.\n"
			 "# TYPE tirkeu_http_requests_total counter\n");
	for (size_t i = 0; i < METRICS_ROUTES_MAX; i++)
		for (int class = 1; class < METRICS_CLASSES; class ++)
			if (metrics->routes[i].classes[class] > 0)
				strbuf_printf(out, "tirkeu_http_requests_total{%s,class=\"%dxx\"} %" PRIu64 "\n",
					      labels(i, label, sizeof(label)), class,
					      metrics->routes[i].classes[class]);
	strbuf_text(out, "# HELP tirkeu_http_request_seconds From the head of a request to its answer.\n"
			 "# TYPE tirkeu_http_request_seconds histogram\n");
	for (size_t i = 0; i < METRICS_ROUTES_MAX; i++)
		if (was_used(&metrics->routes[i]))
			print_durations(metrics, i, labels(i, label, sizeof(label)), out);
	metrics_line(out, "http_limited_total", "counter", "Requests answered 429.", (int64_t)metrics->limited);
	metrics_line(out, "mails_sent_total", "counter", "Messages sent.", (int64_t)metrics->mails_sent);
	metrics_line(out, "mails_failed_total", "counter", "Messages that could not be sent at a try.",
		     (int64_t)metrics->mails_failed);
	metrics_line(out, "clock_runs_total", "counter", "Actions that the clock ran.", (int64_t)metrics->clock_runs);
	metrics_line(out, "tlog_failures_total", "counter", "Runs of the log's publisher that failed.",
		     (int64_t)metrics->tlog_failures);
	metrics_line(out, "clock_failures_total", "counter", "Runs of the clock that failed.",
		     (int64_t)metrics->clock_failures);
}
