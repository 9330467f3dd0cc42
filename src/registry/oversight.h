/* oversight.h - whoever reads the log leaves an entry in it: an auditor reads a report over what officials did, opens
 * one entry with its sealed detail, or reads what was done about accounts. The entry is durable before anything is
 * answered; what is read is read afterwards. */
#pragma once
#include "registry/official.h"

struct json;

/* One reading of the log, by an auditor. Filled by the caller (arena memory of its own); runs in the writer. */
struct inspection {
	struct job job;
	struct registry *registry;
	struct arena *arena;
	struct actor actor;
	struct problem problem;
	const char *what;              /* what is read: a view's name, "accounts"; into the sealed detail */
	uint64_t opens;                /* index of the entry that is opened; UINT64_MAX: none */
	const struct purpose *purpose; /* NULL: none */
	const char *case_text;         /* NULL: none */
	int64_t now;
	enum error result; /* ERR_NOT_FOUND: there is no such entry; that leaves one too */
	unsigned char event[LEDGER_ID_BYTES];
	uint64_t index; /* of the entry that the reading left */
	void (*done)(struct inspection *inspection);
	void *context;
};
/* ERR_FORBIDDEN: the actor may not audit. With `opens` a purpose and case as a look-up asks for them: ERR_BAD_INPUT.
 * `done` is called exactly once when OK is returned. */
NODISCARD enum error inspection_submit(struct inspection *inspection);
/* Submits and waits: inspection->result. */
NODISCARD enum error inspection_run(struct inspection *inspection);

/* After a reading: {"index", "title", "columns", "titles", "rows"} of a view for audits. Accounts are shown by their
 * names, people by their references. */
NODISCARD enum error oversight_print_view(struct registry *registry, struct db *db, const struct inspection *inspection,
					  const struct view *view, struct json *json);
/* After a reading: header and detail of the entry that it opened. ERR_NOT_FOUND. */
NODISCARD enum error oversight_print_entry(struct registry *registry, struct db *db,
					   const struct inspection *inspection, struct json *json);
