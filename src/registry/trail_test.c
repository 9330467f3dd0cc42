/* What a person sees of the ledger: who looked, never what is hidden, and an export that stands on its own. */
#include "registry/proven.h"

static const struct node *
lookups(struct proven *p, const struct actor *actor, int64_t party, uint64_t from, size_t limit)
{
	struct fixture *f = p->t.f;
	struct strbuf out = { 0 };
	struct json json = { .out = &out };
	const struct node *root = NULL;

	if (from == UINT64_MAX && party != 0)
		must(trail_last(f->registry, party, &from));
	must(trail_lookups(f->registry, registry_tlog(f->registry), p->db, f->arena, actor, party, from, limit, f->now,
			   &json));
	must(node_parse_json(f->arena, out.text, out.bytes, NULL, &root));
	assert_null(strstr(out.text, "SECRET-7"));
	strbuf_done(&out);
	return root;
}

static const struct node *
newest(struct proven *p, const struct actor *actor)
{
	const struct node *list = node_get(lookups(p, actor, actor->party, UINT64_MAX, 10), "lookups");

	return list->count == 0 ? NULL : &list->items[0];
}

static const char *
name_of(const struct node *lookup, const char *key)
{
	return node_text(node_get(lookup, key), "name");
}

static void
a_person_sees_who_opened_their_data_in_which_role_for_which_purpose(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;

	assert_null(newest(&p, &t->guest_actor));
	must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	const struct node *lookup = newest(&p, &t->guest_actor);

	assert_string_equal(node_text(lookup, "kind"), "opened");
	assert_string_equal(node_text(lookup, "outcome"), "shown");
	assert_string_equal(name_of(lookup, "role"), "clerk");
	assert_string_equal(name_of(lookup, "register"), "person");
	assert_string_equal(name_of(lookup, "body"), pack_role(t->f->pack, "clerk")->body);
	assert_string_equal(name_of(lookup, "purpose"), "registration");
	assert_non_null(node_text(node_get(lookup, "purpose"), "basis"));
	assert_string_equal(node_text(lookup, "record"), ref(t->f, "person", t->guest));
	assert_true(node_get(lookup, "fields")->count > 3);
	assert_false(node_get(lookup, "published")->truth);
	proven_publish(&p);
	assert_true(node_get(newest(&p, &t->guest_actor), "published")->truth);
	/* Nobody else sees it: not the official, not another person, not who has no data here. */
	assert_null(newest(&p, &t->stranger));
	assert_null(newest(&p, &t->clerk));
	proven_close(&p);
}

static void
a_refused_attempt_is_seen_too(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	int64_t stay = town_declare(t);

	assert_int_equal(proven_look(&p, &t->far_clerk, "stay", stay, "registration", "SECRET-7"), ERR_NOT_FOUND);
	const struct node *lookup = newest(&p, &t->guest_actor);

	assert_string_equal(node_text(lookup, "outcome"), "refused");
	assert_int_equal(node_get(lookup, "fields")->count, 0);
	proven_close(&p);
}

static enum error
try_lookups(struct proven *p, const struct actor *actor, int64_t party, uint64_t from)
{
	struct fixture *f = p->t.f;
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	return trail_lookups(f->registry, NULL, p->db, f->arena, actor, party, from, 10, f->now, &json);
}

static void
pages_go_on_from_where_one_ended_and_only_in_ones_own_stream(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	uint64_t from = UINT64_MAX, mine = 0;
	size_t seen = 0, pages = 0;

	for (int i = 0; i < 7; i++)
		must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	for (; pages == 0 || from != UINT64_MAX; pages++) {
		const struct node *page = lookups(&p, &t->guest_actor, t->guest, from, 3);
		const struct node *list = node_get(page, "lookups"), *next = node_get(page, "next");

		for (size_t i = 0; i < list->count; i++, seen++)
			mine = strtoull(node_text(&list->items[i], "index"), NULL, 10);
		from = next->kind == NODE_NULL ? UINT64_MAX : strtoull(next->text, NULL, 10);
	}
	assert_int_equal(seen, 7);
	assert_int_equal(pages, 3);
	assert_int_equal(try_lookups(&p, &t->guest_actor, t->guest, mine), OK);
	/* Another's, an open one and none at all answer alike. */
	assert_int_equal(try_lookups(&p, &t->stranger, t->stranger.party, mine), ERR_BAD_INPUT);
	assert_int_equal(try_lookups(&p, &t->guest_actor, t->guest, 0), ERR_BAD_INPUT);
	assert_int_equal(try_lookups(&p, &t->guest_actor, t->guest, 1u << 30), ERR_BAD_INPUT);
	assert_int_equal(try_lookups(&p, &t->stranger, t->guest, mine), ERR_NOT_FOUND);
	proven_close(&p);
}

