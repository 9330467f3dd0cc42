#include "http/places.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "http/handlers.h"
#include "http/server_inside.h"
#include "text/utf8.h"

enum { PLACES_DEFAULT = 50, PLACES_MAX = 500, PREFIX_BYTES_MAX = 200 };

struct place_index {
	const struct pack *pack;
	struct arena *arena;
	const char **names; /* lower case, LANGUAGE_COUNT a place; NULL: none */
};

struct place_index *
place_index_new(const struct pack *pack)
{
	struct place_index *index = calloc(1, sizeof(*index));

	if (index == NULL)
		abort();
	index->pack = pack;
	index->arena = arena_new();
	index->names = arena_array_of(index->arena, const char *, pack->place_count *LANGUAGE_COUNT + 1);
	for (size_t i = 0; i < pack->place_count; i++)
		for (size_t l = 0; l < LANGUAGE_COUNT; l++)
			if (pack->places[i].names[l] != NULL)
				index->names[i * LANGUAGE_COUNT + l] =
					utf8_lower(index->arena, pack->places[i].names[l]);
	return index;
}

void
place_index_free(struct place_index *index)
{
	if (index == NULL)
		return;
	arena_free(index->arena);
	free(index);
}

static bool
has_word(const char *name, const char *prefix, size_t bytes)
{
	for (const char *p = name; p != NULL && (p = strstr(p, prefix)) != NULL; p += bytes)
		if (p == name || strchr(" -.(«\"", p[-1]) != NULL)
			return true;
	return false;
}

size_t
place_index_find(const struct place_index *index, const char *text, int64_t above, int64_t day, size_t limit,
		 const struct place *ret_places[])
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *prefix = utf8_lower(arena, text);
	size_t bytes = strlen(prefix), count = 0;

	for (size_t i = 0; i < index->pack->place_count && count < limit && bytes > 0; i++) {
		const struct place *place = &index->pack->places[i];
		bool fits = false;

		for (size_t l = 0; l < LANGUAGE_COUNT && !fits; l++)
			fits = has_word(index->names[i * LANGUAGE_COUNT + l], prefix, bytes);
		if (fits && place->valid_from <= day && day <= place->valid_to &&
		    (above == 0 || pack_place_within(index->pack, place->id, above)))
			ret_places[count++] = place;
	}
	return count;
}

static void
print_place(const struct pack *pack, const struct place *place, struct json *json)
{
	const struct place *parent = pack_place(pack, place->parent);

	json_open_map(json);
	json_field_text(json, "code", place->code);
	json_field_text(json, "parent", parent == NULL ? NULL : parent->code);
	json_key(json, "names");
	json_open_map(json);
	for (int l = 0; l < LANGUAGE_COUNT; l++)
		if (place->names[l] != NULL)
			json_field_text(json, language_name((enum language)l), place->names[l]);
	json_close_map(json);
	if (place->has_point) {
		char text[64];

		/* In degrees with all seven decimals, without going through floating point. */
		json_key(json, "point");
		snprintf(text, sizeof(text), "{\"lat\":%s%d.%07d,\"lon\":%s%d.%07d}", place->lat < 0 ? "-" : "",
			 abs(place->lat) / 10000000, abs(place->lat) % 10000000, place->lon < 0 ? "-" : "",
			 abs(place->lon) / 10000000, abs(place->lon) % 10000000);
		json_raw(json, text, strlen(text));
	}
	json_close_map(json);
}

static size_t
children(const struct pack *pack, int64_t parent, int64_t day, size_t limit, const struct place *ret_places[])
{
	size_t count = 0;

	for (size_t i = 0; i < pack->place_count && count < limit; i++) {
		const struct place *place = &pack->places[i];

		if (place->parent == parent && place->id != parent && place->valid_from <= day &&
		    day <= place->valid_to)
			ret_places[count++] = place;
	}
	return count;
}

static enum error
place_of_query(struct request *request, const char *name, int64_t *ret_place)
{
	const char *code = request_query(request, name);

	*ret_place = code == NULL ? 0 : pack_place_id(registry_pack(request->registry), code);
	return code != NULL && *ret_place == 0 ? request_fault(request, name, MSG_NOT_PLACE, NULL) : OK;
}

enum error
places_get(struct request *request)
{
	const struct pack *pack = registry_pack(request->registry);
	const char *text = request_query(request, "q");
	int64_t code = 0, parent = 0, limit = 0, today = registry_today(request->registry, request->now);
	size_t count = 0;

	static const char *const names[] = { "code", "parent", "q", "limit", NULL };

	TRY(request_check_query(request, names));
	TRY(place_of_query(request, "code", &code));
	TRY(place_of_query(request, "parent", &parent));
	TRY(request_query_integer(request, "limit", 1, PLACES_MAX, PLACES_DEFAULT, &limit));
	const struct place **places = arena_array_of(request->arena, const struct place *, (size_t)limit);

	if (code != 0)
		places[count++] = pack_place(pack, code);
	else if (text != NULL && strlen(text) <= PREFIX_BYTES_MAX && utf8_is_valid(text, strlen(text)))
		count = place_index_find(request->server->places, text, parent, today, (size_t)limit, places);
	else if (text == NULL)
		count = children(pack, parent == 0 ? pack->place_root : parent, today, (size_t)limit, places);
	struct json *json = reply_json(request, 200);

	json_open_map(json);
	json_key(json, "places");
	json_open_list(json);
	for (size_t i = 0; i < count; i++)
		print_place(pack, places[i], json);
	json_close_list(json);
	json_field_boolean(json, "more", count == (size_t)limit);
	json_close_map(json);
	return OK;
}
