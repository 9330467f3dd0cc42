#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "base/strbuf.h"
#include "store/sql.h"
#include "pack/token.h"

static const char *const levels[] = { "yellow", "red" };
static const char *const open_states[] = { "open", "late" };

static const struct field items[] = {
	{ .name = "nr_of", .type = FIELD_INTEGER },
	{ .name = "where_at", .type = FIELD_POINT },
};

static const struct field fields[] = {
	{ .name = "guest", .type = FIELD_REF, .indexed = true, .column = 4 },
	{ .name = "dwelling", .type = FIELD_REF, .indexed = true, .column = 5 },
	{ .name = "place", .type = FIELD_PLACE, .indexed = false, .column = 6 },
	{ .name = "level",
	  .type = FIELD_CHOICE,
	  .ranked = true,
	  .choices = levels,
	  .choice_count = 2,
	  .column = 7,
	  .default_value = "'red'" },
	{ .name = "paid", .type = FIELD_BOOLEAN, .column = 9 },
	{ .name = "steps", .type = FIELD_LIST, .items = items, .item_count = 2, .column = SIZE_MAX },
};

static const struct column columns[] = {
	{ .name = "id", .kind = VALUE_INTEGER },
	{ .name = "state", .kind = VALUE_TEXT },
	{ .name = "version", .kind = VALUE_INTEGER },
	{ .name = "changed_at", .kind = VALUE_INTEGER },
	{ .name = "guest", .field = &fields[0], .kind = VALUE_INTEGER },
	{ .name = "dwelling", .field = &fields[1], .kind = VALUE_INTEGER },
	{ .name = "place", .field = &fields[2], .kind = VALUE_INTEGER },
	{ .name = "level", .field = &fields[3], .kind = VALUE_TEXT },
	{ .name = "level_rank", .field = &fields[3], .role = COLUMN_RANK, .kind = VALUE_INTEGER },
	{ .name = "paid", .field = &fields[4], .kind = VALUE_BOOLEAN },
};

static const struct field *const guest_dwelling[] = { &fields[0], &fields[1] };
static const struct field *const dwelling_alone[] = { &fields[1] };
static const struct unique uniques[] = {
	{ .fields = guest_dwelling, .field_count = 2, .states = open_states, .state_count = 2 },
	{ .fields = dwelling_alone, .field_count = 1 },
};

static const struct reg stay = {
	.name = "stay",
	.fields = fields,
	.field_count = ARRAY_COUNT(fields),
	.columns = columns,
	.column_count = ARRAY_COUNT(columns),
	.uniques = uniques,
	.unique_count = ARRAY_COUNT(uniques),
};

static int
make_arena(void **state)
{
	*state = arena_new();
	return 0;
}

static int
drop_arena(void **state)
{
	arena_free(*state);
	return 0;
}

static void
a_table_has_the_dialects_key(void **state)
{
	const char *sqlite = sql_create(*state, &stay);
	const char *postgresql = sql_create_for(*state, &stay, SQL_POSTGRESQL);

	assert_non_null(strstr(sqlite, "create table \"stay\" (\"id\" integer primary key, \"state\" text not null"));
	assert_non_null(strstr(postgresql, "create table \"stay\" (\"id\" bigint primary key"));
	assert_non_null(strstr(sqlite, "\"level\" text, \"level_rank\" bigint, \"paid\" boolean);"));
	assert_non_null(strstr(sqlite, "create table \"stay_past\" (\"id\" bigint not null"));
	assert_non_null(strstr(sqlite, "\"from_at\" bigint not null, \"until_at\" bigint not null);"));
	assert_non_null(strstr(sqlite,
			       "create table \"stay_steps\" (\"parent\" bigint not null, \"nr\" bigint not null, "
			       "\"nr_of\" bigint, \"where_at_lat\" bigint, \"where_at_lon\" bigint);"));
}

static void
references_are_indexed_unless_told_or_covered(void **state)
{
	const char *sql = sql_create(*state, &stay);

	assert_null(strstr(sql, "on \"stay\" (\"guest\");"));        /* the unique one, made full */
	assert_non_null(strstr(sql, "on \"stay\" (\"dwelling\");")); /* the unique one */
	assert_null(strstr(strstr(sql, "on \"stay\" (\"dwelling\");") + 1, "on \"stay\" (\"dwelling\");"));
	assert_null(strstr(sql, "(\"place\")"));
	assert_non_null(strstr(sql, "on \"stay_steps\" (\"parent\", \"nr\");"));
	assert_non_null(strstr(sql, "on \"stay_past\" (\"id\");"));
	assert_non_null(strstr(sql, "on \"stay\" (\"guest\", \"dwelling\", (case when \"state\" in ('open', 'late') "
				    "then 0 else \"id\" end));"));
}