static void
give_mandate(struct proven *p, const struct actor *giver, const struct actor *holder, const char *scope)
{
	struct fixture *f = p->t.f;
	int64_t mandate = ok_act(f, giver, "mandate", "give", 0,
				 text(f, "{\"giver\":\"%s\",\"holder\":\"%s\"%s}", ref(f, "person", giver->party),
				      ref(f, "person", holder->party), scope));

	must(answer(f, holder, ACT_AGREE, "mandate", mandate));
}

static void
who_acts_for_a_person_in_everything_sees_it_and_who_does_in_one_register_does_not(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	uint64_t from = 0;

	must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	must(trail_last(t->f->registry, t->guest, &from));
	assert_int_equal(try_lookups(&p, &t->owner_actor, t->guest, from), ERR_NOT_FOUND);
	give_mandate(&p, &t->guest_actor, &t->host_actor, ",\"scope\":\"stay\"");
	assert_int_equal(try_lookups(&p, &t->host_actor, t->guest, from), ERR_NOT_FOUND);
	give_mandate(&p, &t->guest_actor, &t->owner_actor, "");
	must(trail_last(t->f->registry, t->guest, &from));
	assert_int_equal(try_lookups(&p, &t->owner_actor, t->guest, from), OK);
	proven_close(&p);
}

static void
a_hidden_look_up_shows_nothing_before_its_time_and_all_of_it_after(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;

	hide_lookups(t->f, t->guest, t->f->now + INT64_C(30) * DAY_MS, 1);
	pass_days(t->f, 29);
	assert_null(newest(&p, &t->guest_actor));
	pass_days(t->f, 1);
	const struct node *lookup = newest(&p, &t->guest_actor), *hidden = node_get(lookup, "hidden");

	assert_string_equal(name_of(lookup, "purpose"), "inquiry");
	assert_string_equal(node_text(lookup, "outcome"), "shown");
	assert_non_null(node_text(lookup, "revealed_at"));
	assert_null(node_get(hidden, "n"));
	assert_non_null(node_text(hidden, "proof"));
	proven_close(&p);
}

/* ---- the export ---- */

struct listed {
	size_t entries, referred, lookups, acts_with_payload, details;
};

static void
list(void *context, const struct history_entry *entry, const struct ledger_entry *header, bool is_referred)
{
	struct listed *listed = context;

	listed->entries += !is_referred;
	listed->referred += is_referred;
	listed->lookups += header->kind == LEDGER_LOOKUP;
	listed->acts_with_payload += entry->parts[SEAL_PAYLOAD].bytes != NULL && entry->parts[SEAL_PAYLOAD].count > 0;
	listed->details += entry->parts[SEAL_DETAIL].count > 0;
}

static enum error
check(struct proven *p, const char *text, size_t bytes, struct listed *listed, enum history_fault *ret_fault)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(history_done) struct history history = { 0 };
	const struct history_listener listener = { .context = listed, .entry = list };

	*listed = (struct listed){ 0 };
	enum error e = history_file_check(arena, text, bytes, &p->signer->key, &listener, &history);

	*ret_fault = history.fault;
	assert_int_equal(e, history.fault == HISTORY_SOUND ? OK : ERR_BAD_INPUT);
	return e;
}

static void
check_sound(struct proven *p, const struct actor *actor, struct listed *ret_listed)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	enum history_fault fault = HISTORY_SOUND;

	must(proven_export(p, actor, &out));
	enum error e = check(p, out.text, out.bytes, ret_listed, &fault);

	if (e != OK)
		fprintf(stderr, "%s\n%s\n", history_fault_text(fault, LANGUAGE_EN), out.text);
	must(e);
	assert_null(strstr(out.text, "SECRET-7"));
}

