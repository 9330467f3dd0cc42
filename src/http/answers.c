/* answers.c - who has no account answers by a one-time link: what is asked, agree, refuse; as JSON for an app and as
 * a page for everyone. Reading does not use the link up: mail scanners follow links, they do not press buttons. */
#include <string.h>
#include "http/form.h"
#include "http/handlers.h"
#include "http/page.h"
#include "http/server_inside.h"
#include "http/submit.h"
#include "registry/act.h"
#include "registry/outbox.h"
#include "registry/read.h"
#include "text/utf8.h"

enum { LINK_HASH_BYTES = 32, REASON_CHARACTERS_MAX = 500 };

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

/* A text of one line, as a field of the pack takes it; nothing left of it is no reason. Browsers end lines with CR LF. */
static enum error
clean_reason(struct request *request, const char **reason)
{
	char *text = arena_text(request->arena, *reason);

	if (text == NULL)
		return OK;
	for (char *p = text; *p != '\0'; p++)
		if (*p == '\r' || *p == '\n')
			*p = ' ';
	text = utf8_normalise(request->arena, text, strlen(text));
	if (!utf8_is_clean(text, strlen(text), false))
		return request_fault(request, "reason", MSG_TEXT_CONTROL, NULL);
	if (utf8_count(text, strlen(text)) > REASON_CHARACTERS_MAX)
		return request_fault(request, "reason", MSG_TEXT_TOO_LONG,
				     arena_printf(request->arena, "%d", REASON_CHARACTERS_MAX));
	*reason = *text == '\0' ? NULL : text;
	return OK;
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
	TRY(clean_reason(request, &reason));
	return begin_answer(request, strcmp(answer, "agree") == 0 ? ACT_AGREE : ACT_REFUSE, reason);
}

/* ---- the same as pages ---- */

static const struct page *
begin_page(struct request *request, const char *title, bool languages, struct strbuf **ret_out)
{
	struct page *page = arena_new_of(request->arena, struct page);

	*page = (struct page){ .language = request->language,
			       .title = title,
			       .path = languages ? request->path : NULL,
			       .demo = registry_is_demo(request->registry) };
	*ret_out = reply_text(request, 200, "text/html; charset=utf-8");
	page_begin(*ret_out, page);
	strbuf_text(*ret_out, "<div class=\"card\">\n");
	return page;
}

static void
end_page(struct strbuf *out, const struct page *page)
{
	strbuf_text(out, "</div>\n");
	page_end(out, page);
}

/* "2026-12-01T18:00:00.000+05:00" as people read it. */
static const char *
short_time(struct request *request, const char *text)
{
	if (text == NULL || strlen(text) < 16)
		return text;
	if (request->language == LANGUAGE_EN)
		return arena_printf(request->arena, "%.10s %.5s", text, text + 11);
	return arena_printf(request->arena, "%.2s.%.2s.%.4s %.5s", text + 8, text + 5, text, text + 11);
}

/* Is the field a party, and the one that reads this? */
static bool
is_reader(const struct node *root, const char *field)
{
	const struct node *me = node_get(node_get(node_get(root, "fields"), field), "me");

	return me != NULL && me->kind == NODE_BOOLEAN && me->truth;
}

static void
print_shown(struct request *request, struct strbuf *out, const struct node *root)
{
	const struct node *shown = node_get(root, "shown");

	for (size_t i = 0; shown != NULL && i < shown->count; i++) {
		const struct node *row = &shown->items[i];
		const char *text = node_text(row, "text");

		if (is_reader(root, node_text(row, "name")))
			text = arena_printf(request->arena, "%s (%s)", text, page_text(PAGE_YOU, request->language));
		page_row(out, node_text(row, "title"), text);
	}
}

