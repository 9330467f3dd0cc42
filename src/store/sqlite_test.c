#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/day.h"
#include "pack/calendar.h"
#include "store/db.h"

/* A folder of its own for each test. */
struct fixture {
	char folder[64];
	char path[96];
	char copy[96];
	struct db *db;
	struct arena *arena;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/tirkeu-sqlite-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/db", f->folder);
	snprintf(f->copy, sizeof(f->copy), "%s/copy", f->folder);
	f->arena = arena_new();
	assert_int_equal(db_open(f->path, DB_WRITE, &f->db), OK);
	assert_int_equal(db_execute(f->db,
				    "create table stay (id integer primary key, guest bigint, note text, seal bytea);"
				    "create unique index stay_guest on stay (guest);"),
			 OK);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	char command[160];

	db_close(f->db);
	arena_free(f->arena);
	snprintf(command, sizeof(command), "rm -r %s", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static bool
file_has(const char *path, const char *text)
{
	FILE *file = fopen(path, "rb");
	char bytes[1 << 16];
	size_t count = fread(bytes, 1, sizeof(bytes), file);

	assert_true(count < sizeof(bytes));
	fclose(file);
	return memmem(bytes, count, text, strlen(text)) != NULL;
}

static void
what_is_deleted_is_not_left_in_the_file(void **state)
{
	struct fixture *f = *state;
	int64_t pages = 0;

	assert_int_equal(db_execute(f->db, "insert into stay values (1, 1, 'SECRET-7', null);"), OK);
	assert_int_equal(db_checkpoint(f->db, &pages), OK);
	assert_true(file_has(f->path, "SECRET-7"));
	assert_int_equal(db_execute(f->db, "delete from stay;"), OK);
	assert_int_equal(db_checkpoint(f->db, &pages), OK);
	assert_false(file_has(f->path, "SECRET-7"));
	AUTO(query_free) struct query *query = db_query(f->db, "pragma secure_delete");

	assert_int_equal(query_one(query), OK);
	assert_int_equal(column_integer(query, 0), 1);
}

static enum error
insert_guest(struct db *db, int64_t id, int64_t guest)
{
	AUTO(query_free) struct query *q = db_query(db, "insert into stay (id, guest) values ($1, $2)");

	bind_integer(q, 1, id);
	bind_integer(q, 2, guest);
	return query_run(q);
}

static int64_t
count_stays(struct db *db)
{
	AUTO(query_free) struct query *q = db_query(db, "select count(*) from stay");

	assert_int_equal(query_one(q), OK);
	return column_integer(q, 0);
}

/* NULL as INT64_MIN; an error of the statement as INT64_MIN + 1. */
static int64_t
evaluate(struct db *db, const char *expression)
{
	char sql[256];

	snprintf(sql, sizeof(sql), "select %s", expression);
	AUTO(query_free) struct query *q = db_query(db, sql);

	if (query_one(q) != OK)
		return INT64_MIN + 1;
	return column_is_null(q, 0) ? INT64_MIN : column_integer(q, 0);
}

static void
parameters_go_by_their_number_not_by_their_place(void **state)
{
	struct fixture *f = *state;
	AUTO(query_free) struct query *q = db_query(f->db, "select $2, $10, $1, $2");

	bind_text(q, 1, "one");
	bind_text(q, 2, "two");
	bind_text(q, 10, "ten");
	assert_int_equal(query_one(q), OK);
	assert_string_equal(column_text(q, 0), "two");
	assert_string_equal(column_text(q, 1), "ten");
	assert_string_equal(column_text(q, 2), "one");
	assert_string_equal(column_text(q, 3), "two");
}

static void
a_parameter_that_is_not_there_fails_at_the_step(void **state)
{
	struct fixture *f = *state;
	AUTO(query_free) struct query *q = db_query(f->db, "select $1");

	bind_integer(q, 2, 1);
	assert_int_equal(query_one(q), ERR_FAULT);
}

static void
names_are_bound_without_the_dollar(void **state)
{
	struct fixture *f = *state;
	AUTO(query_free) struct query *q = db_query(f->db, "select $record + 1");
	struct value seven = value_integer(7);

	assert_true(bind_named(q, "record", &seven));
	assert_false(bind_named(q, "me", &seven));
	assert_int_equal(query_one(q), OK);
	assert_int_equal(column_integer(q, 0), 8);
}

static void
every_kind_of_value_comes_back_as_it_went(void **state)
{
	struct fixture *f = *state;
	const struct value values[] = { value_null(),       value_integer(INT64_MIN), value_boolean(true),
					value_text("Әсел"), value_text(""),           value_bytes("a\0b", 3),
					value_bytes("", 0) };

	for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
		AUTO(query_free) struct query *q = db_query(f->db, "select $1");

		bind_value(q, 1, &values[i]);
		assert_int_equal(query_one(q), OK);
		struct value back = column_value(q, 0, f->arena);

		assert_true(value_equal(&back, &values[i]));
	}
}

static void
bad_sql_fails_when_it_is_stepped(void **state)
{
	struct fixture *f = *state;
	AUTO(query_free) struct query *q = db_query(f->db, "select word from nowhere where x = $1");

	bind_integer(q, 1, 1);
	assert_int_equal(query_step(q), ERR_FAULT);
	assert_int_equal(column_count(q), 0);
	assert_non_null(strstr(db_error_text(f->db), "nowhere"));
	/* A name in double quotes is never taken for a text. */
	AUTO(query_free) struct query *quoted = db_query(f->db, "select \"word\" from stay");

	assert_int_equal(query_step(quoted), ERR_FAULT);
}

static void
a_text_that_failed_works_once_its_table_exists(void **state)
{
	struct fixture *f = *state;

	for (int pass = 0; pass < 2; pass++) {
		AUTO(query_free) struct query *q = db_query(f->db, "select * from later");

		assert_int_equal(query_step(q), pass == 0 ? ERR_FAULT : ERR_NOT_FOUND);
		if (pass == 0)
			assert_int_equal(db_execute(f->db, "create table later (id integer primary key)"), OK);
	}
}

static void
the_same_buffer_with_another_text_is_another_statement(void **state)
{
	struct fixture *f = *state;

	for (int number = 0; number < 2000; number++) {
		char sql[32];

		snprintf(sql, sizeof(sql), "select %d", number % 600);
		AUTO(query_free) struct query *q = db_query(f->db, sql);

		assert_int_equal(query_one(q), OK);
		assert_int_equal(column_integer(q, 0), number % 600);
	}
}

static void
one_text_may_be_in_use_twice(void **state)
{
	static const char sql[] = "select id from stay where id > $1 order by id";
	struct fixture *f = *state;

	for (int64_t id = 1; id <= 3; id++)
		assert_int_equal(insert_guest(f->db, id, id), OK);
	AUTO(query_free) struct query *outer = db_query(f->db, sql);
	int pairs = 0;

	bind_integer(outer, 1, 0);
	while (query_step(outer) == OK) {
		AUTO(query_free) struct query *inner = db_query(f->db, sql);

		assert_ptr_not_equal(inner, outer);
		bind_integer(inner, 1, column_integer(outer, 0));
		while (query_step(inner) == OK)
			pairs++;
	}
	assert_int_equal(pairs, 3);
}

static void
a_query_runs_again_with_new_values(void **state)
{
	struct fixture *f = *state;
	AUTO(query_free) struct query *q = db_query(f->db, "insert into stay (id, guest) values ($1, $1)");

	for (int64_t id = 1; id <= 10; id++) {
		bind_integer(q, 1, id);
		assert_int_equal(query_run(q), OK);
		assert_int_equal(db_changes(f->db), 1);
	}
	assert_int_equal(count_stays(f->db), 10);
}

static void
a_stepped_out_query_stays_at_its_end(void **state)
{
	struct fixture *f = *state;
	AUTO(query_free) struct query *q = db_query(f->db, "select 1");

	assert_int_equal(query_step(q), OK);
	assert_int_equal(query_step(q), ERR_NOT_FOUND);
	assert_int_equal(query_step(q), ERR_NOT_FOUND);
	assert_int_equal(query_one(q), OK);
}

static void
a_duplicate_names_its_columns(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(insert_guest(f->db, 1, 7), OK);
	assert_int_equal(insert_guest(f->db, 2, 7), ERR_DUPLICATE);
	assert_string_equal(db_violation(f->db), "stay.guest");
	assert_int_equal(insert_guest(f->db, 1, 8), ERR_DUPLICATE);
	assert_string_equal(db_violation(f->db), "stay.id");
}

static void
a_reading_connection_cannot_write(void **state)
{
	struct fixture *f = *state;
	AUTO(db_close) struct db *reader = NULL;

	assert_int_equal(db_open(f->path, DB_READ, &reader), OK);
	assert_int_equal(insert_guest(reader, 1, 1), ERR_FORBIDDEN);
	assert_int_equal(insert_guest(f->db, 1, 1), OK);
	assert_int_equal(count_stays(reader), 1);
}

static void
a_reading_transaction_sees_one_state(void **state)
{
	struct fixture *f = *state;
	AUTO(db_close) struct db *reader = NULL;

	assert_int_equal(db_open(f->path, DB_READ, &reader), OK);
	assert_int_equal(db_begin(reader), OK);
	assert_int_equal(count_stays(reader), 0);
	assert_int_equal(insert_guest(f->db, 1, 1), OK);
	assert_int_equal(count_stays(reader), 0);
	db_rollback(reader);
	assert_int_equal(count_stays(reader), 1);
}

static void
a_protected_table_only_grows(void **state)
{
	struct fixture *f = *state;
	const char *const refused[] = { "update stay set note = 'x'",
					"delete from stay",
					"insert or replace into stay (id, guest) values (1, 2)",
					"replace into stay (id, guest) values (1, 2)",
					"insert into stay (id) values (1) on conflict (id) do update set guest = 3",
					"drop table stay",
					"alter table stay drop column note" };

	assert_int_equal(insert_guest(f->db, 1, 1), OK);
	/* Prepared while it was allowed. */
	AUTO(query_free) struct query *early = db_query(f->db, "delete from stay");

	db_protect(f->db, "stay");
	assert_int_equal(query_run(early), ERR_FORBIDDEN);
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++)
		assert_int_equal(db_execute(f->db, refused[i]), ERR_FORBIDDEN);
	assert_int_equal(insert_guest(f->db, 2, 2), OK);
	assert_int_equal(count_stays(f->db), 2);
}

