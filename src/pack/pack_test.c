#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "base/day.h"
#include "pack/calendar.h"
#include "pack/fixture.h"

struct world {
	char folder[64];
	struct pack_report report;
	struct pack *pack;
};

static int
set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	fixture_make(world->folder, false);
	pack_report_init(&world->report);
	if (pack_load_uncoded(world->folder, &world->report, &world->pack) != OK)
		fixture_print(&world->report, stderr);
	assert_non_null(world->pack);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	fixture_remove(world->folder);
	pack_free(world->pack);
	pack_report_done(&world->report);
	free(world);
	return 0;
}

static const struct pack *
pack_of(void **state)
{
	const struct world *world = *state;

	return world->pack;
}

static void
a_correct_pack_has_neither_faults_nor_warnings(void **state)
{
	const struct world *world = *state;

	fixture_print(&world->report, stderr);
	assert_int_equal(world->report.count, 0);
	assert_string_equal(world->pack->name, "small");
	assert_int_equal(world->pack->edition, day_from_civil(2026, 11, 1));
	assert_int_equal(world->pack->language_count, 2);
	assert_int_equal(world->pack->reg_count, 6);
}

static void
fields_keep_their_bounds_in_sql_units(void **state)
{
	const struct reg *book = pack_reg(pack_of(state), "book");
	const struct field *price = reg_field(book, "price"), *authors = reg_field(book, "authors");

	assert_true(price->has_min && price->has_max);
	assert_int_equal(price->min, 0);
	assert_int_equal(price->max, 999999);
	assert_int_equal(price->scale, 2);
	assert_int_equal(reg_field(book, "weight")->scale, 3);
	assert_int_equal(reg_field(book, "title")->max, 200);
	assert_int_equal(authors->max, 20);
	assert_int_equal(authors->item_count, 2);
	assert_int_equal(reg_field(pack_reg(pack_of(state), "member"), "born")->min, day_from_civil(1900, 1, 1));
}

static void
columns_stand_in_the_order_of_the_fields(void **state)
{
	static const char *const names[] = { "id",        "state",     "version", "changed_at", "title",
					     "kind",      "kind_rank", "price",   "weight",     "town",
					     "shelf_lat", "shelf_lon", "mark" };
	const struct reg *book = pack_reg(pack_of(state), "book");

	assert_int_equal(book->column_count, ARRAY_COUNT(names));
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		assert_string_equal(book->columns[i].name, names[i]);
	assert_int_equal(reg_field(book, "shelf")->column, 10);
	assert_true(reg_field(book, "authors")->column == SIZE_MAX);
	assert_int_equal(book->columns[5].kind, VALUE_TEXT);
	assert_int_equal(book->columns[6].kind, VALUE_INTEGER);
}

static void
references_are_linked_forwards_and_backwards(void **state)
{
	const struct pack *pack = pack_of(state);
	const struct reg *loan = pack_reg(pack, "loan"), *fine = pack_reg(pack, "fine");
	const struct action *fall_due = reg_action(loan, "fall_due");
	const struct field *member = reg_field(loan, "member");

	assert_ptr_equal(member->to[0], pack_reg(pack, "member"));
	assert_int_equal(member->resolve_count, 2);
	assert_ptr_equal(member->resolve[0], reg_field(pack_reg(pack, "member"), "card"));
	assert_int_equal(fall_due->step_count, 2);
	assert_ptr_equal(fall_due->steps[0].action, reg_action(fine, "charge"));
	assert_ptr_equal(fall_due->steps[0].with[1].target, action_arg(reg_action(fine, "charge"), "member"));
	assert_true(fall_due->steps[1].record_is_select && fall_due->steps[1].later);
	assert_true(member->indexed);
	assert_false(reg_field(fine, "loan")->indexed);
}

static void
a_request_brings_taken_fields_and_arguments_in_one_table(void **state)
{
	const struct reg *loan = pack_reg(pack_of(state), "loan");
	const struct action *lend = reg_action(loan, "lend"), *renew = reg_action(loan, "renew");

	assert_int_equal(lend->arg_count, 3);
	assert_ptr_equal(lend->taken[2], reg_field(loan, "due"));
	assert_int_equal(lend->args[2].index, 2);
	assert_int_equal(renew->arg_count, 1);
	assert_null(renew->taken[0]);
	assert_true(renew->args[0].column == SIZE_MAX);
	assert_int_equal(renew->args[0].max, 30);
}

