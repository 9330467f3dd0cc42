#include "base/testing.h"
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>
#include "store/writer.h"

enum { THREADS = 8, JOBS_EACH = 400, TRACE_BYTES = 4096 };

struct fixture {
	char folder[64];
	char path[96];
	struct db *db; /* until the writer takes it */
	struct writer *writer;
	struct writer_hooks hooks;
	char trace[TRACE_BYTES]; /* a letter for each hook, in the writer's thread */
	size_t trace_count;
};

/* One inserted number, and what became of it. */
struct number {
	struct job job;
	struct fixture *fixture;
	int64_t value;
	enum error fail_with; /* after the insert; OK: succeed */
	int fail_at;          /* db_fail_at after the insert, if negative before it; 0: not */
	bool ends_faults;     /* whatever fault did not fire yet never will */
	bool loses_transaction;
	sem_t *gate; /* waited for before the insert */
	sem_t *entered;
	int runs;
	_Atomic int answers;
	enum error answer;
};

static void
note(void *context, char letter)
{
	struct fixture *f = context;

	if (f->trace_count + 1 < TRACE_BYTES)
		f->trace[f->trace_count++] = letter;
}

static void
note_begun(void *context, struct db *db)
{
	note(context, 'B');
}

static void
note_job_begun(void *context)
{
	note(context, 'j');
}

static void
note_job_undone(void *context)
{
	note(context, 'u');
}

static enum error
note_job_ended(void *context, struct db *db, struct job *job)
{
	note(context, 'e');
	return OK;
}

/* A negative number is what this batch must not hold. */
static enum error
refuse_negative(void *context, struct db *db)
{
	AUTO(query_free) struct query *q = db_query(db, "select 1 from number where value < 0");

	note(context, 'E');
	return query_one(q) == OK ? ERR_FAULT : OK;
}

static void
note_committed(void *context, struct db *db)
{
	note(context, 'C');
}

static void
note_undone(void *context)
{
	note(context, 'U');
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/tirkeu-writer-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/db", f->folder);
	f->hooks = (struct writer_hooks){ f,
					  note_begun,
					  note_job_begun,
					  note_job_undone,
					  note_job_ended,
					  refuse_negative,
					  note_committed,
					  note_undone };
	assert_int_equal(db_open(f->path, DB_WRITE, &f->db), OK);
	assert_int_equal(db_execute(f->db, "create table number (value bigint, filler bytea)"), OK);
	assert_int_equal(writer_open(f->db, f->path, &f->hooks, &f->writer), OK);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	char command[160];

	writer_close(f->writer);
	snprintf(command, sizeof(command), "rm -r %s", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static int64_t
ask(struct fixture *f, const char *sql)
{
	AUTO(db_close) struct db *reader = NULL;

	if (db_open(f->path, DB_READ, &reader) != OK)
		return -1;
	AUTO(query_free) struct query *q = db_query(reader, sql);

	return query_one(q) == OK ? column_integer(q, 0) : -1;
}

static int64_t
count_numbers(struct fixture *f)
{
	return ask(f, "select count(*) from number");
}

static bool
is_stored(struct fixture *f, int64_t value)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "select count(*) from number where value = %lld", (long long)value);
	return ask(f, sql) == 1;
}

static enum error
insert_value(struct db *db, int64_t value)
{
	AUTO(query_free) struct query *q = db_query(db, "insert into number (value) values ($1)");

	bind_integer(q, 1, value);
	return query_run(q);
}

static enum error
run_number(struct job *job, struct db *db)
{
	struct number *number = (struct number *)job;

	number->runs++;
	if (number->entered != NULL)
		sem_post(number->entered);
	if (number->gate != NULL)
		sem_wait(number->gate);
	if (number->ends_faults)
		db_fail_at(db, 0);
	if (number->fail_at < 0)
		db_fail_at(db, -number->fail_at);
	TRY(insert_value(db, number->value));
	if (number->fail_at > 0)
		db_fail_at(db, number->fail_at);
	if (number->loses_transaction)
		db_rollback(db);
	return number->fail_with;
}

static void
note_answer(struct job *job, enum error e)
{
	struct number *number = (struct number *)job;

	number->answer = e;
	atomic_fetch_add(&number->answers, 1);
}

static void
number_init(struct number *number, struct fixture *f, int64_t value)
{
	*number = (struct number){ .job = { .run = run_number, .done = note_answer }, .fixture = f, .value = value };
}

/* Holds the writer in a batch of its own until everything after it waits. */
struct gate {
	struct number number;
	sem_t open, entered;
};