static void
savepoints_undo_what_came_after_them(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(insert_guest(f->db, 1, 1), OK);
	assert_int_equal(db_savepoint(f->db, 0), OK);
	assert_int_equal(insert_guest(f->db, 2, 2), OK);
	assert_int_equal(db_savepoint(f->db, 1), OK);
	assert_int_equal(insert_guest(f->db, 3, 3), OK);
	assert_int_equal(db_rollback_to(f->db, 1), OK);
	assert_int_equal(db_release(f->db, 1), OK);
	assert_int_equal(db_release(f->db, 0), OK);
	assert_int_equal(db_commit(f->db), OK);
	assert_int_equal(count_stays(f->db), 2);
}

static void
a_savepoint_undoes_more_than_it_keeps_in_memory(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_execute(f->db,
				    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)"
				    "insert into stay (id, guest, note) select i, i, hex(zeroblob(1500)) from n"),
			 OK);
	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(db_savepoint(f->db, 0), OK);
	assert_int_equal(db_execute(f->db, "update stay set note = 'x' || note"), OK);
	assert_int_equal(db_execute(f->db, "delete from stay where id > 10"), OK);
	assert_int_equal(db_rollback_to(f->db, 0), OK);
	assert_int_equal(db_release(f->db, 0), OK);
	assert_int_equal(db_commit(f->db), OK);
	assert_int_equal(count_stays(f->db), 3000);
}

