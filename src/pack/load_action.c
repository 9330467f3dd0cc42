/* load_action.c - actions: states, arguments, who may run them, values, consent, the clock. */
#include <string.h>
#include "pack/load.h"
#include "pack/scan.h"

static const char *const engine_parameters[] = { "record", "me", "today", "now", NULL };
static const char *const clock_parameters[] = { "today", "now", NULL };

static bool
check_action_name(struct loader *loader, struct place_in_file at, const struct draft_reg *draft, const char *name)
{
	if (!scalar_is_name(name)) {
		load_fault(loader, at,
			   "“%.60s” is no name of an action: small letters, digits and _, a letter first, at most 40",
			   name);
		return false;
	}
	if (strcmp(name, "correct") == 0 || strcmp(name, "is") == 0 || strcmp(name, "agree") == 0 ||
	    strcmp(name, "refuse") == 0) {
		load_fault(loader, at, "the name “%s” is the engine's own%s", name,
			   strcmp(name, "correct") == 0 ? "; who may correct is told by “correct” of the register"
							: "");
		return false;
	}
	if (reg_field(draft->reg, name) != NULL)
		load_fault(loader, at, "a field and an action of “%s” are both named “%s”", draft->reg->name, name);
	return true;
}

static void
read_from(struct loader *loader, struct draft_action *draft)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "from", &items);
	const char **from = arena_array_of(loader->arena, const char *, count);

	for (size_t i = 0; i < count; i++) {
		bool twice = false;

		for (size_t k = 0; k < draft->action->from_count; k++)
			twice = twice || strcmp(from[k], items[i].text) == 0;
		if (twice)
			load_fault(loader, (struct place_in_file){ draft->words.file, items[i].line },
				   "the state “%s” stands here twice", items[i].text);
		else
			from[draft->action->from_count++] = items[i].text;
	}
	draft->action->from = from;
}

/* Words that need or exclude each other. */
static void
check_shape(struct loader *loader, struct draft_action *draft)
{
	const struct words *words = &draft->words;
	bool makes = words_text(words, "new") != NULL, acts = words_get(words, "from") != NULL;
	bool at = words_text(words, "at") != NULL, every = words_text(words, "every") != NULL;
	bool each = words_text(words, "each") != NULL;

	if (words->faulty || words->node == NULL)
		return;
	if (makes == acts)
		load_fault(loader, draft->action->at, "the action “%s” needs exactly one of “new” and “from”, found %s",
			   draft->action->name, makes ? "both" : "neither");
	if (makes && words_text(words, "to") != NULL)
		load_fault(loader, words_at(words, "to"), "“to” goes with “from”; “new” is the first state itself");
	if (at && !acts)
		load_fault(loader, words_at(words, "at"),
			   "“at” goes with “from”: the clock runs it on a record that exists");
	if (every && (!makes || !each))
		load_fault(loader, words_at(words, "every"), "“every” goes with “new” and “each”");
	if (each && !every)
		load_fault(loader, words_at(words, "each"), "“each” of an action goes with “every”");
	draft->broken = makes == acts;
}

static void
enter_action(struct loader *loader, struct draft_reg *reg, const char *name, const struct node *node,
	     struct place_in_file at)
{
	struct draft_action *draft = &reg->actions[reg->action_count];
	struct action *actions = reg->actions[0].action;

	draft->action = &actions[reg->action_count];
	*draft->action = (struct action){ .name = name, .reg = reg->reg, .at = at, .index = reg->action_count };
	draft->words = words_read(loader, at.file, node, at.line, WORDS_ACTION);
	draft->broken = draft->words.faulty;
	draft->action->new_state = words_text(&draft->words, "new");
	draft->action->to = words_text(&draft->words, "to");
	read_from(loader, draft);
	check_shape(loader, draft);
	if (words_get(&draft->words, "args") != NULL)
		load_fields(loader, at.file, words_get(&draft->words, "args"), FIELDS_OF_ACTION, &draft->pure);
	draft->broken = draft->broken || draft->pure.incomplete;
	reg->action_count++;
}

void
load_action_names(struct loader *loader, struct draft_reg *draft)
{
	const struct node *node = words_get(&draft->words, "actions");
	size_t count = node == NULL ? 0 : node->count;

	/* One more for the built-in `correct`. */
	draft->actions = arena_array_of(loader->arena, struct draft_action, count + 1);
	draft->actions[0].action = arena_array_of(loader->arena, struct action, count + 1);
	draft->reg->actions = draft->actions[0].action;
	draft->actions_broken = node == NULL;
	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { draft->words.file, node->key_lines[i] };

		if (check_action_name(loader, at, draft, node->keys[i]))
			enter_action(loader, draft, node->keys[i], &node->items[i], at);
		else
			draft->actions_broken = true;
	}
	draft->reg->action_count = draft->action_count;
}

