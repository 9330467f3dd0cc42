/* through.h - commands that speak to a server over DIR/run/socket, by the same routes as everyone: with the session of
 * `tirkeu login`, or as the console. Says itself what is wrong. */
#pragma once
#include "cli/open.h"
#include "http/client.h"
#include "text/node.h"

struct server;

struct through {
	struct datadir *dir;
	const char *token; /* NULL: the console */
	const char *path;  /* DIR as it was given */
	/* A server of our own, when none was running. */
	struct installation own;
	struct server *server;
};
void through_close(struct through *through);
DEFINE_AUTO_DONE(struct through, through_close)

/* To the running server, with this user's session. ERR_NOT_FOUND, ERR_SIGN_IN. */
NODISCARD enum error through_open(struct cli *cli, const char *path, struct through *ret_through);
/* To the running server without a session. */
NODISCARD enum error through_open_nobody(struct cli *cli, const char *path, struct through *ret_through);
/* As the console: to the running server, else to one of our own on the socket alone, under DIR/lock. */
NODISCARD enum error through_open_console(struct cli *cli, const char *path, struct through *ret_through);

struct through_call {
	const char *method;
	const char *path;  /* without ?lang=… */
	const char *query; /* "dry_run=true"; NULL */
	const char *body;
	const char *headers[CLIENT_HEADERS_MAX - 1];
	const char *account; /* whose absence 404 would mean; NULL: of nobody */
};
/* ret_answer in the run's arena; NULL for an answer without a body. What the server refuses is said. */
NODISCARD enum error through_run(struct cli *cli, const struct through *through, const struct through_call *call,
				 const struct node **ret_answer);

/* The answer as people read it: `name: value` lines; with --json as JSON. */
void through_print(struct cli *cli, const struct node *answer);
/* One piece of a path, %-encoded. In the arena. */
const char *through_encode(struct cli *cli, const char *text);
