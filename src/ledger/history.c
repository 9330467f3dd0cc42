#include "ledger/history.h"
#include <string.h>
#include "ledger/entry.h"

const char *
history_fault_text(enum history_fault fault, enum language language)
{
	static const char *const texts[][LANGUAGE_COUNT] = {
		{ "", "", "" },
#define HISTORY_FAULT(id, kk, ru, en) { kk, ru, en },
#include "ledger/history.def"
#undef HISTORY_FAULT
	};

	assert(fault < ARRAY_COUNT(texts));
	return texts[fault][language];
}

void
history_done(struct history *history)
{
	map_done(&history->referred);
	explicit_bzero(history->stream_key, sizeof(history->stream_key));
}

enum error
history_refuse(struct history *history, enum history_fault fault, uint64_t index)
{
	history->fault = fault;
	history->fault_index = index;
	return ERR_BAD_INPUT;
}

static bool
is_included(const struct history *history, uint64_t index, const void *leaf, size_t bytes, const struct proof *proof)
{
	unsigned char hash[TREE_HASH_BYTES];

	tree_leaf_hash(leaf, bytes, hash);
	return index < history->checkpoint.size &&
	       proof_check_inclusion(index, history->checkpoint.size, hash, proof, history->checkpoint.root) == OK;
}

/* The entry of kind 2, under the checkpoint; its numbers hang together. */
static bool
take_index(struct history *history, const struct history_head *head)
{
	struct entry_body body;

	if (entry_read_body(head->index_leaf, head->index_leaf_bytes, &body) != OK || !body.open ||
	    body.kind != LEDGER_OPEN_STREAM_INDEX)
		return false;
	index_head_read(body.bytes, &history->index);
	const struct index_head *index = &history->index;

	return index->covered <= head->index_entry && index->total < index->covered && index->streams <= index->total &&
	       is_included(history, head->index_entry, head->index_leaf, head->index_leaf_bytes, &head->index_proof);
}

static bool
take_record(struct history *history, const struct history_head *head)
{
	struct index_record record = { .count = head->count };
	unsigned char leaf[TREE_HASH_BYTES];

	if (head->count == 0 || head->count > history->index.total)
		return false;
	seal_stream_id(history->stream_key, record.id);
	index_record_leaf(&record, leaf);
	history->count = head->count;
	return proof_check_inclusion(head->position, history->index.streams, leaf, &head->record_proof,
				     history->index.root) == OK;
}

enum error
history_begin(struct history *history, const struct history_head *head, const struct note_key *log)
{
	unsigned char check[SEAL_CHECK_BYTES];

	memcpy(history->stream_key, head->stream_key, sizeof(history->stream_key));
	if (checkpoint_open(head->checkpoint, head->checkpoint_bytes, log, &history->checkpoint) != OK)
		return history_refuse(history, HISTORY_CHECKPOINT, UINT64_MAX);
	seal_check(history->stream_key, check);
	if (memcmp(check, head->check, sizeof(check)) != 0)
		return history_refuse(history, HISTORY_CHECK, UINT64_MAX);
	if (!take_index(history, head))
		return history_refuse(history, HISTORY_INDEX_ENTRY, head->index_entry);
	if (!take_record(history, head))
		return history_refuse(history, HISTORY_INDEX_RECORD, UINT64_MAX);
	return OK;
}

/* A part that is given is the one; one that is not says why, and an erasure comes after what it erased. */
static enum history_fault
check_part(const struct history *history, const struct history_entry *entry, enum seal_part which,
	   const unsigned char *commitment)
{
	const struct history_part *part = &entry->parts[which];

	if ((part->bytes == NULL) != (part->salt == NULL))
		return HISTORY_MISSING;
	if (part->bytes != NULL) {
		if (part->is_told)
			return HISTORY_MISSING;
		return seal_holds(which, part->salt, part->bytes, part->count, commitment) ? HISTORY_SOUND
											   : HISTORY_PART;
	}
	/* What the person concerned may see is theirs: it can be erased, not withheld. */
	if (!part->is_told || (part->why == HISTORY_WITHHELD && which == SEAL_HEADER))
		return HISTORY_MISSING;
	if (part->why == HISTORY_ERASED &&
	    (part->erased_by <= entry->index || part->erased_by >= history->checkpoint.size))
		return HISTORY_MISSING;
	return HISTORY_SOUND;
}

