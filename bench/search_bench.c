/* search_bench.c - name search in memory: `search-bench PEOPLE QUESTIONS [FAMILY_NAMES GIVEN_NAMES]`. Invents as many
 * distinct names as a country has (given names of data/names and made-up ones, family names made of syllables), some
 * borne by many people and most by few; then asks for people as clerks write them: in Kazakh, Russian or Latin letters,
 * one typing error in each question. Prints memory, time and how many were found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/strbuf.h"
#include "registry/name_book.h"
#include "registry/search.h"
#include "text/name.h"
#include "text/utf8.h"

enum { RECORDS_NARROWED_MAX = 4096 };

struct world {
	char **family, **given; /* as written, Kazakh or Russian */
	char **family_folded, **given_folded;
	size_t families, givens, people;
	uint32_t *family_of, *given_of; /* by person */
	struct name_book *book;
	uint64_t seed;
};

static uint32_t
draw(struct world *world, uint32_t below)
{
	world->seed = world->seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)((world->seed >> 33) % below);
}

/* Few names are borne by many: the rank grows with the cube of an even draw. */
static uint32_t
draw_skewed(struct world *world, size_t count)
{
	double even = (double)draw(world, 1 << 30) / (1 << 30);

	return (uint32_t)((double)count * even * even * even);
}

/* ---- names ---- */

static char *
invent(struct world *world, const char *const *endings, size_t ending_count)
{
	static const char *const onsets[] = { "б", "в", "г", "ғ", "д", "ж", "з",  "к",  "қ",   "л",   "м",   "н",
					      "п", "р", "с", "т", "ш", "х", "ай", "ер", "бек", "нұр", "сер", "тол" };
	static const char *const vowels[] = { "а", "ә", "е", "и", "о", "ө", "у", "ұ", "ү", "ы", "і", "я" };
	static const char *const codas[] = { "", "", "", "н", "р", "л", "м", "с", "т", "й", "қ", "б" };
	AUTO(strbuf_done) struct strbuf out = { 0 };
	uint32_t syllables = 2 + draw(world, 2);

	for (uint32_t i = 0; i < syllables; i++)
		strbuf_printf(&out, "%s%s%s", onsets[draw(world, ARRAY_COUNT(onsets))],
			      vowels[draw(world, ARRAY_COUNT(vowels))], codas[draw(world, ARRAY_COUNT(codas))]);
	strbuf_text(&out, endings[draw(world, (uint32_t)ending_count)]);
	return strdup(out.text);
}

static char *
fold(const char *name)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	return strdup(name_fold(arena, name));
}

static size_t
read_given_names(char **names)
{
	char line[256];
	size_t count = 0;
	FILE *file = fopen("data/names/kz-names.csv", "re");

	if (file == NULL) {
		fputs("search-bench: run it from the project's root\n", stderr);
		exit(2);
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		char *rest = NULL;

		if (strncmp(line, "given,", 6) != 0)
			continue;
		strtok_r(line, ",", &rest);
		strtok_r(NULL, ",", &rest);
		names[count++] = strdup(strtok_r(NULL, ",", &rest));
	}
	fclose(file);
	return count;
}

static void
invent_names(struct world *world)
{
	static const char *const family_endings[] = { "ов", "ова", "ев", "ева", "ин", "ұлы", "қызы", "бек", "" };
	static const char *const given_endings[] = { "", "", "гүл", "бек", "хан", "жан", "лан", "ия" };
	size_t known = read_given_names(world->given);

	for (size_t i = 0; i < world->families; i++)
		world->family[i] = invent(world, family_endings, ARRAY_COUNT(family_endings));
	for (size_t i = known; i < world->givens; i++)
		world->given[i] = invent(world, given_endings, ARRAY_COUNT(given_endings));
	for (size_t i = 0; i < world->families; i++)
		world->family_folded[i] = fold(world->family[i]);
	for (size_t i = 0; i < world->givens; i++)
		world->given_folded[i] = fold(world->given[i]);
}

static void
settle(struct world *world)
{
	for (size_t i = 0; i < world->people; i++) {
		world->family_of[i] = draw_skewed(world, world->families);
		world->given_of[i] = draw_skewed(world, world->givens);
		name_book_add(world->book, world->family_folded[world->family_of[i]],
			      world->given_folded[world->given_of[i]], (int64_t)i);
	}
}

/* ---- questions ---- */

/* As a Russian clerk writes it. */
static void
add_russian(struct strbuf *out, const char *name)
{
	static const char *const pairs[][2] = { { "ә", "а" }, { "ғ", "г" }, { "қ", "к" }, { "ң", "н" }, { "ө", "о" },
						{ "ұ", "у" }, { "ү", "у" }, { "һ", "х" }, { "і", "и" } };

	while (*name != '\0') {
		const char *letter = name;
		size_t i = 0;

		utf8_next(&name);
		while (i < ARRAY_COUNT(pairs) && strncmp(letter, pairs[i][0], (size_t)(name - letter)) != 0)
			i++;
		if (i < ARRAY_COUNT(pairs))
			strbuf_text(out, pairs[i][1]);
		else
			strbuf_add(out, letter, (size_t)(name - letter));
	}
}

static void
write_name(struct world *world, struct arena *arena, const char *name, uint32_t script, struct strbuf *out)
{
	strbuf_clear(out);
	if (script == 0)
		strbuf_text(out, name);
	else if (script == 1)
		add_russian(out, name);
	else
		strbuf_text(out, name_icao(arena, name));
}

