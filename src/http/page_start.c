/* page_start.c - the page at /: what this installation is for, what can be declared and who must agree, what is open,
 * how programs sign in. Everything that a country calls by name is read from its pack. */
#include <string.h>
#include "base/day.h"
#include "http/handlers.h"
#include "http/page.h"
#include "http/schema.h"
#include "http/server_inside.h"

enum { SUBJECTS_MAX = 16, STEPS_DEEP_MAX = 4 };

/* Whose consent an action needs, its own and that of its steps on the same record. */
struct consent {
	struct {
		const struct reg *reg;
		const struct action *action;
		const struct ask *ask;
	} asks[SUBJECTS_MAX];
	size_t count;
	int64_t within_ms; /* 0: no limit */
};

static bool
is_same_subject(const struct subject *a, const struct subject *b)
{
	return strcmp(a->text, b->text) == 0;
}

static void
collect_consent(const struct action *action, int depth, struct consent *consent)
{
	for (size_t i = 0; i < action->ask_count && consent->count < SUBJECTS_MAX; i++) {
		bool known = false;

		for (size_t k = 0; k < consent->count; k++)
			known |= is_same_subject(&consent->asks[k].ask->subject, &action->asks[i].subject);
		if (known)
			continue;
		consent->asks[consent->count].reg = action->reg;
		consent->asks[consent->count].action = action;
		consent->asks[consent->count++].ask = &action->asks[i];
	}
	if (action->ask_count > 0 && action->ask_within_ms > 0)
		consent->within_ms = action->ask_within_ms;
	for (size_t i = 0; depth < STEPS_DEEP_MAX && i < action->step_count; i++)
		if (action->steps[i].reg == action->reg && action->steps[i].action != action)
			collect_consent(action->steps[i].action, depth + 1, consent);
}

/* A role of an office, not one that people and firms have. */
static bool
is_office(const struct subject *subject)
{
	return subject->kind == SUBJECT_ROLE && (subject->role->body != NULL || subject->role->can != 0);
}

static bool
is_for_people(const struct action *action)
{
	for (size_t i = 0; i < action->by_count; i++)
		if (!is_office(&action->by[i]))
			return true;
	return false;
}

/* Does another action that people begin run it as a step? Then it is shown with that one. */
static bool
is_step_of_another(const struct action *action)
{
	const struct reg *reg = action->reg;

	for (size_t a = 0; a < reg->action_count; a++)
		for (size_t i = 0; i < reg->actions[a].step_count; i++)
			if (reg->actions[a].steps[i].action == action && &reg->actions[a] != action)
				return true;
	return false;
}

/* What people begin, and what offices begin but people must agree to. */
static bool
is_shown(const struct action *action)
{
	struct consent consent = { 0 };

	if (!schema_is_callable(action))
		return false;
	if (action->new_state == NULL)
		return action->ask_count > 0 && !is_step_of_another(action);
	collect_consent(action, 0, &consent);
	return is_for_people(action) || consent.count > 0;
}

/* What the pack calls the subject; NULL when it depends on the record. */
static const char *
subject_title(struct request *request, const struct action *action, const struct subject *subject)
{
	const struct pack *pack = registry_pack(request->registry);
	struct arena *arena = request->arena;
	const char *key = NULL;

	switch (subject->kind) {
	case SUBJECT_ROLE:
		return pack_textf(pack, request->language, arena, "role.%s", subject->role->name);
	case SUBJECT_PARTY:
		/* The text of a party that is a select may be missing. */
		key = arena_printf(arena, "%s.%s", action->reg->name, subject->party->name);
		return pack_text(pack, request->language, key) == key ? subject->party->name
								      : pack_text(pack, request->language, key);
	case SUBJECT_ARGUMENT:
		if (action->taken[subject->field->index] != NULL)
			return pack_textf(pack, request->language, arena, "%s.%s", action->reg->name,
					  subject->field->name);
		return pack_textf(pack, request->language, arena, "%s.%s.%s", action->reg->name, action->name,
				  subject->field->name);
	case SUBJECT_ROLE_FIELD:
	default:
		return NULL;
	}
}

static void
add_title(struct strbuf *out, const char *title)
{
	if (title == NULL)
		return;
	if (out->bytes > 0)
		strbuf_text(out, ", ");
	strbuf_text(out, title);
}

