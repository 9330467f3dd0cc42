/* law.c - tirkeu law list, law evaluate. */
#include <stdio.h>
#include <string.h>
#include "base/day.h"
#include "cli/command.h"
#include "cli/open.h"
#include "registry/law.h"
#include "text/json.h"
#include "text/node.h"

static const char *const kinds[] = {
	[PROVISION_FORBID] = "forbid", [PROVISION_OBLIGATION] = "obligation", [PROVISION_BREACH] = "breach"
};

/* --day, else today where the pack is. */
static enum error
read_day(struct cli *cli, const struct pack *pack, int64_t *ret_day)
{
	AUTO(zone_free) struct zone *zone = NULL;
	const char *text = cli_option(cli, "day");

	if (text != NULL)
		return day_parse(text, strlen(text), true, ret_day) == OK
			       ? OK
			       : cli_stop(cli, ERR_USAGE, SAY_NOT_DAY, text, NULL);
	TRY(zone_open(pack->time_zone, &zone));
	*ret_day = zone_day(zone, instant_now());
	return OK;
}

static const char *
citation_of(struct cli *cli, const struct pack *pack, const struct provision *provision)
{
	return arena_printf(cli->arena, "%s, %s",
			    pack_textf(pack, cli->language, cli->arena, "law.%s", provision->act->name),
			    provision->citation);
}

static void
list_plain(struct cli *cli, const struct pack *pack, int64_t day)
{
	for (size_t i = 0; i < pack->provision_count; i++) {
		const struct provision *provision = &pack->provisions[i];
		bool at_work = provision->act->status == ACT_IN_FORCE && provision_in_force(provision, day);

		cli_print(cli, "%c %-10s %s\n  %s\n  %s\n", at_work ? '*' : ' ', kinds[provision->kind],
			  provision->name, citation_of(cli, pack, provision),
			  pack_text(pack, cli->language, provision->text_key));
	}
}

static void
list_json(struct cli *cli, const struct pack *pack, int64_t day)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_list(&json);
	for (size_t i = 0; i < pack->provision_count; i++) {
		const struct provision *provision = &pack->provisions[i];

		json_open_map(&json);
		json_field_text(&json, "name", provision->name);
		json_field_text(&json, "kind", kinds[provision->kind]);
		json_field_text(&json, "citation", citation_of(cli, pack, provision));
		json_field_text(&json, "text", pack_text(pack, cli->language, provision->text_key));
		json_field_boolean(&json, "in_force",
				   provision->act->status == ACT_IN_FORCE && provision_in_force(provision, day));
		json_close_map(&json);
	}
	json_close_list(&json);
	cli_print_json(cli, &out);
}

enum error
law_list_command(struct cli *cli)
{
	AUTO(datadir_close) struct datadir *dir = NULL;
	AUTO(pack_free) struct pack *pack = NULL;
	int64_t day = 0;

	/* Only reads, so it works while the server runs. */
	TRY(open_datadir(cli, cli_word(cli, 0), &dir));
	TRY(open_installed_pack(cli, dir, &pack, NULL));
	TRY(read_day(cli, pack, &day));
	if (cli->json)
		list_json(cli, pack, day);
	else
		list_plain(cli, pack, day);
	return OK;
}

enum error
law_evaluate_command(struct cli *cli)
{
	AUTO(installation_close) struct installation installation = { 0 };
	struct law_totals totals = { 0 };
	char opened[24], closed[24];

	TRY(installation_open(cli, cli_word(cli, 0), &installation));
	/* Findings are about the present; what law a past day had is told by `law list`. */
	enum error e = law_evaluate(installation.registry, registry_now(installation.registry), &totals);
	if (e != OK)
		return cli_problem(cli, e, NULL, NULL);
	if (cli->json) {
		cli_print(cli, "{\"opened\":%llu,\"closed\":%llu,\"kept\":%llu}\n", (unsigned long long)totals.opened,
			  (unsigned long long)totals.closed, (unsigned long long)totals.kept);
		return OK;
	}
	snprintf(opened, sizeof(opened), "%llu", (unsigned long long)totals.opened);
	snprintf(closed, sizeof(closed), "%llu", (unsigned long long)totals.closed);
	cli_note(cli, SAY_EVALUATED, opened, closed);
	return OK;
}
