/* trail_export.c - the export of one's own stream (docs/ledger.md section 5), written entry by entry, so that a long
 * history needs no more memory than a short one. All proofs are of one checkpoint. */
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "ledger/base64.h"
#include "ledger/entry.h"
#include "ledger/index_log.h"
#include "ledger/record_id.h"
#include "ledger/seal.h"
#include "registry/engine.h"
#include "registry/erasure.h"
#include "registry/indexing.h"
#include "registry/trail.h"
#include "text/json.h"

enum export_step { STEP_HEAD, STEP_ENTRIES, STEP_REFERRED, STEP_END, STEP_DONE };

struct trail_export {
	struct registry *registry;
	int64_t party;
	struct arena *arena; /* one piece's */
	struct record_key *records;
	struct strbuf checkpoint; /* the signed note */
	struct checkpoint published;
	struct tlog_view *view;
	struct proof_edge edge;
	unsigned char stream_key[SEAL_KEY_BYTES], check[SEAL_CHECK_BYTES];
	uint64_t last; /* the stream's newest entry */
	struct index_entry index;
	uint64_t position, count;
	struct proof record_proof;
	uint64_t *entries; /* indexes, ascending */
	size_t entry_count, entry_at;
	uint64_t *referred;
	size_t referred_count, referred_capacity, referred_at;
	enum export_step step;
	struct json json;
};

void
trail_export_free(struct trail_export *export)
{
	if (export == NULL)
		return;
	explicit_bzero(export->stream_key, sizeof(export->stream_key));
	record_key_free(export->records);
	strbuf_done(&export->checkpoint);
	tlog_view_free(export->view);
	arena_free(export->arena);
	free(export->entries);
	free(export->referred);
	free(export);
}

/* ---- what it begins from ---- */

struct key_job {
	struct job job;
	struct trail_export *export;
	bool is_there;
};

static enum error
run_key(struct job *job, struct db *db)
{
	struct key_job *key = (struct key_job *)((char *)job - offsetof(struct key_job, job));
	struct trail_export *export = key->export;
	uint64_t n = 0;

	key->is_there = ledger_stream_last(export->registry->ledger, export->party, &n, &export->last);
	if (!key->is_there)
		return OK;
	return ledger_stream_key(export->registry->ledger, db, export->party, export->stream_key, export->check);
}

static enum error
take_key(struct trail_export *export)
{
	struct key_job key = { .job = { .run = run_key }, .export = export };

	TRY(writer_run(export->registry->writer, &key.job));
	return key.is_there ? OK : ERR_NOT_PUBLISHED;
}

/* The note is read once: what is published meanwhile is not part of this export. */
static enum error
take_checkpoint(struct trail_export *export, struct tlog *tlog)
{
	struct note note;
	enum error e = tlog == NULL ? ERR_NOT_FOUND : tlog_checkpoint(tlog, &export->checkpoint);

	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_NOT_PUBLISHED : e;
	e = note_parse(export->arena, export->checkpoint.text, export->checkpoint.bytes, &note);
	if (e == OK)
		e = checkpoint_parse(note.text, note.text_bytes, &export->published);
	if (e != OK)
		return ERR_DAMAGED;
	export->view = tlog_view_new(tlog, export->published.size);
	return proof_edge_load(tlog_view_source(export->view), export->published.size, &export->edge);
}

/* The newest index under the checkpoint. Without its file it is as good as none: the next one is made soon. */
static enum error
take_index(struct trail_export *export, struct db *db)
{
	AUTO(index_file_close) struct index_file *file = NULL;
	unsigned char id[INDEX_ID_BYTES];
	enum error e = index_log_last(db, export->published.size, &export->index);

	if (e == OK)
		e = index_file_open(registry_index_folder(export->registry), export->index.head.covered, &file);
	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_NOT_PUBLISHED : e;
	if (memcmp(index_file_head(file)->root, export->index.head.root, TREE_HASH_BYTES) != 0)
		return ERR_DAMAGED;
	seal_stream_id(export->stream_key, id);
	e = index_file_find(file, id, &export->position, &export->count, &export->record_proof);
	return e == ERR_NOT_FOUND ? ERR_NOT_PUBLISHED : e;
}

enum error
trail_export_new(struct registry *registry, struct tlog *tlog, struct db *db, const struct actor *actor,
		 struct trail_export **ret_export)
{
	AUTO(trail_export_free) struct trail_export *export = calloc(1, sizeof(*export));

