/* Exports against a small log that is built here, so that the server can lie in ways that ours does not. */
#include "ledger/history.h"
#include "ledger/bytes.h"
#include "ledger/entry.h"
#include "ledger/testing.h"

enum {
	ENTRIES = 9,
	MINE = 4,
	INDEX_AT = 7,
	HIDDEN = 3,
	REVEAL = 4,
	ACT = 5,
	ERASURE = 6,
	RETENTION = 1,
	TIME_S = 1790000000
};

struct part {
	unsigned char bytes[256], salt[SEAL_SALT_BYTES];
	size_t count;
};
struct world {
	unsigned char seed[NOTE_SEED_BYTES];
	struct note_key key;
	unsigned char bodies[ENTRIES][ENTRY_SEALED_BYTES];
	size_t body_bytes[ENTRIES];
	struct part parts[ENTRIES][SEAL_PART_COUNT];
	struct index_head index;
	struct index_record records[4];
	struct strbuf note;
	struct history_head head;
	struct history_entry mine[MINE], referred;
	struct arena *arena;
};
static const uint64_t my_entries[MINE] = { 1, REVEAL, ACT, 8 };

static void
stream_key(int number, unsigned char key[SEAL_KEY_BYTES])
{
	count_up(key, SEAL_KEY_BYTES, (unsigned)number * 40);
}

static enum error
read_leaves(void *context, unsigned level, uint64_t number, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	const struct world *world = context;
	struct tree tree = { 0 };

	for (uint64_t i = number << level; i < (number + 1) << level; i++) {
		unsigned char leaf[TREE_HASH_BYTES];

		tree_leaf_hash(world->bodies[i], world->body_bytes[i], leaf);
		tree_append(&tree, leaf);
	}
	tree_root(&tree, ret_hash);
	return OK;
}

static enum error
read_records(void *context, unsigned level, uint64_t number, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	const struct world *world = context;
	struct tree tree = { 0 };

	for (uint64_t i = number << level; i < (number + 1) << level; i++) {
		unsigned char leaf[TREE_HASH_BYTES];

		index_record_leaf(&world->records[i], leaf);
		tree_append(&tree, leaf);
	}
	tree_root(&tree, ret_hash);
	return OK;
}

static void
set_part(struct part *part, const void *bytes, size_t count)
{
	assert_true(count <= sizeof(part->bytes));
	memcpy(part->bytes, bytes, count);
	part->count = count;
}

static void
seal(struct world *world, uint64_t index, int stream, uint64_t n, enum ledger_kind kind, uint64_t refers_to)
{
	AUTO(strbuf_done) struct strbuf header = { 0 }, detail = { 0 };
	unsigned char commitments[SEAL_PART_COUNT][LEDGER_HASH_BYTES], key[SEAL_KEY_BYTES], tag[SEAL_BYTES];
	struct ledger_entry entry = known_entry();

	entry.kind = kind;
	entry.refers_to = refers_to;
	entry.retention = RETENTION;
	assert_int_equal(entry_write_header(&entry, &header), OK);
	assert_int_equal(entry_write_detail(&entry, &detail), OK);
	set_part(&world->parts[index][SEAL_HEADER], header.text, header.bytes);
	set_part(&world->parts[index][SEAL_DETAIL], detail.text, detail.bytes);
	set_part(&world->parts[index][SEAL_PAYLOAD], "\xa1\x01\x02", kind == LEDGER_CREATE ? 3 : 0);
	for (int i = 0; i < SEAL_PART_COUNT; i++) {
		struct part *part = &world->parts[index][i];

		count_up(part->salt, sizeof(part->salt), (unsigned)(index * 3) + (unsigned)i);
		seal_commit(i, part->salt, part->bytes, part->count, commitments[i]);
	}
	stream_key(stream, key);
	seal_tag(key, n, tag);
	entry_seal(tag, commitments, world->bodies[index]);
	world->body_bytes[index] = ENTRY_SEALED_BYTES;
}

static void
open_entry(struct world *world, uint64_t index, uint16_t kind, const void *body, size_t bytes)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	assert_int_equal(entry_write_open(kind, body, bytes, &out), OK);
	memcpy(world->bodies[index], out.text, out.bytes);
	world->body_bytes[index] = out.bytes;
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, INDEX_ID_BYTES);
}

