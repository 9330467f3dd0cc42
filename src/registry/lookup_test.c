/* Look-ups: each leaves its entry; unknown and forbidden answer alike; the role that reads is the one that has the purpose. */
#include "registry/town.h"

static enum error
look(struct town *t, const struct actor *actor, const char *reg, int64_t record, const char *purpose,
     const char *number, struct lookup **ret_lookup)
{
	struct lookup *lookup = arena_new_of(t->f->arena, struct lookup);

	*lookup = (struct lookup){ .registry = t->f->registry,
				   .arena = t->f->arena,
				   .actor = *actor,
				   .reg = pack_reg(t->f->pack, reg),
				   .record = record,
				   .purpose = pack_purpose(t->f->pack, purpose),
				   .case_text = number,
				   .now = t->f->now };
	problem_init(&lookup->problem, t->f->arena);
	if (ret_lookup != NULL)
		*ret_lookup = lookup;
	return lookup_run(lookup);
}

static int64_t
entries(struct town *t)
{
	return count_of(t->f, "SELECT count(*) FROM ledger_entry");
}

static void
a_look_up_shows_the_fields_of_the_role_and_leaves_an_entry(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	int64_t stay = town_declare(&t), before = entries(&t);
	struct lookup *lookup = NULL;

	must(look(&t, &officer, "stay", stay, "inspection", "I-1", &lookup));
	assert_non_null(strstr(lookup->body, "\"arrived\""));
	assert_null(strstr(lookup->body, "\"disputed_by\""));
	assert_int_equal(entries(&t), before + 1);
	must(look(&t, &t.clerk, "person", t.guest, "registration", "R-1", &lookup));
	assert_non_null(strstr(lookup->body, "\"iin\""));
	must(look(&t, &officer, "person", t.guest, "inspection", "I-1", &lookup));
	assert_null(strstr(lookup->body, "\"iin\""));
	fixture_close(t.f);
}

static void
unknown_and_forbidden_answer_alike_and_both_are_entries(void **state)
{
	struct town t = town_open();
	int64_t stay = town_declare(&t), before = entries(&t);
	struct lookup *forbidden = NULL, *unknown = NULL;

	assert_int_equal(look(&t, &t.far_clerk, "stay", stay, "registration", "R-1", &forbidden), ERR_NOT_FOUND);
	assert_int_equal(look(&t, &t.far_clerk, "stay", 987654, "registration", "R-1", &unknown), ERR_NOT_FOUND);
	assert_null(forbidden->body);
	assert_null(unknown->body);
	assert_int_equal(forbidden->problem.item_count, unknown->problem.item_count);
	assert_int_equal(forbidden->problem.items[0].message, unknown->problem.items[0].message);
	assert_int_equal(entries(&t), before + 2);
	fixture_close(t.f);
}

static void
a_purpose_of_one_role_opens_no_fields_of_another(void **state)
{
	struct town t = town_open();
	struct actor both = actor_with(t.f, 72, 0, "clerk", TOWN_DISTRICT, 0);
	struct lookup *lookup = NULL;

	both.roles[both.role_count++] = (struct held_role){ .role = pack_role(t.f->pack, "precinct_officer"),
							    .place = pack_place_id(t.f->pack, TOWN_DISTRICT) };
	must(look(&t, &both, "person", t.guest, "inspection", "I-1", &lookup));
	assert_null(strstr(lookup->body, "\"iin\""));
	must(look(&t, &both, "person", t.guest, "registration", "I-1", &lookup));
	assert_non_null(strstr(lookup->body, "\"iin\""));
	assert_int_equal(look(&t, &t.clerk, "person", t.guest, "inspection", "I-1", NULL), ERR_NOT_FOUND);
	fixture_close(t.f);
}

static void
who_may_not_look_up_leaves_nothing(void **state)
{
	struct town t = town_open();
	int64_t before = entries(&t);

	assert_int_equal(look(&t, &t.host_actor, "person", t.guest, "registration", "R-1", NULL), ERR_FORBIDDEN);
	assert_int_equal(look(&t, &t.console, "person", t.guest, "registration", "R-1", NULL), ERR_FORBIDDEN);
	assert_int_equal(look(&t, &t.clerk, "person", t.guest, "none", "R-1", NULL), ERR_BAD_INPUT);
	assert_int_equal(entries(&t), before);
	fixture_close(t.f);
}