/* Three inserts in one transaction. */
static enum error
insert_three(struct db *db)
{
	TRY(db_begin(db));
	for (int64_t id = 1; id <= 3; id++)
		TRY(insert_guest(db, id, id));
	return db_commit(db);
}

static void
a_transaction_is_all_or_nothing_whichever_write_fails(void **state)
{
	struct fixture *f = *state;
	bool fired = true;
	int nth = 0;

	while (fired) {
		db_fail_at(f->db, ++nth);
		enum error e = insert_three(f->db);

		fired = db_fault_fired(f->db);
		assert_int_equal(e, fired ? ERR_IO : OK);
		db_fail_at(f->db, 0);
		db_rollback(f->db);
		assert_int_equal(count_stays(f->db), fired ? 0 : 3);
	}
	assert_int_equal(nth, 5); /* three inserts and the commit can fail */
}

static void
what_is_no_database_is_damaged(void **state)
{
	struct fixture *f = *state;
	struct db *db = NULL;
	FILE *file = fopen(f->copy, "w");

	for (int i = 0; i < 1000; i++)
		fputs("not a database; ", file);
	fclose(file);
	assert_int_equal(db_open(f->copy, DB_WRITE, &db), ERR_DAMAGED);
	assert_int_equal(db_open("/tmp/no-such-folder-here/db", DB_WRITE, &db), ERR_IO);
	assert_int_equal(db_open("/tmp/no-such-folder-here/db", DB_READ, &db), ERR_IO);
	assert_null(db);
}

