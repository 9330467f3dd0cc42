/* page.h - the pages that people see without the app: plain HTML, no scripts, nothing from elsewhere. This file knows
 * no register and no request; page_start.c and page_problem.c fill pages, answers.c those of one-time links. */
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

struct page {
	enum language language;
	const char *title;
	const char *path; /* for the links to the other languages; NULL: none */
	bool demo;        /* says that everyone is invented */
	bool wide;        /* columns */
	bool may_index;   /* search engines may keep it */
};
/* Everything up to the content of <main>; page_end closes it. */
void page_begin(struct strbuf *out, const struct page *page);
void page_end(struct strbuf *out, const struct page *page);

/* Text as HTML, also inside a quoted attribute. */
void page_escape(struct strbuf *out, const char *text);
/* <tag class="class">text</tag>; `class` NULL: none. */
void page_element(struct strbuf *out, const char *tag, const char *class, const char *text);
void page_paragraph(struct strbuf *out, const char *class, const char *text);
/* A row of a <dl>; nothing when `text` is empty. */
void page_row(struct strbuf *out, const char *title, const char *text);
/* <a href="path?lang=xx">text</a> */
void page_link(struct strbuf *out, const char *path, enum language language, const char *text);

/* The style and the mark, made from page.css and page_mark.svg when Tirkeu is built. */
extern const char page_style[];
extern const char page_mark[];
/* The style's name, with a hash of what is in it: "4f1d6a0c9b2e.css". Whoever has it need not ask again. */
const char *page_style_name(void);
