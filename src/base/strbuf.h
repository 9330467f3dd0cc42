/* strbuf.h - text or bytes that grow at the end, on the heap. `text` is always NUL-terminated
 * once something was added; start with {0}. */
#pragma once
#include <stdarg.h>
#include "base/base.h"

struct strbuf {
	char *text;
	size_t bytes;
	size_t capacity;
};

void strbuf_done(struct strbuf *buffer);
DEFINE_AUTO_DONE(struct strbuf, strbuf_done)

void strbuf_clear(struct strbuf *buffer); /* keeps the memory */
void strbuf_add(struct strbuf *buffer, const void *from, size_t bytes);
void strbuf_text(struct strbuf *buffer, const char *text);
void strbuf_char(struct strbuf *buffer, char c);
void strbuf_integer(struct strbuf *buffer, int64_t number);
void strbuf_printf(struct strbuf *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
/* Hands the heap text on (never NULL); the buffer is empty afterwards. */
char *strbuf_take(struct strbuf *buffer, size_t *ret_bytes);