/* Streams 0 (mine), 1 (another's), 2 (restricted), 3 (erasures). */
static void
count_streams(struct world *world)
{
	static const uint64_t counts[] = { 3, 1, 1, 1 };
	struct hash_source source = { world, read_records };

	for (int i = 0; i < 4; i++) {
		unsigned char key[SEAL_KEY_BYTES];

		stream_key(i, key);
		seal_stream_id(key, world->records[i].id);
		world->records[i].count = counts[i];
	}
	qsort(world->records, 4, sizeof(*world->records), by_id);
	world->index = (struct index_head){ .time_s = TIME_S, .covered = 7, .streams = 4, .total = 6 };
	assert_int_equal(proof_root(&source, 4, world->index.root), OK);
}

/* The server states this index, whatever it says, and signs the log with it in. */
static void
sign_log(struct world *world)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	unsigned char body[INDEX_HEAD_BYTES], signature[NOTE_SIGNATURE_BYTES];
	struct checkpoint checkpoint = { .origin = "log.example/test", .size = ENTRIES };
	struct hash_source source = { world, read_leaves };

	index_head_write(&world->index, body);
	open_entry(world, INDEX_AT, LEDGER_OPEN_STREAM_INDEX, body, sizeof(body));
	assert_int_equal(proof_root(&source, ENTRIES, checkpoint.root), OK);
	checkpoint_print(&checkpoint, &text);
	assert_int_equal(note_sign(world->seed, text.text, text.bytes, signature), OK);
	strbuf_clear(&world->note);
	strbuf_printf(&world->note, "%s\n", text.text);
	note_line_print(&world->key, 0, signature, &world->note);
}

static struct history_entry
tell(struct world *world, uint64_t n, uint64_t index)
{
	struct hash_source source = { world, read_leaves };
	struct history_entry entry = {
		.n = n, .index = index, .leaf = world->bodies[index], .leaf_bytes = world->body_bytes[index]
	};

	assert_int_equal(proof_inclusion(&source, index, ENTRIES, &entry.proof), OK);
	for (int i = 0; i < SEAL_PART_COUNT; i++) {
		const struct part *part = &world->parts[index][i];

		if (i == SEAL_DETAIL)
			entry.parts[i] = (struct history_part){ .is_told = true, .rule = RETENTION };
		else
			entry.parts[i] =
				(struct history_part){ .bytes = part->bytes, .count = part->count, .salt = part->salt };
	}
	return entry;
}

static void
make_export(struct world *world)
{
	struct hash_source leaves = { world, read_leaves }, records = { world, read_records };
	struct history_head *head = &world->head;
	unsigned char id[INDEX_ID_BYTES];

	sign_log(world);
	*head = (struct history_head){ .checkpoint = world->note.text,
				       .checkpoint_bytes = world->note.bytes,
				       .index_entry = INDEX_AT,
				       .index_leaf = world->bodies[INDEX_AT],
				       .index_leaf_bytes = world->body_bytes[INDEX_AT],
				       .count = 3 };
	stream_key(0, head->stream_key);
	seal_check(head->stream_key, head->check);
	seal_stream_id(head->stream_key, id);
	while (memcmp(world->records[head->position].id, id, sizeof(id)) != 0)
		head->position++;
	assert_int_equal(proof_inclusion(&leaves, INDEX_AT, ENTRIES, &head->index_proof), OK);
	assert_int_equal(proof_inclusion(&records, head->position, 4, &head->record_proof), OK);
	for (uint64_t i = 0; i < MINE; i++)
		world->mine[i] = tell(world, i + 1, my_entries[i]);
	world->referred = tell(world, 0, HIDDEN);
}

static int
set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	unsigned char public_key[NOTE_PUBLIC_BYTES];

	world->arena = arena_new();
	count_up(world->seed, sizeof(world->seed), 1);
	assert_int_equal(note_public_key(world->seed, public_key), OK);
	assert_int_equal(note_key_make(NOTE_LOG, "log.example/test", public_key, &world->key), OK);
	open_entry(world, 0, LEDGER_OPEN_GENESIS, "log.example/test", 16);
	seal(world, 1, 0, 1, LEDGER_LOOKUP, UINT64_MAX);
	seal(world, 2, 1, 1, LEDGER_LOOKUP, UINT64_MAX);
	seal(world, HIDDEN, 2, 1, LEDGER_LOOKUP, UINT64_MAX);
	seal(world, REVEAL, 0, 2, LEDGER_REVEAL, HIDDEN);
	seal(world, ACT, 0, 3, LEDGER_CREATE, UINT64_MAX);
	seal(world, ERASURE, 3, 1, LEDGER_ERASURE, UINT64_MAX);
	seal(world, 8, 0, 4, LEDGER_LOOKUP, UINT64_MAX);
	count_streams(world);
	make_export(world);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	strbuf_done(&world->note);
	arena_free(world->arena);
	free(world);
	return 0;
}

