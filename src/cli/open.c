#include "cli/open.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/random.h"
#include "cli/command.h"
#include "http/problem.h"
#include "registry/edition.h"
#include "store/schema.h"
#include "text/json.h"

void
installation_close(struct installation *installation)
{
	registry_close(installation->registry);
	signer_close(installation->signer);
	vetted_pack_free(installation->vetted);
	pack_free(installation->pack);
	datadir_close(installation->dir);
	*installation = (struct installation){ 0 };
}

/* ---- packs ---- */

/* `law/sale.sql:3: error: text`, as editors and people know it. */
static void
print_faults(struct cli *cli, const struct pack_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct pack_fault *fault = &report->faults[i];
		const char *severity = fault->severity == SEVERITY_ERROR ? "error" : "warning";

		if (fault->line > 0)
			cli_print(cli, "%s:%d: %s: %s\n", fault->file, fault->line, severity, fault->text);
		else
			cli_print(cli, "%s: %s: %s\n", fault->file == NULL ? "pack" : fault->file, severity,
				  fault->text);
	}
}

static void
print_faults_json(struct cli *cli, const struct pack_report *report)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_list(&json);
	for (size_t i = 0; i < report->count; i++) {
		json_open_map(&json);
		json_field_text(&json, "file", report->faults[i].file);
		json_field_integer(&json, "line", report->faults[i].line);
		json_field_text(&json, "severity", report->faults[i].severity == SEVERITY_ERROR ? "error" : "warning");
		json_field_text(&json, "text", report->faults[i].text);
		json_close_map(&json);
	}
	json_close_list(&json);
	cli_print_json(cli, &out);
}

/* Warnings are shown by `pack check` alone. */
enum error
open_tell_report(struct cli *cli, enum error e, const struct pack_report *report, bool warnings)
{
	char count[24];

	if (e == OK && !warnings)
		return OK;
	if (cli->json) {
		print_faults_json(cli, report);
		cli->said = true;
		return e;
	}
	print_faults(cli, report);
	if (e == OK)
		return OK;
	snprintf(count, sizeof(count), "%zu", report->error_count);
	return report->error_count == 0 ? e : cli_stop(cli, e, SAY_PACK_FAULTS, count, NULL);
}

enum error
open_pack(struct cli *cli, const char *folder, struct pack **ret_pack, struct vetted_pack **ret_vetted)
{
	AUTO(pack_report_done) struct pack_report report = { 0 };
	AUTO(pack_free) struct pack *pack = NULL;
	AUTO(vetted_pack_free) struct vetted_pack *vetted = NULL;

	pack_report_init(&report);
	enum error e = pack_load(folder, &report, &pack);
	if (e == OK && ret_vetted != NULL)
		e = vet_pack(pack, &report, &vetted);
	if (e == ERR_IO && report.count == 0)
		return cli_stop(cli, e, SAY_CANNOT_READ, folder, strerror(errno));
	TRY(open_tell_report(cli, e, &report, cli->command != NULL && cli->command->run == pack_check_command));
	*ret_pack = TAKE(pack);
	if (ret_vetted != NULL)
		*ret_vetted = TAKE(vetted);
	return OK;
}

/* ---- what lies in DIR ---- */

enum error
open_datadir(struct cli *cli, const char *path, struct datadir **ret_dir)
{
	enum error e = datadir_open(path, ret_dir);

	if (e == ERR_NOT_FOUND) {
		/* A disk that is not mounted is no reason to make a new store. */
		bool has_keys = access(arena_printf(cli->arena, "%s/keys/reference.key", path), F_OK) == 0;

		return cli_stop(cli, e, has_keys ? SAY_STORE_GONE : SAY_NO_STORE, path, NULL);
	}
	return e == OK ? OK : cli_stop(cli, e, SAY_CANNOT_READ, path, strerror(errno));
}

static enum error
lock_datadir(struct cli *cli, const char *path, struct datadir *dir)
{
	enum error e = datadir_lock(dir);

	if (e == ERR_BUSY)
		return cli_stop(cli, e, SAY_LOCKED, path, NULL);
	return e == OK ? OK : cli_stop(cli, e, SAY_CANNOT_WRITE, path, strerror(errno));
}

enum error
open_locked(struct cli *cli, const char *path, struct datadir **ret_dir)
{
	AUTO(datadir_close) struct datadir *dir = NULL;

	TRY(open_datadir(cli, path, &dir));
	TRY(lock_datadir(cli, path, dir));
	*ret_dir = TAKE(dir);
	return OK;
}

