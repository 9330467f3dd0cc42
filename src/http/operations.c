/* operations.c - is the server able to write, and what did it do. */
#include "http/handlers.h"
#include "http/server_inside.h"

/* A job that changes nothing, but goes the way of all that do. */
struct health_job {
	struct job job;
	struct request *request;
};

static enum error
nothing(struct job *job, struct db *db)
{
	return OK;
}

static void
health_came_back(struct job *job, enum error e)
{
	struct health_job *health = (struct health_job *)((char *)job - offsetof(struct health_job, job));

	health->request->result = e;
	request_answered(health->request);
}

static enum error
submit_health(struct request *request)
{
	struct health_job *health = arena_new_of(request->arena, struct health_job);

	health->job = (struct job){ .run = nothing, .done = health_came_back, .dry_run = true };
	health->request = request;
	return writer_submit(registry_writer(request->registry), &health->job);
}

static void
print_cosigning(const struct cosigning_state *state, struct json *json)
{
	json_key(json, "witnesses");
	json_open_map(json);
	json_field_integer(json, "asked", (int64_t)state->witnesses);
	json_field_integer(json, "cosigned", (int64_t)state->cosigned);
	json_field_integer(json, "quorum", (int64_t)state->quorum);
	json_close_map(json);
}

/* Whatever keeps the log from being published does not keep the registers from working; and no witness keeps the log
 * from being published. */
static void
print_tlog(const struct server *server, struct json *json)
{
	struct tlog *tlog = registry_tlog(server->registry);
	struct cosigning_state witnesses = { 0 };
	struct checkpoint checkpoint = { 0 };
	bool failing = false;
	enum alarm alarm = tlog == NULL ? ALARM_NONE : tlog_alarm(tlog, &failing);
	const char *reason = alarm != ALARM_NONE ? alarm_name(alarm) : failing ? "publishing-fails" : NULL;

	if (server->cosigning != NULL)
		cosigning_look(server->cosigning, &witnesses);
	if (reason == NULL)
		reason = cosigning_reason(&witnesses);
	json_field_text(json, "status", reason == NULL ? "ok" : "degraded");
	if (reason != NULL)
		json_field_text(json, "reason", reason);
	if (tlog != NULL && tlog_published(tlog, &checkpoint))
		json_field_integer(json, "published_entries", (int64_t)checkpoint.size);
	if (server->cosigning != NULL)
		print_cosigning(&witnesses, json);
}

static enum error
finish_health(struct request *request)
{
	struct registry_counts counts;

	registry_count(request->registry, &counts);
	struct json *json = reply_json(request, 200);

	json_open_map(json);
	print_tlog(request->server, json);
	json_field_text(json, "writer", "ok");
	json_field_integer(json, "ledger_entries", (int64_t)counts.ledger_size);
	json_field_text(json, "version", TIRKEU_VERSION);
	json_close_map(json);
	return OK;
}

enum error
health_get(struct request *request)
{
	request_wait(request, submit_health, finish_health);
	return OK;
}

static void
print_registry(struct registry *registry, struct strbuf *out)
{
	struct registry_counts counts;
	uint64_t names = 0, name_bytes = 0;

	registry_count(registry, &counts);
	registry_count_names(registry, &names, &name_bytes);
	metrics_line(out, "acts_total", "counter", "Actions kept.", (int64_t)counts.acts);
	metrics_line(out, "refusals_total", "counter", "Actions that the law refused.", (int64_t)counts.refusals);
	metrics_line(out, "guards_total", "counter", "Actions whose guard did not hold.", (int64_t)counts.guards);
	metrics_line(out, "conflicts_total", "counter", "Actions against a changed record.", (int64_t)counts.conflicts);
	metrics_line(out, "forbidden_total", "counter", "Actions without permission.", (int64_t)counts.forbidden);
	metrics_line(out, "dry_runs_total", "counter", "Actions only tried.", (int64_t)counts.dry_runs);
	metrics_line(out, "lookups_total", "counter", "Records opened by officials.", (int64_t)counts.lookups);
	metrics_line(out, "searches_total", "counter", "Searches by officials.", (int64_t)counts.searches);
	metrics_line(out, "clock_dropped_total", "counter", "Due actions whose state no longer fitted.",
		     (int64_t)counts.clock_dropped);
	metrics_line(out, "ledger_entries", "gauge", "Entries in the log.", (int64_t)counts.ledger_size);
	metrics_line(out, "names", "gauge", "Records that can be searched by name.", (int64_t)names);
	metrics_line(out, "names_bytes", "gauge", "Memory in which their names are searched.", (int64_t)name_bytes);
}

