/* server.h - Tirkeu over HTTP: addresses, threads, limits, start and stop. The rules of libmicrohttpd that
 * this file keeps are in its .c. */
#pragma once
#include "http/cosigning.h"
#include "registry/registry.h"

struct server;

/* Named limits; a zero in struct server_limits means the value here. */
enum {
	SERVER_THREADS_MIN = 2,
	SERVER_THREAD_CONNECTIONS = 125, /* below the library's buffer of 128 events */
	SERVER_ORIGIN_CONNECTIONS = 64,
	SERVER_IDLE_SECONDS = 30,
	SERVER_HEAD_SECONDS = 30,
	SERVER_JSON_BYTES = 64 * 1024,
	SERVER_FILE_BYTES = 10 * 1024 * 1024,
	SERVER_FILES_AT_ONCE = 16, /* coming or going: each is held in memory, some 40 MB at the worst */
	SERVER_ACCOUNT_FILES_AT_ONCE = 4,
	SERVER_HEADER_BYTES = 16 * 1024,
	SERVER_WORKERS = 4,
	SERVER_WORKER_QUEUE = 256,
	SERVER_ORIGIN_PER_SECOND = 100,
	SERVER_ORIGIN_BURST = 400,
	SERVER_ACCOUNT_PER_SECOND = 50,
	SERVER_ACCOUNT_BURST = 200,
	SERVER_STRICT_PER_MINUTE = 30, /* sign-in, one-time links */
	SERVER_STRICT_BURST = 15,
	SERVER_LIMITER_KEYS = 65536,
	SERVER_TLOG_SECONDS = 60,
	SERVER_INDEX_HOURS = 24,
	SERVER_STOP_SECONDS = 10, /* how long answers that are being sent may take */
};

struct server_limits {
	int origin_connections; /* from one address; -1: no limit */
	int idle_seconds;
	int head_seconds;                    /* from its first byte to its last; the silence before it not counted */
	int origin_per_second, origin_burst; /* requests; -1: no limit */
	int account_per_second, account_burst;
	int strict_per_minute, strict_burst;
};

enum mail_kind { MAIL_NONE, MAIL_SPOOL, MAIL_SMTP };
struct mail_config {
	enum mail_kind kind;
	const char *folder; /* SPOOL: where .eml files go */
	const char *url;    /* SMTP: smtp://host:port or smtps://host:port */
	const char *user;   /* NULL: no sign-in */
	const char *password_file;
	const char *from;      /* address */
	const char *from_name; /* NULL: none */
	const char *ca_file;   /* NULL: the system's */
};

/* Texts are the caller's until server_stop. */
struct server_config {
	const char *listen;         /* "127.0.0.1:8080", "[::]:8080"; port 0: any; NULL: no TCP */
	const char *metrics_listen; /* NULL: none */
	const char *socket_path;    /* NULL: none; made 0600, removed at the stop */
	int threads;                /* 0: as many as processors, two or more */
	const char *base_url;       /* "https://registers.example"; NULL: http:// and the listening address */
	const char *const *hosts;   /* further names it answers under */
	size_t host_count;
	bool behind_proxy;  /* the sender is the last address of X-Forwarded-For */
	const char *banner; /* of a demo: shown in /api/pack and on pages; NULL: none */
	struct server_limits limits;
	struct mail_config mail;
	int tlog_seconds; /* from one checkpoint to the next; 0: SERVER_TLOG_SECONDS */
	int index_hours;  /* from one stream index to the next; 0: SERVER_INDEX_HOURS */
	struct cosigning_config witnesses;
	bool no_clock; /* tests: no clock thread */
};

/* Listens and answers when it returns. A demo listens on loopback only (ERR_FORBIDDEN). ERR_IO: `problem_text`
 * (static) says which address; ERR_USAGE: an address that cannot be read. */
NODISCARD enum error server_start(struct registry *registry, const struct server_config *config,
				  const char **ret_problem, struct server **ret_server);
/* Takes no more, finishes what was taken, then stops all its threads. The registry must still be open. */
void server_stop(struct server *server);
DEFINE_AUTO(struct server, server_stop)
/* The port of `listen`, of `metrics_listen`. */
int server_port(const struct server *server);
int server_metrics_port(const struct server *server);
const char *server_base_url(const struct server *server);
