/* accept.h - what small headers say. Pure functions. */
#pragma once
#include "base/problem.h"

/* The best of our languages in Accept-Language (RFC 9110, section 12.5.4); LANGUAGE_COUNT: none of them. */
enum language accept_language(const char *header);
/* Is `header` the media type `type`, whatever its parameters? */
bool accept_type(const char *header, const char *type);
/* Does Accept (RFC 9110, section 12.5.1) name text/html, and not after JSON? Browsers do, programs do not. */
bool accept_page(const char *header);
/* Does Accept name text/csv, and not after JSON? */
bool accept_csv(const char *header);
/* Does the Host header name `name` (no port)? Any case; a trailing port is skipped. */
bool accept_host(const char *header, const char *name);
/* The version in If-Match ("\"7\"", "W/\"7\"", "7"). ERR_BAD_INPUT. */
NODISCARD enum error accept_version(const char *header, int64_t *ret_version);
/* 8 to 64 visible ASCII characters. */
bool accept_idempotency_key(const char *header);
/* The value of cookie `name` in a Cookie header, copied into `value`; false: not there or too long. */
bool accept_cookie(const char *header, const char *name, char *value, size_t bytes);
/* An IPv4 or IPv6 address, with or without a port, in its one spelling: what stands for an IPv4 address
 * (::ffff:192.0.2.1) is that. `value` takes INET6_ADDRSTRLEN bytes. false: no address. */
bool accept_address(const char *text, char *value, size_t bytes);
/* The last address in X-Forwarded-For, the one that our own proxy added, as accept_address prints it; false: none. */
bool accept_forwarded(const char *header, char *value, size_t bytes);
