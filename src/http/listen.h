/* listen.h - sockets that wait for callers: TCP by "host:port", a socket file for the same user. */
#pragma once
#include "base/base.h"

struct listen_address {
	char host[64]; /* numeric, without brackets; "" for all */
	char port[8];
};
/* "127.0.0.1:8080", "[::1]:0", "localhost:8080", ":8080". ERR_USAGE. */
NODISCARD enum error listen_parse(const char *text, struct listen_address *ret_address);
bool listen_is_loopback(const struct listen_address *address);
/* ERR_IO: cannot be had. */
NODISCARD enum error listen_tcp(const struct listen_address *address, int *ret_fd, int *ret_port);
/* Mode 0600; a file that a killed server left is replaced. The caller removes it. */
NODISCARD enum error listen_file(const char *path, int *ret_fd);