static void
an_export_is_complete_and_stands_on_its_own(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	struct listed listed;
	AUTO(strbuf_done) struct strbuf none = { 0 };

	proven_publish(&p);
	assert_int_equal(proven_export(&p, &t->guest_actor, &none), ERR_NOT_PUBLISHED);
	town_confirm(t, town_declare(t));
	must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	proven_index(&p);
	must(proven_look(&p, &t->clerk, "person", t->guest, "registration", "SECRET-7"));
	check_sound(&p, &t->guest_actor, &listed);
	assert_int_equal(listed.lookups, 1);
	assert_true(listed.acts_with_payload > 1);
	assert_int_equal(listed.details, 0);
	/* What came after the index is in it as soon as a checkpoint covers it. */
	proven_publish(&p);
	check_sound(&p, &t->guest_actor, &listed);
	assert_int_equal(listed.lookups, 2);
	check_sound(&p, &t->owner_actor, &listed);
	assert_int_equal(listed.lookups, 0);
	assert_true(listed.entries > 0);
	assert_int_equal(proven_export(&p, &t->clerk, &none), ERR_NOT_FOUND);
	proven_close(&p);
}

static void
an_export_has_the_hidden_entries_that_were_revealed(void **state)
{
	struct proven p = proven_open();
	struct town *t = &p.t;
	struct listed listed;

	hide_lookups(t->f, t->guest, t->f->now + 1, 3);
	hide_lookups(t->f, t->guest, t->f->now + INT64_C(3) * DAY_MS, 4);
	pass_days(t->f, 1);
	proven_index(&p);
	check_sound(&p, &t->guest_actor, &listed);
	assert_int_equal(listed.referred, 3);
	assert_int_equal(listed.lookups, 3);
	proven_close(&p);
}

/* ---- mutations: whatever is changed in a real export is refused ---- */

static void
assert_refused(struct proven *p, const char *what, const char *text, size_t bytes)
{
	struct listed listed;
	enum history_fault fault = HISTORY_SOUND;

	if (check(p, text, bytes, &listed, &fault) != OK)
		return;
	fail_msg("an export was believed: %s", what);
}

/* Another digit of the same kind. */
static char
other(char c)
{
	if (c == '9')
		return '8';
	if (c == 'f')
		return 'e';
	if (c == 'z' || c == 'Z')
		return (char)(c - 1);
	return (c >= '0' && c < '9') || (c >= 'a' && c < 'f') || (c >= 'g' && c < 'z') || (c >= 'A' && c < 'Z')
		       ? (char)(c + 1)
		       : '\0';
}

static void
no_character_of_an_export_can_change(void **state)
{
	struct proven p = proven_open();
	AUTO(strbuf_done) struct strbuf out = { 0 };
	size_t tried = 0;

	hide_lookups(p.t.f, p.t.stranger.party, p.t.f->now + 1, 1);
	pass_days(p.t.f, 1);
	proven_index(&p);
	must(proven_export(&p, &p.t.stranger, &out));
	for (size_t i = 0; i < out.bytes; i++) {
		char was = out.text[i], is = other(was);

		if (is == '\0')
			continue;
		out.text[i] = is;
		assert_refused(&p, out.text + i, out.text, out.bytes);
		out.text[i] = was;
		tried++;
	}
	assert_true(tried > 2000);
	proven_close(&p);
}

static void
an_export_cut_short_is_refused(void **state)
{
	struct proven p = proven_open();
	AUTO(strbuf_done) struct strbuf out = { 0 };

	proven_index(&p);
	must(proven_export(&p, &p.t.guest_actor, &out));
	for (size_t bytes = 0; bytes < out.bytes; bytes += 7)
		assert_refused(&p, "cut", out.text, bytes);
	assert_refused(&p, "cut", out.text, out.bytes - 1);
	proven_close(&p);
}

/* Prints the tree again, leaving out item `drop` of the list or map at `at`, and item `twice` a second time. */
struct edit {
	const struct node *at;
	size_t drop, twice, swap;
};

static void
print_edited(const struct node *node, const struct edit *edit, struct json *json)
{
	bool here = node == edit->at;

	if (node->kind != NODE_LIST && node->kind != NODE_MAP) {
		node_print(node, json);
		return;
	}
	if (node->kind == NODE_LIST)
		json_open_list(json);
	else
		json_open_map(json);
	for (size_t i = 0; i < node->count; i++) {
		size_t shown = here && i == edit->swap ? i + 1 : here && i == edit->swap + 1 ? i - 1 : i;

		if (here && i == edit->drop)
			continue;
		for (int times = here && i == edit->twice ? 2 : 1; times > 0; times--) {
			if (node->kind == NODE_MAP)
				json_key(json, node->keys[shown]);
			print_edited(&node->items[shown], edit, json);
		}
	}
	if (node->kind == NODE_LIST)
		json_close_list(json);
	else
		json_close_map(json);
}

static void
refuse_edited(struct proven *p, const struct node *root, const struct edit *edit)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	print_edited(root, edit, &json);
	assert_refused(p, out.text, out.text, out.bytes);
}

