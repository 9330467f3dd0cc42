/* problem.h - what is wrong, where, in words that the reader understands: filled where the
 * fault is seen, printed at the edge in the reader's language. Nothing personal goes in but
 * what the reader sent. */
#pragma once
#include "base/base.h"

struct arena;

enum language { LANGUAGE_KK, LANGUAGE_RU, LANGUAGE_EN, LANGUAGE_COUNT };
/* "kk", "ru", "en"; LANGUAGE_COUNT for anything else. */
enum language language_parse(const char *text);
const char *language_name(enum language language);

/* message.def: MESSAGE(id, kk, ru, en); {1} {2} {3} stand for the arguments. */
enum message {
#define MESSAGE(id, kk, ru, en) id,
#include "base/message.def"
#undef MESSAGE
	MESSAGE_COUNT
};
const char *message_name(enum message message); /* "MSG_REQUIRED" as "required" */
/* The sentence with its arguments (NULL prints as nothing), in `arena`. */
const char *message_print(struct arena *arena, enum message message, enum language language,
			  const char *const arguments[3]);

enum { PROBLEM_ITEMS_MAX = 64 };

struct problem_item {
	const char *field; /* "guest", "steps[2].role"; NULL: the whole request */
	enum message message;
	const char *arguments[3];
	int line; /* of a file, from 1; 0: none */
	int column;
};

/* Collects up to PROBLEM_ITEMS_MAX faults; further ones are only counted. Texts are copied
 * into `arena`. `provision` and the rest of a refusal by law hang behind it (registry/law.h). */
struct problem {
	struct arena *arena;
	struct problem_item items[PROBLEM_ITEMS_MAX];
	size_t item_count;
	size_t dropped_count;
	void *refusal; /* struct refusal of registry/law.h, in `arena`; NULL: none */
};

void problem_init(struct problem *problem, struct arena *arena);
/* Adds one and returns `e`, so that a function can end with it. A NULL `problem` is allowed. */
enum error problem_add(struct problem *problem, enum error e, const char *field, enum message message,
		       const char *first, const char *second);
enum error problem_add_at(struct problem *problem, enum error e, const char *file_or_field, int line, int column,
			  enum message message, const char *const arguments[3]);
/* Writes `prefix` before the field names of the items from `first_item` on ("guest." + "iin"). */
void problem_prefix(struct problem *problem, size_t first_item, const char *prefix);