static enum error
open_reader(struct cli *cli, const struct datadir *dir, struct db **ret_db)
{
	const char *path = datadir_store(dir, cli->arena);
	enum error e = db_open(path, DB_READ, ret_db);

	return e == OK ? OK : cli_stop(cli, e, SAY_CANNOT_READ, path, problem_title(e, cli->language));
}

enum error
open_data_keys(struct cli *cli, const struct datadir *dir, struct data_keys **ret_keys)
{
	const char *path = datadir_path(dir, cli->arena, "keys/data.keys");
	enum error e = data_keys_open(path, ret_keys);

	if (e != ERR_NOT_FOUND)
		return e == OK ? OK : cli_stop(cli, e, SAY_CANNOT_READ, path, problem_title(e, cli->language));
	*ret_keys = NULL;
	return OK;
}

enum error
open_origin(struct cli *cli, const struct datadir *dir, const char **ret_origin)
{
	AUTO(db_close) struct db *db = NULL;

	TRY(open_reader(cli, dir, &db));
	AUTO(query_free) struct query *query = db_query(db, "SELECT value FROM meta WHERE key = 'origin'");
	enum error e = query_one(query);

	if (e != OK)
		return cli_stop(cli, ERR_DAMAGED, SAY_CANNOT_READ, datadir_store(dir, cli->arena),
				problem_title(ERR_DAMAGED, cli->language));
	*ret_origin = arena_text(cli->arena, column_text(query, 0));
	return OK;
}

enum error
open_installed_pack(struct cli *cli, const struct datadir *dir, struct pack **ret_pack, struct vetted_pack **ret_vetted)
{
	AUTO(db_close) struct db *db = NULL;
	const char *name = NULL;
	unsigned char digest[32];
	int64_t edition = 0;

	TRY(open_reader(cli, dir, &db));
	enum error e = schema_installed(db, cli->arena, &name, &edition, digest);
	if (e != OK)
		return cli_stop(cli, e, SAY_CANNOT_READ, datadir_store(dir, cli->arena),
				problem_title(e, cli->language));
	const char *folder = datadir_pack(dir, cli->arena, digest);

	TRY(open_pack(cli, folder, ret_pack, ret_vetted));
	/* Somebody changed the copy: what is in the store was not made for that. */
	if (memcmp((*ret_pack)->digest, digest, sizeof(digest)) != 0)
		return cli_stop(cli, ERR_DAMAGED, SAY_PACK_COPY, dir->path, NULL);
	return OK;
}

enum error
open_settings(struct cli *cli, const struct datadir *dir, struct settings *ret_settings)
{
	const char *path = datadir_path(dir, cli->arena, "settings.yaml");
	struct problem problem;

	problem_init(&problem, cli->arena);
	settings_init(ret_settings);
	enum error e = settings_read(ret_settings, cli->arena, path, &problem);
	bool in_file = e == ERR_BAD_INPUT;

	for (size_t i = 0; i < cli->setting_count; i++) {
		const struct given_setting *given = &cli->settings[i];

		if (settings_set(ret_settings, cli->arena, given->name, given->value, 0, &problem) != OK && e == OK)
			e = ERR_USAGE;
	}
	if (e == ERR_IO)
		return cli_stop(cli, e, SAY_CANNOT_READ, path, strerror(errno));
	if (e == OK)
		return OK;
	e = cli_problem(cli, e, &problem, NULL);
	if (in_file)
		cli_note(cli, SAY_SETTINGS_WRONG, path, NULL);
	return e;
}

/* ---- at work ---- */

/* What tells a pair of key and store: a reference that no record bears. "" when there is no key. */
static const char *
key_sign(struct cli *cli, const struct datadir *dir)
{
	struct datadir_keys keys;
	char text[REFERENCE_BYTES_MAX];

	if (datadir_keys(dir, &keys) != OK)
		return "";
	struct reference_key *key = reference_key_new(keys.reference);

	reference_print(key, "ZZ", 1, text);
	reference_key_free(key);
	explicit_bzero(&keys, sizeof(keys));
	return arena_text(cli->arena, text);
}

