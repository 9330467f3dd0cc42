/* vet.h - every SELECT and value of a pack, prepared on an in-memory SQLite with the pack's tables under an
 * authorizer that allows SELECT, those tables and the functions of the pack language and nothing
 * else. What its READ callbacks name is what a provision depends on. The wrapped form is explained
 * and may not scan a register. Forms that one of the two databases lacks or reads in another way are
 * refused by their words. */
#pragma once
#include "pack/pack.h"

/* A provision reads it. Rows of a list and of the past belong to the register too: they are there as its column
 * `version`, which every change of a record moves. */
struct vet_column {
	const struct reg *reg; /* NULL: a dated table, place: then `table` tells */
	const char *table;
	const char *column;
};
struct vet_fact { /* one column of a provision or view */
	const char *name;
	const struct field *field; /* the field that it shows, NULL when computed or no field */
	const struct reg *reg;     /* of `field`; with `field` NULL: the value is an id of this register */
};
struct vetted_provision {
	const struct reg *reg; /* whose records it is about */
	const struct vet_column *reads;
	size_t read_count;
	const struct vet_fact *facts; /* all columns in order, record and who included */
	size_t fact_count;
	bool has_instance, has_due, has_amount, has_article;
	const char *tables_read; /* names of dated tables, blank-separated: parameters to show */
};
struct vetted_pack {
	struct arena *arena;
	const struct vetted_provision *provisions; /* by provision->index */
	const struct vet_fact *const *view_facts;  /* by view: its columns */
	const size_t *view_fact_counts;
};
/* ERR_BAD_INPUT with faults in `report`. */
NODISCARD enum error vet_pack(const struct pack *pack, struct pack_report *report, struct vetted_pack **ret_vetted);
void vetted_pack_free(struct vetted_pack *vetted);
DEFINE_AUTO(struct vetted_pack, vetted_pack_free)