/* `key` NULL: of another stream, whose key the reader does not have. */
static enum error
check_entry(struct history *history, const struct history_entry *entry, const unsigned char *key)
{
	struct entry_body body;
	unsigned char tag[SEAL_BYTES];

	if (entry_read_body(entry->leaf, entry->leaf_bytes, &body) != OK || body.open)
		return history_refuse(history, HISTORY_LEAF, entry->index);
	if (!is_included(history, entry->index, entry->leaf, entry->leaf_bytes, &entry->proof))
		return history_refuse(history, HISTORY_INCLUSION, entry->index);
	if (key != NULL) {
		seal_tag(key, entry->n, tag);
		if (memcmp(tag, body.tag, sizeof(tag)) != 0)
			return history_refuse(history, HISTORY_TAG, entry->index);
	}
	for (int part = 0; part < SEAL_PART_COUNT; part++) {
		enum history_fault fault = check_part(history, entry, part, body.commitments[part]);

		if (fault != HISTORY_SOUND)
			return history_refuse(history, fault, entry->index);
	}
	return OK;
}

/* The header tells the retention rule by which parts of the entry may be missing. */
static enum error
read_header(struct history *history, const struct history_entry *entry, struct arena *arena,
	    struct ledger_entry *ret_entry)
{
	const struct history_part *header = &entry->parts[SEAL_HEADER];
	const struct history_part *detail = &entry->parts[SEAL_DETAIL];

	ledger_entry_init(ret_entry);
	ret_entry->kind = LEDGER_KIND_COUNT;
	if (header->bytes == NULL)
		return OK;
	if (header->count == 0 ||
	    entry_read(arena, header->bytes, header->count, detail->bytes, detail->count, ret_entry) != OK ||
	    (ret_entry->refers_to != UINT64_MAX && ret_entry->refers_to >= entry->index))
		return history_refuse(history, HISTORY_HEADER, entry->index);
	for (int part = 0; part < SEAL_PART_COUNT; part++)
		if (entry->parts[part].is_told && entry->parts[part].rule != ret_entry->retention)
			return history_refuse(history, HISTORY_MISSING, entry->index);
	return OK;
}

enum error
history_next(struct history *history, const struct history_entry *entry, struct arena *arena,
	     struct ledger_entry *ret_entry)
{
	if (entry->n != history->seen + 1 || (history->seen > 0 && entry->index <= history->last_index))
		return history_refuse(history, HISTORY_ORDER, entry->index);
	TRY(check_entry(history, entry, history->stream_key));
	TRY(read_header(history, entry, arena, ret_entry));
	if (ret_entry->kind == LEDGER_REVEAL) {
		if (ret_entry->refers_to == UINT64_MAX || map_get(&history->referred, ret_entry->refers_to) != NULL)
			return history_refuse(history, HISTORY_REFERRED, entry->index);
		map_put(&history->referred, ret_entry->refers_to, 0);
		history->referred_left++;
	}
	history->seen++;
	history->last_index = entry->index;
	history->covered_seen += entry->index < history->index.covered;
	return OK;
}

enum error
history_next_referred(struct history *history, const struct history_entry *entry, struct arena *arena,
		      struct ledger_entry *ret_entry)
{
	uint64_t *given = map_get(&history->referred, entry->index);

	if (entry->n != 0 || given == NULL || *given != 0)
		return history_refuse(history, HISTORY_REFERRED, entry->index);
	TRY(check_entry(history, entry, NULL));
	TRY(read_header(history, entry, arena, ret_entry));
	*given = 1;
	history->referred_left--;
	return OK;
}

enum error
history_end(struct history *history)
{
	if (history->covered_seen != history->count)
		return history_refuse(history, HISTORY_COUNT, UINT64_MAX);
	if (history->referred_left > 0)
		return history_refuse(history, HISTORY_REFERRED, UINT64_MAX);
	return OK;
}

bool
history_is_current(const struct history *history, uint64_t now_s)
{
	return history->index.time_s >= now_s ||
	       now_s - history->index.time_s <= (uint64_t)HISTORY_CURRENT_HOURS * 3600;
}
