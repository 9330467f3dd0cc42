/* error.h - the one list of error codes (error.def): enum, HTTP status, exit code, public name. */
#pragma once

enum error {
#define ERROR(code, http, exit_code, name, text) code,
#include "base/error.def"
#undef ERROR
	ERROR_COUNT
};

int error_http(enum error e);
int error_exit(enum error e);
/* The name in problem details ("not-found"); never reused. */
const char *error_name(enum error e);
/* One English sentence; the languages stand in message.def under the same code. */
const char *error_text(enum error e);
