#include "base/arena.h"
#include "base/testing.h"

static void
memory_is_zeroed_aligned_and_apart(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	unsigned char *pieces[500];

	for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
		size_t bytes = i * 37 % 9000;

		pieces[i] = arena_take(arena, bytes);
		assert_int_equal((uintptr_t)pieces[i] % 16, 0);
		for (size_t at = 0; at < bytes; at++)
			assert_int_equal(pieces[i][at], 0);
		memset(pieces[i], (int)(i % 251 + 1), bytes);
	}
	for (size_t i = 0; i < ARRAY_COUNT(pieces); i++)
		for (size_t at = 0; at < i * 37 % 9000; at++)
			assert_int_equal(pieces[i][at], i % 251 + 1);
}

static void
a_reset_arena_gives_zeroed_memory_again(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	char *first = arena_take(arena, 1000);

	memset(first, 'x', 1000);
	arena_take(arena, 100000);
	assert_true(arena_bytes(arena) >= 101000);
	arena_reset(arena);
	assert_int_equal(arena_bytes(arena), 0);
	char *again = arena_take(arena, 1000);

	assert_ptr_equal(again, first);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(again[i], 0);
}

static void
texts_are_copied_with_their_end(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	char text[] = "Қуаныш";
	char *copy = arena_text(arena, text);

	text[0] = 'x';
	assert_string_equal(copy, "Қуаныш");
	assert_null(arena_text(arena, NULL));
	assert_memory_equal(arena_copy(arena, "a\0b", 3), "a\0b", 4);
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
}

static void
a_growing_array_keeps_what_it_holds(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	int *numbers = NULL;
	size_t count = 0, capacity = 0;

	for (int i = 0; i < 10000; i++)
		*ARENA_PUSH(arena, numbers, count, capacity) = i;
	assert_int_equal(count, 10000);
	assert_true(capacity >= count);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(numbers[i], i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(a_reset_arena_gives_zeroed_memory_again),
		cmocka_unit_test(texts_are_copied_with_their_end),
		cmocka_unit_test(a_growing_array_keeps_what_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