static void
consent_and_clock_are_read(void **state)
{
	const struct reg *loan = pack_reg(pack_of(state), "loan");
	const struct action *lend = reg_action(loan, "lend");

	assert_int_equal(lend->ask_count, 1);
	assert_true(lend->asks[0].all);
	assert_ptr_equal(lend->asks[0].subject.party, reg_party(loan, "member"));
	assert_int_equal(lend->ask_within_ms, 3 * INT64_C(86400000));
	assert_ptr_equal(lend->refused, reg_action(loan, "give_up"));
	assert_ptr_equal(lend->silent, reg_action(loan, "give_up"));
	assert_string_equal(reg_action(loan, "fall_due")->clock_value, "add_days(this.due, 1)");
	assert_int_equal(reg_action(pack_reg(pack_of(state), "fine"), "sum_up")->every, PERIOD_MONTH);
}

static void
correct_takes_every_field_but_numbers_and_a_reason(void **state)
{
	const struct pack *pack = pack_of(state);
	const struct reg *member = pack_reg(pack, "member"), *loan = pack_reg(pack, "loan");
	const struct action *correct = &member->actions[member->action_count - 1];

	assert_string_equal(correct->name, "correct");
	assert_int_equal(correct->from_count, 0);
	assert_null(correct->new_state);
	assert_int_equal(correct->arg_count, member->field_count + 1);
	assert_string_equal(correct->args[member->field_count].name, "reason");
	assert_true(correct->args[member->field_count].required);
	assert_false(correct->args[0].required);
	assert_int_equal(correct->by_count, 1);
	assert_ptr_equal(correct->by[0].role, pack_role(pack, "librarian"));
	/* `loan` has a field of its own that is named so. */
	assert_string_equal(reg_action(loan, "correct")->args[loan->field_count].name, "correct_reason");
	assert_null(reg_action(pack_reg(pack, "book"), "correct"));
}

static bool
has_state(const struct reg *reg, const char *name)
{
	for (size_t i = 0; i < reg->state_count; i++)
		if (strcmp(reg->states[i], name) == 0)
			return true;
	return false;
}

static void
only_states_that_can_occur_are_listed(void **state)
{
	const struct pack *pack = pack_of(state);

	assert_true(has_state(pack_reg(pack, "loan"), "pending"));
	/* Both answers name an action. */
	assert_false(has_state(pack_reg(pack, "loan"), "refused"));
	assert_false(has_state(pack_reg(pack, "loan"), "lapsed"));
	assert_false(has_state(pack_reg(pack, "book"), "pending"));
}

static void
roles_purposes_and_retention_are_read(void **state)
{
	const struct pack *pack = pack_of(state);
	const struct role *librarian = pack_role(pack, "librarian");

	assert_int_equal(librarian->can, CAN_COUNTER | CAN_LOOKUPS);
	assert_true(librarian->territory);
	assert_string_equal(librarian->body, "library");
	assert_int_equal(librarian->reads_count, 2);
	assert_true(librarian->reads[1].all);
	assert_ptr_equal(librarian->purposes[0], pack_purpose(pack, "desk"));
	assert_ptr_equal(pack_role(pack, "reader")->only[0], reg_action(pack_reg(pack, "loan"), "renew"));
	assert_true(pack_purpose(pack, "desk")->needs_case);
	assert_int_equal(pack_purpose(pack, "audit")->defer_ms, 30 * INT64_C(86400000));
	assert_int_equal(pack->retentions[0].detail_months, 36);
	assert_ptr_equal(pack_reg(pack, "loan")->retention, &pack->retentions[0]);
}

static void
a_provision_knows_its_header(void **state)
{
	const struct pack *pack = pack_of(state);
	const struct provision *most = pack_provision(pack, "library-act/most");
	const struct provision *late = pack_provision(pack, "library-act/late");

	assert_int_equal(most->kind, PROVISION_FORBID);
	assert_int_equal(most->forbid_count, 2);
	assert_string_equal(most->citation, "article 5(1)");
	assert_string_equal(most->text_key, "law.library-act.most");
	assert_int_equal(strncmp(most->select, "select", 6), 0);
	assert_int_equal(late->tick, PERIOD_DAY);
	assert_int_equal(late->wake_count, 2);
	assert_ptr_equal(late->wakes[0].reg, pack_reg(pack, "fine"));
	assert_int_equal(late->act->reading_count, 2);
}

