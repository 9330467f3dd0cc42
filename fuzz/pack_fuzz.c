/* A whole pack: the small pack of the tests with the files that the input gives, each behind a line "=== path". */
#include <string.h>
#include "fuzz.h"
#include "small_pack.h"

enum { FILES_MAX = 8, HEAD_BYTES = 4 };

struct put {
	char path[100];
};

/* The next "=== path" line at or behind `at`; NULL: none. */
static const char *
find_head(const char *at, const char *end)
{
	while (at != NULL && end - at > HEAD_BYTES && memcmp(at, "=== ", HEAD_BYTES) != 0) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at == NULL ? NULL : at + 1;
	}
	return at == NULL || end - at <= HEAD_BYTES ? NULL : at;
}

/* Writes the file that begins at `head`; where the next one begins. */
static const char *
put_file(const char *head, const char *end, struct put *put)
{
	const char *path = head + HEAD_BYTES, *line_end = memchr(path, '\n', (size_t)(end - path));
	const char *text = line_end == NULL ? end : line_end + 1, *next = find_head(text, end);
	size_t bytes = (size_t)((line_end == NULL ? end : line_end) - path);

	put->path[0] = '\0';
	if (bytes >= sizeof(put->path))
		return next;
	memcpy(put->path, path, bytes);
	put->path[bytes] = '\0';
	if (!small_is_path(put->path) || !small_put(put->path, text, (size_t)((next == NULL ? end : next) - text)))
		put->path[0] = '\0';
	return next;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	const char *text = (const char *)bytes, *head = find_head(text, text + count);
	struct put puts[FILES_MAX];
	size_t put_count = 0;

	small_begin();
	while (head != NULL && put_count < FILES_MAX)
		head = put_file(head, text + count, &puts[put_count++]);
	small_load();
	for (size_t i = 0; i < put_count; i++)
		if (puts[i].path[0] != '\0')
			small_restore(puts[i].path);
	return 0;
}
