/* openapi_input.h - what the engine's own addresses take besides their path: fields of the JSON body and query
 * parameters, one table (openapi_input.def). What an action of a pack takes stands in the pack. */
#pragma once
#include "base/base.h"

struct json;

enum input_in { IN_BODY, IN_QUERY }; /* of the POST of a pattern; of its GET */

enum openapi_type {
	OPENAPI_TEXT,
	OPENAPI_SECRET,
	OPENAPI_BOOLEAN,
	OPENAPI_DAY,
	OPENAPI_ANSWER,   /* agree, refuse */
	OPENAPI_LANGUAGE, /* kk, ru, en */
	OPENAPI_REASON,   /* at most 500 characters */
	OPENAPI_ROLES,    /* [{role, place, party}] */
	OPENAPI_FINDING,  /* a number, or its digits */
	OPENAPI_POSITION, /* the `next` of a page before */
	OPENAPI_TO_200,   /* rows of a page */
	OPENAPI_TO_500,
	OPENAPI_TYPE_COUNT
};

struct openapi_input {
	enum input_in in;
	const char *pattern; /* of struct route */
	const char *name;
	bool required;
	enum openapi_type type;
	const char *description;
};

/* The next row after `after` (NULL: the first) of that pattern and place; NULL when there is none. */
const struct openapi_input *openapi_input_next(const struct openapi_input *after, const char *pattern,
					       enum input_in in);
/* The members of the type's JSON Schema, into a map that is open. */
void openapi_type_print(enum openapi_type type, struct json *json);
/* All rows of the table, for tests. */
const struct openapi_input *openapi_input_table(size_t *ret_count);
