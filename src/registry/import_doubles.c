#include "registry/import_doubles.h"
#include <stdlib.h>
#include <string.h>

struct import_line {
	size_t offset, bytes;
	int line;
};

void
import_doubles_done(struct import_doubles *doubles)
{
	map_done(&doubles->known);
	free(doubles->lines);
	*doubles = (struct import_doubles){ 0 };
}

static void
add_line(struct import_doubles *doubles, const struct import_line *line)
{
	if (doubles->count == doubles->capacity) {
		doubles->capacity = doubles->capacity == 0 ? 4096 : 2 * doubles->capacity;
		struct import_line *lines = realloc(doubles->lines, doubles->capacity * sizeof(*lines));

		if (lines == NULL)
			abort(); /* as in an arena */
		doubles->lines = lines;
	}
	doubles->lines[doubles->count++] = *line;
}

int
import_doubles_take(struct import_doubles *doubles, const struct csv_row *row)
{
	const char *text = doubles->text + row->offset;
	struct import_line line = { .offset = row->offset, .bytes = row->raw_bytes, .line = row->line };

	while (line.bytes > 0 && (text[line.bytes - 1] == '\n' || text[line.bytes - 1] == '\r'))
		line.bytes--;
	uint64_t hash = hash_bytes(text, line.bytes);
	const uint64_t *found = map_get(&doubles->known, hash);

	if (found == NULL) {
		map_put(&doubles->known, hash, doubles->count);
		add_line(doubles, &line);
		return 0;
	}
	const struct import_line *known = &doubles->lines[*found];

	/* Another text of the same hash is not remembered: the register's own `unique` still holds. */
	return known->bytes == line.bytes && memcmp(doubles->text + known->offset, text, line.bytes) == 0 ? known->line
													  : 0;
}
