#include "cli/demo_world.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/day.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "text/csv.h"
#include "text/name.h"
#include "text/number.h"

enum { NAMES_MAX = 512, SERIALS_PER_PERSON = 8 };

/* One name in both spellings. */
struct name {
	const char *kk, *ru;
};

struct name_list {
	struct name names[NAMES_MAX];
	size_t count;
};

struct town {
	const struct place *place;
	double until; /* people of this and all before it */
};

struct demo_world {
	struct arena *arena;
	const struct pack *pack;
	const struct demo_plan *plan;
	int64_t today;
	struct name_list given[2], family[2]; /* men, women */
	struct town *towns;
	size_t town_count;
	const struct place **leaves;
	size_t leaf_count;
	/* children of place i: child_of[first_child[i] .. first_child[i + 1]) */
	uint32_t *first_child, *children;
};

/* splitmix64, one of its steps for each part. */
static uint64_t
stir(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t
demo_random(uint64_t seed, uint64_t step, uint64_t row, uint64_t attempt, const char *salt)
{
	uint64_t x = stir(stir(seed) ^ (step << 48) ^ row);

	return stir(x ^ (attempt << 56) ^ hash_bytes(salt, strlen(salt)));
}

/* ---- files ---- */

static enum error
cannot_read(struct problem *problem, const char *path, enum error e)
{
	return problem_add_at(problem, e, path, 0, 0, MSG_NOT_FILE, (const char *const[3]){ NULL, NULL, NULL });
}

static enum error
read_csv(const char *path, struct strbuf *text, struct problem *problem, struct csv **ret_csv,
	 struct csv_row *ret_header)
{
	char block[8192];
	size_t got = 0;
	FILE *file = fopen(path, "rbe");

	if (file == NULL)
		return cannot_read(problem, path, ERR_NOT_FOUND);
	while ((got = fread(block, 1, sizeof(block), file)) > 0)
		strbuf_add(text, block, got);
	fclose(file);
	*ret_csv = csv_new(text->bytes == 0 ? "" : text->text, text->bytes);
	return csv_next(*ret_csv, problem, ret_header) == OK ? OK : cannot_read(problem, path, ERR_BAD_INPUT);
}

static enum error
read_names(struct demo_world *world, const char *path, struct problem *problem)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(csv_free) struct csv *csv = NULL;
	struct csv_row row;

	TRY(read_csv(path, &text, problem, &csv, &row));
	while (csv_next(csv, problem, &row) == OK) {
		if (row.count < 4)
			continue;
		struct name_list *lists = strcmp(row.fields[0], "given") == 0 ? world->given : world->family;
		struct name_list *list = &lists[row.fields[1][0] == 'f'];

		if (list->count < NAMES_MAX)
			list->names[list->count++] = (struct name){ .kk = arena_text(world->arena, row.fields[2]),
								    .ru = arena_text(world->arena, row.fields[3]) };
	}
	for (int i = 0; i < 2; i++)
		if (world->given[i].count == 0 || world->family[i].count == 0)
			return cannot_read(problem, path, ERR_BAD_INPUT);
	return OK;
}

/* ---- places ---- */

static bool
is_valid(const struct demo_world *world, const struct place *place)
{
	return place->valid_from <= world->today && world->today <= place->valid_to;
}

static size_t
index_of(const struct demo_world *world, const struct place *place)
{
	return (size_t)(place - world->pack->places);
}

static void
list_children(struct demo_world *world)
{
	const struct pack *pack = world->pack;
	uint32_t *filled = arena_array_of(world->arena, uint32_t, pack->place_count + 1);

	world->first_child = arena_array_of(world->arena, uint32_t, pack->place_count + 2);
	world->children = arena_array_of(world->arena, uint32_t, pack->place_count + 1);
	world->leaves = arena_array_of(world->arena, const struct place *, pack->place_count + 1);
	for (size_t i = 0; i < pack->place_count; i++) {
		const struct place *parent = pack_place(pack, pack->places[i].parent);

		if (parent != NULL && is_valid(world, &pack->places[i]))
			world->first_child[index_of(world, parent) + 1]++;
	}
	for (size_t i = 0; i < pack->place_count; i++)
		world->first_child[i + 1] += world->first_child[i];
	for (size_t i = 0; i < pack->place_count; i++) {
		const struct place *parent = pack_place(pack, pack->places[i].parent);

		if (parent == NULL || !is_valid(world, &pack->places[i]))
			continue;
		size_t at = index_of(world, parent);

		world->children[world->first_child[at] + filled[at]++] = (uint32_t)i;
	}
	for (size_t i = 0; i < pack->place_count; i++)
		if (world->first_child[i] == world->first_child[i + 1] && is_valid(world, &pack->places[i]) &&
		    pack->places[i].parent != 0)
			world->leaves[world->leaf_count++] = &pack->places[i];
}

