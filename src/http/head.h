/* head.h - a request's head as a whole: what could be read in two ways, and lists that stand on several lines. */
#pragma once
#include "http/request.h"

/* A proxy before us and we must agree on where a request ends and what it says (RFC 9112, sections 3.2, 5.1 and
 * 6.3). ERR_MALFORMED, with the header as the field, for a header that may stand once and stands twice, and for a name
 * that is none (a blank before the colon). */
NODISCARD enum error head_check(struct request *request);
/* The last line of that header: proxies may add a line of their own behind the sender's. NULL: none. */
const char *head_last(const struct request *request, const char *name);
/* Undoes %XX in place and returns the length. %00 stays as it is: it would end the text, and what stands behind would
 * be read by nobody. A % that begins nothing stays too. */
size_t head_unescape(void *closure, struct MHD_Connection *connection, char *text);
/* Does the query have that key, with or without a value? */
bool head_asks(const struct request *request, const char *key);
