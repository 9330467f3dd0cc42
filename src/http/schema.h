/* schema.h - JSON Schema (2020-12) of what an action takes, made from the pack. */
#pragma once
#include "pack/pack.h"

struct json;

/* {"type": "object", "properties": …, "required": […], "additionalProperties": false} */
void schema_of_fields(const struct pack *pack, const struct reg *reg, const struct field *fields, size_t count,
		      bool partial, enum language language, struct json *json);
/* May a request run this action at all (not only a step or the clock)? */
bool schema_is_callable(const struct action *action);
