#include "http/accept.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Thousandths of the quality after a language tag; 1000 when none is given. */
static int
quality(const char *parameters, size_t bytes)
{
	const char *q = memmem(parameters, bytes, "q=", 2);

	if (q == NULL)
		return 1000;
	double value = strtod(q + 2, NULL);
	return value >= 0.0 && value <= 1.0 ? (int)(value * 1000.0) : 0;
}

enum language
accept_language(const char *header)
{
	enum language best = LANGUAGE_COUNT;
	int best_quality = 0;

	for (const char *p = header; p != NULL && *p != '\0';) {
		p += strspn(p, " \t,");
		size_t bytes = strcspn(p, ",");
		char tag[3] = { 0 };

		if (bytes >= 2 && (bytes == 2 || !isalpha((unsigned char)p[2]))) {
			tag[0] = (char)tolower((unsigned char)p[0]);
			tag[1] = (char)tolower((unsigned char)p[1]);
		}
		enum language language = language_parse(tag);
		int q = quality(p, bytes);
		if (language != LANGUAGE_COUNT && q > best_quality) {
			best = language;
			best_quality = q;
		}
		p += bytes;
	}
	return best;
}

/* Does Accept name `type`, and not after JSON? */
static bool
prefers(const char *header, const char *type)
{
	int wanted = 0, json = 0;

	for (const char *p = header; p != NULL && *p != '\0';) {
		p += strspn(p, " \t,");
		size_t bytes = strcspn(p, ",");
		int q = quality(p, bytes);

		if (strncasecmp(p, type, strlen(type)) == 0 && q > wanted)
			wanted = q;
		else if ((strncasecmp(p, "application/json", 16) == 0 ||
			  strncasecmp(p, "application/problem+json", 24) == 0) &&
			 q > json)
			json = q;
		p += bytes;
	}
	return wanted > 0 && wanted >= json;
}

bool
accept_page(const char *header)
{
	return prefers(header, "text/html");
}

bool
accept_csv(const char *header)
{
	return prefers(header, "text/csv");
}

bool
accept_type(const char *header, const char *type)
{
	size_t bytes = strlen(type);

	if (header == NULL || strncasecmp(header, type, bytes) != 0)
		return false;
	header += bytes;
	header += strspn(header, " \t");
	return *header == '\0' || *header == ';';
}

bool
accept_host(const char *header, const char *name)
{
	size_t bytes = strlen(name);

	if (header == NULL || strncasecmp(header, name, bytes) != 0)
		return false;
	header += bytes;
	if (*header == ':' && header[1] != '\0')
		header += 1 + strspn(header + 1, "0123456789");
	return *header == '\0';
}

enum error
accept_version(const char *header, int64_t *ret_version)
{
	char *end = NULL;
	bool quoted = false;

	if (strncmp(header, "W/", 2) == 0)
		header += 2;
	if (*header == '"') {
		quoted = true;
		header++;
	}
	if (!isdigit((unsigned char)*header) || strlen(header) > 18)
		return ERR_BAD_INPUT;
	long long version = strtoll(header, &end, 10);
	if (quoted && *end++ != '"')
		return ERR_BAD_INPUT;
	if (*end != '\0')
		return ERR_BAD_INPUT;
	*ret_version = version;
	return OK;
}

bool
accept_idempotency_key(const char *header)
{
	size_t bytes = strlen(header);

	for (size_t i = 0; i < bytes; i++)
		if (header[i] <= ' ' || header[i] > '~')
			return false;
	return bytes >= 8 && bytes <= 64;
}

bool
accept_cookie(const char *header, const char *name, char *value, size_t bytes)
{
	size_t name_bytes = strlen(name);

	for (const char *p = header; p != NULL && *p != '\0';) {
		p += strspn(p, " ;");
		size_t pair = strcspn(p, ";");

		if (pair > name_bytes && strncmp(p, name, name_bytes) == 0 && p[name_bytes] == '=') {
			size_t count = pair - name_bytes - 1;

			if (count >= bytes)
				return false;
			memcpy(value, p + name_bytes + 1, count);
			value[count] = '\0';
			return true;
		}
		p += pair;
	}
	return false;
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80" without brackets and port. */
static bool
cut_address(const char *text, char *value, size_t bytes)
{
	const char *colon = strchr(text, ':');
	size_t count = strcspn(text, " \t");

	if (*text == '[')
		count = strcspn(++text, "]");
	else if (colon != NULL && strchr(colon + 1, ':') == NULL)
		count = (size_t)(colon - text);
	if (count == 0 || count >= bytes)
		return false;
	memcpy(value, text, count);
	value[count] = '\0';
	return true;
}

bool
accept_address(const char *text, char *value, size_t bytes)
{
	char plain[INET6_ADDRSTRLEN];
	struct in6_addr six;
	struct in_addr four;

	assert(bytes >= INET6_ADDRSTRLEN);
	if (!cut_address(text, plain, sizeof(plain)))
		return false;
	if (inet_pton(AF_INET, plain, &four) == 1)
		return inet_ntop(AF_INET, &four, value, (socklen_t)bytes) != NULL;
	if (inet_pton(AF_INET6, plain, &six) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return inet_ntop(AF_INET, six.s6_addr + 12, value, (socklen_t)bytes) != NULL;
	return inet_ntop(AF_INET6, &six, value, (socklen_t)bytes) != NULL;
}

bool
accept_forwarded(const char *header, char *value, size_t bytes)
{
	const char *last = strrchr(header, ',');

	last = last == NULL ? header : last + 1;
	return accept_address(last + strspn(last, " \t"), value, bytes);
}
