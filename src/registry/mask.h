/* mask.h - what a search shows of a person: enough to choose by, no more. Pure. */
#pragma once
#include "pack/pack.h"

/* The words of a name that were asked for in full, of others the first letter with a dot: "Серікова Қ. Б.". `asked` are
 * folded words (text/name.h). */
const char *mask_name(struct arena *arena, const char *name, const char *const *asked, size_t count);
/* Is anything of such a field's values shown? Names, days, numbers and documents only. */
bool mask_shows(const struct field *field);
/* A day's year, the last four letters or digits of a number behind "…", a name as above; NULL: the value is not shown
 * at all, whatever it is. */
const char *mask_value(struct arena *arena, const struct field *field, const struct value *value,
		       const char *const *asked, size_t count);