static void
an_index_is_named_after_what_it_is(void **state)
{
	const struct sql_index *before = NULL, *after = NULL;
	struct unique changed[2] = { uniques[0], uniques[1] };
	struct reg later = stay;

	changed[0].state_count = 1;
	later.uniques = changed;
	assert_int_equal(sql_indexes(*state, &stay, &before), sql_indexes(*state, &later, &after));
	assert_string_not_equal(before[0].name, after[0].name);
	assert_string_equal(before[1].name, after[1].name);
	assert_ptr_equal(before[0].unique, &uniques[0]);
	assert_true(strlen(before[0].name) < 63);
	assert_string_equal(sql_drop_index(*state, "ix.stay.1"), "drop index if exists \"ix.stay.1\"");
}

static void
records_are_written_and_read_by_column(void **state)
{
	assert_string_equal(
		sql_insert(*state, &stay),
		"insert into \"stay\" (\"id\", \"state\", \"version\", \"changed_at\", \"guest\", \"dwelling\", "
		"\"place\", \"level\", \"level_rank\", \"paid\") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
	assert_string_equal(
		sql_update(*state, &stay),
		"update \"stay\" set \"state\" = $2, \"version\" = $3, \"changed_at\" = $4, \"guest\" = $5, "
		"\"dwelling\" = $6, \"place\" = $7, \"level\" = $8, \"level_rank\" = $9, \"paid\" = $10 "
		"where \"id\" = $1 and \"version\" = $11");
	assert_non_null(strstr(sql_load(*state, &stay), "\"paid\" from \"stay\" where \"id\" = $1"));
	assert_non_null(
		strstr(sql_keep_past(*state, &stay), "\"paid\", \"changed_at\", $2 from \"stay\" where \"id\" = $1"));
	assert_string_equal(sql_find(*state, &stay, guest_dwelling, 2),
			    "select \"id\" from \"stay\" where \"guest\" = $1 and \"dwelling\" = $2");
}

static void
lists_are_rows_in_order(void **state)
{
	const struct field *list = &fields[5];

	assert_string_equal(
		sql_list_insert(*state, &stay, list),
		"insert into \"stay_steps\" (\"parent\", \"nr\", \"nr_of\", \"where_at_lat\", \"where_at_lon\") "
		"values ($1, $2, $3, $4, $5)");
	assert_string_equal(sql_list_delete(*state, &stay, list), "delete from \"stay_steps\" where \"parent\" = $1");
	assert_string_equal(
		sql_list_load(*state, &stay, list),
		"select \"nr_of\", \"where_at_lat\", \"where_at_lon\" from \"stay_steps\" where \"parent\" = $1 "
		"order by \"nr\"");
}

static void
values_see_the_record_as_this(void **state)
{
	const char *const values[] = { "this.guest", "$today -- of course" };

	assert_string_equal(sql_values(*state, &stay, true, values, 2),
			    "with this as (select * from \"stay\" where \"id\" = $record) "
			    "select (this.guest\n), ($today -- of course\n) from this");
	assert_string_equal(sql_values(*state, &stay, false, values + 1, 1), "select ($today -- of course\n)");
	assert_null(sql_values(*state, &stay, true, values, 0));
	assert_string_equal(sql_checks(*state, &stay, values + 1, 1),
			    "select ($today -- of course\n) from \"stay\" where \"id\" = $record");
}

static void
a_set_with_its_own_with_joins_this(void **state)
{
	assert_string_equal(sql_set(*state, &stay, true, "select 1"),
			    "with this as (select * from \"stay\" where \"id\" = $record) select 1");
	assert_string_equal(
		sql_set(*state, &stay, true, "/* a */ WITH a as (select 1) select * from a"),
		"with this as (select * from \"stay\" where \"id\" = $record), a as (select 1) select * from a");
	assert_string_equal(sql_set(*state, &stay, false, "select 2"), "select 2");
}

static void
a_wake_takes_both_images(void **state)
{
	const struct wake wake = { .reg = &stay,
				   .select = "select s.id from stay s where s.old = old.guest or 'old.x' = new.guest" };

	assert_string_equal(sql_wake(*state, &wake),
			    "select s . id from stay s where s . old = $old_guest or 'old.x' = $new_guest");
}

static void
a_new_record_asks_once_for_all_that_it_wakes(void **state)
{
	const struct wake by_host = { .reg = &stay,
				      .select =
					      "select id from stay where host in (old.host, new.host) and x > old.y" };
	const struct wake others = { .reg = &stay, .select = "select id from flat where id not in (old.a, new.a)" };
	const struct wake *const wakes[] = { NULL, &by_host, &others }, *const nothing[] = { NULL };

	assert_string_equal(
		sql_wakes_of_new(*state, wakes, 3),
		"select 1, woken.* from (select id from stay where host = $new_host and x > $old_y\n) as woken"
		" union all "
		"select 2, woken.* from (select id from flat where id not in ( $old_a , $new_a )\n) as woken");
	assert_null(sql_wakes_of_new(*state, nothing, 1));
}

static void
a_party_is_found_both_ways(void **state)
{
	const struct party guest = { .name = "guest", .field = &fields[0] };
	const struct party owner = { .name = "owner", .select = "select 1 as record, 2 as party" };

	assert_string_equal(sql_party_of(*state, &stay, &guest),
			    "select \"guest\" as party from \"stay\" where \"id\" = $record and \"guest\" is not null");
	assert_string_equal(sql_records_of(*state, &stay, &guest),
			    "select \"id\" as record from \"stay\" where \"guest\" = $party");
	assert_non_null(strstr(sql_party_of(*state, &stay, &owner), "where record = $record"));
	assert_non_null(strstr(sql_records_of(*state, &stay, &owner), "where party = $party"));
}

static void
whole_tables_are_read_in_order(void **state)
{
	assert_non_null(strstr(sql_scan(*state, &stay), " from \"stay\" order by \"id\""));
	assert_non_null(strstr(sql_past_scan(*state, &stay),
			       "\"from_at\", \"until_at\" from \"stay_past\" order by \"id\", \"version\""));
	const char *rows = sql_list_scan(*state, &stay, &fields[5]);

	assert_int_equal(strncmp(rows, "select \"parent\", \"nr\", ", 23), 0);
	assert_non_null(strstr(rows, " from \"stay_steps\" order by \"parent\", \"nr\""));
}

static void
parameters_are_found_outside_of_texts_and_comments(void **state)
{
	const char *const *names = NULL;

	assert_int_equal(sql_parameters(*state, "select $a, '$b''$b', \"$c\" -- $d\n, /* $e */ $today, $a$x", &names),
			 3);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "today");
	assert_string_equal(names[2], "x");
	assert_true(sql_names_this("select x from THIS join y"));
	assert_false(sql_names_this("select 'this.x', y.this, \"this\" -- this"));
}

