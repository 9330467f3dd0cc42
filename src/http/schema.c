#include "http/schema.h"
#include <string.h>
#include "pack/input.h"
#include "text/json.h"

bool
schema_is_callable(const struct action *action)
{
	return action->by_count > 0 || strcmp(action->name, "correct") == 0;
}

void
schema_of_fields(const struct pack *pack, const struct reg *reg, const struct field *fields, size_t count, bool partial,
		 enum language language, struct json *json)
{
	json_open_map(json);
	json_field_text(json, "type", "object");
	json_key(json, "properties");
	json_open_map(json);
	for (size_t i = 0; i < count; i++) {
		if (fields[i].type == FIELD_NUMBER)
			continue;
		json_key(json, fields[i].name);
		input_schema(pack, reg, &fields[i], language, json);
	}
	json_close_map(json);
	json_key(json, "required");
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		if (fields[i].required && !partial && fields[i].type != FIELD_NUMBER)
			json_text(json, fields[i].name);
	json_close_list(json);
	json_field_boolean(json, "additionalProperties", false);
	json_close_map(json);
}
