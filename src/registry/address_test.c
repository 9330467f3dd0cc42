/* Buildings and dwellings are found by what people type, in three scripts and with typing errors. */
#include "registry/address.h"
#include "registry/town.h"

#define ALMATY "750000000"
#define ASTANA "710000000"

static int64_t
building(struct town *t, const char *place, const char *street, const char *house)
{
	return ok_act(t->f, &t->console, "building", "register", 0,
		      street == NULL
			      ? text(t->f, "{\"place\":\"%s\",\"house\":\"%s\",\"use\":\"residential\"}", place, house)
			      : text(t->f,
				     "{\"place\":\"%s\",\"street\":\"%s\",\"house\":\"%s\",\"use\":\"residential\"}",
				     place, street, house));
}

static int64_t
flat(struct town *t, int64_t in, const char *number)
{
	return ok_act(t->f, &t->console, "dwelling", "register", 0,
		      text(t->f, "{\"building\":\"%s\",\"flat\":\"%s\"}", ref(t->f, "building", in), number));
}

static struct search_hits
find(struct town *t, const char *reg, const char *typed)
{
	AUTO(db_close) struct db *db = NULL;
	struct search_hits hits = { 0 };

	must(registry_reader(t->f->registry, &db));
	must(address_find(t->f->registry, db, t->f->arena, pack_reg(t->f->pack, reg), typed, SEARCH_HITS_MAX, &hits));
	return hits;
}

static void
assert_only(struct town *t, const char *reg, const char *typed, int64_t record)
{
	struct search_hits hits = find(t, reg, typed);

	if (hits.count != 1 || hits.records[0] != record || hits.refine)
		fail_msg("%s: %zu hits%s, the first %lld instead of %lld", typed, hits.count,
			 hits.refine ? ", refine" : "", (long long)hits.records[0], (long long)record);
}

static void
an_address_is_found_however_it_is_typed(void **state)
{
	struct town t = town_open();
	int64_t abai = building(&t, ALMATY, "Абай даңғылы", "12"),
		satbaev = building(&t, ALMATY, "Сәтбаев көшесі", "7");
	int64_t five = flat(&t, abai, "5"), six = flat(&t, abai, "6");

	building(&t, ASTANA, "Абай даңғылы", "12");
	building(&t, ALMATY, "Абай даңғылы", "121");
	static const char *const spellings[] = {
		"Алматы Абай 12-5",
		"Алматы, Абая 12 кв 5",
		"almaty abaya 12 kv 5",
		"г. Алматы ул. Абая, д.12, кв.5",
		"Алматы қаласы Абай даңғылы 12 үй, пәтер 5",
		"12 Abay street, apt 5, Almaty",
		"Алмата Абай 12-5",
	};

	for (size_t i = 0; i < ARRAY_COUNT(spellings); i++)
		assert_only(&t, "dwelling", spellings[i], five);
	assert_only(&t, "dwelling", "Алматы Абай 12-6", six);
	assert_only(&t, "building", "Алматы Абай 12-5", abai);
	assert_only(&t, "building", "Алматы Абай 12", abai);
	assert_only(&t, "building", "Сәтпаев көшесі 7", satbaev);
	assert_only(&t, "building", "Satpaeva 7", satbaev);
	fixture_close(t.f);
}

static void
a_place_tells_streets_of_one_name_apart(void **state)
{
	struct town t = town_open();
	int64_t almaty = building(&t, ALMATY, "Достық даңғылы", "1"),
		astana = building(&t, ASTANA, "Достық көшесі", "1");

	assert_int_equal(find(&t, "building", "Достык 1").count, 2);
	int64_t small = building(&t, "313648100", "Наурыз көшесі", "2"),
		big = building(&t, ASTANA, "Наурыз көшесі", "2");

	assert_int_equal(find(&t, "building", "Наурыз 2").records[0], big);
	assert_int_equal(find(&t, "building", "Наурыз 2").records[1], small);
	assert_only(&t, "building", "Алматы Достык 1", almaty);
	assert_only(&t, "building", "Астана Достык 1", astana);
	building(&t, "103200000", "Достық көшесі", "1"); /* in the district of Abai, of the region of Abai */
	int64_t village = building(&t, "114443200", "Достық көшесі", "1");

	assert_only(&t, "building", "Абай Достык 1", village);
	assert_int_equal(find(&t, "building", "Шымкент Достык 1").count, 0);
	assert_false(find(&t, "building", "Шымкент Достык 1").refine);
	fixture_close(t.f);
}