/* A letter missing, twice, another one, or swapped with the next. */
static void
mistype(struct world *world, struct strbuf *name)
{
	uint32_t letters[128];
	const char *rest = name->text;
	size_t count = 0;

	while (*rest != '\0' && count < ARRAY_COUNT(letters) - 2)
		letters[count++] = utf8_next(&rest);
	size_t at = draw(world, (uint32_t)count), other = draw(world, (uint32_t)count);
	uint32_t kind = draw(world, 4), kept = letters[at];

	if (kind == 0 && at + 1 < count) {
		letters[at] = letters[at + 1];
		letters[at + 1] = kept;
	} else if (kind == 1) {
		letters[at] = letters[other];
	}
	strbuf_clear(name);
	for (size_t i = 0; i < count; i++) {
		if (kind == 2 && i == at && count > 3)
			continue;
		utf8_add(name, letters[i]);
		if (kind == 3 && i == at)
			utf8_add(name, letters[other]);
	}
}

struct tally {
	size_t found, narrowed, too_many, missed, hits;
	int64_t *took_ns;
};

static bool
is_among(const struct name_answer *answer, int64_t record)
{
	for (size_t i = 0; i < answer->count; i++)
		if (answer->items[i].record == record)
			return true;
	return false;
}

static int64_t
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
ask(struct world *world, uint32_t errors, size_t nr, struct tally *tally)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf family = { 0 };
	AUTO(strbuf_done) struct strbuf given = { 0 };
	uint32_t person = draw(world, (uint32_t)world->people), script = draw(world, 3);
	struct name_question question = { .records_max = SEARCH_HITS_MAX };
	struct name_answer answer = { 0 };
	char *rest = NULL;

	write_name(world, arena, world->family[world->family_of[person]], script, &family);
	write_name(world, arena, world->given[world->given_of[person]], script, &given);
	for (uint32_t i = 0; i < errors; i++)
		mistype(world, draw(world, 2) == 0 ? &family : &given);
	int64_t began = clock_ns();
	char *folded = name_fold(arena, arena_printf(arena, "%s %s", given.text, family.text));

	for (char *word = strtok_r(folded, " ", &rest); word != NULL && question.count < NAME_WORDS_MAX;
	     word = strtok_r(NULL, " ", &rest))
		question.words[question.count++] = word;
	name_book_find(world->book, &question, arena, &answer);
	tally->took_ns[nr] = clock_ns() - began;
	tally->hits += answer.count;
	if (is_among(&answer, person)) {
		tally->found++;
		return;
	}
	bool refine = answer.more;

	question.records_max = RECORDS_NARROWED_MAX;
	name_book_find(world->book, &question, arena, &answer);
	if (refine && is_among(&answer, person))
		tally->narrowed++;
	else if (refine && answer.more)
		tally->too_many++;
	else if (++tally->missed <= 5 && getenv("SEARCH_BENCH_MISSED") != NULL)
		printf("missed: %s %s, asked %s %s, %zu hits\n", world->family[world->family_of[person]],
		       world->given[world->given_of[person]], family.text, given.text, answer.count);
}

static int
compare(const void *a, const void *b)
{
	return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

static void
measure(struct world *world, uint32_t errors, size_t questions)
{
	struct tally tally = { .took_ns = calloc(questions, sizeof(int64_t)) };

	for (size_t i = 0; i < questions; i++)
		ask(world, errors, i, &tally);
	qsort(tally.took_ns, questions, sizeof(*tally.took_ns), compare);
	printf("%u typing errors: p50 %.2f ms, p99 %.2f ms, longest %.2f ms; told at once %.2f %%, with a birth year "
	       "%.2f %%, too many even then %.2f %%, not found %.2f %%; %.1f hits an answer\n",
	       errors, (double)tally.took_ns[questions / 2] / 1e6, (double)tally.took_ns[questions * 99 / 100] / 1e6,
	       (double)tally.took_ns[questions - 1] / 1e6, 100.0 * (double)tally.found / (double)questions,
	       100.0 * (double)tally.narrowed / (double)questions, 100.0 * (double)tally.too_many / (double)questions,
	       100.0 * (double)tally.missed / (double)questions, (double)tally.hits / (double)questions);
	free(tally.took_ns);
}

int
main(int argc, char **argv)
{
	size_t people = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	size_t questions = argc > 2 ? strtoull(argv[2], NULL, 10) : 2000;
	struct world world = { .people = people,
			       .families = argc > 3 ? strtoull(argv[3], NULL, 10) : 150000,
			       .givens = argc > 4 ? strtoull(argv[4], NULL, 10) : 15000,
			       .book = name_book_new(),
			       .seed = 1 };
	struct name_book_counts counts;

	world.family = calloc(world.families, sizeof(char *));
	world.family_folded = calloc(world.families, sizeof(char *));
	world.given = calloc(world.givens, sizeof(char *));
	world.given_folded = calloc(world.givens, sizeof(char *));
	world.family_of = calloc(people, sizeof(uint32_t));
	world.given_of = calloc(people, sizeof(uint32_t));
	int64_t began = clock_ns();

	invent_names(&world);
	double folding = (double)(clock_ns() - began) / 1e3 / (double)(world.families + world.givens);

	began = clock_ns();
	settle(&world);
	double seconds = (double)(clock_ns() - began) / 1e9;

	name_book_count(world.book, &counts);
	printf("%zu people, %zu words, %zu pairs of names; %.1f s to put in, %.1f us to invent and fold a name; %.0f "
	       "MB\n",
	       counts.records, counts.words, counts.pairs, seconds, folding, (double)counts.bytes / 1e6);
	for (uint32_t errors = 0; errors <= 2; errors++)
		measure(&world, errors, questions);
	return 0;
}