/* Two forms of the same weight. Without an action each goes to this page's own address. */
static void
print_answers(struct strbuf *out, enum language language)
{
	page_element(out, "h2", NULL, page_text(PAGE_ANSWER, language));
	page_paragraph(out, NULL, page_text(PAGE_INTRO, language));
	strbuf_text(out, "<div class=\"answers\">\n<form method=\"post\">");
	page_paragraph(out, NULL, page_text(PAGE_AGREE_TEXT, language));
	strbuf_printf(out,
		      "<button name=\"answer\" value=\"agree\">%s</button></form>\n"
		      "<form method=\"post\"><div><label for=\"reason\">%s <span class=\"soft\">%s</span></label>"
		      "<textarea id=\"reason\" name=\"reason\" rows=\"2\" maxlength=\"%d\"></textarea></div>"
		      "<button class=\"other\" name=\"answer\" value=\"refuse\">%s</button></form>\n</div>\n",
		      page_text(PAGE_AGREE, language), page_text(PAGE_REASON, language),
		      page_text(PAGE_OPTIONAL, language), REASON_CHARACTERS_MAX, page_text(PAGE_REFUSE, language));
}

static void
print_question(struct request *request, struct strbuf *out, const struct node *root)
{
	enum language language = request->language;
	const char *text = node_text(root, "text"), *until = node_text(root, "until");

	page_paragraph(out, "soft",
		       arena_printf(request->arena, "%s · %s", page_text(PAGE_TITLE, language),
				    node_text(root, "register_title")));
	page_element(out, "h1", NULL, node_text(root, "title"));
	if (text != NULL)
		page_paragraph(out, "lead", text);
	strbuf_text(out, "<dl>\n");
	print_shown(request, out, root);
	page_row(out, page_text(PAGE_REFERENCE, language), node_text(root, "ref"));
	page_row(out, page_text(PAGE_UNTIL, language), short_time(request, until));
	strbuf_text(out, "</dl>\n");
	print_answers(out, language);
}

static enum error
read_asked(struct request *request, const struct node **ret_root)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	struct json json = { .out = &text };

	TRY(read_ask(request, &json));
	return node_parse_json(request->arena, text.text, text.bytes, NULL, ret_root);
}

enum error
answer_page_get(struct request *request)
{
	const struct node *root = NULL;
	struct strbuf *out = NULL;

	TRY(read_asked(request, &root));
	const struct page *page = begin_page(request, node_text(root, "title"), true, &out);

	print_question(request, out, root);
	end_page(out, page);
	return OK;
}

static enum error
finish_page(struct request *request)
{
	const struct act *act = request->act;
	bool agreed = act->kind == ACT_AGREE;
	enum language language = request->language;
	struct strbuf *out = NULL;

	if (act->result != OK) {
		request->problem = act->problem;
		return act->result;
	}
	const char *title = page_text(agreed ? PAGE_AGREED : PAGE_REFUSED, language);
	const struct page *page = begin_page(request, title, false, &out);

	page_element(out, "h1", NULL, title);
	if (agreed)
		page_paragraph(out, "lead", page_text(act->waiting ? PAGE_WAITS : PAGE_ALL_AGREED, language));
	strbuf_text(out, "<dl>\n");
	page_row(out, node_text(request->asked, "register_title"), node_text(request->asked, "title"));
	page_row(out, page_text(PAGE_REFERENCE, language), node_text(request->asked, "ref"));
	strbuf_text(out, "</dl>\n");
	page_paragraph(out, "soft", page_text(PAGE_CLOSE, language));
	end_page(out, page);
	return OK;
}

enum error
answer_page_post(struct request *request)
{
	const char *body = request->body.bytes == 0 ? "" : request->body.text;
	const char *answer = NULL, *reason = NULL;

	TRY(form_value(request->arena, body, request->body.bytes, "answer", &answer));
	TRY(form_value(request->arena, body, request->body.bytes, "reason", &reason));
	bool agree = answer != NULL && strcmp(answer, "agree") == 0;

	if (!agree && (answer == NULL || strcmp(answer, "refuse") != 0))
		return ERR_MALFORMED;
	if (!agree)
		TRY(clean_reason(request, &reason));
	TRY(read_asked(request, &request->asked));
	TRY(begin_answer(request, agree ? ACT_AGREE : ACT_REFUSE, agree ? NULL : reason));
	request->finish = finish_page;
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
	TRY(outbox_counter_link(request->registry, &request->actor, reg, record, party, request->now, token));
	struct json *json = reply_json(request, 201);

	json_open_map(json);
	json_field_text(json, "url", arena_printf(request->arena, "%s/answer/%s", request->server->base_url, token));
	json_close_map(json);
	return OK;
}
