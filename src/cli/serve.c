/* serve.c - tirkeu serve: the server until SIGTERM or Ctrl-C. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include "base/log.h"
#include "cli/command.h"
#include "cli/open.h"
#include "http/listen.h"
#include "http/problem.h"
#include "http/server.h"

static enum log_level
level_of(const char *name)
{
	static const char *const names[] = { "debug", "info", "warning", "error" };

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum log_level)i;
	return LOG_INFO;
}

static int
limit_of(const struct settings *settings, enum setting setting)
{
	return (int)settings_integer(settings, setting);
}

static struct server_limits
read_limits(const struct settings *settings)
{
	return (struct server_limits){
		.origin_connections = limit_of(settings, SET_ORIGIN_CONNECTIONS),
		.idle_seconds = limit_of(settings, SET_IDLE_SECONDS),
		.origin_per_second = limit_of(settings, SET_ORIGIN_PER_SECOND),
		.origin_burst = limit_of(settings, SET_ORIGIN_BURST),
		.account_per_second = limit_of(settings, SET_ACCOUNT_PER_SECOND),
		.account_burst = limit_of(settings, SET_ACCOUNT_BURST),
		.strict_per_minute = limit_of(settings, SET_STRICT_PER_MINUTE),
		.strict_burst = limit_of(settings, SET_STRICT_BURST),
	};
}

/* A way of mail without what it needs stops the start, not the first message. */
static enum error
read_mail(struct cli *cli, const struct settings *settings, struct mail_config *ret_mail)
{
	const char *kind = settings_text(settings, SET_MAIL);

	*ret_mail = (struct mail_config){
		.kind = strcmp(kind, "spool") == 0  ? MAIL_SPOOL
			: strcmp(kind, "smtp") == 0 ? MAIL_SMTP
						    : MAIL_NONE,
		.folder = settings_text(settings, SET_MAIL_FOLDER),
		.url = settings_text(settings, SET_MAIL_URL),
		.user = settings_text(settings, SET_MAIL_USER),
		.password_file = settings_text(settings, SET_MAIL_PASSWORD_FILE),
		.from = settings_text(settings, SET_MAIL_FROM),
		.from_name = settings_text(settings, SET_MAIL_FROM_NAME),
		.ca_file = settings_text(settings, SET_MAIL_CA_FILE),
	};
	if (ret_mail->kind == MAIL_SPOOL && ret_mail->folder == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_NO_SERVER_NAME, kind, "mail_folder");
	if (ret_mail->kind == MAIL_SMTP && ret_mail->url == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_NO_SERVER_NAME, kind, "mail_url");
	if (ret_mail->kind != MAIL_NONE && ret_mail->from == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_NO_SERVER_NAME, kind, "mail_from");
	return OK;
}

/* Pairs: URL, vkey. */
static enum error
read_witnesses(struct cli *cli, const struct settings *settings, struct cosigning_config *ret_config)
{
	size_t count = 0;
	const char *const *words = settings_list(settings, cli->arena, SET_WITNESSES, &count);
	const int quorum = limit_of(settings, SET_WITNESS_QUORUM);

	*ret_config = (struct cosigning_config){
		.quorum = quorum,
		.alarm_seconds = limit_of(settings, SET_WITNESS_ALARM_S),
		.retry_seconds = limit_of(settings, SET_TLOG_INTERVAL_S),
	};
	for (size_t i = 0; i < count; i += 2)
		if (i + 1 == count || cosigning_add(ret_config, words[i], words[i + 1]) != OK)
			return cli_stop(cli, ERR_USAGE, SAY_WITNESSES_FORM, words[i], NULL);
	if ((size_t)quorum > ret_config->count)
		return cli_stop(cli, ERR_USAGE, SAY_QUORUM_TOO_LARGE, settings_text(settings, SET_WITNESS_QUORUM),
				arena_printf(cli->arena, "%zu", ret_config->count));
	return OK;
}

