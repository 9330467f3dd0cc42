/* Acts that come to nothing, or are only tried, and would tell something about others: who is named has an entry of it. */
#include "registry/town.h"

struct attempt {
	struct town t;
	int64_t other; /* who lives nowhere that is known */
};

static struct attempt
begin(void)
{
	struct attempt a = { .t = town_open() };

	a.other = town_person(&a.t, "Жұмабаев", "1881-01-01");
	town_declare(&a.t);
	return a;
}

static int64_t
entries_of(struct attempt *a, int64_t party)
{
	return count_of(a->t.f,
			text(a->t.f, "SELECT count(*) FROM ledger_entry WHERE stream = %lld", (long long)party));
}

static int64_t
all_entries(struct attempt *a)
{
	return count_of(a->t.f, "SELECT count(*) FROM ledger_entry");
}

/* The newest entry of the stream, as oversight reads it. */
static struct ledger_record
newest_of(struct attempt *a, int64_t party)
{
	AUTO(db_close) struct db *db = NULL;
	struct ledger_record record;
	int64_t index = count_of(
		a->t.f, text(a->t.f, "SELECT max(idx) FROM ledger_entry WHERE stream = %lld", (long long)party));

	must(registry_reader(a->t.f->registry, &db));
	must(ledger_read(db, a->t.f->registry->data_keys, (uint64_t)index, a->t.f->arena, &record));
	return record;
}

static enum error
attempt(struct attempt *a, const struct actor *actor, const char *reg, const char *action, int64_t record,
	const char *json, bool dry_run)
{
	struct act *act = make_act(a->t.f, actor, reg, action, record, json);

	must(act->result);
	act->job.dry_run = dry_run;
	return act_run(act);
}

static const char *
stay_of(struct attempt *a, int64_t guest)
{
	return town_stay(&a->t, guest, "2026-10-20", "2027-04-20");
}

static void
who_asks_by_a_double_whether_somebody_stays_somewhere_leaves_an_entry_with_them(void **state)
{
	static const bool dry[] = { true, false };
	struct attempt a = begin();

	for (size_t i = 0; i < ARRAY_COUNT(dry); i++) {
		int64_t before = entries_of(&a, a.t.guest), all = all_entries(&a);

		assert_int_equal(attempt(&a, &a.t.host_actor, "stay", "declare", 0, stay_of(&a, a.t.guest), dry[i]),
				 ERR_DUPLICATE);
		assert_int_equal(entries_of(&a, a.t.guest), before + 1);
		assert_int_equal(all_entries(&a), all + 1);
		struct ledger_record record = newest_of(&a, a.t.guest);

		assert_int_equal(record.entry.kind, LEDGER_CREATE);
		assert_true(record.entry.refused);
		assert_int_equal(record.entry.reg, pack_reg(a.t.f->pack, "stay")->code);
		assert_null(record.entry.record);
		assert_memory_equal(record.entry.actor, a.t.host_actor.id, LEDGER_ID_BYTES);
		assert_int_equal(record.entry.payload_bytes, strlen("declare"));
		assert_memory_equal(record.entry.payload, "declare", strlen("declare"));
	}
	fixture_close(a.t.f);
}

static void
a_dry_run_that_would_be_done_leaves_an_entry_with_whom_it_names_and_nothing_else(void **state)
{
	struct attempt a = begin();
	int64_t before = entries_of(&a, a.other), stays = count_of(a.t.f, "SELECT count(*) FROM stay");

	assert_int_equal(attempt(&a, &a.t.host_actor, "stay", "declare", 0, stay_of(&a, a.other), true), OK);
	assert_int_equal(entries_of(&a, a.other), before + 1);
	assert_true(newest_of(&a, a.other).entry.refused);
	assert_int_equal(count_of(a.t.f, "SELECT count(*) FROM stay"), stays);
	fixture_close(a.t.f);
}

static void
what_a_guard_says_about_somebody_is_an_entry_with_them(void **state)
{
	struct attempt a = begin();
	int64_t before = entries_of(&a, a.other);
	const char *json =
		text(a.t.f,
		     "{\"guest\":\"%s\",\"host\":\"%s\",\"dwelling\":\"%s\",\"arrived\":\"2026-10-20\","
		     "\"leaves\":\"2026-12-20\"}",
		     ref(a.t.f, "person", a.other), ref(a.t.f, "person", a.t.host), ref(a.t.f, "dwelling", a.t.flat));

	/* A citizen. */
	assert_int_equal(attempt(&a, &a.t.host_actor, "arrival", "declare", 0, json, true), ERR_GUARD);
	assert_int_equal(attempt(&a, &a.t.host_actor, "arrival", "declare", 0, json, false), ERR_GUARD);
	assert_int_equal(entries_of(&a, a.other), before + 2);
	fixture_close(a.t.f);
}

static void
what_an_official_tries_on_a_person_is_seen_by_the_person_and_by_oversight(void **state)
{
	struct attempt a = begin();
	int64_t before = entries_of(&a, a.other);

	assert_int_equal(attempt(&a, &a.t.clerk, "person", "record_death", a.other, "{\"died\":\"2026-10-01\"}", true),
			 OK);
	assert_int_equal(attempt(&a, &a.t.clerk, "person", "identify", a.other, "{\"given_name\":\"Асан\"}", true),
			 ERR_CONFLICT);
	assert_int_equal(entries_of(&a, a.other), before + 2);
	assert_int_equal(count_of(a.t.f, text(a.t.f,
					      "SELECT count(*) FROM official_use WHERE person = %lld AND kind = 'act'"
					      " AND refused",
					      (long long)a.other)),
			 2);
	assert_string_equal(state_of(a.t.f, "person", a.other), "registered");
	fixture_close(a.t.f);
}

