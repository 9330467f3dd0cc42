/* input_inner.h - decimal numbers as text, shared by input_parse.c and input_print.c. */
#pragma once
#include "base/base.h"

enum { DECIMAL_TEXT_BYTES = 48 };
/* "-41.50" with at most `scale` decimals into units of 10^-scale. `cut`: further decimals are dropped. `comma`:
 * it may stand for the point. ERR_BAD_INPUT: no such number; ERR_TOO_LARGE: beyond INPUT_INTEGER_MAX. */
NODISCARD enum error decimal_parse(const char *text, int scale, bool cut, bool comma, int64_t *ret_units);
const char *decimal_print(int64_t units, int scale, char text[static DECIMAL_TEXT_BYTES]);
