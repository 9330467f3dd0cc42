/* answers.c - who has no account answers by a one-time link: what is asked, agree, refuse; as JSON for an app and as
 * a page for everyone. Reading does not use the link up: mail scanners follow links, they do not press buttons. */
#include <string.h>
#include "http/handlers.h"
#include "http/page.h"
#include "http/problem.h"
#include "http/server_inside.h"
#include "http/submit.h"
#include "registry/act.h"
#include "registry/outbox.h"
#include "registry/read.h"

enum { LINK_HASH_BYTES = 32 };

static enum error
read_link(struct request *request, unsigned char ret_hash[static LINK_HASH_BYTES])
{
	/* A token that cannot be one, one that never was and one that was used answer alike. */
	return outbox_link_hash(request_param(request, "token"), ret_hash) == OK ? OK : ERR_GONE;
}

static enum error
read_ask(struct request *request, struct json *json)
{
	unsigned char hash[LINK_HASH_BYTES];
	struct db *db = NULL;

	TRY(read_link(request, hash));
	TRY(request_db(request, &db));
	enum error e =
		read_ask_by_link(request->registry, db, request->arena, hash, request->language, request->now, json);
	return e == ERR_NOT_FOUND ? ERR_GONE : e;
}

enum error
answer_get(struct request *request)
{
	return read_ask(request, reply_json(request, 200));
}

static enum error
begin_answer(struct request *request, enum act_kind kind, const char *reason)
{
	unsigned char *hash = arena_take(request->arena, LINK_HASH_BYTES);
	struct act *act = NULL;

	TRY(read_link(request, hash));
	TRY(act_begin(request, &act));
	/* Whoever holds the link answers, whatever session the browser is in. */
	act->actor = (struct actor){ .account = ACCOUNT_NOBODY, .language = request->language };
	memcpy(act->actor.origin, request->origin, sizeof(act->actor.origin));
	act->kind = kind;
	act->way = ANSWER_LINK;
	act->link_hash = hash;
	act->reason = reason;
	act_hand_over(request);
	return OK;
}

enum error
answer_post(struct request *request)
{
	static const char *const keys[] = { "answer", "reason" };

	request_check_keys(request, keys, ARRAY_COUNT(keys));
	const char *answer = request_text(request, "answer", true), *reason = request_text(request, "reason", false);

	TRY(request_faults(request));
	if (strcmp(answer, "agree") != 0 && strcmp(answer, "refuse") != 0)
		return request_fault(request, "answer", MSG_NOT_CHOICE, "agree, refuse");
	return begin_answer(request, strcmp(answer, "agree") == 0 ? ACT_AGREE : ACT_REFUSE, reason);
}

static struct strbuf *
begin_page(struct request *request, int status, enum page_text title, bool languages)
{
	struct strbuf *out = reply_text(request, status, "text/html; charset=utf-8");

	page_begin(out, request->language, page_text(title, request->language), request->server->config.banner,
		   languages ? request->path : NULL);
	return out;
}

static void
print_row(struct strbuf *out, const char *title, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	strbuf_text(out, "<div><dt>");
	page_escape(out, title);
	strbuf_text(out, "</dt><dd>");
	page_escape(out, text);
	strbuf_text(out, "</dd></div>\n");
}

/* "2026-12-01T18:00:00.000+05:00" as "2026-12-01 18:00". */
static const char *
short_time(struct arena *arena, const char *text)
{
	return text == NULL || strlen(text) < 16 ? text : arena_printf(arena, "%.10s %.5s", text, text + 11);
}

static void
print_shown(struct request *request, struct strbuf *out, const struct node *root)
{
	const struct node *shown = node_get(root, "shown");
	const char *until = short_time(request->arena, node_text(root, "until"));

	strbuf_text(out, "<dl>\n");
	for (size_t i = 0; shown != NULL && i < shown->count; i++)
		print_row(out, node_text(&shown->items[i], "title"), node_text(&shown->items[i], "text"));
	print_row(out, page_text(PAGE_UNTIL, request->language), until);
	strbuf_text(out, "</dl>\n");
}

