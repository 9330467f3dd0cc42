#include "ledger/witness.h"
#include <inttypes.h>
#include <string.h>
#include "ledger/base64.h"
#include "ledger/line.h"

static const char memory_head[] = "tirkeu-witness/v1";
static const char old_word[] = "old ";

/* ---- the request ---- */

void
witness_request_print(const struct witness_request *request, struct strbuf *out)
{
	strbuf_printf(out, "%s%" PRIu64 "\n", old_word, request->old_size);
	for (size_t i = 0; i < request->proof.count; i++) {
		base64_print(out, request->proof.hashes[i], TREE_HASH_BYTES);
		strbuf_char(out, '\n');
	}
	strbuf_char(out, '\n');
	strbuf_add(out, request->note, request->note_bytes);
}

enum error
witness_request_parse(const char *body, size_t bytes, struct witness_request *ret_request)
{
	struct line_reader reader = { .at = body, .end = body + bytes };
	const size_t word_bytes = strlen(old_word);
	const char *line = NULL;
	size_t count = 0;

	if (!line_next(&reader, &line, &count) || count < word_bytes || memcmp(line, old_word, word_bytes) != 0)
		return ERR_BAD_INPUT;
	TRY(line_number(line + word_bytes, count - word_bytes, &ret_request->old_size));
	ret_request->proof.count = 0;
	while (line_next(&reader, &line, &count) && count > 0) {
		if (ret_request->proof.count == WITNESS_PROOF_HASHES_MAX)
			return ERR_BAD_INPUT;
		TRY(line_hash(line, count, ret_request->proof.hashes[ret_request->proof.count++]));
	}
	if (line == NULL || count > 0 || reader.at == reader.end)
		return ERR_BAD_INPUT;
	ret_request->note = reader.at;
	ret_request->note_bytes = (size_t)(reader.end - reader.at);
	return OK;
}

/* ---- the verdict ---- */

/* Looks through the keys of the origin. ERR_NOT_FOUND: there is none; ERR_BAD_INPUT: none signed, or one falsely. */
static enum error
check_signature(const struct witness_memory *memory, const struct note *note, const char *origin)
{
	bool is_known = false, is_signed = false;

	for (size_t i = 0; i < memory->log_count; i++) {
		struct note_mark mark = { 0 };

		if (strcmp(memory->logs[i].name, origin) != 0)
			continue;
		is_known = true;
		TRY(note_verify(note, &memory->logs[i], 1, &mark));
		is_signed = is_signed || mark.is_signed;
	}
	if (!is_known)
		return ERR_NOT_FOUND;
	return is_signed ? OK : ERR_BAD_INPUT;
}

static struct checkpoint
last_of(const struct witness_memory *memory, const char *origin)
{
	struct checkpoint none = { 0 };

	for (size_t i = 0; i < memory->last_count; i++)
		if (strcmp(memory->last[i].origin, origin) == 0)
			return memory->last[i];
	tree_root(&(struct tree){ 0 }, none.root);
	return none;
}

/* Signed by the log: does it continue what was cosigned last? */
static enum witness_status
compare(const struct witness_request *request, const struct checkpoint *last, const struct checkpoint *next)
{
	if (request->old_size > next->size)
		return WITNESS_MALFORMED;
	if (request->old_size != last->size)
		return WITNESS_CONFLICT;
	if (next->size == last->size && memcmp(next->root, last->root, sizeof(next->root)) != 0)
		return WITNESS_CONFLICT;
	return proof_check_consistency(last->size, next->size, last->root, &request->proof, next->root) == OK
		       ? WITNESS_COSIGNS
		       : WITNESS_UNPROVEN;
}

enum error
witness_decide(const struct witness_memory *memory, const char *body, size_t bytes, struct witness_verdict *ret_verdict)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct witness_verdict verdict = { .status = WITNESS_MALFORMED };
	struct witness_request request;
	struct note note;

	if (bytes > WITNESS_REQUEST_BYTES_MAX || witness_request_parse(body, bytes, &request) != OK ||
	    note_parse(arena, request.note, request.note_bytes, &note) != OK ||
	    checkpoint_parse(note.text, note.text_bytes, &verdict.checkpoint) != OK) {
		*ret_verdict = verdict;
		return OK;
	}
	const struct checkpoint last = last_of(memory, verdict.checkpoint.origin);
	enum error e = check_signature(memory, &note, verdict.checkpoint.origin);

	if (e != OK && e != ERR_NOT_FOUND && e != ERR_BAD_INPUT)
		return e;
	verdict.status = e == ERR_NOT_FOUND   ? WITNESS_STRANGER
			 : e == ERR_BAD_INPUT ? WITNESS_UNSIGNED
					      : compare(&request, &last, &verdict.checkpoint);
	verdict.size = last.size;
	verdict.is_fork = e == OK && verdict.checkpoint.size == last.size &&
			  memcmp(verdict.checkpoint.root, last.root, sizeof(last.root)) != 0;
	*ret_verdict = verdict;
	return OK;
}