static void
print_consent(struct request *request, struct strbuf *out, const struct action *action)
{
	AUTO(strbuf_done) struct strbuf names = { 0 };
	struct consent consent = { 0 };
	bool any = false;

	collect_consent(action, 0, &consent);
	for (size_t i = 0; i < consent.count; i++) {
		add_title(&names, subject_title(request, consent.asks[i].action, &consent.asks[i].ask->subject));
		any |= !consent.asks[i].ask->all;
	}
	if (any && names.bytes > 0)
		strbuf_printf(&names, " (%s)", page_text(START_ANY, request->language));
	if (names.bytes > 0 && consent.within_ms >= DAY_MS)
		strbuf_printf(&names, "; %s: %lld", page_text(START_WITHIN, request->language),
			      (long long)(consent.within_ms / DAY_MS));
	page_row(out, page_text(START_ASKS, request->language),
		 names.bytes > 0 ? names.text : page_text(START_NOBODY, request->language));
}

static void
print_action(struct request *request, struct strbuf *out, const struct action *action)
{
	AUTO(strbuf_done) struct strbuf names = { 0 };

	for (size_t i = 0; i < action->by_count; i++)
		add_title(&names, subject_title(request, action, &action->by[i]));
	strbuf_text(out, "<li>");
	page_paragraph(out, "act",
		       pack_textf(registry_pack(request->registry), request->language, request->arena, "%s.%s",
				  action->reg->name, action->name));
	strbuf_text(out, "<dl>");
	page_row(out, page_text(START_BY, request->language), names.text);
	print_consent(request, out, action);
	strbuf_text(out, "</dl></li>\n");
}

static bool
takes_declarations(const struct reg *reg)
{
	for (size_t i = 0; i < reg->action_count; i++)
		if (is_shown(&reg->actions[i]))
			return true;
	return false;
}

static void
print_declarations(struct request *request, struct strbuf *out)
{
	const struct pack *pack = registry_pack(request->registry);
	bool any = false;

	for (size_t r = 0; r < pack->reg_count; r++)
		any |= takes_declarations(&pack->regs[r]);
	if (!any)
		return;
	page_element(out, "h2", NULL, page_text(START_DECLARE, request->language));
	strbuf_text(out, "<ul class=\"kept\">\n");
	for (size_t r = 0; r < pack->reg_count; r++) {
		const struct reg *reg = &pack->regs[r];

		if (!takes_declarations(reg))
			continue;
		strbuf_text(out, "<li class=\"card\">");
		page_element(out, "h3", NULL, pack_text(pack, request->language, reg->name));
		strbuf_text(out, "<ul>\n");
		for (size_t i = 0; i < reg->action_count; i++)
			if (is_shown(&reg->actions[i]))
				print_action(request, out, &reg->actions[i]);
		strbuf_text(out, "</ul></li>\n");
	}
	strbuf_text(out, "</ul>\n");
}

static void
print_others(struct request *request, struct strbuf *out)
{
	const struct pack *pack = registry_pack(request->registry);
	AUTO(strbuf_done) struct strbuf names = { 0 };

	for (size_t r = 0; r < pack->reg_count; r++)
		if (!takes_declarations(&pack->regs[r]))
			add_title(&names, pack_text(pack, request->language, pack->regs[r].name));
	if (names.bytes == 0)
		return;
	page_element(out, "h2", NULL, page_text(START_ALSO, request->language));
	page_paragraph(out, NULL, names.text);
}

static void
print_open_link(struct request *request, struct strbuf *out, const char *path, const char *title)
{
	strbuf_text(out, "<li>");
	page_link(out, path, request->language, title);
	strbuf_text(out, "</li>\n");
}

static void
print_open_data(struct request *request, struct strbuf *out)
{
	const struct pack *pack = registry_pack(request->registry);
	struct arena *arena = request->arena;
	bool any = false;

	for (size_t i = 0; i < pack->view_count; i++)
		any |= pack->views[i].is_public;
	for (size_t i = 0; i < pack->reg_count; i++)
		any |= pack->regs[i].is_public;
	if (!any)
		return;
	page_element(out, "h2", NULL, page_text(START_OPEN, request->language));
	page_paragraph(out, NULL, page_text(START_OPEN_TEXT, request->language));
	strbuf_text(out, "<ul class=\"links\">\n");
	for (size_t i = 0; i < pack->view_count; i++)
		if (pack->views[i].is_public)
			print_open_link(request, out,
					arena_printf(arena, "/api/%s/%s",
						     pack->views[i].monthly ? "statistics" : "views",
						     pack->views[i].name),
					pack_textf(pack, request->language, arena, "view.%s", pack->views[i].name));
	for (size_t i = 0; i < pack->reg_count; i++)
		if (pack->regs[i].is_public)
			print_open_link(request, out, arena_printf(arena, "/api/registers/%s", pack->regs[i].name),
					pack_text(pack, request->language, pack->regs[i].name));
	strbuf_text(out, "</ul>\n");
}