struct request {
	struct field *args;
	const struct field **taken;
	size_t count;
};

static void
add_arg(struct loader *loader, struct request *request, struct place_in_file at, const struct field *field, bool taken)
{
	for (size_t i = 0; i < request->count; i++)
		if (strcmp(request->args[i].name, field->name) == 0) {
			load_fault(loader, at, "the action takes “%s” twice", field->name);
			return;
		}
	request->args[request->count] = *field;
	request->args[request->count].index = request->count;
	request->taken[request->count++] = taken ? field : NULL;
}

static void
read_args(struct loader *loader, const struct draft_reg *reg, struct draft_action *draft)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "takes", &items);
	struct request request = {
		.args = arena_array_of(loader->arena, struct field, count + draft->pure.count),
		.taken = arena_array_of(loader->arena, const struct field *, count + draft->pure.count),
	};

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { draft->words.file, items[i].line };
		const struct field *field = load_need_field(loader, at, reg, items[i].text);

		if (field == NULL)
			draft->broken = true;
		else if (field->type == FIELD_NUMBER)
			load_fault(loader, at, "“%s” is a number, which the engine gives itself", field->name);
		else
			add_arg(loader, &request, at, field, true);
	}
	for (size_t i = 0; i < draft->pure.count; i++)
		add_arg(loader, &request, draft->pure.fields[i].at, &draft->pure.fields[i], false);
	draft->args = request.args;
	draft->action->args = request.args;
	draft->action->taken = request.taken;
	draft->action->arg_count = request.count;
}

/* The built-in action `correct`: any state, every field but numbers, and why. */
static void
add_correct(struct loader *loader, struct draft_reg *draft)
{
	size_t field_count = draft->fields.count;
	struct draft_action *correct = &draft->actions[draft->action_count];
	struct request request = {
		.args = arena_array_of(loader->arena, struct field, field_count + 1),
		.taken = arena_array_of(loader->arena, const struct field *, field_count + 1),
	};
	struct field reason = { .name = reg_field(draft->reg, "reason") == NULL ? "reason" : "correct_reason",
				.at = words_at(&draft->words, "correct"),
				.type = FIELD_TEXT,
				.required = true,
				.has_max = true,
				.max = 500,
				.column = SIZE_MAX };

	correct->action = draft->action_count == 0 ? correct->action : draft->actions[0].action + draft->action_count;
	*correct->action =
		(struct action){ .name = "correct", .reg = draft->reg, .at = reason.at, .index = draft->action_count };
	for (size_t i = 0; i < field_count; i++) {
		struct field field = draft->fields.fields[i];

		if (field.type == FIELD_NUMBER)
			continue;
		field.required = false; /* only what is sent is corrected */
		add_arg(loader, &request, reason.at, &field, true);
		request.taken[request.count - 1] = &draft->fields.fields[i];
	}
	add_arg(loader, &request, reason.at, &reason, false);
	correct->args = request.args;
	correct->action->args = request.args;
	correct->action->taken = request.taken;
	correct->action->arg_count = request.count;
	draft->action_count++;
	draft->reg->action_count = draft->action_count;
}

void
load_action_args(struct loader *loader, struct draft_reg *draft)
{
	for (size_t i = 0; i < draft->action_count; i++)
		read_args(loader, draft, &draft->actions[i]);
	if (node_get(draft->words.node, "correct") != NULL)
		add_correct(loader, draft);
}

static bool
find_party(struct loader *loader, struct place_in_file at, const struct draft_reg *draft, const char *name,
	   struct subject *subject)
{
	const char **names = arena_array_of(loader->arena, const char *, draft->reg->party_count);

	subject->kind = SUBJECT_PARTY;
	subject->party = reg_party(draft->reg, name);
	if (subject->party != NULL || draft->parties_broken)
		return subject->party != NULL;
	for (size_t i = 0; i < draft->reg->party_count; i++)
		names[i] = draft->reg->parties[i].name;
	load_fault(loader, at, "the register “%s” has no party “%.60s”%s; roles are written “@role”", draft->reg->name,
		   name, load_nearest(loader, name, names, draft->reg->party_count));
	return false;
}

