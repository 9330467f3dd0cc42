/* proven.h - for tests only: a town (town.h) whose log is published, indexed and signed by a key of the test's own. */
#pragma once
#include <unistd.h>
#include "ledger/signer.h"
#include "registry/hidden.h"
#include "registry/history_file.h"
#include "registry/indexing.h"
#include "registry/trail.h"

struct proven {
	struct town t;
	char tiles[96], state[96];
	unsigned char seed[NOTE_SEED_BYTES];
	struct signer *signer;
	struct db *db;
};

static inline struct signer_config
proven_signer(struct proven *p)
{
	return (struct signer_config){
		.origin = "registers.test/ledger", .seed = p->seed, .state_path = p->state, .folder = p->tiles
	};
}

static inline void
proven_connect(struct proven *p)
{
	struct fixture *f = p->t.f;
	const struct signer_config signer = proven_signer(p);
	struct registry_config config = fixture_config(f);
	enum alarm alarm = ALARM_NONE;

	config.tlog_folder = p->tiles;
	must(signer_file_open(&signer, &alarm, &p->signer));
	config.signer = p->signer;
	must(registry_open(&config, &f->registry));
	must(registry_reader(f->registry, &p->db));
}

static inline struct proven
proven_open(void)
{
	struct proven p = { .t = town_open() };

	snprintf(p.tiles, sizeof(p.tiles), "%s/tlog", p.t.f->folder);
	snprintf(p.state, sizeof(p.state), "%s/signer", p.t.f->folder);
	memset(p.seed, 5, sizeof(p.seed));
	const struct signer_config signer = proven_signer(&p);

	must(signer_file_begin(&signer));
	registry_close(p.t.f->registry);
	proven_connect(&p);
	return p;
}

static inline void
proven_close(struct proven *p)
{
	db_close(p->db);
	registry_close(TAKE(p->t.f->registry));
	signer_close(p->signer);
	fixture_close(p->t.f);
}

static inline void
proven_publish(struct proven *p)
{
	must(registry_publish(p->t.f->registry, p->db, &(bool){ false }));
}

/* An index over all there is, under a checkpoint. */
static inline void
proven_index(struct proven *p)
{
	bool made = false;

	must(indexing_run(p->t.f->registry, p->t.f->now, 0, &made));
	assert_true(made);
	proven_publish(p);
}

static inline enum error
proven_look(struct proven *p, const struct actor *actor, const char *reg, int64_t record, const char *purpose,
	    const char *number)
{
	struct lookup *lookup = arena_new_of(p->t.f->arena, struct lookup);

	*lookup = (struct lookup){ .registry = p->t.f->registry,
				   .arena = p->t.f->arena,
				   .actor = *actor,
				   .reg = pack_reg(p->t.f->pack, reg),
				   .record = record,
				   .purpose = pack_purpose(p->t.f->pack, purpose),
				   .case_text = number,
				   .now = p->t.f->now };
	problem_init(&lookup->problem, p->t.f->arena);
	return lookup_run(lookup);
}

/* The whole export as text. */
static inline enum error
proven_export(struct proven *p, const struct actor *actor, struct strbuf *out)
{
	AUTO(trail_export_free) struct trail_export *export = NULL;
	enum error e;

	TRY(trail_export_new(p->t.f->registry, registry_tlog(p->t.f->registry), p->db, actor, &export));
	while ((e = trail_export_more(export, p->db, out)) == OK)
		continue;
	return e == ERR_NOT_FOUND ? OK : e;
}

/* What an export that was believed lists. */
struct proven_listed {
	size_t entries, referred, lookups, acts_with_payload, details;
};

static inline void
proven_list(void *context, const struct history_entry *entry, const struct ledger_entry *header, bool is_referred)
{
	struct proven_listed *listed = context;

	listed->entries += !is_referred;
	listed->referred += is_referred;
	listed->lookups += header->kind == LEDGER_LOOKUP;
	listed->acts_with_payload += entry->parts[SEAL_PAYLOAD].bytes != NULL && entry->parts[SEAL_PAYLOAD].count > 0;
	listed->details += entry->parts[SEAL_DETAIL].count > 0;
}

static inline enum error
proven_check(struct proven *p, const char *text, size_t bytes, struct proven_listed *listed,
	     enum history_fault *ret_fault)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(history_done) struct history history = { 0 };
	const struct history_listener listener = { .context = listed, .entry = proven_list };

	*listed = (struct proven_listed){ 0 };
	enum error e = history_file_check(arena, text, bytes, &p->signer->key, &listener, &history);

	*ret_fault = history.fault;
	assert_int_equal(e, history.fault == HISTORY_SOUND ? OK : ERR_BAD_INPUT);
	return e;
}
