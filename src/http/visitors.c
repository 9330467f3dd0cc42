#include "http/visitors.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include "base/day.h"

enum { ROUND_MS = 500 };

struct visitor {
	struct visitors *all;
	struct visitor *before, *after;
	int fd;
	_Atomic int64_t since_us; /* at the head of a request; 0: it was read */
};

struct visitors {
	pthread_mutex_t lock;
	pthread_cond_t ends;
	bool is_over;
	int64_t patience_us;
	struct visitor *first;
	pthread_t thread;
};

/* The lock is held, so no connection is closed and its number given to another meanwhile. */
static void
shut_out_the_slow(struct visitors *visitors)
{
	int64_t latest = monotonic_us() - visitors->patience_us;

	for (struct visitor *visitor = visitors->first; visitor != NULL; visitor = visitor->after) {
		int64_t since_us = visitor->since_us;

		if (since_us == 0 || since_us > latest)
			continue;
		/* The library reads an end of file and closes. It may be gone already: nothing is lost then. */
		IGNORE(shutdown(visitor->fd, SHUT_RDWR));
		visitor->since_us = 0;
	}
}

static void *
watch(void *context)
{
	struct visitors *visitors = context;

	pthread_mutex_lock(&visitors->lock);
	while (!visitors->is_over) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += (long)ROUND_MS * 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&visitors->ends, &visitors->lock, &until);
		shut_out_the_slow(visitors);
	}
	pthread_mutex_unlock(&visitors->lock);
	return NULL;
}

enum error
visitors_start(int seconds, struct visitors **ret_visitors)
{
	struct visitors *visitors = calloc(1, sizeof(*visitors));
	pthread_condattr_t attributes;

	if (visitors == NULL)
		return ERR_NO_MEMORY;
	visitors->patience_us = (int64_t)seconds * 1000000;
	pthread_mutex_init(&visitors->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&visitors->ends, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&visitors->thread, NULL, watch, visitors) != 0) {
		pthread_cond_destroy(&visitors->ends);
		pthread_mutex_destroy(&visitors->lock);
		free(visitors);
		return ERR_NO_MEMORY;
	}
	*ret_visitors = visitors;
	return OK;
}

void
visitors_stop(struct visitors *visitors)
{
	if (visitors == NULL)
		return;
	pthread_mutex_lock(&visitors->lock);
	visitors->is_over = true;
	pthread_cond_signal(&visitors->ends);
	pthread_mutex_unlock(&visitors->lock);
	pthread_join(visitors->thread, NULL);
	assert(visitors->first == NULL);
	pthread_cond_destroy(&visitors->ends);
	pthread_mutex_destroy(&visitors->lock);
	free(visitors);
}

static void
come(struct visitors *visitors, struct visitor *visitor)
{
	pthread_mutex_lock(&visitors->lock);
	visitor->after = visitors->first;
	if (visitor->after != NULL)
		visitor->after->before = visitor;
	visitors->first = visitor;
	pthread_mutex_unlock(&visitors->lock);
}

static void
leave(struct visitor *visitor)
{
	struct visitors *visitors = visitor->all;

	pthread_mutex_lock(&visitors->lock);
	if (visitor->before != NULL)
		visitor->before->after = visitor->after;
	else
		visitors->first = visitor->after;
	if (visitor->after != NULL)
		visitor->after->before = visitor->before;
	pthread_mutex_unlock(&visitors->lock);
	free(visitor);
}

void
visitors_note(void *visitors, struct MHD_Connection *connection, void **context,
	      enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context != NULL)
			leave(*context);
		*context = NULL;
		return;
	}
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct visitor *visitor = info == NULL ? NULL : calloc(1, sizeof(*visitor));

	if (visitor == NULL)
		return; /* nobody watches it: better than to refuse it */
	visitor->all = visitors;
	visitor->fd = info->connect_fd;
	visitor->since_us = monotonic_us();
	*context = visitor;
	come(visitors, visitor);
}

static void
note_since(struct MHD_Connection *connection, int64_t since_us)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct visitor *visitor = info == NULL ? NULL : info->socket_context;

	if (visitor != NULL)
		visitor->since_us = since_us;
}

void
visitor_has_asked(struct MHD_Connection *connection)
{
	note_since(connection, 0);
}

void
visitor_may_ask(struct MHD_Connection *connection)
{
	note_since(connection, monotonic_us());
}
