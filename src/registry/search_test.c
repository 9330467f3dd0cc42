/* Searches: each leaves its entry, each hit one with whom it shows; nobody else can be read out of an answer. */
#include "registry/names.h"
#include "registry/search.h"
#include "registry/town.h"
#include "text/node.h"

static struct search_job *
ask(struct town *t, const struct actor *actor, const char *reg, const char *words, const char *purpose,
    const char *number)
{
	AUTO(db_close) struct db *db = NULL;
	struct search_job *search = arena_new_of(t->f->arena, struct search_job);

	*search = (struct search_job){ .registry = t->f->registry,
				       .arena = t->f->arena,
				       .actor = *actor,
				       .reg = pack_reg(t->f->pack, reg),
				       .text = words,
				       .purpose = pack_purpose(t->f->pack, purpose),
				       .case_text = number,
				       .now = t->f->now };
	problem_init(&search->problem, t->f->arena);
	must(registry_reader(t->f->registry, &db));
	search->result = search_run(search, db);
	return search;
}

static const struct node *
hits_of(struct town *t, const struct search_job *search)
{
	const struct node *body = NULL;

	must(search->result);
	must(node_parse_json(t->f->arena, search->body, search->body_bytes, NULL, &body));
	return node_get(body, "hits");
}

/* The hits of a clerk's search of people. */
static const struct node *
people(struct town *t, const char *words)
{
	return hits_of(t, ask(t, &t->clerk, "person", words, "registration", "R-1"));
}

static bool
is_told(const struct search_job *search, const char *key)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	return strstr(search->body, arena_printf(arena, "\"%s\":true", key)) != NULL;
}

static int64_t
entries(struct town *t)
{
	return count_of(t->f, "SELECT count(*) FROM ledger_entry");
}

static int64_t
entries_of(struct town *t, int64_t stream)
{
	return count_of(t->f, text(t->f, "SELECT count(*) FROM ledger_entry WHERE stream = %lld", (long long)stream));
}

static int64_t
add_person(struct town *t, const char *family, const char *given, const char *patronymic, const char *birth_day)
{
	char printed[16];
	int64_t iin = -1;

	while (iin < 0)
		iin = iin_complete(INT64_C(900101100000) + 10 * (int64_t)t->people++);
	return ok_act(t->f, &t->console, "person", "register", 0,
		      text(t->f,
			   "{\"iin\":\"%s\",\"family_name\":\"%s\",\"given_name\":\"%s\",\"patronymic\":\"%s\","
			   "\"birth_day\":\"%s\",\"language\":\"kk\"}",
			   iin_print(iin, printed), family, given, patronymic, birth_day));
}

static void
a_person_is_found_in_three_scripts_misspelt_by_number_document_and_reference(void **state)
{
	struct town t = town_open();
	int64_t quanysh = add_person(&t, "Серікова", "Қуаныш", "Болатқызы", "1890-04-05");
	int64_t anvar = town_foreigner(&t, "Karimov");
	const char *number =
		text(t.f, "%012lld",
		     (long long)count_of(t.f, text(t.f, "SELECT iin FROM person WHERE id = %lld", (long long)quanysh)));
	const char *document = text(t.f, "UZB AA%07d", t.people);
	const struct {
		const char *words;
		int64_t record;
	} rows[] = {
		{ "Қуаныш", quanysh },
		{ "Kuanysh", quanysh },
		{ "Quanysh", quanysh },
		{ "Куаныш", quanysh },
		{ "Kuansyh", quanysh },
		{ "kuanysh serikova", quanysh },
		{ "Серикова Куаныш Болатовна", quanysh },
		{ "СЕРІКОВА ҚУАНЫШ", quanysh },
		{ "Серикова Куаныш 1890", quanysh },
		{ "Серикова Куаныш 05.04.1890", quanysh },
		{ number, quanysh },
		{ text(t.f, " %s ", number), quanysh },
		{ ref(t.f, "person", quanysh), quanysh },
		{ document, anvar },
		{ "Каримов Анвар", anvar },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct node *hits = people(&t, rows[i].words);

		if (hits->count != 1)
			print_error("%s\n", rows[i].words);
		assert_int_equal(hits->count, 1);
		assert_string_equal(node_get(&hits->items[0], "ref")->text, ref(t.f, "person", rows[i].record));
	}
	assert_int_equal(people(&t, "Серикова Куаныш 1891")->count, 0);
	assert_int_equal(people(&t, "Бекмұратов Жанна")->count, 0);
	assert_int_equal(people(&t, "900101199999")->count, 0);
	fixture_close(t.f);
}

