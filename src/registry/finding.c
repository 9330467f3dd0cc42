/* finding.c - findings as rows: made from a provision's SELECT, kept, settled against what was open. */
#include <stdlib.h>
#include <string.h>
#include "registry/engine.h"
#include "text/json.h"

static bool
is_own_word(const char *name)
{
	static const char *const words[] = { "record", "who", "due", "instance", "amount", "article" };

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return false;
}

static const struct vet_fact *
vetted_fact(const struct registry *registry, const struct provision *provision, const char *name)
{
	const struct vetted_provision *vetted = &registry->vetted->provisions[provision->index];

	for (size_t i = 0; i < vetted->fact_count; i++)
		if (strcmp(vetted->facts[i].name, name) == 0)
			return &vetted->facts[i];
	return NULL;
}

static void
take_column(struct finding *finding, const char *name, const struct value *value)
{
	bool known = value->kind != VALUE_NULL;

	if (strcmp(name, "record") == 0) {
		finding->record = value->integer;
	} else if (strcmp(name, "who") == 0) {
		finding->who = known ? value->integer : 0;
	} else if (strcmp(name, "instance") == 0) {
		finding->instance = known ? value->integer : 0;
	} else if (strcmp(name, "article") == 0) {
		finding->article = known ? value->text : NULL;
	} else if (strcmp(name, "due") == 0) {
		finding->has_due = known;
		finding->due = known ? value->integer : 0;
		finding->due_is_day = known && value->integer < DAY_LIMIT;
	} else {
		finding->counts_amount = true;
		finding->has_amount = known;
		finding->amount = known ? value->integer : 0;
	}
}

/* A fact that is an id: the register that has the record. The vet names it where it is the id itself. */
static const struct reg *
leads_to(const struct registry *registry, struct db *db, const struct vet_fact *vetted, const struct value *value)
{
	if (vetted == NULL || value->kind != VALUE_INTEGER)
		return NULL;
	if (vetted->field == NULL)
		return vetted->reg;
	for (size_t i = 0; vetted->field->type == FIELD_REF && i < vetted->field->to_count; i++)
		if (image_exists(registry, db, vetted->field->to[i], value->integer))
			return vetted->field->to[i];
	return NULL;
}

static struct fact
fact_of(const struct registry *registry, struct db *db, struct arena *arena, const struct provision *provision,
	const char *name, struct value value)
{
	const struct vet_fact *vetted = provision == NULL ? NULL : vetted_fact(registry, provision, name);

	return (struct fact){ .name = vetted != NULL ? vetted->name : arena_text(arena, name),
			      .value = value,
			      .field = vetted == NULL ? NULL : vetted->field,
			      .to = leads_to(registry, db, vetted, &value) };
}

struct finding
finding_of_row(struct registry *registry, struct db *db, struct arena *arena, const struct provision *provision,
	       const struct query *row)
{
	struct finding finding = { .provision = provision,
				   .provision_name = provision->name,
				   .reg = registry->vetted->provisions[provision->index].reg };
	struct fact *facts = arena_array_of(arena, struct fact, (size_t)column_count(row));

	for (int i = 0; i < column_count(row); i++) {
		struct value value = column_value(row, i, arena);
		const char *name = column_name(row, i);

		if (is_own_word(name)) {
			take_column(&finding, name, &value);
			continue;
		}
		facts[finding.fact_count++] = fact_of(registry, db, arena, provision, name, value);
	}
	finding.facts = facts;
	return finding;
}

static const char *
facts_print(struct arena *arena, const struct finding *finding)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	for (size_t i = 0; i < finding->fact_count; i++) {
		const struct value *value = &finding->facts[i].value;

		json_key(&json, finding->facts[i].name);
		if (value->kind == VALUE_TEXT)
			json_text_bytes(&json, value->text, value->bytes);
		else if (value->kind == VALUE_NULL)
			json_null(&json);
		else
			json_integer(&json, value->integer);
	}
	json_close_map(&json);
	return arena_copy(arena, out.text, out.bytes);
}

static void
facts_parse(const struct registry *registry, struct db *db, struct arena *arena, struct finding *finding,
	    const char *text)
{
	const struct node *root = NULL;

	if (text == NULL || node_parse_json(arena, text, strlen(text), NULL, &root) != OK)
		return;
	struct fact *facts = arena_array_of(arena, struct fact, root->count + 1);

	for (size_t i = 0; i < root->count; i++) {
		const struct node *node = &root->items[i];
		struct value value = value_null();

		if (node->kind == NODE_TEXT)
			value = (struct value){ .kind = VALUE_TEXT, .text = node->text, .bytes = node->bytes };
		else if (node->kind == NODE_NUMBER)
			value = value_integer(strtoll(node->text, NULL, 10));
		facts[i] = fact_of(registry, db, arena, finding->provision, root->keys[i], value);
	}
	finding->facts = facts;
	finding->fact_count = root->count;
}

