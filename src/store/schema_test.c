#include "base/testing.h"
#include "store/schema.h"
#include "store/sql.h"

/* One register of the tests: what may change between editions, laid out by edition_new. */
enum { FIELDS_MAX = 8, COLUMNS_MAX = 24 };
struct edition {
	struct pack pack;
	struct reg regs[2];
	struct field fields[FIELDS_MAX];
	struct field dealer_fields[1];
	struct column columns[COLUMNS_MAX], dealer_columns[5];
	struct unique uniques[2];
	struct place places[3];
	struct dated_table table;
};

static const char *const levels[] = { "yellow", "orange", "red" };
static const char *const new_levels[] = { "green", "yellow", "orange", "red" };
static const char *const states[] = { "open", "closed" };
static const struct field items[] = {
	{ .name = "nr_of", .type = FIELD_INTEGER },
	{ .name = "what", .type = FIELD_TEXT },
};
static const struct table_column mci_columns[] = { { .name = "from_day", .kind = TABLE_DAY },
						   { .name = "tenge", .kind = TABLE_MONEY } };
static const struct value mci_cells[] = {
	{ .kind = VALUE_INTEGER, .integer = 0 },
	{ .kind = VALUE_INTEGER, .integer = 226900 },
	{ .kind = VALUE_INTEGER, .integer = 365 },
	{ .kind = VALUE_NULL },
};

static void
lay_columns(struct reg *reg, struct column *columns, struct field *fields)
{
	static const char *const first[] = { "id", "state", "version", "changed_at" };
	static const char *const rank_names[] = { "level_rank", "place_lon" };
	size_t count = 0;

	for (; count < ARRAY_COUNT(first); count++)
		columns[count] = (struct column){ .name = first[count],
						  .kind = count == COLUMN_STATE ? VALUE_TEXT : VALUE_INTEGER };
	for (size_t i = 0; i < reg->field_count; i++) {
		fields[i].index = i;
		fields[i].column = fields[i].type == FIELD_LIST ? SIZE_MAX : count;
		if (fields[i].type == FIELD_LIST)
			continue;
		columns[count++] = (struct column){ .name = fields[i].name,
						    .field = &fields[i],
						    .kind = sql_field_kind(&fields[i], 0) };
		if (fields[i].ranked)
			columns[count++] = (struct column){
				.name = rank_names[0], .field = &fields[i], .role = COLUMN_RANK, .kind = VALUE_INTEGER
			};
	}
	assert_true(count <= COLUMNS_MAX);
	reg->columns = columns;
	reg->column_count = count;
	reg->fields = fields;
}

/* Registers, columns and digest follow what the test has changed. */
static void
settle(struct edition *edition, unsigned char digest)
{
	edition->regs[0].field_count = 0;
	while (edition->regs[0].field_count < FIELDS_MAX && edition->fields[edition->regs[0].field_count].name != NULL)
		edition->regs[0].field_count++;
	lay_columns(&edition->regs[0], edition->columns, edition->fields);
	edition->regs[1].field_count = 1;
	lay_columns(&edition->regs[1], edition->dealer_columns, edition->dealer_fields);
	edition->pack.digest[0] = digest;
}

static void
edition_init(struct edition *edition)
{
	*edition = (struct edition){
		.pack = { .name = "kz",
			  .edition = 20000,
			  .digest = { 1 },
			  .reg_count = 1,
			  .place_root = 1,
			  .place_count = 3,
			  .table_count = 1 },
		.fields = { { .name = "level",
			      .type = FIELD_CHOICE,
			      .ranked = true,
			      .choices = levels,
			      .choice_count = 3 },
			    { .name = "place", .type = FIELD_PLACE, .indexed = true },
			    { .name = "price", .type = FIELD_DECIMAL, .scale = 2 },
			    { .name = "steps", .type = FIELD_LIST, .items = items, .item_count = 1 } },
		.dealer_fields = { { .name = "title", .type = FIELD_TEXT } },
		.places = { { .id = 1, .code = "KZ" },
			    { .id = 75, .code = "75", .parent = 1 },
			    { .id = 751, .code = "751", .parent = 75 } },
		.table = { .name = "mci",
			   .columns = mci_columns,
			   .column_count = 2,
			   .cells = mci_cells,
			   .row_count = 2 },
	};
	edition->regs[0] = (struct reg){
		.name = "weapon", .at = { "registers/weapon.yaml", 1 }, .states = states, .state_count = 2
	};
	edition->regs[1] = (struct reg){
		.name = "dealer", .at = { "registers/dealer.yaml", 1 }, .states = states, .state_count = 2
	};
	edition->pack.regs = edition->regs;
	edition->pack.places = edition->places;
	edition->pack.tables = &edition->table;
	settle(edition, 1);
}

