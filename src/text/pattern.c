/* pattern.c - patterns by ICU. Compiling one costs as much as checking twenty values, so each thread keeps the ones that
 * it used last: the few of a pack. */
#include "text/pattern.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uregex.h>

enum { TIME_LIMIT = 100, STACK_BYTES = 1 << 20 }; /* steps of about a millisecond */
enum { KEPT_MAX = 16 };

struct kept {
	char *pattern;
	URegularExpression *regex; /* not to be shared between threads */
};

struct shelf {
	struct kept items[KEPT_MAX];
	size_t next; /* the one that has to go */
};

static pthread_key_t shelf_key;
static bool shelf_key_made;

static void
free_shelf(void *pointer)
{
	struct shelf *shelf = pointer;

	for (size_t i = 0; i < KEPT_MAX; i++) {
		uregex_close(shelf->items[i].regex);
		free(shelf->items[i].pattern);
	}
	free(shelf);
}

static void
make_key(void)
{
	shelf_key_made = pthread_key_create(&shelf_key, free_shelf) == 0;
}

/* This thread's own; NULL when there is none to be had. */
static struct shelf *
own_shelf(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_key);
	struct shelf *shelf = shelf_key_made ? pthread_getspecific(shelf_key) : NULL;

	if (shelf != NULL || !shelf_key_made)
		return shelf;
	shelf = calloc(1, sizeof(*shelf));
	if (shelf != NULL && pthread_setspecific(shelf_key, shelf) != 0) {
		free(shelf);
		return NULL;
	}
	return shelf;
}

static URegularExpression *
compile(const char *pattern)
{
	UErrorCode status = U_ZERO_ERROR;
	UText source = UTEXT_INITIALIZER;

	utext_openUTF8(&source, pattern, (int64_t)strlen(pattern), &status);
	URegularExpression *regex = uregex_openUText(&source, 0, NULL, &status);

	utext_close(&source);
	uregex_setTimeLimit(regex, TIME_LIMIT, &status);
	uregex_setStackLimit(regex, STACK_BYTES, &status);
	if (U_SUCCESS(status))
		return regex;
	uregex_close(regex);
	return NULL;
}

/* In its place on the shelf; `regex` is NULL when it does not compile. */
static struct kept *
keep(struct shelf *shelf, const char *pattern)
{
	struct kept *kept = &shelf->items[shelf->next];

	shelf->next = (shelf->next + 1) % KEPT_MAX;
	uregex_close(kept->regex);
	free(kept->pattern);
	kept->pattern = strdup(pattern);
	kept->regex = kept->pattern == NULL ? NULL : compile(pattern);
	return kept;
}

static URegularExpression *
find(const char *pattern)
{
	struct shelf *shelf = own_shelf();

	if (shelf == NULL)
		return NULL;
	for (size_t i = 0; i < KEPT_MAX; i++)
		if (shelf->items[i].pattern != NULL && strcmp(shelf->items[i].pattern, pattern) == 0)
			return shelf->items[i].regex;
	return keep(shelf, pattern)->regex;
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
	URegularExpression *regex = find(pattern);
	UErrorCode status = U_ZERO_ERROR;
	UText subject = UTEXT_INITIALIZER;

	if (regex == NULL)
		return false;
	utext_openUTF8(&subject, text, (int64_t)strlen(text), &status);
	uregex_setUText(regex, &subject, &status);
	bool fits = uregex_matches(regex, -1, &status);

	utext_close(&subject);
	return U_SUCCESS(status) && fits;
}
