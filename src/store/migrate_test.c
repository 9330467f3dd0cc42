#include "base/testing.h"
#include "store/migrate.h"
#include "store/schema.h"

static int
set_up(void **state)
{
	return db_open(NULL, DB_MEMORY, (struct db **)state) == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	db_close(*state);
	return 0;
}

static enum error
migrate(struct db *db)
{
	TRY(db_begin(db));
	enum error e = schema_migrate(db);

	if (e == OK)
		e = db_commit(db);
	db_rollback(db);
	return e;
}

static int64_t
ask(struct db *db, const char *sql)
{
	AUTO(query_free) struct query *q = db_query(db, sql);

	return query_one(q) == OK ? column_integer(q, 0) : -1;
}

static void
an_empty_database_gets_every_migration_in_order(void **state)
{
	struct db *db = *state;

	assert_true(migration_count >= 1);
	assert_int_equal(migrate(db), OK);
	assert_int_equal(ask(db, "select count(*) from migration"), migration_count);
	assert_int_equal(ask(db, "select id from next_id"), 1);
	assert_int_equal(ask(db, "select count(*) from meta"), 0);
	assert_int_equal(ask(db, "select count(*) from pack_installed"), 0);
	for (size_t i = 0; i < migration_count; i++)
		assert_int_equal(migrations[i].number, (int)i + 1);
}

static void
migrating_again_changes_nothing(void **state)
{
	struct db *db = *state;

	assert_int_equal(migrate(db), OK);
	assert_int_equal(db_execute(db, "update next_id set id = 70"), OK);
	assert_int_equal(migrate(db), OK);
	assert_int_equal(ask(db, "select id from next_id"), 70);
}

static void
a_database_of_a_later_program_is_refused(void **state)
{
	struct db *db = *state;

	assert_int_equal(migrate(db), OK);
	assert_int_equal(db_execute(db, "insert into migration (number, name) values (9999, 'later')"), OK);
	assert_int_equal(migrate(db), ERR_CONFLICT);
}

/* Fail the first write, then the second, ... until a run meets no fault. */
static void
migrating_is_all_or_nothing_whichever_write_fails(void **state)
{
	struct db *db = *state;
	bool fired = true;

	for (int nth = 1; fired; nth++) {
		db_fail_at(db, nth);
		enum error e = migrate(db);

		fired = db_fault_fired(db);
		db_fail_at(db, 0);
		assert_int_equal(e, fired ? ERR_IO : OK);
		assert_int_equal(ask(db, "select count(*) > 0 from sqlite_schema"), !fired);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_database_gets_every_migration_in_order),
		TEST(migrating_again_changes_nothing),
		TEST(a_database_of_a_later_program_is_refused),
		TEST(migrating_is_all_or_nothing_whichever_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
