/* load_place.c - the places of a country: codes, parents, names, validity. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "pack/load.h"
#include "text/csv.h"

enum { DIGITS_MAX = 18, LETTERS_MAX = 12, DEPTH_MAX = 16, FAULTS_MAX = 20, POINT_DECIMALS = 7 };

/* All digits: the number itself; else base 36 in capital letters. 0: no code. */
static int64_t
id_of(const char *code)
{
	size_t bytes = strlen(code);
	bool digits = strspn(code, "0123456789") == bytes;
	int64_t id = 0;

	if (bytes == 0 || bytes > (digits ? DIGITS_MAX : LETTERS_MAX))
		return 0;
	for (const char *p = code; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80 || !isalnum((unsigned char)*p))
			return 0;
		int value = isdigit((unsigned char)*p) ? *p - '0' : toupper((unsigned char)*p) - 'A' + 10;

		id = id * (digits ? 10 : 36) + value;
	}
	return id;
}

enum {
	COLUMN_CODE,
	COLUMN_PARENT,
	COLUMN_NAMES,
	COLUMN_VALID_FROM = COLUMN_NAMES + LANGUAGE_COUNT,
	COLUMN_VALID_TO,
	COLUMN_LATITUDE,
	COLUMN_LONGITUDE,
	COLUMN_COUNT
};
static const char *const column_names[COLUMN_COUNT] = {
	"code", "parent", "name_kk", "name_ru", "name_en", "valid_from", "valid_to", "lat", "lon",
};

struct draft_place {
	struct place place;
	const char *parent; /* as written; "": to be found */
	int line;
};

struct reader {
	struct loader *loader;
	const char *file;
	size_t at[COLUMN_COUNT]; /* SIZE_MAX: the file lacks the column */
	size_t column_count;
	struct draft_place *places;
	size_t count, capacity;
	struct text_map by_code; /* index + 1 into `places` */
	size_t fault_count;
};

static void __attribute__((format(printf, 3, 4))) report(struct reader *reader, int line, const char *format, ...)
{
	va_list list;

	if (reader->fault_count++ >= FAULTS_MAX)
		return;
	va_start(list, format);
	load_fault(reader->loader, (struct place_in_file){ reader->file, line }, "%s",
		   arena_vprintf(reader->loader->arena, format, list));
	va_end(list);
}

static bool
read_header(struct reader *reader, const struct csv_row *row)
{
	reader->column_count = row->count;
	for (size_t c = 0; c < COLUMN_COUNT; c++)
		reader->at[c] = SIZE_MAX;
	for (size_t i = 0; i < row->count; i++) {
		bool known = false;

		for (size_t c = 0; c < COLUMN_COUNT; c++)
			if (strcmp(column_names[c], row->fields[i]) == 0) {
				reader->at[c] = i;
				known = true;
			}
		if (!known)
			load_warn(reader->loader, (struct place_in_file){ reader->file, row->line },
				  "nothing reads the column “%.60s”%s", row->fields[i],
				  load_nearest(reader->loader, row->fields[i], column_names, COLUMN_COUNT));
	}
	if (reader->at[COLUMN_CODE] == SIZE_MAX)
		report(reader, row->line, "the places lack the column “code”");
	return reader->at[COLUMN_CODE] != SIZE_MAX;
}

static const char *
cell(const struct reader *reader, const struct csv_row *row, size_t column)
{
	return reader->at[column] == SIZE_MAX ? "" : row->fields[reader->at[column]];
}

static void
read_days(struct reader *reader, const struct csv_row *row, struct place *place)
{
	int64_t *const days[] = { &place->valid_from, &place->valid_to };

	place->valid_from = DAY_BEFORE_ALL;
	place->valid_to = DAY_AFTER_ALL;
	for (size_t i = 0; i < ARRAY_COUNT(days); i++) {
		const char *text = cell(reader, row, COLUMN_VALID_FROM + i);

		if (text[0] != '\0' && day_parse(text, strlen(text), false, days[i]) != OK)
			report(reader, row->line, "“%s”: expected a day such as 2026-11-21, found “%.40s”",
			       column_names[COLUMN_VALID_FROM + i], text);
	}
	if (place->valid_from > place->valid_to)
		report(reader, row->line, "the place ends before it begins");
}

