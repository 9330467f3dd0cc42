/* utf8.h - checks, counts and normalises text; the rest of Unicode stays in ICU. */
#pragma once
#include "base/arena.h"

bool utf8_is_valid(const char *text, size_t bytes);
size_t utf8_count(const char *text, size_t bytes);	/* code points of valid text */
/* No code point below U+0020 but (when `lines`) newline and tab, no U+007F..U+009F, no bidi controls
 * or other invisible format characters except ZWJ/ZWNJ, nothing unassigned to a character. */
bool utf8_is_clean(const char *text, size_t bytes, bool lines);
/* NFC, blanks at both ends cut, inner runs of blanks made one. Valid UTF-8 only. */
char *utf8_normalise(struct arena *arena, const char *text, size_t bytes);
char *utf8_lower(struct arena *arena, const char *text);	/* root locale */