#define FINDING_COLUMNS                                                                                    \
	"f.id, v.name, f.reg, f.record, f.instance, f.who, f.due, f.amount, f.article, f.place, f.facts, " \
	"f.opened_at, f.closed_at"

static struct finding
read_row(struct registry *registry, struct db *db, struct arena *arena, const struct query *query)
{
	const struct pack *pack = registry->pack;
	struct finding finding = { .id = column_integer(query, 0),
				   .record = column_integer(query, 3),
				   .instance = column_integer(query, 4),
				   .who = column_integer(query, 5),
				   .has_due = !column_is_null(query, 6),
				   .due = column_integer(query, 6),
				   .has_amount = !column_is_null(query, 7),
				   .amount = column_integer(query, 7),
				   .place = column_integer(query, 9),
				   .opened_at = column_integer(query, 11),
				   .closed_at = column_integer(query, 12) };

	finding.due_is_day = finding.has_due && finding.due < DAY_LIMIT;
	finding.article = arena_text(arena, column_text(query, 8));
	finding.provision_name = arena_text(arena, column_text(query, 1));
	finding.provision = pack_provision(pack, finding.provision_name);
	finding.counts_amount =
		finding.has_amount ||
		(finding.provision != NULL && registry->vetted->provisions[finding.provision->index].has_amount);
	finding.reg = pack_reg_by_code(pack, column_integer(query, 2));
	facts_parse(registry, db, arena, &finding, column_text(query, 10));
	return finding;
}

static enum error
read_rows(struct registry *registry, struct db *db, struct arena *arena, struct query *query, struct finding_list *list)
{
	enum error e;

	while ((e = query_step(query)) == OK)
		*ARENA_PUSH(arena, list->items, list->count, list->capacity) = read_row(registry, db, arena, query);
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
finding_open_range(struct registry *registry, struct db *db, struct arena *arena, const struct provision *provision,
		   int64_t first, int64_t behind, struct finding_list *ret_list)
{
	AUTO(query_free)
	struct query *query =
		db_query(db, "SELECT " FINDING_COLUMNS " FROM sys_finding f JOIN sys_provision v ON v.id = f.provision"
			     " WHERE f.closed_at IS NULL AND f.record >= $1 AND f.record < $2 AND f.provision = $3");

	bind_integer(query, 1, first);
	bind_integer(query, 2, behind);
	bind_integer(query, 3, registry->provisions[provision->index].number);
	return read_rows(registry, db, arena, query, ret_list);
}

enum error
finding_list_of_party(struct registry *registry, struct db *db, struct arena *arena, int64_t party,
		      const struct finding **ret_findings, size_t *ret_count)
{
	AUTO(query_free)
	struct query *query =
		db_query(db, "SELECT " FINDING_COLUMNS " FROM sys_finding f JOIN sys_provision v ON v.id = f.provision"
			     " WHERE f.closed_at IS NULL AND f.who = $1 ORDER BY f.queue_at, f.id LIMIT 200");
	struct finding_list list = { 0 };

	bind_integer(query, 1, party);
	TRY(read_rows(registry, db, arena, query, &list));
	*ret_findings = list.items;
	*ret_count = list.count;
	return OK;
}

/* ",3,17," for the registers of these codes: found in it by LIKE, on both databases. */
static const char *
codes_of(struct arena *arena, const struct reg *const *regs, size_t reg_count)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t i = 0; i < reg_count; i++)
		strbuf_printf(&out, ",%u", regs[i]->code);
	strbuf_text(&out, ",");
	return arena_copy(arena, out.text, out.bytes);
}

enum error
finding_queue(struct registry *registry, struct db *db, struct arena *arena, int64_t place,
	      const struct reg *const *regs, size_t reg_count, int64_t after_id, size_t limit,
	      const struct finding **ret_findings, size_t *ret_count)
{
	/* The queue goes on behind the last row that was shown: due first, then opened. */
	AUTO(query_free)
	struct query *query = db_query(
		db, "SELECT " FINDING_COLUMNS " FROM sys_finding f JOIN sys_provision v ON v.id = f.provision"
		    " WHERE f.closed_at IS NULL AND ($1 = 0 OR EXISTS (SELECT 1 FROM place_above a WHERE a.place = "
		    "f.place AND a.above = $1))"
		    " AND ($2 = 0 OR (f.queue_at, f.id) > (SELECT g.queue_at, g.id FROM sys_finding g WHERE g.id = $2))"
		    " AND ($4 IS NULL OR $4 LIKE '%,' || f.reg || ',%')"
		    " ORDER BY f.queue_at, f.id LIMIT $3");
	struct finding_list list = { 0 };

	bind_integer(query, 1, place);
	bind_integer(query, 2, after_id);
	bind_integer(query, 3, (int64_t)limit);
	if (regs == NULL)
		bind_null(query, 4);
	else
		bind_text(query, 4, codes_of(arena, regs, reg_count));
	TRY(read_rows(registry, db, arena, query, &list));
	*ret_findings = list.items;
	*ret_count = list.count;
	return OK;
}

