/* Names follow what the writer keeps, beside searches, restarts and faults. */
#include "registry/names.h"
#include <pthread.h>
#include "registry/faulty.h"
#include "registry/town.h"
#include "text/name.h"

static struct name_answer
find(struct town *t, struct arena *arena, const char *family, const char *given)
{
	struct name_question question = { .words = { name_fold(arena, family), name_fold(arena, given) },
					  .count = 2,
					  .records_max = 100 };
	struct name_answer answer = { 0 };

	names_find(t->f->registry->names, pack_reg(t->f->pack, "person"), &question, arena, &answer);
	return answer;
}

/* A name for each number, all of them unlike each other. */
static const char *
family_of(struct arena *arena, int number)
{
	static const char *const syllables[] = { "ба", "де", "ки", "лұ", "мө", "рә", "сы", "то", "шу", "жа" };

	return arena_printf(arena, "%s%s%s%sов", syllables[number / 1000 % 10], syllables[number / 100 % 10],
			    syllables[number / 10 % 10], syllables[number % 10]);
}

static void
register_some(struct town *t, int first, int count)
{
	for (int i = first; i < first + count; i++)
		ok_act(t->f, &t->console, "person", "register", 0,
		       text(t->f,
			    "{\"document\":{\"state\":\"UZB\",\"number\":\"BB%07d\"},\"family_name\":\"%s\","
			    "\"given_name\":\"Данияр\",\"language\":\"kk\"}",
			    i, family_of(t->f->arena, i)));
}

struct searcher {
	struct town *town;
	pthread_t thread;
	_Atomic bool *stop;
	int wrong;
	uint64_t searches;
};

/* Whoever was acknowledged before a search is found by it. */
static void *
search_on(void *context)
{
	struct searcher *searcher = context;

	while (!*searcher->stop) {
		AUTO(arena_free) struct arena *arena = arena_new();
		struct name_answer answer = find(searcher->town, arena, "Ахметов", "Айгүл");

		searcher->wrong += answer.count == 0 || answer.items[0].record != searcher->town->owner;
		searcher->searches++;
	}
	return NULL;
}

static void
searches_beside_the_writer_read_what_was_acknowledged(void **state)
{
	enum { SEARCHERS = 3, PEOPLE = 300 };
	struct town t = town_open();
	struct searcher searchers[SEARCHERS];
	_Atomic bool stop = false;

	for (int i = 0; i < SEARCHERS; i++) {
		searchers[i] = (struct searcher){ .town = &t, .stop = &stop };
		assert_int_equal(pthread_create(&searchers[i].thread, NULL, search_on, &searchers[i]), 0);
	}
	for (int i = 0; i < PEOPLE; i++) {
		AUTO(arena_free) struct arena *arena = arena_new();

		register_some(&t, i, 1);
		struct name_answer answer = find(&t, arena, family_of(arena, i), "Данияр");

		assert_true(answer.count > 0);
		assert_int_equal(answer.items[0].distance, 0);
	}
	stop = true;
	for (int i = 0; i < SEARCHERS; i++) {
		assert_int_equal(pthread_join(searchers[i].thread, NULL), 0);
		assert_int_equal(searchers[i].wrong, 0);
		assert_true(searchers[i].searches > 0);
	}
	fixture_close(t.f);
}

static void
names_that_nobody_asked_for_are_taken_over_all_the_same(void **state)
{
	enum { PEOPLE = 4200 }; /* more than may wait */
	AUTO(arena_free) struct arena *arena = arena_new();
	struct town t = town_open();
	struct name_book_counts counts;
	int64_t stored = count_of(t.f, "SELECT count(*) FROM sys_name");

	register_some(&t, 0, PEOPLE);
	for (int i = 0; i < PEOPLE; i += 100)
		assert_int_equal(find(&t, arena, family_of(arena, i), "Данияр").items[0].distance, 0);
	names_count(t.f->registry->names, &counts);
	assert_int_equal(counts.records, stored + PEOPLE);
	assert_true(counts.bytes > 0);
	fixture_close(t.f);
}

static void
a_commit_that_fails_brings_no_name(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct town t = town_open();
	int faults = -1;
	enum error e;

	do {
		set_fault(t.f, ++faults + 1);
		e = do_act(t.f, &t.clerk, "person", "rename", t.guest,
			   "{\"family_name\":\"Бекмұратова\",\"given_name\":\"Жанна\",\"patronymic\":null}", NULL);
		set_fault(t.f, 0);
		assert_int_equal(find(&t, arena, "Бекмұратова", "Жанна").count, e == OK);
		assert_int_equal(find(&t, arena, "Қасымова", "Айгүл").count, e != OK);
		assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_name WHERE given = 'jana'"), e == OK);
	} while (e != OK);
	assert_true(faults > 2);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_beside_the_writer_read_what_was_acknowledged),
		cmocka_unit_test(names_that_nobody_asked_for_are_taken_over_all_the_same),
		cmocka_unit_test(a_commit_that_fails_brings_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
