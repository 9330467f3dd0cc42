#include "cli/demo_value.h"
#include <stdlib.h>
#include <string.h>
#include "base/day.h"
#include "base/strbuf.h"

enum { NESTED_MAX = 4 };

struct making {
	const struct demo_maker *maker;
	const struct input_context *context;
	const struct demo_row *row;
	struct problem *problem;
	struct input *inputs;
	int64_t *values;
	struct demo_person person;
	struct demo_address address;
	bool has_person, has_address;
};

static uint64_t
draw(const struct making *making, const char *salt)
{
	const struct demo_row *row = making->row;

	return demo_random(making->maker->seed, row->step->index + 1, row->row, row->attempt, salt);
}

static enum error
wrong(const struct making *making, const struct node *node)
{
	const char *found = node->kind == NODE_MAP && node->count > 0 ? node->keys[0] : node->text;

	return problem_add_at(making->problem, ERR_BAD_INPUT, "demo.yaml", node->line, 0, MSG_NOT_ALLOWED_HERE,
			      (const char *const[3]){ found, NULL, NULL });
}

static int64_t
number_of(const struct node *node)
{
	return node->text == NULL ? 0 : strtoll(node->text, NULL, 10);
}

static bool
is_range(const struct node *node)
{
	return node->kind == NODE_LIST && node->count == 2;
}

static int64_t
between(const struct node *range, uint64_t random)
{
	int64_t low = number_of(&range->items[0]), high = number_of(&range->items[1]);

	return high <= low ? low : low + (int64_t)(random % (uint64_t)(high - low + 1));
}

/* ---- values as texts ---- */

static enum error
person_text(struct making *making, const struct node *node, const char **ret_text)
{
	const struct demo_person *person = &making->person;
	char day[DAY_TEXT_BYTES];

	if (!making->has_person)
		demo_world_person(making->maker->world, making->context->arena, draw(making, "person"), making->row->nr,
				  making->row->step->foreign, &making->person);
	making->has_person = true;
	const struct {
		const char *name, *text;
	} parts[] = {
		{ "iin", person->iin },
		{ "document", person->document },
		{ "family_name", person->family_name },
		{ "given_name", person->given_name },
		{ "patronymic", person->patronymic },
		{ "citizenship", person->state },
		{ "email", person->email },
		{ "language", person->language },
	};

	if (strcmp(node->text, "birth_day") == 0) {
		*ret_text = arena_text(making->context->arena, day_print(person->birth_day, day));
		return OK;
	}
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		if (strcmp(parts[i].name, node->text) != 0)
			continue;
		*ret_text = parts[i].text;
		return OK;
	}
	return wrong(making, node);
}

static enum error
address_text(struct making *making, const struct node *node, const char **ret_text)
{
	const struct demo_address *address = &making->address;

	if (!making->has_address)
		demo_world_address(making->maker->world, draw(making, "address"), &making->address);
	making->has_address = true;
	if (address->place == NULL)
		return OK;
	if (strcmp(node->text, "place") == 0)
		*ret_text = address->place->code;
	else if (strcmp(node->text, "point") == 0)
		*ret_text = !address->has_point
				    ? NULL
				    : arena_printf(making->context->arena, "%.6f %.6f", address->lat, address->lon);
	else
		return wrong(making, node);
	return OK;
}

/* One of each list, with blanks between. */
static enum error
words_text(const struct making *making, const struct node *lists, const char *salt, const char **ret_text)
{
	const char *text = NULL;

	for (size_t i = 0; i < lists->count; i++) {
		const struct node *list = &lists->items[i];
		uint64_t random = draw(making, arena_printf(making->context->arena, "%s%zu", salt, i));

		if (list->kind != NODE_LIST || list->count == 0)
			return wrong(making, list);
		const char *word = list->items[random % list->count].text;

		text = text == NULL ? word : arena_printf(making->context->arena, "%s %s", text, word);
	}
	*ret_text = text;
	return OK;
}

static enum error
choice_text(const struct making *making, const struct node *weights, const char *salt, const char **ret_text)
{
	int64_t all = 0;

	for (size_t i = 0; i < weights->count; i++)
		all += number_of(&weights->items[i]);
	if (weights->kind != NODE_MAP || all <= 0)
		return wrong(making, weights);
	int64_t at = (int64_t)(draw(making, salt) % (uint64_t)all);

	for (size_t i = 0; i < weights->count; i++) {
		at -= number_of(&weights->items[i]);
		if (at >= 0)
			continue;
		*ret_text = weights->keys[i];
		return OK;
	}
	return OK;
}

/* Hundredths, as a decimal. */
static const char *
hundredths_text(struct arena *arena, int64_t number)
{
	return arena_printf(arena, "%lld.%02lld", (long long)(number / 100), (long long)(number % 100));
}

/* ---- values as whole numbers ---- */

static int64_t
value_of_argument(const struct making *making, const char *name)
{
	const struct field *arg = action_arg(making->row->step->action, name);

	return arg == NULL ? DAY_NONE : making->values[arg->index];
}

