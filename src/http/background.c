/* Four threads that nobody asks: the clock runs what is due, the mailer sends what waits, the publisher brings the
 * ledger's new entries under a signed checkpoint, the indexer makes the stream index. */
#include <time.h>
#include "base/day.h"
#include "base/log.h"
#include "http/mail.h"
#include "http/server_inside.h"
#include "registry/clock.h"
#include "registry/indexing.h"
#include "registry/outbox.h"

enum { PAUSE_MS = 500, INDEX_PAUSE_MS = 5000, MAILS_AT_ONCE = 20 };

/* Sleeps, but not past the stop; false: the server stops. */
static bool
pause_for(struct server *server, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&server->pause_lock);
	while (!server->pause_over && pthread_cond_timedwait(&server->pause_ends, &server->pause_lock, &until) == 0)
		continue;
	bool over = server->pause_over;
	pthread_mutex_unlock(&server->pause_lock);
	return !over;
}

static void
run_clock(struct server *server, int64_t now)
{
	uint64_t runs = 0;
	enum error e = clock_run(server->registry, now, &runs);

	server->metrics.clock_runs += runs;
	if (e == OK && runs > 0)
		log_event(LOG_INFO, "clock", LOG_INTEGER("runs", runs));
	if (e != OK) {
		server->metrics.clock_failures++;
		log_event(LOG_ERROR, "clock-failed", LOG_TEXT("error", error_name(e)));
	}
}

static void *
keep_time(void *context)
{
	struct server *server = context;

	do {
		int64_t now = registry_now(server->registry);

		if (clock_next(server->registry, now) <= now)
			run_clock(server, now);
	} while (pause_for(server, PAUSE_MS));
	return NULL;
}

static void
send_one(struct server *server, const struct outbox_mail *mail)
{
	enum error sent = mailer_send(server->mailer, mail->message, mail->address, mail->subject, mail->text);

	if (sent == OK)
		server->metrics.mails_sent++;
	else
		server->metrics.mails_failed++;
	if (sent != OK)
		log_event(LOG_WARNING, "mail-failed", LOG_INTEGER("message", mail->message),
			  LOG_TEXT("error", mailer_trouble(server->mailer)));
	enum error e = outbox_sent(server->registry, mail->message, sent == OK, registry_now(server->registry));
	if (e != OK)
		log_event(LOG_ERROR, "mail-not-noted", LOG_INTEGER("message", mail->message),
			  LOG_TEXT("error", error_name(e)));
}

/* Sends one handful; false: nothing was there, or it could not be read. */
static bool
send_some(struct server *server)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct outbox_mail *mails = NULL;
	size_t count = 0;
	enum error e = outbox_take(server->registry, arena, server->base_url, MAILS_AT_ONCE,
				   registry_now(server->registry), &mails, &count);

	if (e != OK)
		log_event(LOG_ERROR, "outbox-failed", LOG_TEXT("error", error_name(e)));
	for (size_t i = 0; e == OK && i < count; i++)
		send_one(server, &mails[i]);
	return e == OK && count > 0;
}

static void *
send_mail(void *context)
{
	struct server *server = context;

	while (pause_for(server, PAUSE_MS))
		while (outbox_waits(server->registry) && !server->stopping && send_some(server))
			continue;
	return NULL;
}

/* An alarm lasts: it is told once here, and by /healthz and /metrics for as long as the server runs. */
static void
tell_failure(struct server *server, enum error e, bool *told)
{
	enum alarm alarm = tlog_alarm(registry_tlog(server->registry), NULL);

	server->metrics.tlog_failures++;
	if (alarm == ALARM_NONE)
		log_event(LOG_ERROR, "publishing-failed", LOG_TEXT("error", error_name(e)));
	else if (!*told)
		log_event(LOG_ERROR, "publishing-stopped", LOG_TEXT("alarm", alarm_name(alarm)),
			  LOG_TEXT("because", alarm_text(alarm)));
	*told = alarm != ALARM_NONE;
}