static enum error
check_demo(struct cli *cli, const struct installation *installation, const char *listen)
{
	struct listen_address address;

	if (!installation->demo || listen_parse(listen, &address) != OK || listen_is_loopback(&address))
		return OK;
	return cli_stop(cli, ERR_FORBIDDEN, SAY_DEMO_LOOPBACK, listen, NULL);
}

static enum error
make_config(struct cli *cli, const struct installation *installation, struct server_config *ret_config)
{
	const struct settings *settings = &installation->settings;

	*ret_config = (struct server_config){
		.listen = settings_text(settings, SET_LISTEN),
		.metrics_listen = settings_text(settings, SET_METRICS_LISTEN),
		.socket_path = datadir_socket(installation->dir, cli->arena),
		.threads = limit_of(settings, SET_THREADS),
		.base_url = settings_text(settings, SET_BASE_URL),
		.behind_proxy = settings_boolean(settings, SET_BEHIND_PROXY),
		.banner = installation->demo ? say_text(cli, SAY_DEMO_BANNER, NULL, NULL) : NULL,
		.limits = read_limits(settings),
		.tlog_seconds = limit_of(settings, SET_TLOG_INTERVAL_S),
		.index_hours = installation->demo ? 1 : limit_of(settings, SET_STREAM_INDEX_HOURS),
	};
	ret_config->hosts = settings_list(settings, cli->arena, SET_HOSTS, &ret_config->host_count);
	TRY(check_demo(cli, installation, ret_config->listen));
	TRY(read_mail(cli, settings, &ret_config->mail));
	TRY(read_witnesses(cli, settings, &ret_config->witnesses));
	/* Messages of a demo can be read in its folder, since its people have no mailboxes. */
	if (installation->demo && ret_config->mail.kind == MAIL_NONE)
		ret_config->mail =
			(struct mail_config){ .kind = MAIL_SPOOL,
					      .from = "tirkeu@demo.invalid",
					      .folder = datadir_path(installation->dir, cli->arena, "mail") };
	return OK;
}

/* All threads that the server makes inherit this, so that the signals come to sigwait below and nowhere else. */
static sigset_t
hold_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signals;
}

/* `reason` is the system's number when an address is taken or may not be used. */
static const char *
reason_of(struct cli *cli, enum error e, int reason)
{
	if (e == ERR_IO && reason != 0)
		return strerror(reason);
	return e == ERR_USAGE ? say_text(cli, SAY_ADDRESS_FORM, NULL, NULL) : problem_title(e, cli->language);
}

static enum error
serve(struct cli *cli, const struct installation *installation, const sigset_t *signals)
{
	AUTO(server_stop) struct server *server = NULL;
	struct server_config config;
	const char *problem = NULL;
	int which = 0;

	TRY(make_config(cli, installation, &config));
	enum error e = server_start(installation->registry, &config, &problem, &server);
	if (e != OK)
		return cli_stop(cli, e, SAY_CANNOT_START, problem, reason_of(cli, e, errno));
	cli_note(cli, SAY_DURABLE_HERE, NULL, NULL);
	if (installation->demo)
		cli_note(cli, SAY_DEMO_BANNER, NULL, NULL);
	cli_note(cli, SAY_SERVING, server_base_url(server), NULL);
	log_event(LOG_INFO, "started", LOG_TEXT("pack", installation->pack->name),
		  LOG_INTEGER("port", server_port(server)), LOG_INTEGER("metrics_port", server_metrics_port(server)));
	while (sigwait(signals, &which) == EINTR)
		continue;
	cli_note(cli, SAY_STOPPING, NULL, NULL);
	log_event(LOG_INFO, "stopping", LOG_INTEGER("signal", which));
	return OK;
}

enum error
serve_command(struct cli *cli)
{
	AUTO(installation_close) struct installation installation = { 0 };
	sigset_t signals = hold_signals();

	TRY(installation_open(cli, cli_word(cli, 0), &installation));
	log_threshold(level_of(settings_text(&installation.settings, SET_LOG)));
	TRY(serve(cli, &installation, &signals));
	installation_close(&installation);
	cli_note(cli, SAY_STOPPED, NULL, NULL);
	log_event(LOG_INFO, "stopped", LOG_INTEGER("code", 0));
	return OK;
}
