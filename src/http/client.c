#include "http/client.h"
#include <stdio.h>
#include <string.h>
#include "http/curl.h"

/* The name means nothing on a socket file, but HTTP/1.1 wants one. */
#define BASE "http://localhost"

static size_t
take_answer(char *from, size_t size, size_t count, void *context)
{
	struct client_call *call = context;

	if (call->answer.bytes + size * count > CLIENT_ANSWER_BYTES_MAX)
		return 0; /* curl stops with CURLE_WRITE_ERROR */
	strbuf_add(&call->answer, from, size * count);
	return size * count;
}

/* Adds to the list; what curl cannot take costs the list. */
static enum error
add_header(struct curl_slist **list, const char *header)
{
	struct curl_slist *longer = NULL;

	/* curl sends what it gets: a line end would begin another header, or another request. */
	for (const char *p = header; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return ERR_BAD_INPUT;
	longer = curl_slist_append(*list, header);

	if (longer == NULL)
		return ERR_NO_MEMORY;
	*list = longer;
	return OK;
}

static enum error
make_headers(const struct client_call *call, struct curl_slist **list)
{
	AUTO(strbuf_done) struct strbuf bearer = { 0 };

	/* Without an Expect header curl sends at once. */
	TRY(add_header(list, "Expect:"));
	if (call->body != NULL)
		TRY(add_header(list, "Content-Type: application/json"));
	if (call->token != NULL) {
		strbuf_printf(&bearer, "Authorization: Bearer %s", call->token);
		TRY(add_header(list, bearer.text));
	}
	for (size_t i = 0; i < CLIENT_HEADERS_MAX && call->headers[i] != NULL; i++)
		TRY(add_header(list, call->headers[i]));
	return OK;
}

static enum error
set_up(CURL *curl, struct client_call *call, struct curl_slist *headers)
{
	AUTO(strbuf_done) struct strbuf url = { 0 };

	strbuf_printf(&url, BASE "%s", call->path);
	bool fits = curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, call->socket_path) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_URL, url.text) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK && /* ".." may be a name */
		    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)call->timeout_seconds) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_WRITEDATA, call) == CURLE_OK;

	if (fits && call->body != NULL)
		fits = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(call->body)) == CURLE_OK &&
		       curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, call->body) == CURLE_OK;
	return fits ? OK : ERR_FAULT;
}

enum error
client_run(struct client_call *call)
{
	AUTO(curl_easy_cleanup) CURL *curl = curl_new();
	AUTO(curl_slist_free_all) struct curl_slist *headers = NULL;
	long status = 0;

	if (curl == NULL)
		return ERR_NO_MEMORY;
	strbuf_clear(&call->answer);
	TRY(make_headers(call, &headers));
	TRY(set_up(curl, call, headers));
	CURLcode code = curl_easy_perform(curl);
	if (code == CURLE_COULDNT_CONNECT)
		return ERR_NOT_FOUND;
	if (code == CURLE_WRITE_ERROR)
		return ERR_TOO_LARGE;
	if (code != CURLE_OK || curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
		return ERR_IO;
	call->status = (int)status;
	return OK;
}

void
client_call_done(struct client_call *call)
{
	strbuf_done(&call->answer);
}
