#include "http/route.h"
#include <string.h>
#include "base/strbuf.h"
#include "http/handlers.h"

#define COUNTER_OR_ACCOUNTS (CAN_ACCOUNTS | CAN_COUNTER)

/* clang-format off */
static const struct route routes[] = {
	/* method, pattern, who may, body, flags, handler, tag, summary */
	{ METHOD_POST,  "/api/sessions", ANYONE, BODY_JSON, ROUTE_SLOW | ROUTE_STRICT, session_post, "sessions",
	  "Sign in with name and password, or activate an account with its one-time code" },
	{ METHOD_DELETE, "/api/sessions/current", SIGNED_IN, BODY_NONE, ROUTE_SLOW, session_delete, "sessions",
	  "Sign out" },
	{ METHOD_GET,   "/api/me", SIGNED_IN, BODY_NONE, 0, me_get, "me",
	  "Who is signed in: roles, territories, parties" },
	{ METHOD_GET,   "/api/me/inbox", SIGNED_IN, BODY_NONE, 0, inbox_get, "me",
	  "What waits for me: questions, messages, findings" },

	{ METHOD_GET,   "/api/me/lookups", SIGNED_IN, BODY_NONE, ROUTE_SLOW, lookups_get, "me",
	  "Who looked at my data: when, in which role, for which purpose" },
	{ METHOD_GET,   "/api/me/history", SIGNED_IN, BODY_NONE, ROUTE_SLOW | ROUTE_STRICT, history_get, "me",
	  "All entries about me with their proofs: an export that needs nobody's word" },
	{ METHOD_POST,  "/api/me/password", SIGNED_IN, BODY_JSON, ROUTE_SLOW | ROUTE_STRICT, password_post, "me",
	  "Set another password; all sessions end" },

	{ METHOD_GET,   "/api/registers/{register}/schema", ANYONE, BODY_NONE, ROUTE_PUBLIC, schema_get, "pack",
	  "JSON Schema of a register and its actions" },
	{ METHOD_GET,   "/api/registers/{register}", ANYONE, BODY_NONE, 0, records_get, "records",
	  "My records, or all of a public register" },
	{ METHOD_GET,   "/api/registers/{register}/{ref}/history", ANYONE, BODY_NONE, 0, record_history_get, "records",
	  "All versions of a record, oldest first" },
	{ METHOD_GET,   "/api/registers/{register}/{ref}/files/{file}", SIGNED_IN, BODY_NONE, 0, record_file_get, "records",
	  "A file that the record names" },
	{ METHOD_GET,   "/api/registers/{register}/{ref}", ANYONE, BODY_NONE, 0, record_get, "records",
	  "One record, and what may be done with it now" },
	{ METHOD_POST,  "/api/registers/{register}/{ref}/agree", SIGNED_IN, BODY_JSON, ROUTE_KEY, act_agree_post, "acts",
	  "Agree to what is asked about a record" },
	{ METHOD_POST,  "/api/registers/{register}/{ref}/refuse", SIGNED_IN, BODY_JSON, ROUTE_KEY, act_refuse_post, "acts",
	  "Refuse what is asked about a record" },
	{ METHOD_POST,  "/api/registers/{register}/{ref}/answer-links", CAN_COUNTER, BODY_JSON, ROUTE_SLOW, counter_link_post, "acts",
	  "A one-time link for paper, made at the counter" },
	{ METHOD_POST,  "/api/registers/{register}/{ref}/{action}", SIGNED_IN, BODY_JSON, ROUTE_KEY, act_record_post, "acts",
	  "Run an action on a record" },
	{ METHOD_POST,  "/api/registers/{register}/{action}", SIGNED_IN, BODY_JSON, ROUTE_KEY, act_new_post, "acts",
	  "Run an action that makes a record" },

	{ METHOD_GET,   "/api/answers/{token}", ANYONE, BODY_NONE, ROUTE_STRICT, answer_get, "answers",
	  "What is asked of the holder of a one-time link" },
	{ METHOD_POST,  "/api/answers/{token}", ANYONE, BODY_JSON, ROUTE_STRICT, answer_post, "answers",
	  "Answer through a one-time link" },
	{ METHOD_GET,   "/answer/{token}", ANYONE, BODY_NONE, ROUTE_STRICT | ROUTE_PAGE, answer_page_get, "answers",
	  "The same as a page for people" },
	{ METHOD_POST,  "/answer/{token}", ANYONE, BODY_FORM, ROUTE_STRICT | ROUTE_PAGE, answer_page_post, "answers",
	  "The page's two buttons" },

	{ METHOD_GET,   "/", ANYONE, BODY_NONE, ROUTE_PUBLIC | ROUTE_PAGE, start_page_get, "pages",
	  "What this is, for whoever comes by" },
	{ METHOD_GET,   "/page/{file}", ANYONE, BODY_NONE, ROUTE_PUBLIC, page_file_get, "pages",
	  "The pages' style and mark" },

	{ METHOD_POST,  "/api/accounts", COUNTER_OR_ACCOUNTS, BODY_JSON, ROUTE_SLOW, account_post, "accounts",
	  "Make an account; a one-time code is answered" },
	{ METHOD_GET,   "/api/accounts", CAN_ACCOUNTS, BODY_NONE, 0, accounts_get, "accounts",
	  "All accounts, page by page" },
	{ METHOD_GET,   "/api/accounts/{name}", CAN_ACCOUNTS, BODY_NONE, 0, account_get, "accounts",
	  "An account and its roles" },
	{ METHOD_DELETE, "/api/accounts/{name}", CAN_ACCOUNTS, BODY_NONE, ROUTE_SLOW, account_delete, "accounts",
	  "Close an account" },
	{ METHOD_POST,  "/api/accounts/{name}/roles", CAN_ACCOUNTS, BODY_JSON, ROUTE_SLOW, account_role_post, "accounts",
	  "Give a role" },
	{ METHOD_DELETE, "/api/accounts/{name}/roles/{role}", CAN_ACCOUNTS, BODY_NONE, ROUTE_SLOW, account_role_delete, "accounts",
	  "Take a role away" },
	{ METHOD_POST,  "/api/accounts/{name}/code", COUNTER_OR_ACCOUNTS, BODY_JSON, ROUTE_SLOW, account_code_post, "accounts",
	  "A fresh one-time code" },
	{ METHOD_POST,  "/api/accounts/{name}/tokens", CAN_ACCOUNTS, BODY_JSON, ROUTE_SLOW, account_token_post, "accounts",
	  "A long-lived token for a program" },
	{ METHOD_DELETE, "/api/accounts/{name}/tokens/{label}", CAN_ACCOUNTS, BODY_NONE, ROUTE_SLOW, account_token_delete, "accounts",
	  "Withdraw a token" },

	{ METHOD_POST,  "/api/oversight/entries", CAN_AUDIT, BODY_JSON, 0, oversight_entry_post, "oversight",
	  "Open one entry of the log with its sealed detail; this leaves an entry too" },
	{ METHOD_GET,   "/api/audit", CAN_AUDIT, BODY_NONE, 0, audit_get, "accounts",
	  "What was changed about accounts, newest first" },

	{ METHOD_GET,   "/api/findings", CAN_FINDINGS, BODY_NONE, 0, findings_get, "findings",
	  "The work queue: provisions and due days, no people" },
	{ METHOD_GET,   "/api/findings/{id}", SIGNED_IN, BODY_NONE, 0, finding_get, "findings",
	  "Why a finding about me is there" },
	{ METHOD_POST,  "/api/lookups", CAN_LOOKUPS, BODY_JSON, 0, lookup_post, "lookups",
	  "Open one record for a stated purpose; the person will see it" },
	{ METHOD_POST,  "/api/searches", CAN_LOOKUPS, BODY_JSON, 0, search_post, "lookups",
	  "Find records by name, number, document or address: at most ten; people are masked and will see it" },

	{ METHOD_GET,   "/api/pack", ANYONE, BODY_NONE, ROUTE_PUBLIC, pack_get, "pack",
	  "Registers, actions, roles and purposes of this country" },
	{ METHOD_GET,   "/api/law", ANYONE, BODY_NONE, ROUTE_PUBLIC, law_get, "pack",
	  "Provisions as of a day" },
	{ METHOD_GET,   "/api/places", ANYONE, BODY_NONE, ROUTE_PUBLIC, places_get, "pack",
	  "Places by code, by parent, by the beginning of the name" },
	{ METHOD_GET,   "/api/views/{view}", ANYONE, BODY_NONE, 0, view_get, "pack",
	  "Rows of a view; public ones are open data" },
	{ METHOD_GET,   "/api/statistics", ANYONE, BODY_NONE, 0, statistics_get, "pack",
	  "Monthly statistics: which there are, and of which months" },
	{ METHOD_GET,   "/api/statistics/{name}", ANYONE, BODY_NONE, 0, statistic_get, "pack",
	  "A month of a statistic, as JSON or CSV" },
	{ METHOD_GET,   "/openapi.json", ANYONE, BODY_NONE, ROUTE_PUBLIC, openapi_get, "pack",
	  "This document" },
	{ METHOD_GET,   "/problems/{name}", ANYONE, BODY_NONE, ROUTE_PUBLIC, problem_type_get, "pack",
	  "What a problem type means" },

	{ METHOD_POST,  "/api/files", SIGNED_IN, BODY_FILE, ROUTE_SLOW, file_post, "files",
	  "Upload a PDF, JPEG or PNG" },
	{ METHOD_GET,   "/api/files/{file}", SIGNED_IN, BODY_NONE, 0, file_get, "files",
	  "A file that I uploaded" },

	{ METHOD_GET,   "/api/demo/clock", ANYONE, BODY_NONE, 0, demo_clock_get, "demo",
	  "The clock of a demo" },
	{ METHOD_POST,  "/api/demo/clock", CAN_CLOCK, BODY_JSON, ROUTE_SLOW, demo_clock_post, "demo",
	  "Move a demo's clock forward" },

	{ METHOD_GET,   "/api/entries/{index}/proof", SIGNED_IN, BODY_NONE, 0, entry_proof_get, "log",
	  "That an entry of mine is in the published log: a proof that needs nobody's word" },
	{ METHOD_GET,   "/tlog/checkpoint", ANYONE, BODY_NONE, ROUTE_LOG, tlog_checkpoint_get, "log",
	  "The log's size and root, signed" },
	{ METHOD_GET,   "/tlog/vkey", ANYONE, BODY_NONE, ROUTE_LOG, tlog_vkey_get, "log",
	  "The key that signs it" },
	{ METHOD_GET,   "/tlog/tile/{path...}", ANYONE, BODY_NONE, ROUTE_LOG, tlog_tile_get, "log",
	  "A tile of hashes (LEVEL/NUMBER) or a bundle of entries (entries/NUMBER), as in C2SP tlog-tiles" },

	{ METHOD_GET,   "/healthz", ANYONE, BODY_NONE, ROUTE_HEALTH, health_get, "operations",
	  "Is the server able to write?" },
	{ METHOD_GET,   "/metrics", ANYONE, BODY_NONE, ROUTE_METRICS, metrics_get, "operations",
	  "Counters in Prometheus text" },
};
/* clang-format on */

