#include "base/testing.h"
#include "store/vet.h"

struct world {
	struct pack *pack;
	struct pack_report report;
	struct arena *arena;
};

static int
set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	pack_report_init(&world->report);
	world->arena = arena_new();
	if (pack_load("tests/packs/vet", &world->report, &world->pack) != OK)
		for (size_t i = 0; i < world->report.count; i++)
			print_error("%s:%d: %s\n", world->report.faults[i].file, world->report.faults[i].line,
				    world->report.faults[i].text);
	assert_non_null(world->pack);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	pack_report_done(&world->report);
	pack_free(world->pack);
	arena_free(world->arena);
	free(world);
	return 0;
}

static bool
vet_says(struct world *world, const struct pack *pack, const char *words)
{
	AUTO(vetted_pack_free) struct vetted_pack *vetted = NULL;
	bool said = false;

	pack_report_done(&world->report);
	pack_report_init(&world->report);
	enum error e = vet_pack(pack, &world->report, &vetted);

	for (size_t i = 0; i < world->report.count; i++)
		said |= words != NULL && strstr(world->report.faults[i].text, words) != NULL;
	if (words == NULL)
		said = e == OK;
	for (size_t i = 0; i < world->report.count && !said; i++)
		print_error("%s:%d: %s\n", world->report.faults[i].file, world->report.faults[i].line,
			    world->report.faults[i].text);
	assert_int_equal(e == OK, world->report.error_count == 0);
	return said;
}

static void
assert_said(struct world *world, const struct pack *pack, const char *text, const char *words)
{
	if (vet_says(world, pack, words))
		return;
	fail_msg("%s\n\tshould be: %s", text, words == NULL ? "accepted" : words);
}

/* The pack with one more provision, in the place of its own. */
static void
assert_provision(struct world *world, enum provision_kind kind, enum period tick, const char *select, const char *words)
{
	struct pack pack = *world->pack;
	struct provision provision = pack.provisions[0];
	const struct action *const declare[] = { reg_action(pack_reg(&pack, "stay"), "declare") };

	provision.kind = kind;
	provision.tick = tick;
	provision.select = select;
	provision.forbids = declare;
	provision.forbid_count = kind == PROVISION_FORBID ? 1 : 0;
	pack.provisions = &provision;
	assert_said(world, &pack, select, words);
}

static void
a_sound_pack_is_vetted(void **state)
{
	struct world *world = *state;
	AUTO(vetted_pack_free) struct vetted_pack *vetted = NULL;

	assert_said(world, world->pack, "the pack", NULL);
	assert_int_equal(vet_pack(world->pack, &world->report, &vetted), OK);
	const struct vetted_provision *crowded = &vetted->provisions[0];
	bool reads_owner = false, reads_cap = false;

	assert_string_equal(crowded->reg->name, "stay");
	assert_int_equal(crowded->fact_count, 6);
	assert_string_equal(crowded->facts[2].field->name, "arrived");
	assert_string_equal(crowded->facts[3].reg->name, "dwelling");
	assert_null(crowded->facts[5].field);
	assert_false(crowded->has_due || crowded->has_amount || crowded->has_instance || crowded->has_article);
	assert_string_equal(crowded->tables_read, "cap");
	for (size_t i = 0; i < crowded->read_count; i++) {
		const struct vet_column *read = &crowded->reads[i];
		reads_owner |= read->reg != NULL && strcmp(read->reg->name, "dwelling") == 0 &&
			       strcmp(read->column, "owner") == 0;
		reads_cap |= read->reg == NULL && strcmp(read->table, "cap") == 0;
	}
	assert_true(reads_owner && reads_cap);
	assert_int_equal(vetted->view_fact_counts[0], 2);
	assert_string_equal(vetted->view_facts[0][0].field->name, "dwelling");
}

