#include "base/testing.h"
#include "base/day.h"
#include "pack/input.h"
#include "text/json.h"
#include "text/reference.h"
#include "text/zone.h"

/* The fields of the tests: one of each type, and of each limit. `person` and `dwelling` of packs/kz are what
 * references go to. */
enum {
	TEXT,
	PLATE,
	SHORT,
	INTEGER,
	PERCENT,
	WEIGHT,
	MONEY,
	BOOLEAN,
	DAY,
	BOUND_DAY,
	INSTANT,
	CHOICE,
	RANK,
	REF,
	RESOLVE,
	PLACE,
	POINT,
	NAME,
	IIN,
	BIN,
	DOCUMENT,
	PHONE,
	EMAIL,
	COUNTRY,
	LIST,
	FILES,
	NUMBER,
	FIELDS
};

static const char *const levels[] = { "yellow", "orange", "red" };
static const struct field items[] = {
	{ .name = "nr", .type = FIELD_INTEGER, .required = true },
	{ .name = "what", .type = FIELD_TEXT },
};

static struct field fields[FIELDS] = {
	[TEXT] = { .name = "text", .type = FIELD_TEXT },
	[PLATE] = { .name = "plate", .type = FIELD_TEXT, .pattern = "[0-9A-ZА-Я]{2,5}" },
	[SHORT] = { .name = "short", .type = FIELD_TEXT, .has_min = true, .min = 3, .has_max = true, .max = 5 },
	[INTEGER] = { .name = "integer", .type = FIELD_INTEGER },
	[PERCENT] = { .name = "percent",
		      .type = FIELD_INTEGER,
		      .has_min = true,
		      .min = 0,
		      .has_max = true,
		      .max = 100 },
	[WEIGHT] = { .name = "weight", .type = FIELD_DECIMAL, .scale = 3, .has_max = true, .max = 5000 },
	[MONEY] = { .name = "money", .type = FIELD_MONEY, .scale = 2 },
	[BOOLEAN] = { .name = "boolean", .type = FIELD_BOOLEAN },
	[DAY] = { .name = "day", .type = FIELD_DAY },
	[BOUND_DAY] = { .name = "bound_day", .type = FIELD_DAY, .has_min = true, .min = 0 },
	[INSTANT] = { .name = "instant", .type = FIELD_INSTANT },
	[CHOICE] = { .name = "choice", .type = FIELD_CHOICE, .choices = levels, .choice_count = 3 },
	[RANK] = { .name = "rank", .type = FIELD_CHOICE, .choices = levels, .choice_count = 3, .ranked = true },
	[REF] = { .name = "ref", .type = FIELD_REF },
	[RESOLVE] = { .name = "guest", .type = FIELD_REF },
	[PLACE] = { .name = "place", .type = FIELD_PLACE },
	[POINT] = { .name = "point", .type = FIELD_POINT },
	[NAME] = { .name = "name", .type = FIELD_NAME },
	[IIN] = { .name = "iin", .type = FIELD_IIN },
	[BIN] = { .name = "bin", .type = FIELD_BIN },
	[DOCUMENT] = { .name = "document", .type = FIELD_DOCUMENT },
	[PHONE] = { .name = "phone", .type = FIELD_PHONE },
	[EMAIL] = { .name = "email", .type = FIELD_EMAIL },
	[COUNTRY] = { .name = "country", .type = FIELD_COUNTRY },
	[LIST] = { .name = "list", .type = FIELD_LIST, .items = items, .item_count = 2, .has_max = true, .max = 2 },
	[FILES] = { .name = "file", .type = FIELD_FILE },
	[NUMBER] = { .name = "number", .type = FIELD_NUMBER, .required = true },
};

struct world {
	struct pack *pack;
	struct pack_report report;
	struct reference_key *references;
	struct zone *zone;
	struct arena *arena;
	struct input_context context;
	struct problem problem;
};

static const struct field iin_of_person = { .name = "iin", .type = FIELD_IIN };
static const struct field family_name_of_person = { .name = "family_name", .type = FIELD_NAME };
static const struct field *const resolve[] = { &iin_of_person, &family_name_of_person };

