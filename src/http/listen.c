#include "http/listen.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

enum error
listen_parse(const char *text, struct listen_address *ret_address)
{
	struct listen_address address = { 0 };
	const char *colon = strrchr(text, ':');
	size_t host_bytes = colon == NULL ? 0 : (size_t)(colon - text);

	if (colon == NULL || colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    strlen(colon + 1) > 5 || atoi(colon + 1) > 65535)
		return ERR_USAGE;
	if (*text == '[') {
		if (host_bytes < 3 || text[host_bytes - 1] != ']')
			return ERR_USAGE;
		text++;
		host_bytes -= 2;
	} else if (memchr(text, ':', host_bytes) != NULL) {
		return ERR_USAGE; /* an IPv6 address wants brackets */
	}
	if (host_bytes >= sizeof(address.host))
		return ERR_USAGE;
	memcpy(address.host, text, host_bytes);
	strcpy(address.port, colon + 1);
	if (strcmp(address.host, "localhost") == 0)
		strcpy(address.host, "127.0.0.1");
	*ret_address = address;
	return OK;
}

bool
listen_is_loopback(const struct listen_address *address)
{
	struct in_addr four;

	if (inet_pton(AF_INET, address->host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	return strcmp(address->host, "::1") == 0;
}

static int
bound_port(int fd)
{
	struct sockaddr_storage bound = { 0 };
	socklen_t bytes = sizeof(bound);

	if (getsockname(fd, (struct sockaddr *)&bound, &bytes) != 0)
		return 0;
	return ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&bound)->sin6_port
						 : ((struct sockaddr_in *)(void *)&bound)->sin_port);
}

enum error
listen_tcp(const struct listen_address *address, int *ret_fd, int *ret_port)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int on = 1, fd = -1;

	if (getaddrinfo(address->host[0] == '\0' ? NULL : address->host, address->port, &hints, &found) != 0)
		return ERR_USAGE;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool works = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		     bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
	freeaddrinfo(found);
	if (!works) {
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	*ret_fd = fd;
	*ret_port = bound_port(fd);
	return OK;
}

enum error
listen_file(const char *path, int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return ERR_USAGE;
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ERR_IO;
	unlink(path);
	/* Nobody can connect before listen(), so the mode is right from the first moment that counts. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || chmod(path, 0600) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		close(fd);
		return ERR_IO;
	}
	*ret_fd = fd;
	return OK;
}