/* The fault that the check ends with; `with_referred` false: the hidden entry is left out. */
static enum history_fault
check(struct world *world, bool with_referred)
{
	AUTO(history_done) struct history history = { 0 };
	struct ledger_entry header;
	enum error e = history_begin(&history, &world->head, &world->key);

	for (size_t i = 0; e == OK && i < MINE; i++)
		e = history_next(&history, &world->mine[i], world->arena, &header);
	if (e == OK && with_referred)
		e = history_next_referred(&history, &world->referred, world->arena, &header);
	if (e == OK)
		e = history_end(&history);
	assert_int_equal(e, history.fault == HISTORY_SOUND ? OK : ERR_BAD_INPUT);
	return history.fault;
}

static void
a_whole_export_is_believed(void **state)
{
	assert_int_equal(check(*state, true), HISTORY_SOUND);
}

static void
set_erased(struct history_part *part, uint64_t by)
{
	*part = (struct history_part){ .is_told = true, .why = HISTORY_ERASED, .rule = RETENTION, .erased_by = by };
}

static void
what_was_erased_names_a_later_entry_of_the_log(void **state)
{
	struct world *world = *state;
	struct history_part *payload = &world->mine[2].parts[SEAL_PAYLOAD];

	set_erased(payload, ERASURE);
	assert_int_equal(check(world, true), HISTORY_SOUND);
	set_erased(payload, ACT);
	assert_int_equal(check(world, true), HISTORY_MISSING);
	set_erased(payload, ENTRIES);
	assert_int_equal(check(world, true), HISTORY_MISSING);
	/* A header too; then nobody knows what a reveal referred to. */
	set_erased(payload, ERASURE);
	set_erased(&world->mine[1].parts[SEAL_HEADER], ERASURE);
	assert_int_equal(check(world, false), HISTORY_SOUND);
	assert_int_equal(check(world, true), HISTORY_REFERRED);
}

static void
a_part_is_given_or_it_is_said_why_not(void **state)
{
	struct world *world = *state;
	struct history_part *parts = world->mine[2].parts, kept = parts[SEAL_PAYLOAD];

	parts[SEAL_PAYLOAD] = (struct history_part){ 0 };
	assert_int_equal(check(world, true), HISTORY_MISSING);
	parts[SEAL_PAYLOAD] = (struct history_part){ .is_told = true, .rule = RETENTION };
	assert_int_equal(check(world, true), HISTORY_SOUND);
	parts[SEAL_PAYLOAD].rule = RETENTION + 1;
	assert_int_equal(check(world, true), HISTORY_MISSING);
	parts[SEAL_PAYLOAD] = kept;
	parts[SEAL_PAYLOAD].is_told = true;
	assert_int_equal(check(world, true), HISTORY_MISSING);
	parts[SEAL_PAYLOAD] = kept;
	parts[SEAL_PAYLOAD].salt = NULL;
	assert_int_equal(check(world, true), HISTORY_MISSING);
	parts[SEAL_PAYLOAD] = kept;
	/* What concerns the person is theirs. */
	parts[SEAL_HEADER] = (struct history_part){ .is_told = true, .rule = RETENTION };
	assert_int_equal(check(world, true), HISTORY_MISSING);
}

static void
entries_are_mine_and_in_order(void **state)
{
	struct world *world = *state;
	struct history_entry kept = world->mine[2];

	world->mine[2] = tell(world, 3, 2);
	assert_int_equal(check(world, true), HISTORY_ORDER);
	world->mine[2] = tell(world, 3, ERASURE);
	assert_int_equal(check(world, true), HISTORY_TAG);
	world->mine[2] = tell(world, 3, INDEX_AT);
	assert_int_equal(check(world, true), HISTORY_LEAF);
	world->mine[2] = tell(world, 4, 8);
	assert_int_equal(check(world, true), HISTORY_ORDER);
	world->mine[2] = kept;
	world->mine[2].index = 6;
	assert_int_equal(check(world, true), HISTORY_INCLUSION);
	world->mine[2].index = ENTRIES;
	assert_int_equal(check(world, true), HISTORY_INCLUSION);
	world->mine[2] = kept;
	world->mine[2].parts[SEAL_HEADER].bytes = world->parts[1][SEAL_HEADER].bytes;
	assert_int_equal(check(world, true), HISTORY_PART);
}

static void
a_reveal_brings_what_was_hidden_and_nothing_else_is_brought(void **state)
{
	struct world *world = *state;

	assert_int_equal(check(world, false), HISTORY_REFERRED);
	world->referred = tell(world, 0, 2);
	assert_int_equal(check(world, true), HISTORY_REFERRED);
	world->referred = tell(world, 1, HIDDEN);
	assert_int_equal(check(world, true), HISTORY_REFERRED);
	/* Two reveals of one hidden look-up would let another be kept back. */
	seal(world, 8, 0, 4, LEDGER_REVEAL, HIDDEN);
	make_export(world);
	assert_int_equal(check(world, true), HISTORY_REFERRED);
}

