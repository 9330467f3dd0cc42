/* limit_http.c - the floor under every figure of bench/run that goes over HTTP: libmicrohttpd with two threads and
 * epoll that answers a small JSON at once. limit-http; prints its port, then answers until its input ends. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum MHD_Result
answer(void *closure, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
       const char *body, size_t *body_bytes, void **context)
{
	struct MHD_Response *response = closure;

	if (*context == NULL) { /* the head only: the body, if any, comes with the next calls */
		*context = response;
		return MHD_YES;
	}
	*body_bytes = 0;
	return MHD_queue_response(connection, 200, response);
}

int
main(void)
{
	static char text[] = "{\"status\":\"ok\"}";
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_PERSISTENT);
	char end = 0;

	if (response == NULL || MHD_add_response_header(response, "Content-Type", "application/json") != MHD_YES)
		return 3;
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, response,
						     MHD_OPTION_THREAD_POOL_SIZE, 2U, MHD_OPTION_END);
	const union MHD_DaemonInfo *info =
		daemon == NULL ? NULL : MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);

	if (info == NULL)
		return 3;
	printf("%u\n", (unsigned)info->port);
	fflush(stdout);
	while (read(STDIN_FILENO, &end, 1) > 0)
		continue;
	MHD_stop_daemon(daemon);
	MHD_destroy_response(response);
	return 0;
}
