/* A demo is the same for the same seed; demo.yaml is held to the pack. */
#include "base/testing.h"
#include "base/day.h"
#include "base/map.h"
#include "cli/command.h"
#include "cli/demo_world.h"
#include "cli/open.h"
#include "text/digest.h"
#include "text/number.h"

#include <ftw.h>
#include <unistd.h>

static int
remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	return remove(path);
}

static struct cli
cli_for(struct arena *arena, const char *const *words, size_t word_count)
{
	struct cli cli = {
		.arena = arena, .words = words, .word_count = word_count, .language = LANGUAGE_EN, .json = true
	};
	size_t count = 0, options = 0;
	const struct command *commands = command_table(&count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(commands[i].name, "demo") == 0)
			cli.command = &commands[i];
	assert_non_null(cli.command);
	while (cli.command->options[options].name != NULL)
		options++;
	cli.options = arena_array_of(arena, const char *, options);
	return cli;
}

static void
give(struct cli *cli, const char *name, const char *value)
{
	for (size_t i = 0; cli->command->options[i].name != NULL; i++)
		if (strcmp(cli->command->options[i].name, name) == 0)
			cli->options[i] = value;
}

/* Everything about all people, as one hash. */
static void
hash_people(const char *folder, unsigned char hash[static DIGEST_BYTES], int64_t *ret_count)
{
	AUTO(digest_free) struct digest *digest = digest_new();
	AUTO(db_close) struct db *db = NULL;
	char path[128];

	snprintf(path, sizeof(path), "%s/store/tirkeu.db", folder);
	assert_int_equal(db_open(path, DB_READ, &db), OK);
	struct query *query =
		db_query(db, "SELECT id, iin, document, family_name, given_name, email FROM person ORDER BY id");

	for (*ret_count = 0; query_step(query) == OK; ++*ret_count)
		for (int i = 0; i < 6; i++) {
			const char *text = column_text(query, i);

			digest_add(digest, text == NULL ? "" : text, text == NULL ? 1 : strlen(text) + 1);
		}
	query_free(query);
	query = db_query(db, "SELECT id, guest, dwelling, host, arrived, leaves FROM stay ORDER BY id");
	while (query_step(query) == OK)
		for (int i = 0; i < 6; i++) {
			int64_t number = column_integer(query, i);

			digest_add(digest, &number, sizeof(number));
		}
	query_free(query);
	digest_finish(digest, hash);
}

static void
make_demo(const char *seed, unsigned char hash[static DIGEST_BYTES], unsigned char key[static REFERENCE_KEY_BYTES])
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(datadir_close) struct datadir *dir = NULL;
	char folder[] = "/tmp/tirkeu-demo-XXXXXX";
	struct datadir_keys keys;
	int64_t people = 0;

	assert_non_null(mkdtemp(folder));
	const char *const words[] = { folder };
	struct cli cli = cli_for(arena, words, 1);

	give(&cli, "people", "300");
	give(&cli, "seed", seed);
	give(&cli, "pack", "packs/kz");
	assert_int_equal(demo_command(&cli), OK);
	hash_people(folder, hash, &people);
	assert_true(people >= 300);
	assert_int_equal(datadir_open(folder, &dir), OK);
	assert_int_equal(datadir_keys(dir, &keys), OK);
	memcpy(key, keys.reference, REFERENCE_KEY_BYTES);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
the_same_seed_makes_the_same_people_and_references(void **state)
{
	unsigned char one[DIGEST_BYTES], two[DIGEST_BYTES], other[DIGEST_BYTES];
	unsigned char key_one[REFERENCE_KEY_BYTES], key_two[REFERENCE_KEY_BYTES], key_other[REFERENCE_KEY_BYTES];

	make_demo("7", one, key_one);
	make_demo("7", two, key_two);
	make_demo("8", other, key_other);
	assert_memory_equal(one, two, sizeof(one));
	assert_memory_equal(key_one, key_two, sizeof(key_one));
	assert_memory_not_equal(one, other, sizeof(one));
	assert_memory_not_equal(key_one, key_other, sizeof(key_one));
}

