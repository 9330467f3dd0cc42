/* input.h - from what people send to values, and back: each field type parses, checks, prints and
 * says what is wrong (base/message.def). Pure; needs no database: references are decoded but not
 * looked up, `resolve` objects are parsed field by field and left to registry/resolve.h. */
#pragma once
#include "pack/pack.h"
#include "text/node.h"

struct reference_key;
struct json;
struct zone;

struct input_context {
	const struct pack *pack;
	const struct reference_key *references; /* NULL: refs are refused (tirkeu check) */
	const struct zone *zone;
	struct arena *arena;
	int64_t today; /* for validity of places; DAY_NONE: any day's will do */
	bool loose;    /* CSV and command line: texts for everything, dotted days, yes/no */
	/* Whose record an id is: for the prefix of a reference that may go to several registers. NULL (or NULL
	 * returned): the first one that the field names. */
	const struct reg *(*reg_of)(void *registry, int64_t id);
	void *registry;
};

/* The prefix of an uploaded file's reference. */
#define INPUT_FILE_PREFIX "FI"
enum { INPUT_TEXT_MAX = 200, INPUT_ROWS_MAX = 1000 }; /* where the pack gives no `max` */
/* 2^53 - 1: what JSON carries everywhere. */
#define INPUT_INTEGER_MAX INT64_C(9007199254740991)

enum input_kind { INPUT_ABSENT, INPUT_VALUE, INPUT_RESOLVE, INPUT_LIST };

/* One field as sent. Absent and null are told apart: null empties a field in `correct`. */
struct input {
	enum input_kind kind;
	struct value values[2]; /* the field's column(s): [1] for a point's longitude or a choice's rank */
	size_t value_count;
	const struct input *resolve; /* INPUT_RESOLVE: one per field->resolve */
	const struct input *rows;    /* INPUT_LIST: row_count * field->item_count */
	size_t row_count;
};

/* Parses one field; ERR_BAD_INPUT with `problem` items under `field->name`. Does not check `required`. */
NODISCARD enum error input_parse(const struct input_context *context, const struct field *field,
				 const struct node *node, struct problem *problem, struct input *ret_input);
/* The same from one text (CSV cell, command line); a blank text is absent. A ref with `resolve` reads
 * "value value …" in the order of the fields, separated by " / ". */
NODISCARD enum error input_parse_text(const struct input_context *context, const struct field *field, const char *text,
				      struct problem *problem, struct input *ret_input);
/* A whole request body: inputs[i] for fields[i]. Reports every fault, unknown keys with the nearest
 * known one, missing required ones (unless `partial`). */
NODISCARD enum error input_parse_body(const struct input_context *context, const struct field *fields, size_t count,
				      const struct node *body, bool partial, struct problem *problem,
				      struct input **ret_inputs);

/* Writes the field's value(s) as JSON; refs as references, places as codes. */
void input_print_json(const struct input_context *context, const struct field *field, const struct value *values,
		      struct json *json);
/* As a person reads it in `language` (choices by their titles, days as 21.11.2026 in kk and ru). */
const char *input_print_text(const struct input_context *context, const struct reg *reg, const struct field *field,
			     const struct value *values, enum language language);
/* Adds the JSON Schema (2020-12) of the field's value, one JSON value. */
void input_schema(const struct pack *pack, const struct reg *reg, const struct field *field, enum language language,
		  struct json *json);
/* How many columns the field has: 0 list, 2 point or ranked choice, else 1. */
size_t input_columns(const struct field *field);
