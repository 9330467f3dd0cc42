#include "pack/input.h"

size_t
input_columns(const struct field *field)
{
	if (field->type == FIELD_LIST)
		return 0;
	return field->type == FIELD_POINT || (field->type == FIELD_CHOICE && field->ranked) ? 2 : 1;
}
