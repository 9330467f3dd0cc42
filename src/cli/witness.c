/* witness.c - tirkeu witness: a small server of its own that cosigns the checkpoints of the logs it was told
 * (docs/ledger.md 4.2), until SIGTERM or Ctrl-C. Needs no installation. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include "base/log.h"
#include "cli/command.h"
#include "http/problem.h"
#include "http/witness_server.h"

static const char default_listen[] = "127.0.0.1:8090";

/* All vkeys of --log, commas or blanks between. */
static enum error
read_logs(struct cli *cli, struct note_key *logs, size_t *ret_count)
{
	const char *text = cli_option(cli, "log");
	size_t count = 0;

	if (text == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_OPTION_NEEDED, "log", NULL);
	while (*(text += strspn(text, ", \t\n")) != '\0') {
		size_t bytes = strcspn(text, ", \t\n");

		if (count == WITNESS_LOGS_MAX || note_key_parse(text, bytes, &logs[count]) != OK ||
		    logs[count].type != NOTE_LOG)
			return cli_stop(cli, ERR_USAGE, SAY_NO_LOG_KEY, arena_copy(cli->arena, text, bytes), NULL);
		count++;
		text += bytes;
	}
	if (count == 0)
		return cli_stop(cli, ERR_USAGE, SAY_OPTION_NEEDED, "log", NULL);
	*ret_count = count;
	return OK;
}

static enum error
stop_for(struct cli *cli, enum witness_trouble trouble, const char *folder)
{
	switch (trouble) {
	case WITNESS_NO_NAME:
		return cli_stop(cli, ERR_USAGE, SAY_OPTION_NEEDED, "name", NULL);
	case WITNESS_BAD_NAME:
		return cli_stop(cli, ERR_USAGE, SAY_WITNESS_BAD_NAME, cli_option(cli, "name"), NULL);
	case WITNESS_OTHER_NAME:
		return cli_stop(cli, ERR_CONFLICT, SAY_WITNESS_OTHER_NAME, folder, cli_option(cli, "name"));
	case WITNESS_IN_USE:
		return cli_stop(cli, ERR_BUSY, SAY_LOCKED, folder, NULL);
	case WITNESS_KEY_LOST:
		return cli_stop(cli, ERR_DAMAGED, SAY_WITNESS_KEY_LOST, folder, NULL);
	case WITNESS_STATE_LOST:
	case WITNESS_FINE:
	default:
		return cli_stop(cli, ERR_DAMAGED, SAY_WITNESS_STATE_LOST, folder, NULL);
	}
}

static enum error
open_witness(struct cli *cli, struct witness **ret_witness)
{
	struct note_key *logs = arena_array_of(cli->arena, struct note_key, WITNESS_LOGS_MAX);
	const char *folder = cli_word(cli, 0);
	enum witness_trouble trouble = WITNESS_FINE;
	size_t count = 0;

	TRY(read_logs(cli, logs, &count));
	enum error e = witness_open(folder, cli_option(cli, "name"), logs, count, &trouble, ret_witness);
	if (e == ERR_CONFLICT)
		return stop_for(cli, trouble, folder);
	return e == OK ? OK : cli_stop(cli, e, SAY_CANNOT_WRITE, folder, problem_title(e, cli->language));
}

static void
tell_start(struct cli *cli, const struct witness *witness, const struct witness_server *server)
{
	AUTO(strbuf_done) struct strbuf vkey = { 0 };

	note_key_print(witness_key(witness), &vkey);
	cli_note(cli, SAY_WITNESSING, arena_printf(cli->arena, "http://localhost:%d", witness_server_port(server)),
		 vkey.text);
	log_event(LOG_INFO, "started", LOG_TEXT("vkey", vkey.text), LOG_INTEGER("port", witness_server_port(server)));
}

enum error
witness_command(struct cli *cli)
{
	AUTO(witness_close) struct witness *witness = NULL;
	AUTO(witness_server_stop) struct witness_server *server = NULL;
	const char *listen = cli_option(cli, "listen") == NULL ? default_listen : cli_option(cli, "listen");
	sigset_t signals;
	int which = 0;

	/* The server's threads inherit this, so that the signals come to sigwait below. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	TRY(open_witness(cli, &witness));
	enum error e = witness_server_start(witness, listen, &server);
	if (e != OK)
		return cli_stop(cli, e, SAY_CANNOT_START, listen,
				e == ERR_USAGE ? say_text(cli, SAY_ADDRESS_FORM, NULL, NULL) : strerror(errno));
	tell_start(cli, witness, server);
	while (sigwait(&signals, &which) == EINTR)
		continue;
	log_event(LOG_INFO, "stopping", LOG_INTEGER("signal", which));
	cli_note(cli, SAY_STOPPED, NULL, NULL);
	return OK;
}
