/* Whatever is changed in a real export, left out of it, given twice or moved is refused. */
#include "registry/proven.h"

static void
assert_refused(struct proven *p, const char *what, const char *text, size_t bytes)
{
	struct proven_listed listed;
	enum history_fault fault = HISTORY_SOUND;

	if (proven_check(p, text, bytes, &listed, &fault) != OK)
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
	struct proven_listed listed;
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
	assert_int_equal(proven_check(&p, less.text, less.bytes, &listed, &fault), ERR_BAD_INPUT);
	assert_int_equal(fault, HISTORY_COUNT);
	proven_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_character_of_an_export_can_change),
		cmocka_unit_test(an_export_cut_short_is_refused),
		cmocka_unit_test(nothing_can_be_left_out_given_twice_or_moved),
		cmocka_unit_test(another_key_did_not_sign_it),
		cmocka_unit_test(an_entry_kept_back_is_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
