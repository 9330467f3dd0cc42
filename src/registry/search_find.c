/* What was typed is tried as a reference, as each of the register's exact fields, then as names, with a year or day that
 * tells people of one name apart. */
#include <stdlib.h>
#include <string.h>
#include "base/strbuf.h"
#include "registry/address.h"
#include "registry/names.h"
#include "registry/search_inner.h"
#include "text/name.h"
#include "text/utf8.h"

enum {
	NARROWED_MAX = 4096, /* records that are read to be told apart by what else was typed */
	WORD_MISSED = 2,     /* what a word that none of the names is like counts for */
	YEAR_FIRST = 1800,
	YEAR_LAST = 2200,
};

/* What was typed, by its parts. */
struct question {
	const char *text; /* normalised */
	const char *words[NAME_WORDS_MAX];
	size_t word_count;
	size_t letters; /* folded */
	bool too_many;  /* words */
	bool odd;       /* something with digits that is no year and no day */
	int year;       /* 0: none */
	int64_t day;    /* DAY_NONE */
};

struct finding_out { /* in the caller's thread */
	struct search_job *search;
	struct db *db;
	const struct role_reads *reads; /* NULL: forbidden, so nothing will be shown */
	struct question question;
};

/* ---- the question ---- */

static bool
has_digit(const char *text)
{
	return strpbrk(text, "0123456789") != NULL;
}

static bool
read_year(const char *text, int *ret_year)
{
	if (strlen(text) != 4 || strspn(text, "0123456789") != 4)
		return false;
	int year = atoi(text);

	if (year < YEAR_FIRST || year > YEAR_LAST)
		return false;
	*ret_year = year;
	return true;
}