enum error
open_check_keys(struct cli *cli, const struct datadir *dir, struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "SELECT value FROM meta WHERE key = 'key_sign'");
	enum error e = query_one(query);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : cli_problem(cli, e, NULL, NULL);
	if (strcmp(column_text(query, 0), key_sign(cli, dir)) == 0)
		return OK;
	return cli_stop(cli, ERR_DAMAGED, SAY_OTHER_KEYS, datadir_path(dir, cli->arena, "keys"), NULL);
}

/* Without its key the log is not published, and the registers work on: the alarm says why. An installation that is
 * older than this gets one now; the state is written first, so that a crash in between begins again. */
static enum alarm
open_signer(struct cli *cli, struct installation *installation, struct datadir_keys *keys, const char *tlog_folder)
{
	struct signer_config config = { .origin = installation->origin,
					.seed = keys->log,
					.state_path = datadir_path(installation->dir, cli->arena, "once/signer"),
					.folder = tlog_folder };
	enum alarm alarm = ALARM_NONE;

	if (!keys->has_log) {
		random_bytes(keys->log, sizeof(keys->log));
		if (signer_file_begin(&config) != OK || datadir_add_log_key(installation->dir, keys->log) != OK)
			config.seed = NULL;
	}
	if (signer_file_open(&config, &alarm, &installation->signer) == OK)
		return ALARM_NONE;
	return alarm;
}

static enum error
open_registry(struct cli *cli, struct installation *installation)
{
	struct datadir_keys keys;
	struct registry_config config = { .db_path = datadir_store(installation->dir, cli->arena),
					  .origin = installation->origin,
					  .pack = installation->pack,
					  .vetted = installation->vetted,
					  .demo = installation->demo };

	if (datadir_keys(installation->dir, &keys) != OK)
		return cli_stop(cli, ERR_DAMAGED, SAY_KEYS, datadir_path(installation->dir, cli->arena, "keys"), NULL);
	memcpy(config.reference_key, keys.reference, sizeof(keys.reference));
	memcpy(config.ledger_key, keys.ledger, sizeof(keys.ledger));
	memcpy(config.file_key, keys.file, sizeof(keys.file));
	config.data_keys_path = datadir_path(installation->dir, cli->arena, "keys/data.keys");
	config.erasure_path = datadir_path(installation->dir, cli->arena, "once/erasure");
	config.tlog_folder = datadir_path(installation->dir, cli->arena, "tlog");
	config.tlog_alarm = open_signer(cli, installation, &keys, config.tlog_folder);
	config.signer = installation->signer;
	enum error e = registry_open(&config, &installation->registry);
	const char *data_keys = config.data_keys_path;

	explicit_bzero(&keys, sizeof(keys));
	explicit_bzero(&config, sizeof(config));
	if (e == ERR_DATA_KEYS)
		return cli_stop(cli, e, SAY_DATA_KEYS, data_keys, NULL);
	return e == OK ? OK
		       : cli_stop(cli, e, SAY_CANNOT_READ, datadir_store(installation->dir, cli->arena),
				  problem_title(e, cli->language));
}

enum error
installation_start(struct cli *cli, struct installation *installation)
{
	TRY(open_registry(cli, installation));
	enum error e = edition_settle(installation->registry, registry_now(installation->registry),
				      &installation->settled, &installation->totals);
	return e == OK ? OK : cli_problem(cli, e, NULL, NULL);
}

static enum error
check_keys(struct cli *cli, const struct datadir *dir)
{
	AUTO(db_close) struct db *db = NULL;

	TRY(open_reader(cli, dir, &db));
	return open_check_keys(cli, dir, db);
}

/* A store made by an earlier program climbs to this one's tables before anything reads it. */
static enum error
migrate(struct cli *cli, const struct datadir *dir)
{
	AUTO(db_close) struct db *db = NULL;

	enum error e = db_open(datadir_store(dir, cli->arena), DB_WRITE, &db);
	if (e == OK)
		e = db_begin(db);
	if (e == OK)
		e = schema_migrate(db);
	if (e == OK)
		e = db_commit(db);
	return e == OK ? OK
		       : cli_stop(cli, e, SAY_CANNOT_READ, datadir_store(dir, cli->arena),
				  problem_title(e, cli->language));
}

