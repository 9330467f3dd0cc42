/* Addresses as people type them, in three scripts, come apart into words, house and flat. */
#include "base/testing.h"
#include "base/strbuf.h"
#include "registry/address_text.h"

static const char *
print(struct arena *arena, const char *typed)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct address_text address;

	address_parse(arena, typed, &address);
	for (size_t i = 0; i < address.words.count; i++)
		strbuf_printf(&out, "%s%s", i == 0 ? "" : " ", address.words.items[i]);
	for (size_t i = 0; i < address.before_count; i++)
		strbuf_printf(&out, " <%s", address.before[i]);
	for (size_t i = 0; i < address.behind_count; i++)
		strbuf_printf(&out, " >%s", address.behind[i]);
	if (address.flat != NULL)
		strbuf_printf(&out, " flat %s", address.flat);
	if (address.too_long)
		strbuf_text(&out, " !");
	return arena_copy(arena, out.text == NULL ? "" : out.text, out.bytes);
}

static void
an_address_comes_apart(void **state)
{
	static const char *const cases[][2] = {
		{ "Алматы Абай 12-5", "almati abai >12 >5" },
		{ "Abaya 12 kv 5", "abaia >12 flat 5" },
		{ "Сәтпаев көшесі 7", "satpaev >7" },
		{ "г.Алматы, ул. Абая, д. 12А, кв. 5", "almati abaia >12a flat 5" },
		{ "Алматы қаласы, Абай даңғылы, 12 үй, 5 пәтер", "almati abai >12 >5" },
		{ "12 Abay street apt 5", "abai <12 flat 5" },
		{ "8 марта 14", "marta <8 >14" },
		{ "Самал-2 33", "samal 2 >33" },
		{ "мкр 5, дом 12", " >5 >12" },
		{ "Абай 12 к3 кв5", "abai >12/3 flat 5" },
		{ "Абай 12/3", "abai >12/3" },
		{ "Абай 12 корпус 3", "abai >12/3" },
		{ "проспект «Достық» № 12–5", "dostik >12 >5" },
		{ "К.Сатпаева 7", "satpaeva >7" },
		{ "", "" },
		{ ",,. ..", "" },
		{ "1 2 3 4 5", " >1 >2 >3 >4 !" },
	};
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_string_equal(print(arena, cases[i][0]), cases[i][1]);
}

static void
words_that_only_say_what_a_word_is_are_dropped_in_every_language(void **state)
{
	static const char *const said[] = { "улица",    "ул",         "көшесі",  "көше",     "проспект", "пр",
					    "даңғылы",  "street",     "avenue",  "ave",      "дом",      "үй",
					    "house",    "микрорайон", "мкр",     "переулок", "пер",      "бульвар",
					    "шоссе",    "площадь",    "алаңы",   "квартал",  "город",    "қаласы",
					    "село",     "ауылы",      "ауыл",    "поселок",  "посёлок",  "кенті",
					    "район",    "ауданы",     "область", "облысы",   "округ",    "здание",
					    "строение", "koshesi",    "ulitsa",  "prospekt", "qala",     "road" };
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(said); i++)
		assert_string_equal(print(arena, arena_printf(arena, "%s Абай 7", said[i])), "abai >7");
}

static void
spellings_of_a_house_meet(void **state)
{
	static const char *const cases[][2] = {
		{ "12", "12" },   { "12А", "12a" },   { "12 а", "12a" },  { "12a", "12a" },         { "11", "11" },
		{ "115", "115" }, { "12/3", "12/3" }, { "12к3", "12/3" }, { "12 корп. 3", "12/3" }, { "", "" },
	};
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_string_equal(address_number(arena, cases[i][0]), cases[i][1]);
}

static void
a_street_keeps_what_it_can_be_found_by(void **state)
{
	struct address_words words;
	AUTO(arena_free) struct arena *arena = arena_new();

	assert_true(address_fold(arena, "Төле би көшесі", &words));
	assert_int_equal(words.count, 2);
	assert_string_equal(words.items[0], "tole");
	assert_true(address_fold(arena, "5 мкр", &words));
	assert_int_equal(words.count, 1);
	assert_string_equal(words.items[0], "5");
	assert_true(address_fold(arena, "улица", &words));
	assert_int_equal(words.count, 1);
	assert_false(address_fold(arena, "a b c d e f g h i j", &words));
}

static void
a_region_says_that_it_is_one(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	assert_true(address_is_region(arena, "Алматы облысы"));
	assert_true(address_is_region(arena, "область Абай"));
	assert_true(address_is_region(arena, "Abai Region"));
	assert_true(address_is_region(arena, "Шортандинский район"));
	assert_false(address_is_region(arena, "г.Алматы"));
	assert_false(address_is_region(arena, "Шортанды к."));
}

static void
anything_that_is_typed_is_read_to_its_end(void **state)
{
	static const char *const odd[] = {
		"-", "--", "5-", "-5", "/", "5/", "//5", "кв", "кв кв кв", "к", "№№", "12--5", "а-б-в-г-д-е-ж-з-и-к-л"
	};
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(odd); i++)
		assert_non_null(print(arena, odd[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_comes_apart),
		cmocka_unit_test(words_that_only_say_what_a_word_is_are_dropped_in_every_language),
		cmocka_unit_test(spellings_of_a_house_meet),
		cmocka_unit_test(a_street_keeps_what_it_can_be_found_by),
		cmocka_unit_test(a_region_says_that_it_is_one),
		cmocka_unit_test(anything_that_is_typed_is_read_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
