/* words.h - the words of the pack language, kind of mapping by kind of mapping (inside src/pack only). */
#pragma once
#include "pack/pack.h"
#include "text/node.h"

struct loader;

enum vocabulary {
	WORDS_PACK,
	WORDS_CURRENCY,
	WORDS_PLACES,
	WORDS_EXCEPTION,
	WORDS_REGISTER,
	WORDS_PARTY,
	WORDS_FIELD,
	WORDS_ACTION,
	WORDS_STEP,
	WORDS_ASKS,
	WORDS_UNIQUE,
	WORDS_SEARCH,
	WORDS_ADDRESS,
	WORDS_REVEAL,
	WORDS_VIEW,
	WORDS_ROLE,
	WORDS_LIMITS,
	WORDS_PURPOSE,
	WORDS_RETENTION,
	WORDS_ACT,
	WORDS_READING,
	WORDS_PROVISION,
	VOCABULARY_COUNT
};

/* One mapping that was held against its vocabulary. */
struct words {
	const struct node *node; /* NULL: no mapping */
	const char *file;
	enum vocabulary vocabulary;
	uint64_t wrong; /* bit i: the i-th word's value is of the wrong kind; reported */
	bool faulty;    /* anything was reported */
};

/* Reports unknown words with the nearest known one, values of the wrong kind and missing required words. */
struct words words_read(struct loader *loader, const char *file, const struct node *node, int line,
			enum vocabulary vocabulary);
/* The rest take only words of the vocabulary (asserted). NULL when missing or of the wrong kind. */
const struct node *words_get(const struct words *words, const char *word);
const char *words_text(const struct words *words, const char *word);
bool words_flag(const struct words *words, const char *word, bool otherwise);
int64_t words_integer(const struct words *words, const char *word, int64_t otherwise);
/* A scalar or a list of scalars as a list of texts. */
size_t words_list(struct arena *arena, const struct words *words, const char *word, const struct node **ret_items);
struct place_in_file words_at(const struct words *words, const char *word);
bool words_knows(enum vocabulary vocabulary, const char *word);
/* Names of all words, for suggestions. */
size_t words_names(struct arena *arena, enum vocabulary vocabulary, const char *const **ret_names);