static void
a_case_is_asked_for_where_the_purpose_wants_one(void **state)
{
	struct town t = town_open();
	const struct purpose *wants = NULL;

	for (size_t i = 0; i < t.f->pack->purpose_count; i++)
		if (t.f->pack->purposes[i].needs_case)
			wants = &t.f->pack->purposes[i];
	assert_non_null(wants);
	assert_int_equal(look(&t, &t.clerk, "person", t.guest, wants->name, "", NULL), ERR_BAD_INPUT);
	assert_int_equal(look(&t, &t.clerk, "person", t.guest, wants->name, text(t.f, "%065d", 1), NULL),
			 ERR_BAD_INPUT);
	fixture_close(t.f);
}

/* ---- what an address reveals ---- */

static void
settle(struct town *t, int64_t person)
{
	ok_act(t->f, &t->console, "residence", "carry_over", 0,
	       text(t->f,
		    "{\"person\":\"%s\",\"dwelling\":\"%s\",\"since\":\"2026-01-10\",\"declared_on\":\"2026-01-11\"}",
		    ref(t->f, "person", person), ref(t->f, "dwelling", t->flat)));
}

static int64_t
entries_of(struct town *t, int64_t stream)
{
	return count_of(t->f, text(t->f, "SELECT count(*) FROM ledger_entry WHERE stream = %lld", (long long)stream));
}

static void
opening_a_dwelling_shows_who_lives_there_and_each_has_an_entry(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	struct lookup *lookup = NULL;

	settle(&t, t.owner);
	settle(&t, t.guest);
	int64_t before = entries(&t), of_system = entries_of(&t, LEDGER_STREAM_SYSTEM);
	int64_t of_owner = entries_of(&t, t.owner), of_guest = entries_of(&t, t.guest);

	must(look(&t, &officer, "dwelling", t.flat, "inspection", "I-1", &lookup));
	assert_non_null(strstr(lookup->body, ref(t.f, "person", t.owner)));
	assert_non_null(strstr(lookup->body, ref(t.f, "person", t.guest)));
	assert_non_null(strstr(lookup->body, "\"refine\":false"));
	assert_null(strstr(lookup->body, "\"iin\""));
	assert_int_equal(entries(&t), before + 3);
	assert_int_equal(entries_of(&t, LEDGER_STREAM_SYSTEM), of_system + 1);
	assert_int_equal(entries_of(&t, t.owner), of_owner + 1);
	assert_int_equal(entries_of(&t, t.guest), of_guest + 1);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use WHERE kind = 'lookup' AND NOT refused"), 3);
	fixture_close(t.f);
}

static void
the_entries_of_one_look_up_are_parts_of_one_event(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	struct lookup *lookup = NULL;
	struct ledger_record record;
	struct db *db = NULL;

	settle(&t, t.owner);
	settle(&t, t.guest);
	must(look(&t, &officer, "dwelling", t.flat, "inspection", "I-1", &lookup));
	must(registry_reader(t.f->registry, &db));
	for (uint64_t k = 0; k < 3; k++) {
		must(ledger_read(db, registry_data_keys(t.f->registry), lookup->index + k, t.f->arena, &record));
		assert_memory_equal(record.entry.event, lookup->event, LEDGER_ID_BYTES);
		assert_int_equal(record.entry.part, k + 1);
		assert_int_equal(record.entry.parts, 3);
		assert_string_equal(record.entry.case_text, "I-1");
	}
	db_close(db);
	fixture_close(t.f);
}

static void
more_than_ten_people_at_an_address_are_not_shown_at_all(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	struct lookup *lookup = NULL;

	for (int i = 0; i < 10; i++)
		settle(&t, town_person(&t, "Көп", "1880-01-01"));
	must(look(&t, &officer, "dwelling", t.flat, "inspection", "I-1", &lookup));
	assert_non_null(strstr(lookup->body, "\"refine\":false"));
	settle(&t, t.guest);
	int64_t before = entries(&t);

	must(look(&t, &officer, "dwelling", t.flat, "inspection", "I-1", &lookup));
	assert_non_null(strstr(lookup->body, "\"refine\":true"));
	assert_null(strstr(lookup->body, "\"PE-"));
	assert_int_equal(entries(&t), before + 1);
	fixture_close(t.f);
}

