#include "base/problem.h"
#include <ctype.h>
#include <string.h>
#include "base/arena.h"
#include "base/strbuf.h"

static const char *const languages[LANGUAGE_COUNT] = { "kk", "ru", "en" };

static const struct {
	const char *name;
	const char *text[LANGUAGE_COUNT];
} messages[] = {
#define MESSAGE(id, kk, ru, en) { #id, { kk, ru, en } },
#include "base/message.def"
#undef MESSAGE
};

enum language
language_parse(const char *text)
{
	for (int i = 0; text != NULL && i < LANGUAGE_COUNT; i++)
		if (strcmp(text, languages[i]) == 0)
			return (enum language)i;
	return LANGUAGE_COUNT;
}

const char *
language_name(enum language language)
{
	assert(language < LANGUAGE_COUNT);
	return languages[language];
}

const char *
message_name(enum message message)
{
	static _Thread_local char name[48];
	size_t at = 0;

	assert(message < MESSAGE_COUNT);
	for (const char *p = messages[message].name + strlen("MSG_"); *p != '\0' && at < sizeof(name) - 1; p++)
		name[at++] = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
	name[at] = '\0';
	return name;
}

const char *
message_print(struct arena *arena, enum message message, enum language language, const char *const arguments[3])
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	assert(message < MESSAGE_COUNT && language < LANGUAGE_COUNT);
	for (const char *p = messages[message].text[language]; *p != '\0'; p++) {
		if (p[0] == '{' && p[1] >= '1' && p[1] <= '3' && p[2] == '}') {
			const char *argument = arguments[p[1] - '1'];

			strbuf_text(&out, argument == NULL ? "" : argument);
			p += 2;
		} else {
			strbuf_char(&out, *p);
		}
	}
	return arena_copy(arena, out.text, out.bytes);
}

void
problem_init(struct problem *problem, struct arena *arena)
{
	problem->arena = arena;
	problem->item_count = 0;
	problem->dropped_count = 0;
	problem->refusal = NULL;
}

enum error
problem_add_at(struct problem *problem, enum error e, const char *field, int line, int column, enum message message,
	       const char *const arguments[3])
{
	if (problem == NULL)
		return e;
	if (problem->item_count == PROBLEM_ITEMS_MAX) {
		problem->dropped_count++;
		return e;
	}
	struct problem_item *item = &problem->items[problem->item_count++];

	*item = (struct problem_item){
		.field = arena_text(problem->arena, field), .message = message, .line = line, .column = column
	};
	for (int i = 0; i < 3; i++)
		item->arguments[i] = arena_text(problem->arena, arguments[i]);
	return e;
}

enum error
problem_add(struct problem *problem, enum error e, const char *field, enum message message, const char *first,
	    const char *second)
{
	return problem_add_at(problem, e, field, 0, 0, message, (const char *const[3]){ first, second, NULL });
}

void
problem_prefix(struct problem *problem, size_t first_item, const char *prefix)
{
	for (size_t i = first_item; problem != NULL && i < problem->item_count; i++) {
		const char *field = problem->items[i].field;

		problem->items[i].field = field == NULL ? arena_text(problem->arena, prefix)
							: arena_printf(problem->arena, "%s%s%s", prefix,
								       field[0] == '[' ? "" : ".", field);
	}
}