static const char *const method_names[METHOD_COUNT] = { "GET", "POST", "DELETE" };

const struct route *
route_table(size_t *ret_count)
{
	*ret_count = ARRAY_COUNT(routes);
	return routes;
}

enum method
method_parse(const char *text)
{
	if (strcmp(text, "HEAD") == 0)
		return METHOD_GET;
	for (int i = 0; i < METHOD_COUNT; i++)
		if (strcmp(text, method_names[i]) == 0)
			return (enum method)i;
	return METHOD_COUNT;
}

const char *
method_name(enum method method)
{
	assert(method < METHOD_COUNT);
	return method_names[method];
}

/* The part in braces at `*pattern` takes a segment of the path, {name...} all that is left; both are moved past. */
static bool
take_param(const char **pattern, const char **path, const char **ret_start, size_t *ret_length)
{
	const char *end = strchr(*pattern, '}');
	bool is_tail = end[-1] == '.';
	size_t bytes = is_tail ? strlen(*path) : strcspn(*path, "/");

	if (bytes == 0 || bytes > ROUTE_SEGMENT_BYTES_MAX)
		return false;
	*ret_start = *path;
	*ret_length = bytes;
	*pattern = end + 1;
	*path += bytes;
	return true;
}

/* Does `path` fit? Segments of it that stand for {names} are noted from `starts` on. */
static bool
fits(const char *pattern, const char *path, const char *starts[ROUTE_PARAMS_MAX], size_t lengths[ROUTE_PARAMS_MAX],
     size_t *ret_params)
{
	size_t params = 0;

	while (*pattern != '\0') {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		assert(params < ROUTE_PARAMS_MAX);
		if (!take_param(&pattern, &path, &starts[params], &lengths[params]))
			return false;
		params++;
	}
	*ret_params = params;
	return *path == '\0';
}

