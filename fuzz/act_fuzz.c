/* A request's body through the tables of real actions: "register/action", a line's end, JSON. What is not said is taken
 * from the bytes, so that any input meets some action. Whatever is taken is printed as a value that is taken again and
 * is the same, and is shown to people as clean text; a refusal names what is wrong. */
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "pack/input.h"
#include "text/json.h"
#include "text/reference.h"
#include "text/utf8.h"
#include "text/zone.h"

struct world {
	struct pack *pack;
	struct input_context context;
	struct zone *zone;
};

static struct world *
open_world(void)
{
	static const unsigned char key[REFERENCE_KEY_BYTES] = { 7 };
	static struct world world;
	struct pack_report report;

	if (world.pack != NULL)
		return &world;
	pack_report_init(&report);
	enum error e = pack_load("packs/kz", &report, &world.pack);

	if (e == OK)
		e = zone_open("Asia/Almaty", &world.zone);
	assert(e == OK); /* begun in the project's folder? */
	pack_report_done(&report);
	world.context = (struct input_context){
		.pack = world.pack, .references = reference_key_new(key), .zone = world.zone, .today = 20779
	};
	return &world;
}

/* The action that the first line names, else one of those that there are. */
static const struct action *
choose(const struct pack *pack, struct arena *arena, const char *line, size_t bytes)
{
	const char *slash = memchr(line, '/', bytes);
	size_t sum = 0, actions = 0;

	if (slash != NULL) {
		const struct reg *reg = pack_reg(pack, arena_copy(arena, line, (size_t)(slash - line)));
		const struct action *action =
			reg == NULL ? NULL
				    : reg_action(reg, arena_copy(arena, slash + 1, bytes - (size_t)(slash + 1 - line)));

		if (action != NULL)
			return action;
	}
	for (size_t i = 0; i < bytes; i++)
		sum = 31 * sum + (unsigned char)line[i];
	for (size_t i = 0; i < pack->reg_count; i++)
		actions += pack->regs[i].action_count;
	sum %= actions;
	for (size_t i = 0;; i++) {
		if (sum < pack->regs[i].action_count)
			return &pack->regs[i].actions[sum];
		sum -= pack->regs[i].action_count;
	}
}

static void
check_value(const struct input_context *context, const struct reg *reg, const struct field *field,
	    const struct input *input)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const struct node *node = NULL;
	struct problem problem;
	struct input again;

	input_print_json(context, field, input->values, &json);
	enum error e = node_parse_json(context->arena, out.text, out.bytes, NULL, &node);

	assert(e == OK);
	problem_init(&problem, context->arena);
	e = input_parse(context, field, node, &problem, &again);
	assert(e == OK && again.kind == INPUT_VALUE && again.value_count == input->value_count);
	for (size_t i = 0; i < input->value_count; i++)
		assert(value_equal(&again.values[i], &input->values[i]));
	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		const char *text = input_print_text(context, reg, field, input->values, (enum language)language);

		assert(utf8_is_valid(text, strlen(text)));
	}
}

static void
check_inputs(const struct input_context *context, const struct reg *reg, const struct field *fields, size_t count,
	     const struct input *inputs)
{
	for (size_t i = 0; i < count; i++) {
		const struct input *input = &inputs[i];

		if (input->kind == INPUT_VALUE && input->value_count > 0 && input->values[0].kind != VALUE_NULL)
			check_value(context, reg, &fields[i], input);
		for (size_t row = 0; input->kind == INPUT_LIST && row < input->row_count; row++)
			check_inputs(context, reg, fields[i].items, fields[i].item_count,
				     &input->rows[row * fields[i].item_count]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct world *world = open_world();
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *text = (const char *)bytes, *end = memchr(text, '\n', count);
	size_t line = end == NULL ? 0 : (size_t)(end - text);
	const struct action *action = choose(world->pack, arena, text, line);
	struct input_context context = world->context;
	const struct node *body = NULL;
	struct input *inputs = NULL;
	struct problem problem;

	text += end == NULL ? 0 : line + 1;
	count -= end == NULL ? 0 : line + 1;
	context.arena = arena;
	if (node_parse_json(arena, text, count, NULL, &body) != OK)
		return 0;
	for (int partial = 0; partial < 2; partial++) {
		problem_init(&problem, arena);
		enum error e = input_parse_body(&context, action->args, action->arg_count, body, partial != 0, &problem,
						&inputs);

		assert(e == OK || problem.item_count > 0);
		if (e == OK)
			check_inputs(&context, action->reg, action->args, action->arg_count, inputs);
	}
	return 0;
}
