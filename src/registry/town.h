/* town.h - for tests of residence: a store of packs/kz with two districts, a clerk in each, a flat with its owner, a
 * landlord who rents it out by mandate, a guest, and actors for all of them. */
#pragma once
#include "registry/fixture.h"
#include "text/number.h"

struct town {
	struct fixture *f;
	struct actor console, clerk, far_clerk, owner_actor, host_actor, guest_actor, stranger;
	int64_t building, flat, owner, host, guest;
	int people;
};

#define TOWN_DISTRICT "751710000"
#define TOWN_FAR_DISTRICT "751210000"

static inline int64_t
town_person(struct town *t, const char *family, const char *birth_day)
{
	int64_t iin = -1;
	char printed[16];

	/* Born in the nineteenth century, as the number says: nobody living has it. */
	while (iin < 0)
		iin = iin_complete(INT64_C(900101100000) + 10 * (int64_t)t->people++);
	return ok_act(t->f, &t->console, "person", "register", 0,
		      text(t->f,
			   "{\"iin\":\"%s\",\"family_name\":\"%s\",\"given_name\":\"Айгүл\",\"birth_day\":\"%s\","
			   "\"citizenship\":\"KZ\",\"language\":\"en\",\"email\":\"p%d@demo.invalid\"}",
			   iin_print(iin, printed), family, birth_day, t->people));
}

static inline int64_t
town_foreigner(struct town *t, const char *family)
{
	return ok_act(t->f, &t->console, "person", "register", 0,
		      text(t->f,
			   "{\"document\":{\"state\":\"UZB\",\"number\":\"AA%07d\"},\"family_name\":\"%s\",\"given_"
			   "name\":\"Anvar\","
			   "\"birth_day\":\"1890-02-03\",\"citizenship\":\"UZ\",\"language\":\"en\"}",
			   ++t->people, family));
}

static inline int64_t
town_firm(struct town *t, const char *name, const char *size)
{
	int64_t bin = -1;

	while (bin < 0)
		bin = iin_complete(INT64_C(150140000000) + 10 * (int64_t)t->people++);
	return ok_act(t->f, &t->console, "organisation", "register", 0,
		      text(t->f, "{\"bin\":\"%012lld\",\"name\":\"%s\",\"size\":\"%s\",\"language\":\"en\"}",
			   (long long)bin, name, size));
}

static inline int64_t
town_flat(struct town *t, const char *number)
{
	return ok_act(t->f, &t->console, "dwelling", "register", 0,
		      text(t->f, "{\"building\":\"%s\",\"flat\":\"%s\",\"area\":\"60.00\"}",
			   ref(t->f, "building", t->building), number));
}

static inline int64_t
town_own(struct town *t, int64_t flat, const char *reg, int64_t owner)
{
	return ok_act(t->f, &t->console, "ownership", "register", 0,
		      text(t->f, "{\"dwelling\":\"%s\",\"owner\":\"%s\",\"since\":\"2020-01-01\"}",
			   ref(t->f, "dwelling", flat), ref(t->f, reg, owner)));
}

static inline struct town
town_open(void)
{
	struct town t = { .f = fixture_open("packs/kz") };

	actor_console(&t.console);
	t.clerk = actor_with(t.f, 21, 0, "clerk", TOWN_DISTRICT, 0);
	t.far_clerk = actor_with(t.f, 22, 0, "clerk", TOWN_FAR_DISTRICT, 0);
	t.building = ok_act(t.f, &t.console, "building", "register", 0,
			    "{\"place\":\"" TOWN_DISTRICT
			    "\",\"street\":\"Абай\",\"house\":\"10\",\"use\":\"residential\"}");
	t.flat = town_flat(&t, "1");
	t.owner = town_person(&t, "Ахметов", "1870-05-05");
	t.host = town_person(&t, "Сериков", "1875-05-05");
	t.guest = town_person(&t, "Қасымова", "1890-01-01");
	town_own(&t, t.flat, "person", t.owner);
	t.owner_actor = actor_with(t.f, 31, t.owner, "landlord", NULL, 0);
	t.host_actor = actor_with(t.f, 32, t.host, "landlord", NULL, 0);
	t.guest_actor = actor_with(t.f, 33, t.guest, "resident", NULL, 0);
	t.stranger = actor_with(t.f, 34, town_person(&t, "Бөтен", "1880-01-01"), "resident", NULL, 0);
	return t;
}

static inline const char *
town_stay(struct town *t, int64_t guest, const char *arrived, const char *leaves)
{
	return text(t->f,
		    "{\"guest\":\"%s\",\"dwelling\":\"%s\",\"host\":\"%s\",\"purpose\":\"tenancy\",\"arrived\":\"%s\","
		    "\"leaves\":\"%s\"}",
		    ref(t->f, "person", guest), ref(t->f, "dwelling", t->flat), ref(t->f, "person", t->host), arrived,
		    leaves);
}

/* Declared by the host: owner and guest are asked. */
static inline int64_t
town_declare(struct town *t)
{
	return ok_act(t->f, &t->host_actor, "stay", "declare", 0, town_stay(t, t->guest, "2026-10-20", "2027-04-20"));
}

static inline struct act *
make_answer(struct fixture *f, const struct actor *actor, enum act_kind kind, const char *reg, int64_t record)
{
	struct act *act = arena_new_of(f->arena, struct act);

	act_init(act, f->registry, f->arena, f->now);
	act->actor = *actor;
	act->kind = kind;
	act->reg = pack_reg(f->pack, reg);
	act->record = record;
	return act;
}

static inline enum error
answer(struct fixture *f, const struct actor *actor, enum act_kind kind, const char *reg, int64_t record)
{
	return act_run(make_answer(f, actor, kind, reg, record));
}

static inline void
town_confirm(struct town *t, int64_t stay)
{
	must(answer(t->f, &t->owner_actor, ACT_AGREE, "stay", stay));
	must(answer(t->f, &t->guest_actor, ACT_AGREE, "stay", stay));
}

static inline void
pass_days(struct fixture *f, int days)
{
	uint64_t runs = 0;

	f->now += (int64_t)days * DAY_MS;
	must(clock_run(f->registry, f->now, &runs));
}
