#include "base/error.h"
#include "base/base.h"

static const struct {
	int http;
	int exit_code;
	const char *name;
	const char *text;
} errors[] = {
#define ERROR(code, http, exit_code, name, text) { http, exit_code, name, text },
#include "base/error.def"
#undef ERROR
};

int
error_http(enum error e)
{
	assert((size_t)e < ARRAY_COUNT(errors));
	return errors[e].http;
}

int
error_exit(enum error e)
{
	assert((size_t)e < ARRAY_COUNT(errors));
	return errors[e].exit_code;
}

const char *
error_name(enum error e)
{
	assert((size_t)e < ARRAY_COUNT(errors));
	return errors[e].name;
}

const char *
error_text(enum error e)
{
	assert((size_t)e < ARRAY_COUNT(errors));
	return errors[e].text;
}
