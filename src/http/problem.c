#include "http/problem.h"
#include <string.h>
#include "registry/law.h"
#include "text/json.h"

static const struct {
	const char *kk, *ru;
} titles[ERROR_COUNT] = {
#define TITLE(code, kk, ru) [code] = { kk, ru },
#include "http/title.def"
#undef TITLE
};

const char *
problem_title(enum error e, enum language language)
{
	assert(e < ERROR_COUNT);
	const char *text = language == LANGUAGE_KK ? titles[e].kk : language == LANGUAGE_RU ? titles[e].ru : NULL;

	return text == NULL ? error_text(e) : text;
}

enum error
problem_by_name(const char *name)
{
	for (int e = OK + 1; e < ERROR_COUNT; e++)
		if (strcmp(error_name((enum error)e), name) == 0)
			return (enum error)e;
	return ERROR_COUNT;
}

int
problem_retry_seconds(enum error e)
{
	switch (e) {
	case ERR_LIMITED:
	case ERR_BUSY:
		return 1;
	case ERR_STOPPING:
		return 5;
	default:
		return 0;
	}
}

static void
print_items(const struct problem *problem, enum language language, struct arena *arena, struct json *json)
{
	json_key(json, "errors");
	json_open_list(json);
	for (size_t i = 0; i < problem->item_count; i++) {
		const struct problem_item *item = &problem->items[i];

		json_open_map(json);
		if (item->field != NULL)
			json_field_text(json, "field", item->field);
		json_field_text(json, "code", message_name(item->message));
		json_field_text(json, "detail", message_print(arena, item->message, language, item->arguments));
		json_close_map(json);
	}
	json_close_list(json);
	if (problem->dropped_count > 0)
		json_field_integer(json, "more_errors", (int64_t)problem->dropped_count);
}

static void
print_refusal(const struct registry *registry, const struct refusal *refusal, enum language language,
	      struct arena *arena, struct json *json)
{
	const struct provision *provision = refusal->provision;
	const char *article = law_article(registry, provision, refusal->article, language, arena);

	json_field_text(json, "provision", provision->name);
	json_field_text(
		json, "citation",
		arena_printf(arena, "%s, %s",
			     pack_textf(registry_pack(registry), language, arena, "law.%s", provision->act->name),
			     article));
	json_key(json, "refusal");
	refusal_print(registry, refusal, language, json);
}

void
problem_print(enum error e, const struct problem *problem, const struct registry *registry, enum language language,
	      struct arena *arena, struct json *json)
{
	const char *detail = NULL;

	for (size_t i = 0; problem != NULL && detail == NULL && i < problem->item_count; i++)
		if (problem->items[i].field == NULL)
			detail = message_print(arena, problem->items[i].message, language, problem->items[i].arguments);
	json_open_map(json);
	json_field_text(json, "type", arena_printf(arena, "/problems/%s", error_name(e)));
	json_field_text(json, "title", problem_title(e, language));
	json_field_integer(json, "status", error_http(e));
	if (detail != NULL)
		json_field_text(json, "detail", detail);
	if (problem != NULL && problem->item_count > 0)
		print_items(problem, language, arena, json);
	if (problem != NULL && problem->refusal != NULL && registry != NULL)
		print_refusal(registry, problem->refusal, language, arena, json);
	json_close_map(json);
}
