#include "http/curl.h"
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_ready;

static void
make_ready(void)
{
	is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

CURL *
curl_new(void)
{
	return pthread_once(&once, make_ready) == 0 && is_ready ? curl_easy_init() : NULL;
}
