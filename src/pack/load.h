/* load.h - how a pack is read (inside src/pack only): files -> nodes -> drafts -> struct pack. Every
 * name is entered before anything refers to one, so that forward references work and one broken
 * register does not make its neighbours look broken. Whoever finds a fault reports it and goes on. */
#pragma once
#include "base/day.h"
#include "base/map.h"
#include "pack/pack.h"
#include "pack/words.h"
#include "text/node.h"

struct source {
	const char *path; /* relative to the pack */
	const char *text;
	size_t bytes;
	bool used;
};

/* What a table of fields became, with what is needed to link them later. */
struct draft_fields {
	struct field *fields;
	struct words *words;
	bool *broken; /* was reported: follow-up faults are kept back */
	size_t count;
	bool incomplete; /* a field could not be entered at all */
};

struct draft_step {
	struct step *step;
	struct words words;
};

struct draft_action {
	struct action *action;
	struct words words;
	struct field *args;
	struct draft_fields pure; /* its `args` as written */
	bool broken;
	bool is_run; /* somebody, the clock or a step runs it */
};

struct draft_reg {
	struct reg *reg;
	struct words words;
	struct draft_fields fields;
	struct draft_action *actions;
	size_t action_count;
	struct party *parties;
	struct words search; /* node NULL: none */
	bool parties_broken;
	bool search_broken;  /* was reported */
	bool actions_broken; /* an action could not be entered */
};

struct draft_role {
	struct role *role;
	struct words words;
};

struct exception {
	const char *reg, *field, *reason;
	struct place_in_file at;
	bool used;
};

struct loader {
	struct arena *arena;
	struct pack *pack;
	struct pack_report *report;
	size_t errors_before; /* in the report when this pack began */
	bool codes_may_miss;
	struct source *sources;
	size_t source_count, source_capacity;
	struct reg *regs;
	struct draft_reg *drafts; /* one per register */
	size_t reg_count;
	struct role *roles;
	struct draft_role *role_drafts;
	size_t role_count;
	struct purpose *purposes;
	struct retention *retentions;
	struct view *views;
	size_t view_capacity;
	struct draft_fields *lists; /* item fields of every list, to be linked like the others */
	size_t list_count, list_capacity;
	struct statute *acts;
	struct provision *provisions;
	struct exception *exceptions;
	size_t exception_count;
	const char *place_file;
	const char *place_root_code;
	int place_line;
	/* A file of these could not be read: names that are missing are not reported. */
	bool regs_incomplete, roles_incomplete, purposes_incomplete, retentions_incomplete, acts_incomplete;
	bool texts_incomplete;
};

/* report.c */
void load_fault(struct loader *loader, struct place_in_file at, const char *format, ...) PRINTF_LIKE(3, 4);
void load_warn(struct loader *loader, struct place_in_file at, const char *format, ...) PRINTF_LIKE(3, 4);
/* "; did you mean “x”?" or "". */
const char *load_nearest(struct loader *loader, const char *name, const char *const *names, size_t count);
void load_sort_report(struct pack_report *report);

/* load.c */
struct source *load_source(struct loader *loader, const char *path);
/* All documents of a YAML file; false: reported, or there is no such file (then reported when `required`). */
bool load_yaml(struct loader *loader, const char *path, bool required, const struct node **ret_documents,
	       size_t *ret_count);
/* The one map that a file holds; NULL: reported, or no such file. */
const struct node *load_yaml_map(struct loader *loader, const char *path, bool required, bool *ret_broken);
struct draft_reg *load_find_reg(struct loader *loader, const char *name);
/* The same; NULL was reported (or kept back, when a file of registers could not be read). */
struct draft_reg *load_need_reg(struct loader *loader, struct place_in_file at, const char *name);
/* register.action */
struct draft_action *load_need_action(struct loader *loader, struct place_in_file at, const char *text,
				      struct draft_reg **ret_reg);
/* NULL was reported, or kept back where the register's fields are incomplete. */
const struct field *load_need_field(struct loader *loader, struct place_in_file at, const struct draft_reg *draft,
				    const char *name);