/* One step; false: that was all, for now. */
static bool
publish_step(struct server *server, struct db *db, bool *told)
{
	struct tlog *tlog = registry_tlog(server->registry);
	struct checkpoint before = { 0 }, now = { 0 };
	int64_t began_us = monotonic_us();
	bool more = false;

	IGNORE(tlog_published(tlog, &before)); /* then its size is 0 */
	enum error e = registry_publish(server->registry, db, &more);
	if (e != OK)
		tell_failure(server, e, told);
	else if (tlog_published(tlog, &now) && now.size > before.size)
		log_event(LOG_INFO, "published", LOG_INTEGER("size", now.size),
			  LOG_INTEGER("entries", now.size - before.size), LOG_INTEGER("us", monotonic_us() - began_us));
	return more;
}

/* At the start, at each interval, and once more when everything that was acknowledged is in the store. */
static void *
keep_publishing(void *context)
{
	struct server *server = context;
	AUTO(db_close) struct db *db = NULL;
	bool told = false, goes_on = true;

	while (goes_on) {
		enum error e = db == NULL ? registry_reader(server->registry, &db) : OK;
		bool more = e == OK && publish_step(server, db, &told);

		if (e != OK)
			tell_failure(server, e, &told);
		goes_on = pause_for(server, more ? 0 : (int64_t)server->config.tlog_seconds * 1000);
	}
	/* A step, not all: a stop does not wait for a log that is published for the first time. */
	if (db != NULL)
		publish_step(server, db, &told);
	return NULL;
}

/* The stream index: looked for at the start and then now and then, made when it is due. */
static void *
keep_index(void *context)
{
	struct server *server = context;

	do {
		int64_t began_us = monotonic_us();
		bool made = false;
		enum error e = indexing_run(server->registry, registry_now(server->registry),
					    server->config.index_hours, &made);

		if (e != OK)
			log_event(LOG_ERROR, "index-failed", LOG_TEXT("error", error_name(e)));
		else if (made)
			log_event(LOG_INFO, "indexed", LOG_INTEGER("us", monotonic_us() - began_us));
	} while (pause_for(server, INDEX_PAUSE_MS));
	return NULL;
}

static enum error
start_publishing(struct server *server)
{
	if (registry_tlog(server->registry) == NULL)
		return OK;
	if (pthread_create(&server->tlog_thread, NULL, keep_publishing, server) != 0)
		return ERR_NO_MEMORY;
	server->tlog_runs = true;
	if (pthread_create(&server->index_thread, NULL, keep_index, server) != 0)
		return ERR_NO_MEMORY;
	server->index_runs = true;
	if (server->config.witnesses.count == 0)
		return OK;
	return cosigning_start(&server->config.witnesses, registry_tlog(server->registry), &server->cosigning);
}

enum error
background_start(struct server *server)
{
	TRY(start_publishing(server));
	if (!server->config.no_clock) {
		if (pthread_create(&server->clock_thread, NULL, keep_time, server) != 0)
			return ERR_NO_MEMORY;
		server->clock_runs = true;
	}
	if (server->config.mail.kind == MAIL_NONE)
		return OK;
	TRY(mailer_new(&server->config.mail, server->base_url, &server->mailer));
	if (pthread_create(&server->mail_thread, NULL, send_mail, server) != 0)
		return ERR_NO_MEMORY;
	server->mail_runs = true;
	return OK;
}

void
background_stop(struct server *server)
{
	pthread_mutex_lock(&server->pause_lock);
	server->pause_over = true;
	pthread_cond_broadcast(&server->pause_ends);
	pthread_mutex_unlock(&server->pause_lock);
	if (server->clock_runs)
		pthread_join(server->clock_thread, NULL);
	if (server->mail_runs)
		pthread_join(server->mail_thread, NULL);
	if (server->index_runs)
		pthread_join(server->index_thread, NULL);
	if (server->tlog_runs)
		pthread_join(server->tlog_thread, NULL);
	cosigning_stop(server->cosigning);
	mailer_free(server->mailer);
}
