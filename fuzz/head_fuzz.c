/* A request's head: the first line is a path, each further line a header's value. What the small parsers take
 * stands in what was sent, in the form that they promise. */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include "base/arena.h"
#include "fuzz.h"
#include "http/accept.h"
#include "http/head.h"
#include "http/listen.h"
#include "http/route.h"

/* Undoing %XX never adds bytes, nor makes an end where there was none. */
static const char *
unescape(struct arena *arena, const char *text)
{
	size_t before = strlen(text);
	char *copy = arena_copy(arena, text, before);
	size_t bytes = head_unescape(NULL, NULL, copy);

	assert(bytes <= before && strlen(copy) == bytes);
	return copy;
}

static size_t
slashes_of(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '/';
	return count;
}

/* A parameter is one segment of the path, and the path is its pattern with the parameters in it. */
static void
check_match(const char *path, const struct route_match *match)
{
	const char *pattern = match->route->pattern, *at = path;
	size_t param = 0;

	assert(slashes_of(pattern) == slashes_of(path));
	while (*pattern != '\0') {
		if (*pattern != '{') {
			assert(*pattern++ == *at++);
			continue;
		}
		const char *value = match->params[param++];

		assert(*value != '\0' && strlen(value) <= ROUTE_SEGMENT_BYTES_MAX && strchr(value, '/') == NULL);
		assert(strncmp(at, value, strlen(value)) == 0);
		at += strlen(value);
		pattern = strchr(pattern, '}') + 1;
	}
	assert(*at == '\0' && param == match->param_count);
}

static void
check_path(struct arena *arena, const char *path)
{
	for (int metrics = 0; metrics < 2; metrics++)
		for (int method = 0; method <= METHOD_COUNT; method++) {
			struct route_match match;

			route_find(arena, (enum method)method, path, metrics != 0, &match);
			assert((match.route != NULL) ==
			       (method < METHOD_COUNT && (match.allowed & (1U << method)) != 0));
			if (match.route != NULL)
				check_match(path, &match);
			assert(match.allowed == 0 || route_allow(arena, match.allowed)[0] != '\0');
		}
}

static void
check_cookie(const char *header)
{
	static const char *const names[] = { "tirkeu", "__Host-tirkeu", "a" };
	char value[64];

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (!accept_cookie(header, names[i], value, sizeof(value)))
			continue;
		assert(strlen(value) < sizeof(value) && strchr(value, ';') == NULL);
		assert(strstr(header, names[i]) != NULL && strstr(header, value) != NULL);
	}
}

static void
check_addresses(const char *header)
{
	char value[INET6_ADDRSTRLEN], again[INET6_ADDRSTRLEN];
	struct listen_address address;
	unsigned char bytes[16];

	for (int forwarded = 0; forwarded < 2; forwarded++) {
		if (!(forwarded != 0 ? accept_forwarded : accept_address)(header, value, sizeof(value)))
			continue;
		/* Its one spelling: read again it is the same. */
		assert(inet_pton(strchr(value, ':') != NULL ? AF_INET6 : AF_INET, value, bytes) == 1);
		bool taken = accept_address(value, again, sizeof(again));

		assert(taken && strcmp(value, again) == 0);
	}
	if (listen_parse(header, &address) == OK)
		assert(address.port[0] != '\0' && strspn(address.port, "0123456789") == strlen(address.port));
}

static void
check_header(const char *header)
{
	int64_t version = 0;

	assert(accept_language(header) <= LANGUAGE_COUNT);
	if (accept_version(header, &version) == OK)
		assert(version >= 0);
	if (accept_idempotency_key(header)) {
		assert(strlen(header) >= 8 && strlen(header) <= 64);
		for (const char *c = header; *c != '\0'; c++)
			assert(isgraph((unsigned char)*c));
	}
	accept_type(header, "application/json");
	accept_page(header);
	if (accept_host(header, "registers.example"))
		assert(strlen(header) >= strlen("registers.example"));
	assert(method_parse(header) <= METHOD_COUNT);
	check_cookie(header);
	check_addresses(header);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	char *text = arena_copy(arena, bytes, count), *rest = text;
	bool is_first = true;

	for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
		if (is_first) {
			check_path(arena, line);
			check_path(arena, unescape(arena, line));
		}
		check_header(line);
		is_first = false;
	}
	return 0;
}