enum error
installation_open(struct cli *cli, const char *path, struct installation *ret_installation)
{
	AUTO(installation_close) struct installation installation = { 0 };

	TRY(open_locked(cli, path, &installation.dir));
	TRY(open_settings(cli, installation.dir, &installation.settings));
	TRY(migrate(cli, installation.dir));
	TRY(open_origin(cli, installation.dir, &installation.origin));
	TRY(check_keys(cli, installation.dir));
	installation.demo = strcmp(installation.origin, DEMO_ORIGIN) == 0;
	TRY(open_installed_pack(cli, installation.dir, &installation.pack, &installation.vetted));
	TRY(installation_start(cli, &installation));
	*ret_installation = installation;
	installation = (struct installation){ 0 };
	return OK;
}

static enum error
note(struct db *db, const char *key, const char *value)
{
	AUTO(query_free) struct query *query = db_query(db, "INSERT INTO meta (key, value) VALUES ($1, $2)");

	bind_text(query, 1, key);
	bind_text(query, 2, value);
	return query_run(query);
}

/* Tables of the program and of the pack, all in one transaction. */
static enum error
make_store(struct cli *cli, const struct installation *installation)
{
	AUTO(pack_report_done) struct pack_report report = { 0 };
	AUTO(db_close) struct db *db = NULL;
	const char *path = datadir_store(installation->dir, cli->arena);

	pack_report_init(&report);
	enum error e = db_open(path, DB_WRITE, &db);
	if (e == OK)
		e = db_set_calendar(db, installation->pack->calendar);
	if (e == OK)
		e = db_begin(db);
	if (e == OK)
		e = schema_migrate(db);
	if (e == OK)
		e = schema_install(db, installation->pack, &report);
	if (e == OK)
		e = note(db, "origin", installation->origin);
	if (e == OK)
		e = note(db, "key_sign", key_sign(cli, installation->dir));
	if (e == OK)
		e = db_commit(db);
	if (e == OK)
		return OK;
	const char *reason = db == NULL ? problem_title(e, cli->language) : arena_text(cli->arena, db_error_text(db));

	return report.error_count > 0 ? open_tell_report(cli, e, &report, false)
				      : cli_stop(cli, e, SAY_CANNOT_WRITE, path, reason);
}

/* Nothing is signed yet: what the signer remembers begins with the key. */
static enum error
begin_signing(struct cli *cli, const struct installation *installation)
{
	const char *state = datadir_path(installation->dir, cli->arena, "once/signer");
	struct datadir_keys keys;
	enum error e = datadir_keys(installation->dir, &keys);

	if (e == OK)
		e = signer_file_begin(&(struct signer_config){
			.origin = installation->origin, .seed = keys.log, .state_path = state });
	explicit_bzero(&keys, sizeof(keys));
	return e == OK ? OK : cli_stop(cli, e, SAY_CANNOT_WRITE, state, problem_title(e, cli->language));
}

static enum error
settle(struct cli *cli, const struct datadir *dir)
{
	enum error e = datadir_settle(dir);

	return e == OK ? OK : cli_stop(cli, e, SAY_CANNOT_WRITE, dir->path, strerror(errno));
}

static enum error
fill(struct cli *cli, struct installation *installation, const char *pack_folder)
{
	if (datadir_keep_pack(installation->dir, pack_folder, installation->pack->digest) != OK)
		return cli_stop(cli, ERR_IO, SAY_CANNOT_WRITE, installation->dir->path, strerror(errno));
	TRY(make_store(cli, installation));
	TRY(begin_signing(cli, installation));
	TRY(open_registry(cli, installation));
	return settle(cli, installation->dir);
}

enum error
installation_make(struct cli *cli, const char *path, const char *pack_folder, const char *origin,
		  const struct datadir_keys *keys, struct installation *ret_installation)
{
	AUTO(installation_close) struct installation installation = { 0 };

	/* The pack first: a faulty one leaves no half-made folder behind. */
	TRY(open_pack(cli, pack_folder, &installation.pack, &installation.vetted));
	enum error e = datadir_make(path, &installation.dir);
	if (e != OK)
		return cli_stop(cli, e, e == ERR_DUPLICATE ? SAY_STORE_THERE : SAY_CANNOT_WRITE, path, strerror(errno));
	installation.origin = arena_text(cli->arena, origin);
	installation.demo = strcmp(origin, DEMO_ORIGIN) == 0;
	settings_init(&installation.settings);
	e = keys == NULL ? OK : datadir_replace_keys(installation.dir, keys);
	if (e == OK)
		e = fill(cli, &installation, pack_folder);
	if (e != OK) {
		datadir_unmake(installation.dir);
		return e;
	}
	*ret_installation = installation;
	installation = (struct installation){ 0 };
	return OK;
}
