/* base.h - words that every file uses: error codes, ownership, small macros. */
#pragma once
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* AUTO(x_free) struct x *p = NULL; frees p when the scope ends. DEFINE_AUTO makes the helper
 * that it needs for a heap object, DEFINE_AUTO_DONE for one that the caller keeps (x_done). */
#define AUTO(free_fn) __attribute__((cleanup(free_fn##_at)))
#define DEFINE_AUTO(type, free_fn)                                        \
	static inline __attribute__((unused)) void free_fn##_at(type **p) \
	{                                                                 \
		free_fn(*p);                                              \
	}
#define DEFINE_AUTO_DONE(type, done_fn)                                  \
	static inline __attribute__((unused)) void done_fn##_at(type *p) \
	{                                                                \
		done_fn(p);                                              \
	}

/* Hands an owned pointer on: the variable is NULL afterwards. */
#define TAKE(p)                             \
	__extension__({                     \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

/* Drops a result on purpose; say why beside it. */
#define IGNORE(call)                                \
	do {                                        \
		__typeof__(call) ignored_ = (call); \
		(void)ignored_;                     \
	} while (0)

/* Returns from the calling function when `call` fails. */
#define TRY(call)                               \
	do {                                    \
		enum error try_error_ = (call); \
		if (try_error_ != OK)           \
			return try_error_;      \
	} while (0)
