/* testing.h - what the unit tests of every floor share: cmocka in its order, whole files. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/arena.h"
#include "base/problem.h"
#include "base/strbuf.h"

/* A file under the project root (tests run there); a missing one fails the test. */
static inline __attribute__((unused)) void
read_whole(const char *path, struct strbuf *out)
{
	char block[4096];
	size_t got = 0;
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	while ((got = fread(block, 1, sizeof(block), file)) > 0)
		strbuf_add(out, block, got);
	fclose(file);
	assert_true(out->bytes > 0);
}