static void
the_nearest_spelling_and_house_come_first(void **state)
{
	struct town t = town_open();
	int64_t plain = building(&t, ALMATY, "Сейфуллин көшесі", "30"),
		letter = building(&t, ALMATY, "Төле би көшесі", "12А");
	int64_t full = building(&t, ALMATY, "Абай Құнанбаев көшесі", "10");

	building(&t, ALMATY, "Төле би көшесі", "13");
	assert_only(&t, "building", "Сейфулин 30", plain);
	assert_only(&t, "building", "Толе би 12а", letter);
	assert_only(&t, "building", "Толе би 12", letter);
	assert_only(&t, "building", "Алматы Абай Кунанбаева 10", full);
	assert_int_equal(find(&t, "building", "Толе би 14").count, 0);
	fixture_close(t.f);
}

static void
numbers_may_belong_to_the_street(void **state)
{
	struct town t = town_open();
	int64_t march = building(&t, ALMATY, "8 марта", "14"), samal = building(&t, ALMATY, "Самал-2", "33");
	int64_t quarter = building(&t, ALMATY, "5 мкр", "12");

	assert_only(&t, "building", "8 марта 14", march);
	assert_only(&t, "building", "Самал-2 33", samal);
	assert_only(&t, "building", "Самал 2 33", samal);
	assert_only(&t, "building", "5 мкр, дом 12", quarter);
	assert_int_equal(find(&t, "building", "Самал 3 33").count, 0);
	fixture_close(t.f);
}

static void
a_village_without_streets_is_found_by_its_name(void **state)
{
	struct town t = town_open();
	int64_t house = building(&t, "114443200", NULL, "4");

	assert_only(&t, "building", "Абай 4", house);
	assert_only(&t, "building", "с. Абай, дом 4", house);
	assert_int_equal(find(&t, "building", "Абай 5").count, 0);
	fixture_close(t.f);
}

static void
too_little_and_too_much_ask_for_more(void **state)
{
	struct town t = town_open();
	int64_t big = building(&t, ALMATY, "Бөгенбай батыр көшесі", "1");
	char number[8];

	for (int i = 1; i <= 11; i++) {
		snprintf(number, sizeof(number), "%d", i);
		flat(&t, big, number);
	}
	assert_true(find(&t, "dwelling", "Богенбай батыра 1").refine);
	assert_int_equal(find(&t, "dwelling", "Богенбай батыра 1").count, 0);
	assert_only(&t, "building", "Богенбай батыра", big);
	assert_true(find(&t, "building", "ул").refine);
	assert_true(find(&t, "building", "12").refine);
	assert_true(find(&t, "building", "a b c d e f g h i j k l m n 1 2 3 4 5 6").refine);
	fixture_close(t.f);
}

static void
what_the_writer_adds_is_found_at_once_and_what_moves_is_found_where_it_is(void **state)
{
	struct town t = town_open();

	assert_int_equal(find(&t, "building", "Наурыз 3").count, 0);
	int64_t made = building(&t, ALMATY, "Наурыз көшесі", "3");

	assert_only(&t, "building", "Наурыз 3", made);
	ok_act(t.f, &t.console, "building", "change", made,
	       "{\"street\":\"Желтоқсан көшесі\",\"house\":\"4\",\"use\":\"residential\"}");
	assert_int_equal(find(&t, "building", "Наурыз 3").count, 0);
	assert_only(&t, "building", "Желтоксан 4", made);
	fixture_close(t.f);
}

static void
streets_are_read_again_when_the_store_opens(void **state)
{
	struct town t = town_open();
	int64_t made = building(&t, ALMATY, "Мәметова көшесі", "21");

	registry_close(t.f->registry);
	fixture_connect(t.f);
	assert_only(&t, "building", "Маметовой 21", made);
	fixture_close(t.f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_found_however_it_is_typed),
		cmocka_unit_test(a_place_tells_streets_of_one_name_apart),
		cmocka_unit_test(the_nearest_spelling_and_house_come_first),
		cmocka_unit_test(numbers_may_belong_to_the_street),
		cmocka_unit_test(a_village_without_streets_is_found_by_its_name),
		cmocka_unit_test(too_little_and_too_much_ask_for_more),
		cmocka_unit_test(what_the_writer_adds_is_found_at_once_and_what_moves_is_found_where_it_is),
		cmocka_unit_test(streets_are_read_again_when_the_store_opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
