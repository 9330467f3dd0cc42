/* declare_bench.c - declarations through the engine without HTTP: what one durable declaration with the whole law
 * of residence costs. `declare_bench PEOPLE ACTS IN_FLIGHT`; prints acts a second, CPU each, bytes each, and the
 * full evaluation of law afterwards. */
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "registry/fixture.h"
#include "text/number.h"

struct town {
	struct fixture *f;
	struct actor console;
	int64_t *people;
	int64_t *dwellings;
	size_t people_count, dwelling_count;
};

static double
cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 + (double)usage.ru_stime.tv_sec +
	       (double)usage.ru_stime.tv_usec / 1e6;
}

static sem_t room;
static _Atomic uint64_t failed;
static int64_t started_us[1 << 20], took_us[1 << 20];

struct slot {
	struct act act;
	struct arena *arena;
	int64_t *ret_record;
	size_t number;
};

static void
slot_done(struct act *act)
{
	struct slot *slot = act->context;

	failed += act->result != OK;
	if (act->result != OK && failed < 3)
		fprintf(stderr, "%s: %s\n", act->action->name, error_name(act->result));
	if (slot->ret_record != NULL)
		*slot->ret_record = act->ret_record;
	took_us[slot->number] = monotonic_us() - started_us[slot->number];
	arena_free(slot->arena);
	sem_post(&room);
}

static void
set_input(struct slot *slot, struct input *inputs, const char *name, struct value value)
{
	const struct field *arg = action_arg(slot->act.action, name);

	inputs[arg->index] = (struct input){ .kind = INPUT_VALUE, .values = { value }, .value_count = 1 };
}

static struct slot *
slot_new(struct town *town, const char *reg, const char *action, struct input **ret_inputs)
{
	struct arena *arena = arena_new();
	struct slot *slot = arena_new_of(arena, struct slot);

	act_init(&slot->act, town->f->registry, arena, town->f->now);
	slot->arena = arena;
	slot->act.actor = town->console;
	slot->act.reg = pack_reg(town->f->pack, reg);
	slot->act.action = reg_action(slot->act.reg, action);
	slot->act.done = slot_done;
	slot->act.context = slot;
	*ret_inputs = arena_array_of(arena, struct input, slot->act.action->arg_count + 1);
	slot->act.inputs = *ret_inputs;
	return slot;
}

static void
submit(struct slot *slot, size_t number)
{
	sem_wait(&room);
	slot->number = number;
	started_us[number] = monotonic_us();
	must(act_submit(&slot->act));
}

static void
drain(int in_flight)
{
	for (int i = 0; i < in_flight; i++)
		sem_wait(&room);
	for (int i = 0; i < in_flight; i++)
		sem_post(&room);
}

static void
settle_people(struct town *town, int in_flight)
{
	struct input *in = NULL;

	for (size_t i = 0; i < town->people_count; i++) {
		struct slot *slot = slot_new(town, "person", "register", &in);
		char name[32];

		snprintf(name, sizeof(name), "Person%zu", i);
		set_input(slot, in, "iin", value_integer((int64_t)(600000000000 + i * 10)));
		set_input(slot, in, "family_name", value_text(arena_text(slot->arena, name)));
		set_input(slot, in, "given_name", value_text("Ann"));
		set_input(slot, in, "language", value_text("kk"));
		slot->ret_record = &town->people[i];
		submit(slot, i);
	}
	drain(in_flight);
}

static void
build_dwellings(struct town *town, int in_flight)
{
	int64_t building = 0;
	struct input *in = NULL;
	int64_t place = pack_place_id(town->f->pack, "750000000");

	for (size_t i = 0; i < town->dwelling_count; i++) {
		if (i % 100 == 0) {
			struct slot *slot = slot_new(town, "building", "register", &in);

			set_input(slot, in, "place", value_integer(place));
			set_input(slot, in, "house", value_text(arena_printf(slot->arena, "%zu", i)));
			set_input(slot, in, "use", value_text("residential"));
			slot->ret_record = &building;
			submit(slot, i);
			drain(in_flight);
		}
		struct slot *slot = slot_new(town, "dwelling", "register", &in);

		set_input(slot, in, "building", value_integer(building));
		set_input(slot, in, "flat", value_text(arena_printf(slot->arena, "%zu", i)));
		set_input(slot, in, "area", value_integer(900000));
		slot->ret_record = &town->dwellings[i];
		submit(slot, i);
	}
	drain(in_flight);
	for (size_t i = 0; i < town->dwelling_count; i++) {
		struct slot *slot = slot_new(town, "ownership", "register", &in);

		set_input(slot, in, "dwelling", value_integer(town->dwellings[i]));
		set_input(slot, in, "owner", value_integer(town->people[i % 1000]));
		set_input(slot, in, "since", value_integer(19000));
		submit(slot, i);
	}
	drain(in_flight);
}

