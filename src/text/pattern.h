/* pattern.h - regular expressions of a pack over whole texts, with Unicode ranges ([А-Я]) as ICU reads
 * them. Bounded in time and memory: a text that takes too long does not match. */
#pragma once
#include "base/base.h"

bool pattern_is_valid(const char *pattern);
/* Does the whole of `text` (valid UTF-8) fit? */
bool pattern_matches(const char *pattern, const char *text);
