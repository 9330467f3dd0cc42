/* pack.h - a country's registers and law in memory, as docs/pack.md describes them. Loaded and
 * checked once, never changed afterwards, so that threads may share it. Everything that the
 * engine knows about a register, an action or a role it reads here. Knows no SQL dialect: SELECTs
 * and values are kept as text and are vetted by store/vet.h. */
#pragma once
#include "base/arena.h"
#include "base/problem.h"
#include "base/value.h"

enum field_type {
#define FIELD_TYPE(id, name) id,
#include "pack/field_type.def"
#undef FIELD_TYPE
	FIELD_TYPE_COUNT
};
const char *field_type_name(enum field_type type);

/* Where in the pack's files something stands, for every message about it. */
struct place_in_file {
	const char *file; /* relative to the pack */
	int line;
};

struct reg;

/* A field, an argument, or an item field of a list. */
struct field {
	const char *name;
	struct place_in_file at;
	enum field_type type;
	bool required;
	bool ranked;
	bool indexed; /* ref and place: true unless told */
	bool has_min, has_max;
	int64_t min, max;           /* in SQL units; TEXT, NAME: characters; LIST: items */
	int scale;                  /* DECIMAL, MONEY */
	const char *check;          /* SQL condition over the record's columns; NULL */
	const char *pattern;        /* NULL; anchored when used */
	const char *default_value;  /* SQL value; NULL */
	const char *const *choices; /* CHOICE: in rank order */
	size_t choice_count;
	const struct reg *const *to; /* REF */
	size_t to_count;
	const struct field *const *resolve; /* REF: fields of to[0..]; every register of `to` has them */
	size_t resolve_count;
	const struct field *items; /* LIST */
	size_t item_count;
	size_t index;  /* position in reg->fields; in action->args for an argument; in the list */
	size_t column; /* first column in reg->columns; SIZE_MAX for LIST, items and pure arguments */
	uint32_t code; /* codes.yaml; 0: none yet */
};

/* One column of a register's table, in the order of the table: id, state, version, changed_at,
 * then the fields' (a ranked choice and a point have two; a list none). */
enum { COLUMN_ID, COLUMN_STATE, COLUMN_VERSION, COLUMN_CHANGED_AT, COLUMN_FIRST_FIELD };
enum column_role { COLUMN_PLAIN, COLUMN_RANK, COLUMN_LAT, COLUMN_LON };
struct column {
	const char *name;
	const struct field *field; /* NULL for the first four */
	enum column_role role;
	enum value_kind kind; /* INTEGER, BOOLEAN, TEXT */
};

/* Whom an action names: a party of the record, an argument, a role. */
enum subject_kind { SUBJECT_PARTY, SUBJECT_ARGUMENT, SUBJECT_ROLE, SUBJECT_ROLE_FIELD };
struct subject {
	enum subject_kind kind;
	const char *text;          /* as written: "owner", "$buyer", "@clerk", "@.role" */
	const struct party *party; /* SUBJECT_PARTY */
	const struct field *field; /* SUBJECT_ARGUMENT: the argument; SUBJECT_ROLE_FIELD: the text field */
	const struct role *role;   /* SUBJECT_ROLE */
};

struct party {
	const char *name;
	const struct field *field; /* a ref field, or NULL */
	const char *select;        /* record, party; NULL when `field` */
	struct place_in_file at;
};

struct assignment { /* set: field <- value; with: argument <- value */
	const struct field *target;
	const char *value;
};

struct ask {
	struct subject subject;
	bool all; /* else any */
};

struct step {
	struct place_in_file at;
	const struct action *action;
	const struct reg *reg;
	const char *record; /* value or SELECT; NULL: a new record */
	bool record_is_select;
	const char *each; /* SELECT; NULL */
	const struct assignment *with;
	size_t with_count;
	bool later;
};

enum period { PERIOD_NONE, PERIOD_DAY, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR };

