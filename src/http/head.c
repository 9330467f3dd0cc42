#include "http/head.h"
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

/* Headers that this server reads and that mean one thing. */
static const char *const single[] = { "Host",     "Content-Length",  "Content-Type", "Authorization",
				      "If-Match", "Idempotency-Key", "On-Behalf-Of", "X-Csrf-Token" };

struct head {
	struct request *request;
	unsigned seen; /* of single[] */
	enum error e;
};

/* A token of RFC 9110, section 5.6.2. */
static bool
is_name(const char *name, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (name[i] <= ' ' || name[i] > '~' || strchr("\"(),/:;<=>?@[\\]{}", name[i]) != NULL)
			return false;
	return bytes > 0;
}

static enum MHD_Result
look_at(void *context, enum MHD_ValueKind kind, const char *name, size_t name_bytes, const char *value,
	size_t value_bytes)
{
	struct head *head = context;
	struct problem *problem = &head->request->problem;

	/* The name of a wrong header is not repeated: it may hold anything. */
	if (!is_name(name, name_bytes)) {
		head->e = problem_add(problem, ERR_MALFORMED, NULL, MSG_TEXT_CONTROL, NULL, NULL);
		return MHD_NO;
	}
	for (size_t i = 0; i < ARRAY_COUNT(single); i++) {
		if (strcasecmp(name, single[i]) != 0)
			continue;
		if ((head->seen & (1U << i)) != 0) {
			head->e = problem_add(problem, ERR_MALFORMED, single[i], MSG_DOUBLE_HEADER, NULL, NULL);
			return MHD_NO;
		}
		head->seen |= 1U << i;
	}
	return MHD_YES;
}

enum error
head_check(struct request *request)
{
	struct head head = { .request = request };

	MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, look_at, &head);
	return head.e;
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = c == '\0' ? NULL : strchr(digits, c);

	return found == NULL ? -1 : (int)((found - digits) % 16);
}

size_t
head_unescape(void *closure, struct MHD_Connection *connection, char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		int high = *from == '%' ? hex_digit(from[1]) : -1, low = high < 0 ? -1 : hex_digit(from[2]);

		if (low < 0 || high + low == 0) {
			*to++ = *from;
			continue;
		}
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return (size_t)(to - text);
}

struct wanted {
	const char *name;
	const char *last;
};

static enum MHD_Result
note_last(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct wanted *wanted = context;

	if (strcasecmp(name, wanted->name) == 0)
		wanted->last = value;
	return MHD_YES;
}

const char *
head_last(const struct request *request, const char *name)
{
	struct wanted wanted = { .name = name };

	MHD_get_connection_values(request->connection, MHD_HEADER_KIND, note_last, &wanted);
	return wanted.last;
}

bool
head_asks(const struct request *request, const char *key)
{
	const char *value = NULL;
	size_t bytes = 0;

	return MHD_lookup_connection_value_n(request->connection, MHD_GET_ARGUMENT_KIND, key, strlen(key), &value,
					     &bytes) == MHD_YES;
}