struct world {
	struct db *db;
	struct pack_report report;
	struct edition first, later;
};

static enum error
install(struct world *world, const struct edition *edition)
{
	pack_report_done(&world->report);
	pack_report_init(&world->report);
	assert_int_equal(db_begin(world->db), OK);
	enum error e = schema_install(world->db, &edition->pack, &world->report);

	if (e == OK)
		assert_int_equal(db_commit(world->db), OK);
	db_rollback(world->db);
	return e;
}

static int
set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_int_equal(db_open(NULL, DB_MEMORY, &world->db), OK);
	assert_int_equal(db_begin(world->db), OK);
	assert_int_equal(schema_migrate(world->db), OK);
	assert_int_equal(db_commit(world->db), OK);
	edition_init(&world->first);
	edition_init(&world->later);
	world->later.pack.edition = 20100;
	settle(&world->later, 2);
	assert_int_equal(install(world, &world->first), OK);
	assert_int_equal(
		db_execute(world->db,
			   "insert into weapon (id, state, version, changed_at, level, level_rank, place, price)"
			   " values (7, 'open', 1, 0, 'red', 3, 751, 100), (8, 'closed', 1, 0, 'red', 3, 75, 100)"),
		OK);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	pack_report_done(&world->report);
	db_close(world->db);
	free(world);
	return 0;
}

static int64_t
ask(struct world *world, const char *sql)
{
	AUTO(query_free) struct query *query = db_query(world->db, sql);

	return query_one(query) == OK ? column_integer(query, 0) : -1;
}

/* The later edition is refused with these words, and nothing of it stays. */
static void
assert_refused(struct world *world, const char *words)
{
	bool found = false;

	assert_int_equal(install(world, &world->later), ERR_CONFLICT);
	for (size_t i = 0; i < world->report.count; i++)
		found |= strstr(world->report.faults[i].text, words) != NULL;
	if (!found)
		print_error("expected: %s\nfound: %s\n", words,
			    world->report.count > 0 ? world->report.faults[0].text : "");
	assert_true(found);
	assert_int_equal(ask(world, "select edition from pack_installed"), 20000);
}

static void
an_empty_database_gets_everything(void **state)
{
	struct world *world = *state;
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *name = NULL;
	int64_t edition = 0;
	unsigned char digest[32];

	assert_int_equal(schema_installed(world->db, arena, &name, &edition, digest), OK);
	assert_string_equal(name, "kz");
	assert_int_equal(edition, 20000);
	assert_int_equal(digest[0], 1);
	assert_int_equal(ask(world, "select count(*) from weapon_past"), 0);
	assert_int_equal(ask(world, "select count(*) from weapon_steps"), 0);
	assert_int_equal(ask(world, "select tenge from mci where from_day = 0"), 226900);
	assert_int_equal(ask(world, "select count(*) from mci where tenge is null"), 1);
	assert_int_equal(ask(world, "select count(*) from place_above where place = 751"), 3);
	assert_int_equal(ask(world, "select count(*) from place_above where above = 1"), 3);
	assert_int_equal(ask(world, "select count(*) from place where parent is null"), 1);
}

static void
the_same_edition_again_changes_nothing(void **state)
{
	struct world *world = *state;

	assert_int_equal(db_execute(world->db, "delete from mci"), OK);
	assert_int_equal(install(world, &world->first), OK);
	assert_int_equal(ask(world, "select count(*) from mci"), 0);
}

