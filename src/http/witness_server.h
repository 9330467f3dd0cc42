/* witness_server.h - a witness that anyone can run, over HTTP (docs/ledger.md 4.2): POST /add-checkpoint, and GET /vkey
 * for who wants to trust it. No registry, no store, no accounts: what it is sent is signed by the log or refused. TLS is
 * for a proxy before it. */
#pragma once
#include "ledger/witness_file.h"

enum {
	WITNESS_SERVER_THREADS = 2,
	WITNESS_SERVER_CONNECTIONS = 240,
	WITNESS_SERVER_ORIGIN_CONNECTIONS = 64,
	WITNESS_SERVER_IDLE_SECONDS = 30,
	WITNESS_SERVER_BODY_SECONDS = 60,
};

struct witness_server;
/* Answers when it returns; `witness` outlives it. ERR_USAGE: `listen` is no address; ERR_IO: it cannot be had. */
NODISCARD enum error witness_server_start(struct witness *witness, const char *listen,
					  struct witness_server **ret_server);
void witness_server_stop(struct witness_server *server);
DEFINE_AUTO(struct witness_server, witness_server_stop)
int witness_server_port(const struct witness_server *server);