static bool
find_role(struct loader *loader, struct place_in_file at, const char *name, struct subject *subject)
{
	const char **names = arena_array_of(loader->arena, const char *, loader->role_count);

	subject->kind = SUBJECT_ROLE;
	subject->role = pack_role(loader->pack, name);
	if (subject->role != NULL || loader->roles_incomplete)
		return subject->role != NULL;
	for (size_t i = 0; i < loader->role_count; i++)
		names[i] = loader->roles[i].name;
	load_fault(loader, at, "roles.yaml has no role “%.60s”%s", name,
		   load_nearest(loader, name, names, loader->role_count));
	return false;
}

static bool
find_role_field(struct loader *loader, struct place_in_file at, const struct draft_reg *draft, const char *name,
		struct subject *subject)
{
	subject->kind = SUBJECT_ROLE_FIELD;
	subject->field = load_need_field(loader, at, draft, name);
	if (subject->field == NULL)
		return false;
	if (subject->field->type == FIELD_TEXT || subject->field->type == FIELD_CHOICE)
		return true;
	load_fault(loader, at, "“@.%s”: a field that names a role is a text or a choice, found the type %s", name,
		   field_type_name(subject->field->type));
	return false;
}

static bool
find_argument(struct loader *loader, struct place_in_file at, const struct draft_action *draft, const char *name,
	      struct subject *subject)
{
	subject->kind = SUBJECT_ARGUMENT;
	subject->field = draft == NULL ? NULL : action_arg(draft->action, name);
	if (subject->field == NULL) {
		if (draft == NULL || !draft->broken)
			load_fault(loader, at, "“$%.60s” is neither an argument nor a field that the action takes",
				   name);
		return false;
	}
	for (size_t i = 0; i < subject->field->to_count; i++)
		if (!subject->field->to[i]->is_party) {
			load_fault(loader, at, "“$%s” names “%s”, which is no register of parties", name,
				   subject->field->to[i]->name);
			return false;
		}
	if (subject->field->type == FIELD_REF)
		return subject->field->to_count > 0;
	load_fault(loader, at, "“$%s” is of type %s, not a ref to a party", name,
		   field_type_name(subject->field->type));
	return false;
}

bool
load_subject(struct loader *loader, struct place_in_file at, const struct draft_reg *draft,
	     const struct draft_action *action, const char *text, struct subject *ret_subject)
{
	*ret_subject = (struct subject){ .text = text };
	if (text[0] == '@' && text[1] == '.')
		return find_role_field(loader, at, draft, text + 2, ret_subject);
	if (text[0] == '@')
		return find_role(loader, at, text + 1, ret_subject);
	if (text[0] == '$')
		return find_argument(loader, at, action, text + 1, ret_subject);
	return find_party(loader, at, draft, text, ret_subject);
}

static size_t
read_subjects(struct loader *loader, const struct draft_reg *reg, const struct draft_action *draft, const char *word,
	      const struct subject **ret_subjects)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, word, &items), found = 0;
	struct subject *subjects = arena_array_of(loader->arena, struct subject, count);
	bool is_by = strcmp(word, "by") == 0;

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { draft->words.file, items[i].line };

		if (is_by && items[i].text[0] == '$')
			load_fault(loader, at, "“%s”: who may act cannot be taken from the request", items[i].text);
		else if (load_subject(loader, at, reg, draft, items[i].text, &subjects[found]))
			found++;
	}
	*ret_subjects = subjects;
	return found;
}

static struct sql_scope
scope_of(const struct draft_reg *reg, const struct draft_action *draft, const char *what)
{
	return (struct sql_scope){
		.draft = draft->action->new_state == NULL ? reg : NULL,
		.no_this = "a new record has no “this”",
		.action = draft,
		.parameters = engine_parameters,
		.what = what,
	};
}

static void
read_set(struct loader *loader, const struct draft_reg *reg, struct draft_action *draft)
{
	const struct node *node = words_get(&draft->words, "set");
	size_t count = node == NULL ? 0 : node->count;
	struct assignment *set = arena_array_of(loader->arena, struct assignment, count);
	struct sql_scope scope = scope_of(reg, draft, "a value of “set”");

	for (size_t i = 0; i < count; i++) {
		struct place_in_file at = { draft->words.file, node->key_lines[i] };
		const struct field *field = load_need_field(loader, at, reg, node->keys[i]);
		const char *value = node->items[i].kind == NODE_TEXT ? node->items[i].text : "";

		if (value[0] == '\0') {
			load_fault(loader, at, "“set” of “%s” needs one value", node->keys[i]);
			continue;
		}
		load_check_value(loader, at, value, &scope);
		if (field == NULL)
			continue;
		if (field->type == FIELD_LIST || field->type == FIELD_POINT || field->type == FIELD_NUMBER)
			load_fault(loader, at, "a %s cannot be set by a value (“%s”)", field_type_name(field->type),
				   field->name);
		else
			set[draft->action->set_count++] = (struct assignment){ .target = field, .value = value };
	}
	draft->action->set = set;
}