static void
a_new_field_comes_with_its_default(void **state)
{
	struct world *world = *state;

	world->later.fields[4] =
		(struct field){ .name = "calibre", .type = FIELD_INTEGER, .required = true, .default_value = "40 + 5" };
	world->later.fields[5] = (struct field){ .name = "note", .type = FIELD_TEXT };
	settle(&world->later, 2);
	assert_int_equal(install(world, &world->later), OK);
	assert_int_equal(ask(world, "select count(*) from weapon where calibre = 45 and note is null"), 2);
	assert_int_equal(ask(world, "select count(calibre) from weapon_past"), 0);
}

static void
new_registers_lists_choices_and_indexes_come_over_living_rows(void **state)
{
	struct world *world = *state;
	struct edition *later = &world->later;
	static const struct field more_items[] = {
		{ .name = "nr_of", .type = FIELD_INTEGER },
		{ .name = "what", .type = FIELD_TEXT },
	};
	const struct field *const by_level[] = { &later->fields[0], &later->fields[1] };

	later->pack.reg_count = 2;
	later->fields[0].choices = new_levels;
	later->fields[0].choice_count = 4;
	later->fields[3].items = more_items;
	later->fields[3].item_count = 2;
	later->fields[4] = (struct field){ .name = "parts", .type = FIELD_LIST, .items = items, .item_count = 2 };
	later->uniques[0] = (struct unique){ .fields = by_level, .field_count = 2 };
	later->regs[0].uniques = later->uniques;
	later->regs[0].unique_count = 1;
	settle(later, 2);
	assert_int_equal(install(world, later), OK);
	assert_int_equal(ask(world, "select level_rank from weapon where id = 7"), 4);
	assert_int_equal(ask(world, "select count(*) from dealer"), 0);
	assert_int_equal(ask(world, "select count(what) from weapon_steps"), 0);
	assert_int_equal(ask(world, "select count(what) from weapon_parts"), 0);
	assert_int_equal(db_execute(world->db,
				    "insert into weapon (id, state, version, changed_at, level, place) values "
				    "(9, 'open', 1, 0, 'red', 751)"),
			 ERR_DUPLICATE);
	later->regs[0].unique_count = 0;
	later->pack.edition++;
	settle(later, 3);
	assert_int_equal(install(world, later), OK);
	assert_int_equal(db_execute(world->db,
				    "insert into weapon (id, state, version, changed_at, level, place) values "
				    "(9, 'open', 1, 0, 'red', 751)"),
			 OK);
}

static void
tables_and_places_are_replaced(void **state)
{
	struct world *world = *state;

	world->later.table = (struct dated_table){ .name = "fine", .columns = mci_columns, .column_count = 2 };
	world->later.places[0].code = "QZ";
	assert_int_equal(install(world, &world->later), OK);
	assert_int_equal(ask(world, "select count(*) from fine"), 0);
	assert_int_equal(ask(world, "select count(*) from mci"), -1);
	assert_int_equal(ask(world, "select count(*) from place where code = 'QZ'"), 1);
}

static void
a_unique_that_rows_break_is_refused(void **state)
{
	struct world *world = *state;
	const struct field *const by_level[] = { &world->later.fields[0] };

	world->later.uniques[0] =
		(struct unique){ .fields = by_level, .field_count = 1, .at = { "registers/weapon.yaml", 9 } };
	world->later.regs[0].uniques = world->later.uniques;
	world->later.regs[0].unique_count = 1;
	assert_refused(world, "records of weapon are alike already");
	assert_int_equal(world->report.faults[0].line, 9);
}

/* A plain index over the same column is there already: it must not pass for the new unique one. */
static void
a_reference_that_becomes_unique_is_held_to_it(void **state)
{
	struct world *world = *state;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct reg weapon = world->first.regs[0];
	const struct sql_index *plain = NULL, *sole = NULL;
	struct field dealer = { .name = "dealer", .type = FIELD_REF, .indexed = true };
	const struct field *const by_dealer[] = { &dealer };
	const struct unique unique = { .fields = by_dealer, .field_count = 1 };

	weapon.fields = &dealer;
	weapon.field_count = 1;
	weapon.unique_count = 0;
	size_t plain_count = sql_indexes(arena, &weapon, &plain);
	weapon.uniques = &unique;
	weapon.unique_count = 1;
	assert_int_equal(sql_indexes(arena, &weapon, &sole), plain_count);
	assert_string_not_equal(plain[0].name, sole[0].name);
}