static void
gate_close(struct gate *gate, struct fixture *f)
{
	number_init(&gate->number, f, 1000000);
	sem_init(&gate->open, 0, 0);
	sem_init(&gate->entered, 0, 0);
	gate->number.gate = &gate->open;
	gate->number.entered = &gate->entered;
	assert_int_equal(writer_submit(f->writer, &gate->number.job), OK);
	sem_wait(&gate->entered);
}

/* Runs them in one batch behind a gate and waits until all are answered. */
static void
run_together(struct fixture *f, struct number *numbers, size_t count)
{
	struct gate gate;
	struct number last;

	gate_close(&gate, f);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(writer_submit(f->writer, &numbers[i].job), OK);
	f->trace_count = 0;
	sem_post(&gate.open);
	number_init(&last, f, 1000001);
	last.ends_faults = true;
	last.job.dry_run = true;
	last.job.alone = true;
	assert_int_equal(writer_run(f->writer, &last.job), OK);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(numbers[i].answers, 1);
}

static void
look_for_it(struct job *job, enum error e)
{
	struct number *number = (struct number *)job;

	number->answer = e == OK && is_stored(number->fixture, number->value) ? OK : ERR_NOT_FOUND;
}

static void
a_job_is_visible_to_others_when_it_is_answered(void **state)
{
	struct number number;

	number_init(&number, *state, 7);
	number.job.done = look_for_it;
	assert_int_equal(writer_run(number.fixture->writer, &number.job), OK);
	assert_int_equal(number.answer, OK);
}

static void *
submit_many(void *context)
{
	struct number *numbers = context;

	for (int i = 0; i < JOBS_EACH; i++)
		if (i % 10 == 9)
			numbers[i].answer = writer_run(numbers[i].fixture->writer, &numbers[i].job);
		else if (writer_submit(numbers[i].fixture->writer, &numbers[i].job) != OK)
			abort();
	return NULL;
}

static void
jobs_of_eight_threads_are_all_answered_once(void **state)
{
	struct fixture *f = *state;
	struct number *numbers = calloc(THREADS * JOBS_EACH, sizeof(*numbers));
	pthread_t threads[THREADS];
	struct writer_counts counts;

	for (int i = 0; i < THREADS * JOBS_EACH; i++) {
		number_init(&numbers[i], f, i);
		numbers[i].fail_with = i % 7 == 3 ? ERR_GUARD : OK;
		numbers[i].job.dry_run = i % 11 == 5;
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, submit_many, &numbers[i * JOBS_EACH]), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	writer_count(f->writer, &counts);
	int64_t kept = 0;

	for (int i = 0; i < THREADS * JOBS_EACH; i++) {
		while (atomic_load(&numbers[i].answers) == 0)
			usleep(100);
		assert_int_equal(numbers[i].answer, numbers[i].fail_with);
		assert_int_equal(numbers[i].answers, 1);
		kept += numbers[i].fail_with == OK && !numbers[i].job.dry_run;
	}
	assert_int_equal(count_numbers(f), kept);
	writer_count(f->writer, &counts);
	assert_int_equal(counts.jobs, THREADS * JOBS_EACH);
	assert_int_equal(counts.failed_batches, 0);
	assert_int_equal(counts.waiting, 0);
	free(numbers);
}

static void
a_failing_job_leaves_its_neighbours(void **state)
{
	struct fixture *f = *state;
	struct number numbers[3];

	for (int i = 0; i < 3; i++)
		number_init(&numbers[i], f, i);
	numbers[1].fail_with = ERR_REFUSED;
	run_together(f, numbers, 3);
	assert_int_equal(numbers[0].answer, OK);
	assert_int_equal(numbers[1].answer, ERR_REFUSED);
	assert_int_equal(numbers[2].answer, OK);
	assert_true(is_stored(f, 0) && !is_stored(f, 1) && is_stored(f, 2));
	assert_int_equal(numbers[1].runs, 1);
	/* The gate, then the batch, then the dry run alone. */
	assert_memory_equal(f->trace,
			    "eEC"
			    "BjejujeEC"
			    "BjeuU",
			    17);
}

static void
a_dry_run_leaves_nothing_and_costs_no_commit(void **state)
{
	struct fixture *f = *state;
	struct number number;

	number_init(&number, f, 5);
	number.job.dry_run = true;
	assert_int_equal(writer_run(f->writer, &number.job), OK);
	number.fail_with = ERR_REFUSED;
	assert_int_equal(writer_run(f->writer, &number.job), ERR_REFUSED);
	assert_int_equal(count_numbers(f), 0);
	assert_memory_equal(f->trace, "BjeuUBjuU", 9);
}

