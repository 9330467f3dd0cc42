#include "ledger/proof_file.h"
#include "ledger/base64.h"
#include "ledger/line.h"
#include <inttypes.h>
#include <string.h>

static const char first_line[] = "c2sp.org/tlog-proof@v1";
static const char index_word[] = "index ";

void
proof_file_print(uint64_t index, const struct proof *proof, const char *checkpoint, size_t checkpoint_bytes,
		 struct strbuf *out)
{
	assert(index <= INT64_MAX && proof->count <= PROOF_HASHES_MAX);
	strbuf_printf(out, "%s\n%s%" PRIu64 "\n", first_line, index_word, index);
	for (size_t i = 0; i < proof->count; i++) {
		base64_print(out, proof->hashes[i], TREE_HASH_BYTES);
		strbuf_char(out, '\n');
	}
	strbuf_char(out, '\n');
	strbuf_add(out, checkpoint, checkpoint_bytes);
}

/* Up to the empty line and over it. */
static enum error
read_hashes(struct line_reader *reader, struct proof *ret_proof)
{
	const char *line = NULL;
	size_t bytes = 0;

	ret_proof->count = 0;
	while (line_next(reader, &line, &bytes)) {
		if (bytes == 0)
			return OK;
		if (ret_proof->count == PROOF_HASHES_MAX)
			return ERR_BAD_INPUT;
		TRY(line_hash(line, bytes, ret_proof->hashes[ret_proof->count++]));
	}
	return ERR_BAD_INPUT;
}

enum error
proof_file_parse(const char *bytes, size_t count, struct proof_file *ret_file)
{
	const size_t word_bytes = sizeof(index_word) - 1;
	struct line_reader reader = { .at = bytes, .end = bytes + count };
	const char *line = NULL;
	size_t line_bytes = 0;
	uint64_t index = 0;

	if (count > PROOF_FILE_BYTES_MAX || !line_next(&reader, &line, &line_bytes) ||
	    line_bytes != sizeof(first_line) - 1 || memcmp(line, first_line, line_bytes) != 0)
		return ERR_BAD_INPUT;
	if (!line_next(&reader, &line, &line_bytes) || line_bytes < word_bytes ||
	    memcmp(line, index_word, word_bytes) != 0)
		return ERR_BAD_INPUT;
	TRY(line_number(line + word_bytes, line_bytes - word_bytes, &index));
	TRY(read_hashes(&reader, &ret_file->proof));
	if (reader.at == reader.end)
		return ERR_BAD_INPUT;
	ret_file->index = index;
	ret_file->checkpoint = reader.at;
	ret_file->checkpoint_bytes = (size_t)(reader.end - reader.at);
	return OK;
}

enum error
proof_file_check(const struct proof_file *file, const struct note_key *log,
		 const unsigned char leaf[static TREE_HASH_BYTES], struct checkpoint *ret_checkpoint)
{
	struct checkpoint checkpoint;

	TRY(checkpoint_open(file->checkpoint, file->checkpoint_bytes, log, &checkpoint));
	TRY(proof_check_inclusion(file->index, checkpoint.size, leaf, &file->proof, checkpoint.root));
	*ret_checkpoint = checkpoint;
	return OK;
}
