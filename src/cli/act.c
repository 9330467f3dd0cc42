/* act.c - tirkeu act: runs one action through the running server. field=value texts become the JSON of the route,
 * by the types of the installed pack; so what is mistyped is told before anything is sent. */
#include <string.h>
#include "base/day.h"
#include "base/map.h"
#include "base/random.h"
#include "cli/command.h"
#include "cli/through.h"
#include "pack/input.h"
#include "text/json.h"

enum { VALUE_BYTES_MAX = 64 * 1024 };

struct request {
	struct cli *cli;
	const struct reg *reg;
	const struct action *action; /* NULL: agree, refuse */
	const char *verb;
	const char *ref; /* NULL: a new record */
	const char *const *assignments;
	size_t assignment_count;
	struct pack *pack;
	struct input_context context;
	struct problem problem;
};

static const char *const answer_fields[] = { "action", "party", "paper", "reason" };

static const char *
join_regs(struct cli *cli, const struct pack *pack)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t i = 0; i < pack->reg_count; i++)
		strbuf_printf(&out, "%s%s", i == 0 ? "" : ", ", pack->regs[i].name);
	return arena_copy(cli->arena, out.text, out.bytes);
}

/* Those that a request can run: the clock's and the steps' own are left out. */
static const char *
join_actions(struct cli *cli, const struct reg *reg)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t i = 0; i < reg->action_count; i++)
		if (reg->actions[i].by_count > 0 || strcmp(reg->actions[i].name, "correct") == 0)
			strbuf_printf(&out, "%s, ", reg->actions[i].name);
	strbuf_text(&out, "agree, refuse");
	return arena_copy(cli->arena, out.text, out.bytes);
}

static enum error
find_action(struct request *request)
{
	struct cli *cli = request->cli;
	bool is_answer = strcmp(request->verb, "agree") == 0 || strcmp(request->verb, "refuse") == 0;

	request->reg = pack_reg(request->pack, cli_word(cli, 1));
	if (request->reg == NULL)
		return cli_stop(cli, ERR_NOT_FOUND, SAY_NO_REGISTER, cli_word(cli, 1), join_regs(cli, request->pack));
	request->action = reg_action(request->reg, request->verb);
	if (request->action == NULL && !is_answer)
		return cli_stop(cli, ERR_NOT_FOUND, SAY_NO_ACTION, request->verb, join_actions(cli, request->reg));
	bool makes = request->action != NULL && request->action->new_state != NULL;

	if (makes && request->ref != NULL)
		return cli_stop(cli, ERR_USAGE, SAY_TAKES_NO_REF, request->ref, NULL);
	if (!makes && request->ref == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_NEEDS_REF, NULL, NULL);
	return OK;
}

/* "@file" and "-" keep personal values out of the shell's history and the list of processes; "@@x" is "@x". */
static enum error
read_value(struct cli *cli, const char *text, const char **ret_text)
{
	size_t bytes = 0;

	*ret_text = text;
	if (strncmp(text, "@@", 2) == 0)
		*ret_text = text + 1;
	if (strcmp(text, "-") != 0 && (text[0] != '@' || text[1] == '@' || text[1] == '\0'))
		return OK;
	TRY(cli_read(cli, *text == '@' ? text + 1 : text, VALUE_BYTES_MAX, ret_text, &bytes));
	while (bytes > 0 && ((*ret_text)[bytes - 1] == '\n' || (*ret_text)[bytes - 1] == '\r'))
		bytes--;
	*ret_text = arena_copy(cli->arena, *ret_text, bytes);
	return OK;
}

static void
write_input(const struct input_context *context, const struct field *field, const struct input *input,
	    struct json *json)
{
	if (input->kind == INPUT_VALUE) {
		input_print_json(context, field, input->values, json);
		return;
	}
	json_open_map(json);
	for (size_t i = 0; i < field->resolve_count; i++) {
		if (input->resolve[i].kind == INPUT_ABSENT)
			continue;
		json_key(json, field->resolve[i]->name);
		write_input(context, field->resolve[i], &input->resolve[i], json);
	}
	json_close_map(json);
}

/* Lists, and objects that are written as JSON, go as they are: the server reads them again. */
static enum error
write_json_text(struct request *request, const struct field *field, const char *text, struct json *json)
{
	const struct node *node = NULL;
	size_t first = request->problem.item_count;

	if (node_parse_json(request->context.arena, text, strlen(text), &request->problem, &node) != OK) {
		problem_prefix(&request->problem, first, field->name);
		return ERR_BAD_INPUT;
	}
	json_key(json, field->name);
	json_raw(json, text, strlen(text));
	return OK;
}

static enum error
write_field(struct request *request, const struct field *field, const char *text, struct json *json)
{
	struct input input = { 0 };

	if (*text == '\0') { /* `correct` empties the field */
		json_key(json, field->name);
		json_null(json);
		return OK;
	}
	if (field->type == FIELD_LIST || *text == '{')
		return write_json_text(request, field, text, json);
	TRY(input_parse_text(&request->context, field, text, &request->problem, &input));
	if (input.kind == INPUT_ABSENT)
		return OK;
	json_key(json, field->name);
	write_input(&request->context, field, &input, json);
	return OK;
}