static void
print_programs(struct request *request, struct strbuf *out)
{
	enum language language = request->language;
	const char *base = request->server->base_url;

	page_element(out, "h2", NULL, page_text(START_API, language));
	page_paragraph(out, NULL, page_text(START_API_TEXT, language));
	strbuf_printf(out, "<pre aria-label=\"%s\"><code>curl ", page_text(START_API_EXAMPLE, language));
	page_escape(out, base);
	strbuf_text(out, "/api/sessions \\\n"
			 "  -H 'Content-Type: application/json' \\\n"
			 "  -d '{\"name\": \"NAME\", \"password\": \"PASSWORD\"}'\n\ncurl ");
	page_escape(out, base);
	strbuf_text(out, "/api/me -H 'Authorization: Bearer TOKEN'</code></pre>\n");
	if (registry_is_demo(request->registry))
		page_paragraph(out, NULL, page_text(START_API_DEMO, language));
	strbuf_text(out, "<ul class=\"links\">\n");
	print_open_link(request, out, "/openapi.json", page_text(START_OPENAPI, language));
	print_open_link(request, out, "/api/pack", page_text(START_PACK, language));
	print_open_link(request, out, "/api/law", page_text(START_LAW, language));
	strbuf_text(out, "</ul>\n");
}

static void
print_card(struct strbuf *out, enum language language, enum page_text title, enum page_text text)
{
	page_element(out, "h2", NULL, page_text(title, language));
	page_paragraph(out, NULL, page_text(text, language));
}

static void
print_cards(struct strbuf *out, enum language language)
{
	strbuf_text(out, "<div class=\"cards\">\n<section class=\"card first\">");
	print_card(out, language, START_LINK, START_LINK_TEXT);
	page_paragraph(out, "soft", page_text(START_LINK_SAFE, language));
	strbuf_text(out, "</section>\n<section class=\"card first\">");
	print_card(out, language, START_ACCOUNT, START_ACCOUNT_TEXT);
	strbuf_text(out, "</section>\n<section class=\"card first\">");
	print_card(out, language, START_DATA, START_DATA_TEXT);
	strbuf_text(out, "</section>\n</div>\n");
}

enum error
start_page_get(struct request *request)
{
	const struct pack *pack = registry_pack(request->registry);
	struct page page = { .language = request->language,
			     .title = pack_text(pack, request->language, "pack"),
			     .path = "/",
			     .demo = registry_is_demo(request->registry),
			     .wide = true,
			     .may_index = true };
	struct strbuf *out = reply_text(request, 200, "text/html; charset=utf-8");
	char day[DAY_TEXT_BYTES];

	page_begin(out, &page);
	page_element(out, "h1", NULL, page.title);
	page_paragraph(out, "lead", page_text(START_LEAD, request->language));
	print_cards(out, request->language);
	print_declarations(request, out);
	print_others(request, out);
	print_open_data(request, out);
	print_programs(request, out);
	page_paragraph(out, "soft small",
		       arena_printf(request->arena, "%s: %s, %s", page_text(START_EDITION, request->language),
				    pack->name, day_print(pack->edition, day)));
	page_end(out, &page);
	return OK;
}

enum error
page_file_get(struct request *request)
{
	const char *name = request_param(request, "file");

	if (strcmp(name, "mark.svg") == 0) {
		reply_fixed(request, 200, "image/svg+xml", page_mark, strlen(page_mark));
		return OK;
	}
	/* While several servers are renewed one after the other, a page of one may ask another for its style. */
	if (strlen(name) < strlen(".css") || strcmp(name + strlen(name) - strlen(".css"), ".css") != 0)
		return ERR_NOT_FOUND;
	if (strcmp(name, page_style_name()) == 0)
		request->reply.cache = "public, max-age=31536000, immutable";
	reply_fixed(request, 200, "text/css; charset=utf-8", page_style, strlen(page_style));
	return OK;
}