static bool
belongs(const struct route *route, bool metrics)
{
	return (route->flags & ROUTE_HEALTH) != 0 || metrics == ((route->flags & ROUTE_METRICS) != 0);
}

void
route_find(struct arena *arena, enum method method, const char *path, bool metrics, struct route_match *ret_match)
{
	*ret_match = (struct route_match){ 0 };
	if (strlen(path) > ROUTE_PATH_BYTES_MAX)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(routes); i++) {
		const char *starts[ROUTE_PARAMS_MAX];
		size_t lengths[ROUTE_PARAMS_MAX], count;

		if (!belongs(&routes[i], metrics) || !fits(routes[i].pattern, path, starts, lengths, &count))
			continue;
		ret_match->allowed |= 1U << routes[i].method;
		if (routes[i].method != method || ret_match->route != NULL)
			continue;
		ret_match->route = &routes[i];
		ret_match->param_count = count;
		for (size_t n = 0; n < count; n++)
			ret_match->params[n] = arena_copy(arena, starts[n], lengths[n]);
	}
}

const char *
route_param(const struct route_match *match, const char *name)
{
	const char *at = match->route == NULL ? NULL : strchr(match->route->pattern, '{');
	size_t bytes = strlen(name);

	for (size_t i = 0; at != NULL && i < match->param_count; i++, at = strchr(at + 1, '{'))
		if (strncmp(at + 1, name, bytes) == 0 && (at[1 + bytes] == '}' || at[1 + bytes] == '.'))
			return match->params[i];
	return NULL;
}

const char *
route_allow(struct arena *arena, unsigned allowed)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (int i = 0; i < METHOD_COUNT; i++) {
		if ((allowed & (1U << i)) == 0)
			continue;
		strbuf_printf(&out, "%s, ", method_names[i]);
		if (i == METHOD_GET)
			strbuf_text(&out, "HEAD, ");
	}
	strbuf_text(&out, "OPTIONS");
	return arena_copy(arena, out.text, out.bytes);
}