	if (export == NULL)
		return ERR_NO_MEMORY;
	if (actor->party == 0)
		return ERR_NOT_FOUND;
	export->registry = registry;
	export->party = actor->party;
	export->arena = arena_new();
	export->records = record_key_new(registry->config.ledger_key);
	TRY(take_checkpoint(export, tlog));
	TRY(take_key(export));
	TRY(take_index(export, db));
	TRY(ledger_stream_indexes(db, export->party, export->last, export->published.size, &export->entries,
				  &export->entry_count));
	/* The index, which is under the checkpoint, counts at least one. */
	if (export->entry_count < export->count)
		return ERR_DAMAGED;
	*ret_export = TAKE(export);
	return OK;
}

/* ---- its pieces ---- */

static void
print_proof(struct json *json, const struct proof *proof)
{
	json_key(json, "proof");
	json_open_list(json);
	for (size_t i = 0; i < proof->count; i++) {
		AUTO(strbuf_done) struct strbuf text = { 0 };

		base64_print(&text, proof->hashes[i], TREE_HASH_BYTES);
		json_text_bytes(json, text.text, text.bytes);
	}
	json_close_list(json);
}

static enum error
print_inclusion(struct trail_export *export, uint64_t index)
{
	struct proof proof;

	TRY(proof_edge_inclusion(&export->edge, tlog_view_source(export->view), index, &proof));
	print_proof(&export->json, &proof);
	return OK;
}

static void
print_hex(struct json *json, const char *key, const void *bytes, size_t count)
{
	json_key(json, key);
	json_hex(json, bytes, count);
}

static enum error
print_head(struct trail_export *export)
{
	AUTO(strbuf_done) struct strbuf leaf = { 0 };
	struct json *json = &export->json;
	unsigned char body[INDEX_HEAD_BYTES];

	index_head_write(&export->index.head, body);
	TRY(entry_write_open(LEDGER_OPEN_STREAM_INDEX, body, sizeof(body), &leaf));
	json_open_map(json);
	json_field_text(json, "format", "tirkeu-history/v1");
	json_key(json, "checkpoint");
	json_text_bytes(json, export->checkpoint.text, export->checkpoint.bytes);
	print_hex(json, "stream_key", export->stream_key, sizeof(export->stream_key));
	print_hex(json, "check", export->check, sizeof(export->check));
	json_key(json, "index_entry");
	json_open_map(json);
	json_field_integer(json, "index", (int64_t) export->index.index);
	print_hex(json, "leaf", leaf.text, leaf.bytes);
	TRY(print_inclusion(export, export->index.index));
	json_close_map(json);
	json_key(json, "index_record");
	json_open_map(json);
	json_field_integer(json, "position", (int64_t) export->position);
	json_field_integer(json, "count", (int64_t) export->count);
	print_proof(json, &export->record_proof);
	json_close_map(json);
	json_key(json, "entries");
	json_open_list(json);
	return OK;
}

/* The values of an act are given to those who may read the record: who is named in it now, or is it. */
static enum error
may_read_payload(struct trail_export *export, struct db *db, const struct ledger_entry *entry, bool *ret_may)
{
	struct registry *registry = export->registry;
	const struct reg *reg = entry->reg == UINT64_MAX ? NULL : pack_reg_by_code(registry->pack, (int64_t)entry->reg);
	const struct image *image = NULL;
	struct parties parties = { 0 };
	uint64_t code = 0, record = 0;

	*ret_may = false;
	if (reg == NULL || entry->record == NULL)
		return OK;
	record_id_read(export->records, entry->record, &code, &record);
	if (code != reg->code || record > INT64_MAX)
		return OK;
	*ret_may = (int64_t)record == export->party;
	enum error e = image_load_from(registry, db, export->arena, reg, (int64_t)record, &image);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	for (size_t i = 0; i < reg->party_count; i++)
		TRY(party_ids(registry, db, export->arena, &reg->parties[i], image, &parties));
	for (size_t i = 0; i < parties.count; i++)
		*ret_may |= parties.ids[i] == export->party;
	return OK;
}

static const char *const part_names[][2] = { { "header", "header_salt" },
					     { "detail", "detail_salt" },
					     { "payload", "payload_salt" } };

static void
print_part(struct json *json, const struct ledger_parts *parts, enum seal_part part, bool given)
{
	if (given) {
		print_hex(json, part_names[part][0], parts->parts[part].bytes, parts->parts[part].count);
		print_hex(json, part_names[part][1], parts->parts[part].salt, SEAL_SALT_BYTES);
		return;
	}
	json_field_text(json, part_names[part][0], NULL);
	json_field_text(json, part_names[part][1], NULL);
}

static void
print_withheld(struct json *json, const char *name, uint64_t rule)
{
	json_key(json, name);
	json_open_map(json);
	json_field_text(json, "why", "withheld");
	json_field_integer(json, "rule", (int64_t)rule);
	json_close_map(json);
}

