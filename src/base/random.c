#include "base/random.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { POOL_BYTES = 8192 };

static _Thread_local unsigned char pool[POOL_BYTES];
static _Thread_local size_t pool_left;
static _Thread_local unsigned pool_fork_count;
static _Atomic unsigned fork_count;
static pthread_once_t watch_once = PTHREAD_ONCE_INIT;

static void
forked(void)
{
	fork_count++;
}

static void
watch_forks(void)
{
	if (pthread_atfork(NULL, NULL, forked) != 0)
		abort();
}

static void
fill(unsigned char *to, size_t bytes)
{
	while (bytes > 0) {
		ssize_t got = getrandom(to, bytes, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			fputs("tirkeu: the system gives no random bytes\n", stderr);
			abort();
		}
		to += got;
		bytes -= (size_t)got;
	}
}

void
random_bytes(void *to, size_t bytes)
{
	if (bytes > POOL_BYTES / 4) {
		fill(to, bytes);
		return;
	}
	pthread_once(&watch_once, watch_forks);
	if (pool_left < bytes || pool_fork_count != fork_count) {
		fill(pool, POOL_BYTES);
		pool_left = POOL_BYTES;
		pool_fork_count = fork_count;
	}
	unsigned char *from = pool + POOL_BYTES - pool_left;

	memcpy(to, from, bytes);
	explicit_bzero(from, bytes);
	pool_left -= bytes;
}