static void
read_point(struct reader *reader, const struct csv_row *row, struct place *place)
{
	const char *lat = cell(reader, row, COLUMN_LATITUDE), *lon = cell(reader, row, COLUMN_LONGITUDE);
	int64_t lat_units = 0, lon_units = 0;

	if (lat[0] == '\0' && lon[0] == '\0')
		return;
	if (!scalar_decimal(lat, POINT_DECIMALS, &lat_units) || !scalar_decimal(lon, POINT_DECIMALS, &lon_units) ||
	    llabs(lat_units) > 900000000 || llabs(lon_units) > 1800000000) {
		report(reader, row->line, "expected degrees such as 43.25 and 76.94, found “%.20s” and “%.20s”", lat,
		       lon);
		return;
	}
	place->has_point = true;
	place->lat = (int32_t)lat_units;
	place->lon = (int32_t)lon_units;
}

static void
add_place(struct reader *reader, const struct draft_place *draft)
{
	const struct draft_place *twin = NULL;
	const uintptr_t before = (uintptr_t)text_map_get(&reader->by_code, draft->place.code);

	if (before != 0) {
		twin = &reader->places[before - 1];
		report(reader, draft->line, "the code “%s” stands in line %d already", draft->place.code, twin->line);
		return;
	}
	*ARENA_PUSH(reader->loader->arena, reader->places, reader->count, reader->capacity) = *draft;
	/* The map holds numbers: the array moves while it grows. */
	text_map_put(&reader->by_code, draft->place.code, (void *)(uintptr_t)reader->count);
}

static void
read_place(struct reader *reader, const struct csv_row *row)
{
	struct arena *arena = reader->loader->arena;
	struct draft_place draft = { .line = row->line };

	if (row->count != reader->column_count) {
		report(reader, row->line, "the row has %zu columns, the header %zu", row->count, reader->column_count);
		return;
	}
	draft.place.code = arena_text(arena, cell(reader, row, COLUMN_CODE));
	draft.place.id = id_of(draft.place.code);
	draft.parent = arena_text(arena, cell(reader, row, COLUMN_PARENT));
	if (draft.place.id == 0) {
		report(reader, row->line, "“%.40s” is no code of a place: digits, or Latin letters and digits",
		       draft.place.code);
		return;
	}
	for (size_t l = 0; l < LANGUAGE_COUNT; l++) {
		const char *name = cell(reader, row, COLUMN_NAMES + l);

		draft.place.names[l] = name[0] == '\0' ? NULL : arena_text(arena, name);
	}
	read_days(reader, row, &draft.place);
	read_point(reader, row, &draft.place);
	add_place(reader, &draft);
}

static bool
read_rows(struct reader *reader, const struct source *source)
{
	AUTO(csv_free) struct csv *csv = csv_new(source->text, source->bytes);
	bool has_header = false;

	for (;;) {
		struct problem problem;
		struct csv_row row = { 0 };

		problem_init(&problem, reader->loader->arena);
		enum error e = csv_next(csv, &problem, &row);

		if (e == ERR_NOT_FOUND)
			return has_header;
		if (e != OK)
			for (size_t i = 0; i < problem.item_count; i++)
				report(reader, problem.items[i].line, "%s",
				       message_print(reader->loader->arena, problem.items[i].message, LANGUAGE_EN,
						     problem.items[i].arguments));
		else if (has_header)
			read_place(reader, &row);
		else if (!read_header(reader, &row))
			return false;
		has_header = has_header || e == OK;
	}
}

static int64_t
find_id(const struct reader *reader, const char *code)
{
	const uintptr_t at = (uintptr_t)text_map_get(&reader->by_code, code);

	return at == 0 ? 0 : reader->places[at - 1].place.id;
}