static const struct {
	const char *select;
	const char *words;
} wrong_selects[] = {
	{ "select s.id as record, s.guest as who from stay s union select s.id, s.guest from stay s", "UNION ALL" },
	{ "select s.id as record, s.guest as who from stay s except select s.id, s.guest from stay s",
	  "except is not pushed" },
	{ "select s.id as record, s.guest as who from stay s intersect select 1, 2", "intersect is not pushed" },
	{ "select s.id as record, s.guest as who from stay s limit 5", "LIMIT" },
	{ "select s.id as record, s.guest as who from stay s where s.guest in (select id from person)",
	  "IN (select …)" },
	{ "select s.id as record, s.guest as who from stay s where s.guest not in (select id from person)",
	  "NOT IN (select …)" },
	{ "select coalesce(s.id, 0) as record, s.guest as who from stay s", "record must be a bare column" },
	{ "select s.id + 0 as record, s.guest as who from stay s", "record must be a bare column" },
	{ "select s.id as record, s.guest as who, count(*) over () as people from stay s", "partitioned by record" },
	{ "select s.id as record, s.guest as who, count(*) over (order by s.id) as people from stay s",
	  "partitioned by record" },
	{ "select s.id as record, s.guest as who, count(*) over (partition by s.guest) as people from stay s",
	  "partitioned by record" },
	{ "select s.id as record, s.guest as who, count(*) over w as people from stay s window w as (partition by "
	  "s.id)",
	  "window" },
	{ "select s.id as record from stay s", "`who` is missing" },
	{ "select s.guest as who from stay s", "`record` is missing" },
	{ "select s.id as record, s.arrived as who from stay s", "`who` comes from stay.arrived" },
	{ "select s.arrived as record, s.guest as who from stay s", "`record` must be the id" },
	{ "select c.most as record, c.most as who from cap c", "`record` must be the id" },
	{ "select s.id as record, s.guest as who, random() as people from stay s", "the function \"random\"" },
	{ "select s.id as record, s.guest as who from stay s where s.state like 'd%'", "\"like\"" },
	{ "select s.id as record, s.guest as who, upper(s.state) as people from stay s", "the function \"upper\"" },
	{ "select s.id as record, s.guest as who, now() as people from stay s", "the function \"now\"" },
	{ "select s.id as record, s.guest as who, current_date as people from stay s",
	  "the function \"current_date\"" },
	{ "select s.id as record, s.guest as who from stay s join sqlite_schema q on q.rootpage = s.id",
	  "is no table of the pack" },
	{ "select s.id as record, s.guest as who from stay s join pragma_table_info('stay') p on p.cid = s.id",
	  "only SELECT is allowed" },
	{ "select s.id as record, s.guest as who from stay s join nowhere n on n.id = s.id", "no such table: nowhere" },
	{ "select s.id as record, s.gest as who from stay s", "no such column: s.gest" },
	{ "delete from stay", "only SELECT is allowed" },
	{ "update stay set state = 'x'", "only SELECT is allowed" },
	{ "pragma user_version", "\"pragma\"" },
	{ "attach 'x' as y", "only SELECT is allowed" },
	{ "select s.id as record, s.guest as who from stay s; delete from stay", "a semicolon" },
	{ "select s.id as record, s.guest as who from stay s where s.arrived < $today", "`-- tick: day`" },
	{ "select s.id as record, s.guest as who from stay s where s.changed_at < $now", "the parameter $now" },
	{ "select s.id as record, s.guest as who from stay s where s.guest = $me", "the parameter $me" },
	{ "select s.id as record, s.guest as who from stay s where s.id = $record", "the parameter $record" },
	{ "select s.id as record, s.guest as who from stay s where s.price > 1.5", "only whole numbers" },
	{ "select s.id as record, s.guest as who from stay s where s.price == 1", "\"==\"" },
	{ "select s.id as record, s.guest as who from stay s where s.leaves is s.arrived", "IS compares" },
	{ "select s.id as record, s.guest as who from stay s where max(s.leaves, s.arrived) = 1", "one argument" },
	{ "select s.rowid as record, s.guest as who from stay s", "\"rowid\"" },
	{ "select s.id as record, s.guest as who, \"declared\" as people from stay s", "no such column: declared" },
	{ "select s.id as record, s.guest as who, s.price as unnamed_fact from stay s",
	  "law.rules.crowded.unnamed_fact in en" },
	{ "select s.id as record, s.guest as who, s.arrived + 1 from stay s", "needs a name" },
	{ "select s.id as record, s.guest as who, s.arrived as people, s.leaves as people from stay s", "two columns" },
	{ "select s.id as record, s.guest as who, 'open from stay s", "an open quote" },
	{ "select s.id as record, s.guest as who from stay s where (s.price = 1", "the brackets do not match" },
	{ "with recursive r as (select 1 as n union all select n + 1 from r) select s.id as record, s.guest as who "
	  "from stay s, r",
	  "recursive" },
	{ "select s.id as record, s.guest as who from stay s join stay o on o.arrived = s.arrived where o.id <> s.id",
	  "\"stay\" is scanned" },
	{ "select s.id as record, s.guest as who from stay s join dwelling_rooms r on r.area = s.price",
	  "\"dwelling_rooms\" is scanned" },
	{ "select s.id as record, s.guest as who from stay s join stay_past p on p.guest = s.guest",
	  "\"stay_past\" is scanned" },
	{ "select s.id as record, s.guest as who, (select count(*) from person) as people from stay s",
	  "\"person\" is scanned" },
	{ "select s.id as record, s.guest as who, x.people from stay s join (select dwelling, count(*) as people from "
	  "stay group by "
	  "dwelling) x on x.dwelling = s.dwelling",
	  "\"stay\" is scanned" },
	{ "select s.id as record, d.owner as who from stay s join dwelling d on d.id = s.dwelling where offset > 1",
	  "LIMIT" },
	{ "select s.id as record, s.guest as who, s.price as due from stay s", "`due` comes from stay.price" },
	{ "select s.id as record, s.guest as who, s.level as amount from stay s", "`amount` comes from stay.level" },
	{ "", "nothing is written" },
};

