/* The library pack through the engine: no name of a book stands in C outside this test. */
#include "registry/fixture.h"

struct shelf {
	struct fixture *f;
	struct actor librarian, head;
	int64_t book, copy, member;
};

static struct shelf
open_library(void)
{
	struct shelf s = { .f = fixture_open("tests/packs/library") };

	s.librarian = actor_with(s.f, 11, 0, "librarian", NULL, 0);
	s.head = actor_with(s.f, 12, 0, "head_librarian", NULL, 0);
	s.book = ok_act(s.f, &s.librarian, "book", "catalogue", 0,
			"{\"title\":\"Abai Zholy\",\"authors\":[{\"name\":\"Mukhtar "
			"Auezov\",\"part\":\"writer\"}],\"kind\":\"ordinary\"}");
	s.copy = ok_act(s.f, &s.librarian, "copy", "shelve", 0,
			text(s.f, "{\"book\":\"%s\",\"barcode\":1001,\"condition\":\"good\",\"price\":\"4500.00\"}",
			     ref(s.f, "book", s.book)));
	s.member = ok_act(s.f, &s.librarian, "member", "join", 0,
			  "{\"family_name\":\"Қасымова\",\"given_name\":\"Әлия\",\"birth_day\":\"1890-04-01\",\"card\":"
			  "\"AA0001\"}");
	return s;
}

static int64_t
lend(struct shelf *s)
{
	return ok_act(
		s->f, &s->librarian, "loan", "lend", 0,
		text(s->f,
		     "{\"copy\":{\"barcode\":1001},\"member\":{\"card\":\"AA0001\",\"family_name\":\"Kasymova\"}}"));
}

static void
a_loan_takes_the_copy_off_the_shelf_and_brings_it_back(void **state)
{
	struct shelf s = open_library();
	int64_t loan = lend(&s);

	assert_string_equal(state_of(s.f, "copy", s.copy), "out");
	ok_act(s.f, &s.librarian, "loan", "give_back", loan, "{\"seen\":\"good\"}");
	assert_string_equal(state_of(s.f, "copy", s.copy), "shelved");
	assert_string_equal(state_of(s.f, "loan", loan), "returned");
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM fine"), 0);
	assert_true(count_of(s.f, "SELECT count(*) FROM ledger_entry") > 5);
	fixture_close(s.f);
}

static void
a_copy_that_is_out_cannot_be_lent_again(void **state)
{
	struct shelf s = open_library();

	lend(&s);
	assert_int_equal(
		do_act(s.f, &s.librarian, "loan", "lend", 0,
		       "{\"copy\":{\"barcode\":1001},\"member\":{\"card\":\"AA0001\",\"family_name\":\"Қасымова\"}}",
		       NULL),
		ERR_GUARD);
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM loan"), 1);
	fixture_close(s.f);
}

static void
a_wrong_family_name_and_an_unknown_card_answer_alike(void **state)
{
	struct shelf s = open_library();
	struct act *wrong = NULL, *unknown = NULL;

	assert_int_equal(
		do_act(s.f, &s.librarian, "loan", "lend", 0,
		       "{\"copy\":{\"barcode\":1001},\"member\":{\"card\":\"AA0001\",\"family_name\":\"Иванова\"}}",
		       &wrong),
		ERR_BAD_INPUT);
	assert_int_equal(
		do_act(s.f, &s.librarian, "loan", "lend", 0,
		       "{\"copy\":{\"barcode\":1001},\"member\":{\"card\":\"ZZ9999\",\"family_name\":\"Иванова\"}}",
		       &unknown),
		ERR_BAD_INPUT);
	assert_int_equal(wrong->problem.items[0].message, unknown->problem.items[0].message);
	assert_string_equal(wrong->problem.items[0].field, unknown->problem.items[0].field);
	fixture_close(s.f);
}

static void
an_overdue_loan_falls_due_by_the_clock_and_costs_a_fine(void **state)
{
	struct shelf s = open_library();
	int64_t loan = lend(&s);
	uint64_t runs = 0;

	must(clock_run(s.f->registry, s.f->now, &runs));
	s.f->now += INT64_C(25) * DAY_MS;
	must(clock_run(s.f->registry, s.f->now, &runs));
	assert_string_equal(state_of(s.f, "loan", loan), "overdue");
	ok_act(s.f, &s.librarian, "loan", "give_back", loan, "{\"seen\":\"fair\"}");
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM fine WHERE state = 'owed' AND amount > 0"), 1);
	fixture_close(s.f);
}

