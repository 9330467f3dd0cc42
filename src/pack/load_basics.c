/* load_basics.c - pack.yaml, purposes.yaml and retention.yaml. */
#include <string.h>
#include "pack/load.h"
#include "text/zone.h"

static void
read_time_zone(struct loader *loader, const struct words *words)
{
	const char *name = words_text(words, "time_zone");
	AUTO(zone_free) struct zone *zone = NULL;

	loader->pack->time_zone = name;
	if (name != NULL && zone_open(name, &zone) != OK)
		load_fault(loader, words_at(words, "time_zone"), "there is no time zone “%.60s”", name);
}

static void
read_languages(struct loader *loader, const struct words *words)
{
	struct pack *pack = loader->pack;
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, words, "languages", &items);

	for (size_t i = 0; i < count; i++) {
		enum language language = language_parse(items[i].text);
		struct place_in_file at = { words->file, items[i].line };
		bool twice = false;

		for (size_t k = 0; k < pack->language_count; k++)
			twice = twice || pack->languages[k] == language;
		if (language == LANGUAGE_COUNT)
			load_fault(loader, at, "“%s” is no language of the engine; expected kk, ru or en",
				   items[i].text);
		else if (twice)
			load_fault(loader, at, "the language “%s” stands here twice", items[i].text);
		else
			pack->languages[pack->language_count++] = language;
	}
}

static void
read_currency(struct loader *loader, const struct words *words)
{
	const struct node *node = words_get(words, "currency");

	loader->pack->currency_scale = 2;
	if (node == NULL)
		return;
	struct words currency = words_read(loader, words->file, node, node->line, WORDS_CURRENCY);
	int64_t scale = words_integer(&currency, "scale", 2);

	loader->pack->currency = words_text(&currency, "code");
	loader->pack->currency_scale = (int)scale;
	if (scale < 0 || scale > 4) {
		loader->pack->currency_scale = 2;
		load_fault(loader, words_at(&currency, "scale"), "a currency has 0 to 4 decimals, found %lld",
			   (long long)scale);
	}
	if (loader->pack->currency != NULL &&
	    (strlen(loader->pack->currency) != 3 || strspn(loader->pack->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3))
		load_fault(loader, words_at(&currency, "code"),
			   "a currency's code has three capital letters, found “%.20s”", loader->pack->currency);
}

static void
read_places(struct loader *loader, const struct words *words)
{
	const struct node *node = words_get(words, "places");

	if (node == NULL)
		return;
	struct words places = words_read(loader, words->file, node, node->line, WORDS_PLACES);

	loader->place_file = words_text(&places, "file");
	loader->place_root_code = words_text(&places, "root");
	loader->place_line = node->line;
}

static void
read_exceptions(struct loader *loader, const struct words *words)
{
	const struct node *node = words_get(words, "exceptions");
	size_t count = node == NULL ? 0 : node->count;

	loader->exceptions = arena_array_of(loader->arena, struct exception, count);
	for (size_t i = 0; i < count; i++) {
		int line = node->items[i].line;
		struct words item = words_read(loader, words->file, &node->items[i], line, WORDS_EXCEPTION);

		if (item.faulty)
			continue;
		loader->exceptions[loader->exception_count++] = (struct exception){
			.reg = words_text(&item, "register"),
			.field = words_text(&item, "field"),
			.reason = words_text(&item, "reason"),
			.at = { words->file, line },
		};
	}
}

static void
read_pack(struct loader *loader)
{
	bool broken = false;
	const struct node *node = load_yaml_map(loader, "pack.yaml", true, &broken);

	loader->pack->currency_scale = 2;
	if (broken)
		return;
	struct words words = words_read(loader, "pack.yaml", node, 1, WORDS_PACK);
	const char *edition = words_text(&words, "edition");

	loader->pack->name = words_text(&words, "pack");
	if (edition != NULL)
		IGNORE(day_parse(edition, strlen(edition), false, &loader->pack->edition)); /* words_read saw a day */
	read_time_zone(loader, &words);
	read_languages(loader, &words);
	read_currency(loader, &words);
	read_places(loader, &words);
	read_exceptions(loader, &words);
}

static void
read_purpose(struct loader *loader, const struct words *words, struct purpose *purpose)
{
	const char *defer = words_text(words, "defer");

	purpose->basis = words_text(words, "basis");
	purpose->needs_case = words_flag(words, "case", false);
	purpose->discreet = words_flag(words, "discreet", false);
	if (defer != NULL && !scalar_duration(defer, &purpose->defer_ms))
		load_fault(loader, words_at(words, "defer"),
			   "expected a time such as “30 days” or “12 hours”, found “%.40s”", defer);
}

static void
read_retention(struct loader *loader, const struct words *words, struct retention *retention)
{
	static const char *const parts[] = { "record", "header", "detail", "payload" };
	int *const months[] = { &retention->record_months, &retention->header_months, &retention->detail_months,
				&retention->payload_months };

	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		const char *text = words_text(words, parts[i]);

		if (text != NULL && !scalar_months(text, months[i]))
			load_fault(loader, words_at(words, parts[i]),
				   "expected a time such as “5 years” or “18 months”, found “%.40s”", text);
	}
}

/* The key of a mapping as a name; false was reported. */
static bool
check_name(struct loader *loader, const char *file, const struct node *node, size_t i, const char *what)
{
	if (scalar_is_name(node->keys[i]))
		return true;
	load_fault(loader, (struct place_in_file){ file, node->key_lines[i] },
		   "“%.60s” is no name of %s: small letters, digits and _, a letter first, at most 40", node->keys[i],
		   what);
	return false;
}

static void
read_purposes(struct loader *loader)
{
	static const char file[] = "purposes.yaml";
	const struct node *node = load_yaml_map(loader, file, false, &loader->purposes_incomplete);
	size_t count = node == NULL ? 0 : node->count;

	loader->purposes = arena_array_of(loader->arena, struct purpose, count);
	for (size_t i = 0; i < count; i++) {
		struct purpose *purpose = &loader->purposes[loader->pack->purpose_count];

		if (!check_name(loader, file, node, i, "a purpose")) {
			loader->purposes_incomplete = true;
			continue;
		}
		*purpose = (struct purpose){ .name = node->keys[i], .at = { file, node->key_lines[i] } };
		struct words words = words_read(loader, file, &node->items[i], node->key_lines[i], WORDS_PURPOSE);

		read_purpose(loader, &words, purpose);
		loader->pack->purpose_count++;
	}
	loader->pack->purposes = loader->purposes;
}

static void
read_retentions(struct loader *loader)
{
	static const char file[] = "retention.yaml";
	const struct node *node = load_yaml_map(loader, file, false, &loader->retentions_incomplete);
	size_t count = node == NULL ? 0 : node->count;

	loader->retentions = arena_array_of(loader->arena, struct retention, count);
	for (size_t i = 0; i < count; i++) {
		struct retention *retention = &loader->retentions[loader->pack->retention_count];

		if (!check_name(loader, file, node, i, "a retention row")) {
			loader->retentions_incomplete = true;
			continue;
		}
		*retention = (struct retention){ .name = node->keys[i], .at = { file, node->key_lines[i] } };
		struct words words = words_read(loader, file, &node->items[i], node->key_lines[i], WORDS_RETENTION);

		read_retention(loader, &words, retention);
		loader->pack->retention_count++;
	}
	loader->pack->retentions = loader->retentions;
}

void
load_basics(struct loader *loader)
{
	read_pack(loader);
	read_purposes(loader);
	read_retentions(loader);
}
