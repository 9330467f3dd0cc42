#include "ledger/checkpoint.h"
#include "ledger/base64.h"
#include "ledger/line.h"
#include <inttypes.h>
#include <string.h>

void
checkpoint_print(const struct checkpoint *checkpoint, struct strbuf *out)
{
	assert(note_name_is_valid(checkpoint->origin, strlen(checkpoint->origin)) && checkpoint->size <= INT64_MAX);
	strbuf_printf(out, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->size);
	base64_print(out, checkpoint->root, sizeof(checkpoint->root));
	strbuf_char(out, '\n');
}

enum error
checkpoint_parse(const char *text, size_t bytes, struct checkpoint *ret_checkpoint)
{
	struct line_reader reader = { .at = text, .end = text + bytes };
	struct checkpoint checkpoint = { 0 };
	unsigned char none[TREE_HASH_BYTES];
	const char *line = NULL;
	size_t count = 0;

	if (!line_next(&reader, &line, &count) || !note_name_is_valid(line, count))
		return ERR_BAD_INPUT;
	memcpy(checkpoint.origin, line, count);
	if (!line_next(&reader, &line, &count))
		return ERR_BAD_INPUT;
	TRY(line_number(line, count, &checkpoint.size));
	if (!line_next(&reader, &line, &count) || reader.at != reader.end)
		return ERR_BAD_INPUT;
	TRY(line_hash(line, count, checkpoint.root));
	tree_root(&(struct tree){ 0 }, none);
	if (checkpoint.size == 0 && memcmp(checkpoint.root, none, sizeof(none)) != 0)
		return ERR_BAD_INPUT;
	*ret_checkpoint = checkpoint;
	return OK;
}

enum error
checkpoint_open(const char *bytes, size_t count, const struct note_key *log, struct checkpoint *ret_checkpoint)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct checkpoint checkpoint;
	struct note_mark mark;
	struct note note;

	assert(log->type == NOTE_LOG);
	TRY(note_parse(arena, bytes, count, &note));
	TRY(note_verify(&note, log, 1, &mark));
	TRY(checkpoint_parse(note.text, note.text_bytes, &checkpoint));
	if (!mark.is_signed || strcmp(checkpoint.origin, log->name) != 0)
		return ERR_BAD_INPUT;
	*ret_checkpoint = checkpoint;
	return OK;
}
