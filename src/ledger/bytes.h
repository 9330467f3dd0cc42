/* bytes.h - unsigned integers as big-endian bytes, the order of docs/ledger.md. */
#pragma once
#include "base/base.h"

static inline void
put_u64(unsigned char to[static 8], uint64_t number)
{
	for (int i = 7; i >= 0; i--, number >>= 8)
		to[i] = (unsigned char)number;
}

static inline void
put_u32(unsigned char to[static 4], uint32_t number)
{
	for (int i = 3; i >= 0; i--, number >>= 8)
		to[i] = (unsigned char)number;
}

static inline void
put_u16(unsigned char to[static 2], uint16_t number)
{
	to[0] = (unsigned char)(number >> 8);
	to[1] = (unsigned char)number;
}

/* `width` is 1, 2, 4 or 8. */
static inline uint64_t
get_unsigned(const unsigned char *from, size_t width)
{
	uint64_t number = 0;

	for (size_t i = 0; i < width; i++)
		number = number << 8 | from[i];
	return number;
}