/* ---- the memory ---- */

void
witness_memory_print(const struct note_key *witness, const struct checkpoint *last, size_t count, struct strbuf *out)
{
	strbuf_printf(out, "%s\n", memory_head);
	note_key_print(witness, out);
	strbuf_char(out, '\n');
	for (size_t i = 0; i < count; i++) {
		strbuf_printf(out, "%s %" PRIu64 " ", last[i].origin, last[i].size);
		base64_print(out, last[i].root, TREE_HASH_BYTES);
		strbuf_char(out, '\n');
	}
}

/* "origin size root". No name of a key has a blank. */
static enum error
read_row(const char *line, size_t bytes, struct checkpoint *ret_row)
{
	const char *end = line + bytes, *blank = memchr(line, ' ', bytes);
	const char *second = blank == NULL ? NULL : memchr(blank + 1, ' ', (size_t)(end - blank - 1));
	struct checkpoint row = { 0 };

	if (second == NULL || !note_name_is_valid(line, (size_t)(blank - line)))
		return ERR_BAD_INPUT;
	memcpy(row.origin, line, (size_t)(blank - line));
	TRY(line_number(blank + 1, (size_t)(second - blank - 1), &row.size));
	TRY(line_hash(second + 1, (size_t)(end - second - 1), row.root));
	*ret_row = row;
	return OK;
}

enum error
witness_memory_parse(const char *text, size_t bytes, struct note_key *ret_witness, struct checkpoint *ret_last,
		     size_t *ret_count)
{
	struct line_reader reader = { .at = text, .end = text + bytes };
	const char *line = NULL;
	size_t length = 0, count = 0;

	if (!line_next(&reader, &line, &length) || length != strlen(memory_head) ||
	    memcmp(line, memory_head, length) != 0 || !line_next(&reader, &line, &length))
		return ERR_BAD_INPUT;
	TRY(note_key_parse(line, length, ret_witness));
	if (ret_witness->type != NOTE_WITNESS)
		return ERR_BAD_INPUT;
	while (line_next(&reader, &line, &length)) {
		if (count == WITNESS_LOGS_MAX)
			return ERR_BAD_INPUT;
		TRY(read_row(line, length, &ret_last[count]));
		for (size_t i = 0; i < count; i++)
			if (strcmp(ret_last[i].origin, ret_last[count].origin) == 0)
				return ERR_BAD_INPUT;
		count++;
	}
	*ret_count = count;
	return reader.at == reader.end ? OK : ERR_BAD_INPUT;
}

/* ---- the log's side ---- */

static bool
is_by(const struct note_line *line, const struct note_key *key)
{
	return strcmp(line->name, key->name) == 0 && memcmp(line->id, key->id, NOTE_ID_BYTES) == 0;
}

enum error
witness_answer_line(const char *text, size_t text_bytes, const struct note_key *witness, const char *answer,
		    size_t answer_bytes, struct strbuf *ret_line, size_t *ret_others)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf whole = { 0 };
	const struct note_line *found = NULL;
	struct note_mark mark = { 0 };
	struct note note;
	size_t others = 0;

	strbuf_add(&whole, text, text_bytes);
	strbuf_char(&whole, '\n');
	strbuf_add(&whole, answer, answer_bytes);
	TRY(note_parse(arena, whole.text, whole.bytes, &note));
	/* An empty line in the answer would make part of it the signed text. */
	if (note.text_bytes != text_bytes)
		return ERR_BAD_INPUT;
	for (size_t i = 0; i < note.line_count; i++) {
		if (!is_by(&note.lines[i], witness))
			others++;
		else if (found == NULL)
			found = &note.lines[i];
	}
	TRY(note_verify(&note, witness, 1, &mark));
	*ret_others = others;
	if (found == NULL || !mark.is_signed)
		return ERR_NOT_FOUND;
	strbuf_add(ret_line, found->text, found->text_bytes);
	return OK;
}

enum error
witness_answer_size(const char *answer, size_t bytes, uint64_t *ret_size)
{
	return bytes == 0 || answer[bytes - 1] != '\n' ? ERR_BAD_INPUT : line_number(answer, bytes - 1, ret_size);
}
