/* One text through every parser of small things: what is accepted and printed is accepted again and
 * means the same. */
#include <string.h>
#include "base/day.h"
#include "fuzz.h"
#include "text/name.h"
#include "text/number.h"
#include "text/reference.h"
#include "text/utf8.h"

static void
try_numbers(const char *text)
{
	enum message wrong = MSG_NONE;
	int64_t number = 0, again = 0;
	char digits[16];

	if (iin_parse(text, &number, &wrong) == OK) {
		enum error e = iin_parse(iin_print(number, digits), &again, &wrong);

		assert(e == OK && again == number && iin_complete(number - number % 10) == number);
	} else {
		assert(wrong != MSG_NONE);
	}
	wrong = MSG_NONE;
	if (bin_parse(text, &number, &wrong) == OK) {
		enum error e = bin_parse(iin_print(number, digits), &again, &wrong);

		assert(e == OK && again == number);
	} else {
		assert(wrong != MSG_NONE);
	}
}

static void
try_addresses(struct arena *arena, const char *text)
{
	enum message wrong = MSG_NONE;
	const char *first = NULL;
	const char *second = NULL;

	if (document_parse(arena, text, &first, &wrong) == OK) {
		enum error e = document_parse(arena, first, &second, &wrong);

		assert(e == OK && strcmp(first, second) == 0);
	}
	if (phone_parse(arena, text, &first) == OK) {
		enum error e = phone_parse(arena, first, &second);

		assert(e == OK && strcmp(first, second) == 0);
	}
	if (email_parse(arena, text, &first) == OK) {
		enum error e = email_parse(arena, first, &second);

		assert(e == OK && strcmp(first, second) == 0);
	}
	if (country_parse(text, &first) == OK)
		assert(strlen(first) == 2);
}

static void
try_reference(const char *text)
{
	static const unsigned char secret[REFERENCE_KEY_BYTES] = "fuzz";
	static struct reference_key *key;
	char prefix[3] = "";
	char printed[REFERENCE_BYTES_MAX];
	int64_t id = 0, again = 0;

	if (key == NULL)
		key = reference_key_new(secret);
	if (reference_parse(key, text, prefix, &id) != OK)
		return;
	enum error e = reference_parse(key, reference_print(key, prefix, id, printed), prefix, &again);

	assert(e == OK && again == id);
}

static void
try_days(const char *text)
{
	char printed[INSTANT_TEXT_BYTES];
	int64_t number = 0, again = 0;

	if (day_parse(text, strlen(text), true, &number) == OK) {
		enum error e = day_parse(day_print(number, printed), 10, false, &again);

		assert(e == OK && again == number);
	}
	if (instant_parse(text, strlen(text), &number) == OK && number >= DAY_FIRST * DAY_MS &&
	    number < (DAY_LAST + 1) * DAY_MS) {
		instant_print(number, 0, printed);
		enum error e = instant_parse(printed, strlen(printed), &again);

		assert(e == OK && again == number);
	}
}

static void
try_names(struct arena *arena, const char *text)
{
	size_t bytes = strlen(text);
	bool is_valid = name_is_valid(text);

	if (!utf8_is_valid(text, bytes)) {
		assert(!is_valid && name_fold(arena, text)[0] == '\0');
		return;
	}
	const char *normal = utf8_normalise(arena, text, bytes);

	assert(strcmp(utf8_normalise(arena, normal, strlen(normal)), normal) == 0);
	assert(strcmp(name_fold(arena, normal), name_fold(arena, text)) == 0);
	assert(name_compare(text, text) == 0);
	assert(!is_valid || utf8_is_clean(text, bytes, false));
	const char *icao = name_icao(arena, text);

	assert(strspn(icao, "ABCDEFGHIJKLMNOPQRSTUVWXYZ- ") == strlen(icao));
	assert(utf8_lower(arena, text) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *text = arena_copy(arena, bytes, count);

	try_numbers(text);
	try_addresses(arena, text);
	try_reference(text);
	try_days(text);
	try_names(arena, text);
	return 0;
}