/* {day: [-300, -1]}, counted from today; with `after` from another argument, with `past` at most today less one. */
static enum error
day_number(const struct making *making, const struct node *node, const char *salt, int64_t *ret_number)
{
	const struct node *range = node_get(node, "day");
	const char *after = node_text(node, "after");
	int64_t from = after == NULL ? making->maker->today : value_of_argument(making, after);

	if (!is_range(range))
		return wrong(making, node);
	if (from == DAY_NONE && after != NULL && making->row->item_pool != NULL)
		from = demo_pool_value(making->row->item_pool, making->row->item, after);
	if (from == DAY_NONE)
		return wrong(making, node);
	*ret_number = from + between(range, draw(making, salt));
	if (node_text(node, "past") != NULL && *ret_number > making->maker->today)
		*ret_number = making->maker->today;
	return OK;
}

/* {pool: ownership, field: owner}: the same record wherever a row names the pool, unless `other` tells them apart. */
static enum error
pool_number(const struct making *making, const struct node *node, int64_t *ret_number)
{
	const struct demo_pool *pool = demo_plan_pool(making->maker->plan, node_text(node, "pool"));
	const char *other = node_text(node, "other");

	if (pool == NULL)
		return wrong(making, node);
	if (pool->count == 0)
		return OK;
	const char *salt = arena_printf(making->context->arena, "pool %s %s", pool->name, other == NULL ? "" : other);

	*ret_number = demo_pool_value(pool, draw(making, salt) % pool->count, node_text(node, "field"));
	return OK;
}

static enum error
item_number(const struct making *making, const struct node *node, int64_t *ret_number)
{
	const char *field = node_text(node, "item");

	if (making->row->item_pool == NULL)
		return wrong(making, node);
	*ret_number =
		demo_pool_value(making->row->item_pool, making->row->item, strcmp(field, "record") == 0 ? NULL : field);
	return OK;
}

/* ---- one argument ---- */

static enum error
take_number(struct making *making, const struct field *arg, int64_t number)
{
	if (number == DAY_NONE)
		return OK;
	making->values[arg->index] = number;
	making->inputs[arg->index] =
		(struct input){ .kind = INPUT_VALUE, .values = { value_integer(number) }, .value_count = 1 };
	return OK;
}

static enum error
take_text(struct making *making, const struct field *arg, const char *text)
{
	return text == NULL
		       ? OK
		       : input_parse_text(making->context, arg, text, making->problem, &making->inputs[arg->index]);
}

static enum error
make_text(struct making *making, const struct node *node, const char *salt, const char **ret_text)
{
	struct arena *arena = making->context->arena;
	const struct node *value = NULL;

	if ((value = node_get(node, "person")) != NULL)
		return person_text(making, value, ret_text);
	if ((value = node_get(node, "address")) != NULL)
		return address_text(making, value, ret_text);
	if ((value = node_get(node, "words")) != NULL)
		return words_text(making, value, salt, ret_text);
	if ((value = node_get(node, "choice")) != NULL)
		return choice_text(making, value, salt, ret_text);
	if ((value = node_get(node, "text")) != NULL)
		*ret_text = value->text;
	else if ((value = node_get(node, "bin")) != NULL)
		*ret_text = demo_world_bin(arena, making->row->nr);
	else if ((value = node_get(node, "integer")) != NULL && is_range(value))
		*ret_text = arena_printf(arena, "%lld", (long long)between(value, draw(making, salt)));
	else if ((value = node_get(node, "hundredths")) != NULL && is_range(value))
		*ret_text = hundredths_text(arena, between(value, draw(making, salt)));
	else
		return wrong(making, node);
	return OK;
}

static enum error
make_argument(struct making *making, const struct field *arg, const struct node *node, int depth)
{
	const char *salt = arena_printf(making->context->arena, "%s %d", arg->name, depth);
	const char *chance = node_text(node, "chance"), *text = NULL;
	int64_t number = DAY_NONE;

	if (node->kind != NODE_MAP)
		return take_text(making, arg, node->text);
	if (chance != NULL && (int64_t)(draw(making, arena_printf(making->context->arena, "chance %s", salt)) % 100) >=
				      strtoll(chance, NULL, 10)) {
		const struct node *otherwise = node_get(node, "else");

		if (depth == NESTED_MAX)
			return wrong(making, node);
		return otherwise == NULL ? OK : make_argument(making, arg, otherwise, depth + 1);
	}
	if (node_get(node, "day") != NULL)
		TRY(day_number(making, node, salt, &number));
	else if (node_get(node, "pool") != NULL)
		TRY(pool_number(making, node, &number));
	else if (node_get(node, "item") != NULL)
		TRY(item_number(making, node, &number));
	else
		TRY(make_text(making, node, salt, &text));
	return number != DAY_NONE ? take_number(making, arg, number) : take_text(making, arg, text);
}

enum error
demo_value_make(const struct demo_maker *maker, const struct input_context *context, const struct demo_row *row,
		struct problem *problem, struct input *inputs, int64_t *values)
{
	struct making making = {
		.maker = maker, .context = context, .row = row, .problem = problem, .inputs = inputs, .values = values
	};

	for (size_t i = 0; i < row->step->action->arg_count; i++)
		values[i] = DAY_NONE;
	for (size_t i = 0; i < row->step->with_count; i++)
		TRY(make_argument(&making, row->step->with[i].arg, row->step->with[i].value, 0));
	return OK;
}