static void
what_no_database_or_only_one_can_do_is_refused(void **state)
{
	assert_true(ARRAY_COUNT(wrong_selects) >= 30);
	for (size_t i = 0; i < ARRAY_COUNT(wrong_selects); i++)
		assert_provision(*state, PROVISION_BREACH, PERIOD_NONE, wrong_selects[i].select,
				 wrong_selects[i].words);
}

static void
what_both_push_through_is_accepted(void **state)
{
	static const char *const selects[] = {
		"select s.id as record, s.guest as who from stay s where s.state in ('declared') and s.state not in "
		"('ended')",
		"select s.id as record, s.guest as who from stay s union all select s.id as record, d.owner as who "
		"from stay s "
		"join dwelling d on d.id = s.dwelling",
		"select s.id as record, s.guest as who from stay s left join dwelling d on d.id = s.dwelling where "
		"d.rented is true",
		"select s.id as record, s.guest as who from stay s where not exists (select 1 from stay o where "
		"o.guest = s.guest and "
		"o.id <> s.id)",
		"select s.id as record, s.guest as who, (select max(o.arrived) from stay o where o.guest = s.guest) as "
		"arrived from stay s",
		"select s.id as record, s.guest as who, count(*) as people from stay s join dwelling_rooms r on "
		"r.parent = s.dwelling "
		"group by s.id, s.guest having count(*) > 2",
		"select distinct s.id as record, s.guest as who from stay s join stay_past p on p.id = s.id",
		"with x as (select s.id as record, s.guest as who from stay s) select record, who from x",
		"select s.id as record, s.guest as who, count(*) over (partition by s.id order by o.id) as people from "
		"stay s join "
		"stay o on o.dwelling = s.dwelling",
		"select s.dwelling as record, s.guest as who from stay s",
		"select s.id as record, s.guest as who from stay s join cap c on s.arrived between c.from_day and "
		"c.until_day -- last",
		"select s.id as record, s.guest as who, case when s.price > 3 then 'a' end as article, s.price * 2 as "
		"amount from stay s",
		"select s.id as record, s.guest as who, age(p.born, s.arrived) as people from stay s join person p on "
		"p.id = s.guest",
	};

	for (size_t i = 0; i < ARRAY_COUNT(selects); i++)
		assert_provision(*state, PROVISION_BREACH, PERIOD_NONE, selects[i], NULL);
}

