#include "http/openapi_input.h"
#include <string.h>
#include "text/json.h"

static const struct openapi_input inputs[] = {
#define INPUT(in, pattern, name, required, type, description) { in, pattern, name, required, type, description },
#include "http/openapi_input.def"
#undef INPUT
};

enum { MEMBERS_MAX = 4 };

#define ROLE_ITEMS                                                                                     \
	"{\"type\":\"object\",\"required\":[\"role\"],\"properties\":{\"role\":{\"type\":\"string\"}," \
	"\"place\":{\"type\":\"string\",\"description\":\"The code of the territory\"},"               \
	"\"party\":{\"type\":\"string\",\"description\":\"The reference of the party it is held for\"}}}"

/* Names and values, the values as JSON. The numbers are those of the handlers. */
static const char *const members[OPENAPI_TYPE_COUNT][MEMBERS_MAX][2] = {
	[OPENAPI_TEXT] = { { "type", "\"string\"" } },
	[OPENAPI_SECRET] = { { "type", "\"string\"" }, { "format", "\"password\"" } },
	[OPENAPI_BOOLEAN] = { { "type", "\"boolean\"" } },
	[OPENAPI_DAY] = { { "type", "\"string\"" }, { "format", "\"date\"" } },
	[OPENAPI_ANSWER] = { { "type", "\"string\"" }, { "enum", "[\"agree\",\"refuse\"]" } },
	[OPENAPI_LANGUAGE] = { { "type", "\"string\"" }, { "enum", "[\"kk\",\"ru\",\"en\"]" } },
	[OPENAPI_REASON] = { { "type", "\"string\"" }, { "maxLength", "500" } },
	[OPENAPI_ROLES] = { { "type", "\"array\"" }, { "maxItems", "16" }, { "items", ROLE_ITEMS } },
	[OPENAPI_FINDING] = { { "type", "[\"integer\",\"string\"]" },
			      { "minimum", "0" },
			      { "pattern", "\"^[0-9]{1,18}$\"" } },
	[OPENAPI_POSITION] = { { "type", "\"integer\"" }, { "minimum", "0" } },
	[OPENAPI_TO_200] = { { "type", "\"integer\"" }, { "minimum", "1" }, { "maximum", "200" }, { "default", "50" } },
	[OPENAPI_TO_500] = { { "type", "\"integer\"" }, { "minimum", "1" }, { "maximum", "500" }, { "default", "50" } },
};

const struct openapi_input *
openapi_input_table(size_t *ret_count)
{
	*ret_count = ARRAY_COUNT(inputs);
	return inputs;
}

const struct openapi_input *
openapi_input_next(const struct openapi_input *after, const char *pattern, enum input_in in)
{
	const struct openapi_input *end = inputs + ARRAY_COUNT(inputs);

	for (const struct openapi_input *input = after == NULL ? inputs : after + 1; input < end; input++)
		if (input->in == in && strcmp(input->pattern, pattern) == 0)
			return input;
	return NULL;
}

void
openapi_type_print(enum openapi_type type, struct json *json)
{
	assert(type < OPENAPI_TYPE_COUNT);
	for (size_t i = 0; i < MEMBERS_MAX && members[type][i][0] != NULL; i++) {
		json_key(json, members[type][i][0]);
		json_raw(json, members[type][i][1], strlen(members[type][i][1]));
	}
}
