/* openapi.h - the OpenAPI 3.1 document: the table of routes, with {register} and {action} spelt out from the pack. */
#pragma once
#include "pack/pack.h"

struct json;
void openapi_print(const struct pack *pack, enum language language, const char *base_url, struct json *json);
