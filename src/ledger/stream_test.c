#include "ledger/testing.h"
#include "ledger/stream.h"

enum { STREAMS = 3000 };

static uint64_t seed;

/* xorshift: the same run each time. */
static uint64_t
next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

struct model {
	bool there[STREAMS];
	struct stream streams[STREAMS];
};

static void
assert_like(const struct stream_table *table, const struct model *model)
{
	size_t count = 0;

	for (int64_t i = 0; i < STREAMS; i++) {
		struct stream found;

		assert_int_equal(stream_find(table, i - 3, &found), model->there[i]);
		count += model->there[i];
		if (!model->there[i])
			continue;
		assert_int_equal(found.n, model->streams[i].n);
		if (found.n > 0)
			assert_int_equal(found.last, model->streams[i].last);
	}
	assert_int_equal(table->count, count);
}

static void
change(struct stream_table *table, struct model *model, uint64_t index)
{
	int64_t i = (int64_t)(next_random() % STREAMS);

	if (!model->there[i]) {
		assert_int_equal(stream_add(table, i - 3), OK);
		model->there[i] = true;
		model->streams[i] = (struct stream){ 0 };
		return;
	}
	stream_advance(table, i - 3, index);
	model->streams[i].n++;
	model->streams[i].last = index;
}

static void
undoing_goes_back_to_mark_and_begin_whatever_was_done(void **state)
{
	static struct model model, begun, marked;
	AUTO(stream_table_done) struct stream_table table = { 0 };
	uint64_t index = 0;

	seed = 42;
	for (int transaction = 0; transaction < 200; transaction++) {
		begun = model;
		for (int i = 0; i < 30; i++)
			change(&table, &model, index++);
		marked = model;
		size_t mark = stream_mark(&table);

		for (int i = 0; i < 30; i++)
			change(&table, &model, index++);
		if (next_random() % 2 == 0) {
			stream_undo(&table, mark, NULL, NULL);
			model = marked;
			assert_like(&table, &model);
		}
		if (next_random() % 3 == 0) {
			stream_undo(&table, 0, NULL, NULL);
			model = begun;
			assert_like(&table, &model);
		} else {
			stream_keep(&table);
		}
	}
	assert_like(&table, &model);
	assert_true(table.count > STREAMS / 2);
}

static void
the_largest_numbers_fit(void **state)
{
	static const int64_t numbers[] = { STREAM_NUMBER_FIRST, -3, 0, 1, STREAM_NUMBER_BEHIND - 1 };
	AUTO(stream_table_done) struct stream_table table = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		struct stream found;

		assert_int_equal(stream_add(&table, numbers[i]), OK);
		assert_int_equal(stream_add(&table, numbers[i]), ERR_DUPLICATE);
		for (uint64_t n = 1; n <= 70000; n++)
			stream_advance(&table, numbers[i], STREAM_INDEX_BEHIND - 70001 + n);
		assert_true(stream_find(&table, numbers[i], &found));
		assert_int_equal(found.n, 70000);
		assert_int_equal(found.last, STREAM_INDEX_BEHIND - 1);
		stream_keep(&table);
	}
	assert_int_equal(stream_add(&table, STREAM_NUMBER_FIRST - 1), ERR_BAD_INPUT);
	assert_int_equal(stream_add(&table, STREAM_NUMBER_BEHIND), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(undoing_goes_back_to_mark_and_begin_whatever_was_done),
		cmocka_unit_test(the_largest_numbers_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