static void
postgresql_gets_numbers_with_types(void **state)
{
	const struct sql_parameter parameters[] = { { "record", VALUE_INTEGER },
						    { "name", VALUE_TEXT },
						    { "paid", VALUE_BOOLEAN } };

	assert_string_equal(
		sql_for_postgresql(*state, "select $name, '$name', $record, $paid is true, $name", parameters, 3),
		"select $1::text, '$name', $2::bigint, $3::boolean is true, $1::text");
	assert_string_equal(sql_for_postgresql(*state, "select 1", NULL, 0), "select 1");
	assert_null(sql_for_postgresql(*state, "select $x", parameters, 3));
}

static void
a_default_fills_the_rank_too(void **state)
{
	assert_string_equal(sql_fill_default(*state, &stay, &columns[7]), "update \"stay\" set \"level\" = ('red'\n)");
	assert_string_equal(
		sql_fill_default(*state, &stay, &columns[8]),
		"update \"stay\" set \"level_rank\" = case ('red'\n) when 'yellow' then 1 when 'red' then 2 end");
}

static void
broken_texts_end_all_the_same(void **state)
{
	static const char *const broken[] = { "",    "'",   "\"",   "/*",   "--",  "$",
					      "`x`", "[x]", "'a''", "\xff", "1e+", "a/**/b" };
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(broken); i++)
		assert_true(strlen(broken[i]) == 0 || token_list(*state, broken[i], &count) != NULL || count == 0);
	assert_int_equal(token_list(*state, "'open", &count)[0].kind, TOKEN_BROKEN);
	assert_int_equal(token_list(*state, "[x]", &count)[0].kind, TOKEN_BROKEN);
	assert_int_equal(token_list(*state, "a >= 1.5e-3", &count)[2].bytes, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_has_the_dialects_key),
		cmocka_unit_test(references_are_indexed_unless_told_or_covered),
		cmocka_unit_test(an_index_is_named_after_what_it_is),
		cmocka_unit_test(records_are_written_and_read_by_column),
		cmocka_unit_test(lists_are_rows_in_order),
		cmocka_unit_test(whole_tables_are_read_in_order),
		cmocka_unit_test(values_see_the_record_as_this),
		cmocka_unit_test(a_set_with_its_own_with_joins_this),
		cmocka_unit_test(a_wake_takes_both_images),
		cmocka_unit_test(a_new_record_asks_once_for_all_that_it_wakes),
		cmocka_unit_test(a_party_is_found_both_ways),
		cmocka_unit_test(parameters_are_found_outside_of_texts_and_comments),
		cmocka_unit_test(postgresql_gets_numbers_with_types),
		cmocka_unit_test(a_default_fills_the_rank_too),
		cmocka_unit_test(broken_texts_end_all_the_same),
	};

	return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