static void
only_the_owner_may_read_the_files(void **state)
{
	struct fixture *f = *state;
	char log[128];
	struct stat info;

	snprintf(log, sizeof(log), "%s-wal", f->path);
	assert_int_equal(stat(f->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(stat(log, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
}

/* SQLite's shared lock, without which the next program to leave the file deletes the log. Asked from another process,
 * since a process does not hinder itself. */
static bool
is_locked(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000002, .l_len = 510 };
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		int file = open(path, O_RDWR | O_CLOEXEC);

		_exit(file < 0 || fcntl(file, F_GETLK, &lock) != 0 ? 2 : lock.l_type != F_UNLCK);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 1;
}

static void
a_second_connection_leaves_the_locks_of_the_first_alone(void **state)
{
	struct fixture *f = *state;
	struct db *other = NULL;

	assert_int_equal(insert_guest(f->db, 1, 1), OK);
	assert_true(is_locked(f->path));
	assert_int_equal(db_open(f->path, DB_WRITE, &other), OK);
	assert_true(is_locked(f->path));
	db_close(other);
	assert_int_equal(db_open(f->path, DB_READ, &other), OK);
	db_close(other);
	assert_true(is_locked(f->path));
	db_close(f->db);
	assert_false(is_locked(f->path));
	assert_int_equal(db_open(f->path, DB_WRITE, &f->db), OK);
}

static void
a_backup_is_taken_while_a_transaction_is_open(void **state)
{
	struct fixture *f = *state;
	AUTO(db_close) struct db *reader = NULL;
	AUTO(db_close) struct db *copy = NULL;

	assert_int_equal(insert_guest(f->db, 1, 1), OK);
	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(insert_guest(f->db, 2, 2), OK);
	assert_int_equal(db_open(f->path, DB_READ, &reader), OK);
	assert_int_equal(db_backup(reader, f->copy), OK);
	assert_int_equal(db_commit(f->db), OK);
	assert_int_equal(db_open(f->copy, DB_READ, &copy), OK);
	assert_int_equal(count_stays(copy), 1);
	assert_int_equal(db_backup(reader, f->copy), ERR_DUPLICATE);
}

static void
a_fresh_connection_checkpoints_and_the_log_begins_anew(void **state)
{
	struct fixture *f = *state;
	AUTO(db_close) struct db *other = NULL;
	int64_t pages = 0;

	db_leave_checkpoints(f->db);
	for (int64_t id = 1; id <= 2000; id++)
		assert_int_equal(insert_guest(f->db, id, id), OK);
	int64_t before = db_wal_pages(f->db);

	assert_true(before > 1000);
	assert_int_equal(db_open(f->path, DB_WRITE, &other), OK);
	assert_int_equal(db_checkpoint(other, &pages), OK);
	assert_int_equal(pages, before);
	assert_int_equal(insert_guest(f->db, 3000, 3000), OK);
	assert_true(db_wal_pages(f->db) < 10);
}

static void
the_functions_of_the_pack_language_give_null_for_null(void **state)
{
	struct fixture *f = *state;
	const char *const expressions[] = { "add_days(null, 1)",   "add_days(1, null)",     "add_months(null, 1)",
					    "add_months(1, null)", "add_workdays(null, 1)", "add_workdays(1, null)",
					    "year_of(null)",       "age(null, 1)",          "age(1, null)",
					    "least(null, null)",   "greatest(null)" };

	assert_int_equal(db_set_calendar(f->db, calendar_new(f->arena, NULL, 0)), OK);
	for (size_t i = 0; i < ARRAY_COUNT(expressions); i++)
		assert_true(evaluate(f->db, expressions[i]) == INT64_MIN);
}

static void
the_functions_of_the_pack_language_count_by_the_calendar(void **state)
{
	struct fixture *f = *state;
	const struct calendar_row weekend[] = {
		{ .kind = CALENDAR_WEEKEND, .weekday = 6, .from = DAY_BEFORE_ALL, .until = DAY_AFTER_ALL },
		{ .kind = CALENDAR_WEEKEND, .weekday = 7, .from = DAY_BEFORE_ALL, .until = DAY_AFTER_ALL },
	};

	assert_int_equal(db_set_calendar(f->db, calendar_new(f->arena, weekend, 2)), OK);
	/* 20778 is 2026-11-21, a Saturday; 11016 is 2000-02-29. */
	assert_int_equal(evaluate(f->db, "add_days(20778, 30)"), 20808);
	assert_int_equal(evaluate(f->db, "add_workdays(20778, 1)"), 20780);
	assert_int_equal(evaluate(f->db, "add_workdays(20778, -1)"), 20777);
	assert_int_equal(evaluate(f->db, "add_months(11016, 12)"), day_from_civil(2001, 2, 28));
	assert_int_equal(evaluate(f->db, "year_of(20778)"), 2026);
	assert_int_equal(evaluate(f->db, "year_of(-1)"), 1969);
	assert_int_equal(evaluate(f->db, "age(11016, add_months(11016, 216))"), 17);
	assert_int_equal(evaluate(f->db, "age(11016, add_days(add_months(11016, 216), 1))"), 18);
	assert_int_equal(evaluate(f->db, "least(3, null, 2)"), 2);
	assert_int_equal(evaluate(f->db, "greatest(3, null, 2)"), 3);
	assert_int_equal(evaluate(f->db, "greatest('b', null, 'a') = 'b'"), 1);
	/* An instant moves by whole days. */
	assert_int_equal(evaluate(f->db, "add_days(1795211640000, 2)"), 1795211640000 + 2 * (int64_t)DAY_MS);
}

static void
open_ends_stay_open_and_nothing_overflows(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_set_calendar(f->db, calendar_new(f->arena, NULL, 0)), OK);
	assert_int_equal(evaluate(f->db, "add_days(999999999, 1)"), DAY_AFTER_ALL);
	assert_int_equal(evaluate(f->db, "add_days(-999999999, 1)"), DAY_BEFORE_ALL);
	assert_int_equal(evaluate(f->db, "add_months(999999999, -1)"), DAY_AFTER_ALL);
	assert_int_equal(evaluate(f->db, "add_days(20778, 9223372036854775807)"), DAY_AFTER_ALL);
	assert_int_equal(evaluate(f->db, "add_months(20778, -9223372036854775807)"), DAY_BEFORE_ALL);
	assert_int_equal(evaluate(f->db, "add_workdays(20778, 9223372036854775807)"), DAY_AFTER_ALL);
	assert_int_equal(evaluate(f->db, "year_of(999999999)"), 9999);
	assert_true(evaluate(f->db, "add_days(9223372036854775807, 9223372036854775807)") > 0);
	assert_true(evaluate(f->db, "age(-9223372036854775807, 9999999)") > 0);
}

static void
what_is_no_day_is_an_error_not_a_guess(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(db_set_calendar(f->db, calendar_new(f->arena, NULL, 0)), OK);
	assert_true(evaluate(f->db, "year_of(1795211640000)") == INT64_MIN + 1);
	assert_true(evaluate(f->db, "age(1, 1795211640000)") == INT64_MIN + 1);
	assert_true(evaluate(f->db, "add_days('2026-11-21', 1)") == INT64_MIN + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* More than its cache holds: it must go through the file that has no name. */
static void
a_scratch_file_has_no_name_and_keeps_what_it_is_given(void **state)
{
	struct fixture *f = *state;
	struct db *db = NULL;
	enum { ROWS = 15000 };

	assert_int_equal(db_open(f->copy, DB_SCRATCH, &db), OK);
	assert_int_equal(access(f->copy, F_OK), -1);
	assert_int_equal(db_execute(db, "create table kept (id integer primary key, note text)"), OK);
	assert_int_equal(db_begin(db), OK);
	for (int64_t id = 1; id <= ROWS; id++) {
		AUTO(query_free)
		struct query *q = db_query(db, "insert into kept (id, note) values ($1, printf('%.5000c', 'x'))");

		bind_integer(q, 1, id);
		assert_int_equal(query_run(q), OK);
	}
	AUTO(query_free) struct query *sum = db_query(db, "select count(*), min(length(note)) from kept");

	assert_int_equal(query_one(sum), OK);
	assert_int_equal(column_integer(sum, 0), ROWS);
	assert_int_equal(column_integer(sum, 1), 5000);
	query_free(TAKE(sum));
	db_close(db);
	assert_int_equal(access(f->copy, F_OK), -1);
}

static void
a_scratch_file_takes_no_file_that_is_there(void **state)
{
	struct fixture *f = *state;
	struct db *db = NULL;

	assert_int_equal(insert_guest(f->db, 1, 1), OK);
	assert_int_equal(db_open(f->path, DB_SCRATCH, &db), ERR_DUPLICATE);
	assert_int_equal(access(f->path, F_OK), 0);
	assert_int_equal(count_stays(f->db), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_deleted_is_not_left_in_the_file),
		TEST(parameters_go_by_their_number_not_by_their_place),
		TEST(a_parameter_that_is_not_there_fails_at_the_step),
		TEST(names_are_bound_without_the_dollar),
		TEST(every_kind_of_value_comes_back_as_it_went),
		TEST(bad_sql_fails_when_it_is_stepped),
		TEST(a_scratch_file_has_no_name_and_keeps_what_it_is_given),
		TEST(a_scratch_file_takes_no_file_that_is_there),
		TEST(a_text_that_failed_works_once_its_table_exists),
		TEST(the_same_buffer_with_another_text_is_another_statement),
		TEST(one_text_may_be_in_use_twice),
		TEST(a_query_runs_again_with_new_values),
		TEST(a_stepped_out_query_stays_at_its_end),
		TEST(a_duplicate_names_its_columns),
		TEST(a_reading_connection_cannot_write),
		TEST(a_reading_transaction_sees_one_state),
		TEST(a_protected_table_only_grows),
		TEST(savepoints_undo_what_came_after_them),
		TEST(a_savepoint_undoes_more_than_it_keeps_in_memory),
		TEST(a_transaction_is_all_or_nothing_whichever_write_fails),
		TEST(what_is_no_database_is_damaged),
		TEST(only_the_owner_may_read_the_files),
		TEST(a_second_connection_leaves_the_locks_of_the_first_alone),
		TEST(a_backup_is_taken_while_a_transaction_is_open),
		TEST(a_fresh_connection_checkpoints_and_the_log_begins_anew),
		TEST(the_functions_of_the_pack_language_give_null_for_null),
		TEST(the_functions_of_the_pack_language_count_by_the_calendar),
		TEST(open_ends_stay_open_and_nothing_overflows),
		TEST(what_is_no_day_is_an_error_not_a_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
