/* history_file.h - reads a person's export (docs/ledger.md section 5, JSON) and has it checked (ledger/history.h).
 * Pure: knows no store. Strict: a member that the format does not have is refused, hex is in small letters. */
#pragma once
#include "ledger/history.h"

enum { HISTORY_FILE_BYTES_MAX = 512 * 1024 * 1024 };

/* Told each entry that was found sound; `refers` NULL unless it is one of `referred`. What it is told lives until it
 * returns. Nothing of it counts before the whole was found sound. */
struct history_listener {
	void *context;
	void (*entry)(void *context, const struct history_entry *entry, const struct ledger_entry *header,
		      bool is_referred);
};

/* ERR_BAD_INPUT with history->fault and history->fault_index. `listener` may be NULL. The file is read into `arena`. */
NODISCARD enum error history_file_check(struct arena *arena, const char *text, size_t bytes, const struct note_key *log,
					const struct history_listener *listener, struct history *history);