static struct pack *
load_kz(void)
{
	struct pack_report report;
	struct pack *pack = NULL;

	pack_report_init(&report);
	assert_int_equal(pack_load("packs/kz", &report, &pack), OK);
	pack_report_done(&report);
	return pack;
}

static void
nobody_in_a_demo_can_be_alive_and_all_numbers_differ(void **state)
{
	AUTO(pack_free) struct pack *pack = load_kz();
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(demo_world_free) struct demo_world *world = NULL;
	AUTO(demo_plan_done) struct demo_plan plan = { 0 };
	AUTO(map_done) struct map seen = { 0 };
	struct problem problem;

	problem_init(&problem, arena);
	assert_int_equal(demo_plan_read(arena, pack, "packs/kz", &problem, &plan), OK);
	assert_int_equal(demo_world_open(pack, &plan, "packs/kz", day_from_civil(2026, 11, 1), &problem, &world), OK);
	for (uint64_t i = 0; i < 40000; i++) {
		struct demo_person person;
		enum message message = MSG_NONE;
		int64_t iin = 0;

		demo_world_person(world, arena, demo_random(1, 1, i, 0, "person"), i, false, &person);
		assert_int_equal(iin_parse(person.iin, &iin, &message), OK);
		assert_int_equal(iin_birth_day(iin), person.birth_day);
		assert_true(person.birth_day < day_from_civil(1900, 1, 1));
		assert_int_equal(iin_sex(iin), person.sex);
		assert_non_null(strstr(person.email, "@demo.invalid"));
		assert_null(map_get(&seen, (uint64_t)iin));
		map_put(&seen, (uint64_t)iin, 1);
	}
}

static void
faults_of_a_demo_are_told_by_line(void **state)
{
	AUTO(pack_free) struct pack *pack = load_kz();
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(demo_plan_done) struct demo_plan plan = { 0 };
	char folder[] = "/tmp/tirkeu-demo-XXXXXX", path[64];
	struct problem problem;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/demo.yaml", folder);
	problem_init(&problem, arena);
	assert_int_equal(demo_plan_read(arena, pack, folder, &problem, &plan), ERR_NOT_FOUND);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs("names: n.csv\nborn: [1860, 1899]\nsteps:\n  - do: person.register\n    count: 5\n    with: {iim: "
	      "{person: iin}}\n"
	      "  - {do: person.vanish, count: 1}\n  - {do: stay.end, on: nobody}\naccounts:\n  king: {place: \"1\"}\n",
	      file);
	fclose(file);
	assert_int_equal(demo_plan_read(arena, pack, folder, &problem, &plan), ERR_BAD_INPUT);
	static const int lines[] = { 6, 7, 8, 10, 10 };

	assert_int_equal(problem.item_count, ARRAY_COUNT(lines));
	for (size_t i = 0; i < problem.item_count; i++)
		assert_int_equal(problem.items[i].line, lines[i]);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
a_demo_of_the_living_is_refused(void **state)
{
	AUTO(pack_free) struct pack *pack = load_kz();
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(demo_plan_done) struct demo_plan plan = { 0 };
	char folder[] = "/tmp/tirkeu-demo-XXXXXX", path[64];
	struct problem problem;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/demo.yaml", folder);
	problem_init(&problem, arena);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs("names: n.csv\nborn: [1960, 1999]\nsteps: []\n", file);
	fclose(file);
	assert_int_equal(demo_plan_read(arena, pack, folder, &problem, &plan), ERR_BAD_INPUT);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_in_a_demo_can_be_alive_and_all_numbers_differ),
		cmocka_unit_test(faults_of_a_demo_are_told_by_line),
		cmocka_unit_test(a_demo_of_the_living_is_refused),
		cmocka_unit_test(the_same_seed_makes_the_same_people_and_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
