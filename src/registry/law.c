/* law.c - provisions, findings and refusals in words. */
#include <stdlib.h>
#include <string.h>
#include "registry/engine.h"
#include "text/json.h"

static bool
ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

static void
print_money(const struct registry *registry, struct arena *arena, int64_t amount, struct json *json)
{
	int64_t unit = 1;

	for (int i = 0; i < registry->pack->currency_scale; i++)
		unit *= 10;
	if (unit == 1)
		json_text(json, arena_printf(arena, "%lld", (long long)amount));
	else
		json_text(json,
			  arena_printf(arena, "%s%lld.%0*lld", amount < 0 ? "-" : "", (long long)(llabs(amount) / unit),
				       registry->pack->currency_scale, (long long)(llabs(amount) % unit)));
}

static void
print_day_or_instant(const struct registry *registry, int64_t value, bool is_day, struct json *json)
{
	char text[INSTANT_TEXT_BYTES];

	json_text(json, is_day ? day_print(value, text)
			       : instant_print(value, zone_offset_minutes(registry->zone, value), text));
}

static void
print_fact(const struct registry *registry, struct arena *arena, const struct fact *fact, enum language language,
	   const char *text_key, struct json *json)
{
	struct input_context context = registry_input(registry, arena, 0);

	json_open_map(json);
	json_field_text(json, "name", fact->name);
	json_field_text(json, "title", pack_textf(registry->pack, language, arena, "%s.%s", text_key, fact->name));
	json_key(json, "value");
	if (fact->value.kind == VALUE_NULL)
		json_null(json);
	else if (fact->to != NULL)
		json_text(json, registry_reference(registry, fact->to, arena, fact->value.integer));
	else if (fact->field != NULL && fact->field->type != FIELD_REF && input_columns(fact->field) == 1)
		input_print_json(&context, fact->field, &fact->value, json);
	else if (fact->value.kind == VALUE_TEXT)
		json_text_bytes(json, fact->value.text, fact->value.bytes);
	else if (ends_with(fact->name, "_day"))
		print_day_or_instant(registry, fact->value.integer, true, json);
	else if (ends_with(fact->name, "_at"))
		print_day_or_instant(registry, fact->value.integer, false, json);
	else if (ends_with(fact->name, "_money"))
		print_money(registry, arena, fact->value.integer, json);
	else
		json_integer(json, fact->value.integer);
	/* A word of the rule ("warning") has a text of its own. */
	if (fact->value.kind == VALUE_TEXT && fact->field == NULL) {
		const char *key = arena_printf(arena, "%s.%s.%s", text_key, fact->name, fact->value.text);
		const char *text = pack_text(registry->pack, language, key);

		if (text != key)
			json_field_text(json, "text", text);
	}
	json_close_map(json);
}

static void
print_facts(const struct registry *registry, struct arena *arena, const struct fact *facts, size_t count,
	    enum language language, const char *text_key, struct json *json)
{
	json_key(json, "facts");
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		print_fact(registry, arena, &facts[i], language, text_key, json);
	json_close_list(json);
}

const char *
law_article(const struct registry *registry, const struct provision *provision, const char *article,
	    enum language language, struct arena *arena)
{
	const char *text = article != NULL ? article : provision->citation;
	const char *number = strncmp(text, "article ", 8) == 0 ? text + 8 : NULL;

	if (number != NULL && number[strspn(number, "0123456789()-.")] == '\0')
		return message_print(arena, MSG_ARTICLE, language, (const char *const[3]){ number });
	const char *key = arena_printf(arena, "%s.citation", provision->text_key);
	const char *own = article != NULL ? key : pack_text(registry->pack, language, key);

	return own != key ? own : text;
}

static void
print_provision(const struct registry *registry, struct arena *arena, const struct provision *provision,
		const char *article, enum language language, struct json *json)
{
	char day[DAY_TEXT_BYTES];
	const char *key = arena_printf(arena, "law.%s", provision->act->name);

	json_field_text(json, "provision", provision->name);
	json_field_text(json, "rule", pack_text(registry->pack, language, provision->text_key));
	json_field_text(json, "act", pack_text(registry->pack, language, key));
	json_field_text(json, "act_number", provision->act->number);
	json_field_text(json, "article", law_article(registry, provision, article, language, arena));
	json_field_text(json, "edition", day_print(registry->pack->edition, day));
}