static void
a_provision_is_in_force_in_its_ranges(void **state)
{
	const struct provision *late = pack_provision(pack_of(state), "library-act/late");

	assert_false(provision_in_force(late, day_from_civil(2017, 1, 6)));
	assert_true(provision_in_force(late, day_from_civil(2017, 1, 7)));
	assert_true(provision_in_force(late, day_from_civil(2020, 12, 31)));
	assert_false(provision_in_force(late, day_from_civil(2021, 6, 1)));
	assert_true(provision_in_force(late, day_from_civil(2099, 1, 1)));
}

static void
a_table_tells_numbers_days_and_texts_apart(void **state)
{
	const struct dated_table *rate = pack_table(pack_of(state), "rate");

	assert_int_equal(rate->row_count, 2);
	assert_int_equal(rate->column_count, 8);
	assert_int_equal(rate->columns[0].kind, TABLE_TEXT);
	assert_int_equal(rate->columns[1].kind, TABLE_MONEY);
	assert_string_equal(rate->columns[1].name, "per_day");
	assert_int_equal(rate->columns[2].kind, TABLE_DECIMAL);
	assert_int_equal(rate->columns[3].kind, TABLE_INTEGER);
	assert_int_equal(rate->columns[7].kind, TABLE_TEXT);
	assert_int_equal(rate->cells[1].integer, 1000);
	assert_int_equal(rate->cells[8 + 2].integer, 75);
	assert_int_equal(rate->cells[8 + 3].kind, VALUE_NULL);
	assert_int_equal(rate->cells[8 + 5].integer, DAY_AFTER_ALL);
}

static void
the_calendar_knows_moved_days(void **state)
{
	const struct calendar *calendar = pack_of(state)->calendar;

	assert_true(calendar_is_workday(calendar, day_from_civil(2026, 11, 20)));
	assert_true(calendar_is_workday(calendar, day_from_civil(2026, 11, 21)));
	assert_false(calendar_is_workday(calendar, day_from_civil(2026, 11, 22)));
	assert_false(calendar_is_workday(calendar, day_from_civil(2026, 11, 23)));
	assert_false(calendar_is_workday(calendar, day_from_civil(2027, 1, 1)));
}

static void
places_find_their_parents(void **state)
{
	const struct pack *pack = pack_of(state);

	assert_int_equal(pack->place_root, 20 * 36 + 35);
	assert_int_equal(pack->place_count, 5);
	assert_int_equal(pack_place(pack, 751110000)->parent, 751000000);
	assert_int_equal(pack_place(pack, 751000000)->parent, 750000000);
	assert_int_equal(pack_place(pack, 750000000)->parent, pack->place_root);
	assert_int_equal(pack_place(pack, 710000000)->parent, pack->place_root);
	assert_int_equal(pack_place(pack, pack->place_root)->parent, 0);
	assert_true(pack_place_within(pack, 751110000, pack->place_root));
	assert_true(pack_place_within(pack, 751110000, 751000000));
	assert_true(pack_place_within(pack, 751110000, 751110000));
	assert_false(pack_place_within(pack, 751000000, 751110000));
	assert_int_equal(pack_place_id(pack, "kz"), pack->place_root);
	assert_int_equal(pack_place_id(pack, "999999999"), 0);
	assert_int_equal(pack_place(pack, 750000000)->lat, 432500000);
	assert_int_equal(pack_place(pack, 751110000)->valid_to, day_from_civil(2025, 12, 31));
	assert_null(pack_place(pack, 710000000)->names[LANGUAGE_RU]);
	assert_string_equal(pack_place_name(pack, pack_place(pack, 710000000), LANGUAGE_RU),
			    pack_place(pack, 710000000)->names[LANGUAGE_KK]);
}

static void
the_territory_is_the_first_place(void **state)
{
	assert_string_equal(pack_reg(pack_of(state), "book")->territory, "this.town");
	assert_null(pack_reg(pack_of(state), "loan")->territory);
}

static void
a_text_may_stand_once_for_all_registers(void **state)
{
	const struct pack *pack = pack_of(state);

	assert_string_equal(pack_text(pack, LANGUAGE_EN, "loan.due"), "Due");
	assert_string_equal(pack_text(pack, LANGUAGE_EN, "loan.is.overdue"), "Overdue");
	assert_string_equal(pack_text(pack, LANGUAGE_EN, "loan.is.pending"), "Waits");
	assert_string_equal(pack_text(pack, LANGUAGE_EN, "loan.correct"), "Correct");
	/* A language that the pack lacks reads the first one; an unknown key stays itself. */
	assert_string_equal(pack_text(pack, LANGUAGE_RU, "loan.due"), "Due");
	assert_string_equal(pack_text(pack, LANGUAGE_EN, "loan.nothing"), "loan.nothing");
}