static void
each_hit_is_an_entry_with_the_person_and_the_search_one_with_its_words(void **state)
{
	struct town t = town_open();
	int64_t before = entries(&t), of_guest = entries_of(&t, t.guest), of_host = entries_of(&t, t.host);

	assert_int_equal(people(&t, "Касымова")->count, 1);
	assert_int_equal(entries(&t), before + 2);
	assert_int_equal(entries_of(&t, t.guest), of_guest + 1);
	assert_int_equal(entries_of(&t, t.host), of_host);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use WHERE kind = 'search' AND person = 0"), 1);
	assert_int_equal(count_of(t.f, text(t.f,
					    "SELECT count(*) FROM official_use WHERE kind = 'hit' AND person = %lld "
					    "AND refused = 0",
					    (long long)t.guest)),
			 1);
	assert_int_equal(people(&t, "Бекмұратов")->count, 0);
	assert_int_equal(entries(&t), before + 3);
	fixture_close(t.f);
}

static struct ledger_entry
entry_at(struct town *t, uint64_t index)
{
	AUTO(db_close) struct db *db = NULL;
	struct ledger_record record;

	must(registry_reader(t->f->registry, &db));
	must(ledger_read(db, registry_data_keys(t->f->registry), index, t->f->arena, &record));
	return record.entry;
}

static void
the_words_stand_in_the_searchs_own_entry_and_link_no_two_people(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	int64_t twin = add_person(&t, "Қасымова", "Айгүл", "Болатқызы", "1891-01-01");
	struct search_job *search = ask(&t, &officer, "person", "Касымова  Айгуль", "inspection", "I-1");
	const struct reg *person = pack_reg(t.f->pack, "person");
	struct ledger_entry own = entry_at(&t, search->index), first = entry_at(&t, search->index + 1),
			    second = entry_at(&t, search->index + 2);
	unsigned char id[LEDGER_ID_BYTES];

	assert_int_equal(hits_of(&t, search)->count, 2);
	assert_int_equal(own.kind, LEDGER_SEARCH);
	assert_string_equal(own.query, "Касымова Айгуль");
	assert_string_equal(own.case_text, "I-1");
	assert_null(own.record);
	assert_int_equal(own.reg, person->code);
	assert_int_equal(first.kind, LEDGER_SEARCH);
	assert_null(first.query);
	assert_int_equal(first.purpose, own.purpose);
	assert_int_equal(first.role, officer.roles[0].role->code);
	assert_int_equal(first.field_count, 4);
	ledger_record_id(t.f->registry->ledger, person->code, t.guest, id);
	assert_memory_equal(first.record, id, sizeof(id));
	ledger_record_id(t.f->registry->ledger, person->code, twin, id);
	assert_memory_equal(second.record, id, sizeof(id));
	assert_memory_not_equal(first.event, own.event, LEDGER_ID_BYTES);
	assert_memory_not_equal(first.event, second.event, LEDGER_ID_BYTES);
	fixture_close(t.f);
}

