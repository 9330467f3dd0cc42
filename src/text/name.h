/* name.h - names of people across Kazakh, Russian and Latin letters: check, fold to compare,
 * print in passport letters, sort. Table: data/names/translit.csv (docs/domain.md, section 9). All take valid UTF-8. */
#pragma once
#include "base/arena.h"

/* Cyrillic and Latin letters with up to two loose marks each, hyphen, apostrophes (' ’ ʼ), blank, dot;
 * begins with a letter or an apostrophe and holds a letter. */
bool name_is_valid(const char *text);
/* The key under which spellings of one name meet: Қуаныш, Куаныш, Kuanysh, Quanysh. Lower Latin
 * letters (x for sh, c for ch, j for zh), one blank between words, hyphens and dots being blanks and
 * apostrophes nothing; -ұлы and -қызы hang on the name before. Cyrillic look-alikes in Latin words and
 * the reverse are resolved first. A key of today's rules (NAME_FOLD_VERSION): compare keys, never keep them for ever.
 * Empty when nothing of a name is in it. */
char *name_fold(struct arena *arena, const char *text);
/* What name_fold's rules are numbered: keys that were stored under another number are made anew. */
enum { NAME_FOLD_VERSION = 1 };
/* A coarser key of a folded word: what is written by ear in several ways (a e, o u ou, h k, v f, sh ch, dj j) is one. Writes at
 * most `bytes` and a NUL into `ret_coarse` and tells how many bytes. */
size_t name_coarse(const char *folded, size_t bytes, char *ret_coarse);
bool name_same(struct arena *arena, const char *a, const char *b);
/* ICAO 9303 capital letters, as a passport shows it. */
char *name_icao(struct arena *arena, const char *text);
/* Orders by the Kazakh alphabet, Latin letters behind it; 0 for the same bytes only. */
int name_compare(const char *a, const char *b);