static int
set_up(void **state)
{
	static const unsigned char key[REFERENCE_KEY_BYTES] = { 7 };
	struct world *world = calloc(1, sizeof(*world));
	const struct reg **to = NULL;

	pack_report_init(&world->report);
	assert_int_equal(pack_load("packs/kz", &world->report, &world->pack), OK);
	world->references = reference_key_new(key);
	assert_int_equal(zone_open("Asia/Almaty", &world->zone), OK);
	world->arena = arena_new();
	to = arena_array_of(world->arena, const struct reg *, 2);
	to[0] = pack_reg(world->pack, "person");
	to[1] = pack_reg(world->pack, "organisation");
	assert_true(to[0] != NULL && to[1] != NULL);
	fields[REF].to = fields[RESOLVE].to = to;
	fields[REF].to_count = fields[RESOLVE].to_count = 2;
	fields[RESOLVE].resolve = resolve;
	fields[RESOLVE].resolve_count = 2;
	world->context = (struct input_context){ .pack = world->pack,
						 .references = world->references,
						 .zone = world->zone,
						 .arena = world->arena,
						 .today = 20778 };
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	pack_report_done(&world->report);
	pack_free(world->pack);
	reference_key_free(world->references);
	zone_free(world->zone);
	arena_free(world->arena);
	free(world);
	return 0;
}

static const struct node *
node_of(struct world *world, const char *json)
{
	const struct node *node = NULL;

	assert_int_equal(node_parse_json(world->arena, json, strlen(json), NULL, &node), OK);
	return node;
}

static enum error
parse(struct world *world, const struct field *field, const char *json, struct input *ret_input)
{
	problem_init(&world->problem, world->arena);
	return input_parse(&world->context, field, node_of(world, json), &world->problem, ret_input);
}

static const char *
print(struct world *world, const struct field *field, const struct input *input)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	input_print_json(&world->context, field, input->values, &json);
	return arena_text(world->arena, out.text);
}