struct action {
	const char *name;
	const struct reg *reg;
	struct place_in_file at;
	const char *new_state; /* NULL: acts on a record that exists */
	const char *const *from;
	size_t from_count; /* 0 with new_state NULL: any state (built-in correct only) */
	const char *to;    /* NULL: the state stays */
	const struct subject *by;
	size_t by_count;
	const char *when;
	/* What the request brings: `takes` fields first, then `args`, in one table; a taken field's
	 * entry is a copy whose `index` is its place here and `taken[i]` the register's field. */
	const struct field *args;
	const struct field *const *taken; /* taken[i] NULL for a pure argument */
	size_t arg_count;
	const struct assignment *set;
	size_t set_count;
	const struct ask *asks;
	size_t ask_count;
	int64_t ask_within_ms; /* 0: no limit */
	const struct action *refused;
	const struct action *silent;
	bool not_author;
	const struct step *steps;
	size_t step_count;
	const char *clock_value; /* `at` */
	enum period every;
	const char *each; /* with `every` */
	const struct subject *tells;
	size_t tell_count;
	const char *const *gives;
	size_t give_count;
	size_t index; /* in reg->actions */
	uint32_t code;
};

struct unique {
	const struct field *const *fields;
	size_t field_count;
	const char *const *states; /* empty: always */
	size_t state_count;
	struct place_in_file at;
};

struct view {
	const char *name;
	const struct reg *reg;
	const char *select;
	bool is_public;
	/* Computed columns that tell rows apart (a year): the other whole numbers of a view over personal registers are
	 * counts of people and are shown rounded. */
	const char *const *keys;
	size_t key_count;
	bool audit; /* for role ability `audit` alone; may read official_use; reading it leaves an entry */
	bool monthly; /* a statistic: made once a month from $from and $until (days, the second not included), kept for ever */
	struct place_in_file at;
};

/* How an official finds a record without knowing its reference. */
struct search {
	const struct field *family, *given; /* names of people or firms; `family` NULL: one name (given) or none */
	const struct field *const *exact;   /* a whole number or document names one record */
	size_t exact_count;
	const struct field *place, *street, *house; /* an address; NULL: none */
	const struct field *in, *unit;    /* a part of what lies there: the ref to it, and its number (a flat) */
	const struct field *const *shows; /* what a hit shows, masked */
	size_t show_count;
	struct place_in_file at;
};

/* Opening a record of this register shows those of another with it: who is registered at an address. */
struct reveal {
	const char *name;
	const struct reg *reg;
	const char *select; /* record, shown */
	struct place_in_file at;
};

struct reg { /* a register ("register" is a word of C) */
	const char *name;
	const char *prefix; /* two capital letters of its references */
	struct place_in_file at;
	size_t index; /* in pack->regs */
	uint32_t code;
	bool personal;
	bool is_public;
	bool is_party;
	const struct field *const *party_name;
	size_t party_name_count;
	const struct field *party_email, *party_phone, *party_language;
	const struct field *fields;
	size_t field_count;
	const struct column *columns;
	size_t column_count;
	const struct party *parties;
	size_t party_count;
	const struct field *const *streams;
	size_t stream_count;
	bool stream_is_self;               /* streams: [id] */
	const struct retention *retention; /* NULL: kept */
	const char *territory;             /* value over this; NULL */
	const char *lives; /* value over this: the place that oversight knows a record without territory by; NULL */
	const char *label; /* value over this: what people call the record; NULL */
	const struct unique *uniques;
	size_t unique_count;
	const struct subject *correct;
	size_t correct_count;
	const struct action *actions; /* the built-in `correct` is the last when correct_count > 0 */
	size_t action_count;
	const char *const *states; /* all that occur, built-in ones included */
	size_t state_count;
	const struct search *search; /* NULL: cannot be searched */
	const struct reveal *reveals;
	size_t reveal_count;
};

enum ability {
	CAN_ACCOUNTS = 1 << 0,
	CAN_COUNTER = 1 << 1,
	CAN_LOOKUPS = 1 << 2,
	CAN_FINDINGS = 1 << 3,
	CAN_STATISTICS = 1 << 4,
	CAN_AUDIT = 1 << 5,
	CAN_PACK = 1 << 6,
	CAN_CLOCK = 1 << 7,
};
const char *ability_name(enum ability ability);

struct role_reads {
	const struct reg *reg;
	const struct field *const *fields; /* NULL with all */
	size_t field_count;
	bool all;
};