static void
print_question(struct request *request, struct strbuf *out, const struct node *root)
{
	const char *text = node_text(root, "text");

	page_paragraph(
		out, "what",
		arena_printf(request->arena, "%s: %s", node_text(root, "register_title"), node_text(root, "title")));
	if (text != NULL)
		page_paragraph(out, NULL, text);
	print_shown(request, out, root);
	page_paragraph(out, "soft", page_text(PAGE_INTRO, request->language));
	/* Without an action the form goes to this page's own address. */
	strbuf_printf(out,
		      "<form method=\"post\"><button name=\"answer\" value=\"agree\">%s</button>"
		      "<button class=\"other\" name=\"answer\" value=\"refuse\">%s</button></form>\n",
		      page_text(PAGE_AGREE, request->language), page_text(PAGE_REFUSE, request->language));
	page_paragraph(out, "soft", page_text(PAGE_UNKNOWN, request->language));
}

enum error
answer_page_get(struct request *request)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	struct json json = { .out = &text };
	const struct node *root = NULL;

	TRY(read_ask(request, &json));
	TRY(node_parse_json(request->arena, text.text, text.bytes, NULL, &root));
	struct strbuf *out = begin_page(request, 200, PAGE_TITLE, true);

	print_question(request, out, root);
	page_end(out);
	return OK;
}

static enum error
finish_page(struct request *request)
{
	const struct act *act = request->act;

	if (act->result != OK) {
		request->problem = act->problem;
		return act->result;
	}
	struct strbuf *out = begin_page(request, 200, act->kind == ACT_AGREE ? PAGE_AGREED : PAGE_REFUSED, false);

	page_paragraph(out, "soft", page_text(PAGE_CLOSE, request->language));
	page_end(out);
	return OK;
}

enum error
answer_page_post(struct request *request)
{
	const char *body = request->body.bytes == 0 ? "" : request->body.text;
	bool agree = strcmp(body, "answer=agree") == 0;

	if (!agree && strcmp(body, "answer=refuse") != 0)
		return ERR_MALFORMED;
	TRY(begin_answer(request, agree ? ACT_AGREE : ACT_REFUSE, NULL));
	request->finish = finish_page;
	return OK;
}

void
answer_problem_page(struct request *request, enum error e)
{
	bool gone = e == ERR_GONE;
	const struct problem *problem = &request->problem;
	struct strbuf *out = begin_page(request, error_http(e), gone ? PAGE_GONE : PAGE_NOT_DONE, false);

	page_paragraph(out, NULL,
		       gone ? page_text(PAGE_GONE_TEXT, request->language) : problem_title(e, request->language));
	for (size_t i = 0; !gone && i < problem->item_count; i++)
		page_paragraph(out, NULL,
			       message_print(request->arena, problem->items[i].message, request->language,
					     problem->items[i].arguments));
	if (!gone && error_http(e) >= 409) {
		strbuf_text(out, "<p><a href=\"\">");
		page_escape(out, page_text(PAGE_BACK, request->language));
		strbuf_text(out, "</a></p>\n");
	}
	page_end(out);
}

enum error
style_get(struct request *request)
{
	reply_fixed(request, 200, "text/css; charset=utf-8", page_style, strlen(page_style));
	return OK;
}

enum error
counter_link_post(struct request *request)
{
	static const char *const keys[] = { "party" };
	const struct reg *reg = NULL;
	int64_t record = 0, party = 0;
	char token[64];

	TRY(request_record(request, &reg, &record));
	request_check_keys(request, keys, ARRAY_COUNT(keys));
	const char *reference = request_text(request, "party", true);

	TRY(request_faults(request));
	TRY(request_party(request, "party", reference, &party));
	TRY(outbox_counter_link(request->registry, record, party, request->now, token));
	struct json *json = reply_json(request, 201);

	json_open_map(json);
	json_field_text(json, "url", arena_printf(request->arena, "%s/answer/%s", request->server->base_url, token));
	json_close_map(json);
	return OK;
}
