/* statistic.h - monthly statistics: the rows of a view over one month, computed when the month is over, rounded, and
 * kept as they were then (migrations/0011-statistic.sql). What is stored is JSON: `columns` with their names, kinds
 * (place, choice, count, value) and, of a choice, the text key of its values; `rows` of places' codes, choices'
 * values, rounded counts. Titles and names are added when it is read. */
#pragma once
#include "base/day.h"
#include "registry/registry.h"

/* A count as statistics show it: the nearest multiple of ten, each on its own. */
int64_t statistic_round(int64_t count);
/* Is the view's column of that name a count? One that is computed, no place, and tells no rows apart. `fact` NULL:
 * nothing is known of it. */
bool statistic_is_count(const struct view *view, const char *name, const struct vet_fact *fact);
/* Are all counts of the row 0 when they are rounded? That it stands there would tell that somebody was counted. `facts`
 * are of its first columns. */
bool statistic_tells_nothing(const struct view *view, const struct vet_fact *facts, size_t fact_count,
			     const struct query *row, struct arena *arena);

/* What the clock does at the border that `day` begins: when that ends a month, every monthly view is computed over it
 * through the reading connection `db` and kept. A month that is there already stays as it is. A view whose SELECT
 * fails is left out and counted as dropped by the clock. */
NODISCARD enum error statistic_close(struct registry *registry, struct db *db, int64_t day, int64_t now);
/* The `months` before the month of `now`, of views that name $from or $until: what a store tells about the time
 * before it was made. */
NODISCARD enum error statistic_fill(struct registry *registry, int months, int64_t now);

/* One month of one view, parsed. */
struct statistic {
	const struct view *view;
	int64_t month; /* its first day; DAY_NONE: there is none yet */
	int64_t made_at;
	const struct node *body;
};
/* `month` DAY_NONE: the latest. ERR_NOT_FOUND: no such view or month; ERR_SIGN_IN, ERR_FORBIDDEN: it is not public. */
NODISCARD enum error statistic_load(struct registry *registry, struct db *db, struct arena *arena,
				    const struct actor *actor, const char *name, int64_t month,
				    struct statistic *ret_statistic);
/* {"name", "title", "month", "made_at", "columns": [{"name", "title", "kind"}], "rows": [[…]]}; a place or a choice is
 * {"code", "name"}. */
void statistic_print(const struct registry *registry, struct arena *arena, const struct statistic *statistic,
		     enum language language, struct json *json);
/* The same as CSV (RFC 4180): `month` first, places and choices as two columns; values that a spreadsheet would read as
 * a formula have ' before them. */
void statistic_print_csv(const struct registry *registry, struct arena *arena, const struct statistic *statistic,
			 enum language language, struct strbuf *out);
/* {"statistics": [{"name", "title", "public", "months": ["2026-10", …]}]}: those that the actor may read, months latest
 * first. */
NODISCARD enum error statistic_list(struct registry *registry, struct db *db, struct arena *arena,
				    const struct actor *actor, struct json *json);

enum { MONTH_TEXT_BYTES = 16 };
/* "2026-10" */
const char *statistic_month_print(int64_t month, char text[static MONTH_TEXT_BYTES]);
/* ERR_BAD_INPUT */
NODISCARD enum error statistic_month_parse(const char *text, int64_t *ret_month);
