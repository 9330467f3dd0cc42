/* open.h - an installation at work under its lock: folder, settings, pack, registry. The one way in which commands
 * come to a registry. Says itself what is wrong. */
#pragma once
#include "cli/cli.h"
#include "cli/datadir.h"
#include "cli/settings.h"
#include "registry/law.h"

/* A store whose ledger has this origin is a demo, for ever. */
#define DEMO_ORIGIN "demo.invalid"

struct installation {
	struct datadir *dir;
	struct settings settings;
	struct pack *pack;
	struct vetted_pack *vetted;
	struct signer *signer; /* NULL: the published log has an alarm that says why */
	struct registry *registry;
	const char *origin; /* the ledger's */
	bool demo;
	bool settled; /* opening it settled a new edition; `totals`: what its law found */
	struct law_totals totals;
};
/* Closes what is open; takes half-open ones. */
void installation_close(struct installation *installation);
DEFINE_AUTO_DONE(struct installation, installation_close)
DEFINE_AUTO_DONE(struct pack_report, pack_report_done)

/* Prints what was found in a pack as `file:line: error: text`, with --json as a list; with `warnings` also when `e` is
 * OK. Returns `e`. */
enum error open_tell_report(struct cli *cli, enum error e, const struct pack_report *report, bool warnings);
/* Loads and vets a pack; faults are printed as `file:line: error: text`. `ret_vetted` may be NULL: then it is not
 * vetted (it was when it was installed). */
NODISCARD enum error open_pack(struct cli *cli, const char *folder, struct pack **ret_pack,
			       struct vetted_pack **ret_vetted);
/* The folder of DIR, not locked. */
NODISCARD enum error open_datadir(struct cli *cli, const char *path, struct datadir **ret_dir);
/* The same, locked. */
NODISCARD enum error open_locked(struct cli *cli, const char *path, struct datadir **ret_dir);
/* The pack that a store uses, from its copy in DIR/pack. */
NODISCARD enum error open_installed_pack(struct cli *cli, const struct datadir *dir, struct pack **ret_pack,
					 struct vetted_pack **ret_vetted);
/* DIR/settings.yaml, then the options of this run. */
NODISCARD enum error open_settings(struct cli *cli, const struct datadir *dir, struct settings *ret_settings);
/* The origin of the store's ledger, in the arena. */
/* *ret_keys NULL: an installation of before has none. Read after the store's state was taken: newer keys harm nothing. */
NODISCARD enum error open_data_keys(struct cli *cli, const struct datadir *dir, struct data_keys **ret_keys);
NODISCARD enum error open_origin(struct cli *cli, const struct datadir *dir, const char **ret_origin);
/* Are DIR's keys those that this store was made with? ERR_DAMAGED: under others its references would read differently. */
NODISCARD enum error open_check_keys(struct cli *cli, const struct datadir *dir, struct db *db);

/* Locks DIR and opens everything; the registry runs. What an installed edition still asks of the data is done first. */
NODISCARD enum error installation_open(struct cli *cli, const char *path, struct installation *ret_installation);
/* With dir, pack, vetted and origin in place, after the tables were changed: the registry, settled. */
NODISCARD enum error installation_start(struct cli *cli, struct installation *installation);
/* A new one from a pack: folders, keys, tables, ledger; open afterwards. `origin`: DEMO_ORIGIN for a demo, which brings
 * its own `keys`; NULL: fresh ones. */
NODISCARD enum error installation_make(struct cli *cli, const char *path, const char *pack_folder, const char *origin,
				       const struct datadir_keys *keys, struct installation *ret_installation);
