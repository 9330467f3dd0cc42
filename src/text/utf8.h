/* utf8.h - checks, counts and normalises text; the rest of Unicode stays in ICU. */
#pragma once
#include "base/arena.h"

/* Bytes of the sequence (RFC 3629) at `text`, 0 when it is broken or `left` is 0. */
size_t utf8_sequence(const char *text, size_t left);
/* The code point at `*text`, which moves behind it. Valid, NUL-terminated text only. */
uint32_t utf8_next(const char **text);
struct strbuf;
void utf8_add(struct strbuf *out, uint32_t code_point);

bool utf8_is_valid(const char *text, size_t bytes);
size_t utf8_count(const char *text, size_t bytes); /* code points of valid text */
/* No code point below U+0020 but (when `lines`) newline and tab, no U+007F..U+009F, no bidi controls
 * or other invisible characters except ZWJ, ZWNJ and variation selectors, nothing unassigned to a
 * character (private use and noncharacters too). */
bool utf8_is_clean(const char *text, size_t bytes, bool lines);
/* NFC, blanks and line ends at both ends cut, inner runs of blanks (tabs and no-break spaces
 * too) made one; line ends inside stay. Valid UTF-8 only. */
char *utf8_normalise(struct arena *arena, const char *text, size_t bytes);
char *utf8_lower(struct arena *arena, const char *text); /* root locale */