/* The pack's place at these coordinates: both come from one gazetteer. */
static const struct place *
place_at(const struct demo_world *world, double lat, double lon)
{
	for (size_t i = 0; i < world->pack->place_count; i++) {
		const struct place *place = &world->pack->places[i];

		if (place->has_point && fabs(place->lat / 1e7 - lat) < 0.003 && fabs(place->lon / 1e7 - lon) < 0.003 &&
		    place->id != world->pack->place_root)
			return place;
	}
	return NULL;
}

static size_t
column_of(const struct csv_row *header, const char *name)
{
	for (size_t i = 0; i < header->count; i++)
		if (strcmp(header->fields[i], name) == 0)
			return i;
	return SIZE_MAX;
}

static enum error
read_towns(struct demo_world *world, const char *path, struct problem *problem)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(csv_free) struct csv *csv = NULL;
	struct csv_row row;
	size_t capacity = 0;
	double people = 0;

	TRY(read_csv(path, &text, problem, &csv, &row));
	size_t lat = column_of(&row, "lat"), lon = column_of(&row, "lon"), size = column_of(&row, "population");

	if (lat == SIZE_MAX || lon == SIZE_MAX || size == SIZE_MAX)
		return cannot_read(problem, path, ERR_BAD_INPUT);
	while (csv_next(csv, problem, &row) == OK) {
		const struct place *place = row.count <= lat || row.count <= lon
						    ? NULL
						    : place_at(world, atof(row.fields[lat]), atof(row.fields[lon]));

		if (place == NULL)
			continue;
		people += atof(row.fields[size]);
		*ARENA_PUSH(world->arena, world->towns, world->town_count, capacity) =
			(struct town){ .place = place, .until = people };
	}
	return OK;
}

static const struct place *
pick_town(const struct demo_world *world, uint64_t random)
{
	double all = world->towns[world->town_count - 1].until;
	double at = (double)(random >> 11) / 9007199254740992.0 * all;
	size_t i = 0;

	while (i + 1 < world->town_count && world->towns[i].until <= at)
		i++;
	return world->towns[i].place;
}

static bool
find_point(const struct demo_world *world, const struct place *place, struct demo_address *address)
{
	for (; place != NULL && place->id != world->pack->place_root; place = pack_place(world->pack, place->parent)) {
		if (!place->has_point)
			continue;
		address->lat = place->lat / 1e7;
		address->lon = place->lon / 1e7;
		return true;
	}
	return false;
}

void
demo_world_address(const struct demo_world *world, uint64_t random, struct demo_address *ret_address)
{
	bool village = world->town_count == 0 || (int)(random % 100) < world->plan->village_share;
	const struct place *place = NULL;

	*ret_address = (struct demo_address){ 0 };
	if (world->leaf_count == 0)
		return; /* a pack without places */
	random = stir(random);
	if (village)
		place = world->leaves[random % world->leaf_count];
	else
		place = pick_town(world, random);
	for (size_t at = index_of(world, place); world->first_child[at] < world->first_child[at + 1];
	     at = index_of(world, place)) {
		random = stir(random);
		uint32_t count = world->first_child[at + 1] - world->first_child[at];

		place = &world->pack->places[world->children[world->first_child[at] + random % count]];
	}
	ret_address->place = place;
	ret_address->has_point = find_point(world, place, ret_address);
	random = stir(random);
	ret_address->lat += ((double)(random % 10000) - 5000) / 125000;
	ret_address->lon += ((double)(random / 10000 % 10000) - 5000) / 90000;
}

/* ---- people ---- */

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), bytes = strlen(end);

	return length >= bytes && strcmp(text + length - bytes, end) == 0;
}

/* й goes before -ев and -евич; a vowel or soft sign at the end makes none. */
static const char *
with_suffix(struct arena *arena, const char *name, const char *hard, const char *soft)
{
	static const char *const unfit[] = {
		"а", "ә", "е", "и", "і", "о", "ө", "у", "ұ", "ү", "ы", "э", "ю", "я", "ь"
	};

	for (size_t i = 0; i < ARRAY_COUNT(unfit); i++)
		if (ends_with(name, unfit[i]))
			return NULL;
	if (ends_with(name, "й"))
		return arena_printf(arena, "%.*s%s", (int)(strlen(name) - strlen("й")), name, soft);
	return arena_printf(arena, "%s%s", name, hard);
}

static const char *
pick(const struct name_list *list, uint64_t random, bool kk)
{
	const struct name *name = &list->names[random % list->count];

	return kk ? name->kk : name->ru;
}

static const char *
family_name(const struct demo_world *world, struct arena *arena, uint64_t random, bool kk, bool woman)
{
	const char *father = pick(&world->given[0], stir(random), kk);
	const char *made =
		random % 2 == 0 ? NULL : with_suffix(arena, father, woman ? "ова" : "ов", woman ? "ева" : "ев");

	return made != NULL ? made : pick(&world->family[woman], stir(random), kk);
}

