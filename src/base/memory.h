/* memory.h - heap memory that is there: running out of it ends the process (arena.h says why). */
#pragma once
#include "base/base.h"

/* `memory` itself, as an allocation returned it. */
void *must_have(void *memory) __attribute__((returns_nonnull));
