/* form.h - reads what a browser's form sends. Pure: bytes in, text out. */
#pragma once
#include "base/arena.h"

/* The first value under `name` in `bytes` of application/x-www-form-urlencoded (WHATWG URL, section 5.1), decoded, in
 * `arena`; NULL when the name is not there. ERR_MALFORMED: a value holds a broken escape, a NUL or is no UTF-8. */
NODISCARD enum error form_value(struct arena *arena, const char *form, size_t bytes, const char *name,
				const char **ret_value);