enum error
finding_load(struct registry *registry, struct db *db, struct arena *arena, int64_t id, struct finding *ret_finding)
{
	AUTO(query_free)
	struct query *query =
		db_query(db, "SELECT " FINDING_COLUMNS
			     " FROM sys_finding f JOIN sys_provision v ON v.id = f.provision WHERE f.id = $1");

	bind_integer(query, 1, id);
	TRY(query_one(query));
	*ret_finding = read_row(registry, db, arena, query);
	return OK;
}

/* ---- settling ---- */

static void
bind_row(struct query *query, struct registry *registry, struct arena *arena, const struct finding *finding)
{
	int64_t due_at = !finding->has_due      ? 0
			 : !finding->due_is_day ? finding->due
						: zone_day_begins(registry->zone, finding->due + 1);

	bind_integer(query, 2, finding->who);
	if (finding->has_due) {
		bind_integer(query, 3, finding->due);
		bind_integer(query, 4, due_at);
	}
	if (finding->has_amount)
		bind_integer(query, 5, finding->amount);
	bind_text(query, 6, finding->article);
	bind_text(query, 7, facts_print(arena, finding));
}

static enum error
territory_of(struct registry *registry, struct db *db, struct arena *arena, const struct finding *finding, int64_t now,
	     int64_t *ret_place)
{
	const struct image *image = NULL;

	TRY(image_load_from(registry, db, arena, finding->reg, finding->record, &image));
	return image_territory(registry, db, arena, image, now, ret_place);
}

static enum error
open_row(struct registry *registry, struct db *db, struct arena *arena, struct finding *finding, int64_t now)
{
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO sys_finding (id, who, due, due_at, amount, article, facts, "
					   "provision, reg, record, instance, place,"
					   " opened_at, queue_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
					   "$11, $12, $13, coalesce($4, $13))");

	finding->id = registry_new_id(registry);
	finding->opened_at = now;
	TRY(territory_of(registry, db, arena, finding, now, &finding->place));
	bind_integer(query, 1, finding->id);
	bind_row(query, registry, arena, finding);
	bind_integer(query, 8, registry->provisions[finding->provision->index].number);
	bind_integer(query, 9, finding->reg->code);
	bind_integer(query, 10, finding->record);
	bind_integer(query, 11, finding->instance);
	bind_integer(query, 12, finding->place);
	bind_integer(query, 13, now);
	return query_run(query);
}

static enum error
change_row(struct registry *registry, struct db *db, struct arena *arena, const struct finding *finding)
{
	AUTO(query_free)
	struct query *query = db_query(
		db, "UPDATE sys_finding SET who = $2, due = $3, due_at = $4, amount = $5, article = $6, facts = $7,"
		    " queue_at = coalesce($4, opened_at) WHERE id = $1");

	bind_integer(query, 1, finding->id);
	bind_row(query, registry, arena, finding);
	return query_run(query);
}

static enum error
close_row(struct db *db, const struct finding *finding, int64_t now)
{
	AUTO(query_free) struct query *query = db_query(db, "UPDATE sys_finding SET closed_at = $2 WHERE id = $1");

	bind_integer(query, 1, finding->id);
	bind_integer(query, 2, now);
	return query_run(query);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_content(struct arena *arena, const struct finding *a, const struct finding *b)
{
	return a->who == b->who && a->has_due == b->has_due && a->due == b->due && a->has_amount == b->has_amount &&
	       a->amount == b->amount && same_text(a->article, b->article) &&
	       strcmp(facts_print(arena, a), facts_print(arena, b)) == 0;
}

static uint64_t
key_of(const struct finding *finding)
{
	int64_t parts[2] = { finding->record, finding->instance };

	return hash_bytes(parts, sizeof(parts));
}

enum error
finding_settle(struct registry *registry, struct db *db, struct arena *arena, const struct provision *provision,
	       struct finding_list *known, struct finding_list *found, int64_t now, struct law_totals *totals)
{
	AUTO(map_done) struct map by_key = { 0 };

	for (size_t i = 0; i < known->count; i++)
		map_put(&by_key, key_of(&known->items[i]), i);
	for (size_t i = 0; i < found->count; i++) {
		struct finding *finding = &found->items[i];
		uint64_t *at = map_get(&by_key, key_of(finding));

		if (at == NULL) {
			TRY(open_row(registry, db, arena, finding, now));
			totals->opened++;
			continue;
		}
		const struct finding *old = &known->items[*at];

		finding->id = old->id;
		finding->opened_at = old->opened_at;
		finding->place = old->place;
		if (same_content(arena, old, finding)) {
			totals->kept++;
		} else {
			TRY(change_row(registry, db, arena, finding));
			totals->changed++;
		}
		map_remove(&by_key, key_of(finding));
	}
	for (size_t i = 0; i < known->count; i++) {
		if (map_get(&by_key, key_of(&known->items[i])) == NULL)
			continue;
		TRY(close_row(db, &known->items[i], now));
		totals->closed++;
	}
	return OK;
}
