/* What a log and a witness say to each other: what the readers take, the writers write again byte for byte; and whatever a
 * witness is sent, it cosigns only what the log's key signed and what continues what it cosigned last. */
#include <string.h>
#include "fuzz.h"
#include "ledger/witness.h"

/* The log of fuzz/corpus/witness, and what the witness has: its first 7 entries. */
static const char log_vkey[] = "log.example/test+700d5afa+AXm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk";
static const char memory_text[] = "tirkeu-witness/v1\n"
				  "witness.example/w1+09dcf0bd+BAu8NGpXZnw4ASC9nH/X5R0sX9/qN80vW/QFssa/by14\n"
				  "log.example/test 7 mYWS/lkGslfRotZ20xGXJKJdBWJedVgA8YXUdUf22GA=\n";

static void
check_request(const char *text, size_t bytes)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct witness_request request;

	if (witness_request_parse(text, bytes, &request) != OK)
		return;
	assert(request.proof.count <= WITNESS_PROOF_HASHES_MAX && request.note + request.note_bytes == text + bytes);
	witness_request_print(&request, &out);
	assert(out.bytes == bytes && memcmp(out.text, text, bytes) == 0);
}

static void
check_memory(const char *text, size_t bytes)
{
	static struct checkpoint rows[WITNESS_LOGS_MAX];
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct note_key key;
	size_t count = 0;

	if (witness_memory_parse(text, bytes, &key, rows, &count) != OK)
		return;
	witness_memory_print(&key, rows, count, &out);
	assert(out.bytes == bytes && memcmp(out.text, text, bytes) == 0);
}

static void
check_verdict(const struct note_key *key, const struct checkpoint *last, size_t count, const char *text, size_t bytes)
{
	const struct witness_memory memory = { .logs = key, .log_count = 1, .last = last, .last_count = count };
	struct witness_request request;
	struct witness_verdict verdict;
	struct checkpoint opened;
	enum error e = witness_decide(&memory, text, bytes, &verdict);

	assert(e == OK);
	if (verdict.status != WITNESS_COSIGNS)
		return;
	e = witness_request_parse(text, bytes, &request);
	assert(e == OK);
	e = checkpoint_open(request.note, request.note_bytes, key, &opened);
	assert(e == OK && opened.size == verdict.checkpoint.size);
	assert(memcmp(opened.root, verdict.checkpoint.root, sizeof(opened.root)) == 0);
	assert(count == 0 || opened.size > last->size ||
	       (opened.size == last->size && memcmp(opened.root, last->root, sizeof(opened.root)) == 0));
}

static void
check_answer(const struct note_key *witness, const struct checkpoint *last, const char *bytes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(strbuf_done) struct strbuf whole = { 0 };
	AUTO(strbuf_done) struct strbuf line = { 0 };
	struct note_mark mark = { 0 };
	struct note note;
	size_t others = 0;
	uint64_t size = 0;

	IGNORE(witness_answer_size(bytes, count, &size)); /* only that it stays within its bytes */
	checkpoint_print(last, &text);
	if (witness_answer_line(text.text, text.bytes, witness, bytes, count, &line, &others) != OK)
		return;
	/* What is taken out of an answer verifies under the checkpoint by itself. */
	strbuf_printf(&whole, "%s\n%s", text.text, line.text);
	enum error e = note_parse(arena, whole.text, whole.bytes, &note);
	assert(e == OK && note.line_count == 1);
	e = note_verify(&note, witness, 1, &mark);
	assert(e == OK && mark.is_signed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static struct checkpoint last[WITNESS_LOGS_MAX];
	const char *text = (const char *)bytes;
	struct note_key log_key, witness;
	size_t last_count = 0;
	enum error e = note_key_parse(log_vkey, strlen(log_vkey), &log_key);

	assert(e == OK);
	e = witness_memory_parse(memory_text, strlen(memory_text), &witness, last, &last_count);
	assert(e == OK && last_count == 1);
	check_request(text, count);
	check_memory(text, count);
	check_verdict(&log_key, last, last_count, text, count);
	check_verdict(&log_key, NULL, 0, text, count);
	check_answer(&witness, last, text, count);
	return 0;
}