struct role {
	const char *name;
	const char *body; /* NULL: private */
	uint32_t code, body_code;
	struct place_in_file at;
	bool territory;
	bool token;
	unsigned can; /* enum ability, or-ed */
	const struct purpose *const *purposes;
	size_t purpose_count;
	const struct role_reads *reads;
	size_t reads_count;
	const struct action *const *only;
	size_t only_count;                 /* 0: not restricted */
	const struct reg *const *searches; /* registers that it may search; each has `search` */
	size_t searches_count;
	int lookups_an_hour, searches_an_hour; /* of one account; 0: no limit */
	size_t index;                          /* in pack->roles, below 64 */
};

struct purpose {
	const char *name;
	const char *basis;
	bool needs_case;
	bool discreet; /* the header names the body and the purpose alone: more would tell of another's affairs */
	int64_t defer_ms;
	uint32_t code;
	struct place_in_file at;
};

struct retention {
	const char *name;
	int record_months, header_months, detail_months, payload_months;
	uint32_t code;
	struct place_in_file at;
};

/* An act of law ("act" alone is what a request does, registry/act.h). */
enum act_status { ACT_DRAFT, ACT_ADOPTED, ACT_IN_FORCE, ACT_REPEALED };
struct reading {
	int nr;
	int64_t day;
};
struct statute {
	const char *name; /* the folder */
	const char *number;
	int64_t day; /* DAY_NONE */
	enum act_status status;
	const struct reading *readings;
	size_t reading_count;
	struct place_in_file at;
};

enum provision_kind { PROVISION_FORBID, PROVISION_OBLIGATION, PROVISION_BREACH };
struct day_range {
	int64_t from, until; /* both included; DAY_BEFORE_ALL, DAY_AFTER_ALL */
};
struct wake {
	const struct reg *reg; /* whose change wakes */
	const char *select;    /* ids; old.x and new.x stand for the images */
};
struct provision {
	const char *name; /* "act/file", without .sql */
	struct place_in_file at;
	enum provision_kind kind;
	const struct statute *act;
	const char *citation; /* "article 15(1)" */
	const struct action *const *forbids;
	size_t forbid_count;
	const struct day_range *in_force;
	size_t in_force_count;
	const struct wake *wakes;
	size_t wake_count;
	enum period tick; /* NONE, DAY or MONTH */
	const char *select;
	size_t index;         /* in pack->provisions */
	const char *text_key; /* "law.<act>.<name>" */
};

enum table_column_kind { TABLE_INTEGER, TABLE_DAY, TABLE_MONEY, TABLE_DECIMAL, TABLE_TEXT };
struct table_column {
	const char *name;
	enum table_column_kind kind;
	int scale;
};
struct dated_table {
	const char *name;
	struct place_in_file at;
	const struct table_column *columns;
	size_t column_count;
	const struct value *cells; /* row by row */
	size_t row_count;
};

struct place {
	int64_t id;
	const char *code;
	int64_t parent;                    /* 0 for the root */
	const char *names[LANGUAGE_COUNT]; /* NULL: none in this language */
	int64_t valid_from, valid_to;      /* days; DAY_BEFORE_ALL, DAY_AFTER_ALL */
	bool has_point;
	int32_t lat, lon; /* 10^-7 degrees */
};

/* One number of codes.yaml: what the ledger calls a thing of the pack for ever. One row of numbers for all. */
struct code {
	const char *name; /* "stay", "stay.guest", "plan.steps.what", "stay.declare", "role.clerk" */
	uint32_t number;
	int line;
};

struct pack {
	struct arena *arena;
	const char *name;
	int64_t edition; /* day */
	const char *time_zone;
	enum language languages[LANGUAGE_COUNT];
	size_t language_count;
	const char *currency;
	int currency_scale;
	int64_t place_root;         /* 0: no places */
	const struct place *places; /* by id, ascending */
	size_t place_count;
	const struct reg *regs;
	size_t reg_count;
	const struct view *views;
	size_t view_count;
	const struct role *roles;
	size_t role_count;
	const struct purpose *purposes;
	size_t purpose_count;
	const struct retention *retentions;
	size_t retention_count;
	const struct statute *acts;
	size_t act_count;
	const struct provision *provisions;
	size_t provision_count;
	const struct dated_table *tables;
	size_t table_count;
	const struct reg *mandate;       /* the register of that name, of the right shape; NULL */
	const struct calendar *calendar; /* pack/calendar.h; never NULL */
	unsigned char digest[32];        /* SHA-256 over all files; what an installation is told apart by */
	unsigned char rules_digest[32];  /* of retention, purposes, codes and law, as the ledger states them */
	struct texts *texts;             /* pack/text.c */
	const struct code *codes;        /* codes.yaml as it stands, those of things gone included */
	size_t code_count;
};

