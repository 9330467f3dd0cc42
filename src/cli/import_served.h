/* import_served.h - an import while a server runs on DIR: each row goes over its socket as the console's act. Slower than
 * an import of its own (registry/import.h), and without other systems' keys. */
#pragma once
#include "cli/cli.h"
#include "registry/import.h"

struct through;

struct served_import {
	struct cli *cli;
	const struct through *through;
	const struct pack *pack;
	const struct action *action;
	const char *text;
	size_t bytes;
	bool dry_run;
	/* answered; in the run's arena */
	struct import_totals totals;
	struct import_reject *rejects;
	size_t reject_count;
};

/* Every row has a key of its own from the file's digest: what an earlier run did in the last days is answered, not done
 * again. Says itself what is wrong. */
NODISCARD enum error import_served_run(struct served_import *import);
