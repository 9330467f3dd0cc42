#include "http/page.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "text/digest.h"

enum { STYLE_HASH_BYTES = 8 };

static const char *const texts[PAGE_TEXT_COUNT][LANGUAGE_COUNT] = {
#define PAGE(id, kk, ru, en) { kk, ru, en },
#include "http/page_text.def"
#undef PAGE
};
static const char *const language_titles[LANGUAGE_COUNT] = { "Қазақша", "Русский", "English" };

static char style_name[2 * STYLE_HASH_BYTES + sizeof(".css")];
static pthread_once_t style_named = PTHREAD_ONCE_INIT;

const char *
page_text(enum page_text text, enum language language)
{
	assert(text < PAGE_TEXT_COUNT && language < LANGUAGE_COUNT);
	return texts[text][language];
}

static void
name_style(void)
{
	AUTO(digest_free) struct digest *digest = digest_new();
	unsigned char hash[DIGEST_BYTES];

	digest_add(digest, page_style, strlen(page_style));
	digest_finish(digest, hash);
	for (size_t i = 0; i < STYLE_HASH_BYTES; i++)
		snprintf(style_name + 2 * i, 3, "%02x", hash[i]);
	strcat(style_name, ".css");
}

const char *
page_style_name(void)
{
	pthread_once(&style_named, name_style);
	return style_name;
}

void
page_escape(struct strbuf *out, const char *text)
{
	for (; text != NULL && *text != '\0'; text++) {
		switch (*text) {
		case '&':
			strbuf_text(out, "&amp;");
			break;
		case '<':
			strbuf_text(out, "&lt;");
			break;
		case '>':
			strbuf_text(out, "&gt;");
			break;
		case '"':
			strbuf_text(out, "&quot;");
			break;
		case '\'':
			strbuf_text(out, "&#39;");
			break;
		default:
			strbuf_char(out, *text);
		}
	}
}

void
page_element(struct strbuf *out, const char *tag, const char *class, const char *text)
{
	strbuf_printf(out, class == NULL ? "<%s>" : "<%s class=\"%s\">", tag, class);
	page_escape(out, text);
	strbuf_printf(out, "</%s>\n", tag);
}

void
page_paragraph(struct strbuf *out, const char *class, const char *text)
{
	page_element(out, "p", class, text);
}

void
page_row(struct strbuf *out, const char *title, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	strbuf_text(out, "<div><dt>");
	page_escape(out, title);
	strbuf_text(out, "</dt><dd>");
	page_escape(out, text);
	strbuf_text(out, "</dd></div>\n");
}

void
page_link(struct strbuf *out, const char *path, enum language language, const char *text)
{
	strbuf_text(out, "<a href=\"");
	page_escape(out, path);
	strbuf_printf(out, "?lang=%s\">", language_name(language));
	page_escape(out, text);
	strbuf_text(out, "</a>");
}

static void
add_languages(struct strbuf *out, const struct page *page)
{
	strbuf_printf(out, "<nav aria-label=\"%s\"><ul>", page_text(PAGE_LANGUAGES, page->language));
	for (int l = 0; l < LANGUAGE_COUNT; l++) {
		const char *name = language_name((enum language)l);

		strbuf_text(out, "<li><a href=\"");
		page_escape(out, page->path);
		strbuf_printf(out, "?lang=%s\" lang=\"%s\" hreflang=\"%s\"%s>%s</a></li>", name, name, name,
			      l == (int)page->language ? " aria-current=\"true\"" : "", language_titles[l]);
	}
	strbuf_text(out, "</ul></nav>\n");
}

static void
add_head(struct strbuf *out, const struct page *page)
{
	strbuf_printf(out,
		      "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n%s<title>",
		      language_name(page->language),
		      page->may_index ? "" : "<meta name=\"robots\" content=\"noindex\">\n");
	page_escape(out, page->title);
	strbuf_printf(out,
		      " · Tirkeu</title>\n<link rel=\"stylesheet\" href=\"/page/%s\">\n"
		      "<link rel=\"icon\" href=\"/page/mark.svg\" type=\"image/svg+xml\">\n</head>\n",
		      page_style_name());
}

void
page_begin(struct strbuf *out, const struct page *page)
{
	add_head(out, page);
	strbuf_printf(out,
		      "<body%s>\n<header class=\"top\"><div class=\"wrap\">\n"
		      "<a class=\"mark\" href=\"/?lang=%s\">%sTirkeu</a>\n",
		      page->wide ? " class=\"wide\"" : "", language_name(page->language), page_mark);
	if (page->path != NULL)
		add_languages(out, page);
	strbuf_text(out, "</div></header>\n");
	/* Inside <main>, so that whoever goes there by its landmark hears it first. */
	strbuf_text(out, "<main>\n");
	if (page->demo) {
		strbuf_text(out, "<div class=\"note\"><div class=\"wrap\">");
		page_paragraph(out, NULL, page_text(PAGE_DEMO, page->language));
		strbuf_text(out, "</div></div>\n");
	}
	strbuf_text(out, "<div class=\"wrap body\">\n");
}

void
page_end(struct strbuf *out, const struct page *page)
{
	strbuf_text(out, "</div>\n</main>\n<footer><div class=\"wrap\"><p>");
	page_link(out, "/", page->language, page_text(PAGE_HOME, page->language));
	strbuf_text(out, "</p><p>Tirkeu " TIRKEU_VERSION "</p></div></footer>\n</body>\n</html>\n");
}
