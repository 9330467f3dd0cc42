/* A person's export. The corpus has real ones, signed by the key below over one checkpoint: without that key nothing
 * else can be believed than what that checkpoint covers. */
#include <string.h>
#include "fuzz.h"
#include "registry/history_file.h"

enum { SIGNED_SIZE = 13 };

struct seen {
	uint64_t entries, referred;
};

static void
count(void *context, const struct history_entry *entry, const struct ledger_entry *header, bool is_referred)
{
	struct seen *seen = context;

	assert(entry->index < SIGNED_SIZE && (is_referred ? entry->n == 0 : entry->n == seen->entries + 1));
	assert(header->kind <= LEDGER_KIND_COUNT);
	seen->entries += !is_referred;
	seen->referred += is_referred;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(history_done) struct history history = { 0 };
	unsigned char seed[NOTE_SEED_BYTES], public_key[NOTE_PUBLIC_BYTES];
	struct seen seen = { 0 };
	const struct history_listener listener = { .context = &seen, .entry = count };
	struct note_key key;

	memset(seed, 5, sizeof(seed));
	enum error e = note_public_key(seed, public_key);

	assert(e == OK);
	e = note_key_make(NOTE_LOG, "registers.test/ledger", public_key, &key);
	assert(e == OK);
	e = history_file_check(arena, (const char *)bytes, size, &key, &listener, &history);
	assert(e == OK || (e == ERR_BAD_INPUT && history.fault != HISTORY_SOUND));
	if (e != OK)
		return 0;
	assert(history.checkpoint.size == SIGNED_SIZE && seen.entries == history.seen && history.seen > 0);
	assert(history.covered_seen == history.count && history.referred_left == 0);
	return 0;
}