static void
the_digest_changes_with_one_byte_or_name(void **state)
{
	struct world *world = *state;
	struct pack_report report;
	struct pack *again = NULL, *other = NULL;

	pack_report_init(&report);
	assert_int_equal(pack_load_uncoded(world->folder, &report, &again), OK);
	assert_memory_equal(again->digest, world->pack->digest, 32);
	fixture_write(world->folder, "README.md", "x");
	assert_int_equal(pack_load_uncoded(world->folder, &report, &other), OK);
	assert_memory_not_equal(other->digest, world->pack->digest, 32);
	/* A file beside the rules leaves the rules what they were. */
	assert_memory_equal(other->rules_digest, world->pack->rules_digest, 32);
	pack_free(again);
	pack_free(other);
	pack_report_done(&report);
}

static void
codes_are_demanded_given_once_and_kept(void **state)
{
	struct world *world = *state;
	struct pack_report report;
	struct pack *pack = NULL;
	size_t added = 0;

	pack_report_init(&report);
	assert_int_equal(pack_load(world->folder, &report, &pack), ERR_BAD_INPUT);
	assert_int_equal(report.error_count, 1);
	assert_non_null(strstr(report.faults[0].text, "tirkeu pack codes"));
	assert_int_equal(pack_codes_write(world->folder, world->pack, &added), OK);
	assert_true(added > 50);
	pack_report_done(&report);
	pack_report_init(&report);
	assert_int_equal(pack_load(world->folder, &report, &pack), OK);
	assert_true(pack_reg(pack, "loan")->code > 0);
	assert_true(reg_action(pack_reg(pack, "loan"), "correct")->code > 0);
	assert_true(reg_field(pack_reg(pack, "book"), "authors")->items[1].code > 0);
	assert_true(pack_role(pack, "librarian")->body_code > 0);
	assert_int_equal(reg_action(pack_reg(pack, "loan"), "lend")->args[1].code,
			 reg_field(pack_reg(pack, "loan"), "member")->code);
	assert_int_equal(pack_codes_write(world->folder, pack, &added), OK);
	assert_int_equal(added, 0);
	pack_free(pack);
	pack_report_done(&report);
}

static void
a_changed_dropped_or_reused_code_is_seen(void **state)
{
	struct world *world = *state;
	struct code before[] = { { "a", 1, 1 }, { "b", 2, 2 }, { "c", 3, 3 } };
	struct code after[] = { { "a", 7, 1 }, { "c", 3, 2 }, { "d", 2, 3 } };
	struct pack old = { .codes = before, .code_count = 3 }, new = { .codes = after, .code_count = 3 };
	struct pack_report report;

	assert_non_null(world);
	pack_report_init(&report);
	pack_codes_compare(&old, &old, &report);
	assert_int_equal(report.error_count, 0);
	pack_codes_compare(&old, &new, &report);
	assert_int_equal(report.error_count, 3);
	assert_non_null(strstr(report.faults[0].text, "“a” had the code 1 and has 7 now"));
	assert_non_null(strstr(report.faults[1].text, "“b” had the code 2 and has none now"));
	assert_non_null(strstr(report.faults[2].text, "“d” has the code 2, which was that of “b”"));
	pack_report_done(&report);
}

/* The small pack with one place of one file replaced, against itself. */
static bool
diff_says(struct world *world, const char *path, const char *find, const char *replace, const char *line,
	  bool *ret_widens)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(strbuf_done) struct strbuf out = { 0 };
	AUTO(pack_free) struct pack *after = NULL;
	const char *before = fixture_text(path), *at = strstr(before, find);
	struct pack_report report;

	assert_non_null(at);
	strbuf_add(&text, before, (size_t)(at - before));
	strbuf_text(&text, replace);
	strbuf_text(&text, at + strlen(find));
	fixture_write(world->folder, path, text.text);
	pack_report_init(&report);
	if (pack_load_uncoded(world->folder, &report, &after) != OK)
		fixture_print(&report, stderr);
	pack_report_done(&report);
	assert_non_null(after);
	pack_diff(world->pack, after, &out, ret_widens);
	fixture_write(world->folder, path, before);
	if (strstr(out.text, line) == NULL)
		fprintf(stderr, "%s", out.text);
	return strstr(out.text, line) != NULL;
}

