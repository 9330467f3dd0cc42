/* curl.h - libcurl is started once for the program, whichever of its threads wants it first: the mailer, those who ask
 * witnesses, a command that speaks with a server. */
#pragma once
#include <curl/curl.h>
#include "base/base.h"

DEFINE_AUTO(CURL, curl_easy_cleanup)
DEFINE_AUTO(struct curl_slist, curl_slist_free_all)

/* The caller cleans it up. NULL: there is no memory. */
CURL *curl_new(void);
