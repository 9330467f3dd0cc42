#include "registry/mask.h"
#include "base/testing.h"

static const char *
masked_name(struct arena *arena, const char *name, const char *asked)
{
	return mask_name(arena, name, &asked, 1);
}

static void
of_a_name_only_what_was_asked_for_is_read(void **state)
{
	static const char *const rows[][3] = {
		/* name, folded question, shown */
		{ "Серікова", "kuanix", "С." },
		{ "Қуаныш", "kuanix", "Қуаныш" },
		{ "Қуаныш", "kuanx", "Қуаныш" },
		{ "Ахметова-Бек", "bek", "А.-Бек" },
		{ "Ахметова-Бек", "ahmetovabek", "Ахметова-Бек" },
		{ "Нұр Сұлтан", "nurlan", "Н. С." },
		{ "Анна Мария", "marina", "А. Мария" },
		{ "Ли", "kim", "Л." },
		{ "-", "kuanix", "-" },
	};
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_string_equal(masked_name(arena, rows[i][0], rows[i][1]), rows[i][2]);
	assert_string_equal(mask_name(arena, "Қуаныш", NULL, 0), "Қ.");
}

static const char *
masked(struct arena *arena, enum field_type type, struct value value)
{
	const struct field field = { .name = "f", .type = type };

	return mask_value(arena, &field, &value, NULL, 0);
}

static void
days_and_numbers_show_a_part_and_other_values_nothing(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	assert_string_equal(masked(arena, FIELD_DAY, value_integer(0)), "1970");
	assert_string_equal(masked(arena, FIELD_DAY, value_integer(-1)), "1969");
	assert_string_equal(masked(arena, FIELD_IIN, value_integer(1234)), "…1234");
	assert_string_equal(masked(arena, FIELD_IIN, value_integer(900101300012)), "…0012");
	assert_string_equal(masked(arena, FIELD_DOCUMENT, value_text("UZB:AA1234567")), "…4567");
	assert_string_equal(masked(arena, FIELD_DOCUMENT, value_text("A:1")), "…1");
	for (int type = 0; type < FIELD_TYPE_COUNT; type++) {
		const struct field field = { .name = "f", .type = (enum field_type)type };

		assert_null(masked(arena, field.type, value_null()));
		if (!mask_shows(&field))
			assert_null(masked(arena, field.type, value_text("whatever")));
	}
	assert_null(masked(arena, FIELD_PHONE, value_text("+77011234567")));
	assert_null(masked(arena, FIELD_TEXT, value_text("secret")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_name_only_what_was_asked_for_is_read),
		cmocka_unit_test(days_and_numbers_show_a_part_and_other_values_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