static void
values_are_read_and_printed_back(void **state)
{
	static const struct {
		int field;
		const char *json, *printed;
	} cases[] = {
		{ TEXT, "\"  Қара   су \"", "\"Қара су\"" },
		{ TEXT, "\"e\\u0301\"", "\"é\"" },
		{ PLATE, "\"01АБ\"", "\"01АБ\"" },
		{ SHORT, "\"қала\"", "\"қала\"" },
		{ INTEGER, "-9007199254740991", "-9007199254740991" },
		{ INTEGER, "0", "0" },
		{ PERCENT, "100", "100" },
		{ WEIGHT, "\"4.999\"", "\"4.999\"" },
		{ WEIGHT, "-0.5", "\"-0.500\"" },
		{ MONEY, "\"226.9\"", "\"226.90\"" },
		{ MONEY, "\"0.05\"", "\"0.05\"" },
		{ BOOLEAN, "true", "true" },
		{ BOOLEAN, "false", "false" },
		{ DAY, "\"2026-11-21\"", "\"2026-11-21\"" },
		{ DAY, "\"1969-12-31\"", "\"1969-12-31\"" },
		{ INSTANT, "\"2026-11-21T14:30:00Z\"", "\"2026-11-21T19:30:00.000+05:00\"" },
		{ CHOICE, "\"orange\"", "\"orange\"" },
		{ RANK, "\"red\"", "\"red\"" },
		{ PLACE, "\"KZ\"", "\"KZ\"" },
		{ PLACE, "\"750000000\"", "\"750000000\"" },
		{ POINT, "{\"lat\": 43.25, \"lon\": -76.94567891234}", "{\"lat\":43.2500000,\"lon\":-76.9456789}" },
		{ POINT, "{\"lon\": 180, \"lat\": -90}", "{\"lat\":-90.0000000,\"lon\":180.0000000}" },
		{ NAME, "\"Әл-Фараби  ұлы\"", "\"Әл-Фараби ұлы\"" },
		{ IIN, "\"881013674038\"", "\"881013674038\"" },
		{ DOCUMENT, "{\"state\": \"UZB\", \"number\": \"AA1234567\"}",
		  "{\"state\":\"UZB\",\"number\":\"AA1234567\"}" },
		{ DOCUMENT, "\"UZB AA1234567\"", "{\"state\":\"UZB\",\"number\":\"AA1234567\"}" },
		{ PHONE, "\"8 701 234 56 78\"", "\"+77012345678\"" },
		{ EMAIL, "\"a.b@example.kz\"", "\"a.b@example.kz\"" },
		{ COUNTRY, "\"kaz\"", "\"KZ\"" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		const struct field *field = &fields[cases[i].field];
		struct input input = { 0 }, again = { 0 };
		enum error e = parse(*state, field, cases[i].json, &input);

		if (e != OK)
			fail_msg("%s should be read", cases[i].json);
		assert_int_equal(input.kind, INPUT_VALUE);
		assert_int_equal(input.value_count, input_columns(field));
		assert_string_equal(print(*state, field, &input), cases[i].printed);
		assert_int_equal(parse(*state, field, cases[i].printed, &again), OK);
		for (size_t k = 0; k < input.value_count; k++)
			assert_true(value_equal(&input.values[k], &again.values[k]));
	}
}

static void
a_ranked_choice_has_its_rank(void **state)
{
	struct input input = { 0 };

	assert_int_equal(parse(*state, &fields[RANK], "\"red\"", &input), OK);
	assert_int_equal(input.values[1].integer, 3);
	assert_int_equal(input.value_count, 2);
}

static const struct {
	int field;
	const char *json;
	enum message message;
	const char *argument;
} wrong_cases[] = {
	{ TEXT, "\"\"", MSG_TEXT_EMPTY, NULL },
	{ TEXT, "\" \\u00a0 \"", MSG_TEXT_EMPTY, NULL },
	{ TEXT, "5", MSG_WRONG_KIND, "text" },
	{ TEXT, "[\"a\"]", MSG_WRONG_KIND, "text" },
	{ TEXT, "\"a\\u0007b\"", MSG_TEXT_CONTROL, NULL },
	{ TEXT, "\"a\\u202eb\"", MSG_TEXT_CONTROL, NULL },
	{ SHORT, "\"алтыншы\"", MSG_TEXT_TOO_LONG, "5" },
	{ SHORT, "\"ab\"", MSG_TEXT_TOO_SHORT, "3" },
	{ PLATE, "\"01аб\"", MSG_PATTERN, "[0-9A-ZА-Я]{2,5}" },
	{ PLATE, "\"01АБ01АБ\"", MSG_PATTERN, "[0-9A-ZА-Я]{2,5}" },
	{ INTEGER, "1.5", MSG_NOT_INTEGER, NULL },
	{ INTEGER, "1e3", MSG_NOT_INTEGER, NULL },
	{ INTEGER, "\"7\"", MSG_NOT_INTEGER, NULL },
	{ INTEGER, "true", MSG_NOT_INTEGER, NULL },
	{ INTEGER, "9007199254740992", MSG_TOO_LARGE, "9007199254740991" },
	{ INTEGER, "-99999999999999999999999999", MSG_TOO_SMALL, "-9007199254740991" },
	{ PERCENT, "101", MSG_TOO_LARGE, "100" },
	{ PERCENT, "-1", MSG_TOO_SMALL, "0" },
	{ WEIGHT, "\"5.001\"", MSG_TOO_LARGE, "5.000" },
	{ WEIGHT, "\"1.2345\"", MSG_NOT_DECIMAL, "3" },
	{ MONEY, "\"226,90\"", MSG_NOT_DECIMAL, "2" },
	{ MONEY, "\"1.\"", MSG_NOT_DECIMAL, "2" },
	{ MONEY, "\".5\"", MSG_NOT_DECIMAL, "2" },
	{ MONEY, "\"--1\"", MSG_NOT_DECIMAL, "2" },
	{ MONEY, "\"99999999999999999\"", MSG_TOO_LARGE, "90071992547409.91" },
	{ MONEY, "false", MSG_WRONG_KIND, "money" },
	{ BOOLEAN, "\"true\"", MSG_NOT_BOOLEAN, NULL },
	{ BOOLEAN, "1", MSG_NOT_BOOLEAN, NULL },
	{ DAY, "\"2025-02-29\"", MSG_NOT_DAY, NULL },
	{ DAY, "\"21.11.2026\"", MSG_NOT_DAY, NULL },
	{ DAY, "20260101", MSG_NOT_DAY, NULL },
	{ BOUND_DAY, "\"1969-12-31\"", MSG_TOO_SMALL, "1970-01-01" },
	{ INSTANT, "\"2026-11-21 14:30\"", MSG_NOT_INSTANT, NULL },
	{ INSTANT, "\"2026-11-21T14:30:00\"", MSG_NOT_INSTANT, NULL },
	{ CHOICE, "\"green\"", MSG_NOT_CHOICE, "yellow, orange, red" },
	{ CHOICE, "\"Red\"", MSG_NOT_CHOICE, "yellow, orange, red" },
	{ CHOICE, "1", MSG_NOT_CHOICE, "yellow, orange, red" },
	{ REF, "\"PE-0000-00000\"", MSG_NOT_REFERENCE, NULL },
	{ REF, "\"anything\"", MSG_NOT_REFERENCE, NULL },
	{ REF, "{\"iin\": \"881013674038\"}", MSG_WRONG_KIND, "ref" },
	{ REF, "17", MSG_WRONG_KIND, "ref" },
	{ PLACE, "\"000000001\"", MSG_NOT_PLACE, NULL },
	{ PLACE, "750000000", MSG_NOT_PLACE, NULL },
	{ PLACE, "\"kz; drop\"", MSG_NOT_PLACE, NULL },
	{ POINT, "{\"lat\": 91, \"lon\": 0}", MSG_NOT_POINT, NULL },
	{ POINT, "{\"lat\": 4e1, \"lon\": 0}", MSG_NOT_POINT, NULL },
	{ POINT, "{\"lat\": 41}", MSG_NOT_POINT, NULL },
	{ POINT, "{\"lat\": 41, \"lon\": 1, \"alt\": 2}", MSG_NOT_POINT, NULL },
	{ POINT, "\"43.25 76.94\"", MSG_NOT_POINT, NULL },
	{ NAME, "\"R2D2\"", MSG_NOT_NAME, NULL },
	{ NAME, "\"\"", MSG_TEXT_EMPTY, NULL },
	{ IIN, "\"88101367403\"", MSG_IIN_LENGTH, NULL },
	{ IIN, "881013674038", MSG_WRONG_KIND, "iin" },
	{ IIN, "\"881013674039\"", MSG_CHECK_DIGIT, NULL },
	{ IIN, "\"881313674038\"", MSG_IIN_BIRTH, NULL },
	{ BIN, "\"12\"", MSG_BIN_LENGTH, NULL },
	{ DOCUMENT, "{\"state\": \"QQQ\", \"number\": \"AA1234567\"}", MSG_NOT_STATE, "QQQ" },
	{ DOCUMENT, "{\"state\": \"UZB\"}", MSG_NOT_DOCUMENT, NULL },
	{ DOCUMENT, "{\"state\": \"UZB\", \"number\": 5, \"x\": 1}", MSG_NOT_DOCUMENT, NULL },
	{ PHONE, "\"12\"", MSG_NOT_PHONE, NULL },
	{ EMAIL, "\"a@\"", MSG_NOT_EMAIL, NULL },
	{ COUNTRY, "\"XX\"", MSG_NOT_COUNTRY, NULL },
	{ LIST, "{}", MSG_WRONG_KIND, "list" },
	{ LIST, "[{\"nr\": 1}, {\"nr\": 2}, {\"nr\": 3}]", MSG_LIST_TOO_LONG, "2" },
	{ FILES, "\"PE-0000-00000\"", MSG_NOT_FILE, NULL },
	{ NUMBER, "\"1-2026-00001\"", MSG_GIVEN_BY_ENGINE, NULL },
	{ NUMBER, "null", MSG_GIVEN_BY_ENGINE, NULL },
};

static void
what_is_wrong_is_said(void **state)
{
	struct world *world = *state;
	for (size_t i = 0; i < ARRAY_COUNT(wrong_cases); i++) {
		struct input input = { 0 };
		const struct problem_item *item = &world->problem.items[0];

		if (parse(world, &fields[wrong_cases[i].field], wrong_cases[i].json, &input) != ERR_BAD_INPUT)
			fail_msg("%s should be refused", wrong_cases[i].json);
		assert_int_equal(world->problem.item_count, 1);
		if (item->message != wrong_cases[i].message)
			fail_msg("%s: %s instead of %s", wrong_cases[i].json, message_name(item->message),
				 message_name(wrong_cases[i].message));
		assert_string_equal(item->field, fields[wrong_cases[i].field].name);
		if (wrong_cases[i].argument != NULL)
			assert_string_equal(item->arguments[0], wrong_cases[i].argument);
		for (int language = 0; language < LANGUAGE_COUNT; language++)
			assert_true(strlen(message_print(world->arena, item->message, language, item->arguments)) > 0);
	}
}

static void
texts_of_files_and_the_command_line_are_read_loosely(void **state)
{
	struct world *world = *state;
	static const struct {
		int field;
		const char *text, *printed;
	} cases[] = {
		{ INTEGER, " 12 ", "12" },
		{ MONEY, "226,90", "\"226.90\"" },
		{ BOOLEAN, "ИӘ", "true" },
		{ BOOLEAN, "да", "true" },
		{ BOOLEAN, "No", "false" },
		{ BOOLEAN, "0", "false" },
		{ DAY, "21.11.2026", "\"2026-11-21\"" },
		{ POINT, "43.25 76.94", "{\"lat\":43.2500000,\"lon\":76.9400000}" },
		{ POINT, "-43.25, 76.94", "{\"lat\":-43.2500000,\"lon\":76.9400000}" },
		{ DOCUMENT, "UZB AA1234567", "{\"state\":\"UZB\",\"number\":\"AA1234567\"}" },
		{ TEXT, "true", "\"true\"" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct input input = { 0 };

		problem_init(&world->problem, world->arena);
		if (input_parse_text(&world->context, &fields[cases[i].field], cases[i].text, &world->problem,
				     &input) != OK)
			fail_msg("%s should be read", cases[i].text);
		assert_string_equal(print(world, &fields[cases[i].field], &input), cases[i].printed);
	}
	struct input blank = { .kind = INPUT_VALUE };

	assert_int_equal(input_parse_text(&world->context, &fields[DAY], " \t", NULL, &blank), OK);
	assert_int_equal(blank.kind, INPUT_ABSENT);
	assert_int_equal(input_parse_text(&world->context, &fields[TEXT], "\xff\xfe", NULL, &blank), ERR_BAD_INPUT);
}

static const char *
reference_to(struct world *world, const char *prefix, int64_t id)
{
	char text[REFERENCE_BYTES_MAX];

	return arena_printf(world->arena, "\"%s\"", reference_print(world->references, prefix, id, text));
}

static const struct reg *
organisation_of(void *registry, int64_t id)
{
	struct world *world = registry;

	return id == 77 ? pack_reg(world->pack, "organisation") : NULL;
}

static void
references_are_decoded_and_printed_with_their_registers_prefix(void **state)
{
	struct world *world = *state;
	struct input input = { 0 };
	const char *person = reference_to(world, fields[REF].to[0]->prefix, 76);
	const char *organisation = reference_to(world, fields[REF].to[1]->prefix, 77);
	const char *dwelling = reference_to(world, pack_reg(world->pack, "dwelling")->prefix, 78);
	const char *file = reference_to(world, INPUT_FILE_PREFIX, 79);

	world->context.reg_of = organisation_of;
	world->context.registry = world;
	assert_int_equal(parse(world, &fields[REF], person, &input), OK);
	assert_int_equal(input.values[0].integer, 76);
	assert_string_equal(print(world, &fields[REF], &input), person);
	assert_int_equal(parse(world, &fields[REF], organisation, &input), OK);
	assert_string_equal(print(world, &fields[REF], &input), organisation);
	assert_int_equal(parse(world, &fields[REF], dwelling, &input), ERR_BAD_INPUT);
	assert_int_equal(world->problem.items[0].message, MSG_REFERENCE_KIND);
	assert_string_equal(world->problem.items[0].arguments[0], "person, organisation");
	assert_int_equal(parse(world, &fields[FILES], file, &input), OK);
	assert_string_equal(print(world, &fields[FILES], &input), file);
	world->context.reg_of = NULL;
}

static void
a_record_may_be_named_by_its_resolve_fields(void **state)
{
	struct world *world = *state;
	struct input input = { 0 };

	assert_int_equal(
		parse(world, &fields[RESOLVE], "{\"family_name\": \"Ахметов\", \"iin\": \"881013674038\"}", &input),
		OK);
	assert_int_equal(input.kind, INPUT_RESOLVE);
	assert_int_equal(input.resolve[0].values[0].integer, 881013674038);
	assert_string_equal(input.resolve[1].values[0].text, "Ахметов");
	assert_int_equal(input_parse_text(&world->context, &fields[RESOLVE], "881013674038 / Ахметов", NULL, &input),
			 OK);
	assert_string_equal(input.resolve[1].values[0].text, "Ахметов");
	assert_int_equal(input_parse_text(&world->context, &fields[RESOLVE], "881013674038", NULL, &input),
			 ERR_BAD_INPUT);
	assert_int_equal(parse(world, &fields[RESOLVE], "{\"iin\": \"1\", \"sex\": \"f\"}", &input), ERR_BAD_INPUT);
	assert_int_equal(world->problem.item_count, 3);
	assert_string_equal(world->problem.items[0].field, "guest.iin");
	assert_string_equal(world->problem.items[1].field, "guest.family_name");
	assert_int_equal(world->problem.items[1].message, MSG_REQUIRED);
	assert_string_equal(world->problem.items[2].field, "guest.sex");
}

static void
rows_of_a_list_are_checked_like_a_body(void **state)
{
	struct world *world = *state;
	struct input input = { 0 };

	assert_int_equal(parse(world, &fields[LIST], "[{\"nr\": 1, \"what\": \"a\"}, {\"nr\": 2}]", &input), OK);
	assert_int_equal(input.kind, INPUT_LIST);
	assert_int_equal(input.row_count, 2);
	assert_int_equal(input.rows[2].values[0].integer, 2);
	assert_int_equal(input.rows[3].kind, INPUT_ABSENT);
	assert_int_equal(parse(world, &fields[LIST], "[]", &input), OK);
	assert_int_equal(input.row_count, 0);
	assert_int_equal(parse(world, &fields[LIST], "[{\"nr\": 1}, {\"what\": 7}]", &input), ERR_BAD_INPUT);
	assert_int_equal(world->problem.item_count, 2);
	assert_string_equal(world->problem.items[0].field, "list[1].nr");
	assert_string_equal(world->problem.items[1].field, "list[1].what");
	assert_int_equal(parse(world, &fields[LIST], "[5]", &input), ERR_BAD_INPUT);
	assert_string_equal(world->problem.items[0].field, "list[0]");
	assert_int_equal(input_parse_text(&world->context, &fields[LIST], "[{\"nr\": 3}]", NULL, &input), OK);
	assert_int_equal(input.rows[0].values[0].integer, 3);
	assert_int_equal(input_parse_text(&world->context, &fields[LIST], "[{", NULL, &input), ERR_BAD_INPUT);
}

static void
a_body_reports_every_fault_at_once(void **state)
{
	struct world *world = *state;
	struct field asked[] = { fields[DAY], fields[IIN], fields[TEXT], fields[NUMBER], fields[CHOICE] };
	struct input *inputs = NULL;

	asked[0].required = asked[2].required = asked[4].required = true;
	asked[4].default_value = "'red'";
	problem_init(&world->problem, world->arena);
	assert_int_equal(input_parse_body(&world->context, asked, 5,
					  node_of(world, "{\"dey\": 1, \"iin\": \"1\", \"text\": null}"), false,
					  &world->problem, &inputs),
			 ERR_BAD_INPUT);
	assert_int_equal(world->problem.item_count, 4);
	assert_string_equal(world->problem.items[0].field, "day");
	assert_string_equal(world->problem.items[1].field, "iin");
	assert_int_equal(world->problem.items[2].message, MSG_REQUIRED);
	assert_string_equal(world->problem.items[3].field, "dey");
	assert_string_equal(world->problem.items[3].arguments[0], "day");
	assert_int_equal(
		input_parse_body(&world->context, asked, 5, node_of(world, "{\"iin\": null}"), true, NULL, &inputs),
		OK);
	assert_int_equal(inputs[0].kind, INPUT_ABSENT);
	assert_int_equal(inputs[1].kind, INPUT_VALUE);
	assert_int_equal(inputs[1].values[0].kind, VALUE_NULL);
	assert_int_equal(input_parse_body(&world->context, asked, 5, node_of(world, "[]"), true, NULL, &inputs),
			 ERR_BAD_INPUT);
}

static void
a_place_counts_only_while_it_exists(void **state)
{
	struct world *world = *state;
	struct place places[] = { { .id = 10, .code = "10", .valid_from = 100, .valid_to = 200 } };
	struct pack pack = *world->pack;
	struct input_context context = world->context;
	struct input input = { 0 };
	const struct node *node = node_of(world, "\"10\"");

	pack.places = places;
	pack.place_count = 1;
	context.pack = &pack;
	context.today = 200;
	assert_int_equal(input_parse(&context, &fields[PLACE], node, NULL, &input), OK);
	context.today = 201;
	problem_init(&world->problem, world->arena);
	assert_int_equal(input_parse(&context, &fields[PLACE], node, &world->problem, &input), ERR_BAD_INPUT);
	assert_int_equal(world->problem.items[0].message, MSG_PLACE_ENDED);
	assert_string_equal(world->problem.items[0].arguments[0], "1970-07-21");
	context.today = 99;
	assert_int_equal(input_parse(&context, &fields[PLACE], node, NULL, &input), ERR_BAD_INPUT);
	context.today = DAY_NONE;
	assert_int_equal(input_parse(&context, &fields[PLACE], node, NULL, &input), OK);
}

static void
hostile_bodies_cost_little(void **state)
{
	struct world *world = *state;
	AUTO(strbuf_done) struct strbuf body = { 0 };
	struct input *inputs = NULL;

	strbuf_char(&body, '{');
	for (int i = 0; i < 20000; i++)
		strbuf_printf(&body, "%s\"%050d\": %d", i == 0 ? "" : ",", i, i);
	strbuf_char(&body, '}');
	problem_init(&world->problem, world->arena);
	assert_int_equal(input_parse_body(&world->context, fields, FIELDS, node_of(world, body.text), true,
					  &world->problem, &inputs),
			 ERR_BAD_INPUT);
	assert_int_equal(world->problem.item_count, PROBLEM_ITEMS_MAX);
	struct field slow = { .name = "slow", .type = FIELD_TEXT, .pattern = "(a+)+(b+)+c" };
	struct input input = { 0 };

	assert_int_equal(
		parse(world, &slow, "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", &input),
		ERR_BAD_INPUT);
}

/* Print, then parse: the same value, for many numbers of each kind. */
static void
printing_and_parsing_are_inverse(void **state)
{
	struct world *world = *state;
	static const int kinds[] = { INTEGER, MONEY, DAY, INSTANT };
	uint64_t random = 1;

	for (int i = 0; i < 4000; i++) {
		const struct field *field = &fields[kinds[i % 4]];
		struct input input = { .kind = INPUT_VALUE, .value_count = 1 }, again = { 0 };

		random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
		int64_t number = (int64_t)(random >> 11) - (INT64_C(1) << 52);
		if (field->type == FIELD_DAY)
			number = DAY_FIRST + (int64_t)((random >> 20) % (uint64_t)(DAY_LAST - DAY_FIRST + 1));
		else if (field->type == FIELD_INSTANT)
			number %= INT64_C(60000000000000);
		input.values[0] = value_integer(number);
		assert_int_equal(parse(world, field, print(world, field, &input), &again), OK);
		assert_true(value_equal(&input.values[0], &again.values[0]));
	}
}

static void
people_read_values_in_their_language(void **state)
{
	struct world *world = *state;
	const struct input_context *context = &world->context;
	struct value day = value_integer(20778), money = value_integer(-22690), yes = value_boolean(true);
	struct value instant = value_integer(INT64_C(1795271400000)), root = value_integer(world->pack->place_root);
	struct value document = value_text("UZB:AA1234567"), none = value_null(), red = value_text("red");

	assert_string_equal(input_print_text(context, NULL, &fields[DAY], &day, LANGUAGE_KK), "21.11.2026");
	assert_string_equal(input_print_text(context, NULL, &fields[DAY], &day, LANGUAGE_EN), "2026-11-21");
	assert_string_equal(input_print_text(context, NULL, &fields[MONEY], &money, LANGUAGE_RU), "-226,90");
	assert_string_equal(input_print_text(context, NULL, &fields[MONEY], &money, LANGUAGE_EN), "-226.90");
	assert_string_equal(input_print_text(context, NULL, &fields[BOOLEAN], &yes, LANGUAGE_KK), "иә");
	assert_string_equal(input_print_text(context, NULL, &fields[INSTANT], &instant, LANGUAGE_RU),
			    "21.11.2026 19:30");
	assert_string_equal(input_print_text(context, NULL, &fields[DOCUMENT], &document, LANGUAGE_EN),
			    "UZB AA1234567");
	assert_string_equal(input_print_text(context, NULL, &fields[CHOICE], &red, LANGUAGE_EN), "red");
	assert_string_equal(input_print_text(context, NULL, &fields[DAY], &none, LANGUAGE_EN), "");
	assert_true(strlen(input_print_text(context, NULL, &fields[PLACE], &root, LANGUAGE_RU)) > 0);
}

static void
every_type_has_a_schema(void **state)
{
	struct world *world = *state;
	static const struct {
		int field;
		const char *part;
	} cases[] = {
		{ PLATE, "\"pattern\":\"^(?:[0-9A-ZА-Я]{2,5})$\"" },
		{ SHORT, "\"minLength\":3,\"maxLength\":5" },
		{ PERCENT, "\"minimum\":0,\"maximum\":100" },
		{ WEIGHT, "\"pattern\":\"^-?[0-9]+(\\\\.[0-9]{1,3})?$\"" },
		{ CHOICE, "\"enum\":[\"yellow\",\"orange\",\"red\"]" },
		{ DAY, "\"format\":\"date\"" },
		{ RESOLVE, "\"required\":[\"iin\",\"family_name\"]" },
		{ LIST, "\"maxItems\":2,\"items\":{\"type\":\"object\",\"additionalProperties\":false" },
		{ NUMBER, "\"readOnly\":true" },
	};

	for (int i = 0; i < FIELDS; i++) {
		AUTO(strbuf_done) struct strbuf out = { 0 };
		struct json json = { .out = &out };

		input_schema(world->pack, NULL, &fields[i], LANGUAGE_EN, &json);
		assert_int_equal(node_of(world, out.text)->kind, NODE_MAP);
		for (size_t k = 0; k < ARRAY_COUNT(cases); k++)
			if (cases[k].field == i && strstr(out.text, cases[k].part) == NULL)
				fail_msg("%s lacks %s", out.text, cases[k].part);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_and_printed_back),
		cmocka_unit_test(a_ranked_choice_has_its_rank),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(texts_of_files_and_the_command_line_are_read_loosely),
		cmocka_unit_test(references_are_decoded_and_printed_with_their_registers_prefix),
		cmocka_unit_test(a_record_may_be_named_by_its_resolve_fields),
		cmocka_unit_test(rows_of_a_list_are_checked_like_a_body),
		cmocka_unit_test(a_body_reports_every_fault_at_once),
		cmocka_unit_test(a_place_counts_only_while_it_exists),
		cmocka_unit_test(hostile_bodies_cost_little),
		cmocka_unit_test(printing_and_parsing_are_inverse),
		cmocka_unit_test(people_read_values_in_their_language),
		cmocka_unit_test(every_type_has_a_schema),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
