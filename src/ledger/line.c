#include "ledger/line.h"
#include "ledger/base64.h"
#include <string.h>

enum { DIGITS_MAX = 19 };

bool
line_next(struct line_reader *reader, const char **ret_text, size_t *ret_bytes)
{
	size_t left = (size_t)(reader->end - reader->at);
	const char *newline = left == 0 ? NULL : memchr(reader->at, '\n', left);

	if (newline == NULL)
		return false;
	*ret_text = reader->at;
	*ret_bytes = (size_t)(newline - reader->at);
	reader->at = newline + 1;
	return true;
}

enum error
line_number(const char *text, size_t bytes, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (bytes == 0 || bytes > DIGITS_MAX || (text[0] == '0' && bytes > 1))
		return ERR_BAD_INPUT;
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ERR_BAD_INPUT;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	if (number > INT64_MAX)
		return ERR_BAD_INPUT;
	*ret_number = number;
	return OK;
}

enum error
line_hash(const char *text, size_t bytes, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	unsigned char hash[TREE_HASH_BYTES];
	size_t count = 0;

	TRY(base64_parse(text, bytes, sizeof(hash), hash, &count));
	if (count != sizeof(hash))
		return ERR_BAD_INPUT;
	memcpy(ret_hash, hash, sizeof(hash));
	return OK;
}