static void
a_fine_is_waived_only_when_another_agrees(void **state)
{
	struct shelf s = open_library();
	int64_t loan = lend(&s);
	struct act *waive = NULL;

	ok_act(s.f, &s.librarian, "loan", "report_lost", loan, "{}");
	int64_t fine = count_of(s.f, "SELECT id FROM fine");

	must(do_act(s.f, &s.librarian, "fine", "waive", fine, "{\"why\":\"flood\"}", &waive));
	assert_true(waive->waiting);
	assert_string_equal(state_of(s.f, "fine", fine), "owed");
	struct act *agree = make_act(s.f, &s.librarian, "fine", "waive", fine, NULL);

	agree->kind = ACT_AGREE;
	assert_int_equal(act_run(agree), ERR_FORBIDDEN);
	agree = make_act(s.f, &s.head, "fine", "waive", fine, NULL);
	agree->kind = ACT_AGREE;
	must(act_run(agree));
	assert_string_equal(state_of(s.f, "fine", fine), "waived");
	fixture_close(s.f);
}

static void
who_has_no_role_may_do_nothing(void **state)
{
	struct shelf s = open_library();
	struct actor stranger = actor_with(s.f, 99, 0, NULL, NULL, 0);

	assert_int_equal(do_act(s.f, &stranger, "book", "withdraw", s.book, "{}", NULL), ERR_FORBIDDEN);
	assert_int_equal(do_act(s.f, &stranger, "copy", "shelve", 0,
				text(s.f, "{\"book\":\"%s\",\"barcode\":7,\"condition\":\"good\",\"price\":\"1.00\"}",
				     ref(s.f, "book", s.book)),
				NULL),
			 ERR_FORBIDDEN);
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM copy"), 1);
	fixture_close(s.f);
}

static void
withdrawing_a_book_withdraws_its_copies_afterwards(void **state)
{
	struct shelf s = open_library();
	uint64_t runs = 0;

	ok_act(s.f, &s.head, "book", "withdraw", s.book, "{}");
	assert_string_equal(state_of(s.f, "copy", s.copy), "shelved");
	must(clock_run(s.f->registry, s.f->now, &runs));
	assert_string_equal(state_of(s.f, "copy", s.copy), "withdrawn");
	fixture_close(s.f);
}

static void
a_dry_run_leaves_nothing_but_an_entry_with_whom_it_names(void **state)
{
	struct shelf s = open_library();
	int64_t entries = count_of(s.f, "SELECT count(*) FROM ledger_entry");
	struct act *act =
		make_act(s.f, &s.librarian, "loan", "lend", 0,
			 "{\"copy\":{\"barcode\":1001},\"member\":{\"card\":\"AA0001\",\"family_name\":\"Қасымова\"}}");

	act->job.dry_run = true;
	must(act_run(act));
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM loan"), 0);
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM ledger_entry"), entries + 1);
	assert_string_equal(state_of(s.f, "copy", s.copy), "shelved");
	fixture_close(s.f);
}

static void
the_same_key_acts_once_and_another_request_under_it_is_refused(void **state)
{
	struct shelf s = open_library();
	const char *body = "{\"title\":\"Kozy Korpesh\",\"kind\":\"rare\"}";
	struct act *first = make_act(s.f, &s.librarian, "book", "catalogue", 0, body);
	struct act *again = make_act(s.f, &s.librarian, "book", "catalogue", 0, body);
	struct act *other = make_act(s.f, &s.librarian, "book", "catalogue", 0, body);

	first->idempotency_key = again->idempotency_key = other->idempotency_key = "key-00000001";
	other->request_hash[0] = 1;
	must(act_run(first));
	must(act_run(again));
	assert_true(again->replayed);
	assert_int_equal(again->ret_record, first->ret_record);
	assert_memory_equal(again->event, first->event, sizeof(first->event));
	assert_int_equal(again->entry_count, first->entry_count);
	assert_int_equal(act_run(other), ERR_KEY_REUSED);
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM book"), 2);
	fixture_close(s.f);
}

