#include "base/strbuf.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
strbuf_done(struct strbuf *buffer)
{
	if (buffer == NULL)
		return;
	free(buffer->text);
	*buffer = (struct strbuf){ 0 };
}

void
strbuf_clear(struct strbuf *buffer)
{
	buffer->bytes = 0;
	if (buffer->text != NULL)
		buffer->text[0] = '\0';
}

static void
reserve(struct strbuf *buffer, size_t more)
{
	assert(more < SIZE_MAX / 4 && buffer->bytes < SIZE_MAX / 4);
	size_t needed = buffer->bytes + more + 1;

	if (needed <= buffer->capacity)
		return;
	size_t capacity = buffer->capacity < 128 ? 128 : buffer->capacity;

	while (capacity < needed)
		capacity *= 2;
	buffer->text = must_have(realloc(buffer->text, capacity));
	buffer->capacity = capacity;
}

void
strbuf_add(struct strbuf *buffer, const void *from, size_t bytes)
{
	reserve(buffer, bytes);
	if (bytes > 0)
		memcpy(buffer->text + buffer->bytes, from, bytes);
	buffer->bytes += bytes;
	buffer->text[buffer->bytes] = '\0';
}

void
strbuf_text(struct strbuf *buffer, const char *text)
{
	strbuf_add(buffer, text, strlen(text));
}

void
strbuf_char(struct strbuf *buffer, char c)
{
	strbuf_add(buffer, &c, 1);
}

void
strbuf_integer(struct strbuf *buffer, int64_t number)
{
	char digits[24];
	char *at = digits + sizeof(digits);
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		*--at = '-';
	strbuf_add(buffer, at, (size_t)(digits + sizeof(digits) - at));
}

void
strbuf_printf(struct strbuf *buffer, const char *format, ...)
{
	va_list list;
	va_list again;

	va_start(list, format);
	va_copy(again, list);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(length >= 0);
	reserve(buffer, (size_t)length);
	vsnprintf(buffer->text + buffer->bytes, (size_t)length + 1, format, list);
	buffer->bytes += (size_t)length;
	va_end(list);
}

char *
strbuf_take(struct strbuf *buffer, size_t *ret_bytes)
{
	reserve(buffer, 0);
	buffer->text[buffer->bytes] = '\0';
	if (ret_bytes != NULL)
		*ret_bytes = buffer->bytes;
	char *text = buffer->text;

	*buffer = (struct strbuf){ 0 };
	return text;
}