/* Or the second one given would stand for another that is kept back. */
static void
what_was_hidden_is_brought_once(void **state)
{
	struct world *world = *state;
	AUTO(history_done) struct history history = { 0 };
	struct ledger_entry header;

	assert_int_equal(history_begin(&history, &world->head, &world->key), OK);
	for (size_t i = 0; i < MINE; i++)
		assert_int_equal(history_next(&history, &world->mine[i], world->arena, &header), OK);
	assert_int_equal(history_next_referred(&history, &world->referred, world->arena, &header), OK);
	assert_int_equal(history_next_referred(&history, &world->referred, world->arena, &header), ERR_BAD_INPUT);
	assert_int_equal(history.fault, HISTORY_REFERRED);
}

/* All of these the server has signed. */
static void
an_index_that_cannot_be_right_is_not_believed(void **state)
{
	struct world *world = *state;
	struct index_head right = world->index;
	const struct index_head wrong[] = {
		{ .time_s = TIME_S, .covered = INDEX_AT + 1, .streams = 4, .total = 6 },
		{ .time_s = TIME_S, .covered = 7, .streams = 4, .total = 7 },
		{ .time_s = TIME_S, .covered = 7, .streams = 7, .total = 6 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		world->index = wrong[i];
		memcpy(world->index.root, right.root, sizeof(right.root));
		make_export(world);
		assert_int_equal(check(world, true), HISTORY_INDEX_ENTRY);
	}
	/* One entry of mine less, and the list is not complete. */
	world->index = right;
	for (int i = 0; i < 4; i++)
		world->records[i].count = world->records[i].count == 3 ? 2 : world->records[i].count;
	struct hash_source source = { world, read_records };

	assert_int_equal(proof_root(&source, 4, world->index.root), OK);
	make_export(world);
	assert_int_equal(check(world, true), HISTORY_INDEX_RECORD);
	world->head.count = 2;
	assert_int_equal(check(world, true), HISTORY_COUNT);
}

static void
the_head_belongs_together(void **state)
{
	struct world *world = *state;
	struct history_head kept = world->head;

	world->head.check[0] ^= 1;
	assert_int_equal(check(world, true), HISTORY_CHECK);
	world->head = kept;
	stream_key(1, world->head.stream_key);
	seal_check(world->head.stream_key, world->head.check);
	assert_int_equal(check(world, true), HISTORY_INDEX_RECORD);
	world->head = kept;
	world->head.position ^= 1;
	assert_int_equal(check(world, true), HISTORY_INDEX_RECORD);
	world->head = kept;
	world->head.index_entry--;
	assert_int_equal(check(world, true), HISTORY_INDEX_ENTRY);
	world->head = kept;
	world->head.index_leaf = world->bodies[0];
	world->head.index_leaf_bytes = world->body_bytes[0];
	assert_int_equal(check(world, true), HISTORY_INDEX_ENTRY);
	world->head = kept;
	world->head.checkpoint_bytes--;
	assert_int_equal(check(world, true), HISTORY_CHECKPOINT);
}

static void
an_export_is_current_for_twenty_five_hours(void **state)
{
	struct history history = { .index = { .time_s = TIME_S } };

	assert_true(history_is_current(&history, TIME_S));
	assert_true(history_is_current(&history, TIME_S + 25 * 3600));
	assert_false(history_is_current(&history, TIME_S + 25 * 3600 + 1));
	assert_true(history_is_current(&history, TIME_S - 1));
	for (int fault = HISTORY_FORM; fault <= HISTORY_COUNT; fault++)
		for (int language = 0; language < LANGUAGE_COUNT; language++)
			assert_true(strlen(history_fault_text(fault, language)) > 10);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(a_whole_export_is_believed),
		IN_WORLD(what_was_erased_names_a_later_entry_of_the_log),
		IN_WORLD(a_part_is_given_or_it_is_said_why_not),
		IN_WORLD(entries_are_mine_and_in_order),
		IN_WORLD(a_reveal_brings_what_was_hidden_and_nothing_else_is_brought),
		IN_WORLD(what_was_hidden_is_brought_once),
		IN_WORLD(an_index_that_cannot_be_right_is_not_believed),
		IN_WORLD(the_head_belongs_together),
		cmocka_unit_test(an_export_is_current_for_twenty_five_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
