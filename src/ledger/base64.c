#include "ledger/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_print(struct strbuf *out, const void *bytes, size_t count)
{
	const unsigned char *from = bytes;

	for (size_t i = 0; i < count; i += 3) {
		size_t left = count - i;
		uint32_t bits = (uint32_t)from[i] << 16 | (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) |
				(left > 2 ? from[i + 2] : 0);
		char four[4] = { alphabet[bits >> 18], alphabet[bits >> 12 & 63], '=', '=' };

		if (left > 1)
			four[2] = alphabet[bits >> 6 & 63];
		if (left > 2)
			four[3] = alphabet[bits & 63];
		strbuf_add(out, four, sizeof(four));
	}
}

/* -1 for anything outside the alphabet. */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four letters of which the last `padding` are '='. */
static bool
read_four(const char *text, size_t padding, unsigned char *ret_bytes)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - padding ? value_of(text[i]) : text[i] == '=' ? 0 : -1;

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
	}
	/* The bits behind the last byte must be 0, else the same bytes had several spellings. */
	if ((bits & ((UINT32_C(1) << 8 * padding) - 1)) != 0)
		return false;
	for (size_t i = 0; i < 3 - padding; i++)
		ret_bytes[i] = (unsigned char)(bits >> (16 - 8 * i));
	return true;
}

enum error
base64_parse(const char *text, size_t text_bytes, size_t capacity, unsigned char *ret_bytes, size_t *ret_count)
{
	size_t padding = 0;

	if (text_bytes % 4 != 0)
		return ERR_BAD_INPUT;
	while (padding < 2 && padding < text_bytes && text[text_bytes - 1 - padding] == '=')
		padding++;
	size_t count = text_bytes / 4 * 3 - padding;

	if (count > capacity)
		return ERR_BAD_INPUT;
	for (size_t i = 0; i < text_bytes; i += 4) {
		bool is_last = i + 4 == text_bytes;

		if (!read_four(text + i, is_last ? padding : 0, ret_bytes + i / 4 * 3))
			return ERR_BAD_INPUT;
	}
	*ret_count = count;
	return OK;
}
