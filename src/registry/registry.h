/* registry.h - the registers at work: one object that holds the pack, the writer, the ledger, accounts and
 * what was compiled from the pack. Knows no HTTP. Safe for several threads but for what is marked. */
#pragma once
#include "access/access.h"
#include "ledger/ledger.h"
#include "ledger/signer.h"
#include "ledger/tlog.h"
#include "pack/input.h"
#include "pack/pack.h"
#include "store/vet.h"
#include "store/writer.h"
#include "text/reference.h"
#include "text/zone.h"

struct registry;

struct registry_config {
	const char *db_path;
	const char *origin; /* the ledger's, when it is made */
	unsigned char reference_key[REFERENCE_KEY_BYTES];
	unsigned char ledger_key[16];
	unsigned char file_key[32]; /* seals uploaded files */
	const struct pack *pack;    /* kept by the caller until registry_close */
	const struct vetted_pack *vetted;
	bool demo; /* the store is a demo: its clock may be moved */
	/* The keys of entries' parts and the journal of those destroyed (docs/ledger.md 6); NULL: parts lie open. */
	const char *data_keys_path, *erasure_path;
	/* The published log; NULL: none is kept. */
	const char *tlog_folder;
	struct signer *signer; /* kept by the caller until registry_close; NULL: */
	enum alarm tlog_alarm; /* why there is none */
};

/* Opens the store that schema_install prepared, loads ledger and sessions, starts the writer. */
NODISCARD enum error registry_open(const struct registry_config *config, struct registry **ret_registry);
void registry_close(struct registry *registry);
DEFINE_AUTO(struct registry, registry_close)

const struct pack *registry_pack(const struct registry *registry);
struct access *registry_access(const struct registry *registry);
struct writer *registry_writer(const struct registry *registry);
const struct zone *registry_zone(const struct registry *registry);
bool registry_is_demo(const struct registry *registry);
/* What ledger_read wants; NULL: parts lie open. */
struct data_keys *registry_data_keys(const struct registry *registry);
/* The published log (docs/ledger.md 4); NULL: none is kept. */
struct tlog *registry_tlog(const struct registry *registry);
/* Publishes what is committed (publisher_run_once): one thread, with a connection for reading of its own. */
NODISCARD enum error registry_publish(struct registry *registry, struct db *db, bool *ret_more);
/* The vkey under which it is signed; "" when there is no signer. */
const char *registry_log_key(const struct registry *registry);
/* A connection for reading: one per thread, opened by the caller with this. */
NODISCARD enum error registry_reader(const struct registry *registry, struct db **ret_db);

/* The system's time, moved by the demo clock. */
int64_t registry_now(const struct registry *registry);
int64_t registry_today(const struct registry *registry, int64_t now);
/* What input.h needs, for a request in `arena`. */
struct input_context registry_input(const struct registry *registry, struct arena *arena, int64_t now);
/* The same where records are at hand: references to one of several registers get the prefix of the record's own. */
struct input_context registry_input_of(struct registry *registry, struct db *db, struct arena *arena, int64_t now);
/* "ST-7K3M-9QXD5" in `arena`; "" for 0. */
const char *registry_reference(const struct registry *registry, const struct reg *reg, struct arena *arena, int64_t id);
/* A reference of this register (of any, when `reg` is NULL: *ret_reg tells). ERR_NOT_FOUND. */
NODISCARD enum error registry_parse_reference(const struct registry *registry, const struct reg *reg, const char *text,
					      const struct reg **ret_reg, int64_t *ret_id);
/* The register of a party's record id; NULL when there is no such party. */
const struct reg *registry_party_reg(struct registry *registry, struct db *db, int64_t party);

struct registry_counts {
	uint64_t acts, refusals, guards, conflicts, forbidden, dry_runs, lookups, searches, clock_runs, clock_dropped;
	uint64_t ledger_size;
};
void registry_count(struct registry *registry, struct registry_counts *ret_counts);
/* Records that can be searched by name, and the memory their names take. May wait for a search. */
void registry_count_names(struct registry *registry, uint64_t *ret_records, uint64_t *ret_bytes);
