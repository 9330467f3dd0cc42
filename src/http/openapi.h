/* openapi.h - the OpenAPI 3.1 document: the table of routes, with {register} and {action} spelt out from the pack. */
#pragma once
#include "pack/pack.h"

struct json;
/* openapi_schemas.json: what problems, receipts and the engine's own answers are; the components/schemas. */
extern const char openapi_schemas[];
void openapi_print(const struct pack *pack, enum language language, const char *base_url, struct json *json);
