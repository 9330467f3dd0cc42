/* Rows of CSV as acts: what a header may say, what becomes of each row, going on after a stop. With the library pack, since
 * no import knows a register. */
#include "registry/faulty.h"
#include "registry/import.h"

static const char members_csv[] = "\xef\xbb\xbfid;family_name;given_name;birth_day;card\r\n"
				  "17;Қасымова;Әлия;01.04.1890;AA0001\r\n"
				  "18;Оспанов;Ерлан;1889-12-31;AA0002\r\n"
				  "19;Оспанов;Ерлан;1889-13-31;AA0003\r\n" /* no such month */
				  "18;Иванов;Пётр;1880-01-01;AA0004\r\n"   /* the key of row 2 */
				  "21;Иванов;Пётр;1880-01-01;AA0002\r\n"   /* the card of row 2 */
				  "18;Оспанов;Ерлан;1889-12-31;AA0002\r\n" /* row 2 once more */
				  "22;Иванов;Пётр;2020-01-01;AA0005\r\n"   /* a child without a guardian: the guard */
				  "23;;Пётр;1880-01-01\r\n";               /* a column is missing */

static int64_t test_now;

static int64_t
now_of_test(void *context)
{
	return test_now;
}

static enum error
open_import(struct fixture *f, const char *reg, const char *action, const char *key, bool dry_run, const char *csv,
	    struct problem *problem, struct import **ret_import)
{
	struct import_options options = {
		.registry = f->registry, .key = key, .language = LANGUAGE_EN, .dry_run = dry_run, .now = now_of_test
	};

	test_now = f->now;
	options.action = reg_action(pack_reg(f->pack, reg), action);
	assert_non_null(options.action);
	actor_console(&options.actor);
	problem_init(problem, f->arena);
	return import_open(&options, csv, strlen(csv), problem, ret_import);
}

static struct import_totals
import_all(struct fixture *f, const char *reg, const char *action, const char *key, bool dry_run, const char *csv,
	   struct import **ret_import)
{
	struct problem problem;
	struct import_totals totals;

	must(open_import(f, reg, action, key, dry_run, csv, &problem, ret_import));
	must(import_run(*ret_import, &problem, NULL, NULL));
	import_total(*ret_import, &totals);
	return totals;
}

/* "nr:code:field nr:code:field …" */
static const char *
faults_of(struct fixture *f, const struct import *import)
{
	size_t count = 0;
	const struct import_reject *rejects = import_rejects(import, &count);
	const char *all = "";

	for (size_t i = 0; i < count; i++)
		all = text(f, "%s%s%llu:%s:%s", all, i > 0 ? " " : "", (unsigned long long)rejects[i].nr,
			   rejects[i].code, rejects[i].field);
	return all;
}

static const char members_faults[] = "3:not-day:birth_day 4:unique:id 5:unique: 6:csv-double: 7:guard: 8:csv-columns:";

