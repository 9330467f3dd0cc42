/* load.c - a load generator for HTTP/1.1: one thread, epoll, N connections that are kept open.
 *
 * Closed loop: each connection sends its next request when the last was answered. Open loop (--rate): requests are due
 * at fixed instants whether the server keeps up or not, and how long one took counts from when it was due, so a
 * server that stalls cannot hide the requests that would have come meanwhile (coordinated omission).
 *
 * Each row is sent once, in order (--again begins anew at the end); with --key the n-th row of the file always has
 * the same Idempotency-Key, so a second run over the same rows repeats the same requests. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "answer.h"
#include "histogram.h"
#include "rows.h"

enum { CONNECTIONS_MAX = 4096, SEND_BYTES = 16 * 1024, RECEIVE_BYTES = 256 * 1024, STATUS_MAX = 600 };

struct options {
	const char *address, *get, *rows, *key, *journal, *name;
	unsigned port, connections;
	uint64_t requests, skip; /* requests 0: as many as there are rows */
	double seconds, rate;    /* rate 0: closed loop */
	pid_t pid;
	bool again, json;
};

struct connection {
	int fd; /* -1: given up */
	bool busy;
	uint64_t row, due_ns;
	char *in;
	size_t in_bytes;
};

struct load {
	struct options options;
	struct rows rows;
	struct connection *connections;
	unsigned open_count, busy_count;
	uint64_t next, end; /* rows to send, counted on past the file's end with --again */
	uint64_t answered, broken, sent, replayed;
	uint64_t statuses[STATUS_MAX];
	uint64_t begin_ns, stop_ns, end_ns;
	int epoll;
	FILE *journal;
	struct histogram histogram;
};