static enum error
print_erased(struct trail_export *export, struct db *db, const struct ledger_parts *parts, enum seal_part part)
{
	struct json *json = &export->json;
	struct data_key key = { 0 };
	uint64_t by = 0;

	if (!data_keys_get(export->registry->data_keys, parts->data_key, &key))
		return ERR_DAMAGED;
	enum error e = erasure_by(db, parts->data_key, 1U << part, &by);

	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_DAMAGED : e;
	json_key(json, part_names[part][0]);
	json_open_map(json);
	json_field_text(json, "why", "erased");
	json_field_integer(json, "rule", (int64_t)key.rule);
	json_field_integer(json, "by", (int64_t)by);
	json_close_map(json);
	return OK;
}

/* Who the official was, and the case, are for oversight; where there is none, its absence is given. `entry` is empty
 * when its header is erased. */
static enum error
print_parts(struct trail_export *export, struct db *db, const struct ledger_parts *parts,
	    const struct ledger_entry *entry, bool with_payload)
{
	struct json *json = &export->json;
	bool given[SEAL_PART_COUNT];

	for (int part = 0; part < SEAL_PART_COUNT; part++)
		given[part] = parts->parts[part].salt != NULL;
	given[SEAL_DETAIL] = given[SEAL_DETAIL] && parts->parts[SEAL_DETAIL].count == 0;
	given[SEAL_PAYLOAD] = given[SEAL_PAYLOAD] && with_payload;
	for (int part = 0; part < SEAL_PART_COUNT; part++)
		print_part(json, parts, (enum seal_part)part, given[part]);
	json_key(json, "missing");
	json_open_map(json);
	for (int part = 0; part < SEAL_PART_COUNT; part++) {
		if (parts->parts[part].salt == NULL)
			TRY(print_erased(export, db, parts, (enum seal_part)part));
		else if (!given[part])
			print_withheld(json, part_names[part][0], entry->retention);
	}
	json_close_map(json);
	return OK;
}

static void
note_referred(struct trail_export *export, uint64_t index)
{
	*ARRAY_PUSH(export->referred, export->referred_count, export->referred_capacity) = index;
}

/* `n` 0: one that was hidden, of another stream. */
static enum error
print_entry(struct trail_export *export, struct db *db, uint64_t n, uint64_t index)
{
	struct json *json = &export->json;
	struct ledger_parts parts;
	struct ledger_entry entry;
	bool with_payload = true;

	TRY(ledger_read_parts(db, export->registry->data_keys, index, export->arena, &parts));
	ledger_entry_init(&entry);
	if (n != 0 && (parts.stream != export->party || parts.n != n))
		return ERR_DAMAGED;
	if (parts.parts[SEAL_HEADER].salt != NULL && entry_read(export->arena, parts.parts[SEAL_HEADER].bytes,
								parts.parts[SEAL_HEADER].count, NULL, 0, &entry) != OK)
		return ERR_DAMAGED;
	if (n != 0 && entry.kind == LEDGER_REVEAL && entry.refers_to != UINT64_MAX)
		note_referred(export, entry.refers_to);
	if (parts.parts[SEAL_PAYLOAD].count > 0)
		TRY(may_read_payload(export, db, &entry, &with_payload));
	json_open_map(json);
	if (n != 0)
		json_field_integer(json, "n", (int64_t)n);
	json_field_integer(json, "index", (int64_t)index);
	print_hex(json, "leaf", parts.body, parts.body_bytes);
	TRY(print_inclusion(export, index));
	TRY(print_parts(export, db, &parts, &entry, with_payload));
	json_close_map(json);
	return OK;
}

static enum error
print_more(struct trail_export *export, struct db *db)
{
	struct json *json = &export->json;

	switch (export->step) {
	case STEP_HEAD:
		TRY(print_head(export));
		export->step = STEP_ENTRIES;
		return OK;
	case STEP_ENTRIES:
		TRY(print_entry(export, db, export->entry_at + 1, export->entries[export->entry_at]));
		if (++export->entry_at < export->entry_count)
			return OK;
		json_close_list(json);
		json_key(json, "referred");
		json_open_list(json);
		export->step = export->referred_count > 0 ? STEP_REFERRED : STEP_END;
		return OK;
	case STEP_REFERRED:
		TRY(print_entry(export, db, 0, export->referred[export->referred_at]));
		if (++export->referred_at == export->referred_count)
			export->step = STEP_END;
		return OK;
	case STEP_END:
		json_close_list(json);
		json_close_map(json);
		export->step = STEP_DONE;
		return OK;
	case STEP_DONE:
		break;
	}
	return ERR_NOT_FOUND;
}

enum error
trail_export_more(struct trail_export *export, struct db *db, struct strbuf *out)
{
	arena_reset(export->arena);
	export->json.out = out;
	return print_more(export, db);
}