static void
each_row_is_entered_or_rejected_with_its_reason(void **state)
{
	struct fixture *f = fixture_open("tests/packs/library");
	AUTO(import_free) struct import *import = NULL;
	struct import_totals totals = import_all(f, "member", "join", "id", false, members_csv, &import);
	size_t count = 0;
	const struct import_reject *rejects = import_rejects(import, &count);

	assert_int_equal(totals.rows, 8);
	assert_int_equal(totals.done, 2);
	assert_int_equal(totals.rejected, 6);
	assert_string_equal(faults_of(f, import), members_faults);
	assert_string_equal(rejects[3].reason, "This row repeats row 3.");
	assert_string_equal(rejects[2].reason, "There is such a record already (card).");
	assert_int_equal(count_of(f, "SELECT count(*) FROM member"), 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM sys_import_reject"), 6);
	import_free(TAKE(import));
	fixture_close(f);
}

static void
a_dry_run_finds_the_same_and_keeps_nothing(void **state)
{
	struct fixture *f = fixture_open("tests/packs/library");
	int64_t entries = count_of(f, "SELECT count(*) FROM ledger_entry");
	AUTO(import_free) struct import *dry = NULL;
	AUTO(import_free) struct import *real = NULL;
	struct import_totals totals = import_all(f, "member", "join", "id", true, members_csv, &dry);

	assert_int_equal(totals.done, 2);
	assert_string_equal(faults_of(f, dry), members_faults);
	assert_int_equal(count_of(f, "SELECT count(*) FROM member"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM sys_import"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM ledger_entry"), entries);
	totals = import_all(f, "member", "join", "id", false, members_csv, &real);
	assert_int_equal(totals.done, 2);
	import_free(TAKE(dry));
	import_free(TAKE(real));
	fixture_close(f);
}

static void
a_repeat_enters_nothing_and_knows_the_same_rejects(void **state)
{
	struct fixture *f = fixture_open("tests/packs/library");
	AUTO(import_free) struct import *first = NULL;
	AUTO(import_free) struct import *again = NULL;

	import_all(f, "member", "join", "id", false, members_csv, &first);
	int64_t entries = count_of(f, "SELECT count(*) FROM ledger_entry");
	struct import_totals totals = import_all(f, "member", "join", "id", false, members_csv, &again);

	assert_true(totals.ended_before);
	assert_int_equal(totals.done, 2);
	assert_string_equal(faults_of(f, again), members_faults);
	assert_int_equal(count_of(f, "SELECT count(*) FROM ledger_entry"), entries);
	import_free(TAKE(first));
	import_free(TAKE(again));
	fixture_close(f);
}

static const char *
many_members(struct fixture *f, size_t count)
{
	struct strbuf csv = { 0 };

	strbuf_text(&csv, "family_name,given_name,birth_day,card\n");
	for (size_t i = 0; i < count; i++)
		strbuf_printf(&csv, "Серік,Нұрлан,18%02zu-01-02,%s%04zu\n", i % 90 + 10, i % 100 == 99 ? "a" : "AA",
			      i % 10000);
	const char *made = arena_copy(f->arena, csv.text, csv.bytes);

	strbuf_done(&csv);
	return made;
}

/* The store fails at the nth write: what was acknowledged stays, the rest comes with the next run, nothing twice. */
static void
an_import_goes_on_after_a_fault_at_any_write(void **state)
{
	for (int nth = 1; nth < 9000; nth = nth * 2 + 37) {
		struct fixture *f = fixture_open("tests/packs/library");
		const char *csv = many_members(f, 1500);
		AUTO(import_free) struct import *first = NULL;
		AUTO(import_free) struct import *second = NULL;
		struct problem problem;
		struct import_totals totals;

		must(open_import(f, "member", "join", NULL, false, csv, &problem, &first));
		set_fault(f, nth);
		enum error e = import_run(first, &problem, NULL, NULL);

		assert_int_equal(e, set_fault(f, 0) ? ERR_IO : OK);
		must(open_import(f, "member", "join", NULL, false, csv, &problem, &second));
		must(import_run(second, &problem, NULL, NULL));
		import_total(second, &totals);
		assert_int_equal(totals.rows, 1500);
		assert_int_equal(totals.done, 1485);
		assert_int_equal(totals.rejected, 15);
		assert_int_equal(count_of(f, "SELECT count(*) FROM member"), 1485);
		assert_int_equal(count_of(f, "SELECT count(*) FROM sys_import_reject"), 15);
		import_free(TAKE(first));
		import_free(TAKE(second));
		fixture_close(f);
	}
}

static void
other_systems_keys_name_records_in_later_files(void **state)
{
	static const char books[] = "id,title,isbn,kind\n7,Abai Zholy,978601000001X,ordinary\n";
	static const char copies[] =
		"no,book#,barcode,condition,price\nc1,7,1001,good,4500.00\nc2,8,1002,good,4500.00\n";
	static const char loans[] =
		"copy#,member.card,member.family_name\nc1,AA0001,Kasymova\nc1,AA0002,Оспанов\n,AA0002,Оспанов\n";
	struct fixture *f = fixture_open("tests/packs/library");
	struct import *import = NULL;

	import_all(f, "member", "join", "id", false, members_csv, &import);
	import_free(TAKE(import));
	import_all(f, "book", "catalogue", "id", false, books, &import);
	import_free(TAKE(import));
	import_all(f, "copy", "shelve", "no", false, copies, &import);
	assert_string_equal(faults_of(f, import), "2:csv-key:book#");
	import_free(TAKE(import));
	import_all(f, "loan", "lend", NULL, false, loans, &import);
	assert_string_equal(faults_of(f, import), "2:guard: 3:required:copy");
	import_free(TAKE(import));
	assert_int_equal(
		count_of(f, "SELECT count(*) FROM loan l JOIN member m ON m.id = l.member WHERE m.card = 'AA0001'"), 1);
	fixture_close(f);
}

static void
an_action_on_records_that_exist_takes_them_by_reference_or_key(void **state)
{
	static const char mails[] = "ref#,email\n17,a@example.org\n99,b@example.org\n18,nonsense\n";
	struct fixture *f = fixture_open("tests/packs/library");
	struct import *import = NULL;

	import_all(f, "member", "join", "id", false, members_csv, &import);
	import_free(TAKE(import));
	import_all(f, "member", "change", NULL, false, mails, &import);
	assert_string_equal(faults_of(f, import), "2:csv-key:ref# 3:not-email:email");
	import_free(TAKE(import));
	int64_t member = count_of(f, "SELECT id FROM member WHERE card = 'AA0002'");
	const char *by_ref =
		text(f, "ref,email\n%s,c@example.org\nME-0000-00000,d@example.org\n", ref(f, "member", member));

	import_all(f, "member", "change", NULL, false, by_ref, &import);
	assert_string_equal(faults_of(f, import), "2:not-reference:ref");
	import_free(TAKE(import));
	assert_int_equal(count_of(f, "SELECT count(*) FROM member WHERE email IN ('a@example.org', 'c@example.org')"),
			 2);
	fixture_close(f);
}

static void
a_file_of_rejects_is_read_again_without_its_last_columns(void **state)
{
	static const char csv[] = "family_name,given_name,birth_day,card,line,column,reason\n"
				  "Оспанов,Ерлан,1889-12-31,AA0003,4,birth_day,There is no such day.\n";
	struct fixture *f = fixture_open("tests/packs/library");
	AUTO(import_free) struct import *import = NULL;
	struct import_totals totals = import_all(f, "member", "join", NULL, false, csv, &import);

	assert_int_equal(totals.done, 1);
	import_free(TAKE(import));
	fixture_close(f);
}

/* Column and message of the header's faults. */
static const char *
header_faults(struct fixture *f, const char *reg, const char *action, const char *key, const char *header)
{
	struct problem problem;
	struct import *import = NULL;
	const char *all = "";

	assert_int_equal(open_import(f, reg, action, key, true, header, &problem, &import), ERR_BAD_INPUT);
	for (size_t i = 0; i < problem.item_count; i++)
		all = text(f, "%s%s%s:%s:%s", all, i > 0 ? " " : "", message_name(problem.items[i].message),
			   problem.items[i].field == NULL ? "" : problem.items[i].field,
			   problem.items[i].arguments[0] == NULL ? "" : problem.items[i].arguments[0]);
	return all;
}

static void
a_header_that_does_not_fit_is_told_column_by_column(void **state)
{
	struct fixture *f = fixture_open("tests/packs/library");

	assert_string_equal(header_faults(f, "member", "join", NULL, "family_nam,given_name,birth_day\n"),
			    "unknown-field:family_nam:family_name csv-header::family_name csv-header::card");
	assert_string_equal(header_faults(f, "book", "catalogue", NULL, "title,authors\n"),
			    "not-allowed-here:authors:authors");
	assert_string_equal(header_faults(f, "loan", "lend", "no", "copy,copy#,member.card\n"),
			    "double-column:copy#:copy csv-header::member.family_name csv-header::no");
	assert_string_equal(header_faults(f, "member", "change", NULL, "email\n"), "csv-header::ref");
	assert_string_equal(header_faults(f, "member", "change", NULL, ""), "text-empty::");
	fixture_close(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_entered_or_rejected_with_its_reason),
		cmocka_unit_test(a_dry_run_finds_the_same_and_keeps_nothing),
		cmocka_unit_test(a_repeat_enters_nothing_and_knows_the_same_rejects),
		cmocka_unit_test(an_import_goes_on_after_a_fault_at_any_write),
		cmocka_unit_test(other_systems_keys_name_records_in_later_files),
		cmocka_unit_test(an_action_on_records_that_exist_takes_them_by_reference_or_key),
		cmocka_unit_test(a_file_of_rejects_is_read_again_without_its_last_columns),
		cmocka_unit_test(a_header_that_does_not_fit_is_told_column_by_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
