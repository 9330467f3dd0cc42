/* import_columns.h - what the header of a CSV means for an action, and one row of it as the action's inputs. Pure:
 * references are decoded but not looked up (registry/import.h does). */
#pragma once
#include "pack/input.h"
#include "text/csv.h"

/* A header names
 *	guest			an argument: a reference, a place's code, "43.25 76.94" …
 *	guest.iin		one of the fields that the argument may be resolved by
 *	point.lat, point.lon	a point in two columns
 *	guest#			the key under which an earlier import knows the record (import_options.key)
 *	ref, ref#		the record that the action is about
 * and, as its last three columns, what a file of rejects has: line, column, reason. These are skipped. */
enum cell_kind {
	CELL_SKIPPED,
	CELL_ARGUMENT,
	CELL_RESOLVE,
	CELL_LAT,
	CELL_LON,
	CELL_KEY,
	CELL_RECORD,
	CELL_RECORD_KEY
};

struct import_column {
	enum cell_kind kind;
	const char *name; /* as the header has it */
	const struct field *arg;
	size_t resolve; /* CELL_RESOLVE: position in arg->resolve */
};

struct import_columns {
	const struct action *action;
	struct import_column *items;
	size_t count;
	size_t own_key;   /* the column that --key names; SIZE_MAX: none */
	size_t reject_at; /* where the columns of an earlier reject file begin; `count`: none */
};

/* ERR_BAD_INPUT: every fault of the header, on line 1. A column that `key` names need not be an argument. */
NODISCARD enum error import_columns_read(struct arena *arena, const struct action *action, const struct csv_row *header,
					 const char *key, struct problem *problem, struct import_columns *ret_columns);

/* A record named by another system's key. */
struct import_key {
	const struct field *arg; /* NULL: the record itself */
	const char *column;
	const char *key;
};

struct import_row {
	struct input *inputs; /* action->arg_count */
	const char *record;   /* CELL_RECORD, as written; NULL: none */
	struct import_key *keys;
	size_t key_count;
	const char *own_key; /* NULL: none */
};

/* ERR_BAD_INPUT: every fault of the row, by column. Texts are copied into context->arena. */
NODISCARD enum error import_row_read(const struct input_context *context, const struct import_columns *columns,
				     const struct csv_row *row, struct problem *problem, struct import_row *ret_row);