/* The rows of dated tables that the rule reads are named by table: their values stand among the facts. */
static void
print_tables(const struct registry *registry, const struct provision *provision, struct json *json)
{
	const char *tables = registry->vetted->provisions[provision->index].tables_read;

	json_field_text(json, "parameters_of", tables == NULL ? "" : tables);
}

static const char *
kind_name(enum provision_kind kind)
{
	static const char *const names[] = { "forbid", "obligation", "breach" };

	return names[kind];
}

void
finding_print(const struct registry *registry, const struct finding *finding, enum language language, bool full,
	      struct json *json)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct provision *provision = finding->provision;

	json_open_map(json);
	json_field_integer(json, "id", finding->id);
	if (provision != NULL) {
		json_field_text(json, "kind", kind_name(provision->kind));
		print_provision(registry, arena, provision, finding->article, language, json);
	} else {
		json_field_text(json, "provision", finding->provision_name);
	}
	json_key(json, "due");
	if (finding->has_due)
		print_day_or_instant(registry, finding->due, finding->due_is_day, json);
	else
		json_null(json);
	const struct place *place = pack_place(registry->pack, finding->place);

	json_field_text(json, "place", place == NULL ? NULL : place->code);
	if (full) {
		if (finding->reg != NULL) {
			json_field_text(json, "register", finding->reg->name);
			/* What would open in a dry run is about a record that will not be. */
			if (finding->id != 0)
				json_field_text(json, "ref",
						registry_reference(registry, finding->reg, arena, finding->record));
		}
		if (finding->counts_amount) {
			json_key(json, "amount");
			if (finding->has_amount)
				print_money(registry, arena, finding->amount, json);
			else
				json_null(json);
			json_field_boolean(json, "amount_known", finding->has_amount);
		}
		if (provision != NULL) {
			print_tables(registry, provision, json);
			print_facts(registry, arena, finding->facts, finding->fact_count, language, provision->text_key,
				    json);
		}
	}
	json_close_map(json);
}

void
refusal_print(const struct registry *registry, const struct refusal *refusal, enum language language, struct json *json)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	json_open_map(json);
	print_provision(registry, arena, refusal->provision, refusal->article, language, json);
	json_field_boolean(json, "needs_office", refusal->restricted);
	if (!refusal->restricted) {
		print_tables(registry, refusal->provision, json);
		print_facts(registry, arena, refusal->facts, refusal->fact_count, language,
			    refusal->provision->text_key, json);
	}
	json_close_map(json);
}

static void
print_range(const struct day_range *range, struct json *json)
{
	char text[DAY_TEXT_BYTES];

	json_open_map(json);
	json_field_text(json, "from", range->from <= DAY_FIRST ? NULL : day_print(range->from, text));
	json_field_text(json, "until", range->until >= DAY_LAST ? NULL : day_print(range->until, text));
	json_close_map(json);
}

static void
print_line(const struct registry *registry, const struct provision *provision, enum language language,
	   struct json *json)
{
	static const char *const statuses[] = { "draft", "adopted", "in force", "repealed" };
	AUTO(arena_free) struct arena *arena = arena_new();

	json_open_map(json);
	json_field_text(json, "kind", kind_name(provision->kind));
	json_field_text(json, "status", statuses[provision->act->status]);
	print_provision(registry, arena, provision, NULL, language, json);
	json_key(json, "in_force");
	json_open_list(json);
	for (size_t i = 0; i < provision->in_force_count; i++)
		print_range(&provision->in_force[i], json);
	json_close_list(json);
	print_tables(registry, provision, json);
	json_close_map(json);
}

void
law_list(const struct registry *registry, int64_t day, enum language language, struct json *json)
{
	json_open_list(json);
	for (size_t i = 0; i < registry->pack->provision_count; i++) {
		const struct provision *provision = &registry->pack->provisions[i];

		if (provision->act->status == ACT_IN_FORCE && provision_in_force(provision, day))
			print_line(registry, provision, language, json);
	}
	json_close_list(json);
}

void
law_list_drafts(const struct registry *registry, enum language language, struct json *json)
{
	json_open_list(json);
	for (size_t i = 0; i < registry->pack->provision_count; i++) {
		const struct provision *provision = &registry->pack->provisions[i];

		if (provision->act->status == ACT_DRAFT || provision->act->status == ACT_ADOPTED)
			print_line(registry, provision, language, json);
	}
	json_close_list(json);
}
