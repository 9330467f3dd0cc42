/* verify.c - tirkeu verify: everything that can be computed again is, and held against what is stored, published and
 * signed. One pass over the entries serves the log, what was published and the registers; it sees one state of the
 * store, so that it works while the server runs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/day.h"
#include "cli/command.h"
#include "cli/open.h"
#include "http/problem.h"
#include "ledger/index_log.h"
#include "ledger/table.h"
#include "ledger/tlog_check.h"
#include "registry/replay.h"
#include "registry/use_check.h"
#include "text/json.h"

enum { FAULTS_SHOWN = 20 };

enum part {
	PART_STORE,
	PART_LOG,
	PART_REGISTERS,
	PART_OVERSIGHT,
	PART_CHECKPOINT,
	PART_TILES,
	PART_BUNDLES,
	PART_SIGNER,
	PART_INDEX,
	PART_COUNT
};

static const struct {
	const char *name; /* in JSON */
	enum say title, count;
} parts[PART_COUNT] = {
	[PART_STORE] = { "store", SAY_PART_STORE, SAY_WHOLE },
	[PART_LOG] = { "ledger", SAY_PART_LOG, SAY_COUNT_ENTRIES },
	[PART_REGISTERS] = { "registers", SAY_PART_REGISTERS, SAY_COUNT_VERSIONS },
	[PART_OVERSIGHT] = { "oversight", SAY_PART_OVERSIGHT, SAY_COUNT_SIZE },
	[PART_CHECKPOINT] = { "checkpoint", SAY_PART_CHECKPOINT, SAY_COUNT_SIZE },
	[PART_TILES] = { "tiles", SAY_PART_TILES, SAY_COUNT_FILES },
	[PART_BUNDLES] = { "bundles", SAY_PART_BUNDLES, SAY_COUNT_FILES },
	[PART_SIGNER] = { "signer", SAY_PART_SIGNER, SAY_COUNT_SIZE },
	[PART_INDEX] = { "index", SAY_PART_INDEX, SAY_WHOLE },
};

/* What came of one part. */
struct outcome {
	enum tlog_check_state state;
	uint64_t checked;
	const char *problem; /* in words; NULL: none */
};

struct verifying {
	struct cli *cli;
	struct datadir *dir;
	struct db *db;
	struct datadir_keys keys;
	struct data_keys *data_keys;
	struct pack *pack;
	const char *origin;
	struct reference_key *references;
	struct tlog_check *published;
	struct replay *replay;
	struct use_check *uses;
	struct verify_result log;
	struct outcome outcomes[PART_COUNT];
};

static void
verifying_done(struct verifying *verifying)
{
	replay_free(verifying->replay);
	use_check_free(verifying->uses);
	tlog_check_free(verifying->published);
	reference_key_free(verifying->references);
	pack_free(verifying->pack);
	db_close(verifying->db);
	data_keys_free(verifying->data_keys);
	datadir_close(verifying->dir);
	explicit_bzero(&verifying->keys, sizeof(verifying->keys));
}
DEFINE_AUTO_DONE(struct verifying, verifying_done)

static const char *
number(struct cli *cli, uint64_t n)
{
	return arena_printf(cli->arena, "%" PRIu64, n);
}