static void
a_failed_commit_acknowledges_nothing(void **state)
{
	struct fixture *f = *state;
	struct number numbers[4];

	for (int i = 0; i < 4; i++)
		number_init(&numbers[i], f, i);
	numbers[1].fail_with = ERR_GUARD; /* refused in a world that never was */
	numbers[3].fail_at = 1;
	run_together(f, numbers, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(numbers[i].answer, ERR_IO);
		assert_int_equal(numbers[i].runs, 1);
		assert_false(is_stored(f, i));
	}
	assert_int_equal(count_numbers(f), 1); /* the gate */
}

static void
whoever_spoils_the_batch_fails_alone(void **state)
{
	struct fixture *f = *state;
	struct number numbers[5];

	for (int i = 0; i < 5; i++)
		number_init(&numbers[i], f, i == 2 ? -1 : i);
	run_together(f, numbers, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(numbers[i].answer, i == 2 ? ERR_FAULT : OK);
		assert_int_equal(numbers[i].runs, 2);
	}
	assert_int_equal(count_numbers(f), 5);
	assert_memory_equal(f->trace,
			    "eEC"
			    "BjejejejejeEU"
			    "BjeEC"
			    "BjeEC"
			    "BjeEU"
			    "BjeEC"
			    "BjeEC",
			    41);
}

static void
a_lost_transaction_is_run_again_without_its_neighbours(void **state)
{
	struct fixture *f = *state;
	struct number numbers[3];

	for (int i = 0; i < 3; i++)
		number_init(&numbers[i], f, i);
	numbers[1].loses_transaction = true;
	numbers[1].fail_with = ERR_NO_MEMORY;
	run_together(f, numbers, 3);
	assert_int_equal(numbers[0].answer, OK);
	assert_int_equal(numbers[1].answer, ERR_NO_MEMORY);
	assert_int_equal(numbers[2].answer, OK);
	assert_true(is_stored(f, 0) && !is_stored(f, 1) && is_stored(f, 2));
}

/* Even when the job does not notice. */
static void
a_transaction_lost_in_silence_is_no_success(void **state)
{
	struct fixture *f = *state;
	struct number numbers[2];

	for (int i = 0; i < 2; i++)
		number_init(&numbers[i], f, i);
	numbers[1].loses_transaction = true;
	run_together(f, numbers, 2);
	assert_int_equal(numbers[0].answer, OK);
	assert_int_equal(numbers[1].answer, ERR_FAULT);
	assert_true(is_stored(f, 0) && !is_stored(f, 1));
}

static void
a_job_that_wants_to_be_alone_is(void **state)
{
	struct fixture *f = *state;
	struct number numbers[5];

	for (int i = 0; i < 5; i++)
		number_init(&numbers[i], f, i);
	numbers[2].job.alone = true;
	run_together(f, numbers, 5);
	assert_memory_equal(f->trace,
			    "eEC"
			    "BjejeEC"
			    "BjeEC"
			    "BjejeEC",
			    22);
	assert_int_equal(count_numbers(f), 6);
}

/* Fail the first write, then the second, ... until a run meets no fault. */
static void
what_is_acknowledged_is_stored_whichever_write_fails(void **state)
{
	struct fixture *f = *state;
	int failed_answers = 1;
	int64_t next_value = 1;

	for (int nth = 1; failed_answers > 0; nth++) {
		struct number numbers[6];

		for (int i = 0; i < 6; i++)
			number_init(&numbers[i], f, next_value++);
		numbers[0].fail_at = -nth;
		run_together(f, numbers, 6);
		failed_answers = 0;
		for (int i = 0; i < 6; i++) {
			assert_true(numbers[i].answer == OK || numbers[i].answer == ERR_IO);
			assert_int_equal(is_stored(f, numbers[i].value), numbers[i].answer == OK);
			failed_answers += numbers[i].answer != OK;
		}
		assert_true(nth < 20);
	}
}

static void
a_full_queue_says_so_and_takes_nothing(void **state)
{
	struct fixture *f = *state;
	struct number *numbers = calloc(WRITER_QUEUE_MAX + 1, sizeof(*numbers));
	struct gate gate;
	struct writer_counts counts;

	gate_close(&gate, f);
	for (int i = 0; i <= WRITER_QUEUE_MAX; i++) {
		number_init(&numbers[i], f, i);
		numbers[i].job.dry_run = true;
		assert_int_equal(writer_submit(f->writer, &numbers[i].job), i < WRITER_QUEUE_MAX ? OK : ERR_BUSY);
	}
	writer_count(f->writer, &counts);
	assert_int_equal(counts.waiting, WRITER_QUEUE_MAX);
	sem_post(&gate.open);
	writer_close(TAKE(f->writer));
	for (int i = 0; i <= WRITER_QUEUE_MAX; i++)
		assert_int_equal(numbers[i].answers, i < WRITER_QUEUE_MAX);
	free(numbers);
}

static void *
close_writer(void *context)
{
	writer_close(context);
	return NULL;
}