/* load_basics.c: pack.yaml, purposes.yaml, retention.yaml */
void load_basics(struct loader *loader);
/* load_field.c */
enum fields_of { FIELDS_OF_REGISTER, FIELDS_OF_LIST, FIELDS_OF_ACTION };
void load_fields(struct loader *loader, const char *file, const struct node *node, enum fields_of of,
		 struct draft_fields *ret_fields);
/* `resolve`, once the fields of every register stand. */
void load_link_fields(struct loader *loader, const struct draft_fields *fields);
/* load_register.c */
void load_register_names(struct loader *loader);
void load_registers(struct loader *loader);
/* load_search.c: `search` and `reveals` of a register; `search` once the unique fields of it stand */
void load_search(struct loader *loader, struct draft_reg *draft);
void load_reveals(struct loader *loader, struct draft_reg *draft);
/* `in` of an address, once every search stands. */
void load_link_search(struct loader *loader, const struct draft_reg *draft);
/* load_view.c */
void load_views(struct loader *loader, struct draft_reg *draft);
/* load_state.c */
void load_states(struct loader *loader, struct draft_reg *draft);
/* States that nothing reaches, actions that nothing runs; once every step is known. */
void load_check_reach(struct loader *loader, const struct draft_reg *draft);
bool load_need_state(struct loader *loader, struct place_in_file at, const struct draft_reg *draft, const char *name);
/* load_collision.c: no two tables, columns, or text keys of one name */
void load_check_columns(struct loader *loader, const struct draft_reg *draft);
void load_table_names(struct loader *loader);
/* load_action.c: names, states and arguments as written · what the request brings (once the fields
 * are linked) · all that refers to something else */
void load_action_names(struct loader *loader, struct draft_reg *draft);
void load_action_args(struct loader *loader, struct draft_reg *draft);
void load_actions(struct loader *loader, struct draft_reg *draft);
bool load_subject(struct loader *loader, struct place_in_file at, const struct draft_reg *draft,
		  const struct draft_action *action, const char *text, struct subject *ret_subject);
/* load_step.c */
void load_steps(struct loader *loader, struct draft_reg *draft, struct draft_action *action);
/* load_sql.c: what may stand in one piece of SQL */
struct sql_scope {
	const struct draft_reg *draft;     /* `this` is one of its records; NULL: no `this` */
	const char *no_this;               /* why `this.` may not stand here */
	const struct draft_action *action; /* its arguments are parameters */
	const char *const *parameters;     /* further ones, NULL-terminated */
	const char *what;                  /* "a guard" */
};
/* One value or condition. */
bool load_check_value(struct loader *loader, struct place_in_file at, const char *text, const struct sql_scope *scope);
/* One SELECT. */
bool load_check_select(struct loader *loader, struct place_in_file at, const char *text, const struct sql_scope *scope);
/* load_roles.c */
void load_role_names(struct loader *loader);
void load_roles(struct loader *loader);
/* load_law.c, load_table.c, load_place.c */
void load_law(struct loader *loader);
void load_tables(struct loader *loader);
void load_places(struct loader *loader);
/* text.c, special.c, codes.c */
struct texts;
void texts_free(struct texts *texts);
/* All keys and texts of a language, in no order; both arrays in `arena`. */
size_t texts_list(const struct pack *pack, enum language language, struct arena *arena, const char ***ret_keys,
		  const char ***ret_texts);
void load_texts(struct loader *loader);
void load_check_texts(struct loader *loader);
void load_check_special(struct loader *loader);
/* The category that a type's name betrays ("biometrics"), else NULL. */
const char *special_category(struct loader *loader, const char *text);
void load_codes(struct loader *loader);

/* load_scalar.c */
bool scalar_is_name(const char *text);
/* Of a folder of law or a file in it: hyphens too. */
bool scalar_is_act_name(const char *text);
bool scalar_integer(const char *text, int64_t *ret_integer);
/* "226.90" with at most `scale` decimals. */
bool scalar_decimal(const char *text, int scale, int64_t *ret_units);
/* "10 days", "48 hours" */
bool scalar_duration(const char *text, int64_t *ret_ms);
/* "5 years", "18 months" */
bool scalar_months(const char *text, int *ret_months);
