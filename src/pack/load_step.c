/* load_step.c - `also`: steps that an action takes along. */
#include <string.h>
#include "pack/load.h"
#include "pack/scan.h"

static const char *const engine_parameters[] = { "record", "me", "today", "now", NULL };
enum { STEPS_MAX = 100 };

static const struct field *
find_target(struct loader *loader, struct place_in_file at, const struct draft_action *target, const char *name)
{
	const struct action *action = target->action;
	const struct field *arg = action_arg(action, name);

	if (arg != NULL || target->broken)
		return arg;
	const char **names = arena_array_of(loader->arena, const char *, action->arg_count);

	for (size_t i = 0; i < action->arg_count; i++)
		names[i] = action->args[i].name;
	load_fault(loader, at, "“%s.%s” has no argument and takes no field “%.60s”%s", action->reg->name, action->name,
		   name, load_nearest(loader, name, names, action->arg_count));
	return NULL;
}

static void
read_with(struct loader *loader, const struct words *words, const struct draft_action *target,
	  const struct sql_scope *scope, struct step *step)
{
	const struct node *node = words_get(words, "with");
	size_t count = node == NULL ? 0 : node->count;
	struct assignment *with = arena_array_of(loader->arena, struct assignment, count);

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { words->file, node->key_lines[i] };
		const char *value = node->items[i].kind == NODE_TEXT ? node->items[i].text : "";
		const struct field *arg = find_target(loader, at, target, node->keys[i]);

		if (value[0] == '\0')
			load_fault(loader, at, "“with” of “%.60s” needs one value", node->keys[i]);
		else if (load_check_value(loader, at, value, scope) && arg != NULL)
			with[step->with_count++] = (struct assignment){ .target = arg, .value = value };
	}
	step->with = with;
	/* The columns of `each` may bring the rest; store/vet.h sees them. */
	for (size_t i = 0; step->each == NULL && !target->broken && i < target->action->arg_count; i++) {
		const struct field *arg = &target->action->args[i];

		if (arg->required && node_get(node, arg->name) == NULL)
			load_fault(loader, step->at, "the step gives “%s.%s” no “%s”, which is required",
				   target->action->reg->name, target->action->name, arg->name);
	}
}

static void
check_record(struct loader *loader, const struct words *words, const struct draft_action *target,
	     const struct sql_scope *scope, struct step *step)
{
	step->record = words_text(words, "record");
	if (step->record != NULL) {
		step->record_is_select = pack_scan_is_select(step->record);
		load_check_value(loader, words_at(words, "record"), step->record, scope);
	}
	if (target->broken || words->faulty)
		return;
	if (target->action->new_state != NULL && step->record != NULL)
		load_fault(loader, words_at(words, "record"), "“%s.%s” makes a new record; the step names none",
			   target->action->reg->name, target->action->name);
	if (target->action->new_state == NULL && step->record == NULL)
		load_fault(loader, step->at, "“%s.%s” acts on a record: the step needs “record”",
			   target->action->reg->name, target->action->name);
}

static void
read_step(struct loader *loader, const struct sql_scope *scope, const struct node *node, const char *file,
	  struct step *step)
{
	struct words words = words_read(loader, file, node, node->line, WORDS_STEP);
	const char *text = words_text(&words, "do");
	struct draft_reg *reg = NULL;
	struct draft_action *target =
		text == NULL ? NULL : load_need_action(loader, words_at(&words, "do"), text, &reg);

	if (target == NULL)
		return;
	target->is_run = true;
	*step = (struct step){ .at = { file, node->line }, .action = target->action, .reg = reg->reg };
	step->later = words_flag(&words, "later", false);
	step->each = words_text(&words, "each");
	if (strcmp(target->action->name, "correct") == 0)
		load_fault(loader, step->at, "“correct” is for people; a step cannot run it");
	if (step->each != NULL) {
		struct sql_scope each = *scope;

		each.what = "“each” of a step";
		load_check_select(loader, words_at(&words, "each"), step->each, &each);
	}
	check_record(loader, &words, target, scope, step);
	read_with(loader, &words, target, scope, step);
}

void
load_steps(struct loader *loader, struct draft_reg *draft, struct draft_action *action)
{
	const struct node *node = words_get(&action->words, "also");
	size_t count = node == NULL ? 0 : node->count;
	struct step *steps = arena_array_of(loader->arena, struct step, count);
	struct sql_scope scope = {
		.draft = action->action->new_state == NULL ? draft : NULL,
		.no_this = "a new record has no “this”",
		.action = action,
		.parameters = engine_parameters,
		.what = "a step",
	};

	if (count > STEPS_MAX)
		load_fault(loader, words_at(&action->words, "also"), "an action has at most %d steps, found %zu",
			   STEPS_MAX, count);
	for (size_t i = 0; i < count; i++) {
		read_step(loader, &scope, &node->items[i], action->words.file, &steps[i]);
		if (steps[i].action == NULL)
			action->broken = true; /* reported; the pack is not used */
	}
	action->action->steps = steps;
	action->action->step_count = count;
}