static void
a_difference_is_told_in_lines(void **state)
{
	struct world *world = *state;
	bool widens = true;

	assert_true(diff_says(world, "registers/library.yaml", "max: 30", "max: 20",
			      "~ argument loan.renew.days: max\n    - 30\n    + 20\n", &widens));
	assert_false(widens);
	assert_true(diff_says(world, "law/library-act/most.sql", "> 5", "> 7",
			      "    -  group by l.id, l.member having count(*) > 5\n", &widens));
	assert_true(diff_says(world, "tables/rate.csv", "12.50", "13.00",
			      "+ table rate: row ordinary, 1300, 75, , 2021-01-01", &widens));
	assert_true(diff_says(world, "text/kk.yaml", "fine: Fine", "fine: Penalty",
			      "~ text kk: fine\n    - Fine\n    + Penalty\n", &widens));
	assert_false(widens);
}

static void
a_wider_grant_is_seen_and_a_narrower_one_is_not(void **state)
{
	struct world *world = *state;
	bool widens = false;

	assert_true(diff_says(world, "roles.yaml", "[card, family_name]", "[card, family_name, born]",
			      "! role librarian: may read member.born\n", &widens));
	assert_true(widens);
	assert_true(diff_says(world, "roles.yaml", "[card, family_name]", "[card]", "~ role librarian: reads member",
			      &widens));
	assert_false(widens);
	assert_true(
		diff_says(world, "roles.yaml", "reader: {only: [loan.renew]}", "reader: {can: [statistics]}",
			  "! role reader: has the ability statistics\n! role reader: is no longer held to its “only”\n",
			  &widens));
	assert_true(widens);
	assert_true(diff_says(world, "registers/library.yaml", "by: [member, \"@librarian\"]",
			      "by: [member, \"@librarian\", \"@keeper\"]", "! role keeper: may run loan.renew\n",
			      &widens));
	assert_true(widens);
	assert_true(diff_says(world, "registers/library.yaml", "by: [member, \"@librarian\"]", "by: [member]",
			      "~ action loan.renew: by", &widens));
	assert_false(widens);
	/* `reader` may run renew alone, so being named elsewhere gives it nothing. */
	assert_true(diff_says(world, "registers/library.yaml", "to: withdrawn, by: [\"@librarian\"]",
			      "to: withdrawn, by: [\"@librarian\", \"@reader\"]", "~ action book.withdraw: by",
			      &widens));
	assert_false(widens);
	assert_true(diff_says(world, "purposes.yaml", "case: true", "case: false, defer: 2 days, discreet: true",
			      "! purpose desk: is shown to the person later\n"
			      "! purpose desk: the person sees the body alone\n! purpose desk: needs no case\n",
			      &widens));
	assert_true(widens);
	assert_true(diff_says(world, "purposes.yaml", "defer: 30 days, discreet: true", "defer: 10 days",
			      "~ purpose audit: defer hours", &widens));
	assert_false(widens);
	assert_true(diff_says(world, "roles.yaml", "  territory: true\n", "", "- role librarian: territory = yes",
			      &widens));
	assert_true(widens);
}

static void
searches_reveals_and_limits_are_read(void **state)
{
	const struct pack *pack = pack_of(state);
	const struct reg *member = pack_reg(pack, "member"), *branch = pack_reg(pack, "branch"),
			 *room = pack_reg(pack, "room");
	const struct role *warden = pack_role(pack, "warden");

	assert_ptr_equal(member->search->family, reg_field(member, "family_name"));
	assert_ptr_equal(member->search->given, reg_field(member, "given_name"));
	assert_int_equal(member->search->exact_count, 1);
	assert_ptr_equal(member->search->exact[0], reg_field(member, "card"));
	assert_int_equal(member->search->show_count, 2);
	assert_ptr_equal(branch->search->place, reg_field(branch, "town"));
	assert_ptr_equal(branch->search->street, reg_field(branch, "street"));
	assert_ptr_equal(branch->search->house, reg_field(branch, "house"));
	assert_ptr_equal(room->search->in, reg_field(room, "branch"));
	assert_ptr_equal(room->search->unit, reg_field(room, "nr"));
	assert_null(room->search->place);
	assert_null(pack_reg(pack, "loan")->search);
	assert_int_equal(room->reveal_count, 1);
	assert_string_equal(room->reveals[0].name, "readers");
	assert_ptr_equal(room->reveals[0].reg, member);
	assert_true(pack_view(pack, "opened")->monthly && !pack_view(pack, "opened")->audit);
	assert_true(pack_view(pack, "used")->audit && !pack_view(pack, "used")->is_public);
	assert_int_equal(warden->searches_count, 3);
	assert_ptr_equal(warden->searches[1], room);
	assert_int_equal(warden->lookups_an_hour, 60);
	assert_int_equal(warden->searches_an_hour, 30);
	assert_int_equal(pack_role(pack, "librarian")->lookups_an_hour, 0);
	assert_true(pack_purpose(pack, "audit")->discreet);
	assert_false(pack_purpose(pack, "desk")->discreet);
}