static void
read_ask(struct loader *loader, const struct draft_reg *reg, struct draft_action *draft, const struct node *node,
	 size_t i, struct ask *asks)
{
	struct place_in_file at = { draft->words.file, node->key_lines[i] };
	const char *how = node->items[i].kind == NODE_TEXT ? node->items[i].text : "";
	struct subject subject;

	if (!load_subject(loader, at, reg, draft, node->keys[i], &subject)) {
		draft->broken = true;
		return;
	}
	if (subject.kind == SUBJECT_ROLE_FIELD)
		load_fault(loader, at, "“%s” cannot be asked: name a party, an argument or a role", subject.text);
	else if (strcmp(how, "all") != 0 && strcmp(how, "any") != 0)
		load_fault(loader, at, "who is asked agrees “all” or “any”, found “%.40s”", how);
	else
		asks[draft->action->ask_count++] = (struct ask){ .subject = subject, .all = strcmp(how, "all") == 0 };
}

static bool
acts_from(const struct action *action, const char *state)
{
	for (size_t i = 0; i < action->from_count; i++)
		if (strcmp(action->from[i], state) == 0)
			return true;
	return false;
}

/* `refused` and `silent`: an action of this register on the record that waits, without anything to send. */
static const struct action *
read_answer(struct loader *loader, struct draft_reg *reg, struct draft_action *draft, const struct words *words,
	    const char *word)
{
	const char *name = words_text(words, word);
	struct draft_reg *found_in = NULL;

	if (name == NULL)
		return NULL;
	struct draft_action *found = load_need_action(
		loader, words_at(words, word), arena_printf(loader->arena, "%s.%s", reg->reg->name, name), &found_in);

	if (found == NULL || found->broken)
		return NULL;
	found->is_run = true;
	if (found->action->new_state != NULL)
		load_fault(loader, words_at(words, word), "“%s” makes a new record; “%s” acts on the one that waits",
			   name, word);
	else if (draft->action->new_state != NULL && !acts_from(found->action, "pending"))
		load_fault(loader, words_at(words, word), "a new record waits as “pending”: “%s” must act from it",
			   name);
	for (size_t i = 0; i < found->action->arg_count; i++)
		if (found->action->args[i].required)
			load_fault(loader, words_at(words, word), "“%s” needs “%s”, which nobody gives here", name,
				   found->action->args[i].name);
	return found->action;
}

static void
read_asks(struct loader *loader, struct draft_reg *reg, struct draft_action *draft)
{
	const struct node *node = words_get(&draft->words, "asks");
	struct action *action = draft->action;

	if (node == NULL)
		return;
	struct words words = words_read(loader, draft->words.file, node, node->line, WORDS_ASKS);
	struct ask *asks = arena_array_of(loader->arena, struct ask, node->count);
	const char *within = words_text(&words, "within");
	size_t subject_count = 0;

	for (size_t i = 0; i < node->count; i++)
		if (!words_knows(WORDS_ASKS, node->keys[i])) {
			subject_count++;
			read_ask(loader, reg, draft, node, i, asks);
		}
	action->asks = asks;
	action->not_author = words_flag(&words, "not_author", false);
	if (subject_count == 0)
		load_fault(loader, words_at(&draft->words, "asks"), "“asks” names nobody");
	if (within != NULL && !scalar_duration(within, &action->ask_within_ms))
		load_fault(loader, words_at(&words, "within"),
			   "expected a time such as “10 days” or “48 hours”, found “%.40s”", within);
	action->refused = read_answer(loader, reg, draft, &words, "refused");
	action->silent = read_answer(loader, reg, draft, &words, "silent");
	if (words_text(&words, "silent") != NULL && within == NULL)
		load_fault(loader, words_at(&words, "silent"), "“silent” goes with “within”");
}

