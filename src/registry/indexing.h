/* indexing.h - when the stream index (docs/ledger.md section 5) is made: the counting goes on beside the writer, which
 * only appends the entry. */
#pragma once
#include "registry/registry.h"

/* "index" beside the store. */
const char *registry_index_folder(const struct registry *registry);

/* Makes an index when the newest is `hours` old, when there is none, and when its file is missing. One thread at a
 * time, never the writer's. */
NODISCARD enum error indexing_run(struct registry *registry, int64_t now, int hours, bool *ret_made);