static void
each_kind_of_provision_has_its_own_parameters_and_columns(void **state)
{
	const char *by_now =
		"select s.id as record, s.guest as who from stay s where s.guest = $me and s.arrived < $today and "
		"s.changed_at < $now and s.id = $record";
	const char *of_dwelling = "select d.id as record, d.owner as who from dwelling d";
	const char *today = "select s.id as record, s.guest as who from stay s where s.leaves < $today";
	const char *due = "select s.id as record, s.guest as who, s.leaves as due from stay s";

	assert_provision(*state, PROVISION_FORBID, PERIOD_NONE, by_now, NULL);
	assert_provision(*state, PROVISION_FORBID, PERIOD_NONE, of_dwelling, "it forbids stay.declare");
	assert_provision(*state, PROVISION_BREACH, PERIOD_DAY, today, NULL);
	assert_provision(*state, PROVISION_OBLIGATION, PERIOD_NONE, due, NULL);
	assert_provision(*state, PROVISION_OBLIGATION, PERIOD_DAY, today, "needs the column `due`");
}

static void
a_wake_may_not_scan_either(void **state)
{
	struct world *world = *state;
	static const struct {
		const char *select, *words;
	} cases[] = {
		{ "select id from stay where arrived = new.arrived", "\"stay\" is scanned" },
		{ "select id, guest from stay where guest = new.guest", "one column" },
		{ "select id from stay where guest = new.gast", "the parameter $new_gast" },
		{ "select id from stay where guest = $today", "the parameter $today" },
		{ "select id from stay where guest in (old.guest, new.guest)", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct pack pack = *world->pack;
		struct provision provision = pack.provisions[0];
		struct wake wake = provision.wakes[0];

		wake.select = cases[i].select;
		provision.wakes = &wake;
		pack.provisions = &provision;
		assert_said(world, &pack, cases[i].select, cases[i].words);
	}
}

/* A copy of the pack in which the register stay may be changed. */
static struct reg *
open_stay(struct world *world, struct pack *ret_pack)
{
	struct pack *pack = ret_pack;
	struct reg *regs = arena_array_of(world->arena, struct reg, world->pack->reg_count);

	*pack = *world->pack;
	memcpy(regs, pack->regs, pack->reg_count * sizeof(*regs));
	pack->regs = regs;
	pack->provision_count = 0; /* they point to the registers as loaded */
	pack->view_count = 0;
	return &regs[pack_reg(pack, "stay")->index];
}

static struct action *
open_action(struct world *world, struct reg *reg, const char *name)
{
	struct action *actions = arena_array_of(world->arena, struct action, reg->action_count);
	size_t index = reg_action(reg, name)->index;

	memcpy(actions, reg->actions, reg->action_count * sizeof(*actions));
	reg->actions = actions;
	return &actions[index];
}

static void
values_of_actions_are_vetted(void **state)
{
	struct world *world = *state;
	static const struct {
		const char *action, *when, *words;
	} cases[] = {
		{ "extend", "$leaves > this.leaves and $record > 0 and $me > 0 and $today < $now", NULL },
		{ "extend", "exists (select 1 from dwelling d where d.id = this.dwelling and d.area > 10)", NULL },
		{ "extend", "$guest = 1", "the parameter $guest" },
		{ "extend", "this.nowhere = 1", "no such column: this.nowhere" },
		{ "extend", "1), (2", "the brackets do not match" },
		{ "extend", "1) from person --", "the brackets do not match" },
		{ "extend", "exists (select 1 from person p where p.born = this.arrived)", "\"person\" is scanned" },
		{ "extend", "1 = 1; drop table stay", "a semicolon" },
		{ "declare", "this.guest = 1", "there is no `this`" },
		{ "declare", "$guest = 1", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct pack pack;
		struct reg *stay = open_stay(world, &pack);

		open_action(world, stay, cases[i].action)->when = cases[i].when;
		assert_said(world, &pack, cases[i].when, cases[i].words);
	}
}

static void
steps_and_borders_are_vetted(void **state)
{
	struct world *world = *state;
	struct pack pack;
	struct reg *stay = open_stay(world, &pack);
	struct action *end = open_action(world, stay, "end");
	struct step step = end->steps[0];

	end->steps = &step;
	step.record = "select s.id, s.guest from this join stay s on s.dwelling = this.dwelling";
	assert_said(world, &pack, step.record, "selects one column");
	step.record = "select s.id from stay s where s.state = 'confirmed'";
	assert_said(world, &pack, step.record, "\"stay\" is scanned");
	step.later = true;
	assert_said(world, &pack, step.record, NULL);
	step.record = "select s.id from stay s where s.dwelling = this.dwelling";
	assert_said(world, &pack, step.record, "`this` must stand in the FROM");
	step.record = NULL;
	step.each = "select s.id as record, 1 as colour from this join stay s on s.guest = this.guest";
	assert_said(world, &pack, step.each, "\"colour\" is no argument of stay.remind");
	end->clock_value = "this.leaves + $today";
	assert_said(world, &pack, end->clock_value, "the parameter $today");

	stay = open_stay(world, &pack);
	struct action *renew = open_action(world, stay, "renew");

	renew->each = "select guest, dwelling, $today as day from stay";
	assert_said(world, &pack, renew->each, "\"day\" is no argument of stay.renew");
	renew->each = "select guest from stay where id = $record";
	assert_said(world, &pack, renew->each, "the parameter $record");
}

static void
checks_defaults_parties_and_views_are_vetted(void **state)
{
	struct world *world = *state;
	struct pack pack;
	struct reg *stay = open_stay(world, &pack);
	struct field *fields = arena_array_of(world->arena, struct field, stay->field_count);
	struct party owner = *reg_party(stay, "owner");
	struct view view = world->pack->views[0];

	memcpy(fields, stay->fields, stay->field_count * sizeof(*fields));
	stay->fields = fields;
	fields[3].check = "leaves > arrived and exists (select 1 from person)";
	assert_said(world, &pack, fields[3].check, "own columns only");
	fields[3].check = "leaves > $today";
	assert_said(world, &pack, fields[3].check, "the parameter $today");
	fields[3].check = NULL;
	fields[4].pattern = "[0-9";
	assert_said(world, &pack, fields[4].pattern, "no regular expression");
	fields[4].pattern = NULL;
	fields[5].default_value = "(select name from person)";
	assert_said(world, &pack, fields[5].default_value, "reads no table");
	fields[5].default_value = NULL;
	stay->territory = "this.nowhere";
	assert_said(world, &pack, stay->territory, "no such column");
	stay->territory = NULL;
	stay->parties = &owner;
	stay->party_count = 1;
	owner.select = "select s.id as record, s.guest as somebody from stay s";
	assert_said(world, &pack, owner.select, "record and party");
	owner.select = "select s.id as record, p.id as party from stay s join person p on p.born = s.arrived";
	assert_said(world, &pack, owner.select, "is scanned");
	owner.select = "select s.id as record, s.guest as party from stay s limit 1";
	assert_said(world, &pack, owner.select, "LIMIT");
	stay->party_count = 0;
	pack.views = &view;
	pack.view_count = 1;
	view.select = "select count(*) as heads from stay";
	assert_said(world, &pack, view.select, "view.crowd.heads in en");
}

static void
what_a_lookup_reveals_is_vetted(void **state)
{
	struct world *world = *state;
	static const struct {
		const char *select, *words;
	} cases[] = {
		{ "select s.dwelling as record, s.guest as shown from stay s", NULL },
		{ "select s.dwelling as record, s.guest as somebody from stay s", "the two columns record and shown" },
		{ "select s.dwelling as record, s.guest as shown, s.price as price from stay s",
		  "the two columns record and shown" },
		{ "select s.id as record, s.guest as shown from stay s", "`record` is no id of dwelling" },
		{ "select s.dwelling as record, s.id as shown from stay s", "`shown` is no id of person" },
		{ "select s.dwelling as record, s.guest as shown from stay s union select d.id, d.owner from dwelling "
		  "d",
		  "UNION ALL" },
		{ "select s.dwelling as record, s.guest as shown from stay s where s.guest = $me",
		  "the parameter $me" },
		{ "select s.dwelling as record, p.id as shown from stay s join person p on p.born = s.arrived",
		  "is scanned" },
		{ "select s.dwelling as record, s.guest as shown from stay s join official_use u on u.person = s.guest",
		  "what officials did" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct pack pack;
		struct reg *stay = open_stay(world, &pack);
		struct reg *dwelling = stay - stay->index + pack_reg(&pack, "dwelling")->index;
		struct reveal reveal = dwelling->reveals[0];

		reveal.select = cases[i].select;
		dwelling->reveals = &reveal;
		reveal.reg = pack_reg(world->pack, "person");
		assert_said(world, &pack, cases[i].select, cases[i].words);
	}
}

static void
a_search_by_address_does_not_scan(void **state)
{
	struct world *world = *state;
	struct pack pack;
	struct reg *stay = open_stay(world, &pack);
	struct reg *dwelling = stay - stay->index + pack_reg(&pack, "dwelling")->index;
	/* Neither field has an index: area and offset are whole numbers, but the bench asks for no type. */
	struct search slow = { .in = reg_field(dwelling, "area"), .unit = reg_field(dwelling, "offset") };
	struct search quick = { .in = reg_field(dwelling, "owner"), .unit = reg_field(dwelling, "offset") };

	dwelling->search = &slow;
	assert_said(world, &pack, "search by area", "\"dwelling\" is scanned");
	dwelling->search = &quick;
	assert_said(world, &pack, "search by owner", NULL);
}

static void
a_view_has_the_parameters_and_tables_of_its_kind(void **state)
{
	struct world *world = *state;
	const char *month = "select count(*) as people from stay s where s.arrived >= $from and s.arrived < $until";
	const char *officials = "select count(*) as people from official_use u where u.kind = 'search'";
	const struct {
		const char *view, *select, *words;
	} cases[] = {
		{ "arrivals", month, NULL },
		{ "arrivals", "select count(*) as people from stay s where s.arrived < $today",
		  "the parameter $today" },
		{ "arrivals", officials, "what officials did" },
		{ "arrivals", "select s.guest as people from stay s where s.arrived >= $from",
		  "\"people\" is the id of one record" },
		{ "arrivals", "select s.id as people from stay s", "\"people\" is the id of one record" },
		{ "arrivals", "select count(*) as heads from stay", "view.arrivals.heads in en" },
		{ "crowd", month, "the parameter $from" },
		{ "crowd", officials, "what officials did" },
		{ "readers", "select u.account as account, u.at as times from official_use u", NULL },
		{ "readers", "select u.nowhere as times from official_use u", "no such column: u.nowhere" },
		{ "readers", "select count(*) as times from ledger_entry", "no such table: ledger_entry" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct pack pack = *world->pack;
		struct view view = *pack_view(&pack, cases[i].view);

		view.select = cases[i].select;
		pack.views = &view;
		pack.view_count = 1;
		assert_said(world, &pack, cases[i].select, cases[i].words);
	}
}

static void
only_who_acts_and_the_clock_look_at_officials(void **state)
{
	struct world *world = *state;
	/* The store finds acts by their person, and nothing else. */
	const char *seen = "exists (select 1 from official_use u where u.kind = 'act' and u.person = this.guest)";
	const char *any = "exists (select 1 from official_use u where u.case_text = 'x')";
	struct pack pack;
	struct reg *stay = open_stay(world, &pack);
	struct action *extend = open_action(world, stay, "extend");

	extend->when = seen;
	assert_said(world, &pack, seen, NULL);
	extend->when = any;
	assert_said(world, &pack, any, "the whole of \"official_use\" is scanned");
	extend->when = NULL;
	stay->label = "(select max(u.role) from official_use u where u.person = this.guest)";
	assert_said(world, &pack, stay->label, "what officials did");
	stay->label = NULL;
	open_action(world, stay, "end")->clock_value =
		"(select max(u.at) from official_use u where u.person = this.guest)";
	assert_said(world, &pack, "at", "what officials did");

	stay = open_stay(world, &pack);
	open_action(world, stay, "renew")->each =
		"select s.guest as guest, s.dwelling as dwelling, $today as arrived from stay s join official_use u on "
		"u.person = s.guest";
	assert_said(world, &pack, "each", NULL);

	stay = open_stay(world, &pack);
	struct party watched = *reg_party(stay, "owner");

	watched.select =
		"select s.id as record, u.official as party from stay s join official_use u on u.person = s.guest";
	stay->parties = &watched;
	stay->party_count = 1;
	assert_said(world, &pack, watched.select, "what officials did");
	assert_provision(world, PROVISION_BREACH, PERIOD_NONE,
			 "select s.id as record, s.guest as who from stay s join official_use u on u.person = s.guest",
			 "what officials did");
}

static void
two_tables_of_one_name_are_refused(void **state)
{
	struct world *world = *state;
	struct pack pack = *world->pack;
	struct dated_table twice[2] = { pack.tables[0], pack.tables[0] };

	pack.tables = twice;
	pack.table_count = 2;
	assert_said(world, &pack, "twice", "two tables with the name \"cap\"");
	twice[1].name = "stay_past";
	assert_said(world, &pack, "twice", "two tables with the name \"stay_past\"");
}

static void
the_shipped_packs_are_sound(void **state)
{
	struct world *world = *state;
	static const char *const folders[] = { "packs/kz", "tests/packs/library", "tests/packs/examples" };

	for (size_t i = 0; i < ARRAY_COUNT(folders); i++) {
		AUTO(pack_free) struct pack *pack = NULL;

		pack_report_done(&world->report);
		pack_report_init(&world->report);
		if (pack_load(folders[i], &world->report, &pack) == OK)
			assert_said(world, pack, folders[i], NULL);
		else
			fail_msg("%s: %s", folders[i], world->report.faults[0].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_pack_is_vetted),
		cmocka_unit_test(what_no_database_or_only_one_can_do_is_refused),
		cmocka_unit_test(what_both_push_through_is_accepted),
		cmocka_unit_test(each_kind_of_provision_has_its_own_parameters_and_columns),
		cmocka_unit_test(a_wake_may_not_scan_either),
		cmocka_unit_test(values_of_actions_are_vetted),
		cmocka_unit_test(steps_and_borders_are_vetted),
		cmocka_unit_test(checks_defaults_parties_and_views_are_vetted),
		cmocka_unit_test(what_a_lookup_reveals_is_vetted),
		cmocka_unit_test(a_search_by_address_does_not_scan),
		cmocka_unit_test(a_view_has_the_parameters_and_tables_of_its_kind),
		cmocka_unit_test(only_who_acts_and_the_clock_look_at_officials),
		cmocka_unit_test(two_tables_of_one_name_are_refused),
		cmocka_unit_test(the_shipped_packs_are_sound),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