static void
add_words(struct arena *arena, struct question *question, const char *token)
{
	char *rest = NULL;

	for (char *word = strtok_r(name_fold(arena, token), " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		question->too_many = question->word_count == NAME_WORDS_MAX;
		if (question->too_many)
			return;
		question->words[question->word_count++] = word;
		question->letters += strlen(word);
	}
}

static void
read_question(struct search_job *search, struct question *question)
{
	const struct search *how = search->reg->search;
	bool firm = how->given != NULL && how->family == NULL;
	AUTO(strbuf_done) struct strbuf names = { 0 };
	char *rest = NULL;

	*question = (struct question){ .text = search->text, .day = DAY_NONE };
	for (char *token = strtok_r(arena_text(search->arena, search->text), " ,;", &rest); token != NULL;
	     token = strtok_r(NULL, " ,;", &rest)) {
		if (firm || !has_digit(token))
			strbuf_printf(&names, "%s ", token);
		else if (!read_year(token, &question->year) &&
			 day_parse(token, strlen(token), true, &question->day) != OK)
			question->odd = true;
	}
	if (names.bytes > 0)
		add_words(search->arena, question, names.text);
}

/* ---- by reference, number, document ---- */

static void
add_hit(struct search_hits *hits, int64_t record)
{
	for (size_t i = 0; i < hits->count; i++)
		if (hits->records[i] == record)
			return;
	if (hits->count < SEARCH_HITS_MAX)
		hits->records[hits->count++] = record;
	else
		hits->refine = true;
}

static bool
find_by_reference(struct finding_out *out)
{
	struct search_job *search = out->search;
	const struct reg *reg = NULL;
	int64_t record = 0;

	if (registry_parse_reference(search->registry, NULL, search->text, &reg, &record) != OK)
		return false;
	if (reg == search->reg && image_exists(search->registry, out->db, reg, record))
		add_hit(&search->hits, record);
	return true;
}

static enum error
find_by_field(struct finding_out *out, const struct field *field, const struct input *input)
{
	struct search_job *search = out->search;
	AUTO(query_free)
	struct query *query = db_query(out->db, sql_find(search->arena, search->reg, &field, 1));
	enum error e;

	for (size_t i = 0; i < input->value_count; i++)
		bind_value(query, (int)i + 1, &input->values[i]);
	while ((e = query_step(query)) == OK)
		add_hit(&search->hits, column_integer(query, 0));
	return e == ERR_NOT_FOUND ? OK : e;
}

/* `ret_is`: it is such a number, whether anybody has it or not. */
static enum error
find_by_exact(struct finding_out *out, bool *ret_is)
{
	struct search_job *search = out->search;
	struct input_context context = registry_input(search->registry, search->arena, search->now);

	context.loose = true;
	for (size_t i = 0; i < search->reg->search->exact_count; i++) {
		const struct field *field = search->reg->search->exact[i];
		struct problem ignored;
		struct input input = { 0 };

		problem_init(&ignored, search->arena);
		if (field->type == FIELD_REF ||
		    input_parse_text(&context, field, search->text, &ignored, &input) != OK ||
		    input.kind != INPUT_VALUE)
			continue;
		/* Any words are a text; whole numbers and documents look like nothing else. */
		*ret_is = *ret_is || field->type != FIELD_TEXT;
		TRY(find_by_field(out, field, &input));
	}
	*ret_is = *ret_is || search->hits.count > 0;
	return OK;
}

/* ---- by name ---- */

static bool
is_patronymic(const char *word)
{
	static const char *const endings[] = { "uli", "kizi", "ovic", "evic", "ovna", "evna", "icna" };
	size_t bytes = strlen(word);

	for (size_t i = 0; i < ARRAY_COUNT(endings); i++) {
		size_t ending = strlen(endings[i]);

		if (bytes > ending + 1 && strcmp(word + bytes - ending, endings[i]) == 0)
			return true;
	}
	return false;
}

/* The words that may be the family or the given name: those that look like a patronymic stay out while two are left. */
static struct name_question
ask_names(const struct question *question, bool one_name)
{
	struct name_question names = { .one_name = one_name };
	size_t others = 0;

	for (size_t i = 0; i < question->word_count; i++)
		others += !is_patronymic(question->words[i]);
	for (size_t i = 0; i < question->word_count; i++)
		if (one_name || others < 2 || !is_patronymic(question->words[i]))
			names.words[names.count++] = question->words[i];
	return names;
}

/* Which words of the question the name is like: one of its words, or all of them written as one. */
static void
note_met(struct finding_out *out, const struct value *name, bool met[static NAME_WORDS_MAX])
{
	const struct question *question = &out->question;
	AUTO(strbuf_done) struct strbuf whole = { 0 };
	char *rest = NULL;

	if (name->kind != VALUE_TEXT)
		return;
	for (char *word = strtok_r(name_fold(out->search->arena, name->text), " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		strbuf_text(&whole, word);
		for (size_t w = 0; w < question->word_count; w++)
			met[w] = met[w] || name_is_near(question->words[w], word, strlen(word));
	}
	for (size_t w = 0; whole.bytes > 0 && w < question->word_count; w++)
		met[w] = met[w] || name_is_near(question->words[w], whole.text, whole.bytes);
}

/* Words that none of the names shown is like. Two words are those by which it was found. */
static unsigned
count_missed(struct finding_out *out, const struct image *image)
{
	const struct search *how = image->reg->search;
	bool met[NAME_WORDS_MAX] = { false };
	unsigned missed = 0;

	if (out->question.word_count <= 2)
		return 0;
	note_met(out, image_value(image, how->given), met);
	if (how->family != NULL)
		note_met(out, image_value(image, how->family), met);
	for (size_t i = 0; i < how->show_count; i++)
		if (how->shows[i]->type == FIELD_NAME && how->shows[i] != how->given && how->shows[i] != how->family &&
		    search_reads(image->reg, out->reads, how->shows[i]))
			note_met(out, image_value(image, how->shows[i]), met);
	for (size_t w = 0; w < out->question.word_count; w++)
		missed += !met[w];
	return missed;
}

/* Does a day that hits show fit the year or day that was typed? */
static bool
has_day(struct finding_out *out, const struct image *image)
{
	const struct search *how = image->reg->search;
	const struct question *question = &out->question;

	for (size_t i = 0; i < how->show_count; i++) {
		const struct field *field = how->shows[i];

		if (field->type != FIELD_DAY || !search_reads(image->reg, out->reads, field))
			continue;
		const struct value *value = image_value(image, field);

		if (value->kind != VALUE_INTEGER)
			continue;
		if ((question->day == DAY_NONE || question->day == value->integer) &&
		    (question->year == 0 || question->year == day_civil(value->integer).year))
			return true;
	}
	return false;
}

static bool
asks_day(const struct question *question)
{
	return question->year != 0 || question->day != DAY_NONE;
}

/* Reads those found to see what else was typed about them. */
static enum error
narrow(struct finding_out *out, struct name_answer *answer)
{
	struct search_job *search = out->search;
	struct named *kept = arena_array_of(search->arena, struct named, answer->count);
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		const struct image *image = NULL;
		enum error e = image_load_from(search->registry, out->db, search->arena, search->reg,
					       answer->items[i].record, &image);

		if (e == ERR_NOT_FOUND || (e == OK && asks_day(&out->question) && !has_day(out, image)))
			continue;
		TRY(e);
		kept[count] = answer->items[i];
		kept[count++].distance += WORD_MISSED * count_missed(out, image);
	}
	qsort(kept, count, sizeof(*kept), named_compare);
	answer->items = kept;
	answer->count = count;
	return OK;
}

/* As many of one distance as there are, or none of them. */
static void
take_nearest(const struct name_answer *answer, struct search_hits *hits)
{
	size_t count = answer->count;

	hits->more = answer->more;
	if (count > 0 && answer->items[count - 1].distance > answer->items[0].distance + NAME_DISTANCE_MORE) {
		unsigned farthest = answer->items[0].distance + NAME_DISTANCE_MORE;

		while (answer->items[count - 1].distance > farthest)
			count--;
	}
	if (count > SEARCH_HITS_MAX) {
		unsigned cut = answer->items[SEARCH_HITS_MAX].distance;

		for (count = SEARCH_HITS_MAX; count > 0 && answer->items[count - 1].distance == cut;)
			count--;
		hits->more = true;
	}
	for (size_t i = 0; i < count; i++)
		hits->records[i] = answer->items[i].record;
	hits->count = count;
	hits->refine = count == 0 && hits->more;
}

static enum error
find_by_name(struct finding_out *out)
{
	struct search_job *search = out->search;
	const struct question *question = &out->question;
	const struct search *how = search->reg->search;
	bool one_name = how->family == NULL;
	struct name_question names = ask_names(question, one_name);
	bool narrows = asks_day(question) || (!one_name && question->word_count > 2);
	struct name_answer answer = { 0 };

	names.records_max = narrows ? NARROWED_MAX : SEARCH_HITS_MAX;
	names_find(search->registry->names, search->reg, &names, search->arena, &answer);
	bool found = answer.count > 0;

	if (narrows)
		TRY(narrow(out, &answer));
	take_nearest(&answer, &search->hits);
	/* Nobody of that name has that day: asking more exactly would not help. */
	if (found && answer.count == 0)
		search->hits.refine = false;
	search->hits.more = search->hits.more && !search->hits.refine;
	return OK;
}

/* ---- all of them ---- */

/* Longer than a day: a number that is mistyped or nobody's. Asking more exactly would not help either. */
static bool
is_long_number(const char *text)
{
	enum { DAY_DIGITS = 8 };
	size_t digits = 0;

	for (; *text != '\0'; text++) {
		if (strchr("0123456789 -", *text) == NULL)
			return false;
		digits += *text >= '0' && *text <= '9';
	}
	return digits > DAY_DIGITS;
}

static enum error
find_all(struct finding_out *out)
{
	struct search_job *search = out->search;
	bool known = find_by_reference(out);

	if (!known)
		TRY(find_by_exact(out, &known));
	if (known || is_long_number(search->text))
		return OK;
	if (search->reg->search->place != NULL || search->reg->search->in != NULL)
		return address_find(search->registry, out->db, search->arena, search->reg, search->text,
				    SEARCH_HITS_MAX, &search->hits);
	read_question(search, &out->question);
	search->words = out->question.words;
	search->word_count = out->question.word_count;
	if (search->reg->search->given == NULL || out->question.letters < SEARCH_LETTERS_MIN ||
	    out->question.too_many || out->question.odd) {
		search->hits.refine = true;
		return OK;
	}
	return find_by_name(out);
}

static enum error
check(struct search_job *search)
{
	TRY(official_check(&search->actor, search->purpose, &search->case_text, &search->problem));
	const char *text = search->text == NULL ? "" : search->text;
	size_t bytes = strlen(text);

	if (!utf8_is_valid(text, bytes) || !utf8_is_clean(text, bytes, false))
		return problem_add(&search->problem, ERR_BAD_INPUT, "text", MSG_TEXT_CONTROL, NULL, NULL);
	if (utf8_count(text, bytes) > SEARCH_TEXT_CHARS_MAX)
		return problem_add(&search->problem, ERR_BAD_INPUT, "text", MSG_TEXT_TOO_LONG, "128", NULL);
	search->text = utf8_normalise(search->arena, text, bytes);
	if (*search->text == '\0')
		return problem_add(&search->problem, ERR_BAD_INPUT, "text", MSG_TEXT_EMPTY, NULL, NULL);
	if (search->reg->search == NULL)
		return problem_add(&search->problem, ERR_NOT_FOUND, "register", MSG_NOT_ALLOWED_HERE, search->reg->name,
				   NULL);
	return OK;
}

enum error
search_find(struct search_job *search, struct db *db)
{
	struct finding_out *out = arena_new_of(search->arena, struct finding_out);

	TRY(check(search));
	const struct held_role *held = search_role(search, 0);

	*out = (struct finding_out){ .search = search,
				     .db = db,
				     .reads = held == NULL ? NULL : official_reads(held->role, search->reg) };
	search->hits = (struct search_hits){ 0 };
	search->words = NULL;
	search->word_count = 0;
	TRY(find_all(out));
	if (search->hits.refine)
		search->hits.count = 0;
	return OK;
}
