/* What oversight reads follows from the ledger, row by row; whoever changes it past the program is seen. */
#include "registry/replay_testing.h"
#include "registry/town.h"

/* A clerk opens a record and corrects it, an officer asks for one that is not there. */
static struct town
open_watched(void)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	const int64_t records[] = { t.guest, t.host, 987654 };

	for (size_t i = 0; i < ARRAY_COUNT(records); i++) {
		struct lookup lookup = { .registry = t.f->registry,
					 .arena = t.f->arena,
					 .actor = i == 1 ? officer : t.clerk,
					 .reg = pack_reg(t.f->pack, "person"),
					 .record = records[i],
					 .purpose = pack_purpose(t.f->pack, i == 1 ? "inspection" : "registration"),
					 .case_text = "R-1",
					 .now = t.f->now };

		problem_init(&lookup.problem, t.f->arena);
		assert_int_equal(lookup_run(&lookup), i == 2 ? ERR_NOT_FOUND : OK);
	}
	ok_act(t.f, &t.clerk, "person", "register", 0,
	       "{\"document\":{\"state\":\"UZB\",\"number\":\"AA9900001\"},\"family_name\":\"Karimov\",\"given_name\":"
	       "\"Anvar\",\"birth_day\":\"1890-02-03\",\"citizenship\":\"UZ\",\"language\":\"en\"}");
	return t;
}

static void
tamper(struct fixture *f, const char *sql)
{
	struct db *db = NULL;

	must(db_open(f->path, DB_WRITE, &db));
	must(db_execute(db, sql));
	db_close(db);
}

static void
each_row_follows_from_its_entry(void **state)
{
	struct town t = open_watched();
	struct use_check_result result = check_uses(t.f);

	assert_int_equal(result.wrong, 0);
	assert_int_equal(result.checked, count_of(t.f, "SELECT count(*) FROM official_use"));
	assert_true(count_of(t.f, "SELECT count(*) FROM official_use WHERE kind = 'act'") > 0);
	assert_true(count_of(t.f, "SELECT count(*) FROM official_use WHERE refused") > 0);
	fixture_close(t.f);
}

/* Each change alone, taken back afterwards. */
static void
whatever_is_changed_is_found_with_its_entry(void **state)
{
	static const char *const changes[] = {
		"at = at + 1", "kind = 'act'", "role = 'precinct_officer'", "case_text = null", "reg = 'stay'",
		"record = 1",  "person = 0",   "refused = not refused",     "id = id - 1",
	};
	struct town t = open_watched();
	int64_t first = count_of(t.f, "SELECT min(id) FROM official_use WHERE role = 'clerk'");

	tamper(t.f, "CREATE TABLE kept AS SELECT * FROM official_use");
	for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
		tamper(t.f, text(t.f, "UPDATE official_use SET %s WHERE id = %lld", changes[i], (long long)first));
		struct use_check_result result = check_uses(t.f);

		if (result.wrong == 0)
			fail_msg("%s was not found", changes[i]);
		assert_in_range(result.first, (uint64_t)first - 1, (uint64_t)first);
		tamper(t.f, "DELETE FROM official_use; INSERT INTO official_use SELECT * FROM kept");
		assert_int_equal(check_uses(t.f).wrong, 0);
	}
	fixture_close(t.f);
}

static void
a_row_that_is_missing_or_too_much_is_found(void **state)
{
	struct town t = open_watched();
	int64_t rows = count_of(t.f, "SELECT count(*) FROM official_use");
	int64_t last = count_of(t.f, "SELECT max(id) FROM official_use");

	tamper(t.f, text(t.f, "UPDATE official_use SET id = 100000 WHERE id = %lld", (long long)last));
	assert_int_equal(check_uses(t.f).wrong, 2);
	assert_int_equal(check_uses(t.f).first, last);
	tamper(t.f, "DELETE FROM official_use");
	assert_int_equal(check_uses(t.f).wrong, rows);
	fixture_close(t.f);
}

/* The account is named in the sealed detail by its own random id. */
static void
a_deed_laid_at_anothers_door_is_found(void **state)
{
	struct town t = open_watched();
	int64_t first = count_of(t.f, "SELECT min(id) FROM official_use WHERE role = 'clerk'");

	/* actor_with gives an account the id whose every byte is its number. */
	tamper(t.f, "INSERT INTO access_account (id, ledger_id, name, language, epoch, made_at)"
		    " VALUES (21, x'15151515151515151515151515151515', 'aigul', 'kk', 1, 1)");
	assert_int_equal(check_uses(t.f).wrong, 0);
	tamper(t.f, text(t.f, "UPDATE official_use SET account = 22 WHERE id = %lld", (long long)first));
	assert_int_equal(check_uses(t.f).wrong, 1);
	assert_int_equal(check_uses(t.f).first, first);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_follows_from_its_entry),
		cmocka_unit_test(whatever_is_changed_is_found_with_its_entry),
		cmocka_unit_test(a_row_that_is_missing_or_too_much_is_found),
		cmocka_unit_test(a_deed_laid_at_anothers_door_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