/* The pack's word `discreet`, tried on a purpose that packs/kz does not mark so. */
static void
a_discreet_purpose_tells_whom_it_hits_body_and_purpose_alone(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	struct purpose *purpose = (struct purpose *)(uintptr_t)pack_purpose(t.f->pack, "inspection");
	struct ledger_entry hit;

	purpose->discreet = true;
	hit = entry_at(&t, ask(&t, &officer, "person", "Касымова", "inspection", "I-1")->index + 1);
	assert_int_equal(hit.purpose, purpose->code);
	assert_int_equal(hit.body, officer.roles[0].role->body_code);
	assert_true(hit.role == UINT64_MAX && hit.reg == UINT64_MAX);
	assert_null(hit.record);
	assert_int_equal(hit.field_count, 0);
	assert_string_equal(hit.query, text(t.f, "person %s", ref(t.f, "person", t.guest)));
	fixture_close(t.f);
}

static void
a_hit_shows_just_enough_to_choose_by(void **state)
{
	struct town t = town_open();

	add_person(&t, "Серікова-Бек", "Қуаныш", "Болатқызы", "1890-04-05");
	struct search_job *search = ask(&t, &t.clerk, "person", "Kuanysh", "registration", NULL);

	assert_int_equal(hits_of(&t, search)->count, 1);
	assert_non_null(strstr(search->body, "\"given_name\":\"Қуаныш\""));
	assert_non_null(strstr(search->body, "\"family_name\":\"С.-Б.\""));
	assert_non_null(strstr(search->body, "\"patronymic\":\"Б.\""));
	assert_non_null(strstr(search->body, "\"birth_day\":\"1890\""));
	assert_null(strstr(search->body, "Серікова"));
	assert_null(strstr(search->body, "1890-04"));
	assert_null(strstr(search->body, "iin"));
	assert_null(strstr(search->body, "900101"));
	search = ask(&t, &t.clerk, "person", "Бек", "registration", NULL);
	assert_non_null(strstr(search->body, "\"family_name\":\"С.-Бек\""));
	fixture_close(t.f);
}

static void
too_little_asked_and_too_much_found_show_nobody(void **state)
{
	static const char *const little[] = { "Ли", "1", "12345", "А Б", "...", "%", "_____", "*", "1987", "Серик 5" };
	struct town t = town_open();
	int64_t streams = entries_of(&t, t.guest);

	for (int i = 0; i < 11; i++)
		add_person(&t, "Оспанова", "Әсел", text(t.f, "%s", i == 3 ? "Болатқызы" : "Ерланқызы"),
			   text(t.f, "18%d-01-01", 60 + i));
	for (size_t i = 0; i < ARRAY_COUNT(little); i++) {
		struct search_job *search = ask(&t, &t.clerk, "person", little[i], "registration", NULL);

		assert_int_equal(hits_of(&t, search)->count, 0);
		if (!is_told(search, "refine"))
			print_error("%s\n", little[i]);
		assert_true(is_told(search, "refine"));
	}
	int64_t before = entries(&t);
	struct search_job *many = ask(&t, &t.clerk, "person", "Оспанова Асель", "registration", NULL);

	assert_int_equal(hits_of(&t, many)->count, 0);
	assert_true(is_told(many, "refine"));
	assert_int_equal(entries(&t), before + 1);
	assert_int_equal(entries_of(&t, t.guest), streams);
	assert_int_equal(people(&t, "Оспанова Асель 1865")->count, 1);
	struct search_job *nobody = ask(&t, &t.clerk, "person", "Оспанова Асель 1850", "registration", NULL);

	assert_int_equal(hits_of(&t, nobody)->count, 0);
	assert_false(is_told(nobody, "refine"));
	assert_int_equal(people(&t, "Оспанова Асель Болаткызы")->count, 1);
	struct search_job *mistyped = ask(&t, &t.clerk, "person", "900101-300 999", "registration", NULL);

	assert_int_equal(hits_of(&t, mistyped)->count, 0);
	assert_false(is_told(mistyped, "refine"));
	fixture_close(t.f);
}

