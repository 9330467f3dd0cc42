#include "base/testing.h"
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>
#include "store/writer.h"

enum { ROUNDS = 8, IN_FLIGHT = 40, NUMBERS_MAX = 1 << 20 };

struct number {
	struct job job;
	struct writer *writer;
	int64_t value;
	int pipe;
};

static _Atomic int64_t next_value;

static enum error
run_number(struct job *job, struct db *db)
{
	struct number *number = (struct number *)job;
	AUTO(query_free) struct query *q = db_query(db, "insert into number (value, filler) values ($1, $2)");

	bind_integer(q, 1, number->value);
	bind_bytes(q, 2, job, sizeof(*job));
	return query_run(q);
}

/* Acknowledges to the parent, then goes again with the next number. */
static void
acknowledge(struct job *job, enum error e)
{
	struct number *number = (struct number *)job;

	if (e != OK || write(number->pipe, &number->value, sizeof(number->value)) != sizeof(number->value))
		_exit(1);
	number->value = atomic_fetch_add(&next_value, 1);
	if (writer_submit(number->writer, job) != OK)
		_exit(1);
}

/* The child: writes for ever, until it is killed. */
static void
write_for_ever(const char *path, int pipe)
{
	static struct number numbers[IN_FLIGHT];
	struct db *db = NULL;
	struct writer *writer = NULL;

	if (db_open(path, DB_WRITE, &db) != OK || writer_open(db, path, NULL, &writer) != OK)
		_exit(1);
	for (int i = 0; i < IN_FLIGHT; i++) {
		numbers[i] = (struct number){ { .run = run_number, .done = acknowledge }, writer, 0, pipe };
		numbers[i].value = atomic_fetch_add(&next_value, 1);
		if (writer_submit(writer, &numbers[i].job) != OK)
			_exit(1);
	}
	for (;;)
		pause();
}

/* Reads acknowledged numbers until `wanted` came, kills the child, reads the rest. */
static size_t
read_and_kill(pid_t child, int pipe, size_t wanted, int64_t *numbers)
{
	size_t count = 0;
	int status = 0;

	while (count < NUMBERS_MAX && read(pipe, &numbers[count], sizeof(numbers[0])) == sizeof(numbers[0]))
		if (++count == wanted)
			kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return count;
}

static void
expect_all(const char *path, const int64_t *numbers, size_t count)
{
	AUTO(db_close) struct db *db = NULL;

	assert_int_equal(db_open(path, DB_WRITE, &db), OK);
	for (size_t i = 0; i < count; i++) {
		AUTO(query_free) struct query *q = db_query(db, "select 1 from number where value = $1");

		bind_integer(q, 1, numbers[i]);
		assert_int_equal(query_one(q), OK);
	}
	AUTO(query_free) struct query *check = db_query(db, "pragma integrity_check");

	assert_int_equal(query_one(check), OK);
	assert_string_equal(column_text(check, 0), "ok");
	AUTO(query_free) struct query *last = db_query(db, "select coalesce(max(value), 0) + 1 from number");

	assert_int_equal(query_one(last), OK);
	atomic_store(&next_value, column_integer(last, 0));
}

static void
every_acknowledged_number_survives_a_kill(void **state)
{
	char folder[] = "/tmp/tirkeu-crash-XXXXXX";
	char path[64], command[64];
	int64_t *numbers = calloc(NUMBERS_MAX, sizeof(*numbers));
	size_t count = 0;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/db", folder);
	{
		AUTO(db_close) struct db *db = NULL;

		assert_int_equal(db_open(path, DB_WRITE, &db), OK);
		assert_int_equal(db_execute(db, "create table number (value bigint, filler bytea);"
						"create unique index number_value on number (value)"),
				 OK);
	}
	for (int round = 0; round < ROUNDS; round++) {
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			write_for_ever(path, ends[1]);
		close(ends[1]);
		/* Some rounds are short, some run through a checkpoint. */
		count += read_and_kill(child, ends[0], (size_t)(37 + round * round * 211), numbers + count);
		close(ends[0]);
		expect_all(path, numbers, count);
	}
	assert_true(count > 20000);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	free(numbers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_acknowledged_number_survives_a_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
