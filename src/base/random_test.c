#include "base/random.h"
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/testing.h"

enum { DRAWS = 4000, DRAW_BYTES = 16 };

static int
compare_draws(const void *a, const void *b)
{
	return memcmp(a, b, DRAW_BYTES);
}

static void
no_draw_comes_twice(void **state)
{
	static unsigned char draws[DRAWS][DRAW_BYTES];

	for (int i = 0; i < DRAWS; i++)
		random_bytes(draws[i], DRAW_BYTES);
	qsort(draws, DRAWS, DRAW_BYTES, compare_draws);
	for (int i = 1; i < DRAWS; i++)
		assert_memory_not_equal(draws[i - 1], draws[i], DRAW_BYTES);
}

static void
each_bit_is_set_half_of_the_time(void **state)
{
	static unsigned char bytes[100000];
	long set = 0;

	for (size_t at = 0; at < sizeof(bytes);) {
		size_t step = at % 4097 + 1 < sizeof(bytes) - at ? at % 4097 + 1 : sizeof(bytes) - at;

		random_bytes(bytes + at, step);
		at += step;
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		set += __builtin_popcount(bytes[i]);
	/* Eight standard deviations (447) around the mean. */
	assert_in_range(set, 400000 - 3600, 400000 + 3600);
}

static void
a_child_draws_other_bytes_than_its_parent(void **state)
{
	unsigned char mine[DRAW_BYTES];
	unsigned char childs[DRAW_BYTES];
	int ends[2];

	random_bytes(mine, 1); /* the buffer is full when the child is made */
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		random_bytes(childs, sizeof(childs));
		_exit(write(ends[1], childs, sizeof(childs)) == (ssize_t)sizeof(childs) ? 0 : 1);
	}
	random_bytes(mine, sizeof(mine));
	assert_int_equal(read(ends[0], childs, sizeof(childs)), sizeof(childs));
	assert_memory_not_equal(mine, childs, sizeof(mine));
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	close(ends[1]);
}

static void *
draw(void *to)
{
	random_bytes(to, DRAW_BYTES);
	return NULL;
}

static void
threads_draw_apart(void **state)
{
	unsigned char draws[8][DRAW_BYTES];
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, draw, draws[i]), 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(draws[i], draws[j], DRAW_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_draw_comes_twice),
		cmocka_unit_test(each_bit_is_set_half_of_the_time),
		cmocka_unit_test(a_child_draws_other_bytes_than_its_parent),
		cmocka_unit_test(threads_draw_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