static void
a_look_up_of_somebody_who_lives_elsewhere_is_noted_so(void **state)
{
	struct town t = town_open();
	struct actor near = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	struct actor far = actor_with(t.f, 72, 0, "precinct_officer", TOWN_FAR_DISTRICT, 0);
	struct actor both = far;

	both.account = 73;
	both.roles[both.role_count++] = near.roles[0];
	must(look(&t, &far, "person", t.guest, "inspection", "I-1", NULL)); /* lives nowhere: unknown */
	settle(&t, t.guest);
	must(look(&t, &near, "person", t.guest, "inspection", "I-1", NULL));
	must(look(&t, &both, "person", t.guest, "inspection", "I-1", NULL));
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use WHERE outside"), 0);
	must(look(&t, &far, "person", t.guest, "inspection", "I-1", NULL));
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use WHERE outside AND account = 72"), 1);
	fixture_close(t.f);
}

static void
what_the_law_hides_is_entered_apart_and_shown_when_it_is_time(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	int64_t of_guest = entries_of(&t, t.guest), hidden = entries_of(&t, LEDGER_STREAM_RESTRICTED);

	must(look(&t, &officer, "person", t.guest, "inquiry", "I-1", NULL));
	assert_int_equal(entries_of(&t, t.guest), of_guest);
	assert_int_equal(entries_of(&t, LEDGER_STREAM_RESTRICTED), hidden + 1);
	assert_int_equal(
		count_of(t.f, text(t.f, "SELECT count(*) FROM official_use WHERE person = %lld", (long long)t.guest)),
		1);
	pass_days(t.f, 29);
	assert_int_equal(entries_of(&t, t.guest), of_guest);
	pass_days(t.f, 2);
	assert_int_equal(entries_of(&t, t.guest), of_guest + 1);
	fixture_close(t.f);
}

/* The pack's word `discreet`, tried on a purpose that packs/kz does not mark so. */
static void
a_discreet_purpose_tells_the_person_body_and_purpose_alone(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	struct purpose *purpose = (struct purpose *)(uintptr_t)pack_purpose(t.f->pack, "inspection");
	struct lookup *lookup = NULL;
	struct ledger_record record;
	struct db *db = NULL;

	purpose->discreet = true;
	must(look(&t, &officer, "person", t.guest, "inspection", "I-1", &lookup));
	must(registry_reader(t.f->registry, &db));
	must(ledger_read(db, registry_data_keys(t.f->registry), lookup->index, t.f->arena, &record));
	assert_int_equal(record.entry.purpose, purpose->code);
	assert_int_equal(record.entry.body, officer.roles[0].role->body_code);
	assert_true(record.entry.role == UINT64_MAX && record.entry.reg == UINT64_MAX);
	assert_null(record.entry.record);
	assert_int_equal(record.entry.field_count, 0);
	assert_string_equal(record.entry.query, text(t.f, "person %s", ref(t.f, "person", t.guest)));
	db_close(db);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_look_up_shows_the_fields_of_the_role_and_leaves_an_entry),
		cmocka_unit_test(unknown_and_forbidden_answer_alike_and_both_are_entries),
		cmocka_unit_test(a_purpose_of_one_role_opens_no_fields_of_another),
		cmocka_unit_test(who_may_not_look_up_leaves_nothing),
		cmocka_unit_test(a_case_is_asked_for_where_the_purpose_wants_one),
		cmocka_unit_test(opening_a_dwelling_shows_who_lives_there_and_each_has_an_entry),
		cmocka_unit_test(the_entries_of_one_look_up_are_parts_of_one_event),
		cmocka_unit_test(more_than_ten_people_at_an_address_are_not_shown_at_all),
		cmocka_unit_test(a_look_up_of_somebody_who_lives_elsewhere_is_noted_so),
		cmocka_unit_test(what_the_law_hides_is_entered_apart_and_shown_when_it_is_time),
		cmocka_unit_test(a_discreet_purpose_tells_the_person_body_and_purpose_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
