/* search.c - the writer's part of a search: one entry with the words in the system's stream, one with each person whom the
 * answer shows, and the answer itself, in one transaction. Refused searches take the same way. */
#include <string.h>
#include "base/random.h"
#include "base/strbuf.h"
#include "registry/mask.h"
#include "registry/search_inner.h"
#include "registry/show.h"
#include "text/json.h"

/* ---- who may ---- */

static bool
may_search(const struct role *role, const struct reg *reg)
{
	for (size_t i = 0; i < role->searches_count; i++)
		if (role->searches[i] == reg)
			return true;
	return false;
}

const struct held_role *
search_role(const struct search_job *search, size_t nth)
{
	for (size_t i = 0; i < search->actor.role_count; i++) {
		const struct held_role *held = &search->actor.roles[i];

		if (official_may(&search->actor, held, search->purpose) && may_search(held->role, search->reg) &&
		    nth-- == 0)
			return held;
	}
	return NULL;
}

bool
search_reads(const struct reg *reg, const struct role_reads *reads, const struct field *field)
{
	return reg->is_public || (reads != NULL && role_reads_field(reads, field));
}

/* ---- hits ---- */

struct hit {
	const struct image *image;
	const struct held_role *held;
	const struct role_reads *reads; /* NULL: a public register */
	int64_t lives;                  /* place; 0: not known */
	bool outside;
};

struct answering {
	struct search_job *search;
	struct official_view view;
	struct hit hits[SEARCH_HITS_MAX];
	size_t count;
};

/* The actor's role that sees the record, best one in whose territory the person lives; false: none does. */
static bool
choose_role(const struct answering *answering, int64_t territory, struct hit *hit)
{
	const struct search_job *search = answering->search;
	const struct held_role *held = NULL;

	for (size_t nth = 0; (held = search_role(search, nth)) != NULL; nth++) {
		bool outside = official_is_outside(search->registry, held, hit->lives);

		if (official_is_outside(search->registry, held, territory) || (hit->held != NULL && outside))
			continue;
		hit->held = held;
		hit->reads = official_reads(held->role, search->reg);
		hit->outside = outside;
		if (!outside)
			break;
	}
	return hit->held != NULL;
}

/* As it stands now: it may have gone or moved since it was found. */
static enum error
load_hit(struct answering *answering, int64_t record)
{
	struct search_job *search = answering->search;
	struct registry *registry = search->registry;
	struct db *db = answering->view.db;
	struct hit hit = { 0 };
	int64_t territory = 0;
	enum error e = image_load_from(registry, db, search->arena, search->reg, record, &hit.image);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(image_territory(registry, db, search->arena, hit.image, search->now, &territory));
	TRY(image_lives(registry, db, search->arena, hit.image, territory, search->now, &hit.lives));
	if (choose_role(answering, territory, &hit))
		answering->hits[answering->count++] = hit;
	return OK;
}

/* ---- entries ---- */

struct shown {
	const struct reg *reg;
	const struct role_reads *reads;
};

static bool
is_shown(const void *context, const struct field *field)
{
	const struct shown *shown = context;
	const struct search *how = shown->reg->search;

	for (size_t i = 0; i < how->show_count; i++)
		if (how->shows[i] == field)
			return mask_shows(field) && search_reads(shown->reg, shown->reads, field);
	return false;
}

/* Whom a hit is about learns of it: people, and firms. What stands about a building is nobody's. */
static bool
concerns_somebody(const struct reg *reg)
{
	return reg->personal || reg->is_party;
}

static enum error
enter_hit(struct answering *answering, const struct hit *hit)
{
	struct search_job *search = answering->search;
	struct shown shown = { .reg = search->reg, .reads = hit->reads };
	uint32_t *codes = arena_array_of(search->arena, uint32_t, search->reg->field_count + 1);
	unsigned char event[LEDGER_ID_BYTES];
	struct official_sight sight = {
		.reg = search->reg, .record = hit->image->id, .fields = codes, .event = event, .outside = hit->outside
	};
	int64_t streams[OFFICIAL_STREAMS_MAX];
	size_t count = official_streams(search->reg, hit->image, streams);
	uint64_t index = 0;

	/* An event of its own: two people must not find out from it that one search showed both. */
	random_bytes(event, sizeof(event));
	sight.field_count = official_codes(search->reg, is_shown, &shown, codes);
	answering->view.held = hit->held;
	answering->view.use = OFFICIAL_HIT;
	for (size_t i = 0; i < count; i++)
		TRY(official_enter(&answering->view, &sight, streams[i], i + 1, count, &index));
	return OK;
}

static enum error
enter_search(struct answering *answering)
{
	struct search_job *search = answering->search;
	struct official_sight sight = {
		.reg = search->reg, .query = search->text, .event = search->event, .refused = search->result != OK
	};

	return official_enter(&answering->view, &sight, LEDGER_STREAM_SYSTEM, 1, 1, &search->index);
}

/* ---- the answer ---- */