static const char *
patronymic(const struct demo_world *world, struct arena *arena, uint64_t random, bool kk, bool woman)
{
	const char *father = pick(&world->given[0], stir(random), kk);

	if (random % 100 < 12)
		return NULL;
	if (kk)
		return arena_printf(arena, "%s%s", father, woman ? "қызы" : "ұлы");
	return with_suffix(arena, father, woman ? "овна" : "ович", woman ? "евна" : "евич");
}

/* Birth days go round; whoever shares one has another serial. Some serials give no number: the next is tried. */
static const char *
complete_iin(struct arena *arena, int64_t day, uint64_t round, bool woman)
{
	struct civil born = day_civil(day);
	int century = (born.year / 100 - 18) * 2 + 1 + woman;
	char text[16];

	for (uint64_t i = 0; i < SERIALS_PER_PERSON; i++) {
		uint64_t serial = (round * SERIALS_PER_PERSON + i) % 10000;
		int64_t iin =
			((((int64_t)(born.year % 100) * 100 + born.month) * 100 + born.day) * 10 + century) * 100000 +
			(int64_t)serial * 10;
		int64_t whole = iin_complete(iin);

		if (whole >= 0)
			return arena_text(arena, iin_print(whole, text));
	}
	return NULL;
}

static const char *
make_email(struct arena *arena, const struct demo_person *person, uint64_t nr)
{
	const char *latin = name_icao(arena, person->family_name);
	char *text = arena_printf(arena, "%s%llu@demo.invalid", latin, (unsigned long long)nr);
	size_t at = 0;

	for (const char *p = text; *p != '\0'; p++)
		if (isalnum((unsigned char)*p) || *p == '@' || *p == '.')
			text[at++] = (char)tolower((unsigned char)*p);
	text[at] = '\0';
	return text;
}

void
demo_world_person(const struct demo_world *world, struct arena *arena, uint64_t random, uint64_t nr, bool foreign,
		  struct demo_person *ret_person)
{
	const struct demo_plan *plan = world->plan;
	uint64_t span = (uint64_t)(plan->born_until - plan->born_from + 1);
	bool woman = random % 2 != 0, kk = !foreign && stir(random) % 100 < 72;
	struct demo_person person = { .sex = woman ? 'f' : 'm', .language = kk ? "kk" : "ru" };

	random = stir(random);
	person.birth_day = plan->born_from + (int64_t)(nr * 7919 % span);
	person.given_name = pick(&world->given[woman], random, kk);
	person.family_name = family_name(world, arena, stir(random), kk, woman);
	person.patronymic = patronymic(world, arena, stir(random + 1), kk, woman);
	if (foreign) {
		person.state = plan->state_count == 0 ? NULL : plan->states[stir(random + 2) % plan->state_count];
		person.given_name = name_icao(arena, person.given_name);
		person.family_name = name_icao(arena, person.family_name);
		person.patronymic = NULL;
		person.document = person.state == NULL ? NULL
						       : arena_printf(arena, "%s DM%07llu", person.state,
								      (unsigned long long)(nr % 10000000));
	} else {
		person.iin = complete_iin(arena, person.birth_day, nr / span, woman);
	}
	person.email = make_email(arena, &person, nr);
	*ret_person = person;
}

const char *
demo_world_bin(struct arena *arena, uint64_t nr)
{
	char text[16];

	for (uint64_t i = 0; i < SERIALS_PER_PERSON; i++) {
		uint64_t serial = nr * SERIALS_PER_PERSON + i;
		/* Founded in 2060 or later; the fifth digit 4 is a resident legal person. */
		int64_t bin = (int64_t)((60 + serial / 1200000 % 40) * 100 + serial / 100000 % 12 + 1) * 100000000 +
			      40000000 + (int64_t)(serial % 100000) * 10;
		int64_t whole = iin_complete(bin);

		if (whole >= 0)
			return arena_text(arena, iin_print(whole, text));
	}
	return NULL;
}

/* ---- ---- */

enum error
demo_world_open(const struct pack *pack, const struct demo_plan *plan, const char *folder, int64_t today,
		struct problem *problem, struct demo_world **ret_world)
{
	AUTO(demo_world_free) struct demo_world *world = calloc(1, sizeof(*world));

	if (world == NULL)
		return ERR_NO_MEMORY;
	world->arena = arena_new();
	world->pack = pack;
	world->plan = plan;
	world->today = today;
	TRY(read_names(world, arena_printf(world->arena, "%s/%s", folder, plan->names_path), problem));
	list_children(world);
	if (plan->cities_path != NULL)
		TRY(read_towns(world, arena_printf(world->arena, "%s/%s", folder, plan->cities_path), problem));
	*ret_world = TAKE(world);
	return OK;
}

void
demo_world_free(struct demo_world *world)
{
	if (world == NULL)
		return;
	arena_free(world->arena);
	free(world);
}