static size_t
edit_everywhere(struct proven *p, const struct node *root, const struct node *node)
{
	size_t edits = 0;

	if (node->kind != NODE_LIST && node->kind != NODE_MAP)
		return 0;
	for (size_t i = 0; i < node->count; i++) {
		refuse_edited(p, root, &(struct edit){ node, i, SIZE_MAX, SIZE_MAX - 1 });
		refuse_edited(p, root, &(struct edit){ node, SIZE_MAX, i, SIZE_MAX - 1 });
		edits += 2 + edit_everywhere(p, root, &node->items[i]);
		if (node->kind != NODE_LIST || i + 1 == node->count)
			continue;
		refuse_edited(p, root, &(struct edit){ node, SIZE_MAX, SIZE_MAX, i });
		edits++;
	}
	return edits;
}

/* An export with one of each: an act, a look-up, a reveal; small, since every edit is a whole check. */
static void
nothing_can_be_left_out_given_twice_or_moved(void **state)
{
	struct proven p = proven_open();
	struct fixture *f = p.t.f;
	AUTO(strbuf_done) struct strbuf out = { 0 };
	const struct node *root = NULL;

	hide_lookups(f, p.t.stranger.party, f->now + 1, 1);
	pass_days(f, 1);
	proven_index(&p);
	must(proven_export(&p, &p.t.stranger, &out));
	must(node_parse_json(f->arena, out.text, out.bytes, NULL, &root));
	assert_true(edit_everywhere(&p, root, root) > 60);
	proven_close(&p);
}

static void
another_key_did_not_sign_it(void **state)
{
	struct proven p = proven_open();
	AUTO(strbuf_done) struct strbuf out = { 0 };
	AUTO(history_done) struct history history = { 0 };
	unsigned char seed[NOTE_SEED_BYTES] = { 9 }, public_key[NOTE_PUBLIC_BYTES];
	struct note_key key;

	proven_index(&p);
	must(proven_export(&p, &p.t.guest_actor, &out));
	must(note_public_key(seed, public_key));
	must(note_key_make(NOTE_LOG, "registers.test/ledger", public_key, &key));
	assert_int_equal(history_file_check(p.t.f->arena, out.text, out.bytes, &key, NULL, &history), ERR_BAD_INPUT);
	assert_int_equal(history.fault, HISTORY_CHECKPOINT);
	proven_close(&p);
}

/* A server that keeps an entry back publishes and indexes rightly, and tells the person of one less. */
static void
an_entry_kept_back_is_missed(void **state)
{
	struct proven p = proven_open();
	struct fixture *f = p.t.f;
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct listed listed;
	enum history_fault fault;

	must(proven_look(&p, &p.t.clerk, "person", p.t.guest, "registration", "SECRET-7"));
	proven_index(&p);
	must(proven_export(&p, &p.t.guest_actor, &out));
	const struct node *root = NULL;

	must(node_parse_json(f->arena, out.text, out.bytes, NULL, &root));
	const struct node *entries = node_get(root, "entries");
	AUTO(strbuf_done) struct strbuf less = { 0 };
	struct json json = { .out = &less };

	print_edited(root, &(struct edit){ entries, entries->count - 1, SIZE_MAX, SIZE_MAX - 1 }, &json);
	assert_int_equal(check(&p, less.text, less.bytes, &listed, &fault), ERR_BAD_INPUT);
	assert_int_equal(fault, HISTORY_COUNT);
	proven_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_sees_who_opened_their_data_in_which_role_for_which_purpose),
		cmocka_unit_test(a_refused_attempt_is_seen_too),
		cmocka_unit_test(pages_go_on_from_where_one_ended_and_only_in_ones_own_stream),
		cmocka_unit_test(who_acts_for_a_person_in_everything_sees_it_and_who_does_in_one_register_does_not),
		cmocka_unit_test(a_hidden_look_up_shows_nothing_before_its_time_and_all_of_it_after),
		cmocka_unit_test(an_export_is_complete_and_stands_on_its_own),
		cmocka_unit_test(an_export_has_the_hidden_entries_that_were_revealed),
		cmocka_unit_test(no_character_of_an_export_can_change),
		cmocka_unit_test(an_export_cut_short_is_refused),
		cmocka_unit_test(nothing_can_be_left_out_given_twice_or_moved),
		cmocka_unit_test(another_key_did_not_sign_it),
		cmocka_unit_test(an_entry_kept_back_is_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
