/* vet_inner.h - what vet.c (registers, actions), vet_view.c (views, reveals) and vet_law.c (provisions) share. */
#pragma once
#include "store/vet.h"
#include "store/vet_sqlite.h"

struct vetting {
	const struct pack *pack;
	struct pack_report *report;
	struct arena *arena; /* the vetted pack's */
	struct bench *bench;
	bool may_read_official; /* the text that is being vetted may name official_use */
};

void vet_fault(struct vetting *vetting, const struct place_in_file *at, const char *what, const char *wrong);
/* The text is sound by its words and names only `parameters` (NULL-terminated). Faults are reported. */
bool vet_words(struct vetting *vetting, const struct place_in_file *at, const char *what, const char *text,
	       bool wrapped, const char *const *parameters);
/* `sql`, made of `text`, can be prepared. */
bool vet_prepare(struct vetting *vetting, const struct place_in_file *at, const char *what, const char *text,
		 const char *sql, struct bench_result *ret_result);
bool vet_no_scan(struct vetting *vetting, const struct place_in_file *at, const char *what, const char *sql);
const struct bench_column *bench_column_named(const struct bench_result *result, const char *name);
/* What a column shows. */
struct vet_fact vet_fact_of(const struct bench_column *column);
/* Every column has a name of its own that a text key can bear. */
bool vet_column_names(struct vetting *vetting, const struct place_in_file *at, const char *what,
		      const struct bench_result *result);
/* The text that names a column of `result` in each language: `prefix`.<column>. */
void vet_column_text(struct vetting *vetting, const struct place_in_file *at, const char *prefix, const char *column);

void vet_view(struct vetting *vetting, const struct view *view, const struct vet_fact **ret_facts, size_t *ret_count);
/* What a search by address reads of the register. */
void vet_search(struct vetting *vetting, const struct reg *reg);
void vet_reveal(struct vetting *vetting, const struct reg *reg, const struct reveal *reveal);
void vet_provision(struct vetting *vetting, const struct provision *provision, struct vetted_provision *ret_vetted);