static void __attribute__((format(printf, 1, 2), noreturn)) stop(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("load: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(2);
}

static uint64_t
now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* ---- the server's process ---- */

/* CPU seconds of a process, its threads included; 0 when it is gone. Counted by the kernel in hundredths. */
static double
process_cpu(pid_t pid)
{
	char path[64], text[1024];
	unsigned long user = 0, kernel = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = pid > 0 ? fopen(path, "re") : NULL;

	if (file == NULL)
		return 0;
	size_t bytes = fread(text, 1, sizeof(text) - 1, file);

	fclose(file);
	text[bytes] = '\0';
	const char *behind = strrchr(text, ')'); /* the name may hold blanks */

	if (behind == NULL ||
	    sscanf(behind, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
		return 0;
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static double
own_cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* ---- connections ---- */

static bool
connect_one(struct load *load, struct connection *connection)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)load->options.port) };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
	int yes = 1;

	connection->fd = -1;
	if (inet_pton(AF_INET, load->options.address, &address.sin_addr) != 1)
		stop("%s is no IPv4 address", load->options.address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* Blocking while connecting, which on loopback is at once or never. */
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0 ||
	    epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		stop("a connection cannot be set up: %s", strerror(errno));
	connection->fd = fd;
	connection->busy = false;
	connection->in_bytes = 0;
	load->open_count++;
	return true;
}

static void
write_journal(struct load *load, uint64_t row, const struct answer *answer)
{
	if (load->journal == NULL)
		return;
	fprintf(load->journal, "%llu\t%d\t%d\t", (unsigned long long)row, answer == NULL ? 0 : answer->status,
		answer != NULL && answer->replayed);
	if (answer != NULL)
		fwrite(answer->body, 1, answer->body_bytes, load->journal);
	fputc('\n', load->journal);
}

/* The server ended it, or died: the request under way has no answer. Opened again at once; when nobody listens any
 * more the connection is given up. */
static void
connection_lost(struct load *load, struct connection *connection)
{
	close(connection->fd);
	load->open_count--;
	if (connection->busy) {
		connection->busy = false;
		load->busy_count--;
		load->broken++;
		write_journal(load, connection->row, NULL);
	}
	if (load->broken > 64 * load->options.connections)
		stop("the server ends every connection");
	connect_one(load, connection);
}

static size_t
print_request(const struct load *load, uint64_t number, char out[static SEND_BYTES])
{
	const struct row *row = &load->rows.items[number % load->rows.count];
	char token[512] = "", key[128] = "", length[128] = "";

	if (row->token.bytes > 0)
		snprintf(token, sizeof(token), "Authorization: Bearer %.*s\r\n", (int)row->token.bytes,
			 row->token.text);
	if (load->options.key != NULL)
		snprintf(key, sizeof(key), "Idempotency-Key: %s-%010llu\r\n", load->options.key,
			 (unsigned long long)number);
	if (row->body.bytes > 0)
		snprintf(length, sizeof(length), "Content-Type: application/json\r\nContent-Length: %zu\r\n",
			 row->body.bytes);
	int bytes =
		snprintf(out, SEND_BYTES, "%.*s %.*s HTTP/1.1\r\nHost: %s:%u\r\n%s%s%s\r\n%.*s", (int)row->method.bytes,
			 row->method.text, (int)row->path.bytes, row->path.text, load->options.address,
			 load->options.port, token, key, length, (int)row->body.bytes, row->body.text);

	if (bytes >= SEND_BYTES)
		stop("row %llu is longer than %d bytes", (unsigned long long)number + 1, SEND_BYTES);
	return (size_t)bytes;
}

/* One request is smaller than the socket's buffer, which is empty: it goes at once and whole. */
static void
send_next(struct load *load, struct connection *connection, uint64_t due_ns)
{
	char out[SEND_BYTES];

	connection->row = load->next++;
	connection->due_ns = due_ns;
	connection->busy = true;
	load->busy_count++;
	load->sent++;
	size_t bytes = print_request(load, connection->row, out);

	if (send(connection->fd, out, bytes, MSG_NOSIGNAL) != (ssize_t)bytes)
		connection_lost(load, connection);
}

static void
take_answer(struct load *load, struct connection *connection, const struct answer *answer)
{
	histogram_add(&load->histogram, (now_ns() - connection->due_ns) / 1000);
	load->statuses[answer->status]++;
	load->answered++;
	load->replayed += answer->replayed;
	write_journal(load, connection->row, answer);
	connection->busy = false;
	connection->in_bytes = 0;
	load->busy_count--;
	if (answer->closes)
		connection_lost(load, connection);
}

static void
receive(struct load *load, struct connection *connection)
{
	struct answer answer;

	if (connection->in_bytes == RECEIVE_BYTES)
		stop("an answer is longer than %d bytes", RECEIVE_BYTES);
	ssize_t got = recv(connection->fd, connection->in + connection->in_bytes, RECEIVE_BYTES - connection->in_bytes,
			   MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		connection_lost(load, connection);
		return;
	}
	connection->in_bytes += (size_t)got;
	switch (answer_parse(connection->in, connection->in_bytes, &answer)) {
	case ANSWER_WHOLE:
		take_answer(load, connection, &answer);
		break;
	case ANSWER_BROKEN:
		stop("this is no answer: %.*s", (int)(connection->in_bytes < 200 ? connection->in_bytes : 200),
		     connection->in);
	case ANSWER_PART:
		break;
	}
}

/* ---- the loop ---- */

static bool
may_send(const struct load *load)
{
	return load->next < load->end && now_ns() < load->stop_ns;
}

static uint64_t
due_of(const struct load *load, uint64_t number)
{
	return load->begin_ns + (uint64_t)((double)(number - load->options.skip) * 1e9 / load->options.rate);
}

/* Hands what is due to the connections that are free. */
static void
send_due(struct load *load)
{
	bool open_loop = load->options.rate > 0;

	for (unsigned i = 0; i < load->options.connections && may_send(load); i++) {
		struct connection *connection = &load->connections[i];
		uint64_t now = now_ns(), due = open_loop ? due_of(load, load->next) : now;

		if (due > now)
			return;
		if (connection->fd >= 0 && !connection->busy)
			send_next(load, connection, due);
	}
}

/* Until something is answered, and in the open loop until the next request is due when a connection is free. */
static struct timespec
wait_time(const struct load *load)
{
	uint64_t wait_ns = 100000000;

	if (load->options.rate > 0 && load->busy_count < load->open_count && load->next < load->end) {
		uint64_t now = now_ns(), due = due_of(load, load->next);

		wait_ns = due <= now ? 0 : due - now < wait_ns ? due - now : wait_ns;
	}
	return (struct timespec){ .tv_nsec = (long)wait_ns };
}

static void
run(struct load *load)
{
	struct epoll_event events[256];
	uint64_t patience_ns = 30000000000;

	while (load->open_count > 0 && (load->busy_count > 0 || may_send(load))) {
		send_due(load);
		struct timespec wait = wait_time(load);
		int count = epoll_pwait2(load->epoll, events, 256, &wait, NULL);

		for (int i = 0; i < count; i++) {
			struct connection *connection = events[i].data.ptr;

			receive(load, connection);
			/* In the closed loop the next request leaves at once, before the other answers are read. */
			if (load->options.rate <= 0 && connection->fd >= 0 && !connection->busy && may_send(load))
				send_next(load, connection, now_ns());
		}
		if (now_ns() > load->stop_ns && now_ns() - load->stop_ns > patience_ns)
			stop("%u requests were not answered within 30 s", load->busy_count);
	}
	load->end_ns = now_ns();
}

/* ---- the report ---- */

static double
ms(const struct load *load, double share)
{
	return (double)histogram_quantile(&load->histogram, share) / 1e3;
}

struct report {
	double seconds, per_second, server_us, own_us;
};

static void
print_statuses(const struct load *load, bool json)
{
	const char *before = "";

	for (int i = 0; i < STATUS_MAX; i++) {
		if (load->statuses[i] == 0)
			continue;
		printf(json ? "%s\"%d\":%llu" : "%s%d: %llu", before, i, (unsigned long long)load->statuses[i]);
		before = json ? "," : ", ";
	}
}

static void
print_json(const struct load *load, const struct report *report)
{
	printf("{\"name\":\"%s\",\"connections\":%u,\"rate\":%.0f,\"answered\":%llu,\"broken\":%llu,\"replayed\":%llu,"
	       "\"seconds\":%.3f,",
	       load->options.name, load->options.connections, load->options.rate, (unsigned long long)load->answered,
	       (unsigned long long)load->broken, (unsigned long long)load->replayed, report->seconds);
	printf("\"per_second\":%.0f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f,",
	       report->per_second, ms(load, 0.5), ms(load, 0.9), ms(load, 0.99), ms(load, 0.999), ms(load, 1));
	printf("\"server_cpu_us\":%.1f,\"load_cpu_us\":%.1f,\"statuses\":{", report->server_us, report->own_us);
	print_statuses(load, true);
	puts("}}");
}

static void
print_plain(const struct load *load, const struct report *report)
{
	printf("%s: %llu answers in %.2f s, %.0f/s, p50 %.2f p90 %.2f p99 %.2f p99.9 %.2f max %.2f ms; ",
	       load->options.name, (unsigned long long)load->answered, report->seconds, report->per_second,
	       ms(load, 0.5), ms(load, 0.9), ms(load, 0.99), ms(load, 0.999), ms(load, 1));
	if (load->options.pid > 0)
		printf("server CPU %.1f us each; ", report->server_us);
	printf("own CPU %.1f us each; ", report->own_us);
	print_statuses(load, false);
	printf(", no answer: %llu\n", (unsigned long long)load->broken);
}

/* ---- the command line ---- */

static const char usage[] =
	"usage: load [OPTION ...] (--get PATH | --rows FILE)\n"
	"  --to ADDRESS:PORT   where the server listens (127.0.0.1:8080)\n"
	"  --connections N     how many are open at once (64)\n"
	"  --requests N        at most so many; with --get and without --seconds 100000\n"
	"  --seconds S         at most so long\n"
	"  --rate R            open loop: R requests a second, whether answered or not\n"
	"  --skip N            begin behind the first N rows\n"
	"  --again             begin anew when the rows end\n"
	"  --key PREFIX        an Idempotency-Key for each row, the same one every time\n"
	"  --journal FILE      append ROW, STATUS, REPLAYED, BODY of each answer; status 0: the connection broke\n"
	"  --pid PID           of the server, to count its CPU\n"
	"  --name TEXT         what the report calls this\n"
	"  --json              report in JSON\n";

static void
read_address(struct options *options, char *text)
{
	char *colon = strrchr(text, ':');

	if (colon == NULL)
		stop("%s is not ADDRESS:PORT", text);
	*colon = '\0';
	options->address = text;
	options->port = (unsigned)strtoul(colon + 1, NULL, 10);
}

static const struct option long_options[] = {
	{ "to", 1, NULL, 't' },      { "connections", 1, NULL, 'c' }, { "requests", 1, NULL, 'n' },
	{ "seconds", 1, NULL, 's' }, { "rate", 1, NULL, 'r' },        { "skip", 1, NULL, 'k' },
	{ "again", 0, NULL, 'a' },   { "key", 1, NULL, 'K' },         { "journal", 1, NULL, 'j' },
	{ "pid", 1, NULL, 'p' },     { "name", 1, NULL, 'N' },        { "json", 0, NULL, 'J' },
	{ "get", 1, NULL, 'g' },     { "rows", 1, NULL, 'R' },        { NULL, 0, NULL, 0 },
};

static void
read_option(struct options *options, int option)
{
	switch (option) {
	case 't':
		read_address(options, optarg);
		break;
	case 'c':
		options->connections = (unsigned)strtoul(optarg, NULL, 10);
		break;
	case 'n':
		options->requests = strtoull(optarg, NULL, 10);
		break;
	case 's':
		options->seconds = strtod(optarg, NULL);
		break;
	case 'r':
		options->rate = strtod(optarg, NULL);
		break;
	case 'k':
		options->skip = strtoull(optarg, NULL, 10);
		break;
	case 'a':
		options->again = true;
		break;
	case 'K':
		options->key = optarg;
		break;
	case 'j':
		options->journal = optarg;
		break;
	case 'p':
		options->pid = (pid_t)strtol(optarg, NULL, 10);
		break;
	case 'N':
		options->name = optarg;
		break;
	case 'J':
		options->json = true;
		break;
	case 'g':
		options->get = optarg;
		break;
	case 'R':
		options->rows = optarg;
		break;
	default:
		fputs(usage, stderr);
		exit(2);
	}
}

static struct options
read_options(int argc, char **argv)
{
	struct options options = { .address = "127.0.0.1", .port = 8080, .connections = 64, .name = "load" };
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		read_option(&options, option);
	if (optind != argc || (options.get == NULL) == (options.rows == NULL) || options.connections == 0 ||
	    options.connections > CONNECTIONS_MAX) {
		fputs(usage, stderr);
		exit(2);
	}
	options.again = options.again || options.get != NULL;
	if (options.again && options.requests == 0)
		options.requests = options.seconds > 0 ? UINT64_MAX / 2 : 100000;
	return options;
}

static void
open_load(struct load *load)
{
	const struct options *options = &load->options;

	if (options->get != NULL)
		rows_of_get(options->get, &load->rows);
	else
		rows_open(options->rows, &load->rows);
	load->next = options->skip;
	load->end = options->requests > 0 ? options->skip + options->requests : load->rows.count;
	if (!options->again && load->end > load->rows.count)
		load->end = load->rows.count;
	load->journal = options->journal == NULL ? NULL : fopen(options->journal, "ae");
	if (options->journal != NULL && load->journal == NULL)
		stop("%s cannot be written: %s", options->journal, strerror(errno));
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	load->connections = calloc(options->connections, sizeof(struct connection));
	for (unsigned i = 0; i < options->connections; i++) {
		load->connections[i].in = malloc(RECEIVE_BYTES);
		if (!connect_one(load, &load->connections[i]))
			stop("%s:%u: %s", options->address, options->port, strerror(errno));
	}
}

/* 0: every request was answered; 3: not all, the server went away. */
int
main(int argc, char **argv)
{
	static struct load load;

	load.options = read_options(argc, argv);
	open_load(&load);
	double server = process_cpu(load.options.pid), own = own_cpu();

	load.begin_ns = now_ns();
	load.stop_ns = load.options.seconds > 0 ? load.begin_ns + (uint64_t)(load.options.seconds * 1e9) : UINT64_MAX;
	run(&load);
	double each = load.answered == 0 ? 0 : 1e6 / (double)load.answered;
	struct report report = { .seconds = (double)(load.end_ns - load.begin_ns) / 1e9,
				 .server_us = (process_cpu(load.options.pid) - server) * each,
				 .own_us = (own_cpu() - own) * each };

	report.per_second = (double)load.answered / report.seconds;
	if (load.options.json)
		print_json(&load, &report);
	else
		print_plain(&load, &report);
	if (load.journal != NULL && fclose(load.journal) != 0)
		stop("%s: %s", load.options.journal, strerror(errno));
	return load.broken > 0 || load.open_count == 0 ? 3 : 0;
}