static void
print_published(struct registry *registry, struct strbuf *out)
{
	struct tlog *tlog = registry_tlog(registry);
	struct checkpoint checkpoint = { 0 };

	if (tlog == NULL)
		return;
	IGNORE(tlog_published(tlog, &checkpoint)); /* then its size is 0 */
	metrics_line(out, "tlog_entries", "gauge", "Entries under the published checkpoint.", (int64_t)checkpoint.size);
	metrics_line(out, "tlog_alarm", "gauge", "1: the log is no longer published; /healthz says why.",
		     tlog_alarm(tlog, NULL) != ALARM_NONE);
}

static void
print_witnesses(struct cosigning *cosigning, struct strbuf *out)
{
	struct cosigning_state state;

	if (cosigning == NULL)
		return;
	cosigning_look(cosigning, &state);
	metrics_line(out, "witnesses", "gauge", "Witnesses that are asked.", (int64_t)state.witnesses);
	metrics_line(out, "witness_quorum", "gauge", "How many of them are needed.", (int64_t)state.quorum);
	metrics_line(out, "witness_cosigned", "gauge", "Witnesses whose lines are under the published checkpoint.",
		     (int64_t)state.cosigned);
	metrics_line(out, "witness_away", "gauge", "Witnesses that did not answer, or not rightly, when last asked.",
		     (int64_t)state.away);
	metrics_line(out, "witness_alarm", "gauge",
		     "1: below the quorum for too long, or a witness refuses; /healthz says why.",
		     cosigning_reason(&state) != NULL);
	metrics_line(out, "witness_lines_total", "counter", "Cosignatures added.", (int64_t)state.lines);
	metrics_line(out, "witness_failures_total", "counter", "Requests to witnesses that brought none.",
		     (int64_t)state.failures);
	metrics_line(out, "witness_unknown_lines_total", "counter", "Lines of unknown keys, not added.",
		     (int64_t)state.strangers);
	metrics_line(out, "witness_false_answers_total", "counter", "False lines and garbage, not added.",
		     (int64_t)state.falsehoods);
}

static void
print_writer(struct registry *registry, struct strbuf *out)
{
	struct writer_counts counts;

	writer_count(registry_writer(registry), &counts);
	metrics_line(out, "writer_jobs_total", "counter", "Jobs done by the writer.", (int64_t)counts.jobs);
	metrics_line(out, "writer_batches_total", "counter", "Commits.", (int64_t)counts.batches);
	metrics_line(out, "writer_failed_batches_total", "counter", "Commits that failed.",
		     (int64_t)counts.failed_batches);
	metrics_line(out, "writer_waiting", "gauge", "Jobs that wait.", (int64_t)counts.waiting);
	metrics_line(out, "writer_wal_pages", "gauge", "Pages in the write-ahead log.", counts.wal_pages);
}

enum error
metrics_get(struct request *request)
{
	const struct server *server = request->server;
	struct strbuf *out = reply_text(request, 200, "text/plain; version=0.0.4; charset=utf-8");

	metrics_print(&server->metrics, out);
	metrics_line(out, "http_open_requests", "gauge", "Requests on their way.", server->open);
	metrics_line(out, "http_taken_requests", "gauge", "Requests that wait for the writer or a worker.",
		     server->taken);
	print_registry(request->registry, out);
	print_published(request->registry, out);
	print_witnesses(server->cosigning, out);
	print_writer(request->registry, out);
	return OK;
}