/* Reads and checks the pack in folder `directory`, all but its SELECTs (store/vet.h). Every fault
 * is reported through `report`, not just the first. ERR_BAD_INPUT: there were faults; ERR_IO: the
 * folder cannot be read. */
enum severity { SEVERITY_ERROR, SEVERITY_WARNING };
struct pack_fault {
	enum severity severity;
	const char *file;
	int line;
	const char *text; /* what was found and what was expected, English */
};
struct pack_report { /* start with {0}; pack_report_done */
	struct arena *arena;
	struct pack_fault *faults;
	size_t count, capacity;
	size_t error_count;
};
void pack_report_init(struct pack_report *report);
void pack_report_done(struct pack_report *report);
void pack_report_add(struct pack_report *report, enum severity severity, const char *file, int line, const char *format,
		     ...) PRINTF_LIKE(5, 6);

NODISCARD enum error pack_load(const char *directory, struct pack_report *report, struct pack **ret_pack);
void pack_free(struct pack *pack);
DEFINE_AUTO(struct pack, pack_free)

/* NULL when there is none of that name. */
const struct reg *pack_reg(const struct pack *pack, const char *name);
const struct reg *pack_reg_by_prefix(const struct pack *pack, const char *prefix);
/* By the number of codes.yaml, as the store keeps it. */
const struct reg *pack_reg_by_code(const struct pack *pack, int64_t code);
const struct role *pack_role_by_code(const struct pack *pack, int64_t code);
const struct field *reg_field(const struct reg *reg, const char *name);
const struct action *reg_action(const struct reg *reg, const char *name);
const struct party *reg_party(const struct reg *reg, const char *name);
const struct field *action_arg(const struct action *action, const char *name);
const struct role *pack_role(const struct pack *pack, const char *name);
const struct purpose *pack_purpose(const struct pack *pack, const char *name);
const struct view *pack_view(const struct pack *pack, const char *name);
const struct provision *pack_provision(const struct pack *pack, const char *name);
const struct dated_table *pack_table(const struct pack *pack, const char *name);
const struct place *pack_place(const struct pack *pack, int64_t id);
/* Its name in the language, else in the pack's first one that it has (villages have no English name); NULL: none. */
const char *pack_place_name(const struct pack *pack, const struct place *place, enum language language);
/* Does the role read the field of that register? */
bool role_reads_field(const struct role_reads *reads, const struct field *field);
/* Is the column one of view->keys? */
bool view_has_key(const struct view *view, const char *column);
/* 0 when there is no place with this code. */
int64_t pack_place_id(const struct pack *pack, const char *code);
/* Is `place` the same as `above` or below it? */
bool pack_place_within(const struct pack *pack, int64_t place, int64_t above);
bool provision_in_force(const struct provision *provision, int64_t day);

/* The text of `key` in `language`, else in the pack's first language, else the key itself. */
const char *pack_text(const struct pack *pack, enum language language, const char *key);
/* pack_textf(pack, language, arena, "%s.%s", reg, field) */
const char *pack_textf(const struct pack *pack, enum language language, struct arena *arena, const char *format, ...)
	PRINTF_LIKE(4, 5);

/* The same for `tirkeu pack codes`: numbers that codes.yaml lacks are no fault, but 0. */
NODISCARD enum error pack_load_uncoded(const char *directory, struct pack_report *report, struct pack **ret_pack);
/* Adds missing numbers to codes.yaml in `directory` (rewritten, sorted, old ones untouched).
 * ret_added: how many. */
NODISCARD enum error pack_codes_write(const char *directory, const struct pack *pack, size_t *ret_added);
/* Reports every number of `before` that `after` changed, dropped or gave to something else: ledgers that
 * were written with it could no longer be read. */
void pack_codes_compare(const struct pack *before, const struct pack *after, struct pack_report *report);
/* Human lines of what B changes against A: first those that begin with "!", where a role, a party or everybody may do or
 * read more than before (*ret_widens: there are such), then registers, fields, actions, roles, SQL, tables, texts. */
struct strbuf;
void pack_diff(const struct pack *a, const struct pack *b, struct strbuf *out, bool *ret_widens);
