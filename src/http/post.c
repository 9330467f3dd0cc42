#include "http/post.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "http/curl.h"

enum { CONNECT_SECONDS = 10 };

struct poster {
	CURL *curl;
	char trouble[CURL_ERROR_SIZE];
	struct post *post; /* on its way */
	size_t header_bytes;
	bool too_large;
};

/* ---- the address ---- */

static bool
has_part(CURLU *parts, CURLUPart part)
{
	char *text = NULL;
	bool has = curl_url_get(parts, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return has;
}

static bool
part_is_one_of(CURLU *parts, CURLUPart part, const char *const *allowed, size_t count)
{
	char *text = NULL;
	bool is = false;

	if (curl_url_get(parts, part, &text, 0) != CURLUE_OK)
		return false;
	for (size_t i = 0; i < count; i++)
		is = is || strcmp(text, allowed[i]) == 0;
	curl_free(text);
	return is;
}

static bool
is_loopback(CURLU *parts)
{
	static const char *const hosts[] = { "localhost", "127.0.0.1", "[::1]" };

	return part_is_one_of(parts, CURLUPART_HOST, hosts, ARRAY_COUNT(hosts));
}

static bool
may_go_to(CURLU *parts, const char *url)
{
	static const char *const https[] = { "https" }, *const http[] = { "http" };

	if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK || has_part(parts, CURLUPART_USER) ||
	    has_part(parts, CURLUPART_PASSWORD) || has_part(parts, CURLUPART_QUERY) ||
	    has_part(parts, CURLUPART_FRAGMENT))
		return false;
	return part_is_one_of(parts, CURLUPART_SCHEME, https, 1) ||
	       (part_is_one_of(parts, CURLUPART_SCHEME, http, 1) && is_loopback(parts));
}

bool
post_may_go_to(const char *url)
{
	CURLU *parts = curl_url();
	bool may = parts != NULL && may_go_to(parts, url);

	curl_url_cleanup(parts);
	return may;
}

/* ---- what comes back ---- */

static size_t
take_answer(char *from, size_t size, size_t count, void *context)
{
	struct poster *poster = context;
	struct post *post = poster->post;

	poster->too_large = post->answer.bytes + size * count > post->answer_bytes_max;
	if (poster->too_large)
		return 0; /* curl gives up */
	strbuf_add(&post->answer, from, size * count);
	return size * count;
}

static size_t
take_header(char *from, size_t size, size_t count, void *context)
{
	struct poster *poster = context;

	poster->header_bytes += size * count;
	poster->too_large = poster->header_bytes > POST_HEADERS_BYTES_MAX;
	return poster->too_large ? 0 : size * count;
}

static int
look_up(void *context, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
	const struct poster *poster = context;

	return poster->post->stop != NULL && *poster->post->stop;
}

/* ---- one request ---- */

enum error
poster_new(struct poster **ret_poster)
{
	AUTO(poster_free) struct poster *poster = calloc(1, sizeof(*poster));

	if (poster == NULL || (poster->curl = curl_new()) == NULL)
		return ERR_NO_MEMORY;
	*ret_poster = TAKE(poster);
	return OK;
}

void
poster_free(struct poster *poster)
{
	if (poster == NULL)
		return;
	if (poster->curl != NULL)
		curl_easy_cleanup(poster->curl);
	free(poster);
}

void
post_done(struct post *post)
{
	strbuf_done(&post->answer);
}

const char *
poster_trouble(const struct poster *poster)
{
	return poster->trouble;
}

static enum error
make_headers(const struct post *post, struct curl_slist **ret_list)
{
	AUTO(strbuf_done) struct strbuf type = { 0 };
	AUTO(curl_slist_free_all) struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	strbuf_printf(&type, "Content-Type: %s", post->type);
	/* On failure the list that was there is still ours. */
	if (list == NULL || curl_slist_append(list, type.text) == NULL)
		return ERR_NO_MEMORY;
	*ret_list = TAKE(list);
	return OK;
}

static bool
set_limits(struct poster *poster)
{
	CURL *curl = poster->curl;

	return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)poster->post->timeout_seconds) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XFERINFODATA, poster) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HEADERDATA, poster) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, poster) == CURLE_OK;
}

/* A proxy of the environment is for the world outside. */
static bool
set_request(struct poster *poster, struct curl_slist *headers)
{
	const struct post *post = poster->post;
	CURL *curl = poster->curl;

	return (strncmp(post->url, "https:", 6) == 0 || curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK) &&
	       curl_easy_setopt(curl, CURLOPT_URL, post->url) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)post->body_bytes) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post->body) == CURLE_OK;
}

static enum error
take_result(struct poster *poster, CURLcode code)
{
	struct post *post = poster->post;
	const char *type = NULL;
	long status = 0;

	snprintf(poster->trouble, sizeof(poster->trouble), "%s", curl_easy_strerror(code));
	if (poster->too_large)
		return ERR_TOO_LARGE;
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return ERR_STOPPING;
	if (code != CURLE_OK || curl_easy_getinfo(poster->curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
		return ERR_IO;
	if (curl_easy_getinfo(poster->curl, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type != NULL)
		snprintf(post->answer_type, sizeof(post->answer_type), "%s", type);
	post->status = (int)status;
	return OK;
}

enum error
poster_run(struct poster *poster, struct post *post)
{
	AUTO(curl_slist_free_all) struct curl_slist *headers = NULL;

	poster->trouble[0] = '\0';
	if (!post_may_go_to(post->url))
		return ERR_FORBIDDEN;
	poster->post = post;
	poster->header_bytes = 0;
	poster->too_large = false;
	post->answer_type[0] = '\0';
	strbuf_clear(&post->answer);
	curl_easy_reset(poster->curl);
	TRY(make_headers(post, &headers));
	if (!set_limits(poster) || !set_request(poster, headers))
		return ERR_FAULT;
	enum error e = take_result(poster, curl_easy_perform(poster->curl));
	poster->post = NULL;
	return e;
}