/* 751110000: 751100000, 751000000, 750000000 … until there is such a place, else the root. */
static int64_t
parent_by_zeros(const struct reader *reader, const char *code)
{
	char *shorter = arena_text(reader->loader->arena, code);

	for (size_t i = strlen(shorter); i-- > 0;) {
		if (shorter[i] == '0')
			continue;
		shorter[i] = '0';
		int64_t id = find_id(reader, shorter);

		if (id != 0)
			return id;
	}
	return find_id(reader, reader->loader->place_root_code);
}

static void
link_places(struct reader *reader)
{
	for (size_t i = 0; i < reader->count; i++) {
		struct draft_place *draft = &reader->places[i];

		if (strcmp(draft->place.code, reader->loader->place_root_code) == 0)
			continue;
		draft->place.parent = draft->parent[0] == '\0' ? parent_by_zeros(reader, draft->place.code)
							       : find_id(reader, draft->parent);
		if (draft->place.parent == 0)
			report(reader, draft->line, "there is no place “%.40s”, the parent of “%s”", draft->parent,
			       draft->place.code);
	}
}

static int
compare_places(const void *left, const void *right)
{
	const struct draft_place *a = left, *b = right;

	return (a->place.id > b->place.id) - (a->place.id < b->place.id);
}

static void
hand_over(struct reader *reader)
{
	struct pack *pack = reader->loader->pack;
	struct place *places = arena_array_of(pack->arena, struct place, reader->count);

	qsort(reader->places, reader->count, sizeof(*reader->places), compare_places);
	for (size_t i = 0; i < reader->count; i++) {
		places[i] = reader->places[i].place;
		if (i > 0 && places[i].id == places[i - 1].id)
			report(reader, reader->places[i].line, "“%s” and “%s” (line %d) have the same id in SQL",
			       places[i].code, places[i - 1].code, reader->places[i - 1].line);
	}
	pack->places = places;
	pack->place_count = reader->count;
	for (size_t i = 0; i < reader->count; i++) {
		const struct place *above = &places[i];
		int depth = 0;

		while (above != NULL && above->parent != 0 && depth <= DEPTH_MAX) {
			above = pack_place(pack, above->parent);
			depth++;
		}
		if (depth > DEPTH_MAX) {
			report(reader, reader->places[i].line, "the parents of “%s” run in a circle", places[i].code);
			return;
		}
	}
}

void
load_places(struct loader *loader)
{
	struct place_in_file at = { "pack.yaml", loader->place_line };
	struct reader reader = { .loader = loader, .file = loader->place_file };

	if (loader->place_file == NULL || loader->place_root_code == NULL)
		return;
	const struct source *source = load_source(loader, loader->place_file);
	struct draft_place root = {
		.place = { .id = id_of(loader->place_root_code),
			   .code = loader->place_root_code,
			   .valid_from = DAY_BEFORE_ALL,
			   .valid_to = DAY_AFTER_ALL },
		.parent = "",
	};

	if (root.place.id == 0)
		load_fault(loader, at, "“%.40s” is no code of a place", loader->place_root_code);
	if (source == NULL)
		load_fault(loader, at, "the pack lacks the file “%.100s”", loader->place_file);
	if (root.place.id == 0 || source == NULL)
		return;
	bool sound = read_rows(&reader, source);

	if (sound && find_id(&reader, root.place.code) == 0)
		add_place(&reader, &root);
	if (sound) {
		link_places(&reader);
		loader->pack->place_root = root.place.id;
		hand_over(&reader);
	}
	if (reader.fault_count > FAULTS_MAX)
		load_fault(loader, (struct place_in_file){ reader.file, 1 }, "%zu more faults in this file",
			   reader.fault_count - FAULTS_MAX);
	text_map_done(&reader.by_code);
}

int64_t
pack_place_id(const struct pack *pack, const char *code)
{
	int64_t id = id_of(code);
	const struct place *place = id == 0 ? NULL : pack_place(pack, id);

	return place != NULL && strcasecmp(place->code, code) == 0 ? id : 0;
}