static void
a_number_that_somebody_has_already_is_not_asked_for_without_an_entry(void **state)
{
	struct attempt a = begin();
	int64_t foreigner = town_foreigner(&a.t, "Karimov"), before = 0;
	const char *json = text(a.t.f,
				"{\"document\":{\"state\":\"UZB\",\"number\":\"AA%07d\"},\"family_name\":\"Karimov\","
				"\"given_name\":\"Anvar\",\"birth_day\":\"1890-02-03\",\"citizenship\":\"UZ\"}",
				a.t.people);

	assert_true(foreigner > 0);
	before = entries_of(&a, LEDGER_STREAM_SYSTEM);
	assert_int_equal(attempt(&a, &a.t.host_actor, "person", "introduce", 0, json, true), ERR_DUPLICATE);
	assert_int_equal(entries_of(&a, LEDGER_STREAM_SYSTEM), before + 1);
	fixture_close(a.t.f);
}

static void
who_may_not_act_learns_nothing_and_leaves_nothing(void **state)
{
	struct attempt a = begin();
	int64_t before = all_entries(&a);

	assert_int_equal(attempt(&a, &a.t.stranger, "stay", "declare", 0, stay_of(&a, a.t.guest), true), ERR_FORBIDDEN);
	assert_int_equal(attempt(&a, &a.t.stranger, "person", "rename", a.other, "{\"given_name\":\"Бота\"}", false),
			 ERR_FORBIDDEN);
	assert_int_equal(all_entries(&a), before);
	fixture_close(a.t.f);
}

static const char *
stay_by_number(struct attempt *a, const char *iin, const char *family)
{
	return text(a->t.f,
		    "{\"guest\":{\"iin\":\"%s\",\"family_name\":\"%s\"},\"dwelling\":\"%s\",\"host\":\"%s\","
		    "\"arrived\":\"2026-10-20\",\"leaves\":\"2027-04-20\"}",
		    iin, family, ref(a->t.f, "dwelling", a->t.flat), ref(a->t.f, "person", a->t.host));
}

static void
who_tries_numbers_and_names_out_leaves_an_entry_with_whom_they_fit(void **state)
{
	struct attempt a = begin();
	char iin[16];
	int64_t before = entries_of(&a, a.other), all = all_entries(&a);

	iin_print(count_of(a.t.f, text(a.t.f, "SELECT iin FROM person WHERE id = %lld", (long long)a.other)), iin);
	assert_int_equal(attempt(&a, &a.t.stranger, "stay", "declare", 0, stay_by_number(&a, iin, "Басқа"), true),
			 ERR_BAD_INPUT);
	assert_int_equal(all_entries(&a), all);
	assert_int_equal(attempt(&a, &a.t.stranger, "stay", "declare", 0, stay_by_number(&a, iin, "Жұмабаев"), true),
			 ERR_FORBIDDEN);
	assert_int_equal(entries_of(&a, a.other), before + 1);
	fixture_close(a.t.f);
}

/* How many entries one has is one's own: the receipt of another tells where it is in the log, no more. */
static void
a_receipt_does_not_count_anothers_entries(void **state)
{
	struct attempt a = begin();
	struct act *act = make_act(a.t.f, &a.t.host_actor, "stay", "declare", 0, stay_of(&a, a.other));
	struct act *own = make_act(a.t.f, &a.t.guest_actor, "person", "update_contact", a.t.guest,
				   "{\"email\":\"me@demo.invalid\"}");
	struct strbuf out = { 0 };
	struct json json = { .out = &out };

	must(act_run(act));
	act_print(act, LANGUAGE_EN, &json);
	assert_non_null(strstr(out.text, "\"stream_n\":null"));
	strbuf_clear(&out);
	json = (struct json){ .out = &out };
	must(act_run(own));
	act_print(own, LANGUAGE_EN, &json);
	assert_null(strstr(out.text, "\"stream_n\":null"));
	assert_non_null(strstr(out.text, "\"stream_n\":"));
	strbuf_done(&out);
	fixture_close(a.t.f);
}

static void
trying_what_concerns_oneself_leaves_nothing(void **state)
{
	struct attempt a = begin();
	int64_t before = all_entries(&a);

	assert_int_equal(attempt(&a, &a.t.guest_actor, "person", "update_contact", a.t.guest,
				 "{\"email\":\"me@demo.invalid\"}", true),
			 OK);
	assert_int_equal(all_entries(&a), before);
	fixture_close(a.t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_asks_by_a_double_whether_somebody_stays_somewhere_leaves_an_entry_with_them),
		cmocka_unit_test(a_dry_run_that_would_be_done_leaves_an_entry_with_whom_it_names_and_nothing_else),
		cmocka_unit_test(what_a_guard_says_about_somebody_is_an_entry_with_them),
		cmocka_unit_test(what_an_official_tries_on_a_person_is_seen_by_the_person_and_by_oversight),
		cmocka_unit_test(a_number_that_somebody_has_already_is_not_asked_for_without_an_entry),
		cmocka_unit_test(who_may_not_act_learns_nothing_and_leaves_nothing),
		cmocka_unit_test(who_tries_numbers_and_names_out_leaves_an_entry_with_whom_they_fit),
		cmocka_unit_test(a_receipt_does_not_count_anothers_entries),
		cmocka_unit_test(trying_what_concerns_oneself_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