/* A district, where the place lies in one: the second level below the country. */
static const struct place *
district_of(const struct pack *pack, int64_t id)
{
	const struct place *place = pack_place(pack, id), *below = NULL, *two_below = NULL;

	while (place != NULL && place->id != pack->place_root) {
		two_below = below;
		below = place;
		place = pack_place(pack, place->parent);
	}
	return two_below != NULL ? two_below : below;
}

static void
print_place(const struct answering *answering, const struct hit *hit, struct json *json)
{
	const struct search_job *search = answering->search;
	const struct place *place = hit->lives == 0 ? NULL : district_of(search->registry->pack, hit->lives);

	json_key(json, "place");
	if (place == NULL) {
		json_null(json);
		return;
	}
	json_open_map(json);
	json_field_text(json, "code", place->code);
	json_field_text(json, "name", pack_place_name(search->registry->pack, place, search->actor.language));
	json_close_map(json);
}

static void
print_fields(const struct answering *answering, const struct hit *hit, struct json *json)
{
	const struct search_job *search = answering->search;
	const struct search *how = search->reg->search;
	struct input_context context =
		registry_input_of(search->registry, answering->view.db, search->arena, search->now);

	json_key(json, "fields");
	json_open_map(json);
	for (size_t i = 0; i < how->show_count; i++) {
		const struct field *field = how->shows[i];

		if (!search_reads(search->reg, hit->reads, field))
			continue;
		if (!search->reg->personal) {
			json_key(json, field->name);
			input_print_json(&context, field, image_value(hit->image, field), json);
		} else if (mask_shows(field)) {
			json_field_text(json, field->name,
					mask_value(search->arena, field, image_value(hit->image, field), search->words,
						   search->word_count));
		}
	}
	json_close_map(json);
}

static void
print_answer(struct answering *answering)
{
	struct search_job *search = answering->search;
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_key(&json, "event");
	json_hex(&json, search->event, sizeof(search->event));
	json_field_integer(&json, "index", (int64_t)search->index);
	json_field_text(&json, "register", search->reg->name);
	json_key(&json, "hits");
	json_open_list(&json);
	for (size_t i = 0; i < answering->count; i++) {
		const struct hit *hit = &answering->hits[i];

		json_open_map(&json);
		json_field_text(&json, "ref",
				registry_reference(search->registry, search->reg, search->arena, hit->image->id));
		json_field_text(&json, "state", image_state(hit->image));
		/* What stands open to everybody needs no mask, and an address is told whole. */
		if (search->reg->is_public)
			json_field_text(&json, "title",
					show_title(search->registry, answering->view.db, search->arena, search->reg,
						   hit->image->id, search->actor.language));
		print_fields(answering, hit, &json);
		print_place(answering, hit, &json);
		json_close_map(&json);
	}
	json_close_list(&json);
	json_field_boolean(&json, "refine", search->hits.refine);
	json_field_boolean(&json, "more", search->hits.more);
	json_close_map(&json);
	search->body = arena_copy(search->arena, out.text, out.bytes);
	search->body_bytes = out.bytes;
}

/* ---- the job ---- */

static enum error
run_search(struct job *job, struct db *db)
{
	struct search_job *search = (struct search_job *)((char *)job - offsetof(struct search_job, job));
	const struct held_role *held = search_role(search, 0);
	struct answering answering = { .search = search,
				       .view = { .registry = search->registry,
						 .db = db,
						 .arena = search->arena,
						 .actor = &search->actor,
						 .held = held != NULL ? held : official_role(&search->actor, NULL),
						 .purpose = search->purpose,
						 .case_text = search->case_text,
						 .now = search->now,
						 .kind = LEDGER_SEARCH,
						 .use = OFFICIAL_SEARCH } };

	problem_init(&search->problem, search->arena);
	random_bytes(search->event, sizeof(search->event));
	search->body = NULL;
	search->result = official_allow(search->registry, &search->actor, answering.view.held, LEDGER_SEARCH,
					search->now, &search->problem);
	if (search->result == OK && held == NULL)
		search->result = problem_add(&search->problem, ERR_FORBIDDEN, NULL, MSG_MAY_NOT, NULL, NULL);
	TRY(enter_search(&answering));
	for (size_t i = 0; search->result == OK && i < search->hits.count; i++)
		TRY(load_hit(&answering, search->hits.records[i]));
	for (size_t i = 0; concerns_somebody(search->reg) && i < answering.count; i++)
		TRY(enter_hit(&answering, &answering.hits[i]));
	if (search->result == OK)
		print_answer(&answering);
	return OK;
}

static void
search_came(struct job *job, enum error e)
{
	struct search_job *search = (struct search_job *)((char *)job - offsetof(struct search_job, job));

	if (e != OK) {
		search->result = e;
		search->body = NULL;
	}
	search->registry->searches++;
	if (search->done != NULL)
		search->done(search);
}

enum error
search_submit(struct search_job *search)
{
	search->job.run = run_search;
	search->job.done = search_came;
	return writer_submit(search->registry->writer, &search->job);
}

enum error
search_run(struct search_job *search, struct db *db)
{
	TRY(search_find(search, db));
	search->job.run = run_search;
	search->job.done = search_came;
	enum error e = writer_run(search->registry->writer, &search->job);

	return e != OK ? e : search->result;
}
