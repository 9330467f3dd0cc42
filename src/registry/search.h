/* search.h - an official finds records of one register without knowing a reference: by name in any of three scripts
 * and with typing errors, by a whole number or document, by reference, by address. At most ten hits, each just
 * enough to choose by; opening one is a look-up (read.h). Durable first, like a look-up.
 *
 * Two steps: search_find reads candidates in the caller's thread, so that the writer need not wait for them; the
 * writer then appends the entries and reads and masks what the candidates are at that moment. */
#pragma once
#include "registry/registry.h"

enum {
	SEARCH_HITS_MAX = 10,
	SEARCH_TEXT_CHARS_MAX = 128,
	SEARCH_TEXT_BYTES_MAX = 4 * SEARCH_TEXT_CHARS_MAX,
	SEARCH_LETTERS_MIN = 3,
};

/* What was found, best first. `refine`: too little was asked or too much found, and there are no records. */
struct search_hits {
	int64_t records[SEARCH_HITS_MAX];
	size_t count;
	bool refine;
	bool more; /* there are others, spelt less alike than these */
};

/* Filled by the caller (arena memory of its own); `body` is the JSON when `result` is OK: {"event", "index",
 * "register", "hits": [{"ref", "state", "title", "fields", "place"}], "refine", "more"}, `title` of public registers only.
 * Found, unknown and forbidden take the same way. ERR_FORBIDDEN: no role of the actor searches this register for this
 * purpose, which says nothing about its records; ERR_LIMITED. Both are entries. */
struct search_job {
	struct job job;
	struct registry *registry;
	struct arena *arena;
	struct actor actor;
	struct problem problem;
	const struct reg *reg;
	const char *text; /* UTF-8, as typed */
	const struct purpose *purpose;
	const char *case_text;
	int64_t now;
	struct search_hits hits;  /* search_find's, as what follows */
	const char *const *words; /* folded: which words of names were asked for */
	size_t word_count;
	enum error result;
	unsigned char event[LEDGER_ID_BYTES];
	uint64_t index; /* of the search's own entry */
	const char *body;
	size_t body_bytes;
	void (*done)(struct search_job *search);
	void *context;
};

/* Checks what was asked and finds candidates through `db`, a reading connection of the calling thread. ERR_FORBIDDEN:
 * no role of the actor may look anything up; ERR_BAD_INPUT: a purpose, case or text that cannot be; ERR_NOT_FOUND: the
 * register cannot be searched by anyone. */
NODISCARD enum error search_find(struct search_job *search, struct db *db);
/* After search_find. `done` is called exactly once when OK is returned. ERR_BUSY, ERR_STOPPING. */
NODISCARD enum error search_submit(struct search_job *search);
/* Finds, submits and waits: search->result. */
NODISCARD enum error search_run(struct search_job *search, struct db *db);
