/* fixture.h - for the tests of this floor: a store of its own for a pack of the tree, actors made by hand, acts
 * from JSON as a request would bring them. */
#pragma once
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/testing.h"
#include "registry/clock.h"
#include "registry/engine.h"
#include "registry/read.h"
#include "store/schema.h"
#include "text/json.h"

struct fixture {
	char folder[64], path[96], keys_path[96], erasure_path[96];
	struct pack *pack;
	struct vetted_pack *vetted;
	struct registry *registry;
	struct arena *arena;
	int64_t now;
};

static inline void
must(enum error e)
{
	if (e != OK)
		fprintf(stderr, "unexpected: %s\n", error_name(e));
	assert_int_equal(e, OK);
}

static inline int
remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	return remove(path);
}

static inline struct registry_config
fixture_config(const struct fixture *f)
{
	struct registry_config config = { .db_path = f->path,
					  .origin = "registers.test/ledger",
					  .pack = f->pack,
					  .vetted = f->vetted,
					  .demo = true,
					  .data_keys_path = f->keys_path,
					  .erasure_path = f->erasure_path };

	memset(config.reference_key, 1, sizeof(config.reference_key));
	memset(config.ledger_key, 2, sizeof(config.ledger_key));
	memset(config.file_key, 3, sizeof(config.file_key));
	return config;
}

static inline void
fixture_connect(struct fixture *f)
{
	const struct registry_config config = fixture_config(f);

	must(registry_open(&config, &f->registry));
}

static inline void
fixture_load(struct fixture *f, const char *pack)
{
	struct pack_report report;

	pack_report_init(&report);
	enum error e = pack_load(pack, &report, &f->pack);

	if (e == OK)
		e = vet_pack(f->pack, &report, &f->vetted);
	for (size_t i = 0; i < report.count; i++)
		if (report.faults[i].severity == SEVERITY_ERROR)
			fprintf(stderr, "%s:%d: %s\n", report.faults[i].file, report.faults[i].line,
				report.faults[i].text);
	must(e);
	struct db *db = NULL;

	must(db_open(f->path, DB_WRITE, &db));
	must(db_begin(db));
	must(schema_migrate(db));
	must(schema_install(db, f->pack, &report));
	must(db_commit(db));
	db_close(db);
	pack_report_done(&report);
}

static inline struct fixture *
fixture_open(const char *pack)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/tirkeu-registry-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/tirkeu.db", f->folder);
	snprintf(f->keys_path, sizeof(f->keys_path), "%s/data.keys", f->folder);
	snprintf(f->erasure_path, sizeof(f->erasure_path), "%s/erasure", f->folder);
	f->arena = arena_new();
	f->now = INT64_C(1793000000000); /* 2026-10-26 */
	fixture_load(f, pack);
	fixture_connect(f);
	return f;
}

static inline void
fixture_close(struct fixture *f)
{
	registry_close(f->registry);
	vetted_pack_free(f->vetted);
	pack_free(f->pack);
	arena_free(f->arena);
	nftw(f->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(f);
}

static inline struct actor
actor_with(struct fixture *f, int64_t account, int64_t party, const char *role, const char *place, int64_t for_party)
{
	struct actor actor = { .account = account, .party = party, .language = LANGUAGE_EN };

	memset(actor.id, (int)account, sizeof(actor.id));
	if (role != NULL) {
		actor.roles[0] = (struct held_role){ .role = pack_role(f->pack, role),
						     .party = for_party,
						     .place = place == NULL ? 0 : pack_place_id(f->pack, place) };
		assert_non_null(actor.roles[0].role);
		actor.role_count = 1;
	}
	return actor;
}

/* Fills an act from JSON; the caller may change it before run_act. */
static inline struct act *
make_act(struct fixture *f, const struct actor *actor, const char *reg, const char *action, int64_t record,
	 const char *json)
{
	struct act *act = arena_new_of(f->arena, struct act);
	const struct node *body = NULL;

	act_init(act, f->registry, f->arena, f->now);
	act->actor = *actor;
	act->reg = pack_reg(f->pack, reg);
	assert_non_null(act->reg);
	act->action = reg_action(act->reg, action);
	assert_non_null(act->action);
	act->record = record;
	if (json == NULL)
		return act;
	must(node_parse_json(f->arena, json, strlen(json), NULL, &body));
	act->result = act_parse(act, body);
	return act;
}

static inline void
print_problem(struct fixture *f, const struct act *act)
{
	for (size_t i = 0; i < act->problem.item_count; i++) {
		const struct problem_item *item = &act->problem.items[i];

		fprintf(stderr, "  %s.%s %s: %s\n", act->reg->name, act->action == NULL ? "" : act->action->name,
			item->field == NULL ? "" : item->field,
			message_print(f->arena, item->message, LANGUAGE_EN, item->arguments));
	}
}

static inline enum error
do_act(struct fixture *f, const struct actor *actor, const char *reg, const char *action, int64_t record,
       const char *json, struct act **ret_act)
{
	struct act *act = make_act(f, actor, reg, action, record, json);
	enum error e = act->result == OK ? act_run(act) : act->result;

	if (ret_act != NULL)
		*ret_act = act;
	return e;
}

/* Must succeed; the record. */
static inline int64_t
ok_act(struct fixture *f, const struct actor *actor, const char *reg, const char *action, int64_t record,
       const char *json)
{
	struct act *act = NULL;
	enum error e = do_act(f, actor, reg, action, record, json, &act);

	if (e != OK)
		print_problem(f, act);
	must(e);
	return act->ret_record;
}

static inline const char *
ref(struct fixture *f, const char *reg, int64_t id)
{
	return registry_reference(f->registry, pack_reg(f->pack, reg), f->arena, id);
}

static inline const char *text(struct fixture *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline const char *
text(struct fixture *f, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	const char *made = arena_vprintf(f->arena, format, list);
	va_end(list);
	return made;
}

/* One number of an SQL query over the store. */
static inline int64_t
count_of(struct fixture *f, const char *sql)
{
	struct db *db = NULL;

	must(registry_reader(f->registry, &db));
	struct query *query = db_query(db, sql);

	must(query_one(query));
	int64_t number = column_integer(query, 0);

	query_free(query);
	db_close(db);
	return number;
}

/* Sealed entries whose payload has these bytes in it, read as the engine reads them. */
static inline uint64_t
payloads_with(struct fixture *f, const char *bytes)
{
	uint64_t size = (uint64_t)count_of(f, "SELECT count(*) FROM ledger_entry"), count = 0;
	struct db *db = NULL;

	must(registry_reader(f->registry, &db));
	for (uint64_t i = 0; i < size; i++) {
		struct ledger_record record;
		enum error e = ledger_read(db, registry_data_keys(f->registry), i, f->arena, &record);

		if (e == ERR_NOT_FOUND)
			continue; /* an open entry */
		must(e);
		count += record.entry.payload_bytes > 0 &&
			 memmem(record.entry.payload, record.entry.payload_bytes, bytes, strlen(bytes)) != NULL;
	}
	db_close(db);
	return count;
}

static inline const char *
state_of(struct fixture *f, const char *reg, int64_t record)
{
	struct db *db = NULL;
	const struct image *image = NULL;

	must(registry_reader(f->registry, &db));
	must(image_load_from(f->registry, db, f->arena, pack_reg(f->pack, reg), record, &image));
	db_close(db);
	return image_state(image);
}
