/* Threads for handlers that block: hashing a password takes 0.2 s and waiting for the writer as long as a
 * flush. The connection sleeps meanwhile, so the threads of the library stay free. */
#include "http/server_inside.h"

static struct request *
next_request(struct server *server)
{
	pthread_mutex_lock(&server->work_lock);
	while (server->work_first == NULL && !server->work_ends)
		pthread_cond_wait(&server->work_came, &server->work_lock);
	struct request *request = server->work_first;
	if (request != NULL) {
		server->work_first = request->next;
		if (server->work_first == NULL)
			server->work_last = NULL;
		server->work_count--;
	}
	pthread_mutex_unlock(&server->work_lock);
	return request;
}

static void
work_on(struct request *request)
{
	enum error (*work)(struct request *) = request->work != NULL ? request->work : request->match.route->handler;

	request->submit = NULL; /* it was this worker */
	enum error e = work(request);

	if (e == OK && request->submit != NULL) {
		e = request->submit(request);
		if (e == OK)
			return; /* the writer has it now, and answers */
	}
	request->result = e;
	request_answered(request);
}

static void *
work(void *context)
{
	struct server *server = context;
	struct request *request = NULL;

	while ((request = next_request(server)) != NULL)
		work_on(request);
	return NULL;
}

enum error
worker_submit(struct request *request)
{
	struct server *server = request->server;
	enum error e = ERR_BUSY;

	request->next = NULL;
	pthread_mutex_lock(&server->work_lock);
	if (server->work_count < SERVER_WORKER_QUEUE && !server->work_ends) {
		if (server->work_last == NULL)
			server->work_first = request;
		else
			server->work_last->next = request;
		server->work_last = request;
		server->work_count++;
		e = OK;
		pthread_cond_signal(&server->work_came);
	}
	pthread_mutex_unlock(&server->work_lock);
	return e;
}

enum error
worker_start(struct server *server)
{
	for (; server->worker_count < SERVER_WORKERS; server->worker_count++)
		if (pthread_create(&server->workers[server->worker_count], NULL, work, server) != 0)
			return ERR_NO_MEMORY;
	return OK;
}

void
worker_stop(struct server *server)
{
	pthread_mutex_lock(&server->work_lock);
	server->work_ends = true;
	pthread_cond_broadcast(&server->work_came);
	pthread_mutex_unlock(&server->work_lock);
	while (server->worker_count > 0)
		pthread_join(server->workers[--server->worker_count], NULL);
}
