/* page.h - the few pages that people see without the app: plain HTML, no scripts, nothing from elsewhere. */
#pragma once
#include "base/problem.h"
#include "base/strbuf.h"

enum page_text {
#define PAGE(id, kk, ru, en) id,
#include "http/page_text.def"
#undef PAGE
	PAGE_TEXT_COUNT
};
const char *page_text(enum page_text text, enum language language);

/* `language`, the title, the banner of a demo (NULL: none); `path` for the links to other languages (NULL: none). */
void page_begin(struct strbuf *out, enum language language, const char *title, const char *banner, const char *path);
void page_end(struct strbuf *out);
/* Text as HTML. */
void page_escape(struct strbuf *out, const char *text);
void page_paragraph(struct strbuf *out, const char *class, const char *text);

extern const char page_style[];