static void
a_key_is_forgotten_after_two_days(void **state)
{
	struct shelf s = open_library();
	struct act *act =
		make_act(s.f, &s.librarian, "book", "catalogue", 0, "{\"title\":\"Aiman\",\"kind\":\"rare\"}");
	uint64_t runs = 0;

	act->idempotency_key = "key-00000002";
	must(act_run(act));
	must(clock_run(s.f->registry, s.f->now, &runs));
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM sys_idempotency"), 1);
	s.f->now += INT64_C(3) * DAY_MS;
	must(clock_run(s.f->registry, s.f->now, &runs));
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM sys_idempotency"), 0);
	assert_int_equal(s.f->registry->idempotency.count, 0);
	fixture_close(s.f);
}

static void
a_correction_needs_the_version_and_keeps_the_original(void **state)
{
	struct shelf s = open_library();
	struct act *act = make_act(s.f, &s.librarian, "book", "correct", s.book,
				   "{\"title\":\"Abai Joly\",\"reason\":\"spelling\"}");

	must(act->result);
	assert_int_equal(act_run(act), ERR_IF_MATCH);
	act = make_act(s.f, &s.librarian, "book", "correct", s.book,
		       "{\"title\":\"Abai Joly\",\"reason\":\"spelling\"}");
	act->if_match = 7;
	assert_int_equal(act_run(act), ERR_PRECONDITION);
	act = make_act(s.f, &s.librarian, "book", "correct", s.book,
		       "{\"title\":\"Abai Joly\",\"reason\":\"spelling\"}");
	act->if_match = 1;
	must(act_run(act));
	assert_int_equal(act->ret_version, 2);
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM book_past WHERE title = 'Abai Zholy'"), 1);
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM book WHERE title = 'Abai Joly'"), 1);
	/* Why stands in the sealed entry. */
	assert_int_equal(payloads_with(s.f, "spelling"), 1);
	fixture_close(s.f);
}

static void
a_correction_that_changes_nothing_is_no_version(void **state)
{
	struct shelf s = open_library();
	struct act *act = make_act(s.f, &s.librarian, "book", "correct", s.book,
				   "{\"title\":\"Abai Zholy\",\"reason\":\"twice sent\"}");

	act->if_match = 1;
	assert_int_equal(act_run(act), ERR_BAD_INPUT);
	assert_int_equal(count_of(s.f, "SELECT count(*) FROM book_past"), 0);
	fixture_close(s.f);
}

static void
all_is_there_again_after_a_restart(void **state)
{
	struct shelf s = open_library();
	unsigned char before[32], after[32];

	lend(&s);
	ledger_root(s.f->registry->ledger, before);
	registry_close(s.f->registry);
	fixture_connect(s.f);
	ledger_root(s.f->registry->ledger, after);
	assert_memory_equal(before, after, sizeof(before));
	assert_string_equal(state_of(s.f, "copy", s.copy), "out");
	fixture_close(s.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loan_takes_the_copy_off_the_shelf_and_brings_it_back),
		cmocka_unit_test(a_copy_that_is_out_cannot_be_lent_again),
		cmocka_unit_test(a_wrong_family_name_and_an_unknown_card_answer_alike),
		cmocka_unit_test(an_overdue_loan_falls_due_by_the_clock_and_costs_a_fine),
		cmocka_unit_test(a_fine_is_waived_only_when_another_agrees),
		cmocka_unit_test(who_has_no_role_may_do_nothing),
		cmocka_unit_test(withdrawing_a_book_withdraws_its_copies_afterwards),
		cmocka_unit_test(a_dry_run_leaves_nothing_but_an_entry_with_whom_it_names),
		cmocka_unit_test(the_same_key_acts_once_and_another_request_under_it_is_refused),
		cmocka_unit_test(a_key_is_forgotten_after_two_days),
		cmocka_unit_test(a_correction_needs_the_version_and_keeps_the_original),
		cmocka_unit_test(a_correction_that_changes_nothing_is_no_version),
		cmocka_unit_test(all_is_there_again_after_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