static void
closing_finishes_what_was_taken_and_takes_no_more(void **state)
{
	struct fixture *f = *state;
	struct number numbers[10], late[10000];
	struct gate gate;
	pthread_t closer;
	size_t late_count = 0;
	enum error e = OK;

	gate_close(&gate, f);
	for (int i = 0; i < 10; i++) {
		number_init(&numbers[i], f, i);
		assert_int_equal(writer_submit(f->writer, &numbers[i].job), OK);
	}
	assert_int_equal(pthread_create(&closer, NULL, close_writer, f->writer), 0);
	while (e == OK && late_count < ARRAY_COUNT(late)) {
		number_init(&late[late_count], f, 100);
		e = writer_submit(f->writer, &late[late_count].job);
		late_count += e == OK;
		usleep(100);
	}
	assert_int_equal(e, ERR_STOPPING);
	sem_post(&gate.open);
	pthread_join(closer, NULL);
	f->writer = NULL;
	for (int i = 0; i < 10; i++)
		assert_int_equal(numbers[i].answer, OK);
	assert_int_equal(count_numbers(f), 11 + (int64_t)late_count);
}

static enum error
run_filler(struct job *job, struct db *db)
{
	static const unsigned char filler[8000];
	AUTO(query_free) struct query *q = db_query(db, "insert into number (value, filler) values (1, $1)");

	for (int i = 0; i < 32; i++) {
		bind_bytes(q, 1, filler, sizeof(filler));
		TRY(query_run(q));
	}
	return OK;
}

/* 160 MB go through it, with a reader that comes and goes. */
static void
the_write_ahead_log_stays_short(void **state)
{
	struct fixture *f = *state;
	struct writer_counts counts = { 0 };
	int64_t longest = 0;

	for (int i = 0; i < 640; i++) {
		struct job job = { .run = run_filler };

		assert_int_equal(writer_run(f->writer, &job), OK);
		if (i % 64 == 0)
			assert_true(count_numbers(f) == (i + 1) * 32);
		writer_count(f->writer, &counts);
		longest = counts.wal_pages > longest ? counts.wal_pages : longest;
	}
	assert_true(longest > 0);
	assert_true(longest < 25000); /* of 40,000 pages and more */
}

/* Files may not grow: the same to SQLite as a full disk. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_full_disk_acknowledges_nothing_and_can_be_mended(void **state)
{
	struct fixture *f = *state;
	struct job large = { .run = run_filler };
	struct number number;

	signal(SIGXFSZ, SIG_IGN);
	number_init(&number, f, 1);
	assert_int_equal(writer_run(f->writer, &number.job), OK);
	limit_files(100000);
	assert_int_equal(writer_run(f->writer, &large), ERR_IO);
	assert_int_equal(writer_run(f->writer, &large), ERR_IO);
	limit_files(RLIM_INFINITY);
	assert_int_equal(count_numbers(f), 1);
	assert_int_equal(writer_run(f->writer, &large), OK);
	assert_int_equal(count_numbers(f), 33);
	assert_int_equal(ask(f, "select integrity_check = 'ok' from pragma_integrity_check"), 1);
}

static void
a_database_in_memory_has_a_writer_too(void **state)
{
	struct db *db = NULL;
	AUTO(writer_close) struct writer *writer = NULL;
	struct number number;

	assert_int_equal(db_open(NULL, DB_MEMORY, &db), OK);
	assert_int_equal(db_execute(db, "create table number (value bigint)"), OK);
	assert_int_equal(writer_open(db, NULL, NULL, &writer), OK);
	number_init(&number, *state, 3);
	assert_int_equal(writer_run(writer, &number.job), OK);
	number.fail_with = ERR_GUARD;
	assert_int_equal(writer_run(writer, &number.job), ERR_GUARD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_is_visible_to_others_when_it_is_answered),
		TEST(jobs_of_eight_threads_are_all_answered_once),
		TEST(a_failing_job_leaves_its_neighbours),
		TEST(a_dry_run_leaves_nothing_and_costs_no_commit),
		TEST(a_failed_commit_acknowledges_nothing),
		TEST(whoever_spoils_the_batch_fails_alone),
		TEST(a_lost_transaction_is_run_again_without_its_neighbours),
		TEST(a_transaction_lost_in_silence_is_no_success),
		TEST(a_job_that_wants_to_be_alone_is),
		TEST(what_is_acknowledged_is_stored_whichever_write_fails),
		TEST(a_full_queue_says_so_and_takes_nothing),
		TEST(closing_finishes_what_was_taken_and_takes_no_more),
		TEST(the_write_ahead_log_stays_short),
		TEST(a_full_disk_acknowledges_nothing_and_can_be_mended),
		TEST(a_database_in_memory_has_a_writer_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