static int
compare(const void *a, const void *b)
{
	return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

static void
declare(struct town *town, size_t acts, int in_flight)
{
	int64_t today = registry_today(town->f->registry, town->f->now);
	struct input *in = NULL;
	double cpu = cpu_seconds();
	int64_t begin = monotonic_us();

	for (size_t i = 0; i < acts; i++) {
		struct slot *slot = slot_new(town, "stay", "declare", &in);
		size_t dwelling = (i * 7919) % town->dwelling_count;

		set_input(slot, in, "guest", value_integer(town->people[(i * 104729) % town->people_count]));
		set_input(slot, in, "dwelling", value_integer(town->dwellings[dwelling]));
		set_input(slot, in, "host", value_integer(town->people[dwelling % 1000]));
		set_input(slot, in, "purpose", value_text("tenancy"));
		set_input(slot, in, "arrived", value_integer(today - (int64_t)(i % 9)));
		set_input(slot, in, "leaves", value_integer(today + 30 + (int64_t)(i % 300)));
		slot->act.on_behalf = town->people[dwelling % 1000];
		submit(slot, i);
	}
	drain(in_flight);
	double seconds = (double)(monotonic_us() - begin) / 1e6;

	qsort(took_us, acts, sizeof(*took_us), compare);
	printf("declare: %zu acts, %.0f/s, %.1f us CPU, p50 %.1f ms, p99 %.1f ms, failed %llu\n", acts,
	       (double)acts / seconds, (cpu_seconds() - cpu) * 1e6 / (double)acts, (double)took_us[acts / 2] / 1e3,
	       (double)took_us[acts * 99 / 100] / 1e3, (unsigned long long)failed);
}

int
main(int argc, char **argv)
{
	size_t people = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	size_t acts = argc > 2 ? strtoull(argv[2], NULL, 10) : 50000;
	int in_flight = argc > 3 ? atoi(argv[3]) : 64;
	struct town town = { .f = fixture_open("packs/kz"),
			     .people_count = people,
			     .dwelling_count = people / 3 + 1000 };
	struct law_totals totals = { 0 };
	struct stat status;

	actor_console(&town.console);
	town.people = calloc(people, sizeof(int64_t));
	town.dwellings = calloc(town.dwelling_count, sizeof(int64_t));
	sem_init(&room, 0, (unsigned)in_flight);
	int64_t begin = monotonic_us();

	settle_people(&town, in_flight);
	build_dwellings(&town, in_flight);
	printf("town: %zu people, %zu dwellings in %.1f s\n", people, town.dwelling_count,
	       (double)(monotonic_us() - begin) / 1e6);
	stat(town.f->path, &status);
	int64_t before = status.st_size;

	declare(&town, acts, in_flight);
	registry_close(town.f->registry);
	stat(town.f->path, &status);
	printf("store: %.1f MB, %.0f bytes a declaration\n", (double)status.st_size / 1e6,
	       (double)(status.st_size - before) / (double)acts);
	begin = monotonic_us();
	fixture_connect(town.f);
	printf("start: %.0f ms\n", (double)(monotonic_us() - begin) / 1e3);
	begin = monotonic_us();
	must(law_evaluate(town.f->registry, town.f->now, &totals));
	printf("law evaluate: %.0f ms, %llu kept, %llu opened, %llu closed\n", (double)(monotonic_us() - begin) / 1e3,
	       (unsigned long long)totals.kept, (unsigned long long)totals.opened, (unsigned long long)totals.closed);
	fixture_close(town.f);
	return 0;
}
