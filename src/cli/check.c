/* check.c - tirkeu check: has a value the form that a field asks for? Needs no data folder. One value a word, else
 * one a line on standard input; each is answered by its canonical form or by what is wrong with it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/day.h"
#include "cli/command.h"
#include "cli/open.h"
#include "pack/input.h"
#include "text/json.h"

enum { LINE_BYTES_MAX = 64 * 1024, LENGTH_MAX = 200 };

struct checker {
	struct cli *cli;
	struct pack *pack; /* NULL: none was named */
	struct field field;
	struct zone *zone;
	struct arena *arena; /* of one value */
	uint64_t wrong;
};

/* What a type needs of a country when no pack is named. */
static const struct pack no_pack = { .currency = "KZT",
				     .currency_scale = 2,
				     .time_zone = "Asia/Almaty",
				     .languages = { LANGUAGE_KK, LANGUAGE_RU, LANGUAGE_EN },
				     .language_count = LANGUAGE_COUNT };

static const enum field_type checked_types[] = {
	FIELD_TEXT,     FIELD_INTEGER, FIELD_DECIMAL, FIELD_MONEY,   FIELD_BOOLEAN, FIELD_DAY,
	FIELD_INSTANT,  FIELD_PLACE,   FIELD_POINT,   FIELD_NAME,    FIELD_IIN,     FIELD_BIN,
	FIELD_DOCUMENT, FIELD_PHONE,   FIELD_EMAIL,   FIELD_COUNTRY,
};

static const char *
join_types(struct cli *cli)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(checked_types); i++)
		strbuf_printf(&out, "%s, ", field_type_name(checked_types[i]));
	strbuf_text(&out, "REGISTER.FIELD");
	return arena_copy(cli->arena, out.text, out.bytes);
}

static enum error
find_type(struct checker *checker, const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(checked_types); i++) {
		if (strcmp(field_type_name(checked_types[i]), name) != 0)
			continue;
		checker->field =
			(struct field){ .name = name, .type = checked_types[i], .scale = 2, .column = SIZE_MAX };
		if (checked_types[i] == FIELD_TEXT || checked_types[i] == FIELD_NAME) {
			checker->field.has_max = true;
			checker->field.max = LENGTH_MAX;
		}
		return checked_types[i] == FIELD_PLACE && checker->pack == NULL
			       ? cli_stop(checker->cli, ERR_USAGE, SAY_TYPE_NEEDS_PACK, name, NULL)
			       : OK;
	}
	return cli_stop(checker->cli, ERR_USAGE, SAY_NO_TYPE, name, join_types(checker->cli));
}

/* "stay.purpose": as the pack defines it. */
static enum error
find_field(struct checker *checker, const char *name)
{
	struct cli *cli = checker->cli;
	const char *dot = strchr(name, '.');

	if (checker->pack == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_TYPE_NEEDS_PACK, name, NULL);
	const struct reg *reg = pack_reg(checker->pack, arena_copy(cli->arena, name, (size_t)(dot - name)));
	const struct field *field = reg == NULL ? NULL : reg_field(reg, dot + 1);

	if (field == NULL)
		return cli_stop(cli, ERR_USAGE, SAY_NO_FIELD, name, NULL);
	checker->field = *field;
	return OK;
}

/* A text stands for itself; numbers, points and documents as in JSON. */
static const char *
canonical(struct checker *checker, const struct input_context *context, const struct input *input)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };
	struct problem problem;
	const struct node *node = NULL;

	input_print_json(context, &checker->field, input->values, &json);
	problem_init(&problem, checker->arena);
	if (node_parse_json(checker->arena, out.text, out.bytes, &problem, &node) == OK && node->kind == NODE_TEXT)
		return node->text;
	return arena_copy(checker->arena, out.text, out.bytes);
}

static void
answer_json(struct checker *checker, const char *text, const char *canon, const struct problem *problem)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_field_text(&json, "value", text);
	json_field_boolean(&json, "valid", canon != NULL);
	if (canon != NULL)
		json_field_text(&json, "canonical", canon);
	json_key(&json, "problems");
	json_open_list(&json);
	for (size_t i = 0; canon == NULL && i < problem->item_count; i++) {
		json_open_map(&json);
		json_field_text(&json, "code", message_name(problem->items[i].message));
		json_field_text(&json, "text",
				message_print(checker->arena, problem->items[i].message, checker->cli->language,
					      problem->items[i].arguments));
		json_close_map(&json);
	}
	json_close_list(&json);
	json_close_map(&json);
	cli_print_json(checker->cli, &out);
}

static void
answer_plain(struct checker *checker, const char *text, const char *canon, const struct problem *problem)
{
	if (canon != NULL) {
		cli_print(checker->cli, "%s\n", canon);
		return;
	}
	cli_print(checker->cli, "%s:", text);
	for (size_t i = 0; i < problem->item_count; i++)
		cli_print(checker->cli, " %s",
			  message_print(checker->arena, problem->items[i].message, checker->cli->language,
					problem->items[i].arguments));
	cli_print(checker->cli, "\n");
}

static void
check_one(struct checker *checker, const char *text)
{
	struct problem problem;
	struct input input = { 0 };
	const struct input_context context = { .pack = checker->pack == NULL ? &no_pack : checker->pack,
					       .zone = checker->zone,
					       .arena = checker->arena,
					       .today = zone_day(checker->zone, instant_now()),
					       .loose = true };

	arena_reset(checker->arena);
	problem_init(&problem, checker->arena);
	enum error e = input_parse_text(&context, &checker->field, text, &problem, &input);
	if (e == OK && input.kind == INPUT_ABSENT)
		e = problem_add(&problem, ERR_BAD_INPUT, NULL, MSG_REQUIRED, NULL, NULL);
	const char *canon = e != OK ? NULL : input.kind == INPUT_VALUE ? canonical(checker, &context, &input) : text;

	checker->wrong += canon == NULL;
	if (checker->cli->json)
		answer_json(checker, text, canon, &problem);
	else
		answer_plain(checker, text, canon, &problem);
}

static enum error
check_lines(struct checker *checker)
{
	char *line = NULL;
	size_t capacity = 0;
	ssize_t bytes = 0;

	while ((bytes = getline(&line, &capacity, stdin)) >= 0) {
		while (bytes > 0 && (line[bytes - 1] == '\n' || line[bytes - 1] == '\r'))
			line[--bytes] = '\0';
		check_one(checker, line);
	}
	free(line);
	return ferror(stdin) ? cli_stop(checker->cli, ERR_IO, SAY_CANNOT_READ, "-", strerror(errno)) : OK;
}

static enum error
run(struct checker *checker)
{
	struct cli *cli = checker->cli;
	const char *type = cli_word(cli, 0), *folder = cli_option(cli, "pack");

	if (folder != NULL)
		TRY(open_pack(cli, folder, &checker->pack, NULL));
	TRY(strchr(type, '.') != NULL ? find_field(checker, type) : find_type(checker, type));
	TRY(zone_open(checker->pack == NULL ? no_pack.time_zone : checker->pack->time_zone, &checker->zone));
	if (cli->word_count == 1)
		TRY(check_lines(checker));
	for (size_t i = 1; i < cli->word_count; i++)
		check_one(checker, cli->words[i]);
	/* Each wrong value was told already. */
	cli->said = true;
	return checker->wrong > 0 ? ERR_BAD_INPUT : OK;
}

enum error
check_command(struct cli *cli)
{
	struct checker checker = { .cli = cli, .arena = arena_new() };
	enum error e = run(&checker);

	zone_free(checker.zone);
	pack_free(checker.pack);
	arena_free(checker.arena);
	return e;
}