static void
who_may_not_search_leaves_an_entry_and_reads_nothing(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	int64_t before = entries(&t), of_guest = entries_of(&t, t.guest);
	struct search_job *known = ask(&t, &officer, "organisation", "Касымова", "inspection", "I-1");
	struct search_job *unknown = ask(&t, &officer, "organisation", "Бекмұратова", "inspection", "I-1");
	struct search_job *purpose = ask(&t, &t.clerk, "person", "Касымова", "inspection", "I-1");

	assert_int_equal(known->result, ERR_FORBIDDEN);
	assert_int_equal(unknown->result, ERR_FORBIDDEN);
	assert_int_equal(purpose->result, ERR_FORBIDDEN);
	assert_null(known->body);
	assert_int_equal(entries(&t), before + 3);
	assert_int_equal(entries_of(&t, t.guest), of_guest);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM official_use WHERE kind = 'search' AND refused = 1"), 3);
	assert_int_equal(ask(&t, &t.host_actor, "person", "Касымова", "registration", NULL)->result, ERR_FORBIDDEN);
	assert_int_equal(ask(&t, &t.console, "person", "Касымова", "registration", NULL)->result, ERR_FORBIDDEN);
	assert_int_equal(entries(&t), before + 3);
	fixture_close(t.f);
}

static void
what_cannot_be_asked_is_refused_without_an_entry(void **state)
{
	struct town t = town_open();
	int64_t before = entries(&t);

	assert_int_equal(ask(&t, &t.clerk, "person", "", "registration", NULL)->result, ERR_BAD_INPUT);
	assert_int_equal(ask(&t, &t.clerk, "person", NULL, "registration", NULL)->result, ERR_BAD_INPUT);
	assert_int_equal(ask(&t, &t.clerk, "person", text(t.f, "%01000d", 1), "registration", NULL)->result,
			 ERR_BAD_INPUT);
	assert_int_equal(ask(&t, &t.clerk, "person",
			     "a\x01"
			     "bc",
			     "registration", NULL)
				 ->result,
			 ERR_BAD_INPUT);
	assert_int_equal(ask(&t, &t.clerk, "person", "\xff\xfe\xfd", "registration", NULL)->result, ERR_BAD_INPUT);
	assert_int_equal(ask(&t, &t.clerk, "person", "Касымова", "none", NULL)->result, ERR_BAD_INPUT);
	assert_int_equal(ask(&t, &t.clerk, "person", "Касымова", "correction", NULL)->result, ERR_BAD_INPUT);
	assert_int_equal(ask(&t, &t.clerk, "stay", "Касымова", "registration", NULL)->result, ERR_NOT_FOUND);
	assert_int_equal(entries(&t), before);
	fixture_close(t.f);
}

static void
who_is_renamed_is_found_by_the_new_name_alone_also_after_a_restart(void **state)
{
	struct town t = town_open();

	ok_act(t.f, &t.clerk, "person", "rename", t.guest,
	       "{\"family_name\":\"Әлімжанова\",\"given_name\":\"Айгүл\",\"patronymic\":null}");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(people(&t, "Касымова Айгуль")->count, 0);
		assert_int_equal(people(&t, "Alimzhanova Aigul")->count, 1);
		registry_close(t.f->registry);
		fixture_connect(t.f);
	}
	fixture_close(t.f);
}

static void
what_was_undone_is_not_found(void **state)
{
	struct town t = town_open();
	struct act *act = make_act(t.f, &t.clerk, "person", "rename", t.guest,
				   "{\"family_name\":\"Бекмұратова\",\"given_name\":\"Жанна\",\"patronymic\":null}");

	must(act->result);
	act->job.dry_run = true;
	must(act_run(act));
	assert_int_equal(people(&t, "Бекмуратова Жанна")->count, 0);
	assert_int_equal(people(&t, "Касымова Айгуль")->count, 1);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_name WHERE given = 'jana'"), 0);
	fixture_close(t.f);
}

