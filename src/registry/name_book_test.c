#include "registry/name_book.h"
#include "base/testing.h"
#include "text/name.h"
#include "text/nearest.h"

static void
add(struct name_book *book, struct arena *arena, const char *family, const char *given, int64_t record)
{
	name_book_add(book, name_fold(arena, family), name_fold(arena, given), record);
}

static struct name_answer
find(const struct name_book *book, struct arena *arena, const char *text, size_t records_max)
{
	struct name_question question = { .records_max = records_max };
	struct name_answer answer = { 0 };
	char *rest = NULL;

	for (char *word = strtok_r(name_fold(arena, text), " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
		question.words[question.count++] = word;
	name_book_find(book, &question, arena, &answer);
	return answer;
}

static struct name_book *
small_town(struct arena *arena)
{
	static const char *const people[][2] = {
		{ "Серікова", "Қуаныш" },     { "Серікова", "Айгүл" },    { "Ахметов", "Қуаныш" },
		{ "Ахметова", "Айгүл" },      { "Ахметова-Бек", "Әсел" }, { "", "Данияр" },
		{ "Нұрланов", "Нұр-Сұлтан" }, { "Иванов", "Пётр" },       { "Петров", "Иван" },
	};
	struct name_book *book = name_book_new();

	for (size_t i = 0; i < ARRAY_COUNT(people); i++)
		add(book, arena, people[i][0], people[i][1], (int64_t)i + 1);
	return book;
}

static void
a_name_is_found_in_three_scripts_either_way_round_and_misspelt(void **state)
{
	static const struct {
		const char *text;
		int64_t record;
		unsigned distance;
	} rows[] = {
		{ "Серікова Қуаныш", 1, 0 },    { "Қуаныш Серикова", 1, 0 },    { "Serikova Kuanysh", 1, 0 },
		{ "Serikova Quanysh", 1, 0 },   { "Куаныш Серикова", 1, 0 },    { "Serikova Kuansyh", 1, 1 },
		{ "Серикава Куаниш", 1, 1 },    { "Ахметова Бек Асель", 5, 0 }, { "Бек Асель", 5, 1 },
		{ "Нурланов Нурсултан", 7, 0 }, { "Nurlanov Sultan", 7, 1 },    { "Данияр", 6, 0 },
		{ "Petrov Ivan", 9, 0 },
	};
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(name_book_free) struct name_book *book = small_town(arena);

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct name_answer answer = find(book, arena, rows[i].text, 10);

		if (answer.count == 0 || answer.items[0].record != rows[i].record)
			print_error("%s\n", rows[i].text);
		assert_true(answer.count > 0);
		assert_int_equal(answer.items[0].record, rows[i].record);
		assert_true(answer.items[0].distance <= rows[i].distance + 1);
	}
	assert_int_equal(find(book, arena, "Бекмұратов Жанна", 10).count, 0);
}

static void
what_does_not_fit_is_left_out_whole(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(name_book_free) struct name_book *book = name_book_new();

	for (int i = 0; i < 3; i++)
		add(book, arena, "Оспанов", "Дамир", i);
	for (int i = 3; i < 12; i++)
		add(book, arena, "Оспанова", "Дамир", i);
	struct name_answer few = find(book, arena, "Оспанов Дамир", 10), all = find(book, arena, "Оспанов Дамир", 12);
	struct name_answer none = find(book, arena, "Дамир", 10), too_many = find(book, arena, "Оспанова Дамир", 8);

	assert_int_equal(few.count, 3);
	assert_true(few.more);
	assert_int_equal(all.count, 12);
	assert_false(all.more);
	assert_int_equal(none.count, 0);
	assert_true(none.more);
	assert_int_equal(too_many.count, 0);
	assert_true(too_many.more);
}

static void
who_is_renamed_is_found_under_the_new_name_alone(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(name_book_free) struct name_book *book = small_town(arena);
	struct name_book_counts before, after;

	name_book_count(book, &before);
	for (int i = 0; i < 100; i++) {
		name_book_remove(book, name_fold(arena, "Серікова"), name_fold(arena, "Қуаныш"), 1);
		assert_int_equal(find(book, arena, "Серікова Қуаныш", 10).count, 0);
		add(book, arena, "Омарова", "Қуаныш", 1);
		assert_int_equal(find(book, arena, "Омарова Қуаныш", 10).count, 1);
		name_book_remove(book, name_fold(arena, "Омарова"), name_fold(arena, "Қуаныш"), 1);
		add(book, arena, "Серікова", "Қуаныш", 1);
	}
	name_book_remove(book, "nobody", "here", 1);
	name_book_count(book, &after);
	assert_int_equal(after.records, before.records);
	assert_int_equal(find(book, arena, "Серікова Қуаныш", 10).count, 1);
}

static void
each_word_must_be_one_of_a_firms_name(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(name_book_free) struct name_book *book = name_book_new();
	struct name_question question = {
		.words = { "alau", "servis" }, .count = 2, .one_name = true, .records_max = 10
	};
	struct name_answer answer = { 0 };

	add(book, arena, "", "Алау Сервис ЖШС", 1);
	add(book, arena, "", "Алау Құрылыс ЖШС", 2);
	add(book, arena, "", "Сервис Плюс", 3);
	name_book_find(book, &question, arena, &answer);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.items[0].record, 1);
	question = (struct name_question){ .words = { "alau" }, .count = 1, .one_name = true, .records_max = 10 };
	name_book_find(book, &question, arena, &answer);
	assert_int_equal(answer.count, 2);
}

