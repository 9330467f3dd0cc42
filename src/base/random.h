/* random.h - bytes from the system's generator. Buffered per thread; used bytes are wiped and
 * the buffer is dropped in a forked child. */
#pragma once
#include "base/base.h"

/* Never fails: without a generator the process ends. */
void random_bytes(void *to, size_t bytes);
