/* page_problem.c - problems as people read them in a browser, and what each kind of problem means. */
#include <string.h>
#include "http/handlers.h"
#include "http/page.h"
#include "http/problem.h"
#include "http/server_inside.h"
#include "registry/law.h"
#include "text/json.h"

static bool
is_page_route(const struct request *request)
{
	return request->match.route != NULL && (request->match.route->flags & ROUTE_PAGE) != 0;
}

static const char *
title_of(enum error e, const struct request *request)
{
	if (e == ERR_GONE && is_page_route(request))
		return page_text(PAGE_GONE, request->language);
	if (e == ERR_NOT_FOUND)
		return page_text(PAGE_NOT_FOUND, request->language);
	return is_page_route(request) ? page_text(PAGE_NOT_DONE, request->language)
				      : problem_title(e, request->language);
}

/* One text for a link that was used, that ran out and that never was: nobody learns which by trying. */
static void
print_gone(struct strbuf *out, enum language language)
{
	static const enum page_text reasons[] = { PAGE_GONE_ANSWERED, PAGE_GONE_LATE, PAGE_GONE_CUT };

	page_paragraph(out, NULL, page_text(PAGE_GONE_TEXT, language));
	strbuf_text(out, "<ul class=\"main-list\">\n");
	for (size_t i = 0; i < ARRAY_COUNT(reasons); i++)
		page_element(out, "li", NULL, page_text(reasons[i], language));
	strbuf_text(out, "</ul>\n");
	page_paragraph(out, NULL, page_text(PAGE_GONE_HELP, language));
}

static void
print_refusal(struct request *request, struct strbuf *out, const struct refusal *refusal)
{
	const struct pack *pack = registry_pack(request->registry);
	const struct provision *provision = refusal->provision;
	const char *act = pack_textf(pack, request->language, request->arena, "law.%s", provision->act->name);
	const char *article =
		law_article(request->registry, provision, refusal->article, request->language, request->arena);

	page_paragraph(out, NULL, pack_text(pack, request->language, provision->text_key));
	strbuf_text(out, "<dl>");
	page_row(out, page_text(PAGE_CITATION, request->language),
		 arena_printf(request->arena, "%s, %s", act, article));
	strbuf_text(out, "</dl>\n");
}

static void
print_items(struct request *request, struct strbuf *out)
{
	const struct problem *problem = &request->problem;

	for (size_t i = 0; i < problem->item_count; i++) {
		const struct problem_item *item = &problem->items[i];
		const char *text = message_print(request->arena, item->message, request->language, item->arguments);

		page_paragraph(out, NULL,
			       item->field == NULL || is_page_route(request)
				       ? text
				       : arena_printf(request->arena, "%s: %s", item->field, text));
	}
}

static void
print_what_happened(struct request *request, struct strbuf *out, enum error e)
{
	enum language language = request->language;

	if (e == ERR_GONE && is_page_route(request)) {
		print_gone(out, language);
		return;
	}
	if (e == ERR_NOT_FOUND) {
		page_paragraph(out, NULL, page_text(PAGE_NOT_FOUND_TEXT, language));
		return;
	}
	if (is_page_route(request))
		page_paragraph(out, NULL, problem_title(e, language));
	print_items(request, out);
	if (request->problem.refusal != NULL)
		print_refusal(request, out, request->problem.refusal);
	if (e == ERR_SIGN_IN)
		page_paragraph(out, NULL, page_text(PAGE_SIGN_IN_TEXT, language));
}

void
problem_page(struct request *request, enum error e)
{
	struct page page = { .language = request->language,
			     .title = title_of(e, request),
			     .demo = registry_is_demo(request->registry) };
	struct strbuf *out = reply_text(request, error_http(e), "text/html; charset=utf-8");

	page_begin(out, &page);
	strbuf_text(out, "<div class=\"card\">\n");
	page_element(out, "h1", NULL, page.title);
	print_what_happened(request, out, e);
	if (is_page_route(request) && e != ERR_GONE && e != ERR_NOT_FOUND) {
		/* Without an address the link leads to this page's own. */
		strbuf_text(out, "<p><a href=\"\">");
		page_escape(out, page_text(PAGE_BACK, request->language));
		strbuf_text(out, "</a></p>\n");
	}
	strbuf_text(out, "</div>\n");
	page_end(out, &page);
}

static void
print_problem_type(struct request *request, enum error e)
{
	struct page page = { .language = request->language,
			     .title = problem_title(e, request->language),
			     .path = request->path,
			     .demo = registry_is_demo(request->registry) };
	struct strbuf *out = reply_text(request, 200, "text/html; charset=utf-8");

	page_begin(out, &page);
	strbuf_text(out, "<div class=\"card\">\n");
	page_paragraph(out, "soft", page_text(PAGE_PROBLEM, page.language));
	page_element(out, "h1", NULL, page.title);
	page_paragraph(out, NULL, page_text(error_http(e) >= 500 ? PAGE_FAULT_OURS : PAGE_FAULT_THEIRS, page.language));
	strbuf_text(out, "<dl>\n");
	page_row(out, page_text(PAGE_NAME, page.language), error_name(e));
	page_row(out, page_text(PAGE_STATUS, page.language), arena_printf(request->arena, "%d", error_http(e)));
	strbuf_text(out, "</dl>\n");
	page_paragraph(out, "soft", page_text(PAGE_PROBLEM_TEXT, page.language));
	strbuf_text(out, "</div>\n");
	page_end(out, &page);
}

enum error
problem_type_get(struct request *request)
{
	enum error e = problem_by_name(request_param(request, "name"));

	if (e == ERROR_COUNT)
		return ERR_NOT_FOUND;
	if (request_wants_page(request)) {
		print_problem_type(request, e);
		return OK;
	}
	struct json *json = reply_json(request, 200);

	json_open_map(json);
	json_field_text(json, "name", error_name(e));
	json_field_integer(json, "status", error_http(e));
	json_field_text(json, "title", problem_title(e, request->language));
	json_close_map(json);
	return OK;
}