/* The slow obvious twin: the nearest distance of any record, words in both orders. */
static unsigned
word_distance(const char *asked, const char *name)
{
	char coarse_asked[64], coarse_name[64];
	size_t asked_bytes = strlen(asked), name_bytes = strlen(name);
	unsigned plain = nearest_distance(asked, asked_bytes, name, name_bytes);
	size_t coarse_bytes = name_coarse(asked, asked_bytes, coarse_asked);
	unsigned coarse = 1 + nearest_distance(coarse_asked, coarse_bytes, coarse_name,
					       name_coarse(name, name_bytes, coarse_name));
	unsigned nearer = plain < coarse ? plain : coarse;

	if (nearer > 2 && asked_bytes >= 5 && strncmp(asked, name, asked_bytes) == 0)
		nearer = 2;
	return nearer <= name_errors_max(asked_bytes) ? nearer : 100;
}

enum { PEOPLE = 2000 };

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(*seed >> 33) % below;
}

static void
draw_name(uint64_t *seed, char name[static 8])
{
	uint32_t bytes = 3 + draw(seed, 5);

	for (uint32_t i = 0; i < bytes; i++)
		name[i] = (char)('a' + 2 * draw(seed, 6));
	name[bytes] = '\0';
}

static void
answers_are_those_of_comparing_with_everybody(void **state)
{
	static char family[PEOPLE][8], given[PEOPLE][8];
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(name_book_free) struct name_book *book = name_book_new();
	uint64_t seed = 3;
	size_t found = 0;

	for (int i = 0; i < PEOPLE; i++) {
		draw_name(&seed, family[i]);
		draw_name(&seed, given[i]);
		name_book_add(book, family[i], given[i], i);
	}
	for (int n = 0; n < 200; n++) {
		char a[8], b[8];
		size_t counts[NAME_DISTANCE_MAX + 1] = { 0 }, expected = 0;
		int nearest = -1;

		draw_name(&seed, a);
		draw_name(&seed, b);
		for (int i = 0; i < PEOPLE; i++) {
			unsigned one = word_distance(a, family[i]) + word_distance(b, given[i]);
			unsigned other = word_distance(b, family[i]) + word_distance(a, given[i]);

			one = one < other ? one : other;
			if (one <= NAME_DISTANCE_MAX)
				counts[one]++;
		}
		for (int d = 0; d <= NAME_DISTANCE_MAX; d++) {
			nearest = nearest < 0 && counts[d] > 0 ? d : nearest;
			if (nearest < 0 || d <= nearest + NAME_DISTANCE_MORE)
				expected += counts[d];
		}
		struct name_question question = { .words = { a, b }, .count = 2, .records_max = PEOPLE };
		struct name_answer answer = { 0 };

		name_book_find(book, &question, arena, &answer);
		assert_int_equal(answer.count, expected);
		assert_true(answer.count == 0 || (int)answer.items[0].distance == nearest);
		found += answer.count;
	}
	assert_true(found > 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_found_in_three_scripts_either_way_round_and_misspelt),
		cmocka_unit_test(what_does_not_fit_is_left_out_whole),
		cmocka_unit_test(who_is_renamed_is_found_under_the_new_name_alone),
		cmocka_unit_test(each_word_must_be_one_of_a_firms_name),
		cmocka_unit_test(answers_are_those_of_comparing_with_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