static void
read_gives(struct loader *loader, struct draft_action *draft)
{
	static const char *const effects[] = { "receipt", "cap.alert", "cap.update", "cap.cancel" };
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "gives", &items);
	const char **gives = arena_array_of(loader->arena, const char *, count);

	for (size_t i = 0; i < count; i++) {
		const char *text = items[i].text;
		bool known = strncmp(text, "certificate.", 12) == 0 && scalar_is_name(text + 12);

		for (size_t k = 0; k < ARRAY_COUNT(effects); k++)
			known = known || strcmp(effects[k], text) == 0;
		if (known)
			gives[draft->action->give_count++] = text;
		else
			load_fault(loader, (struct place_in_file){ draft->words.file, items[i].line },
				   "there is no effect “%.60s”; expected receipt, certificate.KIND, cap.alert, "
				   "cap.update or "
				   "cap.cancel",
				   text);
	}
	draft->action->gives = gives;
}

static void
read_clock(struct loader *loader, const struct draft_reg *reg, struct draft_action *draft)
{
	static const char *const periods[] = {
		[PERIOD_DAY] = "day", [PERIOD_MONTH] = "month", [PERIOD_QUARTER] = "quarter", [PERIOD_YEAR] = "year"
	};
	struct sql_scope at = { .draft = reg, .what = "the moment of “at”" };
	struct sql_scope each = { .parameters = clock_parameters, .what = "“each”" };
	struct action *action = draft->action;
	const char *every = words_text(&draft->words, "every");

	action->clock_value = words_text(&draft->words, "at");
	action->each = words_text(&draft->words, "each");
	if (action->clock_value != NULL && action->new_state == NULL)
		load_check_value(loader, words_at(&draft->words, "at"), action->clock_value, &at);
	if (action->each != NULL)
		load_check_select(loader, words_at(&draft->words, "each"), action->each, &each);
	for (size_t i = PERIOD_DAY; every != NULL && i < ARRAY_COUNT(periods); i++)
		if (strcmp(periods[i], every) == 0)
			action->every = (enum period)i;
	if (every != NULL && action->every == PERIOD_NONE)
		load_fault(loader, words_at(&draft->words, "every"),
			   "“every” is day, month, quarter or year, found “%.40s”", every);
}

/* A new record must get each required field from somewhere. */
static void
check_required(struct loader *loader, const struct draft_reg *reg, const struct draft_action *draft)
{
	const struct action *action = draft->action;

	if (action->new_state == NULL || draft->broken)
		return;
	for (size_t i = 0; i < reg->fields.count; i++) {
		const struct field *field = &reg->fields.fields[i];
		bool given = !field->required || field->default_value != NULL || field->type == FIELD_NUMBER;

		for (size_t k = 0; k < action->arg_count && !given; k++)
			given = action->taken[k] == field;
		const struct node *set = words_get(&draft->words, "set");

		if (!given && node_get(set, field->name) == NULL)
			load_fault(loader, action->at,
				   "“%s” makes a record without “%s”, which is required: take it or set it",
				   action->name, field->name);
	}
}

static void
check_states(struct loader *loader, const struct draft_reg *reg, const struct draft_action *draft)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, &draft->words, "from", &items);

	for (size_t i = 0; i < count; i++)
		load_need_state(loader, (struct place_in_file){ draft->words.file, items[i].line }, reg, items[i].text);
}

static void
read_action(struct loader *loader, struct draft_reg *reg, struct draft_action *draft)
{
	struct action *action = draft->action;
	struct sql_scope guard = scope_of(reg, draft, "a guard");

	check_states(loader, reg, draft);
	action->by_count = read_subjects(loader, reg, draft, "by", &action->by);
	action->tell_count = read_subjects(loader, reg, draft, "tells", &action->tells);
	action->when = words_text(&draft->words, "when");
	if (action->when != NULL)
		load_check_value(loader, words_at(&draft->words, "when"), action->when, &guard);
	read_set(loader, reg, draft);
	read_asks(loader, reg, draft);
	read_gives(loader, draft);
	read_clock(loader, reg, draft);
	load_steps(loader, reg, draft);
	check_required(loader, reg, draft);
	draft->is_run = draft->is_run || words_get(&draft->words, "by") != NULL || action->clock_value != NULL ||
			action->every != PERIOD_NONE;
}

void
load_actions(struct loader *loader, struct draft_reg *draft)
{
	for (size_t i = 0; i < draft->action_count; i++) {
		if (draft->actions[i].words.node != NULL)
			read_action(loader, draft, &draft->actions[i]);
		if (strcmp(draft->actions[i].action->name, "correct") == 0) {
			draft->actions[i].action->by = draft->reg->correct;
			draft->actions[i].action->by_count = draft->reg->correct_count;
			draft->actions[i].is_run = true;
		}
	}
}
