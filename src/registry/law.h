/* law.h - provisions at work: refusals, findings, explanations. What is found is derived data: `law_evaluate`
 * makes it anew, and must come to the same. */
#pragma once
#include "registry/registry.h"

struct fact {
	const char *name;
	const char *title; /* the law's own word for it, when printed */
	struct value value;
	const struct field *field; /* NULL: computed */
	const struct reg *to;      /* an id: of which register's record; NULL: no id */
};

/* Behind problem->refusal. */
struct refusal {
	const struct provision *provision;
	int64_t record;
	int64_t who;
	const char *article; /* NULL: the header's citation */
	bool restricted;     /* it rests on facts about someone else: no facts given */
	const struct fact *facts;
	size_t fact_count;
};

struct finding {
	int64_t id;                        /* 0: would open (dry run) */
	const struct provision *provision; /* NULL: of an earlier edition, by name only */
	const char *provision_name;
	const struct reg *reg;
	int64_t record, who, instance;
	bool has_due, due_is_day, has_amount;
	int64_t due;    /* a day or an instant */
	int64_t amount; /* money; without has_amount where law counts one: not known */
	bool counts_amount;
	const char *article;
	int64_t place;                /* territory, 0 unknown */
	int64_t opened_at, closed_at; /* closed_at 0: open */
	const struct fact *facts;
	size_t fact_count;
};

/* Where the rule stands, in words: `article` (a finding's own; NULL: the provision's citation). "article 15(1)" is said in
 * each language; any other wording by the text `law.<act>.<provision>.citation`, where the pack has it. */
const char *law_article(const struct registry *registry, const struct provision *provision, const char *article,
			enum language language, struct arena *arena);

struct json;
/* The explanation: rule in words, article, act, edition, due, amount, facts. `full` false: provision, citation, due
 * only (queue). */
void finding_print(const struct registry *registry, const struct finding *finding, enum language language, bool full,
		   struct json *json);
void refusal_print(const struct registry *registry, const struct refusal *refusal, enum language language,
		   struct json *json);

/* Open findings that a party must act on; or (queue) by territory, about records of `regs` (NULL: of all), in order of
 * due day, from `after_id` on. */
NODISCARD enum error finding_list_of_party(struct registry *registry, struct db *db, struct arena *arena, int64_t party,
					   const struct finding **ret_findings, size_t *ret_count);
NODISCARD enum error finding_queue(struct registry *registry, struct db *db, struct arena *arena, int64_t place,
				   const struct reg *const *regs, size_t reg_count, int64_t after_id, size_t limit,
				   const struct finding **ret_findings, size_t *ret_count);
NODISCARD enum error finding_load(struct registry *registry, struct db *db, struct arena *arena, int64_t id,
				  struct finding *ret_finding);

/* Makes all findings anew in chunks through the writer; counts. The full twin of the incremental way. */
struct law_totals {
	uint64_t opened, closed, changed, kept; /* changed: other facts, due day or amount */
};
NODISCARD enum error law_evaluate(struct registry *registry, int64_t now, struct law_totals *ret_totals);
/* One line a provision as of `day`: name, kind, citation, in force; JSON list. Those of acts in force only. */
void law_list(const struct registry *registry, int64_t day, enum language language, struct json *json);
/* The same for acts that are not in force yet, whatever day they name: nobody is held to them. */
void law_list_drafts(const struct registry *registry, enum language language, struct json *json);
