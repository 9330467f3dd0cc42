/* server_inside.h - what the files of the server share about it; handlers use request.h and the functions
 * below, not the struct. */
#pragma once
#include <pthread.h>
#include "http/metrics.h"
#include "http/places.h"
#include "http/request.h"
#include "http/server.h"

struct MHD_Daemon;
struct mailer;
struct visitors;

struct server_port {
	struct server *server;
	enum listener listener;
	struct MHD_Daemon *daemon; /* NULL: not listening here */
	int fd;
	int port;
};

struct server_reader {
	struct db *db;
	struct server_reader *next;
};

struct server {
	struct registry *registry;
	struct server_config config;
	struct server_port ports[LISTENER_COUNT];
	bool https;
	char base_url[256];
	struct limiter *limiter;
	struct visitors *visitors;
	struct metrics metrics;
	struct place_index *places;
	/* What was taken and is not yet answered: the stop waits for it. */
	_Atomic int64_t taken;
	_Atomic int64_t open; /* requests between the first byte and the last */
	_Atomic bool stopping;
	/* Reading connections, one a thread. */
	pthread_mutex_t reader_lock;
	struct server_reader *readers;
	uint64_t serial; /* tells servers of one process apart */
	/* Workers for what blocks. */
	pthread_mutex_t work_lock;
	pthread_cond_t work_came;
	struct request *work_first, *work_last;
	size_t work_count;
	bool work_ends;
	pthread_t workers[SERVER_WORKERS];
	size_t worker_count;
	/* Clock, mail and publishing. */
	pthread_mutex_t pause_lock;
	pthread_cond_t pause_ends;
	bool pause_over;
	pthread_t clock_thread, mail_thread, tlog_thread, index_thread;
	bool clock_runs, mail_runs, tlog_runs, index_runs;
	struct mailer *mailer;
	struct cosigning *cosigning; /* NULL: no witnesses */
	/* The accounts whose files are coming or going; 0: a free place. */
	pthread_mutex_t file_lock;
	int64_t file_holders[SERVER_FILES_AT_ONCE];
	/* Documents made once. */
	pthread_mutex_t document_lock;
	char *openapi[LANGUAGE_COUNT];
	size_t openapi_bytes[LANGUAGE_COUNT];
};

/* This thread's reader, opened at its first use. */
NODISCARD enum error server_reader(struct server *server, struct db **ret_db);

/* worker.c */
NODISCARD enum error worker_start(struct server *server);
void worker_stop(struct server *server);
NODISCARD enum error worker_submit(struct request *request);

/* background.c */
NODISCARD enum error background_start(struct server *server);
void background_stop(struct server *server);

/* admit.c: host, rate, session, permission, length, type. */
NODISCARD enum error request_admit(struct request *request);
/* After the body: reads it. */
NODISCARD enum error request_read_body(struct request *request);
/* Fills reply with problem details for `e`. */
void request_problem(struct request *request, enum error e);
/* page_problem.c: the same as a page, for routes with ROUTE_PAGE and whoever wants one. */
void problem_page(struct request *request, enum error e);