static enum error
unknown_field(struct request *request, const char *name)
{
	const char *names[256];
	size_t count = 0;

	for (size_t i = 0; request->action != NULL && i < request->action->arg_count && count < ARRAY_COUNT(names); i++)
		names[count++] = request->action->args[i].name;
	for (size_t i = 0; request->action == NULL && i < ARRAY_COUNT(answer_fields); i++)
		names[count++] = answer_fields[i];
	const char *near = nearest_name(name, names, count);

	return near == NULL ? problem_add(&request->problem, ERR_BAD_INPUT, name, MSG_NOT_ALLOWED_HERE, name, NULL)
			    : problem_add(&request->problem, ERR_BAD_INPUT, name, MSG_UNKNOWN_FIELD, near, NULL);
}

static bool
is_answer_field(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(answer_fields); i++)
		if (strcmp(name, answer_fields[i]) == 0)
			return true;
	return false;
}

static enum error
write_assignment(struct request *request, const char *assignment, struct json *json)
{
	struct cli *cli = request->cli;
	const char *equals = strchr(assignment, '='), *text = NULL;

	if (equals == NULL || equals == assignment)
		return cli_stop(cli, ERR_USAGE, SAY_NOT_ASSIGNMENT, assignment, NULL);
	const char *name = arena_copy(cli->arena, assignment, (size_t)(equals - assignment));
	const struct field *field = request->action == NULL ? NULL : action_arg(request->action, name);

	TRY(read_value(cli, equals + 1, &text));
	if (field != NULL)
		return write_field(request, field, text, json);
	bool plain = request->action == NULL ? is_answer_field(name)
					     : strcmp(request->verb, "correct") == 0 && strcmp(name, "reason") == 0;

	if (!plain)
		return unknown_field(request, name);
	json_field_text(json, name, text);
	return OK;
}

static enum error
make_body(struct request *request, const char **ret_body)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const char *reason = cli_option(request->cli, "reason");
	enum error result = OK;

	json_open_map(&json);
	for (size_t i = 0; i < request->assignment_count; i++) {
		enum error e = write_assignment(request, request->assignments[i], &json);

		if (e != OK && request->cli->said)
			return e;
		result = e == OK ? result : e;
	}
	if (reason != NULL)
		json_field_text(&json, "reason", reason);
	if (result != OK)
		return cli_problem(request->cli, result, &request->problem, NULL);
	json_close_map(&json);
	*ret_body = arena_copy(request->cli->arena, out.text, out.bytes);
	return OK;
}

static const char *
fresh_key(struct cli *cli)
{
	unsigned char bytes[16];
	AUTO(strbuf_done) struct strbuf out = { 0 };

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		strbuf_printf(&out, "%02x", bytes[i]);
	return arena_copy(cli->arena, out.text, out.bytes);
}

static enum error
send_request(struct request *request, const struct through *through, const char *body)
{
	struct cli *cli = request->cli;
	const char *key = cli_option(cli, "key"), *behalf = cli_option(cli, "for"), *version = cli_option(cli, "read");
	struct through_call call = { .method = "POST",
				     .body = body,
				     .query = cli_has(cli, "dry-run") ? "dry_run=true" : NULL };
	const struct node *answer = NULL;
	size_t count = 0;

	call.path = arena_printf(cli->arena, "/api/registers/%s%s%s/%s", request->reg->name,
				 request->ref == NULL ? "" : "/",
				 request->ref == NULL ? "" : through_encode(cli, request->ref), request->verb);
	call.headers[count++] = arena_printf(cli->arena, "Idempotency-Key: %s", key == NULL ? fresh_key(cli) : key);
	if (behalf != NULL)
		call.headers[count++] = arena_printf(cli->arena, "On-Behalf-Of: %s", behalf);
	if (version != NULL)
		call.headers[count++] = arena_printf(cli->arena, "If-Match: \"%s\"", version);
	TRY(through_run(cli, through, &call, &answer));
	through_print(cli, answer);
	return OK;
}

/* The word behind the action is the reference unless it assigns something. */
static void
read_words(struct request *request)
{
	const struct cli *cli = request->cli;
	size_t first = 3;

	request->verb = cli_word(cli, 2);
	if (cli->word_count > 3 && strchr(cli_word(cli, 3), '=') == NULL)
		request->ref = cli_word(cli, first++);
	request->assignments = cli->words + first;
	request->assignment_count = cli->word_count - first;
}

static enum error
run(struct request *request, const struct through *through)
{
	AUTO(zone_free) struct zone *zone = NULL;
	AUTO(reference_key_free) struct reference_key *references = NULL;
	struct datadir_keys keys;
	const char *body = NULL;

	TRY(find_action(request));
	if (datadir_keys(through->dir, &keys) != OK)
		return cli_stop(request->cli, ERR_DAMAGED, SAY_KEYS,
				datadir_path(through->dir, request->cli->arena, "keys"), NULL);
	references = reference_key_new(keys.reference);
	explicit_bzero(&keys, sizeof(keys));
	TRY(zone_open(request->pack->time_zone, &zone));
	request->context = (struct input_context){ .pack = request->pack,
						   .references = references,
						   .zone = zone,
						   .arena = request->cli->arena,
						   .today = zone_day(zone, instant_now()),
						   .loose = true };
	TRY(make_body(request, &body));
	return send_request(request, through, body);
}

enum error
act_command(struct cli *cli)
{
	AUTO(through_close) struct through through = { 0 };
	struct request request = { .cli = cli };

	problem_init(&request.problem, cli->arena);
	read_words(&request);
	TRY(through_open(cli, cli_word(cli, 0), &through));
	TRY(open_installed_pack(cli, through.dir, &request.pack, NULL));
	enum error e = run(&request, &through);
	pack_free(request.pack);
	return e;
}
