#include "text/utf8.h"
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include "base/strbuf.h"

enum { ZWNJ = 0x200C, ZWJ = 0x200D, VARIATION_FIRST = 0xFE00, VARIATION_LAST = 0xFE0F };

size_t
utf8_sequence(const char *text, size_t left)
{
	const unsigned char *p = (const unsigned char *)text;

	if (left == 0)
		return 0;
	size_t bytes = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;

	if (bytes == 0 || bytes > left)
		return 0;
	for (size_t i = 1; i < bytes; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	/* Longer than needed, a surrogate, or beyond U+10FFFF. */
	bool is_bad = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
		      (p[0] == 0xF4 && p[1] > 0x8F);

	return is_bad ? 0 : bytes;
}

uint32_t
utf8_next(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	uint32_t code_point = p[0];
	size_t bytes = 1;

	if (p[0] >= 0xF0) {
		code_point = (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 63) << 12 | (uint32_t)(p[2] & 63) << 6 |
			     (p[3] & 63);
		bytes = 4;
	} else if (p[0] >= 0xE0) {
		code_point = (uint32_t)(p[0] & 15) << 12 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
		bytes = 3;
	} else if (p[0] >= 0xC0) {
		code_point = (uint32_t)(p[0] & 31) << 6 | (p[1] & 63);
		bytes = 2;
	}
	*text += bytes;
	return code_point;
}

void
utf8_add(struct strbuf *out, uint32_t code_point)
{
	char bytes[4];
	size_t count = 0;

	if (code_point < 0x80) {
		bytes[count++] = (char)code_point;
	} else if (code_point < 0x800) {
		bytes[count++] = (char)(0xC0 | code_point >> 6);
	} else if (code_point < 0x10000) {
		bytes[count++] = (char)(0xE0 | code_point >> 12);
		bytes[count++] = (char)(0x80 | (code_point >> 6 & 63));
	} else {
		bytes[count++] = (char)(0xF0 | code_point >> 18);
		bytes[count++] = (char)(0x80 | (code_point >> 12 & 63));
		bytes[count++] = (char)(0x80 | (code_point >> 6 & 63));
	}
	if (code_point >= 0x80)
		bytes[count++] = (char)(0x80 | (code_point & 63));
	strbuf_add(out, bytes, count);
}

bool
utf8_is_valid(const char *text, size_t bytes)
{
	for (size_t at = 0; at < bytes;) {
		size_t step = utf8_sequence(text + at, bytes - at);

		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

size_t
utf8_count(const char *text, size_t bytes)
{
	size_t count = 0;

	for (size_t i = 0; i < bytes; i++)
		count += ((unsigned char)text[i] & 0xC0) != 0x80;
	return count;
}

static bool
is_clean(uint32_t c, bool lines)
{
	if (c < 0x20)
		return lines && (c == '\n' || c == '\t');
	if (c < 0x7F)
		return true;
	if (c == ZWNJ || c == ZWJ || (c >= VARIATION_FIRST && c <= VARIATION_LAST))
		return true;
	/* Two paragraph marks, format characters, and what is drawn as nothing at all. */
	const uint32_t refused =
		U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CN_MASK | U_GC_CO_MASK | U_GC_CS_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;

	return (U_GET_GC_MASK((UChar32)c) & refused) == 0 &&
	       !u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

bool
utf8_is_clean(const char *text, size_t bytes, bool lines)
{
	const char *end = text + bytes;

	while (text < end)
		if (!is_clean(utf8_next(&text), lines))
			return false;
	return true;
}

static bool
is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || (c >= 0x80 && u_charType((UChar32)c) == U_SPACE_SEPARATOR);
}

static bool
is_line_end(uint32_t c)
{
	return c == '\n' || c == '\r';
}

static void
squeeze(struct strbuf *out, const char *text, size_t bytes)
{
	const char *end = text + bytes;
	bool is_gap = false;

	while (text < end) {
		uint32_t c = utf8_next(&text);

		if (is_blank(c)) {
			is_gap = true;
			continue;
		}
		if (out->bytes == 0 && is_line_end(c))
			continue;
		if (is_gap && out->bytes > 0)
			strbuf_char(out, ' ');
		is_gap = false;
		utf8_add(out, c);
	}
	while (out->bytes > 0 &&
	       (is_line_end((unsigned char)out->text[out->bytes - 1]) || out->text[out->bytes - 1] == ' '))
		out->text[--out->bytes] = '\0';
}

/* Text whose characters neither compose nor decompose is NFC as it stands: everything below
 * U+0300, and the Cyrillic block but its combining marks. */
static bool
is_composed(const char *text, size_t bytes)
{
	const char *end = text + bytes;

	while (text < end) {
		uint32_t c = utf8_next(&text);

		if (c >= 0x300 && (c < 0x400 || c > 0x52F || (c >= 0x483 && c <= 0x489)))
			return false;
	}
	return true;
}

static void
check(UErrorCode status)
{
	/* Only a broken installation or no memory: buffers are sized before. */
	assert(U_SUCCESS(status));
}

static UChar *
to_utf16(struct arena *arena, const char *text, size_t bytes, int32_t *ret_units)
{
	UErrorCode status = U_ZERO_ERROR;

	assert(bytes < INT32_MAX / 8);
	UChar *units = arena_array_of(arena, UChar, bytes + 1);

	u_strFromUTF8(units, (int32_t)bytes + 1, ret_units, text, (int32_t)bytes, &status);
	check(status);
	return units;
}

static char *
to_utf8(struct arena *arena, const UChar *units, int32_t count, int32_t *ret_bytes)
{
	UErrorCode status = U_ZERO_ERROR;
	char *text = arena_take(arena, (size_t)count * 3 + 1);

	u_strToUTF8(text, count * 3 + 1, ret_bytes, units, count, &status);
	check(status);
	return text;
}

static const char *
compose(struct arena *arena, const char *text, size_t bytes, size_t *ret_bytes)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t count = 0, composed_count = 0, composed_bytes = 0;
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
	UChar *units = to_utf16(arena, text, bytes, &count);

	check(status);
	/* NFC is at most three times as long (UAX 15, section 9). */
	int32_t capacity = count * 3 + 1;
	UChar *composed = arena_array_of(arena, UChar, (size_t)capacity);

	composed_count = unorm2_normalize(nfc, units, count, composed, capacity, &status);
	check(status);
	char *result = to_utf8(arena, composed, composed_count, &composed_bytes);

	*ret_bytes = (size_t)composed_bytes;
	return result;
}

char *
utf8_normalise(struct arena *arena, const char *text, size_t bytes)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	if (!is_composed(text, bytes))
		text = compose(arena, text, bytes, &bytes);
	squeeze(&out, text, bytes);
	return arena_copy(arena, out.text, out.bytes);
}

char *
utf8_lower(struct arena *arena, const char *text)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t count = 0, lower_bytes = 0;
	UChar *units = to_utf16(arena, text, strlen(text), &count);
	/* Lower case grows at most threefold in UTF-16 (SpecialCasing: U+0130 doubles). */
	int32_t capacity = count * 3 + 1;
	UChar *lower = arena_array_of(arena, UChar, (size_t)capacity);
	int32_t lower_count = u_strToLower(lower, capacity, units, count, "", &status);

	check(status);
	return to_utf8(arena, lower, lower_count, &lower_bytes);
}