static void
a_changed_type_is_refused(void **state)
{
	struct world *world = *state;

	world->later.fields[2].scale = 3;
	settle(&world->later, 2);
	assert_refused(world, "weapon.price was \"decimal 2\" and is now \"decimal 3\"");
	world->later.fields[2] = (struct field){ .name = "price", .type = FIELD_TEXT };
	settle(&world->later, 2);
	assert_refused(world, "is now \"text\"");
}

static void
what_vanishes_is_refused(void **state)
{
	struct world *world = *state;

	world->later.fields[3] = (struct field){ 0 };
	settle(&world->later, 2);
	assert_refused(world, "the field weapon.steps has vanished");
	edition_init(&world->later);
	world->later.pack.edition = 20100;
	world->later.pack.regs = world->later.regs + 1;
	settle(&world->later, 2);
	assert_refused(world, "the register weapon has vanished");
}

static void
a_lost_choice_state_or_place_is_refused(void **state)
{
	struct world *world = *state;

	world->later.fields[0].choice_count = 2;
	assert_refused(world, "no longer knows \"red\"");
	world->later.fields[0].choice_count = 3;
	world->later.regs[0].state_count = 1;
	assert_refused(world, "in the state \"closed\"");
	world->later.regs[0].state_count = 2;
	world->later.pack.place_count = 2;
	assert_refused(world, "a place that records name in weapon.place is gone");
	assert_int_equal(ask(world, "select count(*) from place"), 3);
}

static void
a_required_field_without_default_is_refused_over_rows(void **state)
{
	struct world *world = *state;

	world->later.fields[4] = (struct field){ .name = "calibre", .type = FIELD_INTEGER, .required = true };
	settle(&world->later, 2);
	assert_refused(world, "weapon.calibre is required and has no default");
	assert_int_equal(db_execute(world->db, "delete from weapon"), OK);
	assert_int_equal(install(world, &world->later), OK);
}

static void
another_pack_and_an_older_edition_are_refused(void **state)
{
	struct world *world = *state;

	world->later.pack.edition = 19999;
	assert_refused(world, "older than the installed one");
	world->later.pack.edition = 20100;
	world->later.pack.name = "library";
	assert_refused(world, "made for the pack \"kz\", not for \"library\"");
}

/* Fail the first write, then the second, ... until a run meets no fault. */
static void
installing_is_all_or_nothing_whichever_write_fails(void **state)
{
	struct world *world = *state;
	bool fired = true;

	world->later.fields[4] = (struct field){ .name = "calibre", .type = FIELD_INTEGER, .default_value = "1" };
	settle(&world->later, 2);
	for (int nth = 1; fired; nth++) {
		db_fail_at(world->db, nth);
		assert_int_equal(db_begin(world->db), OK);
		enum error e = schema_install(world->db, &world->later.pack, &world->report);
		fired = db_fault_fired(world->db);
		db_fail_at(world->db, 0);
		assert_int_equal(e == OK, !fired);
		db_rollback(world->db);
		assert_int_equal(ask(world, "select count(calibre) from weapon"), -1);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_database_gets_everything),
		TEST(the_same_edition_again_changes_nothing),
		TEST(a_new_field_comes_with_its_default),
		TEST(new_registers_lists_choices_and_indexes_come_over_living_rows),
		TEST(tables_and_places_are_replaced),
		TEST(a_unique_that_rows_break_is_refused),
		TEST(a_reference_that_becomes_unique_is_held_to_it),
		TEST(a_changed_type_is_refused),
		TEST(what_vanishes_is_refused),
		TEST(a_lost_choice_state_or_place_is_refused),
		TEST(a_required_field_without_default_is_refused_over_rows),
		TEST(another_pack_and_an_older_edition_are_refused),
		TEST(installing_is_all_or_nothing_whichever_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