static void
names_folded_by_other_rules_are_made_anew(void **state)
{
	struct town t = town_open();
	struct db *db = NULL;
	int64_t names = count_of(t.f, "SELECT count(*) FROM sys_name");

	registry_close(t.f->registry);
	must(db_open(t.f->path, DB_WRITE, &db));
	must(db_execute(db, "UPDATE sys_name SET family = 'old', given = 'rules'; "
			    "UPDATE meta SET value = 'fold 0' WHERE key = 'search'"));
	db_close(db);
	fixture_connect(t.f);
	assert_int_equal(people(&t, "Касымова")->count, 1);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_name"), names);
	assert_int_equal(count_of(t.f, "SELECT count(*) FROM sys_name WHERE family = 'old'"), 0);
	fixture_close(t.f);
}

static void
a_firm_is_found_by_words_of_its_name_and_shown_as_it_is(void **state)
{
	struct town t = town_open();

	town_firm(&t, "Алау Сервис", "small");
	town_firm(&t, "Алау Құрылыс", "medium");
	struct search_job *one = ask(&t, &t.clerk, "organisation", "alau service", "registration", NULL);
	struct search_job *both = ask(&t, &t.clerk, "organisation", "Алау", "registration", NULL);

	assert_int_equal(hits_of(&t, one)->count, 1);
	assert_non_null(strstr(one->body, "\"name\":\"Алау Сервис\""));
	assert_non_null(strstr(one->body, "\"size\":\"small\""));
	assert_int_equal(hits_of(&t, both)->count, 2);
	fixture_close(t.f);
}

static void
over_the_limit_leaves_an_entry_and_shows_nobody(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	int limit = officer.roles[0].role->searches_an_hour;
	struct search_job *search = NULL;

	assert_true(limit > 0);
	for (int i = 0; i < limit; i++)
		must(ask(&t, &officer, "person", "Касымова", "inspection", "I-1")->result);
	int64_t before = entries(&t);

	search = ask(&t, &officer, "person", "Касымова", "inspection", "I-1");
	assert_int_equal(search->result, ERR_LIMITED);
	assert_null(search->body);
	assert_int_equal(entries(&t), before + 1);
	fixture_close(t.f);
}

static void
a_hit_that_the_law_hides_waits_in_the_restricted_stream(void **state)
{
	struct town t = town_open();
	struct actor officer = actor_with(t.f, 71, 0, "precinct_officer", TOWN_DISTRICT, 0);
	int64_t of_guest = entries_of(&t, t.guest), restricted = entries_of(&t, LEDGER_STREAM_RESTRICTED);

	assert_int_equal(hits_of(&t, ask(&t, &officer, "person", "Касымова", "inquiry", "I-1"))->count, 1);
	assert_int_equal(entries_of(&t, t.guest), of_guest);
	assert_int_equal(entries_of(&t, LEDGER_STREAM_RESTRICTED), restricted + 1);
	pass_days(t.f, 31);
	assert_int_equal(entries_of(&t, t.guest), of_guest + 1);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_found_in_three_scripts_misspelt_by_number_document_and_reference),
		cmocka_unit_test(each_hit_is_an_entry_with_the_person_and_the_search_one_with_its_words),
		cmocka_unit_test(the_words_stand_in_the_searchs_own_entry_and_link_no_two_people),
		cmocka_unit_test(a_discreet_purpose_tells_whom_it_hits_body_and_purpose_alone),
		cmocka_unit_test(a_hit_shows_just_enough_to_choose_by),
		cmocka_unit_test(too_little_asked_and_too_much_found_show_nobody),
		cmocka_unit_test(who_may_not_search_leaves_an_entry_and_reads_nothing),
		cmocka_unit_test(what_cannot_be_asked_is_refused_without_an_entry),
		cmocka_unit_test(who_is_renamed_is_found_by_the_new_name_alone_also_after_a_restart),
		cmocka_unit_test(what_was_undone_is_not_found),
		cmocka_unit_test(names_folded_by_other_rules_are_made_anew),
		cmocka_unit_test(a_firm_is_found_by_words_of_its_name_and_shown_as_it_is),
		cmocka_unit_test(over_the_limit_leaves_an_entry_and_shows_nobody),
		cmocka_unit_test(a_hit_that_the_law_hides_waits_in_the_restricted_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