static const char *
hex(struct cli *cli, const unsigned char *bytes, size_t count)
{
	char *text = arena_take(cli->arena, 2 * count + 1);

	for (size_t i = 0; i < count; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

static void
set(struct verifying *verifying, enum part part, enum tlog_check_state state, const char *problem)
{
	verifying->outcomes[part].state = state;
	verifying->outcomes[part].problem = problem;
}

/* ERR_DAMAGED is an answer; any other error is a part that could not be checked. */
static void
set_error(struct verifying *verifying, enum part part, enum error e, const char *damage)
{
	if (e == OK)
		return;
	set(verifying, part, e == ERR_DAMAGED ? TLOG_CHECK_DAMAGED : TLOG_CHECK_UNCHECKED,
	    e == ERR_DAMAGED ? damage : problem_title(e, verifying->cli->language));
}

static bool
is_sound(const struct verifying *verifying, enum part part)
{
	return verifying->outcomes[part].state == TLOG_CHECK_SOUND;
}

/* ---- opening ---- */

static enum error
open_all(struct verifying *verifying)
{
	struct cli *cli = verifying->cli;

	TRY(open_datadir(cli, cli_word(cli, 0), &verifying->dir));
	const char *path = datadir_store(verifying->dir, cli->arena);

	if (datadir_keys(verifying->dir, &verifying->keys) != OK)
		return cli_stop(cli, ERR_DAMAGED, SAY_KEYS, datadir_path(verifying->dir, cli->arena, "keys"), NULL);
	/* What rests on the store is read before its state is taken. */
	verifying->published = tlog_check_new(datadir_path(verifying->dir, cli->arena, "tlog"),
					      datadir_path(verifying->dir, cli->arena, "once/signer"));
	enum error e = db_open(path, DB_READ, &verifying->db);

	if (e != OK)
		return cli_stop(cli, e, SAY_CANNOT_READ, path, problem_title(e, verifying->cli->language));
	TRY(open_origin(cli, verifying->dir, &verifying->origin));
	TRY(open_check_keys(cli, verifying->dir, verifying->db));
	TRY(open_installed_pack(cli, verifying->dir, &verifying->pack, NULL));
	verifying->references = reference_key_new(verifying->keys.reference);
	return OK;
}

/* A file beside the others of running programs, gone at once. */
static enum error
open_replay(struct verifying *verifying)
{
	struct cli *cli = verifying->cli;
	const char *name = arena_printf(cli->arena, "run/verify-%ld-%" PRId64, (long)getpid(), instant_now());

	return replay_new(verifying->pack, verifying->keys.ledger, datadir_path(verifying->dir, cli->arena, name),
			  &verifying->replay);
}

/* ---- the pass over the entries ---- */

static enum error
watch_leaf(void *context, const struct tree *tree, const void *body, size_t bytes,
	   const unsigned char leaf_hash[static LEDGER_HASH_BYTES])
{
	struct verifying *verifying = context;

	return tlog_check_leaf(verifying->published, tree, body, bytes, leaf_hash);
}

/* A scratch file that fails takes its part alone with it. */
static void
drop_replay(struct verifying *verifying, enum error e)
{
	replay_free(TAKE(verifying->replay));
	set(verifying, PART_REGISTERS, TLOG_CHECK_UNCHECKED, problem_title(e, verifying->cli->language));
}

static void
drop_uses(struct verifying *verifying, enum error e)
{
	use_check_free(TAKE(verifying->uses));
	set(verifying, PART_OVERSIGHT, TLOG_CHECK_UNCHECKED, problem_title(e, verifying->cli->language));
}

static enum error
watch_entry(void *context, const struct ledger_record *record)
{
	struct verifying *verifying = context;
	enum error e = verifying->replay == NULL ? OK : replay_entry(verifying->replay, record);

	if (e != OK)
		drop_replay(verifying, e);
	e = verifying->uses == NULL ? OK : use_check_entry(verifying->uses, record);
	if (e != OK)
		drop_uses(verifying, e);
	return OK;
}

static enum error
watch_stream(void *context, int64_t stream, const unsigned char key[static 32], uint64_t count)
{
	struct verifying *verifying = context;
	enum error e = verifying->replay == NULL ? OK : replay_stream(verifying->replay, stream);

	if (e != OK)
		drop_replay(verifying, e);
	return OK;
}

static void
show_progress(void *context, uint64_t done, uint64_t total)
{
	struct verifying *verifying = context;

	cli_progress(verifying->cli, say_text(verifying->cli, SAY_PART_LOG, NULL, NULL), done, total);
}

static void
show_replay(void *context, uint64_t done, uint64_t total)
{
	struct verifying *verifying = context;

	cli_progress(verifying->cli, say_text(verifying->cli, SAY_PART_REGISTERS, NULL, NULL), done, total);
}

static bool
has_hidden(struct db *db)
{
	AUTO(query_free) struct query *rows = table_hidden(db, 0, INT64_MAX);

	return query_step(rows) == OK;
}

static void
check_log(struct verifying *verifying)
{
	struct cli *cli = verifying->cli;
	const struct verify_watch watch = { .context = verifying,
					    .leaf = watch_leaf,
					    .entry = watch_entry,
					    .stream = watch_stream,
					    .progress = show_progress };
	/* Behind the state of the store: keys that are newer harm nothing, one that was missing would. */
	enum error e = open_data_keys(cli, verifying->dir, &verifying->data_keys);

	if (e == OK && verifying->data_keys == NULL && has_hidden(verifying->db)) {
		set(verifying, PART_LOG, TLOG_CHECK_UNCHECKED,
		    say_text(cli, SAY_KEYS, datadir_path(verifying->dir, cli->arena, "keys/data.keys"), NULL));
		return;
	}
	if (e == OK)
		e = verify_log(verifying->db, verifying->data_keys, &watch, &verifying->log);
	uint64_t bad = verifying->log.bad_index;

	verifying->outcomes[PART_LOG].checked = verifying->log.size;
	set_error(verifying, PART_LOG, e,
		  bad == UINT64_MAX ? say_text(cli, SAY_WRONG_STREAMS, NULL, NULL)
				    : say_text(cli, SAY_WRONG_ENTRY, number(cli, bad), NULL));
}

/* ---- what rests on the log ---- */

static void
check_registers(struct verifying *verifying)
{
	const struct replay_progress progress = { .context = verifying, .tell = show_replay };
	struct outcome *outcome = &verifying->outcomes[PART_REGISTERS];

	if (verifying->replay == NULL)
		return;
	enum error e = replay_compare(verifying->replay, verifying->db, &progress);

	if (e != OK) {
		drop_replay(verifying, e);
		return;
	}
	outcome->checked = replay_checked(verifying->replay);
	if (replay_fault_count(verifying->replay) > 0)
		set(verifying, PART_REGISTERS, TLOG_CHECK_DAMAGED,
		    say_text(verifying->cli, SAY_WRONG_REGISTERS,
			     number(verifying->cli, replay_fault_count(verifying->replay)), NULL));
}

static void
check_oversight(struct verifying *verifying)
{
	struct cli *cli = verifying->cli;
	struct use_check_result result;

	if (verifying->uses == NULL)
		return;
	enum error e = use_check_end(verifying->uses, &result);

	if (e != OK) {
		drop_uses(verifying, e);
		return;
	}
	verifying->outcomes[PART_OVERSIGHT].checked = result.checked;
	if (result.wrong > 0)
		set(verifying, PART_OVERSIGHT, TLOG_CHECK_DAMAGED,
		    say_text(cli, SAY_WRONG_OVERSIGHT, number(cli, result.wrong), number(cli, result.first)));
}

static const char *
published_problem(struct verifying *verifying, const struct tlog_check_result *result)
{
	static const enum say says[] = {
		[TLOG_CHECK_NONE] = SAY_WRONG_RESTS,        [TLOG_CHECK_UNREADABLE] = SAY_WRONG_UNREADABLE,
		[TLOG_CHECK_MISSING] = SAY_WRONG_MISSING,   [TLOG_CHECK_DIFFERS] = SAY_WRONG_DIFFERS,
		[TLOG_CHECK_UNSIGNED] = SAY_WRONG_UNSIGNED, [TLOG_CHECK_ROOT] = SAY_WRONG_ROOT,
		[TLOG_CHECK_AHEAD] = SAY_WRONG_AHEAD,       [TLOG_CHECK_BEHIND] = SAY_WRONG_BEHIND,
		[TLOG_CHECK_KEY] = SAY_WRONG_KEY,
	};

	return result->state == TLOG_CHECK_SOUND || result->state == TLOG_CHECK_ABSENT
		       ? NULL
		       : say_text(verifying->cli, says[result->problem], result->place, NULL);
}

static void
check_published(struct verifying *verifying)
{
	tlog_check_end(verifying->published, verifying->origin, verifying->log.size);
	for (int i = 0; i < TLOG_CHECK_PART_COUNT; i++) {
		const struct tlog_check_result *result = tlog_check_result(verifying->published, i);
		enum part part = PART_CHECKPOINT + i;

		set(verifying, part, result->state, published_problem(verifying, result));
		verifying->outcomes[part].checked = result->checked;
	}
}

static void
check_index(struct verifying *verifying)
{
	struct cli *cli = verifying->cli;
	uint64_t bad = UINT64_MAX;
	const char *folder = datadir_path(verifying->dir, cli->arena, "store/index");
	enum error e = index_log_verify(verifying->db, folder, &bad);

	set_error(verifying, PART_INDEX, e,
		  bad == UINT64_MAX ? say_text(cli, SAY_WRONG_UNREADABLE, "ledger_index", NULL)
				    : say_text(cli, SAY_WRONG_INDEX_ENTRY, number(cli, bad), NULL));
}

/* An edition that is installed and not yet entered has changed records that the log does not know. */
static bool
is_unsettled(struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "SELECT value FROM meta WHERE key = 'edition_unsettled'");

	return query_one(query) == OK && strcmp(column_text(query, 0), "entered") != 0;
}

static void
check_all(struct verifying *verifying)
{
	struct cli *cli = verifying->cli;
	enum error e = OK;

	set_error(verifying, PART_STORE, db_check(verifying->db), problem_title(ERR_DAMAGED, verifying->cli->language));
	if (is_unsettled(verifying->db))
		set(verifying, PART_REGISTERS, TLOG_CHECK_UNCHECKED, say_text(cli, SAY_WRONG_UNSETTLED, NULL, NULL));
	else if ((e = open_replay(verifying)) != OK)
		drop_replay(verifying, e);
	if ((e = use_check_new(verifying->pack, verifying->keys.ledger, verifying->db, &verifying->uses)) != OK)
		drop_uses(verifying, e);
	check_log(verifying);
	if (is_sound(verifying, PART_LOG)) {
		check_registers(verifying);
		check_oversight(verifying);
		check_published(verifying);
		check_index(verifying);
		return;
	}
	for (int part = PART_REGISTERS; part < PART_COUNT; part++)
		set(verifying, part, TLOG_CHECK_UNCHECKED, say_text(cli, SAY_WRONG_LOG, NULL, NULL));
}

/* ---- telling ---- */

static const char *
name_record(struct verifying *verifying, const struct replay_fault *fault)
{
	char text[REFERENCE_BYTES_MAX];

	if (fault->reg == NULL)
		return number(verifying->cli, (uint64_t)fault->record);
	if (fault->record <= 0 || fault->record >= REFERENCE_ID_LIMIT)
		return fault->reg->name;
	reference_print(verifying->references, fault->reg->prefix, fault->record, text);
	return arena_printf(verifying->cli->arena, "%s %s", fault->reg->name, text);
}

static const char *
print_fault(struct verifying *verifying, const struct replay_fault *fault)
{
	static const enum say says[] = {
		[REPLAY_UNREADABLE] = SAY_FAULT_UNREADABLE,
		[REPLAY_KEPT_BACK] = SAY_FAULT_KEPT_BACK,
		[REPLAY_GONE] = SAY_FAULT_GONE,
		[REPLAY_ADDED] = SAY_FAULT_ADDED,
		[REPLAY_CHANGED] = SAY_FAULT_CHANGED,
		[REPLAY_NO_OWNER] = SAY_FAULT_NO_OWNER,
		[REPLAY_NUMBER_USED] = SAY_FAULT_NUMBER_USED,
	};
	struct cli *cli = verifying->cli;
	const char *where = fault->part == NULL ? "*" : fault->part;

	if (fault->index != UINT64_MAX)
		where = number(cli, fault->index);
	else if (fault->version != 0)
		where = arena_printf(cli->arena, "%s, version %" PRIu64, where, fault->version);
	return say_text(cli, says[fault->kind], name_record(verifying, fault), where);
}

static void
tell_part(struct verifying *verifying, enum part part)
{
	static const enum say says[] = { [TLOG_CHECK_SOUND] = SAY_SOUND,
					 [TLOG_CHECK_ABSENT] = SAY_ABSENT,
					 [TLOG_CHECK_UNCHECKED] = SAY_UNCHECKED,
					 [TLOG_CHECK_DAMAGED] = SAY_DAMAGED };
	struct cli *cli = verifying->cli;
	const struct outcome *outcome = &verifying->outcomes[part];
	const char *root = hex(cli, verifying->log.root, sizeof(verifying->log.root));
	const char *count = say_text(cli, parts[part].count, number(cli, outcome->checked), root);
	const char *title = say_text(cli, parts[part].title, NULL, NULL);

	cli_print(cli, "%s\n",
		  say_text(cli, says[outcome->state], title, outcome->problem != NULL ? outcome->problem : count));
}

static void
tell_faults(struct verifying *verifying)
{
	size_t count = 0;
	const struct replay_fault *faults = verifying->replay == NULL ? NULL : replay_faults(verifying->replay, &count);

	for (size_t i = 0; i < count && i < FAULTS_SHOWN; i++)
		cli_print(verifying->cli, "  %s\n", print_fault(verifying, &faults[i]));
	if (count > FAULTS_SHOWN)
		cli_print(verifying->cli, "  …\n");
}

static void
print_faults(struct verifying *verifying, struct json *json)
{
	size_t count = 0;
	const struct replay_fault *faults = verifying->replay == NULL ? NULL : replay_faults(verifying->replay, &count);

	json_key(json, "differences");
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		json_text(json, print_fault(verifying, &faults[i]));
	json_close_list(json);
}

static void
print_part(struct verifying *verifying, enum part part, struct json *json)
{
	static const char *const results[] = { [TLOG_CHECK_SOUND] = "sound",
					       [TLOG_CHECK_ABSENT] = "absent",
					       [TLOG_CHECK_UNCHECKED] = "unchecked",
					       [TLOG_CHECK_DAMAGED] = "damaged" };
	const struct outcome *outcome = &verifying->outcomes[part];

	json_open_map(json);
	json_field_text(json, "name", parts[part].name);
	json_field_text(json, "result", results[outcome->state]);
	json_field_integer(json, "checked", (int64_t)outcome->checked);
	json_field_text(json, "problem", outcome->problem);
	if (part == PART_REGISTERS)
		print_faults(verifying, json);
	json_close_map(json);
}

static void
print_checkpoint(struct verifying *verifying, struct json *json)
{
	struct checkpoint checkpoint;

	json_key(json, "checkpoint");
	if (!tlog_check_checkpoint(verifying->published, &checkpoint)) {
		json_null(json);
		return;
	}
	json_open_map(json);
	json_field_integer(json, "size", (int64_t)checkpoint.size);
	json_key(json, "root");
	json_hex(json, checkpoint.root, sizeof(checkpoint.root));
	json_close_map(json);
}

static void
print_all(struct verifying *verifying)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_field_integer(&json, "entries", (int64_t)verifying->log.size);
	json_key(&json, "root");
	json_hex(&json, verifying->log.root, sizeof(verifying->log.root));
	print_checkpoint(verifying, &json);
	json_key(&json, "phases");
	json_open_list(&json);
	for (int part = 0; part < PART_COUNT; part++)
		print_part(verifying, part, &json);
	json_close_list(&json);
	json_close_map(&json);
	cli_print_json(verifying->cli, &out);
}

static void
tell_all(struct verifying *verifying)
{
	for (int part = 0; part < PART_COUNT; part++) {
		tell_part(verifying, part);
		if (part == PART_REGISTERS)
			tell_faults(verifying);
	}
}

/* Damage counts more than what could not be looked at. */
static enum error
end_with(const struct verifying *verifying)
{
	enum tlog_check_state worst = TLOG_CHECK_SOUND;

	for (int part = 0; part < PART_COUNT; part++)
		worst = verifying->outcomes[part].state > worst ? verifying->outcomes[part].state : worst;
	return worst == TLOG_CHECK_DAMAGED ? ERR_UNSOUND : worst == TLOG_CHECK_UNCHECKED ? ERR_IO : OK;
}

enum error
verify_command(struct cli *cli)
{
	AUTO(verifying_done) struct verifying verifying = { .cli = cli };

	TRY(open_all(&verifying));
	enum error e = db_begin(verifying.db);

	if (e != OK)
		return cli_problem(cli, e, NULL, NULL);
	check_all(&verifying);
	db_rollback(verifying.db);
	if (cli->json)
		print_all(&verifying);
	else
		tell_all(&verifying);
	cli->said = true;
	return end_with(&verifying);
}
