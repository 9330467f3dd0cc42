/* The export of one's own stream: complete, and believed by the reader that knows nothing but the file and a key. */
#include "registry/proven.h"

static void
check_sound(struct proven *p, const struct actor *actor, struct proven_listed *ret_listed)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	enum history_fault fault = HISTORY_SOUND;

	must(proven_export(p, actor, &out));
	enum error e = proven_check(p, out.text, out.bytes, ret_listed, &fault);

	if (e != OK)
		fprintf(stderr, "%s\n%s\n", history_fault_text(fault, LANGUAGE_EN), out.text);
	must(e);
	assert_null(strstr(out.text, "SECRET-7"));
}

static void
an_export_is_complete_and_stands_on_its_own(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	struct proven_listed listed;
	AUTO(strbuf_done) struct strbuf none = { 0 };

	proven_publish(&p);
	assert_int_equal(proven_export(&p, &t->guest_actor, &none), ERR_NOT_PUBLISHED);
	town_confirm(t, town_declare(t));
	must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	proven_index(&p);
	must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	check_sound(&p, &t->guest_actor, &listed);
	assert_int_equal(listed.lookups, 1);
	assert_true(listed.acts_with_payload > 1);
	assert_int_equal(listed.details, 0);
	/* What came after the index is in it as soon as a checkpoint covers it. */
	proven_publish(&p);
	check_sound(&p, &t->guest_actor, &listed);
	assert_int_equal(listed.lookups, 2);
	check_sound(&p, &t->owner_actor, &listed);
	assert_int_equal(listed.lookups, 0);
	assert_true(listed.entries > 0);
	assert_int_equal(proven_export(&p, &t->clerk, &none), ERR_NOT_FOUND);
	proven_close(&p);
}

static void
an_export_has_the_hidden_entries_that_were_revealed(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	struct proven_listed listed;

	hide_lookups(t->f, t->guest, t->f->now + 1, 3);
	hide_lookups(t->f, t->guest, t->f->now + INT64_C(3) * DAY_MS, 4);
	pass_days(t->f, 1);
	proven_index(&p);
	check_sound(&p, &t->guest_actor, &listed);
	assert_int_equal(listed.referred, 3);
	assert_int_equal(listed.lookups, 3);
	proven_close(&p);
}

/* What was entered about a record while it named me stays in my stream; its values are for those whom it names. */
static void
values_of_a_record_that_no_longer_names_me_are_withheld(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	struct proven_listed before, after;
	int64_t ownership = count_of(t->f, "SELECT id FROM ownership");

	proven_index(&p);
	check_sound(&p, &t->owner_actor, &before);
	struct act *act = make_act(t->f, &t->clerk, "ownership", "correct", ownership,
				   text(t->f, "{\"owner\":\"%s\",\"reason\":\"slip\"}", ref(t->f, "person", t->host)));

	must(act->result);
	act->if_match = 1;
	must(act_run(act));
	proven_index(&p);
	check_sound(&p, &t->owner_actor, &after);
	/* The correction concerns both; of the ownership's own values nothing is left for the one who never was the owner. */
	assert_int_equal(after.entries, before.entries + 1);
	assert_int_equal(after.acts_with_payload, before.acts_with_payload - 1);
	check_sound(&p, &t->host_actor, &after);
	assert_true(after.acts_with_payload > 0);
	proven_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_export_is_complete_and_stands_on_its_own),
		cmocka_unit_test(an_export_has_the_hidden_entries_that_were_revealed),
		cmocka_unit_test(values_of_a_record_that_no_longer_names_me_are_withheld),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
