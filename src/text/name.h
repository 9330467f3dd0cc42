/* name.h - names of people across Kazakh, Russian and Latin letters: check, fold to compare,
 * print in passport letters, sort. DOMAIN: section 9 of docs/domain.md; table data/names/translit.csv. */
#pragma once
#include "base/arena.h"

/* Letters of the three alphabets (and other Latin ones), hyphen, apostrophes (' ’ ʼ), blank, dot. */
bool name_is_valid(const char *text);
/* The key under which spellings of one name meet: Қуаныш, Куаныш, Kuanysh, Quanysh. Lower Latin
 * letters; Cyrillic look-alikes in Latin words and the reverse are resolved first. */
char *name_fold(struct arena *arena, const char *text);
bool name_same(struct arena *arena, const char *a, const char *b);
/* ICAO 9303 capital letters, as a passport shows it. */
char *name_icao(struct arena *arena, const char *text);
/* Orders by the Kazakh alphabet; <0, 0, >0. */
int name_compare(const char *a, const char *b);
