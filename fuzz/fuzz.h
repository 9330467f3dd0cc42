/* fuzz.h - the one function of a libFuzzer target, declared for the compiler's sake. */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
