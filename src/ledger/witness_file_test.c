#include "ledger/witness_file.h"
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ledger/durable.h"
#include "ledger/witness_testing.h"

#define NAME "witness.example/w1"
enum { TIME_S = 1700000000 };

static struct toy_log ours;
static char folder[64], inside[96];

static int
set_up(void **state)
{
	toy_open(&ours, "log.example/test", 1);
	snprintf(folder, sizeof(folder), "/tmp/tirkeu-witness-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(inside, sizeof(inside), "%s/w", folder);
	return 0;
}

static int
tear_down(void **state)
{
	char command[160];

	durable_fail_at(0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static struct witness *
open_named(const char *name)
{
	struct witness *witness = NULL;
	enum witness_trouble trouble = WITNESS_FINE;

	assert_int_equal(witness_open(inside, name, &ours.key, 1, &trouble, &witness), OK);
	return witness;
}

static enum witness_trouble
trouble_of(const char *name)
{
	struct witness *witness = NULL;
	enum witness_trouble trouble = WITNESS_FINE;

	assert_int_equal(witness_open(inside, name, &ours.key, 1, &trouble, &witness), ERR_CONFLICT);
	assert_null(witness);
	return trouble;
}

static enum error
send(struct witness *witness, uint64_t old_size, uint64_t size, struct witness_verdict *verdict, struct strbuf *answer)
{
	AUTO(strbuf_done) struct strbuf body = { 0 };

	toy_request(&ours, old_size, size, &body);
	return witness_add_checkpoint(witness, body.text, body.bytes, TIME_S, verdict, answer);
}

static enum witness_status
status_of(struct witness *witness, uint64_t old_size, uint64_t size)
{
	AUTO(strbuf_done) struct strbuf answer = { 0 };
	struct witness_verdict verdict;

	assert_int_equal(send(witness, old_size, size, &verdict, &answer), OK);
	return verdict.status;
}

static void
in_folder(const char *command)
{
	char line[256];

	snprintf(line, sizeof(line), "cd %s && %s", inside, command);
	assert_int_equal(system(line), 0);
}

static void
what_it_cosigns_others_can_verify(void **state)
{
	AUTO(witness_close) struct witness *witness = open_named(NAME);
	AUTO(strbuf_done) struct strbuf answer = { 0 };
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(strbuf_done) struct strbuf line = { 0 };
	const struct checkpoint checkpoint = toy_checkpoint(&ours, 7);
	struct witness_verdict verdict;
	size_t others = 0;

	assert_int_equal(send(witness, 0, 7, &verdict, &answer), OK);
	assert_int_equal(verdict.status, WITNESS_COSIGNS);
	checkpoint_print(&checkpoint, &text);
	assert_int_equal(witness_answer_line(text.text, text.bytes, witness_key(witness), answer.text, answer.bytes,
					     &line, &others),
			 OK);
	assert_string_equal(line.text, answer.text);
	assert_int_equal(others, 0);
}

static void
it_remembers_key_and_sizes_when_it_starts_again(void **state)
{
	struct witness *witness = open_named(NAME);
	AUTO(strbuf_done) struct strbuf answer = { 0 };
	const struct note_key key = *witness_key(witness);
	struct witness_verdict verdict;

	assert_int_equal(status_of(witness, 0, 7), WITNESS_COSIGNS);
	assert_int_equal(status_of(witness, 7, 9), WITNESS_COSIGNS);
	witness_close(witness);
	AUTO(witness_close) struct witness *again = open_named(NULL);

	assert_memory_equal(witness_key(again)->public_key, key.public_key, sizeof(key.public_key));
	assert_string_equal(witness_key(again)->name, NAME);
	assert_int_equal(send(again, 7, 9, &verdict, &answer), OK);
	assert_int_equal(verdict.status, WITNESS_CONFLICT);
	assert_string_equal(answer.text, "9\n");
	assert_int_equal(status_of(again, 9, 9), WITNESS_COSIGNS);
}

static void
the_key_is_nobody_elses_to_read(void **state)
{
	AUTO(witness_close) struct witness *witness = open_named(NAME);
	struct stat status;
	char path[128];

	assert_non_null(witness);
	snprintf(path, sizeof(path), "%s/key", inside);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(status.st_size, NOTE_SEED_BYTES);
}

static void
two_programs_cannot_be_one_witness(void **state)
{
	AUTO(witness_close) struct witness *witness = open_named(NAME);

	assert_non_null(witness);
	assert_int_equal(trouble_of(NAME), WITNESS_IN_USE);
}

static void
a_name_is_needed_once_and_stays(void **state)
{
	assert_int_equal(trouble_of(NULL), WITNESS_NO_NAME);
	assert_int_equal(trouble_of("two words"), WITNESS_BAD_NAME);
	witness_close(open_named(NAME));
	assert_int_equal(trouble_of("witness.example/w2"), WITNESS_OTHER_NAME);
	witness_close(open_named(NAME));
}

static void
without_its_memory_a_key_signs_nothing(void **state)
{
	struct witness *witness = open_named(NAME);

	assert_int_equal(status_of(witness, 0, 7), WITNESS_COSIGNS);
	witness_close(witness);
	in_folder("cp state saved && printf x >>state");
	assert_int_equal(trouble_of(NAME), WITNESS_STATE_LOST);
	in_folder("rm state");
	assert_int_equal(trouble_of(NAME), WITNESS_STATE_LOST);
	in_folder("cp saved state && head -c 32 /dev/zero >key");
	assert_int_equal(trouble_of(NAME), WITNESS_STATE_LOST);
	in_folder("head -c 31 /dev/zero >key");
	assert_int_equal(trouble_of(NAME), WITNESS_KEY_LOST);
	in_folder("rm key");
	assert_int_equal(trouble_of(NAME), WITNESS_KEY_LOST);
}

/* Fail the first operation on the disk, then the second, ... : either it is cosigned and remembered, or it is not
 * cosigned; and whatever stands in the file then, no second root of that size is cosigned. */
static void
nothing_is_signed_that_is_not_remembered_whichever_write_fails(void **state)
{
	bool fired = true;

	for (int nth = 1; fired; nth++) {
		struct witness *witness = open_named(NAME);
		AUTO(strbuf_done) struct strbuf answer = { 0 };
		struct witness_verdict verdict = { 0 };

		assert_int_equal(status_of(witness, 0, 7), WITNESS_COSIGNS);
		durable_fail_at(nth);
		enum error e = send(witness, 7, 20, &verdict, &answer);

		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e == OK, !fired);
		assert_int_equal(answer.bytes > 0, !fired);
		witness_close(witness);
		witness = open_named(NULL);
		if (e == OK)
			assert_int_equal(status_of(witness, 7, 21), WITNESS_CONFLICT);
		else
			assert_true(status_of(witness, 7, 20) == WITNESS_COSIGNS ||
				    status_of(witness, 20, 20) == WITNESS_COSIGNS);
		witness_close(witness);
		in_folder("rm -f key state vkey state.new");
	}
}

static void
a_first_start_cut_short_is_begun_again(void **state)
{
	bool fired = true;

	for (int nth = 1; fired; nth++) {
		struct witness *witness = NULL;
		enum witness_trouble trouble = WITNESS_FINE;

		durable_fail_at(nth);
		enum error e = witness_open(inside, NAME, &ours.key, 1, &trouble, &witness);

		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e == OK, !fired);
		witness_close(witness);
		witness = open_named(NAME);
		assert_int_equal(status_of(witness, 0, 7), WITNESS_COSIGNS);
		witness_close(witness);
		in_folder("rm -f key state vkey");
	}
}

enum { RACERS = 4 };

static void *
race(void *context)
{
	struct witness *witness = context;
	uintptr_t granted = 0;

	for (uint64_t size = 1; size <= 60; size++) {
		AUTO(strbuf_done) struct strbuf answer = { 0 };
		struct witness_verdict verdict;

		if (send(witness, size - 1, size, &verdict, &answer) == OK && verdict.status == WITNESS_COSIGNS)
			granted++;
	}
	return (void *)granted;
}

/* Each step from one size to the next can be taken once; a size that is there already is cosigned again only as it is. */
static void
of_requests_at_once_one_wins(void **state)
{
	AUTO(witness_close) struct witness *witness = open_named(NAME);
	pthread_t threads[RACERS];
	uintptr_t sum = 0;

	for (int i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race, witness), 0);
	for (int i = 0; i < RACERS; i++) {
		void *granted = NULL;

		pthread_join(threads[i], &granted);
		sum += (uintptr_t)granted;
	}
	assert_int_equal(sum, 60);
	assert_int_equal(status_of(witness, 60, 61), WITNESS_COSIGNS);
}

#define WITNESS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITNESS(what_it_cosigns_others_can_verify),
		WITNESS(it_remembers_key_and_sizes_when_it_starts_again),
		WITNESS(the_key_is_nobody_elses_to_read),
		WITNESS(two_programs_cannot_be_one_witness),
		WITNESS(a_name_is_needed_once_and_stays),
		WITNESS(without_its_memory_a_key_signs_nothing),
		WITNESS(nothing_is_signed_that_is_not_remembered_whichever_write_fails),
		WITNESS(a_first_start_cut_short_is_begun_again),
		WITNESS(of_requests_at_once_one_wins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
