/* scan.h - what a pack's SQL names, as far as the floors below the database must know it: parameters, `this.x`, whether
 * it is a SELECT. Never checks grammar: store/vet.h lets a database do that. */
#pragma once
#include "base/arena.h"

/* The parameters ($name), in order of first use, once each. */
size_t pack_scan_parameters(struct arena *arena, const char *text, const char *const **ret_names);
/* The columns x in `qualifier.x`, in order of first use, once each. */
size_t pack_scan_columns(struct arena *arena, const char *text, const char *qualifier, const char *const **ret_names);
/* Does the text begin with `select` or `with`? */
bool pack_scan_is_select(const char *text);
