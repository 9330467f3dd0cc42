#include "http/page.h"

static const char *const texts[PAGE_TEXT_COUNT][LANGUAGE_COUNT] = {
#define PAGE(id, kk, ru, en) { kk, ru, en },
#include "http/page_text.def"
#undef PAGE
};
static const char *const language_titles[LANGUAGE_COUNT] = { "Қазақша", "Русский", "English" };

const char page_style[] =
	":root{color-scheme:light dark;--ink:#14211f;--soft:#51605d;--paper:#fff;--ground:#eef3f1;--line:#d5dedb;"
	"--main:#0f5f56;--on-main:#fff;--warn:#8a4b00}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#e8efed;--soft:#a7b6b2;--paper:#18211f;--ground:#0f1514;"
	"--line:#2e3b38;--main:#6fd0c1;--on-main:#06231f;--warn:#ffbe73}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;background:var(--ground);color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"
	"\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif}\n"
	"main{max-width:38rem;margin:0 auto;padding:2rem 1.25rem 4rem}\n"
	"header{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:baseline;justify-content:space-between;"
	"margin-bottom:1.5rem}\n"
	".mark{font-weight:700;letter-spacing:.02em;color:var(--main)}\n"
	"nav a{display:inline-block;padding:.35rem 0 .35rem .9rem;color:var(--soft)}nav "
	"a[aria-current]{color:var(--ink);"
	"text-decoration:none;font-weight:600}\n"
	".card{background:var(--paper);border:1px solid var(--line);border-radius:.9rem;padding:1.75rem 1.5rem}\n"
	"h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem}\nh2{font-size:1.15rem;margin:1.5rem 0 .5rem}\n"
	"p{margin:.5rem 0;white-space:pre-line}.soft{color:var(--soft)}.what{font-weight:600}\n"
	".banner{color:var(--warn);border:1px solid;border-radius:.5rem;padding:.5rem .8rem;margin:0 0 1rem}\n"
	"dl{margin:1.25rem 0;border-top:1px solid var(--line)}\n"
	"dl div{display:grid;grid-template-columns:minmax(8rem,2fr) 3fr;gap:.25rem 1rem;padding:.6rem 0;"
	"border-bottom:1px solid var(--line)}\n"
	"dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-weight:500}\n"
	"form{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0 .75rem}\n"
	"button{flex:1 1 12rem;min-height:3.25rem;padding:.6rem 1rem;font:inherit;font-weight:600;border-radius:.6rem;"
	"border:2px solid var(--main);background:var(--main);color:var(--on-main);cursor:pointer}\n"
	"button.other{background:transparent;color:var(--main)}\n"
	"button:focus-visible,a:focus-visible{outline:3px solid var(--warn);outline-offset:2px}\n"
	"@media (max-width:30rem){dl div{grid-template-columns:1fr}.card{padding:1.25rem 1rem}}\n"
	"@media print{form,nav{display:none}body{background:#fff}}\n";

const char *
page_text(enum page_text text, enum language language)
{
	assert(text < PAGE_TEXT_COUNT && language < LANGUAGE_COUNT);
	return texts[text][language];
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
page_paragraph(struct strbuf *out, const char *class, const char *text)
{
	if (class == NULL)
		strbuf_text(out, "<p>");
	else
		strbuf_printf(out, "<p class=\"%s\">", class);
	page_escape(out, text);
	strbuf_text(out, "</p>\n");
}

static void
add_languages(struct strbuf *out, enum language language, const char *path)
{
	strbuf_text(out, "<nav aria-label=\"Language\">");
	for (int l = 0; l < LANGUAGE_COUNT; l++) {
		strbuf_text(out, "<a href=\"");
		page_escape(out, path);
		strbuf_printf(out, "?lang=%s\" lang=\"%s\"%s>%s</a>", language_name((enum language)l),
			      language_name((enum language)l), l == (int)language ? " aria-current=\"true\"" : "",
			      language_titles[l]);
	}
	strbuf_text(out, "</nav>");
}

void
page_begin(struct strbuf *out, enum language language, const char *title, const char *banner, const char *path)
{
	strbuf_printf(out,
		      "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		      "<meta name=\"robots\" content=\"noindex\">\n<title>",
		      language_name(language));
	page_escape(out, title);
	strbuf_text(out, "</title>\n<link rel=\"stylesheet\" href=\"/answer.css\">\n</head>\n<body>\n<main>\n"
			 "<header><span class=\"mark\">Tirkeu</span>");
	if (path != NULL)
		add_languages(out, language, path);
	strbuf_text(out, "</header>\n");
	if (banner != NULL)
		page_paragraph(out, "banner", banner);
	strbuf_text(out, "<div class=\"card\">\n<h1>");
	page_escape(out, title);
	strbuf_text(out, "</h1>\n");
}

void
page_end(struct strbuf *out)
{
	strbuf_text(out, "</div>\n</main>\n</body>\n</html>\n");
}
