#include "answer.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
is_header(const char *line, size_t bytes, const char *name, const char **ret_value)
{
	size_t name_bytes = strlen(name);

	if (bytes <= name_bytes || line[name_bytes] != ':' || strncasecmp(line, name, name_bytes) != 0)
		return false;
	*ret_value = line + name_bytes + 1 + strspn(line + name_bytes + 1, " ");
	return true;
}

/* False: a head that this reader cannot follow. */
static bool
read_headers(const char *line, const char *end, struct answer *answer)
{
	bool long_known = answer->status == 204 || answer->status == 304;

	while (line < end) {
		const char *eol = memmem(line, (size_t)(end - line), "\r\n", 2), *value = NULL;
		size_t bytes = (size_t)((eol == NULL ? end : eol) - line);

		if (is_header(line, bytes, "Content-Length", &value)) {
			answer->body_bytes = strtoull(value, NULL, 10);
			long_known = true;
		} else if (is_header(line, bytes, "Connection", &value))
			answer->closes = strncasecmp(value, "close", 5) == 0;
		else if (is_header(line, bytes, "Idempotency-Replayed", &value))
			answer->replayed = true;
		line += bytes + 2;
	}
	return long_known;
}

enum answer_state
answer_parse(const char *bytes, size_t count, struct answer *ret_answer)
{
	static const char version[] = "HTTP/1.1 ";
	const char *end = memmem(bytes, count, "\r\n\r\n", 4);
	struct answer answer = { 0 };

	if (count >= sizeof(version) - 1 && memcmp(bytes, version, sizeof(version) - 1) != 0)
		return ANSWER_BROKEN;
	if (end == NULL)
		return ANSWER_PART;
	answer.status = atoi(bytes + sizeof(version) - 1);
	const char *line = memmem(bytes, (size_t)(end + 2 - bytes), "\r\n", 2);

	if (answer.status < 200 || answer.status > 599 || !read_headers(line + 2, end, &answer))
		return ANSWER_BROKEN;
	answer.body = end + 4;
	answer.bytes = (size_t)(end + 4 - bytes) + answer.body_bytes;
	if (answer.bytes > count)
		return ANSWER_PART;
	*ret_answer = answer;
	return ANSWER_WHOLE;
}