static void
a_wider_search_a_higher_limit_and_a_new_view_are_seen(void **state)
{
	static const struct {
		const char *path, *find, *replace, *line;
		bool widens;
	} cases[] = {
		{ "roles.yaml", "lookups: 60", "lookups: 90",
		  "! role warden: may make 90 look-ups an hour, before 60\n", true },
		{ "roles.yaml", ", searches: 30", "",
		  "! role warden: may make any number of searches an hour, before 30\n", true },
		{ "roles.yaml", "lookups: 60", "lookups: 20", "~ role warden: limits lookups", false },
		{ "roles.yaml", "  purposes: [desk]\n", "  purposes: [desk]\n  searches: [member]\n",
		  "! role librarian: may search member\n", true },
		{ "roles.yaml", "searches: [member, room, branch]", "searches: [member]", "~ role warden: searches",
		  false },
		{ "registers/member.yaml", "shows: [family_name, born]", "shows: [family_name, born, language]",
		  "! register member: a hit shows language\n", true },
		{ "registers/town.yaml", "reader as shown from room\"}", "reader as shown from room where nr = '1'\"}",
		  "! register room: a look-up shows other records of member with it\n", true },
		{ "registers/town.yaml", "from official_use u", "from official_use u where u.kind = 'search'",
		  "! view used: shows those who audit other rows\n", true },
		{ "registers/town.yaml", "{monthly: true, keys", "{monthly: true, public: true, keys",
		  "! view opened: shows everybody its rows\n", true },
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		bool widens = !cases[i].widens;

		assert_true(diff_says(world, cases[i].path, cases[i].find, cases[i].replace, cases[i].line, &widens));
		assert_int_equal(widens, cases[i].widens);
	}
}

static void
a_folder_that_is_not_there_is_no_fault_of_the_pack(void **state)
{
	struct world *world = *state;
	struct pack *pack = NULL;

	assert_int_equal(pack_load("/nowhere/at/all", &world->report, &pack), ERR_IO);
	assert_null(pack);
	assert_int_equal(world->report.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_correct_pack_has_neither_faults_nor_warnings),
		TEST(fields_keep_their_bounds_in_sql_units),
		TEST(columns_stand_in_the_order_of_the_fields),
		TEST(references_are_linked_forwards_and_backwards),
		TEST(a_request_brings_taken_fields_and_arguments_in_one_table),
		TEST(consent_and_clock_are_read),
		TEST(correct_takes_every_field_but_numbers_and_a_reason),
		TEST(only_states_that_can_occur_are_listed),
		TEST(roles_purposes_and_retention_are_read),
		TEST(a_provision_knows_its_header),
		TEST(a_provision_is_in_force_in_its_ranges),
		TEST(a_table_tells_numbers_days_and_texts_apart),
		TEST(the_calendar_knows_moved_days),
		TEST(places_find_their_parents),
		TEST(the_territory_is_the_first_place),
		TEST(a_text_may_stand_once_for_all_registers),
		TEST(the_digest_changes_with_one_byte_or_name),
		TEST(codes_are_demanded_given_once_and_kept),
		TEST(a_changed_dropped_or_reused_code_is_seen),
		TEST(a_difference_is_told_in_lines),
		TEST(a_wider_grant_is_seen_and_a_narrower_one_is_not),
		TEST(searches_reveals_and_limits_are_read),
		TEST(a_wider_search_a_higher_limit_and_a_new_view_are_seen),
		TEST(a_folder_that_is_not_there_is_no_fault_of_the_pack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
