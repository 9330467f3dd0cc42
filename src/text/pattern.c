#include "text/pattern.h"
#include <string.h>
#include <unicode/uregex.h>

enum { TIME_LIMIT = 100, STACK_BYTES = 1 << 20 }; /* steps of about a millisecond */

static URegularExpression *
compile(const char *pattern)
{
	UErrorCode status = U_ZERO_ERROR;
	UText source = UTEXT_INITIALIZER;

	utext_openUTF8(&source, pattern, (int64_t)strlen(pattern), &status);
	URegularExpression *regex = uregex_openUText(&source, 0, NULL, &status);

	utext_close(&source);
	if (U_SUCCESS(status))
		return regex;
	uregex_close(regex);
	return NULL;
}

bool
pattern_is_valid(const char *pattern)
{
	URegularExpression *regex = compile(pattern);
	bool valid = regex != NULL;

	uregex_close(regex);
	return valid;
}

bool
pattern_matches(const char *pattern, const char *text)
{
	URegularExpression *regex = compile(pattern);
	UErrorCode status = U_ZERO_ERROR;
	UText subject = UTEXT_INITIALIZER;

	if (regex == NULL)
		return false;
	utext_openUTF8(&subject, text, (int64_t)strlen(text), &status);
	uregex_setTimeLimit(regex, TIME_LIMIT, &status);
	uregex_setStackLimit(regex, STACK_BYTES, &status);
	uregex_setUText(regex, &subject, &status);
	bool fits = uregex_matches(regex, -1, &status);

	uregex_close(regex);
	utext_close(&subject);
	return U_SUCCESS(status) && fits;
}
